"""A sheet to key paper forms into: the data's columns, each cell checked as it is typed.

The first row names the columns of the data, the second says what they are; ``read_responses`` drops the second by
itself.  Two more sheets hold the codes and how to key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isinf
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from sgsurvey.errors import DataError
from sgsurvey.forms.conditions import limits_words, no_answer_words
from sgsurvey.forms.form import Form, lay_out, number_words
from sgsurvey.forms.steps import Step
from sgsurvey.questionnaire.model import Choice, Item, Questionnaire
from sgsurvey.tables.excel import type_words, write_workbook
from sgsurvey.tables.format import printable
from sgsurvey.text import Language, Text, same

FIRST_ROW, LAST_ROW = 3, 2002
LONGEST_LIST = LONGEST_MESSAGE = 255
LONGEST_TITLE = 32
FIRST_DATE = 36526  # 1 January 2000, as a spreadsheet counts days
SHEETS = (Text("录入", "answers"), Text("编码", "codes"), Text("说明", "how to key"))
FORM_NUMBER = Text("问卷编号", "Number of the form")
UNIQUE = {"type": "custom", "formula1": "COUNTIF({column},{cell})=1"}
ONCE = Text("每份问卷一个编号，不能重复", "one number per form, and none twice")
SHOWN = Text("出示的数", "number shown")
HOW_TO = (
    Text(
        "每份纸质问卷录一行，从第3行开始；前两行是列名和题目，请不要改动。",
        "Key each paper form on a line of its own, from line 3; leave the first two lines, names and questions, alone.",
    ),
    Text(
        "填答案前的数字（编码），包括表示不知道、拒答的数字；没有回答的和跳过的都留空。",
        "Key the number before the answer (its code), also where it stands for don't know or refused; leave empty what "
        "was not answered or skipped.",
    ),
    Text(
        "多选题每个选项一列：选了填1，没选留空。排序题每个选项一列：填名次，没排的留空。",
        "Several choices: a column for each option; 1 where it is ticked, else empty. Ranks: the number written before "
        "the option, else empty.",
    ),
    Text(
        "照问卷上写的录入，不改正、不补充；看不清的留空，并在纸上做记号。",
        "Key what the form says; correct and complete nothing. Leave empty what cannot be read, and mark it on paper.",
    ),
    Text(
        "由两人各录一遍，存成两个文件，再用 sg.compare_entries 比较。",
        "Two people key every form, each into a file of their own; sg.compare_entries compares them.",
    ),
)
BAND = PatternFill("solid", fgColor="DDE6EE")


def write_keying(
    questionnaire: Questionnaire, path: Path, *, role: str, language: Language | None = None, short: bool = False
) -> tuple[Step, ...]:
    """Write an empty keying sheet for the paper forms of ``role``; one that is there is never written over.

    Raises
    ------
    DataError
        A file is there already: it may hold answers.
    """
    form = lay_out(questionnaire, role, short=short)
    if path.exists():
        raise DataError(
            Text("录入表已经存在，其中可能有数据。", "a keying sheet is there already, and it may hold answers."),
            where=str(path),
            remedy=Text("请换一个文件名，或先把它移走。", "Choose another name, or move it away first."),
        )
    speaks = language or questionnaire.language
    columns = tuple(_columns(form, speaks))
    book = Workbook()
    book.remove(book.active)
    answers, codes, how_to = (book.create_sheet(title.to(speaks)) for title in SHEETS)
    _write_answers(answers, columns)
    _write_codes(codes, columns)
    for line, text in enumerate(HOW_TO, start=1):
        _write(how_to.cell(line, 1), text.to(speaks))
    _write(how_to.cell(len(HOW_TO) + 1, 1), f'sg.read_responses("….xlsx", questionnaire, role="{form.role.name}")')
    how_to.column_dimensions["A"].width = 100
    write_workbook(book, path)
    return ()


# Columns --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    """One column to key: its name in the data, its number and words, what may be typed, and what the keyer is told.

    ``rule`` are the arguments of the sheet's validation, in which ``{cell}`` stands for the cell itself.
    """

    name: str
    number: int | None
    words: str
    kind: str
    rule: dict[str, str] | None
    allowed: str
    band: bool

    @property
    def label(self) -> str:
        """The words after the number that they bear on paper; the name again where paper has no such question."""
        return self.name if self.number is None else f"{self.number}. {self.words}"


def _columns(form: Form, language: Language) -> Iterator[_Column]:
    if not form.is_sheet and "resp_id" not in form.numbers:
        yield _Column("resp_id", None, FORM_NUMBER.to(language), "text", UNIQUE, ONCE.to(language), band=False)
    for number, (_, items) in enumerate(form.blocks):
        for item in items:
            for name, label, rule, allowed in _of_item(form, item):
                words, hint = (printable(text.to(language)) for text in (label, allowed))
                yield _Column(name, form.numbers[item.name], words, item.type, rule, hint, band=number % 2 == 0)


def _of_item(form: Form, item: Item) -> Iterator[tuple[str, Text, dict[str, str] | None, Text]]:
    """Name, words, rule and what is allowed, for each column of an item."""
    if item.type in ("select_multiple", "rank") and item.scale is not None:
        most = item.most or len(item.scale.valid)
        for choice, name in zip(item.scale.valid, item.columns, strict=True):
            label = Text(f"{item.label.zh}/{choice.label.zh}", f"{item.label.en}/{choice.label.en}")
            if item.type == "rank":
                rule = {"type": "whole", "operator": "between", "formula1": "0", "formula2": str(most)}
                yield name, label, rule, Text(f"名次：1到{most}", f"rank: 1 to {most}")
            else:
                yield name, label, _one_of((1, 0)), Text("1=选了", "1 = ticked")
        return
    if item.type == "note":
        return
    choices = form.choices(item)
    if choices:
        yield item.name, item.label, _one_of(tuple(c.code for c in choices)), _codes(choices)
    elif item.type in ("integer", "decimal"):
        yield item.name, item.label, _number(item, form.no_answers(item)), _numbers(item, form.no_answers(item))
    elif item.type == "date":
        rule = {"type": "date", "operator": "greaterThanOrEqual", "formula1": str(FIRST_DATE)}
        yield item.name, item.label, rule, Text("日期：2026-04-30", "date: 2026-04-30")
    else:
        unique = {"type": "custom", "formula1": "COUNTIF({column},{cell})=1"} if item.name == "resp_id" else None
        yield item.name, item.label, unique, Text("每份问卷一个编号", "one number per form") if unique else same("")
    if item.assign:
        label = Text(f"{item.label.zh}（{SHOWN.zh}）", f"{item.label.en} ({SHOWN.en})")
        yield f"{item.name}_assigned", label, _one_of(item.assign), same(", ".join(map(str, item.assign)))


def _one_of(codes: tuple[int, ...]) -> dict[str, str]:
    listed = ",".join(map(str, codes))
    if len(listed) + 2 <= LONGEST_LIST:
        return {"type": "list", "formula1": f'"{listed}"'}
    return {"type": "custom", "formula1": f"OR({','.join(f'{{cell}}={code}' for code in codes)})"}


def _number(item: Item, no_answers: tuple[Choice, ...]) -> dict[str, str]:
    """A number within its limits, or one of its codes of no-answer."""
    low, high = item.limits or (float("-inf"), float("inf"))
    whole = item.type == "integer"
    if not no_answers and not isinf(low) and not isinf(high):
        ends = {"formula1": number_words(low), "formula2": number_words(high)}
        return {"type": "whole" if whole else "decimal", "operator": "between", **ends}
    tests = [f"{{cell}}>={number_words(low)}"] * (not isinf(low)) + [f"{{cell}}<={number_words(high)}"] * (
        not isinf(high)
    )
    tests += ["INT({cell})={cell}"] if whole else []
    inside = ["AND(ISNUMBER({cell})," + ",".join(tests or ["TRUE"]) + ")"]
    return {"type": "custom", "formula1": f"OR({','.join(inside + [f'{{cell}}={c.code}' for c in no_answers])})"}


def _codes(choices: tuple[Choice, ...]) -> Text:
    return Text(*("  ".join(f"{c.code}={c.label.to(lang)}" for c in choices) for lang in ("zh", "en")))


def _numbers(item: Item, no_answers: tuple[Choice, ...]) -> Text:
    parts = [part for part in (limits_words(item), no_answer_words(no_answers)) if part is not None]
    return Text("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


# Sheets ---------------------------------------------------------------------------------------------


def _write_answers(sheet: Any, columns: tuple[_Column, ...]) -> None:
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        _write(sheet.cell(1, place), column.name, bold=True, band=column.band)
        _write(sheet.cell(2, place), column.label, band=column.band)
        wide = column.kind in ("text", "date")
        sheet.column_dimensions[letter].width = 18 if wide else max(9, len(column.name) + 2)
        if wide:
            # Typed as text, an id keeps its leading zeros.
            sheet.column_dimensions[letter].number_format = "@" if column.kind == "text" else "yyyy-mm-dd"
        if column.rule is not None:
            sheet.add_data_validation(_validation(column, letter))
    sheet.row_dimensions[2].height = 120
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 2)


def _validation(column: _Column, letter: str) -> DataValidation:
    filled = {
        name: value.replace("{cell}", f"{letter}{FIRST_ROW}").replace(
            "{column}", f"${letter}${FIRST_ROW}:${letter}${LAST_ROW}"
        )
        for name, value in (column.rule or {}).items()
    }
    validation = DataValidation(**filled, allow_blank=True, showErrorMessage=True, showInputMessage=True)
    validation.errorStyle = "stop"
    validation.errorTitle = validation.promptTitle = column.name[:LONGEST_TITLE]
    validation.error = validation.prompt = _cut(column.allowed)
    validation.add(f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}")
    return validation


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"


def _write_codes(sheet: Any, columns: tuple[_Column, ...]) -> None:
    """A line per column, for those who look a code up.

    Name and question share a cell in marks of their own: alone in it, they would look like the heads of answers.
    """
    for line, column in enumerate(columns, start=1):
        _write(sheet.cell(line, 1), f"【{column.name}】{column.words}")
        _write(sheet.cell(line, 2), column.allowed)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 70, 90


def _write(cell: Any, text: str, *, bold: bool = False, band: bool = False) -> None:
    type_words(cell, text)
    cell.font = Font(name="Times New Roman", size=10, bold=bold)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if band:
        cell.fill = BAND
