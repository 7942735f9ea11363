"""read_coding(): the workbooks that coders filled in, every line checked against the answers and the coding frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd

from sgsurvey.answers.coding import Coding, coding_of
from sgsurvey.answers.coding_frame import SHEET_COLUMNS, CodingFrame, Dimension
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.open_answers import is_open, open_answers
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.ingest.coding_sheet import SHEETS
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.excel import workbook_lines
from sgsurvey.ingest.files import content_of, kind_of
from sgsurvey.ingest.layout import FORMULA
from sgsurvey.questionnaire.fault import Fault, as_error, found, meant
from sgsurvey.questionnaire.model import Place
from sgsurvey.tables.format import printable
from sgsurvey.text import LANGUAGES, Text

Line = tuple[int, dict[str, str]]
LONGEST = 30_000  # a cell holds 32,767 characters
LEAVE = ("除编码外请保持原样。", "Leave everything but the codes as it was written.")


def read_coding(paths: Mapping[str, str | Path], answers: Responses | pd.DataFrame, frame: CodingFrame) -> Coding:
    """Read the workbooks that ``coding_sheet`` wrote and coders filled in.

    Parameters
    ----------
    paths : mapping of coder to path
        The first coder's codes are those that are counted.  Codes that coders agreed on afterwards are a file of their
        own, read by itself: beside theirs it would count as one more coder.
    answers : Responses or DataFrame
        The answers that the sheets were written from.
    frame : CodingFrame

    Returns
    -------
    Coding
        Every line of every file; answers without codes are counted, for each coder.

    Raises
    ------
    DataError
        Lists every fault with file, line and remedy: an unknown code, an answer that is not there or whose words were
        changed, another coder's line, an idea given twice; or a file that cannot be read.

    Examples
    --------
    ``sg.read_coding({"A": "coder_a.xlsx", "B": "coder_b.xlsx"}, answers, frame)``
    """
    if not paths:
        raise DataError(
            Text("没有编码表。", "there is no coding sheet."),
            where="paths",
            remedy=Text('请写{"A": "a.xlsx"}。', 'Pass {"A": "a.xlsx"}.'),
        )
    respondents = as_columns(answers)
    sheets = [_Sheet.of(Path(path), coder, frame) for coder, path in paths.items()]
    faults = [fault for sheet in sheets for fault in sheet.faults]
    items = list(dict.fromkeys(line["item"] for sheet in sheets for _, line in sheet.lines))
    known = [item for item in items if is_open(respondents, item)]
    given = open_answers(respondents, known)
    words = {(row, item): text for row, item, text in zip(given["row"], given["item"], given["text"], strict=True)}
    coded = [_checked(sheet, words, frame, faults) for sheet in sheets]
    if faults:
        raise as_error(faults, ", ".join(sheet.file for sheet in sheets), DataError)
    lines = pd.DataFrame(
        [line for own in coded for line in own], columns=["coder", "row", "item", "idea", *frame.names]
    )
    unread = tuple(dict.fromkeys(name for sheet in sheets for name in sheet.unread))
    return coding_of(lines, given, respondents, frame, paths, unread)


@dataclass(frozen=True)
class _Sheet:
    """One coder's file: its lines by number and column, what it lacks, and columns that are not the sheet's."""

    file: str
    coder: str
    lines: Sequence[Line]
    unread: tuple[str, ...]
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path, coder: str, frame: CodingFrame) -> _Sheet:
        events = Events(path.name)
        content = content_of(path, events)
        if kind_of(content, events) != "xlsx":
            raise DataError(
                Text("不是编码表的.xlsx文件。", "is no .xlsx file of a coding sheet."),
                where=path.name,
                remedy=Text("请用coding_sheet写出的文件。", "Take the file that coding_sheet wrote."),
            )
        head, *rest = workbook_lines(content, events, lambda book: _coding(book, path.name)) or [[]]
        wanted = (*SHEET_COLUMNS, *frame.names)
        faults = [
            found(Place(path.name, 1), (f"缺少列'{name}'。", f"the column '{name}' is missing."), LEAVE)
            for name in wanted
            if head.count(name) != 1
        ]
        lines = enumerate(([cell.removeprefix(FORMULA).strip() for cell in cells] for cells in rest), start=2)
        filled = [] if faults else [(number, cells) for number, cells in lines if any(cells)]
        rows = [(number, dict(zip_longest(head, cells[: len(head)], fillvalue=""))) for number, cells in filled]
        return cls(path.name, coder, rows, tuple(name for name in head if name and name not in wanted), faults)


def _coding(book: Any, file: str) -> Any:
    titles = [SHEETS[0].to(language) for language in LANGUAGES]
    for sheet in book.worksheets:
        if sheet.title in titles:
            return sheet
    raise DataError(
        Text(f"没有工作表“{titles[0]}”。", f"there is no sheet '{titles[1]}'."),
        where=file,
        remedy=Text("请用coding_sheet写出的文件。", "Take the file that coding_sheet wrote."),
    )


def _checked(
    sheet: _Sheet, words: Mapping[tuple[str, str], str], frame: CodingFrame, faults: list[Fault]
) -> list[dict[str, object]]:
    """The lines of one file as values; what is wrong with them goes to ``faults``."""
    lines: list[dict[str, object]] = []
    seen: dict[tuple[str, str, int], int] = {}
    for number, cells in sheet.lines:
        place = Place(sheet.file, number)
        answer, idea = (cells["row"], cells["item"]), _idea(cells["idea"])
        faults += _answer_faults(place, cells, printable(sheet.coder), words.get(answer))
        if idea is None:
            what = (f"idea列是'{cells['idea']}'。", f"the idea is '{cells['idea']}'.")
            faults.append(found(place, what, ("请填1、2、3……。", "Number the ideas of an answer 1, 2, 3 …")))
        elif (first := seen.setdefault((*answer, idea), number)) and first != number:
            what = (
                f"与第{first}行是同一回答的同一个意思。",
                f"is the same idea of the same answer as line {first}.",
            )
            faults.append(found(place, what, ("请把idea列改为2、3……。", "Number the ideas of an answer 1, 2, 3 …")))
        codes = {
            dimension.name: _code(place, cells[dimension.name], dimension, faults) for dimension in frame.dimensions
        }
        lines.append({"coder": sheet.coder, "row": answer[0], "item": answer[1], "idea": idea, **codes})
    return lines


def _answer_faults(place: Place, cells: Mapping[str, str], coder: str, words: str | None) -> list[Fault]:
    faults = []
    if cells["coder"] != coder:
        what = (
            f"是编码员'{cells['coder']}'的，不是'{coder}'的。",
            f"belongs to coder '{cells['coder']}', not '{coder}'.",
        )
        faults.append(found(place, what, ("请核对文件与编码员。", "Name each coder with the file of that coder.")))
    if words is None:
        what = (
            f"答卷中没有这个回答（row '{cells['row']}'，item '{cells['item']}'）。",
            f"the answers hold no such answer (row '{cells['row']}', item '{cells['item']}').",
        )
        faults.append(found(place, what, LEAVE))
    elif _plain(cells["text"]) != _plain(words):
        faults.append(found(place, ("回答的文字被改动了。", "the words of the answer were changed."), LEAVE))
    return faults


def _idea(cell: str) -> int | None:
    """The number of an idea: 1 where the cell is empty, None where it holds something else than a number."""
    if not cell:
        return 1
    return int(cell) if cell.isascii() and cell.isdigit() and 0 < int(cell) < 1000 else None


def _code(place: Place, cell: str, dimension: Dimension, faults: list[Fault]) -> str | None:
    code = cell.removeprefix("+")
    if not code:
        return None
    if code not in dimension.names:
        what = (f"{dimension.name}没有编码'{code}'。", f"{dimension.name} has no code '{code}'.")
        faults.append(found(place, what, meant(code, dimension.names)))
    return code


def _plain(text: str) -> str:
    """Words without spaces, which spreadsheets change, as far as a cell holds them."""
    return "".join(printable(text).split())[:LONGEST]
