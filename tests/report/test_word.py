import re
import zipfile

import pytest
import word_schema
import wordml_order
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from office import printed_pages
from page_readers import of_grid
from report_samples import full, means, wide
from table_kinds import simple, stars

from sgsurvey.errors import SurveyError
from sgsurvey.report.blocks import Callout, Heading, TableBlock
from sgsurvey.report.report import Report
from sgsurvey.tables.word import TABLE_NOTE
from sgsurvey.text import LANGUAGES, Text


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


def test_the_file_obeys_the_schema(language, tmp_path):
    path = full(language).save(tmp_path / "r.docx")
    assert wordml_order.faults(path) + word_schema.faults(path) == []


@pytest.mark.parametrize(
    ("whole", "broken", "told"),
    [
        ('w:val="decimal"', 'w:val="decimale"', "Invalid value"),
        ("<w:tblHeader/>", '<w:tblHeader w:much="1"/>', "not declared"),
        ("<w:cantSplit/>", "<w:cantSplitAtAll/>", "not a valid choice"),
        ('<w:bookmarkStart w:id="2"', '<w:bookmarkStart w:id="1"', "unique"),
    ],
)
def test_the_schema_sees_what_is_wrong(whole, broken, told, tmp_path):
    path = Report("x", language="en").add(simple(), stars()).save(tmp_path / "r.docx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts["word/document.xml"].decode()
    assert whole in text
    text = text.replace(whole, broken, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (parts | {"word/document.xml": text.encode()}).items():
            archive.writestr(name, content)
    assert any(told in fault for fault in word_schema.faults(path))


def fields(document):
    """Code and cached value of every field, in order."""
    found, code, value, state = [], "", "", ""
    for node in document.element.body.iter(qn("w:fldChar"), qn("w:instrText"), qn("w:t")):
        if node.tag == qn("w:fldChar"):
            state = node.get(qn("w:fldCharType"))
            if state == "begin":
                code = value = ""
            if state == "end":
                found.append((code.strip(), value))
        elif state == "begin":
            code += node.text
        elif state == "separate":
            value += node.text
    return found


def test_fields_hold_the_numbers_that_word_will_compute(tmp_path):
    document = Document(full("zh").save(tmp_path / "r.docx"))
    found = fields(document)
    sequences = [(code, value) for code, value in found if code.startswith("SEQ 表")]
    assert [value for _, value in sequences] == ["1", "2", "3", "1", "2", "3", "4", "5"]
    assert [code.endswith(r"\s 1 \r 1") for code, _ in sequences] == [value == "1" for _, value in sequences]
    assert [value for code, value in found if code.startswith("STYLEREF")] == ["1"] * 3 + ["2"] * 6
    assert [value for code, value in found if code.startswith("REF")] == ["表1-1", "图2-1"]


def test_every_reference_and_link_has_its_bookmark(language, tmp_path):
    document = Document(full(language).save(tmp_path / "r.docx"))
    names = {node.get(qn("w:name")) for node in document.element.body.iter(qn("w:bookmarkStart"))}
    links = {node.get(qn("w:anchor")) for node in document.element.body.iter(qn("w:hyperlink"))}
    references = {code.split()[1] for code, _ in fields(document) if code.startswith("REF")}
    assert links | references <= names


def test_pictures_have_words_and_tables_are_native(language, tmp_path):
    report = full(language)
    document = Document(report.save(tmp_path / "r.docx"))
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == {"zh": "两条横条", "en": "Two bars"}[language]
    assert len(document.tables) == sum(isinstance(block, TableBlock) for block in report.blocks)


def test_a_table_too_wide_for_the_page_gets_a_page_on_its_side(tmp_path):
    sections = Document(full().save(tmp_path / "r.docx")).sections
    assert [s.orientation for s in sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    assert sections[1].page_width > sections[1].page_height


def test_headings_go_onto_the_side_with_the_wide_table_below_them_and_no_empty_page_follows(tmp_path):
    report = Report("x", language="en").add(
        Heading("One"), "Words.", Heading("Two"), Heading("Wide", 2), wide(), wide()
    )
    body = Document(report.save(tmp_path / "r.docx")).element.body
    upright, rest = [], []
    for node in body:
        (rest if upright and upright[-1].find(f".//{qn('w:sectPr')}") is not None else upright).append(node)
    assert (upright[-1].text, rest[0].text) == ("Words.", "Two")
    assert body[-1].find(qn("w:pgSz")).get(qn("w:orient")) == "landscape"
    assert len(list(body.iter(qn("w:sectPr")))) == 2


def sides(report, tmp_path):
    """For each section of the file: whether it lies on its side, and the words of its paragraphs."""
    body = Document(report.save(tmp_path / "r.docx")).element.body
    found, words = [], []
    for node in body:
        if node.tag == qn("w:p"):
            words.append("".join(text.text or "" for text in node.iter(qn("w:t"))))
        for section in node.iter(qn("w:sectPr")):
            orient = section.find(qn("w:pgSz")).get(qn("w:orient"))
            found.append((orient == "landscape", [each for each in words if each]))
            words = []
    return found


def test_the_few_words_that_lead_to_a_wide_table_go_along_and_much_text_stays_upright(tmp_path):
    few = Report("x", language="en").add("Before.", simple(), Heading("Wide", 2), "One.", "Two.", wide())
    (_, upright), (turned, along) = sides(few, tmp_path)
    assert turned
    assert ("Before." in upright, along[:3]) == (True, ["Wide", "One.", "Two."])
    much = Report("x", language="en").add(simple(), Heading("Wide", 2), *map(str, range(9)), Heading("Last", 2), wide())
    (_, upright), (turned, along) = sides(much, tmp_path)
    assert turned
    assert (upright[-1], along[0]) == ("8", "Last")
    long = Report("x", language="en").add(simple(), Heading("Wide", 2), *map(str, range(9)), wide())
    (_, upright), (turned, along) = sides(long, tmp_path)
    assert turned
    assert (upright[-1], along[0]) == ("8", "Table 2  Correlation matrix")


def test_what_a_wide_table_says_stays_on_its_page_and_the_next_words_go_on_upright(tmp_path):
    speaks = wide().telling(Text("如此。", "So it is."))
    _, (turned, along), (_, upright) = sides(Report("x", language="en").add(speaks, speaks, "After."), tmp_path)
    assert turned
    assert sum("So it is." in words for words in along) == 2
    assert upright == ["After."]


def test_findings_that_follow_each_other_stand_under_one_heading(language, tmp_path):
    said = [Callout(f"Finding {n}.", "finding") for n in range(3)]
    report = Report("x", language=language).add(*said, Callout("A note.", "note"), Callout("Again.", "finding"))
    words = [p.text for p in Document(report.save(tmp_path / "r.docx")).paragraphs]
    head, note = {"zh": ("主要发现", "说明"), "en": ("Main finding", "Note")}[language]
    assert words[-5:] == [f"{head}  Finding 0.", "Finding 1.", "Finding 2.", f"{note}  A note.", f"{head}  Again."]
    page = report.save(tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count(f"<strong>{head}</strong>") == 2


def test_no_list_leaves_its_heading_behind(tmp_path):
    document = Document(full().save(tmp_path / "r.docx"))
    heads = [p for p in document.paragraphs if p.style.name == "TOC Heading"]
    assert [p.text for p in heads] == ["Contents", "List of tables", "List of figures"]
    assert all(p.paragraph_format.page_break_before for p in heads)


def test_a_tables_last_lines_and_notes_stay_together(tmp_path):
    document = Document(
        Report("x", language="en").add(stars().noted(Text("一", "One."), Text("二", "Two."))).save(tmp_path / "r.docx")
    )
    table, notes = document.tables[0], [p for p in document.paragraphs if p.style.name == TABLE_NOTE and p.text]
    assert [note.paragraph_format.keep_with_next for note in notes] == [True] * (len(notes) - 1) + [None]
    assert all(note.paragraph_format.keep_together for note in notes)
    for row in table.rows[-2:]:
        assert all(cell.paragraphs[0].paragraph_format.keep_with_next for cell in row.cells)


def test_no_table_is_wider_than_its_page(language, tmp_path):
    body = Document(full(language).save(tmp_path / "r.docx")).element.body
    widths = []
    for node in body.iter(qn("w:tbl"), qn("w:sectPr")):
        if node.tag == qn("w:tbl"):
            widths.append(sum(int(column.get(qn("w:w"))) for column in node.tblGrid))
        else:
            margins = node.find(qn("w:pgMar"))
            sides = int(margins.get(qn("w:left"))) + int(margins.get(qn("w:right")))
            assert all(width <= int(node.find(qn("w:pgSz")).get(qn("w:w"))) - sides + 20 for width in widths)
            widths = []


def test_a_template_keeps_its_pages_and_styles(tmp_path):
    template = Document()
    template.add_paragraph("Our faculty")
    template.styles["Caption"].font.italic = True
    template.save(tmp_path / "t.docx")
    document = Document(full().save(tmp_path / "r.docx", template=tmp_path / "t.docx"))
    assert document.paragraphs[0].text == "Our faculty"
    assert document.styles["Caption"].font.italic
    assert wordml_order.faults(tmp_path / "r.docx") == []


def test_a_template_that_is_none_is_refused(tmp_path):
    with pytest.raises(SurveyError, match="the template is not there"):
        full().save(tmp_path / "r.docx", template=tmp_path / "absent.docx")
    (tmp_path / "t.docx").write_text("words", encoding="utf-8")
    with pytest.raises(SurveyError, match="the template is no Word file"):
        full().save(tmp_path / "r.docx", template=tmp_path / "t.docx")


def test_hostile_words_stay_words(tmp_path):
    evil = "<w:p/> & \x00\u202e \ud800 ]]> {x}"
    path = Report(evil, language="en", author=evil).add(evil).save(tmp_path / "r.docx")
    assert [p.text for p in Document(path).paragraphs] == ["<w:p/> &   ]]> {x}"] * 3


@pytest.mark.office
def test_the_printed_pages_hold_every_word_and_number(language, tmp_path):
    report = full(language).add(means(simulated=True))
    report.save(tmp_path / "r.docx")
    printed = bare("".join(printed_pages(tmp_path / "r.docx")))
    for block in report.blocks:
        if not isinstance(block, TableBlock):
            continue
        page = of_grid(block.table(language).grid())
        wanted = [page.title, *page.notes, *(text for head in page.heads for text in head)]
        wanted += [text for row in page.rows for text in row]
        assert [text for text in wanted if bare(text) not in printed] == []
    number = {"zh": r"表(\d-\d)", "en": r"Table(\d\.\d)"}[language]
    # Once in the list of tables, once as a caption (and one reference in the text), as LibreOffice counts them.
    counted = re.findall(number, printed)
    dots = "-" if language == "zh" else "."
    assert set(counted) == {f"1{dots}{n}" for n in (1, 2, 3)} | {f"2{dots}{n}" for n in range(1, 7)}
    assert all(counted.count(each) >= 2 for each in counted)


def bare(text: str) -> str:
    """Without white space, which line breaks in cells change; with one form of each compatibility character."""
    return re.sub(r"\s", "", text)
