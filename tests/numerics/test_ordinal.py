"""Models of latent responses in the units in which they show, and the mixtures of their tests."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from structural_models import one_group

from sgsurvey.numerics.ordinal import (
    OrdinalGroup,
    ResponseGroup,
    difference_mixture,
    mixture,
    restrictions_within,
)

BLOCKS = [[0, 1, 2], [3, 4, 5]]


def responses(ordered):
    """Two factors, six variables, of which some show in standard deviations."""
    return ResponseGroup(**vars(one_group(6, BLOCKS, means=True)), ordered=np.array(ordered))


def steps(function, theta):
    """Central differences."""
    moves = 1e-6 * np.eye(len(theta))
    return np.stack([(function(theta + m) - function(theta - m)) / 2e-6 for m in moves], axis=-1)


def somewhere(part, seed):
    """Parameters near half, at which variances are positive."""
    return np.random.default_rng(seed).uniform(0.4, 0.9, part.weights.shape[1])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.booleans(), min_size=6, max_size=6))
def test_derivatives_are_those_of_the_moments(seed, ordered):
    part = responses(ordered)
    theta = somewhere(part, seed)
    turn, row_col = part.jacobian(theta), part.triangle
    np.testing.assert_allclose(turn.cov, steps(lambda t: part.implied(t).cov[row_col], theta), atol=1e-7)
    np.testing.assert_allclose(turn.mean, steps(lambda t: part.implied(t).mean, theta), atol=1e-7)
    np.testing.assert_allclose(np.diag(part.implied(theta).cov)[part.ordered], 1, rtol=1e-15)
    assert part.covariances == 21 - sum(ordered)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_thresholds_and_correlations_turn_as_their_slopes_say(seed):
    part = responses([True] * 6)
    q = part.weights.shape[1]
    item = np.repeat(np.arange(6), 2)
    rng = np.random.default_rng(seed)
    group = OrdinalGroup(part, item, rng.normal(size=(12, q)) / 5, rng.normal(size=12))
    theta = somewhere(part, seed)
    np.testing.assert_allclose(group.moments(theta)[1], steps(lambda t: group.moments(t)[0], theta), atol=1e-7)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_where_the_weight_is_right_the_tests_need_no_correction(seed):
    rng = np.random.default_rng(seed)
    broad = rng.normal(size=(20, 7))
    slim = broad @ rng.normal(size=(7, 4))
    weight = rng.uniform(0.5, 3, 20)
    covariance = np.diag(1 / weight)
    np.testing.assert_allclose(mixture(weight, broad, covariance, 13).scaled_shifted, [1, 0], atol=1e-7)
    restrictions = restrictions_within(weight, broad, slim)
    found = difference_mixture(weight, broad, covariance, restrictions)
    assert found.df == 3
    np.testing.assert_allclose(found.scaled_shifted, [1, 0], atol=1e-7)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_traces_of_a_difference_are_the_difference_of_traces(seed):
    """``U`` of the narrow model less that of the wide one is what the restrictions add, where derivatives nest."""
    rng = np.random.default_rng(seed)
    broad = rng.normal(size=(20, 7))
    slim = broad @ rng.normal(size=(7, 4))
    weight, root = rng.uniform(0.5, 3, 20), rng.normal(size=(20, 20))
    covariance = root @ root.T / 20
    found = difference_mixture(weight, broad, covariance, restrictions_within(weight, broad, slim))
    apart = mixture(weight, slim, covariance, 16).trace - mixture(weight, broad, covariance, 13).trace
    np.testing.assert_allclose(found.trace, apart, rtol=1e-6)
