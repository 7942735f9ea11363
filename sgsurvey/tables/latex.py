r"""A grid as a LaTeX float: booktabs rules, siunitx columns, threeparttable notes; every text escaped.

The document needs ``\usepackage{booktabs,threeparttable,longtable,rotating,pdflscape}`` and
``\usepackage{siunitx}`` (3.0 or newer), and for Chinese ``ctex``.  A table that is wider than the text of an A4 page
gets smaller type and columns that wrap; one that is wider still lies on its side; a long one goes on over the page.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from math import ceil, inf

from sgsurvey.tables.format import MINUS, width
from sgsurvey.tables.grid import Align, Grid, GridCell, GridColumn, GridRow
from sgsurvey.tables.widths import CHARACTER, MARGIN, fit, squeeze

# Points: the text of an A4 page with margins of 2.7 cm; the largest size of type of the usual classes, which needs no
# size of its own; the sizes for tables that are wider.
UPRIGHT, SIDEWAYS = 440.0, 640.0
USUAL, SMALLER = 12.0, (10.0, 9.0, 8.0, 7.0)
USUAL_MARGIN = 6.0  # what LaTeX leaves left and right of a column unless told otherwise
LONGEST, LONGEST_SIDEWAYS = 30, 20  # lines that a page holds with title and notes
USUAL_NOTES = 4  # lines of them

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "^": r"\textasciicircum{}",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "%": r"\%",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "[": "{[}",  # after \\ a bracket would be read as a length
    "]": "{]}",
    "*": "{*}",
    "-": "{-}",  # no ligatures: -- stays two hyphens
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "−": r"\ensuremath{-}",
    "²": r"\textsuperscript{2}",
    **{
        letter: rf"\ensuremath{{\{name}}}"
        for letter, name in {
            **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "η": "eta", "θ": "theta"},
            **{"κ": "kappa", "λ": "lambda", "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau"},
            **{"φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Δ": "Delta", "Σ": "Sigma", "Φ": "Phi"},
        }.items()
    },
    "±": r"\ensuremath{\pm}",
    "∞": r"\ensuremath{\infty}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "×": r"\ensuremath{\times}",
}
_PLAIN_NUMBER = re.compile(rf"{MINUS}?\d*\.?\d+")


def escape(text: str) -> str:
    """``text`` with every character that LaTeX would read as a command made a letter."""
    return "".join(_SPECIAL.get(char, char) for char in text)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a grid stands on its page: points of each column's text, None where nothing needs to wrap."""

    size: float = USUAL
    points: tuple[float, ...] | None = None
    sideways: bool = False

    def room(self, at: int, text: str, span: int = 1) -> float | None:
        """Points in which ``text`` must wrap, from column ``at`` on; None where it fits as it is."""
        if self.points is None:
            return None
        room = sum(self.points[at : at + span]) + 2 * MARGIN * (span - 1)
        can_break = " " in text or (not text.isascii() and len(text) > 3)
        return room if can_break and width(text) * CHARACTER * self.size > room else None


def _layout(grid: Grid) -> _Layout:
    if sum(column.natural * CHARACTER * USUAL + 2 * USUAL_MARGIN for column in grid.columns) <= UPRIGHT:
        return _Layout()
    sideways = False
    found = fit(grid, UPRIGHT, SMALLER)
    if found is None:
        sideways, found = True, fit(grid, SIDEWAYS, SMALLER) or squeeze(grid, SIDEWAYS, SMALLER[-1])
    return _Layout(found.size, tuple(each - 2 * MARGIN for each in found.widths), sideways)


def to_latex(grid: Grid) -> str:
    """A float (or, for many lines, a ``longtable``) with the label ``tab:id``."""
    layout = _layout(grid)
    columns = " ".join(_column(i, column, grid, layout) for i, column in enumerate(grid.columns))
    head = [r"\toprule", *_head(grid, layout), r"\midrule"]
    body = list(chain.from_iterable(_row(row, grid, layout) for row in grid.rows))
    longest = LONGEST_SIDEWAYS if layout.sideways else LONGEST
    across = SIDEWAYS if layout.sideways else UPRIGHT
    noted = sum(ceil(width(note) * CHARACTER * layout.size / across) for note in grid.notes)
    lines = sum(_lines_of(row, layout) for row in grid.rows) + max(0, noted - USUAL_NOTES)
    write = _long if lines > longest else _float
    return "\n".join([*write(grid, layout, columns, head, body), ""])


def _float(grid: Grid, layout: _Layout, columns: str, head: list[str], body: list[str]) -> list[str]:
    kind = "sidewaystable" if layout.sideways else "table"
    return [
        rf"\begin{{{kind}}}{'' if layout.sideways else '[htbp]'}",
        r"\centering",
        *_type(layout),
        r"\begin{threeparttable}",
        _caption(grid),
        _label(grid),
        rf"\begin{{tabular}}{{{columns}}}",
        *head,
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        *_notes(grid, "tablenotes", "[flushleft]"),
        r"\end{threeparttable}",
        rf"\end{{{kind}}}",
    ]


def _long(grid: Grid, layout: _Layout, columns: str, head: list[str], body: list[str]) -> list[str]:
    turn = "landscape" if layout.sideways else "center"
    return [
        rf"\begin{{{turn}}}",
        *_type(layout),
        rf"\begin{{longtable}}{{{columns}}}",
        _caption(grid),
        _label(grid) + r" \\",
        *head,
        r"\endfirsthead",
        *head,
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        *body,
        r"\end{longtable}",
        *_notes(grid, "trivlist"),
        rf"\end{{{turn}}}",
    ]


def _caption(grid: Grid) -> str:
    return rf"\caption{{{escape(grid.title)}}}"


def _label(grid: Grid) -> str:
    return rf"\label{{tab:{re.sub(r'[^A-Za-z0-9-]', '-', grid.id)}}}"


def _notes(grid: Grid, environment: str, how: str = "") -> list[str]:
    if not grid.notes:
        return []
    items = [rf"\item {escape(note)}" for note in grid.notes]
    return [rf"\begin{{{environment}}}{how}", *items, rf"\end{{{environment}}}"]


def _type(layout: _Layout) -> list[str]:
    if layout.points is None:
        return []
    return [
        rf"\fontsize{{{layout.size:g}}}{{{1.2 * layout.size:g}}}\selectfont",
        rf"\setlength{{\tabcolsep}}{{{MARGIN:g}pt}}",
    ]


def _paragraph(align: Align, points: float, place: str) -> str:
    """A column whose text wraps; ``place`` is p (on the line of its first line) or b (of its last)."""
    side = "raggedright" if align == "left" else "centering"
    return rf">{{\{side}\arraybackslash}}{place}{{{points:.1f}pt}}"


def _column(index: int, column: GridColumn, grid: Grid, layout: _Layout) -> str:
    if column.align != "decimal":
        if layout.points and column.natural * CHARACTER * layout.size > layout.points[index]:
            return _paragraph(column.align, layout.points[index], "p")
        return "l" if column.align == "left" else "c"
    cells = [cell for row in grid.rows for at, cell in _placed(row) if at == index and _is_number(cell)]
    parts = [cell.text.lstrip(MINUS).partition(".") for cell in cells]
    whole = max((len(part[0]) for part in parts), default=1)
    decimals = max((len(part[2]) for part in parts), default=0)
    minus = "-" if any(cell.text.startswith(MINUS) for cell in cells) else ""
    options = [f"table-format={minus}{max(whole, 1)}.{decimals}"]
    if stars := max((len(cell.stars + cell.mark) for cell in cells), default=0):
        options.append(rf"table-space-text-post={{\textsuperscript{{{'*' * stars}}}}}")
    if any(part[0] == "" for part in parts):
        options.append("print-zero-integer=false")
    return f"S[{', '.join(options)}]"


def _placed(row: GridRow) -> list[tuple[int, GridCell]]:
    placed, at = [], 0
    for cell in row.cells:
        placed.append((at, cell))
        at += cell.span
    return placed


def _lines_of(row: GridRow, layout: _Layout) -> int:
    """How many lines of the page a row takes, its words being wrapped."""
    if layout.points is None:
        return 1
    return max(
        ceil(width(cell.full) * CHARACTER * layout.size / (layout.room(at, cell.full, cell.span) or inf)) or 1
        for at, cell in _placed(row)
    )


def _is_number(cell: GridCell) -> bool:
    return cell.span == 1 and cell.align == "decimal" and _PLAIN_NUMBER.fullmatch(cell.text) is not None


def _head(grid: Grid, layout: _Layout) -> list[str]:
    lines = []
    if grid.spanners:
        cells, rules, at = [], [], 0
        for spanner in grid.spanners:
            cells.append(_spanning(spanner, at, layout) if spanner.text else "{}")
            if spanner.text:
                rules.append(rf"\cmidrule(lr){{{at + 1}-{at + spanner.span}}}")
            at += spanner.span
        lines += [_line(cells), " ".join(rules)]
    lines.append(_line(_column_head(head, at, layout) for at, head in enumerate(grid.heads)))
    return lines


def _column_head(head: GridCell, at: int, layout: _Layout) -> str:
    if head.align != "left" and layout.room(at, head.text) is not None:
        return _spanning(head, at, layout)
    return f"{{{escape(head.text)}}}"


def _spanning(cell: GridCell, at: int, layout: _Layout, text: str = "", place: str = "b") -> str:
    """A cell with an alignment of its own, wrapped where it is wider than its columns."""
    room = layout.room(at, cell.full, cell.span)
    short = "l" if cell.align == "left" else "c"
    column = short if room is None else _paragraph(cell.align, room, place)
    return rf"\multicolumn{{{cell.span}}}{{{column}}}{{{text or escape(cell.text)}}}"


def _row(row: GridRow, grid: Grid, layout: _Layout) -> list[str]:
    cells = (_cell(cell, at, row, layout) for at, cell in _placed(row))
    return ([r"\midrule"] if row.ruled else []) + [_line(cells)]


def _cell(cell: GridCell, at: int, row: GridRow, layout: _Layout) -> str:
    raised = rf"\textsuperscript{{{escape(cell.stars + cell.mark)}}}" if cell.stars or cell.mark else ""
    if _is_number(cell):
        return cell.text.replace(MINUS, "-") + raised
    text = escape(cell.text) + raised
    if row.kind == "group" and text:
        text = rf"\textbf{{{text}}}"
    return _spanning(cell, at, layout, text, "p") if cell.span > 1 else f"{{{text}}}"


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
