"""How a grid stands on a page of LaTeX: its type, the columns that wrap, upright or sideways, on one page or on more.

Widths and heights are points, estimated before TeX sees the table.  The page is A4 with margins of 2.7 cm.
"""

import re
from dataclasses import dataclass
from math import ceil

from sgsurvey.tables.format import MINUS, width
from sgsurvey.tables.grid import Grid
from sgsurvey.tables.widths import CHARACTER, MARGIN, Fit, fit, lines_of, squeeze

USUAL, USUAL_MARGIN = 12.0, 6.0  # the largest type of the usual classes, and what LaTeX leaves beside a column
NOTES = 10.0  # the largest type of notes
SMALLER: tuple[float, ...] = (10.0, 9.0, 8.0)  # for tables that are wider or longer
SMALLER_SIDEWAYS = (*SMALLER, 7.5)
UPRIGHT, SIDEWAYS = (440.0, 660.0), (670.0, 420.0)  # the text of a page: how wide, how high
SPREAD, NOTE_LINES = 290.0, 8  # what title and notes have where the table is narrower; more if they need more lines
SPARE = 1.1  # that much wider must it be, since capitals are wider than estimated
LEADING = 1.32  # from line to line of a table, as a share of its type
TITLE_LINE, RULE, FRAME = 19.0, 8.0, 36.0  # a line of the title; a rule within; the outer rules and what parts them
# Spaces at which a comparison would be torn from its number: n = 12, p < .05, ≥ 0.90.
_BINDING = re.compile(rf"(?<=[=<>≥≤]) (?=[{MINUS}\d.])|(?<=\b[A-Za-z]) (?== [{MINUS}\d.])")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a grid stands on its page.

    ``points`` are the widths of the columns' text, ``across`` what title and notes have; ``spread`` says that the
    columns are set apart to fill it, ``long`` that the table goes on over the page.
    """

    size: float
    margin: float
    points: tuple[float, ...]
    across: float
    spread: bool = False
    sideways: bool = False
    long: bool = False

    def room(self, at: int, text: str, span: int = 1) -> float | None:
        """Points in which ``text`` must wrap, from column ``at`` on; None where it fits as it is."""
        room = sum(self.points[at : at + span]) + 2 * self.margin * (span - 1)
        can_break = " " in bound(text) or width(text) > len(text) > 3
        return room if can_break and _points(text, self.size) > room + 0.01 else None


def bound(text: str) -> str:
    """``text`` with spaces that do not break where a comparison is followed by its number."""
    return _BINDING.sub("\u00a0", text)


def lay_out(grid: Grid) -> Layout:
    """Upright where the columns fit, else on its side; with a smaller type where that keeps it on one page."""
    usual = Fit(USUAL, tuple(column.natural * CHARACTER * USUAL + 2 * USUAL_MARGIN for column in grid.columns))
    page, sizes = UPRIGHT, SMALLER
    best = usual if sum(usual.widths) <= page[0] else fit(grid, page[0], sizes)
    if best is None:
        page, sizes = SIDEWAYS, SMALLER_SIDEWAYS
        best = fit(grid, page[0], sizes) or squeeze(grid, page[0], sizes[-1])
    smaller = (fit(grid, page[0], [size]) for size in sizes if size < best.size)
    placed = _placed(best, grid, page)
    on_one_page = (each for found in smaller if found and not (each := _placed(found, grid, page)).long)
    return next(on_one_page, placed) if placed.long else placed


def _placed(found: Fit, grid: Grid, page: tuple[float, float]) -> Layout:
    margin = USUAL_MARGIN if found.size == USUAL else MARGIN
    natural = (column.natural * CHARACTER * found.size for column in grid.columns)
    points = tuple(min(n, max(wide - 2 * margin, found.size)) for n, wide in zip(natural, found.widths, strict=True))
    own = sum(points) + 2 * margin * len(points)
    wanted = _wanted(grid, found.size, page[0])
    spread = own * SPARE < wanted
    across = wanted if spread else own
    high = _high(grid, points, found.size, across)
    return Layout(found.size, margin, points, across, spread, page == SIDEWAYS, high > page[1])


def _wanted(grid: Grid, size: float, most: float) -> float:
    """What title and notes would have: their own width if that is little, else what makes them few lines."""
    notes = [_points(note, min(size, NOTES)) for note in grid.notes]
    return max(min(SPREAD, max([_points(grid.title, USUAL), *notes])), min(most, sum(notes) / NOTE_LINES))


def _high(grid: Grid, points: tuple[float, ...], size: float, across: float) -> float:
    room = [each / (CHARACTER * size) for each in points]
    lines = sum(
        lines_of(cells, room) for cells in (grid.spanners, grid.heads, *(row.cells for row in grid.rows)) if cells
    )
    rules = sum(row.ruled for row in grid.rows) + bool(grid.spanners)
    title = ceil(_points(grid.title, USUAL) / across) * TITLE_LINE
    note = min(size, NOTES)
    noted = sum(ceil(_points(each, note) / across) for each in grid.notes)
    return FRAME + title + rules * RULE + LEADING * (lines * size + noted * note)


def _points(text: str, size: float) -> float:
    return width(text) * CHARACTER * size
