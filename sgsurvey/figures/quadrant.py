"""Importance-performance quadrants: where something matters much and goes badly."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text as Words
    from matplotlib.transforms import Bbox

IMPORTANCE = Text("重要性", "Importance")
PERFORMANCE = Text("表现", "Performance")
MEAN = Text("总均值", "Grand mean")
MIDPOINT = Text("量表中点", "Scale midpoint")
ALT = Text(
    "象限图：{k}项按{x}和{y}定位，以均值分为四个象限。",
    "Quadrants: {k} points placed by {x} and {y}, cut at the means.",
)
# Martilla and James (1977), in the words of Chinese papers: first the quadrant of high importance and low performance.
QUADRANTS = {
    ("right", "bottom"): Text("重点改进区", "Concentrate here"),
    ("right", "top"): Text("优势保持区", "Keep up the good work"),
    ("left", "top"): Text("供给过度区", "Possible overkill"),
    ("left", "bottom"): Text("低优先区", "Low priority"),
}
# Where a label may stand, as multiples of its distance from the point: beside it first, then above and below.
DIRECTIONS = [(1, 0.45), (1, -0.45), (-1, 0.45), (-1, -0.45), (0.3, 1), (-0.3, 1), (0.3, -1), (-0.3, -1)]
DISTANCES = (6, 14, 24, 36, 50, 68)  # points


@style.in_house_style
def quadrant(
    frame: pd.DataFrame,
    *,
    midpoint: float | None = None,
    x_axis: Text = IMPORTANCE,
    y_axis: Text = PERFORMANCE,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Points with intervals in both directions, cut by the grand means and by the midpoint of the scale.

    Parameters
    ----------
    frame : DataFrame
        One row per attribute, words already in the reader's language: ``label``, ``importance``, ``performance`` (left
        out where either is nan), and optionally ``importance_low``, ``importance_high``, ``performance_low``,
        ``performance_high``, ``n``.
    midpoint : float, optional
        Midpoint of the scale of performance: drawn as a second cut, for the mean of a set of bad marks is no
        standard.
    x_axis, y_axis : Text
        What importance and performance are: "stated", "derived (coefficient)" and so on.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    frame = frame.dropna(subset=["importance", "performance"])
    style.refuse_blank(frame["importance"])
    own = ax is None
    ax = style.axes(ax, height=4.6)
    x, y = frame["importance"].to_numpy(dtype=float), frame["performance"].to_numpy(dtype=float)
    _limits(ax, frame, midpoint)
    _cuts(ax, float(x.mean()), float(y.mean()), midpoint, language, own)
    _points(ax, frame, x, y)
    corners = _quadrant_names(ax, language)
    ax.set_xlabel(x_axis.to(language))
    ax.set_ylabel(y_axis.to(language))
    if "n" in frame:
        low, high = int(frame["n"].min()), int(frame["n"].max())
        lettering.note_n(ax, low if low == high else f"{low}–{high}")
    labels = [lettering.wrapped(label, 22) for label in frame["label"]]
    _place_labels(ax, labels, x, y, corners, _whiskers(frame, x, y))
    return style.told(ax, frame, ALT, language, k=len(frame), x=x_axis, y=y_axis)


def _limits(ax: Axes, frame: pd.DataFrame, midpoint: float | None) -> None:
    for axis, name, also, limit in (
        (ax.xaxis, "importance", [], ax.set_xlim),
        (ax.yaxis, "performance", [] if midpoint is None else [midpoint], ax.set_ylim),
    ):
        columns = [c for c in (name, f"{name}_low", f"{name}_high") if c in frame]
        values = np.append(frame[columns].to_numpy(dtype=float), also)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        margin = 0.16 * (high - low or 1.0)
        limit(low - margin, high + margin)
        lettering.round_ticks(axis, low - margin, high + margin)


def _cuts(ax: Axes, x: float, y: float, midpoint: float | None, language: Language, own: bool) -> None:
    mean = ax.axhline(y, color=style.GREY, linestyle="--", linewidth=1, zorder=1, label=MEAN.to(language))
    ax.axvline(x, color=style.GREY, linestyle="--", linewidth=1, zorder=1)
    handles = [mean]
    if midpoint is not None:
        words = f"{MIDPOINT.to(language)} ({midpoint:g})"
        handles.append(ax.axhline(midpoint, color=style.VERMILION, linestyle=":", linewidth=1.4, zorder=1, label=words))
    lettering.legend(ax, handles, own=own)


def _whiskers(frame: pd.DataFrame, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Ends of the intervals, shape (n, 4): left, right, low, high; the point itself where there is none."""
    ends = []
    for name, point in (("importance", x), ("performance", y)):
        for side in ("low", "high"):
            column = f"{name}_{side}"
            given = frame[column].to_numpy(dtype=float) if column in frame else point
            ends.append(np.where(np.isfinite(given), given, point))
    return np.column_stack(ends)


def _points(ax: Axes, frame: pd.DataFrame, x: np.ndarray, y: np.ndarray) -> None:
    left, right, low, high = _whiskers(frame, x, y).T
    ax.hlines(y, left, right, color=style.SKY, linewidth=1.3, zorder=2)
    ax.vlines(x, low, high, color=style.SKY, linewidth=1.3, zorder=2)
    ax.plot(x, y, linestyle="none", marker="o", color=style.BLUE, markersize=5.5, zorder=3)


def _quadrant_names(ax: Axes, language: Language) -> list[Words]:
    corners = []
    for (side, end), words in QUADRANTS.items():
        corners.append(
            ax.text(
                0.99 if side == "right" else 0.01, 0.985 if end == "top" else 0.015, words.to(language),
                transform=ax.transAxes, ha=side, va=end, fontsize=style.SMALL, color=style.GREY, fontstyle="normal",
                fontweight="bold",
            )
        )  # fmt: skip
    return corners


def _place_labels(
    ax: Axes,
    labels: Sequence[str],
    x: np.ndarray,
    y: np.ndarray,
    corners: Sequence[Words],
    whiskers: np.ndarray,
) -> None:
    """Give each label the nearest place that covers no other label, point, quadrant name or edge.

    The most crowded points choose first; a label whose every place is taken takes the least covered one.
    """
    from matplotlib.patheffects import withStroke

    figure = ax.figure.canvas.figure
    figure.draw_without_rendering()
    pixel = figure.dpi / 72
    inside = ax.get_window_extent()
    spots = ax.transData.transform(np.column_stack([x, y]))
    taken = [_around(spot, 4 * pixel) for spot in spots] + [corner.get_window_extent() for corner in corners]
    lines = _lines(ax, x, y, whiskers, pixel)
    halo = withStroke(linewidth=2.5, foreground="white")
    crowd = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))
    for k in np.argsort(np.sort(crowd, axis=1)[:, 1:4].sum(axis=1)):
        label = ax.annotate(labels[k], (x[k], y[k]), (0, 0), textcoords="offset points", fontsize=style.SMALL, zorder=4)
        best, least = (0.0, 0.0, "left", "center"), np.inf
        for distance, (dx, dy) in product(DISTANCES, DIRECTIONS):
            place = (dx * distance, dy * distance, *_anchor(dx, dy))
            box = _moved(label, place)
            cost = sum(_overlap(box, other) for other in taken) + 0.6 * sum(_overlap(box, line) for line in lines)
            outside = box.width * box.height - _overlap(box, inside)
            cost = cost + 10 * outside + 0.4 * distance * pixel
            if cost < least:
                best, least = place, cost
        taken.append(_moved(label, best))
        label.set_path_effects([halo])
        if max(abs(best[0]), abs(best[1])) > DISTANCES[1]:
            ax.annotate("", (x[k], y[k]), best[:2], textcoords="offset points",
                        arrowprops={"arrowstyle": "-", "color": style.GREY, "linewidth": 0.6})  # fmt: skip


def _anchor(dx: float, dy: float) -> tuple[str, str]:
    side = "left" if dx > 0 else "right"
    return (side, "center") if abs(dx) == 1 else (side, "bottom" if dy > 0 else "top")


def _moved(label: Words, place: tuple[float, float, str, str]) -> Bbox:
    label.set_position(place[:2])
    label.set(ha=place[2], va=place[3])
    return label.get_window_extent()


def _around(spot: np.ndarray, reach: float) -> Bbox:
    from matplotlib.transforms import Bbox

    return Bbox([spot - reach, spot + reach])


def _lines(ax: Axes, x: np.ndarray, y: np.ndarray, whiskers: np.ndarray, pixel: float) -> list[Bbox]:
    """The intervals, and all lines across the axes, as thin boxes in pixels."""
    from matplotlib.transforms import Bbox

    boxes = [line.get_window_extent().padded(pixel) for line in ax.get_lines() if line.get_linestyle() != "None"]
    for a, b, (left, right, low, high) in zip(x, y, whiskers, strict=True):
        for start, end in (((left, b), (right, b)), ((a, low), (a, high))):
            corners = ax.transData.transform([start, end])
            boxes.append(Bbox([corners.min(axis=0) - pixel, corners.max(axis=0) + pixel]))
    return boxes


def _overlap(a: Bbox, b: Bbox) -> float:
    """Area that two boxes share, in square pixels."""
    wide = min(a.x1, b.x1) - max(a.x0, b.x0)
    tall = min(a.y1, b.y1) - max(a.y0, b.y0)
    return max(wide, 0.0) * max(tall, 0.0)
