import numpy as np
import pytest
from public_matrices import ability, harman74, matched, reference, thurstone
from reference_values import assert_matches

from sgsurvey.numerics.extraction import (
    SMALLEST_UNIQUENESS,
    least_squares,
    likelihood,
    maximum_likelihood,
    minres,
    one_factor_uniqueness,
    principal_axis,
)

VALUES = reference()
MATRICES = {"harman74": (harman74, 4), "thurstone": (thurstone, 3)}


@pytest.mark.parametrize("local", [least_squares, likelihood])
def test_derivatives_of_the_fit_functions_are_those_of_finite_differences(local):
    corr = harman74().to_numpy()
    at = np.random.default_rng(1).uniform(-1, -0.2, len(corr)) if local is likelihood else np.full(len(corr), 0.55)
    h, unit = 1e-5, np.eye(len(corr))
    forward = [local(corr[None], (at + h * e)[None], 4) for e in unit]
    backward = [local(corr[None], (at - h * e)[None], 4) for e in unit]
    _, slope, curve, _ = local(corr[None], at[None], 4)
    np.testing.assert_allclose(
        slope[0], [(f[0][0] - b[0][0]) / (2 * h) for f, b in zip(forward, backward, strict=True)], atol=1e-7
    )
    np.testing.assert_allclose(
        curve[0], [(f[1][0] - b[1][0]) / (2 * h) for f, b in zip(forward, backward, strict=True)], atol=1e-7
    )


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("method", [minres, principal_axis])
def test_minres_and_principal_axis_reach_the_tight_fixed_point(name, method):
    matrix, k = MATRICES[name]
    found = method(matrix().to_numpy(), k)
    assert found.converged
    assert not found.heywood.any()
    assert_matches(
        matched(found.loadings, VALUES[name]["loadings"])[0],
        VALUES[name]["loadings"],
        atol=1e-6,
        statistic=f"EFA loadings, {method.__name__}, unrotated",
        reference="R psych 2.2.9 fa(fm='pa') tightened to 1e-13",
        data=name,
        why="iterative; theirs stops on the sum of communalities",
    )


@pytest.mark.parametrize("name", MATRICES)
def test_minres_agrees_with_the_minres_of_psych(name):
    matrix, k = MATRICES[name]
    theirs = VALUES[name]["minres"]["loadings"]
    assert_matches(
        matched(minres(matrix().to_numpy(), k).loadings, theirs)[0],
        theirs,
        atol=1e-5,
        statistic="EFA loadings, minres, unrotated",
        reference="R psych 2.2.9 fa(fm='minres')",
        data=name,
        why="psych stops at the default tolerance of its optimiser",
    )


@pytest.mark.parametrize("name", MATRICES)
def test_maximum_likelihood_agrees_with_factanal(name):
    matrix, k = MATRICES[name]
    theirs = VALUES[name]["ml"]["loadings"]
    assert_matches(
        matched(maximum_likelihood(matrix().to_numpy(), k).loadings, theirs)[0],
        theirs,
        atol=1e-6,
        statistic="EFA loadings, ML, unrotated",
        reference="R 4.2.2 factanal, factr = 10",
        data=name,
        why="both iterative",
    )


@pytest.mark.parametrize("k", [1, 2])
def test_maximum_likelihood_uniquenesses_are_those_of_factanal(k):
    found = maximum_likelihood(ability().to_numpy(), k)
    assert_matches(
        found.uniqueness,
        VALUES["ability"][f"ml{k}"]["uniqueness"],
        atol=1e-6,
        statistic=f"EFA uniquenesses, ML, {k} factor(s)",
        reference="R 4.2.2 factanal, factr = 10",
        data="ability.cov",
        why="both iterative",
    )


@pytest.mark.parametrize("method", [minres, maximum_likelihood, principal_axis])
def test_a_matrix_made_of_two_factors_gives_them_back(method):
    rng = np.random.default_rng(3)
    made = np.where(np.arange(10)[:, None] % 2 == np.arange(2), rng.uniform(0.5, 0.8, (10, 2)), 0.1)
    corr = made @ made.T
    np.fill_diagonal(corr, 1)
    found = method(corr, 2)
    np.testing.assert_allclose(found.loadings @ found.loadings.T, made @ made.T, atol=1e-6)


@pytest.mark.parametrize("method", [minres, maximum_likelihood, principal_axis])
def test_order_of_variables_does_not_matter(method):
    corr = thurstone().to_numpy()
    order = np.random.default_rng(9).permutation(len(corr))
    np.testing.assert_allclose(
        method(corr[np.ix_(order, order)], 3).uniqueness, method(corr, 3).uniqueness[order], atol=1e-6
    )


def test_an_improper_solution_stops_at_the_bound_and_is_flagged():
    corr = np.array([[1, 0.9, 0.8], [0.9, 1, 0.4], [0.8, 0.4, 1]])
    found = minres(corr, 1)
    assert found.heywood.tolist() == [True, False, False]
    assert found.uniqueness.min() == SMALLEST_UNIQUENESS


def test_many_one_factor_solutions_at_once_are_the_single_ones():
    matrices = np.stack([harman74().iloc[:6, :6], harman74().iloc[6:12, 6:12]])
    together = one_factor_uniqueness(matrices, tolerance=1e-11)
    np.testing.assert_allclose(together, [minres(m, 1).uniqueness for m in matrices], atol=1e-8)
