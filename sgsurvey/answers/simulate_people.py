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
    """

    role: npt.NDArray[np.str_]
    township: Codes
    village: Codes
    view: Array
    yes: Array

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
    return People(role_of, township, village, view, population.yes_saying_sd * rng.standard_normal(len(role_of)))


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


def identification(
    questionnaire: Questionnaire, people: People, places: Places, rng: np.random.Generator
) -> pd.DataFrame:
    """Columns that say who answered where, when and how, without the answers."""
    n = len(people)
    scope = {role.name: role.scope for role in questionnaire.roles}
    mode = {role.name: role.mode or "self_web" for role in questionnaire.roles}
    interviewed = np.array(["interview" in mode[r] for r in people.role])
    shown = {role.name: len(questionnaire.asked(role.name)) for role in questionnaire.roles}
    length = np.array([shown[r] for r in people.role]) * np.where(interviewed, 14.0, 8.0)
    seconds = np.rint(length * np.exp(0.3 * rng.standard_normal(n)))
    start = (
        pd.Timestamp("2026-04-07 08:00:00")
        + pd.to_timedelta(rng.integers(30, size=n), unit="D")
        + pd.to_timedelta(rng.integers(10 * 3600, size=n), unit="s")
    )
    township = [places.township_ids[t] if t >= 0 else None for t in people.township]
    village = [
        places.village_ids[t][v] if v >= 0 else None for t, v in zip(people.township, people.village, strict=True)
    ]
    interviewer = [
        f"I{max(t, 0) % 6 + 1:02d}" if i else None for t, i in zip(people.township, interviewed, strict=True)
    ]
    return pd.DataFrame(
        {
            "resp_id": [f"R{i:05d}" for i in range(1, n + 1)],
            "role": people.role,
            "township_id": pd.Series(township, dtype="str"),
            "village_id": pd.Series(village, dtype="str"),
            "scope": [scope[r] for r in people.role],
            "mode": [mode[r] for r in people.role],
            "interviewer_id": pd.Series(interviewer, dtype="str"),
            "t_start": pd.Series(start).dt.strftime("%Y-%m-%dT%H:%M:%S"),
            "t_end": pd.Series(start + pd.to_timedelta(seconds, unit="s")).dt.strftime("%Y-%m-%dT%H:%M:%S"),
        }
    )
