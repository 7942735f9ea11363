"""Which factors of management and funding go with satisfaction, how sure that is, and what respondents name."""

from dataclasses import dataclass

from prepare import Prepared

import sgsurvey as sg
from sgsurvey.causes.drivers import Drivers
from sgsurvey.causes.priorities import Priorities
from sgsurvey.descriptives.multiple import MultipleResponse
from sgsurvey.models.hierarchical import HierarchicalRegression
from sgsurvey.models.ols import Regression
from sgsurvey.pipeline.study import Study


@dataclass(frozen=True)
class Causes:
    """What goes with the outcome."""

    regression: Regression
    steps: HierarchicalRegression | None
    drivers: Drivers
    priorities: Priorities
    named: MultipleResponse | None


def causes(data: Prepared, study: Study) -> Causes:
    """Regress the outcome on the drivers, within and between places, and rank what falls short and counts."""
    plan, answers = study.plan, data.answers
    study.progress("Causes: regressions")
    asked = answers.where(role=list(plan.regression_roles)) if plan.regression_roles else answers
    group = " + C(role)" if len(asked.roles) > 1 else ""
    regression = sg.ols(asked, f"{plan.outcome} ~ {' + '.join(plan.drivers)}{group}", cluster=plan.cluster)
    steps = sg.hierarchical(asked, plan.blocks, cluster=plan.cluster) if plan.blocks else None
    study.progress("Causes: drivers and priorities")
    drivers = sg.drivers(answers, plan.outcome, [*plan.drivers, *plan.records], cluster=plan.cluster)
    priorities = sg.priorities(
        answers,
        plan.outcome,
        plan.drivers,
        benchmark=plan.benchmark,
        cluster=plan.cluster,
        draws=plan.draws,
        seed=plan.seed,
    )
    named = sg.multiple_response(answers, plan.causes, by="role") if plan.causes else None
    return Causes(regression, steps, drivers, priorities, named)
