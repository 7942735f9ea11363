"""Tables in words: the rows as sentences read them, so that a number in the text is the number of its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Real

from sgsurvey.tables.format import in_prose, is_missing
from sgsurvey.tables.table import Cell, Table
from sgsurvey.text import Text


@dataclass(frozen=True, slots=True)
class Line:
    """A body row of a table.

    Attributes
    ----------
    cells : mapping of column key to Cell
    group : Text, str or None
        The heading that the row stands under.
    """

    cells: Mapping[str, Cell]
    group: object = None

    def value(self, key: str) -> object:
        """The number at full precision, or the words; None where the cell is empty or hidden."""
        value = self.cells[key].value
        return None if is_missing(value) else value

    def number(self, key: str) -> float | None:
        """The number at full precision; None where the cell is empty, hidden or holds words."""
        value = self.value(key)
        return float(value) if isinstance(value, Real) and not isinstance(value, bool) else None

    def limits(self, key: str) -> tuple[float, float] | None:
        """The interval at full precision; None where it is empty, hidden or open."""
        value = self.cells[key].value
        if not isinstance(value, tuple) or any(is_missing(end) for end in value):
            return None
        return float(value[0]), float(value[1])

    def named(self, key: str) -> Text:
        """The row's name, after the heading that it stands under."""
        name, group = self.said(key), self.group
        if group is None:
            return name
        return Text("{g}的{s}", "{s} ({g})").format(g=group if isinstance(group, Text) else str(group), s=name)

    def said(self, key: str) -> Text:
        """The cell as running text prints it, with the digits of the table."""
        cell = self.cells[key]
        return cell.value if isinstance(cell.value, Text) else in_prose(cell.value, cell.kind, cell.digits)


def lines(table: Table, *needed: str) -> list[Line]:
    """The body rows, in order; those alone whose cells ``needed`` are there to be read."""
    found = [
        Line({c.key: cell for c, cell in zip(table.columns, row, strict=True)}, group) for row, group in _rows(table)
    ]
    return [line for line in found if all(line.value(key) is not None for key in needed)]


def _rows(table: Table) -> Iterator[tuple[tuple[Cell, ...], object]]:
    group: object = None
    for row in table.rows:
        if row.kind == "group":
            group = row.cells[0].value
        elif row.kind == "body" and len(row.cells) == len(table.columns):
            yield row.cells, group
