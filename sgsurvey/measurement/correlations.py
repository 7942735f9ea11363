"""Correlations with intervals, and the matrix that a thesis prints: r below, alpha on the diagonal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_columns, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement.design_based import FISHER, Pairs, correlated_pairs, weighted_moments
from sgsurvey.measurement.measured import scale_alpha
from sgsurvey.measurement.scales import NOT_A_SCALE, distinct_words
from sgsurvey.numerics.intervals import fisher_z, spearman_z
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pairwise import pairwise_pearson
from sgsurvey.tables.format import stars
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Method = Literal["pearson", "spearman"]

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


def correlation_test(r: Array, n: Array) -> tuple[Array, Array, Array]:
    """The statistic t with ``n - 2`` degrees of freedom and its two-sided p for the hypothesis of no correlation."""
    df = n - 2
    with np.errstate(invalid="ignore", divide="ignore"):
        t = r * np.sqrt(np.where(df > 0, df, np.nan) / (1 - r**2))
    return t, df, 2 * stats.t.sf(np.abs(t), df)


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Correlations(Result):
    """Correlations of variables, pair by pair.

    Attributes
    ----------
    frame : DataFrame
        One row per pair: ``variable, other, estimate, conf_low, conf_high, statistic, df, p_value, n``.
    matrix : DataFrame, shape (p, p)
    summary : DataFrame
        One row per variable: ``variable, n, mean, sd, alpha`` (nan for what is no scale).
    method : "pearson" or "spearman"
    conf_level : float
    remarks : tuple of Text
    """

    matrix: pd.DataFrame
    summary: pd.DataFrame
    method: Method
    conf_level: float
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        names = list(self.matrix.columns)
        p_values = self.frame.set_index(["variable", "other"])["p_value"]
        columns = (
            Column("variable", HEADS["variable"], "text"),
            Column("mean", HEADS["mean"]),
            Column("sd", HEADS["sd"]),
            *(Column(name, same(str(i)), "bounded") for i, name in enumerate(names, 1)),
        )
        rows = []
        alphas = self.summary["alpha"].to_numpy(dtype=float)
        for i, line in enumerate(self.summary.itertuples(index=False)):
            label = self.basis.label(line.variable)
            cells = [
                Cell(Text(f"{i + 1} {label.zh}", f"{i + 1} {label.en}"), "text"),
                Cell(line.mean, "estimate"),
                Cell(line.sd, "estimate"),
            ]
            for j, other in enumerate(names):
                if j < i:
                    mark = stars(p_values[other, names[i]])
                    cells.append(Cell(self.matrix.iloc[i, j], "bounded", stars=mark))
                elif j == i and not np.isnan(alphas[i]):
                    cells.append(Cell(alphas[i], "bounded", mark="α"))
                else:
                    cells.append(Cell(same("—") if j == i else None, "text"))
            rows.append(Row(tuple(cells)))
        title = Text("描述统计与相关矩阵", "Means, standard deviations and correlations")
        return Table("correlations", title, columns, tuple(rows), (*self._notes(), *self.remarks))

    def _notes(self) -> list[Text]:
        kind = {"pearson": Text("Pearson相关", "Pearson's r"), "spearman": Text("Spearman等级相关", "Spearman's ρ")}
        notes = [Text("对角线下为{k}。", "{k} below the diagonal.").format(k=kind[self.method])]
        if self.summary["alpha"].notna().any():
            notes.append(Text("对角线上带α者为α系数。", "On the diagonal, marked α: coefficient alpha."))
        low, high = int(self.frame["n"].min()), int(self.frame["n"].max())
        if low < high:
            notes.append(Text(f"成对删除，每对n为{low}至{high}。", f"Pairwise complete rows: n from {low} to {high}."))
        else:
            notes.append(same(f"n = {high}."))
        return notes

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Heatmap of the matrix."""
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
                "stars": [stars(p) for p in pairs["p_value"]],
            }
        )
        return correlation_heatmap(frame, n=self.n, ax=ax, language=language)


# Door -------------------------------------------------------------------------------------------------------


def correlations(
    data: Responses | pd.DataFrame,
    items: What,
    *,
    method: Method = "pearson",
    conf_level: float = 0.95,
) -> Correlations:
    """Correlations of construct scores, items or columns.

    Parameters
    ----------
    data : Responses or DataFrame
    items : list of str, or {construct: [columns]}
        Constructs (their scores), items (keyed) or columns; a mapping makes constructs of a DataFrame.
    method : "pearson" or "spearman"
        Intervals are Fisher's, for ranks with the variance of Bonett and Wright (2000).  Under a declared design
        Pearson's are weighted, with the design's errors and degrees of freedom; ranks are refused.
    conf_level : float

    Raises
    ------
    DesignError
        Rank correlations of answers with a declared design.
    DataError
        A variable holds words.
    EstimationError
        Fewer than two variables, or nobody answered two of them.
    """
    if method not in ("pearson", "spearman"):
        raise EstimationError(
            f"correlations knows no method '{method}'.", where="method", remedy="Use 'pearson' or 'spearman'."
        )
    plain = isinstance(data, pd.DataFrame) and not isinstance(items, Mapping)
    answers, names = as_responses(data, items) if not plain else (as_columns(data), _names(items))
    if method == "spearman":
        answers.refuse_design("spearman", *PARTS)
    names = list(dict.fromkeys(names))
    if len(names) < 2:
        raise EstimationError("correlations needs at least two different variables.", remedy="Name more variables.")
    values = _numbers(answers.variables(names))
    seen = (~np.isnan(values)).sum(axis=1)
    if not (seen >= 2).any() or (~np.isnan(values)).sum(axis=0).min() == 0:
        empty = [name for name, column in zip(names, values.T, strict=True) if np.isnan(column).all()]
        raise EstimationError(
            f"nobody answered {', '.join(empty)}." if empty else "nobody answered two of the variables.",
            remedy="Check which variables were asked of the same people.",
        )
    if answers.design.is_simple:
        r, n = pairwise_pearson(values) if method == "pearson" else pairwise_spearman(values)
        pairs = _pairs(names, r, n, method, conf_level)
    else:
        pairs, r = _designed(answers, names, values, conf_level)
    basis = answers.basis(int((seen >= 2).sum()), _dropped(seen))
    return Correlations(
        pairs,
        basis,
        pd.DataFrame(r, names, names),
        _summary(answers, names, values),
        method,
        conf_level,
        _remarks(answers, names, r),
    )


def _names(items: What) -> list[str]:
    return [items] if isinstance(items, str) else list(items)


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


def _pairs(names: list[str], r: Array, n: Array, method: Method, conf_level: float) -> pd.DataFrame:
    at = np.triu_indices(len(names), 1)
    t, df, p = correlation_test(r[at], n[at])
    low, high = (fisher_z if method == "pearson" else spearman_z)(r[at], n[at], conf_level)
    return _tidy(names, Pairs(r[at], low, high, t, df, p, n[at]))


def _designed(answers: Responses, names: list[str], values: Array, conf_level: float) -> tuple[pd.DataFrame, Array]:
    """The pairs under the design, and the matrix that they make; its diagonal is nan for what does not vary."""
    found = correlated_pairs(answers, values, conf_level)
    r = np.where(weighted_moments(answers, values)[1] > 0, 1.0, np.nan) * np.eye(len(names))
    i, j = np.triu_indices(len(names), 1)
    r[i, j] = r[j, i] = found.r
    return _tidy(names, found), r


def _tidy(names: list[str], pairs: Pairs) -> pd.DataFrame:
    at = np.triu_indices(len(names), 1)
    return pd.DataFrame(
        {
            "variable": np.array(names)[at[0]],
            "other": np.array(names)[at[1]],
            "estimate": pairs.r,
            "conf_low": pairs.conf_low,
            "conf_high": pairs.conf_high,
            "statistic": pairs.statistic,
            "df": pairs.df,
            "p_value": pairs.p_value,
            "n": pairs.n.astype(int),
        }
    )


def _summary(answers: Responses, names: list[str], values: Array) -> pd.DataFrame:
    kinds = {c.name: c.kind for c in answers.questionnaire.constructs}
    scales = [name in kinds and kinds[name] not in NOT_A_SCALE for name in names]
    alphas = [scale_alpha(answers, name) if is_scale else np.nan for name, is_scale in zip(names, scales, strict=True)]
    with np.errstate(invalid="ignore", divide="ignore"):
        n = (~np.isnan(values)).sum(axis=0)
        mean, sd = weighted_moments(answers, values)
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
