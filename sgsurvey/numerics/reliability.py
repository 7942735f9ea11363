"""Formulas of reliability: alpha, Guttman's lambdas, and what each item adds.  Covariances in, numbers out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array, squared_multiple_correlation
from sgsurvey.numerics.minimum_trace import MinimumTrace


def cronbach_alphas(cov: Array) -> Array:
    """``k / (k - 1) (1 - tr C / 1'C1)`` of one matrix or of many, shape (..., k, k); nan where nothing varies.

    Cronbach (1951), equation (2).  Of correlations: standardised alpha.
    """
    k = cov.shape[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(k / (k - 1) * (1 - np.trace(cov, axis1=-2, axis2=-1) / cov.sum(axis=(-2, -1))))


def cronbach_alpha(cov: Array) -> float:
    """Alpha of one matrix."""
    return float(cronbach_alphas(cov))


def alpha_slopes(cov: Array) -> Array:
    """How alpha moves with the covariances, ``-k / (k - 1) (I / t - tr C 11' / t^2)`` with ``t = 1'C1``; (p, p).

    van Zyl, Neudecker and Nel (2000), Psychometrika 65, 271-280; Maydeu-Olivares, Coffman and Hartmann (2007),
    Psychological Methods 12, 157-176.
    """
    k, total = len(cov), cov.sum()
    return np.asarray(-k / (k - 1) * (np.eye(k) / total - np.trace(cov) / total**2))


def guttman_lambda1(cov: Array) -> float:
    """``1 - tr C / 1'C1``; Guttman (1945), Psychometrika 10, 255-282, as the others."""
    return float(1 - np.trace(cov) / cov.sum())


def guttman_lambda2(cov: Array) -> Array:
    """``1 - tr C / 1'C1 + sqrt(k / (k - 1) * sum of squared covariances) / 1'C1``; Guttman (1945).

    Of one matrix or of many, shape (..., k, k).
    """
    k, total = cov.shape[-1], cov.sum(axis=(-2, -1))
    own = np.diagonal(cov, axis1=-2, axis2=-1)
    squares = (cov**2).sum(axis=(-2, -1)) - (own**2).sum(axis=-1)
    return np.asarray(1 - own.sum(axis=-1) / total + np.sqrt(k / (k - 1) * squares) / total)


def guttman_lambda5(cov: Array) -> float:
    """``1 - tr C / 1'C1 + 2 sqrt(largest column sum of squared covariances) / 1'C1``; Guttman (1945)."""
    squares = (cov**2).sum(axis=0) - np.diag(cov) ** 2
    return float(guttman_lambda1(cov) + 2 * np.sqrt(squares.max()) / cov.sum())


def guttman_lambda6(corr: Array) -> Array:
    """``1 - sum(1 - smc) / 1'R1``; Guttman (1945).  Of one matrix or of many, shape (..., k, k)."""
    return np.asarray(1 - (1 - squared_multiple_correlation(corr)).sum(axis=-1) / corr.sum(axis=(-2, -1)))


def lambda1_slopes(cov: Array) -> Array:
    """How lambda 1 moves with the covariances; shape (k, k)."""
    total = cov.sum()
    return np.asarray(np.trace(cov) / total**2 - np.eye(len(cov)) / total)


def lambda2_slopes(cov: Array) -> Array:
    """How lambda 2 moves with the covariances; shape (k, k)."""
    k, total, away = len(cov), cov.sum(), cov * ~np.eye(len(cov), dtype=bool)
    root = np.sqrt((away**2).sum())
    return np.asarray(lambda1_slopes(cov) + np.sqrt(k / (k - 1)) * (away / (root * total) - root / total**2))


def lambda5_slopes(cov: Array) -> Array:
    """How lambda 5 moves with the covariances, the same column staying the largest; shape (k, k)."""
    total, away = cov.sum(), cov * ~np.eye(len(cov), dtype=bool)
    squares = (away**2).sum(axis=0)
    largest, root = int(squares.argmax()), np.sqrt(squares.max())
    column = away * (np.arange(len(cov)) == largest)
    return np.asarray(lambda1_slopes(cov) + (column + column.T) / (root * total) - 2 * root / total**2)


def lambda6_slopes(corr: Array) -> Array:
    """How lambda 6 moves with the correlations, ``d(1 / p_ii) = (P dR P)_ii / p_ii^2`` with ``P = R^-1``; (k, k)."""
    total, inverse = corr.sum(), np.linalg.inv(corr)
    own = np.diag(inverse)
    return np.asarray((1 / own).sum() / total**2 - (inverse / own**2) @ inverse / total)


def greatest_lower_bounds(corr: Array, found: MinimumTrace) -> Array:
    """``1 - sum(u) / 1'R1`` with the most that uniquenesses can sum to; shape (B, k, k) -> (B,).

    Jackson and Agunwamba (1977), Psychometrika 42, 567-578; ten Berge and Sočan (2004), Psychometrika 69, 613-625: no
    reliability of the sum is smaller.  nan where ``found`` (``minimum_trace`` of ``corr``) is no solution.
    """
    return np.asarray(np.where(np.isnan(found.gap), np.nan, 1 - found.uniqueness.sum(axis=1) / corr.sum(axis=(1, 2))))


def bound_slopes(corr: Array, found: MinimumTrace) -> Array:
    """How the greatest lower bound of one matrix, shape (1, k, k), moves with the correlations: (k, k).

    By the dual solution; Shapiro (1982), Psychometrika 47, 187-199.
    """
    total = corr.sum()
    return np.asarray(found.uniqueness.sum() / total**2 - found.dual[0] / total)


def item_rest_correlations(cov: Array) -> Array:
    """Correlation of each item with the sum of the others, shape (k,)."""
    own, with_total = np.diag(cov), cov.sum(axis=0)
    rest = cov.sum() - 2 * with_total + own
    return np.asarray((with_total - own) / np.sqrt(own * rest))


def alpha_if_dropped(cov: Array) -> Array:
    """Alpha of the other items, for each item, shape (k,); nan for two items."""
    k = len(cov)
    if k < 3:
        return np.full(k, np.nan)
    total = cov.sum() - 2 * cov.sum(axis=0) + np.diag(cov)
    return np.asarray((k - 1) / (k - 2) * (1 - (np.trace(cov) - np.diag(cov)) / total))


def against_the_rest(corr: Array) -> npt.NDArray[np.bool_]:
    """Which items load on the first principal component against the majority; shape (k,).

    Where the two sides weigh the same (two items that correlate negatively), the side of the first item counts.
    """
    first = np.linalg.eigh(corr)[1][:, -1]
    sides = float(first.sum())
    side = sides if abs(sides) > 1e-8 else float(first[np.argmax(np.abs(first) > 1e-8)])
    # Rounding gives an item that has nothing to do with the others either sign.
    return np.asarray(first * np.sign(side) < -1e-8)


def turned(cov: Array, items: npt.NDArray[np.bool_]) -> Array:
    """The covariances after ``items`` are reversed; shape (k, k)."""
    signs = np.where(items, -1.0, 1.0)
    return np.asarray(cov * np.outer(signs, signs))
