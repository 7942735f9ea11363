"""Importance and performance in every replicate of one plan, and the quadrant that each driver falls into."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.dominance import left_over, owen_weights, subset_r_squared
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

Kind = Literal["stated", "coefficient", "lmg"]
Cut = Literal["means", "midpoint", "benchmark"]
KINDS: dict[Kind, Text] = {
    "stated": Text("自述重要性", "stated importance"),
    "coefficient": Text("推导重要性（系数）", "derived importance (coefficient)"),
    "lmg": Text("推导重要性（LMG）", "derived importance (LMG)"),
}
CUTS: dict[Cut, Text] = {
    "means": Text("按总均值", "cut at grand means"),
    "midpoint": Text("按量表中点", "cut at the midpoint"),
    "benchmark": Text("按基准", "cut at the benchmark"),
}
# Side and end of the figure where each quadrant lies, by importance and performance: high or not.
CORNERS = {
    (True, False): ("right", "bottom"),
    (True, True): ("right", "top"),
    (False, True): ("left", "top"),
    (False, False): ("left", "bottom"),
}
MIDPOINT = 50.0


def lmg_shares(cov: Array, drivers: int) -> Array:
    """Share of R² that each driver adds on average over all orders, controls in each; shape (R, p).

    Lindeman, Merenda and Gold (1980); of the outcome's variance that the controls leave, so that a row sums to the
    partial R².

    Parameters
    ----------
    cov : ndarray, shape (R, 1 + p + c, 1 + p + c)
        Outcome, drivers, controls.
    """
    m = cov.shape[1]
    order = [*range(1 + drivers, m), *range(1 + drivers)]
    rest = left_over(cov[:, order][:, :, order], m - 1 - drivers)
    squares = subset_r_squared(rest, [[k] for k in range(1, 1 + drivers)], 0)
    return np.asarray(squares @ owen_weights(drivers).T)


def shares_picked(picked: Array, weights: Array, units: npt.NDArray[np.int64], factors: Array) -> Array:
    """Weighted share of the persons who picked something of each driver, in each replicate; shape (R, p).

    Parameters
    ----------
    picked : ndarray, shape (n, p)
        1 picked, 0 not, nan in the whole row where a person was not asked, in the whole column where nothing could be.
    weights : ndarray, shape (n,)
    units : ndarray of int, shape (n,)
        Columns of ``factors``.
    factors : ndarray, shape (R, G)
    """
    asked, g = ~np.isnan(picked).all(axis=1), factors.shape[1]
    at, w = units[asked], weights[asked]
    persons = np.bincount(at, weights=w, minlength=g)
    sums = np.stack([np.bincount(at, weights=w * column, minlength=g) for column in picked[asked].T], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((factors @ sums) / (factors @ persons)[:, None])


def quadrants(importance: Array, performance: Array, cut: Cut, targets: Array) -> tuple[Array, Array]:
    """Whether importance and performance are high, 1 or 0, nan where there is none; shape (R, p) each.

    Importance is always cut at the mean of the drivers in the same replicate.

    Parameters
    ----------
    importance, performance : ndarray, shape (R, p)
    cut : "means", "midpoint" or "benchmark"
        Of performance: the mean of the drivers in the same replicate, 50 points, or ``targets``.
    targets : ndarray, shape (p,)
    """
    at = {"means": performance.mean(axis=1, keepdims=True), "midpoint": MIDPOINT, "benchmark": targets}[cut]
    return _above(importance, _mean_of_known(importance)), _above(performance, at)


def stays(values: tuple[Array, Array], draws: slice) -> Array:
    """Share of the draws in which each driver has the quadrant of the estimate (the first row); shape (p,)."""
    important, performing = values
    known = ~np.isnan(important[draws])
    same = (important[draws] == important[0]) & (performing[draws] == performing[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((same & known).sum(axis=0) / known.sum(axis=0))


def placed(values: tuple[Array, Array]) -> list[tuple[str, str] | None]:
    """The corner of each driver in the estimate; None where it has no importance."""
    return [
        None if np.isnan(important) else CORNERS[bool(important), bool(performing)]
        for important, performing in zip(values[0][0], values[1][0], strict=True)
    ]


def _mean_of_known(values: Array) -> Array:
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=1, keepdims=True) / known.sum(axis=1, keepdims=True))


def _above(values: Array, cut: Array | float) -> Array:
    return np.where(np.isnan(values), np.nan, values >= cut)
