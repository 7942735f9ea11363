"""Answers in ordered categories as whole numbers, with -1 for missing; refuses what are no categories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sgsurvey.errors import DataError
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import MISSING, IntArray
from sgsurvey.numerics.polychoric import BOUND
from sgsurvey.text import Text

# More different numbers than this are measurements, not categories.
MOST_CATEGORIES = 20
# Codes as far apart as this (99998 among 1 to 5) are numbered anew: tables have a place for each number between.
FAR_APART = 1000


def ordered_codes(values: Array, names: Sequence[str]) -> IntArray:
    """Codes from 0 up in the order of the categories; shape (n, p).

    Parameters
    ----------
    values : ndarray, shape (n, p)
        nan for missing.
    names : sequence of str
        Of the columns, for messages.

    Raises
    ------
    DataError
        A column has fractions, or more than 20 different values.
    """
    there = ~np.isnan(values)
    low = np.where(there, values, np.inf).min(axis=0, initial=np.inf)
    codes = np.where(there, values - np.where(np.isfinite(low), low, 0.0), MISSING)
    for name, column in zip(names, codes.T, strict=True):
        if (column != np.round(column)).any():
            raise DataError(
                Text("含有小数，不是有序类别。", "holds fractions, which are no ordered categories."),
                where=f"'{name}'",
                remedy=Text("请用Pearson相关，或method='mixed'。", "Use Pearson correlations, or method='mixed'."),
            )
        found = np.unique(column[column >= 0])
        kinds = len(found)
        if kinds and kinds <= MOST_CATEGORIES and found[-1] >= FAR_APART:
            column[:] = np.where(column >= 0, np.searchsorted(found, column), MISSING)
        if kinds > MOST_CATEGORIES:
            raise DataError(
                Text(
                    f"有{kinds}个不同的值，不像有序类别（最多{MOST_CATEGORIES}个）。",
                    f"has {kinds} different values, too many for ordered categories (at most {MOST_CATEGORIES}).",
                ),
                where=f"'{name}'",
                remedy=Text("请用Pearson相关，或先合并类别。", "Use Pearson correlations, or merge categories first."),
            )
    return codes.astype(np.int64)


def at_bound_remark(names: Sequence[str], at_bound: npt.NDArray[np.bool_]) -> tuple[Text, ...]:
    """What must be said of pairs, shape (p, p), whose table is as extreme as its margins allow; nothing of none."""
    i, j = np.nonzero(np.tril(at_bound))
    if not len(i):
        return ()
    pairs = [(names[int(b)], names[int(a)]) for a, b in zip(i, j, strict=True)]
    zh, en = ("、".join(f"{a}与{b}" for a, b in pairs), ", ".join(f"{a} with {b}" for a, b in pairs))
    return (
        Text(
            f"交叉表已达Fréchet界，似然无内部最大值，记为±{BOUND}，无标准误：{zh}。",
            f"The table is as extreme as its margins allow (a Fréchet bound) and the likelihood has no maximum inside; "
            f"shown as ±{BOUND}, without a standard error: {en}.",
        ),
    )
