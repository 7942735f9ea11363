"""Lines with bands: what a model expects along a number, for one or several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ALT = Text("折线图：{up}随{across}的变化，{k}条线。", "Lines: {up} along {across}, {k} of them.")
BAND = 0.15  # opacity of a band: three of them still tell their lines
STYLES = ("-", "--", "-.", ":")


@style.in_house_style
def lines(
    frame: pd.DataFrame,
    *,
    across: Text,
    up: Text,
    points: pd.DataFrame | None = None,
    rug: np.ndarray | None = None,
    marks: tuple[float, ...] = (),
    zero: bool = False,
    n: int | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Draw lines with their bands.

    Parameters
    ----------
    frame : DataFrame
        ``x, estimate``, ``conf_low, conf_high`` (nan for no band), and ``line``, words already in the reader's
        language, which go to the legend where there are several.
    across, up : Text
        What the axes show.
    points : DataFrame, optional
        ``x, estimate, conf_low, conf_high`` of what was observed, drawn as points with whiskers.
    rug : ndarray, optional
        Observed values, as ticks along the foot.
    marks : tuple of float
        Places of vertical lines.
    zero : bool
        Draw the line at 0.
    n : int, optional
    ax : Axes, optional
    language : "zh" or "en"
    """
    style.refuse_blank(frame["estimate"])
    own = ax is None
    ax = style.axes(ax, height=3.6)
    if zero:
        ax.axhline(0.0, color=style.GREY, linewidth=0.9, zorder=1)
    for place in marks:
        ax.axvline(place, color=style.GREY, linewidth=0.9, linestyle="--", zorder=1)
    names = list(dict.fromkeys(frame["line"]))
    for k, name in enumerate(names):
        part, colour = frame[frame["line"] == name], style.SERIES[k % len(style.SERIES)]
        ax.fill_between(part["x"], part["conf_low"], part["conf_high"], color=colour, alpha=BAND, linewidth=0, zorder=2)
        ax.plot(part["x"], part["estimate"], STYLES[k % len(STYLES)], color=colour, label=name, zorder=3)
    if points is not None:
        ax.vlines(points["x"], points["conf_low"], points["conf_high"], color=style.INK, linewidth=1.2, zorder=4)
        ax.plot(points["x"], points["estimate"], "o", color=style.INK, markersize=4.5, zorder=5)
    shown = [one[["estimate", "conf_low", "conf_high"]] for one in (frame, points) if one is not None]
    _limits(ax, frame["x"], np.concatenate([np.ravel(one) for one in shown]), zero=zero)
    if rug is not None:
        ax.plot(rug, np.zeros(len(rug)), "|", color=style.INK, markersize=5, alpha=0.35,
                transform=ax.get_xaxis_transform(), clip_on=False, zorder=4)  # fmt: skip
    ax.grid(axis="y")
    ax.set_xlabel(across.to(language))
    ax.set_ylabel(up.to(language))
    lettering.note_n(ax, n)
    if len(names) > 1:
        lettering.legend(ax, ax.get_legend_handles_labels()[0], own=own)
    return style.told(ax, frame, ALT, language, up=up, across=across, k=len(names))


def _limits(ax: Axes, x: pd.Series, values: np.ndarray, *, zero: bool) -> None:
    """Both axes as wide as what is drawn, with round ticks."""
    seen = np.append(values[np.isfinite(values)], [0.0] if zero else [])
    for axis, set_limits, low, high in (
        (ax.xaxis, ax.set_xlim, float(x.min()), float(x.max())),
        (ax.yaxis, ax.set_ylim, float(seen.min()), float(seen.max())),
    ):
        margin = 0.04 * (high - low or 1.0)
        set_limits(low - margin, high + margin)
        lettering.round_ticks(axis, low - margin, high + margin)
