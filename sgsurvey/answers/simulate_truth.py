"""Truth: everything that a simulation put in, to be compared with what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.population import Edge, Population
from sgsurvey.answers.simulate_places import Places
from sgsurvey.errors import DataError, did_you_mean


@dataclass(frozen=True)
class Truth:
    """What is true in a simulated study; all in points of 100.

    Attributes
    ----------
    seed : int
    population : Population
        Every number that was set.
    townships : DataFrame
        ``township_id``, then the true value of every construct.
    villages : DataFrame
        The same by village.
    late_months : Series by township
    careless : DataFrame
        ``resp_id, kind`` (``straightliner`` or ``bot``).
    noninvariant : (role, item, points) or None
        The one item that a group reads differently; None when the questionnaire does not ask it.
    """

    seed: int
    population: Population
    townships: pd.DataFrame
    villages: pd.DataFrame
    late_months: pd.Series
    careless: pd.DataFrame
    noninvariant: tuple[str, str, float] | None

    @property
    def slopes(self) -> Mapping[Edge, float]:
        """Direct effects: (cause, consequence) to points per point."""
        return self.population.slopes

    @property
    def outcome(self) -> str:
        """The construct whose causes are asked for."""
        return self.population.outcome

    @property
    def total_effects(self) -> pd.Series:
        """What one point more of each construct does to the outcome, along all paths."""
        names = self.population.linked
        effects = self.population.effects()[names.index(self.outcome)]
        return pd.Series(effects, index=list(names), name="total_effect").drop(self.outcome)

    def effects(self, drivers: Sequence[str]) -> pd.Series:
        """What one point more of each driver does to the outcome while the other drivers stay as they are.

        These are the coefficients that a regression of the places' true values on ``drivers`` would give if no cause
        of several of them were left out: paths through another driver do not count.
        """
        names = tuple(dict.fromkeys([*self.population.linked, *drivers]))
        known = [str(c) for c in self.townships.columns[1:]]
        unknown = [d for d in drivers if d not in known]
        if unknown:
            raise DataError(
                f"'{unknown[0]}' is no construct of this simulation.{did_you_mean(unknown[0], known)}",
                remedy="Name constructs of the questionnaire.",
            )
        effects = self.population.effects(names, held=tuple(drivers))[names.index(self.outcome)]
        return pd.Series([effects[names.index(d)] for d in drivers], index=list(drivers), name="effect")

    def top(self, drivers: Sequence[str], k: int = 2) -> tuple[str, ...]:
        """The ``k`` drivers with the largest effects on the outcome, largest first; fewer if fewer have any."""
        effects = self.effects(drivers)
        ranked = effects[effects.abs() > 0].abs().sort_values(ascending=False, kind="stable")
        return tuple(str(name) for name in ranked.index[:k])

    def priorities(self, drivers: Sequence[str], *, benchmark: float) -> pd.Series:
        """Effect times shortfall of the county's level below ``benchmark``: what reaching it would bring, in points."""
        levels = self.townships.drop(columns="township_id").mean()
        short = np.clip(benchmark - levels[list(drivers)], 0, None)
        return (self.effects(drivers) * short).rename("priority")

    def summary(self) -> dict[str, object]:
        """Numbers and words only, for a JSON file."""
        return {
            "seed": self.seed,
            "outcome": self.outcome,
            "slopes": [{"cause": a, "consequence": b, "points": s} for (a, b), s in self.slopes.items()],
            "total_effects": self.total_effects.to_dict(),
            "levels": dict(self.population.levels),
            "noninvariant": list(self.noninvariant) if self.noninvariant else None,
            "townships": self.townships.round(3).to_dict(orient="records"),
            "late_months": self.late_months.to_dict(),
            "careless": self.careless.to_dict(orient="records"),
        }


def truth_of(population: Population, places: Places, *, seed: int, careless: pd.DataFrame, asked: set[Edge]) -> Truth:
    """The truth of these places; ``asked`` holds (role, item)."""
    names = list(places.constructs)
    townships = pd.DataFrame(places.townships, columns=names)
    townships.insert(0, "township_id", places.township_ids)
    g, v, k = places.villages.shape
    villages = pd.DataFrame(places.villages.reshape(g * v, k), columns=names)
    villages.insert(0, "village_id", [village for row in places.village_ids for village in row])
    villages.insert(0, "township_id", np.repeat(places.township_ids, v))
    shifted = population.noninvariant if population.noninvariant and population.noninvariant[:2] in asked else None
    late = pd.Series(places.late_months, index=places.township_ids, name="late_months")
    return Truth(seed, population, townships, villages, late, careless, shifted)
