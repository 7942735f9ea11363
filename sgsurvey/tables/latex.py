r"""A grid as a LaTeX float: booktabs rules, siunitx columns, threeparttable notes; every text escaped.

The document needs ``\usepackage{booktabs,caption,threeparttable,longtable,rotating,pdflscape}`` and
``\usepackage{siunitx}`` (3.0 or newer), for Chinese ``ctex``, for pdfLaTeX ``\usepackage[T1]{fontenc}``.  A table that
is wider than the text of an A4 page gets smaller type and columns that wrap; one that is wider still lies on its side;
one that is higher than a page gets smaller type or goes on over the page (``latex_layout``).
"""

import re
from collections.abc import Iterable
from itertools import chain

from sgsurvey.tables.format import MINUS
from sgsurvey.tables.grid import Align, Grid, GridCell, GridColumn, GridRow
from sgsurvey.tables.latex_layout import NOTES, USUAL, Layout, bound, lay_out
from sgsurvey.text import Text

CONTINUED = Text(r"续\tablename~\thetable", r"\tablename~\thetable{} (continued)")
APART = r"@{\extracolsep{\fill}\hspace{\tabcolsep}}"  # columns share what the table has more than it needs

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
    "\u00a0": "~",
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
    "χ̄": r"\ensuremath{\bar{\chi}}",
    "√": r"\ensuremath{\surd}",
    "∞": r"\ensuremath{\infty}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "×": r"\ensuremath{\times}",
}
_COMMAND = re.compile("|".join(re.escape(part) for part in sorted(_SPECIAL, key=len, reverse=True)))
_PLAIN_NUMBER = re.compile(rf"{MINUS}?\d*\.?\d+")


def escape(text: str) -> str:
    """``text`` with every character that LaTeX would read as a command made a letter, and comparisons kept whole."""
    return _COMMAND.sub(lambda found: _SPECIAL[found[0]], bound(text))


def to_latex(grid: Grid) -> str:
    """A float (or, for more than a page, a ``longtable``) with the label ``tab:id``."""
    layout = lay_out(grid)
    columns = " ".join(_column(i, column, grid, layout) for i, column in enumerate(grid.columns))
    head = [r"\toprule", *_head(grid, layout), r"\midrule"]
    body = list(chain.from_iterable(_row(row, grid, layout) for row in grid.rows))
    write = _long if layout.long else _float
    return "\n".join([*write(grid, layout, columns, head, body), ""])


def _float(grid: Grid, layout: Layout, columns: str, head: list[str], body: list[str]) -> list[str]:
    kind = "sidewaystable" if layout.sideways else "table"
    begin, end = rf"\begin{{tabular}}{{{columns}}}", r"\end{tabular}"
    if layout.spread:
        begin, end = rf"\begin{{tabular*}}{{{layout.across:.1f}pt}}{{{APART}{columns}}}", r"\end{tabular*}"
    return [
        rf"\begin{{{kind}}}{'' if layout.sideways else '[htbp]'}",
        r"\centering",
        *_type(layout),
        r"\begin{threeparttable}",
        _caption(grid),
        _label(grid),
        begin,
        *head,
        *body,
        r"\bottomrule",
        end,
        *_notes(grid, layout, "tablenotes", "[flushleft]"),
        r"\end{threeparttable}",
        rf"\end{{{kind}}}",
    ]


def _long(grid: Grid, layout: Layout, columns: str, head: list[str], body: list[str]) -> list[str]:
    turn = "landscape" if layout.sideways else "center"
    again = rf"\multicolumn{{{len(grid.columns)}}}{{c}}{{{CONTINUED.to(grid.language)}}} \\"
    return [
        rf"\begin{{{turn}}}",
        *_type(layout),
        r"\setlength{\LTcapwidth}{\linewidth}\setlength{\LTpost}{0pt}",
        rf"\begin{{longtable}}{{{columns}}}",
        _caption(grid),
        _label(grid) + r" \\",
        *head,
        r"\endfirsthead",
        again,
        *head,
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        *body,
        r"\end{longtable}",
        *_notes(grid, layout, "trivlist"),
        rf"\end{{{turn}}}",
    ]


def _caption(grid: Grid) -> str:
    return rf"\caption{{{escape(grid.title)}}}"


def _label(grid: Grid) -> str:
    return rf"\label{{tab:{re.sub(r'[^A-Za-z0-9-]', '-', grid.id)}}}"


def _notes(grid: Grid, layout: Layout, environment: str, how: str = "") -> list[str]:
    if not grid.notes:
        return []
    small = r"\footnotesize" if layout.size > NOTES else ""
    close = r"\setlength{\labelsep}{0pt}\setlength{\itemsep}{0pt}\setlength{\parskip}{0pt}"
    items = [rf"\item {escape(note)}" for note in grid.notes]
    return [rf"\begin{{{environment}}}{how}{small}{close}", *items, rf"\end{{{environment}}}"]


def _type(layout: Layout) -> list[str]:
    """The document's own leading does not count: a table that fills a page must not outgrow it."""
    if layout.size == USUAL:
        return [r"\linespread{1.1}\selectfont"]
    return [
        rf"\linespread{{1.1}}\fontsize{{{layout.size:g}}}{{{1.2 * layout.size:g}}}\selectfont",
        rf"\setlength{{\tabcolsep}}{{{layout.margin:g}pt}}",
    ]


def _paragraph(align: Align, points: float, place: str) -> str:
    """A column whose text wraps; ``place`` is p (on the line of its first line) or b (of its last)."""
    side = "raggedright" if align == "left" else "centering"
    return rf">{{\{side}\arraybackslash\hspace{{0pt}}}}{place}{{{points:.1f}pt}}"


def _column(index: int, column: GridColumn, grid: Grid, layout: Layout) -> str:
    if column.align != "decimal":
        if layout.room(index, " " * column.natural) is not None:
            return _paragraph(column.align, layout.points[index], "p")
        return "l" if column.align == "left" else "c"
    cells = [cell for row in grid.rows for at, cell in _placed(row) if at == index and _is_number(cell)]
    parts = [cell.text.lstrip(MINUS).partition(".") for cell in cells]
    whole = max((len(part[0]) for part in parts), default=1)
    decimals = max((len(part[2]) for part in parts), default=0)
    minus = "-" if any(cell.text.startswith(MINUS) for cell in cells) else ""
    options = [f"table-format={minus}{whole}.{decimals}", "table-align-text-after=false"]
    if raised := max((cell.stars + cell.mark for cell in cells), key=len, default=""):
        options.append(rf"table-space-text-post={{\textsuperscript{{{escape(raised)}}}}}")
    if any(part[0] == "" for part in parts):
        options.append("print-zero-integer=false")
    return f"S[{', '.join(options)}]"


def _placed(row: GridRow) -> list[tuple[int, GridCell]]:
    placed, at = [], 0
    for cell in row.cells:
        placed.append((at, cell))
        at += cell.span
    return placed


def _is_number(cell: GridCell) -> bool:
    return cell.span == 1 and cell.align == "decimal" and _PLAIN_NUMBER.fullmatch(cell.text) is not None


def _head(grid: Grid, layout: Layout) -> list[str]:
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


def _column_head(head: GridCell, at: int, layout: Layout) -> str:
    if head.align != "left" and layout.room(at, head.text) is not None:
        return _spanning(head, at, layout)
    return f"{{{escape(head.text)}}}"


def _spanning(cell: GridCell, at: int, layout: Layout, text: str = "", place: str = "b") -> str:
    """A cell with an alignment of its own, wrapped where it is wider than its columns."""
    room = layout.room(at, cell.full, cell.span)
    short = "l" if cell.align == "left" else "c"
    column = short if room is None else _paragraph(cell.align, room, place)
    return rf"\multicolumn{{{cell.span}}}{{{column}}}{{{text or escape(cell.text)}}}"


def _row(row: GridRow, grid: Grid, layout: Layout) -> list[str]:
    cells = (_cell(cell, at, row, layout) for at, cell in _placed(row))
    together = "*" if row.kind == "group" else ""  # no page begins between a group's name and its first row
    return ([r"\midrule"] if row.ruled else []) + [_line(cells) + together]


def _cell(cell: GridCell, at: int, row: GridRow, layout: Layout) -> str:
    raised = rf"\textsuperscript{{{escape(cell.stars + cell.mark)}}}" if cell.stars or cell.mark else ""
    if _is_number(cell):
        return cell.text.replace(MINUS, "-") + raised
    text = escape(cell.text) + raised
    if row.kind == "group" and text:
        text = rf"\textbf{{{text}}}"
    wraps = cell.align != "left" and layout.room(at, cell.full) is not None
    return _spanning(cell, at, layout, text, "p") if cell.span > 1 or wraps else f"{{{text}}}"


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
