"""The paper form: the data's numbers and codes, boxes, skips in words, and pages that nobody is ashamed of."""

import re
from pathlib import Path

import pytest
import word_schema
import wordml_order
from docx import Document
from docx.oxml.ns import qn
from evil_words import EVIL, evil_questionnaire
from office import printed_pages

import sgsurvey as sg
from sgsurvey.forms.form import lay_out
from sgsurvey.forms.word_words import section_number
from sgsurvey.tables.format import printable
from sgsurvey.text import LANGUAGES

INSTRUMENT = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
EVERYBODY = [role.name for role in (*INSTRUMENT.roles, *INSTRUMENT.sheets)]


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


def paper(folder, role, *, questionnaire=INSTRUMENT, **how):
    return Document(sg.write_form(questionnaire, folder / "form.docx", role=role, **how).path)


def lines(document):
    """Every paragraph and every row of a table, as text, in order."""
    found = []
    for node in document.element.body:
        if node.tag == qn("w:p"):
            found.append(said(node))
        elif node.tag == qn("w:tbl"):
            found += ["|".join(said(cell) for cell in row.iter(qn("w:tc"))) for row in node.iter(qn("w:tr"))]
    return [line.replace("\xa0", " ") for line in found if line]


def said(node):
    return "".join("\t" if part.tag == qn("w:tab") else part.text for part in node.iter(qn("w:t"), qn("w:tab")) if
                   part.tag == qn("w:t") or part.getparent().tag == qn("w:r"))  # fmt: skip


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_question_stands_under_its_number_with_its_words_and_column(tmp_path, role, language):
    form = lay_out(INSTRUMENT, role)
    page = lines(paper(tmp_path, role, language=language))
    for item in form.items:
        number, label = form.numbers[item.name], printable(item.label.to(language))
        starts = [line for line in page if re.match(rf"{number}(\. |\|)", line)]
        assert len(starts) == 1
        assert label.split("{assigned}")[0] in starts[0]
        assert item.name in re.split(r"\s+|\|", starts[0])


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_choice_has_its_box_and_code(tmp_path, role, language):
    form = lay_out(INSTRUMENT, role)
    page = lines(paper(tmp_path, role, language=language))
    text = "\n".join(page)
    for part in form.parts():
        choices = form.choices(part.items[0])
        if part.grid:
            for item in part.items:
                (line,) = [line for line in page if line.startswith(f"{form.numbers[item.name]}|")]
                assert line.split("|")[2:] == [f"□ {choice.code}" for choice in choices]
        else:
            box = "（　）" if part.items[0].type == "rank" else "□ "
            for choice in choices:
                assert f"{box}{choice.code}. {choice.label.to(language)}" in text


def test_a_grid_repeats_its_head_and_no_line_is_torn(tmp_path, language):
    grids = [t for t in paper(tmp_path, "villager", language=language).tables if len(t.columns) > 6]
    assert len(grids) == 5
    for grid in grids:
        rows = grid._tbl.findall(qn("w:tr"))
        assert [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows] == [True] + [False] * (
            len(rows) - 1
        )
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
        anchors = [choice.label.to(language) for choice in INSTRUMENT.scales["agree5"].choices]
        assert [cell.text for cell in grid.rows[0].cells][2:8] == anchors


def test_chinese_stands_in_song_and_latin_in_times(tmp_path, language):
    document = paper(tmp_path, "villager", language=language)
    for name, east_asian in (("Normal", "宋体"), ("Footer", "宋体"), ("Title", "黑体"), ("Heading 1", "黑体")):
        fonts = document.styles[name].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) == east_asian
        assert {fonts.get(qn(f"w:{kind}")) for kind in ("ascii", "hAnsi", "cs")} == {"Times New Roman"}
    assert not [run for run in document.element.body.iter(qn("w:rFonts"))]


def test_the_file_obeys_the_schema(tmp_path, language):
    for role, questionnaire in (
        ("villager", INSTRUMENT),
        ("observer", INSTRUMENT),
        ("everybody", evil_questionnaire()),
    ):
        paper(tmp_path, role, questionnaire=questionnaire, language=language)
        path = tmp_path / "form.docx"
        assert wordml_order.faults(path) + word_schema.faults(path) == []


def test_skips_are_told_in_words_with_where_to_go_on(tmp_path):
    zh, en = ("\n".join(lines(paper(tmp_path, "villager", language=language))) for language in LANGUAGES)
    assert "▶ 如果第3题选“3. 访员面访”，请回答第4题；否则请跳到第5题。\n4. 访员编号" in zh
    assert "▶ 如果第50题选了“98. 其他”，请回答第51题；否则请跳到第52题。\n51. " in zh
    assert "▶ 如果第3题选“1. 网上自填”或“2. 纸上自填”，请回答第53–55题；否则请跳到第56题。" in zh
    assert "请选“比较不同意”。（只有第3题选“1. 网上自填”或“2. 纸上自填”的回答）  ATT1" in zh
    assert '▶ If question 50 includes "98. Other", answer question 51; otherwise go to question 52.' in en


def test_a_skip_over_the_last_question_ends_the_form(tmp_path):
    questionnaire = evil_questionnaire()
    last = next(b for b in questionnaire.blocks if b.name == "O1x").items.index("D1")
    for block in questionnaire.blocks[1:]:
        object.__setattr__(block, "items", block.items[: last + 1])
    page = "\n".join(lines(paper(tmp_path, "everybody", questionnaire=questionnaire, language="en")))
    assert 'If question 7 includes "3. three", answer question 12; otherwise the form ends here.' in page


def test_numbers_say_their_limits_and_codes_of_no_answer(tmp_path):
    page = "\n".join(lines(paper(tmp_path, "villager", language="zh")))
    assert "11. 您家有几口人？（1到20之间的整数；不知道填‑8，拒答填‑9）  V_hhsize　____" in page
    assert "（可多选，最多3项）  IMP" in page
    assert "（在括号里填名次：1为第一，最多填到3）  LEV" in page


def test_what_paper_cannot_do_is_given_back(tmp_path):
    made = sg.write_form(INSTRUMENT, tmp_path / "f.docx", role="villager", language="en")
    assert made.frame["item"].tolist() == ["IMP", "CAU", "LEV", "V_fee"]
    assert "2, 5, 10, 20" in made.frame["en"].iloc[-1]
    assert "Steps to take by hand: f.docx" in made.table().to_markdown()


def test_evil_words_are_words(tmp_path):
    text = "\n".join(lines(paper(tmp_path, "everybody", questionnaire=evil_questionnaire(), language="zh")))
    for evil in EVIL:
        assert printable(evil) in text


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [(1, "一、", "A. "), (10, "十、", "J. "), (11, "十一、", "K. "), (20, "二十、", "T. "), (27, "二十七、", "AA. ")],
)
def test_sections_are_numbered_as_people_count(number, zh, en):
    assert (section_number(number, "zh"), section_number(number, "en")) == (zh, en)


@pytest.mark.office
def test_the_printed_pages_repeat_the_anchors_above_every_part_of_a_grid(tmp_path):
    paper(tmp_path, "villager", language="zh")
    pages = printed_pages(tmp_path / "form.docx")
    assert 4 <= len(pages) <= 6
    for number, page in enumerate(pages, start=1):
        bare = re.sub(r"\s", "", page)
        assert f"第{number}页共{len(pages)}页" in bare
        if re.search(r"□1□2□3□4□5□9□-9", bare):
            assert "说不上同意不同意" in bare


@pytest.mark.office
@pytest.mark.parametrize("role", ["undertaker", "villager"])
def test_the_last_words_never_stand_on_a_page_of_their_own(tmp_path, role):
    paper(tmp_path, role, language="en")
    last = printed_pages(tmp_path / "form.docx")[-1]
    assert "This is the end of the form." in last
    assert re.search(r"^\d+\. ", last, re.M), "with at least one question"
