"""Specification curve: every coefficient in order, with its interval, above the choices that made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COEFFICIENT = Text("系数", "Coefficient")
ALT = Text(
    "设定曲线：{n}个设定的系数由小到大，从{low}到{high}，区间不含0的有{sure}个；下方标出每个设定的选择。",
    "Specification curve: coefficients of {n} specifications in order, from {low} to {high}, {sure} with an interval "
    "beyond 0; below, what each chose.",
)
ORDER = Text("设定（按系数排序，共{n}个）", "Specifications in order of the coefficient ({n})")
NAMED = Text("{name}：{value}", "{name}: {value}")
# The curve takes this share of the height of its axes, the choices what is left.
CURVE = 0.45
# Intervals are cut where they reach further beyond the coefficients than this share of their range.
SHOWN = 0.35


@style.in_house_style
def specification_curve(
    frame: pd.DataFrame, choices: Sequence[str], *, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Coefficients with intervals above, filled where these lie beyond 0; below, a mark for each value that was chosen.

    Parameters
    ----------
    frame : DataFrame
        One row per specification in the order to show, words already in the reader's language: ``estimate``,
        ``conf_low``, ``conf_high``, and one column of ordered categories per choice.
    choices : list of str
        Columns of the choices, in order.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    style.refuse_blank(frame["estimate"])
    rows = [(name, value) for name in choices for value in frame[name].cat.categories]
    ax = style.axes(ax, height=2.4 + 0.19 * len(rows))
    ax.axis("off")
    upper = ax.inset_axes((0.0, 1 - CURVE, 1.0, CURVE))
    lower = ax.inset_axes((0.0, 0.0, 1.0, 1 - CURVE - 0.03), sharex=upper)
    at = np.arange(1, len(frame) + 1)
    low, high, estimate = (frame[key].to_numpy(dtype=float) for key in ("conf_low", "conf_high", "estimate"))
    sure = (low > 0) | (high < 0)
    upper.fill_between(at, low, high, color=style.GREY, alpha=0.25, linewidth=0, step="mid")
    upper.axhline(0, color=style.GREY, linewidth=0.9)
    for chosen, inside in ((~sure, "white"), (sure, style.BLUE)):
        upper.plot(at[chosen], estimate[chosen], "o", color=style.BLUE, markersize=2.6, markerfacecolor=inside,
                   markeredgewidth=0.6)  # fmt: skip
    upper.set_ylabel(COEFFICIENT.to(language))
    upper.tick_params(labelbottom=False)
    bottom, top = min(estimate.min(), 0.0), max(estimate.max(), 0.0)
    room = SHOWN * (top - bottom)
    upper.set_ylim(bottom - room, top + room)
    lettering.round_ticks(upper.yaxis, bottom - room, top + room)
    for height, (name, value) in enumerate(rows):
        chosen = (frame[name] == value).to_numpy()
        lower.plot(at[chosen], np.full(chosen.sum(), height), "|", color=style.INK, markersize=5, markeredgewidth=0.5)
    lower.set_ylim(len(rows) - 0.4, -0.6)
    lettering.fixed_ticks(
        lower.yaxis,
        range(len(rows)),
        [NAMED.format(name=str(name), value=str(value)).to(language) for name, value in rows],
    )
    lower.tick_params(axis="y", labelsize=style.TINY, length=0)
    lower.set_xlim(0, len(frame) + 1)
    lettering.round_ticks(lower.xaxis, 0, len(frame))
    lower.set_xlabel(ORDER.format(n=len(frame)).to(language))
    ends = {"low": lettering.number(estimate.min()), "high": lettering.number(estimate.max())}
    return style.told(ax, frame, ALT, language, n=len(frame), sure=int(sure.sum()), **ends)
