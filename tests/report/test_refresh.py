"""A report's tables and figures refreshed in the Word file that its author has gone on writing."""

import zipfile
from dataclasses import replace

import pytest
import word_schema
import wordml_order
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from evil_words import EVIL
from lxml import etree
from office import printed_pages, saved_again
from page_readers import of_grid
from report_samples import BARS, bars
from table_kinds import groups, simple, spanners

from sgsurvey.errors import DataError
from sgsurvey.report.blocks import Figure, Heading
from sgsurvey.report.report import Report
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import LANGUAGES, Text, same

TITLE = Text("得分", "Scores")
NOTES = (Text("百分制。", "Of 100."),)
MINE = "这一段是我自己写的。Mine alone."


def scores(first=3.0, *, notes=NOTES, title=TITLE, more=0):
    rows = [Row((Cell(same("A")), Cell(first, "value"))), Row((Cell(same("B")), Cell(4.0, "value")))]
    rows += [Row((Cell(same(f"C{n}")), Cell(5.0 + n, "value"))) for n in range(more)]
    columns = (Column("v", HEADS["variable"], "text"), Column("m", HEADS["mean"], "value"))
    return Table("scores", title, columns, tuple(rows), notes=notes)


def taller(*, language):
    ax = bars(language=language)
    ax.figure.set_size_inches(6, 4)
    return ax


def figure(draw):
    return Figure(draw, caption=BARS, alt=Text("两条横条", "Two bars"), id="bars")


LOW, HIGH = figure(bars), figure(taller)  # each is drawn once


def report(table=None, *, language="en", picture=LOW, others=()):
    return Report("Cleaning", language=language).add(Heading("Status quo"), table or scores(), picture, *others)


def thesis(path, **options):
    """The report, after which an author has written, drawn a table, made a comment and set a header."""
    report(**options).save(path)
    document = Document(path)
    document.sections[0].header.paragraphs[0].text = "A header of mine"
    paragraph = document.add_paragraph()
    document.add_comment(paragraph.add_run(MINE), text="Really?", author="Supervisor")
    document.add_table(2, 2).cell(0, 0).text = "my own table"
    document.save(path)
    return path


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path, change, part="word/document.xml"):
    """The same file with one part changed as text."""
    held = parts(path)
    before = held.get(part, b"").decode()
    assert change(before) != before
    held[part] = change(before).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    return path


def without_ours(path):
    """Every block of the text but our tables, their notes and what our pictures show, as canonical XML."""
    body = etree.fromstring(parts(path)["word/document.xml"])[0]
    kept = []
    for node in body:
        style = node.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        words = "".join(node.itertext())
        if node.tag == qn("w:tbl") and "my own table" not in words:
            continue
        if style is not None and style.get(qn("w:val")) == "sgsurveytablenote" and words:
            continue
        kept.append(etree.tostring(node, method="c14n"))
    return kept


def cells(path, at=0):
    return [[cell.text for cell in row.cells] for row in Document(path).tables[at].rows]


def images(path):
    return [content for name, content in parts(path).items() if name.startswith("word/media/")]


# What is refreshed, and what is not -----------------------------------------------------------


def test_tables_notes_and_pictures_are_fresh_and_all_else_is_the_authors(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    before, untouched, pictures, faults = parts(path), without_ours(path), images(path), word_schema.faults(path)
    notes = (Text("千分制。", "Of 1000."), Text("两行。", "Two lines."))
    fresh = report(scores(3.5, notes=notes, more=2), picture=HIGH)
    done = fresh.update(path)
    assert done.refreshed == ("tab_scores", "fig_bars")
    assert (done.missing, done.unknown, done.kept) == ((), (), {})
    assert cells(path)[1:] == [["A", "3.50"], ["B", "4.00"], ["C0", "5.00"], ["C1", "6.00"]]
    texts = [paragraph.text for paragraph in Document(path).paragraphs]
    assert texts[texts.index("Of 1000.") + 1] == "Two lines."
    assert "Of 100." not in texts
    assert images(path) != pictures
    after = parts(path)
    changed = {name for name in before if before[name] != after[name]}
    assert list(before) == list(after)
    assert changed == {"word/document.xml", *(name for name in before if name.startswith("word/media/"))}
    mine = [block for block in untouched if b"drawing" not in block]
    assert [block for block in without_ours(path) if b"drawing" not in block] == mine
    assert wordml_order.faults(path) == []
    assert word_schema.faults(path) == faults


def test_a_picture_keeps_the_authors_size_and_its_own_shape(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    document = Document(path)
    document.inline_shapes[0].width, document.inline_shapes[0].height = Cm(9), Cm(3)
    document.save(path)
    report(scores(3.5)).update(path)
    (picture,) = Document(path).inline_shapes
    assert (picture.width, picture.height) == (Cm(9), Cm(3))
    report(picture=HIGH).update(path)
    (picture,) = Document(path).inline_shapes
    assert picture.width == Cm(9)
    assert picture.height / Cm(3) == pytest.approx(2, rel=0.02)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_refresh_changes_nothing_and_writes_nothing(language, tmp_path):
    others = (groups(), spanners())
    path = thesis(tmp_path / "thesis.docx", language=language, others=others)
    fresh = report(scores(3.5), language=language, others=others)
    first = fresh.update(path)
    content = path.read_bytes()
    second = fresh.update(path)
    assert path.read_bytes() == content
    assert first.refreshed == second.refreshed
    assert second.backup is None


def test_the_file_as_it_was_is_kept_under_a_free_name(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    first, second = path.read_bytes(), None
    assert report(scores(3.5)).update(path).backup == tmp_path / "thesis.before.docx"
    second = path.read_bytes()
    assert report(scores(3.6)).update(path).backup == tmp_path / "thesis.before-2.docx"
    assert (tmp_path / "thesis.before.docx").read_bytes() == first
    assert (tmp_path / "thesis.before-2.docx").read_bytes() == second
    assert report(scores(3.7)).update(path, backup=False).backup is None
    assert len(list(tmp_path.iterdir())) == 3


def test_names_on_one_side_alone_are_listed(tmp_path):
    path = thesis(tmp_path / "thesis.docx", others=(groups(),))
    done = report(others=(simple(),)).update(path)
    assert (done.missing, done.unknown) == (("tab_simple",), ("tab_groups",))
    said = "\n".join(line.en for line in done.lines())
    assert "Not in the document: tab_simple" in said
    assert "Not in the report: tab_groups" in said


def test_captions_stay_as_the_author_has_them(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    rewritten(path, lambda xml: xml.replace("  Scores", "  Scores, as I call them"))
    report(scores(3.5, title=Text("分数", "Marks"))).update(path)
    captions = [p.text for p in Document(path).paragraphs if p.style.name == "Caption"]
    assert captions == ["Table 1.1  Scores, as I call them", "Figure 1.1  Means by aspect"]


def test_a_table_takes_the_width_and_the_style_that_the_author_gave_it(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    document = Document(path)
    own = document.styles.add_style("faculty cell", WD_STYLE_TYPE.PARAGRAPH)
    own.font.size = Pt(9)
    table = document.tables[0]
    for row in table.rows:
        for cell in row.cells:
            cell.paragraphs[0].style = own
    for column in table._tbl.tblGrid:
        column.set(qn("w:w"), "2000")
    document.save(path)
    report(scores(3.5)).update(path)
    fresh = Document(path).tables[0]
    assert {cell.paragraphs[0].style.name for row in fresh.rows for cell in row.cells} == {"faculty cell"}
    assert sum(int(column.get(qn("w:w"))) for column in fresh._tbl.tblGrid) == 4000


def test_a_table_that_moved_into_a_text_box_of_the_author_is_found(tmp_path):
    """Whatever stands around it: here a cell of the author's layout table, without its caption."""
    path = thesis(tmp_path / "thesis.docx")
    document = Document(path)
    ours, mine = document.tables
    mine.cell(1, 1)._tc.insert(1, ours._tbl)
    document.save(path)
    assert "tab_scores" in report(scores(3.5)).update(path).refreshed
    inner = Document(path).tables[0].cell(1, 1).tables[0]
    assert inner.rows[1].cells[1].text == "3.50"


def test_a_table_whose_alternative_text_is_gone_is_found_by_its_caption(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    document = Document(path)
    properties = document.tables[0]._tbl.tblPr
    properties.remove(properties.find(qn("w:tblDescription")))
    document.save(path)
    done = report(scores(3.5, notes=(Text("新注。", "A new note."),))).update(path)
    assert cells(path)[1] == ["A", "3.50"]
    assert "tab_scores" in done.kept  # nobody can tell any more whether the notes are the author's
    assert "Of 100." in [paragraph.text for paragraph in Document(path).paragraphs]


def test_a_table_of_the_authors_own_below_our_caption_is_left_alone(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    document = Document(path)
    ours, mine = document.tables
    ours._tbl.getparent().replace(ours._tbl, mine._tbl)
    document.save(path)
    before = parts(path)["word/document.xml"]
    done = report(scores(3.5)).update(path)
    assert done.missing == ("tab_scores",)
    assert etree.tostring(etree.fromstring(before), method="c14n") == etree.tostring(
        etree.fromstring(parts(path)["word/document.xml"]), method="c14n"
    )


def test_notes_that_the_author_rewrote_stay_and_are_named(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    rewritten(path, lambda xml: xml.replace(">Of 100.<", ">Of a hundred, as I say.<"))
    done = report(scores(3.5, notes=(Text("新注。", "A new note."),))).update(path)
    texts = [paragraph.text for paragraph in Document(path).paragraphs]
    assert "Of a hundred, as I say." in texts
    assert "A new note." not in texts
    assert "not as we wrote them" in done.kept["tab_scores"].en
    assert cells(path)[1] == ["A", "3.50"]


@pytest.mark.parametrize(
    ("inserted", "what"),
    [
        ('<w:commentRangeStart {n} w:id="7"/>', "a comment"),
        ('<w:r {n}><w:footnoteReference w:id="2"/></w:r>', "a footnote"),
        ('<w:bookmarkStart {n} w:id="99" w:name="mine"/>', "a bookmark"),
        ('<w:fldSimple {n} w:instr="ADDIN ZOTERO"/>', "a field"),
    ],
)
def test_a_table_that_holds_something_of_the_authors_is_left_and_named(inserted, what, tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    document = Document(path)
    paragraph = document.tables[0].cell(1, 1).paragraphs[0]._p
    paragraph.append(parse_xml(inserted.format(n=nsdecls("w"))))
    if what == "a bookmark":
        paragraph.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="99"/>'))
    document.save(path)
    done = report(scores(3.5)).update(path)
    assert what in done.kept["tab_scores"].en
    assert done.refreshed == ("fig_bars",)
    assert cells(path)[1] == ["A", "3.00"]


def test_the_sign_of_words_last_edit_does_not_keep_a_table(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    document = Document(path)
    paragraph = document.tables[0].cell(1, 1).paragraphs[0]._p
    paragraph.append(parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="99" w:name="_GoBack"/>'))
    paragraph.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="99"/>'))
    document.save(path)
    assert "tab_scores" in report(scores(3.5)).update(path).refreshed


def test_a_picture_that_is_no_png_any_more_is_left_and_named(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    name = next(name for name in parts(path) if name.startswith("word/media/"))
    held = parts(path) | {name: b"\xff\xd8\xff a JPEG"}
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in held.items():
            archive.writestr(each, content)
    done = report(scores(3.5)).update(path)
    assert "PNG" in done.kept["fig_bars"].en
    assert parts(path)[name] == b"\xff\xd8\xff a JPEG"


def test_the_language_is_that_of_the_report(tmp_path):
    path = thesis(tmp_path / "thesis.docx", language="zh")
    report(scores(3.5), language="en").update(path)
    assert cells(path)[0][1] == HEADS["mean"].en
    assert Document(path).inline_shapes[0]._inline.docPr.get("descr") == "Two bars"


def test_hostile_words_stay_words(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    rows = tuple(Row((Cell(same(words)), Cell(1.0, "value"))) for words in EVIL)
    evil = replace(scores(notes=tuple(same(words) for words in EVIL), title=same(EVIL[5])), rows=rows)
    faults = word_schema.faults(path)
    report(evil).update(path)
    assert wordml_order.faults(path) == []
    assert word_schema.faults(path) == faults
    grid = evil.to("en").grid()
    assert cells(path)[1:] == [[row.cells[0].text, "1.00"] for row in grid.rows]
    again = path.read_bytes()
    report(evil).update(path)
    assert path.read_bytes() == again


# What is refused ------------------------------------------------------------------------------


def refused(path, message):
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(DataError, match=message):
        report(scores(3.5)).update(path)
    assert (path.read_bytes() if path.exists() else None) == before
    assert not list(path.parent.glob("*.before*"))


@pytest.mark.parametrize("sign", ["~$esis.docx", ".~lock.thesis.docx#"])
def test_a_file_that_is_open_is_refused(sign, tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    (tmp_path / sign).write_text("me", encoding="utf-8")
    refused(path, "SG162 .*is open in Word")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not there"),
        (b"", "no sound"),
        (b"words", "no sound"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "with a password"),
    ],
)
def test_what_is_no_word_file_is_refused(content, message, tmp_path):
    path = tmp_path / "thesis.docx"
    if content is not None:
        path.write_bytes(content)
    refused(path, message)


def test_a_damaged_file_is_refused(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    refused(path, "no sound")
    path.write_bytes(content)
    rewritten(path, lambda xml: xml.replace("</w:body>", ""))
    refused(path, "no sound")


def test_another_office_file_is_refused(tmp_path):
    path = report().save(tmp_path / "r.xlsx").rename(tmp_path / "thesis.docx")
    refused(path, "no sound")


@pytest.mark.parametrize("sort", ["ins", "del", "pPrChange"])
def test_tracked_changes_are_refused(sort, tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    rewritten(path, lambda xml: xml.replace("</w:body>", f'<w:{sort} w:id="5" w:author="x"/></w:body>'))
    refused(path, "tracked changes")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("<w:trackRevisions/>", "tracked changes"),
        ('<w:documentProtection w:edit="readOnly" w:enforcement="1"/>', "protected"),
    ],
)
def test_protection_and_tracking_are_refused_where_they_are_on(setting, message, tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    rewritten(path, lambda xml: xml.replace("</w:settings>", f"{setting}</w:settings>"), "word/settings.xml")
    refused(path, message)
    off = setting.replace('enforcement="1"', 'enforcement="0"').replace("Revisions/", 'Revisions w:val="0"/')
    rewritten(path, lambda xml: xml.replace(setting, off), "word/settings.xml")
    assert report(scores(3.5)).update(path).refreshed


def test_a_read_only_file_is_refused(tmp_path):
    path = thesis(tmp_path / "thesis.docx")
    path.chmod(0o444)
    refused(path, "read-only")


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = thesis(tmp_path / "thesis.docx")
    monkeypatch.setattr("os.fdopen", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    refused(path, r"SG160 .*disk full")


# Printed --------------------------------------------------------------------------------------


@pytest.mark.office
@pytest.mark.parametrize("language", LANGUAGES)
def test_libreoffice_opens_saves_and_prints_the_fresh_numbers(language, tmp_path):
    """What LibreOffice prints is what the report holds.

    LibreOffice 7 saves no alternative text of tables: they are found by their captions, and their notes are kept.
    """
    path = thesis(tmp_path / "thesis.docx", language=language, others=(spanners(),))
    path = saved_again(path, tmp_path / "by_office")
    fresh = report(scores(73.25, more=3), language=language, others=(spanners(),))
    done = fresh.update(path)
    assert set(done.refreshed) == {"tab_scores", "tab_spanners", "fig_bars"}
    assert set(done.kept) == {"tab_scores", "tab_spanners"}
    printed = "".join("".join(printed_pages(path)).split())
    for each in fresh.blocks:
        if hasattr(each, "table"):
            page = of_grid(each.table(language).grid())
            wanted = [text for row in page.rows for text in row]
            assert [text for text in wanted if "".join(text.split()) not in printed] == []
    for number in {"zh": ("表1-1", "表1-2", "图1-1"), "en": ("Table1.1", "Table1.2", "Figure1.1")}[language]:
        assert printed.count(number) >= 2, "a caption and a line in a list"
