"""How the answers to rating items spread over their scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.frequencies_sentences import of_likert
from sgsurvey.descriptives.groups import FEW, Group, split, unplaced
from sgsurvey.descriptives.shares_design import group_intervals
from sgsurvey.descriptives.tally import Tally, tally
from sgsurvey.errors import DataError
from sgsurvey.questionnaire.model import Item
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

AS_ANSWERED = Text(
    "百分比以有效回答为基数；“不清楚”以有效回答与“不清楚”之和为基数；反向题按原始作答。",
    "Percentages are of the valid answers, those of don't-knows of valid answers and don't-knows together; reversed "
    "items as answered.",
)
SMALL = Text(
    f"少于{FEW}人的主体不报告各选项的分布。", f"Groups of fewer than {FEW} people: no shares of single answers."
)
WEIGHTED = Text("n未加权，百分比已加权。", "n is unweighted, percentages are weighted.")


@dataclass(frozen=True)
class LikertShares(Result):
    """Shares of the answers to rating items.

    Attributes
    ----------
    frame : DataFrame
        One row per item, group and answer: ``construct, item, group`` (code; None without ``by``), ``group_label``,
        ``category`` (code), ``category_label`` (Texts), ``share`` (of the valid answers, weighted; nan for groups that
        are too small) with ``conf_low, conf_high`` (95 %, under the design; nan without one), ``n`` (valid answers; nan
        below the smallest cell), ``dont_know`` (weighted), and ``suppressed`` and
        ``dont_know_suppressed``: nan because few people stand behind it, or would be given away by it.
    by : str or None
    weighted : bool
    """

    by: str | None
    weighted: bool

    def _table(self) -> Table:
        words = dict(zip(self.frame["category"], self.frame["category_label"], strict=True))
        columns = [
            Column("item", HEADS["item"], "text"),
            Column("n", HEADS["n"], "count"),
            *(Column(f"share {code}", label, "percent", spanner=ANSWERS) for code, label in words.items()),
            Column("dont_know", HEADS["dont_know_percent"], "percent"),
        ]
        rows: list[Row] = []
        group: object = None
        for (place, item), part in self.frame.groupby(["group_label", "item"], sort=False, dropna=False):
            if self.by and place != group:
                group = place
                rows.append(Row((Cell(place, span=len(columns)),), "group"))
            rows.append(Row(self._cells(str(item), part)))
        notes = [AS_ANSWERED, *([WEIGHTED] if self.weighted else [])]
        if (self.frame["share"].isna() & ~self.frame["suppressed"]).any():
            notes.append(SMALL)
        title = Text("各题项回答分布", "Distribution of answers by item")
        table = Table("likert", title, tuple(columns), tuple(rows), tuple(notes))
        return table.telling(*of_likert(table))

    def _cells(self, item: str, part: pd.DataFrame) -> tuple[Cell, ...]:
        first = part.iloc[0]
        shares = (
            Cell(share, "percent", suppressed=hidden)
            for share, hidden in zip(part["share"], part["suppressed"], strict=True)
        )
        unsure = Cell(first["dont_know"], "percent", suppressed=first["dont_know_suppressed"])
        n = Cell(first["n"], "count", suppressed=bool(np.isnan(first["n"])))
        return Cell(self.basis.coded(item)), n, *shares, unsure

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Diverging bars, the groups of an item side by side."""
        from sgsurvey.figures.likert import likert as draw

        spoken = language or self.basis.language
        tidy = self.frame[["share", "n"]].assign(
            item=[self.basis.coded(item).to(spoken) for item in self.frame["item"]],
            category=[label.to(spoken) for label in self.frame["category_label"]],
        )
        if self.frame["dont_know"].notna().any():
            tidy["dont_know"] = self.frame["dont_know"]
        if self.by:
            tidy["group"] = [label.to(spoken) for label in self.frame["group_label"]]
            order = self.frame.groupby("item", sort=False).ngroup()
            tidy = tidy.iloc[np.argsort(order, kind="stable")]
        return draw(tidy, ax=ax, language=spoken)


ANSWERS = Text("百分比（%）", "%")


def likert(data: Responses | pd.DataFrame, constructs: What, *, by: str | None = None) -> LikertShares:
    """Shares of each answer to rating items, with the share of don't-knows.

    Parameters
    ----------
    data : Responses or DataFrame
    constructs : str, list of str, or {construct: [columns]}
        Constructs, or rating items by name, all on one scale.
    by : str, optional
        Column whose values are shown apart, such as ``"role"``; a group that was not asked an item has no row.

    Raises
    ------
    DataError
        An item is not rated on a scale, or the items are on different scales.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 2, 2, 2, 1, 2, 2, 1, 2, 1]})
    >>> likert(frame, ["a"]).frame["share"].tolist()
    [0.4, 0.6]
    """
    answers, names = as_responses(data, constructs)
    items = [answers.questionnaire.item(name) for name in answers.item_names(names)]
    _check(items)
    groups = list(split(answers, by))
    lines = []
    tallies = [tally(answers, item.name, groups) for item in items]
    for j, group in enumerate(groups):
        for item, counts in zip(items, tallies, strict=True):
            if len(group.answers) > counts.gone["not_asked"][j]:
                lines += _lines(item, counts, group, j, answers.questionnaire.smallest_cell)
    outside = unplaced(answers, by) if by else 0
    basis = answers.basis(len(answers) - outside, {f"{by} missing": outside} if outside else {})
    return LikertShares(pd.DataFrame(lines), basis, by, answers.weights is not None)


def _check(items: Sequence[Item]) -> None:
    for item in items:
        if item.type not in ("rating", "decimal"):
            raise DataError(
                f"'{item.name}' is a question of type {item.type}, not a rating.",
                where=item.name,
                remedy="Use frequencies() or multiple_response() for it.",
            )
    scales = {item.scale.name if item.scale else str(item.limits) for item in items}
    if len(scales) > 1:
        raise DataError(
            f"the items are on {len(scales)} different scales: {', '.join(sorted(scales))}.",
            remedy="Ask for the items of one scale at a time.",
        )


def _lines(item: Item, counts: Tally, group: Group, j: int, smallest: int) -> list[dict[str, object]]:
    n, unsure = counts.valid[j], counts.gone["dont_know"][j]
    weight, answered = counts.gone_weight["dont_know"][j], counts.weight[:, j].sum()
    share_unsure = weight / (weight + answered) if weight + answered > 0 else np.nan
    few = n < smallest
    hidden = np.full(len(counts.codes), few) if few or group.small else counts.hidden(smallest)[:, j]
    has_unsure = "dont_know" in item.missing_codes.values()
    line = {
        "construct": item.construct,
        "item": item.name,
        "group": group.code,
        "group_label": group.words,
        "n": np.nan if few else n,
        "dont_know_suppressed": bool(few or 0 < unsure < smallest),
    }
    line["dont_know"] = np.nan if not has_unsure or line["dont_know_suppressed"] else share_unsure
    ends = group_intervals(item.name, counts, group, j, 0.95)
    shares, low, high = (np.where(hidden | group.small, np.nan, x) for x in (counts.shares[:, j], *ends))
    return [
        line
        | {"category": code, "category_label": words, "share": share, "suppressed": bool(gone)}
        | {"conf_low": below, "conf_high": above}
        for code, words, share, below, above, gone in zip(
            counts.codes, counts.words, shares, low, high, hidden, strict=True
        )
    ]
