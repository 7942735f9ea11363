"""Formulas of reliability: alpha, Guttman's lambdas, and what each item adds.  Covariances in, numbers out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array, off_diagonal, squared_multiple_correlation


def cronbach_alpha(cov: Array) -> float:
    """``k / (k - 1) (1 - tr C / 1'C1)``; Cronbach (1951), equation (2).  Of correlations: standardised alpha."""
    k = len(cov)
    return float(k / (k - 1) * (1 - np.trace(cov) / cov.sum()))


def alphas_of(cov: Array) -> Array:
    """Alpha of many covariances, shape (B, k, k) -> (B,); nan where nothing varies."""
    k = cov.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(k / (k - 1) * (1 - np.trace(cov, axis1=1, axis2=2) / cov.sum(axis=(1, 2))))


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


def guttman_lambda2(cov: Array) -> float:
    """``1 - tr C / 1'C1 + sqrt(k / (k - 1) * sum of squared covariances) / 1'C1``; Guttman (1945)."""
    k, total = len(cov), cov.sum()
    squares = (off_diagonal(cov) ** 2).sum()
    return float(1 - np.trace(cov) / total + np.sqrt(k / (k - 1) * squares) / total)


def guttman_lambda5(cov: Array) -> float:
    """``1 - tr C / 1'C1 + 2 sqrt(largest column sum of squared covariances) / 1'C1``; Guttman (1945)."""
    squares = (cov**2).sum(axis=0) - np.diag(cov) ** 2
    return float(guttman_lambda1(cov) + 2 * np.sqrt(squares.max()) / cov.sum())


def guttman_lambda6(corr: Array) -> float:
    """``1 - sum(1 - smc) / 1'R1``; Guttman (1945)."""
    return float(1 - (1 - squared_multiple_correlation(corr)).sum() / corr.sum())


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
