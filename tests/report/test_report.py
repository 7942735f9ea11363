from collections import Counter
from itertools import product

import openpyxl
import pytest
from docx import Document
from figures.gallery import PICTURES
from matplotlib import pyplot
from report_samples import BARS, Means, bars, full, means
from table_kinds import simple, stars

from sgsurvey.errors import SurveyError
from sgsurvey.report.blocks import Callout, Figure, Heading, Paragraph, TableBlock
from sgsurvey.report.numbering import labels, pieces, place
from sgsurvey.report.overclaims import overclaims
from sgsurvey.report.report import Report
from sgsurvey.tables import grid
from sgsurvey.text import Text, same

SUFFIXES = ["docx", "html", "md", "xlsx"]
EMPTY = Report("R", language="en")


@pytest.fixture(autouse=True)
def no_open_figures():
    before = pyplot.get_fignums()
    yield
    assert pyplot.get_fignums() == before


def test_adding_gives_a_new_report():
    report = EMPTY.add("words", Text("字", "words"), simple(), means())
    assert EMPTY.blocks == ()
    assert [type(block) for block in report.blocks] == [Paragraph, Paragraph, TableBlock, TableBlock]


def test_a_simulated_result_makes_the_report_say_so():
    assert not EMPTY.add(means()).simulated
    assert EMPTY.add(means(simulated=True)).simulated
    assert EMPTY.add(Figure(means(simulated=True), caption=BARS)).simulated


def test_what_cannot_be_printed_is_refused():
    with pytest.raises(SurveyError, match="int cannot be drawn"):
        EMPTY.add(3)


def test_axes_need_a_title_to_be_a_figure():
    ax = bars(language="en")
    with pytest.raises(SurveyError, match="a picture without a title has no caption"):
        EMPTY.add(ax)
    ax.set_title("Means")
    assert EMPTY.add(ax).blocks[0].caption == same("Means")
    pyplot.close(ax.figure)


def test_axes_given_by_the_user_stay_open(tmp_path):
    ax = bars(language="en")
    EMPTY.add(Figure(ax, caption=BARS)).save(tmp_path / "r.html")
    assert pyplot.fignum_exists(ax.figure.number)
    pyplot.close(ax.figure)


def test_tables_and_figures_are_numbered_by_chapter():
    printed = [(p.number, p.label.to("zh") if p.label else "") for p in place(full().blocks, "en")]
    assert [n for n in printed if any(n)] == [
        ("1", ""), ("1.1", ""), ("", "表1-1"), ("", "表1-2"), ("", "表1-3"),
        ("2", ""), ("", "图2-1"), ("", "表2-1"), ("", "表2-2"), ("", "表2-3"), ("", "表2-4"), ("", "表2-5"),
    ]  # fmt: skip


def test_without_chapters_tables_are_counted_through():
    placed = place(EMPTY.add(simple(), stars()).blocks, "en")
    assert [(p.label.to("zh"), p.label.to("en")) for p in placed] == [("表1", "Table 1"), ("表2", "Table 2")]


def test_two_tables_with_one_id_have_two_anchors_and_the_first_is_meant():
    placed = place(EMPTY.add(simple(), simple()).blocks, "en")
    assert [p.anchor for p in placed] == ["tab_simple", "tab_simple_2"]
    assert labels(placed)["simple"].ordinal == 1


def test_a_reference_to_nothing_is_an_error_with_a_guess():
    known = labels(place(EMPTY.add(simple()).blocks, "en"))
    assert [str(p) for p in pieces("a [@simple] b", known)][::2] == ["a ", " b"]
    with pytest.raises(SurveyError, match=r"has the id 'simpel'\. Did you mean 'simple'\?"):
        pieces("see [@simpel]", known)


def test_findings_are_the_main_findings_in_the_report_s_language():
    assert full("zh").findings() == ["经费是首要问题。"]
    assert full("zh").to("en").findings() == ["Funding comes first."]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_report_gives_the_same_bytes(suffix, tmp_path):
    first, second = (full().save(tmp_path / name / f"r.{suffix}").read_bytes() for name in "ab")
    assert first == second


def test_each_table_is_made_once_and_laid_out_once_for_each_language(tmp_path, monkeypatch):
    made, laid_out = [], Counter()

    def make(result, of=Means._table):
        made.append(result)
        return of(result)

    def lay(table, of=grid.lay_out):
        laid_out[table.id, table.language] += 1
        return of(table)

    monkeypatch.setattr(Means, "_table", make)
    monkeypatch.setattr(grid, "lay_out", lay)
    report = EMPTY.add(simple(), means())
    overclaims(report)
    for edition in (report.to("zh"), report.to("en")):
        for suffix in SUFFIXES:
            edition.save(tmp_path / f"r.{suffix}")
    assert len(made) == 1
    assert laid_out == dict.fromkeys(product(("simple", "means"), ("zh", "en")), 1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_excel_has_one_sheet_per_table_with_its_number(language, tmp_path):
    book = openpyxl.load_workbook(full(language).save(tmp_path / "r.xlsx"))
    assert book.sheetnames == ["spanners", "simple", "groups", "stars", "wide", "spanners 2", "suppressed", "means"]
    assert book["stars"]["A1"].value.startswith({"zh": "表2-1  ", "en": "Table 2.1  "}[language])


def test_a_report_without_tables_is_no_workbook(tmp_path):
    with pytest.raises(SurveyError, match="the report has no table"):
        EMPTY.add("words").save(tmp_path / "r.xlsx")


def test_an_unknown_suffix_and_a_template_for_html_are_refused(tmp_path):
    with pytest.raises(SurveyError, match=r"cannot be saved as '\.pdf'"):
        full().save(tmp_path / "r.pdf")
    with pytest.raises(SurveyError, match="only a Word report can take a template"):
        full().save(tmp_path / "r.html", template=tmp_path / "t.docx")


def test_markdown_names_its_pictures_and_escapes_words(tmp_path):
    report = full().add(Paragraph("<b> | *x*"), Callout("<i>"), Heading("# [x]"))
    text = report.save(tmp_path / "r.md").read_text(encoding="utf-8")
    assert "![Two bars](<r_figures/fig_bars.png>)\n\n**Figure 2.1 Means by aspect**" in text
    assert (tmp_path / "r_figures" / "fig_bars.png").read_bytes().startswith(b"\x89PNG")
    assert r"\<b\> \| \*x\*" in text
    assert "See Table 1.1 and Figure 2.1." in text


def test_a_result_without_a_picture_says_so(tmp_path):
    class Bare(type(means())):
        plot = None

    with pytest.raises(SurveyError, match="Bare has no picture of its own"):
        EMPTY.add(Figure(Bare(means().frame, means().basis), caption=BARS)).save(tmp_path / "r.html")


def test_a_word_report_opens_again(tmp_path):
    texts = [p.text for p in Document(full("zh").save(tmp_path / "r.docx")).paragraphs]
    assert "S县村庄保洁调查报告" in texts
    assert "见表1-1和图2-1。" in texts


def test_a_picture_without_words_says_what_it_shows_and_words_that_are_given_go_before():
    def draw(language):
        return PICTURES["scree"](language)

    silent, told = Figure(draw, caption=BARS), Figure(draw, caption=BARS, alt=Text("碎石", "Debris"))
    assert silent.alternative("en").startswith("Scree plot: 15 eigenvalues")
    assert silent.alternative("zh").startswith("碎石图：15个特征根")
    assert told.alternative("en") == "Debris"
    assert Figure(means(), caption=BARS).alternative("en") == BARS.en
