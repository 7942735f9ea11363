"""What the tables say in words: every number is that of a cell, and nothing says more than the design allows."""

import pytest
from tables.test_result_tables import NAMES, answers, tables
from told_numbers import overclaimed, told

from sgsurvey.report.report import Report
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.telling import lines
from sgsurvey.text import Text, listed

# Kinds of tables that say nothing in words, and why.
SILENT: dict[str, str] = {
    "thresholds": "numbers that other results need, without a finding of their own",
    "efa_structure": "the table of pattern and structure speaks of both",
    "htmt_matrix": "the table of pairs speaks, with intervals and verdicts",
    "invariance_log": "a log; the table of levels speaks",
    "item_selection_log": "a log; the table of items speaks",
    "bid_shares": "each share is of too few people to be shown in these data",
    "pairs_sex": "two groups: the main table has their only pair",
    "collinearity": "the diagnostics say whether the largest condition index is a sign of a fault",
    "quotes_aspect": "the quotes speak for themselves",
    "keyword_lines_said": "the lines speak for themselves",
    "pls_total": "the table of paths speaks",
    "pls_items": "weights and loadings behind the indices, whose table speaks",
    "themes_valence_aspect": "nobody coded how the themes are spoken of",
}


@pytest.mark.parametrize("name", NAMES)
def test_sentences_say_what_stands_in_the_cells(name):
    terms = {label.to(language) for label in answers().questionnaire.labels.values() for language in ("zh", "en")}
    for (_, method, _), table in tables(name).items():
        told(table)
        assert overclaimed(table, 1, sorted(terms)) == [], method


def shows_anything(table):
    return any(not cell.suppressed for row in table.rows for cell in row.cells[1:])


def test_every_table_with_rows_speaks_or_is_silent_for_a_reason():
    made = [table for name in NAMES for table in tables(name).values() if shows_anything(table)]
    speaking = {table.id for table in made if table.sentences}
    assert {table.id for table in made} - speaking <= set(SILENT)
    assert not speaking & set(SILENT)


def two_groups():
    columns = (Column("c", Text("量表", "Scale"), "text"), Column("a", Text("α", "α"), "bounded"))
    hidden = Row((Cell(Text("资金", "Funding")), Cell(0.5, "bounded", suppressed=True)))
    shown = Row((Cell(Text("管理", "Management")), Cell(0.81234, "bounded")))
    heading = Row((Cell(Text("村民", "Villagers"), span=2),), kind="group")
    return Table("two", Text("信度", "Reliability"), columns, (heading, hidden, shown))


def test_lines_read_cells_as_they_are_printed_and_leave_hidden_ones_out():
    (line,) = lines(two_groups(), "a")
    assert (line.said("a"), line.number("a")) == (Text("0.812", ".812"), 0.81234)
    assert line.named("c") == Text("村民的管理", "Management (Villagers)")
    assert [line.value("a") for line in lines(two_groups())] == [None, 0.81234]


def test_words_are_listed():
    assert listed([Text("资金", "Funding"), Text("管理", "Management")]) == Text("资金、管理", "Funding, Management")
    assert listed([]) == Text("", "")


@pytest.mark.parametrize("suffix", ["docx", "html", "md"])
@pytest.mark.parametrize(
    ("language", "wanted"), [("zh", "由表1可见：管理的α为0.812。"), ("en", "What Table 1 shows: α is .812.")]
)
def test_a_report_prints_the_words_below_the_table(suffix, language, wanted, tmp_path):
    (line,) = lines(two_groups(), "a")
    said = Text("管理的α为{a}。", "α is {a}.").format(a=line.said("a"))
    report = Report("R", language=language).add(two_groups().telling(said))
    assert wanted in text_of(report.save(tmp_path / f"r.{suffix}"))


def text_of(path):
    if path.suffix == ".docx":
        from docx import Document

        return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)
    if path.suffix == ".html":
        from lxml import html

        return html.parse(str(path)).getroot().text_content()
    return path.read_text(encoding="utf-8")
