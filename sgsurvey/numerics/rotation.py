"""Rotation of loadings by gradient projection, and promax.

Jennrich (2001), Psychometrika 66, 289-306 (orthogonal); Jennrich (2002), Psychometrika 67, 7-19 (oblique); Bernaards
and Jennrich (2005), Educational and Psychological Measurement 65, 676-696 (criteria).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.linalg import Array

Criterion = Callable[[Array], tuple[float, Array]]

# Length of the projected gradient at which a rotation is over: 1e-5, the habit, leaves four digits.
TOLERANCE = 1e-7
STEPS = 5000


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
        Criterion at the end; nan for promax, which minimises none.
    converged : bool
    """

    loadings: Array
    phi: Array
    value: float
    converged: bool


def varimax_criterion(loadings: Array) -> tuple[float, Array]:
    """Minus a quarter of the variance of squared loadings within factors; Kaiser (1958)."""
    squared = loadings**2
    centred = squared - squared.mean(axis=0)
    return -float((centred**2).sum()) / 4, -loadings * centred


def oblimin_criterion(loadings: Array) -> tuple[float, Array]:
    """Sum of products of squared loadings over pairs of factors (gamma = 0, quartimin); Jennrich and Sampson (1966)."""
    squared = loadings**2
    others = squared.sum(axis=1, keepdims=True) - squared
    return float((squared * others).sum()) / 4, loadings * others


def orthogonal(loadings: Array, criterion: Criterion, start: Array) -> Rotated:
    """Minimise ``criterion(L T)`` over orthogonal ``T``, from ``start``, shape (k, k).

    The descent step is projected back to the orthogonal matrices by a singular value decomposition.
    """
    turn = start
    value, slope = criterion(loadings @ turn)
    length, converged = 1.0, False
    for _ in range(STEPS):
        gradient = loadings.T @ slope
        crossed = turn.T @ gradient
        projected = gradient - turn @ (crossed + crossed.T) / 2
        size = float(np.sqrt((projected**2).sum()))
        if size < TOLERANCE:
            converged = True
            break
        length *= 2
        for _ in range(11):
            left, _, right = np.linalg.svd(turn - length * projected)
            trial = left @ right
            moved, moved_slope = criterion(loadings @ trial)
            if value - moved > 0.5 * size**2 * length:
                break
            length /= 2
        else:
            # Differences of the criterion have reached rounding before the gradient has.
            converged = size < 1e-5
            break
        turn, value, slope = trial, moved, moved_slope
    return Rotated(loadings @ turn, np.eye(len(turn)), value, converged)


def oblique(loadings: Array, criterion: Criterion, start: Array) -> Rotated:
    """Minimise ``criterion(L T'^-1)`` over ``T`` with columns of length 1, from ``start``; phi is ``T'T``."""
    turn = start
    inverse = np.linalg.inv(turn)
    pattern = loadings @ inverse.T
    value, slope = criterion(pattern)
    length, converged = 1.0, False
    for _ in range(STEPS):
        gradient = -(pattern.T @ slope @ inverse).T
        projected = gradient - turn * (turn * gradient).sum(axis=0)
        size = float(np.sqrt((projected**2).sum()))
        if size < TOLERANCE:
            converged = True
            break
        length *= 2
        for _ in range(11):
            trial = turn - length * projected
            trial = trial / np.sqrt((trial**2).sum(axis=0))
            trial_inverse = np.linalg.inv(trial)
            trial_pattern = loadings @ trial_inverse.T
            moved, moved_slope = criterion(trial_pattern)
            if value - moved > 0.5 * size**2 * length:
                break
            length /= 2
        else:
            converged = size < 1e-5
            break
        turn, inverse, pattern, value, slope = trial, trial_inverse, trial_pattern, moved, moved_slope
    return Rotated(pattern, turn.T @ turn, value, converged)


def promax(varimax: Array, power: int) -> Rotated:
    """Oblique fit of ``varimax`` loadings to themselves raised to ``power``, signs kept.

    Hendrickson and White (1964), British Journal of Statistical Psychology 17, 65-70.
    """
    target = varimax * np.abs(varimax) ** (power - 1)
    turn = np.linalg.lstsq(varimax, target, rcond=None)[0]
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    return Rotated(varimax @ turn, np.linalg.inv(turn.T @ turn), float("nan"), True)


def kaiser_weights(loadings: Array) -> Array:
    """Roots of the communalities, shape (p, 1), by which Kaiser (1958) divides rows before a rotation.

    A variable without any common variance keeps weight 1.
    """
    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    return np.where(lengths > 1e-12, lengths, 1.0)


def random_turns(k: int, count: int, seed: int) -> list[Array]:
    """``count`` orthogonal matrices drawn uniformly (QR of normal draws with positive diagonal); Stewart (1980)."""
    rng = np.random.default_rng(seed)
    turns = []
    for _ in range(count):
        q, r = np.linalg.qr(rng.standard_normal((k, k)))
        turns.append(q * np.sign(np.diag(r)))
    return turns
