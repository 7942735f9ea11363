"""The semidefinite programme of the greatest lower bound: CSDP, its optimality conditions, bounds and invariances."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import attitude, bfi, harman74, thurstone
from reference_values import VALUES, assert_matches

from sgsurvey.measurement.split_half import split_halves
from sgsurvey.numerics.minimum_trace import minimum_trace
from sgsurvey.numerics.reliability import (
    bound_slopes,
    cronbach_alpha,
    greatest_lower_bounds,
    guttman_lambda2,
    guttman_lambda5,
    guttman_lambda6,
)

CSDP = json.loads((VALUES / "reliability_intervals.json").read_text(encoding="utf-8"))["glb"]
TURNED = ["A1", "C4", "C5", "E1", "E2"]


def of_bfi(scales):
    frame = bfi().dropna()[[f"{scale}{k}" for scale in scales for k in range(1, 6)]]
    return frame.assign(**{name: 7 - frame[name] for name in TURNED if name in frame}).corr()


MATRICES = {
    "attitude": lambda: attitude().corr(),
    "harman74": harman74,
    "thurstone": thurstone,
    "bfi_A": lambda: of_bfi("A"),
    "bfi_CE": lambda: of_bfi("CE"),
}


def bound(corr):
    return float(greatest_lower_bounds(corr[None], minimum_trace(corr[None]))[0])


def drawn(seed, p, n=60):
    rng = np.random.default_rng(seed)
    return np.corrcoef(rng.normal(size=(n, 1)) + rng.normal(size=(n, p)) * rng.uniform(0.5, 2, p), rowvar=False)


matrices = st.builds(drawn, st.integers(0, 10_000), st.integers(2, 9))


@pytest.mark.parametrize("name", MATRICES)
def test_the_bound_and_its_uniquenesses_are_those_of_csdp(name):
    corr = MATRICES[name]().to_numpy()
    at = {"reference": "R psych 2.2.9 glb.algebraic, Rcsdp 0.1.57", "data": name}
    assert_matches(
        bound(corr),
        CSDP[name]["glb"],
        statistic="greatest lower bound",
        atol=2e-9,
        why="CSDP stops at a relative gap of 1e-8",
        **at,
    )
    assert_matches(
        1 - minimum_trace(corr[None]).uniqueness[0],
        CSDP[name]["solution"],
        statistic="greatest lower bound: communalities",
        atol=2e-5,
        why="where CSDP stops the sum is flat in them",
        **at,
    )


@given(matrices)
@settings(max_examples=40, deadline=None)
def test_both_programmes_are_feasible_and_meet(corr):
    """What proves the optimum: ``R - diag(u)`` and ``Y`` positive semidefinite, ``diag(Y) >= 1``, no gap."""
    found = minimum_trace(corr[None])
    u, y = found.uniqueness[0], found.dual[0]
    residual = corr - np.diag(u)
    assert np.linalg.eigvalsh(residual)[0] > -1e-12
    assert u.min() >= 0
    assert np.linalg.eigvalsh(y)[0] > -1e-10
    assert np.diag(y).min() > 1 - 1e-9
    assert 0 <= (corr * y).sum() - u.sum() < 1e-8
    assert found.gap[0] < 1e-8


@given(matrices)
@settings(max_examples=40, deadline=None)
def test_no_other_lower_bound_is_greater(corr):
    greatest = bound(corr) + 1e-8
    # The sum may not vary so little that every bound is far below 0.
    if corr.sum() > 0.5:
        assert greatest >= max(
            cronbach_alpha(corr),
            float(guttman_lambda2(corr)),
            guttman_lambda5(corr),
            float(guttman_lambda6(corr)),
            split_halves(corr).highest,
        )
        assert greatest <= 1 + 1e-8


@given(matrices, st.randoms())
@settings(max_examples=20, deadline=None)
def test_order_does_not_matter_and_matrices_side_by_side_are_each_their_own(corr, random):
    order = list(range(len(corr)))
    random.shuffle(order)
    both = minimum_trace(np.stack([corr, corr[np.ix_(order, order)]]))
    np.testing.assert_allclose(both.uniqueness[1], both.uniqueness[0][order], atol=1e-4)
    np.testing.assert_allclose(both.uniqueness.sum(axis=1), minimum_trace(corr[None]).uniqueness.sum(), atol=2e-8)


def test_slopes_are_derivatives():
    corr = attitude().corr().to_numpy()
    slopes, step = bound_slopes(corr[None], minimum_trace(corr[None])), 1e-4
    for i, j in ((1, 0), (4, 2), (6, 5)):
        move = np.zeros_like(corr)
        move[i, j] = move[j, i] = step
        numeric = (bound(corr + move) - bound(corr - move)) / (2 * step)
        assert 2 * slopes[i, j] == pytest.approx(numeric, abs=1e-5)


def test_one_factor_without_error_of_fit_is_found():
    """Where one factor holds, the uniquenesses are its own and the bound is omega."""
    loadings = np.array([0.5, 0.6, 0.7, 0.8, 0.4])
    corr = np.outer(loadings, loadings)
    np.fill_diagonal(corr, 1.0)
    np.testing.assert_allclose(minimum_trace(corr[None]).uniqueness[0], 1 - loadings**2, atol=1e-5)
    assert bound(corr) == pytest.approx(loadings.sum() ** 2 / corr.sum(), abs=1e-9)


def test_what_is_not_positive_definite_has_none():
    singular = np.ones((3, 3))
    indefinite = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]])
    found = minimum_trace(np.stack([singular * 1.0, indefinite, np.eye(3)]))
    assert np.isnan(found.gap[1])
    assert np.isnan(greatest_lower_bounds(indefinite[None], minimum_trace(indefinite[None])))[0]
    np.testing.assert_allclose(found.uniqueness[2], 1.0, atol=1e-8)
