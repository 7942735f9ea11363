"""Moments and counts of a pandas frame: the kernel that every engine shares."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sgsurvey.answers.moments import Array, Counts, Moments
from sgsurvey.errors import DataError

BLOCK = 8192
EVERYONE = pd.Index(["all"])


def moments(frame: pd.DataFrame, *, weights: Array | None = None, clusters: pd.Series | None = None) -> Moments:
    """Moments of all columns of ``frame`` over the rows that are complete and belong to a cluster.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
        Numbers; missing values as nan.
    weights : ndarray, shape (n,), optional
    clusters : Series, length n, optional
        One cluster holds all rows when None.
    """
    values = frame.to_numpy(dtype=float, na_value=np.nan)
    complete = ~np.isnan(values).any(axis=1)
    codes, labels = _cluster_codes(clusters, len(values))
    complete &= codes >= 0
    if not complete.any():
        raise DataError(
            f"no row is complete on {', '.join(map(str, frame.columns))}.",
            remedy="Check which variables were asked of the same people.",
        )
    w = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    values, codes, w = values[complete], codes[complete], w[complete]
    shift = values[:BLOCK].mean(axis=0)
    g, p = len(labels), values.shape[1]
    rows = np.bincount(codes, minlength=g).astype(float)
    weight = np.bincount(codes, weights=w, minlength=g).astype(float)
    first, second = np.zeros((g, p)), np.zeros((g, p, p))
    order = np.argsort(codes, kind="stable")
    values, codes, w = values[order] - shift, codes[order], w[order]
    edges = np.searchsorted(codes, np.arange(g + 1))
    for cluster, (start, stop) in enumerate(itertools.pairwise(edges)):
        for at in range(start, stop, BLOCK):
            block, bw = values[at : min(at + BLOCK, stop)], w[at : min(at + BLOCK, stop), None]
            weighted = block * bw
            first[cluster] += weighted.sum(axis=0)
            second[cluster] += block.T @ weighted
    names = tuple(str(c) for c in frame.columns)
    return Moments(names, labels, rows, weight, first, second, shift, len(frame))


def counts(
    row: pd.Series,
    column: pd.Series,
    *,
    row_codes: Sequence[object],
    column_codes: Sequence[object],
    weights: Array | None = None,
    clusters: pd.Series | None = None,
) -> Counts:
    """Contingency table of two coded columns; codes that are not listed count as missing."""
    i, j = pd.Index(row_codes).get_indexer(row), pd.Index(column_codes).get_indexer(column)
    codes, labels = _cluster_codes(clusters, len(row))
    kept = (i >= 0) & (j >= 0) & (codes >= 0)
    w = np.ones(len(row)) if weights is None else np.asarray(weights, dtype=float)
    shape = (len(labels), len(row_codes), len(column_codes))
    flat = np.ravel_multi_index((codes[kept], i[kept], j[kept]), shape)
    table = np.bincount(flat, weights=w[kept], minlength=int(np.prod(shape))).reshape(shape).astype(float)
    return Counts(str(row.name), str(column.name), tuple(row_codes), tuple(column_codes), labels, table, len(row))


def _cluster_codes(clusters: pd.Series | None, n: int) -> tuple[np.ndarray, pd.Index]:
    if clusters is None:
        return np.zeros(n, dtype=int), EVERYONE
    codes, labels = pd.factorize(clusters, sort=True)
    return codes, pd.Index(labels)
