"""Estimates of the population, with errors that know how the sample was drawn: the result, and how it is had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.answers.words import code_words
from sgsurvey.descriptives.estimates_sentences import of_contrasts, of_estimates
from sgsurvey.errors import DataError
from sgsurvey.numerics.estimators import Joined, Statistic, simple_variances
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.few_persons import one_of_two_is_few
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Column, Kind, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

What = str | Sequence[str]
Mask = npt.NDArray[np.bool_]
COLUMNS = ["term", "label", "estimate", "std_error", "conf_low", "conf_high", "df", "deff", "n"]
TITLES: dict[str, tuple[Text, Text]] = {
    "mean": (Text("总体均值的估计", "Estimated means"), Text("均值", "Mean")),
    "total": (Text("总体总量的估计", "Estimated totals"), Text("总量", "Total")),
    "proportion": (Text("总体比例的估计", "Estimated shares"), Text("比例", "Share")),
    "ratio": (Text("总体比率的估计", "Estimated ratios"), Text("比率", "Ratio")),
    "variance": (Text("总体方差的估计", "Estimated variances"), Text("方差", "Variance")),
    "quantile": (Text("总体分位数的估计", "Estimated quantiles"), Text("分位数", "Quantile")),
    "contrast": (Text("差异的估计", "Estimated contrasts"), Text("差异", "Contrast")),
}
LOGIT = Text("比例的置信区间在logit尺度上计算。", "Intervals of shares on the logit scale.")

# What the inline text of an estimate tells.
INLINE = ("estimate", "conf_low:conf_high", "statistic", "p_value")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Estimates(Inline):
    """Estimates of the population, one per row.

    Attributes
    ----------
    frame : DataFrame
        ``term`` (name), ``label`` (words, a Text), the columns of ``by``, ``estimate, std_error, conf_low, conf_high,
        df, deff, n``; ``deff`` compares the variance with that of a simple random sample of as many rows, drawn without
        replacement.  Estimates of few people, or that would count few, are nan.
    covariance : ndarray, shape (q, q)
        Of the estimates, in the order of the rows.
    statistic : str
    by : tuple of str
    conf_level : float
    design_words : tuple of Text
        How standard errors were had.
    """

    covariance: Array
    statistic: str
    by: tuple[str, ...]
    conf_level: float
    design_words: tuple[Text, ...]

    def contrast(self, weights: Mapping[str, Sequence[float]]) -> Estimates:
        """Linear combinations of the estimates, each by a name and a weight for each row.

        Their covariance is the design's: groups that share clusters are not taken as independent.  ``df`` is the
        smallest of the estimates combined.

        Examples
        --------
        ``sg.mean(answers, "SAT", by="role").contrast({"villager - purchaser": [-1, 0, 0, 0, 1]})``
        """
        matrix = np.array([list(row) for row in weights.values()], dtype=float)
        if matrix.ndim != 2 or matrix.shape[1] != len(self.frame):
            raise DataError(
                Text(
                    f"每个对比须有{len(self.frame)}个系数。",
                    f"each contrast takes {len(self.frame)} weights, one per row.",
                ),
                remedy=Text("请按行的顺序给出系数。", "Give them in the order of the rows."),
            )
        numbers = self.frame["estimate"].to_numpy(dtype=float)
        hidden = (matrix[:, np.isnan(numbers)] != 0).any(axis=1)
        estimate = np.where(hidden, np.nan, matrix @ np.nan_to_num(numbers))
        covariance = matrix @ np.nan_to_num(self.covariance) @ matrix.T
        covariance[hidden], covariance[:, hidden] = np.nan, np.nan
        std_error = np.sqrt(np.clip(np.diag(covariance), 0, None))
        df = self.frame["df"].to_numpy(dtype=float)
        used = np.array([df[row != 0].min() if (row != 0).any() else np.nan for row in matrix])
        pairs = [symmetric_interval(*each, self.conf_level) for each in zip(estimate, std_error, used, strict=True)]
        low, high = np.array(pairs, dtype=float).reshape(-1, 2).T
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = estimate / std_error
        frame = pd.DataFrame(
            {
                "term": list(weights),
                "label": pd.Series([same(name) for name in weights], dtype=object),
                "estimate": estimate,
                "std_error": std_error,
                "conf_low": low,
                "conf_high": high,
                "df": used,
                "statistic": statistic,
                "p_value": 2 * stats.t.sf(np.abs(statistic), used),
                "n": int(self.frame["n"].sum()),
            }
        )
        return replace(self, frame=frame, covariance=covariance, statistic="contrast", by=())

    inline_columns = ("estimate", "conf_low:conf_high", "statistic", "p_value")
    parted_by = "words"

    def _table(self) -> Table:
        frame = self.frame.copy()
        frame["words"] = pd.Series(list(zip(*(self._words(c) for c in (*self.by, "label")), strict=True)), dtype=object)
        frame["words"] = pd.Series([_joined(parts) for parts in frame["words"]], dtype=object)
        title, head = TITLES[self.statistic]
        kind: Kind = "percent" if self.statistic == "proportion" else "estimate"
        interval = Text(f"{self.conf_level * 100:g}%置信区间", f"{self.conf_level * 100:g}% CI")
        columns = [
            Column("words", HEADS["variable"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("estimate", head, kind),
            Column("std_error", HEADS["std_error"], kind),
            Column("conf_low:conf_high", interval, "percent_interval" if kind == "percent" else "interval"),
            Column("df", HEADS["df"], "df"),
        ]
        if "p_value" in frame:
            columns[4:4] = [Column("statistic", same("t"), "statistic"), Column("p_value", same("p"), "p")]
        elif frame["deff"].notna().any():
            columns.append(Column("deff", Text("设计效应", "deff")))
        notes = [*self.design_words, *([LOGIT] if self.statistic == "proportion" else [])]
        table = Table.from_frame(frame, columns, id=f"estimates_{self.statistic}", title=title, notes=notes)
        few = frame["estimate"].isna()
        shown = [column.key for column in columns if column.key != "words"]
        hidden = {part for key in shown for part in key.split(":")}
        shown_table = table.hiding([hidden if row else () for row in few])
        told = of_contrasts(shown_table) if self.statistic == "contrast" else of_estimates(shown_table, head)
        return shown_table.telling(*told)

    def _words(self, column: str) -> list[Text]:
        if column == "label":
            return list(self.frame["label"])
        return [self.basis.label(value) if not isinstance(value, Text) else value for value in self.frame[column]]

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The estimates with their intervals."""
        from sgsurvey.figures.forest import forest

        words = language or self.basis.language
        rows = self.frame[self.frame["estimate"].notna()]
        labels = [
            _joined(parts).to(words) for parts in zip(*(self._words(c) for c in (*self.by, "label")), strict=True)
        ]
        tidy = rows[["estimate", "conf_low", "conf_high"]].assign(
            term=[label for label, kept in zip(labels, self.frame.index.isin(rows.index), strict=True) if kept]
        )
        axis = Text(
            f"{TITLES[self.statistic][1].zh}及{{level}}%置信区间", f"{TITLES[self.statistic][1].en} with {{level}}% CI"
        )
        null = 0.0 if self.statistic == "contrast" else float(tidy["estimate"].mean())
        return forest(tidy, null=null, axis=axis, conf_level=self.conf_level, ax=ax, language=words)


def _joined(parts: Sequence[Text]) -> Text:
    return Text("：".join(part.zh for part in parts), ": ".join(part.en for part in parts))


# Estimation -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What is to be estimated.

    Attributes
    ----------
    name : str
        Of the kind of statistic (``TITLES``).
    terms : sequence of (name, words)
    kind : callable
        Makes the statistic from ``data``.
    data : sequence of ndarray, each of shape (n, q)
    known : ndarray, shape (n, q)
        nan where a row says nothing about a term.
    compared : "mean", "total" or None
        What design effects compare with.
    """

    name: str
    terms: Sequence[tuple[str, Text]]
    kind: Callable[..., Statistic]
    data: Sequence[Array]
    known: Array
    compared: Literal["mean", "total"] | None


def estimated(answers: Responses, wanted: Wanted, by: What | None, conf_level: float) -> Estimates:
    """One statistic over all answers, or over each group that ``by`` makes."""
    check_level(conf_level)
    sample, columns = Sample.of(answers), [by] if isinstance(by, str) else list(by or [])
    groups = groups_of(answers, columns)
    statistic, known = wanted.kind(*(sample.whole(each) for each in wanted.data)), sample.whole(wanted.known)
    value, covariance = sample.estimate(Joined([(statistic, sample.part(mask) > 0) for _, mask in groups]))
    few = np.concatenate([_few(answers, wanted, mask) for _, mask in groups])
    value, covariance = np.where(few, np.nan, value), np.where(few[:, None] | few, np.nan, covariance)
    std_error = np.sqrt(np.clip(np.diag(covariance), 0, None))
    rows = []
    for g, (keys, mask) in enumerate(groups):
        w = sample.part(mask)
        simple = _compared(known, w, wanted)
        for k, (term, label) in enumerate(wanted.terms):
            at = g * len(wanted.terms) + k
            here = np.where(np.isnan(known[:, k]), 0.0, w)
            df = sample.df(here)
            low, high = symmetric_interval(value[at], std_error[at], df, conf_level)
            deff = std_error[at] ** 2 / simple[k] if simple[k] > 0 else np.nan
            numbers = [value[at], std_error[at], float(low), float(high), df, deff, int((here > 0).sum())]
            rows.append([term, label, *keys, *numbers])
    frame = pd.DataFrame(rows, columns=[*COLUMNS[:2], *columns, *COLUMNS[2:]])
    notes = design_notes(answers.design)
    return Estimates(frame, used(answers, wanted.known), covariance, wanted.name, tuple(columns), conf_level, notes)


def _few(answers: Responses, wanted: Wanted, mask: Mask) -> Mask:
    """Which terms rest on few of a group's people, or count few of them: a mean of two values is a share."""
    smallest, known = answers.questionnaire.smallest_cell, mask[:, None] & ~np.isnan(wanted.known)
    if answers.weights is not None:
        known &= answers.weights[:, None] > 0
    n = known.sum(axis=0)
    small: Mask = (n > 0) & (n < smallest)
    if wanted.name == "proportion":  # hides its shares with those that would give them away
        return small
    counts = [one_of_two_is_few(x[own], smallest) for x, own in zip(wanted.data[0].T, known.T, strict=True)]
    return small | np.array(counts)


def _compared(known: Array, w: Array, wanted: Wanted) -> Array:
    """Variances under simple random sampling; nan where a design effect means nothing."""
    if wanted.compared is None:
        return np.full(len(wanted.terms), np.nan)
    return simple_variances(known, w, total=wanted.compared == "total")


def used(answers: Responses, known: Array) -> Basis:
    """The basis of a result over the rows that are known in every column."""
    n = int((~np.isnan(known).any(axis=1)).sum())
    return answers.basis(n, {} if n == len(known) else {"incomplete": len(known) - n})


def check_level(conf_level: float) -> None:
    """Raise unless a confidence level lies between 0 and 1."""
    if not 0 < conf_level < 1:
        raise DataError(
            Text(f"conf_level={conf_level}不在0与1之间。", f"conf_level={conf_level} is not between 0 and 1."),
            remedy=Text("例如0.95。", "Such as 0.95."),
        )


def matrix(answers: Responses, names: Sequence[str]) -> Array:
    """Columns as numbers, nan where missing; shape (n, q)."""
    frame = answers.variables(names)
    for name in names:
        if not pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name]):
            raise DataError(
                Text("是文字，不是数字。", "holds words, not numbers."),
                where=name,
                remedy=Text(
                    "请用proportion()，或先换成代码。", "Use proportion(), or turn its labels into codes first."
                ),
            )
    return frame.to_numpy(dtype=float, na_value=np.nan)


def groups_of(answers: Responses, by: Sequence[str]) -> list[tuple[list[object], Mask]]:
    """Values of ``by`` with the rows that have them, in the order of their codes; everybody when there are none."""
    groups: list[tuple[list[object], Mask]] = [([], np.ones(len(answers), dtype=bool))]
    for column in by:
        values = answers.variables([column])[column]
        finer = []
        for keys, mask in groups:
            for code in answers.codes(column):
                inside = mask & values.eq(code).fillna(False).to_numpy(dtype=bool)
                if inside.any():
                    finer.append(([*keys, code_words(answers, column, code)], inside))
        groups = finer
    if not groups:
        raise DataError(
            Text("没有一行属于任何一组。", "no row belongs to any group."), remedy=Text("请检查by=。", "Check by=.")
        )
    return groups
