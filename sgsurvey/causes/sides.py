"""Who judges what: the rows of a stakeholder group, and whether they judge their own place or the whole county."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.causes.gap_estimates import Side
from sgsurvey.errors import DesignError
from sgsurvey.text import Text

Pair = tuple[str, str]
# A group lies in places when so many of its rows name one.
PLACED = 2 / 3
CORRECTED = Text(
    "有限总体校正，各组总人数：{g}；只有未受访者带来抽样误差。",
    "Finite population correction, persons in the group: {g}; only those who were not asked are uncertain.",
)
NOT_CORRECTED = Text(
    "评价本地的组按地点计误差，不作有限总体校正：{g}。",
    "Groups that judge their own places have errors by place, without finite population correction: {g}.",
)


@dataclass(frozen=True)
class Sides:
    """Makes the sides of comparisons from answers.

    Attributes
    ----------
    answers : Responses
    cluster : str or None
        Column of the places.
    populations : mapping of role to int
        How many there are of a group that was asked (nearly) whole.
    """

    answers: Responses
    cluster: str | None
    populations: Mapping[str, float]

    def judges_county(self, role: str) -> bool:
        """Whether a group judges the county as a whole: by its scope, or because its rows name no place."""
        if self.cluster is None:
            return True
        roles = {each.name: each for each in self.answers.questionnaire.roles}
        if role in roles and roles[role].scope == "county":
            return True
        mine = self.answers.frame["role"] == role
        return bool(self.answers.frame.loc[mine, self.cluster].notna().mean() < PLACED)

    def side(self, role: str, values: pd.Series) -> Side:
        """The group's values that are there (and lie in a place, where the group judges places)."""
        there = (self.answers.frame["role"] == role).fillna(False).to_numpy(dtype=bool) & values.notna().to_numpy()
        places = None
        if not self.judges_county(role):
            column = self.answers.frame[str(self.cluster)]
            there &= column.notna().to_numpy()
            places = column[there]
        weights = self.answers.weights
        x = values.to_numpy(dtype=float)[there]
        return Side(x, places, None if weights is None else weights[there], self._population(role, len(x)))

    def population_words(self, labels: Mapping[str, Text]) -> Iterator[Text]:
        """Which groups are corrected for the share of them that was asked, and for which a population has no use."""
        for county, head in ((True, CORRECTED), (False, NOT_CORRECTED)):
            sized = {labels[role]: f"{self.populations[role]:g}" for role in labels if role in self.populations
                     and self.judges_county(role) == county}  # fmt: skip
            if sized:
                zh = "、".join(f"{label.zh}{n}人" for label, n in sized.items())
                en = ", ".join(f"{label.en} {n}" for label, n in sized.items())
                yield head.format(g=Text(zh, en))

    def _population(self, role: str, n: int) -> float | None:
        population = self.populations.get(role)
        if population is not None and population < n:
            raise DesignError(
                f"{n} answers of '{role}' came in, more than the {population:g} there are.",
                where="populations=",
                remedy="Give the number of persons in the group, asked or not.",
            )
        return population


def pairs_of(roles: Sequence[str], between: Pair | Sequence[Pair] | None) -> tuple[Pair, ...]:
    """The pairs asked for; all of them when none is named.

    Raises
    ------
    DesignError
        A pair is no pair of known, different groups, or there are not two groups.
    """
    named = list(combinations(roles, 2)) if between is None else list(between)
    one = len(named) == 2 and all(isinstance(name, str) for name in named)
    asked = [(str(pair[0]), str(pair[1])) for pair in ([named] if one else named)]
    bad = [pair for pair in asked if pair[0] == pair[1] or not set(pair) <= set(roles)]
    if bad or not asked:
        raise DesignError(
            f"{bad[0] if bad else 'one group'} is no pair of different stakeholder groups.",
            where="between=",
            remedy=f"Name pairs of: {', '.join(roles) or 'a column role'}.",
        )
    return tuple(asked)
