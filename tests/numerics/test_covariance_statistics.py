import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.numerics.covariance_statistics import (
    CovarianceStatistic,
    normal_variance,
    numeric_slopes,
    through_correlations,
)
from sgsurvey.numerics.linalg import correlation


def rows(seed, n=40, p=4, missing=0.0):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(n, 1)) + rng.normal(size=(n, p)) * rng.uniform(0.5, 2, p) + 100
    y[rng.random(y.shape) < missing] = np.nan
    return y


def two_numbers(cov):
    """Not scale free, so that the divisor shows: a log determinant and a ratio."""
    return np.array([np.linalg.slogdet(cov)[1], cov[0, 1] / cov[2, 2]])


def test_numeric_slopes_are_those_of_a_closed_form():
    cov = np.cov(rows(1), rowvar=False)
    log_determinant, ratio = numeric_slopes(two_numbers, cov)
    np.testing.assert_allclose(log_determinant, np.linalg.inv(cov), rtol=1e-9, atol=1e-10)
    assert 2 * ratio[0, 1] == pytest.approx(1 / cov[2, 2], rel=1e-9)
    assert ratio[2, 2] == pytest.approx(-cov[0, 1] / cov[2, 2] ** 2, rel=1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_slopes_through_correlations_are_the_chain_rule(seed):
    cov = np.cov(rows(seed), rowvar=False)

    def of_corr(corr):
        return np.array([np.sin(corr).sum(), corr[0, 1] * corr[2, 3]])

    direct = numeric_slopes(lambda c: of_corr(correlation(c)), cov)
    inner = numeric_slopes(of_corr, correlation(cov))
    np.testing.assert_allclose(through_correlations(inner, cov), direct, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("pairwise", [False, True])
@pytest.mark.parametrize("groups", [1, 3])
def test_influence_values_are_the_derivative_by_the_weights(pairwise, groups):
    y, n = rows(3, n=36, missing=0.15), 36
    w = np.random.default_rng(4).uniform(1, 3, n)
    statistic = CovarianceStatistic(y, np.arange(n) % groups, two_numbers, pairwise=pairwise)
    steps = []
    for i in range(n):
        up, down = w.copy(), w.copy()
        up[i], down[i] = up[i] + 1e-4, down[i] - 1e-4
        steps.append((statistic.value(up) - statistic.value(down)) / 2e-4)
    np.testing.assert_allclose(statistic.influence(w), np.array(steps), atol=2e-8)


def test_pairwise_is_listwise_where_nothing_is_missing():
    y, groups = rows(5), np.arange(40) % 2
    w = np.random.default_rng(6).uniform(1, 2, 40)
    one, two = (CovarianceStatistic(y, groups, two_numbers, pairwise=p) for p in (False, True))
    np.testing.assert_allclose(one.value(w), two.value(w), rtol=1e-12)
    np.testing.assert_allclose(one.influence(w), two.influence(w), atol=1e-12)


def test_even_weights_give_the_ordinary_covariance_whatever_their_size():
    y = rows(7)
    statistic = CovarianceStatistic(y, np.zeros(40, dtype=int), lambda cov: cov.ravel())
    for w in (1.0, 0.01, 7.0):
        np.testing.assert_allclose(statistic.covariance(np.full(40, w)), np.cov(y, rowvar=False), rtol=1e-12)


def test_the_linear_variance_is_that_of_the_jackknife():
    n = 1500
    y = rows(8, n=n)
    statistic = CovarianceStatistic(y, np.zeros(n, dtype=int), two_numbers)
    w = np.ones(n)
    left = np.array([statistic.value(np.where(np.arange(n) == i, 0.0, w)) for i in range(n)])
    jackknife = (n - 1) / n * ((left - left.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose((statistic.influence(w) ** 2).sum(axis=0), jackknife, rtol=0.02)


def test_the_variance_of_normal_rows_is_the_closed_form():
    """A variance has the variance ``2 sigma^4 / n``, a log determinant of p variables ``2 p / n``."""
    cov = np.cov(rows(9), rowvar=False)
    first = np.zeros((4, 4))
    first[0, 0] = 1
    found = normal_variance(np.stack([first, np.linalg.inv(cov)]), cov, 50)
    np.testing.assert_allclose(found, [2 * cov[0, 0] ** 2 / 50, 2 * 4 / 50], rtol=1e-12)
