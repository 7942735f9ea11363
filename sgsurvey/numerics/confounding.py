"""How strong a factor that was not measured would have to be to account for a coefficient.

Cinelli and Hazlett (2020), Making sense of sensitivity: extending omitted variable bias, JRSS B 82, 39-67; section and
equation numbers below are theirs.  Everything is algebra in partial R2, so that it holds under any sample size.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from sgsurvey.numerics.linalg import Array


def partial_r2(t: npt.ArrayLike, df: npt.ArrayLike) -> Array:
    """Share of what is left of the outcome that one regressor explains: ``t^2 / (t^2 + df)`` (section 4.2)."""
    squared = np.square(np.asarray(t, dtype=float))
    return np.asarray(squared / (squared + df))


def robustness_value(t: npt.ArrayLike, df: npt.ArrayLike, *, share: float = 1.0, alpha: float | None = None) -> Array:
    """The partial R2 with regressor and outcome that a confounder needs (both alike) to take away a coefficient.

    ``(sqrt(f^4 + 4 f^2) - f^2) / 2`` with ``f = share |t| / sqrt(df)`` (equation 18).  With ``alpha`` the coefficient
    need only lose significance: ``f`` less ``t*(alpha/2, df - 1) / sqrt(df - 1)`` (equation 19), 0 where it has none,
    and ``(f^2 - f*^2) / (1 + f^2)`` where the confounder would do more harm by leaving the outcome wholly explained
    (Cinelli and Hazlett 2022, section 3.3: the extreme robustness value).

    Parameters
    ----------
    t, df : array_like
        Classical t of the coefficient and residual degrees of freedom.
    share : float
        The share of the coefficient to be taken away.
    """
    f = share * np.abs(np.asarray(t, dtype=float)) / np.sqrt(df)
    if alpha is None:
        return _value(f)
    critical = stats.t.isf(alpha / 2, np.asarray(df) - 1) / np.sqrt(np.asarray(df) - 1)
    left = np.maximum(f - critical, 0.0)
    extreme = (f**2 - critical**2) / (1 + f**2)
    return np.asarray(np.where(f * critical < 1, _value(left), extreme))


def _value(f: Array) -> Array:
    return np.asarray((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


class Adjusted(NamedTuple):
    """A coefficient as it would be if a confounder of a given strength were held fixed, at the worst."""

    estimate: Array
    std_error: Array


def adjusted_for(
    estimate: npt.ArrayLike, std_error: npt.ArrayLike, df: npt.ArrayLike, r2_regressor: Array, r2_outcome: Array
) -> Adjusted:
    """The coefficient less the bias of a confounder that pulls it toward 0 (equations 13 and 14).

    ``|bias| = se sqrt(df) sqrt(r2_outcome r2_regressor / (1 - r2_regressor))``, in the sign of the coefficient: past 0
    the confounder would turn it.

    Parameters
    ----------
    r2_regressor, r2_outcome : ndarray
        Partial R2 of the confounder with the regressor, and with the outcome given the regressor; below 1.
    """
    b, se, left = np.asarray(estimate, dtype=float), np.asarray(std_error, dtype=float), np.asarray(df, dtype=float)
    bias = se * np.sqrt(left * r2_outcome * r2_regressor / (1 - r2_regressor))
    error = se * np.sqrt((1 - r2_outcome) / (1 - r2_regressor) * left / (left - 1))
    return Adjusted(np.asarray(b - np.sign(b) * bias), np.asarray(error))


def as_strong_as(r2_regressor: Array, r2_outcome: Array, times: npt.ArrayLike) -> tuple[Array, Array]:
    """Strength of a confounder ``times`` as strong as an observed covariate with these partial R2 (section 4.4).

    Parameters
    ----------
    r2_regressor : ndarray
        Partial R2 of the covariate with the regressor, given the other covariates.
    r2_outcome : ndarray
        Partial R2 of the covariate with the outcome, given regressor and other covariates.

    Returns
    -------
    r2_regressor, r2_outcome : ndarray
        nan where no confounder can be so strong.
    """
    k, d, y = np.asarray(times, dtype=float), np.asarray(r2_regressor), np.asarray(r2_outcome)
    with np.errstate(invalid="ignore", divide="ignore"):
        with_regressor = k * d / (1 - d)
        overlap = k * d**2 / ((1 - k * d) * (1 - d))
        with_outcome = ((np.sqrt(k) + np.sqrt(overlap)) / np.sqrt(1 - overlap)) ** 2 * (y / (1 - y))
    possible = (with_regressor < 1) & (k * d < 1) & (overlap < 1)
    # What cannot be more than everything is everything.
    with_outcome = np.minimum(with_outcome, 1.0)
    return np.where(possible, with_regressor, np.nan), np.where(possible, with_outcome, np.nan)


def replacement_share(estimate: npt.ArrayLike, std_error: npt.ArrayLike, df: npt.ArrayLike, alpha: float) -> Array:
    """Share of rows that null cases could replace before significance is lost, ``1 - t* se / |b|``; below 0: none.

    Frank, Maroulis, Duong and Kelcey (2013), Educational Evaluation and Policy Analysis 35, 437-460, equation (5).
    """
    critical = stats.t.isf(alpha / 2, df)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 - critical * np.asarray(std_error) / np.abs(np.asarray(estimate)))
