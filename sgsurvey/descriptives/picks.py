"""What is computed of picks and ranks: tests that options are picked equally often, and Borda points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from sgsurvey.numerics.linalg import Array


class Equality(NamedTuple):
    """A chi-square statistic with its degrees of freedom and p-value."""

    statistic: float
    df: int
    p_value: float


def equal_picks(picked: Array) -> Equality:
    """Pearson's goodness of fit of the picks of k options to equal frequencies; ``picked`` is 0/1, shape (n, k).

    The test that Chinese packages print.  Its picks are not independent: nobody picks an option twice.
    """
    observed = picked.sum(axis=0)
    statistic, p = stats.chisquare(observed)
    return Equality(float(statistic), len(observed) - 1, float(p))


def cochran_q(picked: Array) -> Equality:
    """Are k options picked by equal shares of n persons?  Cochran (1950), Biometrika 37, 256-266; shape (n, k), 0/1.

    Where everybody picks m options, Q is the goodness-of-fit statistic times (k - 1) / (k - m).  nan where every
    person picked all options or none.
    """
    k = picked.shape[1]
    columns, rows = picked.sum(axis=0), picked.sum(axis=1)
    total = rows.sum()
    below = k * total - (rows**2).sum()
    q = (k - 1) * (k * (columns**2).sum() - total**2) / below if below > 0 else np.nan
    return Equality(float(q), k - 1, float(stats.chi2.sf(q, k - 1)))


def borda_points(ranks: Array, most: int, w: Array | None = None) -> Array:
    """Mean points of k options: ``most`` for rank 1, one less for each next rank, 0 if not picked; ranks (n, k)."""
    return np.asarray(np.average(np.where(ranks > 0, most + 1 - ranks, 0.0), axis=0, weights=w))
