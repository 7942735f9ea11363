"""Average marginal effects of cumulative models, with their derivatives in the parameters.

The effect of a number is the mean slope of a probability; that of a category the mean difference from its reference.
Long and Freese (2014), Regression Models for Categorical Dependent Variables Using Stata, chapter 7.  Errors follow
from the derivatives (delta method), the predictors taken as they are.
"""

from __future__ import annotations

import numpy as np

from sgsurvey.numerics.cumulative import Cumulative
from sgsurvey.numerics.linalg import Array


def slope_effects(model: Cumulative, theta: Array, w: Array, column: int) -> tuple[Array, Array]:
    """Mean slopes of ``P(y > k)`` in a column, k = 1 … K - 1.

    Returns
    -------
    effects : ndarray, shape (K - 1,)
    derivatives : ndarray, shape (K - 1, q)
    """
    cuts = model.categories - 1
    density, bend = model.densities(theta)
    share, b = w / w.sum(), theta[cuts + column]
    effects = share @ density * b
    derivatives = np.zeros((cuts, len(theta)))
    derivatives[:, :cuts] = np.diag(share @ bend * b)
    derivatives[:, cuts:] = -(bend * share[:, None]).T @ model.X * b
    derivatives[:, cuts + column] += share @ density
    return effects, derivatives


def step_effects(model: Cumulative, theta: Array, w: Array, before: Array, after: Array) -> tuple[Array, Array]:
    """Mean differences of ``P(y > k)`` from predictors ``before`` to ``after``, shape (n, p); as ``slope_effects``."""
    share = w / w.sum()
    (high, high_derivatives), (low, low_derivatives) = (
        mean_above(model, theta, X, share, model.offset) for X in (after, before)
    )
    return high - low, high_derivatives - low_derivatives


def mean_above(
    model: Cumulative, theta: Array, X: Array, share: Array, offset: Array | None = None
) -> tuple[Array, Array]:
    """Means of ``P(y > k)`` over rows ``X``, shape (n, p), each counting ``share``; as ``slope_effects``."""
    at = _at(model, X, offset)
    density, _ = at.densities(theta)
    means = share @ (1 - np.cumsum(at.probabilities(theta), axis=1)[:, :-1])
    return means, np.column_stack([-np.diag(share @ density), (density * share[:, None]).T @ X])


def above(model: Cumulative, theta: Array, X: Array, offset: Array | None = None) -> tuple[Array, Array]:
    """``P(y > k)`` of each row ``X``, shape (n, K - 1), and its derivatives, shape (n, K - 1, q)."""
    at = _at(model, X, offset)
    density, _ = at.densities(theta)
    derivatives = np.concatenate(
        [-density[:, :, None] * np.eye(model.categories - 1), density[:, :, None] * X[:, None, :]], axis=2
    )
    return 1 - np.cumsum(at.probabilities(theta), axis=1)[:, :-1], derivatives


def _at(model: Cumulative, X: Array, offset: Array | None) -> Cumulative:
    """The model over other rows, of which no outcome is known."""
    return Cumulative(X, np.zeros(len(X), dtype=np.int64), model.categories, model.link, offset)


def by_category(above: Array) -> Array:
    """What belongs to each category from what belongs to ``P(y > k)``; shape (K, …) from (K - 1, …)."""
    none = np.zeros((1, *above.shape[1:]))
    return np.asarray(-np.diff(np.concatenate([none, above, none]), axis=0))
