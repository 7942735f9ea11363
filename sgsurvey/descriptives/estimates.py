"""Means, totals, shares, ratios and variances of the population, with errors that know how the sample was drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.descriptives.design_notes import design_notes
from sgsurvey.descriptives.groups import group_words
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.estimators import Joined, Means, Ratios, Statistic, Totals, Variances
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.result import Result
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
    "contrast": (Text("差异的估计", "Estimated contrasts"), Text("差异", "Contrast")),
}
LOGIT = Text("比例的置信区间在logit尺度上计算。", "Intervals of shares on the logit scale.")

# Formulas ---------------------------------------------------------------------------------------------------


def symmetric_interval(estimate: Array, std_error: Array, df: float, conf_level: float) -> tuple[Array, Array]:
    """``estimate ± t(df) std_error``."""
    half = _t(df, conf_level) * std_error
    return estimate - half, estimate + half


def logit_interval(share: Array, std_error: Array, df: float, conf_level: float) -> tuple[Array, Array]:
    """An interval of a share that stays between 0 and 1: symmetric for its logit.  Korn and Graubard (1999), 2.6.

    At 0 and 1 itself it is the share.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(share / (1 - share))
        half = _t(df, conf_level) * std_error / (share * (1 - share))
        low, high = (1 / (1 + np.exp(-(centre + side * half))) for side in (-1, 1))
    edge = (share <= 0) | (share >= 1)
    return np.where(edge, share, low), np.where(edge, share, high)


def simple_variances(y: Array, w: Array, *, total: bool) -> Array:
    """Variances of means (or totals) of a simple random sample of as many rows from a population of ``sum w``.

    The denominator of design effects (Kish 1965), without replacement; nan where the weights sum to fewer than there
    are rows.
    """
    given = ~np.isnan(y)
    n = ((w > 0)[:, None] & given).sum(axis=0)
    population = w @ given
    with np.errstate(divide="ignore", invalid="ignore"):
        found = Variances(y).value(w) / n * (1 - n / population)
    found = np.where(population > n, found, np.nan)
    return found * population**2 if total else found


def _t(df: float, conf_level: float) -> float:
    return float(stats.t.ppf(0.5 + conf_level / 2, df)) if df > 0 else float("nan")


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Estimates(Result):
    """Estimates of the population, one per row.

    Attributes
    ----------
    frame : DataFrame
        ``term`` (name), ``label`` (words, a Text), the columns of ``by``, ``estimate, std_error, conf_low, conf_high,
        df, deff, n``; ``deff`` compares the variance with that of a simple random sample of as many rows, drawn without
        replacement.
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
        estimate = matrix @ self.frame["estimate"].to_numpy(dtype=float)
        covariance = matrix @ self.covariance @ matrix.T
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
        few = frame["n"].between(1, self.basis.smallest - 1)
        shown = [column.key for column in columns if column.key != "words"]
        hidden = {part for key in shown for part in key.split(":")}
        return table.hiding([hidden if row else () for row in few])

    def _words(self, column: str) -> list[Text]:
        if column == "label":
            return list(self.frame["label"])
        return [self.basis.label(value) if not isinstance(value, Text) else value for value in self.frame[column]]

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The estimates with their intervals."""
        from sgsurvey.figures.forest import forest

        words = language or self.basis.language
        rows = self.frame[~self.frame["n"].between(1, self.basis.smallest - 1)]
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


# Doors ------------------------------------------------------------------------------------------------------


def mean(data: Responses | pd.DataFrame, what: What, *, by: What | None = None, conf_level: float = 0.95) -> Estimates:
    """Means of the population, by the design of the sample.

    Parameters
    ----------
    data : Responses or DataFrame
        With a design (``survey_design``), or else as a simple random sample.
    what : str or list of str
        Constructs, items or columns with numbers; each mean is over the rows that have it.
    by : str or list of str, optional
        Columns whose values are estimated apart.  Each is a domain: the rest of the sample stays in the variance.
    conf_level : float

    Returns
    -------
    Estimates
        With the covariance of all of them, for ``.contrast``.

    References
    ----------
    Woodruff, R. S. (1971). A simple method for approximating the variance of a complicated estimate. Journal of the
    American Statistical Association, 66, 411-414.

    Examples
    --------
    ``sg.mean(answers, ["SAT", "MGT"], by="township_id")``
    """
    return _numbers(data, what, "mean", by, conf_level, Means, total=False)


def total(data: Responses | pd.DataFrame, what: What, *, by: What | None = None, conf_level: float = 0.95) -> Estimates:
    """Totals of the population: the sum of weights times values; what is not known adds nothing.

    Parameters
    ----------
    data : Responses or DataFrame
        With weights, or population sizes from which weights follow.
    what : str or list of str
    by : str or list of str, optional
    conf_level : float

    Raises
    ------
    DesignError
        There are no weights: a sum over the sample is no total of a population.
    """
    answers = as_columns(data)
    if answers.design.weights is None:
        raise DesignError(
            Text(
                "没有权数：样本之和不是总体总量。",
                "there are no weights: a sum over the sample is no total of a population.",
            ),
            remedy=Text(
                "请用survey_design(weights=…)或survey_design(fpc=…)声明设计。",
                "Declare them with survey_design(weights=…), or population sizes with survey_design(fpc=…).",
            ),
        )
    return _numbers(answers, what, "total", by, conf_level, Totals, total=True)


def variance(
    data: Responses | pd.DataFrame, what: What, *, by: What | None = None, conf_level: float = 0.95
) -> Estimates:
    """Variances in the population, with their errors.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str or list of str
    by : str or list of str, optional
    conf_level : float
    """
    return _numbers(data, what, "variance", by, conf_level, Variances, total=None)


def proportion(
    data: Responses | pd.DataFrame, what: str, *, by: What | None = None, conf_level: float = 0.95
) -> Estimates:
    """Shares of the population that each answer has, with intervals between 0 and 1.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str
        A coded item, or any column with few values; codes for no answer count as missing.
    by : str or list of str, optional
    conf_level : float

    References
    ----------
    Korn, E. L., & Graubard, B. I. (1999). Analysis of Health Surveys. Wiley.
    """
    answers = as_columns(data)
    values = answers.variables([what])[what]
    codes = [code for code in answers.codes(what) if values.eq(code).any()]
    if not codes:
        raise DataError(
            Text(f"“{what}”没有可用的回答。", f"'{what}' has no answers."),
            remedy=Text("请检查该列。", "Check the column."),
        )
    y = np.column_stack([np.where(values.isna(), np.nan, values.eq(code).fillna(False)) for code in codes]).astype(
        float
    )
    terms = [(f"{what}={code}", group_words(answers, what, code)) for code in codes]
    found = _estimates(answers, "proportion", terms, Means, [y], y, by, conf_level, total=False)
    frame = found.frame
    limits = [
        logit_interval(np.array([row.estimate]), np.array([row.std_error]), row.df, conf_level)
        for row in frame.itertuples()
    ]
    return replace(
        found,
        frame=frame.assign(
            conf_low=[float(low[0]) for low, _ in limits], conf_high=[float(high[0]) for _, high in limits]
        ),
    )


def ratio(
    data: Responses | pd.DataFrame,
    numerator: str,
    denominator: str,
    *,
    by: What | None = None,
    conf_level: float = 0.95,
) -> Estimates:
    """The ratio of two totals of the population, over the rows that have both.

    Parameters
    ----------
    data : Responses or DataFrame
    numerator, denominator : str
    by : str or list of str, optional
    conf_level : float

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model Assisted Survey Sampling. Springer. Section 5.6.
    """
    answers = as_columns(data)
    y, x = (_matrix(answers, [name]) for name in (numerator, denominator))
    labels = answers.basis()
    words = Text(
        *(f"{labels.label(numerator).to(lang)} / {labels.label(denominator).to(lang)}" for lang in ("zh", "en"))
    )
    both = np.where(np.isnan(y) | np.isnan(x), np.nan, y)
    terms = [(f"{numerator}/{denominator}", words)]
    return _estimates(answers, "ratio", terms, Ratios, [y, x], both, by, conf_level, total=None)


# ------------------------------------------------------------------------------------------------------------


def _numbers(
    data: Responses | pd.DataFrame,
    what: What,
    statistic: str,
    by: What | None,
    conf_level: float,
    kind: Callable[[Array], Statistic],
    *,
    total: bool | None,
) -> Estimates:
    answers = as_columns(data)
    names = [what] if isinstance(what, str) else list(what)
    y = _matrix(answers, names)
    terms = [(name, answers.basis().label(name)) for name in names]
    return _estimates(answers, statistic, terms, kind, [y], y, by, conf_level, total=total)


def _matrix(answers: Responses, names: Sequence[str]) -> Array:
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


def _estimates(
    answers: Responses,
    name: str,
    terms: Sequence[tuple[str, Text]],
    kind: Callable[..., Statistic],
    data: Sequence[Array],
    y: Array,
    by: What | None,
    conf_level: float,
    *,
    total: bool | None,
) -> Estimates:
    """One statistic over all answers, or over each group.

    ``kind`` makes it from ``data``; ``y`` tells who is known; ``total`` says what deff compares with (None: nothing).
    """
    if not 0 < conf_level < 1:
        raise DataError(
            Text(f"conf_level={conf_level}不在0与1之间。", f"conf_level={conf_level} is not between 0 and 1."),
            remedy=Text("例如0.95。", "Such as 0.95."),
        )
    sample, columns = Sample.of(answers), [by] if isinstance(by, str) else list(by or [])
    groups = list(_groups(answers, columns))
    statistic, known = kind(*(sample.whole(each) for each in data)), sample.whole(y)
    joined = Joined([(statistic, sample.part(mask) > 0) for _, mask in groups])
    value, covariance = sample.estimate(joined)
    rows = []
    for g, (keys, mask) in enumerate(groups):
        w = sample.part(mask)
        part = slice(g * len(terms), (g + 1) * len(terms))
        estimate, std_error = value[part], np.sqrt(np.clip(np.diag(covariance)[part], 0, None))
        simple = np.full(len(terms), np.nan) if total is None else simple_variances(known, w, total=total)
        for k, (term, label) in enumerate(terms):
            here = np.where(np.isnan(known[:, k]), 0.0, w)
            df = sample.df(here)
            low, high = symmetric_interval(estimate[[k]], std_error[[k]], df, conf_level)
            deff = std_error[k] ** 2 / simple[k] if simple[k] > 0 else np.nan
            numbers = [estimate[k], std_error[k], float(low[0]), float(high[0]), df, deff, int((here > 0).sum())]
            rows.append([term, label, *keys, *numbers])
    frame = pd.DataFrame(rows, columns=[*COLUMNS[:2], *columns, *COLUMNS[2:]])
    used = int((~np.isnan(y).any(axis=1)).sum())
    dropped = {} if used == len(y) else {"incomplete": len(y) - used}
    return Estimates(
        frame, answers.basis(used, dropped), covariance, name, tuple(columns), conf_level, design_notes(answers.design)
    )


def _groups(answers: Responses, by: Sequence[str]) -> list[tuple[list[object], Mask]]:
    """Values of ``by`` with the rows that have them, in the order of their codes; everybody when there are none."""
    groups: list[tuple[list[object], Mask]] = [([], np.ones(len(answers), dtype=bool))]
    for column in by:
        values = answers.variables([column])[column]
        finer = []
        for keys, mask in groups:
            for code in answers.codes(column):
                inside = mask & values.eq(code).fillna(False).to_numpy(dtype=bool)
                if inside.any():
                    finer.append(([*keys, group_words(answers, column, code)], inside))
        groups = finer
    if not groups:
        raise DataError(
            Text("没有一行属于任何一组。", "no row belongs to any group."), remedy=Text("请检查by=。", "Check by=.")
        )
    return groups
