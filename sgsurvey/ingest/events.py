"""What reading changed, dropped or doubted: collected while a file is read, then kept in the answers' log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from sgsurvey.answers.log import EVENT_COLUMNS
from sgsurvey.errors import DataError
from sgsurvey.text import Text

Action = Literal["fix", "warn", "invalid", "quarantine"]


@dataclass
class Events:
    """Lines of the log for one file; also makes its errors, so that each names the place in the same way."""

    file: str
    sheet: str = ""
    lines: list[dict[str, object]] = field(default_factory=list)

    def add(
        self, code: str, action: Action, message: str, *, n: int = 1, row: int = 0, column: str = "", value: str = ""
    ) -> None:
        """Keep one kind of event: how many cells, rows or columns, the first row, an example."""
        line = {"code": code, "action": action, "row": row, "column": column, "n": n, "value": value[:80]}
        self.lines.append({**line, "message": message})

    def place(self, *, row: int = 0, column: str = "") -> str:
        """File, sheet, row and column in words."""
        parts = [self.file, f"sheet '{self.sheet}'" if self.sheet else ""]
        parts += [f"row {row}" if row else "", f"column '{column}'" if column else ""]
        return ", ".join(part for part in parts if part)

    def error(self, code: str, what: str | Text, remedy: str | Text, *, row: int = 0, column: str = "") -> DataError:
        """The error to raise: this file, this place."""
        return DataError(what, where=self.place(row=row, column=column), remedy=remedy, code=code)

    def frame(self) -> pd.DataFrame:
        """All lines, in the order they happened."""
        return pd.DataFrame(self.lines, columns=EVENT_COLUMNS)
