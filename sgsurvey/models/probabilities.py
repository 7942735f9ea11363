"""Probabilities that a model of categories expects: for given predictors, and as marginal means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.hidden_coefficients import hide_few
from sgsurvey.models.marginal_means import MarginalMeans
from sgsurvey.models.predictions import asked
from sgsurvey.models.reference_grid import ReferenceGrid
from sgsurvey.numerics.marginal_effects import above, by_category, mean_above
from sgsurvey.tables.result import Basis

if TYPE_CHECKING:
    from sgsurvey.models.likelihood import CategoryFit

# Rows of which the derivatives are held at once.
BATCH = 5000


class Events(NamedTuple):
    """What probabilities are of: ``start + turn @ above``, where ``above`` holds ``P(y > k)``, k = 1 … K - 1."""

    names: list[str]
    turn: Array
    start: Array


def events_of(fit: CategoryFit, at_least: float | None) -> Events:
    """Every value, the higher of two, or ``at_least`` a value.

    Raises
    ------
    DataError
        Nobody can fall short of ``at_least``.
    """
    levels = [float(str(level)) for level in fit.levels]
    if at_least is not None:
        if not levels[0] < at_least <= levels[-1]:
            raise DataError(
                f"at_least={at_least:g} is no share of the values {levels[0]:g} to {levels[-1]:g}.",
                remedy="Give a value above the lowest.",
            )
        k = next(i for i, level in enumerate(levels) if level >= at_least)
        return Events([f">= {at_least:g}"], np.eye(len(levels) - 1)[[k - 1]], np.zeros(1))
    if len(levels) == 2:
        return Events([f"= {levels[1]:g}"], np.eye(1), np.zeros(1))
    turn = by_category(np.eye(len(levels) - 1))
    return Events([f"= {level:g}" for level in levels], turn, np.eye(len(levels))[0])


def category_predictions(
    fit: CategoryFit, new: Responses | pd.DataFrame | None, at_least: float | None, conf_level: float
) -> pd.DataFrame:
    """Probabilities of each value (or of ``at_least`` one), a row for every row and event; nan as ``asked`` says."""
    index, complete, X, offset = asked(fit.design, new)
    events, slopes = events_of(fit, at_least), _slopes(fit)
    values, errors = [], []
    for start in range(0, len(X), BATCH):
        batch = slice(start, start + BATCH)
        shares, derivatives = above(fit.model, fit.theta, X[batch][:, slopes], offset[batch])
        turned = np.einsum("ek,nkq->neq", events.turn, derivatives)
        values.append(events.start + shares @ events.turn.T)
        errors.append(np.sqrt(np.einsum("neq,qr,ner->ne", turned, fit.covariance, turned)))
    lines = _with_intervals(np.concatenate(values).ravel(), np.concatenate(errors).ravel(), fit.df, conf_level)
    width = len(events.names)
    whole = lines.set_axis(np.flatnonzero(complete.repeat(width))).reindex(range(len(index) * width))
    whole.insert(0, "event", events.names * len(index))
    return whole.set_axis(index.repeat(width))


def category_means(
    fit: CategoryFit, grid: ReferenceGrid, over: str, basis: Basis, at_least: float | None, conf_level: float
) -> MarginalMeans:
    """Mean probabilities of each cell of the grid: of each value, or of ``at_least`` one."""
    events, slopes = events_of(fit, at_least), _slopes(fit)
    values, errors = [], []
    for rows, share, offset in zip(grid.rows, grid.shares, grid.offsets, strict=True):
        shares, derivatives = mean_above(fit.model, fit.theta, rows[:, slopes], share, offset)
        turned = events.turn @ derivatives
        values.append(events.start + events.turn @ shares)
        errors.append(np.sqrt(np.diag(turned @ fit.covariance @ turned.T)))
    width = len(events.names)
    cells = grid.cells.loc[grid.cells.index.repeat(width)].reset_index(drop=True)
    cells["event"] = events.names * len(grid.cells)
    lines = _with_intervals(np.concatenate(values), np.concatenate(errors), fit.df, conf_level)
    lines = hide_few(lines, fit.design.speaks_of_few(grid.functions).repeat(width))
    labels = tuple(label for label in grid.labels for _ in range(width))
    frame = pd.concat([cells, lines], axis=1)
    return MarginalMeans(frame, basis, labels, over, conf_level, fit.design.outcome_label, fit.notes)


def _slopes(fit: CategoryFit) -> list[int]:
    return [j for j, name in enumerate(fit.design.names) if name != INTERCEPT]


def _with_intervals(estimate: Array, error: Array, df: float, conf_level: float) -> pd.DataFrame:
    """Probabilities with errors by the delta method; intervals are symmetric in logits and stay between 0 and 1."""
    reach = stats.t.ppf(0.5 + conf_level / 2, df) * error / (estimate * (1 - estimate))
    return pd.DataFrame(
        {
            "estimate": estimate,
            "std_error": error,
            "df": df,
            "conf_low": special.expit(special.logit(estimate) - reach),
            "conf_high": special.expit(special.logit(estimate) + reach),
        }
    )
