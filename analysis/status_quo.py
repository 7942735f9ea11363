"""The state of the service: who answered, how the service is rated, and whether the scales can carry it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
from measurement import Measurement, measure
from prepare import Prepared

import sgsurvey as sg
from sgsurvey.descriptives.frequencies import Frequencies
from sgsurvey.descriptives.likert import LikertShares
from sgsurvey.descriptives.summary import ItemSummary, ScaleSummary
from sgsurvey.measurement.adequacy import Adequacy
from sgsurvey.measurement.correlations import Correlations
from sgsurvey.measurement.factor_solution import EFA
from sgsurvey.measurement.reliability import Reliability
from sgsurvey.measurement.retention import Retention
from sgsurvey.pipeline.plan import FactorPlan, Plan
from sgsurvey.pipeline.study import OBSERVER, Study
from sgsurvey.quality.contrast import Contrast
from sgsurvey.sampling.size_rules import SizeRules
from sgsurvey.tables.table import Column, Kind
from sgsurvey.text import Text


@dataclass(frozen=True)
class Factors:
    """Exploratory factors of one stakeholder group: never over pooled groups."""

    role: str
    adequacy: Adequacy
    retention: Retention
    efa: EFA


@dataclass(frozen=True)
class StatusQuo:
    """What is the case."""

    structure: Frequencies | None
    sizes: SizeRules
    items: ItemSummary
    scales: ScaleSummary
    shares: Mapping[str, LikertShares]
    places: tuple[sg.Table, ...]
    reliability: Reliability
    without_suspects: tuple[Contrast, ...]
    correlations: Mapping[str, Correlations]
    factors: tuple[Factors, ...]
    measurement: Measurement


def status_quo(data: Prepared, study: Study) -> StatusQuo:
    """Describe the sample and the ratings, then ask whether the scales measure."""
    plan, answers = study.plan, data.answers
    study.progress("Describing the sample and the ratings")
    scales = [name for name in plan.constructs if len(answers.item_names(name)) > 1]
    structure = sg.frequencies(answers, plan.background, by="role") if plan.background else None
    items = sg.describe(answers, plan.constructs, by="role")
    described = sg.describe_scales(answers, plan.constructs, by="role", cluster=plan.cluster)
    shares = {name: sg.likert(answers, [name], by="role") for name in plan.constructs}
    study.progress("Reliability and factors")
    reliability = sg.reliability(answers, scales, by="role", correlation="polychoric")
    without_suspects = (
        data.screening.contrast(
            lambda given: sg.describe_scales(given, plan.constructs, by="role", cluster=plan.cluster),
            statistics=["mean"],
        ),
        data.screening.contrast(lambda given: sg.reliability(given, scales), statistics=["alpha"]),
    )
    groups = plan.regression_roles or answers.roles
    correlations = {role: sg.correlations(answers.where(role=role), plan.constructs) for role in groups}
    factors = tuple(explore(answers, role, plan.factors, plan.seed) for role in plan.factors.roles)
    study.progress("Factor models and their invariance")
    measurement = measure(answers, plan)
    return StatusQuo(
        structure,
        size_rules(answers, plan, described),
        items,
        described,
        shares,
        tuple(place_tables(data, study)),
        reliability,
        without_suspects,
        correlations,
        factors,
        measurement,
    )


def size_rules(answers: sg.Responses, plan: Plan, described: ScaleSummary) -> SizeRules:
    """The sample beside customary rules; the design effect of a group is the median over its scales."""
    populations = plan.gaps.populations if plan.gaps else {}
    groups = {}
    for role in answers.roles:
        own = described.frame[described.frame["group"] == answers.questionnaire.label(role)]
        effect = float((own["std_error"] ** 2 * own["n"] / own["sd"] ** 2).median())
        name = role if len(answers.roles) > 1 else "all"
        groups[name] = sg.Group(population=populations.get(role), deff=effect if effect > 0 else None)
    return sg.size_rules(answers, plan.measurement.constructs or plan.constructs, groups=groups)


def explore(answers: sg.Responses, role: str, chosen: FactorPlan, seed: int) -> Factors:
    """Adequacy, number and loadings of the factors of one group."""
    group, names = answers.where(role=role), chosen.constructs
    retention = sg.retention(group, names, seed=seed)
    efa = sg.efa(
        group, names, factors=max(retention.factors, 1), method=chosen.method, rotation=chosen.rotation, seed=seed
    )
    return Factors(role, sg.adequacy(group, names), retention, efa)


def place_tables(data: Prepared, study: Study) -> Iterator[sg.Table]:
    """What is on record about the places, and what observers saw there: facts that nobody rated."""
    for name, described in study.plan.data.places.items():
        yield place_table(data, study, name, described.label.text)
    if OBSERVER in data.places:
        yield place_table(data, study, OBSERVER, Text("独立观察结果", "Independent observation"))


def place_table(data: Prepared, study: Study, name: str, title: Text) -> sg.Table:
    """One table about the places, under the heads that the study gives its columns."""
    frame, basis = data.places[name], data.answers.basis()
    heads, on = study.heads(name)
    columns = [Column(on, basis.label(on), "text")]
    for key, head in heads.items():
        numeric = pd.api.types.is_numeric_dtype(frame[key])
        whole = numeric and bool((frame[key].dropna() % 1 == 0).all())
        kind: Kind = "count" if whole else "estimate" if numeric else "text"
        columns.append(Column(key, head, kind, 1 if kind == "estimate" else None))
    return sg.Table.from_frame(frame, columns, id=name, title=title).noted(*basis.notes())
