"""Two keyings of the same forms: every difference found, nothing else, and set right."""

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.text import LANGUAGES

ONE = pd.DataFrame(
    {
        "resp_id": ["007", "008", "009", "010"],
        "q1": [1, 2, 3, 4],
        "q2": [5.0, np.nan, 7.5, np.nan],
        "words": ["dirty road ", "", None, "bin"],
    }
)
TWO = pd.DataFrame(
    {
        "words": ["bin", "dirty road", "river", "x"],
        "q2": [np.nan, 5, np.nan, 1],
        "q1": [4, 1, 9, 1],
        "resp_id": ["010", "007", "008", "011"],
    }
)


@pytest.fixture(scope="module")
def answers():
    instrument = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
    return sg.simulate(instrument, sg.Population(villages=2), seed=4)


def test_every_difference_is_found_and_no_other():
    found = sg.compare_entries(ONE, TWO)
    assert found.frame.to_numpy().tolist() == [["008", "q1", 2, 9], ["008", "words", "", "river"]]
    assert (found.only_first, found.only_second) == (("009",), ("011",))
    assert (found.basis.n_in, found.n) == (5, 3)
    assert found.dropped == {"keyed in the first entry only": 1, "keyed in the second entry only": 1}
    assert found.items.to_numpy().tolist() == [["q1", 3, 1, 2 / 3], ["q2", 1, 0, 1.0], ["words", 3, 1, 2 / 3]]
    assert found.agreement == pytest.approx(5 / 7)


def test_an_entry_agrees_with_itself_whatever_the_order_of_rows(answers):
    found = sg.compare_entries(answers, answers)
    assert (len(found.frame), found.agreement) == (0, 1.0)
    shuffled = answers.frame.sample(frac=1, random_state=1)[::-1]
    again = sg.compare_entries(answers.frame, shuffled[answers.frame.columns[::-1]])
    assert (len(again.frame), again.agreement, again.n) == (0, 1.0, len(answers))
    assert set(found.items.dropna()["agreement"]) == {1.0}


@settings(max_examples=40, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 3), st.sampled_from(["q1", "q2", "words"])), max_size=12))
def test_exactly_the_cells_that_were_changed_differ_and_corrections_undo_them(changed):
    second = ONE.copy()
    for row, column in changed:
        second.loc[row, column] = "other" if column == "words" else 99
    found = sg.compare_entries(ONE, second)
    assert {(ONE["resp_id"].tolist().index(r.resp_id), r.item) for r in found.frame.itertuples()} == changed
    undone = found.resolved(found.frame.rename(columns={"first": "correct"}))
    assert sg.compare_entries(undone, ONE).agreement == 1.0
    taken = found.resolved(found.frame.rename(columns={"second": "correct"}))
    assert sg.compare_entries(taken, second).agreement == 1.0


def test_the_same_number_in_other_types_agrees():
    first = pd.DataFrame({"resp_id": [1, 2], "q": ["1", " 2 "]})
    second = pd.DataFrame({"resp_id": ["2", "1"], "q": pd.array([2, 1], dtype="Int16")})
    assert sg.compare_entries(first, second).agreement == 1.0


def test_a_form_may_be_named_by_several_columns():
    first = pd.DataFrame({"village_id": ["V1", "V1"], "visit_no": [1, 2], "X1": [0, 2]})
    second = first.assign(X1=[1, 2])
    found = sg.compare_entries(first, second, key=("village_id", "visit_no"))
    assert found.frame.to_numpy().tolist() == [["V1", 1, "X1", 0, 1]]


def test_what_is_resolved_are_responses_again_with_both_entries_forms(answers):
    first = answers.where(role="villager")
    frame = first.frame.copy()
    frame.loc[frame.index[:3], "EFS1"] = 5
    second = sg.Responses(frame.iloc[1:], first.questionnaire, hidden={"EFS2": frame.index[-1:]})
    one = sg.Responses(first.frame.iloc[:-1], first.questionnaire, hidden={"EFS2": first.frame.index[:1]})
    found = sg.compare_entries(one, second)
    whole = found.resolved(found.frame.rename(columns={"second": "correct"}))
    assert isinstance(whole, sg.Responses)
    assert whole.hidden["EFS2"].tolist() == [0, len(first) - 1], "by the rows as they stand now"
    assert len(whole) == len(first)
    assert whole.frame["EFS1"].dtype == first.frame["EFS1"].dtype
    assert whole.frame["resp_id"].iloc[-1] == first.frame["resp_id"].iloc[-1]
    assert whole.frame.set_index("resp_id").loc[frame["resp_id"].iloc[1], "EFS1"] == 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_speak_both_languages(answers, language):
    frame = answers.frame.copy()
    frame.loc[frame.index[0], "EFS1"] = 1 if frame["EFS1"].iloc[0] != 1 else 2
    found = sg.compare_entries(answers, sg.Responses(frame, answers.questionnaire))
    page = found.table(language=language).to_markdown()
    assert "EFS1" in page
    assert answers.questionnaire.item("EFS1").label.to(language) in page
    assert "99.99" in page or "100.00" in page
    cells = found.disagreements(language=language).to_markdown()
    assert str(frame["resp_id"].iloc[0]) in cells


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_to_look_up_comes_back_from_a_workbook(tmp_path, language):
    found = sg.compare_entries(ONE, TWO)
    path = found.disagreements(language=language).save(tmp_path / "look_up.xlsx")
    book = openpyxl.load_workbook(path)
    heads = {cell.value: cell.column for cell in book.active[2]}
    book.active.cell(3, heads["correct"]).value = 2
    book.active.cell(4, heads["correct"]).value = "river"
    book.save(path)
    right = found.resolved(pd.read_excel(path, header=1, dtype=str))
    assert right.set_index("resp_id").loc["008", ["q1", "words"]].tolist() == [2, "river"]
    assert len(right) == 5, "forms that were keyed once are kept"


@pytest.mark.parametrize(
    ("first", "second", "key", "said"),
    [
        (ONE, TWO, "respid", "there is no column 'respid'. Did you mean 'resp_id'?"),
        (ONE, TWO.drop(columns="q2"), "resp_id", "columns that only one entry has: q2."),
        (pd.concat([ONE, ONE.iloc[:1]]), TWO, "resp_id", "numbers that come twice: 007."),
        (ONE, TWO.assign(resp_id=[None, "a", "b", ""]), "resp_id", "2 row(s) have no number."),
        (ONE, TWO.assign(resp_id=list("abcd")), "resp_id", "no form was keyed twice."),
    ],
    ids=["key", "columns", "twice", "empty", "none"],
)
def test_entries_that_cannot_be_compared_are_refused(first, second, key, said):
    with pytest.raises(sg.DataError) as error:
        sg.compare_entries(first, second, key=key)
    assert said in error.value.say("en")
    assert error.value.what.zh != error.value.what.en


def test_corrections_must_be_for_the_cells_that_differ_and_for_all_of_them():
    found = sg.compare_entries(ONE, TWO)
    right = found.frame.rename(columns={"second": "correct"})
    with pytest.raises(sg.DataError, match="1 cell\\(s\\) that differ have no correction: 008 / words"):
        found.resolved(right.iloc[:1])
    with pytest.raises(sg.DataError, match="for cells that do not differ: 007 / q1"):
        found.resolved(pd.concat([right, right.iloc[:1].assign(resp_id="007")]))
    with pytest.raises(sg.DataError, match="the corrections lack correct"):
        found.resolved(found.frame)


@pytest.mark.parametrize(("correct", "expected"), [(None, pd.NA), ("7", 7), (2.5, 2.5)])
def test_a_correction_keeps_the_column_numeric(correct, expected):
    found = sg.compare_entries(ONE, TWO)
    right = found.frame.assign(correct=[correct, "river"])
    column = found.resolved(right).set_index("resp_id")["q1"]
    assert pd.api.types.is_numeric_dtype(column)
    assert column["008"] is pd.NA if expected is pd.NA else column["008"] == expected
    assert column["007"] == 1


def test_a_correction_that_is_no_code_is_refused():
    found = sg.compare_entries(ONE, TWO)
    with pytest.raises(sg.DataError, match="q1: 'often' is not a number"):
        found.resolved(found.frame.assign(correct=["often", "river"]))
