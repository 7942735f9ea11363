r"""A grid as a LaTeX float: booktabs rules, siunitx columns, threeparttable notes; every text escaped.

The document needs ``\usepackage{booktabs,threeparttable}`` and ``\usepackage{siunitx}`` (3.0 or newer), and for
Chinese ``ctex``.
"""

import re
from collections.abc import Iterable
from itertools import chain

from sgsurvey.tables.format import MINUS
from sgsurvey.tables.grid import Grid, GridCell, GridColumn, GridRow

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
    "α": r"\ensuremath{\alpha}",
    "β": r"\ensuremath{\beta}",
    "χ": r"\ensuremath{\chi}",
    "η": r"\ensuremath{\eta}",
    "κ": r"\ensuremath{\kappa}",
    "λ": r"\ensuremath{\lambda}",
    "ω": r"\ensuremath{\omega}",
    "Δ": r"\ensuremath{\Delta}",
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


def to_latex(grid: Grid) -> str:
    """A ``table`` float with the label ``tab:id``."""
    notes = [r"\begin{tablenotes}[flushleft]", *(rf"\item {escape(note)}" for note in grid.notes), r"\end{tablenotes}"]
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            r"\centering",
            r"\begin{threeparttable}",
            rf"\caption{{{escape(grid.title)}}}",
            rf"\label{{tab:{re.sub(r'[^A-Za-z0-9-]', '-', grid.id)}}}",
            rf"\begin{{tabular}}{{{' '.join(_column(i, column, grid) for i, column in enumerate(grid.columns))}}}",
            r"\toprule",
            *_head(grid),
            r"\midrule",
            *chain.from_iterable(_row(row, grid) for row in grid.rows),
            r"\bottomrule",
            r"\end{tabular}",
            *(notes if grid.notes else []),
            r"\end{threeparttable}",
            r"\end{table}",
            "",
        ]
    )


def _column(index: int, column: GridColumn, grid: Grid) -> str:
    if column.align != "decimal":
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


def _is_number(cell: GridCell) -> bool:
    return cell.span == 1 and cell.align == "decimal" and _PLAIN_NUMBER.fullmatch(cell.text) is not None


def _head(grid: Grid) -> list[str]:
    lines = []
    if grid.spanners:
        lines.append(_line(_spanner(spanner) for spanner in grid.spanners))
        rules, at = [], 1
        for spanner in grid.spanners:
            if spanner.text:
                rules.append(rf"\cmidrule(lr){{{at}-{at + spanner.span - 1}}}")
            at += spanner.span
        lines.append(" ".join(rules))
    lines.append(_line(f"{{{escape(head.text)}}}" for head in grid.heads))
    return lines


def _spanner(cell: GridCell) -> str:
    return rf"\multicolumn{{{cell.span}}}{{c}}{{{escape(cell.text)}}}" if cell.text else "{}"


def _row(row: GridRow, grid: Grid) -> list[str]:
    cells = (_cell(cell, grid.columns[at], row) for at, cell in _placed(row))
    return ([r"\midrule"] if row.ruled else []) + [_line(cells)]


def _cell(cell: GridCell, column: GridColumn, row: GridRow) -> str:
    raised = rf"\textsuperscript{{{escape(cell.stars + cell.mark)}}}" if cell.stars or cell.mark else ""
    if _is_number(cell):
        return cell.text.replace(MINUS, "-") + raised
    text = escape(cell.text) + raised
    if row.kind == "group" and text:
        text = rf"\textbf{{{text}}}"
    if cell.span > 1:
        return rf"\multicolumn{{{cell.span}}}{{{'l' if cell.align == 'left' else 'c'}}}{{{text}}}"
    return f"{{{text}}}"


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
