"""What reading changed, dropped or doubted: collected while a file is read, then kept in the answers' log."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from sgsurvey.answers.log import EVENT_COLUMNS
from sgsurvey.answers.personal_data import mask
from sgsurvey.answers.refusal import refusal
from sgsurvey.errors import DataError
from sgsurvey.messages import message
from sgsurvey.text import Text


@dataclass
class Events:
    """Lines of the log for one file; also makes its errors, so that each names the place in the same way.

    ``inputs`` holds the SHA-256 of every file that was opened, by its name.
    """

    file: str
    sheet: str = ""
    lines: list[dict[str, object]] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def add(
        self, name: str, *, n: int = 1, row: int = 0, column: str = "", value: str = "", **parts: str | int | Text
    ) -> None:
        """Keep one kind of event: how many cells, rows or columns, the first row, an example without personal data.

        Parameters
        ----------
        name : str
            Which message of ``messages.toml`` (``SG109.blank``); ``parts`` fill its braces.
        """
        found = message(name)
        what, remedy = found.what.format(**parts), found.remedy.format(**parts)
        self.lines.append(
            {
                "code": found.code,
                "action": found.does,
                "row": row,
                "column": column,
                "n": n,
                "value": mask(value[:80]).text,
                "message": what.en,
                "message_zh": what.zh,
                "remedy": remedy.en,
                "remedy_zh": remedy.zh,
            }
        )

    def place(self, *, row: int = 0, column: str = "") -> Text:
        """File, sheet, row and column in words."""
        en = [self.file, f"sheet '{self.sheet}'" if self.sheet else ""]
        en += [f"row {row}" if row else "", f"column '{column}'" if column else ""]
        zh = [self.file, f"工作表“{self.sheet}”" if self.sheet else ""]
        zh += [f"第{row}行" if row else "", f"“{column}”列" if column else ""]
        return Text("，".join(part for part in zh if part), ", ".join(part for part in en if part))

    def error(self, name: str, *, row: int = 0, column: str = "", **parts: str | int | Text) -> DataError:
        """The error to raise: this file, this place, the message called ``name``."""
        return refusal(name, where=self.place(row=row, column=column), **parts)

    def frame(self) -> pd.DataFrame:
        """All lines, in the order they happened."""
        return pd.DataFrame(self.lines, columns=EVENT_COLUMNS)
