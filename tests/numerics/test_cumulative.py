"""The analytic derivatives of the cumulative model beside differences of its likelihood."""

import numpy as np
import pytest
from scipy import optimize

from sgsurvey.numerics.cumulative import Cumulative


@pytest.fixture(params=["logit", "probit"])
def model(request):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 2))
    y = np.digitize(X @ [1.0, -0.5] + rng.normal(size=60), [-0.7, 0.6])
    return Cumulative(X, y.astype(np.int64), 3, request.param), rng.uniform(0.5, 2, 60)


def test_the_gradient_is_that_of_the_likelihood(model):
    cumulative, w = model
    theta = np.array([-0.5, 0.9, 0.7, -0.2])
    found = w @ cumulative.derivatives(theta).gradient
    near = optimize.approx_fprime(theta, lambda t: cumulative.log_likelihood(t, w), 1e-7)
    np.testing.assert_allclose(found, near, rtol=1e-4, atol=1e-5)


def test_the_information_is_minus_the_slope_of_the_gradient(model):
    cumulative, w = model
    theta = np.array([-0.5, 0.9, 0.7, -0.2])
    found = cumulative.information(theta, w)
    near = -optimize.approx_fprime(theta, lambda t: w @ cumulative.derivatives(t).gradient, 1e-7)
    np.testing.assert_allclose(found, near, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found, found.T, atol=1e-12)


def test_no_point_near_the_estimate_is_more_likely(model):
    cumulative, w = model
    theta = cumulative.value(w)
    best = cumulative.log_likelihood(theta, w)
    rng = np.random.default_rng(1)
    for _ in range(50):
        assert cumulative.log_likelihood(theta + rng.normal(scale=1e-3, size=4), w) < best
    np.testing.assert_allclose(w @ cumulative.derivatives(theta).gradient, 0, atol=1e-9)


def test_influence_values_sum_to_nothing_and_probabilities_to_one(model):
    cumulative, w = model
    np.testing.assert_allclose(w @ cumulative.influence(w), 0, atol=1e-10)
    np.testing.assert_allclose(cumulative.probabilities(cumulative.value(w)).sum(axis=1), 1, rtol=1e-12)
