"""Linear constraints among parameters, worked into the parameters that remain free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.parameters import ParameterTable
from sgsurvey.measurement.syntax import Constraint
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text


def constrained(table: ParameterTable, constraints: Sequence[Constraint]) -> ParameterTable:
    """``table`` with the linear ``constraints`` worked into its free parameters."""
    if not constraints:
        return table
    rng = np.random.default_rng(1)
    points = [rng.uniform(0.5, 1.5, len(table.rows)) for _ in range(2)]
    labels = tuple(table.labelled)
    lines, gaps = [], []
    for constraint in constraints:
        slopes, values = [], []
        for point in points:
            known = table.at(point)
            slopes.append(constraint.left.slope(known, labels) - constraint.right.slope(known, labels))
            values.append(float(np.real(constraint.left.value(known) - constraint.right.value(known))))
        if not np.allclose(slopes[0], slopes[1], atol=1e-9):
            raise EstimationError(
                Text(f"约束“{constraint.text}”不是线性的。", f"the constraint '{constraint.text}' is not linear."),
                where=constraint.where,
                remedy=Text("请只用加减和数字倍数。", "Use sums and multiples by numbers only."),
            )
        at = [table.labelled[label] for label in labels]
        line = slopes[0] @ table.weights[at] if labels else np.zeros(table.q)
        constant = values[0] - float(slopes[0] @ points[0][at]) + float(slopes[0] @ table.offset[at])
        lines.append(line)
        gaps.append(constant)
    weights, offset = _solved(np.array(lines), np.array(gaps), constraints)
    return replace(table, weights=table.weights @ weights, offset=table.offset + table.weights @ offset)


def _solved(lines: Array, gaps: Array, constraints: Sequence[Constraint]) -> tuple[Array, Array]:
    """``theta = K x + c`` that solves ``lines theta + gaps = 0``, the last parameters bound (Gauss and Jordan)."""
    system = np.column_stack([lines, gaps])
    q = lines.shape[1]
    bound: list[int] = []
    for i in range(len(system)):
        size = np.abs(system[i, :q])
        if size.max(initial=0.0) < 1e-10:
            if abs(system[i, q]) > 1e-10:
                raise EstimationError(
                    Text(f"约束“{constraints[i].text}”不能成立。", f"'{constraints[i].text}' cannot hold."),
                    where=constraints[i].where,
                    remedy=Text("请检查各约束是否互相矛盾。", "See whether the constraints contradict each other."),
                )
            continue
        pivot = int(np.flatnonzero(size > 0.5 * size.max())[-1])
        system[i] /= system[i, pivot]
        others = np.arange(len(system)) != i
        system[others] -= np.outer(system[others, pivot], system[i])
        bound.append(pivot)
    free = [j for j in range(q) if j not in bound]
    weights, offset = np.zeros((q, len(free))), np.zeros(q)
    weights[free, range(len(free))] = 1.0
    held = [i for i in range(len(system)) if np.abs(system[i, :q]).max(initial=0.0) > 1e-10]
    for i, pivot in zip(held, bound, strict=True):
        weights[pivot], offset[pivot] = -system[i, free], -system[i, q]
    return weights, offset
