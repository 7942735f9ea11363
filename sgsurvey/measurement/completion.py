"""What goes without saying in a structural model: variances, covariances, scales, intercepts, equality of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeVar, get_args

import numpy as np

from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.measurement.linear_constraints import constrained
from sgsurvey.measurement.parameters import Equal, Parameter, ParameterTable, StructuralModel
from sgsurvey.measurement.syntax import Term, Written
from sgsurvey.text import Text

T = TypeVar("T")


def complete(
    written: Written, options: StructuralModel, *, groups: Sequence[str] = ("",), equal: Sequence[str] = ()
) -> ParameterTable:
    """The whole parameter table of a model in the groups.

    Notes
    -----
    What goes without saying is what lavaan's ``cfa()`` and ``sem()`` add: residual variances; covariances of factors
    that nothing explains, of outcomes that explain nothing, and of observed causes (whose moments are parameters
    here); the first loading is 1, or every factor's variance with ``std_lv``; the only item of a factor has no
    residual.  With equal intercepts the factors' means are free but in the first group; with ``std_lv`` and equal
    loadings their variances likewise.
    """
    unknown = sorted(set(equal) - set(get_args(Equal)))
    if unknown:
        raise EstimationError(
            Text(f"equal中没有“{unknown[0]}”。", f"equal= does not know '{unknown[0]}'."),
            where="equal=",
            remedy=Text(f"可用：{'、'.join(get_args(Equal))}。", f"Use {', '.join(get_args(Equal))}."),
        )
    _check_groups(written, len(groups))
    with_means = bool(options.means or len(groups) > 1 or any(term.op == "~1" for term in written.terms))
    rows = [
        row
        for group in range(len(groups))
        for row in _group_rows(written, options, group=group, means=with_means, equal=equal)
    ]
    numbers = _numbered(rows, written, equal=equal, released=options.released)
    fixed = np.array([0.0 if row.fixed is None else row.fixed for row in rows])
    q = max(numbers, default=-1) + 1
    placed = np.zeros((len(rows), q))
    free = np.array(numbers) >= 0
    placed[free, np.array(numbers)[free]] = 1.0
    table = ParameterTable(
        tuple(rows),
        written.observed,
        written.latent,
        tuple(groups),
        with_means,
        tuple(numbers),
        placed,
        fixed,
        written.defined,
        written.constraints,
    )
    known = list(table.labelled)
    for constraint in written.constraints:
        _check_names((*constraint.left.names, *constraint.right.names), known, constraint.where)
    for defined in written.defined:
        _check_names(defined.formula.names, known, defined.where)
        known.append(defined.name)
    return constrained(table, written.constraints)


def _group_rows(
    written: Written, options: StructuralModel, *, group: int, means: bool, equal: Sequence[str]
) -> list[Parameter]:
    """One group's table: the written lines, then variances, covariances and intercepts that nobody wrote."""
    rows = [_stated(term, group) for term in written.terms]
    stated = {term.key: term for term in written.terms}
    latent, roles = set(written.latent), _roles(written)
    first = {term.lhs: i for i, term in reversed(list(enumerate(written.terms))) if term.op == "=~"}
    for place in first.values():
        if not written.terms[place].fixed and not options.std_lv:
            rows[place] = replace(rows[place], fixed=1.0)
    items = [term.rhs for term in written.terms if term.op == "=~"]
    factors = [term.lhs for term in written.terms if term.op == "=~"]
    alone = {item for item, factor in zip(items, factors, strict=True) if factors.count(factor) == 1}
    later = group > 0
    rescaled = later and "loadings" in equal and "lv_variances" not in equal

    def add(lhs: str, op: str, rhs: str, fixed: float | None) -> None:
        if Term(lhs, op, rhs).key not in stated:
            rows.append(Parameter(lhs, op, rhs, group, fixed, stated=False))

    for name in (*written.observed, *written.latent):
        unit = options.std_lv and name in latent and not rescaled
        add(name, "~~", name, 1.0 if unit else 0.0 if name in alone and items.count(name) == 1 else None)
    for kind in ("factors", "outcomes", "causes"):
        for one, other in combinations(roles[kind], 2):
            add(one, "~~", other, 0.0 if options.orthogonal and kind == "factors" else None)
    if means:
        for name in written.observed:
            add(name, "~1", "", None)
        for name in written.latent:
            add(name, "~1", "", None if later and "intercepts" in equal and "means" not in equal else 0.0)
    return rows


def _roles(written: Written) -> dict[str, list[str]]:
    """Factors that nothing explains, outcomes that explain nothing, observed causes that nothing explains."""
    latent = set(written.latent)
    items = {term.rhs for term in written.terms if term.op == "=~"}
    explained = {term.lhs for term in written.terms if term.op == "~"}
    explain = {term.rhs for term in written.terms if term.op == "~"}
    variables = (*written.latent, *written.observed)
    return {
        "factors": [v for v in written.latent if v not in explained and v not in items],
        "outcomes": [v for v in variables if v in explained - explain and (v in latent or v not in items)],
        "causes": [v for v in written.observed if v in explain - explained - items],
    }


def _stated(term: Term, group: int) -> Parameter:
    label = _said(term.labels, group) or ""
    return Parameter(term.lhs, term.op, term.rhs, group, _said(term.fixed, group), label, _said(term.starts, group))


def _said(values: Sequence[T | None], group: int) -> T | None:
    """What was said for a group: one value stands for all."""
    if not values:
        return None
    return values[0] if len(values) == 1 else values[group]


def _numbered(
    rows: Sequence[Parameter], written: Written, *, equal: Sequence[str], released: Sequence[str]
) -> tuple[int, ...]:
    """The parameter of each row: rows that share a label, or an equality of groups, share it."""
    latent = set(written.latent)
    freed = {" ".join(name.split()) for name in released}
    strange = sorted(freed - {row.name for row in rows})
    if strange:
        raise EstimationError(
            Text(f"模型中没有参数“{strange[0]}”。", f"the model has no parameter '{strange[0]}'."),
            where="released",
            remedy=Text("请按参数表写，如 F =~ x1。", "Write it as the parameter table does, as in F =~ x1."),
        )
    known: dict[tuple[str, ...], int] = {}
    numbers: list[int] = []
    for row in rows:
        if row.fixed is not None:
            numbers.append(-1)
            continue
        names: list[tuple[str, ...]] = [("label", row.label)] if row.label else []
        if _kind(row, latent) in equal and row.name not in freed:
            names.append(row.key)
        same = sorted({known[name] for name in names if name in known})
        number = same[0] if same else max(numbers, default=-1) + 1
        if len(same) > 1:
            numbers = [number if n == same[1] else n for n in numbers]
            known = {name: number if n == same[1] else n for name, n in known.items()}
        known.update(dict.fromkeys(names, number))
        numbers.append(number)
    order = {number: place for place, number in enumerate(dict.fromkeys(n for n in numbers if n >= 0))}
    return tuple(order.get(number, -1) for number in numbers)


def _kind(row: Parameter, latent: set[str]) -> str:
    if row.op in ("=~", "~"):
        return "loadings" if row.op == "=~" else "regressions"
    if row.op == "~1":
        return "means" if row.lhs in latent else "intercepts"
    among_factors = row.lhs in latent and row.rhs in latent
    if row.lhs == row.rhs:
        return "lv_variances" if among_factors else "residuals"
    return "lv_covariances" if among_factors else "residual_covariances"


def _check_groups(written: Written, groups: int) -> None:
    for term in written.terms:
        for said in (term.fixed, term.labels, term.starts):
            if len(said) not in (0, 1, groups):
                raise EstimationError(
                    Text(
                        f"c()中有{len(said)}个值，而组有{groups}个。",
                        f"c() has {len(said)} values for {groups} group(s).",
                    ),
                    where=term.where,
                    remedy=Text("请为每组各写一个值。", "Give one value for each group."),
                )


def _check_names(names: Sequence[str], known: Sequence[str], where: Text) -> None:
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            raise EstimationError(
                Text(f"没有名为“{name}”的参数。", f"no parameter is labelled '{name}'.{near}"),
                where=where,
                remedy=Text(f"请先用 {name}*变量 给参数命名。", f"Label a parameter first, as in y ~ {name}*x."),
            )
