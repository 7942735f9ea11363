"""Common factors of a correlation matrix: minres, maximum likelihood, principal axis; and principal components.

Minres and ML minimise over the p uniquenesses alone, as the best loadings for given uniquenesses are an eigenproblem.
Both functions depend on eigenvalues only, so gradient and Hessian are closed forms and Newton's method needs a
handful of steps: Joreskog (1977), *Factor analysis by least-squares and maximum-likelihood methods*; Clarke (1970),
British Journal of Mathematical and Statistical Psychology 23, 43-52.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.newton import Found, Index, Local, bounded_newton

# Below this a uniqueness is improper; the search stops there and the case is flagged (Heywood case).
SMALLEST_UNIQUENESS = 0.005


@dataclass(frozen=True)
class Extraction:
    """Unrotated factors.

    Attributes
    ----------
    loadings : ndarray, shape (p, k)
        Canonical orientation: ``L'L`` is diagonal (minres, principal axis), or ``L' Psi^-1 L`` (ML), falling; each
        column sums to 0 or more.
    uniqueness : ndarray, shape (p,)
    iterations : int
    converged : bool
    """

    loadings: Array
    uniqueness: Array
    iterations: int
    converged: bool

    @property
    def heywood(self) -> Array:
        """Which variables stopped at the smallest uniqueness; shape (p,), bool."""
        return np.asarray(self.uniqueness <= SMALLEST_UNIQUENESS * (1 + 1e-6))


def minres(corr: Array, k: int) -> Extraction:
    """Minimum residuals (unweighted least squares); Harman and Jones (1966), Joreskog (1977)."""

    def local(psi: Array, rows: Index) -> Local:
        return least_squares(np.broadcast_to(corr, (len(rows), *corr.shape)), psi, k)

    found = _search(local, starting_uniqueness(corr, k)[None], SMALLEST_UNIQUENESS, 1.0)
    psi = found.at[0]
    return Extraction(least_squares_loadings(corr, psi, k), psi, found.iterations, bool(found.converged[0]))


def maximum_likelihood(corr: Array, k: int) -> Extraction:
    """Maximum likelihood under normality; ``corr`` must be positive definite.  Joreskog (1967), Clarke (1970)."""

    def local(log_psi: Array, rows: Index) -> Local:
        return likelihood(np.broadcast_to(corr, (len(rows), *corr.shape)), log_psi, k)

    start = np.log(starting_uniqueness(corr, k))[None]
    found = _search(local, start, float(np.log(SMALLEST_UNIQUENESS)), 0.0)
    psi = np.exp(found.at[0])
    root = np.sqrt(psi)
    values, vectors = _largest_first(corr / np.outer(root, root))
    loadings = root[:, None] * vectors[:, :k] * np.sqrt(np.maximum(values[:k] - 1, 0))
    return Extraction(_signed(loadings), psi, found.iterations, bool(found.converged[0]))


def principal_axis(corr: Array, k: int, *, tolerance: float = 1e-9, iterations: int = 20_000) -> Extraction:
    """Iterated principal axis: communalities of one pass are the diagonal of the next, until they stand still.

    Its fixed point is the minres solution; programs that stop after 25 passes print other digits.
    """
    psi = np.clip(starting_uniqueness(corr, 0), SMALLEST_UNIQUENESS, 1.0)
    passes, still = 0, False
    while passes < iterations and not still:
        passes += 1
        loadings = least_squares_loadings(corr, psi, k)
        moved = np.clip(1 - (loadings**2).sum(axis=1), SMALLEST_UNIQUENESS, 1.0)
        still = bool(np.abs(moved - psi).max() < tolerance)
        psi = moved
    return Extraction(least_squares_loadings(corr, psi, k), psi, passes, still)


def principal_components(corr: Array, k: int) -> Extraction:
    """The ``k`` largest components, scaled to correlations with the variables: no common factors (Hotelling 1933).

    What a variable does not share with them stands as its uniqueness.
    """
    values, vectors = _largest_first(corr)
    loadings = _signed(vectors[:, :k] * np.sqrt(values[:k]))
    return Extraction(loadings, 1 - (loadings**2).sum(axis=1), 0, True)


def one_factor_uniqueness(corr: Array, *, tolerance: float = 1e-4) -> Array:
    """Uniquenesses of one minres factor in each of many correlation matrices, shape (B, p, p) -> (B, p)."""

    def local(psi: Array, rows: Index) -> Local:
        return least_squares(corr[rows], psi, 1)

    start = np.clip(1 / np.diagonal(np.linalg.inv(corr), axis1=1, axis2=2), SMALLEST_UNIQUENESS, 1.0)
    return bounded_newton(local, start, SMALLEST_UNIQUENESS, 1.0, tolerance=tolerance, iterations=30).at


def least_squares(corr: Array, psi: Array, k: int) -> Local:
    """Half the sum of squared residual eigenvalues of ``R - Psi`` with its derivatives in ``psi``.

    For a function of eigenvalues the second derivative weighs the products ``v_m * v_n`` by the divided differences
    of its slope: 1 among the residual ones, ``l_m / (l_m - l_n)`` between residual ``m`` and common ``n``.
    """
    reduced = corr - psi[:, None, :] * np.eye(psi.shape[1])
    values, vectors = np.linalg.eigh(reduced)
    rest, axes = values[:, :-k], vectors[:, :, :-k]
    value = 0.5 * (rest**2).sum(axis=1)
    slope = -np.einsum("bpm,bm->bp", axes**2, rest)
    steady = (axes @ axes.transpose(0, 2, 1)) ** 2
    curve = steady.copy()
    for n in range(1, k + 1):
        weight = rest / np.minimum(rest - values[:, -n, None], -1e-12)
        common = vectors[:, :, -n]
        curve += 2 * common[:, :, None] * common[:, None, :] * ((axes * weight[:, None]) @ axes.transpose(0, 2, 1))
    return value, slope, curve, steady


def likelihood(corr: Array, log_psi: Array, k: int) -> Local:
    """``sum(t - log t - 1)`` over residual eigenvalues ``t`` of ``Psi^-½ R Psi^-½``, with derivatives in log psi."""
    scale = np.exp(-log_psi / 2)
    values, vectors = np.linalg.eigh(corr * scale[:, :, None] * scale[:, None, :])
    rest, axes = values[:, :-k], vectors[:, :, :-k]
    value = (rest - np.log(rest) - 1).sum(axis=1)
    slope = np.einsum("bpm,bm->bp", axes**2, 1 - rest)
    spread = axes @ axes.transpose(0, 2, 1)
    curve = spread * ((axes * rest[:, None]) @ axes.transpose(0, 2, 1))
    for n in range(1, k + 1):
        top = values[:, -n, None]
        weight = (rest - 1) * (rest + top) / np.minimum(rest - top, -1e-12)
        common = vectors[:, :, -n]
        curve += common[:, :, None] * common[:, None, :] * ((axes * weight[:, None]) @ axes.transpose(0, 2, 1))
    return value, slope, curve, spread**2


def least_squares_loadings(corr: Array, psi: Array, k: int) -> Array:
    """Best loadings for given uniquenesses: the ``k`` largest eigenpairs of ``R - Psi``; shape (p, k)."""
    values, vectors = _largest_first(corr - np.diag(psi))
    return _signed(vectors[:, :k] * np.sqrt(np.maximum(values[:k], 0)))


def canonical(loadings: Array) -> Array:
    """``loadings`` turned so that ``L'L`` is diagonal and falling, each column of a sum of 0 or more."""
    left, sizes, _ = np.linalg.svd(loadings, full_matrices=False)
    return _signed(left * sizes)


def starting_uniqueness(corr: Array, k: int) -> Array:
    """``(1 - k / 2p) / diag(R^-1)``; Joreskog (1967).  A singular ``corr`` starts from one half."""
    if np.linalg.eigvalsh(corr)[0] < 1e-10:
        return np.full(len(corr), 0.5)
    return np.asarray((1 - k / (2 * len(corr))) / np.diag(np.linalg.inv(corr)))


def _search(local: Callable[[Array, Index], Local], start: Array, low: float, high: float) -> Found:
    return bounded_newton(local, np.clip(start, low, high), low, high, tolerance=1e-11, iterations=500)


def _largest_first(matrix: Array) -> tuple[Array, Array]:
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def _signed(loadings: Array) -> Array:
    return loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
