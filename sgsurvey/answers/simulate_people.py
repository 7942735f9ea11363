"""The people of a simulated study: who they are, where they live, how they see each construct."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.moments import Array
from sgsurvey.answers.population import Population
from sgsurvey.answers.simulate_places import Places
from sgsurvey.questionnaire.model import Questionnaire

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """Respondents, one position each, ordered by role.

    Attributes
    ----------
    role : ndarray of str, shape (n,)
    township, village : ndarray of int, shape (n,)
        Position of the place, -1 for none.
    view : ndarray, shape (n, K)
        How a person sees each construct, in points of 100.
    yes : ndarray, shape (n,)
        Tendency to agree, in points.
    mode : ndarray of str, shape (n,)
        How the form is filled in.
    careless : ndarray of str, shape (n,)
        ``straightliner``, ``bot``, or empty.
    """

    role: npt.NDArray[np.str_]
    township: Codes
    village: Codes
    view: Array
    yes: Array
    mode: npt.NDArray[np.str_]
    careless: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.role)

    def of(self, roles: set[str]) -> npt.NDArray[np.bool_]:
        """Who has one of ``roles``."""
        return np.isin(self.role, sorted(roles))


def draw_people(
    questionnaire: Questionnaire, population: Population, places: Places, rng: np.random.Generator
) -> People:
    """Respondents of every role, spread over the places that their scope asks for."""
    roles, townships, villages = [], [], []
    for role in questionnaire.roles:
        n = population.sizes.get(role.name, population.default_size)
        roles.append(np.full(n, role.name))
        placed = role.scope in ("township", "village")
        townships.append(_spread(n, population.townships, rng) if placed else np.full(n, -1))
        villages.append(rng.integers(population.villages, size=n) if role.scope == "village" else np.full(n, -1))
    role_of, township, village = np.concatenate(roles), np.concatenate(townships), np.concatenate(villages)
    view = _views(questionnaire, population, places, (role_of, township, village), rng)
    yes = population.yes_saying_sd * rng.standard_normal(len(role_of))
    careless = _careless(role_of, population, rng)
    mode_of = {role.name: role.mode or "self_web" for role in questionnaire.roles}
    mode = np.where(careless == "bot", "self_web", np.array([mode_of[r] for r in role_of]))
    return People(role_of, township, village, view, yes, mode, careless)


def _careless(role: npt.NDArray[np.str_], population: Population, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Bots in the largest group, whose link has leaked to the web; straight-liners among all the others."""
    kinds = np.full(len(role), "", dtype="<U13")
    roles, counts = np.unique(role, return_counts=True)
    leaked = np.flatnonzero(role == roles[counts.argmax()])
    bots = rng.choice(leaked, size=min(round(population.bots * len(role)), len(leaked)), replace=False)
    others = np.setdiff1d(np.arange(len(role)), bots)
    lines = rng.choice(others, size=min(round(population.straightliners * len(role)), len(others)), replace=False)
    kinds[bots], kinds[lines] = "bot", "straightliner"
    return kinds


def _spread(n: int, townships: int, rng: np.random.Generator) -> Codes:
    """Positions of townships: two thirds of the people evenly, the rest as it falls, so that sizes differ."""
    even = np.repeat(np.arange(townships), 2 * n // (3 * townships))
    return np.sort(np.concatenate([even, rng.integers(townships, size=n - len(even))]))


def _views(
    questionnaire: Questionnaire,
    population: Population,
    places: Places,
    where: tuple[npt.NDArray[np.str_], Codes, Codes],
    rng: np.random.Generator,
) -> Array:
    role, township, village = where
    n, k = len(role), len(places.constructs)
    kinds = {c.name: c for c in questionnaire.constructs}
    # Leniency makes good things look better and bad things smaller; a marker is about neither.
    sign = np.array(
        [
            0.0 if c and c.kind == "marker" else -1.0 if c and c.high_is == "bad" else 1.0
            for c in (kinds.get(name) for name in places.constructs)
        ]
    )
    truth = np.tile(places.level, (n, 1))
    placed, housed = township >= 0, village >= 0
    truth[placed] = places.townships[township[placed]]
    truth[housed] = places.villages[township[housed], village[housed]]
    kind = pd.factorize(role)[0]
    shared = population.group_halo_sd * rng.standard_normal((kind.max() + 1, population.townships))
    lenient = np.array([population.leniency.get(r, 0.0) for r in role])
    lenient += population.halo_sd * rng.standard_normal(n) + np.where(placed, shared[kind, township], 0.0)
    return truth + np.outer(lenient, sign) + population.respondent_sd * rng.standard_normal((n, k))
