"""Answers saved for other programs come back as they were, and mean there what they mean here."""

from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from layouts.entries import small_county
from layouts.matrix import COUNTY

import sgsurvey as sg
from sgsurvey.answers.flat import _missing_ranges
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.questionnaire.model import Choice, Item, Scale
from sgsurvey.text import same

SOURCES = {".csv": "csv", ".xlsx": "xlsx", ".sav": "spss", ".dta": "stata"}
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", '=HYPERLINK("x")']


@pytest.fixture(scope="module")
def answers() -> Responses:
    made = small_county(COUNTY)
    frame = made.frame.copy()
    frame.loc[frame.index[frame["role"] == "villager"][: len(FORMULAS)], "V_open1"] = FORMULAS
    return replace(made, frame=frame, hidden={})


@pytest.mark.parametrize("suffix", SOURCES)
@pytest.mark.parametrize("role", [role.name for role in COUNTY.roles])
def test_answers_come_back_from_every_kind_of_file(answers, suffix, role, tmp_path):
    given = answers.where(role=role)
    path = given.save(tmp_path / f"a{suffix}")
    back = sg.read_responses(path, COUNTY, source=SOURCES[suffix], options=sg.ReadOptions(min_complete=0))
    assert back.log.cells["invalid"].sum() == 0
    for item in COUNTY.asked(role):
        for column in item.columns:
            if column in given.frame and item.identifier != "direct":
                was, now = (f.frame[column].astype(object).where(f.frame[column].notna(), None) for f in (given, back))
                assert was.tolist() == now.tolist(), column
                assert given.shown(item.name).tolist() == back.shown(item.name).tolist()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_a_tool_did_not_show_is_kept_apart_from_what_was_left_empty(answers, suffix, tmp_path):
    villagers = answers.where(role="villager")
    villagers = replace(villagers, frame=villagers.frame.reset_index(drop=True))
    frame = villagers.frame.copy()
    frame.loc[[0, 1], "SAT1"] = pd.NA
    marked = replace(villagers, frame=frame, hidden={"SAT1": pd.Index([0])})
    back = sg.read_responses(marked.save(tmp_path / f"a{suffix}"), COUNTY, options=sg.ReadOptions(min_complete=0))
    assert back.frame["SAT1"].isna().tolist()[:2] == [True, True]
    assert back.shown("SAT1").tolist()[:2] == [False, True]


def test_no_cell_of_a_workbook_or_csv_is_a_formula(answers, tmp_path):
    cells = [c for row in openpyxl.load_workbook(answers.save(tmp_path / "a.xlsx")).active for c in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert "=1+1" in {cell.value for cell in cells}
    text = answers.save(tmp_path / "a.csv").read_text("utf-8-sig")
    assert ",=1+1" not in text
    assert "'=1+1" in text


def test_spss_and_stata_know_labels_and_codes_for_no_answer(answers, tmp_path):
    frame, meta = pyreadstat.read_sav(answers.save(tmp_path / "a.sav"), user_missing=True)
    item = COUNTY.item("SAT1")
    assert meta.column_names_to_labels["SAT1"] == item.label.to(COUNTY.language)
    words = {float(c.code): c.label.to(COUNTY.language) for c in item.scale.choices}
    assert words.items() <= meta.variable_value_labels["SAT1"].items()
    assert meta.variable_value_labels["SAT1"].keys() - words.keys() <= set(map(float, item.missing_codes))
    told = meta.missing_ranges["SAT1"]
    assert {code for r in told for code in (r["lo"], r["hi"])} == set(map(float, item.missing_codes))
    assert meta.variable_measure["SAT1"] == "ordinal"
    np.testing.assert_array_equal(frame["SAT1"], answers.frame["SAT1"].to_numpy(dtype=float, na_value=np.nan))
    _, meta = pyreadstat.read_dta(answers.save(tmp_path / "a.dta"))
    assert meta.column_names_to_labels["SAT1"] == item.label.to(COUNTY.language)[:80]
    assert {c.code for c in item.scale.choices} <= set(meta.variable_value_labels["SAT1"])


@pytest.mark.parametrize(
    ("missing", "ranges"),
    [
        ((-9, -8), [-9, -8]),
        ((-9, -8, -7, -6), [{"lo": -9, "hi": -6}]),
        ((-9, -8, 98, 99), [-9, -8, 98]),
    ],
)
def test_spss_gets_codes_for_no_answer_as_far_as_it_can_hold_them(missing, ranges):
    scale = Scale("s", tuple(Choice(k, same(str(k))) for k in range(1, 6)))
    item = Item("x", "rating", same("x"), scale, missing=dict.fromkeys(missing, "refused"))
    assert list(_missing_ranges(item)) == ranges
    number = Item("x", "integer", same("x"), limits=(0, 50), missing=dict.fromkeys(missing, "refused"))
    assert list(_missing_ranges(number)) == ranges


@pytest.mark.parametrize("suffix", SOURCES)
def test_a_place_that_cannot_be_written_to_is_told(answers, suffix, tmp_path):
    (tmp_path / f"a{suffix}").mkdir()
    with pytest.raises(DataError) as caught:
        answers.save(tmp_path / f"a{suffix}")
    assert caught.value.code == "SG160"
