"""A column understood: what each different text in it means, and which cells are set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import FORMULA, Cells
from sgsurvey.ingest.names import UNSEEN
from sgsurvey.messages import message

NOT_SHOWN = "SG126.cell"

Value = float | str | tuple[int, ...] | None
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell means: its value, and the name of the message if it was not plainly so."""

    value: Value
    event: str = ""


EMPTY = Reading(None)


@dataclass(frozen=True)
class ColumnRead:
    """One column understood.

    Attributes
    ----------
    cells : Cells
        What stands in the file.
    readings : list of Reading, length k
        What each different text means.
    """

    cells: Cells
    readings: list[Reading]

    def column(self) -> npt.NDArray[np.object_]:
        """A value (or None) per row."""
        return self.cells.spread([reading.value for reading in self.readings])

    def numbers(self) -> npt.NDArray[np.float64]:
        """A number (or nan) per row."""
        return self.meant[self.cells.codes]

    def rows_of(self, which: Callable[[Reading], bool]) -> Mask:
        """The rows whose cell reads so; shape (n,)."""
        return self._texts(which)[self.cells.codes]

    @property
    def meant(self) -> npt.NDArray[np.float64]:
        """The number (or nan) that each different text means; shape (k,)."""
        return np.array([np.nan if r.value is None else r.value for r in self.readings], dtype=np.float64)

    @cached_property
    def valued(self) -> Mask:
        """Which texts have a value; shape (k,)."""
        return self._texts(lambda reading: reading.value is not None)

    @cached_property
    def told(self) -> Mask:
        """Which texts have a message; shape (k,)."""
        return self._texts(lambda reading: bool(reading.event))

    @cached_property
    def strange(self) -> Mask:
        """Which texts are set aside; shape (k,)."""
        return self._texts(is_invalid)

    def _texts(self, which: Callable[[Reading], bool]) -> Mask:
        return np.fromiter(map(which, self.readings), dtype=bool, count=len(self.readings))

    @property
    def characters(self) -> int:
        """How long all its words are together."""
        words = [len(r.value) if isinstance(r.value, str) else 0 for r in self.readings]
        return int(np.dot(self.cells.counts, np.array(words, dtype=np.int64)))

    @property
    def invalid(self) -> int:
        """How many cells were set aside."""
        return int(self.cells.counts[self.strange].sum())

    @property
    def filled(self) -> int:
        """How many cells hold an answer, or what was meant as one."""
        return int(self.cells.counts[self.valued | self.strange].sum())

    @property
    def examples(self) -> tuple[str, ...]:
        """Up to three different texts that were set aside."""
        return tuple(self.cells.texts[k] for k in np.flatnonzero(self.strange)[:3])


def is_invalid(reading: Reading) -> bool:
    """Whether the cell is set aside."""
    return bool(reading.event) and message(reading.event).does == "invalid"


def is_not_shown(reading: Reading) -> bool:
    """Whether the tool says that the question was not shown."""
    return reading.event == NOT_SHOWN


def read_column(
    cells: Cells, read: Callable[[str], Reading], head: str, rows: npt.NDArray[np.int64], events: Events
) -> ColumnRead:
    """Apply ``read`` to each different text once, and write down what was not plain.

    Raises
    ------
    DataError
        A cell that nothing can be made of without guessing.
    """
    seen: dict[str, list[int]] = {}
    readings = []
    counts, first = cells.counts, cells.first
    for k, text in enumerate(cells.texts):
        shown = UNSEEN.sub("", text) if UNSEEN.search(text) else text
        if shown is not text:
            seen.setdefault("SG127.cell", []).append(k)
        reading = Reading(None, "SG134.cell") if text.startswith(FORMULA) else read(shown)
        if reading == EMPTY and shown.strip():
            # Something stands there, though nothing that answers: a lone apostrophe, marks without words.
            reading = Reading(None, "SG125.cell")
        readings.append(reading)
        if reading.event:
            if message(reading.event).does == "refuse":
                raise events.error(reading.event, row=int(rows[first[k]]), column=head, value=shown[:20])
            seen.setdefault(reading.event, []).append(k)
    for name, ks in seen.items():
        # Each value that was set aside has its own line; repairs are counted together.
        for group in [[k] for k in ks] if message(name).does == "invalid" else [ks]:
            earliest = min(group, key=lambda k: first[k])
            events.add(
                name,
                n=int(counts[group].sum()),
                row=int(rows[first[earliest]]),
                column=head,
                value=cells.texts[earliest].lstrip(FORMULA),
            )
    return ColumnRead(cells, readings)
