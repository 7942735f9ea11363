"""问卷星's text: its editor's own rules, every word of the form, and the steps it cannot carry."""

import re
from pathlib import Path

import pytest
from evil_words import EVIL, evil_questionnaire

import sgsurvey as sg
from sgsurvey.forms.form import TIMES, lay_out
from sgsurvey.forms.wjx import UNSEEN_SPACE, words
from sgsurvey.tables.format import printable
from sgsurvey.text import LANGUAGES

INSTRUMENT = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
EVERYBODY = [role.name for role in (*INSTRUMENT.roles, *INSTRUMENT.sheets)]
TITLE = re.compile(r"(?:(\d+)\. )?(.*)\[(\S+题|段落说明)\](（选填）)?")


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


def imported(path):
    """The text as 问卷星's editor takes it: head, then (number, stem, tag, optional, lines) of each question."""
    head, *blocks = path.read_text(encoding="utf-8").strip("\n").split("\n\n")
    questions = []
    for block in blocks:
        title, *lines = block.split("\n")
        number, stem, tag, optional = TITLE.fullmatch(title).groups()
        # A line that begins with a number would open the next question.
        assert not [line for line in lines if re.match(r"\s*(?:[A-Za-z]|问题|第)?\s*\d", line)]
        questions.append((number, stem, tag, bool(optional), lines))
    return head.split("\n"), questions


def written(folder, role, *, questionnaire=INSTRUMENT, **how):
    return sg.write_form(questionnaire, folder / "form.txt", role=role, **how)


def shown(text, language):
    return printable(text.to(language))


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_word_of_the_form_arrives_in_order(tmp_path, role, language):
    form = lay_out(INSTRUMENT, role)
    head, questions = imported(written(tmp_path, role, language=language).path)
    assert head[0] == shown(form.title, language)
    text = (tmp_path / "form.txt").read_text(encoding="utf-8").replace(UNSEEN_SPACE, "").replace("\xa0", " ")
    at = 0
    for item in form.items:
        if item.name in TIMES:
            continue
        label = shown(item.label, language).split("{assigned}")[0]
        assert label in text[at:], item.name
        at = text.index(label, at)
        for choice in form.choices(item):
            assert shown(choice.label, language) in text
    numbers = [int(number) for number, *_ in questions if number]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_grid_has_its_columns_on_one_line_and_a_line_per_row(tmp_path, language):
    _, questions = imported(written(tmp_path, "purchaser", language=language).path)
    stem = INSTRUMENT.block("core_effect").label.to(language)
    _, _, tag, optional, lines = next(question for question in questions if question[1] == stem)
    assert (tag, optional) == ("矩阵单选题", True)
    columns = [column.replace("\xa0", " ") for column in lines[0].split(" ")]
    assert columns == [choice.label.to(language) for choice in INSTRUMENT.scales["agree5"].choices]
    assert lines[1:] == [INSTRUMENT.item(name).label.to(language) for name in INSTRUMENT.block("core_effect").items]


def test_a_line_that_is_not_always_asked_is_a_question_of_its_own(tmp_path):
    _, questions = imported(written(tmp_path, "purchaser").path)
    kinds = [
        tag for _, stem, tag, _, lines in questions if "保洁质量会定期检查。" in lines or "请选“比较不同意”" in stem
    ]
    assert kinds == ["矩阵单选题", "单选题"]


def test_what_must_be_answered_is_not_marked_optional(tmp_path):
    _, questions = imported(written(tmp_path, "purchaser").path)
    optional = {stem: flag for number, stem, _, flag, _ in questions if number}
    for item in INSTRUMENT.asked("purchaser"):
        if item.label.zh in optional:
            assert optional[item.label.zh] is not item.required


def test_the_steps_name_everything_the_text_cannot_say(tmp_path):
    made = written(tmp_path, "purchaser")
    frame = made.frame.set_index("item")
    page = (tmp_path / "form.steps.md").read_text(encoding="utf-8")
    form = lay_out(INSTRUMENT, "purchaser")
    said = {name: " ".join(frame.loc[[name], "en"]) for name in frame.index}
    assert 'show this question only if question 7 (P_dept) is "6. Other"' in said["P_dept_other"]
    assert "largest number of choices to 3" in said["CAU"]
    assert "'There are no serious problems' as 互斥" in said["CAU"]
    assert "random order" in said["LEV"]
    assert "a whole number from 0 to 50 (don't know: -8, refused: -9)" in said["P_years"]
    assert 'role="purchaser"' in said[""]
    conditional = [part for part in form.parts(by_condition=True) if form.conditions(part.items[0])]
    assert {part.items[0].name for part in conditional} == {n for n in said if "题目关联" in said[n]}
    for zh in made.frame["zh"]:
        assert zh.replace("_", "\\_") in page
    assert "`EFS1–EFL3` 1, 2, 3, 4, 5, 9" in page


def test_a_drawn_value_has_its_step(tmp_path):
    frame = written(tmp_path, "villager").frame.set_index("item")
    assert "2, 5, 10, 20" in frame.loc["V_fee", "zh"]
    assert "V_fee_assigned" in frame.loc["V_fee", "en"]


def test_evil_words_neither_open_a_question_nor_make_a_tag(tmp_path):
    made = written(tmp_path, "everybody", questionnaire=evil_questionnaire())
    _, questions = imported(made.path)
    assert len([number for number, *_ in questions if number]) == 14
    text = made.path.read_text(encoding="utf-8").replace(UNSEEN_SPACE, "")
    for evil in EVIL:
        assert printable(evil) in text
    page = (tmp_path / "form.steps.md").read_text(encoding="utf-8")
    assert "<" not in page.replace("\\<", "")


@pytest.mark.parametrize("text", ["10,000 and more", "3. three", "A. first", "(1) one", "第3题", "2、二"])
def test_words_that_look_like_a_number_get_an_unseen_space(text):
    assert words(text) == UNSEEN_SPACE + text


@pytest.mark.parametrize("text", ["plain", "a word", "不到1万元"])
def test_other_words_stay_as_they_are(text):
    assert words(text) == text
