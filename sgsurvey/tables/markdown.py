"""A grid as a GitHub-flavoured Markdown table: every text escaped, heads of a spanner named "spanner: head"."""

import re

from sgsurvey.tables.grid import Grid, GridRow

_RULES = {"left": ":---", "centre": ":---:", "decimal": "---:"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$^])")


def escape(text: str) -> str:
    """``text`` with every character escaped that Markdown, or HTML inside it, would read as a command.

    A number, dash or plus at the start would make a list, a hash a heading; a bare address would become a link.
    """
    text = _SPECIAL.sub(r"\\\1", text)
    text = re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", text)
    text = re.sub(r"^(?=[-+#=])", r"\\", text)
    return re.sub(r"(?<=\w):(?=//)|(?<=www)\.|(?<=\w)@(?=\w)", lambda match: f"&#{ord(match[0])};", text)


def to_markdown(grid: Grid, *, number: str = "") -> str:
    """Title, table and notes; a cell that spans columns stands in the first of them."""
    caption = " ".join(part for part in (number, escape(grid.title)) if part)
    lines = [_line(_heads(grid)), _line([_RULES[column.align] for column in grid.columns])]
    lines += [_line(_cells(row)) for row in grid.rows]
    blocks = [f"**{caption}**", "\n".join(lines), *(escape(note) for note in grid.notes)]
    return "\n\n".join(block for block in blocks if block != "****") + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _heads(grid: Grid) -> list[str]:
    heads = []
    spanners = [spanner.text for spanner in grid.spanners for _ in range(spanner.span)] or [""] * len(grid.heads)
    for spanner, head in zip(spanners, grid.heads, strict=True):
        heads.append(escape(f"{spanner}: {head.text}" if spanner and head.text else spanner or head.text))
    return heads


def _cells(row: GridRow) -> list[str]:
    cells: list[str] = []
    for cell in row.cells:
        text = escape(cell.full)
        cells.append(f"**{text}**" if row.kind == "group" and text else text)
        cells.extend([""] * (cell.span - 1))
    return cells
