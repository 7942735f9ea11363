"""Result: what every statistic returns; Basis: what its numbers stand on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from sgsurvey.tables.claims import ClaimLevel
from sgsurvey.tables.table import Table
from sgsurvey.tables.words import DROPPED
from sgsurvey.text import Language, Text


@dataclass(frozen=True)
class Basis:
    """What a result stands on: rows in, rows used, why the rest was not, and what its words may claim.

    Attributes
    ----------
    n_in, n : int
        Rows that came in and rows used.
    dropped : mapping of reason to count
        Adds up to ``n_in - n``; a reason is ``NAME missing`` (printed with the label of NAME) or a phrase.
    claim : 0, 1, 2 or 3
        Highest claim that the design allows (``tables/claims.py``).
    simulated : bool
        The answers were made by ``simulate``; every table says so.
    language : "zh" or "en"
        In which results show themselves unless told otherwise.
    labels : mapping of name to Text
        Words for codes of items, constructs, roles and groups.
    smallest : int
        Smallest count of persons that its tables show.
    """

    n_in: int
    n: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    claim: ClaimLevel = 1
    simulated: bool = False
    language: Language = "en"
    labels: Mapping[str, Text] = field(default_factory=dict)
    smallest: int = 5

    def label(self, name: object) -> Text:
        """The words for ``name``; the name itself where there are none."""
        return self.labels.get(str(name), Text(str(name), str(name)))

    def coded(self, name: object) -> Text:
        """The name with its words (``EFS1 The public places …``); the name alone where it has none of its own."""
        label = self.label(name)
        return label if label == Text(str(name), str(name)) else Text(f"{name} {label.zh}", f"{name} {label.en}")

    def used(self, n: int, dropped: Mapping[str, int]) -> Basis:
        """The same basis after rows were dropped, with the reasons."""
        return replace(self, n=n, dropped={**self.dropped, **dropped})

    def labelled(self, labels: Mapping[str, Text]) -> Basis:
        """The same basis with words for more names."""
        return replace(self, labels={**self.labels, **labels})

    def notes(self) -> tuple[Text, ...]:
        """What must stand under every table made from this result."""
        notes = []
        if self.n < self.n_in:
            reasons = [(self._reason(reason), count) for reason, count in self.dropped.items()]
            zh = "；".join(f"{reason.zh}{count}" for reason, count in reasons)
            en = "; ".join(f"{reason.en} {count}" for reason, count in reasons)
            notes.append(
                Text(
                    f"共{self.n_in}行，使用{self.n}行（未使用：{zh}）。",
                    f"{self.n_in} rows in, {self.n} used (not used: {en}).",
                )
            )
        if self.simulated:
            notes.append(SIMULATED)
        return tuple(notes)

    def _reason(self, reason: str) -> Text:
        """A reason in words: ``NAME missing`` with the label of NAME; a phrase by ``DROPPED``, or as it stands."""
        name, space, missing = reason.rpartition(" ")
        if space and missing == "missing":
            label = self.label(name)
            return Text(f"{label.zh.rstrip('。？')}缺失", f"{label.en.rstrip('.?')} missing")
        return DROPPED.get(reason, Text(reason, reason))


SIMULATED = Text("模拟数据，不是真实调查结果。", "Simulated data; not the result of a real survey.")


@dataclass(frozen=True)
class Result(ABC):
    """A statistic's result: a tidy frame at full precision, its basis, and how it shows itself.

    A statistic's own frozen dataclass derives from this, adds its fields, and writes ``_table()`` (with both languages
    in every word); most add ``plot(ax=None, *, language=None)``.
    """

    frame: pd.DataFrame
    basis: Basis

    @abstractmethod
    def _table(self) -> Table:
        """The main table of this result, without the notes of its basis."""

    def table(self, *, language: Language | None = None) -> Table:
        """The main table, with the notes of its basis."""
        return self.page(self._main_table, language)

    @cached_property
    def _main_table(self) -> Table:
        """Made once, however many formats, languages and sentences ask for it."""
        return self._table()

    def page(self, table: Table, language: Language | None = None) -> Table:
        """``table`` with the notes of this result's basis, in ``language``."""
        page = table.noted(*self.basis.notes()).to(language or self.basis.language)
        return replace(page, smallest=self.basis.smallest)

    def sentences(self) -> tuple[Text, ...]:
        """What the main table says, in words that the design allows; every number is that of a cell."""
        return self._main_table.sentences

    @property
    def n(self) -> int:
        """Rows used."""
        return self.basis.n

    @property
    def dropped(self) -> Mapping[str, int]:
        """Why rows were not used, with counts."""
        return self.basis.dropped

    @property
    def claim(self) -> ClaimLevel:
        """The highest claim that the words about this result may make."""
        return self.basis.claim

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __str__(self) -> str:
        return self.table().to_markdown()
