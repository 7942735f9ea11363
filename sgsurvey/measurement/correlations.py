"""Correlations with intervals, and the matrix that a thesis prints: r below, alpha on the diagonal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_columns, as_responses
from sgsurvey.answers.moments import Counts, Moments
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement import correlation_tables
from sgsurvey.measurement.correlations_of_few import moments_of_few, of_enough, thresholds_to_show
from sgsurvey.measurement.correlations_of_sums import Sums, from_counts, from_moments, product_moments
from sgsurvey.measurement.design_based import FISHER, correlated_pairs, weighted_moments
from sgsurvey.measurement.latent_correlations import (
    Estimation,
    Found,
    indefinite,
    latent_correlations,
    latent_remarks,
    ordered_of,
)
from sgsurvey.measurement.measured import scale_alpha
from sgsurvey.measurement.scales import NOT_A_SCALE, distinct_words
from sgsurvey.numerics.linalg import Array, smoothed
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.numerics.pairwise import pairwise_pearson
from sgsurvey.tables.format import STARS_LEGEND, stars
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Method = Literal["pearson", "spearman", "polychoric", "mixed"]

CORRECTED = Text("星号按Holm校正后的p值。", "Stars are of p after Holm’s correction.")
RELIABILITIES = Text("括号内为α系数。", "In brackets: α.")

# Formulas ---------------------------------------------------------------------------------------------------


def pairwise_spearman(values: Array) -> tuple[Array, Array]:
    """Rank correlations, ties at their mean rank, over the rows complete on each pair; as ``pairwise_pearson``."""
    there = ~np.isnan(values)
    if there.all():
        return pairwise_pearson(stats.rankdata(values, axis=0))
    p = values.shape[1]
    r, n = np.full((p, p), np.nan), there.astype(float).T @ there
    for i, j in zip(*np.tril_indices(p), strict=True):
        both = values[there[:, i] & there[:, j]][:, [i, j]]
        if len(both) > 1:
            r[i, j] = r[j, i] = pairwise_pearson(stats.rankdata(both, axis=0))[0][0, 1]
    return r, n


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Correlations(Result):
    """Correlations of variables, pair by pair.

    Attributes
    ----------
    frame : DataFrame
        One row per pair: ``variable, other, estimate, std_error, conf_low, conf_high, statistic, df, p_value, n, kind``
        (of correlation) and ``at_bound`` (a polychoric without an interior maximum); nan where few people answered
        both.
    matrix : DataFrame, shape (p, p)
        As estimated: with pairs of different rows, or polychorics, it need not be positive definite.
    summary : DataFrame
        One row per variable: ``variable, n, mean, sd`` (of one question nan where they would tell few people's
        answers), ``alpha`` (nan for what is no scale).
    thresholds : DataFrame
        Of ordered variables: ``variable, lower, upper`` (codes on either side), ``estimate, std_error``;
        nan where hidden counts lie on both sides.
    method : "pearson", "spearman", "polychoric" or "mixed"
    conf_level : float
    remarks : tuple of Text
    """

    matrix: pd.DataFrame
    summary: pd.DataFrame
    thresholds: pd.DataFrame
    method: Method
    conf_level: float
    remarks: tuple[Text, ...]

    @property
    def smoothed(self) -> pd.DataFrame:
        """``matrix`` where it is positive definite, else the positive definite one near it that factors are sought in.

        Wothke (1993): eigenvalues below 0 are raised to almost 0, and the diagonal is brought back to 1.
        """
        values = self.matrix.to_numpy()
        if not np.isfinite(values).all():
            raise EstimationError(
                Text("矩阵中有无法计算的相关。", "the matrix has correlations that could not be had."),
                remedy=Text("请先去掉没有变异的变量。", "Leave out the variables without variation first."),
            )
        if np.linalg.eigvalsh(values)[0] > 0:
            return self.matrix
        return pd.DataFrame(smoothed(values), self.matrix.index, self.matrix.columns)

    def _table(self) -> Table:
        return correlation_tables.correlation_table(self)

    def threshold_table(self, *, language: Language | None = None) -> Table:
        """Where the ordered variables are cut, in standard deviations of what lies behind them."""
        return self.page(correlation_tables.threshold_table(self), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Heatmap of the matrix; stars are those of p-values adjusted for how many pairs there are (Holm)."""
        from sgsurvey.figures.heatmap import correlation_heatmap

        language = language or self.basis.language
        words = dict(zip(self.matrix, distinct_words(self.basis, list(map(str, self.matrix)), language), strict=True))
        own = pd.DataFrame(
            {"variable": self.summary["variable"], "other": self.summary["variable"], "estimate": self.summary["alpha"]}
        )
        pairs = pd.concat([own, self.frame], ignore_index=True)
        frame = pd.DataFrame(
            {
                "row": pairs["variable"].map(words),
                "column": pairs["other"].map(words),
                "correlation": pairs["estimate"],
                "stars": [stars(p) for p in adjusted(pairs["p_value"])],
            }
        )
        notes = [STARS_LEGEND, CORRECTED, *([RELIABILITIES] if self.summary["alpha"].notna().any() else [])]
        return correlation_heatmap(frame, notes=notes, n=self.n, ax=ax, language=language)


# Door -------------------------------------------------------------------------------------------------------


def correlations(
    data: Responses | pd.DataFrame | Moments | Counts | Sequence[Counts],
    items: What,
    *,
    method: Method = "pearson",
    ordinal: Sequence[str] | None = None,
    estimation: Estimation = "two-step",
    conf_level: float = 0.95,
) -> Correlations:
    """Correlations of construct scores, items or columns.

    Parameters
    ----------
    data : Responses, DataFrame, Moments, Counts or sequence of Counts
        ``Moments`` give Pearson correlations, ``Counts`` of every two variables polychoric ones.
    items : list of str, or {construct: [columns]}
        Constructs (their scores; for "polychoric" their items), items (keyed) or columns; a mapping makes constructs
        of a DataFrame.
    method : "pearson", "spearman", "polychoric" or "mixed"
        "polychoric" (tetrachoric for two categories) takes every variable as ordered categories; "mixed" adds
        polyserial correlations with continuous variables, and Pearson's among these.  Intervals are on Fisher's z, for
        ranks with the variance of Bonett and Wright (2000).  Under a declared design estimates are weighted, with the
        design's errors and degrees of freedom; ranks are refused.
    ordinal : sequence of str, optional
        Which variables of "mixed" are ordered; those with at most ten different whole numbers unless named.
    estimation : "two-step" or "ml"
        Of "polychoric": thresholds from each variable's margin first, or with the correlation of each pair by maximum
        likelihood (Olsson 1979), for independent rows that count alike.
    conf_level : float

    Raises
    ------
    DesignError
        Rank correlations, or joint maximum likelihood, of answers with a declared design.
    DataError
        A variable holds words, or is no ordered categories.
    EstimationError
        Fewer than two variables, or nobody answered two of them; a method that sums cannot give.
    """
    _check(method, ordinal, estimation, from_rows=isinstance(data, Responses | pd.DataFrame))
    if isinstance(data, Moments):
        return _of_sums(from_moments(data, _names(items), method, conf_level), method, conf_level)
    if isinstance(data, Counts) or (isinstance(data, Sequence) and data):
        tables = [data] if isinstance(data, Counts) else list(data)
        return _of_sums(from_counts(tables, _names(items), method, conf_level), method, conf_level)
    answers, names = _chosen(data, items, method)
    if method == "spearman" or estimation == "ml":
        answers.refuse_design("spearman" if method == "spearman" else "estimation='ml'", *PARTS)
    values = _numbers(answers.variables(names))
    seen = _seen(names, values)
    basis = answers.basis(int((seen >= 2).sum()), _dropped(seen))
    if method in ("pearson", "spearman"):
        found = _product_moments(answers, values, method, conf_level)
    else:
        ordered = ordered_of(names, values, ordinal if method == "mixed" else names)
        found = latent_correlations(answers, names, values, ordered, conf_level, estimation)
        found = replace(found, remarks=latent_remarks(names, found, method, ordered, estimation))
    found = of_enough(found, answers.questionnaire.smallest_cell)
    return Correlations(
        _tidy(names, found),
        basis,
        pd.DataFrame(found.corr, names, names),
        _summary(answers, names, values),
        thresholds_to_show(found.thresholds, names, values, answers.questionnaire.smallest_cell),
        method,
        conf_level,
        (*_remarks(answers, names, found.corr), *found.remarks, *indefinite(found.corr)),
    )


def _check(method: str, ordinal: Sequence[str] | None, estimation: str, *, from_rows: bool) -> None:
    if method not in get_args(Method):
        raise EstimationError(
            f"correlations knows no method '{method}'.",
            where="method",
            remedy=f"Use {', '.join(repr(known) for known in get_args(Method))}.",
        )
    if ordinal is not None and method != "mixed":
        raise EstimationError(
            Text("ordinal=只用于method='mixed'。", "ordinal= goes with method='mixed'."),
            where="ordinal",
            remedy=Text("请去掉ordinal=，或用method='mixed'。", "Leave it out, or use method='mixed'."),
        )
    if estimation not in get_args(Estimation) or (estimation == "ml" and method != "polychoric"):
        raise EstimationError(
            Text(f"estimation='{estimation}'不适用。", f"estimation='{estimation}' is not for {method} correlations."),
            where="estimation",
            remedy=Text("请用two-step，或对polychoric用ml。", "Use 'two-step', or 'ml' with method='polychoric'."),
        )
    if estimation == "ml" and not from_rows:
        raise EstimationError(
            Text("只有汇总量时不用ml。", "sums are estimated in two steps."),
            where="estimation",
            remedy=Text("请去掉estimation=。", "Leave estimation= out, or give the rows."),
        )


def _chosen(data: Responses | pd.DataFrame, items: What, method: Method) -> tuple[Responses, list[str]]:
    """The answers, and the names of what is correlated: of constructs, polychorics take the items."""
    plain = isinstance(data, pd.DataFrame) and not isinstance(items, Mapping)
    answers, names = as_responses(data, items) if not plain else (as_columns(data), _names(items))
    if method == "polychoric":
        constructs = {construct.name for construct in answers.questionnaire.constructs}
        names = [item for name in names for item in (answers.item_names(name) if name in constructs else [name])]
    names = list(dict.fromkeys(names))
    if len(names) < 2:
        raise EstimationError("correlations needs at least two different variables.", remedy="Name more variables.")
    return answers, names


def _seen(names: list[str], values: Array) -> Array:
    """How many of the variables each row has; refuses what nobody answered."""
    seen = (~np.isnan(values)).sum(axis=1)
    if not (seen >= 2).any() or (~np.isnan(values)).sum(axis=0).min() == 0:
        empty = [name for name, column in zip(names, values.T, strict=True) if np.isnan(column).all()]
        raise EstimationError(
            f"nobody answered {', '.join(empty)}." if empty else "nobody answered two of the variables.",
            remedy="Check which variables were asked of the same people.",
        )
    return np.asarray(seen)


def _names(items: What) -> list[str]:
    return [items] if isinstance(items, str) else list(dict.fromkeys(items))


def _numbers(frame: pd.DataFrame) -> Array:
    for name in frame:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise DataError("holds words, not numbers.", where=f"variable '{name}'", remedy="Name numeric variables.")
        if np.isinf(frame[name].to_numpy(dtype=float, na_value=np.nan)).any():
            raise DataError("holds infinite values.", where=f"variable '{name}'", remedy="Set them to missing first.")
    return np.asarray(frame.to_numpy(dtype=float, na_value=np.nan))


def _dropped(seen: Array) -> dict[str, int]:
    few = int((seen < 2).sum())
    return {"fewer than two of the variables answered": few} if few else {}


def _product_moments(answers: Responses, values: Array, method: Method, conf_level: float) -> Found:
    """Pearson's or Spearman's correlations, under the design where there is one."""
    at = np.triu_indices(values.shape[1], 1)
    if answers.design.is_simple:
        r, n = pairwise_pearson(values) if method == "pearson" else pairwise_spearman(values)
        return product_moments(r, n, method, conf_level)
    pairs = correlated_pairs(answers, values, conf_level)
    # The diagonal is nan for what does not vary.
    r = np.where(weighted_moments(answers, values)[1] > 0, 1.0, np.nan) * np.eye(values.shape[1])
    r[at] = r[at[::-1]] = pairs.r
    return replace(product_moments(r, r, method, conf_level), pairs=pairs)


def _of_sums(found: Sums, method: Method, conf_level: float) -> Correlations:
    """The result of sums or counts, behind which there are no rows."""
    kept = (*found.found.remarks, *indefinite(found.found.corr))
    matrix = pd.DataFrame(found.found.corr, found.names, found.names)
    return Correlations(
        _tidy(found.names, found.found),
        found.basis,
        matrix,
        found.summary,
        found.found.thresholds,
        method,
        conf_level,
        kept,
    )


def _tidy(names: list[str], found: Found) -> pd.DataFrame:
    at, pairs = np.triu_indices(len(names), 1), found.pairs
    return pd.DataFrame(
        {
            "variable": np.array(names)[at[0]],
            "other": np.array(names)[at[1]],
            "estimate": pairs.r,
            "std_error": pairs.std_error,
            "conf_low": pairs.conf_low,
            "conf_high": pairs.conf_high,
            "statistic": pairs.statistic,
            "df": pairs.df,
            "p_value": pairs.p_value,
            "n": pairs.n.astype(int),
            "kind": found.kinds,
            "at_bound": found.at_bound,
        }
    )


def _summary(answers: Responses, names: list[str], values: Array) -> pd.DataFrame:
    kinds = {c.name: c.kind for c in answers.questionnaire.constructs}
    scales = [name in kinds and kinds[name] not in NOT_A_SCALE for name in names]
    alphas = [scale_alpha(answers, name) if is_scale else np.nan for name, is_scale in zip(names, scales, strict=True)]
    with np.errstate(invalid="ignore", divide="ignore"):
        n = (~np.isnan(values)).sum(axis=0)
        mean, sd = weighted_moments(answers, values)
    for k, name in enumerate(names):
        gone = moments_of_few(answers, name, values[:, k])
        mean[k], sd[k] = np.nan if "mean" in gone else mean[k], np.nan if "sd" in gone else sd[k]
    return pd.DataFrame({"variable": names, "n": n, "mean": mean, "sd": sd, "alpha": np.array(alphas, dtype=float)})


def _remarks(answers: Responses, names: list[str], r: Array) -> tuple[Text, ...]:
    remarks = [] if answers.design.is_simple else [FISHER, *design_notes(answers.design)]
    if len(answers.roles) > 1:
        remarks.append(
            Text(
                "各主体合并计算：主体之间的均值差异也计入r。",
                "Several roles together: differences between their means enter r.",
            )
        )
    constant = [name for name, own in zip(names, np.diag(r), strict=True) if np.isnan(own)]
    if constant:
        remarks.append(
            Text(
                f"没有变异，无法计算：{'、'.join(constant)}。",
                f"Without variation, not computed: {', '.join(constant)}.",
            )
        )
    return tuple(remarks)
