"""The municipal resident survey, defined in the same format as S County."""

import csv
from pathlib import Path

import pytest

import sgsurvey as sg
from sgsurvey.questionnaire.load import check_questionnaire

FOLDER = Path(__file__).parents[1] / "studies" / "resident_survey" / "questionnaire"


@pytest.fixture(scope="module")
def survey():
    return sg.read_questionnaire(FOLDER, language="en")


def test_the_file_has_no_faults():
    assert check_questionnaire(FOLDER) == []


def test_one_role_is_asked_everything(survey):
    assert [role.name for role in survey.roles] == ["resident"]
    assert survey.asked("resident") == survey.items


def test_constructs_hold_the_documented_columns(survey):
    assert {c.name: c.items for c in survey.constructs if len(c.items) < 3} == {
        "SAT": ("q2_01",),
        "FUN": ("q2_02",),
        "SAFE": ("q2_05", "q2_06"),
        "WASTE": ("q3_04",),
        "MGT": ("q3_12", "q3_13"),
    }
    assert survey.construct("STREETS").items == tuple(f"q9_0{i}" for i in range(1, 9))
    assert survey.construct("ENFORCE").items == tuple(f"q12_0{i}" for i in range(1, 7))
    assert survey.construct("C311").items == tuple(f"q17_0{i}" for i in range(1, 5))


@pytest.mark.shared
def test_every_cell_of_the_data_is_a_declared_answer(survey, shared):
    with (shared / "data" / "kcmo_resident_survey_2021q3.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1033
    for item in survey.items:
        declared = {str(choice.code) for choice in item.scale.choices} | {c.label.en for c in item.scale.choices}
        assert {row[item.name] for row in rows} <= declared | {"", "NA"}, item.name
