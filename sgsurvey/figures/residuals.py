"""Residuals of a linear regression in four panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FITTED = Text("拟合值", "Fitted value")
RESIDUAL = Text("残差", "Residual")
QUANTILE = Text("正态分位数", "Normal quantile")
STANDARDISED = Text("标准化残差", "Standardised residual")
SIZE = Text("√|标准化残差|", "√|Standardised residual|")
LEVERAGE = Text("杠杆值", "Leverage")
ALT = Text(
    "残差诊断四幅图：残差与拟合值、残差的正态分位数、残差大小与拟合值、残差与杠杆值，共{n}个观测。",
    "Residuals of {n} observations in four panels: by fitted value, by normal quantile, their size by fitted value, by "
    "leverage.",
)
# Left, bottom, width and height of each panel, in shares of the picture.
PLACES = ((0.09, 0.61, 0.38, 0.36), (0.61, 0.61, 0.38, 0.36), (0.09, 0.11, 0.38, 0.36), (0.61, 0.11, 0.38, 0.36))
BINS = 10
CONTOURS = (0.5, 1.0)

Numbers = npt.NDArray[np.float64]


@style.in_house_style
def residual_panels(
    frame: pd.DataFrame, *, coefficients: int, n: int | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Residuals by fitted values, their normal quantiles, their size by fitted values, and by leverage.

    A line joins the means of tenths of the rows; dashed lines are Cook's distances of 0.5 and 1.

    Parameters
    ----------
    frame : DataFrame
        One row per row used: ``fitted, residual, standardised, leverage``; nan in ``standardised`` at leverage 1.
    coefficients : int
        Of the model, for Cook's distance.
    n : int, optional
        Rows of the regression, printed above the picture.
    ax : Axes, optional
        Where to draw; the four panels stand inside it.
    language : "zh" or "en"
        Of the fixed words.
    """
    ax = style.axes(ax, height=5.4)
    ax.set(xticks=[], yticks=[])
    ax.set_axis_off()
    panels = [ax.inset_axes(place) for place in PLACES]
    kept = frame[frame["standardised"].notna()]
    fitted, standard = kept["fitted"].to_numpy(dtype=float), kept["standardised"].to_numpy(dtype=float)
    leverage, size = kept["leverage"].to_numpy(dtype=float), np.sqrt(np.abs(standard))
    _cloud(panels[0], fitted, kept["residual"].to_numpy(dtype=float), FITTED, RESIDUAL, language)
    _cloud(panels[2], fitted, size, FITTED, SIZE, language)
    panels[0].axhline(0, color=style.GREY, linewidth=0.9, zorder=1)
    _quantiles(panels[1], np.sort(standard), language)
    _cloud(panels[3], leverage, standard, LEVERAGE, STANDARDISED, language, mean=False)
    _contours(panels[3], float(leverage.max()), coefficients)
    lettering.note_n(ax, n)
    return style.told(ax, frame, ALT, language, n=len(kept) if n is None else n)


def _cloud(ax: Axes, x: Numbers, y: Numbers, across: Text, up: Text, language: Language, *, mean: bool = True) -> None:
    ax.plot(x, y, "o", color=style.BLUE, markersize=2.5, alpha=0.5, markeredgewidth=0, zorder=2)
    if mean:
        parts = np.array_split(np.argsort(x, kind="stable"), min(BINS, len(x)))
        ax.plot([x[part].mean() for part in parts], [y[part].mean() for part in parts], color=style.VERMILION, zorder=3)
    _letter(ax, x, y, across.to(language), up.to(language))


def _quantiles(ax: Axes, ordered: Numbers, language: Language) -> None:
    share = (np.arange(len(ordered)) + 0.5) / len(ordered)
    normal = special.ndtri(share)
    ax.plot(normal, normal, color=style.GREY, linewidth=0.9, zorder=1)
    ax.plot(normal, ordered, "o", color=style.BLUE, markersize=2.5, alpha=0.5, markeredgewidth=0, zorder=2)
    _letter(ax, normal, ordered, QUANTILE.to(language), STANDARDISED.to(language))


def _contours(ax: Axes, highest: float, coefficients: int) -> None:
    """Where Cook's distance has a given value: ``D = r² h / ((1 - h) p)``."""
    limits, low = ax.get_ylim(), max(highest * 0.02, 1e-6)
    h = np.linspace(low, min(highest * 1.05, 0.999), 100)
    for distance in CONTOURS:
        line = np.sqrt(distance * coefficients * (1 - h) / h)
        for side in (1.0, -1.0):
            ax.plot(h, side * line, "--", color=style.ORANGE, linewidth=0.9, zorder=1)
    ax.set_ylim(limits)


def _letter(ax: Axes, x: Numbers, y: Numbers, across: str, up: str) -> None:
    for axis, limit, values, words in (
        (ax.xaxis, ax.set_xlim, x, across),
        (ax.yaxis, ax.set_ylim, y, up),
    ):
        low, high = float(values.min()), float(values.max())
        margin = 0.06 * (high - low) or 0.5
        limit(low - margin, high + margin)
        lettering.round_ticks(axis, low - margin, high + margin, most=5)
        axis.set_label_text(words, fontsize=style.SMALL)
        axis.set_tick_params(labelsize=style.SMALL)
