import csv
import io
from dataclasses import replace

import openpyxl
import pytest
import wordml_order
from docx import Document
from docx.oxml.ns import qn
from openpyxl.cell import Cell as ExcelCell
from table_kinds import KINDS, intervals, simple, spanners, stars, suppressed, words

from sgsurvey.errors import DataError, SurveyError
from sgsurvey.tables.excel import save_excel
from sgsurvey.tables.save import to_csv
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.text import LANGUAGES, same

SUFFIXES = ["docx", "xlsx", "tex", "md", "html", "csv"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_table_gives_the_same_bytes(suffix, tmp_path):
    first, second = (stars().save(tmp_path / f"{name}.{suffix}").read_bytes() for name in "ab")
    assert first == second


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_saving_makes_folders_and_leaves_no_other_file(suffix, tmp_path):
    path = simple().save(tmp_path / "new" / f"t.{suffix}")
    assert list((tmp_path / "new").iterdir()) == [path]


def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(SurveyError, match=r"cannot be saved as '\.doc'\. Did you mean '\.docx'\? Choose one of \.docx"):
        simple().save(tmp_path / "t.doc")


def test_a_failed_write_leaves_the_old_file_as_it_was(tmp_path, monkeypatch):
    path = simple().save(tmp_path / "t.md")
    before = path.read_bytes()
    monkeypatch.setattr("os.fdopen", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(DataError, match=r"SG160 .*disk full"):
        stars().save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# Word ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_word_table_obeys_the_order_of_the_schema(kind, language, tmp_path):
    assert wordml_order.faults(kind().to(language).save(tmp_path / "t.docx")) == []


def test_the_order_check_sees_a_wrong_order(tmp_path):
    path = simple().save(tmp_path / "t.docx")
    document = Document(path)
    properties = document.tables[0]._tbl.tblPr
    properties.append(properties.find(qn("w:tblW")))
    document.save(path)
    assert [fault.split(":")[1] for fault in wordml_order.faults(path)] == [" children of <tblPr> out of order"]


def borders(row, side):
    found = [cell.find(f"{qn('w:tcPr')}/{qn('w:tcBorders')}/{qn(f'w:{side}')}") for cell in row.tc_lst]
    return [None if edge is None else int(edge.get(qn("w:sz"))) for edge in found]


def test_a_word_table_without_rows_is_closed_by_a_thick_rule(tmp_path):
    head, *rows = Document(replace(simple(), rows=()).save(tmp_path / "t.docx")).tables[0]._tbl.tr_lst
    assert rows == []
    assert set(borders(head, "top")) == set(borders(head, "bottom")) == {12}


def test_a_word_table_has_three_rules_and_thin_ones_under_spanners_only(tmp_path):
    rows = Document(spanners().save(tmp_path / "t.docx")).tables[0]._tbl.tr_lst
    assert set(borders(rows[0], "top")) == {12}
    assert borders(rows[0], "bottom") == [None, 4, None, 4, None]  # the third is the gap
    assert set(borders(rows[1], "bottom")) == {6}
    assert set(borders(rows[-1], "bottom")) == {12}
    assert all(set(borders(row, side)) == {None} for row in rows[2:-1] for side in ("top", "bottom"))


def test_a_word_table_repeats_its_head_keeps_its_rows_whole_and_tells_what_it_is(tmp_path):
    table = stars().to("zh")
    written = Document(table.save(tmp_path / "t.docx")).tables[0]._tbl
    properties = [row.find(qn("w:trPr")) for row in written.tr_lst]
    assert [p.find(qn("w:tblHeader")) is not None for p in properties] == [True] + [False] * 3
    assert all(p.find(qn("w:cantSplit")) is not None for p in properties)
    assert written.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == table.title.zh
    raised = [r for r in written.iter(qn("w:r")) if r.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}") is not None]
    assert ["".join(t.text for t in r.iter(qn("w:t"))) for r in raised] == ["***", "***"]


def test_chinese_letters_in_word_are_song_and_latin_ones_times(tmp_path):
    styles = Document(simple().to("zh").save(tmp_path / "t.docx")).styles
    for name in ("Normal", "sgsurvey table text", "sgsurvey table note"):
        fonts = styles[name].element.rPr.find(qn("w:rFonts"))
        assert (fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii"))) == ("宋体", "Times New Roman")
        assert not [key for key in fonts.attrib if "Theme" in key]


# Excel ---------------------------------------------------------------------------------------


def cells(path) -> list[ExcelCell]:
    return [cell for line in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in line]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_excel_holds_every_number_at_full_precision(kind, tmp_path):
    table = kind()
    expected = [
        number * (100 if "percent" in cell.kind else 1)
        for row in table.grid().rows
        for cell in row.cells
        for number in cell.numbers
    ]
    assert [
        c.value for c in cells(table.save(tmp_path / "t.xlsx")) if c.data_type == "n" and c.value is not None
    ] == expected


def test_no_cell_of_excel_is_a_formula(tmp_path):
    rows = tuple(Row((Cell(text), Cell(same(text)))) for text in ("=1+1", "+1", "-1", "@A1", '=HYPERLINK("x")'))
    table = Table("=x", same("=1"), (Column("a", same("=a"), "text"), Column("b", same("b"))), rows, (same("=n"),))
    written = cells(table.save(tmp_path / "t.xlsx"))
    assert {c.data_type for c in written if c.value is not None} == {"s"}


def test_sheets_have_names_that_excel_accepts(tmp_path):
    ids = ["a/b:c*d?[e]\\f", "x" * 40, "X" * 40, "", "'"]
    grids = [Table(i, same(i), (Column("a", same("a")),), ()).grid() for i in ids]
    names = openpyxl.load_workbook(save_excel(grids, tmp_path / "t.xlsx")).sheetnames
    assert len({name.lower() for name in names}) == len(ids)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)


# CSV -----------------------------------------------------------------------------------------


def test_csv_holds_full_precision_groups_and_both_ends_of_intervals():
    lines = list(csv.reader(io.StringIO(to_csv(intervals()))))
    assert lines[0] == ["term", "low", "high", "r", "r", "share", "share", "b"]
    assert lines[1][1:] == ["-0.101", "0.2", "-0.4501", "-0.4501", "0.1234", "0.1234", "0.29834"]
    assert [line[-1] for line in lines[1:]] == ["0.29834", "-0.021", ""]


def test_csv_disarms_formulas_and_leaves_suppressed_cells_empty():
    table = Table(
        "t",
        same("t"),
        (Column("a", same("a"), "text"),),
        (Row((Cell("=1+1"),)), Row((Cell("-1+x"),)), Row((Cell("-9"),))),
    )
    assert to_csv(table).splitlines() == ["a", "'=1+1", "'-1+x", "-9"]
    assert to_csv(suppressed()).splitlines()[-1] == "x,,"


def test_csv_prints_words_in_the_language_of_the_table():
    assert to_csv(words().to("zh")).splitlines()[1] == "日常管理,支持,是"
