"""Families of tests: p-values adjusted for how many there are."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
Adjustment = Literal["holm", "BH", "none"]
NAMES: dict[Adjustment, Text] = {
    "holm": Text("Holm校正", "Holm"),
    "BH": Text("Benjamini–Hochberg校正", "Benjamini–Hochberg"),
    "none": Text("未校正", "not adjusted"),
}


def check_adjustment(name: str) -> None:
    """Raise unless ``name`` is a known adjustment."""
    if name not in get_args(Adjustment):
        raise EstimationError(
            f"'{name}' is no adjustment of p-values.", where="adjust=", remedy="Use 'holm', 'BH' or 'none'."
        )


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
    raised = np.minimum(np.maximum.accumulate(found[order] * (m - np.arange(m))), 1.0)
    found[order] = raised
    p[there] = found
    return p
