"""Two one-sided tests: whether a difference lies within margins that are small enough not to matter.

Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from sgsurvey.numerics.group_tests import signed_rank_p
from sgsurvey.numerics.linalg import Array


class OneSided(NamedTuple):
    """p of "the difference is at most ``low``" and of "it is at least ``high``"; equivalence takes the larger."""

    p_low: float
    p_high: float


def two_one_sided(estimate: float, std_error: float, df: float, low: float, high: float) -> OneSided:
    """By t; nan where there is no standard error."""
    if not std_error > 0:
        return OneSided(np.nan, np.nan)
    return OneSided(
        float(stats.t.sf((estimate - low) / std_error, df)), float(stats.t.cdf((estimate - high) / std_error, df))
    )


def shifted_mann_whitney(x: Array, y: Array, low: float, high: float) -> OneSided:
    """By Mann and Whitney's test of ``x`` less each margin against ``y``."""
    return OneSided(
        float(stats.mannwhitneyu(moved(x, low), moved(y, 0.0), alternative="greater").pvalue),
        float(stats.mannwhitneyu(moved(x, high), moved(y, 0.0), alternative="less").pvalue),
    )


def shifted_signed_rank(differences: Array, low: float, high: float) -> OneSided:
    """By Wilcoxon's signed ranks of differences less each margin; differences at the margin itself are left out."""
    return OneSided(signed_rank_p(moved(differences, low), "greater"), signed_rank_p(moved(differences, high), "less"))


def moved(x: Array, by: float) -> Array:
    """``x - by`` without the noise of rounding, which would break ties."""
    return np.asarray(np.round(x - by, 9), dtype=np.float64)
