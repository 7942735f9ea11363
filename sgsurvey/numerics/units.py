"""Predictors made orthonormal and an outcome of unit size, and the way back to the units of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text


@dataclass(frozen=True)
class Units:
    """What leads from coefficients of orthonormal predictors to those of the predictors as they came.

    Attributes
    ----------
    inverse : ndarray, shape (p, p)
        Upper triangle; orthonormal predictors are those that came times this.
    least_squares : ndarray, shape (p,)
    scale : float
        Units of the outcome: the root of its mean square about the least squares fit.
    """

    inverse: Array
    least_squares: Array
    scale: float

    def restored(self, coefficients: Array) -> Array:
        """Coefficients of the predictors as they came."""
        return np.asarray(self.least_squares + self.scale * self.inverse @ coefficients)

    def restored_covariance(self, matrix: Array) -> Array:
        """A covariance of coefficients, shape (..., p, p), in the units of the predictors as they came."""
        return np.asarray(self.scale**2 * self.inverse @ matrix @ self.inverse.T)

    def deviance(self, df: int, *, restricted: bool) -> float:
        """What a deviance on ``df`` rows gains in the units of the data."""
        change = 2 * df * np.log(self.scale)
        if restricted:
            change -= 2 * np.log(np.abs(np.diag(self.inverse))).sum()
        return float(change)


def standardised(X: Array, y: Array) -> tuple[Array, Units]:
    """Orthonormal predictors and the outcome less its least squares fit, shape (n, p + 1), and their units.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        Of full column rank.
    y : ndarray, shape (n,)

    Raises
    ------
    EstimationError
        The outcome is an exact combination of its predictors.
    """
    Q, triangle = np.linalg.qr(X)
    inverse = np.asarray(np.linalg.inv(triangle))
    left = y - Q @ (Q.T @ y)
    left -= Q @ (Q.T @ left)
    if left @ left <= 1e-20 * (y @ y):
        raise EstimationError(
            Text("因变量是自变量的精确组合。", "the outcome is an exact combination of its predictors."),
            remedy=Text("请去掉算出因变量的自变量。", "Take out the predictor that it was computed from."),
        )
    scale = float(np.sqrt(left @ left / len(y)))
    return np.column_stack([Q, left / scale]), Units(inverse, inverse @ (Q.T @ y), scale)
