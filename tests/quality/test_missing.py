from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from attacker import Page, intervals

import sgsurvey as sg
from sgsurvey.quality.missing import missing


@pytest.fixture(scope="module")
def county():
    return sg.simulate(sg.read_questionnaire("questionnaires"), seed=2)


@pytest.fixture(scope="module")
def nothing_hidden(county):
    """The same answers where every count may be shown."""
    return replace(county, questionnaire=replace(county.questionnaire, smallest_cell=1))


def test_counts_of_a_plain_frame_worked_by_hand():
    found = missing(pd.DataFrame({"a": [1, None, 3, None], "b": [2.0, 3, 4, 5]})).frame
    assert found[["item", "n_asked", "n_empty", "share_missing"]].to_numpy().tolist() == [
        ["a", 4, 2, 0.5],
        ["b", 4, 0, 0.0],
    ]


def test_dont_knows_and_blanks_are_told_apart(nothing_hidden):
    county = nothing_hidden
    frame = missing(county, ["FUN"]).frame
    line = frame[(frame["item"] == "FUN2") & (frame["role"] == "villager")].iloc[0]
    column = county.frame.loc[county.frame["role"] == "villager", "FUN2"]
    assert line["n_asked"] == len(column)
    assert line["n_dont_know"] == (column == 9).sum()
    assert line["n_empty"] == column.isna().sum()
    assert line["share_missing"] == pytest.approx(((column == 9).sum() + column.isna().sum()) / len(column))


def test_groups_add_up_to_everybody(nothing_hidden):
    county = nothing_hidden
    frame = missing(county).frame
    counts = ["n_asked", "n_empty", "n_dont_know"]
    every = frame[frame["role"] == "all"].set_index("item")[counts]
    parts = frame[frame["role"] != "all"].groupby("item")[counts].sum().loc[every.index]
    assert (every == parts).all().all()
    everybody = frame[frame["role"] == "all"]
    assert (everybody["n_asked"] + everybody["n_not_shown"] == len(county)).all()


def test_what_few_said_instead_of_answering_is_hidden_and_cannot_be_worked_out(county, nothing_hidden):
    kinds = ["n_empty", "n_dont_know"]
    shown, true = missing(county).frame, missing(nothing_hidden).frame
    assert (shown[kinds].isna() | (shown[kinds] == true[kinds])).all(axis=None)
    assert not ((true["n_dont_know"] > 0) & (true["n_dont_know"] < 5) & shown["n_dont_know"].notna()).any()
    some = 0
    for item, lines in shown.groupby("item"):
        page = Page(lines[kinds].to_numpy().T)
        known = (lines["share_missing"] * lines["n_asked"]).round().to_numpy()
        page.columns_add_up_to(known)
        first_is_the_sum = np.zeros(page.shown.shape)
        for i in range(len(kinds)):
            weights = first_is_the_sum.copy()
            weights[i] = 1
            weights[i, 0] = -1
            page.knows(weights, 0.0)
        low, high = intervals(page)
        own = true[true["item"] == item]
        small = ((own["n_dont_know"] > 0) & (own["n_dont_know"] < 5)).to_numpy()
        assert (high[1][small] > low[1][small]).all(), item
        some += small.sum()
    assert some > 10


def test_what_is_missing_is_what_statistics_do_not_get(county):
    frame = missing(county, ["SUP"]).frame
    every = frame[frame["role"] == "all"].set_index("item")
    numbers = county.items("SUP")
    np.testing.assert_allclose(every["share_missing"], numbers.isna().mean()[every.index])


def test_the_table_shows_each_group_beside_the_whole(county):
    page = missing(county, ["EFS"]).table(language="zh")
    assert [column.head.to("zh") for column in page.columns][-5:] == ["购买者", "承接者", "在岗人员", "评价者", "村民"]
    assert len(page.frame) == 4
    assert "模拟数据" in page.notes[-1].to("zh")
