"""Coarser answers: numbers in bands, rare values together, columns left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sgsurvey.text import Text

WIDTHS = (5.0, 10.0, 20.0)
ActionKind = Literal["drop", "band", "merge"]
REST = "other"


@dataclass(frozen=True, slots=True)
class Coarsening:
    """One way to make a column say less.

    Attributes
    ----------
    kind : "drop", "band" or "merge"
        Leave the column out, put its numbers into bands, or put its rare values together.
    column : str
    size : float
        Width of the bands; smallest number of rows that a value keeps to itself.
    """

    kind: ActionKind
    column: str
    size: float = 0.0

    def apply(self, values: pd.Series) -> pd.Series | None:
        """The coarser values; None where the column is left out."""
        if self.kind == "band":
            return banded(values, self.size)
        return merged(values, int(self.size)) if self.kind == "merge" else None

    def words(self, label: Text) -> Text:
        """What to do, in words."""
        told = {
            "drop": Text("删除{c}", "Leave out {c}"),
            "band": Text("{c}按{s}分段", "Put {c} into bands of {s}"),
            "merge": Text("合并{c}中少于{s}人的取值", "Put together the values of {c} with fewer than {s} people"),
        }
        return told[self.kind].format(c=label, s=f"{self.size:g}")


def banded(values: pd.Series, width: float) -> pd.Series:
    """Each number as the lower end of its band ``[j width, (j + 1) width)``; what is missing stays so."""
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return np.floor(numbers / width) * width


def merged(values: pd.Series, least: int) -> pd.Series:
    """Values of fewer than ``least`` rows put together under one name, with the next rarest until these are enough."""
    counts = values.value_counts(sort=True, ascending=True)
    sums = counts.cumsum()
    rare = counts.index[(counts < least) | (sums.shift(fill_value=0) < least) & bool((counts < least).any())]
    return values.astype("object").where(~values.isin(rare) | values.isna(), REST)


def ways(values: pd.Series, column: str, k: int, *, numbers: bool) -> Iterator[Coarsening]:
    """What could be done to a column: bands where it holds ``numbers``, rare values together elsewhere, or leave it."""
    if numbers:
        there = pd.to_numeric(values).dropna().astype("float64")
        spread = there.max() - there.min()
        yield from (Coarsening("band", column, width) for width in WIDTHS if width < spread)
    else:
        counts = values.value_counts()
        if len(counts) > 2 and (counts < k).any():
            yield Coarsening("merge", column, float(k))
    yield Coarsening("drop", column)
