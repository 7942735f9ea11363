from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from sgsurvey.numerics.bivariate import bivariate_cdf, bivariate_density, density_slope, rectangle

SIZES = [0.0, 0.1, 0.29, -0.31, 0.5, -0.74, 0.76, 0.9, -0.924, 0.926, -0.95, 0.97, 0.99, -0.995, 0.999, -0.9999]
ROUNDING = 4e-15


def by_pieces(h, k, rho):
    """The same probability by adaptive integration over the first variable, in pieces about its turns."""
    spread = np.sqrt((1 - rho) * (1 + rho))
    turns = [k / rho + d * spread for d in (-6, -2, 0, 2, 6)] if rho else []
    cuts = sorted({-12.0, h, *(x for x in [*np.arange(-8, 4, 0.5), *turns] if -12 < x < h)})
    inner = lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * ndtr((k - rho * x) / spread)  # noqa: E731
    return sum(quad(inner, a, b, epsabs=1e-18, epsrel=1e-12)[0] for a, b in pairwise(cuts))


@pytest.mark.parametrize("rho", SIZES)
def test_the_function_is_the_integral_of_the_density_to_rounding(rho):
    rng = np.random.default_rng(5)
    points = rng.uniform(-3.5, 3.5, (12, 2))
    points[::3, 1] = points[::3, 0] + 0.05 * rng.standard_normal(4)
    ours = bivariate_cdf(points[:, 0], points[:, 1], rho)
    np.testing.assert_allclose(ours, [by_pieces(h, k, rho) for h, k in points], rtol=0, atol=ROUNDING)


def test_the_function_is_the_one_of_scipy():
    rng = np.random.default_rng(6)
    for h, k, rho in zip(*rng.uniform(-2, 2, (2, 10)), rng.uniform(-0.98, 0.98, 10), strict=True):
        theirs = multivariate_normal.cdf([h, k], cov=[[1, rho], [rho, 1]])
        np.testing.assert_allclose(bivariate_cdf(h, k, rho), theirs, rtol=0, atol=1e-7)


@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-0.9999, 0.9999))
@settings(max_examples=200, deadline=None)
def test_it_is_symmetric_and_keeps_its_margins_and_bounds(h, k, rho):
    value = bivariate_cdf(h, k, rho)
    np.testing.assert_allclose(value, bivariate_cdf(k, h, rho), rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(value + bivariate_cdf(h, -k, -rho), ndtr(h), rtol=0, atol=ROUNDING)
    assert max(ndtr(h) + ndtr(k) - 1, 0) - ROUNDING <= value <= min(ndtr(h), ndtr(k)) + ROUNDING


@pytest.mark.parametrize("rho", [-0.97, -0.4, 0.0, 0.6, 0.95])
def test_the_density_is_its_slope_and_has_the_slope_it_says(rho):
    h, k, step = 0.7, -0.4, 1e-4
    slope = (bivariate_cdf(h, k, rho + step) - bivariate_cdf(h, k, rho - step)) / (2 * step)
    np.testing.assert_allclose(bivariate_density(h, k, rho), slope, rtol=2e-4)
    bend = np.log(bivariate_density(h, k, rho + step)) - np.log(bivariate_density(h, k, rho - step))
    np.testing.assert_allclose(density_slope(h, k, rho), bend / (2 * step), rtol=1e-4)


@pytest.mark.parametrize("rho", [-0.98, -0.5, 0.3, 0.9, 0.99])
def test_a_likely_rectangle_is_the_difference_of_its_corners(rho):
    low, high = (np.array([-0.8]), np.array([-0.3])), (np.array([0.9]), np.array([1.4]))
    corners = sum(
        s * bivariate_cdf(h, k, rho) for s, h, k in [(1, 0.9, 1.4), (-1, -0.8, 1.4), (-1, 0.9, -0.3), (1, -0.8, -0.3)]
    )
    np.testing.assert_allclose(rectangle(low, high, np.array([rho])), corners, rtol=0, atol=1e-13)


@pytest.mark.parametrize("rho", [0.7, 0.9, 0.97])
def test_an_unlikely_rectangle_keeps_its_digits(rho):
    end = np.array([np.inf])
    ours = rectangle((-end, np.array([2.0])), (np.array([-2.0]), end), np.array([rho]))[0]
    spread = np.sqrt(1 - rho**2)
    inner = lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * ndtr(-(2 - rho * x) / spread)  # noqa: E731
    theirs = quad(inner, -9, -2, epsabs=0, epsrel=1e-11, points=[-2.5, -3, -4])[0]
    assert 0 < ours < 1e-5
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
