"""Least squares: coefficients, sums of squares, and how far predictors overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sgsurvey.models.covariance import Array, Wald, orthonormal


@dataclass(frozen=True)
class LeastSquares:
    """Coefficients and sums of squares of a (weighted) least squares fit.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
    residuals : ndarray, shape (n,)
        Unweighted.
    rss, tss : float
        Weighted sums of squares of the residuals and of the outcome, about its mean if there is an intercept.
    log_likelihood : float
    n, p : int
    intercept : bool
    """

    coefficients: Array
    residuals: Array
    rss: float
    tss: float
    log_likelihood: float
    n: int
    p: int
    intercept: bool

    @property
    def r_squared(self) -> float:
        """Share of the outcome's variation that the model accounts for (about 0 where there is no intercept)."""
        return 1.0 - self.rss / self.tss

    @property
    def adj_r_squared(self) -> float:
        """R-squared with both variances at their degrees of freedom, as SPSS and R print it."""
        return 1.0 - (1.0 - self.r_squared) * (self.n - self.intercept) / (self.n - self.p)

    @property
    def sigma(self) -> float:
        """Residual standard error."""
        return float(np.sqrt(self.rss / (self.n - self.p)))

    @property
    def aic(self) -> float:
        """Akaike's criterion; the error variance counts as a parameter, as in R."""
        return 2.0 * (self.p + 1) - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion; the error variance counts as a parameter, as in R."""
        return float(np.log(self.n)) * (self.p + 1) - 2.0 * self.log_likelihood

    def f_change(self, smaller: LeastSquares) -> Wald:
        """Classical F test of what this model adds to a ``smaller`` one nested in it, on this model's own error."""
        df1, df2 = self.p - smaller.p, self.n - self.p
        if df1 == 0:
            return Wald(np.nan, 0.0, float(df2), np.nan)
        f = (smaller.rss - self.rss) / df1 / (self.rss / df2)
        return Wald(f, float(df1), float(df2), float(stats.f.sf(f, df1, df2)))


def least_squares(X: Array, y: Array, weights: Array | None, *, intercept: bool) -> LeastSquares:
    """Minimise ``sum w (y - Xb)^2``; ``weights`` with mean 1."""
    n, p = X.shape
    w = np.ones(n) if weights is None else weights
    basis, inverse = orthonormal(X, weights)
    coefficients = inverse @ (basis.T @ (w * y))
    residuals = y - X @ coefficients
    # One step of refinement: worth several digits where columns are nearly collinear (Longley).
    coefficients = coefficients + inverse @ (basis.T @ (w * residuals))
    residuals = y - X @ coefficients
    rss = float(w @ residuals**2)
    centre = float(np.average(y, weights=w)) if intercept else 0.0
    tss = float(w @ (y - centre) ** 2)
    with np.errstate(divide="ignore"):
        log_likelihood = 0.5 * (float(np.log(w).sum()) - n * (np.log(2 * np.pi) + 1.0 + np.log(rss / n)))
    return LeastSquares(coefficients, residuals, rss, tss, float(log_likelihood), n, p, intercept)


def generalised_vif(X: Array, weights: Array | None, terms: Sequence[tuple[int, ...]]) -> list[float]:
    """How much larger the joint confidence region of a term's columns is for being correlated with the other columns.

    ``det(R_11) det(R_22) / det(R)``, with R the correlations of all columns but the constant; the ordinary VIF for one
    column.  Fox and Monette (1992).

    Parameters
    ----------
    terms : sequence of tuple of int
        The columns of each term.
    """
    w = np.ones(len(X)) if weights is None else weights
    varying = [j for j in range(X.shape[1]) if np.ptp(X[:, j]) > 0]
    centred = X[:, varying] - np.average(X[:, varying], axis=0, weights=w)
    scaled = np.sqrt(w)[:, None] * centred
    scaled = scaled / np.linalg.norm(scaled, axis=0)
    inverse = orthonormal(scaled)[1]
    found = []
    for columns in terms:
        own = np.isin(varying, columns)
        region = scaled[:, own].T @ scaled[:, own]
        found.append(float(np.linalg.det(region) * np.linalg.det(inverse[own] @ inverse[own].T)))
    return found
