"""How rotated loadings and factor correlations move with the correlations that they were found in.

The solution is where the slope of the fit function and the conditions of the rotation are 0; what keeps them at 0 while
a correlation moves follows from one bordered system (Jennrich 1974, Psychometrika 39, 593-604, in the form for any fit
function; Zhang and Preacher 2015, Journal of Educational and Behavioral Statistics 40, 579-603).  The Hessian is the
whole one, so that the slopes are exact where the model does not hold.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.rotation_criteria import Criterion

# pattern (..., p, k), phi (..., k, k) and uniqueness (p,) to numbers (..., m) that are 0 at the solution
Conditions = Callable[[Array, Array, Array], Array]
STEP = 1e-30
# Beyond this condition number rounding decides: the rotation is not settled.
FLATTEST = 1e13


@dataclass(frozen=True)
class FitFunction:
    """What an extraction minimises, as far as its solution tells.

    Attributes
    ----------
    name : "least_squares", "likelihood" or "weighted"
    weights : ndarray, shape (p, p)
        Of squared residuals, for "weighted"; its diagonal does not count.
    """

    name: str
    weights: Array | None = None

    def bend(self, corr: Array, implied: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Slope in the implied matrix, shape (p, p), and how it moves with it: (..., p, p) to (..., p, p)."""
        if self.name == "least_squares":
            return np.asarray(implied - corr), lambda moved: moved
        if self.weights is not None:
            weights = self.weights * (1 - np.eye(len(corr)))
            return weights * (implied - corr), lambda moved: weights * moved
        inverse = np.linalg.inv(implied)
        fitted = inverse @ corr @ inverse

        def moves(moved: Array) -> Array:
            across = inverse @ moved @ fitted
            return across + across.swapaxes(-2, -1) - inverse @ moved @ inverse

        return np.asarray(inverse - fitted), moves

    def pull(self, implied: Array, moved: Array) -> Array:
        """How the slope along each of ``moved``, shape (s, p, p), answers a correlation: shape (s, p, p)."""
        if self.name == "least_squares":
            return -moved
        if self.weights is not None:
            return -self.weights * moved
        inverse = np.linalg.inv(implied)
        return -inverse @ moved @ inverse


def rotation_conditions(criterion: Criterion, *, oblique: bool, kaiser: bool) -> Conditions:
    """What is 0 at the end of a rotation: the off-diagonal of ``L'G phi^-1``, or ``L'G - G'L`` (Jennrich 1973)."""

    def conditions(pattern: Array, phi: Array, _: Array) -> Array:
        if kaiser:
            common = ((pattern @ phi) * pattern).sum(axis=-1, keepdims=True)
            pattern = pattern / np.sqrt(np.where(common.real > 1e-24, common, 1.0))
        inner = pattern.swapaxes(-2, -1) @ criterion(pattern)[1]
        k = phi.shape[-1]
        if oblique:
            return (inner @ np.linalg.inv(phi))[..., ~np.eye(k, dtype=bool)]
        below = np.tril_indices(k, -1)
        return (inner - inner.swapaxes(-2, -1))[..., below[0], below[1]]

    return conditions


def canonical_conditions(likelihood: bool) -> Conditions:
    """What is 0 for unrotated factors: the off-diagonal of ``L'L``, or of ``L' Psi^-1 L`` of maximum likelihood."""

    def conditions(pattern: Array, phi: Array, uniqueness: Array) -> Array:
        scaled = pattern / uniqueness[..., :, None] if likelihood else pattern
        below = np.tril_indices(phi.shape[-1], -1)
        return (pattern.swapaxes(-2, -1) @ scaled)[..., below[0], below[1]]

    return conditions


def slopes(
    corr: Array,
    pattern: Array,
    phi: Array,
    uniqueness: Array,
    fit: FitFunction,
    conditions: Conditions,
    *,
    oblique: bool,
) -> Array:
    """Slopes of the loadings (row by row) and of phi (below its diagonal) in the correlations below the diagonal.

    Returns
    -------
    ndarray, shape (p k + k (k - 1) / 2, p (p - 1) / 2)
        Rows of phi are 0 for orthogonal factors.

    Raises
    ------
    LinAlgError
        The conditions do not settle the rotation.
    """
    p, k = pattern.shape
    implied = pattern @ phi @ pattern.T + np.diag(uniqueness)
    moved = _directions(pattern, phi, fit.weights is None)
    free = np.arange(len(moved))
    if not oblique:
        free = np.delete(free, np.arange(p * k, p * k + _pairs(k)))
    slope, moves = fit.bend(corr, implied)
    flat = moved.reshape(len(moved), -1)
    hessian = flat @ moves(moved).reshape(len(moved), -1).T + _curvature(slope, pattern, phi, len(moved))
    bound = _condition_slopes(conditions, pattern, phi, uniqueness, len(moved))
    below = np.tril_indices(p, -1)
    pulled = 2 * fit.pull(implied, moved)[:, below[0], below[1]]
    hessian, bound, pulled = hessian[np.ix_(free, free)], bound[:, free], pulled[free]
    m = len(bound)
    border = np.block([[hessian, bound.T], [bound, np.zeros((m, m))]])
    if np.linalg.cond(border, 1) > FLATTEST:
        raise np.linalg.LinAlgError("the conditions of the rotation do not settle it")
    answer = np.linalg.solve(border, np.vstack([-pulled, np.zeros((m, pulled.shape[1]))]))
    found = np.zeros((p * k + _pairs(k), pulled.shape[1]))
    kept = free[free < len(found)]
    found[kept] = answer[: len(kept)]
    return found


def carried(found: Array, pattern: Array, change: Callable[[Array], tuple[Array, Array]]) -> Array:
    """``slopes`` of what ``change`` makes of orthogonal loadings: a pattern (..., p, k) and phi (..., k, k)."""
    p, k = pattern.shape
    steps = pattern + 1j * STEP * np.eye(p * k).reshape(p * k, p, k)
    made, phi = change(steps)
    below = np.tril_indices(k, -1)
    turned = np.hstack([made.reshape(p * k, -1).imag, phi[:, below[0], below[1]].imag]) / STEP
    return turned.T @ found[: p * k]


def _pairs(k: int) -> int:
    return k * (k - 1) // 2


def _directions(pattern: Array, phi: Array, with_uniqueness: bool) -> Array:
    """How the implied matrix moves with each loading, factor correlation and uniqueness; shape (s, p, p)."""
    p, k = pattern.shape
    structure = pattern @ phi
    of_loadings = np.zeros((p, k, p, p))
    for i in range(p):
        of_loadings[i, :, i, :] += structure.T
        of_loadings[i, :, :, i] += structure.T
    a, b = np.tril_indices(k, -1)
    crossed = pattern[:, a].T[:, :, None] * pattern[:, b].T[:, None, :]
    parts = [of_loadings.reshape(p * k, p, p), crossed + crossed.swapaxes(-2, -1)]
    if with_uniqueness:
        own = np.zeros((p, p, p))
        own[np.arange(p), np.arange(p), np.arange(p)] = 1.0
        parts.append(own)
    return np.concatenate(parts)


def _curvature(slope: Array, pattern: Array, phi: Array, size: int) -> Array:
    """What the second derivatives of the implied matrix add to the Hessian; shape (s, s)."""
    p, k = pattern.shape
    added = np.zeros((size, size))
    added[: p * k, : p * k] = 2 * np.kron(slope, phi)
    leaning = slope @ pattern
    for column, (a, b) in enumerate(zip(*np.tril_indices(k, -1), strict=True), start=p * k):
        crossed = np.zeros((p, k))
        crossed[:, a], crossed[:, b] = 2 * leaning[:, b], 2 * leaning[:, a]
        added[: p * k, column] = added[column, : p * k] = crossed.ravel()
    return added


def _condition_slopes(conditions: Conditions, pattern: Array, phi: Array, uniqueness: Array, size: int) -> Array:
    """Slopes of the conditions in every parameter, by complex steps: exact to rounding; shape (m, s)."""
    p, k = pattern.shape
    patterns = np.tile(pattern.astype(complex), (size, 1, 1))
    phis = np.tile(phi.astype(complex), (size, 1, 1))
    own = np.tile(uniqueness.astype(complex), (size, 1))
    for row, (i, a) in enumerate(np.ndindex(p, k)):
        patterns[row, i, a] += 1j * STEP
    for row, (a, b) in enumerate(zip(*np.tril_indices(k, -1), strict=True), start=p * k):
        phis[row, a, b] += 1j * STEP
        phis[row, b, a] += 1j * STEP
    for i in range(size - p * k - _pairs(k)):
        own[p * k + _pairs(k) + i, i] += 1j * STEP
    return conditions(patterns, phis, own).imag.T / STEP
