"""simulate: answers to any questionnaire from a population whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgsurvey.answers.log import Log, Step
from sgsurvey.answers.population import Population
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.simulate_answers import fill
from sgsurvey.answers.simulate_careless import spoil
from sgsurvey.answers.simulate_context import administrative, observer
from sgsurvey.answers.simulate_identification import identification
from sgsurvey.answers.simulate_people import draw_people
from sgsurvey.answers.simulate_places import draw_places
from sgsurvey.answers.simulate_sheet import Sheet
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
    head = identification(questionnaire, people, places, streams[2])
    given = {str(name): head[name].to_numpy() for name in head}
    sheet = Sheet(questionnaire, chosen, places, people, streams[3], given)
    fill(sheet)
    spoil(sheet)
    frame = pd.concat([head, _typed(sheet)], axis=1)
    careless = pd.DataFrame({"resp_id": head["resp_id"], "kind": people.careless})
    asked = {(role.name, item.name) for role in questionnaire.roles for item in questionnaire.asked(role.name)}
    return Responses(
        frame,
        questionnaire,
        log=Log().then(Step(Text("模拟", "Simulated"), len(frame), len(frame))),
        simulated=True,
        truth=truth_of(chosen, places, seed=seed, careless=careless[careless["kind"] != ""], asked=asked),
        context={
            "administrative": administrative(chosen, places, streams[4]),
            "observer": observer(chosen, places, streams[4]),
        },
    )


def _typed(sheet: Sheet) -> pd.DataFrame:
    """Coded columns as nullable integers, numbers as floats, words as strings."""
    coded = {c for item in sheet.questionnaire.items if item.type in CODED for c in item.columns}
    kinds = {
        name: "Int64" if name in coded else "str" if values.dtype == object else "float64"
        for name, values in sheet.columns.items()
    }
    return pd.DataFrame({name: pd.Series(sheet.columns[name], dtype=kind) for name, kind in kinds.items()})
