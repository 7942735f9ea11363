"""How wide the columns of a printed page are, and which size of type they need."""

from collections.abc import Sequence
from dataclasses import dataclass

from sgsurvey.tables.grid import Grid

GAP = 7.0  # points between two neighbouring spanners
MARGIN = 4.0  # points left and right of a cell's text
# Width of a column of a fixed-width page as a share of the type size: a digit of Times is half as wide as high; a
# little is added for wide letters, minus signs and rounding.
CHARACTER = 0.53


@dataclass(frozen=True, slots=True)
class Fit:
    """Type size and column widths in points; gaps not counted."""

    size: float
    widths: tuple[float, ...]


def fit(grid: Grid, available: float, sizes: Sequence[float]) -> Fit | None:
    """The largest of ``sizes`` at which ``grid`` fits ``available`` points, spread over all of them; None if none does.

    Columns keep their natural width where there is room; where there is not, each gives up in proportion to what it
    can spare.
    """
    room = available - GAP * len(grid.gaps)
    for size in sorted(sizes, reverse=True):
        natural, least = (
            [characters * CHARACTER * size + 2 * MARGIN for characters in widths]
            for widths in ([c.natural for c in grid.columns], [c.least for c in grid.columns])
        )
        if sum(least) > room:
            continue
        excess = sum(natural) - room
        if excess <= 0:
            return Fit(size, tuple(each * room / sum(natural) for each in natural))
        spare = [wide - narrow for wide, narrow in zip(natural, least, strict=True)]
        return Fit(size, tuple(wide - excess * s / sum(spare) for wide, s in zip(natural, spare, strict=True)))
    return None


def squeeze(grid: Grid, available: float, size: float) -> Fit:
    """Widths in proportion to the least widths, for a grid that fits at no size."""
    room = available - GAP * len(grid.gaps)
    return Fit(size, tuple(room * c.least / sum(column.least for column in grid.columns) for c in grid.columns))
