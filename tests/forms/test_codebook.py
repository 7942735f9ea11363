"""The codebook: every column of the data, and nothing else."""

from pathlib import Path

import pytest
from evil_words import evil_questionnaire

import sgsurvey as sg
from sgsurvey.text import LANGUAGES

INSTRUMENT = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")


@pytest.fixture(scope="module")
def book():
    return sg.codebook(INSTRUMENT)


def line(book, variable):
    return book.frame.set_index("variable").loc[variable]


def test_every_column_of_simulated_answers_is_explained(book):
    answers = sg.simulate(INSTRUMENT, sg.Population(villages=2), seed=2)
    asked = {column for item in INSTRUMENT.items for column in item.columns} | {"role"}
    assert set(answers.frame.columns) - {"scope", "seconds"} <= set(book.frame["variable"])
    assert set(book.frame["variable"]) == asked
    assert book.frame["variable"].is_unique


def test_codes_have_their_labels_and_no_answers_stand_apart(book):
    assert line(book, "sex")["codes_zh"] == "1=男；2=女"
    assert line(book, "sex")["missing_en"] == "-9 = Refused; -8 = Don't know"
    assert line(book, "EFS1")["codes_en"].startswith("1 = Strongly disagree; 2 = ")
    assert "9" not in line(book, "EFS1")["codes_en"]
    assert line(book, "EFS1")["missing_en"].startswith("9 = Don't know")
    assert line(book, "V_hhsize")["codes_en"] == "a whole number from 1 to 20"
    assert line(book, "CAU_98")["label_zh"].endswith(" — 其他")
    assert line(book, "LEV_1")["codes_en"].startswith("1 = first")
    assert line(book, "V_fee_assigned")["codes_zh"] == "2, 5, 10, 20"
    assert line(book, "role")["codes_en"].endswith("villager = Villager")


def test_who_was_asked_and_when_is_said(book):
    assert line(book, "EFS1")["universe_en"] == "everybody"
    assert line(book, "interviewer_id")["universe_en"] == 'everybody, if mode is "3. Interviewer"'
    assert line(book, "CAU_other")["universe_zh"] == "所有人：CAU选了“98. 其他”"
    assert line(book, "V_open1")["universe_zh"] == "村民"
    assert line(book, "X1")["universe_en"] == "Observer's sheet"


def test_reversed_items_and_constructs_are_marked(book):
    reversed_items = {item.name for item in INSTRUMENT.items if item.reverse}
    assert set(book.frame.loc[book.frame["reverse"], "variable"]) == reversed_items
    assert line(book, "FUN4R")["construct"] == "FUN"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_prints_in_every_format(book, tmp_path, language):
    table = book.table(language=language)
    page = table.to_markdown()
    for word in ("CAU\\_98", INSTRUMENT.item("EFS1").label.to(language), INSTRUMENT.title.to(language)):
        assert word in page
    assert {"zh": "（反向）", "en": "(reversed)"}[language] in page
    for suffix in ("docx", "xlsx", "html", "md", "tex", "csv"):
        assert table.save(tmp_path / f"codebook.{suffix}").stat().st_size > 10_000


def test_columns_that_say_nothing_are_left_out(book):
    heads = [column.key for column in book.table().columns]
    has_source = any(construct.source for construct in INSTRUMENT.constructs)
    assert ("source" in heads) is has_source


def test_evil_words_do_no_harm():
    book = sg.codebook(evil_questionnaire())
    assert "<script>" not in book.table(language="zh").to_html()
    assert "N2" in book.frame["variable"].tolist()
    assert line(book, "N2")["missing_en"] == "99 = Not applicable"
