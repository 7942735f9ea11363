import numpy as np
import pytest

from sgsurvey.numerics.covariance_statistics import CovarianceStatistic
from sgsurvey.numerics.likelihood_statistics import LikelihoodStatistic


def rows(seed, n=60, missing=0.2):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(n, 1)) + rng.normal(size=(n, 4)) * [1.0, 0.7, 1.5, 1.0] + 20
    y[rng.random(y.shape) < missing] = np.nan
    return y


def two_numbers(cov):
    return np.array([np.linalg.slogdet(cov)[1], cov[0, 1] / cov[2, 2]])


def test_influence_values_are_the_derivative_by_the_weights():
    y = rows(1)
    w = np.random.default_rng(2).uniform(1, 3, len(y))
    statistic, steps = LikelihoodStatistic(y, two_numbers), []
    for i in range(len(y)):
        up, down = w.copy(), w.copy()
        up[i], down[i] = up[i] + 1e-4, down[i] - 1e-4
        steps.append((statistic.value(up) - statistic.value(down)) / 2e-4)
    np.testing.assert_allclose(statistic.influence(w), np.array(steps), atol=3e-7)


def test_complete_rows_give_what_complete_rows_give():
    y = rows(3, missing=0.0)
    w = np.random.default_rng(4).uniform(1, 2, len(y))
    one, two = LikelihoodStatistic(y, two_numbers), CovarianceStatistic(y, np.zeros(len(y), dtype=int), two_numbers)
    np.testing.assert_allclose(one.value(w), two.value(w), rtol=1e-9)
    np.testing.assert_allclose(one.influence(w), two.influence(w), atol=1e-9)


def test_rows_without_an_answer_or_a_weight_do_not_count():
    y = rows(5)
    w = np.ones(len(y))
    w[:5] = 0
    more = np.vstack([y, np.full((3, 4), np.nan)])
    one = LikelihoodStatistic(y[5:], two_numbers).estimate(np.ones(len(y) - 5))
    two = LikelihoodStatistic(more, two_numbers).estimate(np.r_[w, np.ones(3)])
    np.testing.assert_allclose(two[0], one[0], rtol=1e-9)
    assert np.abs(two[1][:5]).max() == 0
    assert np.abs(two[1][-3:]).max() == 0
    assert one[1].sum() == pytest.approx(0, abs=1e-6)
