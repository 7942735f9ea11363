"""The places of a simulated county: what is true there, before anybody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgsurvey.answers.moments import Array
from sgsurvey.answers.population import Population
from sgsurvey.questionnaire.model import Questionnaire


@dataclass(frozen=True)
class Places:
    """True values of every construct in every place, in points of 100.

    Attributes
    ----------
    constructs : tuple of str, length K
    level : ndarray, shape (K,)
        County means.
    townships : ndarray, shape (G, K)
    villages : ndarray, shape (G, villages, K)
    late_months : ndarray, shape (G,)
        In how many of twelve months pay came late.
    """

    constructs: tuple[str, ...]
    level: Array
    townships: Array
    villages: Array
    late_months: Array

    @cached_property
    def township_ids(self) -> list[str]:
        """Identifiers ``T01``, ``T02`` …, longer where there are more than 99, so that they sort as they count."""
        width = max(2, len(str(len(self.townships))))
        return [f"T{t:0{width}d}" for t in range(1, len(self.townships) + 1)]

    @cached_property
    def village_ids(self) -> list[list[str]]:
        """``T01V03`` and so on, by township and village."""
        return [[f"{t}V{v:02d}" for v in range(1, self.villages.shape[1] + 1)] for t in self.township_ids]

    def column(self, construct: str) -> int:
        """Where ``construct`` stands."""
        return self.constructs.index(construct)


def draw_places(questionnaire: Questionnaire, population: Population, rng: np.random.Generator) -> Places:
    """Townships and villages whose own deviations are passed on by the slopes."""
    markers = {c.name for c in questionnaire.constructs if c.kind == "marker"}
    asked = {item.name for role in questionnaire.roles for item in questionnaire.asked(role.name)}
    rated = [
        c.name
        for c in questionnaire.constructs
        if c.kind not in ("list", "background") and any(i in asked and i not in population.guesses for i in c.items)
    ]
    names = tuple(dict.fromkeys([*rated, *population.linked]))
    spread = np.array(
        [0.0 if k in markers else population.township_sd.get(k, population.default_township_sd) for k in names]
    )
    village_sd = np.where(spread > 0, population.village_sd, 0.0)
    effects = population.effects(names)
    own_township = rng.standard_normal((population.townships, len(names))) * spread
    own_village = rng.standard_normal((population.townships, population.villages, len(names))) * village_sd
    level = np.array([population.levels.get(k, population.default_level) for k in names])
    townships = level + own_township @ effects.T
    villages = townships[:, None, :] + own_village @ effects.T
    return Places(names, level, townships, villages, _late_months(population, names, level, townships, rng))


def _late_months(
    population: Population, names: tuple[str, ...], level: Array, townships: Array, rng: np.random.Generator
) -> Array:
    """About three late months in the average township, one more for every four points less money."""
    noise = rng.standard_normal(len(townships))
    if population.late_pay is None or population.late_pay[0] not in names:
        return np.zeros(len(townships))
    k = names.index(population.late_pay[0])
    return np.clip(np.rint(3.0 - 0.25 * (townships[:, k] - level[k]) + noise), 0, 12)
