"""Whether the scales measure what the plan says: factor model, validity, method bias and invariance, by group."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from examined import NOT_PLANNED, NotExamined, examined

import sgsurvey as sg
from sgsurvey.measurement.criterion import CriterionValidity
from sgsurvey.measurement.method_bias import MethodBias
from sgsurvey.measurement.model_comparison import ModelComparison
from sgsurvey.measurement.validity import Validity
from sgsurvey.pipeline.plan import MeasurementPlan, Plan
from sgsurvey.text import Text

MODEL = Text("验证性因子模型", "Confirmatory factor model")
INVARIANCE = Text("测量不变性", "Measurement invariance")
METHOD = Text("共同方法偏差", "Common method bias")
CRITERION = Text("效标效度", "Criterion validity")


@dataclass(frozen=True)
class Confirmed:
    """The factor model of one stakeholder group, its rival, and what it says of validity and method."""

    model: sg.SEM
    rivals: ModelComparison
    validity: Validity
    method: MethodBias | NotExamined


@dataclass(frozen=True)
class Measurement:
    """What confirmatory factor analysis says of the scales; a construct's invariance is tested by itself."""

    confirmed: Mapping[str, Confirmed | NotExamined]
    small: NotExamined | None
    invariance: Mapping[str, sg.Invariance | NotExamined]
    no_invariance: NotExamined | None
    criterion: CriterionValidity | NotExamined

    @property
    def comparable(self) -> list[sg.Invariance]:
        """The levels of invariance that were found."""
        return [found for found in self.invariance.values() if isinstance(found, sg.Invariance)]


def measure(answers: sg.Responses, study: Plan) -> Measurement:
    """Test the plan's factor model in every group that is large enough, and its invariance between groups."""
    plan = study.measurement
    if not plan.constructs:
        nothing = NotExamined(MODEL, NOT_PLANNED)
        return Measurement({}, nothing, {}, NotExamined(INVARIANCE, NOT_PLANNED), NotExamined(CRITERION, NOT_PLANNED))
    sizes = answers.frame["role"].value_counts()
    large = [role for role in answers.roles if sizes[role] >= plan.smallest]
    confirmed = {r: examined(in_group(MODEL, answers, r), partial(confirm, answers, r, plan)) for r in large}
    found = dict(invariances(answers, study)) if plan.invariance else {}
    return Measurement(
        confirmed,
        too_small(answers, plan.smallest),
        found,
        None if found else NotExamined(INVARIANCE, NOT_PLANNED),
        criterion(answers, plan, study.cluster),
    )


def confirm(answers: sg.Responses, role: str, plan: MeasurementPlan) -> Confirmed:
    """The planned model and one factor for everything, in one group."""
    group = answers.where(role=role)
    everything = [item for name in plan.constructs for item in group.item_names(name)]
    k = len(plan.constructs)
    names = {"one": Text("单因子", "One factor"), "planned": Text(f"{k}因子", f"{k} factors")}
    model, one = (
        sg.cfa(group, each, estimator=plan.estimator, missing=plan.missing)
        for each in (list(plan.constructs), {"ONE": everything})
    )
    labelled = {
        name: replace(each, basis=each.basis.labelled(names)) for name, each in (("one", one), ("planned", model))
    }
    rivals = sg.compare_models(labelled)
    marker = plan.marker if plan.marker and asked(group, plan.marker) else None
    method = examined(
        in_group(METHOD, answers, role),
        lambda: sg.method_bias(group, list(plan.constructs), marker=marker, estimator="MLR"),
    )
    return Confirmed(model, rivals, sg.validity(model), method)


def asked(group: sg.Responses, construct: str) -> bool:
    """Whether anybody in the group answered the construct's items."""
    return bool(group.variables(group.item_names(construct)).notna().all(axis=1).any())


def invariances(answers: sg.Responses, study: Plan) -> Iterator[tuple[str, sg.Invariance | NotExamined]]:
    """Construct by construct, so that "don't know" on one leaves nobody out of another."""
    plan = study.measurement
    groups = answers.where(role=list(plan.invariance))
    for name in study.constructs:
        label = answers.questionnaire.label(name)
        step = Text(f"{INVARIANCE.zh}（{label.zh}）", f"{INVARIANCE.en} ({label.en})")
        found = examined(
            step,
            partial(sg.invariance, groups, [name], by="role", estimator=plan.estimator, missing=plan.missing),
        )
        yield name, found


def criterion(answers: sg.Responses, plan: MeasurementPlan, places: str | None) -> CriterionValidity | NotExamined:
    """Whether the places that observers found clean score higher; means of places need no declared clusters."""
    variable = plan.criterion
    if variable is None:
        return NotExamined(CRITERION, NOT_PLANNED)
    return examined(
        CRITERION, lambda: sg.criterion(answers.designed(sg.Design()), plan.constructs, variable, at=places)
    )


def too_small(answers: sg.Responses, smallest: int) -> NotExamined | None:
    """Groups below the gate, with their numbers, in one sentence."""
    sizes = answers.frame["role"].value_counts()
    small = [(answers.questionnaire.role(role).label, sizes[role]) for role in answers.roles if sizes[role] < smallest]
    if not small:
        return None
    zh = "、".join(f"{label.zh}{n}人" for label, n in small)
    en = ", ".join(f"{label.en} {n}" for label, n in small)
    return NotExamined(MODEL, Text(f"{zh}，少于{smallest}人，只作描述", f"{en}: fewer than {smallest}, described only"))


def in_group(step: Text, answers: sg.Responses, role: str) -> Text:
    """A step, and the group it is about."""
    label = answers.questionnaire.role(role).label
    return Text(f"{step.zh}（{label.zh}）", f"{step.en} ({label.en})")
