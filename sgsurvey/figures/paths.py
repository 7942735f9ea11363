"""Path diagram: variables as boxes, factors as ellipses, relations as arrows with their estimates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.figures.path_layout import Arrow, Box, Drawing, Layout, spread
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = 0.165  # inches: a line of words
FACTOR, ITEM = 16, 26  # half-width columns at which words break
EXPLAINED = Text("R² = {r2}", "R² = {r2}")
PLAIN = Text("标准化估计值，线越粗绝对值越大", "Standardised estimates, thicker where larger")
FAINT = Text("{plain}；灰色虚线：p ≥ 0.05", "{plain}; grey dashes: p ≥ .05").format(plain=PLAIN)
WITH_N = Text("{note}；n = {n}", "{note}; n = {n}")
ALT = Text(
    "路径图：{boxes}个变量（{latent}个因子）、{lines}条关系，其中{faint}条p ≥ 0.05。",
    "Path diagram: {boxes} variables, {latent} of them factors, and {lines} relations, {faint} with p ≥ .05.",
)


@style.in_house_style
def path_diagram(
    frame: pd.DataFrame,
    *,
    words: Mapping[str, str],
    latent: tuple[str, ...],
    r_squared: Mapping[str, float] | None = None,
    n: int | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Variables in columns from causes to effects, items at the outside.

    Parameters
    ----------
    frame : DataFrame
        One row per relation: ``lhs, op, rhs`` (``=~``, ``~`` or ``~~``), ``std`` and ``p_value`` (nan where fixed).
    words : mapping of name to words
        Labels, already in the reader's language.
    latent : tuple of str
        Factors.
    r_squared : mapping of name to share, optional
        Printed in the variables that paths explain.
    n : int, optional
        Respondents, printed below.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the note.
    """
    drawing = laid_out(frame, words=words, latent=latent, r_squared=r_squared or {})
    left, low, right, high = drawing.extent
    wide, tall, own = max(right - left + 0.2, style.WIDTH), high - low + 0.5, ax is None
    ax = style.axes(ax, height=tall, width=wide)
    room = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    scale = 1.0 if own else min(1.0, room.width / wide, room.height / tall)
    ax.set_axis_off()
    spare = (wide - (right - left)) / 2
    ax.set_xlim(left - spare, right + spare)
    ax.set_ylim(low - 0.35, high + 0.15)
    ax.set_aspect("equal")
    _paint(ax, drawing, scale=scale)
    note = FAINT if any(line.arrow.faint for line in drawing.lines) else PLAIN
    size = style.TINY * scale
    below = note if n is None else WITH_N.format(note=note, n=n)
    ax.text(left, low - 0.3, below.to(language), ha="left", va="bottom", fontsize=size, color=style.GREY)
    counts = {
        "boxes": len(drawing.boxes),
        "latent": sum(box.latent for box in drawing.boxes),
        "lines": len(drawing.lines),
        "faint": sum(line.arrow.faint for line in drawing.lines),
    }
    return style.told(ax, frame, ALT, language, **counts)


def laid_out(
    frame: pd.DataFrame, *, words: Mapping[str, str], latent: tuple[str, ...], r_squared: Mapping[str, float]
) -> Drawing:
    """The diagram in inches."""
    ranks = _ranks(frame, latent)
    boxes = {name: _box(name, words.get(name, name), name in latent, r_squared.get(name)) for name in ranks}
    columns: dict[int, list[Box]] = {}
    for name, rank in ranks.items():
        columns.setdefault(rank, []).append(boxes[name])
    ordered = [columns[rank] for rank in sorted(columns)]
    arrows = [arrow_of(line) for line in frame.to_dict("records") if line["lhs"] != line["rhs"]]
    arcs = [sum(ranks[a.tail] == ranks[a.head] == rank for a in arrows) for rank in sorted(columns)]
    layout = Layout(spread(ordered, _heights(frame, ordered), arcs), {})
    layout.sizes = {arrow.words: _size(arrow.words, style.TINY) for arrow in arrows}
    return layout.draw(arrows)


def _ranks(frame: pd.DataFrame, latent: tuple[str, ...]) -> dict[str, int]:
    """The column of each variable: causes before effects, factors before items, a second factor of all behind them."""
    paths = frame.loc[frame["op"] == "~", ["rhs", "lhs"]].to_numpy().tolist()
    loadings = frame.loc[frame["op"] == "=~", ["lhs", "rhs"]].to_numpy().tolist()
    names = list(dict.fromkeys(name for pair in frame[["lhs", "rhs"]].to_numpy().tolist() for name in pair))
    inner = [name for name in names if name in latent or any(name in pair for pair in paths)]
    ranks = dict.fromkeys(inner, 0)
    rules = [*paths, *([f, i] for f, i in loadings if i in latent)]
    for _ in range(len(inner)):
        for cause, effect in rules:
            # A loop among causes stops growing after as many rounds as there are variables.
            ranks[effect] = max(ranks[effect], min(ranks[cause] + 1, len(inner)))
    last = max(ranks.values(), default=-1) + 1
    first = {factor for factor, rank in ranks.items() if rank == 0 and last > 1 and paths}
    items = [name for name in names if name not in ranks]
    for item in items:
        factors = {factor for factor, i in loadings if i == item}
        ranks[item] = -1 if factors and factors <= first else last
    general = _general(loadings, latent)
    if general and not paths:
        ranks[general] = last + 1
    return ranks


def _general(loadings: list[list[str]], latent: tuple[str, ...]) -> str | None:
    """A factor of all items that are items of other factors too."""
    items: dict[str, set[str]] = {factor: {i for f, i in loadings if f == factor} for factor in latent}
    for factor, own in items.items():
        others = [other for other in latent if other != factor and items[other] and items[other] < own]
        if len(others) > 1:
            return factor
    return None


def _heights(frame: pd.DataFrame, columns: list[list[Box]]) -> dict[str, float]:
    """Wished heights: the largest column in its order, every other variable amid those that it is tied to."""
    largest = max(columns, key=lambda column: sum(box.height for box in column))
    heights: dict[str, float] = {}
    y = 0.0
    for box in largest:
        heights[box.name] = y - box.height / 2
        y -= box.height + 0.14
    middle = y / 2
    ties = frame[frame["op"] != "~~"][["lhs", "rhs"]].to_numpy().tolist()
    waiting = [box.name for column in columns for box in column if box.name not in heights]
    for number, name in enumerate(waiting):
        heights[name] = middle - 1e-3 * number
    for _ in range(6):
        for number, name in enumerate(waiting):
            near = [heights[b if a == name else a] for a, b in ties if name in (a, b)]
            if near:
                heights[name] = sum(near) / len(near) - 1e-3 * number
    return heights


def _box(name: str, words: str, latent: bool, r_squared: float | None) -> Box:
    label = lettering.wrapped(words, FACTOR if latent else ITEM)
    if r_squared is not None:
        label += "\n" + EXPLAINED.format(r2=lettering.number(r_squared)).en
    wide, tall = _size(label, style.SMALL)
    # An ellipse around a rectangle of words is larger by the square root of two.
    return Box(
        name, label, latent, wide * 1.35 + 0.1 if latent else wide + 0.16, tall * 1.4 + 0.1 if latent else tall + 0.1
    )


def _size(words: str, size: float) -> tuple[float, float]:
    """Width and height of words in inches."""
    lines = words.split("\n")
    return max(lettering.points(line, size) for line in lines) / 72, LINE * len(lines) * size / style.SMALL


def arrow_of(line: Mapping[str, object]) -> Arrow:
    """A relation as the arrow that stands for it, from cause to effect and from factor to item."""
    tail, head = (line["rhs"], line["lhs"]) if line["op"] == "~" else (line["lhs"], line["rhs"])
    value, p = float(str(line["std"])), float(str(line["p_value"]))
    return Arrow(str(tail), str(head), lettering.number(value), abs(value), both=line["op"] == "~~", faint=p >= 0.05)


def width_of(size: float) -> float:
    """Points of an arrow's width by the size of its standardised estimate; 1 and more are drawn alike."""
    return 0.5 + 2.0 * min(size, 1.0) if size == size else 0.5


def _paint(ax: Axes, drawing: Drawing, *, scale: float) -> None:
    from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle
    from matplotlib.path import Path

    for line in drawing.lines:
        colour = style.GREY if line.arrow.faint else style.INK
        shape = "<|-|>" if line.arrow.both else "-|>"
        ax.add_patch(
            FancyArrowPatch(
                path=Path(line.points),
                arrowstyle=shape,
                mutation_scale=7 * scale,
                linewidth=width_of(line.arrow.size) * scale,
                linestyle=(0, (4, 2)) if line.arrow.faint else "-",
                edgecolor=colour,
                facecolor=colour,
                zorder=1,
            )
        )
        ax.text(
            *line.at,
            line.arrow.words,
            ha="center",
            va="center",
            fontsize=style.TINY * scale,
            color=style.INK,
            zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
        )
    for box in drawing.boxes:
        left, low, _, _ = box.rect
        shared: dict[str, Any] = {"facecolor": "white", "edgecolor": style.INK, "linewidth": 0.9, "zorder": 2}
        ax.add_patch(
            Ellipse((box.x, box.y), box.width, box.height, **shared)
            if box.latent
            else Rectangle((left, low), box.width, box.height, **shared)
        )
        ax.text(
            box.x, box.y, box.words, ha="center", va="center", fontsize=style.SMALL * scale, linespacing=1.25, zorder=4
        )
