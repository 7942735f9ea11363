"""Weights of standardised items in factor scores."""

from collections.abc import Callable

import numpy as np

from sgsurvey.numerics.linalg import Array, symmetric_root


def regression_weights(corr: Array, pattern: Array, phi: Array, _: Array) -> Array:
    """Thurstone's (1935) regression scores, ``R^-1 L phi``; shape (p, k)."""
    return np.asarray(np.linalg.solve(corr, pattern @ phi))


def bartlett_weights(_: Array, pattern: Array, __: Array, uniqueness: Array) -> Array:
    """Bartlett's (1937) scores, ``U^-1 L (L' U^-1 L)^-1``; shape (p, k)."""
    scaled = pattern / uniqueness[:, None]
    return np.asarray(scaled @ np.linalg.inv(pattern.T @ scaled))


def tenberge_weights(corr: Array, pattern: Array, phi: Array, _: Array) -> Array:
    """Scores that correlate as the factors do; shape (p, k).

    ten Berge, Krijnen, Wansbeek and Shapiro (1999), Linear Algebra and its Applications 289, 311-318.
    """
    inverse_root, phi_root = symmetric_root(corr, -0.5), symmetric_root(phi)
    turned = inverse_root @ pattern @ phi_root
    return np.asarray(inverse_root @ turned @ symmetric_root(turned.T @ turned, -0.5) @ phi_root)


def anderson_weights(corr: Array, pattern: Array, _: Array, uniqueness: Array) -> Array:
    """Scores that do not correlate at all, ``U^-1 L (L' U^-1 R U^-1 L)^-½``; Anderson and Rubin (1956)."""
    scaled = pattern / uniqueness[:, None]
    return np.asarray(scaled @ symmetric_root(scaled.T @ corr @ scaled, -0.5))


# Each takes the correlations, pattern, factor correlations and uniquenesses.
SCORES: dict[str, Callable[[Array, Array, Array, Array], Array]] = {
    "regression": regression_weights,
    "bartlett": bartlett_weights,
    "tenberge": tenberge_weights,
    "anderson": anderson_weights,
}
