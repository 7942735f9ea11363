import numpy as np
import pytest
from scipy import special

from sgsurvey.numerics.cumulative import Cumulative
from sgsurvey.numerics.cumulative_draws import draw_categories, posterior

TIGHT = 1e-20


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((200, 3))
    latent = X @ [1.0, -0.5, 0.0] + rng.logistic(size=200)
    return X, np.digitize(latent, [-1.5, 0.0, 1.0]).astype(np.int64)


@pytest.mark.parametrize("categories", [2, 4])
def test_with_a_flat_prior_the_mode_is_the_maximum_of_the_likelihood(data, categories):
    X, y = data
    y = y if categories == 4 else (y > 1).astype(np.int64)
    other = np.roll(X, 1, axis=0)
    found = posterior(np.stack([X, other]), y, categories, 1e8, tolerance=TIGHT)
    for chain, predictors in enumerate((X, other)):
        model = Cumulative(predictors, y, categories)
        np.testing.assert_allclose(found.mode[chain], model.value(np.ones(200)), atol=1e-8)
        np.testing.assert_allclose(
            found.information[chain], model.information(found.mode[chain], np.ones(200)), rtol=1e-6, atol=1e-6
        )


def test_the_mode_makes_the_gradient_of_likelihood_and_prior_vanish(data):
    X, y = data
    found = posterior(X[None], y, 4, 0.2, tolerance=TIGHT)
    gradient = Cumulative(X, y, 4).derivatives(found.mode[0]).gradient.sum(axis=0)
    gradient[3:] -= found.mode[0, 3:] / 0.2**2
    np.testing.assert_allclose(gradient, 0, atol=1e-7)


def test_the_usual_tolerance_leaves_the_mode_within_a_thousandth_of_its_error(data):
    X, y = data
    near, exact = (posterior(X[None], y, 4, 2.5, tolerance=t) for t in (1e-3, TIGHT))
    error = np.sqrt(np.diag(np.linalg.inv(exact.information[0])))
    assert (np.abs(near.mode[0] - exact.mode[0]) < 1e-3 * error).all()


def test_separated_and_repeated_predictors_have_a_mode():
    x = np.linspace(-1.7, 1.7, 40)
    X = np.stack([x, x, x**2], axis=1)[None]
    found = posterior(X, (x > 0).astype(np.int64), 2, 2.5, tolerance=TIGHT)
    assert np.isfinite(found.mode).all()
    assert np.abs(found.mode).max() < 25
    assert found.mode[0, 1] == pytest.approx(found.mode[0, 2], abs=1e-8)


def test_draws_have_the_mean_and_covariance_of_the_approximation(data):
    X, y = data
    one = posterior(X[None], y, 4, 2.5)
    many = posterior(np.tile(X, (4000, 1, 1)), y, 4, 2.5, start=np.tile(one.mode, (4000, 1)))
    draws = many.draw(np.random.default_rng(1))
    covariance = np.linalg.inv(one.information[0])
    error = np.sqrt(np.diag(covariance))
    assert (np.abs(draws.mean(axis=0) - one.mode[0]) < 4.5 * error / np.sqrt(4000)).all()
    scaled = (np.cov(draws, rowvar=False) - covariance) / np.outer(error, error)
    assert np.abs(scaled).max() < 4.5 * np.sqrt(2 / 4000)


def test_thresholds_are_drawn_in_order_even_where_a_category_is_rare():
    y = np.array([0] * 30 + [1] + [2] * 30, dtype=np.int64)
    found = posterior(np.zeros((500, 61, 1)), y, 3, 2.5).draw(np.random.default_rng(2))
    assert (np.diff(found[:, :2], axis=1) > 0).all()


def test_categories_are_drawn_with_their_probabilities():
    theta = np.array([[-1.0, 0.5, 0.8]])
    X = np.full((1, 200_000, 1), 0.5)
    shares = np.bincount(draw_categories(theta, X, 3, np.random.default_rng(4))[0], minlength=3) / 200_000
    below = special.expit(theta[0, :2] - 0.4)
    expected = np.diff(np.concatenate([[0], below, [1]]))
    assert np.abs(shares - expected).max() < 4.5 * np.sqrt(0.25 / 200_000)
