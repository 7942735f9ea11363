"""Margins: counts of the population by category, and which cell of them each row is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DesignError
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text, same

Counts = Mapping[object, float]
Margins = Mapping[str | tuple[str, ...], Counts | pd.Series] | Sequence[pd.DataFrame | pd.Series]
COUNT = "count"


@dataclass(frozen=True, eq=False)
class Margin:
    """Counts of one or several crossed columns, beside the rows of some answers.

    Attributes
    ----------
    names : tuple of Text
        Each cell's name (``stype = H``).
    totals : ndarray, shape (C,)
        Its count in the population.
    cells : ndarray of int, shape (n,)
        The cell of each row.
    label : str
        The columns' names.
    """

    names: tuple[Text, ...]
    totals: Array
    cells: npt.NDArray[np.int64]
    label: str


def margins_of(answers: Responses, given: Margins | pd.DataFrame | pd.Series, weights: Array) -> list[Margin]:
    """The margins in any of their shapes, each placed on the answers, whose weights have shape (n,).

    Raises
    ------
    DesignError
        Rows without a category, categories that only one of sample and population has, counts below 0, margins that
        disagree in total.
    """
    found = [_placed(answers, columns, counts, weights) for columns, counts in _tables(given)]
    for one, other in pairwise(found):
        a, b = one.totals.sum(), other.totals.sum()
        if abs(a - b) > 1e-9 * max(a, b):
            raise DesignError(
                Text(
                    f"各边际的合计不一致：“{one.label}”为{a:.12g}，“{other.label}”为{b:.12g}。",
                    f"the margins disagree in total: '{one.label}' sums to {a:.12g}, '{other.label}' to {b:.12g}.",
                ),
                remedy=Text("请使用同一总体的数字。", "Take both from one population, or scale one to the other."),
            )
    return found


def rows_lacking(column: str, missing: npt.NDArray[np.bool_]) -> DesignError:
    """The error for rows that lack what weights are made from."""
    return DesignError(
        Text(f"有{missing.sum()}行缺少“{column}”。", f"{missing.sum()} rows lack '{column}'."),
        remedy=Text(
            "请补齐，或先给缺失者单独一类并写出其总体数。",
            "Complete it, or make a category of those who lack it, with a count of its own.",
        ),
    )


def _tables(given: Margins | pd.DataFrame | pd.Series) -> list[tuple[tuple[str, ...], pd.Series]]:
    """Columns and counts of each margin; the counts' index holds the categories, as tuples."""
    if isinstance(given, Mapping):
        parts = [((key,) if isinstance(key, str) else tuple(key), pd.Series(value)) for key, value in given.items()]
    else:
        tables = [given] if isinstance(given, (pd.DataFrame, pd.Series)) else list(given)
        parts = [_table(table) for table in tables]
    if not parts:
        raise DesignError(
            Text("没有给出任何边际。", "there are no margins."),
            remedy=Text("请给出各类别的总体数。", "Give the population's counts by category."),
        )
    tupled = []
    for columns, counts in parts:
        index = [key if isinstance(key, tuple) else (key,) for key in counts.index]
        numbers = pd.to_numeric(counts, errors="coerce").to_numpy(dtype=float)
        wrong = ~np.isfinite(numbers) | (numbers < 0)
        if wrong.any() or len(set(index)) < len(index) or any(len(key) != len(columns) for key in index):
            raise DesignError(
                Text(
                    f"“{'×'.join(columns)}”的总体数须每类一个，且为不小于0的数。",
                    f"the counts of '{' x '.join(columns)}' must be one number of at least 0 for each category.",
                ),
                remedy=Text("请检查这张表。", "Check the table."),
            )
        tupled.append((columns, pd.Series(numbers, index=pd.Index(index, tupleize_cols=False))))
    return tupled


def _table(table: pd.DataFrame | pd.Series) -> tuple[tuple[str, ...], pd.Series]:
    """A DataFrame with categories and a column ``count``, or a Series whose index names the columns."""
    if isinstance(table, pd.DataFrame) and COUNT in table and table.shape[1] > 1:
        columns = [str(column) for column in table.columns if column != COUNT]
        return tuple(columns), table.set_index(columns)[COUNT]
    if isinstance(table, pd.Series) and all(name is not None for name in table.index.names):
        return tuple(str(name) for name in table.index.names), table
    raise DesignError(
        Text("看不出这张表的类别是哪些列。", "the table does not say which columns its categories are of."),
        remedy=Text(
            "DataFrame须有类别列和一列“count”；Series的索引须有名称。",
            "A DataFrame takes columns of categories and one named 'count'; a Series takes names for its index.",
        ),
    )


def _placed(answers: Responses, columns: tuple[str, ...], counts: pd.Series, weights: Array) -> Margin:
    values = answers.variables(columns)
    counted = weights > 0
    for column in columns:
        missing = values[column].isna().to_numpy() & counted
        if missing.any():
            raise rows_lacking(column, missing)
    place = {key: cell for cell, key in enumerate(counts.index)}
    keys = list(values.itertuples(index=False, name=None))
    cells = np.array([place.get(key, -1) for key in keys], dtype=np.int64)
    names = [" × ".join(f"{c} = {_said(k)}" for c, k in zip(columns, key, strict=True)) for key in counts.index]
    totals = counts.to_numpy(dtype=float)
    strange = (cells < 0) & counted
    if strange.any():
        key = " × ".join(_said(part) for part in keys[int(np.argmax(strange))])
        raise DesignError(
            Text(
                f"样本中有“{'×'.join(columns)}”为“{key}”的行，总体数中没有这一类。",
                f"the sample has '{key}' of '{' x '.join(columns)}', and the population's counts do not.",
            ),
            remedy=Text("请补上它的总体数，或合并类别。", "Add its count, or merge categories."),
        )
    held = np.bincount(cells[counted], minlength=len(names))
    for wrong, zh, en in (
        (
            (held == 0) & (totals > 0),
            "总体中有“{}”，样本中却没有。",
            "the population has '{}', but the sample has not.",
        ),
        (
            (held > 0) & (totals == 0),
            "样本中有“{}”，总体数却为0。",
            "the sample has '{}', which the population counts as 0.",
        ),
    ):
        if wrong.any():
            name = names[int(np.argmax(wrong))]
            raise DesignError(
                Text(zh.format(name), en.format(name)),
                remedy=Text("请把它与相近的类别合并。", "Merge it with a category like it."),
            )
    return Margin(tuple(same(name) for name in names), totals, cells, " × ".join(columns))


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
