"""Newton's method within bounds, for many small problems at once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

Index = npt.NDArray[np.intp]

# value (B,), gradient (B, p), Hessian (B, p, p), and a positive semi-definite stand-in for it (B, p, p)
Local = tuple[Array, Array, Array, Array]


# Relative to a value: what sums of some thousands of terms lose by rounding.
UNSEEN = 1e-12


@dataclass(frozen=True)
class Found:
    """Where each of B searches ended.

    Attributes
    ----------
    at : ndarray, shape (B, p)
    value : ndarray, shape (B,)
    converged : ndarray of bool, shape (B,)
    iterations : int
        Steps of the longest search.
    """

    at: Array
    value: Array
    converged: npt.NDArray[np.bool_]
    iterations: int


def bounded_newton(
    local: Callable[[Array, Index], Local],
    start: Array,
    low: float,
    high: float,
    *,
    tolerance: float,
    iterations: int,
) -> Found:
    """Minimise B functions of p variables, each within ``low..high``.

    A variable at a bound that its gradient pushes outward stays there; the others take a Newton step, shortened until
    the value falls.  Bertsekas (1982), SIAM Journal on Control and Optimization 20, 221-246.

    Parameters
    ----------
    local : callable (x, rows) -> Local
        Values and derivatives at ``x``, shape (b, p), of the problems numbered ``rows``, shape (b,).
    start : ndarray, shape (B, p)
    tolerance : float
        Largest gradient in a free direction at which a search is over.
    """
    x = start.copy()
    value = np.full(len(x), np.nan)
    converged = np.zeros(len(x), dtype=bool)
    rows: Index = np.arange(len(x))
    here = local(x, rows)
    iteration = 0
    while len(rows):
        free = _free(x[rows], here[1], low, high)
        done = np.abs(np.where(free, here[1], 0.0)).max(axis=1) < tolerance
        value[rows] = here[0]
        converged[rows] = done
        if iteration == iterations or done.all():
            break
        iteration += 1
        rows, free = rows[~done], free[~done]
        here = _of(here, ~done)
        step = _direction(here, free)
        x[rows], here, stuck = _shortened(local, rows, x[rows], here, step, low, high)
        if stuck.any():
            # No step lowers the value any more: rounding is all that is left of the gradient.
            value[rows] = here[0]
            converged[rows[stuck]] = np.abs(here[1][stuck] * free[stuck]).max(axis=1) < 1e-6
            rows, here = rows[~stuck], _of(here, ~stuck)
    return Found(x, value, converged, iteration)


def _free(x: Array, slope: Array, low: float, high: float) -> npt.NDArray[np.bool_]:
    return ~(((x <= low) & (slope > 0)) | ((x >= high) & (slope < 0)))


def _of(local: Local, kept: npt.NDArray[np.bool_]) -> Local:
    value, slope, curve, steady = local
    return value[kept], slope[kept], curve[kept], steady[kept]


def _direction(here: Local, free: npt.NDArray[np.bool_]) -> Array:
    """Newton's direction among the free variables; by the stand-in where the Hessian leads uphill."""
    _, slope, curve, steady = here
    among = free[:, :, None] & free[:, None, :]
    identity = np.eye(slope.shape[1])
    target = np.where(free, slope, 0.0)[:, :, None]

    def solved(matrix: Array, rows: slice | npt.NDArray[np.bool_]) -> Array:
        # A free variable without curvature would make the system singular.
        kept = np.where(among[rows], matrix + 1e-12 * identity, identity)
        return -np.linalg.solve(kept, target[rows])[:, :, 0]

    step = solved(curve, slice(None))
    uphill = ~((step * target[:, :, 0]).sum(axis=1) < 0)
    if uphill.any():
        step[uphill] = solved(steady[uphill] + 1e-6 * identity, uphill)
    return step


def _shortened(
    local: Callable[[Array, Index], Local],
    rows: Index,
    x: Array,
    here: Local,
    step: Array,
    low: float,
    high: float,
) -> tuple[Array, Local, npt.NDArray[np.bool_]]:
    """Step, halved where the value does not fall enough (Armijo); says which problems found no step at all."""
    x, there = x.copy(), tuple(part.copy() for part in here)
    open_ = np.arange(len(rows))
    length = 1.0
    for _ in range(30):
        trial = np.clip(x[open_] + length * step[open_], low, high)
        found = local(trial, rows[open_])
        expected = (here[1][open_] * (trial - x[open_])).sum(axis=1)
        rounding = 1e-15 * (1 + np.abs(here[0][open_]))
        fell = found[0] <= here[0][open_] + 1e-4 * expected + rounding
        # A fall below the rounding of a long sum cannot be seen in the value: there the gradient decides.
        unseen = -expected < UNSEEN * (1 + np.abs(here[0][open_]))
        fell |= unseen & (np.abs(found[1]).max(axis=1) < np.abs(here[1][open_]).max(axis=1))
        at = open_[fell]
        x[at] = trial[fell]
        for part, new in zip(there, found, strict=True):
            part[at] = new[fell]
        open_ = open_[~fell]
        if not len(open_):
            break
        length /= 2
    stuck = np.zeros(len(rows), dtype=bool)
    stuck[open_] = True
    return x, (there[0], there[1], there[2], there[3]), stuck
