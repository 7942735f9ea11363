import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import bfi
from reference_values import VALUES, assert_matches
from scipy.optimize import minimize_scalar
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from sgsurvey.numerics.pair_tables import pair_tables
from sgsurvey.numerics.polychoric import BOUND, cells, polychoric
from sgsurvey.numerics.polychoric_influence import pair_variances, polychoric_covariance, polychoric_influence

R = json.loads((VALUES / "polychoric.json").read_text(encoding="utf-8"))
LAVAAN = "R lavaan 0.6-14"
TALLIS = np.array([[58, 52, 1], [26, 58, 3], [8, 12, 9]])


def rows_of(table):
    table = np.asarray(table)
    return np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0)


def whole():
    return bfi().dropna().to_numpy().astype(int)


def made(n, p, seed, *, categories=4, missing=0.0):
    rng = np.random.default_rng(seed)
    latent = 0.8 * rng.standard_normal((n, 1)) + rng.standard_normal((n, p))
    codes = np.digitize(latent, np.linspace(-1, 1, categories - 1))
    codes[rng.random(codes.shape) < missing] = -1
    return codes


def lavaan_order(p, cuts):
    """Where our covariance holds what lavaan's Gamma has: its pairs go down the columns of the lower triangle."""
    i, j = np.tril_indices(p, -1)
    return np.r_[np.arange(cuts), cuts + np.lexsort((i, j))]


# References -------------------------------------------------------------------------------------------------


def test_300_polychorics_are_those_of_lavaan_and_of_psych_as_near_as_it_goes():
    corr = polychoric(whole()).corr
    common = {"statistic": "Polychoric correlations, two-step", "data": "bfi, 25 items, 2,436 complete rows"}
    assert_matches(corr, R["bfi"]["lavaan"], reference=LAVAAN, atol=1e-7, why="lavaan stops at about 4e-8", **common)
    assert_matches(
        corr, R["bfi"]["psych"], reference="R psych 2.2.9", atol=3e-5, why="psych's optimize() is loose", **common
    )


def test_a_correlation_is_the_maximum_that_brute_force_finds():
    table = TALLIS / TALLIS.sum()
    cuts = [np.r_[-8, ndtri(table.sum(axis=a).cumsum()[:-1]), 8] for a in (1, 0)]

    def loss(rho):
        corner = np.array(
            [
                [multivariate_normal.cdf([h, k], cov=[[1, rho], [rho, 1]], abseps=1e-12) for k in cuts[1]]
                for h in cuts[0]
            ]
        )
        return -(table * np.log(np.diff(np.diff(corner, axis=0), axis=1))).sum()

    brute = minimize_scalar(loss, bounds=(0.2, 0.6), method="bounded", options={"xatol": 1e-9}).x
    ours = polychoric(rows_of(TALLIS)).corr[1, 0]
    common = {"statistic": "Polychoric correlation, two-step", "data": "Tallis (1962), lambs"}
    assert_matches(
        ours, brute, reference="scipy multivariate_normal, bounded search", atol=3e-7, why="its search", **common
    )
    assert_matches(ours, 0.4199, reference="Tallis table as published", atol=5e-5, why="four digits", **common)
    assert_matches(
        ours, R["tallis"]["two_step"], reference="R polycor 0.8-1", atol=3e-5, why="optimise() is loose", **common
    )


@pytest.mark.parametrize("which", ["six", "six_weighted"])
def test_gamma_of_thresholds_and_correlations_is_that_of_lavaan(which):
    codes = whole()[:, :6]
    weights = None if which == "six" else 0.5 + (np.arange(1, len(codes) + 1) % 4) / 2
    theirs = R[which]
    fitted = polychoric(codes, weights)
    cuts = len(np.concatenate(fitted.thresholds))
    order = lavaan_order(6, cuts)
    gamma = len(codes) * polychoric_covariance(codes, fitted, weights)[np.ix_(order, order)]
    common = {"reference": LAVAAN, "data": "bfi, A1-A5, C1, 2,436 rows" + (", weights" if weights is not None else "")}
    assert_matches(
        np.concatenate(fitted.thresholds), theirs["thresholds"], statistic="Thresholds", rtol=1e-10, why="closed form",
        **common,
    )  # fmt: skip
    assert_matches(
        fitted.corr, theirs["corr"], statistic="Polychoric correlations", atol=1e-7, why="lavaan stops", **common
    )
    assert_matches(
        gamma, theirs["gamma"], statistic="Gamma of thresholds and polychorics", atol=1e-6, why="lavaan's rho",
        **common,
    )  # fmt: skip


def test_missing_answers_leave_each_variable_its_own_thresholds_as_in_lavaan():
    frame = bfi().iloc[:, :6]
    found = polychoric(frame.fillna(-1).to_numpy().astype(int))
    theirs = R["pairwise"]
    common = {"reference": LAVAAN + " missing='pairwise'", "data": "bfi, A1-A5, C1, 2,800 rows"}
    assert_matches(
        np.concatenate(found.thresholds), theirs["thresholds"], statistic="Thresholds, own margins", rtol=1e-10,
        why="closed form", **common,
    )  # fmt: skip
    assert_matches(
        found.corr, theirs["corr"], statistic="Polychoric correlations, pairwise", atol=1e-6, why="lavaan", **common
    )


def test_an_empty_cell_of_four_gets_half_a_row_as_in_lavaan():
    assert_matches(
        polychoric(rows_of([[30, 10], [0, 20]])).corr[1, 0],
        R["empty_cell"],
        statistic="Tetrachoric correlation, one empty cell",
        reference=LAVAAN + " zero.add = c(0.5, 0)",
        data="30 10 / 0 20",
        atol=1e-6,
        why="lavaan stops",
    )


# Identities -------------------------------------------------------------------------------------------------


def test_the_score_vanishes_at_what_is_found():
    codes = made(500, 6, 1, categories=5, missing=0.1)
    u = polychoric_influence(codes, polychoric(codes))
    np.testing.assert_allclose(u.sum(axis=0), 0, atol=1e-10)


def test_influence_values_are_what_a_weight_moves_where_the_model_holds():
    """Weights that are the model's probabilities make outer products and derivatives the same information."""
    h, k, rho = np.array([-0.7, 0.4, 1.1]), np.array([-0.2, 0.1, 1.2]), 0.45
    chance = cells(h[None], k[None], np.array([rho]), np.ones((1, 4, 4), dtype=bool)).chance[0]
    both = np.argwhere(chance > 0)
    codes = np.concatenate([both, np.column_stack([np.arange(4), np.full(4, -1)])])
    w = np.concatenate([chance.ravel(), 0.3 * chance.sum(axis=1)])
    fitted = polychoric(codes, w)
    np.testing.assert_allclose(fitted.corr[1, 0], rho, atol=1e-9)
    u = polychoric_influence(codes, fitted, w)

    def estimates(weights):
        found = polychoric(codes, weights)
        return np.r_[np.concatenate(found.thresholds), found.corr[1, 0]]

    for row in range(len(codes)):
        step = np.where(np.arange(len(codes)) == row, 1e-5, 0.0)
        moved = (estimates(w + step) - estimates(w - step)) / 2e-5
        np.testing.assert_allclose(u[row], moved, rtol=2e-5, atol=1e-5)


def test_observed_influence_values_are_what_a_weight_moves_whatever_lies_behind_the_answers():
    codes, w = made(300, 3, 5, missing=0.1), np.random.default_rng(2).uniform(0.5, 2, 300)
    codes[:60, 1] = 3 - codes[:60, 0]
    fitted = polychoric(codes, w)
    u = polychoric_influence(codes, fitted, w, observed=True)
    cuts = len(np.concatenate(fitted.thresholds))
    below = np.tril_indices(3, -1)
    for row in (0, 70, 150, 299):
        step = np.where(np.arange(300) == row, 1e-4, 0.0)
        moved = (polychoric(codes, w + step).corr - polychoric(codes, w - step).corr)[below] / 2e-4
        np.testing.assert_allclose(u[row, cuts:], moved, rtol=1e-6, atol=1e-9)
    assert np.abs(u - polychoric_influence(codes, fitted, w))[:, cuts:].max() > 1e-5


def test_doubled_rows_halve_the_covariance_and_leave_the_rest():
    codes = made(300, 4, 3, missing=0.05)
    twice = np.concatenate([codes, codes])
    once, again = polychoric(codes), polychoric(twice)
    np.testing.assert_allclose(again.corr, once.corr, atol=1e-9)
    np.testing.assert_allclose(
        2 * polychoric_covariance(twice, again), polychoric_covariance(codes, once), rtol=1e-6, atol=1e-12
    )
    weighted = polychoric_covariance(codes, once, np.full(300, 2.5))
    np.testing.assert_allclose(weighted, polychoric_covariance(codes, once), rtol=1e-9, atol=1e-15)


def test_variances_from_counts_alone_are_those_of_the_rows():
    codes = made(400, 5, 4, categories=3, missing=0.1)
    w = np.random.default_rng(1).uniform(0.5, 2, 400)
    for weights in (None, w):
        fitted = polychoric(codes, weights)
        i, j = np.tril_indices(5, -1)
        rows = polychoric_covariance(codes, fitted, weights).diagonal()[-10:]
        np.testing.assert_allclose(pair_variances(pair_tables(codes, weights), fitted)[i, j], rows, rtol=1e-10)


def test_standard_errors_are_the_spread_of_samples():
    found, errors = [], []
    for seed in range(150):
        codes = made(400, 2, 1000 + seed)
        fitted = polychoric(codes)
        found.append(fitted.corr[1, 0])
        errors.append(np.sqrt(polychoric_covariance(codes, fitted)[-1, -1]))
    # 150 samples know a standard deviation to about 6 %.
    assert np.std(found) == pytest.approx(np.mean(errors), rel=0.17)
    assert np.mean(found) == pytest.approx(0.64 / 1.64, abs=4 * np.std(found) / np.sqrt(150))


@given(st.integers(0, 10_000), st.integers(2, 6))
@settings(max_examples=25, deadline=None)
def test_order_reversal_and_scale_of_weights_change_what_they_should(seed, categories):
    codes = made(150, 3, seed, categories=categories, missing=0.05)
    corr = polychoric(codes).corr
    order = [2, 0, 1]
    np.testing.assert_allclose(polychoric(codes[:, order]).corr, corr[np.ix_(order, order)], atol=1e-9)
    turned = codes.copy()
    turned[:, 0] = np.where(codes[:, 0] < 0, -1, categories - 1 - codes[:, 0])
    signs = np.outer([-1, 1, 1], [-1, 1, 1])
    np.testing.assert_allclose(polychoric(turned).corr, corr * signs, atol=1e-8)
    np.testing.assert_allclose(polychoric(codes, np.full(150, 3.7)).corr, corr, atol=1e-9)
    spread = np.where(codes < 0, -1, 3 * codes + 2)
    np.testing.assert_allclose(polychoric(spread).corr, corr, atol=1e-12)


# Degenerate tables ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "rho"),
    [
        ([[20, 10, 0], [0, 30, 5], [0, 0, 25]], BOUND),
        ([[0, 0, 25], [0, 30, 5], [20, 10, 0]], -BOUND),
        ([[40, 0], [0, 40]], BOUND),
    ],
)
def test_a_table_on_a_frechet_bound_is_flagged_without_an_error(table, rho):
    codes = rows_of(table)
    found = polychoric(codes)
    assert found.corr[1, 0] == rho
    assert found.at_bound[1, 0]
    assert found.at_bound[0, 1]
    covariance = polychoric_covariance(codes, found)
    assert np.isnan(covariance[-1]).all()
    assert np.isfinite(covariance[:-1, :-1]).all()


def test_what_does_not_vary_has_no_correlation():
    codes = np.column_stack([made(100, 2, 5), np.zeros(100, dtype=int), np.full(100, -1)])
    found = polychoric(codes)
    assert np.isfinite(found.corr[:2, :2]).all()
    assert np.isnan(found.corr[2:]).all()
    assert [len(t) for t in found.thresholds] == [3, 3, 0, 0]
    assert not found.at_bound.any()


def test_strong_correlations_and_rare_cells_are_found():
    rng = np.random.default_rng(8)
    latent = rng.standard_normal((4000, 1)) + 0.12 * rng.standard_normal((4000, 2))
    codes = np.digitize(latent, [-1.5, -0.5, 0.5, 1.5])
    codes[0] = [0, 3]
    found = polychoric(codes)
    table = pair_tables(codes).complete[0]
    assert table[found.categories[0][0], 3] == 1 or table[3, 0] == 1
    assert 0.9 < found.corr[1, 0] < 0.99
    np.testing.assert_allclose(polychoric_influence(codes, found).sum(axis=0), 0, atol=1e-8)


def test_a_rare_cell_that_leaves_rounding_in_the_slope_does_not_lose_the_correlation():
    """Two questions of the resident survey: one answer far from the diagonal, where the model expects next to none."""
    table = [[68, 26, 11, 2, 0], [9, 74, 40, 10, 0], [2, 13, 83, 6, 0], [0, 5, 14, 44, 1], [1, 0, 2, 1, 8]]
    found = polychoric(rows_of(table))
    assert not found.at_bound.any()
    assert_matches(
        found.corr[0, 1],
        0.800367068154,
        atol=1e-6,
        statistic="Polychoric correlation of a table with a rare cell",
        reference=f"{LAVAAN} lavCor",
        data="resident survey, typed in",
        why="lavaan's two-step optimiser",
    )
