"""compare_entries(): paper forms keyed twice, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.quality.double_entry_sentences import of_entries
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

FIRST_ONLY, SECOND_ONLY = "keyed in the first entry only", "keyed in the second entry only"
FIRST, SECOND = Text("第一遍", "the first entry"), Text("第二遍", "the second entry")
MOST_NAMED = 5
Entries = TypeVar("Entries", Responses, pd.DataFrame)


@dataclass(frozen=True)
class DoubleEntry(Result):
    """Where two keyings of the same forms disagree.

    Attributes
    ----------
    frame : DataFrame
        One row per cell that differs: the key, ``item`` (the column), ``first`` and ``second`` as they were keyed.
    items : DataFrame
        ``item, n, n_differ, agreement`` for each column: cells that at least one entry filled, how many differ, and the
        share that agrees (nan where nobody filled any).
    key : tuple of str
        The columns that name a form.
    only_first, only_second : tuple of str
        Keys of the forms that were keyed once only.
    """

    items: pd.DataFrame
    key: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    entries: tuple[Responses | pd.DataFrame, Responses | pd.DataFrame] = field(repr=False)

    @property
    def agreement(self) -> float:
        """Share of all filled cells on which both entries agree; nan where none was filled."""
        n = int(self.items["n"].sum())
        return 1.0 - int(self.items["n_differ"].sum()) / n if n else np.nan

    def _table(self) -> Table:
        page = self.items[self.items["n_differ"] > 0].sort_values("n_differ", ascending=False, kind="stable")
        columns = (
            Column("item", HEADS["code"], "text"),
            Column("label", HEADS["question"], "text"),
            Column("n", Text("已填单元格", "Filled cells"), "count"),
            Column("n_differ", Text("不一致", "Differ"), "count"),
            Column("agreement", Text("一致率（%）", "Agree %"), "percent", 2),
        )
        page = page.assign(label=page["item"].map(self.basis.label))
        n, differ = int(self.items["n"].sum()), int(self.items["n_differ"].sum())
        total = (
            Cell(HEADS["total"]),
            Cell(),
            Cell(n, "count"),
            Cell(differ, "count"),
            Cell(self.agreement, "percent", 2),
        )
        title = Text("两遍录入的一致性", "Agreement of two entries")
        note = Text("只列出有不一致的题目；合计包括全部题目。", "Items with a difference only; the total has them all.")
        table = Table.from_frame(page, columns, id="double_entry", title=title, notes=(note,))
        table = table.extended([Row(total, kind="stat")])
        return table.telling(*of_entries(table))

    def disagreements(self, *, language: Language | None = None) -> Table:
        """The cells to look up on paper, each with room for what is right.

        Saved as ``.xlsx``, filled in and read with ``pd.read_excel(path, header=1, dtype=str)``, it is what
        ``resolved`` takes: its heads are names for that reason.
        """
        columns = [Column(name, same(name), "text") for name in (*self.key, "item")]
        columns += [Column("label", HEADS["question"], "text")]
        columns += [Column(name, same(name), "text") for name in ("first", "second", "correct")]
        page = self.frame.assign(label=self.frame["item"].map(self.basis.label), correct="")
        page[["first", "second"]] = page[["first", "second"]].map(_plain)
        title = Text("须对照纸质问卷核对的单元格", "Cells to look up on paper")
        return self.page(Table.from_frame(page, columns, id="double_entry_cells", title=title), language)

    def resolved(self, corrections: pd.DataFrame) -> Responses | pd.DataFrame:
        """The first entry with every cell that differed set right.

        Forms that were keyed once are kept as they were keyed; ``only_first`` and ``only_second`` name them.

        Parameters
        ----------
        corrections : DataFrame
            A row for each row of ``frame``: the key, ``item``, and ``correct``, the right value (missing for empty).
            Rows without an item, such as the notes under a table, are passed over.

        Raises
        ------
        DataError
            A cell that differs has no correction, or a correction is for a cell that does not.
        """
        needed = [*self.key, "item", "correct"]
        if absent := [name for name in needed if name not in corrections]:
            raise DataError(
                Text(f"改正表缺少列{'、'.join(absent)}。", f"the corrections lack {', '.join(absent)}."),
                remedy=Text("请用 disagreements() 给出的列。", "Use the columns that disagreements() gives."),
            )
        rows = corrections.dropna(subset=["item"])
        given = {_cell_key(row, self.key): row["correct"] for _, row in rows.iterrows()}
        open_cells = {_cell_key(row, self.key) for _, row in self.frame.iterrows()}
        if missing := sorted(open_cells - set(given)):
            raise DataError(
                Text(f"{len(missing)}个不一致的单元格没有改正：{_named(missing)}。",
                     f"{len(missing)} cell(s) that differ have no correction: {_named(missing)}."),
                remedy=Text("请逐个查对纸质问卷。", "Look each of them up on paper."),
            )  # fmt: skip
        if strange := sorted(set(given) - open_cells):
            raise DataError(
                Text(f"{len(strange)}个改正不对应任何不一致的单元格：{_named(strange)}。",
                     f"{len(strange)} correction(s) are for cells that do not differ: {_named(strange)}."),
                remedy=Text("请检查编号和题名。", "Check their keys and items."),
            )  # fmt: skip
        first, second = (_frame_of(entry) for entry in self.entries)
        rows_of = {each: row for row, each in enumerate(_keys(first, self.key))}
        right = first.reset_index(drop=True)
        for item in dict.fromkeys(item for *_, item in given):
            cells = {rows_of[tuple(each)]: value for (*each, name), value in given.items() if name == item}
            right[item] = _corrected(right[item], cells)
        late = second[[each not in rows_of for each in _keys(second, self.key)]]
        whole = pd.concat([right, late], ignore_index=True) if len(late) else right
        if isinstance(self.entries[0], Responses) and isinstance(self.entries[1], Responses):
            return replace(self.entries[0], frame=whole, hidden=_hidden(*self.entries, late))
        return whole


def compare_entries(first: Entries, second: Entries, *, key: str | Sequence[str] = "resp_id") -> DoubleEntry:
    """Compare two keyings of the same paper forms, cell by cell.

    Numbers are compared as numbers, words without spaces at their ends; two empty cells agree and are not counted.

    Parameters
    ----------
    first, second : Responses or DataFrame
        The two entries, as ``read_responses`` gives them, or tables with the same columns.
    key : str or sequence of str
        The column, or columns, that name a form; none may be empty or come twice.

    Returns
    -------
    DoubleEntry

    Raises
    ------
    DataError
        A column is in one entry only; a key is empty or comes twice; no form was keyed twice.

    Examples
    --------
    >>> import pandas as pd
    >>> one = pd.DataFrame({"resp_id": ["a", "b"], "q": [1, 2]})
    >>> two = pd.DataFrame({"resp_id": ["b", "a"], "q": [3, 1]})
    >>> compare_entries(one, two).frame.to_numpy().tolist()
    [['b', 'q', 2, 3]]
    """
    names = (key,) if isinstance(key, str) else tuple(key)
    one, two = _frame_of(first), _frame_of(second)
    _check_columns(one, two, names)
    keys_one, keys_two = (checked_keys(frame, names, word) for frame, word in ((one, FIRST), (two, SECOND)))
    rows_of = {each: row for row, each in enumerate(keys_two)}
    both = [(row, rows_of[each]) for row, each in enumerate(keys_one) if each in rows_of]
    if not both:
        raise DataError(
            Text("没有一份问卷录入了两遍。", "no form was keyed twice."),
            where=", ".join(names),
            remedy=Text("请检查编号是否一致。", "Check that both entries use the same numbers."),
        )
    known = set(keys_one)
    only_first = tuple(key_of(each) for each in keys_one if each not in rows_of)
    only_second = tuple(key_of(each) for each in keys_two if each not in known)
    rows_one, rows_two = (list(rows) for rows in zip(*both, strict=True))
    frame, items = compared_cells(one.iloc[rows_one], two.iloc[rows_two], names)
    dropped = {FIRST_ONLY: len(only_first), SECOND_ONLY: len(only_second)}
    basis = first.basis() if isinstance(first, Responses) else Basis(0, 0)
    basis = replace(basis, n_in=len(both) + sum(dropped.values()), n=len(both),
                    dropped={why: count for why, count in dropped.items() if count})  # fmt: skip
    return DoubleEntry(frame, basis, items, names, only_first, only_second, (first, second))


def compared_cells(one: pd.DataFrame, two: pd.DataFrame, key: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells that differ, and a line of counts per column, of rows that stand in the same order."""
    columns = [name for name in one.columns if name not in key]
    as_keyed = [frame[columns].to_numpy(dtype=object) for frame in (one, two)]
    plain = [frame[columns].map(_plain).to_numpy(dtype=object) for frame in (one, two)]
    differ, filled = plain[0] != plain[1], (plain[0] != "") | (plain[1] != "")
    n, n_differ = filled.sum(axis=0), differ.sum(axis=0)
    agreement = np.divide(n - n_differ, n, out=np.full(len(columns), np.nan), where=n > 0)
    items = pd.DataFrame({"item": columns, "n": n, "n_differ": n_differ, "agreement": agreement})
    row, column = np.nonzero(differ)
    cells = {name: one[name].to_numpy(dtype=object)[row] for name in key}
    cells["item"] = np.array(columns, dtype=object)[column]
    cells |= {word: keyed[row, column] for word, keyed in zip(("first", "second"), as_keyed, strict=True)}
    return pd.DataFrame(cells), items


# Keys and cells -------------------------------------------------------------------------------------


def _frame_of(entry: Responses | pd.DataFrame) -> pd.DataFrame:
    return entry.frame if isinstance(entry, Responses) else entry


def _check_columns(one: pd.DataFrame, two: pd.DataFrame, key: tuple[str, ...]) -> None:
    for frame, word in ((one, FIRST), (two, SECOND)):
        for name in key:
            if name not in frame:
                raise DataError(
                    Text(f"没有列'{name}'。", f"there is no column '{name}'.{did_you_mean(name, list(frame.columns))}"),
                    where=word,
                    remedy=Text("请用 key= 指明问卷编号所在的列。", "Name the column of the form's number in key=."),
                )
    if alone := sorted(set(map(str, one.columns)) ^ set(map(str, two.columns))):
        listed = ", ".join(alone[:MOST_NAMED])
        raise DataError(
            Text(f"有些列只在其中一遍：{listed}。", f"columns that only one entry has: {listed}."),
            remedy=Text("请用同一份问卷读取两遍录入。", "Read both entries with the same questionnaire and role."),
        )


def checked_keys(frame: pd.DataFrame, key: tuple[str, ...], entry: Text) -> list[tuple[str, ...]]:
    """The key of each row as words; an error where one is empty or comes twice."""
    keys = _keys(frame, key)
    empty = sum("" in each for each in keys)
    twice = sorted(each for each, count in Counter(keys).items() if count > 1)
    if empty or twice:
        zh = f"{empty}行没有编号。" if empty else f"编号重复：{_named(twice)}。"
        en = f"{empty} row(s) have no number." if empty else f"numbers that come twice: {_named(twice)}."
        raise DataError(
            Text(zh, en),
            where=entry,
            remedy=Text("请先改正编号。", "Put the numbers right first."),
        )
    return keys


def _keys(frame: pd.DataFrame, key: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [tuple(map(_plain, each)) for each in frame[list(key)].to_numpy(dtype=object)]


def _cell_key(row: pd.Series, key: tuple[str, ...]) -> tuple[str, ...]:
    return (*(_plain(row[name]) for name in key), str(row["item"]))


def key_of(key: tuple[str, ...]) -> str:
    """A key in one word."""
    return " / ".join(key)


def _named(keys: Sequence[tuple[str, ...]]) -> str:
    more = " …" if len(keys) > MOST_NAMED else ""
    return ", ".join(" / ".join(key) for key in keys[:MOST_NAMED]) + more


def _plain(value: object) -> str:
    """A cell as it is compared: whole numbers without a point, words without spaces at their ends, "" for nothing."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _hidden(first: Responses, second: Responses, late: pd.DataFrame) -> dict[str, pd.Index]:
    """What was not shown, by the rows of both entries joined: all of the first, then the late ones of the second."""
    old = pd.Series(range(len(first)), index=first.frame.index)
    new = pd.Series(range(len(first), len(first) + len(late)), index=late.index)
    joined = {}
    for item in {*first.hidden, *second.hidden}:
        rows = [old[old.index.isin(first.hidden.get(item, []))], new[new.index.isin(second.hidden.get(item, []))]]
        joined[item] = pd.Index(pd.concat(rows), dtype="int64")
    return joined


def _corrected(column: pd.Series, cells: Mapping[int, object]) -> pd.Series:
    """The column with some cells set right, in a type that holds them; people who fill in a sheet type text."""
    right = column.astype(object)
    for row, value in cells.items():
        right.iloc[row] = pd.NA if _plain(value) == "" else value
    if column.dtype == object or pd.api.types.is_string_dtype(column):
        return right.astype(column.dtype)
    numbers = pd.to_numeric(right, errors="coerce")
    wrong = right[numbers.isna() & right.notna()]
    if len(wrong):
        raise DataError(
            Text(f"“{wrong.iloc[0]}”不是数字。", f"'{wrong.iloc[0]}' is not a number."),
            where=str(column.name),
            remedy=Text("请填编码。", "Write its code."),
        )
    holds = column.dtype
    if pd.api.types.is_integer_dtype(holds):
        if (numbers.dropna() % 1 != 0).any():
            holds = np.dtype("float64")
        elif numbers.isna().any() and not isinstance(holds, pd.api.extensions.ExtensionDtype):
            holds = pd.Int64Dtype()
    return numbers.astype(holds)
