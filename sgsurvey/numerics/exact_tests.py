"""Exact permutation tests for few units: nothing is assumed about the distribution, ties are allowed."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from sgsurvey.numerics.linalg import Array

# Sign patterns that are gone through one by one: 2^20 are a million.
MOST_UNITS = 20
# The smaller of two groups, and all together, for the distribution of a sum of ranks.
MOST_SMALLER, MOST_BOTH = 30, 2000
# Sums that differ by rounding alone are equal.
TIE = 1e-9


def sign_flip(differences: Array) -> float:
    """Two-sided p of "paired differences are as often positive as negative" from all ``2^G`` patterns of signs.

    The randomisation test of Fisher (1935, The Design of Experiments, section 21): the share of patterns whose sum is
    at least as far from 0 as the one observed.

    Parameters
    ----------
    differences : ndarray, shape (G,)

    Returns
    -------
    float
        nan with more than ``MOST_UNITS`` units or none.
    """
    d = np.asarray(differences, dtype=float)
    d = d[d != 0]
    if len(d) > MOST_UNITS:
        return float("nan")
    sums = np.zeros(1)
    for each in d:
        sums = np.concatenate([sums + each, sums - each])
    return float((np.abs(sums) >= abs(d.sum()) - TIE * np.abs(d).sum()).mean())


def rank_sum(x: Array, y: Array) -> float:
    """Two-sided p of the Wilcoxon-Mann-Whitney test, exact with ties: all ways to deal the pooled ranks to two groups.

    The distribution of the sum of midranks is built up over the tied groups of the pooled sample (Streitberg and Röhmel
    1986, Statistical Software Newsletter 12, 10-17, the shift algorithm); p is the probability of a sum at least as far
    from its mean.

    Parameters
    ----------
    x, y : ndarray, shapes (m,), (n,)

    Returns
    -------
    float
        nan where the smaller group has more than ``MOST_SMALLER`` values, or both together more than ``MOST_BOTH``.
    """
    small, large = (x, y) if len(x) <= len(y) else (y, x)
    m, both = len(small), np.concatenate([small, large])
    if not m or m > MOST_SMALLER or len(both) > MOST_BOTH:
        return float("nan")
    doubled = np.rint(2 * stats.rankdata(both)).astype(int)
    observed = int(doubled[:m].sum())
    ranks, sizes = np.unique(doubled, return_counts=True)
    top = int(np.sort(doubled)[-m:].sum())
    ways = np.zeros((m + 1, top + 1))
    ways[0, 0] = 1.0
    for rank, size in zip(ranks, sizes, strict=True):
        added = ways.copy()
        for k in range(1, min(size, m) + 1):
            added[k:, k * rank :] += special.comb(size, k) * ways[: m + 1 - k, : top + 1 - k * rank]
        ways = added
    chances = ways[m] / ways[m].sum()
    centre = m * (len(both) + 1)
    far = np.abs(np.arange(top + 1) - centre) >= abs(observed - centre)
    return float(chances[far].sum())
