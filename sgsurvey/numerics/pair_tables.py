"""Contingency tables of every two of several coded variables, by one matrix product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

IntArray = npt.NDArray[np.int64]

MISSING = -1
BLOCK = 50_000


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
    """Count all pairs of the columns of ``codes``, shape (n, p) with -1 for missing, in one pass over the rows.

    The tables are blocks of ``X' W X``, where ``X`` has a column of 0 and 1 for each category of each variable.
    """
    dense, categories = dense_codes(codes, weights)
    return counted(dense, categories, weights)


def counted(dense: IntArray, categories: tuple[IntArray, ...], weights: Array | None = None) -> PairTables:
    """``pair_tables`` of codes that ``dense_codes`` has numbered."""
    p, m = dense.shape[1], max(map(len, categories), default=0)
    size = p * (m + 1)
    total, squared, there = np.zeros((size, size)), np.zeros((size, size)), np.zeros((p, p))
    for start in range(0, len(dense), BLOCK):
        block = dense[start : start + BLOCK]
        # Numbers up to the size of a block are exact in single precision.
        shown = _indicators(block, m, np.float32 if weights is None else np.float64)
        if weights is None:
            total += shown.T @ shown
        else:
            w = weights[start : start + BLOCK]
            scaled = shown * w[:, None]
            total += shown.T @ scaled
            squared += scaled.T @ scaled
            answered = ((block >= 0) & (w > 0)[:, None]).astype(float)
            there += answered.T @ answered
    counts = _blocks(total, p)
    margins = total.diagonal().reshape(p, m + 1)[:, :m]
    if weights is None:
        there = total.reshape(p, m + 1, p, m + 1)[:, :m, :, :m].sum(axis=(1, 3))
    return PairTables(counts, counts if weights is None else _blocks(squared, p), margins, categories, there)


def _indicators(block: IntArray, m: int, kind: type[np.floating]) -> npt.NDArray[np.floating]:
    n, p = block.shape
    shown = np.zeros(n * p * (m + 1), dtype=kind)
    place = np.where(block < 0, m, block)
    shown[(place + (m + 1) * np.arange(p) + (m + 1) * p * np.arange(n)[:, None]).ravel()] = 1
    return shown.reshape(n, p * (m + 1))


def _blocks(product: Array, p: int) -> Array:
    side = len(product) // max(p, 1)
    first, second = np.tril_indices(p, -1)
    return np.ascontiguousarray(product.reshape(p, side, p, side).transpose(0, 2, 1, 3)[first, second])
