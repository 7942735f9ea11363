"""Who answered where, when and how: the columns of a simulated study that hold no answers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.mode import mode_codes
from sgsurvey.answers.simulate_people import People
from sgsurvey.answers.simulate_places import Places
from sgsurvey.questionnaire.model import Questionnaire

FIRST_DAY = pd.Timestamp("2026-04-07 08:00:00")
BOTS_NIGHT = pd.Timestamp("2026-04-21 02:10:00")
SECONDS_PER_ITEM = {"": 8.0, "interviewer": 14.0, "straightliner": 1.2, "bot": 0.4}
BETWEEN_INTERVIEWS = 300
MOMENT = "%Y-%m-%dT%H:%M:%S"


def identification(
    questionnaire: Questionnaire, people: People, places: Places, rng: np.random.Generator
) -> pd.DataFrame:
    """Number, role, place, mode and times of every respondent.

    ``sampled_from`` and ``date`` are there when the questionnaire has them; ``mode`` holds codes when it is a coded
    item of the questionnaire, words otherwise.
    """
    n = len(people)
    scope = {role.name: role.scope for role in questionnaire.roles}
    township = [places.township_ids[t] if t >= 0 else None for t in people.township]
    village = [
        places.village_ids[t][v] if v >= 0 else None for t, v in zip(people.township, people.village, strict=True)
    ]
    team = np.char.add("I", np.char.zfill((np.maximum(people.township, 0) % 6 + 1).astype(str), 2))
    interviewer = np.where(people.mode == "interviewer", team.astype(object), np.array(None, dtype=object))
    codes = mode_codes(questionnaire)
    start, end = _times(questionnaire, people, interviewer, rng)
    head = {
        "resp_id": [f"R{i:05d}" for i in range(1, n + 1)],
        "role": people.role,
        "township_id": pd.Series(township, dtype="str"),
        "village_id": pd.Series(village, dtype="str"),
        "scope": [scope[r] for r in people.role],
        "mode": pd.Series([codes.get(m) for m in people.mode], dtype="Int64") if codes else people.mode,
        "interviewer_id": pd.Series(interviewer, dtype="str"),
        "date": start.strftime("%Y-%m-%d"),
        "t_start": start.strftime(MOMENT),
        "t_end": end.strftime(MOMENT),
        "sampled_from": [f"list_{r}" for r in people.role],
    }
    unasked = [name for name in ("date", "sampled_from") if name not in questionnaire]
    return pd.DataFrame(head).drop(columns=unasked)


def _times(
    questionnaire: Questionnaire, people: People, interviewer: npt.NDArray[np.object_], rng: np.random.Generator
) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """Starts by day and ends after some seconds per item; bots come one after the other in one night.

    An interviewer begins an interview when the one before is over.
    """
    n = len(people)
    shown = {role.name: len(questionnaire.asked(role.name)) for role in questionnaire.roles}
    pace = np.where(people.mode == "interviewer", SECONDS_PER_ITEM["interviewer"], SECONDS_PER_ITEM[""])
    pace = pace * np.exp(0.3 * rng.standard_normal(n))
    for kind in ("straightliner", "bot"):
        pace[people.careless == kind] = SECONDS_PER_ITEM[kind]
    seconds = np.ceil(pace * np.array([shown[r] for r in people.role]))
    since = rng.integers(30, size=n) * 86_400 + rng.integers(10 * 3600, size=n)
    bots = people.careless == "bot"
    since[bots] = int((BOTS_NIGHT - FIRST_DAY).total_seconds()) + 45 * np.arange(bots.sum())
    for name in np.unique(interviewer[interviewer.astype(bool)].astype(str)):
        rows = np.flatnonzero(interviewer == name)
        over = 0
        for row in rows[np.argsort(since[rows], kind="stable")]:
            since[row] = max(since[row], over)
            over = since[row] + int(seconds[row]) + BETWEEN_INTERVIEWS
    start = pd.DatetimeIndex(FIRST_DAY + pd.to_timedelta(since, unit="s"))
    return start, pd.DatetimeIndex(start + pd.to_timedelta(seconds, unit="s"))
