"""When a structural model must be refused, and what its reader must be told."""

from __future__ import annotations

import numpy as np

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.parameters import ParameterTable
from sgsurvey.measurement.standardised import standardised
from sgsurvey.numerics.discrepancy import Fitted
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.structural import Structure
from sgsurvey.text import Text

# Smallest eigenvalue of the information with a unit diagonal at which parameters still count as told apart.
FLAT = 1e-9


def check_degrees(table: ParameterTable, structure: Structure) -> None:
    """Raise where a model has more parameters than the sample has statistics, or none."""
    df = structure.statistics - table.q
    if table.q == 0:
        raise EstimationError(
            Text("模型没有自由参数。", "the model has no free parameter."),
            where=Text("模型", "model"),
            remedy=Text("请至少放开一个参数。", "Leave at least one parameter free."),
        )
    if df < 0:
        raise EstimationError(
            Text(
                f"模型不可识别：{table.q}个参数多于{structure.statistics}个统计量（df = {df}）。",
                f"the model is not identified: {table.q} parameters for {structure.statistics} statistics (df = {df}).",
            ),
            where=Text("模型", "model"),
            remedy=Text(
                "请为每个因子使用至少三个题项，或固定、合并一些参数。",
                "Give each factor at least three items, or fix or equate parameters.",
            ),
        )


def check_solution(table: ParameterTable, fitted: Fitted) -> None:
    """Raise where parameters cannot be told apart, or the search did not end."""
    flat = unidentified(table, fitted)
    if flat:
        shown = flat[:6]
        raise EstimationError(
            Text(
                f"模型不可识别：这些参数互相抵消，无法分别估计：{'；'.join(shown)}。",
                f"the model is not identified: these parameters can trade off: {'; '.join(shown)}.",
            ),
            where=Text("模型", "model"),
            remedy=Text(
                "请固定其中一个（如把因子的一个载荷或方差固定为1），或使它们相等。",
                "Fix one of them (a loading or the variance of a factor to 1), or set them equal.",
            ),
        )
    if not fitted.converged:
        raise EstimationError(
            Text(
                f"估计在{fitted.steps}步后没有收敛。", f"the estimation did not converge within {fitted.steps} steps."
            ),
            where=Text("模型", "model"),
            remedy=Text(
                "请检查每个因子的题项是否彼此相关、是否写反了方向，减少参数，或用start()给出起始值。",
                "See whether each factor's items correlate and none is misplaced, free fewer parameters, or give "
                "start() values.",
            ),
        )


def unidentified(table: ParameterTable, fitted: Fitted) -> list[str]:
    """Names of the parameters along which the fit is flat."""
    information = fitted.information
    if not np.isfinite(information).all():
        return []
    scale = np.sqrt(np.diag(information))
    names = free_names(table)
    if (scale <= 1e-12).any():
        return [names[k] for k in np.flatnonzero(scale <= 1e-12)]
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] > FLAT:
        return []
    weight = np.abs(vectors[:, 0])
    return [names[k] for k in np.argsort(-weight, kind="stable") if weight[k] > 0.1 * weight.max()]


def free_names(table: ParameterTable) -> list[str]:
    """A name for each free parameter: the first line of the table that it moves."""
    names = table.names
    return [names[int(np.flatnonzero(column)[0])] for column in table.weights.T]


def improper(table: ParameterTable, structure: Structure, theta: Array) -> tuple[Text, ...]:
    """Remarks on estimates outside what can be: negative variances, correlations beyond 1; and on negative loadings."""
    values, names = table.values(theta), table.names
    remarks = []
    negative = [
        name
        for row, value, name in zip(table.rows, values, names, strict=True)
        if row.op == "~~" and row.lhs == row.rhs and value < -1e-8
    ]
    if negative:
        remarks.append(
            Text(
                f"负的方差估计（Heywood情形），该解不适当：{'、'.join(negative)}。",
                f"Negative variance (Heywood case), the solution is improper: {', '.join(negative)}.",
            )
        )
    for group, part in zip(table.groups, structure.parts, strict=True):
        cov = part.solved(theta).cov[part.p :, part.p :]
        if len(cov) > 1 and (np.diag(cov) > 0).all() and np.linalg.eigvalsh(correlation(cov))[0] < -1e-8:
            remarks.append(
                Text(
                    f"因子相关矩阵不是正定的{f'（{group}）' if group else ''}：有的因子无法区分，该解不适当。",
                    f"The factors' correlations are not positive definite{f' ({group})' if group else ''}: some "
                    "factors cannot be told apart, and the solution is improper.",
                )
            )
    std = standardised(table, structure, theta).all
    turned = [
        row.rhs
        for row, value in zip(table.rows, std, strict=True)
        if row.op == "=~" and row.rhs in table.observed and value < 0
    ]
    if turned and len(turned) < sum(row.op == "=~" for row in table.rows):
        items = list(dict.fromkeys(turned))
        remarks.append(
            Text(
                f"载荷为负的题项（请核对是否反向计分）：{'、'.join(items)}。",
                f"Items with negative loadings (see whether they are keyed in reverse): {', '.join(items)}.",
            )
        )
    return tuple(remarks)
