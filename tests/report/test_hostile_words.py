"""One report of words that would be commands, through every format that a report, a picture or a record has."""

import csv
import json
import re
import zipfile
from xml.etree import ElementTree

import lxml.html
import matplotlib as mpl
import openpyxl
import pandas as pd
import pytest
import word_schema
import wordml_order
from docx import Document
from evil_words import HOSTILE

from sgsurvey.figures.forest import forest
from sgsurvey.figures.style import to_svg
from sgsurvey.pipeline.record import Conditions, write_record
from sgsurvey.report.blocks import Bullets, Callout, Figure, Heading, Paragraph
from sgsurvey.report.report import Report
from sgsurvey.tables.format import printable
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.text import same, without_controls

# There is no broom in the fonts of our figures, which say so.
pytestmark = pytest.mark.filterwarnings("ignore:Glyph")
# A frame of pandas holds no lone surrogate.
SHORT = [evil.replace("\ud800", "") or "-" for evil in HOSTILE if len(evil) < 100]


def drawn(*, language="en"):
    """A picture whose rows, groups and models have such names."""
    rows = [
        {"term": evil, "group": f"{k}{evil}", "model": "m", "estimate": k, "conf_low": k - 1.0, "conf_high": k + 1.0}
        for k, evil in enumerate(SHORT)
    ]
    return forest(pd.DataFrame(rows), language=language)


def hostile_table():
    columns = (
        Column("a", same("=1+1"), "text"),
        Column("b", same("@SUM(A1)"), "text"),
        Column("c", same("n"), "count"),
    )
    rows = tuple(Row((Cell(same(evil)), Cell(evil), Cell(5, "count"))) for evil in HOSTILE)
    return Table("=1+1 [*]:/\\?", same("'=1+1"), columns, rows, tuple(map(same, HOSTILE)))


def hostile_report():
    report = Report(HOSTILE[5], language="en", subtitle=HOSTILE[0], author=HOSTILE[13], facts={"words": list(HOSTILE)})
    for evil in HOSTILE:
        report = report.add(Heading(evil), Paragraph(evil), Bullets((evil,)), Callout(evil))
    return report.add(hostile_table(), Figure(drawn, caption=HOSTILE[5], alt=HOSTILE[13], id=HOSTILE[5]))


@pytest.mark.parametrize("template", [False, True], ids=["plain", "template"])
def test_word(template, tmp_path):
    given = None
    if template:
        given = tmp_path / "template.docx"
        Document().save(given)
    path = hostile_report().save(tmp_path / "r.docx", template=given)
    assert wordml_order.faults(path) + word_schema.faults(path) == []
    said = {paragraph.text for paragraph in Document(path).paragraphs}
    assert {printable(evil) for evil in HOSTILE} <= said
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "vba" in name or "embeddings" in name]


def test_page(tmp_path):
    page = lxml.html.document_fromstring(hostile_report().save(tmp_path / "r.html").read_text(encoding="utf-8"))
    plain = lxml.html.document_fromstring(
        Report("r", language="en")
        .add(hostile_table(), Figure(drawn, caption="c"))
        .save(tmp_path / "p.html")
        .read_text()
    )
    assert len(page.xpath("//script")) == len(plain.xpath("//script"))
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert not page.xpath("//*[@href[not(starts-with(., '#'))]]")


def test_workbook(tmp_path):
    sheets = openpyxl.load_workbook(hostile_report().save(tmp_path / "r.xlsx"))
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert {printable(evil) for evil in HOSTILE} - {""} <= {str(cell.value) for cell in cells}


def test_markdown(tmp_path):
    text = hostile_report().save(tmp_path / "r.md").read_text(encoding="utf-8")
    assert not re.search(r"(?<!\\)<(script|img|b|/table)", text)
    assert not re.search(r"(?<!\\)\]\(http", text)


def test_comma_separated_values(tmp_path):
    path = hostile_table().save(tmp_path / "t.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert len(lines) == 1 + len(HOSTILE)
    assert not [cell for line in lines for cell in line if re.match(r"[=@\t\r]|[+-](?![\d.]+$)", cell)]


def test_picture():
    """No letter of a name is a formula, and nothing of it is markup."""
    with mpl.rc_context({"svg.fonttype": "none"}):
        axes = drawn()
    svg = to_svg(axes.figure)
    tags = {node.tag.rpartition("}")[2] for node in ElementTree.fromstring(svg).iter()}
    assert not tags & {"script", "foreignObject", "a", "image"}
    said = {re.sub(r"\s", "", label.get_text()) for label in axes.get_yticklabels()}
    assert {re.sub(r"\s", "", without_controls(evil)) for evil in SHORT} <= said
    mpl.pyplot.close(axes.figure)


def test_a_price_in_dollars_is_no_formula():
    row = {"term": "pay $2 or $5", "estimate": 1.0, "conf_low": 0.0, "conf_high": 2.0}
    axes = forest(pd.DataFrame([row]), language="en")
    assert not axes.get_yticklabels()[0].get_parse_math()
    mpl.pyplot.close(axes.figure)


def test_record(tmp_path):
    words = {evil: evil for evil in HOSTILE}
    path = write_record(tmp_path, Conditions(words, {}, {}), [], {"rows": words})
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["rows"] == record["inputs"] == words
