"""The answer sheet of a simulated study while it is being filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import numpy.typing as npt

from sgsurvey.answers.moments import Array
from sgsurvey.answers.population import Population
from sgsurvey.answers.simulate_people import People
from sgsurvey.answers.simulate_places import Places
from sgsurvey.errors import QuestionnaireError
from sgsurvey.questionnaire.model import Item, Questionnaire, Scale

Rows = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]


@dataclass
class Sheet:
    """One array per column, nan (or None, for words) where nothing was answered.

    ``given`` holds the columns that identification has filled: skip logic may use them, and nobody is asked.
    """

    questionnaire: Questionnaire
    population: Population
    places: Places
    people: People
    rng: np.random.Generator
    given: Mapping[str, Array | Words]
    columns: dict[str, Array | Words] = field(default_factory=dict)
    _unsure: dict[str, Array] = field(default_factory=dict)

    def unsure(self, construct: str) -> Array:
        """How little each person can judge a construct: standard normal, the same for all its items."""
        if construct not in self._unsure:
            self._unsure[construct] = self.rng.standard_normal(len(self.people))
        return self._unsure[construct]

    def numbers(self, column: str) -> Array:
        """A column of numbers, to be changed in place."""
        return cast(Array, self.columns[column])

    def role(self, rows: Rows) -> list[str]:
        """The roles of the people in ``rows``."""
        return [str(role) for role in self.people.role[rows]]

    def relevant(self, item: Item) -> npt.NDArray[np.bool_]:
        """Who is shown ``item`` by its skip logic."""
        shown = np.ones(len(self.people), dtype=bool)
        for name, codes in item.relevant.items():
            if self.questionnaire.item(name).type == "select_multiple":
                shown &= np.any([self.columns[f"{name}_{code}"] == 1 for code in codes], axis=0)
            else:
                shown &= np.isin(self.given[name] if name in self.given else self.columns[name], codes)
        return shown

    def answered(self, item: Item) -> npt.NDArray[np.bool_]:
        """Who does not skip ``item``, by chance."""
        if item.required or item.check is not None:
            return np.ones(len(self.people), dtype=bool)
        share = self.population.text_nonresponse if item.type == "text" else self.population.item_nonresponse
        return self.rng.random(len(self.people)) >= share

    def pulls(self, rows: Rows, *, shortfalls: bool) -> dict[str, Array]:
        """By aspect, what it does to the outcome (times how much it falls short, in the respondent's township)."""
        effects = self.population.effects(self.places.constructs)[self.places.column(self.population.outcome)]
        place = self.people.township[rows, None]
        truth = np.where(place >= 0, self.places.townships[place[:, 0]], self.places.level)
        short = np.clip(self.population.benchmark - truth, 0, None) if shortfalls else np.full(truth.shape, 10.0)
        pulls: dict[str, Array] = {}
        for construct in self.questionnaire.constructs:
            if construct.name in self.places.constructs and construct.name != self.population.outcome:
                k = self.places.column(construct.name)
                pull = effects[k] * short[:, k]
                pulls[construct.aspect] = np.maximum(pulls.get(construct.aspect, np.zeros(len(rows))), pull)
        return pulls


def scale_of(item: Item) -> Scale:
    """The scale of a coded item."""
    if item.scale is None:
        raise QuestionnaireError(
            "is coded but has no scale.", where=str(item.place) or item.name, remedy="Give it choices."
        )
    return item.scale


def codes_of(item: Item) -> Array:
    """The valid codes of a coded item, sorted."""
    return np.sort(np.array(scale_of(item).codes, dtype=float))
