"""A random intercept model as a result: its table, means, contrasts, predictions and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError
from sgsurvey.models.coefficient_sentences import of_model
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.few_people import without_few
from sgsurvey.models.fitted_model import FittedModel
from sgsurvey.models.grouped import (
    RATIO,
    caterpillar,
    foot,
    group_notes,
    likelihood_ratio,
    with_interval,
)
from sgsurvey.models.marginal_means import (
    LinearModel,
)
from sgsurvey.models.multilevel_fit import MultilevelFit
from sgsurvey.models.ols import precise
from sgsurvey.models.predictions import group_predictions, linear_predictions
from sgsurvey.models.reference_grid import At, Over, ReferenceGrid
from sgsurvey.models.small_sample import SmallSample
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.table import Column, Kind, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes


METHODS: dict[tuple[str, SmallSample], Text] = {
    ("REML", "kenward_roger"): Text(
        "随机截距模型，REML估计；标准误与自由度用Kenward-Roger法。",
        "Random intercept model by REML; standard errors and df of Kenward and Roger.",
    ),
    ("REML", "satterthwaite"): Text(
        "随机截距模型，REML估计；自由度用Satterthwaite法。", "Random intercept model by REML; df of Satterthwaite."
    ),
    ("ML", "satterthwaite"): Text(
        "随机截距模型，ML估计；自由度用Satterthwaite法。",
        "Random intercept model by maximum likelihood; df of Satterthwaite.",
    ),
}
CONVENTIONS = Text(
    "方差与ICC的区间用轮廓似然法；R²为Nakagawa与Schielzeth（2013）：边际R²只计自变量，条件R²另计组间差别。",
    "Intervals of variances and ICC by profile likelihood; R² of Nakagawa and Schielzeth (2013): marginal of the "
    "predictors, conditional of predictors and groups.",
)
SINGULAR = Text(
    "组间方差估计为0（奇异拟合）：系数与普通最小二乘相同。",
    "The variance between groups is estimated as 0 (singular fit): coefficients are those of least squares.",
)


@dataclass(frozen=True)
class Multilevel(FittedModel):
    """A linear regression with a random intercept for each group.

    Attributes
    ----------
    frame : DataFrame
        ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high``; one line per coefficient.
    terms : DataFrame
        ``term, statistic, df1, df2, p_value``; one line per term, tested jointly.
    variances : DataFrame
        ``component`` ("group", "residual", "icc"), ``estimate, sd, std_error, conf_low, conf_high``.
    groups : DataFrame
        ``group, n, estimate`` (the predicted intercept, about the average), ``std_error, conf_low, conf_high`` (given
        the estimated coefficients and variances).
    contextual : DataFrame
        The columns of ``frame`` for between minus within of each predictor of ``split``: 0 where both are one.
    fit_statistics : Series
        ``n, groups, smallest_group, largest_group, r_squared_marginal, r_squared_conditional, icc, icc_null`` (without
        predictors), ``log_likelihood, aic, bic, lr, lr_p_value`` (of the random intercept).
    fit : MultilevelFit
    group : str
    conf_level : float
    """

    terms: pd.DataFrame
    variances: pd.DataFrame
    groups: pd.DataFrame
    contextual: pd.DataFrame
    fit_statistics: pd.Series
    fit: MultilevelFit
    group: str
    conf_level: float

    @property
    def covariance(self) -> Array:
        """Covariance of the coefficients, in the order of the rows; shape (p, p)."""
        return self.fit.covariance.matrix

    @property
    def singular(self) -> bool:
        """Whether the variance between groups is estimated as 0."""
        return self.fit.solution.singular

    @property
    def _linear(self) -> LinearModel:
        fit = self.fit
        return LinearModel(fit.design, fit.solution.coefficients, fit.covariance, self._notes())

    def _grid(self, by: str | Sequence[str], at: At | None, over: Over) -> ReferenceGrid:
        if len(self.contextual):
            raise EstimationError(
                Text("拆分后的自变量没有共同的取值。", "split predictors have no one value to be held at."),
                remedy=Text("请用不带split=的模型。", "Fit the model without split=."),
            )
        return super()._grid(by, at, over)

    def predict(self, new: Responses | pd.DataFrame | None = None, *, group_effect: bool = False) -> pd.DataFrame:
        """Expected outcomes for rows of predictors, under their index; for the model's own rows where None.

        Parameters
        ----------
        new : Responses or DataFrame, optional
        group_effect : bool
            Of each row's own group, rather than of the average over all groups.  For a group that the model does not
            know (or that is missing) that average stands, and the interval is wider by what groups differ.

        Returns
        -------
        DataFrame
            ``estimate, std_error, df, conf_low, conf_high``, and ``single_low, single_high`` for a single answer, of a
            person in any group or in that group; nan where a predictor is missing.  With ``group_effect`` intervals
            are normal, given the estimated variances, and ``known`` says whether the model knows the group.

        Raises
        ------
        EstimationError
            New rows for a model with ``split``, or a missing column.
        """
        if new is not None and len(self.contextual):
            raise EstimationError(
                Text("新的行没有说明其组均值，拆分后的自变量无从取值。",
                     "new rows do not say the means of their groups, which split predictors take."),
                where="predict",
                remedy=Text("请用不带split=的模型，或不给新的行。", "Fit without split=, or predict for its own rows."),
            )  # fmt: skip
        if group_effect:
            return group_predictions(self.fit, self.group, new, self.conf_level)
        # Someone of any group differs by group and person.
        return linear_predictions(
            self._linear, float(np.sqrt(self.fit.solution.variances.sum())), None, new, self.conf_level
        )

    def _table(self) -> Table:
        design = self.fit.design
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("statistic", HEADS["t"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("conf_low:conf_high", conf_head(self.conf_level), "interval", digits=3),
        ]
        table = Table.from_frame(
            self.frame.assign(term=pd.Series(design.labels, dtype=object)),
            columns,
            id="multilevel",
            title=Text("{outcome}的多层回归", "Multilevel regression of {outcome}").format(
                outcome=design.outcome_label
            ),
            notes=self._notes(),
        )
        rows = tuple(precise(row, columns) for row in table.rows)
        shown = without_few(replace(table, rows=rows), self.frame["estimate"])
        full = shown.extended(self._foot(len(columns)))
        return full.telling(*of_model(full, design.outcome_label))

    def _notes(self) -> tuple[Text, ...]:
        kind = "REML" if self.fit.profile.restricted else "ML"
        return (
            METHODS[kind, self.fit.small_sample],
            *group_notes(self.basis, self.group, len(self.groups)),
            CONVENTIONS,
            *([SINGULAR] if self.singular else []),
            *self._contextual_notes(),
            *self.fit.design.notes,
        )

    def _contextual_notes(self) -> list[Text]:
        words = Text("{name}的组间与组内系数之差 = {b}，t({df}) = {t}，{p}。",
                     "{name}, between minus within: {b}, t({df}) = {t}, {p}.")  # fmt: skip
        return [
            words.format(
                name=self.basis.label(line["term"]),
                b=in_prose(line["estimate"], "estimate", 3),
                df=in_prose(line["df"], "df"),
                t=in_prose(line["statistic"], "statistic"),
                p=in_prose(line["p_value"], "p"),
            )
            for _, line in self.contextual.iterrows()
        ]

    def _foot(self, width: int) -> list[Row]:
        s, variance = self.fit_statistics, self.variances.set_index("component")
        shown: list[tuple[Text, object, Kind]] = [
            (HEADS["n"], s["n"], "count"),
            (Text("组数", "Groups"), s["groups"], "count"),
            (Text("组间方差", "Variance between groups"), with_interval(variance.loc["group"], "estimate"), "text"),
            (Text("组内方差", "Variance within groups"), with_interval(variance.loc["residual"], "estimate"), "text"),
            (HEADS["icc"], with_interval(variance.loc["icc"], "bounded"), "text"),
            (RATIO, likelihood_ratio(s), "text"),
            (Text("零模型ICC", "ICC without predictors"), s["icc_null"], "bounded"),
            (Text("边际R²", "Marginal R²"), s["r_squared_marginal"], "bounded"),
            (Text("条件R²", "Conditional R²"), s["r_squared_conditional"], "bounded"),
            (Text("对数似然", "Log-likelihood"), s["log_likelihood"], "estimate"),
        ]
        return foot(shown, width)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Coefficients with their intervals, without the constant; without predictors the groups' intercepts.

        Groups of fewer persons than the questionnaire shows are left out.
        """
        from sgsurvey.figures.forest import forest

        spoken = language or self.basis.language
        words = pd.Series([label.to(spoken) for label in self.fit.design.labels])
        shown = self.frame.assign(term=words)[self.frame["term"] != INTERCEPT]
        if len(shown):
            return forest(shown, n=self.n, conf_level=self.conf_level, ax=ax, language=spoken)
        return self.plot_groups(ax, language=language)

    def plot_groups(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The groups' predicted intercepts with their intervals, in order (a caterpillar plot).

        Groups of fewer persons than the questionnaire shows are left out.

        Raises
        ------
        EstimationError
            No group has so many persons.
        """
        return caterpillar(self.groups, self.basis, self.conf_level, ax, language)
