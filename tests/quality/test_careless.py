"""Indices against hand-worked rows, definitions written out, and scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from quality.careless_agreement import LIMIT, Pair, agreements
from reference_values import assert_matches
from scipy.spatial.distance import cdist
from scipy.stats import pearsonr

from sgsurvey.quality import careless

NA = np.nan
ANSWERS = arrays(float, (7, 9), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, NA]))


@pytest.mark.parametrize("pair", list(agreements()), ids=lambda pair: f"{pair.index}, {pair.data}")
def test_indices_are_those_of_r_careless(pair: Pair):
    assert_matches(
        pair.ours,
        pair.theirs,
        statistic=f"Careless answering: {pair.index}",
        reference="R careless 1.2.2",
        data={"complete": "careless.csv", "gaps": "careless_gaps.csv, 8% missing"}[pair.data],
        why="closed form",
        atol=LIMIT,
    )
    assert np.isfinite(pair.largest)


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
        careless.runs(rows)[0],
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
    for row, found in zip(x, careless.runs(x)[0], strict=True):
        best = run = 0
        for j, value in enumerate(row):
            run = 0 if np.isnan(value) else run + 1 if j and value == row[j - 1] else 1
            best = max(best, run)
        assert found == best


@settings(max_examples=30, deadline=None)
@given(x=ANSWERS)
def test_longest_run_and_variability_do_not_change_when_the_scale_is_turned(x):
    for turned, straight in zip(careless.runs(6 - x), careless.runs(x), strict=True):
        np.testing.assert_array_equal(turned, straight)
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
    within = np.array([[second_moment(x, i, j) for j in have] for i in have])
    d = x[0, have] - centre[have]
    assert distance[0] == pytest.approx(d @ np.linalg.solve(within, d), rel=1e-10)
    assert count[0] == 3


def pairwise(a, b):
    both = ~(np.isnan(a) | np.isnan(b))
    return a[both], b[both]


def second_moment(x, i, j):
    a, b = pairwise(x[:, i], x[:, j])
    return ((a - a.mean()) * (b - b.mean())).sum() / (len(a) - 1)


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
    pairs = careless.like_pairs(x, 0.6)
    assert pairs.tolist() == np.argwhere(np.triu(r, 1) > 0.6).tolist()
    assert pairs.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_synonyms_are_a_persons_correlation_over_pairs():
    x = np.array([[1.0, 3, 5, 2, 3, 4], [1, 3, 5, 5, 3, 1], [1, 3, 5, NA, 3, 4], [2, 2, 2, 2, 2, 2]])
    pairs = np.array([[0, 3], [1, 4], [2, 5]])
    assert_matches(
        careless.pair_consistency(x, pairs),
        [1.0, -1.0, NA, NA],
        statistic="Psychometric synonyms",
        reference="worked by hand; Meade and Craig (2012), missing below three pairs",
        data="four rows of three pairs",
        why="closed form",
        atol=1e-12,
    )
    assert np.isnan(careless.pair_consistency(x, pairs[:2])).all()


def test_opposite_pairs_are_the_like_pairs_of_a_turned_item():
    rng = np.random.default_rng(12)
    base = rng.normal(size=(150, 2))
    x = np.column_stack([base[:, 0], base[:, 0] + 0.4 * rng.normal(size=150), base[:, 1]])
    assert careless.like_pairs(x, 0.6).tolist() == [[0, 1]]
    turned = x * [1, -1, 1]
    assert careless.like_pairs(turned, 0.6).tolist() == []
    assert careless.opposite_pairs(turned, 0.6).tolist() == [[0, 1]]


def test_answered_pairs_are_counted():
    x = np.array([[1.0, 2, 3, 4], [1, NA, 3, 4], [NA, NA, NA, 1]])
    assert careless.answered_pairs(x, np.array([[0, 1], [2, 3], [0, 3]])).tolist() == [3, 2, 0]


def test_average_run_of_hand_worked_rows():
    rows = np.array([[1, 1, 2, 2], [1, 2, 3, 4], [2, NA, 2, 2], [NA, NA, NA, NA]])
    np.testing.assert_array_equal(careless.runs(rows)[1], [2, 1, 1.5, NA])


@settings(max_examples=30, deadline=None)
@given(x=ANSWERS)
def test_runs_make_up_the_answers(x):
    longest, average = careless.runs(x)
    given_answers = (~np.isnan(x)).sum(axis=1)
    some = given_answers > 0
    number = given_answers[some] / average[some]
    np.testing.assert_allclose(number, np.rint(number), atol=1e-9)
    assert (average[some] <= longest[some]).all()


def test_use_of_the_scale_of_hand_worked_rows():
    x = np.array([[0, 0.5, 0.5, 1], [0.25, 0.5, NA, NA], [NA, NA, NA, NA]])
    np.testing.assert_array_equal(careless.middle_share(x), [0.5, 0.5, NA])
    np.testing.assert_array_equal(careless.extreme_share(x), [0.5, 0.0, NA])


# Three items in the direction of a construct and two against it, on 0 to 1.
YES, NO = (np.array([[1.0, 1, 1]]), np.array([[1.0, 1]])), (np.array([[0.0, 0, 0]]), np.array([[0.0, 0]]))
HONEST = (np.array([[1.0, 0.75, 1]]), np.array([[0.0, 0.25]]))


@pytest.mark.parametrize(
    ("who", "leaning", "both", "gap"),
    [(YES, 1.0, 1.0, 1.0), (NO, -1.0, 0.0, 1.0), (HONEST, 11 / 12 + 1 / 8 - 1, 0.0, 11 / 12 - 7 / 8)],
)
def test_saying_yes_of_hand_worked_people(who, leaning, both, gap):
    forward, turned = [who[0]], [who[1]]
    assert careless.acquiescence(forward, turned)[0] == pytest.approx(leaning)
    assert careless.yes_saying(forward, turned)[0] == pytest.approx(both)
    assert careless.keyed_gap(forward, turned)[0] == pytest.approx(gap)


@settings(max_examples=30, deadline=None)
@given(view=st.floats(0.2, 0.8), leaning=st.floats(-0.2, 0.2))
def test_acquiescence_does_not_depend_on_what_a_person_thinks(view, leaning):
    forward = [np.full((1, 3), view + leaning)]
    turned = [np.full((1, 2), 1 - view + leaning)]
    assert careless.acquiescence(forward, turned)[0] == pytest.approx(2 * leaning, abs=1e-12)
    assert careless.keyed_gap(forward, turned)[0] == pytest.approx(abs(2 * leaning), abs=1e-12)


def test_yes_saying_counts_every_pair_of_twins():
    forward, turned = [np.array([[1.0, 0.25, NA]])], [np.array([[0.75, 0.5]])]
    assert careless.yes_saying(forward, turned)[0] == 1 / 4


def test_person_total_is_the_correlation_with_the_means_of_the_others():
    x = np.random.default_rng(13).integers(1, 6, size=(20, 9)).astype(float)
    x[4, 2] = NA
    for i in (0, 4, 19):
        others = np.nanmean(np.delete(x, i, axis=0), axis=0)
        have = ~np.isnan(x[i])
        expected = pearsonr(x[i, have], others[have]).statistic
        assert careless.person_total(x)[i] == pytest.approx(expected, rel=1e-10)


def test_mahalanobis_of_gaps_does_not_depend_on_how_rows_are_stored():
    x = np.random.default_rng(14).normal(size=(300, 6))
    x[np.random.default_rng(15).random(x.shape) < 0.2] = NA
    distance, count = careless.mahalanobis(x)
    order = np.random.default_rng(16).permutation(300)
    np.testing.assert_allclose(careless.mahalanobis(x[order])[0], distance[order], rtol=1e-10)
    np.testing.assert_allclose(careless.mahalanobis(3 * x - 7)[0], distance, rtol=1e-9)
    assert (distance[count > 0] >= 0).all()
    assert np.isnan(distance[count == 0]).all()
