"""Items and scales described: how many answered, where, and how widely."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.columns_to_hide import few_in_item, few_in_scale
from sgsurvey.descriptives.groups import SMALL_ROLES, split, unplaced
from sgsurvey.descriptives.summary_design import WEIGHTED
from sgsurvey.descriptives.summary_rows import (
    OF_ITEMS,
    OF_SCALES,
    SHOWN,
    gated,
    item_row,
    scale_row,
    under_design,
)
from sgsurvey.descriptives.summary_sentences import of_items, of_scales
from sgsurvey.errors import DataError
from sgsurvey.questionnaire.model import Item
from sgsurvey.tables.conventions import OF_SHAPE
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

NUMERIC = ("rating", "integer", "decimal")

# Results ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemSummary(Inline):
    """Items one by one, as they were answered (reversed items are not turned).

    Attributes
    ----------
    frame : DataFrame
        One row per item (and ``group``): ``construct, item, shown, n, n_missing, min, max, mean, sd, median, skewness,
        kurtosis, disagree, neutral, agree, dont_know, top_two``.  Shares are of the valid answers, ``dont_know`` of the
        valid answers and the don't-knows together.  ``shown`` is ``all``, ``median`` (a role below 30) or ``nothing``;
        ``hidden`` names the columns that are nan because few people stand behind them, or would be given away.
        Under weights, counts and extremes are of the rows and all else of the weighted answers.
    by : str or None
    weighted : bool
    """

    by: str | None
    weighted: bool

    inline_columns = ("mean", "sd", "median")
    named_by = "item"

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
        notes = [NOT_TURNED, *([WEIGHTED_ITEMS] if self.weighted else [])]
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
        shown = table.hiding(_hidden(frame)).with_thresholds(OF_SHAPE)
        return shown.telling(*of_items(shown))


@dataclass(frozen=True)
class ScaleSummary(Inline):
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

    inline_columns = ("mean", "sd", "conf_low:conf_high", "median")
    named_by = "construct"

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
        shown = table.hiding(_hidden(frame))
        return shown.telling(*of_scales(shown))

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


WEIGHTED_ITEMS = Text(
    "均值、标准差、中位数、偏度、峰度和百分比已加权，n、最小和最大值未加权；总体估计及标准误请用mean()。",
    "Mean, SD, median, shape and percentages are weighted, n and extremes are not; mean() gives estimates with errors.",
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
        With weights, the weighted answers are described.
    what : str, list of str, or {construct: [columns]}
        Constructs or items that are rated or hold numbers.
    by : str, optional
        Column whose values are described apart, such as ``"role"``; an item that a group was not asked has no row.

    Raises
    ------
    DataError
        An item holds choices or words.
    """
    answers, names = as_responses(data, what)
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
                row, x, unsure = item_row(group, item)
                few = few_in_item(x, unsure, item, smallest, thirds=not group.small)
                rows.append(gated(row, group, smallest, few))
    basis = answers.basis(*_used(answers, by))
    return ItemSummary(_tidy(rows, OF_ITEMS, by), basis, by, answers.weights is not None)


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
                row = scale_row(group, name, cluster, conf_level)
                row |= under_design(group, name, conf_level) if weighted and row["n"] else {}
                score = group.answers.scores([name])[name].dropna().to_numpy(dtype=float)
                few = few_in_scale(row, score, answers.questionnaire.items_of(name), smallest)
                rows.append(gated(row, group, smallest, few))
    words = (WEIGHTED, *design_notes(answers.design)) if weighted else ()
    basis = answers.basis(*_used(answers, by))
    return ScaleSummary(_tidy(rows, OF_SCALES, by), basis, by, cluster, conf_level, words)


def _asked(answers: Responses, item: Item) -> bool:
    """Whether any of these people could answer: the form of a role that is present has the item."""
    forms = [{i.name for i in answers.questionnaire.asked(role)} for role in answers.roles]
    blocks = answers.questionnaire.blocks
    return not forms or not blocks or any(item.name in form for form in forms)


def _tidy(rows: list[dict[str, object]], columns: Sequence[str], by: str | None) -> pd.DataFrame:
    if not rows:
        raise DataError("nobody was asked any of these.", remedy="Check what is described, and for whom.")
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame if by else frame.drop(columns="group")


def _used(answers: Responses, by: str | None) -> tuple[int, dict[str, int]]:
    left = unplaced(answers, by) if by else 0
    return len(answers) - left, {f"{by} missing": left} if left else {}
