"""Models of categories by maximum likelihood: their rows, their estimates and errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.design import Design
from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.models.covariance import Covariance
from sgsurvey.models.design_based import Placed
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix, complete_rows, design_matrix, with_offset
from sgsurvey.models.formula import read_formula
from sgsurvey.models.hidden_coefficients import hide_few
from sgsurvey.models.marginal_means import LinearModel
from sgsurvey.numerics.cumulative import Cumulative, Link
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.marginal_effects import slope_effects, step_effects
from sgsurvey.tables.result import Basis
from sgsurvey.text import Text

MODEL_BASED = Text(
    "标准误：模型似然（信息矩阵），z检验。", "Standard errors: of the likelihood (information matrix), z tests."
)
BY_DESIGN = Text("标准误按抽样设计，自由度{df:g}。", "Standard errors under the design, df = {df:g}.")


@dataclass(frozen=True)
class CategoryFit:
    """A fitted cumulative model.

    Attributes
    ----------
    design : DesignMatrix
        With the constant as its first column.
    model : Cumulative
        The rows used, without the constant.
    weights : ndarray, shape (n,)
        With mean 1.
    placed : Placed or None
        The rows in their sample, where a design is declared.
    levels : tuple
        Values of the outcome, in order.
    theta : ndarray, shape (K - 1 + p,)
        Thresholds, then slopes.
    covariance : ndarray, shape (K - 1 + p, K - 1 + p)
    df : float
        Infinite for z.
    log_likelihood, null_log_likelihood : float
        With weights of mean 1.
    notes : tuple of Text
    """

    design: DesignMatrix
    model: Cumulative
    weights: Array
    placed: Placed | None
    levels: tuple[object, ...]
    theta: Array
    covariance: Array
    df: float
    log_likelihood: float
    null_log_likelihood: float
    notes: tuple[Text, ...]

    def linear(self) -> LinearModel:
        """The linear predictor as contrasts and tests need it; thresholds, which all rows share, are left at 0."""
        cuts, p = len(self.levels) - 1, len(self.design.names)
        turn = np.zeros((p, len(self.theta)))
        slopes = [j for j, name in enumerate(self.design.names) if name != INTERCEPT]
        turn[slopes, cuts + np.arange(len(slopes))] = 1.0
        if cuts == 1:
            turn[self.design.names.index(INTERCEPT), 0] = -1.0
        kind: Literal["likelihood", "design"] = "likelihood" if np.isinf(self.df) else "design"
        covariance = Covariance(turn @ self.covariance @ turn.T, np.full(p, self.df), kind, self.notes[0])
        return LinearModel(self.design, turn @ self.theta, covariance, self.notes, self.model.link == "logit")

    def slope_effects(self, column: int) -> tuple[Array, Array]:
        """Mean slopes of ``P(y > k)`` in a predictor, with their derivatives in ``theta``."""
        return slope_effects(self.model, self.theta, self.weights, column)

    def step_effects(self, before: Array, after: Array) -> tuple[Array, Array]:
        """Mean differences of ``P(y > k)`` between predictors, with their derivatives in ``theta``."""
        return step_effects(self.model, self.theta, self.weights, before, after)

    def lines(self, names: Sequence[str], estimate: Array, covariance: Array, conf_level: float) -> pd.DataFrame:
        """Estimates with their errors, tests and intervals; nan for the names that speak of few people.

        Thresholds stand where the constant would.
        """
        rare = {name for name, hidden in zip(self.design.names, self.design.rare, strict=True) if hidden}
        gone = [name in rare or (name not in self.design.names and INTERCEPT in rare) for name in names]
        std_error = np.sqrt(np.diag(covariance))
        statistic, half = estimate / std_error, stats.t.ppf(0.5 + conf_level / 2, self.df) * std_error
        lines = pd.DataFrame(
            {
                "term": names,
                "estimate": estimate,
                "std_error": std_error,
                "statistic": statistic,
                "df": self.df,
                "p_value": 2 * stats.t.sf(np.abs(statistic), self.df),
                "conf_low": estimate - half,
                "conf_high": estimate + half,
            }
        )
        return hide_few(lines, np.array(gone))

    def statistics(self) -> pd.Series:
        """n, log-likelihoods, McFadden's R-squared; AIC and BIC where the likelihood is one."""
        n, q = len(self.design.y), len(self.theta)
        found = {
            "n": float(n),
            "log_likelihood": self.log_likelihood,
            "null_log_likelihood": self.null_log_likelihood,
            "mcfadden": 1.0 - self.log_likelihood / self.null_log_likelihood,
        }
        if np.isinf(self.df):
            found |= {"aic": 2 * q - 2 * self.log_likelihood, "bic": np.log(n) * q - 2 * self.log_likelihood}
        return pd.Series(found)


def fit_categories(
    answers: Responses, formula: str, link: Link, cluster: str | None, offset: str | None, *, two: bool
) -> tuple[CategoryFit, Basis]:
    """Fit the model; errors are the likelihood's where no design is declared and no cluster named.

    Raises
    ------
    DataError
        The outcome has one value, or more than two where ``two``.
    EstimationError
        No constant, an empty category, separation.
    """
    if cluster is not None and cluster != answers.design.clusters:
        _check_cluster(answers, cluster)
        answers = answers.designed(Design(weights=answers.design.weights, clusters=cluster))
    read = read_formula(formula)
    rows = complete_rows(answers, [*read.variables, *([] if offset is None else [offset])])
    design = with_offset(answers, design_matrix(answers, read, rows), offset)
    levels = levels_of(design, two=two)
    keep = [j for j, name in enumerate(design.names) if name != INTERCEPT]
    y = np.searchsorted(levels, design.y)
    held_fixed = None if design.offset is None else design.offset.values.to_numpy()
    rows_only = Cumulative(design.X[:, keep], y.astype(np.int64), len(levels), link, held_fixed)
    w = np.ones(len(y)) if design.weights is None else design.weights
    placed = None if answers.design.is_simple else Placed(Sample.of(answers), design.rows)
    theta, covariance = estimated(rows_only, w, placed)
    df = float("inf")
    notes: tuple[Text, ...] = (MODEL_BASED,)
    if placed is not None:
        # Thresholds count as one constant: Korn and Graubard (1999).
        df = placed.sample.df(placed.sample.part(placed.inside)) - len(keep)
        df = df if df > 0 else float("nan")
        notes = (Text(*(said.format(df=df) for said in (BY_DESIGN.zh, BY_DESIGN.en))), *design_notes(answers.design))
    empty = replace(rows_only, X=np.empty((len(y), 0)))
    null = empty.log_likelihood(empty.value(w), w)
    fitted = CategoryFit(
        design,
        rows_only,
        w,
        placed,
        tuple(levels.tolist()),
        theta,
        covariance,
        df,
        rows_only.log_likelihood(theta, w),
        null,
        (*notes, *design.notes),
    )
    return fitted, answers.basis(len(rows.kept), rows.dropped)


def estimated(rows: Cumulative, weights: Array, placed: Placed | None) -> tuple[Array, Array]:
    """Estimates with the likelihood's covariance, or under the design of the sample in which the rows are placed."""
    if placed is None:
        theta = rows.value(weights)
        return theta, np.asarray(np.linalg.inv(rows.information(theta, weights)))
    whole = replace(
        rows,
        X=placed.whole(rows.X),
        y=placed.whole(rows.y).astype(np.int64),
        offset=None if rows.offset is None else placed.whole(rows.offset),
    )
    return placed.sample.estimate(whole, placed.inside)


def levels_of(design: DesignMatrix, *, two: bool) -> Array:
    """Values of the outcome, in order.

    Raises
    ------
    DataError
        One value, or more than two where ``two``.
    EstimationError
        No constant.
    """
    if not design.intercept:
        raise EstimationError(
            Text("模型须有常量。", "the model needs its constant."),
            where=f"formula '{design.formula}'",
            remedy=Text("请去掉“0 +”或“- 1”。", "Take out '0 +' or '- 1'."),
        )
    levels = np.unique(design.y)
    if len(levels) < 2 or (two and len(levels) > 2):
        wanted = Text("两种", "two") if two else Text("两种以上", "at least two")
        raise DataError(
            Text("因变量有{n}种取值，应为{wanted}。", "the outcome has {n} values, not {wanted}.").format(
                n=len(levels), wanted=wanted
            ),
            where=f"'{design.outcome}'",
            remedy=Text("请选择或合并类别。", "Choose or join categories."),
        )
    return levels


def _check_cluster(answers: Responses, cluster: object) -> None:
    if not isinstance(cluster, str):
        raise DataError(
            Text("这里只能用一列聚类。", "clusters are of one kind here."),
            where="cluster=",
            remedy=Text("请只写一列；两列交叉的聚类用ols。", "Name one column; ols takes two that cross."),
        )
    if cluster not in answers.frame:
        raise DataError(
            Text(
                f"答卷中没有“{cluster}”列。",
                f"the answers have no column '{cluster}'.{did_you_mean(cluster, list(answers.frame.columns))}",
            ),
            where="cluster=",
            remedy=Text("请写答卷中的列名。", "Name a column of the answers."),
        )
    if answers.design.is_complex:
        raise DataError(
            Text(
                f"cluster='{cluster}'会忽略已声明的抽样设计。", f"cluster='{cluster}' would ignore the declared design."
            ),
            remedy=Text("请去掉cluster=。", "Leave cluster= out."),
        )
