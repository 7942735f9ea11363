import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import assert_matches

import sgsurvey as sg
from sgsurvey.measurement.content_validity import chance_of_agreement, modified_kappa

# Polit, Beck and Owen (2007), table 3: experts, who call it relevant, I-CVI, chance, modified kappa, grade.
POLIT = [
    (3, 3, 1.00, 0.125, 1.00, "excellent"),
    (3, 2, 0.67, 0.375, 0.47, "fair"),
    (4, 4, 1.00, 0.063, 1.00, "excellent"),
    (4, 3, 0.75, 0.25, 0.67, "good"),
    (5, 5, 1.00, 0.031, 1.00, "excellent"),
    (5, 4, 0.80, 0.156, 0.76, "excellent"),
    (6, 6, 1.00, 0.016, 1.00, "excellent"),
    (6, 5, 0.83, 0.094, 0.81, "excellent"),
    (6, 4, 0.67, 0.234, 0.57, "fair"),
    (7, 7, 1.00, 0.008, 1.00, "excellent"),
    (7, 6, 0.86, 0.055, 0.85, "excellent"),
    (7, 5, 0.71, 0.164, 0.65, "good"),
    (8, 8, 1.00, 0.004, 1.00, "excellent"),
    (8, 7, 0.88, 0.031, 0.88, "excellent"),
    (8, 6, 0.75, 0.109, 0.72, "good"),
    (9, 9, 1.00, 0.002, 1.00, "excellent"),
    (9, 8, 0.89, 0.018, 0.89, "excellent"),
    (9, 7, 0.78, 0.070, 0.76, "excellent"),
]


def panel(n, relevant):
    """One item, n experts, of whom so many call it relevant."""
    return pd.DataFrame([[4] * relevant + [1] * (n - relevant)], index=["Q1"], columns=[f"e{i}" for i in range(n)])


def test_indices_and_kappas_are_those_of_the_published_table():
    n, relevant, i_cvi, chance, kappa = (np.array(column) for column in list(zip(*POLIT, strict=True))[:5])
    at = {"reference": "Polit, Beck & Owen 2007, table 3", "data": "3 to 9 experts"}
    assert_matches(relevant / n, i_cvi, statistic="I-CVI", why="printed to two digits", atol=0.0051, **at)
    ours = chance_of_agreement(n, relevant)
    assert_matches(ours, chance, statistic="chance of agreement", why="printed to three digits", atol=0.0006, **at)
    found = modified_kappa(n, relevant)
    why = "the paper computes from rounded parts"
    assert_matches(found, kappa, statistic="modified kappa of content validity", why=why, atol=0.0105, **at)


@pytest.mark.parametrize(("n", "relevant", "grade"), [(row[0], row[1], row[5]) for row in POLIT])
def test_grades_are_those_of_the_published_table(n, relevant, grade):
    assert sg.content_validity(panel(n, relevant)).frame["grade"].tolist() == [grade]


@pytest.mark.parametrize(
    ("n", "relevant", "acceptable"), [(3, 3, True), (5, 4, False), (6, 5, True), (9, 7, False), (10, 8, True)]
)
def test_up_to_five_experts_must_agree_and_more_to_78_percent(n, relevant, acceptable):
    assert sg.content_validity(panel(n, relevant)).frame["acceptable"].tolist() == [acceptable]


RATINGS = pd.DataFrame(
    {"a": [4, 4, 2, 4], "b": [3, 4, 3, 4], "c": [4, 3, 4, 4], "d": [3, 2, 1, 4], "e": [4, 4, 4, np.nan], "f": [4] * 4},
    index=["Q1", "Q2", "Q3", "Q4"],
)


def test_the_scale_is_summed_up_over_items():
    found = sg.content_validity(RATINGS)
    np.testing.assert_allclose(found.frame["i_cvi"], [1, 5 / 6, 4 / 6, 1])
    assert found.summary["s_cvi_ave"] == pytest.approx(np.mean([1, 5 / 6, 4 / 6, 1]))
    assert found.summary["s_cvi_ua"] == 0.5
    np.testing.assert_allclose(found.experts["relevant"], [3 / 4, 1, 1, 1 / 2, 1, 1])
    assert found.frame["n_experts"].tolist() == [6, 6, 6, 5]
    assert "1 rating(s) are missing" in str(found.table(language="en"))
    assert "未达标准：Q3" in str(found.table(language="zh"))


def test_names_may_stand_in_a_column_with_the_words_of_the_questionnaire(villagers):
    table = (
        RATINGS.rename(index=dict(zip(RATINGS.index, villagers.item_names("MGT"), strict=True)))
        .rename_axis("code")
        .reset_index()
    )
    found = sg.content_validity(table, item="code", questionnaire=villagers.questionnaire)
    assert "MGT1题" in str(found.table())
    pd.testing.assert_frame_equal(found.frame, sg.content_validity(table, list("abcdef"), item="code").frame)
    assert "a" in str(found.experts_table(language="en"))


@given(st.integers(0, 9999), st.permutations(list("abcdef")))
@settings(max_examples=20, deadline=None)
def test_the_order_of_experts_does_not_matter(seed, order):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.integers(1, 5, (5, 6)), columns=list("abcdef"))
    one, other = sg.content_validity(table), sg.content_validity(table[list(order)])
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_series_equal(one.summary, other.summary)


def test_few_experts_are_told():
    assert "fewer than the least of three" in str(sg.content_validity(panel(2, 2)).table(language="en"))
    assert "one dissent is enough" in str(sg.content_validity(panel(5, 5)).table(language="en"))


def test_an_item_that_nobody_rated_is_counted_out():
    found = sg.content_validity(RATINGS.reindex([*RATINGS.index, "Q5"]))
    assert (found.n, found.basis.n_in, found.summary["n_items"]) == (4, 5, 4)
    assert found.frame["i_cvi"].isna().tolist() == [False] * 4 + [True]
    assert found.frame["grade"].iloc[4] == ""
    assert "无人评分" in str(found.table(language="zh"))


@pytest.mark.parametrize(
    ("table", "how", "error", "says"),
    [
        (RATINGS.replace(1, 5), {}, sg.DataError, "column 'd', item Q3.*'5"),
        (RATINGS.astype(object).replace(1, "low"), {}, sg.DataError, "the rating 'low'"),
        (RATINGS.assign(a=3.5), {}, sg.DataError, "'3.5' is none"),
        (RATINGS, {"experts": ["a", "z"]}, sg.DataError, "no column 'z'"),
        (RATINGS[["a"]], {}, sg.EstimationError, "two experts"),
        (RATINGS * np.nan, {}, sg.EstimationError, "two experts"),
        (pd.concat([RATINGS, RATINGS]), {}, sg.DataError, "more than once"),
    ],
)
def test_what_is_no_panel_is_refused_in_words(table, how, error, says):
    with pytest.raises(error, match=says):
        sg.content_validity(table, **how)
