"""Check a questionnaire, or a study with its questionnaire: every fault at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sgsurvey.errors import did_you_mean
from sgsurvey.pipeline.plan import ARROW, Plan
from sgsurvey.pipeline.seal import amendment_faults
from sgsurvey.pipeline.study import FILE, OBSERVED, read_plan, read_study
from sgsurvey.questionnaire.fault import Fault, errors
from sgsurvey.questionnaire.load import check_questionnaire
from sgsurvey.questionnaire.model import Place, Questionnaire
from sgsurvey.questionnaire.syntax import read_yaml
from sgsurvey.text import Text


def check_path(path: Path) -> list[Fault]:
    """Faults of the questionnaire at ``path``, or of the study there and its questionnaire."""
    if path.name != FILE and not (path / FILE).is_file():
        return check_questionnaire(path)
    plan, faults = read_plan(path)
    if plan is None or errors(faults):
        return faults
    study = read_study(path)
    faults = faults + check_questionnaire(study.path(plan.questionnaire))
    if errors(faults):
        return faults
    instrument = study.questionnaire()
    levers = _lever_faults(plan, instrument, study.folder / FILE)
    return [*faults, *_unknown_names(plan, instrument), *levers, *amendment_faults(study)]


def _unknown_names(plan: Plan, instrument: Questionnaire) -> Iterator[Fault]:
    """Names in the plan that the questionnaire does not know."""
    constructs = [c.name for c in instrument.constructs]
    items = [i.name for i in instrument.items]
    roles = [r.name for r in instrument.roles]
    wanted = {
        "constructs": (plan.constructs, constructs),
        "outcome": ((plan.outcome,), constructs + items),
        "drivers": (plan.drivers, constructs + items),
        "background": (plan.background, items),
        "lists": (tuple(n for n in (plan.importance, plan.causes, plan.levers) if n), items),
        "roles": (plan.regression_roles + plan.factors.roles, roles),
        "factors": (plan.factors.constructs, constructs),
        "measurement": ((*plan.measurement.constructs, *filter(None, [plan.measurement.marker])), constructs),
        "invariance": (plan.measurement.invariance, roles),
        "criterion": (tuple(filter(None, [plan.measurement.criterion])), _place_columns(plan)),
        "gaps": ((plan.gaps.against, *plan.gaps.populations) if plan.gaps else (), roles),
        "misperception": ((plan.misperception.guess, plan.misperception.item) if plan.misperception else (), items),
        "misperception of": ((plan.misperception.of,) if plan.misperception else (), roles),
        "open_answers": (plan.open_answers.items if plan.open_answers else (), items),
        "paths": (_stops(plan.paths), constructs + items),
        "causal_graph": (_stops(plan.causal_graph), constructs + items),
        "analyses": (_variables(plan), [*constructs, *items, "role", *_place_columns(plan)]),
    }
    for section, (names, known) in wanted.items():
        for name in names:
            if name not in known:
                what = Text(f"{section}: 问卷中没有'{name}'。", f"{section}: the questionnaire has no '{name}'.")
                hint = did_you_mean(name, known).strip()
                yield Fault(Place(FILE), what, Text(hint, hint))


def _lever_faults(plan: Plan, instrument: Questionnaire, file: Path) -> Iterator[Fault]:
    """Levers that are no choice of the list or declared twice, and drivers that the plan does not name."""
    source, _ = read_yaml(file)
    if source is None:
        return
    question = next((i for i in instrument.items if i.name == plan.levers), None)
    choices = () if question is None or question.scale is None else question.scale.valid
    codes = [choice.code for choice in choices]
    declared = [row.lever for row in plan.lever_table]
    for at, row in enumerate(plan.lever_table):
        if row.lever not in codes:
            zh, en = f"“{plan.levers}”没有选项{row.lever}。", f"'{plan.levers}' has no choice {row.lever}."
            yield Fault(source.place("lever_table", at), Text(f"lever_table: {zh}", f"lever_table: {en}"))
        elif row.lever in declared[:at]:
            zh, en = f"选项{row.lever}声明了两次。", f"choice {row.lever} is declared twice."
            yield Fault(source.place("lever_table", at), Text(f"lever_table: {zh}", f"lever_table: {en}"))
        for name in row.points:
            if name not in plan.drivers:
                zh, en = f"drivers中没有'{name}'。", f"'{name}' is not among the drivers."
                hint = did_you_mean(name, list(plan.drivers)).strip()
                where = source.place("lever_table", at, "points", name)
                yield Fault(where, Text(f"lever_table: {zh}", f"lever_table: {en}"), Text(hint, hint))


def _stops(paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stop for path in paths for stop in path.split(ARROW)))


def _variables(plan: Plan) -> tuple[str, ...]:
    named = (name for question in plan.questions for each in question.analyses for name in each.variables)
    return tuple(dict.fromkeys(named))


def _place_columns(plan: Plan) -> list[str]:
    observed = list(OBSERVED) if plan.data.observer is not None else []
    return [*observed, *(column for table in plan.data.places.values() for column in table.columns)]
