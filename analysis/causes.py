"""Which factors of management and funding go with satisfaction, how sure that is, and what respondents name."""

from dataclasses import dataclass
from functools import partial

from examined import NOT_PLANNED, NotExamined, examined
from prepare import Prepared

import sgsurvey as sg
from sgsurvey.causes.drivers import Drivers
from sgsurvey.causes.importance import Importance
from sgsurvey.causes.priorities import Priorities
from sgsurvey.causes.robustness import Robustness
from sgsurvey.descriptives.multiple import MultipleResponse
from sgsurvey.models.diagnostics import Diagnostics
from sgsurvey.models.dominance import Dominance
from sgsurvey.models.hierarchical import HierarchicalRegression
from sgsurvey.models.mediation import Mediation
from sgsurvey.models.model_table import ModelTable
from sgsurvey.models.ols import Regression
from sgsurvey.pipeline.plan import ARROW, Plan
from sgsurvey.pipeline.study import Study
from sgsurvey.quality.contrast import Contrast
from sgsurvey.text import Text

LEAST_SQUARES = Text("最小二乘", "Least squares")
INTERCEPTS = Text("随机截距", "Random intercept")
ORDERED = Text("有序logit", "Ordered logit")
MODELS = Text("换用其他模型", "Other models")
DOMINANCE = Text("相对重要性", "Relative importance")
ROBUSTNESS = Text("稳健性", "Robustness")
STATED = Text("自述重要性", "Stated importance")
PATH = Text("间接关联", "Indirect association")


@dataclass(frozen=True)
class Causes:
    """What goes with the outcome."""

    regression: Regression
    diagnostics: Diagnostics
    without_suspects: Contrast
    steps: HierarchicalRegression | None
    models: ModelTable | NotExamined
    dominance: Dominance | NotExamined
    drivers: Drivers
    robustness: Robustness | NotExamined
    priorities: Priorities
    importance: Importance | NotExamined | None
    paths: tuple[Mediation | NotExamined, ...]
    named: MultipleResponse | None


def causes(data: Prepared, study: Study) -> Causes:
    """Regress the outcome on the drivers, within and between places, and rank what falls short and counts."""
    plan, answers = study.plan, data.answers
    study.progress("Causes: regressions")
    regression = regress(answers, plan)
    without_suspects = data.screening.contrast(lambda given: regress(given, plan))
    steps = sg.hierarchical(asked(answers, plan), plan.blocks, cluster=plan.cluster) if plan.blocks else None
    models = examined(MODELS, partial(other_models, answers, plan, regression))
    dominance = examined(DOMINANCE, partial(importance, answers, plan))
    study.progress("Causes: drivers and priorities")
    drivers = sg.drivers(answers, plan.outcome, [*plan.drivers, *plan.records], cluster=plan.cluster, seed=plan.seed)
    study.progress("Causes: robustness")
    robustness = examined(ROBUSTNESS, partial(withstand, data, plan))
    priorities = rank(answers, plan, robustness)
    named = sg.multiple_response(answers, plan.causes, by="role") if plan.causes else None
    return Causes(
        regression,
        sg.diagnostics(regression),
        without_suspects,
        steps,
        models,
        dominance,
        drivers,
        robustness,
        priorities,
        examined(STATED, partial(stated, answers, plan, priorities)) if plan.importance else None,
        tuple(examined(PATH, partial(path, answers, plan, stops)) for stops in plan.paths)
        or (NotExamined(PATH, NOT_PLANNED),),
        named,
    )


def asked(answers: sg.Responses, plan: Plan) -> sg.Responses:
    """The groups whose answers go into the regressions."""
    return answers.where(role=list(plan.regression_roles)) if plan.regression_roles else answers


def grouped(answers: sg.Responses) -> str:
    """What holds the groups apart in a formula."""
    return "C(role)" if len(answers.roles) > 1 else ""


def formula(answers: sg.Responses, plan: Plan) -> str:
    """The drivers, and the groups where there are several."""
    return " + ".join(filter(None, [*plan.drivers, grouped(answers)]))


def regress(answers: sg.Responses, plan: Plan) -> Regression:
    """The headline model: the outcome on the drivers."""
    groups = asked(answers, plan)
    return sg.ols(groups, f"{plan.outcome} ~ {formula(groups, plan)}", cluster=plan.cluster)


def other_models(answers: sg.Responses, plan: Plan, headline: Regression) -> ModelTable:
    """The same predictors with a random intercept of places, and with the outcome's first item in its order."""
    groups = asked(answers, plan)
    predictors, item = formula(groups, plan), answers.item_names(plan.outcome)[0]
    ordered = sg.ordered(groups, f"{item} ~ {predictors}", cluster=plan.cluster)
    if plan.cluster is None:
        return sg.model_table([headline, ordered], labels=[LEAST_SQUARES, ORDERED])
    intercepts = sg.multilevel(groups, f"{plan.outcome} ~ {predictors}", group=plan.cluster)
    return sg.model_table([headline, intercepts, ordered], labels=[LEAST_SQUARES, INTERCEPTS, ORDERED])


def importance(answers: sg.Responses, plan: Plan) -> Dominance:
    """Shares of the explained variation; leniency of persons is in them, as in every model of one person's answers."""
    groups = asked(answers, plan)
    return sg.dominance(
        groups, f"{plan.outcome} ~ {' + '.join(plan.drivers)}", controls=grouped(groups), cluster=plan.cluster
    )


def withstand(data: Prepared, plan: Plan) -> Robustness:
    """How strong an unmeasured factor would have to be, and what other reasonable choices would have given."""
    return sg.robustness(
        data.screening.answers,
        plan.outcome,
        plan.drivers,
        cluster=plan.cluster,
        suspects=data.screening.frame["suspect"] if plan.screening.drop == "suspect" else None,
        seed=plan.seed,
    )


def rank(answers: sg.Responses, plan: Plan, robustness: Robustness | NotExamined) -> Priorities:
    """Coefficient times shortfall, graded; the declared graph decides what may be called a candidate cause."""
    found = sg.priorities(
        answers,
        plan.outcome,
        plan.drivers,
        benchmark=plan.benchmark,
        cluster=plan.cluster,
        draws=plan.draws,
        seed=plan.seed,
    )
    return found if isinstance(robustness, NotExamined) else found.checked(robustness, arrows=plan.arrows)


def stated(answers: sg.Responses, plan: Plan, priorities: Priorities) -> Importance:
    """What people say matters beside what goes with the outcome, and both against performance."""
    return sg.importance(answers, priorities, picks=plan.importance or "")


def path(answers: sg.Responses, plan: Plan, stops: str) -> Mediation:
    """One declared path, in the same persons' answers; few places call for the jackknife."""
    groups = asked(answers, plan)
    first, *through, last = stops.split(ARROW)
    predictors = " + ".join(filter(None, [first, grouped(groups)]))
    return sg.mediation(
        groups,
        f"{last} ~ {predictors}",
        through=ARROW.join(through),
        cluster=plan.cluster,
        interval="jackknife" if plan.cluster else "percentile",
        seed=plan.seed,
    )
