"""Rows with the same, or nearly the same, answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
BANDS_TOGETHER = 2
PAIRS_AT_ONCE = 2**18


def nearest_rows(
    codes: Codes, *, at_least: float, least_answers: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """For each row the other row with most equal answers, where at least the share ``at_least`` is equal.

    Two rows of p answers that differ in at most d places agree wholly on two of d + 2 bands of columns: only rows that
    share two bands are compared, and none is missed.

    Parameters
    ----------
    codes : ndarray of int, shape (n, p)
        Answers; a missing one is a code of its own, negative, and equals another missing one.
    at_least : float
        Share of equal answers, above 0.
    least_answers : int
        Rows with fewer answers are not compared.

    Returns
    -------
    agreement : ndarray, shape (n,)
        Share of equal answers; nan where no row is so near.
    partner : ndarray of int, shape (n,)
        Position of the nearest row, the first of several; -1 for none.
    """
    n, p = codes.shape
    agreement, partner = np.full(n, np.nan), np.full(n, -1)
    rows = np.flatnonzero((codes >= 0).sum(axis=1) >= least_answers)
    if len(rows) < 2:
        return agreement, partner
    compared = codes[rows]
    # Equal rows are settled at once; of each kind one row is left to be compared.
    kind = np.unique(compared, axis=0, return_inverse=True)[1].ravel()
    best, with_whom = _twins(kind)
    single = np.unique(kind, return_index=True)[1]
    near, other = _near(compared[single], int(np.floor((1.0 - at_least) * p + 1e-9)))
    lone = np.isnan(best[single])
    best[single[lone]], with_whom[single[lone]] = near[lone], np.where(other >= 0, single[other], -1)[lone]
    agreement[rows], partner[rows] = best, np.where(with_whom >= 0, rows[with_whom], -1)
    return agreement, partner


def _twins(kind: Codes) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """1 and the first other row of the same ``kind``, for each row that has one; nan and -1 for the others."""
    order = np.argsort(kind, kind="stable")
    starts = np.concatenate([[True], np.diff(kind[order]) > 0])
    group = np.cumsum(starts) - 1
    first = order[starts]
    size = np.bincount(group)
    second = order[np.minimum(np.flatnonzero(starts) + 1, len(order) - 1)]
    partner = np.empty(len(kind), dtype=np.int64)
    partner[order] = np.where(starts, second[group], first[group])
    alone = np.empty(len(kind), dtype=bool)
    alone[order] = size[group] == 1
    return np.where(alone, np.nan, 1.0), np.where(alone, -1, partner)


def _near(codes: Codes, most_different: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Agreement with the nearest among rows that differ from one another, and its position."""
    n, p = codes.shape
    agreement, partner = np.full(n, np.nan), np.full(n, -1)
    small = np.unique(codes, return_inverse=True)[1].reshape(n, p)
    small = small.astype(np.min_scalar_type(int(small.max(initial=0))))
    for a, b in _candidates(codes, most_different):
        equal = (small[a] == small[b]).sum(axis=1)
        close = equal >= p - most_different
        if close.any():
            _improve(agreement, partner, a[close], b[close], equal[close] / p)
    return agreement, partner


def _candidates(codes: Codes, most_different: int) -> Iterator[tuple[Codes, Codes]]:
    """Pairs of rows that agree on enough bands, some of them more than once, in portions."""
    together = min(BANDS_TOGETHER, codes.shape[1] - most_different)
    bands = np.array_split(np.arange(codes.shape[1]), most_different + together)
    hashes = [_hash(codes, columns) for columns in bands]
    for chosen in combinations(hashes, together):
        yield from _meetings(np.sum(chosen, axis=0, dtype=np.uint64))


def _hash(codes: Codes, columns: Codes) -> Hashes:
    """A number for the answers to ``columns``, alike for rows that agree on them; shape (n,).  Steele et al. (2014)."""
    total = np.zeros(len(codes), dtype=np.uint64)
    for column in columns:
        mixed = codes[:, column].astype(np.uint64) + np.uint64((int(column) + 1) * 0x9E3779B97F4A7C15 % 2**64)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        total += mixed ^ (mixed >> np.uint64(31))
    return total


def _meetings(key: Hashes) -> Iterator[tuple[Codes, Codes]]:
    """Every pair of rows with the same ``key``, in portions."""
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    places = np.arange(len(ranked))
    apart = 0
    while len(places):
        # Rows with one key stand side by side: first neighbours, then those two apart, and so on.
        apart += 1
        places = places[places + apart < len(ranked)]
        places = places[ranked[places] == ranked[places + apart]]
        for start in range(0, len(places), PAIRS_AT_ONCE):
            portion = places[start : start + PAIRS_AT_ONCE]
            yield order[portion], order[portion + apart]


def _improve(
    agreement: npt.NDArray[np.float64],
    partner: npt.NDArray[np.int64],
    a: Codes,
    b: Codes,
    share: npt.NDArray[np.float64],
) -> None:
    """Write down the better partner, or of two equally good ones the earlier row."""
    row, other, equal = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([share, share])
    order = np.lexsort([other, -equal, row])
    row, first = np.unique(row[order], return_index=True)
    other, equal = other[order][first], equal[order][first]
    better = ~(equal < agreement[row]) & ~((equal == agreement[row]) & (partner[row] <= other))
    agreement[row[better]], partner[row[better]] = equal[better], other[better]
