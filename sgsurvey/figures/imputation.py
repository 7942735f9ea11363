"""Pictures of an imputation: the paths of its chains, and what was answered beside what was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ITERATION = Text("迭代", "Iteration")
MEAN = Text("插补值的均值：{item}", "Mean of imputed values: {item}")
OBSERVED = Text("作答", "Observed")
IMPUTED = Text("插补", "Imputed")
N_OBSERVED, N_IMPUTED = Text("作答n", "n observed"), Text("插补n", "n imputed")
ANSWER = Text("均值", "Mean")
CHAINS = Text(
    "多重插补的链图：{title}插补均值随迭代的走势，共{k}条链。",
    "Chains of an imputation: the mean of the imputed values of {title} over the iterations, {k} chains.",
)
BESIDE = Text("点图：{k}个题项作答值与插补值的均值对照。", "Dots: means of answers and of imputed values of {k} items.")


@style.in_house_style
def chain_paths(frame: pd.DataFrame, *, title: str, ax: Axes | None = None, language: Language = "en") -> Axes:
    """The mean of the drawn values by iteration, a line for each chain: they should cross and have no trend.

    Parameters
    ----------
    frame : DataFrame
        One row per iteration and chain: ``iteration``, ``chain``, ``mean``.
    title : str
        What was drawn.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    ax = style.axes(ax, height=3.0)
    paths = frame.pivot(index="iteration", columns="chain", values="mean")
    for k, chain in enumerate(paths.columns):
        ax.plot(paths.index, paths[chain], color=style.SERIES[k % len(style.SERIES)], linewidth=0.8)
    last = int(paths.index.max())
    step = 1 + last // 10
    ticks = list(range(1, last + 1, step))
    lettering.fixed_ticks(ax.xaxis, ticks, [str(tick) for tick in ticks])
    low, high = float(frame["mean"].min()), float(frame["mean"].max())
    margin = 0.06 * (high - low) or 0.5
    ax.set_ylim(low - margin, high + margin)
    lettering.round_ticks(ax.yaxis, low - margin, high + margin)
    ax.grid(axis="y")
    ax.set_xlabel(ITERATION.to(language))
    ax.set_ylabel(lettering.wrapped(MEAN.format(item=title).to(language), 34))
    return style.told(ax, frame, CHAINS, language, title=title, k=paths.shape[1])


@style.in_house_style
def observed_and_imputed(frame: pd.DataFrame, *, ax: Axes | None = None, language: Language = "en") -> Axes:
    """Means of the answers and of the drawn values, joined by a line, one row per item.

    Parameters
    ----------
    frame : DataFrame
        One row per item: ``term`` in words, ``mean_observed``, ``mean_imputed``, ``n_observed``, ``n_imputed``.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    own = ax is None
    names = [lettering.wrapped(term) for term in frame["term"]]
    heights = np.asarray(lettering.rows(names))
    ax = style.axes(ax, height=lettering.inches(heights.tolist(), names) + 1.0)
    ax.hlines(heights, frame["mean_observed"], frame["mean_imputed"], color=style.GREY, linewidth=0.9, zorder=1)
    for column, words, colour, marker in (
        ("mean_observed", OBSERVED, style.BLUE, "o"),
        ("mean_imputed", IMPUTED, style.VERMILION, "D"),
    ):
        ax.plot(frame[column], heights, marker, color=colour, markersize=5, label=words.to(language), zorder=2)
    both = frame[["mean_observed", "mean_imputed"]]
    low, high = float(both.min().min()), float(both.max().max())
    margin = 0.06 * (high - low) or 0.5
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(heights[-1] + 0.7, -0.7)
    lettering.round_ticks(ax.xaxis, low - margin, high + margin)
    lettering.fixed_ticks(ax.yaxis, heights.tolist(), names)
    ax.grid(axis="x")
    ax.set_xlabel(ANSWER.to(language))
    counts = [(words.to(language), [lettering.number(k, 0) for k in frame[column]])
              for words, column in ((N_OBSERVED, "n_observed"), (N_IMPUTED, "n_imputed"))]  # fmt: skip
    lettering.right_columns(ax, heights.tolist(), counts, top=-0.7)
    lettering.legend(ax, ax.get_legend_handles_labels()[0], own=own)
    return style.told(ax, frame, BESIDE, language, k=len(frame))
