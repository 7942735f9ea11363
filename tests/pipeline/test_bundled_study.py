"""The bundled study from its raw files to its report: every planned step is there, and nothing says too much."""

import importlib
import re
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import word_schema
import wordml_order
from browser import Browser
from office import printed_pages

import sgsurvey as sg
from sgsurvey.pipeline.check import check_path
from sgsurvey.pipeline.planned import EXPLORATORY
from sgsurvey.pipeline.template import copy_template, template_folder
from sgsurvey.report.blocks import Bullets, Callout, Heading, TableBlock
from sgsurvey.report.numbering import labels, pieces, place, title, told
from sgsurvey.text import LANGUAGES, words

STUDIES = Path(__file__).parents[1] / "studies"
CLUSTERS = STUDIES / "resident_survey_clusters"


@contextmanager
def scripts():
    """The study's own scripts can be imported, and are forgotten afterwards."""
    before, folder = set(sys.modules), str(template_folder() / "analysis")
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(folder):
                del sys.modules[name]


def report_of(folder: Path) -> sg.Report:
    with scripts():
        return importlib.import_module("pipeline").main(sg.read_study(folder))


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> sg.Report:
    return report_of(copy_template(tmp_path_factory.mktemp("bundled") / "mine").parent)


def tables(report: sg.Report) -> dict[str, sg.Table]:
    return {b.table("en").id: b.table("en") for b in report.blocks if isinstance(b, TableBlock)}


def callouts(report: sg.Report, kind: str) -> list[str]:
    return [b.words.en for b in report.blocks if isinstance(b, Callout) and b.kind == kind]


def points(report: sg.Report) -> list[str]:
    return [point.en for b in report.blocks if isinstance(b, Bullets) for point in b.points]


def test_every_planned_analysis_is_there_and_only_planned_ones_draw_conclusions(report):
    assert callouts(report, "warning") == []
    marked = [b.table("en").id for b in report.blocks if isinstance(b, TableBlock) and EXPLORATORY in b.notes]
    assert marked == []
    wanted = {"sem_models", "validity_villager", "method_bias_villager", "invariance", "criterion", "gaps"}
    wanted |= {
        "misperception",
        "robustness",
        "mediation",
        "models",
        "dominance",
        "diagnostics",
        "priorities",
        "countermeasures",
        "coder_agreement",
        "themes_aspect",
    }
    assert wanted <= set(tables(report))


def test_every_declared_hypothesis_is_judged(report):
    summed = tables(report)["hypotheses"].frame
    assert summed["hypothesis"].tolist() == ["H1", "H2", "H3", "H4", "H5", "H6"]
    assert not summed["verdict"].isin(["not examined"]).any()
    assert summed["evidence"].str.contains("95% CI").all()


def test_every_usual_table_is_printed_or_named_with_its_reason(report):
    with scripts():
        expected = importlib.import_module("left_out").EXPECTED
    made = tables(report)
    named = made.pop("not_examined").frame.set_index("step")["why"]
    for table in expected:
        shown = any(has == name or has.startswith(f"{name}_") for has in made for name in table.ids)
        assert shown != (table.name.en in named.index), table.name.en
    assert named["Content validity"] == "no panel of experts rated the items"
    assert "fewer than 100" in named["Confirmatory factor model"]
    assert {"size_rules", "hypotheses", "validity_discriminant_villager"} <= set(made)


def test_what_is_not_examined_is_said_with_its_reason(report):
    notes = " ".join(callouts(report, "note"))
    assert "Not examined: Confirmatory factor model. Reason: " in notes
    assert "fewer than 100, described only" in notes


def test_the_item_that_villagers_read_differently_is_found(report):
    released = tables(report)["invariance"].frame["released"].tolist()
    assert [words for words in released if words != "–"] == ["SUP2 ~1"]
    assert len(released) == 6


def test_the_first_chapter_says_what_how_sure_and_what_to_test_first(report):
    answers = callouts(report, "finding")
    assert len(answers) == 4
    assert any("cannot decide it" in each for each in answers)
    said = [*answers, *points(report)]
    assert any("Shown to fall short of the target" in each for each in said)
    assert any(each.startswith("With 12 places the best grade is C") for each in said)
    assert sum("(coefficient " in each for each in said) == 3
    assert any("this survey supports rolling out no measure" in each for each in said)
    assert sum("no support in this survey" in each for each in said) == 4


def test_what_people_write_stands_beside_problems_and_nobody_is_quoted(report):
    found = tables(report)
    matrix, themes = found["countermeasures"].frame, found["themes_aspect"].frame
    (funding,) = [words for words in matrix["spoken"] if words]
    assert re.search(r"Post-holder \d+% \(n = 72\)", funding)
    assert "Purchaser —" in funding
    assert "κ" not in funding  # of groups too small to be shown as well
    assert not any("quote" in column for column in themes)
    kappas = found["coder_agreement"].frame
    assert kappas["kappa"].dropna().lt(1).all()


def coded(folder: Path, answers: sg.Responses):
    """The step of open answers alone, on these answers."""
    with scripts():
        step = importlib.import_module("open_answers")
        return step.open_answers(SimpleNamespace(read=answers, answers=answers), sg.read_study(folder))


@pytest.fixture
def asked(tmp_path):
    folder = copy_template(tmp_path / "mine").parent
    return folder, sg.simulate(sg.read_study(folder).questionnaire(), seed=5)


def test_real_answers_without_sheets_of_coders_are_not_examined(asked):
    found = coded(asked[0], replace(asked[1], simulated=False))
    assert found.words.en == (
        "Not examined: Coding of open answers. Reason: no coding sheets (data/coding_a.xlsx, data/coding_b.xlsx)."
    )
    assert "没有编码表" in found.words.zh


def test_sheets_of_coders_are_read_where_they_are_there(asked):
    folder, answers = asked
    (folder / "data").mkdir()
    items, codes = ["H_open3", "V_open1"], sg.CodingFrame.stakeholder()
    path = sg.coding_sheet(answers, items, folder / "data" / "coding_a.xlsx", frame=codes, coder="A").path
    book = openpyxl.load_workbook(path)
    for line in book.worksheets[0].iter_rows(min_row=2):
        for cell, code in zip(line[6:9], ("FUN", "PRO", -1), strict=True):
            cell.value = code
    book.save(path)
    found = coded(folder, answers)
    assert found.coding.coders == ("A",)
    assert set(found.coding.frame["aspect"]) == {"FUN"}
    assert "no two coders" in found.agreement.why.en
    assert found.themes.frame.set_index(["theme", "group"]).loc[("FUN", "villager"), "share"] == 1.0


def test_no_sentence_says_more_than_the_design_allows(report):
    assert sg.overclaims(report).frame.empty


@pytest.mark.parametrize("name", ["resident_survey", "resident_survey_clusters"])
def test_the_plans_of_residents_bind_every_question_to_method_variables_and_rule(name):
    plan = sg.read_study(STUDIES / name).plan
    assert all(question.analyses for question in plan.questions)
    each = [analysis for question in plan.questions for analysis in question.analyses]
    assert all(analysis.rule.zh and analysis.rule.en and (analysis.variables or analysis.tables) for analysis in each)
    assert [analysis.method for analysis in each if analysis.benchmark] == ["shortfall", "priorities"]


# The files of the report -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(report, tmp_path_factory) -> Path:
    """The whole report as its reader gets it."""
    folder = tmp_path_factory.mktemp("saved")
    for language in LANGUAGES:
        for suffix in ("docx", "html"):
            replace(report, languages=LANGUAGES).to(language).save(folder / f"report.{language}.{suffix}")
    return folder


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_fault_in_the_whole_report(saved, opened, language):
    opened.resize(400, 900)
    opened.visit(saved / f"report.{language}.html")
    assert opened.faults() == []
    assert opened.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_report_obeys_the_schema_of_word(saved, language):
    file = saved / f"report.{language}.docx"
    assert wordml_order.faults(file) + word_schema.faults(file) == []


@pytest.mark.office
@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_of_the_whole_report_hold_what_is_computed_anew(report, saved, language):
    """Lists are printed as they were written; captions and references as LibreOffice counts them."""
    pages = printed_pages(saved / f"report.{language}.docx")
    printed = bare("".join(pages))
    placed = place(report.blocks, language)
    captions = [bare(p.label.to(language) + words(title(p), language)) for p in placed if p.label is not None]
    assert len(set(captions)) > 40
    assert [caption for caption in captions if printed.count(caption) < 2] == []
    said = [told(p) for p in placed if told(p) is not None]
    known = labels(placed)
    parts = [pieces(words(each.words, language), known) for each in said]
    lines = [bare("".join(x if isinstance(x, str) else x.to(language) for x in each)) for each in parts]
    assert [line for line in lines if line[:40] not in printed] == []
    heads = [bare(p.number + words(p.block.words, language)) for p in placed if isinstance(p.block, Heading)]
    first = next(at for at, page in enumerate(pages) if bare(page).startswith(heads[0]))
    ends = {bare(page.split("\n")[-3]) for page in pages[first:]}  # below it is the number of the page
    assert ends.isdisjoint(heads), "a heading stands alone at the end of a page"


def bare(text: str) -> str:
    """Without white space, which line breaks change."""
    return re.sub(r"\s", "", text)


@pytest.mark.shared
def test_six_districts_stop_at_what_six_clusters_allow(shared):
    assert check_path(CLUSTERS) == []
    found = report_of(CLUSTERS)
    assert callouts(found, "warning") == []
    said = " ".join([*callouts(found, "finding"), *points(found)])
    assert "rest on 6 places alone, with at most 5 degrees of freedom" in said
    assert "6 places cannot tell 5 drivers apart (more than 15 are needed)" in said
    assert "no grade is above D" in said
    grades = tables(found)["priorities"].frame["grade"]
    assert {grade[0] for grade in grades} == {"D"}
    shortfalls, battery = (tables(found)[name].frame for name in ("shortfall", "drivers"))
    assert len(shortfalls) == 7
    assert "between" not in " ".join(map(str, battery.to_numpy().ravel()))
    assert [b.table("en").id for b in found.blocks if isinstance(b, TableBlock) and EXPLORATORY in b.notes] == []
    assert {line for line in tables(found)["plan"].frame["question"]} == {"Q1", "Q2", "Q3"}
    assert sg.overclaims(found).frame.empty
