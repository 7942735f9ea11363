"""Indices of careless answering: arrays in, one number per respondent out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
BLOCK = 4096
LEAST_PAIRS = 3


def longest_run(x: Array) -> Array:
    """Longest run of equal answers in the order shown; a missing answer breaks it.  Johnson (2005).

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Raw answers, before reversed items are turned.
    """
    run, longest = np.zeros(len(x)), np.zeros(len(x))
    before = np.full(len(x), np.nan)
    for answer in x.T:
        run = np.where(np.isnan(answer), 0.0, np.where(answer == before, run + 1.0, 1.0))
        longest, before = np.maximum(longest, run), answer
    return longest


def individual_variability(x: Array) -> Array:
    """Intra-individual response variability: a person's standard deviation over items.  Dunn et al. (2018).

    Divisor is answers - 1; nan below two answers.
    """
    given = ~np.isnan(x)
    count = given.sum(axis=1)
    filled = np.where(given, x, 0.0)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    squares = (np.where(given, x - mean[:, None], 0.0) ** 2).sum(axis=1)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)


def mahalanobis(x: Array) -> tuple[Array, Array]:
    """Squared Mahalanobis distance of each row from the sample, over the items the row has, and their number.

    With complete data it is ``(x - mean)' S^-1 (x - mean)``, Mahalanobis (1936); Meade and Craig (2012).  Rows with
    missing answers are judged on what they have, ``S`` being taken from pairs of answers.

    Returns
    -------
    distance : ndarray, shape (n,)
        nan for all when ``S`` is not positive definite, and for rows without answers.
    count : ndarray, shape (n,)
        Degrees of freedom of the chi-square reference.
    """
    given = ~np.isnan(x)
    seen = given.astype(float)
    n_pairs = seen.T @ seen
    centre = np.where(given, x, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1.0)
    deviation = np.where(given, x - centre, 0.0)
    cov = deviation.T @ deviation / np.maximum(n_pairs - 1.0, 1.0)
    count = seen.sum(axis=1)
    eigenvalues = np.linalg.eigvalsh(cov)
    if n_pairs.min() < 2 or eigenvalues[0] <= 1e-10 * eigenvalues[-1]:
        return np.full(len(x), np.nan), count
    distance = np.empty(len(x))
    for start in range(0, len(x), BLOCK):
        d, m = deviation[start : start + BLOCK], seen[start : start + BLOCK]
        # An item that a row lacks gets a row of the identity: it then adds nothing to the distance.
        within = cov * m[:, :, None] * m[:, None, :] + np.eye(len(cov)) * (1.0 - m)[:, :, None]
        distance[start : start + BLOCK] = (d * np.linalg.solve(within, d[:, :, None])[:, :, 0]).sum(axis=1)
    return np.where(count > 0, distance, np.nan), count


def even_odd(constructs: Sequence[Array]) -> Array:
    """Even-odd consistency: the correlation of half-scale means over constructs, stepped up by Spearman-Brown.

    Jackson (1976) in Johnson (2005): ``2 r / (1 + r)``, never below -1; nan below three constructs with both halves, or
    where a half does not vary.

    Parameters
    ----------
    constructs : sequence of ndarray, each of shape (n, k), k >= 2
        Keyed items of each construct.
    """
    if len(constructs) < LEAST_PAIRS:
        return np.full(len(constructs[0]) if constructs else 0, np.nan)
    odd = np.column_stack([row_mean(items[:, 0::2]) for items in constructs])
    even = np.column_stack([row_mean(items[:, 1::2]) for items in constructs])
    r = row_correlation(odd, even)
    with np.errstate(divide="ignore"):
        return np.maximum(2.0 * r / (1.0 + r), -1.0)


def synonym_pairs(x: Array, above: float) -> npt.NDArray[np.int64]:
    """Pairs of items that correlate above ``above`` in the sample; shape (pairs, 2).  Meade and Craig (2012)."""
    given = ~np.isnan(x)
    seen = given.astype(float)
    filled = np.where(given, x, 0.0)
    n, first = seen.T @ seen, filled.T @ seen
    cross, second = filled.T @ filled, (filled**2).T @ seen
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (n * cross - first * first.T) / np.sqrt((n * second - first**2) * (n * second - first**2).T)
    return np.argwhere(np.triu(np.nan_to_num(r), k=1) > above)


def synonyms(x: Array, pairs: npt.NDArray[np.int64]) -> Array:
    """Psychometric synonyms: a person's correlation over pairs of like items; nan below three pairs."""
    if len(pairs) < LEAST_PAIRS:
        return np.full(len(x), np.nan)
    return row_correlation(x[:, pairs[:, 0]], x[:, pairs[:, 1]])


def row_mean(x: Array) -> Array:
    """Mean of the answers of each row, nan where there are none; shape (n,)."""
    given = ~np.isnan(x)
    count = given.sum(axis=1)
    return np.where(count > 0, np.where(given, x, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def row_correlation(a: Array, b: Array) -> Array:
    """Correlation of two rows of numbers, row by row, over the places where both are given; shape (n,)."""
    both = ~(np.isnan(a) | np.isnan(b))
    count = both.sum(axis=1)
    x = np.where(both, a - row_mean(np.where(both, a, np.nan))[:, None], 0.0)
    y = np.where(both, b - row_mean(np.where(both, b, np.nan))[:, None], 0.0)
    spread = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    r = (x * y).sum(axis=1) / np.where(spread > 1e-12, spread, 1.0)
    return np.where((count >= LEAST_PAIRS) & (spread > 1e-12), np.clip(r, -1.0, 1.0), np.nan)
