"""Where the service falls short of the declared target, in whose eyes, and what people say matters."""

from dataclasses import dataclass

from examined import NOT_PLANNED, NotExamined, examined
from measurement import Measurement
from prepare import Prepared

import sgsurvey as sg
from sgsurvey.causes.gaps import Gaps
from sgsurvey.causes.misperception import Misperception
from sgsurvey.causes.shortfall_result import Shortfall
from sgsurvey.descriptives.comparison import Comparison
from sgsurvey.descriptives.multiple import MultipleResponse
from sgsurvey.pipeline.plan import Plan
from sgsurvey.pipeline.study import Study
from sgsurvey.text import Text

GAPS = Text("各方看法的差距", "Gaps between groups")
GUESSES = Text("对他人看法的误判", "Misperception of others")


@dataclass(frozen=True)
class Problems:
    """What falls short."""

    shortfall: Shortfall
    groups: Comparison | None
    gaps: Gaps | NotExamined
    misperception: Misperception | NotExamined
    importance: MultipleResponse | None


def problems(data: Prepared, study: Study, measurement: Measurement) -> Problems:
    """Test every aspect against the target, group by group; compare the groups; ask what matters."""
    plan, answers = study.plan, data.answers
    study.progress("Problems: shortfalls against the target")
    shortfall = sg.shortfall(
        answers,
        plan.constructs,
        by="role",
        benchmark=plan.benchmark,
        smallest=plan.smallest_shortfall,
        cluster=plan.cluster,
    )
    study.progress("Problems: gaps between groups")
    groups = sg.compare(answers, plan.constructs, by="role") if len(answers.roles) > 1 else None
    importance = sg.multiple_response(answers, plan.importance, by="role") if plan.importance else None
    apart, guesses = gaps(answers, plan, measurement), misperception(answers, plan)
    return Problems(shortfall, groups, apart, guesses, importance)


def gaps(answers: sg.Responses, plan: Plan, measurement: Measurement) -> Gaps | NotExamined:
    """Every group beside the one that the plan names."""
    asked = plan.gaps
    if asked is None:
        return NotExamined(GAPS, NOT_PLANNED)
    return examined(
        GAPS,
        lambda: sg.gaps(
            answers,
            plan.constructs,
            between=[(role, asked.against) for role in answers.roles if role != asked.against],
            margin=asked.margin,
            populations=asked.populations,
            invariance=measurement.comparable,
            cluster=plan.cluster,
        ),
    )


def misperception(answers: sg.Responses, plan: Plan) -> Misperception | NotExamined:
    """How many of a group the others think are satisfied, beside how many are."""
    asked = plan.misperception
    if asked is None:
        return NotExamined(GUESSES, NOT_PLANNED)
    return examined(
        GUESSES,
        lambda: sg.misperception(
            answers, asked.guess, of=asked.of, item=asked.item, satisfied=asked.satisfied, cluster=plan.cluster
        ),
    )
