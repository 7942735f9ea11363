import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.numerics.linear_draws import linear, matched, one_of_the_nearest, predicted


def data(n=80):
    rng = np.random.default_rng(5)
    X = rng.standard_normal((n, 2))
    return X, 1 + X @ [0.5, -1.0] + 0.7 * rng.standard_normal(n)


def test_with_a_flat_prior_the_mean_is_least_squares():
    X, y = data()
    found = linear(X[None], y, 1e8, np.random.default_rng(0))
    np.testing.assert_allclose(found.mean[0], np.linalg.lstsq(np.column_stack([np.ones(80), X]), y)[0], atol=1e-10)


def test_draws_have_the_moments_of_the_posterior():
    X, y = data()
    chains = 5000
    found = linear(np.tile(X, (chains, 1, 1)), y, 1e8, np.random.default_rng(1))
    one = np.column_stack([np.ones(80), X])
    rss = ((y - one @ found.mean[0]) ** 2).sum()
    df = 80 - 1  # a proper prior on both slopes: they cost no degrees of freedom
    sigma2 = rss / (df - 2)
    assert abs((found.sigma**2).mean() / sigma2 - 1) < 4.5 * np.sqrt(2 / df / chains)
    covariance = sigma2 * np.linalg.inv(one.T @ one)
    error = np.sqrt(np.diag(covariance))
    assert (np.abs(found.drawn.mean(axis=0) - found.mean[0]) < 4.5 * error / np.sqrt(chains)).all()
    scaled = np.cov(found.drawn, rowvar=False) / np.outer(error, error) - covariance / np.outer(error, error)
    assert np.abs(scaled).max() < 0.12


def test_predictors_that_repeat_one_another_share_their_slope():
    X, y = data()
    found = linear(np.stack([X[:, 0], X[:, 0]], axis=1)[None], y, 2.5, np.random.default_rng(0))
    assert np.isclose(found.mean[0, 1], found.mean[0, 2])


def test_predictions_are_a_plus_xb():
    assert predicted(np.array([[1.0, 2.0]]), np.array([[[3.0], [4.0]]])).tolist() == [[7.0, 9.0]]


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_a_donor_is_among_the_nearest(seed, donors, n):
    rng = np.random.default_rng(seed)
    line, wanted = np.sort(np.round(rng.standard_normal(n), 1)), np.round(rng.standard_normal(7), 1)
    place = one_of_the_nearest(line, wanted, donors, rng)
    distance = np.abs(line[None, :] - wanted[:, None])
    limit = np.sort(distance, axis=1)[:, min(donors, n) - 1]
    assert (distance[np.arange(7), place] <= limit + 1e-12).all()


def test_each_of_the_nearest_gives_alike():
    rng = np.random.default_rng(9)
    values, counts = np.unique(one_of_the_nearest(np.arange(12.0), np.full(900, 5.0), 3, rng), return_counts=True)
    assert values.tolist() == [4, 5, 6]
    assert (np.abs(counts - 300) < 4.5 * np.sqrt(900 * 2 / 9)).all()


def test_rows_whose_predictions_tie_give_alike():
    found = matched(np.zeros((400, 12)), np.zeros((400, 3)), np.arange(12.0), 3, np.random.default_rng(8))
    counts = np.bincount(found.ravel().astype(int), minlength=12)
    assert counts.min() > 60
    assert counts.max() < 150


def test_each_chain_chooses_from_its_own_sample_of_those_who_answered():
    """A row is in a bootstrap sample with probability 1 - (1 - 1/n)^n, and only then is it the single nearest."""
    rng = np.random.default_rng(3)
    found = matched(np.tile(np.arange(40.0), (3000, 1)), np.full((3000, 1), 20.0), np.arange(40.0), 1, rng)
    expected = 1 - (1 - 1 / 40) ** 40
    assert abs((found == 20).mean() - expected) < 4.5 * np.sqrt(expected * (1 - expected) / 3000)
