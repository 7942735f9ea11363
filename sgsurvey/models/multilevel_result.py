"""A multilevel model as a result: its table, means, contrasts, predictions and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.answers.refusal import declined
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError
from sgsurvey.models.coefficient_sentences import of_model
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.fitted_model import FittedModel
from sgsurvey.models.grouped import SHRUNKEN, SHRUNKEN_SLOPES, caterpillar, foot, group_notes
from sgsurvey.models.hidden_coefficients import without_few
from sgsurvey.models.marginal_means import LinearModel
from sgsurvey.models.mixed_fit import MixedFit
from sgsurvey.models.multilevel_fit import MultilevelFit
from sgsurvey.models.ols import precise
from sgsurvey.models.predictions import group_predictions, linear_predictions
from sgsurvey.models.reference_grid import At, Over, ReferenceGrid
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes


@dataclass(frozen=True)
class Multilevel(FittedModel):
    """A linear regression with a random intercept for each group, of one grouping or several, and with random slopes.

    Attributes
    ----------
    frame : DataFrame
        ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high``; one line per coefficient.
    terms : DataFrame
        ``term, statistic, df1, df2, p_value``; one line per term, tested jointly.
    variances : DataFrame
        ``component, estimate, sd, std_error, conf_low, conf_high``; ``component`` is "group", "residual", "icc" for the
        intercepts of one grouping.  Else the random effects ("Intercept" and the predictors with random slopes, or the
        columns of the groupings), the correlations of two ("Intercept × MGT") and "residual", with ``lr, lr_p_value``:
        the likelihood ratio against a model without that effect.
    groups : DataFrame
        ``group, n, estimate`` (the predicted intercept, about the average), ``std_error, conf_low, conf_high`` (given
        the estimated coefficients and variances); with several random effects ``component`` says which.
    contextual : DataFrame
        The columns of ``frame`` for between minus within of each predictor of ``split``: 0 where both are one.
    fit_statistics : Series
        ``n, groups, smallest_group, largest_group`` (of the grouping with the fewest groups), ``r_squared_marginal,
        r_squared_conditional, icc, log_likelihood, aic, bic``; for the intercepts of one grouping ``icc_null`` (without
        predictors), ``lr, lr_p_value`` (of the random intercept).
    fit : MultilevelFit or MixedFit
        The latter with random slopes or several groupings.
    group : tuple of str
        Columns of the groups.
    conf_level : float
    """

    terms: pd.DataFrame
    variances: pd.DataFrame
    groups: pd.DataFrame
    contextual: pd.DataFrame
    fit_statistics: pd.Series
    fit: MultilevelFit | MixedFit
    group: tuple[str, ...]
    conf_level: float

    @property
    def covariance(self) -> Array:
        """Covariance of the coefficients, in the order of the rows; shape (p, p)."""
        return self.fit.covariance.matrix

    @property
    def singular(self) -> bool:
        """Whether a variance of the random part is estimated as 0, or effects go together exactly."""
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
            New rows for a model with ``split``, or a missing column; ``group_effect`` with random slopes or several
            groupings.
        """
        if new is not None and len(self.contextual):
            raise EstimationError(
                Text("新的行没有说明其组均值，拆分后的自变量无从取值。",
                     "new rows do not say the means of their groups, which split predictors take."),
                where="predict",
                remedy=Text("请用不带split=的模型，或不给新的行。", "Fit without split=, or predict for its own rows."),
            )  # fmt: skip
        if group_effect:
            if isinstance(self.fit, MixedFit):
                raise declined("SG180.prediction", where="predict")
            return group_predictions(self.fit, self.group[0], new, self.conf_level)
        # Someone of any group differs by group and person.
        return linear_predictions(self._linear, self.fit.spread, None, new, self.conf_level)

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
        below = self.fit.foot(self.variances, self.fit_statistics, self.basis)
        full = shown.extended(foot(below, len(columns)))
        return full.telling(*of_model(full, design.outcome_label))

    def _notes(self) -> tuple[Text, ...]:
        method, *conventions = self.fit.words()
        return (
            method,
            *group_notes(self.basis, self.group, int(self.fit_statistics["groups"])),
            *conventions,
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

    def plot_groups(
        self, ax: Axes | None = None, *, component: str | None = None, language: Language | None = None
    ) -> Axes:
        """The groups' predicted intercepts with their intervals, in order (a caterpillar plot).

        Groups of fewer persons than the questionnaire shows are left out.

        Parameters
        ----------
        ax : Axes, optional
        component : str, optional
            Which of several random effects; the first where None.
        language : "zh" or "en", optional

        Raises
        ------
        EstimationError
            No group has so many persons, or there is no such component.
        """
        shown = self.groups if "component" in self.groups else self.groups.assign(component=INTERCEPT)
        known = list(dict.fromkeys(shown["component"]))
        wanted = known[0] if component is None else component
        if wanted not in known:
            raise declined("SG180.component", where="component=", component=wanted, known=", ".join(known))
        shown = shown[shown["component"] == wanted]
        of_slopes = isinstance(self.fit, MixedFit) and component in self.fit.slopes
        axis = SHRUNKEN_SLOPES.format(x=self.basis.label(component)) if of_slopes else SHRUNKEN
        return caterpillar(shown, self.basis, self.conf_level, ax, language, axis=axis)
