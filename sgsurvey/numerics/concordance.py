"""Kendall's coefficient of concordance: how far m judges put k things into the same order."""

from __future__ import annotations

from itertools import permutations
from math import factorial
from typing import NamedTuple

import numpy as np
from scipy import stats

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pairwise import pairwise_pearson

# Sums of ranks that one step of the exact distribution may hold.
EXACT = 2_000_000
# Two sums of squares of ranks that differ by less are the same but for rounding.
SAME = 1e-9


class Concordance(NamedTuple):
    """W with its tests that every judge's order is any order; nan where no judge has an order.

    ``chi_square`` on ``df`` is good for many things, ``f`` on ``df1, df2`` for few as well.
    """

    w: float
    mean_spearman: float
    chi_square: float
    df: int
    p_value: float
    f: float
    df1: float
    df2: float
    f_p_value: float


def midranks(points: Array) -> Array:
    """Places of k things for each judge by their points, 1 for the most; equal points share the mean place; (m, k)."""
    return np.asarray(stats.rankdata(-np.round(points, 9), axis=1))


def concordance(ranks: Array) -> Concordance:
    """Kendall's W of mid-ranks, shape (m, k), corrected for ties.

    ``W = 12 S / (m² (k³ - k) - m sum_j T_j)``, S the squares of the sums of ranks about their mean, T_j the sum of
    t³ - t over the ties of judge j; ``chi² = m (k - 1) W`` on k - 1 (Siegel and Castellan 1988, Nonparametric
    Statistics, 9.5); ``F = (m - 1) W / (1 - W)`` on k - 1 - 2/m and m - 1 times that (Kendall and Babington Smith
    1939, Annals of Mathematical Statistics 10, 275-287).
    """
    m, k = ranks.shape
    s = _squares(ranks.sum(axis=0))
    ties = sum(float((t.astype(float) ** 3 - t).sum()) for t in (np.unique(r, return_counts=True)[1] for r in ranks))
    most = (m**2 * (k**3 - k) - m * ties) / 12
    w = float(s / most) if most > 0 else np.nan
    chi_square = m * (k - 1) * w
    df1 = k - 1 - 2 / m
    df2 = (m - 1) * df1
    f = (m - 1) * w / (1 - w) if w < 1 - 1e-12 else (np.inf if w > 0 else np.nan)
    rho = spearman(ranks)[np.triu_indices(m, 1)]
    mean = float(rho.mean()) if len(rho) else np.nan
    p_value, f_p = float(stats.chi2.sf(chi_square, k - 1)), float(stats.f.sf(f, df1, df2)) if df1 > 0 else np.nan
    return Concordance(w, mean, chi_square, k - 1, p_value, f, df1, df2, f_p)


def spearman(ranks: Array) -> Array:
    """Spearman's correlations of the judges' mid-ranks, shape (m, k) to (m, m); nan where one has no order."""
    return pairwise_pearson(ranks.T)[0]


def permutation_p(ranks: Array, *, draws: int, seed: int) -> tuple[float, bool]:
    """P of a sum of squares at least as large where each judge's ranks may stand in any order; whether it is exact.

    Exact by convolution where that is short; else ``(1 + hits) / (1 + draws)``.  Friedman (1937), JASA 32, 675-701.
    """
    observed = _squares(ranks.sum(axis=0)) - SAME
    exact = _exact(ranks)
    if exact is not None:
        sums, chance = exact
        return min(1.0, float(chance[_squares(sums) >= observed].sum())), True
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.broadcast_to(ranks, (draws, *ranks.shape)), axis=2).sum(axis=1)
    return float((1 + (_squares(drawn) >= observed).sum()) / (1 + draws)), False


def _exact(ranks: Array) -> tuple[Array, Array] | None:
    """All sums of ranks, each sorted since the things can change names, with their chances; None where too many."""
    sums: Array = np.sort(ranks[:1], axis=1)
    chance: Array = np.ones(1)
    for row in ranks[1:]:
        if factorial(len(row)) * len(sums) > EXACT or len(row) > 8:
            return None
        orders = np.unique(np.array(list(permutations(row))), axis=0)
        every = np.sort((sums[:, None, :] + orders).reshape(-1, len(row)), axis=1)
        sums, where = np.unique(every, axis=0, return_inverse=True)
        share = np.repeat(chance / len(orders), len(orders))
        chance = np.bincount(where.ravel(), weights=share).astype(float)
    return sums, chance


def _squares(sums: Array) -> Array:
    """Squares of sums of ranks about their mean, over the last axis."""
    return np.asarray(((sums - sums.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1))
