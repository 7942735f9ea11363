"""Whether one set of slopes serves all thresholds of an ordered logit: Brant's test, and the likelihood ratio.

Brant (1990), Biometrics 46, 1171-1178: binary logits of "above k" for every threshold, whose slopes would be equal.
Peterson and Harrell (1990), Applied Statistics 39, 205-217: the model in which a term has slopes of its own at every
threshold.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from sgsurvey.numerics.cumulative import Cumulative
from sgsurvey.numerics.linalg import Array

CONVERGED = 1e-16


def binary_logits(model: Cumulative) -> list[Cumulative]:
    """The logit of "above threshold k" for each k."""
    above = [(model.y > k).astype(np.int64) for k in range(model.categories - 1)]
    return [Cumulative(model.X, each, 2, "logit") for each in above]


def separate_slopes(model: Cumulative, w: Array) -> tuple[Array, Array]:
    """Slopes of the binary logits, and their joint covariance under the ordered model.

    Returns
    -------
    slopes : ndarray, shape (K - 1, p)
    covariance : ndarray, shape ((K - 1) p, (K - 1) p)
        Brant (1990), equation (4): logits of the same rows, with ``cov(z_k, z_l) = P_l - P_k P_l`` for k < l.
    """
    fitted = [each.value(w) for each in binary_logits(model)]
    one = np.column_stack([np.ones(len(model.X)), model.X])
    above = [special.expit(model.X @ theta[1:] - theta[0]) for theta in fitted]
    inverses = [np.linalg.inv((one * (w * p * (1 - p))[:, None]).T @ one) for p in above]
    cuts, p = len(fitted), model.X.shape[1]
    covariance = np.empty((cuts, p, cuts, p))
    for k in range(cuts):
        for at in range(k, cuts):
            shared = (one * (w * above[at] * (1 - above[k]))[:, None]).T @ one
            block = (inverses[k] @ shared @ inverses[at])[1:, 1:]
            covariance[k, :, at], covariance[at, :, k] = block, block.T
    return np.array([theta[1:] for theta in fitted]), covariance.reshape(cuts * p, cuts * p)


def differences(cuts: int, p: int, columns: list[int]) -> Array:
    """Contrasts of the slopes of ``columns`` at each threshold with those at the first; shape (q, cuts p)."""
    rows = []
    for k in range(1, cuts):
        for column in columns:
            row = np.zeros((cuts, p))
            row[0, column], row[k, column] = -1.0, 1.0
            rows.append(row.ravel())
    return np.array(rows)


def free_log_likelihood(model: Cumulative, theta: Array, w: Array, columns: list[int]) -> float:
    """Log-likelihood when ``columns`` have slopes of their own at every threshold; nan where it has no maximum.

    Parameters
    ----------
    theta : ndarray, shape (K - 1 + p,)
        Estimates with slopes in common, from which the search starts.
    """
    cuts, others = model.categories - 1, [j for j in range(model.X.shape[1]) if j not in columns]
    upper, lower = (_edge_rows(model, model.y - back, columns, others) for back in (0, 1))
    last, first = model.y == cuts, model.y == 0
    at = np.concatenate([theta[:cuts], np.tile(theta[cuts:][columns], cuts), theta[cuts:][others]])
    value, gradient, curvature = _derivatives(upper, lower, last, first, at, w)
    for _ in range(100):
        try:
            step = np.linalg.solve(curvature, gradient)
        except np.linalg.LinAlgError:
            return float("nan")
        if gradient @ step < CONVERGED * w.sum():
            return value
        length = 1.0
        while length > 1e-10:
            found = _derivatives(upper, lower, last, first, at + length * step, w)
            if found[0] >= value - 1e-12 * abs(value):
                break
            length /= 2
        else:
            return float("nan")
        at = at + length * step
        value, gradient, curvature = found
    return float("nan")


def _edge_rows(model: Cumulative, threshold: npt.NDArray[np.int64], columns: list[int], others: list[int]) -> Array:
    """Derivative of the edge ``alpha_k - x_1'gamma_k - x_2'beta`` by the parameters; 0 where there is no edge."""
    cuts, n = model.categories - 1, len(model.X)
    there = np.flatnonzero((threshold >= 0) & (threshold < cuts))
    k = threshold[there]
    rows = np.zeros((n, cuts * (1 + len(columns)) + len(others)))
    rows[there, k] = 1.0
    for i, column in enumerate(columns):
        rows[there, cuts + k * len(columns) + i] = -model.X[there, column]
    rows[there, rows.shape[1] - len(others) :] = -model.X[there][:, others]
    return rows


def _derivatives(
    upper: Array, lower: Array, last: Array, first: Array, at: Array, w: Array
) -> tuple[float, Array, Array]:
    """Log-likelihood (minus infinity where lines cross), gradient and minus the second derivatives."""
    high, low = np.where(last, np.inf, upper @ at), np.where(first, -np.inf, lower @ at)
    p = np.where(low > 0, special.expit(-low) - special.expit(-high), special.expit(high) - special.expit(low))
    if (p <= 0).any():
        return -np.inf, np.zeros(len(at)), np.eye(len(at))
    bells = [special.expit(z) * special.expit(-z) for z in (high, low)]
    bends = [bell * (special.expit(-z) - special.expit(z)) for bell, z in zip(bells, (high, low), strict=True)]
    gradient = (upper * (bells[0] / p)[:, None]) - (lower * (bells[1] / p)[:, None])
    second = (upper * (w * bends[0] / p)[:, None]).T @ upper - (lower * (w * bends[1] / p)[:, None]).T @ lower
    return float(w @ np.log(p)), w @ gradient, (gradient * w[:, None]).T @ gradient - second
