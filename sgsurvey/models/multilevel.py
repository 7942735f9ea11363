"""multilevel(): linear regression of people in groups, with a random intercept for each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.models.design_matrix import INTERCEPT, complete_rows, design_matrix
from sgsurvey.models.fit import check_estimable
from sgsurvey.models.formula import read_formula
from sgsurvey.models.grouped import (
    RATIO,
    caterpillar,
    group_codes,
    group_notes,
    likelihood_ratio,
    refuse_other_design,
    with_interval,
)
from sgsurvey.models.hypotheses import JointTest, joint_test
from sgsurvey.models.marginal_means import (
    ContrastAdjustment,
    Contrasts,
    LinearModel,
    MarginalMeans,
    contrasts,
    linear_means,
)
from sgsurvey.models.multilevel_fit import MultilevelFit
from sgsurvey.models.ols import precise
from sgsurvey.models.reference_grid import At, Over, ReferenceGrid, reference_grid
from sgsurvey.models.small_sample import SmallSample
from sgsurvey.models.within_between import split_predictors
from sgsurvey.models.wording import check_level, conf_head
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_intercept import Profile, fitted, grouped_moments
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Cell, Column, Kind, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Estimation = Literal["REML", "ML"]

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
class Multilevel(Result):
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
        return reference_grid(self.fit.design, by, at, over)

    def means(self, by: str | Sequence[str], *, at: At | None = None, over: Over = "equal") -> MarginalMeans:
        """Means of the outcome where the predictors ``by`` are held, in an average group.

        Parameters
        ----------
        by : str or sequence of str
            Categories of the model, or numbers with their values in ``at``.
        at : mapping of name to values, optional
        over : "equal" or "sample"
            Other categories count equally and other numbers stand at their mean, or everybody keeps their own.
        """
        return linear_means(self._linear, self._grid(by, at, over), over, self.basis, self.conf_level)

    def contrasts(
        self,
        by: str | Sequence[str],
        *,
        against: object = None,
        weights: Mapping[str, Sequence[float]] | None = None,
        adjust: ContrastAdjustment = "holm",
        at: At | None = None,
        over: Over = "equal",
    ) -> Contrasts:
        """Differences of marginal means, each with degrees of freedom of its own, and the test of all of them.

        Parameters
        ----------
        by, at, over :
            As in ``means``.
        against : object, optional
            The cell that the others are compared with; all pairs where neither it nor ``weights`` is given.
        weights : mapping of name to sequence of float, optional
            Combinations of the cells, each with sum 0.
        adjust : "holm", "BH", "tukey" or "none"
        """
        return contrasts(
            self._linear, self._grid(by, at, over), self.basis, self.conf_level, over=over, against=against,
            weights=weights, adjust=adjust,
        )  # fmt: skip

    def test(self, hypotheses: str | Sequence[str]) -> JointTest:
        """Test linear hypotheses one by one and together: ``["FUN = MGT", "SUP", "C(age5)"]`` (0 where no '=')."""
        return joint_test(self._linear, hypotheses, self.basis)

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
        return replace(table, rows=rows).extended(self._foot(len(columns)))

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
        return [Row((Cell(head), Cell(value, kind, span=width - 1)), kind="stat") for head, value, kind in shown]

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


def multilevel(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    group: str,
    split: Sequence[str] = (),
    df: SmallSample = "kenward_roger",
    estimation: Estimation = "REML",
    conf_level: float = 0.95,
) -> Multilevel:
    """Linear regression with a random intercept for each group, such as a township.

    Parameters
    ----------
    data : Responses or DataFrame
        Without weights and strata: they are refused.
    formula : str
        As in ``ols``.
    group : str
        Column of the groups; a row without one is not used.
    split : list of str
        Numeric predictors that enter twice, as deviations from their group's mean and as that mean (Mundlak).
    df : "kenward_roger" or "satterthwaite"
        Degrees of freedom; Kenward and Roger's come with their standard errors, and for ML become Satterthwaite's.
    estimation : "REML" or "ML"
        ML for comparing models that differ in their predictors.
    conf_level : float

    Raises
    ------
    DataError, DesignError, EstimationError
        As ``ols``; weights; one group only; nothing to vary between the groups, or within.

    References
    ----------
    Kenward, M. G., & Roger, J. H. (1997). Small sample inference for fixed effects from restricted maximum likelihood.
    Biometrics, 53, 983-997.
    Nakagawa, S., & Schielzeth, H. (2013). A general and simple method for obtaining R² from generalized linear
    mixed-effects models. Methods in Ecology and Evolution, 4, 133-142.
    Self, S. G., & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio
    tests under nonstandard conditions. Journal of the American Statistical Association, 82, 605-610.

    Examples
    --------
    ``sg.multilevel(answers, "SAT ~ MGT + C(role)", group="township_id", split=["MGT"])``
    """
    check_level(conf_level)
    _check_choice("df", df, get_args(SmallSample))
    _check_choice("estimation", estimation, get_args(Estimation))
    answers = as_columns(data)
    refuse_other_design(answers, "multilevel", group)
    read = read_formula(formula)
    rows = complete_rows(answers, [*read.variables, group])
    codes, names = group_codes(answers, group, rows.kept)
    design, pairs = split_predictors(design_matrix(answers, read, rows), split, codes)
    check_estimable(design)
    profile = Profile(grouped_moments(design.X, design.y, codes), estimation == "REML")
    fit = MultilevelFit(design, profile, fitted(profile), df if estimation == "REML" else "satterthwaite", names)
    eye = np.eye(len(design.names))
    contrasts = np.array([eye[b] - eye[w] for w, b in pairs]).reshape(-1, len(design.names))
    basis = answers.basis(len(rows.kept), rows.dropped)
    return Multilevel(
        fit.lines(design.names, eye, conf_level),
        basis.labelled(dict(zip(design.names, design.labels, strict=True))),
        fit.terms(),
        fit.variances(conf_level),
        fit.groups(conf_level),
        fit.lines(list(split), contrasts, conf_level),
        fit.statistics(),
        fit,
        group,
        conf_level,
    )


def _check_choice(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise EstimationError(
            f"{name}='{value}' is not known.{did_you_mean(str(value), known)}",
            remedy=f"Choose from {', '.join(known)}.",
        )
