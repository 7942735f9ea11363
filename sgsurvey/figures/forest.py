"""Coefficient forest: estimates with their intervals, and the numbers beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ESTIMATE = Text("估计值及{level}%置信区间", "Estimate with {level}% CI")
NUMBERS = Text("估计值 [{level}% CI]", "Estimate [{level}% CI]")
ALT = Text(
    "森林图：{k}个估计值及其{level}%置信区间，估计值从{low}到{high}，竖线在{null}。",
    "Forest plot: {k} estimates with {level}% confidence intervals, from {low} to {high}; the line stands at {null}.",
)
MARGINS = ("margin_low", "margin_high")
NEXT_MODEL = -0.25  # estimates of one term stand closer than terms do


@style.in_house_style
def forest(
    frame: pd.DataFrame,
    *,
    null: float = 0.0,
    axis: Text = ESTIMATE,
    conf_level: float = 0.95,
    n: int | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Points with intervals on a common axis, the null value as a line, estimate and interval in a column.

    Parameters
    ----------
    frame : DataFrame
        One row per estimate, in the order to show, words already in the reader's language: ``term``, ``estimate`` (rows
        where it is nan are left out), ``conf_low``, ``conf_high`` (nan for a reference category), and optionally
        ``group`` (rows of a group stand together under its name), ``model`` (several estimates of one term, one below
        the other, told apart by colour and shape), ``n`` (a column of its own), and ``margin_low, margin_high`` (dashed
        lines, where all rows have the same).
    null : float
        The value of no effect.
    axis : Text
        What the horizontal axis shows; ``{level}`` becomes the confidence level in per cent.
    conf_level : float
        Of the intervals, for the words.
    n : int, optional
        Where it is one number for all rows: printed above the axes.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    own, frame = ax is None, frame[frame["estimate"].notna()]
    style.refuse_blank(frame["estimate"])
    names, gaps = _names(frame)
    heights = lettering.rows(names, gaps)
    top = (lettering.GROUP_GAP if "group" in frame else 0.0) + 0.7 + lettering.LINE * names[0].count("\n") / 2
    bottom = 0.7 + lettering.LINE * names[-1].count("\n") / 2
    legend = 0.3 if "model" in frame else 0.0
    ax = style.axes(ax, height=lettering.ROW * (heights[-1] + top + bottom) + 0.8 + legend)
    ax.axvline(null, color=style.GREY, linewidth=0.9, zorder=1)
    margins = [frame[key].iloc[0] for key in MARGINS if key in frame and frame[key].nunique() == 1]
    for margin in margins:
        ax.axvline(margin, color=style.GREY, linestyle="--", linewidth=0.8, zorder=1)
    _points(ax, frame, np.asarray(heights))
    ax.set_ylim(heights[-1] + bottom, -top)
    _ticks(ax, frame, [null, *margins])
    lettering.fixed_ticks(ax.yaxis, heights, names)
    if "group" in frame:
        lettering.group_names(ax, list(frame["group"]), heights, names)
    columns = [
        (NUMBERS.format(level=f"{100 * conf_level:g}").to(language), [_numbers(row) for _, row in frame.iterrows()])
    ]
    if "n" in frame:
        columns.append(("n", [lettering.number(k, 0) for k in frame["n"]]))
    lettering.right_columns(ax, heights, columns, top=-top)
    ax.set_xlabel(axis.format(level=f"{100 * conf_level:g}").to(language))
    ax.spines["left"].set_visible(False)
    if "model" in frame:
        lettering.legend(ax, ax.get_legend_handles_labels()[0], own=own)
    lettering.note_n(ax, n)
    low, high = (lettering.number(end) for end in lettering.ends(frame["estimate"]))
    level = f"{100 * conf_level:g}"
    return style.told(ax, frame, ALT, language, k=len(frame), level=level, low=low, high=high, null=f"{null:g}")


def _names(frame: pd.DataFrame) -> tuple[list[str], list[float]]:
    """Names at the rows (a repeated term only once), and room before each row."""
    names, gaps = [], []
    several = "model" in frame
    before: pd.Series | None = None
    for _, row in frame.iterrows():
        new_group = "group" in frame and (before is None or before["group"] != row["group"])
        new_term = before is None or new_group or before["term"] != row["term"]
        names.append(lettering.wrapped(row["term"], 30) if new_term or not several else "")
        gaps.append(
            lettering.GROUP_GAP if new_group else 0.35 if several and new_term else NEXT_MODEL if several else 0.0
        )
        before = row
    return names, gaps


def _points(ax: Axes, frame: pd.DataFrame, heights: np.ndarray) -> None:
    models = list(frame["model"].unique()) if "model" in frame else [""]
    for k, model in enumerate(models):
        rows = (frame["model"] == model).to_numpy() if model else np.ones(len(frame), dtype=bool)
        part, y = frame[rows], heights[rows]
        colour = style.SERIES[k % len(style.SERIES)]
        ax.hlines(y, part["conf_low"], part["conf_high"], color=colour, linewidth=1.6, zorder=2)
        sure = part["conf_low"].notna().to_numpy()
        marker = style.MARKERS[k % len(style.MARKERS)]
        ax.plot(part["estimate"][sure], y[sure], marker, color=colour, markersize=5.5, label=model, zorder=3)
        ax.plot(part["estimate"][~sure], y[~sure], marker, color=colour, markerfacecolor="white", zorder=3)


def _ticks(ax: Axes, frame: pd.DataFrame, lines: Sequence[float]) -> None:
    """Round ticks from the lowest to the highest of all that is drawn."""
    values = np.append(frame[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float), lines)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.06 * (high - low or 1.0)
    ax.set_xlim(low - margin, high + margin)
    lettering.round_ticks(ax.xaxis, low - margin, high + margin)
    ax.grid(axis="x", zorder=0)


def _numbers(row: pd.Series) -> str:
    estimate = lettering.number(row["estimate"])
    if not np.isfinite(row["conf_low"]):
        return estimate
    return f"{estimate} [{lettering.number(row['conf_low'])}, {lettering.number(row['conf_high'])}]"
