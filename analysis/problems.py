"""Where the service falls short of the declared target, in whose eyes, and what people say matters."""

from dataclasses import dataclass

from prepare import Prepared

import sgsurvey as sg
from sgsurvey.pipeline.study import Study
from sgsurvey.tables.result import Result


@dataclass(frozen=True)
class Problems:
    """What falls short."""

    shortfall: Result
    groups: Result | None
    importance: Result | None


def problems(data: Prepared, study: Study) -> Problems:
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
    groups = sg.compare(answers, plan.constructs, by="role") if len(answers.roles) > 1 else None
    importance = sg.multiple_response(answers, plan.importance, by="role") if plan.importance else None
    return Problems(shortfall, groups, importance)
