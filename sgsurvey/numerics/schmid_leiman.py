"""The Schmid-Leiman transformation: correlated factors become one general factor and what is left of the groups.

Schmid and Leiman (1957), Psychometrika 22, 53-61.
"""

from typing import NamedTuple

import numpy as np

from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.linalg import Array


class SchmidLeiman(NamedTuple):
    """Loadings on orthogonal factors: one general, and one for each group of variables.

    Attributes
    ----------
    general : ndarray, shape (p,)
    group : ndarray, shape (p, k)
    second_order : ndarray, shape (k,)
        Loadings of the first-order factors on the general one.
    proper : bool
        No first-order factor is all general (a Heywood case of the second order), and its search converged.
    """

    general: Array
    group: Array
    second_order: Array
    proper: bool


def schmid_leiman(pattern: Array, phi: Array) -> SchmidLeiman:
    """One minres factor of ``phi`` is the general one; ``general² + sum(group²)`` is the communality it reproduces.

    Two factors do not identify a factor of the second order: their correlation is split equally between them.  A single
    factor is the general one and leaves nothing to a group.

    Parameters
    ----------
    pattern : ndarray, shape (p, k)
        Loadings of an oblique solution.
    phi : ndarray, shape (k, k)
        Correlations of its factors.
    """
    k = len(phi)
    if k == 1:
        return SchmidLeiman(pattern[:, 0].copy(), np.zeros_like(pattern), np.ones(1), True)
    if k == 2:
        half = np.sqrt(abs(phi[0, 1]))
        second, proper = half * np.array([1.0, 1.0 if phi[0, 1] >= 0 else -1.0]), bool(half < 1)
    else:
        found = minres(phi, 1)
        second, proper = found.loadings[:, 0], found.converged and not bool(found.heywood.any())
    return SchmidLeiman(pattern @ second, pattern * np.sqrt(np.maximum(1 - second**2, 0.0)), second, proper)
