"""Design map: where the weights are, cluster by cluster within strata, and what they cost each stratum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.figures.weights import WEIGHT
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEAN = Text("群组内的平均{w}", "Mean {w} of a cluster").format(w=Text(WEIGHT.zh, WEIGHT.en.lower()))
CLUSTER = Text("群组，面积与人数成正比", "Cluster, area by its persons")
HIDDEN = Text("（另有{k}个人数过少，未画）", " ({k} of few persons not drawn)")
STRATUM = Text("该层均值", "Mean of the stratum")
CLUSTERS, DEFF, EFFECTIVE = Text("群组", "Clusters"), Text("设计效应", "deff"), Text("有效n", "Eff. n")
OVERALL = Text("总体：Kish设计效应{deff}，有效样本量{n}", "Overall: Kish’s deff {deff}, effective n {n}")
ALT = Text(
    "权数分布图：{strata}层、{clusters}个群组的平均权数，从{low}到{high}；总体设计效应{deff}，有效样本量{n}。",
    "Map of the weights: mean weights of {clusters} clusters in {strata} strata, from {low} to {high}; overall design "
    "effect {deff}, effective n {n}.",
)
AREA = 5.0  # square points of a dot for each person
LANES = (0.0, -0.24, 0.24, -0.12, 0.12)  # heights of dots in turn, so that neighbours do not cover each other


@style.in_house_style
def weight_map(
    strata: pd.DataFrame,
    clusters: pd.DataFrame,
    *,
    overall: tuple[float, float],
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """A row for each stratum: its clusters as dots at their mean weight, its numbers at the right.

    Parameters
    ----------
    strata : DataFrame
        One row per stratum, in words of the reader's language: ``stratum, clusters, n, mean, deff, n_effective``; nan
        from ``n`` on where there are too few persons to show.
    clusters : DataFrame
        One row per cluster: ``stratum, n, mean``; nan where there are too few persons to show.
    overall : (deff, effective n)
        Of all respondents.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    style.refuse_blank(np.append(clusters["mean"], strata["mean"]))
    own = ax is None
    names = [lettering.wrapped(stratum, 24) for stratum in strata["stratum"]]
    heights = lettering.rows(names, [0.5] * len(names))
    edge = 0.9 + lettering.LINE * names[0].count("\n") / 2
    ax = style.axes(ax, height=lettering.ROW * (heights[-1] + 2 * edge) + 1.3)
    place = dict(zip(strata["stratum"], heights, strict=True))
    shown = clusters[clusters["mean"].notna()]
    for stratum, part in shown.groupby("stratum", sort=False):
        part = part.sort_values("mean")
        y = place[stratum] + np.resize(LANES, len(part))
        ax.scatter(part["mean"], y, s=AREA * part["n"], color=style.BLUE, alpha=0.45, edgecolor=style.BLUE,
                   linewidth=0.6, zorder=2)  # fmt: skip
    ax.plot(strata["mean"], heights, "|", color=style.INK, markersize=17, markeredgewidth=1.6, zorder=3)
    ax.set_ylim(heights[-1] + edge, -edge)
    high = lettering.ends(np.append(shown["mean"], strata["mean"]))[1]
    ax.set_xlim(0, 1.08 * high)
    lettering.round_ticks(ax.xaxis, 0, 1.08 * high)
    lettering.fixed_ticks(ax.yaxis, heights, names)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(MEAN.to(language))
    columns = [(head.to(language), [lettering.number(x, digits) for x in strata[key]])
               for head, key, digits in ((CLUSTERS, "clusters", 0), (lettering.N, "n", 0), (DEFF, "deff", 2),
                                         (EFFECTIVE, "n_effective", 0))]  # fmt: skip
    lettering.right_columns(ax, heights, columns, top=-edge)
    _legend(ax, len(clusters) - len(shown), own, language)
    said = {"deff": lettering.number(overall[0]), "n": lettering.number(overall[1], 0)}
    lettering.note(ax, OVERALL.format(**said).to(language))
    low, high = lettering.ends(shown["mean"])
    ends = {"low": lettering.number(low), "high": lettering.number(high)}
    return style.told(ax, clusters, ALT, language, strata=len(strata), clusters=len(clusters), **ends, **said)


def _legend(ax: Axes, hidden: int, own: bool, language: Language) -> None:
    from matplotlib.lines import Line2D

    words = CLUSTER.to(language) + (HIDDEN.format(k=hidden).to(language) if hidden else "")
    dot = Line2D([], [], marker="o", color=style.BLUE, alpha=0.45, markersize=8, label=words, linestyle="none")
    line = Line2D([], [], marker="|", color=style.INK, markersize=10, markeredgewidth=1.6,
                  label=STRATUM.to(language), linestyle="none")  # fmt: skip
    lettering.legend(ax, [dot, line], own=own)
