"""The state of the service: who answered, how the service is rated, and whether the scales can carry it."""

from collections.abc import Mapping
from dataclasses import dataclass

from prepare import Prepared

import sgsurvey as sg
from sgsurvey.pipeline.study import Study
from sgsurvey.tables.result import Result


@dataclass(frozen=True)
class Factors:
    """Exploratory factors of one stakeholder group: never over pooled groups."""

    role: str
    adequacy: Result
    retention: Result
    efa: Result


@dataclass(frozen=True)
class StatusQuo:
    """What is the case."""

    structure: Result | None
    items: Result
    scales: Result
    shares: Result
    reliability: Result
    correlations: Mapping[str, Result]
    factors: tuple[Factors, ...]


def status_quo(data: Prepared, study: Study) -> StatusQuo:
    """Describe the sample and the ratings, then ask whether the scales measure."""
    plan, answers = study.plan, data.answers
    study.progress("Describing the sample and the ratings")
    scales = [name for name in plan.constructs if len(answers.item_names(name)) > 1]
    structure = sg.frequencies(answers, plan.background, by="role") if plan.background else None
    items = sg.describe(answers, plan.constructs, by="role")
    described = sg.describe_scales(answers, plan.constructs, by="role", cluster=plan.cluster)
    shares = sg.likert(answers, plan.constructs, by="role")
    study.progress("Reliability and factors")
    reliability = sg.reliability(answers, scales, by="role")
    correlations = {role: sg.correlations(answers.where(role=role), plan.constructs) for role in plan.regression_roles}
    return StatusQuo(
        structure,
        items,
        described,
        shares,
        reliability,
        correlations,
        tuple(factors(answers.where(role=role), role, study) for role in (plan.factors.roles if plan.factors else ())),
    )


def factors(answers: sg.Responses, role: str, study: Study) -> Factors:
    """Adequacy, number and loadings of the factors of one group."""
    chosen = study.plan.factors
    assert chosen is not None
    names = list(chosen.constructs)
    retention = sg.retention(answers, names, seed=study.plan.seed)
    efa = sg.efa(
        answers,
        names,
        factors=max(retention.factors, 1),
        method=chosen.method,
        rotation=chosen.rotation,
        seed=study.plan.seed,
    )
    return Factors(role, sg.adequacy(answers, names), retention, efa)
