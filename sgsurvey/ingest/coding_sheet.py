"""coding_sheet(): answers to open questions as a workbook in which one coder gives them codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from sgsurvey.answers.coding_file import WHOLE
from sgsurvey.answers.coding_frame import SHEET_COLUMNS, CodingFrame, refuse_existing
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.open_answers import open_answers
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.small_roles import FEW
from sgsurvey.errors import DataError
from sgsurvey.tables.excel import type_words, write_workbook
from sgsurvey.tables.format import printable
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

SHEETS = (Text("开放题编码", "coding"), Text("编码框架", "codes"), Text("说明", "how to code"))
SMALLEST_SHARE = 0.2
SPARE_LINES = 1000
WIDTHS = {"text": 70, "row": 14, "item": 12}
HEADS_OF_CODES = {"dimension": Text("维度", "Dimension"), "code": Text("编码", "Code"), "label": Text("名称", "Label"),
         "definition": Text("定义", "Definition")}  # fmt: skip
HOW_TO = (
    Text(
        "每行是一个回答；在右边各列从下拉列表中选编码，其他列请不要改动。",
        "Each line is one answer; choose codes from the lists in the columns on the right, and leave the others alone.",
    ),
    Text(
        "一个回答有几个意思时，把整行复制到新的一行，idea列填2、3……，各行分别编码；最主要的意思写在第1行。",
        "Where an answer holds several ideas, copy the whole line, number its idea 2, 3 …, and code each line; the "
        "main one is 1.",
    ),
    Text(
        "没有内容可编的回答也给一个编码（如“其他”）；留空表示还没有编。",
        "An answer that says nothing has a code too (such as “other”); empty means not coded yet.",
    ),
    Text(
        "两名编码员各自独立编码，完成之前不讨论。",
        "Coders work alone, and talk about codes only when both are done.",
    ),
)


@dataclass(frozen=True)
class CodingSheet(Result):
    """A workbook that was written for one coder.

    Attributes
    ----------
    frame : DataFrame
        Per question and group: ``item, group`` (role), ``n_given`` (answers), ``n_sheet`` (of them in the workbook).
    path : Path
    coder : str
    share : float
    seed : int or None
    """

    path: Path
    coder: str
    share: float
    seed: int | None

    def _table(self) -> Table:
        words = {
            key: pd.Series([self.basis.label(name) for name in self.frame[key]], self.frame.index, object)
            for key in ("item", "group")
        }
        columns = [
            Column("item", HEADS["question"], "text"),
            Column("group", HEADS["group"], "text"),
            Column("n_given", Text("回答数", "Answers given"), "count"),
            Column("n_sheet", Text("编码表中", "In the sheet"), "count"),
        ]
        title = Text(f"编码员{self.coder}的编码表", f"Sheet of coder {self.coder}")
        return Table.from_frame(self.frame.assign(**words), columns, id="coding_sheet", title=title)


def coding_sheet(
    answers: Responses | pd.DataFrame,
    items: str | Sequence[str],
    path: str | Path,
    *,
    frame: CodingFrame,
    coder: str,
    share: float = 1.0,
    seed: int | None = None,
) -> CodingSheet:
    """Write the workbook in which one coder codes answers to open questions.

    One line per answer, its words without personal data, and one column with a list to choose from per dimension of
    ``frame``; a second sheet holds the codes, a third how to code.  A file that is there is never written over.

    Parameters
    ----------
    answers : Responses or DataFrame
    items : str or sequence of str
        Open questions (columns of words).
    path : str or Path
        ``.xlsx``.
    frame : CodingFrame
    coder : str
        Who will code; ``read_coding`` asks for the same name.
    share : float
        Of the answers of each group to each question, drawn at random; 0.2 to 1.  All answers of groups with fewer than
        30 respondents are in the sheet.
    seed : int, optional
        Decides the draw; needed for a share below 1.

    Raises
    ------
    DataError
        There is a file already, nobody answered, a share is out of its range or has no seed, an item is no open
        question.

    Examples
    --------
    ``sg.coding_sheet(answers, "E_open1", "coder_b.xlsx", frame=frame, coder="B", share=0.2, seed=1)``
    """
    file, respondents = Path(path), as_columns(answers)
    _check(file, coder, share, seed)
    given = open_answers(respondents, items)
    if given.empty:
        raise DataError(
            Text("这些题没有人回答。", "nobody answered these questions."),
            where="items",
            remedy=Text("请核对题目。", "Check their names."),
        )
    lines = given if share == 1 else _drawn(given, respondents, share, np.random.default_rng(seed))
    language = respondents.language
    book = Workbook()
    book.remove(book.active)
    coding, codes, how_to = (book.create_sheet(title.to(language)) for title in SHEETS)
    places = _write_codes(codes, frame, language)
    _write_answers(coding, lines, frame, coder, [f"'{codes.title}'!{place}" for place in places])
    for line, text in enumerate(HOW_TO, start=1):
        _write(how_to.cell(line, 1), text.to(language))
    how_to.column_dimensions["A"].width = 100
    write_workbook(book, file)
    undrawn = {"not drawn": len(given) - len(lines)} if len(lines) < len(given) else {}
    basis = replace(respondents.basis(len(lines), undrawn), n_in=len(given))
    return CodingSheet(_counted(given, lines), basis, file, coder, share, seed)


def _counted(given: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    sizes = given.groupby(["item", "group"], sort=False).size().rename("n_given")
    drawn = lines.groupby(["item", "group"]).size().rename("n_sheet")
    return sizes.to_frame().join(drawn).fillna(0).astype(int).reset_index()


def _check(file: Path, coder: str, share: float, seed: int | None) -> None:
    if file.suffix.lower() != ".xlsx":
        raise DataError(
            Text("编码表是.xlsx文件。", "a coding sheet is an .xlsx file."),
            where=str(file),
            remedy=Text("请改文件名的后缀。", "Change the suffix of its name."),
        )
    if not printable(coder):
        raise DataError(
            Text("没有写编码员。", "the coder has no name."),
            where="coder=",
            remedy=Text("请写代号，如A、B。", "Give a name, such as A or B."),
        )
    if not SMALLEST_SHARE <= share <= 1 or (share < 1 and seed is None):
        raise DataError(
            Text(f"抽取比例应在0.2到1之间，小于1时要有种子；现为{share}。",
                 f"a share lies between 0.2 and 1, and has a seed where it is below 1; it is {share}."),
            where="share=",
            remedy=Text("如share=0.2, seed=1。", "Pass share=0.2, seed=1."),
        )  # fmt: skip
    refuse_existing(file)


def _drawn(given: pd.DataFrame, answers: Responses, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """The share of each group's answers to each question, at least; all of small groups."""
    sizes = {"": len(answers)} | answers.frame.get("role", pd.Series(dtype=object)).map(str).value_counts().to_dict()
    kept = np.zeros(len(given), dtype=bool)
    place = pd.Series(np.arange(len(given)))
    for (_, group), at in place.groupby([given["item"].to_numpy(), given["group"].to_numpy()], sort=False):
        few = sizes.get(group, 0) < FEW
        n = len(at) if few else ceil(share * len(at) - 1e-9)
        kept[rng.choice(at.to_numpy(), n, replace=False)] = True
    return given[kept]


def _write_answers(sheet: Any, lines: pd.DataFrame, frame: CodingFrame, coder: str, lists: Sequence[str]) -> None:
    names = [*SHEET_COLUMNS, *frame.names]
    for place, name in enumerate(names, start=1):
        _write(sheet.cell(1, place), name, bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(name, 10)
    fixed = lines.assign(coder=printable(coder))[list(SHEET_COLUMNS[:-1])]
    for row, line in enumerate(fixed.itertuples(index=False), start=2):
        for place, words in enumerate(line, start=1):
            _write(sheet.cell(row, place), printable(str(words)))
        sheet.cell(row, len(SHEET_COLUMNS)).value = 1
    for place, (dimension, listed) in enumerate(
        zip(frame.dimensions, lists, strict=True), start=len(SHEET_COLUMNS) + 1
    ):
        letter = get_column_letter(place)
        rule = DataValidation(type="list", formula1=listed, allow_blank=True, showErrorMessage=True)
        rule.errorStyle, rule.errorTitle = "stop", dimension.name
        rule.add(f"{letter}2:{letter}{len(lines) + SPARE_LINES}")
        sheet.add_data_validation(rule)
    sheet.freeze_panes = "A2"


def _write_codes(sheet: Any, frame: CodingFrame, language: Language) -> list[str]:
    """The codes of every dimension, and where those of each one stand: what its list shows."""
    for place, name in enumerate(HEADS_OF_CODES, start=1):
        _write(sheet.cell(1, place), HEADS_OF_CODES[name].to(language), bold=True)
    row, places = 2, []
    for dimension in frame.dimensions:
        places.append(f"$B${row}:$B${row + len(dimension.codes) - 1}")
        for code in dimension.codes:
            label = f"　{code.label.to(language)}" if code.parent else code.label.to(language)
            _write(sheet.cell(row, 1), dimension.label.to(language))
            if WHOLE.fullmatch(code.name):
                # What is chosen from a list becomes a number where it looks like one, and must equal what stands there.
                sheet.cell(row, 2).value = int(code.name)
            else:
                _write(sheet.cell(row, 2), code.name)
            _write(sheet.cell(row, 3), label)
            _write(sheet.cell(row, 4), code.definition.to(language))
            row += 1
    for letter, width in zip("ABCD", (14, 14, 30, 70), strict=True):
        sheet.column_dimensions[letter].width = width
    return places


def _write(cell: Any, text: str, *, bold: bool = False) -> None:
    type_words(cell, text)
    cell.font = Font(name="Times New Roman", size=10, bold=bold)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
