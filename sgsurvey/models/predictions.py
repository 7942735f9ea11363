"""What a linear model expects for given predictors, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.marginal_means import LinearModel
from sgsurvey.models.multilevel_fit import MultilevelFit
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.random_intercept import random_effects


class Asked(NamedTuple):
    """Rows for which something is predicted.

    Attributes
    ----------
    index : Index, length n
    complete : ndarray of bool, shape (n,)
    X : ndarray, shape (m, p)
        Of the complete rows.
    offset : ndarray, shape (m,)
    """

    index: pd.Index
    complete: npt.NDArray[np.bool_]
    X: Array
    offset: Array


def asked(design: DesignMatrix, new: Responses | pd.DataFrame | None) -> Asked:
    """The rows ``new`` in numbers; the model's own where None.

    Raises
    ------
    DataError
        A predictor is missing altogether, or no row has them all.
    """
    if new is None:
        own = np.zeros(len(design.rows)) if design.offset is None else design.offset.values.to_numpy()
        return Asked(pd.Index(design.rows), np.ones(len(design.rows), dtype=bool), design.X, own)
    needed = design.coded if design.offset is None else (*design.coded, design.offset)
    variables = list(dict.fromkeys(one.factor.variable for one in needed))
    values = new.variables(variables) if isinstance(new, Responses) else new
    there = [name for name in variables if name in values]
    complete = values[there].notna().all(axis=1).to_numpy(dtype=bool)
    if not complete.any():
        raise DataError("no row has every predictor.", where="predict", remedy="Give values for all predictors.")
    known = values[complete]
    offset = np.zeros(len(known)) if design.offset is None else design.offset.of(known).to_numpy()
    return Asked(values.index, complete, design.at(known), offset)


def linear_predictions(
    linear: LinearModel,
    spread: float | Callable[[Array], Array],
    df: float | None,
    new: Responses | pd.DataFrame | None,
    conf_level: float,
) -> pd.DataFrame:
    """Expected values with their intervals, and intervals for single answers; nan where a predictor is missing.

    A single answer adds a normal deviation of the standard deviation ``spread``, one for all or by rows of the design
    matrix, with ``df`` degrees of freedom (those of its expected value where None).
    """
    index, complete, X, offset = asked(linear.design, new)
    lines = linear.covariance.combinations(linear.coefficients, X, conf_level).drop(columns=["statistic", "p_value"])
    for key in ("estimate", "conf_low", "conf_high"):
        lines[key] += offset
    t = stats.t.ppf(0.5 + conf_level / 2, lines["df"] if df is None else df)
    sigma = spread(X) if callable(spread) else spread
    half = t * np.sqrt(lines["std_error"] ** 2 + sigma**2)
    lines = lines.assign(single_low=lines["estimate"] - half, single_high=lines["estimate"] + half)
    return lines.set_axis(index[complete]).reindex(index)


def group_predictions(
    fit: MultilevelFit, group: str, new: Responses | pd.DataFrame | None, conf_level: float
) -> pd.DataFrame:
    """Expected values of each row's own group, ``x'b + u``; that of the population where the group is not known.

    With ``k = n a / (s + n a)`` for a group of n rows with mean predictors ``m``, the error of the prediction has the
    variance ``(x - k m)' C (x - k m) + a s / (s + n a)``, C that of the coefficients: the two parts are not correlated
    (Henderson 1975, Biometrics 31, 423-447).  Of a group that is not known it is ``x' C x + a``.
    """
    rows = asked(fit.design, new)
    at = _group_codes(fit, group, new)[rows.complete]
    known, b, C = at >= 0, fit.solution.coefficients, fit.covariance.matrix
    (between, within), sizes = fit.solution.variances, fit.profile.moments.group_sizes
    effect, given = random_effects(fit.solution, sizes)
    share = sizes * between / (within + sizes * between)
    codes = fit.profile.moments.codes
    means = np.column_stack([np.bincount(codes, column) for column in fit.design.X.T]) / sizes[:, None]
    beyond = rows.X - np.where(known[:, None], (share[:, None] * means)[at], 0.0)
    variance = np.einsum("ij,jk,ik->i", beyond, C, beyond) + np.where(known, given[at] ** 2, between)
    estimate = rows.X @ b + rows.offset + np.where(known, effect[at], 0.0)
    low, high = symmetric_interval(estimate, np.sqrt(variance), np.inf, conf_level)
    single_low, single_high = symmetric_interval(estimate, np.sqrt(variance + within), np.inf, conf_level)
    lines = pd.DataFrame(
        {"estimate": estimate, "std_error": np.sqrt(variance), "df": np.inf, "conf_low": low, "conf_high": high,
         "single_low": single_low, "single_high": single_high},
        index=rows.index[rows.complete],
    )  # fmt: skip
    return lines.reindex(rows.index).assign(known=pd.Series(known, lines.index, dtype="boolean").reindex(rows.index))


def _group_codes(fit: MultilevelFit, group: str, new: Responses | pd.DataFrame | None) -> npt.NDArray[np.int64]:
    """The group of each row, -1 where the model does not know it."""
    if new is None:
        return fit.profile.moments.codes
    values = new.variables([group]) if isinstance(new, Responses) else new
    if group not in values:
        raise DataError(f"the rows have no column '{group}'.", where="predict", remedy="Add the column of the group.")
    at = {name: code for code, name in enumerate(fit.group_names)}
    return np.array([at.get(value, -1) for value in values[group]], dtype=np.int64)
