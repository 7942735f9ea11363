"""A structural model of the normal variables behind ordered answers: the thresholds and correlations it implies.

The answers show each latent response only through its cuts, so that its scale is a choice.  The ``delta`` choice gives
every latent response a variance of 1, so that the model is one of correlations and residual variances follow; the
``theta`` choice takes the residual variances as parameters (1 unless freed) and divides by the implied standard
deviations.  Muthen (1984), Psychometrika 49, 115-132; Wu and Estabrook (2016), Psychometrika 81, 1014-1045, for what
may be freed between groups and what must be fixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.structural import GroupStructure, Index


@dataclass(frozen=True)
class OrdinalGroup:
    """One group's model of latent responses, with their residual variances as parameters, and their thresholds.

    Attributes
    ----------
    part : GroupStructure
        Of the latent responses, with means.
    item : ndarray of int, shape (t,)
        The item of each threshold.
    thresholds, offset : ndarray, shapes (t, q) and (t,)
        Thresholds are ``thresholds @ theta + offset``.
    """

    part: GroupStructure
    item: Index
    thresholds: Array
    offset: Array

    def moments(self, theta: Array) -> tuple[Array, Array]:
        """Standardised thresholds, then correlations in the order of ``np.tril_indices(p, -1)``, and derivatives.

        Returns
        -------
        value : shape (m,)
        slopes : shape (m, q)
        """
        implied, turn = self.part.implied(theta), self.part.jacobian(theta)
        row, col = self.part.triangle
        on, off = row == col, row != col
        s = 1 / np.sqrt(np.diag(implied.cov))
        ds = -0.5 * (s**3)[:, None] * turn.cov[on]
        i = self.item
        gap = self.thresholds @ theta + self.offset - implied.mean[i]
        cuts = s[i] * gap
        dcuts = gap[:, None] * ds[i] + s[i][:, None] * (self.thresholds - turn.mean[i])
        j, k = row[off], col[off]
        shared = implied.cov[j, k]
        corr = s[j] * s[k] * shared
        dcorr = (s[k] * shared)[:, None] * ds[j] + (s[j] * shared)[:, None] * ds[k]
        dcorr += (s[j] * s[k])[:, None] * turn.cov[off]
        return np.concatenate([cuts, corr]), np.vstack([dcuts, dcorr])


@dataclass(frozen=True)
class OrdinalStructure:
    """All groups' models in the same free parameters."""

    parts: tuple[OrdinalGroup, ...]
    q: int

    def moments(self, theta: Array) -> tuple[Array, Array]:
        """Statistics of all groups, one after the other, and their derivatives."""
        found = [part.moments(theta) for part in self.parts]
        return np.concatenate([value for value, _ in found]), np.vstack([slopes for _, slopes in found])


@dataclass(frozen=True)
class Mixture:
    """The mean and spread of a discrepancy under the model: a mixture of ``df`` chi-squares.

    Attributes
    ----------
    trace, squares : float
        ``tr(U Gamma)`` and ``tr((U Gamma)²)``.
    df : int
    """

    trace: float
    squares: float
    df: int

    @property
    def scaled_shifted(self) -> tuple[float, float]:
        """Factor and shift of Asparouhov and Muthen (2010): divide the discrepancy, then add."""
        factor = float(np.sqrt(self.squares / self.df))
        return factor, float(self.df - self.trace / factor)


def mixture(weight: Array, slopes: Array, covariance: Array, df: int) -> Mixture:
    """Traces of ``U Gamma`` for a quadratic discrepancy with a diagonal weight.

    Parameters
    ----------
    weight : shape (m,)
    slopes : shape (m, q)
        Of the statistics, at the estimates; q may be 0.
    covariance : shape (m, m)
        Of the statistics, on the scale on which ``weight`` is the inverse of their variances.
    """
    weighted = weight[:, None] * slopes
    residual = np.diag(weight)
    if slopes.shape[1]:
        residual = residual - weighted @ np.linalg.solve(slopes.T @ weighted, weighted.T)
    turned = residual @ covariance
    return Mixture(float(np.trace(turned)), float((turned * turned.T).sum()), df)


def least_squares_covariance(weight: Array, slopes: Array, covariance: Array) -> Array:
    """``(D'WD)^-1 D'W C W D (D'WD)^-1``; shape (q, q)."""
    weighted = weight[:, None] * slopes
    turn = np.linalg.solve(slopes.T @ weighted, weighted.T)
    return np.asarray(turn @ covariance @ turn.T)
