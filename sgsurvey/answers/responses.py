"""Responses: answers as they were given, with the questionnaire that asked for them and the design that drew them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sgsurvey.answers import engine_pandas
from sgsurvey.answers.design import PARTS, Design
from sgsurvey.answers.log import Log
from sgsurvey.answers.moments import Array, Counts, Moments
from sgsurvey.errors import DataError, DesignError, did_you_mean
from sgsurvey.questionnaire.model import CODED, SEVERAL, Construct, Item, Questionnaire
from sgsurvey.tables.claims import CEILING, ClaimLevel, StudyKind
from sgsurvey.tables.result import Basis
from sgsurvey.text import Language, Text

# Columns that every study has, in words; a questionnaire that defines them itself has the last word.
COLUMNS = {
    "role": Text("利益相关者", "Stakeholder group"),
    "township_id": Text("乡镇", "Township"),
    "village_id": Text("村", "Village"),
}


@dataclass(frozen=True)
class Responses:
    """Answers, questionnaire and design as one value.

    Raw codes stay raw: reversed items are keyed, and codes for no-answer become missing, only on the way out through
    ``items``, ``scores`` and ``variables``.

    Attributes
    ----------
    frame : DataFrame
        One row per respondent; ``role``, place and item columns, codes as they were given.
    questionnaire : Questionnaire
    design : Design
        Which columns hold weights, strata and clusters.
    kind : str
        What the study is (``cross_section`` …): the highest claim its results may carry.
    log : Log
        Where every row and cell went.
    simulated : bool
        Made by ``simulate``; every table says so.
    truth : object
        What ``simulate`` put in; None for real answers.
    context : mapping of name to DataFrame
        Tables about the places that answers come from (administrative records, observer sheets), to be joined.
    labels : mapping of column to Text
        Words for columns that the questionnaire does not define.
    hidden : mapping of item to Index
        Rows (labels of ``frame``) to which the tool did not show the item, though the questionnaire's own conditions
        would have: short forms, other skip logic.
    """

    frame: pd.DataFrame
    questionnaire: Questionnaire
    design: Design = field(default_factory=Design)
    kind: StudyKind = "cross_section"
    log: Log = field(default_factory=Log)
    simulated: bool = False
    truth: Any = None
    context: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    labels: Mapping[str, Text] = field(default_factory=dict)
    hidden: Mapping[str, pd.Index] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def language(self) -> Language:
        """Language in which results show themselves unless told otherwise."""
        return self.questionnaire.language

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Roles that are present, in the questionnaire's order."""
        if "role" not in self.frame:
            return ()
        present = set(self.frame["role"].dropna().unique())
        return tuple(r.name for r in self.questionnaire.roles if r.name in present)

    # Reading out ----------------------------------------------------------------------------------

    def item_names(self, what: str | Sequence[str]) -> list[str]:
        """Names of the items of constructs, items named singly among them; each once, in order."""
        names: list[str] = []
        for name in [what] if isinstance(what, str) else what:
            construct = self._construct(name)
            names += construct.items if construct else [self.questionnaire.item(name).name]
        return list(dict.fromkeys(names))

    def items(self, what: str | Sequence[str], *, keyed: bool = True) -> pd.DataFrame:
        """Items of constructs (or items named singly) as floats: no-answers missing, reversed items keyed.

        Parameters
        ----------
        what : str or sequence of str
            Construct or item names.
        keyed : bool
            Turn reversed items, so that a high number means much of the construct.
        """
        names = self.item_names(what)
        values = np.empty((len(self.frame), len(names)), order="F")
        for at, name in enumerate(names):
            values[:, at] = self._numbers(self.questionnaire.item(name), keyed)
        return pd.DataFrame(values, self.frame.index, names)

    def scores(self, constructs: str | Sequence[str]) -> pd.DataFrame:
        """Mean of the keyed items of each construct, where at least its share ``at_least`` was answered."""
        names = [constructs] if isinstance(constructs, str) else list(constructs)
        return pd.DataFrame(
            {name: self._score(self.questionnaire.construct(name)) for name in names}, index=self.frame.index
        )

    def variables(self, names: Iterable[str]) -> pd.DataFrame:
        """Columns by name: a construct's score, an item's keyed value, or any other column as it stands."""
        columns: dict[str, pd.Series | Array] = {}
        for name in names:
            if self._construct(name):
                columns[name] = self._score(self.questionnaire.construct(name))
            elif name in self.questionnaire:
                item = self.questionnaire.item(name)
                rated = item.type not in ("text", "date")
                columns[name] = self._numbers(item, True) if rated else self.frame[name]
            elif name in self.frame:
                columns[name] = self.frame[name]
            else:
                known = [c.name for c in self.questionnaire.constructs] + list(self.frame.columns)
                raise DataError(
                    f"'{name}' is neither a construct nor a column of the answers.{did_you_mean(name, known)}",
                    remedy="Use a construct's code, an item's name or a column.",
                )
        return pd.DataFrame(columns, index=self.frame.index)

    def shown(self, item: str) -> pd.Series:
        """Whether each respondent was asked ``item``: by role, by skip logic and by what the tool says it showed.

        A condition on a column that the answers do not have cannot be checked; it is taken as met.
        """
        question = self.questionnaire.item(item)
        asked = pd.Series(True, index=self.frame.index)
        if item in self.hidden:
            asked &= ~self.frame.index.isin(self.hidden[item])
        if question.roles and "role" in self.frame:
            asked &= self.frame["role"].isin(question.roles)
        for other, codes in question.relevant.items():
            earlier = self.questionnaire.item(other)
            if not set(earlier.columns) & set(self.frame.columns):
                continue
            if earlier.type in SEVERAL:
                hit = pd.Series(False, index=self.frame.index)
                for code in codes:
                    hit |= self.frame[f"{other}_{code}"].gt(0).fillna(False).astype(bool)
            else:
                hit = self.frame[other].isin(codes)
            asked &= hit
        return asked

    def limits(self, name: str) -> tuple[float, float]:
        """Theoretical lowest and highest value of an item, or of a construct whose items share them."""
        items = self.questionnaire.items_of(name) if self._construct(name) else (self.questionnaire.item(name),)
        found = {item.scale.limits if item.scale else item.limits for item in items}
        if len(found) != 1 or None in found:
            raise DesignError(
                f"'{name}' has no common theoretical limits: {sorted(map(str, found))}.",
                remedy="Give its items one scale, or pass limits= to sgsurvey.responses().",
            )
        low, high = found.pop() or (0, 0)
        return float(low), float(high)

    # Statistics' way in ---------------------------------------------------------------------------

    @property
    def weights(self) -> Array | None:
        """The design's weights, shape (n,), or None."""
        return None if self.design.weights is None else self.frame[self.design.weights].to_numpy(dtype=float)

    def refuse_weights(self, verb: str) -> None:
        """Raise when the design has weights that ``verb`` cannot use: they are never ignored."""
        self.refuse_design(verb, "weights")

    def refuse_design(self, verb: str, *parts: str) -> None:
        """Raise when the design declares any of ``parts`` (keys of ``PARTS``) that ``verb`` cannot use."""
        found = [PARTS[part] for part in parts if getattr(self.design, part) not in (None, ())]
        if found:
            raise DesignError(
                Text(
                    f"{verb}不能使用已声明的{'、'.join(part.zh for part in found)}。",
                    f"{verb} cannot use {', '.join(part.en for part in found)}, which the answers' design declares.",
                ),
                remedy=Text(
                    "如需不计抽样设计的结果，请用answers.designed(sg.Design())，并在结果旁注明。",
                    "For the result that leaves the design out, pass answers.designed(sg.Design()), and say so beside "
                    "it.",
                ),
            )

    def moments(self, names: Sequence[str], *, cluster: str | None = None) -> Moments:
        """Moments of ``variables(names)`` over complete rows, by cluster (the design's, unless named)."""
        column = cluster or self.design.clusters
        clusters = None if column is None else self.frame[column]
        return engine_pandas.moments(self.variables(names), weights=self.weights, clusters=clusters)

    def counts(self, row: str, column: str, *, cluster: str | None = None) -> Counts:
        """Contingency table of two coded variables, by cluster (the design's, unless named)."""
        by = cluster or self.design.clusters
        frame = self.variables([row, column])
        return engine_pandas.counts(
            frame[row],
            frame[column],
            row_codes=self.codes(row),
            column_codes=self.codes(column),
            weights=self.weights,
            clusters=None if by is None else self.frame[by],
        )

    def codes(self, name: str) -> tuple[object, ...]:
        """Codes that ``name`` can take: its scale's, the roles in order, or what is found, sorted."""
        if name in self.questionnaire and not self._construct(name):
            scale = self.questionnaire.item(name).scale
            if scale is not None:
                return scale.codes
        if name == "role" and self.roles:
            return self.roles
        return tuple(sorted(self.variables([name])[name].dropna().unique()))

    def basis(self, n: int | None = None, dropped: Mapping[str, int] | None = None) -> Basis:
        """What a result made from these answers stands on; all rows, unless told how many were used and why not all."""
        claim: ClaimLevel = 1 if CEILING[self.kind] <= 2 else CEILING[self.kind]
        return Basis(
            len(self),
            len(self) if n is None else n,
            dropped or {},
            claim,
            self.simulated,
            self.language,
            {**COLUMNS, **self.labels, **self.questionnaire.labels},
            self.questionnaire.smallest_cell,
        )

    # A change is a new one ------------------------------------------------------------------------

    def where(self, mask: pd.Series | None = None, **equal: object) -> Responses:
        """The rows for which ``mask`` holds and each named column equals (or is among) the given value.

        Examples
        --------
        ``answers.where(role="villager")``, ``answers.where(role=["villager", "post_holder"])``
        """
        kept = np.ones(len(self), dtype=bool) if mask is None else mask.to_numpy(dtype=bool, na_value=False)
        for column, value in equal.items():
            if column not in self.frame:
                raise DataError(
                    f"the answers have no column '{column}'.{did_you_mean(column, list(self.frame.columns))}",
                    remedy="Name a column of the answers.",
                )
            values = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
            kept = kept & self.frame[column].isin(list(values)).to_numpy()
        return self if kept.all() else replace(self, frame=self.frame[kept])

    def showing(self, smallest: int) -> Responses:
        """The same answers, of which results show the numbers of ``smallest`` persons or more; 1 hides nothing.

        For data that are public anyway, such as a published example; a questionnaire says it as ``smallest_cell``.

        Raises
        ------
        DataError
            ``smallest`` is below 1.
        """
        if smallest < 1:
            raise DataError(
                Text(f"smallest={smallest}小于1。", f"smallest={smallest} is below 1."),
                remedy=Text("请用1（不隐藏）或更大的整数。", "Use 1, which hides nothing, or more."),
            )
        return replace(self, questionnaire=replace(self.questionnaire, smallest_cell=smallest))

    def join(self, table: pd.DataFrame, *, on: str, labels: Mapping[str, Text] | None = None) -> Responses:
        """Add the columns of a table about places (one row per ``on``) to every respondent of that place.

        ``labels`` gives the words for these columns in tables.
        """
        if on not in self.frame or on not in table:
            raise DataError(
                f"both the answers and the table need the column '{on}'.", remedy="Check its spelling in both."
            )
        if table[on].duplicated().any():
            twice = sorted(map(str, table.loc[table[on].duplicated(), on].unique()))
            raise DataError(
                f"'{on}' must be unique in the table; repeated: {', '.join(twice[:5])}.", remedy="Aggregate first."
            )
        taken = [c for c in table.columns if c != on and c in self.frame]
        if taken:
            raise DataError(
                f"the answers already have {', '.join(taken)}.", remedy="Rename these columns in the table."
            )
        unknown = sorted(map(str, set(self.frame[on].dropna()) - set(table[on])))
        if unknown:
            raise DataError(
                f"{len(unknown)} value(s) of '{on}' in the answers are not in the table: {', '.join(unknown[:5])}.",
                remedy="Complete the table, or correct the spelling.",
            )
        joined = self.frame.merge(table, on=on, how="left", validate="many_to_one").set_index(self.frame.index)
        return replace(self, frame=joined, labels={**self.labels, **(labels or {})})

    def save(self, path: str | Path) -> Path:
        """Write the answers, whole or not at all, as the suffix says.

        ``.parquet`` keeps everything but ``truth``, and ``sg.load`` gives equal answers back (needs pyarrow).  ``.csv``
        and ``.xlsx`` hold codes under names, and nothing that a spreadsheet would calculate; ``.sav`` and ``.dta`` hold
        them with variable labels, value labels and, for SPSS, user-missing codes.  ``sg.read_responses`` reads all of
        them; the log, the design and what was joined about places are not in them.  SPSS and Stata know no "not shown":
        what a tool did not show against the questionnaire's own conditions is left empty there.

        Raises
        ------
        DataError
            ``SG160``: the file cannot be written, or a package is not installed.
        """
        from sgsurvey.answers.save import save

        return save(self, path)

    def designed(self, design: Design) -> Responses:
        """The same answers under another design."""
        design.check(self.frame)
        if design.whole is None and not design.is_simple:
            design = replace(design, whole=self.frame[list(design.columns)])
        return replace(self, design=design)

    # ----------------------------------------------------------------------------------------------

    def _construct(self, name: str) -> Construct | None:
        return next((c for c in self.questionnaire.constructs if c.name == name), None)

    def _numbers(self, item: Item, keyed: bool) -> Array:
        """An item's answers as floats, shape (n,)."""
        if item.name not in self.frame:
            raise DataError(
                f"the answers have no column '{item.name}'.", remedy="Read them with this item, or leave it out."
            )
        column = self.frame[item.name]
        numeric = column if pd.api.types.is_numeric_dtype(column) else pd.to_numeric(column, errors="coerce")
        numbers = np.asarray(numeric.to_numpy(dtype=float, na_value=np.nan))
        codes = item.missing_codes
        if codes:
            numbers = np.where(np.isin(numbers, list(codes)), np.nan, numbers)
        if keyed and item.reverse and item.type in CODED:
            low, high = self.limits(item.name)
            numbers = low + high - numbers
        return numbers

    def _score(self, construct: Construct) -> pd.Series:
        if (
            len(construct.items) > 1
            and len({i.scale or i.limits for i in self.questionnaire.items_of(construct.name)}) > 1
        ):
            raise DesignError(
                f"the items of '{construct.name}' stand on different scales, and their mean means nothing.",
                where=str(construct.place),
                remedy="Name the items one by one.",
            )
        keyed = self.items(construct.name)
        enough = keyed.notna().mean(axis=1) >= construct.at_least - 1e-12
        return keyed.mean(axis=1).where(enough).rename(construct.name)
