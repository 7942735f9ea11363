"""What would change if a fixed parameter were freed, or an equality released: score tests with expected changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.estimators import ESTIMATORS
from sgsurvey.measurement.linear_constraints import constrained
from sgsurvey.measurement.ordinal_sample import OrdinalSample
from sgsurvey.measurement.parameters import Parameter, ParameterTable
from sgsurvey.measurement.standardised import unit
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.measurement.structures import structure_of
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

# Directions whose information within the model's own is smaller than this share cannot be estimated.
FLAT = 1e-8


@dataclass(frozen=True)
class Released:
    """Univariate score tests of directions beside the free parameters.

    Attributes
    ----------
    statistic : ndarray, shape (m,)
        Chi-square with one degree of freedom each; nan where the direction is not identified.
    change : ndarray, shape (m,)
        Expected change of the parameter.
    """

    statistic: Array
    change: Array


def score_tests(slope: Array, curve: Array, q: int, n: float) -> Released:
    """Tests of the directions after the first ``q``, from slope and expected Hessian of ``F``.

    Sorbom (1989), Psychometrika 54, 371-384; Saris, Satorra and Sorbom (1987), Sociological Methodology 17, 105-129.
    """
    own, cross, others = curve[:q, :q], curve[:q, q:], np.diag(curve)[q:]
    scale = np.sqrt(np.diag(own))
    inside = np.linalg.solve(own / np.outer(scale, scale), cross / scale[:, None])
    left = others - (cross / scale[:, None] * inside).sum(axis=0)
    score = slope[q:]
    identified = left > FLAT * np.maximum(others, np.finfo(float).tiny)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(identified, n / 2 * score**2 / left, np.nan)
        change = np.where(identified, -score / left, np.nan)
    return Released(statistic, change)


def candidates(table: ParameterTable) -> list[Parameter]:
    """Fixed or absent parameters that may be freed: cross-loadings, residual covariances, regressions, fixed lines."""
    latent = set(table.latent)
    items = [row.rhs for row in table.rows if row.op == "=~" and row.group == 0]
    indicators = set(items)
    explained = [row.lhs for row in table.rows if row.op == "~" and row.group == 0]
    actors = list(dict.fromkeys(v for r in table.rows if r.op == "~" and r.group == 0 for v in (r.lhs, r.rhs)))
    causes = {name for name in actors if name not in latent | indicators | set(explained)}
    wanted: list[tuple[str, str, str]] = []
    for factor in table.latent:
        wanted += [(factor, "=~", item) for item in dict.fromkeys(items) if item != factor]
    residuals = [name for name in table.observed if name not in causes]
    wanted += [(one, "~~", other) for one, other in combinations(residuals, 2)]
    wanted += [(one, "~~", other) for one, other in combinations(table.latent, 2)]
    wanted += [(y, "~", x) for y in actors for x in actors if y != x and y not in causes]
    found = []
    for group in range(len(table.groups)):
        present = {row.key: row for row in table.rows if row.group == group}
        for lhs, op, rhs in wanted:
            new = Parameter(lhs, op, rhs, group, stated=False)
            known = present.get(new.key)
            if known is None or (known.fixed is not None and known.op != "~1"):
                found.append(new if known is None else replace(known, fixed=None))
    return found


def modification_indices(table: ParameterTable, theta: Array, sample: StructuralSample, estimator: str) -> pd.DataFrame:
    """``lhs, op, rhs, [group], mi, p_value, epc, epc_std``, the largest first."""
    chosen = candidates(table)
    wider, start = _opened(table, theta, chosen)
    released = _tested(wider, start, table.q, sample, estimator)
    solved = [part.solved(theta) for part in structure_of(table).parts]
    at = {name: i for i, name in enumerate(table.variables)}
    ratio = np.array([unit(row, at, solved[row.group]) for row in chosen])
    frame = pd.DataFrame(
        {
            "lhs": [row.lhs for row in chosen],
            "op": [row.op for row in chosen],
            "rhs": [row.rhs for row in chosen],
            "group": [table.groups[row.group] for row in chosen],
            "mi": released.statistic,
            "p_value": stats.chi2.sf(released.statistic, 1),
            "epc": released.change,
            "epc_std": released.change * ratio,
        }
    )
    frame = frame.dropna(subset=["mi"]).sort_values("mi", ascending=False, kind="stable", ignore_index=True)
    return frame if len(table.groups) > 1 else frame.drop(columns="group")


def equality_tests(table: ParameterTable, theta: Array, sample: StructuralSample, estimator: str) -> pd.DataFrame:
    """Every equality and constraint released alone: ``constraint, parameter, [group], statistic, p_value, change``.

    Of the lines that are one parameter each after the first is freed; of ``==`` constraints each is dropped.
    """
    fixed = np.array([row.fixed or 0.0 for row in table.rows])
    loose = replace(table, weights=_unconstrained(table), offset=fixed, constraints=())
    lines, extra = [], []
    seen: set[int] = set()
    for row, (parameter, number) in enumerate(zip(table.rows, table.numbers, strict=True)):
        if number < 0:
            continue
        if number in seen:
            lines.append(
                (f"= {table.names[table.numbers.index(number)]}", parameter.name, table.groups[parameter.group])
            )
            direction = np.zeros(len(table.rows))
            direction[row] = 1.0
            extra.append(direction)
        seen.add(number)
    for dropped, constraint in enumerate(table.constraints):
        others = [c for i, c in enumerate(table.constraints) if i != dropped]
        wider = constrained(loose, others)
        new = _outside(table.weights, wider.weights)
        if new is not None:
            lines.append((constraint.text, "", ""))
            extra.append(new)
    columns = ["constraint", "parameter", "group"]
    if not extra:
        return pd.DataFrame(columns=[*columns, "statistic", "p_value", "change"])
    opened = replace(table, weights=np.column_stack([table.weights, *extra]))
    released = _tested(opened, np.concatenate([theta, np.zeros(len(extra))]), table.q, sample, estimator)
    frame = pd.DataFrame(lines, columns=columns).assign(
        statistic=released.statistic, p_value=stats.chi2.sf(released.statistic, 1), change=released.change
    )
    frame = frame.sort_values("statistic", ascending=False, kind="stable", ignore_index=True)
    return frame if len(table.groups) > 1 else frame.drop(columns="group")


def _opened(table: ParameterTable, theta: Array, chosen: Sequence[Parameter]) -> tuple[ParameterTable, Array]:
    """The table with more free lines, and parameters at which it is the model as fitted."""
    rows, known = list(table.rows), {(row.key, row.group): i for i, row in enumerate(table.rows)}
    extra = np.zeros((len(rows) + len(chosen), len(chosen)))
    for column, new in enumerate(chosen):
        at = known.get((new.key, new.group))
        if at is None:
            at = len(rows)
            rows.append(new)
        else:
            rows[at] = new
        extra[at, column] = 1.0
    added = len(rows) - len(table.rows)
    weights = np.vstack([table.weights, np.zeros((added, table.q))])
    offset = np.concatenate([table.offset, np.zeros(added)])
    wider = replace(table, rows=tuple(rows), weights=np.column_stack([weights, extra[: len(rows)]]), offset=offset)
    return wider, np.concatenate([theta, np.zeros(len(chosen))])


def _tested(wider: ParameterTable, start: Array, q: int, sample: StructuralSample, estimator: str) -> Released:
    if wider.means and isinstance(sample, OrdinalSample):
        raise EstimationError(
            Text("等值性检验的水平没有逐个参数的检验。", "levels of invariance() of ordered items have no such tests."),
            where=Text("模型", "model"),
            remedy=Text(
                "放开了哪些参数见.log；修正指数请用sg.cfa(…, by=…)的模型。",
                "See .log for what was released; for modification indices fit sg.cfa(…, by=…).",
            ),
        )
    objective = ESTIMATORS[estimator].objective(structure_of(wider), sample)
    slope, curve = objective.slope(start)
    return score_tests(slope, curve, q, sample.n)


def _unconstrained(table: ParameterTable) -> Array:
    placed = np.zeros((len(table.rows), max(table.numbers) + 1))
    numbers = np.array(table.numbers)
    placed[numbers >= 0, numbers[numbers >= 0]] = 1.0
    return placed


def _outside(narrow: Array, wide: Array) -> Array | None:
    """The direction of ``wide`` that ``narrow`` lacks; None where a dropped constraint followed from the others."""
    basis = np.linalg.qr(narrow)[0]
    rest = wide - basis @ (basis.T @ wide)
    size = np.linalg.norm(rest, axis=0)
    if size.max(initial=0.0) < 1e-10:
        return None
    found = rest[:, size.argmax()]
    return np.asarray(found / np.abs(found).max())
