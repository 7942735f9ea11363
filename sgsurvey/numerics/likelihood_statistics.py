"""Functions of the covariance matrix that maximum likelihood finds where answers are missing at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.covariance_statistics import Function, Slopes, numeric_slopes
from sgsurvey.numerics.em import NormalMoments, Patterns, normal_moments, patterns
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.normal_likelihood import row_pulls, saturated_information, saturated_scores


@dataclass(frozen=True)
class LikelihoodStatistic:
    """A function of the covariances at the maximum of the normal likelihood, from rows that lack answers.

    A ``Statistic`` (``estimators.py``).  Influence values are the scores of the rows through the observed information,
    so that errors hold for answers that are not normal too: Yuan and Bentler (2000), Sociological Methodology 30,
    165-200.

    Attributes
    ----------
    y : ndarray, shape (N, p)
        nan where missing.
    function : callable (p, p) -> (q,)
    slopes : callable (p, p) -> (q, p, p), optional
        Its slopes; by differences where not given.
    """

    y: Array
    function: Function
    slopes: Slopes | None = None

    def value(self, w: Array) -> Array:
        """``g(S)`` under the weights."""
        return np.asarray(self.function(self.moments(w)[2]), dtype=float)

    def influence(self, w: Array) -> Array:
        """``G`` times the influence of the covariances; shape (N, q)."""
        return self.estimate(w)[1]

    def estimate(self, w: Array) -> tuple[Array, Array]:
        """Values, shape (q,), and influence values, shape (N, q)."""
        found, moments, cov = self.moments(w)
        rows = self._rows(w)
        p = self.y.shape[1]
        scores = saturated_scores(row_pulls(self.y[rows], found, moments.mean, moments.cov))
        information = saturated_information(found, moments.mean, moments.cov, observed=True)
        slopes = numeric_slopes(self.function, cov) if self.slopes is None else self.slopes(cov)
        row, col = np.tril_indices(p)
        own = slopes[:, row, col] * np.where(row == col, 1.0, 2.0) * (cov[0, 0] / moments.cov[0, 0])
        influence = np.zeros((len(w), len(own)))
        influence[rows] = scores @ np.linalg.inv(information)[:, p:] @ own.T
        return np.asarray(self.function(cov), dtype=float), influence

    def moments(self, w: Array) -> tuple[Patterns, NormalMoments, Array]:
        """The rows by what they lack, the moments, and the covariances times ``n / (n - 1)``."""
        rows = self._rows(w)
        found = patterns(self.y[rows], w[rows])
        moments = normal_moments(found)
        n = int(rows.sum())
        return found, moments, moments.cov * n / max(n - 1, 1)

    def _rows(self, w: Array) -> np.ndarray:
        return np.asarray((w > 0) & ~np.isnan(self.y).all(axis=1))
