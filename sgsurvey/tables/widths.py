"""How wide the columns of a printed page are, and which size of type they need."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sgsurvey.tables.format import width
from sgsurvey.tables.grid import Grid, GridCell

GAP = 7.0  # points between two neighbouring spanners
MARGIN = 4.0  # points left and right of a cell's text
# Width of a column of a fixed-width page as a share of the type size: a digit of Times is half as wide as high; a
# little is added for wide letters, minus signs and rounding.
CHARACTER = 0.53
LONG = 30  # rows; about a page
MORE_LINES = 1.2  # that many times the lines of the smallest type are worth a larger one


@dataclass(frozen=True, slots=True)
class Fit:
    """Type size and column widths in points; gaps not counted."""

    size: float
    widths: tuple[float, ...]


def fit(grid: Grid, available: float, sizes: Sequence[float]) -> Fit | None:
    """The largest of ``sizes`` at which ``grid`` fits ``available`` points, spread over all of them; None if none does.

    Columns keep their natural width where there is room; where there is not, each gives up in proportion to what it
    can spare.  A table longer than a page gets a smaller type where its words would otherwise take many more lines.
    """
    room = available - GAP * len(grid.gaps)
    fits = [found for size in sorted(sizes, reverse=True) if (found := _spread(grid, room, size)) is not None]
    if len(fits) < 2 or len(grid.rows) < LONG:
        return fits[0] if fits else None
    lines = [_lines(grid, each.widths, each.size) for each in fits]
    return next(each for each, n in zip(fits, lines, strict=True) if n <= MORE_LINES * lines[-1])


def _spread(grid: Grid, room: float, size: float) -> Fit | None:
    """Widths at one size of type; None where a number would break or words become a thin thread."""
    natural, least = (
        [characters * CHARACTER * size + 2 * MARGIN for characters in widths]
        for widths in ([c.natural for c in grid.columns], [c.least for c in grid.columns])
    )
    if sum(least) > room:
        return None
    excess = sum(natural) - room
    if excess <= 0:
        return Fit(size, tuple(each * room / sum(natural) for each in natural))
    spare = [wide - narrow for wide, narrow in zip(natural, least, strict=True)]
    return Fit(size, tuple(wide - excess * s / sum(spare) for wide, s in zip(natural, spare, strict=True)))


def _lines(grid: Grid, widths: Sequence[float], size: float) -> int:
    """How many lines of type the rows take."""
    room = [(each - 2 * MARGIN) / (CHARACTER * size) for each in widths]
    return sum(lines_of(row.cells, room) for row in grid.rows)


def lines_of(cells: Sequence[GridCell], room: Sequence[float]) -> int:
    """How many lines of type a row takes whose columns have ``room`` for so many characters."""
    high, at = 1, 0
    for cell in cells:
        high = max(high, ceil(width(cell.full) / sum(room[at : at + cell.span]) - 0.01))
        at += cell.span
    return high


def squeeze(grid: Grid, available: float, size: float) -> Fit:
    """Widths for a grid that fits at no size: numbers stay whole as long as they can, words break."""
    room = available - GAP * len(grid.gaps)
    least = [column.least * CHARACTER * size + 2 * MARGIN for column in grid.columns]
    whole = [(c.before + c.after + c.hanging) * CHARACTER * size + 2 * MARGIN for c in grid.columns]
    if sum(whole) > room:
        whole = [0.0] * len(least)
    share = (room - sum(whole)) / (sum(least) - sum(whole))
    return Fit(size, tuple(kept + share * (wide - kept) for wide, kept in zip(least, whole, strict=True)))
