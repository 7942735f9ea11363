"""compare_imports(): what is new, changed or gone since the answers were last read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.quality.double_entry import checked_keys, compared_cells, key_of
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

STATES = {
    "unchanged": Text("未变", "Unchanged"),
    "changed": Text("有改动", "Changed"),
    "new": Text("新增", "New"),
    "vanished": Text("已消失", "Vanished"),
}
BEFORE, AFTER = Text("上次读取", "the earlier answers"), Text("本次读取", "the later answers")


@dataclass(frozen=True)
class Reimport(Result):
    """How two readings of the same survey differ.

    Attributes
    ----------
    frame : DataFrame
        ``state, n``: respondents unchanged, changed, new and vanished.
    cells : DataFrame
        A row per cell that changed: the key, ``item`` (the column), ``first`` (before) and ``second`` (after).
    new, changed, vanished : tuple of str
        Their keys.
    """

    cells: pd.DataFrame
    new: tuple[str, ...]
    changed: tuple[str, ...]
    vanished: tuple[str, ...]

    def _table(self) -> Table:
        page = self.frame.assign(state=[STATES[state] for state in self.frame["state"]])
        columns = [Column("state", Text("答卷", "Answers"), "text"), Column("n", HEADS["n"], "count")]
        title = Text("与上次读取相比", "Beside the earlier reading")
        return Table.from_frame(page, columns, id="reimport", title=title)


def compare_imports(
    before: Responses | pd.DataFrame, after: Responses | pd.DataFrame, *, key: str | Sequence[str] = "resp_id"
) -> Reimport:
    """Compare a reading of a survey's answers with an earlier one: the export has grown, or was corrected.

    Parameters
    ----------
    before, after : Responses or DataFrame
        A column that one of them lacks counts as empty there.
    key : str or sequence of str
        The column, or columns, that name a respondent; none may be empty or come twice.

    Returns
    -------
    Reimport

    Raises
    ------
    DataError
        A key is missing, empty or comes twice.

    Examples
    --------
    >>> import pandas as pd
    >>> was = pd.DataFrame({"resp_id": ["a", "b"], "q": [1, 2]})
    >>> found = compare_imports(was, pd.DataFrame({"resp_id": ["b", "c"], "q": [3, 1]}))
    >>> dict(zip(found.frame["state"], found.frame["n"]))
    {'unchanged': 0, 'changed': 1, 'new': 1, 'vanished': 1}
    """
    names = (key,) if isinstance(key, str) else tuple(key)
    frames = [each.frame if isinstance(each, Responses) else each for each in (before, after)]
    for frame, word in zip(frames, (BEFORE, AFTER), strict=True):
        if absent := [name for name in names if name not in frame]:
            raise DataError(
                Text(f"没有列{'、'.join(absent)}。", f"there is no column {', '.join(absent)}."),
                where=word,
                remedy=Text("请用key=写明编号所在的列。", "Name the column of the respondent's number in key=."),
            )
    columns = list(dict.fromkeys([*frames[0].columns, *frames[1].columns]))
    one, two = (frame.reindex(columns=columns) for frame in frames)
    was, now = (checked_keys(frame, names, word) for frame, word in ((one, BEFORE), (two, AFTER)))
    rows_of = {each: row for row, each in enumerate(now)}
    both = [(row, rows_of[each]) for row, each in enumerate(was) if each in rows_of]
    rows = np.array(both, dtype=np.int64).reshape(-1, 2)
    cells, _ = compared_cells(one.iloc[rows[:, 0]], two.iloc[rows[:, 1]], names)
    changed = list(dict.fromkeys(map(tuple, cells[list(names)].astype(str).to_numpy().tolist())))
    known, there = set(was), set(now)
    new, vanished = [each for each in now if each not in known], [each for each in was if each not in there]
    counts = [len(both) - len(changed), len(changed), len(new), len(vanished)]
    basis = after.basis() if isinstance(after, Responses) else Basis(len(two), len(two))
    return Reimport(
        pd.DataFrame({"state": list(STATES), "n": counts}),
        replace(basis, n_in=len(two), n=len(two), dropped={}),
        cells,
        tuple(map(key_of, new)),
        tuple(map(key_of, changed)),
        tuple(map(key_of, vanished)),
    )
