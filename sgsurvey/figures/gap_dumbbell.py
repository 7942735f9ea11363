"""Gaps between two groups: both means with their intervals, joined, and the gap beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.figures.dumbbell import POINTS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

PAIR = Text("{a} − {b}", "{a} − {b}")
GAP = Text("差距 [{level}% CI]", "Gap [{level}% CI]")
# A mark and a colour for each direction: either tells it.
DIRECTIONS = {
    1: ("▲", "^", style.POSITIVE[-1], Text("前者较高（校正后）", "First higher (adjusted p)")),
    -1: ("▼", "v", style.NEGATIVE[0], Text("后者较高（校正后）", "Second higher (adjusted p)")),
}
APART = 0.17  # of the two means of a row from its middle, in rows
ALT = Text(
    "哑铃图：{k}行，每行为两组的均值及其置信区间；{up}行前者较高，{down}行后者较高，其余未判定。",
    "Dumbbells: {k} lines, each with the means of two groups and their intervals; the first is higher on {up}, the "
    "second on {down}, the rest is undecided.",
)


@style.in_house_style
def gap_dumbbell(
    frame: pd.DataFrame,
    *,
    axis: Text = POINTS,
    conf_level: float = 0.95,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Two means on each line with their intervals, the pairs of groups below each other, largest gap first.

    Parameters
    ----------
    frame : DataFrame
        One row per pair of groups and thing compared, words already in the reader's language: ``term``; ``first,
        second`` (the groups); ``mean_first, first_low, first_high`` and the same of the second; ``estimate, conf_low,
        conf_high`` (of the gap, first less second); ``n_first, n_second``; ``direction`` (1 or -1 where the adjusted p
        decides which is higher, else 0).  Nan where there are too few to show.
    axis : Text
        What the horizontal axis shows.
    conf_level : float
        Of the intervals, for the words.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    style.refuse_blank(frame[["mean_first", "mean_second"]])
    own = ax is None
    pairs = [PAIR.format(a=a, b=b).to(language) for a, b in zip(frame["first"], frame["second"], strict=True)]
    shown = frame.assign(pair=pd.Categorical(pairs, list(dict.fromkeys(pairs))))
    shown = shown.sort_values(["pair", "estimate"], ascending=[True, False], na_position="last", kind="stable")
    groups = [str(pair) for pair in shown["pair"]]
    names = [lettering.wrapped(term, 26) for term in shown["term"]]
    new = [k == 0 or groups[k] != groups[k - 1] for k in range(len(groups))]
    heights = lettering.rows(names, [lettering.GROUP_GAP if each else 0.0 for each in new])
    top, bottom = lettering.GROUP_GAP + 0.7 + lettering.LINE * names[0].count("\n") / 2, 0.8
    ax = style.axes(ax, height=lettering.ROW * (heights[-1] + top + bottom) + 1.1)
    handles = _means(ax, shown, np.asarray(heights))
    ax.set_ylim(heights[-1] + bottom, -top)
    low, high = lettering.ends(shown.filter(regex="^(first|second|mean)_"))
    margin = max(0.05 * (high - low), 1.0)
    ax.set_xlim(low - margin, high + margin)
    lettering.round_ticks(ax.xaxis, low - margin, high + margin)
    ax.grid(axis="x", zorder=0)
    lettering.fixed_ticks(ax.yaxis, heights, names)
    lettering.group_names(ax, groups, heights, names)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(axis.to(language))
    head = GAP.format(level=f"{100 * conf_level:g}").to(language)
    lettering.right_columns(ax, heights, [(head, _gaps(shown)), ("n", _counts(shown))], top=-top)
    lettering.legend(ax, [*handles, *_legend(shown, language)], own=own)
    up, down = (int((frame["direction"] == way).sum()) for way in DIRECTIONS)
    return style.told(ax, frame, ALT, language, k=len(frame), up=up, down=down)


def _means(ax: Axes, shown: pd.DataFrame, heights: np.ndarray) -> list[Artist]:
    """The joins, and a point with its whisker for either mean of a row; a handle of each group for the legend."""
    colours = [DIRECTIONS[way][2] if way in DIRECTIONS else style.GREY for way in shown["direction"]]
    ends = zip(heights, shown["mean_first"], shown["mean_second"], colours, strict=True)
    for y, first, second, colour in ends:
        ax.plot([first, second], [y - APART, y + APART], color=colour, linewidth=2.4, alpha=0.55, zorder=1)
    handles = {}
    roles = list(dict.fromkeys(name for pair in shown[["first", "second"]].to_numpy() for name in pair))
    for k, role in enumerate(roles):
        colour, marker = style.SERIES[k % len(style.SERIES)], style.MARKERS[k % len(style.MARKERS)]
        for side, apart in (("first", -APART), ("second", APART)):
            mine = (shown[side] == role).to_numpy()
            part, y = shown[mine], heights[mine] + apart
            ax.hlines(y, part[f"{side}_low"], part[f"{side}_high"], color=colour, linewidth=1.2, zorder=2)
            points = ax.plot(part[f"mean_{side}"], y, marker, color=colour, markersize=5.5, label=role, zorder=3)
            handles[role] = points[0]
    return list(handles.values())


def _legend(shown: pd.DataFrame, language: Language) -> list[Artist]:
    """A handle for each direction that occurs."""
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], color=colour, marker=marker, linewidth=2.4, alpha=0.55, label=words.to(language))
        for way, (_, marker, colour, words) in DIRECTIONS.items()
        if (shown["direction"] == way).any()
    ]


def _gaps(shown: pd.DataFrame) -> Sequence[str]:
    texts = []
    for row in shown.to_dict("records"):
        gap, low, high = (lettering.number(row[key], 1) for key in ("estimate", "conf_low", "conf_high"))
        mark = DIRECTIONS[row["direction"]][0] + " " if row["direction"] in DIRECTIONS else ""
        texts.append(f"{mark}{gap} [{low}, {high}]" if np.isfinite(row["estimate"]) else lettering.NOTHING)
    return texts


def _counts(shown: pd.DataFrame) -> Sequence[str]:
    return [
        f"{lettering.number(first, 0)}/{lettering.number(second, 0)}" if np.isfinite(first) else lettering.NOTHING
        for first, second in zip(shown["n_first"], shown["n_second"], strict=True)
    ]
