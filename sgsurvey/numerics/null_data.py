"""Correlations of data without any relation: the columns of real rows shuffled, or drawn again from their margins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeVar

import numpy as np

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import IntArray, PairTables, counted, dense_codes
from sgsurvey.numerics.polychoric import corrected, own_thresholds, two_step

# permuted: each column keeps its values; margins: each is drawn with replacement from its own.
Shuffle = Literal["permuted", "margins"]

Kind = TypeVar("Kind", Array, IntArray)

# Draws whose pairs are searched at once.
BATCH = 10


def shuffled_pearson(values: Array, draws: int, rng: np.random.Generator, how: Shuffle) -> Iterator[Array]:
    """Pearson correlations of ``draws`` shuffles of the columns of ``values``, shape (n, p), in blocks (b, p, p)."""
    for first in range(0, draws, BATCH):
        yield np.stack([_pearson(_shuffled(values, rng, how)) for _ in range(min(BATCH, draws - first))])


def shuffled_polychoric(codes: IntArray, draws: int, rng: np.random.Generator, how: Shuffle) -> Iterator[Array]:
    """Two-step polychorics of ``draws`` shuffles of ``codes``, shape (n, p) without missing, in blocks (b, p, p).

    The pairs of a block are searched together.
    """
    dense, categories = dense_codes(codes)
    for first in range(0, draws, BATCH):
        size = min(BATCH, draws - first)
        tables = [counted(_shuffled(dense, rng, how), categories) for _ in range(size)]
        yield _polychorics(tables)


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
    corr[:, row, column] = corr[:, column, row] = rho.reshape(len(tables), -1)
    return corr


def _shuffled(columns: Kind, rng: np.random.Generator, how: Shuffle) -> Kind:
    if how == "permuted":
        return rng.permuted(columns, axis=0)
    return np.take_along_axis(columns, rng.integers(len(columns), size=columns.shape), axis=0)


def _pearson(values: Array) -> Array:
    return np.asarray(np.corrcoef(values, rowvar=False))
