"""How far a structural model is from a sample, and the parameters at which it is nearest.

Maximum likelihood, ``F = sum_g n_g/N (log|Sigma| + tr(T Sigma^-1) - log|S| - p)`` with
``T = S + (m - mu)(m - mu)'``, and weighted least squares, ``F = r'W r``.  Joreskog (1969), Psychometrika 34, 183-202;
Browne (1984), British Journal of Mathematical and Statistical Psychology 37, 62-83.  The search scores by Fisher, turns
to Newton's steps where the Hessian is positive definite, and damps its steps (Levenberg and Marquardt) where neither
leads down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.structural import GroupStructure, Solved, Structure, Tangent

# The search is over when no parameter's slope, in units of its own information, is larger.
TOLERANCE = 1e-10
# Where rounding stops the search earlier, up to this much slope still counts as the minimum.
STALLED = 1e-6


@dataclass(frozen=True)
class SampleMoments:
    """What a group's rows say.

    Attributes
    ----------
    n : float
        Rows.
    cov : ndarray, shape (p, p)
        With divisor ``n``.
    mean : ndarray, shape (p,), or None
        Needed where the structure has means.
    """

    n: float
    cov: Array
    mean: Array | None = None


@dataclass(frozen=True)
class Fitted:
    """Parameters at the minimum.

    Attributes
    ----------
    theta : ndarray, shape (q,)
    value : float
        ``F`` at the minimum.
    information : ndarray, shape (q, q)
        Half the expected second derivatives of ``F``; by ML its inverse over N is the covariance of ``theta``.
    converged : bool
    steps : int
    slope : float
        The largest remaining slope, in units of its parameter's information.
    """

    theta: Array
    value: float
    information: Array
    converged: bool
    steps: int
    slope: float


class Objective(Protocol):
    """A function to minimise: infinite where it does not exist."""

    def value(self, theta: Array) -> float:
        """``F``."""

    def slope(self, theta: Array) -> tuple[Array, Array]:
        """Its gradient (q,), and a positive semidefinite stand-in for its Hessian (q, q)."""

    def hessian(self, theta: Array) -> Array | None:
        """Its Hessian (q, q), where it is at hand."""


@dataclass(frozen=True)
class Likelihood:
    """The ML discrepancy of all groups."""

    structure: Structure
    samples: Sequence[SampleMoments]

    @property
    def n(self) -> float:
        """Rows of all groups."""
        return sum(sample.n for sample in self.samples)

    def value(self, theta: Array) -> float:
        """``F``: twice the log likelihood ratio of the saturated model, per row."""
        total = 0.0
        for part, sample in zip(self.structure.parts, self.samples, strict=True):
            try:
                implied = part.implied(theta)
                root = np.linalg.cholesky(implied.cov)
                gap = self._gap(sample, implied.mean)
                spread = np.linalg.solve(implied.cov, sample.cov + np.outer(gap, gap))
            except np.linalg.LinAlgError:  # not positive definite, or so nearly singular that it cannot be solved
                return float("inf")
            logs = 2 * np.log(np.diag(root)).sum() - np.linalg.slogdet(sample.cov)[1]
            total += sample.n / self.n * (logs + np.trace(spread) - part.p)
        return float(total) if np.isfinite(total) else float("inf")

    def slope(self, theta: Array) -> tuple[Array, Array]:
        """Gradient and expected Hessian."""
        slope, curve = np.zeros(len(theta)), np.zeros((len(theta), len(theta)))
        for part, share, local in self._locals(theta):
            slope += share * part.weights.T @ local.slope()
            curve += share * part.weights.T @ local.expected() @ part.weights
        return slope, curve

    def hessian(self, theta: Array) -> Array:
        """The second derivatives of ``F``."""
        curve = np.zeros((len(theta), len(theta)))
        for part, share, local in self._locals(theta):
            curve += share * part.weights.T @ local.observed() @ part.weights
        return curve

    def _locals(self, theta: Array) -> list[tuple[GroupStructure, float, _Local]]:
        found = []
        for part, sample in zip(self.structure.parts, self.samples, strict=True):
            full = part.solved(theta)
            gap = self._gap(sample, full.mean[: part.p])
            found.append((part, sample.n / self.n, _Local.at(part, full, sample.cov, gap)))
        return found

    def _gap(self, sample: SampleMoments, mean: Array) -> Array:
        if not self.structure.means or sample.mean is None:
            return np.zeros(len(mean))
        return sample.mean - mean


@dataclass(frozen=True)
class _Local:
    """One group's ML discrepancy near a point, in the moving elements of its matrices."""

    part: GroupStructure
    full: Solved
    tangent: Tangent
    inverse: Array
    spread: Array
    pull: Array

    @classmethod
    def at(cls, part: GroupStructure, full: Solved, cov: Array, gap: Array) -> _Local:
        inverse = np.asarray(np.linalg.inv(full.cov[: part.p, : part.p]), dtype=float)
        spread = inverse @ (cov + np.outer(gap, gap)) @ inverse
        return cls(part, full, part.tangent(full), inverse, spread, inverse @ gap)

    def slope(self) -> Array:
        near = self.tangent
        misfit = self.inverse - self.spread
        return np.asarray(2 * ((misfit @ near.left) * near.right).sum(axis=0) - 2 * near.mean.T @ self.pull)

    def expected(self) -> Array:
        near = self.tangent
        return self._traces(self.inverse) + 2 * near.mean.T @ self.inverse @ near.mean

    def observed(self) -> Array:
        near = self.tangent
        bent = self.part.bent(self.full, self.inverse - self.spread, -2 * self.pull)
        curved = 2 * self._traces(self.spread) - self._traces(self.inverse)
        lifted = self.inverse @ near.mean
        cross = (self.pull @ near.left)[:, None] * (near.right.T @ lifted)
        cross += (self.pull @ near.right)[:, None] * (near.left.T @ lifted)
        return np.asarray(bent + curved + 2 * (cross + cross.T) + 2 * near.mean.T @ lifted)

    def _traces(self, other: Array) -> Array:
        """``tr(other D_e inverse D_f)`` for all pairs of elements."""
        x, y = self.tangent.left, self.tangent.right
        a, b, c = x.T @ self.inverse @ x, x.T @ self.inverse @ y, y.T @ self.inverse @ y
        a2, b2, c2 = x.T @ other @ x, x.T @ other @ y, y.T @ other @ y
        return np.asarray(b.T * b2 + c * a2 + a * c2 + b * b2.T)


@dataclass(frozen=True)
class LeastSquares:
    """``(s - sigma)'W(s - sigma)``.

    Attributes
    ----------
    moments : callable theta -> (sigma (m,), derivatives (m, q))
    statistics : ndarray, shape (m,)
    weight : ndarray, shape (m,) for a diagonal ``W``, or (m, m)
    """

    moments: Callable[[Array], tuple[Array, Array]]
    statistics: Array
    weight: Array

    def value(self, theta: Array) -> float:
        """``F``."""
        try:
            gap = self.statistics - self.moments(theta)[0]
        except np.linalg.LinAlgError:
            return float("inf")
        total = float(gap @ self._weighted(gap))
        return total if np.isfinite(total) else float("inf")

    def slope(self, theta: Array) -> tuple[Array, Array]:
        """Gradient and the Hessian of Gauss and Newton."""
        sigma, turn = self.moments(theta)
        weighted = self._weighted(turn)
        return -2 * weighted.T @ (self.statistics - sigma), 2 * turn.T @ weighted

    def hessian(self, theta: Array) -> None:
        """Not at hand."""

    def _weighted(self, x: Array) -> Array:
        if self.weight.ndim == 2:
            return np.asarray(self.weight @ x)
        return np.asarray((self.weight * x.T).T)


def stacked(structure: Structure, theta: Array) -> tuple[Array, Array]:
    """All implied statistics and their derivatives: of each group the means, if modelled, then ``vech`` of the cov."""
    values, slopes = [], []
    for part, implied, turn in zip(structure.parts, structure.implied(theta), structure.jacobian(theta), strict=True):
        if structure.means:
            values.append(implied.mean)
            slopes.append(turn.mean)
        values.append(implied.cov[part.triangle])
        slopes.append(turn.cov)
    return np.concatenate(values), np.vstack(slopes)


def observed_statistics(structure: Structure, samples: Sequence[SampleMoments]) -> Array:
    """The sample's statistics in the order of ``stacked``."""
    values = []
    for part, sample in zip(structure.parts, samples, strict=True):
        if structure.means and sample.mean is not None:
            values.append(sample.mean)
        values.append(sample.cov[part.triangle])
    return np.concatenate(values)


def minimise(objective: Objective, start: Array, *, limit: int = 300) -> Fitted:
    """The minimum of an objective nearest downhill from ``start``.

    Notes
    -----
    ``Fitted.converged`` is False when the slope was not brought down, and when ``start`` lies where the objective
    does not exist.
    """
    theta, value = np.asarray(start, dtype=float), objective.value(start)
    if not np.isfinite(value):
        return Fitted(theta, value, np.full((len(theta), len(theta)), np.nan), False, 0, float("inf"))
    damping, stalled, largest, steps = 0.0, 0, float("inf"), 0
    slope, curve = objective.slope(theta)
    while steps < limit:
        scale = np.sqrt(np.maximum(np.diag(curve), np.finfo(float).tiny))
        before, largest = largest, float(np.abs(slope / scale).max(initial=0.0))
        stalled = stalled + 1 if largest < STALLED and largest > 0.5 * before else 0
        if largest < TOLERANCE or stalled >= 3:
            break
        hessian = objective.hessian(theta) if damping == 0.0 and largest < 0.3 else None
        step = _direction(slope, curve, scale, hessian, damping)
        moved = _shortened(objective, theta, value, slope, step, tiny=largest < STALLED)
        if moved is None:
            if damping > 1e8:
                break
            damping, steps = max(10 * damping, 1e-3), steps + 1
            continue
        theta, value, full = moved
        damping = (damping / 10 if damping > 1e-3 else 0.0) if full else max(2 * damping, 0.1)
        slope, curve = objective.slope(theta)
        steps += 1
    return Fitted(theta, value, curve / 2, largest < STALLED, steps, largest)


def _direction(slope: Array, curve: Array, scale: Array, hessian: Array | None, damping: float) -> Array:
    """Newton's step where the Hessian is positive definite, else Fisher's, damped."""
    outer = np.outer(scale, scale)
    for matrix, ridge in ((hessian, 0.0), (curve, damping), (curve, damping + 1e-8)):
        if matrix is None:
            continue
        scaled = matrix / outer + ridge * np.eye(len(slope))
        try:
            np.linalg.cholesky(scaled)
            return np.asarray(-np.linalg.solve(scaled, slope / scale) / scale)
        except np.linalg.LinAlgError:
            continue
    return np.asarray(-slope / scale**2)


def _shortened(
    objective: Objective, theta: Array, value: float, slope: Array, step: Array, *, tiny: bool
) -> tuple[Array, float, bool] | None:
    """The first of the halved steps that lowers the value enough (Armijo); None if none does."""
    expected = float(slope @ step)
    # Near the minimum differences of values are rounding: the slope alone judges there.
    rounding = 1e-13 * (1 + abs(value)) + (1e-10 if tiny else 0.0)
    length = 1.0
    for _ in range(25):
        trial = theta + length * step
        found = objective.value(trial)
        if found <= value + 1e-4 * length * expected + rounding:
            return trial, found, length == 1.0
        length /= 2
    return None
