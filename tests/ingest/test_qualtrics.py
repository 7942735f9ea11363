"""Qualtrics: three lines of heads, previews and spam, what was seen and left empty."""

from pathlib import Path

import pytest

import sgsurvey as sg
from sgsurvey.ingest.qualtrics import is_qualtrics

EXPORT = Path(__file__).parent / "fixtures" / "qualtrics" / "choice_text_99.csv"


@pytest.fixture
def answers(instrument):
    """Six responses: a preview, one not finished, spam, and three."""
    return sg.read_responses(EXPORT, instrument, source="qualtrics")


def test_previews_spam_and_what_was_not_finished_are_set_aside(answers):
    assert answers.frame["resp_id"].tolist() == ["R_1", "R_4", "R_6"]
    reasons = answers.log.quarantine[["row", "reason"]].values.tolist()
    assert reasons == [[5, "test"], [6, "draft"], [8, "rejected"]]


def test_questions_are_found_by_tag_or_else_by_text(answers):
    assert answers.frame[["TR1", "TR2", "TR3R", "EF1", "EF2", "sex"]].iloc[0].tolist() == [4, 5, 2, 3, 9, 2]
    assert answers.frame[["crops_1", "crops_2", "crops_3", "crops_98"]].iloc[0].tolist() == [1, 0, 1, 0]
    assert answers.frame[["first_1", "first_2", "first_3", "first_98"]].iloc[0].tolist() == [1, 0, 2, 0]
    assert len(answers.log.invalid) == 0


def test_seen_and_left_empty_is_shown_and_an_empty_cell_is_not(answers):
    assert answers.shown("crops").tolist() == [True, False, True]
    assert answers.frame["crops_1"].isna().tolist() == [False, True, True]
    assert answers.shown("words").tolist() == [True, True, False]
    assert answers.shown("first").tolist() == [True, True, False]


def test_without_minus_99_an_empty_cell_says_nothing(instrument, write):
    text = EXPORT.read_text(encoding="utf-8-sig").replace("-99", "")
    answers = sg.read_responses(write(text), instrument, source="qualtrics")
    assert answers.shown("words").all()
    assert answers.hidden == {}


def test_times_and_durations_are_its_own(answers):
    assert answers.frame["t_start"].iloc[0] == "2026-05-01T09:01:00"
    assert answers.frame["seconds"].tolist() == [600.0] * 3


@pytest.mark.parametrize(("status", "finished"), [("0", "1"), ("IP Address", "TRUE"), ("0", "是")])
def test_numbers_and_texts_of_the_state_are_both_read(instrument, write, status, finished):
    lines = EXPORT.read_text(encoding="utf-8-sig").splitlines()
    row = lines[3].replace("IP Address", status).replace("True", finished)
    answers = sg.read_responses(write("\n".join([*lines[:3], row]) + "\n"), instrument, source="qualtrics")
    assert len(answers) == 1


def test_a_choice_marked_by_its_own_number_is_picked(instrument, write):
    lines = EXPORT.read_text(encoding="utf-8-sig").splitlines()
    row = lines[3].replace("水稻", "1").replace('"红茶, 绿茶"', "3")
    answers = sg.read_responses(write("\n".join([*lines[:3], row]) + "\n"), instrument, source="qualtrics")
    assert answers.frame[["crops_1", "crops_2", "crops_3"]].iloc[0].tolist() == [1, 0, 1]


def test_a_tag_that_names_another_question_than_its_text_is_refused(instrument, write):
    text = EXPORT.read_text(encoding="utf-8-sig").replace("Q2_1,Q2_2", "TR2,TR1")
    with pytest.raises(sg.DataError, match=r"TR2.*TR1") as error:
        sg.read_responses(write(text), instrument, source="qualtrics")
    assert error.value.code == "SG110"


def test_it_is_known_by_its_first_columns():
    heads = EXPORT.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert is_qualtrics(heads)
    assert not is_qualtrics(heads[:2])
