"""The normal likelihood of rows summed up by what they lack, along the elements of a structural model.

The derivative of the covariance in a model's element is ``left right' + right left'`` (``structural.Tangent``), so that
gradients, information and the scores of rows need products of vectors alone: no matrix of the order of p² by p².
Rows that lack nothing are one pattern, and give maximum likelihood for complete data.

Little and Rubin (2002), *Statistical Analysis with Missing Data*, chapter 11; Savalei (2010), Psychological Methods 15,
352-367, for the observed information.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sgsurvey.numerics.em import BLOCK, Index, Patterns, within_pattern_precision
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.structural import Tangent


def log_likelihood(found: Patterns, mean: Array, cov: Array) -> float:
    """The log likelihood of all rows, constants included; -inf where ``cov`` is not positive definite."""
    total = 0.0
    for block in _blocks(found, len(mean)):
        given, n = found.given[block], found.n[block]
        both = given[:, :, None] & given[:, None, :]
        part = np.where(both, cov, 0.0) + np.eye(len(cov)) * ~given[:, :, None]
        try:
            root = np.linalg.cholesky(part)
        except np.linalg.LinAlgError:
            return -np.inf
        away = np.where(given, found.mean[block] - mean, 0.0)
        square = found.cov[block] + away[:, :, None] * away[:, None, :]
        distance = np.einsum("jab,jba->j", np.linalg.inv(part), square)
        determinant = 2.0 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        total -= float(n @ (given.sum(axis=1) * np.log(2 * np.pi) + determinant + distance)) / 2
    return total


def element_gradient(pull: Array, turn: Array, tangent: Tangent) -> Array:
    """Slopes of the log likelihood in a model's elements, from ``em.moment_slopes``; shape (e,)."""
    return np.asarray(pull @ tangent.mean + np.einsum("ae,ab,be->e", tangent.left, turn, tangent.right, optimize=True))


class Pulls(NamedTuple):
    """What the scores of rows are made of.

    Attributes
    ----------
    y : ndarray, shape (n, p)
        ``K (x - mean)`` of each row, with the precision ``K`` of what it has; 0 elsewhere.
    k : ndarray, shape (J, p, p)
        The precision of each pattern.
    of : ndarray of int, shape (n,)
        The pattern of each row, -1 for none.
    """

    y: Array
    k: Array
    of: Index


def row_pulls(x: Array, found: Patterns, mean: Array, cov: Array) -> Pulls:
    """``K (x - mean)`` of every row of ``x``, shape (n, p), whose patterns are ``found``."""
    k = within_pattern_precision(found.given, cov)
    d = np.where(np.isnan(x), 0.0, x - mean)
    if len(k) == 1:
        y = d @ k[0]
    else:
        y = np.zeros_like(d)
        order = np.argsort(found.of, kind="stable")
        ends = np.searchsorted(found.of[order], np.arange(len(k) + 1))
        for j in range(len(k)):
            rows = order[ends[j] : ends[j + 1]]
            y[rows] = d[rows] @ k[j]
    return Pulls(y, k, found.of)


def row_scores(pulls: Pulls, tangent: Tangent) -> Array:
    """Slopes of each row's log likelihood in a model's elements; shape (n, e), 0 for a row without values."""
    expected = np.einsum("ae,jae->je", tangent.left, pulls.k @ tangent.right)
    scores = pulls.y @ tangent.mean + (pulls.y @ tangent.left) * (pulls.y @ tangent.right) - expected[pulls.of]
    scores[pulls.of < 0] = 0.0
    return scores


def saturated_scores(pulls: Pulls) -> Array:
    """Slopes of each row's log likelihood in all means, variances and covariances; shape (n, p + p (p + 1) / 2).

    Covariances in the order of ``np.tril_indices(p)``.
    """
    row, col = np.tril_indices(pulls.y.shape[1])
    halved = np.where(row == col, 0.5, 1.0)
    second = (pulls.y[:, row] * pulls.y[:, col] - pulls.k[:, row, col][pulls.of]) * halved
    second[pulls.of < 0] = 0.0
    return np.hstack([pulls.y, second])


def saturated_information(found: Patterns, mean: Array, cov: Array, *, observed: bool) -> Array:
    """Information of all rows in all means, variances and covariances, in the order of ``saturated_scores``.

    Of patterns with precision ``K``: ``sum n K`` for means, ``sum n tr(U K V Q)`` for directions U and V of the
    covariance, ``Q = K/2`` when expected and ``K (S + d d') K - K/2`` when observed.
    """
    p = len(mean)
    row, col = np.tril_indices(p)
    halved = np.where(row == col, 0.5, 1.0)
    k = within_pattern_precision(found.given, cov)
    away = np.where(found.given, found.mean - mean, 0.0)
    q = k / 2
    if observed:
        q = k @ (found.cov + away[:, :, None] * away[:, None, :]) @ k - k / 2
    q = found.n[:, None, None] * q
    flat_k, flat_q = k.reshape(-1, p * p), q.reshape(-1, p * p)
    information = np.zeros((p + len(row), p + len(row)))
    information[:p, :p] = np.tensordot(found.n, k, axes=1)
    at = p
    for a in range(p):
        # slab[c, b, d] = sum Q_ac K_bd + K_ac Q_bd
        slab = (q[:, a].T @ flat_k + k[:, a].T @ flat_q).reshape(p, p, p)[:, : a + 1]
        information[at : at + a + 1, p:] = (slab[row, :, col] + slab[col, :, row]).T
        at += a + 1
    information[p:, p:] *= halved[:, None] * halved
    if observed:
        y = np.einsum("j,jab,jb->ja", found.n, k, away)
        pushed = np.einsum("jab,jc->abc", k, y)
        mixed = (pushed[:, row, col] + pushed[:, col, row]) * halved
        information[:p, p:], information[p:, :p] = mixed, mixed.T
    return information


def _blocks(found: Patterns, size: int) -> list[slice]:
    """Slices of the patterns that keep a block of matrices, ``size`` by ``size``, within memory."""
    step = max(1, BLOCK // size**2)
    return [slice(start, start + step) for start in range(0, len(found.n), step)]
