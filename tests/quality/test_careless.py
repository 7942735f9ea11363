"""Indices against hand-worked rows, definitions written out, and scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference_values import assert_matches
from scipy.spatial.distance import cdist
from scipy.stats import pearsonr

from sgsurvey.quality import careless

NA = np.nan
ANSWERS = arrays(float, (7, 9), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, NA]))


def test_longest_run_of_hand_worked_rows():
    rows = np.array(
        [
            [1, 1, 1, 2, 3],
            [1, 2, 3, 4, 5],
            [5, 5, 5, 5, 5],
            [2, 2, NA, 2, 2],
            [NA, NA, NA, NA, NA],
            [3, 1, 4, 4, 4],
        ]
    )
    assert_matches(
        careless.longest_run(rows),
        [3, 1, 5, 2, 0, 3],
        statistic="Longest run of equal answers (longstring)",
        reference="counted by hand; Johnson (2005), missing answers break the run",
        data="six rows of five items",
        why="whole numbers",
        atol=1e-12,
    )


@settings(max_examples=30, deadline=None)
@given(x=ANSWERS)
def test_longest_run_equals_a_walk_along_the_row(x):
    for row, found in zip(x, careless.longest_run(x), strict=True):
        best = run = 0
        for j, value in enumerate(row):
            run = 0 if np.isnan(value) else run + 1 if j and value == row[j - 1] else 1
            best = max(best, run)
        assert found == best


@settings(max_examples=30, deadline=None)
@given(x=ANSWERS)
def test_longest_run_and_variability_do_not_change_when_the_scale_is_turned(x):
    np.testing.assert_array_equal(careless.longest_run(6 - x), careless.longest_run(x))
    np.testing.assert_allclose(careless.individual_variability(6 - x), careless.individual_variability(x), atol=1e-12)


def test_variability_is_the_standard_deviation_with_n_minus_1():
    rows = np.array([[1, 2, 3, 4, 5], [4, 4, 4, 4, 4], [1, 5, NA, NA, NA], [3, NA, NA, NA, NA]])
    assert_matches(
        careless.individual_variability(rows),
        [np.sqrt(2.5), 0.0, np.sqrt(8.0), NA],
        statistic="Intra-individual response variability (IRV)",
        reference="worked by hand; Dunn et al. (2018), divisor n - 1",
        data="four rows of five items",
        why="closed form",
        atol=1e-12,
    )


def test_mahalanobis_of_complete_rows_equals_scipy():
    x = np.random.default_rng(5).integers(1, 6, size=(120, 8)).astype(float)
    distance, count = careless.mahalanobis(x)
    inverse = np.linalg.inv(np.cov(x, rowvar=False))
    assert_matches(
        distance,
        cdist(x, x.mean(axis=0, keepdims=True), "mahalanobis", VI=inverse)[:, 0] ** 2,
        statistic="Mahalanobis D² of a respondent",
        reference="scipy.spatial.distance.cdist, squared",
        data="120 random rows of 8 items",
        why="closed form",
        rtol=1e-10,
    )
    assert set(count) == {8.0}
    # The squared distances of a sample from its own mean add up to p (n - 1).
    assert distance.sum() == pytest.approx(8 * 119, rel=1e-10)


def test_mahalanobis_of_a_gappy_row_is_that_of_the_items_it_has():
    x = np.random.default_rng(6).integers(1, 6, size=(80, 5)).astype(float)
    x[0, [1, 3]] = NA
    distance, count = careless.mahalanobis(x)
    have = [0, 2, 4]
    centre = np.nanmean(x, axis=0)
    within = np.array([[second_moment(x, centre, i, j) for j in have] for i in have])
    d = x[0, have] - centre[have]
    assert distance[0] == pytest.approx(d @ np.linalg.solve(within, d), rel=1e-10)
    assert count[0] == 3


def pairwise(a, b):
    both = ~(np.isnan(a) | np.isnan(b))
    return a[both], b[both]


def second_moment(x, centre, i, j):
    both = ~(np.isnan(x[:, i]) | np.isnan(x[:, j]))
    return ((x[both, i] - centre[i]) * (x[both, j] - centre[j])).sum() / (both.sum() - 1)


def test_mahalanobis_is_missing_when_items_repeat_one_another():
    x = np.random.default_rng(7).normal(size=(30, 3))
    distance, _ = careless.mahalanobis(np.column_stack([x, x[:, 0]]))
    assert np.isnan(distance).all()


def halves_by_hand(constructs, row):
    odd, even = [], []
    for items in constructs:
        given_odd = [v for v in items[row][0::2] if not np.isnan(v)]
        given_even = [v for v in items[row][1::2] if not np.isnan(v)]
        if given_odd and given_even:
            odd.append(sum(given_odd) / len(given_odd))
            even.append(sum(given_even) / len(given_even))
    if len(odd) < 3 or len(set(odd)) == 1 or len(set(even)) == 1:
        return NA
    r = pearsonr(odd, even).statistic
    return max(2 * r / (1 + r), -1) if r > -1 else -1.0


def test_even_odd_equals_the_definition_row_by_row():
    rng = np.random.default_rng(8)
    constructs = [rng.integers(1, 6, size=(60, k)).astype(float) for k in (3, 4, 2, 5, 4)]
    constructs[0][3, 1] = NA
    constructs[1][4] = NA
    expected = [halves_by_hand(constructs, row) for row in range(60)]
    assert_matches(
        careless.even_odd(constructs),
        expected,
        statistic="Even-odd consistency",
        reference="the definition in Johnson (2005), written out row by row with scipy.stats.pearsonr",
        data="60 random rows, 5 constructs of 2 to 5 items",
        why="closed form",
        atol=1e-10,
    )


def test_even_odd_is_one_for_agreeing_halves_and_minus_one_for_opposite_ones():
    agree = [np.array([[1.0, 1.0]]), np.array([[3.0, 3.0]]), np.array([[5.0, 5.0]])]
    oppose = [np.array([[1.0, 5.0]]), np.array([[3.0, 3.0]]), np.array([[5.0, 1.0]])]
    assert careless.even_odd(agree)[0] == pytest.approx(1.0)
    assert careless.even_odd(oppose)[0] == -1.0
    assert np.isnan(careless.even_odd(agree[:2])).all()
    assert np.isnan(careless.even_odd([np.full((1, 2), 3.0)] * 3)).all()


def test_synonym_pairs_are_those_that_correlate_above_the_limit():
    rng = np.random.default_rng(9)
    base = rng.normal(size=(200, 3))
    x = np.column_stack([base, base + 0.5 * rng.normal(size=(200, 3))])
    x[:5, 0] = NA
    r = np.array([[pearsonr(*pairwise(x[:, i], x[:, j])).statistic for j in range(6)] for i in range(6)])
    pairs = careless.synonym_pairs(x, 0.6)
    assert pairs.tolist() == np.argwhere(np.triu(r, 1) > 0.6).tolist()
    assert pairs.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_synonyms_are_a_persons_correlation_over_pairs():
    x = np.array([[1.0, 3, 5, 2, 3, 4], [1, 3, 5, 5, 3, 1], [1, 3, 5, NA, 3, 4], [2, 2, 2, 2, 2, 2]])
    pairs = np.array([[0, 3], [1, 4], [2, 5]])
    assert_matches(
        careless.synonyms(x, pairs),
        [1.0, -1.0, NA, NA],
        statistic="Psychometric synonyms",
        reference="worked by hand; Meade and Craig (2012), missing below three pairs",
        data="four rows of three pairs",
        why="closed form",
        atol=1e-12,
    )
    assert np.isnan(careless.synonyms(x, pairs[:2])).all()
