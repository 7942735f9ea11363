"""Sorted horizontal bars of shares, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR = 0.7  # height of the bars of one label together, in rows
ALT = Text(
    "条形图：{k}项的比例及其置信区间，从{low}到{high}。", "Bars: {k} shares with their intervals, from {low} to {high}."
)
AXIS = Text("占作答人数的百分比", "Per cent of those who answered")


@style.in_house_style
def bars(
    frame: pd.DataFrame,
    *,
    axis: Text = AXIS,
    sort: bool = True,
    n: int | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Horizontal bars of shares, longest first, with interval whiskers and counts.

    Parameters
    ----------
    frame : DataFrame
        One row per bar, words already in the reader's language: ``label``, ``estimate`` (a share, 0..1; nan where
        there are too few to show), ``conf_low``, ``conf_high``, ``count`` (persons; optional), and ``group``
        (optional), whose bars stand side by side.
    axis : Text
        What the shares are of.
    sort : bool
        By the mean share of each label, largest first; in the given order otherwise.
    n : int, optional
        Persons asked, printed above the axes.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    labels = list(frame["label"].unique())
    if sort:
        means = frame.groupby("label")["estimate"].mean().fillna(-1.0)
        labels.sort(key=lambda label: -means[label])
    groups = list(frame["group"].unique()) if "group" in frame else [""]
    names = [lettering.wrapped(label, 34) for label in labels]
    room = max(0.0, 0.42 * len(groups) - 0.5)
    heights = lettering.rows(names, [room] * len(names))
    own = ax is None
    top = 0.25 if groups == [""] else 0.55
    ax = style.axes(ax, height=lettering.inches(heights, names) + room * lettering.ROW + 0.6 + top)
    offsets = (np.arange(len(groups)) - (len(groups) - 1) / 2) * (BAR + room) / len(groups)
    for k, group in enumerate(groups):
        part = frame[frame["group"] == group] if group else frame
        _series(ax, part.set_index("label").reindex(labels), np.asarray(heights) + offsets[k], k, group, len(groups))
    edge = (lettering.inches(heights, names) / lettering.ROW - heights[-1] + room) / 2
    ax.set_ylim(heights[-1] + edge, -edge)
    lettering.fixed_ticks(ax.yaxis, heights, names)
    high = _ticks(ax, frame, axis, language)
    ax.set_xlim(0, high)
    if "count" in frame and groups == [""]:
        counts = frame.set_index("label")["count"].reindex(labels)
        lettering.right_columns(ax, heights, [("n", [lettering.number(c, 0) for c in counts])], top=-edge)
    if groups != [""]:
        lettering.legend(ax, ax.get_legend_handles_labels()[0], own=own)
    lettering.note_n(ax, n)
    low, top_share = (lettering.percent(end) for end in lettering.ends(frame["estimate"]))
    return style.told(ax, frame, ALT, language, k=len(labels), low=low, high=top_share)


def _series(ax: Axes, part: pd.DataFrame, at: np.ndarray, k: int, group: str, groups: int) -> None:
    room = (BAR + max(0.0, 0.42 * groups - 0.5)) / groups
    colour = style.SERIES[k % len(style.SERIES)]
    estimate = part["estimate"].to_numpy(dtype=float)
    ax.barh(at, np.nan_to_num(estimate), room * (1 if groups == 1 else 0.9), color=colour, label=group, zorder=2,
            hatch=style.HATCHES[k % len(style.HATCHES)], edgecolor="white", linewidth=0)  # fmt: skip
    low, high = part["conf_low"].to_numpy(dtype=float), part["conf_high"].to_numpy(dtype=float)
    shown = np.isfinite(low) & np.isfinite(estimate)
    ax.hlines(at[shown], low[shown], high[shown], color=style.INK, linewidth=1, zorder=3)
    for y in at[~np.isfinite(estimate)]:
        ax.annotate(lettering.NOTHING, (0, y), (3, 0), textcoords="offset points", va="center", fontsize=style.TINY)
    for x, y, words in zip(high[shown], at[shown], map(lettering.percent, estimate[shown]), strict=True):
        ax.annotate(words, (x, y), (3, 0), textcoords="offset points", va="center_baseline", fontsize=style.TINY)


def _ticks(ax: Axes, frame: pd.DataFrame, axis: Text, language: Language) -> float:
    """Ticks from zero in round steps, with room for the number after the longest whisker."""
    longest = float(np.nanmax(frame[["estimate", "conf_high"]].to_numpy(dtype=float), initial=0.1))
    step = 0.2 if longest > 0.5 else 0.1 if longest > 0.2 else 0.05
    ticks: Sequence[float] = np.arange(0, min(1.0, longest + step / 2) + 1e-9, step).tolist()
    lettering.per_cent_axis(axis, ax, language, ticks)
    return longest * 1.12
