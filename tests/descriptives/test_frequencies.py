from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.questionnaire.model import Block, Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

SEX = Scale("sex", (Choice(1, Text("男", "male")), Choice(2, Text("女", "female")), Choice(9, same("?"), "dont_know")))
AGREE = Scale("agree", tuple(Choice(c, same(f"agree {c}")) for c in range(1, 6)))


@pytest.fixture(scope="module")
def answers():
    items = (
        Item("sex", "select_one", Text("性别", "Sex"), scale=SEX),
        Item("A1R", "rating", same("a"), scale=AGREE, construct="A", reverse=True),
        Item("pay", "select_one", Text("发薪", "Paid"), scale=SEX, missing={-9: "refused"}, relevant={"sex": (1,)}),
        Item("age", "integer", same("age"), limits=(0, 120)),
        Item("why", "text", same("why")),
    )
    roles = (Role("a", Text("甲", "group a"), blocks=("all",)), Role("b", Text("乙", "group b"), blocks=("some",)))
    blocks = (
        Block("all", same("all"), ("sex", "A1R", "pay", "age", "why")),
        Block("some", same("some"), ("sex", "A1R", "age", "why")),
    )
    instrument = Questionnaire(
        id="q",
        version="1",
        title=same("q"),
        language="en",
        roles=roles,
        constructs=(Construct("A", same("A"), items=("A1R",)),),
        blocks=blocks,
        items=items,
    )
    rng = np.random.default_rng(8)
    n = 100
    frame = pd.DataFrame(
        {
            "role": np.repeat(["a", "b"], [60, 40]),
            "sex": rng.choice([1, 2], n),
            "A1R": rng.choice([1, 1, 1, 2, 3, 4, 5], n),
            "pay": rng.choice([1, 2, -9, 77], n, p=[0.4, 0.4, 0.1, 0.1]),
            "age": np.arange(n),
            "w": rng.uniform(0.5, 2, n),
            "why": "so",
        }
    ).astype({"sex": "Int64", "pay": "Int64"})
    frame.loc[:6, "sex"] = 9
    frame.loc[7:9, "sex"] = pd.NA
    frame.loc[~frame["sex"].eq(1).fillna(False) | (frame["role"] == "b"), "pay"] = pd.NA
    return sg.Responses(frame, instrument)


def cells(found, **where):
    frame = found.frame
    for key, value in where.items():
        frame = frame[frame[key] == value]
    return frame


def test_counts_are_those_of_the_counts_kernel(answers):
    found = sg.frequencies(answers, "sex", by="role")
    table = answers.counts("sex", "role").combine()
    ours = cells(found, kind="answer").pivot(index="category", columns="group", values="n")
    np.testing.assert_array_equal(ours[["a", "b"]].to_numpy(), table)
    np.testing.assert_array_equal(ours["all"], table.sum(axis=1))


def test_weighted_shares_are_those_of_the_counts_kernel(answers):
    weighted = answers.designed(sg.Design(weights="w"))
    found = sg.frequencies(weighted, "sex", by="role")
    table = weighted.counts("sex", "role").combine()
    ours = cells(found, kind="answer").pivot(index="category", columns="group", values="share")
    np.testing.assert_allclose(ours[["a", "b"]], table / table.sum(axis=0))
    plain = sg.frequencies(answers, "sex", by="role")
    np.testing.assert_array_equal(cells(found, kind="answer")["n"], cells(plain, kind="answer")["n"])
    assert "Counts are unweighted, percentages weighted." in str(found)


def test_every_row_is_an_answer_or_has_one_reason(answers):
    found = sg.frequencies(answers, ["sex", "pay"], by="role")
    totals = found.frame.groupby(["variable", "group"])["n"].sum()
    shown = ~found.frame.groupby(["variable", "group"])["suppressed"].any()
    sizes = {"a": 60, "b": 40, "all": 100}
    for (variable, group), total in totals[shown].items():
        assert total == sizes[group], variable


def test_reasons_are_kept_apart(answers):
    frame = answers.frame
    missing = cells(sg.frequencies(answers, "pay"), kind="missing").set_index("category")["n"]
    asked = (frame["role"] == "a") & frame["sex"].eq(1).fillna(False)
    assert missing["not_asked"] == (~asked).sum()
    assert missing["refused"] == frame["pay"].eq(-9).sum()
    assert missing["invalid"] == frame["pay"].eq(77).sum()
    sex = cells(sg.frequencies(answers, "sex"), kind="missing").set_index("category")["n"]
    assert sex.to_dict() == {"dont_know": 7, "empty": 3}


def test_reversed_items_are_counted_as_answered(answers):
    found = cells(sg.frequencies(answers, "A1R"), kind="answer").set_index("category")["n"]
    assert found[1] == (answers.frame["A1R"] == 1).sum()


def test_shares_are_of_valid_answers_and_cumulate_to_one(answers):
    found = cells(sg.frequencies(answers, "sex"), kind="answer")
    assert found["share"].sum() == pytest.approx(1)
    assert found["cumulative"].iloc[-1] == pytest.approx(1)
    assert found["share_all"].sum() == pytest.approx(0.9)


def test_small_cells_and_what_would_give_them_away_are_in_no_output():
    frame = pd.DataFrame(
        {"g": ["x"] * 43 + ["y"] * 50, "v": [1] * 3 + [2] * 13 + [3] * 27 + [1] * 11 + [2] * 19 + [3] * 20}
    )
    found = sg.frequencies(frame, "v", by="g")
    hidden = cells(found, suppressed=True)
    assert set(zip(hidden["category"], hidden["group"], strict=True)) >= {(1, "x")}
    assert hidden[["n", "share", "share_all", "cumulative"]].isna().all(axis=None)
    page = found.table(language="en").to_html()
    assert hidden.groupby("group").size().min() >= 2
    assert hidden.groupby("category").size().min() >= 2
    assert "‹5" in page
    assert f"{100 * 3 / 43:.1f}" not in page


def test_nothing_cumulates_over_a_hidden_cell():
    found = sg.frequencies(pd.DataFrame({"v": [1] * 3 + [2] * 13 + [3] * 27}), "v")
    assert found.frame["cumulative"].isna().all()
    assert found.frame["n"].tolist()[2] == 27


def test_the_table_speaks_in_words_of_both_languages(answers):
    found = sg.frequencies(answers, ["sex"], by="role")
    zh, en = str(found.table(language="zh")), str(found.table(language="en"))
    assert "样本基本信息" in zh
    assert all(
        word in zh
        for word in ("性别", "男", "女", "甲（n\u00a0=\u00a060）", "合计（n\u00a0=\u00a0100）", "不清楚", "未作答")
    )
    assert all(
        word in en
        for word in (
            "Sample structure",
            "male",
            "group a (n\u00a0=\u00a060)",
            "Total (n\u00a0=\u00a0100)",
            "Don't know",
        )
    )
    assert "频数分析" in str(sg.frequencies(answers, "A1R").table(language="zh"))


def test_rows_outside_the_groups_are_accounted_for(answers):
    some = replace(answers, frame=answers.frame.assign(role=answers.frame["role"].where(answers.frame.index > 4)))
    found = sg.frequencies(some, "sex", by="role")
    assert (found.n, found.dropped) == (95, {"role missing": 5})
    assert found.groups["all"][1] == 95


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("age", "100 different values.*describe"),
        ("sez", "Did you mean 'sex'"),
        ("A", "likert"),
    ],
)
def test_what_cannot_be_counted_is_said_with_a_remedy(answers, what, message):
    with pytest.raises(sg.DataError, match=message):
        sg.frequencies(answers, what)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, np.nan]), min_size=20, max_size=60))
def test_doubling_every_row_keeps_the_shares(values):
    frame = pd.DataFrame({"v": values * 5})
    once, twice = sg.frequencies(frame, "v").frame, sg.frequencies(pd.concat([frame] * 2, ignore_index=True), "v").frame
    np.testing.assert_allclose(once["share"], twice["share"])
    np.testing.assert_allclose(2 * once["n"], twice["n"])
