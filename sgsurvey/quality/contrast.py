"""Contrast: the same result with and without the suspect answers, side by side."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

VALUES = ["with_suspects", "without_suspects", "difference"]
# What the rows of a tidy frame are about; other words in it may change with the rows that are left out.
SUBJECTS = ("role", "group", "construct", "item", "outcome", "term", "variable", "category", "option", "model", "block")
NOTE = Text(
    "差值为剔除可疑答卷后的结果减去全部答卷的结果。",
    "The difference is the result without the suspect answers less that with all of them.",
)


@dataclass(frozen=True)
class Contrast(Result):
    """One verb on all answers and on those that are not suspect.

    Attributes
    ----------
    frame : DataFrame
        What the rows of the verb's own frame are about (``construct``, ``term``, ``role`` …), then ``statistic,
        with_suspects, without_suspects, difference``: one row for each number.
    everything, kept : Result
        The verb's results themselves.
    """

    everything: Result
    kept: Result

    @property
    def largest(self) -> float:
        """Largest absolute difference."""
        return float(self.frame["difference"].abs().max())

    def _table(self) -> Table:
        keys = [str(name) for name in self.frame if name not in ("statistic", *VALUES)]
        page = self.frame.copy()
        for name in keys:
            page[name] = [word if isinstance(word, Text) else self.basis.label(word) for word in page[name]]
        page["statistic"] = [HEADS.get(str(name), self.basis.label(name)) for name in page["statistic"]]
        columns = [Column(name, HEADS.get(name, self.basis.label(name)), "text") for name in keys]
        columns += [
            Column("statistic", HEADS["statistic"], "text"),
            Column("with_suspects", Text("全部答卷", "All answers"), "estimate", 3),
            Column("without_suspects", Text("剔除可疑后", "Without suspects"), "estimate", 3),
            Column("difference", HEADS["difference"], "estimate", 3),
        ]
        its = self.everything.table()
        title = Text(f"{its.title.zh}：剔除可疑答卷前后", f"{its.title.en}: with and without suspect answers")
        return Table.from_frame(page, columns, id=f"{its.id}_contrast", title=title, notes=(NOTE,))


def contrast(
    everything: Responses, kept: Responses, verb: Callable[[Responses], Result], statistics: Sequence[str] | None
) -> Contrast:
    """``verb`` on both, compared number by number.

    Rows are matched by what they are about, and by their order among rows about the same.  ``statistics`` names the
    columns to compare: ``estimate`` where there is one, and all numbers otherwise, when None.
    """
    results = [verb(answers) for answers in (everything, kept)]
    for result in results:
        if not isinstance(result, Result):
            raise DataError(
                Text("比较需要返回结果对象的函数。", f"the verb gave a {type(result).__name__}, which is no result."),
                remedy=Text(
                    "例如 lambda answers: sg.reliability(answers, ['FUN'])。",
                    "Pass a function such as lambda answers: sg.reliability(answers, ['FUN']).",
                ),
            )
    frame = results[0].frame
    wanted, subjects = _statistics(frame, statistics), _subjects(frame)
    before, after = (dict(_numbers(result.frame, subjects, wanted)) for result in results)
    rows = []
    for key in dict.fromkeys([*before, *after]):
        words, _ = before[key] if key in before else after[key]
        pair = [found[key][1] if key in found else np.nan for found in (before, after)]
        if not np.isnan(pair).all():
            rows.append([*words, key[-1], *pair, pair[1] - pair[0]])
    return Contrast(pd.DataFrame(rows, columns=[*subjects, "statistic", *VALUES]), results[0].basis, *results)


def _statistics(frame: pd.DataFrame, wanted: Sequence[str] | None) -> list[str]:
    numbers = [str(name) for name in frame if _is_number(frame[name])]
    for name in wanted or ():
        if name not in numbers:
            raise DataError(
                Text(
                    f"结果中没有数值列 '{name}'。", f"the result has no number '{name}'.{did_you_mean(name, numbers)}"
                ),
                remedy=Text(f"可选：{'、'.join(numbers)}。", f"Its numbers are {', '.join(numbers)}."),
            )
    if wanted is not None:
        return list(wanted)
    return ["estimate"] if "estimate" in numbers else numbers


def _subjects(frame: pd.DataFrame) -> list[str]:
    words = [str(name) for name in frame if not _is_number(frame[name])]
    return [name for name in words if name in SUBJECTS] or words


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _numbers(
    frame: pd.DataFrame, subjects: list[str], statistics: list[str]
) -> Iterator[tuple[tuple[Hashable, ...], tuple[list[object], float]]]:
    """Each number with its words, by the words, which of the rows with these words it is in, and its own name."""
    seen: dict[tuple[str, ...], int] = {}
    for _, line in frame.iterrows():
        words = [line[name] for name in subjects]
        about = tuple(map(str, words))
        seen[about] = again = seen.get(about, 0) + 1
        for name in statistics:
            yield (*about, again, name), (words, float(line[name]))
