"""Normal mean and covariance by maximum likelihood where answers are missing, from sums over patterns of missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array, is_singular

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]
BLOCK = 2**22  # numbers in one block of matrices, one matrix a pattern


@dataclass(frozen=True)
class Patterns:
    """Rows summed up by which variables they have; rows without any are left out.

    Attributes
    ----------
    given : ndarray of bool, shape (J, p)
    n : ndarray, shape (J,)
        Rows of each pattern.
    mean : ndarray, shape (J, p)
        Means of the rows of a pattern; 0 where the pattern lacks the variable.
    cov : ndarray, shape (J, p, p)
        Covariances about these means, divisor ``n``; 0 where lacking.
    of : ndarray of int, shape (rows,)
        The pattern of each row, -1 for a row without any value.
    """

    given: Mask
    n: Array
    mean: Array
    cov: Array
    of: Index


@dataclass(frozen=True)
class NormalMoments:
    """Mean (p,) and covariance (p, p) at the maximum of the likelihood, and whether it was reached."""

    mean: Array
    cov: Array
    converged: bool
    iterations: int


def patterns(x: Array, weights: Array | None = None) -> Patterns:
    """The patterns of missing values of ``x``, shape (n, p), nan where missing; the most frequent first.

    With ``weights``, shape (n,) and above 0, rows count by them.
    """
    there = ~np.isnan(x)
    some = there.any(axis=1)
    of = np.full(len(x), -1, dtype=np.intp)
    p = x.shape[1]
    if not some.any():
        return Patterns(np.zeros((0, p), bool), np.zeros(0), np.zeros((0, p)), np.zeros((0, p, p)), of)
    if there.all():
        given, found, counts = np.ones((1, p), bool), np.zeros(len(x), dtype=np.intp), np.array([len(x)])
    else:
        _, first, found, counts = np.unique(
            _packed(there[some]), axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        given = there[some][first]
    order = np.argsort(-counts, kind="stable")
    given, counts = given[order], counts[order]
    of[some] = np.argsort(order)[found.ravel()]
    rows = np.flatnonzero(some)[np.argsort(of[some], kind="stable")]
    w = np.ones(len(rows)) if weights is None else weights[rows]
    filled = np.where(there[rows], x[rows], 0.0)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(int)
    n = np.add.reduceat(w, starts)
    mean = np.add.reduceat(filled * w[:, None], starts, axis=0) / n[:, None]
    root = np.sqrt(w)[:, None] * (filled - np.repeat(mean, counts, axis=0))
    cov = np.stack([part.T @ part for part in np.split(root, starts[1:])]) / n[:, None, None]
    return Patterns(given, n, mean, cov, of)


def _packed(there: Mask) -> npt.NDArray[np.uint64]:
    """Rows of truth values as whole numbers in the same order; shape (n,), or (n, …) for more than 64 columns."""
    bits = np.packbits(there, axis=1)
    whole = np.zeros((len(bits), -(-bits.shape[1] // 8) * 8), dtype=np.uint8)
    whole[:, : bits.shape[1]] = bits
    numbers = whole.view(">u8").astype(np.uint64)
    return numbers.ravel() if numbers.shape[1] == 1 else numbers


def within_pattern_precision(given: Mask, cov: Array) -> Array:
    """The inverse of the part of ``cov`` that each pattern has, 0 elsewhere; shape (J, p, p)."""
    both = given[:, :, None] & given[:, None, :]
    part = np.where(both, cov, 0.0) + np.eye(len(cov)) * ~given[:, :, None]
    return np.where(both, np.linalg.inv(part), 0.0)


def available_moments(found: Patterns) -> tuple[Array, Array, Array]:
    """Rows, mean and variance of each variable over the rows that have it; shape (p,) each."""
    n = found.n @ found.given
    mean = (found.n[:, None] * found.mean).sum(axis=0) / n
    within = np.diagonal(found.cov, axis1=1, axis2=2) + found.given * (found.mean - mean) ** 2
    return n, mean, (found.n @ within) / n


def normal_moments(found: Patterns, *, tolerance: float = 1e-12, iterations: int = 1000) -> NormalMoments:
    """Mean and covariance (divisor ``n``) by the EM algorithm.  Dempster, Laird and Rubin (1977); Little and Rubin.

    In terms of the precision ``K`` of each pattern's part and its distance ``d`` from the mean, a step of EM is
    ``mean + cov sum(n K d) / n`` and ``cov + cov sum(n (K (S + d d') K - K)) cov / n`` less the square of the move.

    Parameters
    ----------
    found : Patterns
        Every variable must vary, and every pair must be there together in some rows.
    tolerance : float
        Largest step, in standard deviations and correlations, at which the search is over.

    Returns
    -------
    NormalMoments
        Not converged where ``cov`` becomes singular: the rows are too few, and further steps would be rounding error.
    """
    total = found.n.sum()
    _, centre, spread = available_moments(found)
    scale = np.sqrt(spread)
    mean, cov = centre, np.diag(spread)
    step = np.inf
    for iteration in range(1, iterations + 1):
        pull, turn = moment_slopes(found, mean, cov)
        move = cov @ pull / total
        change = cov @ turn @ cov / total - np.outer(move, move)
        mean, cov = mean + move, cov + (change + change.T) / 2.0
        step = max(np.abs(move / scale).max(), np.abs(change / np.outer(scale, scale)).max())
        if step < tolerance:
            return NormalMoments(mean, cov, True, iteration)
        if is_singular(cov / np.outer(scale, scale)):
            return NormalMoments(mean, cov, False, iteration)
    return NormalMoments(mean, cov, False, iterations)


def moment_slopes(found: Patterns, mean: Array, cov: Array) -> tuple[Array, Array]:
    """Sums over patterns of ``n K d`` and of ``n (K (S + d d') K - K)``; shapes (p,) and (p, p).

    The slopes of the log likelihood with respect to the mean, and twice those with respect to the covariance.
    """
    p = len(mean)
    pull, turn = np.zeros(p), np.zeros((p, p))
    size = max(1, BLOCK // p**2)
    for start in range(0, len(found.n), size):
        block = slice(start, start + size)
        given, n = found.given[block], found.n[block]
        away = np.where(given, found.mean[block] - mean, 0.0)
        precision = within_pattern_precision(given, cov)
        square = found.cov[block] + away[:, :, None] * away[:, None, :]
        pull += np.einsum("j,jab,jb->a", n, precision, away, optimize=True)
        turn += (n[:, None, None] * (precision @ square @ precision - precision)).sum(axis=0)
    return pull, turn


def little_statistic(found: Patterns, moments: NormalMoments) -> tuple[float, int]:
    """Little's d² and its degrees of freedom.  Little (1988), equation 5, with the maximum likelihood covariance.

    ``sum(n (mean_j - mean)' K_j (mean_j - mean))`` over patterns; the degrees of freedom are the variables that the
    patterns have, summed, less the variables.
    """
    away = np.where(found.given, found.mean - moments.mean, 0.0)
    precision = within_pattern_precision(found.given, moments.cov)
    d2 = np.einsum("j,ja,jab,jb->", found.n, away, precision, away, optimize=True)
    return float(d2), int(found.given.sum()) - found.given.shape[1]
