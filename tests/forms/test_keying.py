"""The keying sheet: the data's columns, each cell checked, and read back as it was keyed."""

import datetime as dt
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from evil_words import evil_questionnaire

import sgsurvey as sg
from sgsurvey.forms.form import lay_out
from sgsurvey.forms.keying import FIRST_ROW, LAST_ROW
from sgsurvey.tables.format import printable
from sgsurvey.text import LANGUAGES

INSTRUMENT = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
EVERYBODY = [role.name for role in (*INSTRUMENT.roles, *INSTRUMENT.sheets)]


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


def written(folder, role, *, questionnaire=INSTRUMENT, language="zh"):
    return sg.write_form(questionnaire, folder / f"{role}.xlsx", role=role, format="keying", language=language).path


def columns(sheet):
    return [cell.value for cell in sheet[1]]


def rules(sheet):
    """The validation of each column by its name."""
    of = {}
    for rule in sheet.data_validations.dataValidation:
        (area,) = rule.sqref.ranges
        assert (area.min_row, area.max_row) == (FIRST_ROW, LAST_ROW)
        of[sheet.cell(1, area.min_col).value] = rule
    return of


def allows(rule, value):
    """What a spreadsheet says when ``value`` is typed."""
    if rule.type == "list":
        return str(value) in rule.formula1.strip('"').split(",")
    if rule.type in ("whole", "decimal"):
        return float(rule.formula1) <= value <= float(rule.formula2) and (rule.type == "decimal" or value % 1 == 0)
    formula = re.sub(r"\$?[A-Z]+\$?3(?!\d)", "x", rule.formula1)
    formula = re.sub(r"(?<![<>])=", "==", formula)
    names = {"OR": lambda *a: any(a), "AND": lambda *a: all(a), "INT": np.floor, "ISNUMBER": np.isreal, "TRUE": True}
    return bool(eval(formula, {"__builtins__": {}}, names | {"x": value}))


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_columns_are_those_of_the_data_under_their_questions(tmp_path, role, language):
    sheet = openpyxl.load_workbook(written(tmp_path, role, language=language)).worksheets[0]
    form = lay_out(INSTRUMENT, role)
    assert columns(sheet) == [column for item in form.items for column in item.columns]
    labels = {cell.value: sheet.cell(2, cell.column).value for cell in sheet[1]}
    for item in form.items:
        assert labels[item.columns[0]].startswith(f"{form.numbers[item.name]}. {printable(item.label.to(language))}")
    assert sheet.freeze_panes == "B3"


@pytest.mark.parametrize("role", EVERYBODY)
def test_each_cell_takes_the_codes_of_its_question_and_no_other(tmp_path, role):
    form = lay_out(INSTRUMENT, role)
    found = rules(openpyxl.load_workbook(written(tmp_path, role)).worksheets[0])
    for item in form.items:
        if item.type in ("text", "note"):
            assert (item.name in found) is (item.name == "resp_id")
        elif item.type in ("rating", "select_one"):
            codes = {choice.code for choice in form.choices(item)}
            assert {code for code in range(-20, 120) if allows(found[item.name], code)} == codes
        elif item.type == "select_multiple":
            assert all({c for c in range(-2, 3) if allows(found[name], c)} == {0, 1} for name in item.columns)
        elif item.type == "rank":
            assert all(
                {c for c in range(-2, 9) if allows(found[n], c)} == set(range(item.most + 1)) for n in item.columns
            )
        elif item.type in ("integer", "decimal"):
            low, high = item.limits
            codes = {choice.code for choice in form.no_answers(item)}
            typed = [*range(-20, 20), low, high, low - 1, high + 1, low + 0.5]
            for value in typed:
                whole = item.type == "decimal" or value == int(value)
                assert allows(found[item.name], value) is ((low <= value <= high and whole) or value in codes), value
        if item.assign:
            assert [v for v in range(30) if allows(found[f"{item.name}_assigned"], v)] == list(item.assign)
    for rule in found.values():
        assert rule.errorStyle == "stop"
        assert rule.showErrorMessage
        assert max(map(len, (rule.error or "", rule.prompt or "", rule.formula1))) <= 255 or rule.type == "custom"


def test_whole_numbers_between_two_limits_use_the_sheets_own_kind(tmp_path):
    found = rules(openpyxl.load_workbook(written(tmp_path, "observer")).worksheets[0])
    assert (found["visit_no"].type, found["visit_no"].formula1, found["visit_no"].formula2) == ("whole", "1", "99")
    found = rules(openpyxl.load_workbook(written(tmp_path, "villager")).worksheets[0])
    assert found["resp_id"].formula1 == "COUNTIF($A$3:$A$2002,A3)=1"
    assert found["date"].type == "date"


def keyed(path, frame):
    """Type ``frame`` into the sheet as a keyer does: numbers as numbers, nothing where nothing is."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for place, name in enumerate(columns(sheet), start=1):
        for line, value in enumerate(frame.get(name, []), start=FIRST_ROW):
            if pd.notna(value):
                sheet.cell(line, place).value = dt.date.fromisoformat(value) if name == "date" else value
    book.save(path)
    return path


@pytest.mark.parametrize("role", [role.name for role in INSTRUMENT.roles])
def test_what_was_keyed_is_read_back_cell_by_cell(tmp_path, role, language):
    answers = sg.simulate(INSTRUMENT, sg.Population(villages=2), seed=3).where(role=role)
    frame = answers.frame.head(40).reset_index(drop=True)
    path = keyed(written(tmp_path, role, language=language), frame.astype(object))
    back = sg.read_responses(path, INSTRUMENT, role=role)
    assert len(back) + len(back.log.quarantine) == len(frame)
    kept = frame[frame["resp_id"].isin(back.frame["resp_id"])].reset_index(drop=True)
    assert len(kept) >= 0.9 * len(frame)
    for item in INSTRUMENT.asked(role):
        for column in item.columns:
            found, expected = back.frame[column], kept[column]
            if item.type in ("text", "date"):
                assert found.fillna("").tolist() == expected.fillna("").astype(str).tolist(), column
            else:
                pd.testing.assert_series_equal(
                    pd.to_numeric(found).astype("float64"), pd.to_numeric(expected).astype("float64"), check_names=False
                )


def test_a_sheet_that_is_there_is_never_written_over(tmp_path):
    path = written(tmp_path, "villager")
    before = path.read_bytes()
    with pytest.raises(sg.DataError, match="there already") as error:
        written(tmp_path, "villager")
    assert error.value.what.zh.startswith("录入表已经存在")
    assert path.read_bytes() == before


def test_evil_words_are_no_formulas(tmp_path):
    questionnaire = evil_questionnaire()
    book = openpyxl.load_workbook(written(tmp_path, "everybody", questionnaire=questionnaire))
    assert columns(book.worksheets[0])[0] == "resp_id", "a form without a number of its own gets one"
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    text = "\n".join(cell.value for cell in cells)
    for item in questionnaire.items:
        assert printable(item.label.zh) in text or item.type == "note"


def test_the_lists_of_codes_and_words_are_not_taken_for_answers(tmp_path):
    """Even where the questionnaire is so small that few heads are known, one sheet alone holds answers."""
    small = tmp_path / "small.yaml"
    small.write_text(
        "id: s\nversion: '1'\nlanguages: [en]\ntitle: {en: S}\nchoices: {yn: {1: {en: Aye}, 0: {en: Nay}}}\n"
        "questions:\n  - {name: q1, type: select_one, choices: yn, label: {en: Is it so}}\n",
        encoding="utf-8",
    )
    questionnaire = sg.read_questionnaire(small)
    path = sg.write_form(questionnaire, tmp_path / "k.xlsx", role="respondent", format="keying").path
    keyed(path, pd.DataFrame({"resp_id": ["007", "8"], "q1": [1, 0]}))
    back = sg.read_responses(path, questionnaire)
    assert back.frame[["resp_id", "q1"]].astype(str).to_numpy().tolist() == [["007", "1"], ["8", "0"]]
