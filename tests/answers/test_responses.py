"""Responses: raw codes stay raw; keying, scoring and missing happen on the way out."""

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.answers.from_frame import as_responses
from sgsurvey.errors import DataError, DesignError, QuestionnaireError
from sgsurvey.questionnaire.model import Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

AGREE = Scale("agree5", (*(Choice(c, same(str(c))) for c in range(1, 6)), Choice(9, same("?"), "dont_know")))


@pytest.fixture
def answers() -> sg.Responses:
    items = tuple(
        Item(
            name, "rating", same(name), AGREE, construct="A", reverse=name.endswith("R"), roles=roles, relevant=relevant
        )
        for name, roles, relevant in [
            ("A1", (), {}),
            ("A2", (), {}),
            ("A3", (), {}),
            ("A4R", ("villager",), {"A1": (4, 5)}),
        ]
    )
    instrument = Questionnaire(
        "t",
        "1",
        same("t"),
        "en",
        items=items,
        roles=(Role("villager", same("V")), Role("evaluator", same("E"))),
        constructs=(Construct("A", same("Aspect A"), items=("A1", "A2", "A3", "A4R")),),
    )
    frame = pd.DataFrame(
        {
            "role": ["villager", "villager", "evaluator"],
            "place": ["T1", "T2", None],
            "A1": [5, 9, 4],
            "A2": [4, 3, 2],
            "A3": [3, np.nan, 1],
            "A4R": [1, 2, np.nan],
        }
    )
    return sg.Responses(frame, instrument)


def test_reversed_items_are_keyed_only_on_the_way_out(answers):
    assert answers.items("A")["A4R"].tolist()[:2] == [5.0, 4.0]
    assert answers.items("A", keyed=False)["A4R"].tolist()[:2] == [1.0, 2.0]
    assert answers.frame["A4R"].tolist()[:2] == [1.0, 2.0]


def test_dont_know_is_missing_and_three_quarters_of_the_items_make_a_score(answers):
    assert np.isnan(answers.items("A")["A1"][1])
    scores = answers.scores("A")["A"]
    assert scores[0] == np.mean([5, 4, 3, 5])
    assert np.isnan(scores[1])
    assert scores[2] == np.mean([4, 2, 1])


def test_shown_follows_role_and_skip_logic(answers):
    assert answers.shown("A4R").tolist() == [True, False, False]
    assert answers.shown("A1").all()


def test_where_takes_values_and_masks(answers):
    assert len(answers.where(role="villager")) == 2
    assert len(answers.where(answers.frame["A2"] > 2, role=["villager", "evaluator"])) == 2
    with pytest.raises(DataError, match="Did you mean 'role'"):
        answers.where(roles="villager")


def test_join_adds_facts_about_places_and_refuses_what_would_lose_or_double_rows(answers):
    facts = pd.DataFrame({"place": ["T1", "T2"], "budget": [10.0, 20.0]})
    joined = answers.join(facts, on="place")
    assert joined.frame["budget"].tolist()[:2] == [10.0, 20.0]
    assert np.isnan(joined.frame["budget"][2])
    named = answers.join(facts, on="place", labels={"budget": Text("经费", "Budget")})
    assert named.basis().label("budget").en == "Budget"
    with pytest.raises(DataError, match="must be unique"):
        answers.join(pd.concat([facts, facts]), on="place")
    with pytest.raises(DataError, match="not in the table: T2"):
        answers.join(facts[:1], on="place")


def test_unknown_names_are_told_with_the_nearest_known_one(answers):
    with pytest.raises(DataError, match="neither a construct nor a column"):
        answers.variables(["B"])
    with pytest.raises(QuestionnaireError, match="Did you mean 'A1'"):
        answers.items("AA1")


def test_limits_come_from_the_scale(answers):
    assert answers.limits("A") == (1.0, 5.0)


def test_weights_are_checked_and_never_ignored(answers):
    weighted = sg.Responses(answers.frame.assign(w=[1.0, 2.0, 0.5]), answers.questionnaire).designed(
        sg.Design(weights="w")
    )
    with pytest.raises(DesignError, match="cannot use weights"):
        weighted.refuse_weights("efa")
    with pytest.raises(DesignError, match="the answers lack"):
        answers.designed(sg.Design(weights="w"))
    assert weighted.moments(["A2"]).combine().n == 3.5


def test_counts_of_coded_items_use_the_scales_codes(answers):
    table = answers.counts("A1", "A2")
    assert table.row_codes == (1, 2, 3, 4, 5)
    assert table.combine().sum() == 2


def test_a_dataframe_becomes_responses_and_its_faults_are_told():
    frame = pd.DataFrame({"a": [1, 2], "b": [7, 1], "w": ["x", "y"]})
    with pytest.raises(DataError, match="outside 1-5"):
        sg.responses(frame, {"A": ["a", "b"]})
    with pytest.raises(DataError, match="no column 'c'"):
        sg.responses(frame, {"A": ["a", "c"]})
    with pytest.raises(DataError, match="words, not numbers"):
        sg.responses(frame, {"A": ["w"]})
    with pytest.raises(DataError, match="two constructs"):
        sg.responses(frame, {"A": ["a"], "B": ["a"]})
    answers, names = as_responses(frame, ["a", "b"])
    assert names == ["items"]
    assert answers.items("items").shape == (2, 2)


def test_the_basis_carries_what_pages_must_say(answers):
    basis = answers.basis(2, {"A missing": 1})
    assert "3 rows in, 2 used (not used: Aspect A missing 1)." in basis.notes()[0].en
    assert basis.label("A").en == "Aspect A"
    assert basis.claim == 1


def test_items_on_different_scales_have_no_mean(answers):
    scales = (Scale("s2", (Choice(0, same("0")), Choice(1, same("1")))), AGREE)
    items = tuple(Item(f"B{n}", "rating", same("b"), scale, construct="B") for n, scale in enumerate(scales))
    instrument = Questionnaire(
        "t", "1", same("t"), items=items, constructs=(Construct("B", same("B"), items=("B0", "B1")),)
    )
    mixed = sg.Responses(pd.DataFrame({"B0": [1], "B1": [5]}), instrument)
    with pytest.raises(DesignError, match="different scales"):
        mixed.scores("B")


def test_a_condition_on_a_column_that_was_not_exported_is_taken_as_met(answers):
    assert sg.Responses(answers.frame.drop(columns="A1"), answers.questionnaire).shown("A4R").tolist() == [
        True,
        True,
        False,
    ]


def test_answers_that_are_public_can_be_shown_whole(answers):
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 5.0, 3.0, 2.0], "g": list("aabbbb")})
    mine = sg.responses(frame, {"Y": ["y"]})
    assert sg.mean(mine, "y", by="g").frame["estimate"].isna().all()
    assert sg.mean(mine.showing(1), "y", by="g").frame["estimate"].tolist() == [1.5, 3.5]
    with pytest.raises(sg.DataError, match="below 1"):
        answers.showing(0)
