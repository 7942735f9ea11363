"""diagnostics(): what speaks against a regression, as one table and one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.models.category_checks import category_checks
from sgsurvey.models.category_model import CategoryModel
from sgsurvey.models.checks import ALPHA, CHECKS, COUNTS, Check, degrees, directions, finding
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.diagnostics_sentences import of_diagnostics
from sgsurvey.models.influence import row_influence, without_each_cluster
from sgsurvey.models.linear_checks import linear_checks, rows_stand_alone
from sgsurvey.models.ols import Regression
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

RULES = Text(
    f"检验以p < {ALPHA}为有迹象；条件指数30、VIF 10、Cook距离1、群组份额一半为惯例。",
    f"A test finds something at p < {ALPHA}; condition index 30, VIF 10, Cook's distance 1 and half of a "
    "jackknife variance are conventions.",
)
UNDER_DESIGN = Text(
    "行不独立或不等权：辅助回归按模型的协方差检验（F）。",
    "Rows are not independent or count unequally: auxiliary regressions are tested under the model's covariance (F).",
)


@dataclass(frozen=True)
class Diagnostics(Result):
    """Checks of one regression.

    Attributes
    ----------
    frame : DataFrame
        One row per check: ``check, statistic, df, df2`` (of an F), ``p_value, verdict`` (``"found"``: a sign of the
        fault; ``"clear"``; ``"read"``: a number without a rule; ``"none"``: it could not be made), ``detail`` (the
        terms, row or cluster).
    terms : DataFrame
        One row per numeric term: ``term, estimate, r`` (correlation with the outcome), ``suppressed`` (their signs
        differ), and for a linear regression ``vif``.
    influence : DataFrame
        One row per row of a linear regression: ``row, fitted, residual, leverage, standardised, rstudent,
        bonferroni_p, cooks_d, dffits``, ``dfbetas[…]`` and ``few`` (the fitted value is that of fewer people than the
        questionnaire shows); empty for other models.
    clusters : DataFrame
        Coefficients without each cluster: ``by, cluster, n, term, estimate, change, variance_share``.
    outcome : Text
    notes : tuple of Text
    """

    terms: pd.DataFrame
    influence: pd.DataFrame
    clusters: pd.DataFrame
    outcome: Text
    notes: tuple[Text, ...]

    def _table(self) -> Table:
        checks = [Check(*line) for line in self.frame.itertuples(index=False, name=None)]
        shown = pd.DataFrame(
            {
                "check": [CHECKS[one.check].name for one in checks],
                "statistic": self.frame["statistic"],
                "df": [degrees(one.df, one.df2) for one in checks],
                "p_value": [Text("", "") if pd.isna(one.p_value) else one.p_value for one in checks],
                "finding": [finding(one, self._named(one.detail)) for one in checks],
            }
        )
        columns = [
            Column("check", HEADS["check"], "text"),
            Column("statistic", HEADS["statistic"], "statistic"),
            Column("df", HEADS["df"], "text"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("finding", HEADS["verdict"], "text"),
        ]
        title = Text("{outcome}：回归诊断", "{outcome}: regression diagnostics").format(outcome=self.outcome)
        said = [CHECKS[one.check].note for one in checks if one.verdict in ("found", "read")]
        notes = [RULES, *self.notes, *(note for note in dict.fromkeys(said) if note is not None)]
        table = Table.from_frame(shown, columns, id="diagnostics", title=title, notes=notes)
        rows = (_counted(one, row, self.basis.smallest) for one, row in zip(checks, table.rows, strict=True))
        shown_table = replace(table, rows=tuple(rows))
        return shown_table.telling(*of_diagnostics(shown_table, [one.verdict for one in checks]))

    def _named(self, detail: str) -> Text:
        """What a check names, with the words of terms; rows by their number."""
        if detail.startswith("row "):
            return Text(f"第{detail[4:]}行", detail)
        cluster, colon, term = detail.partition(": ")
        if colon:
            label = self.basis.label(term)
            return Text(f"{cluster}：{label.zh}", f"{cluster}: {label.en}")
        labels = [self.basis.label(name) for name in detail.split("; ")]
        return Text("；".join(one.zh for one in labels), "; ".join(one.en for one in labels)) if detail else same("")

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Residuals against fitted values, their quantiles, their size, and leverage, in four panels.

        Rows whose fitted value is that of few people are left out.

        Raises
        ------
        DataError
            The model is no linear regression.
        """
        from sgsurvey.figures.residuals import residual_panels

        if self.influence.empty:
            raise DataError(
                Text("只有线性回归有残差图。", "only a linear regression has residuals to draw."),
                remedy=Text("请看.table()。", "See .table()."),
            )
        coefficients = sum(column.startswith("dfbetas[") for column in self.influence)
        # By what is drawn, without the order of the answers.
        drawn = ["fitted", "residual", "standardised", "leverage"]
        shown = self.influence.loc[~self.influence["few"], drawn].sort_values(drawn, ignore_index=True)
        return residual_panels(
            shown, coefficients=coefficients, n=self.n, ax=ax, language=language or self.basis.language
        )


def diagnostics(model: Regression | CategoryModel, *, durbin_watson: bool = False) -> Diagnostics:
    """Checks of a fitted regression: variances, functional form, influence, predictors; for categories parallel lines.

    Parameters
    ----------
    model : Regression, OrderedRegression or BinaryRegression
        What ``ols``, ``ordered`` or ``logit`` gave back.
    durbin_watson : bool
        Whether to print Durbin and Watson's statistic, which means something only where rows stand in their order.

    Raises
    ------
    DataError
        Another kind of result, or a model without predictors.

    References
    ----------
    Belsley, D. A., Kuh, E., & Welsch, R. E. (1980). Regression diagnostics. Wiley.
    Koenker, R. (1981). A note on studentizing a test for heteroscedasticity. Journal of Econometrics, 17, 107-112.
    White, H. (1980). A heteroskedasticity-consistent covariance matrix estimator. Econometrica, 48, 817-838.

    Examples
    --------
    ``sg.diagnostics(sg.ols(answers, "SAT ~ FUN + MGT", cluster="township_id"))``
    """
    if not isinstance(model, Regression | CategoryModel):
        raise DataError(
            Text(f"{type(model).__name__}没有诊断。", f"a {type(model).__name__} has no diagnostics."),
            remedy=Text("请传入ols、ordered或logit的结果。", "Give what ols, ordered or logit gave back."),
        )
    design = model.fit.design
    if not design.terms:
        raise DataError(
            Text("模型没有自变量。", "the model has no predictor to check."),
            remedy=Text("请在“~”后写自变量。", "Name predictors after '~'."),
        )
    influence, clusters = pd.DataFrame(), pd.DataFrame()
    terms = _terms(design, model)
    notes: tuple[Text, ...] = ()
    if isinstance(model, Regression):
        influence, clusters = row_influence(model.fit), without_each_cluster(model.fit)
        checks = linear_checks(model.fit, influence, clusters, order=durbin_watson)
        vif = model.terms.set_index("term")["gvif"]
        terms = terms.assign(vif=terms["term"].map(vif))
        notes = () if rows_stand_alone(model.fit) else (UNDER_DESIGN,)
    else:
        checks = category_checks(model)
    words = {name: label for name, label in zip(design.names, design.labels, strict=True)}
    basis = model.basis.labelled(words | {term.name: term.label for term in design.terms})
    frame = pd.DataFrame(checks, columns=list(Check._fields))
    return Diagnostics(frame, basis, terms, influence, clusters, design.outcome_label, notes)


def _counted(check: Check, row: Row, smallest: int) -> Row:
    """The row of a check that counts, with a whole number; of persons only where they are ``smallest`` or more."""
    if check.check not in COUNTS:
        return row
    name, statistic, *rest = row.cells
    few = check.check == "smallest_category" and check.statistic < smallest
    return replace(row, cells=(name, replace(statistic, kind="count", suppressed=few), *rest))


def _terms(design: DesignMatrix, model: Regression | CategoryModel) -> pd.DataFrame:
    by_name = model.frame.set_index("term")["estimate"]
    estimates = by_name.reindex(list(design.names)).to_numpy(dtype=float)
    signs = directions(design, estimates)
    lines: Sequence[tuple[str, float, float, bool]] = [(name, b, r, b * r < 0) for name, (b, r) in signs.items()]
    return pd.DataFrame(lines, columns=["term", "estimate", "r", "suppressed"])
