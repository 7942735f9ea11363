"""Linear regression by least squares, with standard errors that fit the design."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.models.coefficient_sentences import of_model
from sgsurvey.models.collinearity import Collinearity, collinearity
from sgsurvey.models.covariance import Array, VcovKind, Wald
from sgsurvey.models.design_matrix import INTERCEPT, complete_rows, design_matrix, with_offset
from sgsurvey.models.fit import Fit, fit
from sgsurvey.models.fitted_model import FittedModel
from sgsurvey.models.formula import read_formula
from sgsurvey.models.hidden_coefficients import without_few
from sgsurvey.models.marginal_means import (
    LinearModel,
)
from sgsurvey.models.predictions import linear_predictions
from sgsurvey.models.standard_errors import ClusterColumns, choose_errors
from sgsurvey.models.wording import check_level, conf_head, f_in_prose
from sgsurvey.tables.conventions import OF_COLLINEARITY
from sgsurvey.tables.table import Cell, Column, Kind, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

BETA_NOTE = Text("β只对单个数值变量给出。", "β is given for single numeric variables only.")
GVIF_NOTE = Text(
    "分类变量的VIF为广义VIF（GVIF），由其各虚拟变量共有。",
    "The VIF of a category is its generalised VIF, shared by its columns.",
)


@dataclass(frozen=True)
class Regression(FittedModel):
    """A linear regression.

    Attributes
    ----------
    frame : DataFrame
        ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high, beta, vif, estimate_2sd``; one line
        per coefficient.  ``estimate_2sd`` goes with two standard deviations of a number, or with one value instead of
        the other where there are two (Gelman 2008); it is missing for what stands in a product.
    terms : DataFrame
        ``term, statistic, df1, df2, p_value, gvif, gvif_scaled``; one line per term, tested jointly.
    fit_statistics : Series
        ``n, clusters, r_squared, adj_r_squared, f …, f_classical …, sigma, aic, bic``.
    fit : Fit
        Design matrix, least squares fit and covariance.
    conf_level : float
    """

    terms: pd.DataFrame
    fit_statistics: pd.Series
    fit: Fit
    conf_level: float

    @property
    def model(self) -> Any:
        """The same model fitted by statsmodels, for its diagnostics; its own standard errors are the classical ones."""
        return self.fit.model

    @property
    def covariance(self) -> Array:
        """Covariance of the coefficients, in the order of the rows; shape (p, p)."""
        return self.fit.covariance.matrix

    @property
    def _linear(self) -> LinearModel:
        return LinearModel(self.fit.design, self.fit.solution.coefficients, self.fit.covariance, self.fit.notes())

    def collinearity(self) -> Collinearity:
        """Condition indices, and the shares of the coefficients' variances that go with them (Belsley et al. 1980)."""
        return collinearity(self.fit.design, self.basis)

    def predict(self, new: Responses | pd.DataFrame | None = None) -> pd.DataFrame:
        """Expected outcomes for rows of predictors, under their index; for the model's own rows where None.

        Returns
        -------
        DataFrame
            ``estimate, std_error, df, conf_low, conf_high``, and ``single_low, single_high`` for a single answer (whose
            errors are taken as equal and normal); nan where a predictor is missing.
        """
        solution = self.fit.solution
        return linear_predictions(self._linear, solution.sigma, solution.n - solution.p, new, self.conf_level)

    def _table(self) -> Table:
        design = self.fit.design
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("beta", HEADS["beta"], digits=3),
            Column("statistic", HEADS["t"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("conf_low:conf_high", conf_head(self.conf_level), "interval", digits=3),
            Column("vif", HEADS["vif"]),
        ]
        table = Table.from_frame(
            self.frame.assign(term=pd.Series(design.labels, dtype=object)),
            columns,
            id="regression",
            title=Text("{outcome}的回归分析", "Regression of {outcome}").format(outcome=design.outcome_label),
            notes=(*self.fit.notes(), *self._column_notes()),
        )
        precisely = replace(table, rows=tuple(precise(row, columns) for row in table.rows))
        shown = without_few(precisely, self.frame["estimate"])
        full = shown.extended(self._foot(len(columns))).with_thresholds(OF_COLLINEARITY)
        return full.telling(*of_model(full, design.outcome_label))

    def _column_notes(self) -> tuple[Text, ...]:
        categories = [term for term in self.fit.design.terms if not term.number]
        wide = any(len(term.columns) > 1 for term in categories) and self.fit.design.intercept
        return (*([BETA_NOTE] if categories else []), *([GVIF_NOTE] if wide else []))

    def _foot(self, width: int) -> list[Row]:
        s, kinds = self.fit_statistics, dict[str, Kind]({"n": "count"})
        if self.fit.design.weights is not None:
            kinds["n_effective"] = "estimate"
        if self.fit.covariance.clusters is not None:
            kinds["clusters"] = "count"
        kinds |= {"r_squared": "bounded", "adj_r_squared": "bounded"}
        few = bool(s["n"] < self.fit.design.smallest)
        lines = [(HEADS[key], Cell(s[key], kind, span=width - 1, suppressed=few and key != "n"))
                 for key, kind in kinds.items()]  # fmt: skip
        if s["f_df1"] > 0:
            tests = {"f_classical": Text("F（经典）", "F (classical)")}
            if self.fit.covariance.kind != "classical":
                tests = {"f": Text("F（稳健）", "F (robust)"), **tests}
            for f, head in tests.items():
                test = Wald(s[f], s[f"{f}_df1"], s[f"{f}_df2"], s[f"{f}_p_value"])
                lines.append((head, Cell(f_in_prose(test), span=width - 1, suppressed=few)))
        return [Row((Cell(head), cell), kind="stat") for head, cell in lines]

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Coefficients with their 95 % intervals, without the constant.

        Raises
        ------
        DataError
            There is only a constant.
        """
        from sgsurvey.figures.forest import forest

        spoken = language or self.basis.language
        words = pd.Series([label.to(spoken) for label in self.fit.design.labels])
        shown = self.fit.frame(0.95).assign(term=words)[self.frame["term"] != INTERCEPT]
        if shown.empty:
            raise DataError("the model has no predictor to draw.", remedy="Name predictors after '~'.")
        return forest(shown, n=self.n, ax=ax, language=spoken)


def ols(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    vcov: VcovKind = "HC3",
    cluster: ClusterColumns | None = None,
    offset: str | None = None,
    conf_level: float = 0.95,
) -> Regression:
    """Linear regression by (weighted) least squares.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights and clusters of its design are used.
    formula : str
        ``"SAT ~ FUN + MGT * C(role)"``: construct codes stand for scores, ``C()`` makes categories of codes.
    vcov : str
        ``"classical"``, ``"HC0"`` … ``"HC3"``; with clusters ``"CR0"`` … ``"CR3"``, of which HC3 becomes CR2;
        ``"design"``, which it becomes where strata, population sizes, stages or calibrated weights are declared.
    cluster : str or pair of str, optional
        Column of clusters; the design's unless named.  A row without one is a unit of its own.  Two columns for
        clusters that cross (``"CR1"`` or ``"CR0"``).
    offset : str, optional
        A number that enters with the coefficient 1: what is explained, R² included, is the outcome less it.
    conf_level : float

    Raises
    ------
    DataError
        The formula cannot be read, or names something unknown.
    DesignError
        ``vcov`` is unknown or would ignore the clusters.
    EstimationError
        Too few rows, or predictors that determine each other.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"y": [1, 3, 2, 5, 4, 6], "x": [1, 2, 3, 4, 5, 6]})
    >>> round(ols(frame, "y ~ x").frame.loc[1, "estimate"], 3)
    0.886
    """
    check_level(conf_level)
    answers = as_columns(data)
    errors = choose_errors(answers, vcov, cluster)
    read = read_formula(formula)
    rows = complete_rows(answers, [*read.variables, *([] if offset is None else [offset])])
    design = with_offset(answers, design_matrix(answers, read, rows), offset)
    if design.offset is not None:
        design = replace(design, y=design.y - design.offset.values.to_numpy())
    made = fit(design, errors)
    basis = answers.basis(len(rows.kept), rows.dropped)
    basis = basis.labelled(dict(zip(made.design.names, made.design.labels, strict=True)))
    return Regression(made.frame(conf_level), basis, made.terms(), made.statistics, made, conf_level)


def digits_for(std_error: float) -> int:
    """Decimals that show two figures of a standard error, at least three: ``0.000`` would hide it."""
    if not std_error > 0:
        return 3
    return min(max(3, 1 - math.floor(math.log10(std_error))), 9)


def precise(row: Row, columns: Sequence[Column]) -> Row:
    """The row with its coefficient, standard error and interval at the decimals that its standard error asks for."""
    cells = dict(zip((column.key for column in columns), row.cells, strict=True))
    digits = digits_for(float(str(cells["std_error"].value)))
    for key in ("estimate", "std_error", "conf_low:conf_high"):
        cells[key] = replace(cells[key], digits=digits)
    return replace(row, cells=tuple(cells.values()))
