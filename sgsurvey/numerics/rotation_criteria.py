"""What rotations minimise: criteria of a pattern of loadings, each with its slope.

Every criterion takes loadings of shape (..., p, k) and gives its value, shape (...), and slope, shape (..., p, k); all
are analytic in the loadings, so that complex steps differentiate their slopes exactly.  Formulas as collected by
Bernaards and Jennrich (2005), Educational and Psychological Measurement 65, 676-696, unless named otherwise.
"""

from collections.abc import Callable

import numpy as np

from sgsurvey.numerics.linalg import Array

Criterion = Callable[[Array], tuple[Array, Array]]


def varimax(loadings: Array) -> tuple[Array, Array]:
    """Minus a quarter of the variance of squared loadings within factors; Kaiser (1958)."""
    squared = loadings**2
    centred = squared - squared.mean(axis=-2, keepdims=True)
    return -(centred**2).sum(axis=(-2, -1)) / 4, -loadings * centred


def oblimin(gamma: float = 0.0) -> Criterion:
    """Covariances of squared loadings over pairs of factors; 0 is quartimin (Jennrich and Sampson 1966)."""

    def criterion(loadings: Array) -> tuple[Array, Array]:
        squared = loadings**2
        others = squared.sum(axis=-1, keepdims=True) - squared
        if gamma:
            others = others - gamma * others.mean(axis=-2, keepdims=True)
        return (squared * others).sum(axis=(-2, -1)) / 4, loadings * others

    return criterion


def crawford_ferguson(kappa: float) -> Criterion:
    """Complexity of variables, ``1 - kappa`` of it, and of factors, ``kappa`` of it; Crawford and Ferguson (1970).

    Orthogonal: 0 is quartimax, 1/p varimax, k/2p equamax, (k - 1)/(p + k - 2) parsimax, 1 factor parsimony.
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        squared = loadings**2
        of_row = squared.sum(axis=-1, keepdims=True) - squared
        of_column = squared.sum(axis=-2, keepdims=True) - squared
        crossed = (1 - kappa) * of_row + kappa * of_column
        return (squared * crossed).sum(axis=(-2, -1)) / 4, loadings * crossed

    return criterion


def geomin(epsilon: float = 0.01) -> Criterion:
    """Geometric means of ``loading² + epsilon`` over factors, summed over variables; Yates (1987)."""

    def criterion(loadings: Array) -> tuple[Array, Array]:
        raised = loadings**2 + epsilon
        means = np.exp(np.log(raised).mean(axis=-1, keepdims=True))
        return means.sum(axis=(-2, -1)), 2 / loadings.shape[-1] * loadings / raised * means

    return criterion


def target(wanted: Array, weights: Array) -> Criterion:
    """Weighted squared distance from ``wanted``; weight 0 leaves a loading free.  Browne (1972)."""

    def criterion(loadings: Array) -> tuple[Array, Array]:
        away = weights * (loadings - wanted)
        return (away * (loadings - wanted)).sum(axis=(-2, -1)), 2 * away

    return criterion


def bifactor(of_groups: Criterion) -> Criterion:
    """``of_groups`` over all factors but the first; Jennrich and Bentler (2011, 2012), Psychometrika 76, 537-549."""

    def criterion(loadings: Array) -> tuple[Array, Array]:
        value, slope = of_groups(loadings[..., 1:])
        return value, np.concatenate([np.zeros_like(loadings[..., :1]), slope], axis=-1)

    return criterion


def simplimax(zeros: int) -> Criterion:
    """Sum of the ``zeros`` smallest squared loadings; Kiers (1994)."""

    def criterion(loadings: Array) -> tuple[Array, Array]:
        size = (loadings**2).real.reshape(*loadings.shape[:-2], -1)
        limit = np.partition(size, zeros - 1, axis=-1)[..., zeros - 1]
        small = loadings * (loadings.real**2 <= limit[..., None, None])
        return (small**2).sum(axis=(-2, -1)), 2 * small

    return criterion


def bentler(loadings: Array) -> tuple[Array, Array]:
    """Invariant pattern simplicity, ``(log|diag M| - log|M|) / 4`` of ``M = (L²)'(L²)``; Bentler (1977)."""
    squared = loadings**2
    cross = squared.swapaxes(-2, -1) @ squared
    own = np.diagonal(cross, axis1=-2, axis2=-1)
    value = (np.log(own).sum(axis=-1) - np.log(np.linalg.det(cross))) / 4
    inverse = np.linalg.inv(cross)
    return value, loadings * (squared / own[..., None, :] - squared @ inverse)
