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
