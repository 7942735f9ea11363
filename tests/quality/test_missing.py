import numpy as np
import pandas as pd
import pytest
from attacker import Page, intervals

import sgsurvey as sg
from sgsurvey.answers.responses import Responses
from sgsurvey.quality.missing import missing
from sgsurvey.questionnaire.model import Item, Questionnaire
from sgsurvey.text import same


@pytest.fixture(scope="module")
def county():
    return sg.simulate(sg.read_questionnaire("questionnaires"), seed=2)


@pytest.fixture(scope="module")
def nothing_hidden(county):
    """The same answers where every count may be shown."""
    return county.showing(1)


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


def test_the_kinds_of_no_answer_have_columns_of_their_own():
    codes = {-9: "refused", -8: "dont_know", -7: "not_applicable"}
    items = tuple(Item(name, "integer", same(name), missing=codes, limits=(0, 9)) for name in "ab")
    frame = pd.DataFrame({"a": [1, -9, -8, None, -7], "b": [1, 2, 3, 4, -9]}, dtype="Int64")
    answers = Responses(frame, Questionnaire("q", "1", same("q"), items=items, smallest_cell=1))
    found = missing(answers, ["a", "b"])
    line = found.frame.set_index("item").loc["a"]
    assert line[["n_empty", "n_dont_know", "n_refused", "n_not_applicable"]].tolist() == [1, 1, 1, 1]
    assert found.n_missing == 5
    assert [c.key for c in found.table().columns if c.key.startswith("n_")] == [
        "n_asked",
        "n_not_shown",
        "n_empty",
        "n_dont_know",
        "n_refused",
        "n_not_applicable",
    ]
    only_b = [c.key for c in missing(answers, ["b"]).table().columns]
    assert "n_refused" in only_b
    assert "n_dont_know" not in only_b


def test_patterns_say_which_items_are_missing_together():
    frame = pd.DataFrame(
        {"a": [1, None, None, 4, None, 6], "b": [2.0, None, None, 5, 6, 7], "c": [1.0, 2, 3, 4, 5, None]}
    )
    found = missing(frame, ["a", "b", "c"]).patterns()
    assert found.frame[["pattern", "n", "n_missing", "items"]].to_numpy().tolist() == [
        [1, 2, 0, ()],
        [2, 2, 2, ("a", "b")],
        [3, 1, 1, ("c",)],
        [4, 1, 1, ("a",)],
    ]
    assert found.together.to_numpy().tolist() == [[3, 2, 0], [2, 2, 0], [0, 0, 1]]


def test_patterns_count_every_respondent_once_and_agree_with_the_counts_by_item(county):
    counted = missing(county, ["FUN", "SUP"])
    found = counted.patterns()
    assert found.frame["n"].sum() == len(county)
    assert found.frame.groupby("role")["share"].sum().round(12).eq(1).all()
    every = counted.frame[counted.frame["role"] == "all"].set_index("item")
    lacking = (every["share_missing"] * every["n_asked"]).round().astype(int)
    assert dict(zip(found.together.index, np.diag(found.together), strict=True)) == lacking.to_dict()
    assert (found.frame["n"] * found.frame["n_missing"]).sum() == counted.n_missing


def test_the_table_of_patterns_names_no_rare_one_and_still_adds_up(county):
    found = missing(county, ["FUN", "SUP"]).patterns()
    page = found.table(language="en")
    body = page.frame
    assert body["n"].sum() == len(county)
    named = body[~body["words"].str.startswith("Other patterns")]
    assert (named["n"] >= county.questionnaire.smallest_cell).all()


def test_little_is_asked_of_each_group_on_its_own_items(county):
    found = missing(county, ["FUN", "SUP", "SAT"]).little()
    frame = found.frame.set_index("role")
    villagers = county.where(role="villager").items(["FUN", "SUP", "SAT"])
    assert frame.loc["villager", "n"] == villagers.notna().any(axis=1).sum()
    assert frame.loc["villager", "n_items"] == villagers.shape[1]
    counted = villagers.notna().drop_duplicates()
    assert frame.loc["villager", "n_patterns"] == counted.any(axis=1).sum()
    assert frame.loc["villager", "df"] == counted.to_numpy().sum() - villagers.shape[1]
    # Simulated villagers do not know what they cannot see: that is no chance.
    assert frame.loc["villager", "p_value"] < 0.05
    assert set(found.refused) <= set(frame.index)
    assert frame.loc[list(found.refused), "statistic"].isna().all()


def test_little_has_nothing_to_say_where_nothing_is_missing_and_says_why_it_cannot():
    x = pd.DataFrame(np.random.default_rng(1).normal(size=(30, 3)), columns=list("abc"))
    found = missing(x, ["a", "b", "c"]).little()
    line = found.frame.iloc[0]
    assert line["statistic"] == pytest.approx(0, abs=1e-18)
    assert (line["df"], line["n_patterns"]) == (0, 1)
    assert np.isnan(line["p_value"])
    few = missing(x.head(3), ["a", "b", "c"]).little()
    assert few.refused["all"].en == "no more rows than items"
    twice = x.assign(d=x["a"], e=np.where(np.arange(30) < 5, np.nan, x["b"] * x["c"]))
    assert "singular" in missing(twice, list("abcde")).little().refused["all"].en
    apart = x.assign(a=x["a"].where(np.arange(30) < 15), b=x["b"].where(np.arange(30) >= 15))
    assert "never answered together" in missing(apart, list("abc")).little().refused["all"].en
    assert "never answered together" in missing(apart, list("abc")).little().table(language="en").notes[-1].en
