"""Thresholds and correlation of contingency tables together, by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import PairTables
from sgsurvey.numerics.polychoric import BOUND, Polychoric, cells, corrected
from sgsurvey.numerics.polychoric_influence import slopes_in_cuts


@dataclass(frozen=True)
class JointFit:
    """Joint maximum likelihood of a table.

    Attributes
    ----------
    rho : float
    rows, columns : ndarray
        Thresholds of the two variables.
    std_error : float
        Of ``rho``, by expected information; nan where the search ended at the bound or did not converge.
    converged : bool
    """

    rho: float
    rows: Array
    columns: Array
    std_error: float
    converged: bool


def joint_correlations(tables: PairTables, fitted: Polychoric) -> tuple[Array, Array]:
    """Correlations, shape (p, p), and their standard errors in the order of ``np.tril_indices(p, -1)``.

    Each pair has thresholds of its own; what was at the bound in two steps stays there.
    """
    corr, errors = fitted.corr.copy(), np.full(len(tables.counts), np.nan)
    for at, (i, j, counts) in enumerate(zip(*tables.pairs, corrected(tables), strict=True)):
        rho = float(fitted.corr[i, j])
        if not np.isfinite(rho) or fitted.at_bound[i, j]:
            continue
        table = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
        rows, columns = (ndtri(table.sum(axis=a).cumsum()[:-1] / table.sum()) for a in (1, 0))
        found = joint_maximum(table, rows, columns, float(np.clip(rho, -0.99, 0.99)))
        corr[i, j] = corr[j, i] = found.rho if found.converged else np.nan
        errors[at] = found.std_error
    return corr, errors


def joint_maximum(table: Array, rows: Array, columns: Array, rho: float, *, iterations: int = 200) -> JointFit:
    """Fisher scoring from two-step values.  Olsson (1979), Psychometrika 44, 443-460, equations 9 to 20.

    Parameters
    ----------
    table : ndarray, shape (r, c)
        Counts, without empty rows or columns.
    rows, columns : ndarray, shape (r - 1,) and (c - 1,)
    rho : float
        Inside the bound.
    """
    total = float(table.sum())
    theta = np.concatenate([rows, columns, [rho]])
    r = len(rows) + 1
    value, score, information = _loglik(table, theta, r)
    for _ in range(iterations):
        step = np.linalg.solve(information, score)
        if np.abs(score).max() < 1e-11 * total or np.abs(step).max() < 1e-13:
            error = float(np.sqrt(np.linalg.inv(information)[-1, -1]))
            return JointFit(float(theta[-1]), theta[: r - 1], theta[r - 1 : -1], error, True)
        for _ in range(40):
            trial = theta + step
            if _is_possible(trial, r):
                moved = _loglik(table, trial, r)
                if moved[0] >= value - 1e-13 * abs(value):
                    break
            step = step / 2
        else:
            break
        theta, (value, score, information) = trial, moved
    return JointFit(float(theta[-1]), theta[: r - 1], theta[r - 1 : -1], np.nan, False)


def _is_possible(theta: Array, r: int) -> bool:
    rising = (np.diff(theta[: r - 1]) > 0).all() and (np.diff(theta[r - 1 : -1]) > 0).all()
    return bool(rising and abs(theta[-1]) < BOUND)


def _loglik(table: Array, theta: Array, r: int) -> tuple[float, Array, Array]:
    """Log-likelihood, its slopes in thresholds and correlation, and the expected information."""
    h, k, rho = theta[None, : r - 1], theta[None, r - 1 : -1], theta[-1:]
    found = cells(h, k, rho, table[None] > 0)
    slopes = np.zeros((*table.shape, len(theta)))
    of_rows, of_columns = slopes_in_cuts(h, k, rho)[0], slopes_in_cuts(k, h, rho)[0]
    for t, move in enumerate(of_rows):
        slopes[t, :, t], slopes[t + 1, :, t] = move, -move
    for t, move in enumerate(of_columns):
        slopes[:, t, r - 1 + t], slopes[:, t + 1, r - 1 + t] = move, -move
    slopes[:, :, -1] = found.slope[0]
    chance = np.maximum(found.chance[0], 1e-15)
    flat, per = slopes.reshape(-1, len(theta)), (table / chance).ravel()
    information = table.sum() * (flat / chance.ravel()[:, None]).T @ flat
    return float((table * np.log(chance)).sum()), per @ flat, information
