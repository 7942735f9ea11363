"""Correlations of data without any relation: columns of real rows, each shuffled or drawn again from its margin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sgsurvey.numerics.linalg import Array, smoothed
from sgsurvey.numerics.pair_tables import IntArray, PairTables, counted
from sgsurvey.numerics.polychoric import corrected, own_thresholds, two_step

# Which rows stand in each column of a draw, shape (n, p): the column's own values, their order without meaning.
Rows = Callable[[np.random.Generator], IntArray]

# Draws whose pairs are searched at once.
BATCH = 10


def permuted_rows(n: int, p: int) -> Rows:
    """Each column keeps its values, in an order of its own; for complete rows."""
    start = np.broadcast_to(np.arange(n)[:, None], (n, p))
    return lambda rng: rng.permuted(start, axis=0)


def rows_of_margins(there: Array, n: int) -> Rows:
    """``n`` values of each column, drawn with replacement; ``there`` weighs its rows, 0 where missing, shape (N, p)."""
    shares = there.cumsum(axis=0) / there.sum(axis=0)

    def draw(rng: np.random.Generator) -> IntArray:
        return np.stack([np.searchsorted(column, rng.random(n), side="right") for column in shares.T], axis=1)

    return draw


def pearson_draws(values: Array, rows: Rows, draws: int, rng: np.random.Generator) -> Iterator[Array]:
    """Pearson correlations of ``draws`` rearrangements of ``values``, shape (N, p), in blocks (b, p, p)."""
    for first in range(0, draws, BATCH):
        drawn = [np.take_along_axis(values, rows(rng), axis=0) for _ in range(min(BATCH, draws - first))]
        yield np.stack([np.corrcoef(columns, rowvar=False) for columns in drawn])


def polychoric_draws(
    dense: IntArray, categories: tuple[IntArray, ...], rows: Rows, draws: int, rng: np.random.Generator
) -> Iterator[Array]:
    """Two-step polychorics of ``draws`` rearrangements of codes from ``dense_codes``, in blocks (b, p, p).

    The pairs of a block are searched together.  A column that a draw made constant correlates with nothing; a matrix
    that no rows could have is smoothed, as that of real answers is.
    """
    for first in range(0, draws, BATCH):
        size = min(BATCH, draws - first)
        yield _polychorics([counted(np.take_along_axis(dense, rows(rng), axis=0), categories) for _ in range(size)])


def _polychorics(tables: list[PairTables]) -> Array:
    p = tables[0].p
    row, column = tables[0].pairs
    offset = p * np.repeat(np.arange(len(tables)), len(row))
    rho, _ = two_step(
        np.concatenate([corrected(t) for t in tables]),
        np.concatenate([own_thresholds(t) for t in tables]),
        (np.tile(row, len(tables)) + offset, np.tile(column, len(tables)) + offset),
    )
    corr = np.broadcast_to(np.eye(p), (len(tables), p, p)).copy()
    corr[:, row, column] = corr[:, column, row] = np.nan_to_num(rho).reshape(len(tables), -1)
    for at in np.flatnonzero(np.linalg.eigvalsh(corr)[:, 0] < 1e-10):
        corr[at] = smoothed(corr[at])
    return corr
