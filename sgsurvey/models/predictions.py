"""What a linear model expects for given predictors, with intervals."""

from __future__ import annotations

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
    linear: LinearModel, sigma: float, df: float, new: Responses | pd.DataFrame | None, conf_level: float
) -> pd.DataFrame:
    """Expected values with their intervals, and intervals for single answers; nan where a predictor is missing.

    A single answer adds the residual variance, taken as equal and normal, with ``n - p`` degrees of freedom.
    """
    index, complete, X, offset = asked(linear.design, new)
    lines = linear.covariance.combinations(linear.coefficients, X, conf_level).drop(columns=["statistic", "p_value"])
    for key in ("estimate", "conf_low", "conf_high"):
        lines[key] += offset
    half = stats.t.ppf(0.5 + conf_level / 2, df) * np.sqrt(lines["std_error"] ** 2 + sigma**2)
    lines = lines.assign(single_low=lines["estimate"] - half, single_high=lines["estimate"] + half)
    return lines.set_axis(index[complete]).reindex(index)
