"""Split halves: every way to part the items in two, and what the halves say of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb

import numpy as np

from sgsurvey.numerics.linalg import Array

# Up to so many items every split is tried (6,435 of 16 items); beyond, the best and the worst are searched for.
ALL_SPLITS = 16


@dataclass(frozen=True)
class Splits:
    """Flanagan's coefficient over the splits into halves (sizes that differ by one item, for an odd number).

    Attributes
    ----------
    lowest, mean, highest : float
        ``highest`` is Guttman's lambda 4, ``mean`` that over all splits (alpha, for an even number of items).
    count : int
        Splits there are.
    searched : bool
        ``lowest`` and ``highest`` come from a search that exchanges items, as there are too many splits to try.
    """

    lowest: float
    mean: float
    highest: float
    count: int
    searched: bool


def flanagan(cov: Array, signs: Array) -> Array:
    """``4 cov(A, B) / var(A + B)``: reliability of the whole from two halves, which may vary differently.

    Flanagan (1937), Rulon (1939), Guttman's (1945) lambda 4: ``1 - var(A - B) / var(A + B)``.

    Parameters
    ----------
    cov : ndarray, shape (p, p)
    signs : ndarray, shape (..., p)
        1 for an item of the first half, -1 for one of the second.
    """
    return np.asarray(1 - ((signs @ cov) * signs).sum(axis=-1) / cov.sum())


def spearman_brown(cov: Array, signs: Array) -> float:
    """``2 r / (1 + r)`` with ``r`` the correlation of the halves; Spearman (1910), Brown (1910)."""
    halves = np.array([signs > 0, signs < 0], dtype=float)
    between = halves @ cov @ halves.T
    r = between[0, 1] / np.sqrt(between[0, 0] * between[1, 1])
    return float(2 * r / (1 + r))


def odd_even(k: int) -> Array:
    """The first, third, fifth … item against the others; shape (k,)."""
    return np.where(np.arange(k) % 2 == 0, 1.0, -1.0)


def first_second(k: int) -> Array:
    """The first half of the items (the larger, for an odd number) against the second; shape (k,)."""
    return np.where(np.arange(k) < (k + 1) // 2, 1.0, -1.0)


def split_halves(cov: Array) -> Splits:
    """The coefficient over all splits.

    Its mean is ``4 ab / k^2`` times alpha for halves of ``a`` and ``b`` items, since each pair of items is parted by
    the same share of the splits.
    """
    k = len(cov)
    a, b = (k + 1) // 2, k // 2
    share = 4 * a * b / k**2
    mean = float(share * k / (k - 1) * (1 - np.trace(cov) / cov.sum()))
    count = _count(k)
    if k <= ALL_SPLITS:
        found = flanagan(cov, all_splits(k))
        return Splits(float(found.min()), mean, float(found.max()), count, False)
    ends = [flanagan(cov, _exchanged(cov * side)) for side in (1.0, -1.0)]
    return Splits(float(ends[1].min()), mean, float(ends[0].max()), count, True)


@cache
def all_splits(k: int) -> Array:
    """Every split of k items, the first item always in the first half where halves are alike; shape (count, k)."""
    a = (k + 1) // 2
    chosen = [(0, *rest) for rest in combinations(range(1, k), a - 1)] if k % 2 == 0 else list(combinations(range(k), a))
    signs = np.full((len(chosen), k), -1.0)
    np.put_along_axis(signs, np.array(chosen), 1.0, axis=1)
    return signs


def _count(k: int) -> int:
    return comb(k, k // 2) // (2 if k % 2 == 0 else 1)


def _exchanged(cov: Array) -> Array:
    """Splits at which no exchange of two items makes ``s'Cs`` smaller, one for each eigenvector; shape (k, k).

    Each search begins with the half of the items that stands highest on an eigenvector.
    """
    k = len(cov)
    away = cov * ~np.eye(k, dtype=bool)
    ends = []
    for vector in np.linalg.eigh(cov)[1].T:
        signs = np.full(k, -1.0)
        signs[np.argsort(-vector, kind="stable")[: (k + 1) // 2]] = 1.0
        for _ in range(10 * k):
            pull = signs * (away @ signs)
            # Turning i and j together changes s'Cs by -4 (pull_i + pull_j) + 8 s_i s_j c_ij, and s_i s_j is -1.
            change = -4 * (pull[:, None] + pull[None, :]) - 8 * away
            change[np.equal.outer(signs, signs)] = np.inf
            i, j = np.unravel_index(int(change.argmin()), change.shape)
            if change[i, j] >= -1e-12 * abs(cov).sum():
                break
            signs[[i, j]] *= -1
        ends.append(signs)
    return np.array(ends)
