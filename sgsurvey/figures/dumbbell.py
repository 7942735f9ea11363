"""Dumbbell: what several groups say of the same thing, as points on one line, joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = Text("均值（百分制）", "Mean (points of 100)")
ALT = Text(
    "哑铃图：{terms}行、{groups}组的数值，同一行的各点相连，从{low}到{high}。",
    "Dumbbells: values of {groups} groups on {terms} lines, the points of a line joined; from {low} to {high}.",
)


@style.in_house_style
def dumbbell(
    frame: pd.DataFrame,
    *,
    axis: Text = POINTS,
    n: int | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Points of groups on one line per term, joined from the lowest to the highest.

    Parameters
    ----------
    frame : DataFrame
        One row per term and group, in the order to show, words already in the reader's language: ``term``, ``group``,
        ``mean`` (nan: not shown).
    axis : Text
        What the horizontal axis shows.
    n : int, optional
        Persons, printed above the axes.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    style.refuse_blank(frame["mean"])
    own = ax is None
    terms, groups = list(frame["term"].unique()), list(frame["group"].unique())
    names = [lettering.wrapped(term, 30) for term in terms]
    heights = lettering.rows(names)
    ax = style.axes(ax, height=lettering.inches(heights, names) + 1.2)
    wide = frame.pivot(index="term", columns="group", values="mean").loc[terms, groups]
    ax.hlines(heights, wide.min(axis=1), wide.max(axis=1), color=style.GREY, linewidth=2.2, zorder=1)
    for k, group in enumerate(groups):
        marker, colour = style.MARKERS[k % len(style.MARKERS)], style.SERIES[k % len(style.SERIES)]
        ax.plot(wide[group], heights, marker, color=colour, markersize=7, label=group, zorder=2)
    ax.set_ylim(heights[-1] + 0.8, -0.8)
    low, high = lettering.ends(wide)
    margin = max(0.08 * (high - low), 1.0)
    ax.set_xlim(low - margin, high + margin)
    lettering.round_ticks(ax.xaxis, low - margin, high + margin)
    ax.grid(axis="x", zorder=0)
    lettering.fixed_ticks(ax.yaxis, heights, names)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(axis.to(language))
    lettering.legend(ax, ax.get_legend_handles_labels()[0], own=own)
    lettering.note_n(ax, n)
    ends = {"low": lettering.number(low, 1), "high": lettering.number(high, 1)}
    return style.told(ax, frame, ALT, language, terms=len(terms), groups=len(groups), **ends)
