"""simulate: answers to any questionnaire from a population whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgsurvey.answers.log import Log, Step
from sgsurvey.answers.population import Population
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.simulate_answers import Columns, Sheet
from sgsurvey.answers.simulate_careless import spoil
from sgsurvey.answers.simulate_context import administrative, observer
from sgsurvey.answers.simulate_people import draw_people, identification
from sgsurvey.answers.simulate_places import draw_places
from sgsurvey.answers.simulate_truth import truth_of
from sgsurvey.errors import QuestionnaireError
from sgsurvey.questionnaire.model import CODED, Questionnaire
from sgsurvey.text import Text


def simulate(questionnaire: Questionnaire, population: Population | None = None, *, seed: int) -> Responses:
    """Draw places, people and their answers.

    Each answer is a person's view of a construct (the place's true value, the group's and the person's leniency, what
    the person adds) plus the item's own error, cut at thresholds half-way between the codes of the item's scale; then
    come don't-knows, missing answers, careless rows and bots.  Skip logic is kept: what was not shown is empty.

    Parameters
    ----------
    questionnaire : Questionnaire
        Any; constructs that the population does not name get no slopes, roles it does not name its default size.
    population : Population, optional
        S County when None.
    seed : int
        The same seed gives the same study.

    Returns
    -------
    Responses
        ``simulated`` is True, ``truth`` a ``Truth`` with everything that was put in, ``context`` holds the tables
        ``administrative`` (by township) and ``observer`` (by village and observer).
    """
    chosen = population or Population()
    if not questionnaire.roles:
        raise QuestionnaireError("nobody is asked.", where=questionnaire.id, remedy="Give the questionnaire a role.")
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]
    places = draw_places(questionnaire, chosen, streams[0])
    people = draw_people(questionnaire, chosen, places, streams[1])
    sheet = Sheet(questionnaire, chosen, places, people, streams[2])
    sheet.fill()
    head, careless = spoil(sheet, identification(questionnaire, people, places, streams[3]))
    taken = {name: column for name, column in sheet.columns.items() if name not in head}
    frame = pd.concat([head, _typed(questionnaire, taken)], axis=1)
    asked = {(role.name, item.name) for role in questionnaire.roles for item in questionnaire.asked(role.name)}
    return Responses(
        frame,
        questionnaire,
        log=Log().then(Step(Text("模拟", "Simulated"), len(frame), len(frame))),
        simulated=True,
        truth=truth_of(chosen, places, seed=seed, careless=careless, asked=asked),
        context={
            "administrative": administrative(chosen, places, streams[4]),
            "observer": observer(chosen, places, streams[4]),
        },
    )


def _typed(questionnaire: Questionnaire, columns: Columns) -> pd.DataFrame:
    """Coded columns as nullable integers, numbers as floats, words as strings."""
    coded = {c for item in questionnaire.items if item.type in CODED for c in item.columns}
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype="Int64" if name in coded else "str" if values.dtype == object else "float64")
            for name, values in columns.items()
        }
    )
