"""What a linear model expects for given predictors, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.marginal_means import LinearModel


def asked(design: DesignMatrix, new: Responses | pd.DataFrame | None) -> tuple[pd.Index, Array, Array]:
    """The rows asked for, which of them are complete, and the design matrix of these; the model's own where None."""
    if new is None:
        return pd.Index(design.rows), np.ones(len(design.rows), dtype=bool), design.X
    variables = list(dict.fromkeys(one.factor.variable for one in design.coded))
    values = new.variables(variables) if isinstance(new, Responses) else new
    there = [name for name in variables if name in values]
    complete = values[there].notna().all(axis=1).to_numpy(dtype=bool)
    if not complete.any():
        raise DataError("no row has every predictor.", where="predict", remedy="Give values for all predictors.")
    return values.index, complete, design.at(values[complete])


def linear_predictions(
    linear: LinearModel, sigma: float, df: float, new: Responses | pd.DataFrame | None, conf_level: float
) -> pd.DataFrame:
    """Expected values with their intervals, and intervals for single answers; nan where a predictor is missing.

    A single answer adds the residual variance, taken as equal and normal, with ``n - p`` degrees of freedom.
    """
    index, complete, X = asked(linear.design, new)
    lines = linear.covariance.combinations(linear.coefficients, X, conf_level).drop(columns=["statistic", "p_value"])
    half = stats.t.ppf(0.5 + conf_level / 2, df) * np.sqrt(lines["std_error"] ** 2 + sigma**2)
    lines = lines.assign(single_low=lines["estimate"] - half, single_high=lines["estimate"] + half)
    return lines.set_axis(index[complete]).reindex(index)
