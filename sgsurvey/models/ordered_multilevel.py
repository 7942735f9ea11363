"""ordered_multilevel(): an outcome with ordered values, of people in groups, with a random intercept for each group."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError
from sgsurvey.models.category_model import category_columns, with_odds, without_constant
from sgsurvey.models.coefficient_sentences import TOLD, of_model
from sgsurvey.models.design_matrix import complete_rows, design_matrix
from sgsurvey.models.fit import check_estimable
from sgsurvey.models.formula import read_formula
from sgsurvey.models.grouped import (
    RATIO,
    caterpillar,
    foot,
    group_codes,
    group_notes,
    likelihood_ratio,
    refuse_other_design,
    with_interval,
)
from sgsurvey.models.hidden_coefficients import without_few
from sgsurvey.models.likelihood import levels_of
from sgsurvey.models.margins import Margins, average_effects
from sgsurvey.models.ordered_multilevel_fit import GroupedCategoryFit, grouped_categories
from sgsurvey.models.wording import check_level
from sgsurvey.numerics.cumulative import Link
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.table import Kind, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

MOST_NODES = 100
LAPLACE = Text("拉普拉斯近似", "Laplace's approximation")
QUADRATURE = Text("自适应Gauss-Hermite求积（{k}个节点）", "adaptive Gauss-Hermite quadrature with {k} nodes")
METHOD = Text(
    "随机截距模型，极大似然（{how}）；标准误由二阶导数，z检验。",
    "Random intercept model by maximum likelihood ({how}); errors of the second derivatives, z tests.",
)
CONDITIONAL = Text(
    "系数和优势比是同一组之内的；总体平均的概率差别见.margins()。",
    "Coefficients and odds ratios compare people of one group; .margins() averages over groups.",
)
CONVENTIONS = Text(
    "组间方差和ICC以潜变量计（logit的组内方差为π²/3，probit为1），区间由标准差的对数。",
    "Variance between groups and ICC are of the latent variable (π²/3 within groups for the logit, 1 for the probit), "
    "intervals by the logarithm of the standard deviation.",
)
NONE = Text(
    "组间方差估计为0：结果与不分组的模型相同。",
    "The variance between groups is estimated as 0: the model without groups.",
)


@dataclass(frozen=True)
class OrderedMultilevel(Inline):
    """A regression of ordered values with groups: ``P(y <= k) = F(threshold_k - x'b - u_group)``, u normal.

    Attributes
    ----------
    frame : DataFrame
        Slopes: ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high`` and for the logit
        ``odds_ratio, odds_low, odds_high``; a slope above 0 goes with higher values.
    thresholds : DataFrame
        ``term`` (``1|2``), then the same columns up to ``conf_high``.
    variances : DataFrame
        ``component`` ("group", "icc"), ``estimate, sd, std_error, conf_low, conf_high``, of the latent variable.
    groups : DataFrame
        ``group, n, estimate`` (the most likely intercept), ``std_error, conf_low, conf_high`` (given the estimates).
    fit_statistics : Series
        ``n, groups, smallest_group, largest_group, icc, r_squared_marginal, r_squared_conditional`` (latent),
        ``log_likelihood, aic, bic, lr, lr_p_value`` (of the random intercept).
    fit : GroupedCategoryFit
    group : str
    link : "logit" or "probit"
    conf_level : float
    """

    thresholds: pd.DataFrame
    variances: pd.DataFrame
    groups: pd.DataFrame
    fit_statistics: pd.Series
    fit: GroupedCategoryFit
    group: str
    link: Link
    conf_level: float

    @property
    def covariance(self) -> Array:
        """Covariance of the slopes, in the order of the rows; shape (p, p)."""
        cuts = len(self.thresholds)
        return self.fit.covariance[cuts:-1, cuts:-1]

    @property
    def singular(self) -> bool:
        """Whether the variance between groups is estimated as 0."""
        return bool(self.fit.solution.sd == 0)

    def margins(self, *, at_least: float | None = None) -> Margins:
        """Average marginal effects on the probability of each value, or of ``at_least`` one, averaged over groups too.

        Raises
        ------
        DataError
            Nobody can fall short of ``at_least``, or every predictor stands in a product.
        """
        return average_effects(self.fit, self.basis, at_least, self.conf_level)

    inline_columns = TOLD

    def _table(self) -> Table:
        design = self.fit.design
        title = Text(
            f"{design.outcome_label.zh}的有序{self.link}多层回归",
            f"Multilevel ordered {self.link} regression of {design.outcome_label.en}",
        )
        cuts = [Text(f"阈值 {t}", f"Threshold {t}") for t in self.thresholds["term"]]
        words = pd.Series([*cuts, *without_constant(design)[1]], dtype=object)
        frame = pd.concat([self.thresholds, self.frame], ignore_index=True).assign(term=words)
        columns = category_columns(self.link, self.conf_level, normal=True)
        table = Table.from_frame(frame, columns, id="ordered_multilevel", title=title, notes=self._notes())
        full = without_few(table, frame["estimate"]).extended(self._foot(len(columns)))
        return full.telling(*of_model(full, design.outcome_label, thresholds=len(cuts)))

    def _notes(self) -> tuple[Text, ...]:
        how = LAPLACE if self.fit.nodes == 1 else QUADRATURE.format(k=self.fit.nodes)
        return (
            METHOD.format(how=how),
            *group_notes(self.basis, self.group, len(self.groups)),
            CONDITIONAL,
            CONVENTIONS,
            *([NONE] if self.singular else []),
            *self.fit.design.notes,
        )

    def _foot(self, width: int) -> list[Row]:
        s, lines = self.fit_statistics, self.variances.set_index("component")
        shown: list[tuple[Text, object, Kind]] = [
            (HEADS["n"], s["n"], "count"),
            (Text("组数", "Groups"), s["groups"], "count"),
            (Text("组间方差", "Variance between groups"), with_interval(lines.loc["group"], "estimate"), "text"),
            (HEADS["icc"], with_interval(lines.loc["icc"], "bounded"), "text"),
            (RATIO, likelihood_ratio(s), "text"),
            (Text("边际R²", "Marginal R²"), s["r_squared_marginal"], "bounded"),
            (Text("条件R²", "Conditional R²"), s["r_squared_conditional"], "bounded"),
            (Text("对数似然", "Log-likelihood"), s["log_likelihood"], "estimate"),
        ]
        return foot(shown, width)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Coefficients with their intervals, without thresholds; without predictors the groups' intercepts."""
        from sgsurvey.figures.forest import forest

        if self.frame.empty:
            return self.plot_groups(ax, language=language)
        spoken = language or self.basis.language
        shown = self.frame.assign(term=[label.to(spoken) for label in without_constant(self.fit.design)[1]])
        return forest(shown, n=self.n, conf_level=self.conf_level, ax=ax, language=spoken)

    def plot_groups(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The groups' predicted intercepts with their intervals, in order (a caterpillar plot).

        Groups of fewer persons than the questionnaire shows are left out.

        Raises
        ------
        EstimationError
            No group has so many persons.
        """
        return caterpillar(self.groups, self.basis, self.conf_level, ax, language)


def ordered_multilevel(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    group: str,
    link: Link = "logit",
    nodes: int = 10,
    conf_level: float = 0.95,
) -> OrderedMultilevel:
    """Regression of an outcome with ordered values (two, too) and a random intercept for each group.

    Parameters
    ----------
    data : Responses or DataFrame
        Without weights and strata: they are refused.
    formula : str
        As in ``ordered``; of two values the higher is modelled, and the constant is minus the threshold.
    group : str
        Column of the groups; a row without one is not used.
    link : "logit" or "probit"
    nodes : int
        Of the adaptive quadrature; 1 is Laplace's approximation, which small groups bias.
    conf_level : float

    Raises
    ------
    DataError
        The outcome has one value only.
    DesignError
        Weights, or clusters that are not the groups.
    EstimationError
        One group only, a predictor that separates categories, or no convergence.

    References
    ----------
    Hedeker, D., & Gibbons, R. D. (1994). A random-effects ordinal regression model for multilevel analysis. Biometrics,
    50, 933-944.
    Pinheiro, J. C., & Bates, D. M. (1995). Approximations to the log-likelihood function in the nonlinear mixed-effects
    model. Journal of Computational and Graphical Statistics, 4, 12-35.

    Examples
    --------
    ``sg.ordered_multilevel(answers, "SAT1 ~ MGT + FUN", group="township_id").margins(at_least=4)``
    """
    check_level(conf_level)
    if not 1 <= nodes <= MOST_NODES:
        raise EstimationError(
            Text(f"nodes={nodes}不可用。", f"nodes={nodes} cannot be used."),
            remedy=Text(f"请给1到{MOST_NODES}之间的整数。", f"Give a whole number from 1 to {MOST_NODES}."),
        )
    answers = as_columns(data)
    refuse_other_design(answers, "ordered_multilevel", group)
    read = read_formula(formula)
    rows = complete_rows(answers, [*read.variables, group])
    codes, names = group_codes(answers, group, rows.kept)
    if len(names) == len(codes):
        raise EstimationError(
            Text("每组只有一行。", "every group has one row only."),
            where=f"group='{group}'",
            remedy=Text("请用sg.ordered，或改用较大的组。", "Use sg.ordered, or larger groups."),
        )
    design = design_matrix(answers, read, rows)
    levels = levels_of(design, two=False)
    check_estimable(design)
    fit = grouped_categories(design, levels, codes, names, link, nodes)
    cuts = len(levels) - 1
    between = [f"{a:g}|{b:g}" for a, b in pairwise(levels)]
    slopes = fit.lines(without_constant(design)[0], fit.theta[cuts:-1], fit.covariance[cuts:-1, cuts:-1], conf_level)
    basis = answers.basis(len(rows.kept), rows.dropped)
    return OrderedMultilevel(
        with_odds(slopes, link),
        basis.labelled(dict(zip(design.names, design.labels, strict=True))),
        fit.lines(between, fit.theta[:cuts], fit.covariance[:cuts, :cuts], conf_level),
        fit.variances(conf_level),
        fit.groups(conf_level),
        fit.statistics(),
        fit,
        group,
        link,
        conf_level,
    )
