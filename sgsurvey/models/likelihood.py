"""Models of categories by maximum likelihood: their rows, their errors, and the table they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

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
from sgsurvey.models.hypotheses import JointTest, joint_test
from sgsurvey.models.marginal_means import ContrastAdjustment, Contrasts, LinearModel, MarginalMeans, contrasts
from sgsurvey.models.margins import Margins, average_effects
from sgsurvey.models.probabilities import category_means, category_predictions
from sgsurvey.models.reference_grid import At, Over, reference_grid
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.cumulative import Cumulative, Link
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.marginal_effects import slope_effects, step_effects
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

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
        """Estimates with their errors, tests and intervals."""
        std_error = np.sqrt(np.diag(covariance))
        statistic, half = estimate / std_error, stats.t.ppf(0.5 + conf_level / 2, self.df) * std_error
        return pd.DataFrame(
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


@dataclass(frozen=True)
class CategoryModel(Result):
    """What models of categories have in common: one line per coefficient, odds ratios, statistics of fit.

    Attributes
    ----------
    frame : DataFrame
        ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high``, and for the logit ``odds_ratio,
        odds_low, odds_high``.
    fit_statistics : Series
        ``n, log_likelihood, null_log_likelihood, mcfadden``, and ``aic, bic`` without a design.
    fit : CategoryFit
    link : "logit" or "probit"
    conf_level : float
    """

    fit_statistics: pd.Series
    fit: CategoryFit
    link: Link
    conf_level: float

    def _page(self, id: str, title: Text, labels: Sequence[Text], extra: pd.DataFrame | None) -> Table:
        columns = category_columns(self.link, self.conf_level, normal=bool(np.isinf(self.fit.df)))
        frame = self.frame.assign(term=pd.Series(list(labels), dtype=object))
        if extra is not None:
            frame = pd.concat([extra, frame], ignore_index=True)
        table = Table.from_frame(frame, columns, id=id, title=title, notes=self.fit.notes)
        width, s = len(columns), self.fit_statistics
        foot = [
            (HEADS["n"], Cell(s["n"], "count", span=width - 1)),
            (Text("对数似然", "Log-likelihood"), Cell(s["log_likelihood"], "estimate", span=width - 1)),
            (Text("McFadden R²", "McFadden R²"), Cell(s["mcfadden"], "bounded", span=width - 1)),
        ]
        return table.extended([Row((Cell(head), cell), kind="stat") for head, cell in foot])

    def margins(self, *, at_least: float | None = None) -> Margins:
        """Average marginal effects on the probability of each value; of ``at_least`` a value where one is given.

        Raises
        ------
        DataError
            Nobody can fall short of ``at_least``, or every predictor stands in a product.
        """
        return average_effects(self.fit, self.basis, at_least, self.conf_level)

    def means(
        self, by: str | Sequence[str], *, at_least: float | None = None, at: At | None = None, over: Over = "equal"
    ) -> MarginalMeans:
        """Mean probabilities where the predictors ``by`` are held (marginal means): of each value, or of at least one.

        Parameters
        ----------
        by : str or sequence of str
            Categories of the model, or numbers with their values in ``at``.
        at_least : float, optional
        at : mapping of name to values, optional
        over : "equal" or "sample"
            Other categories count equally and other numbers stand at their mean, or everybody keeps their own.
        """
        grid = reference_grid(self.fit.design, by, at, over)
        return category_means(self.fit, grid, over, self.basis, at_least, self.conf_level)

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
        """Differences of the linear predictor where ``by`` is held: log odds for the logit, with odds ratios.

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
        grid = reference_grid(self.fit.design, by, at, over)
        return contrasts(
            self.fit.linear(), grid, self.basis, self.conf_level, over=over, against=against, weights=weights,
            adjust=adjust,
        )  # fmt: skip

    def test(self, hypotheses: str | Sequence[str]) -> JointTest:
        """Test linear hypotheses about slopes one by one and together: ``["FUN = MGT", "SUP"]``."""
        return joint_test(self.fit.linear(), hypotheses, self.basis)

    def predict(self, new: Responses | pd.DataFrame | None = None, *, at_least: float | None = None) -> pd.DataFrame:
        """Probabilities of each value, or of ``at_least`` one, for rows of predictors (the model's own where None).

        Returns
        -------
        DataFrame
            ``event, estimate, std_error, df, conf_low, conf_high``, a line for every row and event, under the row's
            index; nan where a predictor is missing.
        """
        return category_predictions(self.fit, new, at_least, self.conf_level)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Coefficients with their intervals, without constant and thresholds."""
        from sgsurvey.figures.forest import forest

        spoken = language or self.basis.language
        design = self.fit.design
        labels = {name: label.to(spoken) for name, label in zip(design.names, design.labels, strict=True)}
        shown = self.frame[self.frame["term"] != INTERCEPT]
        shown = shown.assign(term=[labels[term] for term in shown["term"]])
        return forest(shown, n=self.n, conf_level=self.conf_level, ax=ax, language=spoken)


def category_columns(link: Link, conf_level: float, *, normal: bool) -> list[Column]:
    """Columns of a table of coefficients, with odds ratios for the logit; z or t."""
    columns = [
        Column("term", HEADS["predictor"], "text"),
        Column("estimate", HEADS["b"], digits=3),
        Column("std_error", HEADS["std_error"], digits=3),
        Column("statistic", same("z") if normal else HEADS["t"], "statistic"),
        Column("p_value", HEADS["p_value"], "p"),
    ]
    if link == "logit":
        odds = Text("优势比", "OR")
        columns += [
            Column("odds_ratio", odds, digits=3),
            Column(
                "odds_low:odds_high",
                Text(f"优势比{conf_head(conf_level).zh}", f"OR {conf_head(conf_level).en}"),
                "interval",
                digits=3,
            ),
        ]
    else:
        columns.append(Column("conf_low:conf_high", conf_head(conf_level), "interval", digits=3))
    return columns


def with_odds(frame: pd.DataFrame, link: Link) -> pd.DataFrame:
    """The frame with odds ratios and their intervals, for the logit."""
    if link != "logit":
        return frame
    odds = {"odds_ratio": "estimate", "odds_low": "conf_low", "odds_high": "conf_high"}
    with np.errstate(over="ignore"):
        return frame.assign(**{name: np.exp(frame[column]) for name, column in odds.items()})


def without_constant(design: DesignMatrix) -> tuple[list[str], list[Text]]:
    """Names and words of the columns but the constant."""
    pairs = [(n, t) for n, t in zip(design.names, design.labels, strict=True) if n != INTERCEPT]
    return [name for name, _ in pairs], [label for _, label in pairs]
