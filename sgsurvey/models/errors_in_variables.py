"""Regression on predictors of known or estimated reliability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.models.coefficient_sentences import TOLD, of_errors_in_variables
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_based import Placed
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix, complete_rows, design_matrix
from sgsurvey.models.effect_intervals import INTERVALS, LEVEL, EffectInterval, IntervalKind, limits
from sgsurvey.models.fit import fit
from sgsurvey.models.formula import Factor, Formula, read_formula
from sgsurvey.models.hidden_coefficients import hide_few, without_few
from sgsurvey.models.standard_errors import choose_errors
from sgsurvey.models.unit_moments import UnitMoments, clustered
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.dominance import left_over
from sgsurvey.numerics.errors_in_variables import STABLE, stable_slopes, without_errors
from sgsurvey.numerics.reliability import cronbach_alphas
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, listed

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Reliability = Mapping[str, float | Literal["alpha"]]

FIXED = Text("信度按给定值，视为无误差：{names}。", "Reliabilities taken as given and exact: {names}.")
ESTIMATED = Text(
    "信度为α系数，每次重抽样都重新估计：{names}。",
    "Reliabilities are alphas, estimated again in each replicate: {names}.",
)
ASSUMED = Text(
    "假定测量误差彼此独立、与其他变量无关；答题风格等共同误差未被去除。",
    "Errors of measurement are taken as independent of each other and of all else; what they share (styles of "
    "answering) stays.",
)


@dataclass(frozen=True)
class ErrorsInVariables(Inline):
    """A linear regression corrected for the unreliability of its predictors.

    Attributes
    ----------
    frame : DataFrame
        ``term, reliability`` (1 where no error is assumed; nan for the constant), ``uncorrected`` (least squares),
        ``estimate, std_error, conf_low, conf_high``; the constant first.
    smallest : float
        Smallest eigenvalue of the predictors' correlations after the correction.
    interval : str
    draws, failed : int
        Replicates drawn, and those without a stable solution.
    outcome : Text
    notes : tuple of Text
    seed : int or None
    """

    smallest: float
    interval: IntervalKind
    draws: int
    failed: int
    outcome: Text
    notes: tuple[Text, ...]
    seed: int | None

    inline_columns = TOLD

    def _table(self) -> Table:
        words = self.frame.assign(term=[self.basis.label(name) for name in self.frame["term"]])
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("reliability", Text("信度", "Reliability"), "bounded"),
            Column("uncorrected", Text("未校正B", "B, uncorrected"), digits=3),
            Column("estimate", HEADS["b"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("conf_low:conf_high", conf_head(LEVEL), "interval", digits=3),
        ]
        title = Text("{outcome}：校正测量误差的回归", "{outcome}: regression corrected for unreliability")
        table = Table.from_frame(words, columns, id="errors_in_variables", notes=self.notes,
                                 title=title.format(outcome=self.outcome))  # fmt: skip
        table = without_few(table, self.frame["estimate"])
        return table.telling(*of_errors_in_variables(table, self.outcome))

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Corrected coefficients with their intervals, beside the uncorrected ones."""
        from sgsurvey.figures.forest import forest

        language = language or self.basis.language
        shown = self.frame[self.frame["term"] != INTERCEPT]
        shown = shown.assign(term=[self.basis.label(name).to(language) for name in shown["term"]])
        names = [Text("校正后", "Corrected"), Text("未校正", "Uncorrected")]
        plain = shown.assign(estimate=shown["uncorrected"], conf_low=np.nan, conf_high=np.nan)
        both = [part.assign(model=name.to(language)) for part, name in zip((shown, plain), names, strict=True)]
        paired = pd.concat(both).sort_index(kind="stable")
        return forest(paired, n=self.n, ax=ax, language=language)


def errors_in_variables(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    reliability: Reliability | Literal["alpha"],
    cluster: str | None = None,
    interval: IntervalKind | EffectInterval = "jackknife",
    seed: int | None = None,
) -> ErrorsInVariables:
    """Linear regression that takes errors of measurement out of the predictors' variances.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights, strata and clusters of its design are used.
    formula : str
        ``"SAT ~ FUN + MGT + C(role)"``.
    reliability : mapping of predictor to a number above 0 and up to 1, or "alpha"
        ``{"FUN": 0.8, "MGT": "alpha"}``; "alpha" alone: that of every construct in the formula.  A predictor that is
        not named holds no error.
    cluster : str, optional
        Column of clusters; the design's unless named.
    interval : "jackknife", "percentile", "bca" or EffectInterval
        Leaving each cluster (row) out in turn, with t; or the bootstrap of clusters, for which a ``seed`` is asked.
    seed : int, optional

    Raises
    ------
    DataError
        A reliability is none, or is given for what is no numeric predictor, or stands in a product.
    EstimationError
        What is left of the predictors is near collinear: an eigenvalue of their correlations is below 0.05.

    References
    ----------
    Fuller, W. A., & Hidiroglou, M. A. (1978). Journal of the American Statistical Association, 73, 99-104.
    """
    asked = interval if isinstance(interval, EffectInterval) else EffectInterval(interval)
    answers = clustered(as_columns(data), cluster)
    answers.refuse_design("errors_in_variables", "replicates")
    read = read_formula(formula)
    given = _given(answers, read, reliability)
    items = {name: answers.item_names(name) for name, value in given.items() if value == "alpha"}
    rows = complete_rows(answers, read.variables)
    design = design_matrix(answers, read, rows)
    if not design.intercept:
        raise EstimationError("the model needs its constant.", where=f"formula '{formula}'", remedy="Take out '0'.")
    plain = fit(design, choose_errors(answers, "HC3", None)).solution.coefficients
    model = _Corrected.of(answers, design, read, given, items)
    moments = UnitMoments.of(Placed(Sample.of(answers), design.rows), model.z)
    values, smallest, reliabilities = model.solved(moments.total)
    if not smallest[0] >= STABLE:
        raise EstimationError(
            f"without their errors the predictors nearly determine each other (smallest eigenvalue {smallest[0]:.3f}).",
            where=f"formula '{formula}'",
            remedy="Join predictors that measure the same, or fit a measurement model with sg.sem.",
        )
    found = limits(model, moments, asked, seed)
    order = [design.names.index(INTERCEPT), *model.columns]
    frame = pd.DataFrame(
        {
            "term": [design.names[j] for j in order],
            "reliability": [np.nan, *reliabilities[0]],
            "uncorrected": plain[order],
            "estimate": values[0],
            "std_error": found.std_error,
            "conf_low": found.low,
            "conf_high": found.high,
        }
    )
    frame = hide_few(frame, design.rare[order])
    basis = answers.basis(len(design.rows), rows.dropped)
    basis = basis.labelled({name: label for name, label in zip(design.names, design.labels, strict=True)})
    df = moments.df
    return ErrorsInVariables(
        frame,
        basis,
        float(smallest[0]),
        asked.kind,
        found.draws,
        found.failed,
        design.outcome_label,
        (*_said(answers, given), INTERVALS[asked.kind].format(draws=f"{found.draws}", df=f"{df:g}"), ASSUMED,
         *design.notes),
        seed,
    )  # fmt: skip


@dataclass(frozen=True)
class _Corrected:
    """Rows of a constant, predictors, outcome and items, and which variances hold how much error.

    The items of a scale follow a column that is 1 where all of them are answered, and are 0 elsewhere: their
    covariances are those of such rows.

    Attributes
    ----------
    z : ndarray, shape (n, 1 + q + 1 + items)
    columns : tuple of int
        The predictors' columns in the design.
    fixed : ndarray, shape (q,)
        Reliabilities given; 1 without error.
    alphas : dict of predictor's place to places in ``z`` of what its alpha needs
    """

    z: Array
    columns: tuple[int, ...]
    fixed: Array
    alphas: dict[int, list[int]]

    @classmethod
    def of(
        cls,
        answers: Responses,
        design: DesignMatrix,
        read: Formula,
        given: Reliability,
        items: Mapping[str, list[str]],
    ) -> _Corrected:
        columns = tuple(j for j, name in enumerate(design.names) if name != INTERCEPT)
        place = {design.names[j]: k for k, j in enumerate(columns)}
        factors = {factor.variable: factor.name for factor in read.factors}
        fixed = np.ones(len(columns))
        for name, value in given.items():
            fixed[place[factors[name]]] = np.nan if value == "alpha" else float(value)
        alphas, at, parts = {}, 2 + len(columns), [np.ones((len(design.y), 1)), design.X[:, columns], design.y[:, None]]
        for name, own in items.items():
            values = answers.items(own).iloc[design.rows].to_numpy(dtype=float)
            whole = ~np.isnan(values).any(axis=1)
            parts.append(np.where(whole[:, None], np.column_stack([np.ones(len(values)), values]), 0.0))
            alphas[place[factors[name]]] = list(range(at, at + 1 + len(own)))
            at += 1 + len(own)
        return cls(np.hstack(parts), columns, fixed, alphas)

    def solved(self, moments: Array) -> tuple[Array, Array, Array]:
        """Constant and slopes (D, 1 + q), how stable they are (D,), and reliabilities (D, q), from cross products."""
        q = len(self.columns)
        rest = left_over(moments, 1)
        reliability = np.tile(self.fixed, (len(rest), 1))
        for k, at in self.alphas.items():
            reliability[:, k] = cronbach_alphas(left_over(moments[:, at][:, :, at], 1))
        slopes, smallest = stable_slopes(without_errors(rest[:, :q, :q], reliability), rest[:, :q, q])
        means = moments[:, 0, 1 : q + 2] / moments[:, :1, 0]
        constant = means[:, q] - np.einsum("dk,dk->d", means[:, :q], slopes)
        return np.column_stack([constant, slopes]), smallest, reliability

    def effects(self, moments: Array) -> Array:
        """Constant and slopes; nan where what is left of the predictors is near collinear."""
        values, smallest, _ = self.solved(moments)
        return np.where((smallest >= STABLE)[:, None], values, np.nan)

    def drawn_effects(self, draws: int, seed: int) -> Array:
        """Refused: the coefficients' errors are not those of a regression."""
        raise EstimationError(
            "corrected coefficients cannot be drawn.", where="interval", remedy="Use jackknife, percentile or bca."
        )


def _given(answers: Responses, read: Formula, reliability: Reliability | Literal["alpha"]) -> Reliability:
    """The reliability of each predictor that has one, checked."""
    constructs = {c.name for c in answers.questionnaire.constructs}
    numeric = answers.variables(read.variables).dtypes.map(pd.api.types.is_numeric_dtype)
    single = {f.variable: f for f in read.factors if f.treatment != "category" and numeric[f.variable]}
    given: Reliability = {name: "alpha" for name in single if name in constructs} if reliability == "alpha" else (
        reliability if isinstance(reliability, Mapping) else {}
    )  # fmt: skip
    if not given:
        raise DataError(
            "no predictor has a reliability.",
            where="reliability=",
            remedy='Write {"x": 0.8}, or "alpha" where constructs stand in the formula.',
        )
    for name, value in given.items():
        if name not in single:
            raise DataError(
                f"'{name}' is no numeric predictor of the formula.{did_you_mean(name, list(single))}",
                where="reliability=",
                remedy="Name predictors as the formula does.",
            )
        if _in_a_product(read, single[name]):
            raise DataError(f"'{name}' stands in a product.", where="reliability=", remedy="Leave the product out.")
        if value == "alpha" and (name not in constructs or len(answers.item_names(name)) < 2):
            raise DataError(
                f"'{name}' is no construct of several items.", where="reliability=", remedy="Give its reliability."
            )
        if value != "alpha" and not 0 < float(value) <= 1:
            raise DataError(f"{value} is no reliability.", where=f"reliability of '{name}'", remedy="Give one in 0..1.")
    return given


def _in_a_product(read: Formula, factor: Factor) -> bool:
    """Whether a factor is multiplied with another."""
    own, words = f"f{read.factors.index(factor)}", read.right.split()
    near = [set(words[max(k - 1, 0) : k + 2]) for k, word in enumerate(words) if word == own]
    return any(one & {"*", ":"} for one in near) or ("(" in words and bool({"*", ":"} & set(words)))


def _said(answers: Responses, given: Reliability) -> list[Text]:
    """Which reliabilities are given, and which estimated."""
    basis = answers.basis()
    notes = []
    for said, kept in ((FIXED, False), (ESTIMATED, True)):
        names = [basis.label(name) for name, value in given.items() if (value == "alpha") is kept]
        if names:
            notes.append(said.format(names=listed(names)))
    return notes
