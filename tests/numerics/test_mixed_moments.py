"""Thresholds, means and covariances of ordered and continuous variables: what must leave them as they are."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from sgsurvey.numerics.mixed_moments import mixed_moments
from sgsurvey.numerics.polychoric import polychoric
from sgsurvey.numerics.polychoric_influence import polychoric_influence

ORDERED = np.array([True, False, False, True])


def rows(seed, n=150, missing=0.0):
    """Two ordered and two continuous variables of one factor."""
    rng = np.random.default_rng(seed)
    x = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, 4))
    x[:, 0] = np.searchsorted([-0.6, 0.3], x[:, 0])
    x[:, 3] = np.searchsorted([-0.8, 0.0, 0.9], x[:, 3])
    x[rng.random(x.shape) < missing] = np.nan
    return x


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.1]))
def test_whole_weights_are_rows_again(seed, missing):
    x = rows(seed, missing=missing)
    counts = np.random.default_rng(seed).integers(1, 4, len(x))
    weighted = mixed_moments(x, ORDERED, counts.astype(float))[0].statistics
    np.testing.assert_allclose(weighted, mixed_moments(np.repeat(x, counts, axis=0), ORDERED)[0].statistics, atol=1e-7)
    scaled = mixed_moments(x, ORDERED, 7.5 * counts)[0].statistics
    np.testing.assert_allclose(scaled, weighted, atol=1e-7)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-50, 50))
def test_units_carry_through(seed, scale, shift):
    x = rows(seed)
    plain, u = mixed_moments(x, ORDERED)
    turned = x.copy()
    turned[:, 1] = scale * x[:, 1] + shift
    other, v = mixed_moments(turned, ORDERED)
    units = np.array([1.0, scale, 1.0, 1.0])
    np.testing.assert_allclose(other.cov, plain.cov * np.outer(units, units), rtol=1e-6, atol=1e-9)
    at = sum(map(len, plain.thresholds))
    np.testing.assert_allclose(v[:, at], scale * u[:, at], rtol=1e-6, atol=1e-12 * scale)
    np.testing.assert_allclose(v[:, at + 2], scale**2 * u[:, at + 2], rtol=1e-6, atol=1e-12 * scale**2)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(4)))
def test_the_order_of_variables_is_only_an_order(seed, order):
    x, order = rows(seed, missing=0.05), list(order)
    plain, u = mixed_moments(x, ORDERED)
    other, v = mixed_moments(x[:, order], ORDERED[order])
    np.testing.assert_allclose(other.cov, plain.cov[np.ix_(order, order)], atol=1e-8)
    spreads = [np.sort((part**2).sum(axis=0)) for part in (u, v)]
    np.testing.assert_allclose(spreads[1], spreads[0], rtol=1e-5)


def test_of_continuous_variables_it_is_the_covariance_and_of_ordered_ones_the_polychoric():
    x = rows(3)
    found = mixed_moments(x, ORDERED)[0]
    np.testing.assert_allclose(found.cov[1:3, 1:3], np.cov(x[:, 1:3].T, bias=True), rtol=1e-12)
    np.testing.assert_allclose(found.mean, x[:, 1:3].mean(axis=0), rtol=1e-12)
    codes = x[:, [0, 3]].astype(np.int64)
    alone, u = mixed_moments(x[:, [0, 3]], np.array([True, True]))
    np.testing.assert_array_equal(alone.cov, polychoric(codes).corr)
    np.testing.assert_array_equal(u, polychoric_influence(codes, polychoric(codes)))


def test_what_goes_together_perfectly_is_at_the_bound_and_has_no_influence():
    x = norm.ppf((np.arange(60) + 0.5) / 60)
    values = np.column_stack([x, np.digitize(x, [-0.4, 0.5]), np.cos(7 * x)])
    found, u = mixed_moments(values, np.array([False, True, False]))
    assert found.at_bound.tolist() == [[False, True, False], [True, False, False], [False, False, False]]
    # Two thresholds, two means, two variances, and then the correlations: the first is that of the two.
    assert np.flatnonzero(np.isnan(u).any(axis=0)).tolist() == [6]
