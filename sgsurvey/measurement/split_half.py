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


def flanagan_slopes(cov: Array, signs: Array) -> Array:
    """How Flanagan's coefficient moves with the covariances; shape (p, p)."""
    total = cov.sum()
    return np.asarray((signs @ cov @ signs) / total**2 - np.outer(signs, signs) / total)


def spearman_brown_slopes(cov: Array, signs: Array) -> Array:
    """How Spearman and Brown's coefficient moves with the covariances; shape (p, p)."""
    first, second = (signs > 0).astype(float), (signs < 0).astype(float)
    a, b, c = first @ cov @ first, second @ cov @ second, first @ cov @ second
    r = c / np.sqrt(a * b)
    cross = (np.outer(first, second) + np.outer(second, first)) / (2 * c)
    own = np.outer(first, first) / a + np.outer(second, second) / b
    return np.asarray(2 / (1 + r) ** 2 * r * (cross - own / 2))


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
    highest, lowest = (float(flanagan(cov, _searched(side * cov))) for side in (1.0, -1.0))
    return Splits(lowest, mean, highest, count, True)


@cache
def all_splits(k: int) -> Array:
    """Every split of k items, the first item always in the first half where halves are alike; shape (count, k)."""
    a = (k + 1) // 2
    even = k % 2 == 0
    chosen = [(0, *rest) for rest in combinations(range(1, k), a - 1)] if even else [*combinations(range(k), a)]
    signs = np.full((len(chosen), k), -1.0)
    np.put_along_axis(signs, np.array(chosen), 1.0, axis=1)
    return signs


def _count(k: int) -> int:
    return comb(k, k // 2) // (2 if k % 2 == 0 else 1)


def _searched(cov: Array) -> Array:
    """A split at which ``s'Cs`` is small: no exchange of two items, nor any of two followed by a search, helps.

    The first searches begin with the half of the items that stands highest, and with that which stands lowest, on each
    eigenvector, the second with each neighbour of the best end.
    """
    k = len(cov)
    vectors = np.linalg.eigh(cov)[1].T
    order = np.argsort(np.vstack([-vectors, vectors]), axis=1, kind="stable")
    signs = np.full((2 * k, k), -1.0)
    np.put_along_axis(signs, order[:, : (k + 1) // 2], 1.0, axis=1)
    best = _best(cov, _exchanged(cov, signs))
    while True:
        first, second = np.nonzero(np.triu(np.not_equal.outer(best, best)))
        near = np.tile(best, (len(first), 1))
        near[np.arange(len(first)), first] *= -1
        near[np.arange(len(first)), second] *= -1
        found = _best(cov, _exchanged(cov, near))
        if found @ cov @ found >= best @ cov @ best - 1e-12 * np.abs(cov).sum():
            return best
        best = found


def _best(cov: Array, signs: Array) -> Array:
    return np.asarray(signs[((signs @ cov) * signs).sum(axis=1).argmin()])


def _exchanged(cov: Array, signs: Array) -> Array:
    """Each split, shape (B, k), after the best exchanges of two items until none makes ``s'Cs`` smaller."""
    signs = signs.copy()
    away = cov * ~np.eye(len(cov), dtype=bool)
    least = -1e-12 * np.abs(cov).sum()
    going = np.arange(len(signs))
    while len(going):
        own = signs[going]
        pull = own * (own @ away)
        # Turning i and j together changes s'Cs by -4 (pull_i + pull_j) + 8 s_i s_j c_ij, and s_i s_j is -1.
        change = -4 * (pull[:, :, None] + pull[:, None, :]) - 8 * away
        change[own[:, :, None] == own[:, None, :]] = np.inf
        flat = change.reshape(len(going), -1)
        best = flat.argmin(axis=1)
        better = flat[np.arange(len(going)), best] < least
        going = going[better]
        for item in np.unravel_index(best[better], cov.shape):
            signs[going, item] *= -1
    return signs
