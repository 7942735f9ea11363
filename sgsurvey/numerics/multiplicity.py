"""p-values adjusted for how many there are."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from sgsurvey.numerics.linalg import Array

Adjustment = Literal["holm", "BH", "none"]


def adjusted(p_values: npt.ArrayLike, method: Adjustment = "holm") -> Array:
    """p-values of one family after adjustment, in their order; nan stays nan and is not counted.

    Holm (1979), Scandinavian Journal of Statistics 6, 65-70; Benjamini and Hochberg (1995), JRSS B 57, 289-300.
    """
    p = np.array(p_values, dtype=float)
    there = ~np.isnan(p)
    found = p[there]
    m = len(found)
    if method == "none" or not m:
        return p
    if method == "BH":
        p[there] = stats.false_discovery_control(found)
        return p
    order = np.argsort(found, kind="stable")
    found[order] = np.minimum(np.maximum.accumulate(found[order] * (m - np.arange(m))), 1.0)
    p[there] = found
    return p


def share_as_large(seen: float, drawn: Array) -> float:
    """Share of ``drawn`` that is at least ``seen``; a draw that is the sample itself counts, whatever rounding says."""
    return float(np.mean(drawn >= seen * (1 - 1e-10)))


def stepped_down(seen: Array, drawn: Array) -> Array:
    """p-values of a family from the joint distribution of its statistics under the nulls.

    The largest statistic is held against the largest of all drawn ones, the next against the largest of those that are
    left, and no p-value is smaller than the one before: Romano and Wolf (2005), Econometrica 73, 1237-1282, algorithm
    4.1; p-values after Romano and Wolf (2016), Statistics & Probability Letters 113, 38-40.

    Parameters
    ----------
    seen : ndarray, shape (m,)
        Absolute statistics.
    drawn : ndarray, shape (m, draws)
        Absolute statistics of the same draws.
    """
    order = np.argsort(-seen, kind="stable")
    # From the smallest up: row k holds the largest of the k-th statistic and all that come after it.
    largest = np.maximum.accumulate(drawn[order][::-1], axis=0)[::-1]
    steps = np.array([share_as_large(seen[at], row) for at, row in zip(order, largest, strict=True)])
    p = np.empty(len(seen))
    p[order] = np.maximum.accumulate(steps)
    return p
