"""Degrees of freedom for coefficients whose covariance depends on estimated variances.

``covariance`` is that of the coefficients, shape (p, p), ``slopes`` its derivatives in the variances, shape (k, p, p),
and ``variances`` the covariance of the estimated variances, shape (k, k).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from sgsurvey.numerics.linalg import Array


class FTest(NamedTuple):
    """A joint test of q contrasts."""

    statistic: float
    df1: float
    df2: float
    p_value: float


def satterthwaite_df(contrasts: Array, covariance: Array, slopes: Array, variances: Array) -> Array:
    """``2 v² / var(v)`` of each contrast, shape (q, p), by the delta method; infinite where v does not depend on them.

    Satterthwaite (1946), Biometrics Bulletin 2, 110-114; Fai and Cornelius (1996).  With the variances' expected
    covariance under REML it is what Kenward and Roger's equations come to for one contrast.
    """
    v = np.einsum("qi,ij,qj->q", contrasts, covariance, contrasts)
    gradient = np.einsum("qi,kij,qj->qk", contrasts, slopes, contrasts)
    with np.errstate(divide="ignore"):
        return np.asarray(2 * v**2 / np.einsum("qk,kl,ql->q", gradient, variances, gradient))


def satterthwaite_test(contrasts: Array, estimate: Array, covariance: Array, slopes: Array, variances: Array) -> FTest:
    """Joint F test that ``contrasts``, shape (q, p), estimated as ``estimate``, are 0, by their independent parts.

    Fai and Cornelius (1996), Journal of Statistical Computation and Simulation 54, 363-378: F and its mean,
    ``sum df / (df - 2)`` of the parts, agree in ``df2``.
    """
    values, vectors = np.linalg.eigh(contrasts @ covariance @ contrasts.T)
    parts = vectors.T @ contrasts
    statistic = float(((vectors.T @ estimate) ** 2 / values).mean())
    df, q = satterthwaite_df(parts, covariance, slopes, variances), len(parts)
    if q == 1 or np.ptp(df) <= 1e-8 * df[0]:
        return _tested(statistic, q, float(df.mean()))
    above = df[df > 2]
    mean = float((above / (above - 2)).sum())
    return _tested(statistic, q, 2 * mean / (mean - q) if mean > q else 2.0)


def kenward_roger_test(
    contrasts: Array, estimate: Array, covariance: Array, adjusted: Array, slopes: Array, variances: Array
) -> FTest:
    """Joint F test of contrasts with the adjusted covariance, scaled so that its first two moments are those of F.

    Kenward and Roger (1997), Biometrics 53, 983-997; ``covariance`` is the one without adjustment.
    """
    q = len(contrasts)
    inside = contrasts.T @ np.linalg.solve(contrasts @ covariance @ contrasts.T, contrasts)
    moved = np.einsum("ij,kjl->kil", inside, slopes)
    single = np.trace(moved, axis1=1, axis2=2)
    a1 = float(single @ variances @ single)
    a2 = float(np.einsum("kl,kij,lji->", variances, moved, moved))
    b = (a1 + 6 * a2) / (2 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    low = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / low, (q - g) / low, (q + 2 - g) / low
    mean = 1 / (1 - a2 / q)
    variance = 2 / q * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    ratio = variance / (2 * mean**2)
    df2 = 4 + (q + 2) / (q * ratio - 1)
    statistic = float(estimate @ np.linalg.solve(contrasts @ adjusted @ contrasts.T, estimate)) / q
    return _tested(df2 / (mean * (df2 - 2)) * statistic, q, df2)


def _tested(statistic: float, q: int, df2: float) -> FTest:
    return FTest(statistic, float(q), df2, float(stats.f.sf(statistic, q, df2)))
