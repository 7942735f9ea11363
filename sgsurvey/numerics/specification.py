"""Tests of what least squares takes for granted: equal variances, normal errors, errors without order.

Residuals come as they are, with equal weights; design matrices contain the constant.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sgsurvey.numerics.linalg import Array

# A column whose part outside the span of those before it is smaller than this, relative to the column, adds nothing.
COLLINEAR = 1e-7


class ChiSquare(NamedTuple):
    """A statistic with its degrees of freedom."""

    statistic: float
    df: int


def koenker(residuals: Array, Z: Array) -> ChiSquare:
    """Test that the error variance does not go with ``Z``: n R² of the squared residuals on ``Z``, shape (n, q + 1).

    The studentised form of Koenker (1981), Journal of Econometrics 17, 107-112, which needs no normal errors; with
    ``second_order`` columns it is the test of White (1980), Econometrica 48, 817-838.
    """
    squared = residuals**2
    explained, total = _explained(squared, Z)
    return ChiSquare(len(squared) * explained / total, Z.shape[1] - 1)


def breusch_pagan(residuals: Array, Z: Array) -> ChiSquare:
    """The form for normal errors: half the explained sum of squares of the scaled squared residuals.

    Breusch and Pagan (1979), Econometrica 47, 1287-1294, equation (13).
    """
    scaled = residuals**2 / np.mean(residuals**2)
    return ChiSquare(_explained(scaled, Z)[0] / 2, Z.shape[1] - 1)


def second_order(X: Array) -> Array:
    """The columns of ``X``, their squares and products, without those that the others determine; shape (n, q).

    Columns are centred and scaled before they are multiplied, which leaves the span as it is where ``X`` holds the
    constant, and keeps digits.
    """
    spread = X.std(axis=0)
    varying = (X - X.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    row, col = np.triu_indices(varying.shape[1])
    return independent(np.column_stack([np.ones(len(X)), varying, varying[:, row] * varying[:, col]]))


def independent(columns: Array) -> Array:
    """The columns without those that the ones before them determine."""
    size = np.linalg.norm(columns, axis=0)
    varying = np.flatnonzero(size > 0)
    # A triangle has the inner products of the columns, and as many digits, in fewer rows.
    triangle = np.asarray(np.linalg.qr(columns[:, varying] / size[varying], mode="r"))
    basis = np.zeros_like(triangle)
    kept: list[int] = []
    for j, rest in zip(varying, triangle.T, strict=True):
        span = basis[:, : len(kept)]
        for _ in range(2):
            rest = rest - span @ (span.T @ rest)
        left = np.linalg.norm(rest)
        if left > COLLINEAR:
            basis[:, len(kept)] = rest / left
            kept.append(int(j))
    return columns[:, kept]


def jarque_bera(residuals: Array) -> ChiSquare:
    """``n/6 (skewness² + excess²/4)`` of the residuals; Jarque and Bera (1987), Int. Statistical Review 55, 163-172."""
    d = residuals - residuals.mean()
    variance = np.mean(d**2)
    skewness, excess = np.mean(d**3) / variance**1.5, np.mean(d**4) / variance**2 - 3
    return ChiSquare(float(len(d) / 6 * (skewness**2 + excess**2 / 4)), 2)


def durbin_watson(residuals: Array) -> float:
    """Squared differences of neighbouring residuals over their squares; Durbin and Watson (1950), Biometrika 37."""
    return float(np.sum(np.diff(residuals) ** 2) / np.sum(residuals**2))


def condition_number(X: Array) -> float:
    """Largest condition index of the columns at length 1, the constant among them; Belsley, Kuh and Welsch (1980)."""
    return float(condition_indices(X)[1][-1])


def condition_indices(X: Array) -> tuple[Array, Array, Array]:
    """Eigenvalues and condition indices of the columns at length 1, and what each dimension adds to the variances.

    Belsley, Kuh and Welsch (1980), Regression Diagnostics, equations 3.18 to 3.20.

    Returns
    -------
    eigenvalues, indices : ndarray, shape (p,)
        The largest eigenvalue, whose index is 1, first.
    shares : ndarray, shape (p, p)
        Row k: the share of each coefficient's variance that goes with dimension k; columns sum to 1.
    """
    _, values, vectors = np.linalg.svd(X / np.linalg.norm(X, axis=0), full_matrices=False)
    parts = (vectors / values[:, None]) ** 2
    return values**2, values[0] / values, parts / parts.sum(axis=0)


def _explained(y: Array, Z: Array) -> tuple[float, float]:
    """Explained and total sum of squares about the mean; the constant lies in the span of ``Z``."""
    basis = np.linalg.qr(Z / np.linalg.norm(Z, axis=0))[0]
    centred = y - y.mean()
    return float(np.sum((basis.T @ centred) ** 2)), float(centred @ centred)
