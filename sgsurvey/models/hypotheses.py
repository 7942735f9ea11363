"""Joint tests of what a model's coefficients are said to be: ``"FUN = MGT"``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import DataError
from sgsurvey.models.coefficient_sentences import TOLD
from sgsurvey.models.contrast_sentences import JOINT, of_contrasts
from sgsurvey.models.covariance import Array, Wald
from sgsurvey.models.hidden_coefficients import hide_few, without_few
from sgsurvey.models.marginal_means import LinearModel
from sgsurvey.models.wording import f_in_prose
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class JointTest(Inline):
    """Linear hypotheses about coefficients, each by itself and all together.

    Attributes
    ----------
    frame : DataFrame
        ``hypothesis, estimate`` (left side less right side), ``std_error, statistic, df, p_value``.
    joint : Wald
        The test of all of them: F with its degrees of freedom (under CR2 the approximate Hotelling test, HTZ; for z a
        chi-square over its degrees of freedom).
    outcome : Text
    notes : tuple of Text
    """

    joint: Wald
    outcome: Text
    notes: tuple[Text, ...]

    inline_columns = TOLD
    named_by = "hypothesis"

    def _table(self) -> Table:
        columns = [
            Column("hypothesis", HEADS["hypothesis"], "text"),
            Column("estimate", HEADS["difference"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("statistic", HEADS["z" if np.isinf(self.frame["df"]).all() else "t"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
        ]
        shown = self.frame.assign(hypothesis=pd.Series(list(map(same, self.frame["hypothesis"])), dtype=object))
        title = Text("{outcome}：系数的假设检验", "{outcome}: tests of coefficients").format(outcome=self.outcome)
        table = Table.from_frame(shown, columns, id="joint_test", title=title, notes=self.notes)
        table = without_few(table, self.frame["estimate"])
        joint = (Cell(JOINT), Cell(f_in_prose(self.joint), span=len(columns) - 1))
        full = table.extended([Row(joint, kind="stat")])
        return full.telling(*of_contrasts(full, "hypothesis", "p_value"))


def joint_test(linear: LinearModel, hypotheses: str | Sequence[str], basis: Basis) -> JointTest:
    """Test ``hypotheses`` one by one and together.

    Raises
    ------
    DataError
        A hypothesis cannot be read, or names no coefficient.
    """
    texts = [hypotheses] if isinstance(hypotheses, str) else list(hypotheses)
    if not texts:
        raise DataError("there is no hypothesis.", remedy="Write one such as 'FUN = MGT'.")
    names: list[str] = []
    rows: list[Array] = []
    null: list[float] = []
    terms = {term.name: term.columns for term in linear.design.terms if len(term.columns) > 1}
    for text in texts:
        for one in [linear.design.names[j] for j in terms[text.strip()]] if text.strip() in terms else [text]:
            row, value = read_hypothesis(one, linear.design.names)
            names.append(one if "=" in one else f"{one} = 0")
            rows.append(row)
            null.append(value)
    contrasts, values = np.array(rows), np.array(null)
    frame = linear.covariance.combinations(linear.coefficients, contrasts, 0.95)
    # The null only moves the estimate: errors and degrees of freedom are those of the combination.
    frame["estimate"] -= values
    frame["statistic"] = frame["estimate"] / frame["std_error"]
    frame["p_value"] = 2 * stats.t.sf(np.abs(frame["statistic"]), frame["df"])
    frame = hide_few(frame.drop(columns=["conf_low", "conf_high"]), linear.design.speaks_of_few(contrasts))
    frame.insert(0, "hypothesis", names)
    joint = linear.covariance.wald(linear.coefficients, contrasts, values)
    return JointTest(frame, basis, joint, linear.design.outcome_label, linear.notes)


def read_hypothesis(text: str, names: Sequence[str]) -> tuple[Array, float]:
    """Weights of the coefficients, shape (p,), and what they sum to: ``"2 * FUN - MGT = 1"``; ``= 0`` may be left out.

    Raises
    ------
    DataError
        Anything else than names of coefficients, numbers, ``+ - * =``.
    """
    left, equals, right = text.partition("=")
    if "=" in right:
        raise DataError("a hypothesis has one '='.", where=f"'{text}'", remedy="Write it like 'FUN = MGT'.")
    row, constant = _side(left, names, text)
    if equals:
        other, number = _side(right, names, text)
        row, constant = row - other, constant - number
    if not row.any():
        raise DataError(
            "a hypothesis is about a coefficient.", where=f"'{text}'", remedy=f"Its names: {', '.join(names)}."
        )
    return row, -constant


def _side(side: str, names: Sequence[str], text: str) -> tuple[Array, float]:
    """Weights and constant of one side of a hypothesis."""
    row, constant, rest, first = np.zeros(len(names)), 0.0, side.strip(), True
    if not rest:
        raise DataError("one side is empty.", where=f"'{text}'", remedy="Write it like 'FUN = MGT'.")
    while rest:
        sign = 1.0
        if rest[0] in "+-":
            sign, rest = -1.0 if rest[0] == "-" else 1.0, rest[1:].lstrip()
        elif not first:
            raise _unread(rest, names, text)
        number = NUMBER.match(rest)
        factor = sign * (float(number[0]) if number else 1.0)
        if number:
            rest = rest[number.end() :].lstrip()
        if number and not rest.startswith("*"):
            constant += factor
        else:
            rest = rest.removeprefix("*").lstrip() if number else rest
            found = [name for name in names if rest.startswith(name)]
            if not found:
                raise _unread(rest, names, text)
            name = max(found, key=len)
            row[list(names).index(name)] += factor
            rest = rest[len(name) :].lstrip()
        first = False
    return row, constant


def _unread(rest: str, names: Sequence[str], text: str) -> DataError:
    return DataError(
        f"'{rest}' names no coefficient.", where=f"hypothesis '{text}'", remedy=f"Its names: {', '.join(names)}."
    )
