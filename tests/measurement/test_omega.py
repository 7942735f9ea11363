import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import attitude, bfi, harman74, thurstone
from reference_values import VALUES, assert_matches

from sgsurvey.measurement.omega import (
    construct_replicability,
    hierarchical_omega,
    omega_of_sum,
    omega_slopes,
    omega_total,
    omegas_of,
)
from sgsurvey.numerics.covariance_statistics import numeric_slopes, through_correlations
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.linalg import correlation
from sgsurvey.numerics.reliability import cronbach_alpha

VALUE = json.loads((VALUES / "reliability.json").read_text(encoding="utf-8"))
EARLY = {"rtol": 1e-4, "why": "psych stops minres and oblimin early"}


def agreeable():
    frame = bfi().dropna().iloc[:, :5]
    return frame.assign(A1=7 - frame["A1"])


def conscientious_and_extravert():
    names = [f"{scale}{i}" for scale in "CE" for i in range(1, 6)]
    frame = bfi().dropna()[names]
    return frame.assign(**{name: 7 - frame[name] for name in ("C4", "C5", "E1", "E2")})


def covariance(seed, k):
    rng = np.random.default_rng(seed)
    return np.cov(rng.normal(size=(80, 1)) + rng.normal(size=(80, k)) * rng.uniform(0.5, 1.5, k), rowvar=False)


@pytest.mark.parametrize(
    ("name", "corr"),
    [
        ("thurstone", lambda: thurstone().to_numpy()),
        ("harman74", lambda: harman74().to_numpy()),
        ("bfi_e_c", lambda: conscientious_and_extravert().corr().to_numpy()),
    ],
)
def test_omega_hierarchical_is_that_of_psych(name, corr):
    found, truth = hierarchical_omega(corr()), VALUE[name]
    assert_matches(
        [found.omega_h, found.omega_t, found.ecv],
        [truth["omega_h"], truth["omega_tot"], truth["ecv"]],
        statistic="omega hierarchical, omega total of three factors, ECV",
        reference="R psych 2.2.9 omega",
        data=name,
        **EARLY,
    )


def test_thurstone_has_its_published_omegas():
    """The psych tutorial prints .74 and .93."""
    found = hierarchical_omega(thurstone().to_numpy())
    assert_matches(
        [found.omega_h, found.omega_t],
        [0.74, 0.93],
        statistic="omega hierarchical and total",
        reference="Revelle, psych omega tutorial (published)",
        data="thurstone",
        atol=0.005,
        why="two printed digits",
    )


@pytest.mark.parametrize(("name", "frame"), [("ml_A", agreeable), ("ml_attitude", attitude)])
def test_omega_of_the_raw_sum_is_that_of_semtools(name, frame):
    found = omega_of_sum(frame().cov().to_numpy())
    assert_matches(
        found,
        VALUE[name]["omega"],
        statistic="omega total, one ML factor of the covariances",
        reference="R semTools 0.5-6 compRelSEM(obs.var = TRUE)",
        data=name.removeprefix("ml_"),
        rtol=1e-5,
        why="lavaan stops at 1e-5 in a parameter",
    )


@pytest.mark.parametrize("name", ["ml_A", "ml_attitude"])
def test_h_of_given_loadings_is_the_maximal_reliability_of_semtools(name):
    assert_matches(
        construct_replicability(np.array(VALUE[name]["loadings"])),
        VALUE[name]["h"],
        statistic="H, reliability of the best weighted sum",
        reference="R semTools 0.5-6 maximalRelia",
        data=name.removeprefix("ml_"),
        rtol=1e-4,
        why="semTools weighs by the observed covariances, which the model reproduces only nearly",
    )


def test_the_conventions_agree_where_the_model_holds():
    loadings = np.array([0.5, 0.6, 0.7, 0.8, 0.6, 0.7])
    corr = np.outer(loadings, loadings)
    np.fill_diagonal(corr, 1.0)
    scale = np.array([1.0, 2.0, 0.5, 1.5, 1.0, 3.0])
    expected = loadings.sum() ** 2 / corr.sum()
    assert omega_total(corr, minres(corr, 1).uniqueness) == pytest.approx(expected, rel=1e-9)
    assert omega_of_sum(corr) == pytest.approx(expected, rel=1e-8)
    raw = (loadings * scale).sum() ** 2 / (corr * np.outer(scale, scale)).sum()
    assert omega_of_sum(corr * np.outer(scale, scale)) == pytest.approx(raw, rel=1e-8)


def test_a_general_factor_alone_leaves_no_room_between_the_omegas():
    corr = np.full((9, 9), 0.4) + 0.6 * np.eye(9)
    for block in range(3):
        own = slice(3 * block, 3 * block + 3)
        corr[own, own] += 0.2 * ~np.eye(3, dtype=bool)
    found = hierarchical_omega(corr)
    # General loadings sqrt(.4), group loadings sqrt(.2): the variance of the sum is 9 + 72 x .4 + 18 x .2.
    total = 9 + 72 * 0.4 + 18 * 0.2
    assert found.omega_h == pytest.approx(81 * 0.4 / total, rel=1e-6)
    assert found.omega_t == pytest.approx((81 * 0.4 + 27 * 0.2) / total, rel=1e-6)
    assert found.ecv == pytest.approx(0.4 / 0.6, rel=1e-6)
    assert found.proper


def test_few_items_have_no_three_groups():
    assert hierarchical_omega(covariance_of_one_factor(5)) is None
    assert hierarchical_omega(covariance_of_one_factor(6)) is not None


def covariance_of_one_factor(k):
    return correlation(covariance(4, k))


@given(st.integers(0, 500), st.integers(3, 7))
@settings(max_examples=20, deadline=None)
def test_omega_total_is_at_least_near_alpha_and_moves_as_its_slopes_say(seed, k):
    cov = covariance(seed, k)
    corr = correlation(cov)
    factor = minres(corr, 1)
    if factor.heywood.any() or not factor.converged:
        return

    def omega(c):
        own = correlation(c)
        return np.array([omega_total(own, minres(own, 1).uniqueness)])

    analytic = through_correlations(omega_slopes(corr, factor.loadings[:, 0]), cov)
    np.testing.assert_allclose(analytic, numeric_slopes(omega, cov)[0], atol=2e-6 * np.abs(analytic).max() + 1e-9)
    assert omega(cov)[0] > cronbach_alpha(corr) - 0.02
    assert omegas_of(cov[None], factor.loadings[:, 0])[0] == pytest.approx(omega(cov)[0], rel=1e-8)


def test_a_draw_without_variance_has_no_omega_and_the_others_stand():
    cov = np.stack([covariance(1, 4), covariance(2, 4)])
    cov[0, 2, :] = cov[0, :, 2] = 0.0
    found = omegas_of(cov, np.full(4, 0.7))
    assert np.isnan(found[0])
    assert 0 < found[1] < 1
