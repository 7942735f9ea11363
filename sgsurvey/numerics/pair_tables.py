"""Contingency tables of every two of several coded variables, in one pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

IntArray = npt.NDArray[np.int64]

MISSING = -1

# From so many rows on, to compare strings of bits costs less than to count cells.
MANY = 2_000
# Rows at a time, which stay in the processor's cache.
BLOCK = 16_384


@dataclass(frozen=True)
class PairTables:
    """Weighted counts of p coded variables, alone and two by two.

    Attributes
    ----------
    counts : ndarray, shape (q, m + 1, m + 1)
        Of the pairs in the order of ``np.tril_indices(p, -1)``: rows are categories of the first, columns of the second
        of the pair; the last row and column count who did not answer one of the two.  ``m`` is the largest number of
        categories; a variable with fewer has empty rows before the last.
    squares : ndarray, shape (q, m + 1, m + 1)
        The same of the squared weights.
    margins : ndarray, shape (p, m)
        Of each variable, over all rows that answered it.
    categories : tuple of ndarray of int
        Codes that stand for the rows of each variable's margin: those that somebody gave.
    n : ndarray, shape (p, p)
        Rows (not weights) that answered both.
    """

    counts: Array
    squares: Array
    margins: Array
    categories: tuple[IntArray, ...]
    n: Array

    @property
    def p(self) -> int:
        """Number of variables."""
        return len(self.categories)

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray]:
        """First and second variable of each pair."""
        first, second = np.tril_indices(self.p, -1)
        return first, second

    @property
    def complete(self) -> Array:
        """Counts of who answered both; shape (q, m, m)."""
        return self.counts[:, :-1, :-1]


def dense_codes(codes: IntArray, weights: Array | None = None) -> tuple[IntArray, tuple[IntArray, ...]]:
    """Categories numbered 0, 1 … within each variable, in the order of their codes, without those nobody gave.

    Parameters
    ----------
    codes : ndarray of int, shape (n, p)
        ``-1`` for missing.
    weights : ndarray, shape (n,), optional
        A category whose rows all have weight 0 is one that nobody gave.

    Returns
    -------
    dense : ndarray of int, shape (n, p)
    categories : tuple of ndarray
        The codes of each variable.
    """
    width = int(codes.max(initial=0)) + 2
    places = codes + 1 + width * np.arange(codes.shape[1])
    heavy = None if weights is None else np.repeat(weights > 0, codes.shape[1]).astype(float)
    seen = np.bincount(places.ravel(), heavy, minlength=width * codes.shape[1]).reshape(-1, width)[:, 1:] > 0
    rank = np.where(seen, seen.cumsum(axis=1) - 1, MISSING)
    table = np.concatenate([np.full((len(seen), 1), MISSING), rank], axis=1)
    return table.ravel()[places], tuple(np.flatnonzero(row) for row in seen)


def pair_tables(codes: IntArray, weights: Array | None = None) -> PairTables:
    """Count all pairs of the columns of ``codes``, shape (n, p) with -1 for missing."""
    dense, categories = dense_codes(codes, weights)
    return counted(dense, categories, weights)


def counted(dense: IntArray, categories: tuple[IntArray, ...], weights: Array | None = None) -> PairTables:
    """``pair_tables`` of codes that ``dense_codes`` has numbered."""
    p, m = dense.shape[1], max(map(len, categories), default=0)
    missing = dense < 0
    gaps = bool(missing.any())
    place = np.ascontiguousarray((np.where(missing, m, dense) if gaps else dense).T, dtype=np.int32)
    answered = (place < m) if weights is None else (place < m) & (weights > 0)
    margins = np.stack([np.bincount(row, weights, m + 1)[:m] for row in place]) if p else np.zeros((0, m))

    def tables(heavy: Array | None) -> Array:
        # Without gaps the last row and column are empty, and are not counted.
        return np.pad(_tables(place, m + gaps, heavy), ((0, 0), (0, 1 - gaps), (0, 1 - gaps)))

    counts = tables(weights)
    squares = counts if weights is None else tables(weights**2)
    return PairTables(counts, squares, margins.astype(float), categories, _together(answered))


def _together(answered: npt.NDArray[np.bool_]) -> Array:
    """Rows of every two variables where both are True; ``answered`` has shape (p, n)."""
    if answered.all():
        return np.full((len(answered), len(answered)), float(answered.shape[1]))
    there = answered.astype(float)
    return there @ there.T


def _tables(place: npt.NDArray[np.int32], side: int, weights: Array | None) -> Array:
    """Counts of all pairs; ``place`` has shape (p, n), the result (q, side, side)."""
    if weights is None and place.shape[1] > MANY:
        return _by_bits(place, side)
    return _by_number(place, side, weights)


def _by_bits(place: npt.NDArray[np.int32], side: int) -> Array:
    """Each category of each variable as a string of bits, one a row: a cell counts the bits that two strings share."""
    p, n = place.shape
    kinds = np.arange(side, dtype=place.dtype)[:, None]
    total = np.zeros((p * (p - 1) // 2, side, side))
    for start in range(0, n, BLOCK):
        bits = np.packbits(place[:, None, start : start + BLOCK] == kinds, axis=-1)
        words = np.pad(bits, ((0, 0), (0, 0), (0, -bits.shape[-1] % 8))).view(np.uint64)
        for i in range(1, p):
            shared = np.bitwise_count(words[i][None, :, None] & words[:i, None])
            first = i * (i - 1) // 2
            total[first : first + i] += shared.sum(axis=-1, dtype=np.int64)
    return total


def _by_number(place: npt.NDArray[np.int32], side: int, weights: Array | None) -> Array:
    """Each variable with all before it at once: a cell's number says which table, row and column."""
    p, n = place.shape
    total = np.zeros((p * (p - 1) // 2, side * side))
    for start in range(0, n, BLOCK):
        block = place[:, start : start + BLOCK]
        for i in range(1, p):
            cell = block[i] * side + block[:i] + (side * side * np.arange(i, dtype=np.int32))[:, None]
            heavy = None if weights is None else np.tile(weights[start : start + BLOCK], i)
            first = i * (i - 1) // 2
            total[first : first + i] += np.bincount(cell.ravel(), heavy, i * side * side).reshape(i, -1)
    return total.reshape(len(total), side, side)
