"""Families of tests: how their p-values were adjusted, in words."""

from typing import get_args

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.multiplicity import Adjustment
from sgsurvey.text import Text

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
