import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import sgsurvey as sg
from sgsurvey.questionnaire.model import Block, Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

WORDS = [Text("差", "bad"), Text("中", "fair"), Text("好", "good")]
SCALE = Scale("three", (*(Choice(k + 1, w) for k, w in enumerate(WORDS)), Choice(9, same("?"), "dont_know")))


@pytest.fixture(scope="module")
def answers():
    items = (
        Item("A1", "rating", Text("甲一", "a one"), scale=SCALE, construct="A"),
        Item("A2R", "rating", Text("甲二", "a two"), scale=SCALE, construct="A", reverse=True, roles=("big", "few")),
        Item("sex", "select_one", same("sex"), scale=Scale("sex", (Choice(1, same("m")), Choice(2, same("f"))))),
        Item("B1", "rating", same("b"), scale=Scale("two", (Choice(1, same("x")), Choice(2, same("y"))))),
    )
    sizes = {"big": 60, "more": 40, "few": 12, "tiny": 3}
    instrument = Questionnaire(
        id="q",
        version="1",
        title=same("q"),
        language="en",
        roles=tuple(Role(r, Text(f"{r}组", r), blocks=("all",)) for r in sizes),
        constructs=(Construct("A", same("A"), items=("A1", "A2R")),),
        blocks=(Block("all", same("all"), tuple(i.name for i in items)),),
        items=items,
    )
    rng = np.random.default_rng(1)
    n = sum(sizes.values())
    frame = pd.DataFrame(rng.choice([1, 2, 3, 9], size=(n, 2)), columns=["A1", "A2R"]).astype("Int64")
    frame["role"] = np.repeat(list(sizes), list(sizes.values()))
    frame.loc[frame["role"].isin(["more", "tiny"]), "A2R"] = pd.NA
    frame["w"] = rng.uniform(0.5, 2, n)
    frame["sex"], frame["B1"] = 1, 1
    return sg.Responses(frame, instrument)


def test_shares_are_those_of_the_counts_kernel(answers):
    for weighted in (answers, answers.designed(sg.Design(weights="w"))):
        found = sg.likert(weighted, ["A"], by="role").frame
        table = weighted.counts("A1", "role").combine()[:, :2]
        ours = found[(found["item"] == "A1") & found["group"].isin(["big", "more"])]
        wide = ours.pivot(index="category", columns="group", values="share")[["big", "more"]]
        np.testing.assert_allclose(wide, table / table.sum(axis=0))


def test_reversed_items_are_shown_as_answered(answers):
    big = answers.where(role="big")
    raw = big.frame["A2R"]
    share = sg.likert(big, ["A2R"]).frame.set_index("category")["share"]
    assert share[1] == pytest.approx((raw == 1).sum() / raw.isin([1, 2, 3]).sum())


def test_dont_knows_are_of_valid_answers_and_dont_knows(answers):
    raw = answers.where(role="big").frame["A1"]
    found = sg.likert(answers, ["A"], by="role").frame
    own = found[(found["item"] == "A1") & (found["group"] == "big")]
    assert own["dont_know"].iloc[0] == pytest.approx((raw == 9).mean())
    assert own["n"].iloc[0] == (raw != 9).sum()


def test_groups_below_thirty_have_no_shares_and_below_five_nothing(answers):
    found = sg.likert(answers, ["A1"], by="role").frame
    few, tiny = found[found["group"] == "few"], found[found["group"] == "tiny"]
    assert few["share"].isna().all()
    assert few["n"].notna().all()
    assert tiny[["share", "n", "dont_know"]].isna().all(axis=None)
    page = str(sg.likert(answers, ["A1"], by="role").table(language="zh"))
    assert "少于30人" in page
    assert "‹5" in page


def test_a_group_that_was_not_asked_has_no_row(answers):
    found = sg.likert(answers, ["A"], by="role").frame
    assert set(found.loc[found["item"] == "A2R", "group"]) == {"big", "few"}


def test_the_table_has_a_column_per_answer_in_words(answers):
    found = sg.likert(answers, ["A"], by="role")
    zh, en = str(found.table(language="zh")), str(found.table(language="en"))
    assert all(word in zh for word in ("差", "中", "好", "big组", "A1 甲一"))
    assert all(word in en for word in ("bad", "fair", "good", "A2R a two"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_picture_keeps_the_groups_of_an_item_together(answers, language):
    ax = sg.likert(answers, ["A"], by="role").plot(language=language)
    groups = [t.get_text() for t in ax.get_yticklabels()]
    one = ["big组", "more组", "few组", "tiny组"] if language == "zh" else ["big", "more", "few", "tiny"]
    assert groups == [one[0], one[2], *one]  # items by their shares, the most agreed with first
    pyplot.close(ax.figure)


def test_a_frame_needs_no_questionnaire():
    frame = pd.DataFrame({"a": [1, 2, 2, 2, 1] * 4, "b": [2, 2, 2, 2] + [np.nan] * 16})
    found = sg.likert(sg.responses(frame, {"X": ["a", "b"]}, limits=(1, 3)), "X").frame
    assert found.groupby("item")["share"].sum().tolist() == [1, 0]
    assert found.loc[found["item"] == "a", "share"].tolist() == [0.4, 0.6, 0.0]


def test_shares_of_few_people_are_hidden_with_those_that_would_tell_and_drawn_without_their_lengths():
    frame = pd.DataFrame({"a": [1] * 2 + [2] * 9 + [3] * 12 + [4] * 29})
    found = sg.likert(sg.responses(frame, {"X": ["a"]}, limits=(1, 4)), "X")
    # The second would tell the first, and the third both where the mean is known.
    assert found.frame["suppressed"].tolist() == [True, True, True, False]
    assert found.frame["share"].isna().tolist() == [True, True, True, False]
    page = str(found)
    assert page.count("‹5 |") == 3
    ax = found.plot(language="en")
    widths = {round(patch.get_width(), 6) for patch in ax.patches if patch.get_width()}
    assert widths == {round(29 / 52, 6), round(23 / 156, 6)}
    assert [t.get_text() for t in ax.texts if t.get_text() in ("56", "4", "17", "23", "15")] == ["56"]
    assert "too few to\nshow apart" in {t.get_text() for t in ax.figure.findobj(match=type(ax.title))}
    pyplot.close(ax.figure)


@pytest.mark.parametrize(("what", "message"), [("sex", "select_one"), (["A1", "B1"], "2 different scales")])
def test_what_has_no_common_scale_is_refused(answers, what, message):
    with pytest.raises(sg.DataError, match=message):
        sg.likert(answers, what)
