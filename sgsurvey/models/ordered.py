"""ordered(): an outcome with ordered values."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError
from sgsurvey.models.category_model import CategoryModel, with_odds, without_constant
from sgsurvey.models.likelihood import fit_categories
from sgsurvey.models.parallel_lines import ParallelLines, parallel_lines
from sgsurvey.models.wording import check_level
from sgsurvey.numerics.cumulative import Link
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.table import Table
from sgsurvey.text import Text


@dataclass(frozen=True)
class OrderedRegression(CategoryModel):
    """A regression of ordered values: ``P(y <= k) = F(threshold_k - x'b)``.

    Attributes
    ----------
    frame : DataFrame
        Slopes: ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high`` and for the logit
        ``odds_ratio, odds_low, odds_high``; a slope above 0 goes with higher values.
    thresholds : DataFrame
        ``term`` (``1|2``), ``estimate, std_error, statistic, df, p_value, conf_low, conf_high``.
    """

    thresholds: pd.DataFrame

    @property
    def covariance(self) -> Array:
        """Covariance of the slopes, in the order of the rows; shape (p, p)."""
        cuts = len(self.thresholds)
        return self.fit.covariance[cuts:, cuts:]

    def brant(self) -> ParallelLines:
        """Test whether the slopes are the same at every threshold (proportional odds).

        Raises
        ------
        EstimationError
            A probit, an outcome of two values, or a threshold that a predictor separates.

        References
        ----------
        Brant, R. (1990). Assessing proportionality in the proportional odds model for ordinal logistic regression.
        Biometrics, 46, 1171-1178.
        """
        if self.link != "logit":
            raise EstimationError("Brant's test is for the logit.", remedy="Fit the model with link='logit'.")
        return parallel_lines(self.fit, self.basis)

    def _table(self) -> Table:
        design = self.fit.design
        title = Text(
            f"{design.outcome_label.zh}的有序{self.link}回归",
            f"Ordered {self.link} regression of {design.outcome_label.en}",
        )
        cuts = self.thresholds.assign(
            term=pd.Series([Text(f"阈值 {t}", f"Threshold {t}") for t in self.thresholds["term"]], dtype=object)
        )
        return self._page("ordered_regression", title, without_constant(design)[1], cuts)


def ordered(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    link: Link = "logit",
    cluster: str | None = None,
    offset: str | None = None,
    conf_level: float = 0.95,
) -> OrderedRegression:
    """Regression of an outcome with ordered values (proportional odds for the logit), by maximum likelihood.

    Parameters
    ----------
    data : Responses or DataFrame
        With a design its weights and its errors are used; without, errors are the likelihood's.
    formula : str
        As in ``ols``; the outcome's values are taken in order.
    link : "logit" or "probit"
    cluster : str, optional
        Column of clusters: errors then come from the sums of each, with t on clusters - 1 - slopes.
    offset : str, optional
        A number that enters the linear predictor with the coefficient 1.
    conf_level : float

    Raises
    ------
    DataError
        The outcome has one value only.
    EstimationError
        A predictor separates categories, or the likelihood does not converge.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical Society B, 42, 109-142.
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International
    Statistical Review, 51, 279-292.

    Examples
    --------
    ``sg.ordered(answers, "SAT1 ~ MGT + FUN", cluster="township_id")``
    """
    check_level(conf_level)
    fitted, basis = fit_categories(as_columns(data), formula, link, cluster, offset, two=False)
    cuts = len(fitted.levels) - 1
    names, _ = without_constant(fitted.design)
    slopes = fitted.lines(names, fitted.theta[cuts:], fitted.covariance[cuts:, cuts:], conf_level)
    between = [f"{a:g}|{b:g}" for a, b in zip(fitted.levels, fitted.levels[1:], strict=False)]
    thresholds = fitted.lines(between, fitted.theta[:cuts], fitted.covariance[:cuts, :cuts], conf_level)
    return OrderedRegression(with_odds(slopes, link), basis, fitted.statistics(), fitted, link, conf_level, thresholds)
