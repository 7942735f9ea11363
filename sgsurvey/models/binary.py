"""logit(): an outcome with two values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.models.category_model import CategoryModel, with_odds, without_constant
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.likelihood import fit_categories
from sgsurvey.models.wording import check_level
from sgsurvey.numerics.cumulative import Link
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.table import Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text


@dataclass(frozen=True)
class BinaryRegression(CategoryModel):
    """A regression of the higher of two values.

    Attributes
    ----------
    frame : DataFrame
        ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high`` and for the logit ``odds_ratio,
        odds_low, odds_high``; the constant first.
    """

    @property
    def covariance(self) -> Array:
        """Covariance of the coefficients, in the order of the rows; shape (p, p)."""
        sign = _signs(len(self.fit.theta))
        return self.fit.covariance * np.outer(sign, sign)

    def _table(self) -> Table:
        design = self.fit.design
        labels = [HEADS["constant"], *without_constant(design)[1]]
        high = self.fit.levels[1]
        title = Text(
            f"{design.outcome_label.zh}（={high:g}）的二元{self.link}回归",
            f"Binary {self.link} regression of {design.outcome_label.en} (= {high:g})",
        )
        return self._page("binary_regression", title, labels, None)


def logit(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    link: Link = "logit",
    cluster: str | None = None,
    offset: str | None = None,
    conf_level: float = 0.95,
) -> BinaryRegression:
    """Regression of an outcome with two values by maximum likelihood.

    Parameters
    ----------
    data : Responses or DataFrame
        With a design its weights and its errors are used; without, errors are the likelihood's.
    formula : str
        As in ``ols``; the higher of the outcome's two values is modelled.
    link : "logit" or "probit"
    cluster : str, optional
        Column of clusters: errors then come from the sums of each, with t on clusters - 1 - slopes.
    offset : str, optional
        A number that enters the linear predictor with the coefficient 1.
    conf_level : float

    Raises
    ------
    DataError
        The outcome has not two values.
    EstimationError
        A predictor separates them, or the likelihood does not converge.

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International
    Statistical Review, 51, 279-292.

    Examples
    --------
    ``sg.logit(answers, "V_fee ~ V_fee_assigned + C(V_inc)", cluster="village_id")``
    """
    check_level(conf_level)
    fitted, basis = fit_categories(as_columns(data), formula, link, cluster, offset, two=True)
    sign = _signs(len(fitted.theta))
    names = [INTERCEPT, *without_constant(fitted.design)[0]]
    covariance = fitted.covariance * np.outer(sign, sign)
    frame = with_odds(fitted.lines(names, sign * fitted.theta, covariance, conf_level), link)
    return BinaryRegression(frame, basis, fitted.statistics(), fitted, link, conf_level)


def _signs(q: int) -> Array:
    """``P(y = 1) = F(x'b - alpha)``: the constant is minus the threshold."""
    return np.concatenate([[-1.0], np.ones(q - 1)])
