"""Confidence intervals in closed form: a share, a correlation, an alpha, a noncentrality."""

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from sgsurvey.numerics.linalg import Array


def wilson(share: npt.ArrayLike, n: npt.ArrayLike, conf_level: float = 0.95) -> tuple[Array, Array]:
    """Interval of a share in 0..1 among ``n``.

    Wilson (1927), Journal of the American Statistical Association 22, 209-212.  It never leaves 0..1 and does not
    collapse at a share of 0 or 1.

    Parameters
    ----------
    share, n : array_like
        Broadcast against each other.

    Returns
    -------
    low, high : ndarray
        nan where ``n`` is 0.
    """
    p, size = np.broadcast_arrays(np.asarray(share, dtype=float), np.asarray(n, dtype=float))
    z2 = stats.norm.ppf(0.5 + conf_level / 2) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (p + z2 / (2 * size)) / (1 + z2 / size)
        half = np.sqrt(p * (1 - p) * z2 / size + z2**2 / (4 * size**2)) / (1 + z2 / size)
    # At a share of exactly 0 or 1 the limit is exactly 0 or 1; rounding would leave 1e-17.
    return np.where(p == 0, np.where(size > 0, 0.0, np.nan), centre - half), np.where(
        p == 1, np.where(size > 0, 1.0, np.nan), centre + half
    )


def fisher_z(r: npt.ArrayLike, n: npt.ArrayLike, conf_level: float = 0.95) -> tuple[Array, Array]:
    """Interval of a correlation ``r`` from ``n`` pairs by ``atanh(r) ± z / sqrt(n - 3)``.

    Fisher (1921), Metron 1, 3-32.

    Returns
    -------
    low, high : ndarray
        nan where ``n`` is 3 or less.
    """
    correlation, size = np.broadcast_arrays(np.asarray(r, dtype=float), np.asarray(n, dtype=float))
    with np.errstate(invalid="ignore", divide="ignore"):
        half = stats.norm.ppf(0.5 + conf_level / 2) / np.sqrt(np.where(size > 3, size - 3, np.nan))
        centre = np.arctanh(correlation)
    return np.tanh(centre - half), np.tanh(centre + half)


def spearman_z(rho: npt.ArrayLike, n: npt.ArrayLike, conf_level: float = 0.95) -> tuple[Array, Array]:
    """Interval of a rank correlation by ``atanh(rho) ± z sqrt((1 + rho² / 2) / (n - 3))``.

    Bonett and Wright (2000), Psychometrika 65, 23-28, equation (12).

    Returns
    -------
    low, high : ndarray
        nan where ``n`` is 3 or less.
    """
    correlation, size = np.broadcast_arrays(np.asarray(rho, dtype=float), np.asarray(n, dtype=float))
    return fisher_z(correlation, (size - 3) / (1 + correlation**2 / 2) + 3, conf_level)


def feldt(alpha: npt.ArrayLike, n: npt.ArrayLike, k: npt.ArrayLike, conf_level: float = 0.95) -> tuple[Array, Array]:
    """Interval of coefficient alpha of ``k`` items in ``n`` rows.

    Feldt (1965), Psychometrika 30, 357-370: ``(1 - population alpha) / (1 - alpha)`` follows F with
    ``n - 1`` and ``(n - 1)(k - 1)`` degrees of freedom, when the items are normal and essentially tau-equivalent.
    """
    a, rows, items = (np.asarray(x, dtype=float) for x in (alpha, n, k))
    tail = (1 - conf_level) / 2
    df1, df2 = rows - 1, (rows - 1) * (items - 1)
    return 1 - (1 - a) * stats.f.ppf(1 - tail, df1, df2), 1 - (1 - a) * stats.f.ppf(tail, df1, df2)


def bonett(alpha: npt.ArrayLike, n: npt.ArrayLike, k: npt.ArrayLike, conf_level: float = 0.95) -> tuple[Array, Array]:
    """Interval of coefficient alpha, ``ln(1 - alpha) ± z sqrt(2k / ((k - 1)(n - 2)))``.

    Bonett (2002), Journal of Educational and Behavioral Statistics 27, 335-340; for normal items that are parallel.
    """
    a, rows, items = (np.asarray(x, dtype=float) for x in (alpha, n, k))
    half = stats.norm.ppf(0.5 + conf_level / 2) * np.sqrt(2 * items / ((items - 1) * (rows - 2)))
    return 1 - (1 - a) * np.exp(half), 1 - (1 - a) * np.exp(-half)


def noncentrality(chi_square: float, df: float, conf_level: float = 0.90) -> tuple[float, float]:
    """Interval of the noncentrality of an observed chi-square; (nan, nan) when ``df`` is not positive.

    Browne and Cudeck (1993), in Bollen and Long, *Testing Structural Equation Models*, equation (4): the values whose
    distributions put ``chi_square`` at the upper and at the lower tail.
    """
    if df <= 0:
        return float("nan"), float("nan")

    def at(quantile: float) -> float:
        if special.chdtr(df, chi_square) <= quantile:
            return 0.0
        far = chi_square
        while special.chndtr(chi_square, df, far) > quantile:
            far *= 2
        return float(optimize.brentq(lambda nc: special.chndtr(chi_square, df, nc) - quantile, 0.0, far, xtol=1e-10))

    return at(0.5 + conf_level / 2), at(0.5 - conf_level / 2)


def symmetric_interval(
    estimate: npt.ArrayLike, std_error: npt.ArrayLike, df: npt.ArrayLike, conf_level: float
) -> tuple[Array, Array]:
    """``estimate ± t(df) std_error``; nan without degrees of freedom."""
    half = _quantile_of_t(df, conf_level) * np.asarray(std_error, dtype=float)
    return np.asarray(estimate) - half, np.asarray(estimate) + half


def logit_interval(share: Array, std_error: Array, df: npt.ArrayLike, conf_level: float) -> tuple[Array, Array]:
    """An interval of a share that stays between 0 and 1: symmetric for its logit.

    Korn and Graubard (1999), *Analysis of Health Surveys*, section 2.6.  At 0 and 1 itself it is nan: a sample in which
    all say the same shows no spread to make an interval of.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        half = _quantile_of_t(df, conf_level) * std_error / (share * (1 - share))
        low, high = (special.expit(special.logit(share) + side * half) for side in (-1, 1))
    edge = (share <= 0) | (share >= 1)
    return np.where(edge, np.nan, low), np.where(edge, np.nan, high)


def _quantile_of_t(df: npt.ArrayLike, conf_level: float) -> Array:
    known = np.asarray(df, dtype=float)
    return np.where(known > 0, stats.t.ppf(0.5 + conf_level / 2, np.where(known > 0, known, 1.0)), np.nan)
