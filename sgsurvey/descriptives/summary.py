"""Items and scales described: how many answered, where, and how widely."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.few import THIRDS, few_in_item, few_in_scale
from sgsurvey.descriptives.groups import SMALL_ROLES, Group, positions, split, unplaced
from sgsurvey.descriptives.summary_design import WEIGHTED, designed_scale
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import clustered_mean, intraclass
from sgsurvey.questionnaire.model import Item
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

NUMERIC = ("rating", "integer", "decimal")
# What is left of a small role's row; of a suppressed one nothing but its name.
WHO = ("group", "construct", "item", "shown")
COUNTED = ("n", "n_missing", "min", "max", "mean", "sd", "median", "skewness", "kurtosis")
OF_ITEMS = (*WHO, *COUNTED, *THIRDS, "dont_know", "top_two", "hidden")
OF_SCALES = (
    *("group", "construct", "shown", "n_items"),
    *(key for key in COUNTED if key not in ("skewness", "kurtosis")),
    *("std_error", "df", "conf_low", "conf_high", "units", "floor", "ceiling", "top_two", "icc"),
    "hidden",
)
SHOWN = frozenset({*OF_ITEMS, *OF_SCALES} - set(WHO))
SMALL_KEEPS = (*WHO, "n_items", "n", "n_missing", "min", "max", "median", "top_two")

# Formulas ---------------------------------------------------------------------------------------------------


def moments_of(x: Array) -> dict[str, float]:
    """n, extremes, mean, sd, median, skewness and excess kurtosis; sample statistics G1 and G2.

    Joanes and Gill (1998), The Statistician 47, 183-189.  What needs more answers than there are is nan.
    """
    n = len(x)
    varies = n > 1 and float(np.ptp(x)) > 0
    return {
        "n": n,
        "min": float(x.min()) if n else np.nan,
        "max": float(x.max()) if n else np.nan,
        "mean": float(x.mean()) if n else np.nan,
        "sd": float(x.std(ddof=1)) if n > 1 else np.nan,
        "median": float(np.median(x)) if n else np.nan,
        "skewness": float(stats.skew(x, bias=False)) if varies and n > 2 else np.nan,
        "kurtosis": float(stats.kurtosis(x, bias=False)) if varies and n > 3 else np.nan,
    }


def thirds(x: Array, low: float, high: float) -> dict[str, float]:
    """Shares of answers below, at and above the middle of a scale, and the count in its top two.

    The top two of five points are the top quarter of the range: at least ``low + 0.75 (high - low)``.
    """
    middle, top = (low + high) / 2, low + 0.75 * (high - low)
    if not len(x):
        return {"disagree": np.nan, "neutral": np.nan, "agree": np.nan, "top_two": 0}
    return {
        "disagree": float((x < middle).mean()),
        "neutral": float((x == middle).mean()),
        "agree": float((x > middle).mean()),
        "top_two": int((x >= top - 1e-9).sum()),
    }


# Results ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemSummary(Result):
    """Items one by one, as they were answered (reversed items are not turned).

    Attributes
    ----------
    frame : DataFrame
        One row per item (and ``group``): ``construct, item, shown, n, n_missing, min, max, mean, sd, median, skewness,
        kurtosis, disagree, neutral, agree, dont_know, top_two``.  Shares are of the valid answers, ``dont_know`` of the
        valid answers and the don't-knows together.  ``shown`` is ``all``, ``median`` (a role below 30) or ``nothing``;
        ``hidden`` names the columns that are nan because few people stand behind them, or would be given away.
    by : str or None
    """

    by: str | None

    def _table(self) -> Table:
        frame = self.frame.copy()
        frame["item"] = pd.Series([self.basis.coded(i) for i in self.frame["item"]], dtype=object)
        shares = ("disagree", "neutral", "agree", "dont_know")
        columns = [
            Column("item", HEADS["item"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("min", HEADS["min"], digits=0),
            Column("max", HEADS["max"], digits=0),
            *(Column(key, HEADS[key]) for key in ("mean", "sd", "median", "skewness", "kurtosis")),
            *(Column(key, HEADS[f"{key}_percent"], "percent") for key in shares),
        ]
        notes = [NOT_TURNED]
        if (self.frame["shown"] == "median").any():
            columns.append(Column("top_two", HEADS["top_two"], "count"))
            notes.append(SMALL_ROLES)
        table = Table.from_frame(
            frame,
            columns,
            id="item_descriptives",
            title=Text("题项描述统计", "Description of the items"),
            notes=notes,
            group="group" if self.by else None,
        )
        return table.hiding(_hidden(frame))


@dataclass(frozen=True)
class ScaleSummary(Result):
    """Scales described by their scores.

    Attributes
    ----------
    frame : DataFrame
        One row per construct (and ``group``): ``construct, shown, n_items, n, n_missing, min, max, mean, sd, median,
        std_error, df, conf_low, conf_high, units, floor, ceiling, top_two, icc``.  ``floor`` and ``ceiling`` are the
        shares at the lowest and highest possible score; ``icc`` is of ``cluster``; ``hidden`` names the columns that
        are nan because few people stand behind them, or would be given away.
    by, cluster : str or None
    conf_level : float
    design_words : tuple of Text
        How errors were had, where more than clusters is declared; else empty.
    """

    by: str | None
    cluster: str | None
    conf_level: float
    design_words: tuple[Text, ...]

    def _table(self) -> Table:
        frame = self.frame.copy()
        frame["construct"] = pd.Series([self.basis.label(c) for c in self.frame["construct"]], dtype=object)
        interval = Text(f"{self.conf_level * 100:g}%置信区间", f"{self.conf_level * 100:g}% CI")
        columns = [
            Column("construct", HEADS["construct"], "text"),
            Column("n_items", HEADS["n_items"], "count"),
            Column("n", HEADS["n"], "count"),
            Column("mean", HEADS["mean"]),
            Column("sd", HEADS["sd"]),
            Column("conf_low:conf_high", interval, "interval"),
            Column("floor", HEADS["floor_percent"], "percent"),
            Column("ceiling", HEADS["ceiling_percent"], "percent"),
        ]
        notes = list(self.design_words) or [self._interval_note()]
        if self.cluster is not None:
            columns.append(Column("icc", HEADS["icc"], "bounded"))
        if (self.frame["shown"] == "median").any():
            columns += [
                Column("median", HEADS["median"]),
                Column("min:max", HEADS["range"], "interval"),
                Column("top_two", HEADS["top_two"], "count"),
            ]
            notes.append(SMALL_ROLES)
        table = Table.from_frame(
            frame,
            columns,
            id="scale_descriptives",
            title=Text("量表描述统计", "Description of the scales"),
            notes=notes,
            group="group" if self.by else None,
        )
        return table.hiding(_hidden(frame))

    def _interval_note(self) -> Text:
        if self.cluster is None:
            return Text("置信区间按t(n − 1)计算。", "Intervals by t(n − 1).")
        label = self.basis.label(self.cluster)
        return Text(
            "置信区间和ICC按{cluster}聚类计算，自由度为聚类数减1；没有{cluster}的受访者各自作为一个单位。",
            "Intervals and ICC by clusters ({cluster}), with clusters − 1 degrees of freedom; respondents without one "
            "are units of their own.",
        ).format(cluster=label)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Means with their intervals, one point per scale (and group)."""
        from sgsurvey.figures.forest import forest

        words = language or self.basis.language
        shown = self.frame[self.frame["shown"] == "all"]
        tidy = pd.DataFrame(
            {
                "term": [self.basis.label(c).to(words) for c in shown["construct"]],
                "estimate": shown["mean"],
                "conf_low": shown["conf_low"],
                "conf_high": shown["conf_high"],
            }
        )
        if self.by:
            tidy["group"] = [w.to(words) for w in shown["group"]]
        axis = Text("均值（竖线为各均值的平均）", "Mean (line: average of the means)")
        middle = float(tidy["estimate"].mean())
        return forest(tidy, null=middle, axis=axis, conf_level=self.conf_level, ax=ax, language=words)


NOT_TURNED = Text(
    "反向题按原始作答描述，未反向计分；偏度、峰度为样本统计量，峰度以正态分布为0。",
    "Reversed items are described as answered, not turned; skewness and kurtosis are sample statistics, 0 for a normal "
    "distribution.",
)


def _hidden(frame: pd.DataFrame) -> list[Collection[str]]:
    """Columns to hide in each row: those it names, or all where it shows nothing."""
    lines = zip(frame["shown"], frame["hidden"], strict=True)
    return [SHOWN if shown == "nothing" else hidden for shown, hidden in lines]


# Doors ------------------------------------------------------------------------------------------------------


def describe(data: Responses | pd.DataFrame, what: What, *, by: str | None = None) -> ItemSummary:
    """Describe items one by one.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str, list of str, or {construct: [columns]}
        Constructs or items that are rated or hold numbers.
    by : str, optional
        Column whose values are described apart, such as ``"role"``; an item that a group was not asked has no row.

    Raises
    ------
    DataError
        An item holds choices or words.
    DesignError
        The answers carry weights.
    """
    answers, names = as_responses(data, what)
    answers.refuse_weights("describe()")
    items = [answers.questionnaire.item(name) for name in answers.item_names(names)]
    for item in items:
        if item.type not in NUMERIC:
            raise DataError(
                f"'{item.name}' is a question of type {item.type}: its codes have no mean.",
                where=item.name,
                remedy="Use frequencies() or multiple_response() for it.",
            )
    smallest = answers.questionnaire.smallest_cell
    rows = []
    for group in split(answers, by):
        for item in items:
            if group.answers.shown(item.name).any() and _asked(group.answers, item):
                row, x, unsure = _item_row(group, item)
                few = few_in_item(x, unsure, item, smallest, thirds=not group.small)
                rows.append(_gated(row, group, smallest, few))
    return ItemSummary(_tidy(rows, OF_ITEMS, by), answers.basis(*_used(answers, by)), by)


def describe_scales(
    data: Responses | pd.DataFrame,
    constructs: What,
    *,
    by: str | None = None,
    cluster: str | None = None,
    conf_level: float = 0.95,
) -> ScaleSummary:
    """Describe scales by their scores, with intervals that know about clusters.

    Parameters
    ----------
    data : Responses or DataFrame
    constructs : str, list of str, or {construct: [columns]}
    by : str, optional
        Column whose values are described apart, such as ``"role"``.
    cluster : str, optional
        Column of the clusters; the design's when None.  Rows without one are units of their own, in a stratum of their
        own.
    conf_level : float

    Returns
    -------
    ScaleSummary
        Under weights, strata, population sizes or replicate weights by the design: each group is a domain, and there is
        no ``icc``.

    Raises
    ------
    DesignError
        ``cluster`` is not the design's, where more than clusters is declared.
    """
    answers, names = as_responses(data, constructs)
    weighted = answers.design.weights is not None or answers.design.is_complex
    if weighted and cluster not in (None, answers.design.clusters):
        answers.refuse_design(f"describe_scales(cluster='{cluster}')", *PARTS)
    cluster = None if weighted else cluster or answers.design.clusters
    if cluster is not None:
        answers.variables([cluster])
    smallest = answers.questionnaire.smallest_cell
    rows = []
    for group in split(answers, by):
        for name in names:
            if any(_asked(group.answers, item) for item in answers.questionnaire.items_of(name)):
                row = _scale_row(group, name, cluster, conf_level)
                row |= _under_design(group, name, conf_level) if weighted and row["n"] else {}
                few = few_in_scale(row, answers.questionnaire.items_of(name), smallest)
                rows.append(_gated(row, group, smallest, few))
    words = (WEIGHTED, *design_notes(answers.design)) if weighted else ()
    basis = answers.basis(*_used(answers, by))
    return ScaleSummary(_tidy(rows, OF_SCALES, by), basis, by, cluster, conf_level, words)


def _under_design(group: Group, name: str, conf_level: float) -> dict[str, object]:
    score = group.answers.scores([name])[name].to_numpy(dtype=float)
    if group.answers.weights is not None and not group.answers.weights[~np.isnan(score)].any():
        return dict.fromkeys(("mean", "sd", "median", "std_error", "conf_low", "conf_high"), np.nan)
    try:
        limits = group.answers.limits(name)
    except DesignError:  # as in _scale_row
        limits = None
    return designed_scale(group.answers, score, limits, conf_level) | {"icc": np.nan}


def _asked(answers: Responses, item: Item) -> bool:
    """Whether any of these people could answer: the form of a role that is present has the item."""
    forms = [{i.name for i in answers.questionnaire.asked(role)} for role in answers.roles]
    blocks = answers.questionnaire.blocks
    return not forms or not blocks or any(item.name in form for form in forms)


def _item_row(group: Group, item: Item) -> tuple[dict[str, object], Array, int]:
    """The row of an item, its answers, and how many did not know."""
    answers = group.answers
    values = answers.items([item.name], keyed=False)[item.name]
    x = values.dropna().to_numpy()
    said = [code for code, kind in item.missing_codes.items() if kind == "dont_know"]
    unsure = int(answers.frame[item.name].isin(said).sum())
    row: dict[str, object] = {"group": group.words, "construct": item.construct, "item": item.name}
    row |= moments_of(x) | {"n_missing": len(values) - len(x)}
    if item.type == "rating" and (item.scale is not None or item.limits is not None):
        row |= thirds(x, *answers.limits(item.name))
    row["dont_know"] = unsure / (unsure + len(x)) if said and unsure + len(x) else np.nan
    return row, x, unsure


def _scale_row(group: Group, name: str, cluster: str | None, conf_level: float) -> dict[str, object]:
    answers = group.answers
    score = answers.scores([name])[name]
    there = score.notna()
    x = score[there].to_numpy()
    row: dict[str, object] = {"group": group.words, "construct": name}
    row |= moments_of(x)
    row |= {"n_items": len(answers.questionnaire.construct(name).items), "n_missing": int((~there).sum())}
    if len(x) > 1:
        units, strata, members = _units(answers, there, cluster)
        found = clustered_mean(x, units, strata)
        half = stats.t.ppf(0.5 + conf_level / 2, found.df) * found.std_error
        row |= {"std_error": found.std_error, "df": found.df, "units": found.units}
        row |= {"conf_low": found.mean - half, "conf_high": found.mean + half}
        inside = members >= 0
        row["icc"] = intraclass(x[inside], positions(pd.Series(members[inside])))
    try:
        low, high = answers.limits(name)
    except DesignError:  # a plain frame without limits, or items on different scales: no floor and no ceiling
        return row
    row |= {"floor": float((x <= low + 1e-9).mean()), "ceiling": float((x >= high - 1e-9).mean())} if len(x) else {}
    return row | {"top_two": thirds(x, low, high)["top_two"]}


def _units(answers: Responses, rows: pd.Series, cluster: str | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units and strata of the mean, and the clusters themselves (-1 for none); each of the length of ``rows`` kept."""
    n = int(rows.sum())
    if cluster is None:
        return np.arange(n), np.zeros(n, dtype=np.int64), np.full(n, -1)
    members = positions(answers.frame.loc[rows, cluster])
    alone = members < 0
    units = members.copy()
    units[alone] = members.max() + 1 + np.arange(alone.sum())
    return units, positions(pd.Series(alone)), members


def _gated(row: dict[str, object], group: Group, smallest: int, few: set[str]) -> dict[str, object]:
    """The row with only what a group of its size may show, without the columns behind which ``few`` people stand."""
    if int(str(row["n"])) < smallest:
        return {key: value for key, value in row.items() if key in WHO} | {"shown": "nothing", "hidden": ()}
    shown = "median" if group.small else "all"
    hidden = tuple(sorted(few & set(SMALL_KEEPS if group.small else row)))
    kept = {key: value for key, value in row.items() if key not in few and (key in SMALL_KEEPS or not group.small)}
    return kept | {"shown": shown, "hidden": hidden}


def _tidy(rows: list[dict[str, object]], columns: Sequence[str], by: str | None) -> pd.DataFrame:
    if not rows:
        raise DataError("nobody was asked any of these.", remedy="Check what is described, and for whom.")
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame if by else frame.drop(columns="group")


def _used(answers: Responses, by: str | None) -> tuple[int, dict[str, int]]:
    left = unplaced(answers, by) if by else 0
    return len(answers) - left, {f"{by} missing": left} if left else {}
