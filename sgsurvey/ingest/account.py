"""Where every row and cell of a file went: kept, set aside, or left out, with its reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.log import CELL_COLUMNS, CELL_KINDS, INVALID_COLUMNS, Log, Step
from sgsurvey.answers.personal_data import mask
from sgsurvey.ingest.assemble import Read
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import FORMULA, Cells, Raw
from sgsurvey.ingest.match import Binding
from sgsurvey.ingest.reading import ColumnRead
from sgsurvey.text import Text

RAGGED = "(lines of another length)"
NONE = dict.fromkeys(CELL_KINDS, 0)
NOT_KEPT = "(not kept: the file has direct identifiers)"


@dataclass(frozen=True)
class Account:
    """A file that was read, and what became of its rows.

    Attributes
    ----------
    reasons : ndarray of str, shape (n,)
        Why each row is set aside; empty where it is kept.
    """

    raw: Raw
    binding: Binding
    reads: list[Read]
    reasons: npt.NDArray[np.object_]

    def log(self, events: Events) -> Log:
        """Rows in are rows kept and rows set aside; the cells of each column add up too."""
        aside = [*(reason for _, _, reason in self.raw.ragged), *self.reasons[self.reasons != ""]]
        counts = pd.Series(aside, dtype=object).value_counts()
        n_in = len(self.raw.rows) + len(self.raw.ragged)
        kept = int((self.reasons == "").sum())
        step = Step(Text("读取", "Reading"), n_in, kept, {str(k): int(v) for k, v in counts.items()})
        return Log((step,), events.frame(), self.quarantine(), self.invalid(), self.cells(), dict(events.inputs))

    def quarantine(self) -> pd.DataFrame:
        """Rows set aside as they came: the columns that are read, or all cells where the shape is wrong.

        Personal data are masked in answers, not in the columns beside them.
        """
        out = np.flatnonzero(self.reasons != "")
        beside = set(self.binding.carried.values())
        cells = {}
        for place in sorted(self._places()):
            texts = [self.raw.columns[place][row] for row in out]
            shown = {text: text if place in beside else mask(text).text for text in set(texts)}
            cells[self.raw.header[place]] = [shown[text] for text in texts]
        table = pd.DataFrame({"row": self.raw.rows[out], "reason": self.reasons[out], **cells})
        if self.raw.ragged:
            # In a line of the wrong shape nobody can tell which cell identifies: then none is kept.
            kept = NOT_KEPT if self.binding.identifiers else None
            lines = [
                {"row": row, "reason": why, "cells": kept or "\t".join(cells)} for row, cells, why in self.raw.ragged
            ]
            table = pd.concat([table, pd.DataFrame(lines)], ignore_index=True) if len(table) else pd.DataFrame(lines)
        return table.sort_values("row", ignore_index=True)

    def invalid(self) -> pd.DataFrame:
        """Every cell that was set aside in a row that is kept."""
        kept = self.reasons == ""
        parts = []
        for place, item, read in self.reads:
            rows = np.flatnonzero(read.strange[read.cells.codes] & kept)
            if len(rows):
                events = read.cells.spread([reading.event.partition(".")[0] for reading in read.readings])
                texts = [mask(read.cells[row].lstrip(FORMULA)).text for row in rows]
                head, name = self.raw.header[place], item.name if item else ""
                table = {"row": self.raw.rows[rows], "column": head, "item": name, "value": texts, "code": events[rows]}
                parts.append(pd.DataFrame(table))
        if not parts:
            return pd.DataFrame(columns=INVALID_COLUMNS)
        return pd.concat(parts, ignore_index=True).sort_values(["row", "column"], ignore_index=True)

    def cells(self) -> pd.DataFrame:
        """One line per column of the file: its cells by what became of them."""
        read = {place: column for place, _, column in self.reads}
        kept = self.reasons == ""
        compared = {self.binding.carried[name] for name in ("role", "version") if name in self.binding.carried}
        lines = []
        for place, head in enumerate(self.raw.header):
            cells, holds = self.raw.columns[place], self._holds(place)
            if place in read:
                counts = _counts(read[place], kept)
            elif place in compared:
                counts = _plain_counts(cells, kept)
            else:
                counts = {"left_out": len(cells)}
            lines.append({"column": head, "holds": holds, "cells": len(cells), **NONE, **counts})
        if self.raw.ragged:
            n = sum(len(cells) for _, cells, _ in self.raw.ragged)
            lines.append({"column": RAGGED, "holds": "", "cells": n, **NONE, "set_aside": n})
        return pd.DataFrame(lines, columns=CELL_COLUMNS)

    def _places(self) -> set[int]:
        """Columns that are read."""
        binding = self.binding
        places = {*binding.carried.values(), *binding.answers.values(), *binding.assigned.values()}
        return places | {place for options in binding.options.values() for place in options.values()}

    def _holds(self, place: int) -> str:
        """What a column holds, in a word: an item, a carried name, or nothing that is read."""
        binding = self.binding
        for group in (binding.carried, binding.answers, binding.assigned):
            for name, at in group.items():
                if at == place:
                    return name
        for name, options in binding.options.items():
            for code, at in options.items():
                if at == place:
                    return f"{name}_{code}"
        return ""


def _counts(read: ColumnRead, kept: npt.NDArray[np.bool_]) -> dict[str, int]:
    """Cells of a column that was understood."""
    cells = np.bincount(read.cells.codes[kept], minlength=len(read.readings))
    return {
        "read": int(cells[read.valued].sum()),
        "no_answer": int(cells[~read.valued & read.told & ~read.strange].sum()),
        "blank": int(cells[~read.valued & ~read.told].sum()),
        "invalid": int(cells[read.strange].sum()),
        "set_aside": int((~kept).sum()),
    }


def _plain_counts(cells: Cells, kept: npt.NDArray[np.bool_]) -> dict[str, int]:
    """Cells of a column that is compared with known words only (the group, the version)."""
    filled = cells.filled
    return {
        "read": int((filled & kept).sum()),
        "blank": int((~filled & kept).sum()),
        "set_aside": int((~kept).sum()),
    }
