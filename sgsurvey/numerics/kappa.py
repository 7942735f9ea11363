"""Kappa: agreement of raters in categories beyond what their margins would give by chance."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

Codes = npt.NDArray[np.int64]
Weights = Literal["none", "linear", "quadratic"]


class Kappa(NamedTuple):
    """A kappa with its standard error, and the standard error where agreement is by chance alone.

    ``influence``, shape (n,), sums to 0; its squares sum to the squared standard error.
    """

    estimate: float
    std_error: float
    std_error_null: float
    influence: Array


class Fleiss(NamedTuple):
    """Fleiss' kappa over all categories, and of each category against the rest, shape (c,)."""

    overall: Kappa
    categories: Array
    category_error: float


def agreement_weights(c: int, kind: Weights) -> Array:
    """Worth of each pair of c ordered categories, 1 on the diagonal; shape (c, c).

    ``linear`` takes off ``|i - j| / (c - 1)`` (Cicchetti and Allison 1971), ``quadratic`` its square (Fleiss and Cohen
    1973).
    """
    if kind == "none" or c < 2:
        return np.eye(c)
    apart = np.abs(np.subtract.outer(np.arange(c), np.arange(c))) / (c - 1)
    return 1 - apart if kind == "linear" else 1 - apart**2


def cohen_kappa(first: Codes, second: Codes, weights: Array) -> Kappa:
    """Weighted kappa of two raters.

    Cohen (1968), Psychological Bulletin 70, 213-220; standard errors of Fleiss, Cohen and Everitt (1969), Psychological
    Bulletin 72, 323-327, equations (9) and (13).  nan where both use one category alone.

    Parameters
    ----------
    first, second : ndarray of int, shape (n,)
        Categories 0 … c - 1.
    weights : ndarray, shape (c, c)
        Worth of each pair; 1 for full agreement.
    """
    n, c = len(first), len(weights)
    joint = np.bincount(first * c + second, minlength=c * c).reshape(c, c) / n
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    observed, expected = float((weights * joint).sum()), float(rows @ weights @ columns)
    if not expected < 1 - 1e-12:
        return Kappa(np.nan, np.nan, np.nan, np.full(n, np.nan))
    kappa = (observed - expected) / (1 - expected)
    of_first, of_second = weights @ columns, rows @ weights
    worth = weights * (1 - expected) - (of_first[:, None] + of_second) * (1 - observed)
    worth = worth - (observed * expected - 2 * expected + observed)
    influence = worth[first, second] / ((1 - expected) ** 2 * n)
    by_chance = (np.outer(rows, columns) * (weights - (of_first[:, None] + of_second)) ** 2).sum() - expected**2
    null = np.sqrt(max(by_chance, 0.0) / n) / (1 - expected)
    return Kappa(float(kappa), float(np.sqrt(influence @ influence)), float(null), influence)


def fleiss_kappa(counts: Array) -> Fleiss:
    """Kappa of m raters who need not be the same for each subject.

    Fleiss (1971), Psychological Bulletin 76, 378-382; the error under chance of Fleiss, Nee and Landis (1979),
    Psychological Bulletin 86, 974-977; the error of the estimate by linearisation over subjects.

    Parameters
    ----------
    counts : ndarray, shape (n, c)
        Raters that put each subject into each category; every row sums to m.
    """
    n, m = len(counts), float(counts[0].sum())
    shares = counts.mean(axis=0) / m
    agreed = ((counts**2).sum(axis=1) - m) / (m * (m - 1))
    observed, expected = float(agreed.mean()), float(shares @ shares)
    spread = shares * (1 - shares)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (counts * (m - counts)).sum(axis=0) / (n * m * (m - 1) * spread)
        each = 1 - apart
    each = np.where(spread > 0, each, np.nan)
    error = float(np.sqrt(2 / (n * m * (m - 1))))
    if not expected < 1 - 1e-12:
        return Fleiss(Kappa(np.nan, np.nan, np.nan, np.full(n, np.nan)), each, error)
    kappa = (observed - expected) / (1 - expected)
    drift = 2 * ((counts / m) @ shares - expected)
    influence = ((agreed - observed) * (1 - expected) - (1 - observed) * drift) / ((1 - expected) ** 2 * n)
    total = float(spread.sum())
    null = error * np.sqrt(max(total**2 - float(spread @ (1 - 2 * shares)), 0.0)) / total
    return Fleiss(Kappa(float(kappa), float(np.sqrt(influence @ influence)), float(null), influence), each, error)
