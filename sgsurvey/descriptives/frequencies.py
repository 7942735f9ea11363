"""Frequencies of coded variables, and the structure of the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.frequencies_sentences import of_frequencies
from sgsurvey.descriptives.groups import Group, split, unplaced
from sgsurvey.descriptives.shares_design import LOGIT, share_intervals
from sgsurvey.descriptives.tally import KINDS, Tally, tally
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

ALL = "all"
OF_VALID = Text("百分比以有效回答为基数。", "Percentages are of the valid answers.")
WEIGHTED = Text("频数未加权，百分比已加权。", "Counts are unweighted, percentages weighted.")
NO_INTERVAL = {"conf_low": np.nan, "conf_high": np.nan}
TITLE = Text("频数分析", "Frequencies")
STRUCTURE = Text("样本基本信息", "Sample structure")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frequencies(Result):
    """How often each category occurs.

    Attributes
    ----------
    frame : DataFrame
        One row per variable, category and group: ``variable, category`` (code, or the kind of no-answer), ``label``
        (Text), ``kind`` (``answer`` or ``missing``), ``group`` (code; ``all`` for everybody), ``n`` (rows), ``share``
        (of the valid answers, weighted), ``share_all`` (of all rows, weighted), ``cumulative`` (of ``share``),
        ``conf_low, conf_high`` (of ``share``; nan without a declared design) and ``suppressed``: counts below the
        questionnaire's smallest cell, and those that would give them away, are nan.
    groups : mapping of code to (Text, rows)
    by : str or None
    weighted, structure : bool
        ``structure``: all variables say who the respondents are.
    conf_level : float
    design_words : tuple of Text
        How intervals were had; empty without a declared design.
    """

    groups: Mapping[object, tuple[Text, int]]
    by: str | None
    weighted: bool
    structure: bool
    conf_level: float
    design_words: tuple[Text, ...]

    def _table(self) -> Table:
        notes = [WEIGHTED] if self.weighted else []
        any_missing = bool((self.frame["kind"] == "missing").any())
        if any_missing:
            notes.append(OF_VALID)
        columns = [Column("label", HEADS["category"], "text")]
        for code, (words, size) in self.groups.items():
            spanner = (
                Text(f"{words.zh}（n\u00a0=\u00a0{size}）", f"{words.en} (n\u00a0=\u00a0{size})") if self.by else None
            )
            columns.append(
                Column(f"n {code}", HEADS["frequency"] if not self.by else HEADS["n"], "count", None, spanner)
            )
            if not self.by and any_missing:
                columns.append(Column(f"share_all {code}", HEADS["percent"], "percent"))
            head = HEADS["valid_percent"] if not self.by and any_missing else PER_CENT if self.by else HEADS["percent"]
            columns.append(Column(f"share {code}", head, "percent", None, spanner))
        if not self.by and self.design_words and not self.structure:
            level = f"{self.conf_level * 100:g}%"
            words = Text(f"{level}置信区间", f"{level} CI")
            columns.append(Column(f"conf_low:conf_high {ALL}", words, "percent_interval"))
            notes += [LOGIT, *self.design_words]
        if not self.by:
            columns.append(Column(f"cumulative {ALL}", HEADS["cumulative_percent"], "percent"))
        title = STRUCTURE if self.structure else TITLE
        table = Table("frequencies", title, tuple(columns), tuple(self._rows(columns)), tuple(notes))
        return table.telling(*of_frequencies(table, ALL))

    def _rows(self, columns: Sequence[Column]) -> list[Row]:
        rows = []
        for variable in self.frame["variable"].unique():
            part = self.frame[self.frame["variable"] == variable]
            rows.append(Row((Cell(self.basis.label(variable), span=len(columns)),), "group"))
            for _, lines in part.groupby(["kind", "category"], sort=False):
                by_group = {line["group"]: line for _, line in lines.iterrows()}
                cells = [Cell(lines["label"].iloc[0])]
                cells += [_cell(by_group, column) for column in columns[1:]]
                rows.append(Row(tuple(cells)))
        return rows


PER_CENT = Text("%", "%")


def _cell(by_group: Mapping[object, pd.Series], column: Column) -> Cell:
    key, _, group = column.key.partition(" ")
    line = next(line for code, line in by_group.items() if str(code) == group)
    if line["suppressed"]:
        return Cell(kind=column.kind, suppressed=True)
    first, _, second = key.partition(":")
    return Cell((line[first], line[second]) if second else line[first], column.kind)


# Door -------------------------------------------------------------------------------------------------------


def frequencies(
    data: Responses | pd.DataFrame,
    items: str | Sequence[str],
    *,
    by: str | None = None,
    conf_level: float = 0.95,
) -> Frequencies:
    """Count the categories of coded variables, and tell apart why the other answers are missing.

    Parameters
    ----------
    data : Responses or DataFrame
    items : str or sequence of str
        Coded questions, or columns with at most 30 different values.
    by : str, optional
        Column whose values stand side by side, such as ``"role"``, with everybody at the end.
    conf_level : float
        Of the intervals of shares, which are given under a declared design.

    Returns
    -------
    Frequencies
        Cells of fewer persons than the questionnaire's ``smallest_cell`` are not in it, nor cells from which these
        could be worked out.  Two tables of the same answers, cut differently, may still give each other away.

    Raises
    ------
    DataError
        There is no such column, or it has too many different values.

    Examples
    --------
    >>> frame = pd.DataFrame({"sex": [1] * 6 + [2] * 9})
    >>> frequencies(frame, "sex").frame["n"].tolist()
    [6.0, 9.0]
    """
    answers = as_columns(data)
    names = [items] if isinstance(items, str) else list(items)
    outside = unplaced(answers, by) if by else 0
    placed = answers.where(**{by: list(answers.codes(by))}) if by and outside else answers
    everybody = Group(ALL, HEADS["total"], placed)
    groups = [*(split(answers, by) if by else ()), everybody]
    smallest = answers.questionnaire.smallest_cell
    lines = [
        line for name in names for line in _lines(name, tally(answers, name, groups), groups, smallest, conf_level)
    ]
    basis = answers.basis(len(answers) - outside, {f"{by} missing": outside} if outside else {})
    sizes = {group.code: (group.words, len(group.answers)) for group in groups}
    weighted = answers.weights is not None
    words = () if answers.design.is_simple else design_notes(answers.design)
    structure = _is_structure(answers, names)
    return Frequencies(pd.DataFrame(lines), basis, sizes, by, weighted, structure, conf_level, words)


def _lines(
    name: str, counts: Tally, groups: Sequence[Group], smallest: int, conf_level: float
) -> list[dict[str, object]]:
    """Rows of the tidy frame: the categories of one variable, then the kinds of no-answer that occur."""
    alone = len(groups) == 1
    hidden = counts.hidden(smallest, total=not alone)
    sizes = counts.weight.sum(axis=0) + np.sum(list(counts.gone_weight.values()), axis=0)
    shares, (low, high) = counts.shares, share_intervals(name, counts, groups, conf_level)
    lines: list[dict[str, object]] = []
    for i, (code, words) in enumerate(zip(counts.codes, counts.words, strict=True)):
        for j, group in enumerate(groups):
            line = {"variable": name, "category": code, "label": words, "kind": "answer", "group": group.code}
            line |= _numbers(counts.n[:, j], shares[:, j], counts.weight[i, j] / sizes[j], hidden[:, j], i)
            line |= {"conf_low": low[i, j], "conf_high": high[i, j]} if not hidden[i, j] else NO_INTERVAL
            lines.append(line)
    for kind, hides in counts.hidden_reasons(smallest, total=not alone).items():
        for j, group in enumerate(groups):
            line = {"variable": name, "category": kind, "label": KINDS[kind], "kind": "missing", "group": group.code}
            n, weight = (np.nan if hides[j] else found[kind][j] for found in (counts.gone, counts.gone_weight))
            line |= {"n": n, "share": np.nan, "share_all": weight / sizes[j], "cumulative": np.nan} | NO_INTERVAL
            lines.append(line | {"suppressed": bool(hides[j])})
    return lines


def _numbers(n: Array, shares: Array, share_all: float, hidden: np.ndarray, i: int) -> dict[str, object]:
    """What one cell says; nothing cumulative where a cell of its column is hidden, for differences would tell."""
    if hidden[i]:
        return {"n": np.nan, "share": np.nan, "share_all": np.nan, "cumulative": np.nan, "suppressed": True}
    cumulative = np.nan if hidden.any() else shares[: i + 1].sum()
    return {"n": n[i], "share": shares[i], "share_all": share_all, "cumulative": cumulative, "suppressed": False}


def _is_structure(answers: Responses, names: Sequence[str]) -> bool:
    """Whether all variables are facts about the respondents: choices that belong to no construct, or places."""
    items = {item.name: item for item in answers.questionnaire.items}
    kinds = {construct.name: construct.kind for construct in answers.questionnaire.constructs}
    known = [items[name] for name in names if name in items]
    return bool(known) and all(
        item.type != "rating" and kinds.get(item.construct, "background") == "background" for item in known
    )
