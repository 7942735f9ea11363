"""Heatmaps: loadings sorted by factor; correlations with reliabilities on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

COMMUNALITY = Text("共同度", "h²")
CROSS = Text("交叉", "Cross")
MARK = "×"
GREY = Text("灰色：绝对值小于{cut}", "Grey: smaller than {cut}")
CROSSING = Text("×：两个以上因子上不小于{cut}", "×: {cut} or more on two factors")
LOADINGS = Text(
    "因子载荷热图：{items}个题项、{factors}个因子，每题按载荷最大的因子排列；{crossing}题有交叉载荷。",
    "Heatmap of the loadings of {items} items on {factors} factors, items under the factor they load on most; "
    "{crossing} load on more than one.",
)
CORRELATIONS = Text(
    "相关矩阵热图：{p}个变量的下三角，系数从{low}到{high}。",
    "Heatmap of the lower triangle of the correlations of {p} variables, from {low} to {high}.",
)
FAINT = "#8A8A8A"


@style.in_house_style
def loading_heatmap(
    frame: pd.DataFrame,
    *,
    cut: float = 0.30,
    n: int | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Loadings of items on factors: items sorted by their factor, loadings below ``cut`` printed in grey.

    Parameters
    ----------
    frame : DataFrame
        One row per item and factor, words already in the reader's language: ``item``, ``factor``, ``loading``, and
        optionally ``communality`` (the same in all rows of an item), printed at the right.
    cut : float
        Loadings smaller than this in size are printed grey, not hidden; an item with two that are not is marked.
    n : int, optional
        Respondents, printed above the axes.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    factors = list(frame["factor"].unique())
    loadings = frame.pivot(index="item", columns="factor", values="loading")[factors]
    loadings = loadings.loc[_by_factor(loadings)]
    names = [lettering.wrapped(item, 40) for item in loadings.index]
    lines = 1 + max(name.count("\n") for name in names)
    row = max(0.27, lettering.ROW * (lettering.LINE * lines + 0.25))
    ax = style.axes(ax, height=row * len(names) + 0.8)
    values = loadings.to_numpy(dtype=float)
    words = [[lettering.number(x) for x in line] for line in values]
    inks = [[FAINT if abs(x) < cut else _ink(x) for x in line] for line in values]
    _cells(ax, np.where(np.abs(values) < cut, 0.0, values), words, inks)
    _heads(ax, [lettering.wrapped(f, 14) for f in factors], names)
    crossing = (np.abs(values) >= cut).sum(axis=1) > 1
    columns = [(CROSS.to(language), [MARK if each else "" for each in crossing])]
    if "communality" in frame:
        h2 = frame.drop_duplicates("item").set_index("item")["communality"].loc[loadings.index]
        columns.insert(0, (COMMUNALITY.to(language), [lettering.number(x) for x in h2]))
    lettering.right_columns(ax, (np.arange(len(names)) + 0.5).tolist(), columns, top=-0.12)
    limit = lettering.number(cut)
    _foot(ax, n, *(words.format(cut=limit).to(language) for words in (GREY, *([CROSSING] if crossing.any() else []))))
    return style.told(
        ax, frame, LOADINGS, language, items=len(names), factors=len(factors), crossing=int(crossing.sum())
    )


@style.in_house_style
def correlation_heatmap(
    frame: pd.DataFrame,
    *,
    notes: Sequence[Text] = (),
    n: int | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """The lower triangle of a correlation matrix on a fixed scale, reliabilities on the diagonal.

    Parameters
    ----------
    frame : DataFrame
        One row per pair, words already in the reader's language: ``row``, ``column``, ``correlation``; a row whose
        ``row`` equals its ``column`` holds the reliability (nan for none); ``stars`` (optional) follow the number.
        The order of first appearance in ``row`` is the order of the matrix.
    notes : sequence of Text
        What stands on the diagonal and what the stars mean, printed below.
    n : int, optional
        Respondents, printed above the axes.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    names = list(dict.fromkeys([*frame["row"], *frame["column"]]))
    place = {name: k for k, name in enumerate(names)}
    p = len(names)
    values, words = np.full((p, p), np.nan), [[""] * p for _ in range(p)]
    stars = frame["stars"] if "stars" in frame else [""] * len(frame)
    for a, b, r, mark in zip(frame["row"], frame["column"], frame["correlation"], stars, strict=True):
        i, j = max(place[a], place[b]), min(place[a], place[b])
        values[i, j] = r
        words[i][j] = f"({lettering.number(r)})" if i == j and np.isfinite(r) else lettering.number(r) + mark
    ax = style.axes(ax, height=0.36 * p + 1.0)
    coloured = np.where(np.eye(p, dtype=bool), 0.0, values)
    inks = [[style.INK if i == j else _ink(values[i, j]) for j in range(p)] for i in range(p)]
    _cells(ax, coloured, words, inks)
    numbered = [lettering.wrapped(f"{k + 1} {name}", 30) for k, name in enumerate(names)]
    _heads(ax, [str(k + 1) for k in range(p)], numbered)
    ax.tick_params(axis="y", pad=max(lettering.points(name, style.SIZE) for name in numbered) + 4)
    for name in ax.get_yticklabels():
        name.set_horizontalalignment("left")
    _foot(ax, n, *(note.to(language) for note in notes))
    low, high = (lettering.number(end) for end in lettering.ends(values[np.tril_indices(p, -1)]))
    return style.told(ax, frame, CORRELATIONS, language, p=p, low=low, high=high)


def _by_factor(loadings: pd.DataFrame) -> list[str]:
    """Items of the first factor first, each factor's by falling size of their loading on it."""
    size = loadings.abs()
    own = size.to_numpy().argmax(axis=1)
    largest = size.to_numpy().max(axis=1)
    return [str(item) for item in loadings.index[np.lexsort((-largest, own))]]


def _colours() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    stops = [*style.NEGATIVE, "#FFFFFF", *style.POSITIVE]
    return LinearSegmentedColormap.from_list("sgsurvey", stops)


def _ink(value: float) -> str:
    from matplotlib.colors import to_hex

    return style.ink_on(to_hex(_colours()((value + 1) / 2)))


def _cells(ax: Axes, values: np.ndarray, words: Sequence[Sequence[str]], inks: Sequence[Sequence[str]]) -> None:
    """Coloured cells on the scale -1..1, each with its words; a missing value leaves its cell blank."""
    import seaborn

    seaborn.heatmap(
        values, mask=np.isnan(values), cmap=_colours(), vmin=-1, vmax=1, cbar=False, ax=ax,
        linewidths=0.8, linecolor="white", xticklabels=False, yticklabels=False,
    )  # fmt: skip
    for i, line in enumerate(words):
        for j, cell in enumerate(line):
            ax.text(j + 0.5, i + 0.5, cell, ha="center", va="center_baseline", fontsize=style.SMALL,
                    color=inks[i][j], in_layout=False)  # fmt: skip


def _heads(ax: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    ax.xaxis.tick_top()
    lettering.fixed_ticks(ax.xaxis, [j + 0.5 for j in range(len(columns))], columns)
    lettering.fixed_ticks(ax.yaxis, [i + 0.5 for i in range(len(rows))], rows)
    ax.tick_params(length=0)
    ax.set(xlabel="", ylabel="")


def _foot(ax: Axes, n: int | None, *notes: str) -> None:
    """Lines of words under the right end of the matrix."""
    words = "\n".join([*([lettering.N_EQUALS.format(n=n).en] if n is not None else []), *notes])
    ax.annotate(words, (1, 0), (0, -6), xycoords="axes fraction", textcoords="offset points",
                ha="right", va="top", fontsize=style.SMALL, color=style.GREY, annotation_clip=False)  # fmt: skip
