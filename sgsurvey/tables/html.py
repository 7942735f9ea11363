"""A grid as one HTML table: every text escaped, heads with their scope, notes in the foot."""

from html import escape
from itertools import groupby

from sgsurvey.tables.grid import Grid, GridCell, GridColumn, GridRow

# Three rules: 1.5 pt above and below, 0.75 pt under the head; thin rules under spanners and above statistics.
STYLE = """
.sg-table{border-collapse:collapse;border:0;margin:1em 0;font-variant-numeric:tabular-nums;line-height:1.45}
.sg-table caption{caption-side:top;text-align:left;font-weight:bold;padding:.35em 0}
.sg-table th,.sg-table td{border:0;background:none;padding:.2em .6em;text-align:center;font-weight:normal}
.sg-table th,.sg-table td{box-sizing:content-box}
.sg-table tbody>tr>*{vertical-align:top}
.sg-table .sg-left{text-align:left}
.sg-table .sg-whole{white-space:nowrap}
.sg-table thead tr:first-child>*{border-top:1.5pt solid currentColor}
.sg-table thead{border-bottom:.75pt solid currentColor}
.sg-table thead th{vertical-align:bottom}
.sg-table .sg-spanner{position:relative}
.sg-table .sg-spanner::after{content:"";position:absolute;bottom:0;left:.5em;right:.5em}
.sg-table .sg-spanner::after{border-bottom:.5pt solid currentColor}
.sg-table tbody:last-of-type tr:last-child>*{border-bottom:1.5pt solid currentColor}
.sg-table .sg-group th{font-weight:bold;padding-top:.5em}
.sg-table .sg-ruled>*{border-top:.5pt solid currentColor}
.sg-table .sg-number{position:relative;display:inline-block;text-align:right;white-space:nowrap}
.sg-table sup{line-height:0}
.sg-table .sg-number sup{position:absolute;line-height:1}
.sg-table tfoot td{text-align:left;font-size:.9em;padding:.25em 0}
""".strip()


def to_html(grid: Grid, *, number: str = "") -> str:
    """One ``<table class="sg-table">``; ``number`` ("Table 1.1") goes before the title."""
    caption = " ".join(part for part in (number, grid.title) if part)
    return "\n".join(
        [
            f'<table class="sg-table" lang="{LANG[grid.language]}">',
            f"<caption>{escape(caption)}</caption>",
            f"<thead>{_head(grid)}</thead>",
            *_bodies(grid),
            *([f"<tfoot>{_notes(grid)}</tfoot>"] if grid.notes else []),
            "</table>",
        ]
    )


def page(grid: Grid) -> str:
    """The table alone on a page of its own."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{LANG[grid.language]}">',
            f'<head><meta charset="utf-8"><title>{escape(grid.title)}</title><style>{STYLE}</style></head>',
            f"<body><main>{to_html(grid)}</main></body>",
            "</html>",
            "",
        ]
    )


LANG = {"zh": "zh-CN", "en": "en"}


def _head(grid: Grid) -> str:
    if not grid.spanners:
        return f"<tr>{''.join(map(_column_head, grid.heads, grid.columns))}</tr>"
    top, below, at = "", "", 0
    for spanner in grid.spanners:
        if spanner.text:
            top += f'<th scope="colgroup" colspan="{spanner.span}" class="sg-spanner">{escape(spanner.text)}</th>'
            own = slice(at, at + spanner.span)
            below += "".join(map(_column_head, grid.heads[own], grid.columns[own]))
        else:
            top += _column_head(grid.heads[at], grid.columns[at], ' rowspan="2"')
        at += spanner.span
    return f"<tr>{top}</tr>\n<tr>{below}</tr>"


def _column_head(cell: GridCell, column: GridColumn, extra: str = "") -> str:
    # A head without words is no head: readers aloud would announce nothing.
    tag = "th" if cell.text else "td"
    scope = ' scope="col"' if cell.text else ""
    # Words, and heads that may break after each character, would become a thin thread before a wide table scrolls.
    threads = column.align == "left" or not cell.text.isascii()
    least = f' style="min-width:{column.least}ch"' if threads else ""
    return f"<{tag}{scope}{extra}{_class(cell)}{least}>{escape(cell.text)}</{tag}>"


def _bodies(grid: Grid) -> list[str]:
    """One ``<tbody>`` per group, so that a group's heading is the head of its rows alone."""
    block = 0
    blocks: list[tuple[int, GridRow]] = []
    for row in grid.rows:
        block += row.kind == "group" or row.ruled
        blocks.append((block, row))
    bodies = []
    for _, members in groupby(blocks, key=lambda pair: pair[0]):
        lines = "\n".join(_row(row, grid) for _, row in members)
        bodies.append(f"<tbody>\n{lines}\n</tbody>")
    return bodies


def _row(row: GridRow, grid: Grid) -> str:
    if row.kind == "group" and len(row.cells) == 1:
        cell = row.cells[0]
        head = f'<th scope="rowgroup" colspan="{cell.span}" class="sg-left">{_content(cell)}</th>'
        return f'<tr class="sg-group">{head}</tr>'
    cells, at = [], 0
    for cell in row.cells:
        tag, scope = ("th", ' scope="row"') if at == 0 and cell.text else ("td", "")
        span = f' colspan="{cell.span}"' if cell.span > 1 else ""
        cells.append(f"<{tag}{scope}{span}{_class(cell)}>{_content(cell, grid.columns[at])}</{tag}>")
        at += cell.span
    line = '<tr class="sg-ruled">' if row.ruled else "<tr>"
    return f"{line}{''.join(cells)}</tr>"


def _class(cell: GridCell) -> str:
    if cell.align == "left":
        return ' class="sg-left"'
    return ' class="sg-whole"' if len(cell.numbers) > 1 else ""


def _content(cell: GridCell, column: GridColumn | None = None) -> str:
    raised = "".join(f"<sup>{escape(part)}</sup>" for part in (cell.stars, cell.mark) if part)
    if column is None or cell.align != "decimal":
        return escape(cell.text) + raised
    # HTML has no decimal alignment: a box as wide as the column's widest number, filled up on the right;
    # its stars hang outside.
    right = len(cell.text) - len(cell.text.partition(".")[0])
    box = f"width:{column.before + right}ch;padding-right:{column.after - right + 0.6 * column.hanging:g}ch"
    return f'<span class="sg-number" style="{box}">{escape(cell.text)}{raised}</span>'


def _notes(grid: Grid) -> str:
    return "\n".join(
        f'<tr><td colspan="{len(grid.columns)}"><span>{escape(note)}</span></td></tr>' for note in grid.notes
    )
