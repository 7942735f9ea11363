"""Correlation matrices of independent normal variables, drawn without drawing the data."""

from collections.abc import Iterator

import numpy as np

from sgsurvey.numerics.linalg import Array, correlation


def null_correlations(p: int, n: int, draws: int, rng: np.random.Generator, *, block: int = 250) -> Iterator[Array]:
    """Correlation matrices of ``n`` rows of ``p`` independent normal variables, in blocks of shape (b, p, p).

    Their cross-products are Wishart with ``n - 1`` degrees of freedom, whose Cholesky factor has independent entries:
    roots of chi-squares on the diagonal and standard normals below it (Bartlett 1933; Odell and Feiveson 1966).
    """
    below = np.tril_indices(p, -1)
    diagonal = np.arange(p)
    for first in range(0, draws, block):
        size = min(block, draws - first)
        factor = np.zeros((size, p, p))
        factor[:, below[0], below[1]] = rng.standard_normal((size, len(below[0])))
        factor[:, diagonal, diagonal] = np.sqrt(rng.chisquare(n - 1 - diagonal, (size, p)))
        yield correlation(factor @ factor.transpose(0, 2, 1))
