"""The tables of a paper form: a grid with its anchors above, and the box for office use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgsurvey.tables.word import TWIPS
from sgsurvey.tables.wordprocessing import element, run

BOX = "□"
HEAD_SIZE, LINE_SIZE, NAME_SIZE = 8.5, 10.0, 7.0
GREY, SHADE, RULE = "808080", "EDEDED", "7F7F7F"
SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
NUMBER_WIDTH = 26.0
WIDEST_ANCHOR, NARROWEST_ANCHOR, ANCHORS_SHARE = 52.0, 30.0, 0.58
PADDING = 3.0
LINE_HEIGHT = 24.0


def anchored_grid(
    heads: Sequence[tuple[str, str, bool]], lines: Sequence[tuple[str, str, str, str]], room: float
) -> Any:
    """A table whose head repeats on every page and whose rows are never torn.

    Parameters
    ----------
    heads : sequence of (code, label, is no-answer)
    lines : sequence of (number, label, name in the data, note)
    room : float
        Points between the margins.
    """
    anchor = max(min(WIDEST_ANCHOR, room * ANCHORS_SHARE / len(heads)), NARROWEST_ANCHOR)
    widths = [NUMBER_WIDTH, room - NUMBER_WIDTH - anchor * len(heads), *[anchor] * len(heads)]
    head = _row(
        [_cell([], widths[0]), _cell([], widths[1])]
        + [
            _cell([run(label, size=HEAD_SIZE)], width, centred=True, shade=SHADE if missing else None)
            for (_, label, missing), width in zip(heads, widths[2:], strict=True)
        ],
        repeated=True,
    )
    body = [
        _row(
            [
                _cell([run(number, size=LINE_SIZE)], widths[0]),
                _cell(
                    [
                        run(label, size=LINE_SIZE),
                        *([run(note, size=HEAD_SIZE)] if note else []),
                        run(f"  {name}", size=NAME_SIZE, colour=GREY),
                    ],
                    widths[1],
                ),
            ]
            + [
                _cell(
                    [run(f"{BOX}\u00a0{code}", size=LINE_SIZE)], width, centred=True, shade=SHADE if missing else None
                )
                for (code, _, missing), width in zip(heads, widths[2:], strict=True)
            ]
        )
        for number, label, name, note in lines
    ]
    return _table(widths, [head, *body])


def office_box(labels: Sequence[str], room: float) -> Any:
    """One line of boxes for those who key and check the form."""
    share = room / len(labels)
    widths = [part for _ in labels for part in (share * 0.4, share * 0.6)]
    cells = [
        cell
        for label in labels
        for cell in (_cell([run(label, size=HEAD_SIZE)], share * 0.4, shade=SHADE), _cell([], share * 0.6))
    ]
    return _table(widths, [_row(cells)])


def ruled_lines(count: int, room: float, indent: float) -> Any:
    """Lines to write on, evenly apart, on one page with their question."""
    rows = [_row([_cell([], room - indent, keep=True)], height=LINE_HEIGHT) for _ in range(count)]
    return _table([room - indent], rows, sides=("bottom", "insideH"), indent=indent)


def _table(widths: Sequence[float], rows: Sequence[Any], *, sides: Sequence[str] = SIDES, indent: float = 0.0) -> Any:
    twips = [round(width * TWIPS) for width in widths]
    return element(
        "tbl",
        element(
            "tblPr",
            element("tblW", w=sum(twips), type="dxa"),
            element("tblInd", w=round(indent * TWIPS), type="dxa") if indent else None,
            element("tblBorders", *(element(side, val="single", sz=4, space=0, color=RULE) for side in sides)),
            element("tblLayout", type="fixed"),
            element("tblCellMar", *(element(s, w=round(PADDING * TWIPS), type="dxa") for s in ("left", "right"))),
        ),
        element("tblGrid", *(element("gridCol", w=width) for width in twips)),
        *rows,
    )


def _row(cells: Sequence[Any], *, repeated: bool = False, height: float | None = None) -> Any:
    properties = [element("cantSplit")]
    if height is not None:
        properties.append(element("trHeight", val=round(height * TWIPS), hRule="exact"))
    if repeated:
        properties.append(element("tblHeader"))
    return element("tr", element("trPr", *properties), *cells)


def _cell(
    runs: Sequence[Any], width: float, *, centred: bool = False, shade: str | None = None, keep: bool = False
) -> Any:
    return element(
        "tc",
        element(
            "tcPr",
            element("tcW", w=round(width * TWIPS), type="dxa"),
            element("shd", val="clear", color="auto", fill=shade) if shade else None,
            element("vAlign", val="center"),
        ),
        element(
            "p",
            element(
                "pPr",
                element("keepNext") if keep else None,
                element("spacing", before=30, after=30),
                element("jc", val="center") if centred else None,
            ),
            *runs,
        ),
    )
