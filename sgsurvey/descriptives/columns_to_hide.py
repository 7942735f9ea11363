"""Which numbers of a description few people stand behind: shares, extremes, and moments that give shares away."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import comb

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array
from sgsurvey.questionnaire.model import Item
from sgsurvey.tables.beside import given_away
from sgsurvey.tables.few_persons import few, one_of_two_is_few

THIRDS = ("disagree", "neutral", "agree")
# Numbers from which the counts behind a mean can be worked out, in the order in which they are given up last.
OF_MEAN, OF_SD = ("mean",), ("sd", "std_error", "conf_low", "conf_high")
OF_SHAPE = ("skewness", "kurtosis", "min", "max")


def moments_to_show(counts: npt.NDArray[np.int64], parts: Sequence[npt.NDArray[np.bool_]], smallest: int) -> int:
    """How many of n's companions mean and standard deviation may stand beside hidden counts of equally spaced codes.

    With n and the first m moments given, counts may still be changed by a multiple of the differences of order m + 1
    (1, -1; 1, -2, 1; 1, -3, 3, -1) without any of these moments changing.  The largest m up to 2 is given for which
    some such change is possible, no count being below 0 and the median as it is, that alters the small ones among the
    ``parts``.

    Parameters
    ----------
    counts : ndarray of int, shape (k,)
        Answers by code.
    parts : sequence of ndarray of bool, each of shape (k,)
        Codes whose answers are shown together.
    smallest : int
    """
    small = [part for part in parts if few(counts[part].sum(), smallest)]
    for order in (2, 1, 0):
        difference = np.array([(-1) ** j * comb(order + 1, j) for j in range(order + 2)])
        shifts = [np.zeros(len(counts), dtype=np.int64) for _ in range(len(counts) - order - 1)]
        for at, shift in enumerate(shifts):
            shift[at : at + order + 2] = difference
        changes = [sign * shift for sign, shift in product((1, -1), shifts)]
        possible = [c for c in changes if (counts + c >= 0).all() and _median(counts + c) == _median(counts)]
        if possible and all(any(change[part].sum() for change in possible) for part in small):
            return order
    return 0


def _median(counts: npt.NDArray[np.int64]) -> float:
    return float(np.median(np.repeat(np.arange(len(counts)), counts)))


def few_in_item(x: Array, unsure: int, item: Item, smallest: int, *, thirds: bool) -> set[str]:
    """Columns of an item's description that must not be shown.

    Disagree, neither and agree go together; with them what would give them away.  The extremes of numbers that are no
    ratings are somebody's own, unless enough people share them.

    Parameters
    ----------
    x : ndarray, shape (n,)
        The valid answers.
    unsure : int
        Don't-knows.
    item : Item
    smallest : int
    thirds : bool
        Disagree, neither and agree are described at all.
    """
    hidden = {"dont_know"} if few(unsure, smallest) else set()
    limits = item.scale.limits if item.scale else item.limits
    if item.type != "rating" or limits is None:
        return hidden | _few_at_extremes(x, smallest) | few_of_two_values(x, smallest)
    codes = np.array(item.scale.codes if item.scale else range(int(limits[0]), int(limits[1]) + 1), dtype=float)
    middle, top = sum(limits) / 2, limits[0] + 0.75 * (limits[1] - limits[0])
    counts: npt.NDArray[np.int64] = np.array([(x == code).sum() for code in codes])
    parts = [codes < middle, codes == middle, codes > middle]
    if thirds and any(few(counts[part].sum(), smallest) for part in parts):
        shown = moments_to_show(counts, parts, smallest)
        hidden |= {*THIRDS, *OF_SHAPE, "top_two", *(OF_SD if shown < 2 else ()), *(OF_MEAN if shown < 1 else ())}
    if few(counts[codes >= top].sum(), smallest) or few(counts[codes < top].sum(), smallest):
        hidden.add("top_two")
    return hidden | _beside_distribution(codes, counts, parts if thirds else (), top, smallest, hidden)


def _beside_distribution(
    codes: Array,
    counts: npt.NDArray[np.int64],
    parts: Sequence[npt.NDArray[np.bool_]],
    top: float,
    smallest: int,
    hidden: set[str],
) -> set[str]:
    """Columns that would give away what the item's distribution, on another page, hides."""
    numbers: dict[str, list[Array]] = {
        "mean": [codes],
        "sd": [codes**2],
        "top_two": [(codes >= top).astype(float)],
        "agree": [part.astype(float) for part in parts],
        "skewness": [codes**3],
        "kurtosis": [codes**4],
    }
    shown = {name: weights for name, weights in numbers.items() if weights and name not in hidden}
    groups = {"mean": OF_MEAN + OF_SD, "sd": OF_SD, "agree": THIRDS}
    return {column for name in given_away(counts, smallest, shown) for column in groups.get(name, (name,))}


def _few_at_extremes(x: Array, smallest: int) -> set[str]:
    extremes = {"min": x.min(), "max": x.max()} if len(x) else {}
    return {key for key, at in extremes.items() if few((x == at).sum(), smallest)}


def few_of_two_values(x: Array, smallest: int) -> set[str]:
    """Columns that must not be shown of an answer that takes two values: its mean is a share."""
    return {*OF_MEAN, *OF_SD, *OF_SHAPE} if one_of_two_is_few(x, smallest) else set()


def few_in_scale(row: dict[str, object], x: Array, items: Sequence[Item], smallest: int) -> set[str]:
    """Columns of a scale's description that must not be shown: shares at its ends, the count in its top two.

    A scale of one item is that item, whose distribution stands on another page.
    """
    n = float(str(row["n"]))
    hidden = few_in_item(x, 0, items[0], smallest, thirds=True) - {*THIRDS} if len(items) == 1 else set()
    ends = [float(str(row[key])) * n for key in ("floor", "ceiling") if key in row]
    if any(few(round(count), smallest) or few(round(n - count), smallest) for count in ends):
        hidden |= {"floor", "ceiling"}
    top = float(str(row.get("top_two", 0)))
    if few(top, smallest) or few(n - top, smallest):
        hidden.add("top_two")
    return hidden
