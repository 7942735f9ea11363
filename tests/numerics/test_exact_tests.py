from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sgsurvey.numerics.exact_tests import MOST_SMALLER, MOST_UNITS, rank_sum, sign_flip

RATINGS = st.lists(st.integers(1, 5).map(float), min_size=1, max_size=5)


def dealt(x, y):
    """Every way to deal the pooled ranks to two groups, one by one."""
    ranks = stats.rankdata([*x, *y])
    sums = np.array([ranks[list(at)].sum() for at in combinations(range(len(ranks)), len(x))])
    centre = len(x) * (len(ranks) + 1) / 2
    return (np.abs(sums - centre) >= abs(ranks[: len(x)].sum() - centre) - 1e-9).mean()


@settings(max_examples=60, deadline=None)
@given(RATINGS, RATINGS)
def test_the_rank_sum_is_that_of_every_deal_whichever_group_comes_first(x, y):
    x, y = np.array(x), np.array(y)
    assert rank_sum(x, y) == pytest.approx(dealt(x, y), abs=1e-12)
    assert rank_sum(y, x) == pytest.approx(rank_sum(x, y), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=8))
def test_sign_flips_are_those_of_every_pattern(d):
    sums = [abs(np.dot(signs, d)) for signs in product([1, -1], repeat=len(d))]
    assert sign_flip(np.array(d)) == pytest.approx(np.mean(np.array(sums) >= abs(sum(d)) - 1e-9), abs=1e-12)


def test_three_against_three_cannot_reach_five_per_cent():
    assert rank_sum(np.array([1.0, 2, 3]), np.array([4.0, 5, 6])) == pytest.approx(0.1)


def test_without_ties_it_is_the_usual_exact_test():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=9), rng.normal(0.7, size=40)
    assert rank_sum(x, y) == pytest.approx(stats.mannwhitneyu(x, y, method="exact").pvalue, rel=1e-12)


def test_what_is_too_large_for_an_exact_test_has_none():
    assert np.isnan(sign_flip(np.ones(MOST_UNITS + 1)))
    assert np.isnan(rank_sum(np.ones(MOST_SMALLER + 1), np.ones(MOST_SMALLER + 1)))
    assert np.isnan(rank_sum(np.array([]), np.ones(3)))
    assert sign_flip(np.zeros(4)) == 1
