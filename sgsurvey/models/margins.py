"""Average marginal effects: what a predictor goes with in points of probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.models.coefficient_sentences import TOLD, of_margins
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.hidden_coefficients import without_few
from sgsurvey.models.probabilities import events_of
from sgsurvey.models.wording import conf_head
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

if TYPE_CHECKING:
    from sgsurvey.models.likelihood import CategoryFit

MEANING = Text(
    "平均边际效应：数值变量每增加1个单位（类别变量与参照组相比）时，各人概率变化的平均；标准误用delta法。",
    "Average marginal effects: the mean change of a probability per unit of a number, or from the reference of a "
    "category; errors by the delta method.",
)


@dataclass(frozen=True)
class Margins(Inline):
    """Average marginal effects.

    Attributes
    ----------
    frame : DataFrame
        ``term, event`` (``"= 4"``, ``">= 4"``), ``estimate, std_error, statistic, df, p_value, conf_low, conf_high``.
    left_out : tuple of str
        Terms that are or stand in products: their effect is not one number.
    conf_level : float
    outcome : Text
    """

    left_out: tuple[str, ...]
    conf_level: float
    outcome: Text

    inline_columns = TOLD
    parted_by = "event"

    def _table(self) -> Table:
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("event", Text("结果", "Outcome"), "text"),
            Column("estimate", Text("平均边际效应", "AME"), digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("statistic", same("z") if np.isinf(self.frame["df"]).all() else HEADS["t"], "statistic"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("conf_low:conf_high", conf_head(self.conf_level), "interval", digits=3),
        ]
        words = self.frame.assign(term=[self.basis.label(term) for term in self.frame["term"]])
        words = words.assign(event=[same(event.replace(">=", "≥")) for event in words["event"]])
        notes = [MEANING]
        if self.left_out:
            names = [self.basis.label(name) for name in self.left_out]
            notes.append(
                Text(
                    f"含于乘积项，未列：{'、'.join(n.zh for n in names)}。",
                    f"Left out, being part of a product: {', '.join(n.en for n in names)}.",
                )
            )
        title = Text("{outcome}：平均边际效应", "{outcome}: average marginal effects").format(outcome=self.outcome)
        table = Table.from_frame(words, columns, id="margins", title=title, notes=tuple(notes))
        table = without_few(table, self.frame["estimate"])
        return table.telling(*of_margins(table, self.outcome))


def average_effects(fit: CategoryFit, basis: Basis, at_least: float | None, conf_level: float) -> Margins:
    """Effects on the probability of every value, of the higher of two, or of ``at_least`` a value."""
    events, turn, _ = events_of(fit, at_least)
    parts, left_out = [], []
    products = {name for term in fit.design.terms if ":" in term.name for name in term.name.split(":")}
    slopes = [j for j, name in enumerate(fit.design.names) if name != INTERCEPT]
    X = fit.model.X
    for term in fit.design.terms:
        if ":" in term.name or term.name in products:
            left_out.append(term.name)
            continue
        own = [slopes.index(column) for column in term.columns]
        for column in own:
            if term.number:
                effects, derivatives = fit.slope_effects(column)
            else:
                before = X.copy()
                before[:, own] = 0.0
                after = before.copy()
                after[:, column] = 1.0
                effects, derivatives = fit.step_effects(before, after)
            covariance = turn @ derivatives @ fit.covariance @ derivatives.T @ turn.T
            name = fit.design.names[slopes[column]]
            lines = fit.lines([name] * len(events), turn @ effects, covariance, conf_level)
            lines.insert(1, "event", events)
            parts.append(lines)
    if not parts:
        raise DataError("no predictor stands by itself.", remedy="Fit the model without products.")
    labels = dict(zip(fit.design.names, fit.design.labels, strict=True))
    labels |= {term.name: term.label for term in fit.design.terms}
    frame = pd.concat(parts, ignore_index=True)
    return Margins(frame, basis.labelled(labels), tuple(left_out), conf_level, fit.design.outcome_label)
