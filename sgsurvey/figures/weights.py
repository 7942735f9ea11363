"""Distribution of weights: the share of respondents up to each weight, a line for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WEIGHT = Text("权数", "Weight")
SHARE = Text("不超过该权数的受访者（%）", "Respondents up to that weight (%)")
ALT = Text(
    "权数的累积分布：{groups}组、{n}名受访者，权数从{low}到{high}。",
    "Cumulative distribution of the weights of {n} respondents in {groups} groups, from {low} to {high}.",
)
DASHES = ("-", "--", ":", "-.")


@style.in_house_style
def weight_distribution(
    frame: pd.DataFrame, *, n: int | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """The empirical distribution of weights.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent: ``weight``, and ``group`` in words.
    n : int, optional
        Respondents, printed above the axes.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    own = ax is None
    ax = style.axes(ax, height=3.4)
    groups = list(dict.fromkeys(frame["group"]))
    for k, group in enumerate(groups):
        weights = np.sort(frame.loc[frame["group"] == group, "weight"].to_numpy(dtype=float))
        reached = 100 * np.arange(1, len(weights) + 1) / len(weights)
        at = np.concatenate([[weights[0]], weights])
        ax.plot(
            at,
            np.concatenate([[0.0], reached]),
            drawstyle="steps-post",
            color=style.SERIES[k % len(style.SERIES)],
            linestyle=DASHES[k % len(DASHES)],
            label=lettering.wrapped(group),
        )
    low, high = 0.0, float(frame["weight"].max())
    ax.set_xlim(low, 1.03 * high)
    ax.set_ylim(0, 103)
    lettering.round_ticks(ax.xaxis, low, high)
    lettering.round_ticks(ax.yaxis, 0, 100, most=5)
    ax.grid(axis="both")
    ax.set_xlabel(WEIGHT.to(language))
    ax.set_ylabel(SHARE.to(language))
    lettering.note_n(ax, n)
    if len(groups) > 1:
        lettering.legend(ax, ax.get_legend_handles_labels()[0], own=own)
    ends = {"low": lettering.number(frame["weight"].min()), "high": lettering.number(high)}
    return style.told(ax, frame, ALT, language, groups=len(groups), n=len(frame), **ends)
