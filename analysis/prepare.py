"""Read the raw files, join what is known about the places, set careless answers aside."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

import sgsurvey as sg
from sgsurvey.answers.observer import observer_by_township
from sgsurvey.pipeline.simulated import write_data
from sgsurvey.pipeline.study import Study
from sgsurvey.quality.flow import Flow
from sgsurvey.quality.missing import Missing
from sgsurvey.quality.screen import Screening


@dataclass(frozen=True)
class Prepared:
    """Answers before and after screening, where every form went, and the tables about the places they come from."""

    read: sg.Responses
    screening: Screening
    answers: sg.Responses
    flow: Flow
    missing: Missing
    places: Mapping[str, pd.DataFrame]


def prepare(study: Study) -> Prepared:
    """Everything that happens before the first statistic."""
    plan = study.plan
    if not study.inputs and plan.simulation is not None:
        study.progress("No answers yet: simulating them, as study.yaml declares")
        write_data(study)
    study.progress("Reading the answers")
    read = sg.read_responses(
        study.path(plan.data.responses),
        study.questionnaire(),
        source=plan.data.source,
        role=plan.data.role,
        allow_missing=plan.data.allow_missing,
        options=study.options,
    )
    read = replace(read, kind=plan.kind, simulated=study.simulated)
    places = {name: study.place_table(name) for name in plan.data.places}
    if plan.data.observer is not None:
        places["observer"] = observer_by_township(study.observer_sheets())
    joined = read
    for name, table in places.items():
        heads, on = study.heads(name)
        joined = joined.join(table, on=on, labels=heads)
    study.progress("Screening the answers")
    joined = joined.designed(sg.Design(strata=plan.strata, clusters=plan.cluster))
    screening = sg.screen(joined, cutoffs=study.cutoffs)
    answers = screening.keep(plan.screening.drop)
    flow = sg.flow(answers, issued=plan.data.issued)
    return Prepared(read, screening, answers, flow, sg.missing(joined, plan.constructs), places)
