"""Direct and indirect effects in a chain of linear regressions, from covariances of many samples at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from sgsurvey.numerics.linalg import Array

Route = tuple[int, ...]


def routes(mediators: int, *, serial: bool) -> list[Route]:
    """The mediators that each indirect path from cause to outcome goes through, in order; 0, 1 … are the mediators."""
    if not serial:
        return [(j,) for j in range(mediators)]
    return [route for size in range(1, mediators + 1) for route in combinations(range(mediators), size)]


def chain_coefficients(cov: Array, mediators: int, *, serial: bool) -> Array:
    """Slopes of each mediator and the outcome on what comes before.

    Parameters
    ----------
    cov : ndarray, shape (D, k + 2, k + 2)
        Of cause, k mediators, outcome, beyond the constant and covariates.
    serial : bool
        Mediators in a row, each on those before it; else side by side, on the cause alone.

    Returns
    -------
    ndarray, shape (D, k + 2, k + 2)
        Row: the dependent variable; column: what it is regressed on.
    """
    slopes = np.zeros_like(cov)
    for at in range(1, mediators + 2):
        before = list(range(at)) if serial or at == mediators + 1 else [0]
        slopes[:, at, before] = np.linalg.solve(cov[:, before][:, :, before], cov[:, before, at][:, :, None])[:, :, 0]
    return slopes


def indirect_effects(slopes: Array, paths: Sequence[Route]) -> Array:
    """Product of the slopes along each path from the cause (0) to the outcome (last); shape (D, paths)."""
    outcome = slopes.shape[1] - 1
    products = []
    for path in paths:
        stops = [0, *(mediator + 1 for mediator in path), outcome]
        steps = zip(stops[1:], stops[:-1], strict=True)
        products.append(np.prod([slopes[:, to, of] for to, of in steps], axis=0))
    return np.stack(products, axis=1)
