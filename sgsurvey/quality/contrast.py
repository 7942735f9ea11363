"""Contrast: the same result with and without the suspect answers, side by side."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.quality.flow_sentences import of_contrast
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

VALUES = {
    "with_suspects": Text("全部答卷", "All answers"),
    "without_suspects": Text("剔除可疑后", "Without suspects"),
    "difference": HEADS["difference"],
}
# Before and after a few persons have left, these give away what the few answered.
REVEALING = ("n", "mean", "estimate", "total", "share", "percent", "median", "top_two", "floor", "ceiling")
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
        with_suspects, without_suspects, difference``: one row for each number; and ``hidden``: the columns that are
        nan because they would give away what a few suspects answered.
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
        keys = [str(name) for name in self.frame if name not in ("statistic", *VALUES, "hidden")]
        page = self.frame.copy()
        for name in keys:
            page[name] = [word if isinstance(word, Text) else self.basis.label(word) for word in page[name]]
        page["statistic"] = [HEADS.get(str(name), self.basis.label(name)) for name in page["statistic"]]
        said = list(dict.fromkeys(page["statistic"]))
        group = keys[0] if len(keys) > 1 else None
        columns = [Column(name, HEADS.get(name, self.basis.label(name)), "text") for name in keys if name != group]
        if len(said) > 1:
            columns.append(Column("statistic", HEADS["statistic"], "text"))
        common = said[0] if len(said) == 1 else None
        columns += [Column(name, head, "estimate", 3, common) for name, head in VALUES.items()]
        its = self.everything.table()
        title = Text("{its}：剔除可疑答卷前后", "{its}: with and without suspect answers").format(its=its.title)
        table = Table.from_frame(page, columns, id=f"{its.id}_contrast", title=title, notes=(NOTE,), group=group)
        table = table.hiding(page["hidden"])
        return table.telling(*of_contrast(table))


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
    smallest = results[0].basis.smallest
    rows = []
    for key in dict.fromkeys([*before, *after]):
        one, other = before.get(key, NOTHING), after.get(key, NOTHING)
        if not (np.isnan(one.value) and np.isnan(other.value)):
            rows.append([*(one.words or other.words), key[-1], *_side_by_side(key[-1], one, other, smallest)])
    frame = pd.DataFrame(rows, columns=[*subjects, "statistic", *VALUES, "hidden"])
    return Contrast(frame, results[0].basis, *results)


@dataclass(frozen=True)
class _Number:
    """A number of a result, the words of its row, and how many persons stand behind it, nan where it does not say."""

    value: float
    words: tuple[object, ...] = ()
    n: float = np.nan


NOTHING = _Number(np.nan)


def _side_by_side(
    statistic: Hashable, before: _Number, after: _Number, smallest: int
) -> tuple[float, float, float, tuple[str, ...]]:
    """The values of a row, and which of them are hidden."""
    if statistic in REVEALING and 0 < before.n - after.n < smallest:
        return before.value, np.nan, np.nan, ("without_suspects", "difference")
    return before.value, after.value, after.value - before.value, ()


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
) -> Iterator[tuple[tuple[Hashable, ...], _Number]]:
    """Each number by the words of its row, which of the rows with these words it is in, and its own name."""
    seen: dict[tuple[str, ...], int] = {}
    for _, line in frame.iterrows():
        words = tuple(line[name] for name in subjects)
        about = tuple(map(str, words))
        seen[about] = again = seen.get(about, 0) + 1
        for name in statistics:
            yield (*about, again, name), _Number(float(line[name]), words, float(line.get("n", np.nan)))
