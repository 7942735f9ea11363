"""问卷星 (Wenjuanxing): the text that its editor imports, and the steps that such a text cannot carry.

Tags are Chinese (``[单选题]``, ``[矩阵单选题]`` …), whatever the language of the questions.
Under a grid's stem stands one line of columns, parted by spaces, then one line per row.  There is no word for skip
logic, limits, codes, random order or a drawn value: ``form.steps.md`` beside the text lists them, question by question.

A grid is one question of 问卷星, so its numbers differ from those of paper: steps give 问卷星's number and the item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sgsurvey.files import write_whole
from sgsurvey.forms.conditions import condition_words, limits_words, no_answer_words
from sgsurvey.forms.form import TIMES, Form, Part, lay_out
from sgsurvey.forms.steps import Step
from sgsurvey.forms.wjx_words import (
    CODES,
    CONDITION,
    COUNT,
    DATE,
    DRAWN,
    EXCLUSIVE,
    LIMITS,
    MOST,
    NO_LIMITS,
    NOT_REQUIRED,
    POSITIONS,
    ROLE,
    SHUFFLE,
    STEPS,
)  # fmt: skip
from sgsurvey.questionnaire.model import Choice, Item, Questionnaire
from sgsurvey.tables.format import printable
from sgsurvey.text import Language, Text

TAGS = {
    "select_one": "单选题",
    "rating": "单选题",
    "select_multiple": "多选题",
    "rank": "排序题",
    "integer": "填空题",
    "decimal": "填空题",
    "text": "填空题",
    "date": "填空题",
    "note": "段落说明",
}
GRID, SCALE_GRID, SCALE = "矩阵单选题", "矩阵量表题", "量表题"
NUMBERED = re.compile(r"\s*(?:第|问题|[(（])?\s*(?:\d|[A-Za-z]\s*[.、．:：)）])")
FIXED_SPACE, UNSEEN_SPACE = "\u00a0", "\u200b"


def write_wjx(
    questionnaire: Questionnaire, path: Path, *, role: str, language: Language | None = None, short: bool = False
) -> tuple[Step, ...]:
    """Write the text to import for ``role``, and beside it ``.steps.md`` with the steps that are given back."""
    form = lay_out(questionnaire, role, short=short)
    questions = tuple(questions_of(form))
    steps = tuple(_steps(form, questions))
    write_whole(path, _text(form, questions, language or questionnaire.language).encode("utf-8"))
    write_whole(path.with_suffix(".steps.md"), _page(form, questions, steps).encode("utf-8"))
    return steps


@dataclass(frozen=True, slots=True)
class Question:
    """A part of the form as one question of 问卷星; ``number`` is None for notes."""

    number: int | None
    part: Part


def questions_of(form: Form) -> Iterator[Question]:
    """Parts in order, numbered as 问卷星 will.

    Lines of a grid with another condition stand apart: 问卷星 cannot skip lines.  It takes the time by itself.
    """
    number = 0
    for part in form.parts(by_condition=True):
        if part.items[0].name in TIMES:
            continue
        note = part.items[0].type == "note"
        number += not note
        yield Question(None if note else number, part)


# The text -------------------------------------------------------------------------------------------


def _text(form: Form, questions: tuple[Question, ...], language: Language) -> str:
    """Title, introduction, then the questions with an empty line between them."""

    def said(text: Text) -> str:
        return words(text.to(language))

    head = [said(form.title)]
    if form.role.introduction is not None:
        head.append(said(form.role.introduction))
    blocks = ["\n".join(head)]
    before = None
    for question in questions:
        part = question.part
        if part.block != before and not part.grid:
            blocks.append(f"{said(part.block.label)}[{TAGS['note']}]")
        before = part.block
        blocks.append(_grid(form, question, said, language) if part.grid else _single(form, question, said, language))
    return "\n\n".join(blocks) + "\n"


def words(text: str) -> str:
    """``text`` on one line that 问卷星 takes for words: no tag of its own in it, no number at its start.

    An unseen space, which reading back drops, stands after ``[`` and before a leading digit or letter with a point.
    """
    shown = printable(text).replace("[", f"[{UNSEEN_SPACE}").replace("【", f"【{UNSEEN_SPACE}")
    return (
        f"{UNSEEN_SPACE}{shown}"
        if re.match(r"\s*(?:第|问题|[(（])?\s*(?:\d|[A-Za-z]\s*[.、．:：)）])", shown)
        else shown
    )


def _single(form: Form, question: Question, said: Callable[[Text], str], language: Language) -> str:
    (item,) = question.part.items
    if question.number is None:
        return f"{said(item.label)}[{TAGS['note']}]"
    choices = form.choices(item)
    tag = SCALE if item.type == "rating" and not _has_no_answers(choices) else TAGS[item.type]
    optional = "" if item.required else "（选填）"
    title = f"{question.number}. {stem(form, item, language)}[{tag}]{optional}"
    return "\n".join([title, *(said(choice.label) for choice in choices)])


def stem(form: Form, item: Item, language: Language) -> str:
    """A single question's words, its hint and its codes for no answer behind them, as they come back in an export."""

    def said(text: Text) -> str:
        return words(text.to(language))

    label = said(item.label)
    if item.assign:
        label = label.replace("{assigned}", "____")
    more = [said(item.hint)] if item.hint else []
    if instead := no_answer_words(form.no_answers(item)) if item.scale is None else None:
        more.append(said(instead))
    brackets = {"zh": "（{}）", "en": " ({})"}[language].format("；".join(more)) if more else ""
    return f"{label}{brackets}"


def line_words(item: Item, language: Language) -> str:
    """A grid's line, its hint behind it."""
    return " ".join(words(text.to(language)) for text in (item.label, item.hint) if text)


def _grid(form: Form, question: Question, said: Callable[[Text], str], language: Language) -> str:
    part = question.part
    choices = form.choices(part.items[0])
    tag = GRID if _has_no_answers(choices) else SCALE_GRID
    optional = "" if all(item.required for item in part.items) else "（选填）"
    # Columns are parted by ordinary spaces: one inside a label must not be one.
    columns = " ".join(re.sub(r"\s+", FIXED_SPACE, said(choice.label)) for choice in choices)
    rows = [line_words(item, language) for item in part.items]
    return "\n".join([f"{question.number}. {said(part.block.label)}[{tag}]{optional}", columns, *rows])


def _has_no_answers(choices: tuple[Choice, ...]) -> bool:
    """A scale of 问卷星 scores all of its points: "don't know" is none."""
    return any(choice.missing is not None for choice in choices)


# The steps ------------------------------------------------------------------------------------------


def _steps(form: Form, questions: tuple[Question, ...]) -> Iterator[Step]:
    numbers = {item.name: question.number for question in questions for item in question.part.items}

    def refer(item: Item) -> Text:
        return Text(f"第{numbers[item.name]}题（{item.name}）", f"question {numbers[item.name]} ({item.name})")

    numbered = [question for question in questions if question.number is not None]
    choices = sum(len(form.choices(question.part.items[0])) for question in numbered)
    yield Step(COUNT.format(questions=len(numbered), choices=choices))
    yield Step(POSITIONS)
    if not form.is_sheet:
        yield Step(ROLE.format(role=form.role.name))
    for question in numbered:
        first = question.part.items[0]
        name, number = first.name, str(question.number)
        if condition := condition_words(form.conditions(first), form.questionnaire, refer):
            yield Step(CONDITION.format(condition=condition), number, name)
        required = [item.name for item in question.part.items if item.required]
        if required and len(required) < len(question.part.items):
            yield Step(NOT_REQUIRED.format(items=", ".join(required)), number, name)
        for what in _settings(form, first):
            yield Step(what, number, name)


def _settings(form: Form, item: Item) -> Iterator[Text]:
    """What 问卷星 must be told about one question; the lines of a grid share it."""
    choices = form.choices(item)
    if item.type in ("select_multiple", "rank") and item.most:
        yield MOST.format(most=item.most)
    for choice in choices if item.type == "select_multiple" else ():
        if choice.exclusive:
            yield EXCLUSIVE.format(label=choice.label)
    if item.randomize:
        yield SHUFFLE
    if limits := limits_words(item):
        codes = no_answer_words(form.no_answers(item))
        yield LIMITS.format(limits=limits, codes=codes) if codes else NO_LIMITS.format(limits=limits)
    if item.type == "date":
        yield DATE
    if item.assign:
        yield DRAWN.format(values=", ".join(map(str, item.assign)), n=len(item.assign), name=f"{item.name}_assigned")


def _page(form: Form, questions: tuple[Question, ...], steps: tuple[Step, ...]) -> str:
    """The steps as a Markdown list to tick off, Chinese first; then the code behind each position, for reference."""
    title = STEPS.format(form=form.name)
    lines = [f"# {title.zh} / {title.en}", ""]
    for step in steps:
        where = f"**{step.question}** `{step.item}` " if step.question else ""
        lines.append(f"- [ ] {where}{_plain(step.what.zh)} / {_plain(step.what.en)}")
    lines += ["", f"## {CODES.zh} / {CODES.en}", ""]
    for question in questions:
        codes = [str(choice.code) for choice in form.choices(question.part.items[0])]
        if codes:
            lines.append(f"- **{question.number}** `{_named(question)}` {', '.join(codes)}")
    return "\n".join(lines) + "\n"


def _named(question: Question) -> str:
    """The item, or the first and the last line of a grid."""
    return "–".join(dict.fromkeys((question.part.items[0].name, question.part.items[-1].name)))


def _plain(text: str) -> str:
    """Words that Markdown leaves alone."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", printable(text))
