import datetime as dt
import io
import time
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sgsurvey.errors import DataError
from sgsurvey.ingest.options import ReadOptions
from sgsurvey.ingest.read import read_responses


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(sheets, hidden=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
        for line in lines:
            sheet.append(list(line))
    return saved(book)


def repacked(content, change):
    """The workbook with each part passed through ``change(name, bytes)``."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(part, old.read(part)))
    return out.getvalue()


def refused(path, instrument, **options):
    begin = time.perf_counter()
    with pytest.raises(DataError) as caught:
        read_responses(path, instrument, **options)
    assert time.perf_counter() - begin < 5
    assert caught.value.remedy
    return caught.value.code


def test_numbers_dates_and_truth_values_of_cells_are_understood(write, cells, instrument):
    lines = cells(
        TR1=[4.0, "4", 4, "同意"],
        visited=[dt.datetime(2026, 9, 3, 12), dt.date(2026, 9, 3), "2026-09-03", 46268],
        crops_1=[True, False, None, None],
        crops_2=[1, 0, None, None],
        crops_3=[0.0, 1.0, None, None],
        crops_98=[0, 0, None, None],
    )
    frame = read_responses(write(lines, "a.xlsx"), instrument).frame
    assert frame["TR1"].tolist() == [4, 4, 4, 4]
    assert frame["visited"].tolist() == ["2026-09-03"] * 4
    assert frame["crops_1"].tolist()[:2] == [1, 0]


def test_the_sheet_with_known_heads_is_read_even_behind_others(write, cells, instrument):
    content = workbook({"notes": [["made", "by", "hand"]], "data": cells(), "empty": []})
    assert len(read_responses(write(content, "a.xlsx"), instrument)) == 4


def test_two_sheets_with_answers_must_be_chosen_between(write, cells, instrument):
    path = write(workbook({"one": cells(), "two": cells()[:3]}), "a.xlsx")
    assert refused(path, instrument) == "SG145"
    assert len(read_responses(path, instrument, options=ReadOptions(sheet="two"))) == 2
    assert refused(path, instrument, options=ReadOptions(sheet="three")) == "SG145"


def test_a_visible_sheet_goes_before_a_hidden_one(write, cells, instrument):
    path = write(workbook({"old": cells()[:3], "new": cells()}, hidden=["old"]), "a.xlsx")
    assert len(read_responses(path, instrument)) == 4


def test_formulas_are_set_aside_with_their_cell(write, cells, instrument):
    answers = read_responses(write(cells(TR1=["=1+1", 4, 4, 4]), "a.xlsx"), instrument)
    assert answers.frame["TR1"].isna().tolist() == [True, False, False, False]
    line = answers.log.events.set_index("code").loc["SG134"]
    assert (line["column"], line["row"], line["value"], line["action"]) == ("TR1", 2, "=1+1", "invalid")
    assert answers.log.invalid["value"].tolist() == ["=1+1"]


def test_a_macro_workbook_is_read_as_data(write, cells, instrument):
    assert len(read_responses(write(workbook({"data": cells()}), "a.xlsm"), instrument)) == 4


def test_a_far_cell_costs_no_memory(write, cells, instrument):
    for place in ("XFD1048576", "XFD3"):
        book = openpyxl.load_workbook(io.BytesIO(workbook({"data": cells()})))
        book.active[place] = "x"
        assert refused(write(saved(book), "a.xlsx"), instrument) == "SG141"


def test_a_zip_bomb_is_refused_before_it_is_parsed(write, cells, instrument):
    def swell(name, part):
        return part + b" " * 20_000_000 if name == "xl/styles.xml" else part

    assert refused(write(repacked(workbook({"data": cells()}), swell), "a.xlsx"), instrument) == "SG140"


def test_too_many_parts_are_refused(write, cells, instrument):
    content = io.BytesIO(workbook({"data": cells()}))
    with zipfile.ZipFile(content, "a") as archive:
        for i in range(101):
            archive.writestr(f"xl/media/{i}", b"")
    assert refused(write(content.getvalue(), "a.xlsx"), instrument) == "SG140"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(write, cells, instrument, encoding):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def poisoned(name, part):
        if name != "xl/workbook.xml":
            return part
        return f'<?xml version="1.0" encoding="{encoding}"?>{bomb}{part.decode()}'.encode(encoding)

    assert refused(write(repacked(workbook({"data": cells()}), poisoned), "a.xlsx"), instrument) == "SG142"


def test_half_a_workbook_or_another_zip_is_refused(write, cells, instrument):
    content = workbook({"data": cells()})
    assert refused(write(content[: len(content) // 2], "a.xlsx"), instrument) == "SG106"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "x")
    assert refused(write(other.getvalue(), "a.xlsx"), instrument) == "SG101"
    assert refused(write(workbook({"data": []}), "a.xlsx"), instrument) == "SG107"


BASE = workbook({"data": [["role", "TR1", "TR2", "TR3R", "EF1", "EF2"], *[["villager", 1, "同意", 3, 4, 5]] * 3]})
EDIT = st.tuples(
    st.floats(0, 1, exclude_max=True), st.sampled_from(["put", "cut", "drop", "zero"]), st.binary(max_size=4)
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(EDIT, min_size=1, max_size=3),
    inside=st.sampled_from(["", "sheet1", "workbook.xml", "styles", "rels"]),
)
def test_damaged_workbooks_give_answers_or_a_clear_error(write, answers_or_clear_error, edits, inside):
    def damaged(name, part):
        if inside and inside not in name:
            return part
        content = bytearray(part)
        for share, what, piece in edits:
            place = int(share * len(content))
            if what == "cut":
                del content[place:]
            elif what == "drop":
                del content[place : place + 1 + len(piece)]
            elif what == "zero":
                content[place : place + len(piece)] = bytes(len(piece))
            else:
                content[place:place] = piece
        return bytes(content)

    content = repacked(BASE, damaged) if inside else damaged("", BASE)
    answers_or_clear_error(write(content, "a.xlsx"))
