"""Which factors of management and funding go with satisfaction, how sure that is, and what respondents name."""

from dataclasses import dataclass

from prepare import Prepared

import sgsurvey as sg
from sgsurvey.causes.drivers import Drivers
from sgsurvey.causes.priorities import Priorities
from sgsurvey.descriptives.multiple import MultipleResponse
from sgsurvey.models.hierarchical import HierarchicalRegression
from sgsurvey.models.ols import Regression
from sgsurvey.pipeline.study import Plan, Study
from sgsurvey.quality.contrast import Contrast


@dataclass(frozen=True)
class Causes:
    """What goes with the outcome."""

    regression: Regression
    without_suspects: Contrast
    steps: HierarchicalRegression | None
    drivers: Drivers
    priorities: Priorities
    named: MultipleResponse | None


def causes(data: Prepared, study: Study) -> Causes:
    """Regress the outcome on the drivers, within and between places, and rank what falls short and counts."""
    plan, answers = study.plan, data.answers
    study.progress("Causes: regressions")
    regression = regress(answers, plan)
    without_suspects = data.screening.contrast(lambda given: regress(given, plan))
    steps = sg.hierarchical(asked(answers, plan), plan.blocks, cluster=plan.cluster) if plan.blocks else None
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
    return Causes(regression, without_suspects, steps, drivers, priorities, named)


def asked(answers: sg.Responses, plan: Plan) -> sg.Responses:
    """The groups whose answers go into the regressions."""
    return answers.where(role=list(plan.regression_roles)) if plan.regression_roles else answers


def regress(answers: sg.Responses, plan: Plan) -> Regression:
    """The headline model: the outcome on the drivers."""
    groups = asked(answers, plan)
    group = " + C(role)" if len(groups.roles) > 1 else ""
    return sg.ols(groups, f"{plan.outcome} ~ {' + '.join(plan.drivers)}{group}", cluster=plan.cluster)
