"""Rotation of loadings by gradient projection, from many starts at once; promax.

Jennrich (2001), Psychometrika 66, 289-306 (orthogonal); Jennrich (2002), Psychometrika 67, 7-19 (oblique).  Steps are
as long as the last move of the gradient tells (Barzilai and Borwein 1988, IMA Journal of Numerical Analysis 8, 141-148)
and need not lower the criterion each time, only its running mean (Zhang and Hager 2004, SIAM Journal on Optimization
14, 1043-1056).  A search alone ends by Newton's method.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.newton import Index
from sgsurvey.numerics.rotation_criteria import Criterion

# Length of the projected gradient at which a rotation is over: 1e-5, the habit, leaves four digits.
TOLERANCE = 1e-7
# Where the criterion no longer moves, this much of a gradient is rounding.
ROUNDING = 1e-5
STEPS = 2000
IDLE = 30
# A search alone ends by Newton's method once its slope is this short.
NEAR, NEWTON = 3e-2, 8
MEMORY = 0.85


@dataclass(frozen=True)
class Rotated:
    """Rotated loadings.

    Attributes
    ----------
    loadings : ndarray, shape (p, k)
        Pattern.
    phi : ndarray, shape (k, k)
        Correlations of the factors.
    value : float
        Criterion at the end.
    converged : bool
    """

    loadings: Array
    phi: Array
    value: float
    converged: bool


@dataclass(frozen=True)
class Ends:
    """Where B searches ended: pattern (B, p, k), phi (B, k, k), value (B,), converged (B,), and their steps."""

    loadings: Array
    phi: Array
    value: Array
    converged: npt.NDArray[np.bool_]
    steps: int

    def best(self) -> Rotated:
        """The lowest end among those that converged, or among all where none did."""
        at = int(np.where(self.converged | ~self.converged.any(), self.value, np.inf).argmin())
        return Rotated(self.loadings[at], self.phi[at], float(self.value[at]), bool(self.converged[at]))


def orthogonal(loadings: Array, criterion: Criterion, starts: Array) -> Ends:
    """Minimise ``criterion(L T)`` over orthogonal ``T`` from each of ``starts``, shape (B, k, k).

    ``loadings`` has shape (p, k), or (B, p, k) where each search has its own.  A step is brought back to the orthogonal
    matrices by a singular value decomposition.
    """
    return _descend(_OnOrthogonal(loadings, criterion), starts)


def oblique(loadings: Array, criterion: Criterion, starts: Array) -> Ends:
    """Minimise ``criterion(L T'^-1)`` over ``T`` with columns of length 1; phi is ``T'T``.  As ``orthogonal``."""
    return _descend(_OnOblique(loadings, criterion), starts)


class _Place(NamedTuple):
    """Where searches stand: turn (b, k, k), pattern, value (b,), and the slope along the surface (b, k, k)."""

    turn: Array
    pattern: Array
    value: Array
    slope: Array

    def of(self, rows: Index) -> "_Place":
        return _Place(*(part[rows] for part in self))


@dataclass(frozen=True)
class _OnOrthogonal:
    loadings: Array
    criterion: Criterion

    def at(self, turn: Array, rows: Index) -> _Place:
        loadings = self.loadings if self.loadings.ndim == 2 else self.loadings[rows]
        pattern = loadings @ turn
        value, slope = self.criterion(pattern)
        gradient = loadings.swapaxes(-2, -1) @ slope
        crossed = turn.swapaxes(-2, -1) @ gradient
        return _Place(turn, pattern, value, gradient - turn @ (crossed + crossed.swapaxes(-2, -1)) / 2)

    def back(self, turn: Array) -> Array:
        left, _, right = np.linalg.svd(turn)
        return left @ right

    def directions(self, k: int) -> Array:
        a, b = np.tril_indices(k, -1)
        units = np.zeros((len(a), k, k))
        units[np.arange(len(a)), a, b], units[np.arange(len(a)), b, a] = 1.0, -1.0
        return units

    def pull(self, turn: Array) -> Array:
        pattern = self.loadings @ turn
        inner = pattern.swapaxes(-2, -1) @ self.criterion(pattern)[1]
        below = np.tril_indices(turn.shape[-1], -1)
        return (inner - inner.swapaxes(-2, -1))[..., below[0], below[1]]

    def phi(self, turn: Array) -> Array:
        return np.broadcast_to(np.eye(turn.shape[-1]), turn.shape).copy()


@dataclass(frozen=True)
class _OnOblique:
    loadings: Array
    criterion: Criterion

    def at(self, turn: Array, rows: Index) -> _Place:
        loadings = self.loadings if self.loadings.ndim == 2 else self.loadings[rows]
        inverse = np.linalg.inv(turn).swapaxes(-2, -1)
        pattern = loadings @ inverse
        value, slope = self.criterion(pattern)
        gradient = -inverse @ (slope.swapaxes(-2, -1) @ pattern)
        return _Place(turn, pattern, value, gradient - turn * (turn * gradient).sum(axis=-2, keepdims=True))

    def back(self, turn: Array) -> Array:
        return turn / np.sqrt((turn**2).sum(axis=-2, keepdims=True))

    def directions(self, k: int) -> Array:
        units = np.eye(k * k).reshape(k * k, k, k)
        return units[~np.eye(k, dtype=bool).ravel()]

    def pull(self, turn: Array) -> Array:
        turn = self.back(turn)
        pattern = self.loadings @ np.linalg.inv(turn).swapaxes(-2, -1)
        inner = self.criterion(pattern)[1].swapaxes(-2, -1) @ pattern
        own = np.diagonal(inner, axis1=-2, axis2=-1)[..., None, :]
        k = turn.shape[-1]
        return (own * (turn.swapaxes(-2, -1) @ turn) - inner)[..., ~np.eye(k, dtype=bool)]

    def phi(self, turn: Array) -> Array:
        return turn.swapaxes(-2, -1) @ turn


def _settled(surface: _OnOrthogonal | _OnOblique, turn: Array) -> Array | None:
    """The minimum next to ``turn``, shape (k, k), by Newton's method; None where the surface does not bend upward.

    The slope along each direction of the surface is exact, and its own slopes are complex steps.
    """
    units = surface.directions(len(turn))
    for _ in range(NEWTON):
        pull = surface.pull(turn)
        bend = surface.pull(turn @ (np.eye(len(turn)) + 1e-30j * units)).imag / 1e-30
        try:
            np.linalg.cholesky((bend + bend.T) / 2)
        except np.linalg.LinAlgError:
            return None
        move = np.linalg.solve(bend.T, -pull)
        if np.abs(move).max() > 0.3:
            return None
        turn = surface.back(turn @ (np.eye(len(turn)) + np.tensordot(move, units, axes=1)))
        if np.abs(move).max() < 1e-9:
            return turn
    return None


def _descend(surface: _OnOrthogonal | _OnOblique, starts: Array) -> Ends:
    """All searches side by side; each leaves when its slope is short enough or its criterion stands still."""
    here = surface.at(starts, np.arange(len(starts)))
    ends = _Place(*(part.copy() for part in here))
    converged = np.zeros(len(starts), dtype=bool)
    rows: Index = np.arange(len(starts))
    size = _length(here.slope)
    step, mean, weight = 1 / np.maximum(size, 1e-12), here.value.copy(), np.ones(len(starts))
    lowest, idle = here.value.copy(), np.zeros(len(starts))
    near = NEAR if len(starts) == 1 else 0.0
    for steps in range(STEPS + 1):
        if size.max(initial=0.0) < near:
            near, end = near / 10, _settled(surface, here.turn[0])
            if end is not None:
                here = surface.at(end[None], rows)
                size = _length(here.slope)
        done = size < TOLERANCE
        still = (idle > IDLE) & (size < ROUNDING)
        over = done | still
        if over.any() or steps == STEPS:
            for part, new in zip(ends, here, strict=True):
                part[rows] = new
            converged[rows] = over
            left = np.flatnonzero(~over)
            rows, here, size, step, mean = rows[left], here.of(left), size[left], step[left], mean[left]
            weight, lowest, idle = weight[left], lowest[left], idle[left]
        if not len(rows) or steps == STEPS:
            break
        there, used = _stepped(surface, rows, here, step, mean, size)
        move, bend = there.turn - here.turn, there.slope - here.slope
        bent = np.abs((move * bend).sum(axis=(-2, -1)))
        length = (move**2).sum(axis=(-2, -1)) if steps % 2 else bent
        step = length / np.maximum(bent if steps % 2 else (bend**2).sum(axis=(-2, -1)), 1e-300)
        step = np.where((length > 0) & np.isfinite(step), np.clip(step, 1e-6, 1e6), used)
        mean = (MEMORY * weight * mean + there.value) / (MEMORY * weight + 1)
        weight = MEMORY * weight + 1
        lower = there.value < lowest - 1e-15 * np.abs(lowest)
        idle, lowest = np.where(lower, 0, idle + 1), np.minimum(lowest, there.value)
        here, size = there, _length(there.slope)
    return Ends(ends.pattern, surface.phi(ends.turn), ends.value, converged, steps)


def _stepped(
    surface: _OnOrthogonal | _OnOblique, rows: Index, here: _Place, step: Array, mean: Array, size: Array
) -> tuple[_Place, Array]:
    """A step down the slope, halved where the criterion does not fall far enough below its running mean."""
    used = step.copy()
    there = surface.at(surface.back(here.turn - used[:, None, None] * here.slope), rows)
    for _ in range(25):
        enough = mean - 1e-4 * used * size**2 + 1e-14 * np.abs(mean)
        high = np.flatnonzero(~(there.value <= enough))
        if not len(high):
            break
        used[high] /= 4
        trial = surface.back(here.turn[high] - used[high, None, None] * here.slope[high])
        again = surface.at(trial, rows[high])
        for part, new in zip(there, again, strict=True):
            part[high] = new
    return there, used


def _length(slope: Array) -> Array:
    return np.sqrt((slope**2).sum(axis=(-2, -1)))


def promax(varimax: Array, target: Array) -> tuple[Array, Array]:
    """Pattern and phi of the oblique fit of ``varimax`` loadings to ``target``, both of shape (..., p, k).

    Hendrickson and White (1964), British Journal of Statistical Psychology 17, 65-70.
    """
    crossed = varimax.swapaxes(-2, -1)
    turn = np.linalg.solve(crossed @ varimax, crossed @ target)
    inner = np.linalg.inv(turn.swapaxes(-2, -1) @ turn)
    turn = turn * np.sqrt(np.diagonal(inner, axis1=-2, axis2=-1))[..., None, :]
    return varimax @ turn, np.linalg.inv(turn.swapaxes(-2, -1) @ turn)


def powered(loadings: Array, power: int) -> Array:
    """``loadings`` raised to ``power``, signs kept; analytic in them."""
    sign = np.where(loadings.real < 0, -1.0, 1.0)
    return sign * (sign * loadings) ** power


def kaiser_weights(loadings: Array) -> Array:
    """Roots of the communalities, shape (..., p, 1), by which Kaiser (1958) divides rows before a rotation.

    A variable without any common variance keeps weight 1.
    """
    lengths = np.sqrt((loadings**2).sum(axis=-1, keepdims=True))
    return np.where(lengths.real > 1e-12, lengths, 1.0)


def random_turns(k: int, count: int, seed: int) -> Array:
    """``count`` orthogonal matrices drawn uniformly (QR of normal draws with positive diagonal); Stewart (1980)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((count, k, k)))
    return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[:, None, :]
