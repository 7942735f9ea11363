"""How many components or factors: eigenvalues against those of unrelated variables, and average partials."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.extraction import SMALLEST_UNIQUENESS, one_factor_uniqueness
from sgsurvey.numerics.linalg import Array

PERCENTILE = 0.95


def component_eigenvalues(corr: Array) -> Array:
    """Eigenvalues of each correlation matrix, largest first; shape (B, p, p) -> (B, p)."""
    return np.asarray(np.linalg.eigvalsh(corr)[:, ::-1], dtype=float)


def smc_eigenvalues(corr: Array) -> Array:
    """Eigenvalues of each matrix with squared multiple correlations on its diagonal; shape (B, p).

    A matrix that is not positive definite has none: the uniqueness is then at its least.
    """
    inverse = np.diagonal(np.linalg.inv(corr), axis1=1, axis2=2)
    unique = np.where(inverse >= 1, 1 / np.maximum(inverse, 1.0), SMALLEST_UNIQUENESS)
    return _reduced(corr, unique)


def factor_eigenvalues(corr: Array) -> Array:
    """Eigenvalues of each matrix with the communalities of one minres factor on its diagonal; shape (B, p)."""
    return _reduced(corr, one_factor_uniqueness(corr))


def _reduced(corr: Array, unique: Array) -> Array:
    return component_eigenvalues(corr - unique[:, None, :] * np.eye(corr.shape[1]))


# What eigenvalues are taken of, by name.
BASES: dict[str, Callable[[Array], Array]] = {
    "components": component_eigenvalues,
    "smc": smc_eigenvalues,
    "factors": factor_eigenvalues,
}


@dataclass(frozen=True)
class Parallel:
    """Observed eigenvalues and those of independent variables, each of shape (p,), largest first."""

    observed: Array
    mean: Array
    high: Array

    @property
    def retained(self) -> int:
        """How many, from the first on, exceed the 95th percentile."""
        above = self.observed > self.high
        return int(np.argmin(above)) if not above.all() else len(above)


def parallel_eigenvalues(corr: Array, null: Iterable[Array], bases: Iterable[str] = BASES) -> dict[str, Parallel]:
    """Eigenvalues of ``corr`` against those of matrices of unrelated variables, on each of ``bases``.

    Horn (1965), Psychometrika 30, 179-185; the 95th percentile after Glorfeld (1995), Educational and Psychological
    Measurement 55, 377-393.

    Parameters
    ----------
    corr : ndarray, shape (p, p)
    null : iterable of ndarray, shape (b, p, p)
        Blocks of matrices, as ``null_correlations`` and ``shuffled_polychoric`` draw them.
    """
    drawn: dict[str, list[Array]] = {basis: [] for basis in bases}
    for block in null:
        for basis, values in drawn.items():
            values.append(BASES[basis](block))
    found = {}
    for basis, values in drawn.items():
        draws = np.concatenate(values)
        found[basis] = Parallel(BASES[basis](corr[None])[0], draws.mean(axis=0), np.quantile(draws, PERCENTILE, axis=0))
    return found


def average_partials(corr: Array, *, power: int = 2) -> Array:
    """Mean squared (or fourth power of the) partial correlation after 0, 1 … p - 2 components; shape (p - 1,).

    Velicer (1976), Psychometrika 41, 321-327; the fourth power after Velicer, Eaton and Fava (2000), in Goffin and
    Helmes, *Problems and Solutions in Human Assessment*, 41-71.
    """
    p = len(corr)
    values, vectors = np.linalg.eigh(corr)
    loadings = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1]
    removed = np.cumsum(loadings.T[:, :, None] * loadings.T[:, None, :], axis=0)[: p - 2]
    residual = np.concatenate([corr[None], corr - removed])
    scale = np.sqrt(np.maximum(np.diagonal(residual, axis1=1, axis2=2), np.finfo(float).tiny))
    partial = residual / (scale[:, :, None] * scale[:, None, :])
    return np.asarray(((partial**power).sum(axis=(1, 2)) - p) / (p * (p - 1)))
