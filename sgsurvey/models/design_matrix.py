"""The design matrix of a formula: rows used, numbers, and words for every column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.models.coded_factors import Coded, coded_factor
from sgsurvey.models.covariance import Array
from sgsurvey.models.formula import Factor, Formula, expand
from sgsurvey.models.hidden_coefficients import few_groups
from sgsurvey.questionnaire.model import Item
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, listed

INTERCEPT = "Intercept"
PART = re.compile(r"f(\d+)(?:\[(?:T\.)?(\d+)\])?")
RARE = Text(
    "背后不足{k}人，不显示系数：{names}；可合并类别后再估计。",
    "Not shown, since fewer than {k} people stand behind them: {names}. Merge categories to estimate them.",
)


@dataclass(frozen=True, slots=True)
class Term:
    """Columns of a design matrix that belong together.

    ``number`` is the single numeric variable it consists of, empty for categories and products.
    """

    name: str
    label: Text
    columns: tuple[int, ...]
    number: str = ""


@dataclass(frozen=True)
class DesignMatrix:
    """Outcome and predictors of the rows used, with the words for every column.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Positions of the rows used.
    y : ndarray, shape (n,)
    X : ndarray, shape (n, p)
    names, labels : length p
        ``C(age5)[T.2]`` and "Age: 30–44".
    terms : tuple of Term
        Without the intercept.
    weights : ndarray, shape (n,), or None
        With mean 1.
    notes : tuple of Text
        Reference categories, and codes that enter as numbers.
    read : Formula
    coded : tuple of Coded
        The factors of the formula, in its order.
    smallest : int
        Fewest people that a coefficient may speak of.
    offset : Coded or None
        A number that enters with the coefficient 1.
    """

    formula: str
    outcome: str
    outcome_label: Text
    rows: npt.NDArray[np.intp]
    y: Array
    X: Array
    names: tuple[str, ...]
    labels: tuple[Text, ...]
    terms: tuple[Term, ...]
    weights: Array | None
    notes: tuple[Text, ...]
    read: Formula
    coded: tuple[Coded, ...]
    smallest: int
    offset: Coded | None = None

    def at(self, values: pd.DataFrame) -> Array:
        """The rows of ``X`` for values of the predictors: answers as they were given, one column per variable.

        Raises
        ------
        DataError
            A predictor is not among the columns, or holds a category that the model does not know.
        """
        return self._expanded([one.of(values) for one in self.coded], len(values))

    def with_values(self, fixed: Mapping[str, object]) -> Array:
        """``X`` with the variables ``fixed`` at one value for everybody."""
        n = len(self.rows)
        everybody = pd.DataFrame({name: [value] * n for name, value in fixed.items()})
        columns = [one.of(everybody) if one.factor.variable in fixed else one.values for one in self.coded]
        return self._expanded(columns, n)

    def _expanded(self, columns: Sequence[pd.Series], n: int) -> Array:
        return expand(self.read, _neutral(self.coded, columns, n))[0].to_numpy(dtype=float)

    @cached_property
    def few(self) -> Array:
        """How groups of fewer than ``smallest`` rows enter combinations of the coefficients; shape (q, p)."""
        places = {name: j for j, name in enumerate(self.names)}
        blocks = []
        for term in self.terms:
            numbers = [part for part in self.names[term.columns[0]].split(":") if "[" not in part]
            start = places.get(":".join(numbers) if ":" in term.name else INTERCEPT)
            two_values = len(np.unique(self.X[:, term.columns[0]])) == 2
            if start is not None and start not in term.columns and (two_values or not term.number):
                blocks.append((start, term.columns))
        return few_groups(self.X, blocks, self.smallest)

    def speaks_of_few(self, functions: Array) -> npt.NDArray[np.bool_]:
        """Which combinations of the coefficients, shape (q, p), hold fewer than ``smallest`` rows by themselves.

        In the mean of all rows each counts ``1 / n``, and few of them less than ``smallest / n``: what holds them more
        than that, as an equal weight of a rare category does, would tell what they said.
        """
        share = min(self.smallest / len(self.X), 1.0)
        return np.asarray((np.abs(functions @ self.few.T) >= share).any(axis=1))

    @property
    def rare(self) -> npt.NDArray[np.bool_]:
        """Which coefficients speak of few people; shape (p,)."""
        return self.speaks_of_few(np.eye(len(self.names)))

    @property
    def intercept(self) -> bool:
        """Whether the first column is the constant."""
        return INTERCEPT in self.names


@dataclass(frozen=True)
class Rows:
    """Positions of the rows that are complete, and how many were dropped for what."""

    kept: npt.NDArray[np.intp]
    dropped: dict[str, int]


def complete_rows(data: Responses, variables: Sequence[str]) -> Rows:
    """The rows that have every variable and a weight above 0; a row is counted under the first thing it lacks.

    Raises
    ------
    DataError
        A variable is unknown, or no row is complete.
    """
    frame = data.variables(variables)
    kept = np.ones(len(frame), dtype=bool)
    dropped: dict[str, int] = {}
    for name in variables:
        missing = (frame[name].isna() | frame[name].eq("").fillna(False)).to_numpy(dtype=bool)
        if lost := int((kept & missing).sum()):
            dropped[f"{name} missing"] = lost
        kept &= ~missing
    if data.weights is not None:
        if lost := int((kept & (data.weights == 0)).sum()):
            dropped["weight 0"] = lost
        kept &= data.weights > 0
    if not kept.any():
        raise DataError(
            f"no row is complete on {', '.join(variables)}.",
            remedy="Check which variables were asked of the same people.",
        )
    return Rows(np.flatnonzero(kept), dropped)


def with_offset(data: Responses, design: DesignMatrix, name: str | None) -> DesignMatrix:
    """The design with the variable ``name`` at the coefficient 1; the same where None.

    Raises
    ------
    DataError
        It holds words, or stands in the formula as well.
    """
    if name is None:
        return design
    added = coded_factor(data, Factor(name, name), design.rows, design.weights)
    if added.levels:
        raise DataError(f"'{name}' holds words.", where="offset=", remedy="Name a numeric column.")
    if name in design.read.variables:
        raise DataError(f"'{name}' stands in the formula too.", where="offset=", remedy="Take one of them out.")
    note = Text("{name}以系数1进入模型（offset）。", "{name} enters with the coefficient 1 (offset).")
    return replace(design, offset=added, notes=(*design.notes, note.format(name=added.label)))


def design_matrix(data: Responses, formula: Formula, rows: Rows) -> DesignMatrix:
    """Outcome, predictors and their words over ``rows``.

    Raises
    ------
    DataError
        The formula cannot be read, or a variable holds no finite numbers.
    EstimationError
        A category has one level only in these rows.
    """
    weights = None if data.weights is None else data.weights[rows.kept]
    if weights is not None:
        weights = weights / weights.mean()
    factors = [coded_factor(data, factor, rows.kept, weights) for factor in formula.factors]
    outcome = coded_factor(data, formula.outcome, rows.kept, weights)
    if outcome.levels:
        raise DataError(
            f"the outcome '{formula.outcome.variable}' holds words, not numbers.",
            where=f"formula '{formula.text}'",
            remedy="Use a score, an item or a numeric column.",
        )
    matrix, spans = expand(formula, _neutral(factors, [one.values for one in factors], len(rows.kept)))
    parts = [_parts(name, factors) for name in matrix.columns]
    names = tuple(":".join(name for name, _, _ in p) or INTERCEPT for p in parts)
    labels = tuple(_joined([label for _, label, _ in p]) if p else HEADS["constant"] for p in parts)
    terms = tuple(_term(columns, parts) for columns in spans if parts[columns[0]])
    found = DesignMatrix(
        formula.text,
        formula.outcome.name,
        outcome.label,
        rows.kept,
        outcome.values.to_numpy(dtype=float),
        matrix.to_numpy(dtype=float),
        names,
        labels,
        terms,
        weights,
        tuple(_notes(data, factors, list(matrix.columns))),
        formula,
        tuple(factors),
        data.questionnaire.smallest_cell,
    )
    return replace(found, notes=(*found.notes, *_rare_note(found)))


def _rare_note(design: DesignMatrix) -> Iterator[Text]:
    rare = [label for label, hidden in zip(design.labels, design.rare, strict=True) if hidden]
    if rare:
        yield RARE.format(k=design.smallest, names=listed(rare))


def _neutral(coded: Sequence[Coded], values: Sequence[pd.Series], n: int) -> pd.DataFrame:
    """The factors under the names that ``expand`` knows; one more column keeps the rows when there is no factor."""
    columns = {
        f"f{i}": own.array if one.levels else own.to_numpy()
        for i, (one, own) in enumerate(zip(coded, values, strict=True))
    }
    return pd.DataFrame({**columns, "rows": np.zeros(n)})


def _item(data: Responses, variable: str) -> Item | None:
    return next((item for item in data.questionnaire.items if item.name == variable), None)


def _plain(level: object) -> str:
    return str(int(level)) if isinstance(level, float) and level.is_integer() else str(level)


def _parts(column: str, coded: Sequence[Coded]) -> list[tuple[str, Text, Coded]]:
    """Name, label and factor of each part of a column such as ``f0[T.2]:f1``; nothing for the intercept."""
    parts = []
    for index, level in PART.findall(column) if column != INTERCEPT else ():
        one = coded[int(index)]
        if level:
            mark = "T." if f"f{index}[T." in column else ""
            words = Text("{name}：{level}", "{name}: {level}").format(
                name=one.label, level=one.level_labels[int(level)]
            )
            parts.append((f"{one.factor.name}[{mark}{_plain(one.levels[int(level)])}]", words, one))
        else:
            parts.append((one.factor.name, one.label, one))
    return parts


def _term(columns: tuple[int, ...], parts: Sequence[list[tuple[str, Text, Coded]]]) -> Term:
    first = [one for _, _, one in parts[columns[0]]]
    number = first[0].factor.name if len(first) == 1 and not first[0].levels else ""
    name = ":".join(one.factor.name for one in first)
    return Term(name, _joined([one.label for one in first]), columns, number)


def _joined(labels: Sequence[Text]) -> Text:
    return Text(
        " × ".join(label.zh or label.en for label in labels), " × ".join(label.en or label.zh for label in labels)
    )


def _notes(data: Responses, coded: Sequence[Coded], columns: Sequence[str]) -> Iterator[Text]:
    references = [
        Text("{name} = {level}", "{name} = {level}").format(name=one.label, level=one.level_labels[0])
        for i, one in enumerate(coded)
        if one.levels and any(f"f{i}[T." in column for column in columns)
    ]
    if references:
        yield Text(
            f"参照组：{'；'.join(r.zh for r in references)}。", f"Reference: {'; '.join(r.en for r in references)}."
        )
    for one in coded:
        item = _item(data, one.factor.variable)
        if (
            not one.levels
            and item is not None
            and item.type == "select_one"
            and item.scale
            and len(item.scale.valid) > 2
        ):
            yield Text("{name}按编码作为数值进入模型。", "{name} enters as the number of its code.").format(
                name=one.label
            )
