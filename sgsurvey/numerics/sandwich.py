"""Errors and tests of a structural model that do not lean on normality, or on rows drawn one by one.

The covariance of the estimates is ``A^-1 B A^-1``: ``A`` is the information of the rows and ``B`` the variance of the
total of their scores, as rows, as clusters or under the sample's design (White 1982, Econometrica 50, 1-25; Binder
1983, International Statistical Review 51, 279-292).  Under the model the discrepancy is a mixture of chi-squares with
mean ``tr(U Gamma)``, by which it is scaled (Satorra and Bentler 1994; Yuan and Bentler 2000, Sociological Methodology
30, 165-200).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.em import Index, Mask, NormalMoments, Patterns, available_moments
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import sums_by
from sgsurvey.numerics.normal_likelihood import row_pulls, row_scores, saturated_information, saturated_scores
from sgsurvey.numerics.structural import Structure, Tangent

# The variance of a total: values of rows (N, q), the weights not yet in them, to (q, q).
Spread = Callable[[Array], Array]


@dataclass(frozen=True)
class Rows:
    """The rows of all groups.

    Attributes
    ----------
    x : ndarray, shape (N, p)
        nan where missing.
    group : ndarray of int, shape (N,)
        0, 1 …
    patterns : tuple of Patterns, one a group
        Of the group's rows in their order, weighted.
    moments : tuple of NormalMoments, one a group
        At the maximum of the saturated likelihood.
    spread : callable
        The variance of a total of row values.
    """

    x: Array
    group: Index
    patterns: tuple[Patterns, ...]
    moments: tuple[NormalMoments, ...]
    spread: Spread

    @property
    def n(self) -> float:
        """Rows, or the sum of their weights."""
        return float(sum(found.n.sum() for found in self.patterns))

    def placed(self, parts: Sequence[Array]) -> Array:
        """Values of each group's rows at the places of these rows; shape (N, …)."""
        whole = np.zeros((len(self.x), *parts[0].shape[1:]))
        for g, part in enumerate(parts):
            whole[self.group == g] = part
        return whole


def simple_spread(weights: Array | None = None, clusters: Index | None = None) -> Spread:
    """Rows (or clusters) drawn independently: the sum of squares of their totals, about 0.

    Of J clusters it is multiplied by ``J / (J - 1)``, as lavaan does.

    Parameters
    ----------
    weights : shape (N,), optional
    clusters : ndarray of int, shape (N,), optional
        0, 1 … without gaps.
    """

    def spread(z: Array) -> Array:
        z = z if weights is None else weights[:, None] * z
        if clusters is None:
            return np.asarray(z.T @ z)
        sums = sums_by(z, clusters, int(clusters.max()) + 1)
        return np.asarray(sums.T @ sums * (len(sums) / (len(sums) - 1)))

    return spread


def scores(structure: Structure, theta: Array, rows: Rows) -> Array:
    """Slopes of each row's log likelihood in ``theta``; shape (N, q)."""
    found = []
    for g, part in enumerate(structure.parts):
        full = part.solved(theta)
        mean = full.mean[: part.p] if structure.means else rows.moments[g].mean
        pulls = row_pulls(rows.x[rows.group == g], rows.patterns[g], mean, full.cov[: part.p, : part.p])
        found.append(row_scores(pulls, part.tangent(full)) @ part.weights)
    return rows.placed(found)


def sandwich(information: Array, meat: Array) -> Array:
    """``A^-1 B A^-1``."""
    half = np.linalg.solve(information, meat)
    return np.asarray(np.linalg.solve(information, half.T))


def saturated_trace(rows: Rows, *, means: bool) -> float:
    """``tr(A^-1 B)`` of the model without restrictions, over its means too where they are modelled.

    ``A`` is the observed information at the saturated moments.
    """
    total = 0.0
    for g, (found, moments) in enumerate(zip(rows.patterns, rows.moments, strict=True)):
        inside = rows.group == g
        if len(found.n) == 1:
            white = _white_scores(rows.x[inside], moments)[:, 0 if means else len(moments.mean) :]
            total += trace(rows.spread, _among(white, inside)) / float(found.n[0])
            continue
        own = saturated_scores(row_pulls(rows.x[inside], found, moments.mean, moments.cov))
        information = saturated_information(found, moments.mean, moments.cov, observed=True)
        total += float(np.trace(np.linalg.solve(information, rows.spread(_among(own, inside)))))
    return total


def _white_scores(x: Array, moments: NormalMoments) -> Array:
    """Saturated scores of complete rows in coordinates in which a row's information is the identity."""
    z = np.linalg.solve(np.linalg.cholesky(moments.cov), (x - moments.mean).T).T
    row, col = np.tril_indices(z.shape[1])
    same = row == col
    return np.hstack([z, (z[:, row] * z[:, col] - same) * np.where(same, np.sqrt(0.5), 1.0)])


def trace(spread: Spread, z: Array) -> float:
    """The sum of the variances of the columns' totals, without their covariances."""
    step = 16
    return sum(float(np.trace(spread(z[:, at : at + step]))) for at in range(0, z.shape[1], step))


def independence_trace(rows: Rows, *, means: bool) -> float:
    """``tr(A^-1 B)`` of the model of independent variables, each with its own mean and variance in each group."""
    total = 0.0
    for g, found in enumerate(rows.patterns):
        inside = rows.group == g
        x = rows.x[inside]
        n, mean, variance = available_moments(found)
        d = np.where(np.isnan(x), 0.0, x - mean)
        squares = np.where(np.isnan(x), 0.0, d**2 - variance) / (2 * variance**2)
        own = np.hstack([d / variance, squares])
        information = np.concatenate([n / variance, n / (2 * variance**2)])
        kept = slice(0 if means else len(mean), None)
        total += trace(rows.spread, _among((own / np.sqrt(information))[:, kept], inside))
    return total


def quadratic_scores(x: Array, mean: Array, cov: Array, weight: Array, tangent: Tangent) -> Array:
    """``D'V (z_i - s)`` of rows with ``V`` of a quadratic discrepancy; shape (n, e).

    ``z_i`` are a row's contributions to means and covariances ``s``; ``V`` is ``weight`` for means and
    ``D'(weight ⊗ weight)D / 2`` for covariances: the inverse of the implied covariance for ML, the identity for ULS.
    """
    y = (x - mean) @ weight
    expected = np.einsum("ae,ab,be->e", weight @ tangent.left, cov, weight @ tangent.right, optimize=True)
    return np.asarray(y @ tangent.mean + (y @ tangent.left) * (y @ tangent.right) - expected)


def quadratic_information(weight: Array, tangent: Tangent) -> Array:
    """``D'V D`` per row, with the ``V`` of ``quadratic_scores``; shape (e, e)."""
    left, right = weight @ tangent.left, weight @ tangent.right
    crossed = tangent.left.T @ right
    squares = (tangent.left.T @ left) * (tangent.right.T @ right)
    return np.asarray(tangent.mean.T @ weight @ tangent.mean + squares + crossed * crossed.T)


def mean_square(x: Array, moments: NormalMoments, weight: Array, *, means: bool) -> float:
    """``tr(V Gamma)`` of complete rows: the mean over rows of the quadratic form ``V`` in a row's contribution."""
    d = x - moments.mean
    distance = ((d @ weight) * d).sum(axis=1)
    spread = weight @ moments.cov
    value = ((distance**2).mean() - np.trace(spread @ spread)) / 2
    return float(value + (np.trace(spread) if means else 0.0))


def _among(own: Array, inside: Mask) -> Array:
    whole = np.zeros((len(inside), own.shape[1]))
    whole[inside] = own
    return whole
