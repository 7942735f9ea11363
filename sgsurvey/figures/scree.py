"""Scree plot: observed eigenvalues beside those of random data, with what is retained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OBSERVED = Text("实际数据", "Observed")
RETAINED = Text("保留", "Retained")
MEAN = Text("模拟均值", "Simulated, mean")
HIGH = Text("模拟第95百分位", "Simulated, 95th percentile")
ONE = Text("特征根 = 1", "Eigenvalue 1")
NUMBER = Text("序号", "Number")
EIGENVALUE = Text("特征根", "Eigenvalue")
PARALLEL = Text("平行分析：模拟{k}次，种子{seed}", "Parallel analysis: {k} simulations, seed {seed}")
ALT = Text(
    "碎石图：{k}个特征根与平行分析的模拟特征根对照，最大的特征根为{high}；保留{kept}。",
    "Scree plot: {k} eigenvalues beside simulated ones of parallel analysis, the largest {high}; retained: {kept}.",
)


@style.in_house_style
def scree(
    frame: pd.DataFrame,
    *,
    n: int | None = None,
    simulations: tuple[int, int] | None = None,
    at_one: bool = False,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Eigenvalues by rank, with the mean and the 95th percentile of parallel analysis.

    Parameters
    ----------
    frame : DataFrame
        One row per eigenvalue, largest first: ``number`` (1, 2 …), ``observed``, ``simulated_mean``,
        ``simulated_high`` (the 95th percentile), ``retained`` (bool), and ``basis`` (components, factors or both, one
        after the other, in words).
    n : int, optional
        Respondents, printed above the axes.
    simulations : (count, seed), optional
        Of parallel analysis, printed above the axes.
    at_one : bool
        Draw a line at 1, above which a component of the first series explains more than one item.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    own = ax is None
    ax = style.axes(ax, height=3.4)
    several = frame["basis"].nunique() > 1
    names = [str(name) for name in frame["basis"].unique()] if several else [""]
    for k, basis in enumerate(names):
        part = frame[frame["basis"] == basis] if several else frame
        prefix = f"{basis}{'：' if language == 'zh' else ': '}" if basis else ""
        _series(ax, part, style.SERIES[k], style.MARKERS[k], prefix, language)
        if at_one and k == 0:
            ax.axhline(1.0, color=style.GREY, linewidth=0.8, label=ONE.to(language), zorder=1)
    values = frame[["observed", "simulated_mean", "simulated_high"]]
    low, high = min(0.0, float(values.min().min())), float(values.max().max())
    margin = 0.06 * (high - low)
    ax.set_ylim(low - (margin if low < 0 else 0), high + margin)
    ax.set_xlim(frame["number"].min() - 0.5, frame["number"].max() + 0.5)
    lettering.round_ticks(ax.yaxis, low, high + margin)
    numbers = sorted(frame["number"].unique())
    step = 1 + len(numbers) // 20
    lettering.fixed_ticks(ax.xaxis, numbers[::step], [str(int(k)) for k in numbers[::step]])
    ax.grid(axis="y")
    ax.set_xlabel(NUMBER.to(language) if several else str(frame["basis"].iloc[0]))
    ax.set_ylabel(EIGENVALUE.to(language))
    lettering.note_n(ax, n)
    if simulations is not None:
        lettering.note(ax, PARALLEL.format(k=simulations[0], seed=simulations[1]).to(language))
    lettering.legend(ax, ax.get_legend_handles_labels()[0], own=own, across=len(names) if several else 0)
    retained = [(name, int(frame.loc[frame["basis"] == name, "retained"].sum())) for name in frame["basis"].unique()]
    kept = ("；" if language == "zh" else "; ").join(f"{name} {count}" for name, count in retained)
    return style.told(
        ax, frame, ALT, language, k=len(numbers), high=lettering.number(frame["observed"].max()), kept=kept
    )


def _series(ax: Axes, part: pd.DataFrame, colour: str, marker: str, prefix: str, language: Language) -> None:
    """One basis: the observed line with filled marks for what is retained, the simulated lines in dashes and dots."""
    at = part["number"]
    simulated = style.GREY if marker == style.MARKERS[0] else colour
    kept = part["retained"].astype(bool)
    ax.plot(at, part["observed"], color=colour, marker=marker, markersize=5.5, markerfacecolor="white",
            label=prefix + OBSERVED.to(language), zorder=3)  # fmt: skip
    ax.plot(at[kept], part["observed"][kept], marker, color=colour, markersize=5.5,
            label=f"{prefix}{RETAINED.to(language)} ({int(kept.sum())})", zorder=4)  # fmt: skip
    ax.plot(at, part["simulated_high"], color=simulated, linestyle="--", label=prefix + HIGH.to(language))
    ax.plot(at, part["simulated_mean"], color=simulated, linestyle=":", label=prefix + MEAN.to(language))
