import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import assert_matches
from scipy import stats

from sgsurvey.numerics.intervals import feldt, fisher_z, logit_interval, noncentrality, spearman_z, wilson

CLOSED = "closed form in double precision"


def test_wilson_interval_solves_its_quadratic():
    low, high = wilson(0.3, 40, 0.9)
    z = stats.norm.ppf(0.95)
    for bound in (low, high):
        assert abs(0.3 - bound) == pytest.approx(z * np.sqrt(bound * (1 - bound) / 40), rel=1e-12)


def test_wilson_interval_equals_the_one_of_scipy():
    theirs = stats.binomtest(17, 53).proportion_ci(0.95, method="wilson")
    assert_matches(
        wilson(17 / 53, 53),
        [theirs.low, theirs.high],
        rtol=1e-12,
        statistic="Wilson interval of a share",
        reference="scipy binomtest",
        data="17 of 53",
        why=CLOSED,
    )


@given(st.integers(1, 500), st.data())
@settings(max_examples=40)
def test_wilson_interval_is_mirrored_when_successes_and_failures_swap(n, data):
    hits = data.draw(st.integers(0, n))
    low, high = wilson(hits / n, n)
    low2, high2 = wilson(1 - hits / n, n)
    assert 0 <= low <= hits / n <= high <= 1
    np.testing.assert_allclose([low, high], [1 - high2, 1 - low2], atol=1e-12)


def test_wilson_interval_of_nobody_is_missing():
    assert np.isnan(wilson([0.0, 1.0], [0, 0])).all()


def test_fisher_interval_equals_the_one_of_scipy():
    rng = np.random.default_rng(4)
    x = rng.normal(size=30)
    y = x + rng.normal(size=30)
    theirs = stats.pearsonr(x, y).confidence_interval(0.95)
    assert_matches(
        fisher_z(np.corrcoef(x, y)[0, 1], 30),
        [theirs.low, theirs.high],
        rtol=1e-10,
        statistic="Fisher interval of a correlation",
        reference="scipy pearsonr",
        data="30 drawn pairs",
        why=CLOSED,
    )


def test_fisher_interval_needs_four_pairs_and_keeps_a_perfect_correlation():
    assert np.isnan(fisher_z(0.5, 3)).all()
    np.testing.assert_array_equal(fisher_z(1.0, 20), (1.0, 1.0))


def test_rank_correlation_interval_is_wider_by_the_factor_of_bonett_and_wright():
    low, high = spearman_z([0.0, 0.6], 103)
    width = np.arctanh(high) - np.arctanh(low)
    np.testing.assert_allclose(width, 2 * 1.959963984540054 * np.sqrt([1 / 100, 1.18 / 100]), rtol=1e-12)


def test_feldt_interval_of_two_items_is_the_one_of_their_correlation_ratio():
    """For two items the ratio follows F(n - 1, n - 1), whose tails mirror in the logarithm."""
    low, high = feldt(0.7, 25, 2)
    assert np.log((1 - low) / 0.3) == pytest.approx(-np.log((1 - high) / 0.3), rel=1e-10)


def test_noncentrality_bounds_put_the_statistic_at_the_tails():
    low, high = noncentrality(80.0, 40)
    assert stats.ncx2.cdf(80, 40, low) == pytest.approx(0.95, abs=1e-9)
    assert stats.ncx2.cdf(80, 40, high) == pytest.approx(0.05, abs=1e-9)
    assert noncentrality(30.0, 40)[0] == 0.0
    assert np.isnan(noncentrality(3.0, 0)).all()


def test_a_share_that_everybody_has_or_nobody_has_no_interval_under_a_design():
    share = np.array([0.0, 0.2, 1.0])
    low, high = logit_interval(share, np.array([0.0, 0.05, 0.0]), 11, 0.95)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False, True]
    half = stats.t.ppf(0.975, 11) * 0.05 / (0.2 * 0.8)
    assert np.log(high[1] / (1 - high[1])) == pytest.approx(np.log(0.25) + half, rel=1e-12)
    assert np.log(low[1] / (1 - low[1])) == pytest.approx(np.log(0.25) - half, rel=1e-12)
