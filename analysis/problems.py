"""Where the service falls short of the declared target, in whose eyes, and what people say matters."""

from dataclasses import dataclass

from prepare import Prepared

import sgsurvey as sg
from sgsurvey.causes.shortfall_result import Shortfall
from sgsurvey.descriptives.comparison import Comparison
from sgsurvey.descriptives.multiple import MultipleResponse
from sgsurvey.pipeline.study import Study


@dataclass(frozen=True)
class Problems:
    """What falls short."""

    shortfall: Shortfall
    groups: Comparison | None
    importance: MultipleResponse | None


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
