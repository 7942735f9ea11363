"""Levers: measures of the study's own table, which drivers each moves by how much, and what that would go with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.causes.priorities import Priorities
from sgsurvey.causes.resampling import jackknife_error, rank_probabilities, t_interval
from sgsurvey.causes.township import FEWEST_PLACES
from sgsurvey.errors import DesignError, did_you_mean
from sgsurvey.questionnaire.model import Choice
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lever:
    """A measure that the study declared beforehand; the package invents none.

    Parameters
    ----------
    choice : int
        Its code in the question that lists measures.
    points : mapping of driver to float
        By how many points of 100 one unit of it would move each driver, in the judgement of who declared it.
    cost : float
        Of one unit, in whatever is the same for all levers.
    controlled_by : Text, optional
        Who can pull it.

    Raises
    ------
    DesignError
        It moves nothing, or a number is not above 0.
    """

    choice: int
    points: Mapping[str, float]
    cost: float = 1.0
    controlled_by: Text = field(default_factory=lambda: Text("", ""))

    def __post_init__(self) -> None:
        numbers = {"cost": self.cost, **self.points}
        wrong = [name for name, number in numbers.items() if not (np.isfinite(number) and number > 0)]
        if wrong or not self.points:
            raise DesignError(
                f"{wrong[0]} is {numbers[wrong[0]]}, and must be above 0." if wrong else "it moves no driver.",
                where=f"Lever({self.choice})",
                remedy="Declare the points of 100 by which it moves each driver, and what it costs.",
            )


def check_declared(levers: Sequence[Lever], choices: Collection[Choice], drivers: Collection[str]) -> None:
    """Raise unless every lever is a measure of the list, each once, and moves drivers that were examined."""
    known = {choice.code for choice in choices}
    codes = [lever.choice for lever in levers]
    for lever in levers:
        if lever.choice not in known or codes.count(lever.choice) > 1:
            twice = "is declared twice" if lever.choice in known else "is no choice of the question of measures"
            raise DesignError(
                f"the lever {lever.choice} {twice}.",
                where="levers=",
                remedy=f"Declare each of these once: {', '.join(map(str, sorted(known)))}.",
            )
        for name in lever.points:
            if name not in drivers:
                raise DesignError(
                    f"the lever {lever.choice} moves '{name}', which these priorities do not rank."
                    f"{did_you_mean(name, list(drivers))}",
                    where="levers=",
                    remedy="Name drivers of the priorities.",
                )
    if not levers:
        raise DesignError("no lever is declared.", where="levers=", remedy="Declare the study's table of levers.")


def values(points: Array, coefficients: Array, gaps: Array) -> Array:
    """``sum_k min(A_lk, max(s_k, 0)) beta_k``: no lever moves a driver beyond its benchmark.

    Parameters
    ----------
    points : shape (L, p)
    coefficients, gaps : shape (R, p)

    Returns
    -------
    ndarray, shape (R, L)
    """
    moved = np.minimum(points, np.maximum(gaps, 0.0)[:, None, :])
    return np.asarray((moved * coefficients[:, None, :]).sum(axis=2))


def valued(levers: Sequence[Lever], priorities: Priorities, problems: Collection[str]) -> pd.DataFrame:
    """One line per lever: points of outcome over the drivers that are a problem, by the replicates of the priorities.

    ``value, value_error, value_low, value_high, per_cost, p_best``; nan for a lever that moves no problem.  Intervals
    are jackknife over places with t, ``p_best`` is the share of draws with the most points per cost.
    """
    (found,) = priorities.replicates.values()
    lines = priorities.frame.set_index("term").loc[list(priorities.drivers)]
    counted = [name in problems for name in priorities.drivers]
    points = np.array([[lever.points.get(name, 0.0) for name in priorities.drivers] for lever in levers]) * counted
    coefficients = np.where(counted, found.headline, 0.0)
    value = values(points, coefficients, lines["benchmark"].to_numpy() - found.means)
    estimate, left_out, draws = found.plan.split(value)
    known = found.plan.places >= FEWEST_PLACES
    error = jackknife_error(estimate, left_out) if known else np.full(len(levers), np.nan)
    low, high = t_interval(estimate, error, (found.plan.places if found.different is None else found.places) - 1.0)
    cost = np.array([lever.cost for lever in levers])
    moves = points.any(axis=1)
    best = np.full(len(levers), np.nan)
    if known and moves.any():
        best[moves] = rank_probabilities((draws / cost)[:, moves], 1)
    numbers = {
        "value": estimate,
        "value_error": error,
        "value_low": low,
        "value_high": high,
        "per_cost": estimate / cost,
        "p_best": best,
    }
    return pd.DataFrame({name: np.where(moves, number, np.nan) for name, number in numbers.items()})
