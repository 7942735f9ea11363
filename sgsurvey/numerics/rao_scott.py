"""Independence of two codings under a complex sample: Rao-Scott corrections and the Wald test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from sgsurvey.numerics.linalg import Array


class Independence(NamedTuple):
    """A statistic with its reference distribution; ``df2`` is nan for a chi-square."""

    statistic: float
    df: float
    df2: float
    p_value: float


def pearson(shares: Array, n: float) -> float:
    """Pearson's chi-square of a table of estimated shares, shape (r, c), as if it came from ``n`` independent rows."""
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    return float(n * ((shares - expected) ** 2 / expected).sum())


def generalised_effects(shares: Array, covariance: Array, n: float) -> Array:
    """Matrix whose eigenvalues are the generalised design effects of the test of independence.

    ``(C' D^-1 C)^-1 (C' D^-1 V D^-1 C) n`` with contrasts C of the interaction and D the diagonal of the shares.
    Rao and Scott (1984), Annals of Statistics 12, 46-60.

    Parameters
    ----------
    shares : shape (r, c)
    covariance : shape (r c, r c)
        Of the shares, row by row.
    n : float
        Rows that stand behind them.

    Returns
    -------
    ndarray, shape ((r - 1)(c - 1), (r - 1)(c - 1))
    """
    r, c = shares.shape
    contrasts = np.kron(_against_last(r), _against_last(c)) / shares.ravel()[:, None]
    simple = contrasts.T @ (contrasts * shares.ravel()[:, None])
    return np.asarray(np.linalg.solve(simple, n * contrasts.T @ covariance @ contrasts))


def first_order(statistic: float, effects: Array) -> Independence:
    """Pearson's statistic over the mean design effect, as chi-square.  Rao and Scott (1981)."""
    df = len(effects)
    corrected = statistic / float(np.trace(effects) / df)
    return Independence(corrected, df, float("nan"), float(stats.chi2.sf(corrected, df)))


def second_order(statistic: float, effects: Array, design_df: float) -> Independence:
    """Pearson's statistic over the sum of design effects, as F with Satterthwaite's degrees of freedom.

    Thomas and Rao (1987), Journal of the American Statistical Association 82, 630-636.
    """
    total = float(np.trace(effects))
    df = total**2 / float(np.trace(effects @ effects))
    found = statistic / total
    return Independence(found, df, df * design_df, float(stats.f.sf(found, df, df * design_df)))


def wald(totals: Array, covariance: Array, design_df: float, *, adjusted: bool) -> Independence:
    """Wald's test that observed totals are those expected from the margins, as F.

    Koch, Freeman and Freeman (1975), International Statistical Review 43, 59-78; ``adjusted`` for few degrees of
    freedom as in Fellegi (1980), Journal of the American Statistical Association 75, 261-268.

    Parameters
    ----------
    totals : shape (r, c)
    covariance : shape (r c, r c)
    """
    r, c = totals.shape
    rows, columns, n = totals.sum(axis=1), totals.sum(axis=0), totals.sum()
    excess = (totals - np.outer(rows, columns) / n)[:-1, :-1].ravel()
    in_row, in_column = np.kron(np.eye(r), np.ones((1, c))), np.kron(np.ones((1, r)), np.eye(c))
    slope = np.eye(r * c) + np.outer(np.outer(rows, columns).ravel() / n**2, np.ones(r * c))
    slope -= np.repeat(in_row, c, axis=0) * np.tile(columns, r)[:, None] / n
    slope -= np.tile(in_column, (r, 1)) * np.repeat(rows, c)[:, None] / n
    inner = (np.arange(r * c).reshape(r, c)[:-1, :-1]).ravel()
    slope = slope[inner]
    statistic = float(excess @ np.linalg.solve(slope @ covariance @ slope.T, excess))
    df = len(excess)
    df2 = design_df - df + 1 if adjusted else design_df
    found = statistic * df2 / (design_df * df)
    return Independence(found, df, df2, float(stats.f.sf(found, df, df2)) if df2 > 0 else float("nan"))


def _against_last(k: int) -> Array:
    """Contrasts of each of k categories with the last; shape (k, k - 1)."""
    return np.vstack([np.eye(k - 1), -np.ones((1, k - 1))])
