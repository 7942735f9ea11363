"""Columns understood become the frame of answers; what cannot be understood is counted, and too much of it refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.mode import mode_codes
from sgsurvey.ingest import values
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.limits import MOST_CHARACTERS
from sgsurvey.ingest.match import Binding, Roles, asked_of
from sgsurvey.ingest.names import CARRIED, wording
from sgsurvey.ingest.reading import EMPTY, ColumnRead, Reading, is_not_shown, read_column
from sgsurvey.ingest.strangers import refuse_strangers
from sgsurvey.questionnaire.model import CODED, SEVERAL, Item, Questionnaire

PLACES = ("township_id", "village_id")
Read = tuple[int, Item | None, ColumnRead]


@dataclass
class Assembly:
    """Columns of answers while they are put together.

    Attributes
    ----------
    decimal : str
        The sign before decimals.
    reads : list of (place in the file, Item or None, ColumnRead)
        Every column that was read; without an item where the package alone knows it.
    characters : int
        How long all words in them are together.
    """

    raw: Raw
    binding: Binding
    questionnaire: Questionnaire
    events: Events
    decimal: str = "."
    reads: list[Read] = field(default_factory=list)
    characters: int = 0

    def assemble(self, roles: Roles | None) -> pd.DataFrame:
        """Carried columns, then those of all items that were asked or answered, missing where the file has none."""
        columns: dict[str, pd.Series] = {}
        n = len(self.raw.rows)
        for name in CARRIED:
            if name == "role" and roles is not None:
                columns[name] = as_text(roles)
            elif name in self.binding.carried and name not in ("role", "version"):
                item = next(
                    (item for item in self.questionnaire.items if item.name == name and item.type != "text"), None
                )
                read = self._read(self._carried_reader(name, item), self.binding.carried[name], item)
                columns[name] = _typed(item, name, read, n)
        asked = asked_of(self.questionnaire, roles)
        for item in self.questionnaire.items:
            wanted = item.name in asked or self.binding.holds(item.name)
            hashed = item.name in self.binding.direct and item.name in self.binding.answers
            if (item.identifier != "direct" or hashed) and item.name not in columns and wanted:
                columns |= self._several(item) if item.type in SEVERAL else self._one(item)
        asking = [(place, item, read) for place, item, read in self.reads if item is not None]
        refuse_strangers(asking, self.raw, self.reader, self.events)
        return pd.DataFrame(columns, index=pd.RangeIndex(n))

    def not_shown(self) -> dict[str, npt.NDArray[np.bool_]]:
        """By item, the rows whose cells (all of them) say that the question was not shown; shape (n,)."""
        marked: dict[str, npt.NDArray[np.bool_]] = {}
        for _, item, read in self.reads:
            if item is not None:
                rows = read.rows_of(is_not_shown)
                marked[item.name] = marked[item.name] & rows if item.name in marked else rows
        return {item: rows for item, rows in marked.items() if rows.any()}

    # One item ---------------------------------------------------------------------------------------------

    def _one(self, item: Item) -> dict[str, pd.Series]:
        """The column of an item with one answer, and of the value assigned to it."""
        n, place = len(self.raw.rows), self.binding.answers.get(item.name)
        read = None if place is None else self._read(self.reader(item), place, item)
        columns = {item.name: _typed(item, item.name, read, n)}
        if item.assign:
            where = self.binding.assigned.get(item.name)
            numbers = np.full(n, np.nan)
            if where is not None:
                numbers = self._read(values.assigned_reader(item), where, None).numbers()
            columns[f"{item.name}_assigned"] = as_codes(numbers, item.assign)
        return columns

    def _several(self, item: Item) -> dict[str, pd.Series]:
        """One column per choice, from one column per choice or from one cell with all of them."""
        codes = item.scale.codes if item.scale else ()
        options = self.binding.options.get(item.name, {})
        table = np.full((len(self.raw.rows), len(codes)), np.nan)
        place = self.binding.answers.get(item.name)
        if options and (len(options) == len(codes) or place is None):
            blank = np.zeros(table.shape, dtype=bool)
            for j, code in enumerate(codes):
                if code in options:
                    read = self._read(values.option_reader(item, code), options[code], item)
                    table[:, j], blank[:, j] = read.numbers(), read.rows_of(lambda r: r == EMPTY)
            # Beside choices that were made a blank says "not this one"; a cell that is set aside says nothing.
            answered = ~np.isnan(table).all(axis=1)
            table[answered[:, None] & blank] = 0.0
        elif place is not None:
            read = self._read(values.several_reader(item, missing_words(item, self.questionnaire)), place, item)
            table = _spread(item, read, codes)
        return {column: as_codes(table[:, j], list(item.missing_codes)) for j, column in enumerate(item.columns)}

    # One column -------------------------------------------------------------------------------------------

    def reader(self, item: Item) -> Callable[[str], Reading]:
        """What understands the cells of an item with one answer."""
        synonyms = missing_words(item, self.questionnaire)
        if item.identifier == "direct":
            return values.read_words
        if item.type in CODED and item.scale:
            return values.code_reader(item, synonyms)
        if item.type in (*CODED, "integer", "decimal"):
            return values.number_reader(item, synonyms, self.decimal)
        return values.read_date if item.type == "date" else values.read_words

    def _carried_reader(self, name: str, item: Item | None) -> Callable[[str], Reading]:
        if name == "seconds":
            return values.read_seconds
        if name == "dup_suspect":
            return values.read_flag
        if name == "mode" and item is not None and item.scale is not None:
            return values.code_reader(item, mode_codes(self.questionnaire))
        return self.reader(item) if item is not None and name not in PLACES else values.read_words

    def _read(self, reader: Callable[[str], Reading], place: int, item: Item | None) -> ColumnRead:
        head = self.raw.header[place]
        read = read_column(self.raw.columns[place], reader, head, self.raw.rows, self.events)
        self.characters += read.characters
        if self.characters > MOST_CHARACTERS:
            # One long text in a file may stand in any number of its rows.
            raise self.events.error("SG140.texts", column=head, most=f"{MOST_CHARACTERS:,}")
        self.reads.append((place, item, read))
        return read


def missing_words(item: Item, questionnaire: Questionnaire) -> dict[str, int]:
    """The study's words for no answer ("Refused") with their codes, where the item takes these codes."""
    return {
        wording(label): choice.code
        for choice in questionnaire.missing
        if choice.code in item.missing_codes
        for label in (choice.label.zh, choice.label.en)
        if label
    }


def as_text(cells: npt.NDArray[np.object_]) -> pd.Series:
    """Strings, missing where None."""
    return pd.Series(cells, dtype="str")


def as_codes(numbers: npt.NDArray[np.float64], codes: Sequence[int] = ()) -> pd.Series:
    """Nullable integers, 16 bits where all possible codes fit."""
    return pd.Series(numbers).astype("Int16" if all(abs(c) < 2**15 for c in codes) else "Int64")


def _typed(item: Item | None, name: str, read: ColumnRead | None, n: int) -> pd.Series:
    """The column in its type; ``item`` is None for a carried column that no item defines."""
    if name == "dup_suspect" and read is not None:
        return pd.Series(read.numbers()).astype("boolean")
    words = item is not None and (item.type in ("text", "date") or item.identifier == "direct")
    if name in PLACES or (item is None and name != "seconds") or words:
        return as_text(np.full(n, None, dtype=object) if read is None else read.column())
    if item is not None and item.type in CODED and item.scale is not None:
        codes = [*(c.code for c in item.scale.choices), *item.missing]
        return as_codes(np.full(n, np.nan), codes) if read is None else _coded(read, codes)
    return pd.Series(np.full(n, np.nan) if read is None else read.numbers())


def _coded(read: ColumnRead, codes: Sequence[int]) -> pd.Series:
    """``as_codes`` of the column's numbers, each different text made a code once."""
    return as_codes(read.meant, codes).take(read.cells.codes).reset_index(drop=True)


def _spread(item: Item, read: ColumnRead, codes: Sequence[int]) -> npt.NDArray[np.float64]:
    """Rows of 0/1, or of ranks, from the choices picked in each different cell; a code for no answer in all columns."""
    patterns = np.full((len(read.readings) + 1, len(codes)), np.nan)
    for k, reading in enumerate(read.readings):
        if isinstance(reading.value, tuple):
            order = {code: place for place, code in enumerate(reading.value, start=1)}
            ranks = np.array([order.get(code, 0) for code in codes], dtype=float)
            patterns[k] = ranks if item.type == "rank" else np.minimum(ranks, 1.0)
        elif reading.value is not None:
            patterns[k] = reading.value
    return patterns[read.cells.codes]
