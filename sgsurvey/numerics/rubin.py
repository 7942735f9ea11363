"""Rubin's rules: one estimate from those of several completed data sets, how sure it is, and how many sets it takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from sgsurvey.numerics.linalg import Array

# Between imputations, relative to within: below this it is rounding, and nothing that matters was imputed.
NOTHING_BETWEEN = 1e-20


@dataclass(frozen=True)
class Combined:
    """Estimates pooled over m completed data sets; each array has shape (q,).

    Attributes
    ----------
    estimate : ndarray
        Their mean.
    variance : ndarray
        Within plus ``(1 + 1/m)`` between.
    within, between : ndarray
        Mean of the variances; variance of the estimates.
    increase : ndarray
        Relative increase of the variance by what is missing.
    df : ndarray
        Barnard and Rubin's.
    fmi : ndarray
        Fraction of missing information, with its correction for m.
    """

    estimate: Array
    variance: Array
    within: Array
    between: Array
    increase: Array
    df: Array
    fmi: Array


def combine(estimates: Array, variances: Array, df_complete: npt.ArrayLike = np.inf) -> Combined:
    """Pool estimates and their variances, each of shape (m, q).

    Where no estimate differs between the sets, the result is that of the complete data, with its own df.

    Parameters
    ----------
    df_complete : array_like, broadcast to (q,)
        Degrees of freedom that the estimates would have without missing answers; infinite for z.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley. Section 3.3.
    Barnard, J., & Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika, 86,
    948-955.
    """
    m = len(estimates)
    within, between = variances.mean(axis=0), estimates.var(axis=0, ddof=1)
    added = (1 + 1 / m) * between
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        increase = added / within
        share = added / (within + added)
        df_old = (m - 1) / share**2
    full = np.broadcast_to(np.asarray(df_complete, dtype=float), within.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.where(np.isinf(full), np.inf, (full + 1) / (full + 3) * full * (1 - share))
        df = 1 / (1 / df_old + 1 / observed)
        fmi = (increase + 2 / (df + 3)) / (1 + increase)
    same = added <= NOTHING_BETWEEN * within
    return Combined(
        estimates.mean(axis=0),
        within + added,
        within,
        between,
        np.where(same, 0.0, increase),
        np.where(same, full, df),
        np.where(same, 0.0, fmi),
    )


def joint_test(estimates: Array, covariances: Array, df_complete: float = np.inf) -> tuple[float, int, float, float]:
    """Test that k estimates are all 0: F, its two degrees of freedom and p.

    The statistic takes the missing information as equal for all (D1); its second degrees of freedom are Reiter's where
    ``df_complete`` is finite.

    Parameters
    ----------
    estimates : ndarray, shape (m, k)
    covariances : ndarray, shape (m, k, k)
    df_complete : float

    References
    ----------
    Li, K. H., Raghunathan, T. E., & Rubin, D. B. (1991). Large-sample significance levels from multiply imputed data
    using moment-based statistics and an F reference distribution. Journal of the American Statistical Association, 86,
    1065-1073.
    Reiter, J. P. (2007). Small-sample degrees of freedom for multi-component significance tests with multiple
    imputation for missing data. Biometrika, 94, 502-508.
    """
    m, k = estimates.shape
    centre, within = estimates.mean(axis=0), covariances.mean(axis=0)
    between = np.atleast_2d(np.cov(estimates, rowvar=False))
    r = (1 + 1 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    f = float(centre @ np.linalg.solve(within, centre)) / (k * (1 + r))
    if r <= NOTHING_BETWEEN:
        df = df_complete
    elif np.isfinite(df_complete) and k * (m - 1) > 4:
        df = _reiter_df(r, k * (m - 1), df_complete)
    else:
        df = _li_df(r, k, k * (m - 1))
    p_value = float(stats.chi2.sf(k * f, k) if np.isinf(df) else stats.f.sf(f, k, df))
    return f, k, df, p_value


def _li_df(r: float, k: int, t: int) -> float:
    if t > 4:
        return 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    return t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2


def _reiter_df(r: float, t: int, df_complete: float) -> float:
    """Reiter (2007), with ``a = r t / (t - 2)``; it tends to ``_li_df`` as ``df_complete`` grows."""
    a = r * t / (t - 2)
    full = df_complete * (df_complete + 1) / (df_complete + 3)
    less2, less4 = full - 2 * (1 + a), full - 4 * (1 + a)
    inner = (
        a**2 * less2 / ((1 + a) ** 2 * less4)
        + 8 * a**2 * less2 / ((1 + a) * less4**2)
        + 4 * a**2 / ((1 + a) * less4)
        + 4 * a**2 / (less4 * less2)
        + 16 * a**2 * less2 / less4**3
        + 8 * a**2 / less4**2
    )
    return float(4 + 1 / (1 / less4 + inner / (t - 4)))


def imputations_needed(fmi: npt.ArrayLike, m: int, *, cv: float = 0.05, conf_level: float = 0.95) -> Array:
    """How many imputations make standard errors replicable: their coefficient of variation at most ``cv``.

    The second of two stages: the fraction of missing information comes from a first run with m sets, and its upper
    limit is taken, from ``logit(fmi) ± z sqrt(2 / m)``.

    References
    ----------
    von Hippel, P. T. (2020). How many imputations do you need? A two-stage calculation using a quadratic rule.
    Sociological Methods & Research, 49, 699-718.
    """
    known = np.asarray(fmi, dtype=float)
    z = stats.norm.ppf(0.5 + conf_level / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = special.expit(special.logit(np.clip(known, 0.0, 1.0)) + z * np.sqrt(2 / m))
    return np.asarray(np.ceil(1 + 0.5 * (upper / cv) ** 2))
