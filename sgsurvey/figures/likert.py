"""Diverging stacked bars: how the answers to a rating item spread, by item and group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR = 0.78  # height of a bar, in rows
GAP = 0.45  # between the bars of two items, in rows
LABELS_FROM = 0.06  # a smaller share has no room for its number
DONT_KNOW = Text("不清楚", "Don’t know")
ABOVE = Text("中点以上", "Above middle")
ALT = Text(
    "发散条形图：{items}个题项、{bars}组回答的分布，条形以量表中点为界；中点以上的比例最低{low}，最高{high}。",
    "Diverging bars: how answers to {items} items spread in {bars} bars around the middle of the scale; the share "
    "above the middle runs from {low} to {high}.",
)
AXIS = Text("占有效回答的百分比", "Per cent of valid answers")
TOO_FEW = Text("人数过少，不予显示", "too few to show")
HIDDEN = Text("人数过少，不分项显示", "too few to show apart")
HATCHED: dict[str, Any] = {"facecolor": "white", "edgecolor": style.GREY, "hatch": "////", "linewidth": 0.6}


@style.in_house_style
def likert(frame: pd.DataFrame, *, sort: bool = True, ax: Axes | None = None, language: Language = "en") -> Axes:
    """Bars that diverge from the middle of the scale; at the right the share above it, n and the don't-knows.

    Parameters
    ----------
    frame : DataFrame
        One row per bar and answer category, words already in the reader's language:

        ``item``  what was rated; ``group``  who rated it (optional);
        ``category``  the answer, from the low to the high end of the scale;
        ``share``  its share of the valid answers, 0..1, nan where there are too few to show: what the others leave
        over is then drawn hatched, shared out evenly among those that are hidden;
        ``n``  valid answers of the bar; ``dont_know``  share of don't-knows among all who were asked (optional).
    sort : bool
        Items by their mean share above the middle of the scale, largest first; in the given order otherwise.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    keys = ["item", "group"] if "group" in frame else ["item"]
    categories = list(frame["category"].unique())
    first = frame.drop_duplicates(keys)
    shares = _shares(frame, keys, categories)
    above = shares[:, (len(categories) + 1) // 2 :].sum(axis=1)
    if sort:
        order = _sorted(first["item"], above)
        first, shares, above = first.iloc[order], shares[order], above[order]
    bars = list(first[keys].itertuples(index=False, name=None))
    names, heights = _layout(bars)
    own = ax is None
    ax = style.axes(ax, height=lettering.inches(heights, names) + 1.25)
    colours = diverging(len(categories))
    hidden = np.isnan(shares) & ~np.isnan(shares).all(axis=1, keepdims=True)
    drawn = _shared_out(shares, hidden)
    _stack(ax, drawn, hidden, heights, colours)
    _too_few(ax, shares, heights, language)
    _ticks(ax, drawn, language)
    _bar_names(ax, bars, names, heights)
    columns = [
        (lettering.wrapped(ABOVE.to(language), 6), [lettering.percent(share) for share in above]),
        ("n", [lettering.number(n, 0) for n in first["n"]]),
    ]
    if "dont_know" in first:
        head = lettering.wrapped(DONT_KNOW.to(language), 6)
        columns.append((head, [lettering.percent(share) for share in first["dont_know"]]))
    edge = (lettering.inches(heights, names) / lettering.ROW - heights[-1]) / 2
    ax.set_ylim(heights[-1] + edge, -edge)
    lettering.right_columns(ax, heights, columns, top=-edge)
    _legend(ax, categories, colours, HIDDEN.to(language) if hidden.any() else "", own)
    low, high = (lettering.percent(end) for end in lettering.ends(above))
    return style.told(ax, frame, ALT, language, items=first["item"].nunique(), bars=len(bars), low=low, high=high)


def _shares(frame: pd.DataFrame, keys: list[str], categories: Sequence[str]) -> np.ndarray:
    """Shares of the answers, one line per bar in the order of the frame."""
    bars = list(frame[keys].itertuples(index=False, name=None))
    place = {bar: k for k, bar in enumerate(dict.fromkeys(bars))}
    shares = np.full((len(place), len(categories)), np.nan)
    for bar, category, share in zip(bars, frame["category"], frame["share"], strict=True):
        shares[place[bar], categories.index(category)] = share
    return shares


def _sorted(items: pd.Series, above: np.ndarray) -> np.ndarray:
    """The order of the bars: those of an item together, the item with most answers above the middle first."""
    known = pd.Series(above, index=items.to_numpy()).groupby(level=0, sort=False).mean().fillna(-1.0)
    ranks = known.rank(method="first", ascending=False)
    return np.argsort(items.map(ranks).to_numpy(), kind="stable")


def _shared_out(shares: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """The shares with what is left over spread evenly among the hidden ones of each bar: their lengths tell nothing."""
    rest = 1 - np.nansum(shares, axis=1, keepdims=True)
    return np.where(hidden, rest / np.maximum(hidden.sum(axis=1, keepdims=True), 1), shares)


def diverging(k: int) -> list[str]:
    """Colours for ``k`` ordered answers: vermilion to blue, a grey middle where ``k`` is odd."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    steps = np.linspace(0, 1, k // 2) if k > 3 else [0.4] * (k // 2)
    low, high = (
        [to_hex(LinearSegmentedColormap.from_list("side", [dark, light])(x)) for x in steps]
        for dark, light in (style.NEGATIVE, style.POSITIVE[::-1])
    )
    return [*low, *([style.NEUTRAL] if k % 2 else []), *high[::-1]]


def _layout(bars: Sequence[tuple[str, ...]]) -> tuple[list[str], list[float]]:
    """Names at the bars, and where the bars stand: those of an item together, with room for its words."""
    if len(bars[0]) == 1:
        names = [lettering.wrapped(bar[0], 36) for bar in bars]
        return names, lettering.rows(names)
    names = [lettering.wrapped(bar[1], 16) for bar in bars]
    gaps = [0.0] * len(bars)
    for k in range(1, len(bars)):
        if bars[k][0] != bars[k - 1][0]:
            words = lettering.wrapped(bars[k - 1][0], 22).count("\n") + 1
            of_item = sum(bar[0] == bars[k - 1][0] for bar in bars)
            gaps[k] = max(GAP, lettering.LINE * words + 0.25 - of_item)
    return names, lettering.rows(names, gaps)


def _arms(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Length of each bar to the left and right of the middle of the scale; half the middle answer on each side."""
    half, k = shares.shape[1] // 2, shares.shape[1]
    middle = np.nan_to_num(shares[:, half]) / 2 if k % 2 else np.zeros(len(shares))
    return np.nansum(shares[:, :half], axis=1) + middle, np.nansum(shares[:, k - half :], axis=1) + middle


def _stack(ax: Axes, shares: np.ndarray, hidden: np.ndarray, heights: Sequence[float], colours: Sequence[str]) -> None:
    left = -_arms(shares)[0]
    for colour, widths, gone in zip(colours, np.nan_to_num(shares).T, hidden.T, strict=True):
        looks = _looks(colour, below=colour in colours[: len(colours) // 2])
        ax.barh(heights, np.where(gone, 0, widths), BAR, left, linewidth=0.6, **looks)
        if gone.any():
            ax.barh(np.asarray(heights)[gone], widths[gone], BAR, left[gone], **HATCHED)
        for x, y, share, unseen in zip(left + widths / 2, heights, widths, gone, strict=True):
            if share >= LABELS_FROM and not unseen:
                words = lettering.number(100 * share, 0)
                ink = style.ink_on(colour)
                ground = {"boxstyle": "square,pad=0.1", "facecolor": colour, "edgecolor": "none"}
                looks = {"fontsize": style.TINY, "color": ink, "bbox": ground}
                ax.text(x, y, words, ha="center", va="center_baseline", in_layout=False, **looks)
        left = left + widths
    ax.axvline(0, color=style.GREY, linewidth=0.8, zorder=0.5)


def _looks(colour: str, *, below: bool) -> dict[str, Any]:
    """Answers below the middle are hatched: in grey both ends of the colours are alike."""
    return {"facecolor": colour, "edgecolor": "white", "hatch": "////" if below else None}


def _too_few(ax: Axes, shares: np.ndarray, heights: Sequence[float], language: Language) -> None:
    for y, row in zip(heights, shares, strict=True):
        if np.isnan(row).all():
            ground = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none"}
            words = TOO_FEW.to(language)
            ax.text(0, y, words, ha="center", va="center", fontsize=style.TINY, color=style.GREY, bbox=ground)


def _ticks(ax: Axes, shares: np.ndarray, language: Language) -> None:
    """Each side as long as its longest bar, up to the next quarter."""
    low, high = (max(0.25, float(np.ceil(4 * arm.max() - 1e-9)) / 4) for arm in _arms(shares))
    ticks = np.arange(-low, high + 0.01, 0.25)
    if len(ticks) > 5:
        ticks = ticks[np.isclose(ticks % 0.5, 0)]
    lettering.per_cent_axis(AXIS, ax, language, ticks.tolist())
    ax.set_xlim(-low, high)


def _bar_names(ax: Axes, bars: Sequence[tuple[str, ...]], names: Sequence[str], heights: Sequence[float]) -> None:
    """Names at the bars; where these are groups, the item's words to their left, once for all its groups."""
    lettering.fixed_ticks(ax.yaxis, heights, names)
    if len(bars[0]) == 1:
        return
    inset = max(lettering.points(name, style.SIZE) for name in names) + 16
    for item in dict.fromkeys(bar[0] for bar in bars):
        at = [y for bar, y in zip(bars, heights, strict=True) if bar[0] == item]
        ax.annotate(
            lettering.wrapped(item, 22),
            (0, float(np.mean(at))),
            (-inset, 0),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            ha="right",
            va="center",
            annotation_clip=False,
        )


def _legend(ax: Axes, categories: Sequence[str], colours: Sequence[str], hidden: str, own: bool) -> None:
    from matplotlib.patches import Patch

    words = [lettering.wrapped(category, 18) for category in categories]
    half = len(colours) // 2
    patches = [Patch(**_looks(c, below=k < half), linewidth=0, label=w)
               for k, (c, w) in enumerate(zip(colours, words, strict=True))]  # fmt: skip
    patches += [Patch(**HATCHED, label=lettering.wrapped(hidden, 18))] if hidden else []
    lettering.legend(ax, patches, own=own)
