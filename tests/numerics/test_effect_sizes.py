import numpy as np
import pytest
from scipy import stats

from sgsurvey.numerics.effect_sizes import hedges_correction, hedges_g, omega_squared


def test_limits_of_g_put_the_observed_t_at_the_tails():
    sds, sizes = (2.0, 2.5), (12, 19)
    found = hedges_g(1.4, sds, sizes, conf_level=0.9)
    df, root = 29, np.sqrt(1 / 12 + 1 / 19)
    pooled = np.sqrt((11 * 4.0 + 18 * 6.25) / df)
    j = hedges_correction(df)
    t = 1.4 / pooled / root
    assert found.estimate == pytest.approx(j * 1.4 / pooled, rel=1e-12)
    assert stats.nct.sf(t, df, found.conf_low / j / root) == pytest.approx(0.05, abs=1e-9)
    assert stats.nct.cdf(t, df, found.conf_high / j / root) == pytest.approx(0.05, abs=1e-9)


def test_g_turns_its_sign_with_the_groups():
    one, other = hedges_g(1.4, (2.0, 2.5), (12, 19)), hedges_g(-1.4, (2.5, 2.0), (19, 12))
    assert other == pytest.approx((-one.estimate, -one.conf_high, -one.conf_low), abs=1e-9)


def test_correction_is_near_its_well_known_approximation():
    assert hedges_correction(30) == pytest.approx(1 - 3 / (4 * 30 - 1), abs=1e-4)


def test_limits_of_omega_put_the_observed_f_at_the_tails():
    found = omega_squared(6.3, 3, 56)
    low, high = (60 * x / (1 - x) for x in (found.conf_low, found.conf_high))
    assert stats.ncf.sf(6.3, 3, 56, low) == pytest.approx(0.025, abs=1e-8)
    assert stats.ncf.cdf(6.3, 3, 56, high) == pytest.approx(0.025, abs=1e-8)
    assert found.estimate == pytest.approx(3 * 5.3 / (3 * 5.3 + 60))


def test_a_small_f_has_a_lower_limit_of_zero_and_an_estimate_below():
    found = omega_squared(0.4, 2, 30)
    assert found.estimate < 0
    assert found.conf_low == 0
    assert 0 <= found.conf_high < 0.2


def test_groups_that_do_not_vary_have_no_effect_size():
    assert np.isnan(hedges_g(1.0, (0.0, 0.0), (5, 5))).all()
    assert np.isnan(omega_squared(np.nan, 2, 9)).all()
