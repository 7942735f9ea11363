"""Which answers are missing together: patterns with their counts, by group of respondents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.quality.missing_sentences import of_patterns
from sgsurvey.questionnaire.model import Item, MissingKind
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

Mask = npt.NDArray[np.bool_]
ALL = "all"
MOST_SHOWN = 8
MOST_NAMED = 8
OTHERS = Text("其他模式（{k}种）", "Other patterns ({k})")
COMPLETE = Text("（全部作答）", "(all answered)")


@dataclass(frozen=True)
class MissingPatterns(Result):
    """Patterns of missing answers; a question that was not shown is not missing.

    Attributes
    ----------
    frame : DataFrame
        ``role`` (``all`` where there are no groups), ``pattern`` (1 is the most frequent), ``n``, ``share`` (of the
        group), ``n_missing`` and ``items`` (the names of those missing, a tuple).
    together : DataFrame
        Items by items: how many respondents lack both; on the diagonal, how many lack the item.
    least : int
        Rarer patterns are not listed in the table, where they could point at a person.
    """

    together: pd.DataFrame
    least: int

    def _table(self) -> Table:
        lines = []
        for role, of_role in self.frame.groupby("role", sort=False):
            label = HEADS["total"] if role == ALL else self.basis.label(role)
            listed = (of_role["pattern"] <= MOST_SHOWN) & (of_role["n"] >= self.least)
            for _, line in of_role[listed].iterrows():
                lines.append((label, _named(line["items"]), line["n_missing"], line["n"], line["share"]))
            rest = of_role[~listed]
            if len(rest):
                lines.append((label, OTHERS.format(k=len(rest)), None, rest["n"].sum(), rest["share"].sum()))
        page = pd.DataFrame(lines, columns=["label", "words", "n_missing", "n", "share"])
        columns = [
            Column("words", Text("缺失的题项", "Missing items"), "text"),
            Column("n_missing", Text("缺失题数", "How many"), "count"),
            Column("n", HEADS["n"], "count"),
            Column("share", HEADS["percent"], "percent"),
        ]
        note = Text(
            f"每组至多列出{MOST_SHOWN}种模式，且只列不少于{self.least}人的模式。",
            f"At most {MOST_SHOWN} patterns of each group, and only those of {self.least} persons or more.",
        )
        table = Table.from_frame(
            page,
            columns,
            id="missing_patterns",
            title=Text("缺失模式", "Patterns of missing answers"),
            notes=(note,),
            group="label",
        )
        return table.telling(*of_patterns(table, COMPLETE))


def _named(items: tuple[str, ...]) -> Text:
    if not items:
        return COMPLETE
    more = len(items) - MOST_NAMED
    zh, en = ("、".join(items[:MOST_NAMED]), ", ".join(items[:MOST_NAMED]))
    return Text(f"{zh} 等", f"{en} and {more} more") if more > 0 else Text(zh, en)


def left_empty(frame: pd.DataFrame, item: Item) -> Mask:
    """Whether each respondent has no answer of any kind in the columns of ``item``."""
    return np.asarray(frame[_columns(item)].isna().all(axis=1))


def has_code(frame: pd.DataFrame, item: Item, kind: MissingKind) -> Mask:
    """Whether each respondent gave the answer that stands for this kind of no-answer."""
    codes = [code for code, its in item.missing_codes.items() if its == kind]
    return np.isin(pd.to_numeric(frame[_columns(item)[0]], errors="coerce").to_numpy(float, na_value=np.nan), codes)


def _columns(item: Item) -> list[str]:
    return list(item.columns[:1] if item.assign else item.columns)


def groups(answers: Responses) -> Iterator[tuple[str, Mask]]:
    """Each group of respondents and its rows; everybody, as ``all``, where there are none."""
    if not answers.roles:
        yield ALL, np.ones(len(answers), dtype=bool)
    for role in answers.roles:
        yield role, answers.frame["role"].eq(role).to_numpy(dtype=bool)


def missing_patterns(answers: Responses, names: Sequence[str]) -> MissingPatterns:
    """Count the patterns of missing answers to the items ``names``."""
    items = [answers.questionnaire.item(name) for name in names]
    lacking = np.column_stack([_lacking(answers, item) for item in items])
    together = pd.DataFrame(lacking.T.astype(int) @ lacking, index=list(names), columns=list(names))
    lines = []
    for role, rows in groups(answers):
        patterns, counts = np.unique(lacking[rows], axis=0, return_counts=True)
        for place, j in enumerate(np.argsort(-counts, kind="stable"), start=1):
            gone = tuple(name for name, out in zip(names, patterns[j], strict=True) if out)
            lines.append((role, place, int(counts[j]), counts[j] / rows.sum(), len(gone), gone))
    frame = pd.DataFrame(lines, columns=["role", "pattern", "n", "share", "n_missing", "items"])
    return MissingPatterns(frame, answers.basis(), together, answers.questionnaire.smallest_cell)


def _lacking(answers: Responses, item: Item) -> Mask:
    """Whether each respondent was asked and gave no answer that counts, of whatever kind."""
    coded = [has_code(answers.frame, item, kind) for kind in dict.fromkeys(item.missing_codes.values())]
    gone = np.logical_or.reduce([left_empty(answers.frame, item), *coded])
    return np.asarray(answers.shown(item.name).to_numpy(dtype=bool) & gone)
