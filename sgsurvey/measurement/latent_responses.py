"""The latent responses behind ordered answers: what gives them their scale, and the lines of their thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.estimation import Estimation
from sgsurvey.measurement.ordinal_sample import OrdinalSample, ordinal_sample
from sgsurvey.measurement.parameters import Parameter, ParameterTable, StructuralModel
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.ordinal import ResponseGroup
from sgsurvey.numerics.structural import GroupStructure, Structure
from sgsurvey.text import Text

# The table --------------------------------------------------------------------------------------------------


def prepare(
    table: ParameterTable, sample: StructuralSample, options: StructuralModel
) -> tuple[ParameterTable, OrdinalSample]:
    """A parameter table without means, which thresholds take over, and the sample's latent moments.

    Under ``delta`` every latent response has a variance of 1, so that its residual variance must be free to follow;
    under ``theta`` its residual variance is 1 unless the model says otherwise.
    """
    _refuse_means(table)
    _refuse_observed_causes(table)
    found = ordinal_sample(sample, options.ordinal)
    ordered = [name for name, is_ordered in zip(found.names, found.ordered, strict=True) if is_ordered]
    table = _without(table, [row.op == "~1" for row in table.rows])
    return (with_unit_residuals(table, ordered) if options.parameterization == "theta" else table), found


def with_unit_residuals(table: ParameterTable, ordered: Sequence[str]) -> ParameterTable:
    """``table`` with residual variances of 1 where nobody fixed them, and moments in standard deviations."""

    def free_residual(row: Parameter) -> bool:
        return row.op == "~~" and row.lhs == row.rhs and row.lhs in ordered and not (row.stated and row.fixed)

    unit = np.array([free_residual(row) for row in table.rows])
    weights, offset = table.weights.copy(), table.offset.copy()
    weights[unit], offset[unit] = 0.0, 1.0
    return replace(
        table,
        rows=tuple(replace(row, fixed=1.0) if one else row for row, one in zip(table.rows, unit, strict=True)),
        numbers=_renumbered([-1 if one else number for number, one in zip(table.numbers, unit, strict=True)]),
        weights=weights[:, weights.any(axis=0)],
        offset=offset,
        standardised=tuple(ordered),
    )


def _without(table: ParameterTable, left_out: Sequence[bool]) -> ParameterTable:
    kept = [number for number, out in enumerate(left_out) if not out]
    weights = table.weights[kept]
    return replace(
        table,
        rows=tuple(table.rows[number] for number in kept),
        means=False,
        numbers=_renumbered([table.numbers[number] for number in kept]),
        weights=weights[:, weights.any(axis=0)],
        offset=table.offset[kept],
    )


def _renumbered(numbers: Sequence[int]) -> tuple[int, ...]:
    """The same numbers without gaps; -1 stays."""
    places = {number: place for place, number in enumerate(sorted({n for n in numbers if n >= 0}))}
    return tuple(places.get(number, -1) for number in numbers)


def _refuse_means(table: ParameterTable) -> None:
    own = [number for row, number in zip(table.rows, table.numbers, strict=True) if row.op == "~1" and number >= 0]
    if any(row.op == "~1" and row.stated for row in table.rows) or len(set(own)) < len(own):
        raise EstimationError(
            Text(
                "有序估计量不估计均值结构：有序题项只有阈值，没有截距。",
                "estimators of ordered answers fit no means: ordered items have thresholds, not intercepts.",
            ),
            where=Text("模型", "model"),
            remedy=Text(
                "请删去“~ 1”的行，或从equal=中去掉intercepts；比较各组均值请用sg.invariance()。",
                "Leave out the lines with '~ 1', and intercepts of equal=; compare means of groups with "
                "sg.invariance().",
            ),
        )


def _refuse_observed_causes(table: ParameterTable) -> None:
    """Their means would move thresholds and intercepts, which are taken as the sample has them."""
    if any(row.op == "~" and row.rhs in table.observed for row in table.rows):
        raise EstimationError(
            Text(
                "有序估计量只能用于因子及其题项：模型中有观测自变量。",
                "estimators of ordered answers take factors and their items: the model has observed causes.",
            ),
            where=Text("模型", "model"),
            remedy=Text("请用estimator='MLR'。", "Use estimator='MLR'."),
        )


# Lines of the frame -----------------------------------------------------------------------------------------


def margin_lines(
    structure: Structure, sample: OrdinalSample, estimation: Estimation, groups: Sequence[str]
) -> pd.DataFrame:
    """Lines of the thresholds (``item | t1``) and of the continuous variables' intercepts (``variable ~1``).

    Thresholds are on the scale of their latent response, whose standard deviation moves with the parameters under
    ``theta``; intercepts are in standard deviations where they are standardised.
    """
    found, done = [], 0
    for number, (name, part, at) in enumerate(zip(groups, structure.parts, sample.margins, strict=True)):
        with_margins = np.zeros((structure.q, len(at)))
        if estimation.with_margins is not None:
            with_margins = estimation.with_margins[:, done : done + len(at)]
        lines = pd.DataFrame(_names(sample, number), columns=["lhs", "op", "rhs"]).assign(group=name, label="")
        item, is_cut = [sample.names.index(one) for one in lines["lhs"]], lines["op"].to_numpy() == "|"
        log_sd, slopes = log_deviations(part, estimation.fitted.theta)
        moved = _Rescaled(
            np.concatenate(sample.statistics)[at],
            np.diag(sample.covariance)[at],
            log_sd[item],
            slopes[item],
            estimation.covariance,
            with_margins,
        )
        raw = moved.times(is_cut.astype(float) if isinstance(part, ResponseGroup) else np.zeros(len(at)))
        std = moved.times(np.where(is_cut, 0.0, -1.0))
        found.append(lines.assign(estimate=raw[0], std_error=raw[1], std=std[0], std_se=std[1], std_lv=raw[0]))
        done += len(at)
    return pd.concat(found, ignore_index=True)


def log_deviations(part: GroupStructure, theta: Array) -> tuple[Array, Array]:
    """Logs of the observed variables' standard deviations, before any rescaling, and their derivatives (p, q)."""
    full = part.solved(theta)
    tangent, variance = part.tangent(full), np.diag(full.cov)[: part.p]
    return np.log(variance) / 2, (tangent.left * tangent.right) @ part.weights / variance[:, None]


@dataclass(frozen=True)
class _Rescaled:
    """Statistics that the model leaves as they are, times powers of standard deviations that it implies.

    Attributes
    ----------
    value, variance, log_sd : ndarray, shape (k,)
    slopes : ndarray, shape (k, q)
        Of ``log_sd``.
    covariance, with_value : ndarray, shapes (q, q) and (q, k)
        Of the parameters, and with the statistics.
    """

    value: Array
    variance: Array
    log_sd: Array
    slopes: Array
    covariance: Array
    with_value: Array

    def times(self, power: Array) -> tuple[Array, Array]:
        """``value * sd ** power`` with errors; shape (k,) each."""
        scale, push = np.exp(power * self.log_sd), power * self.value
        shared = np.einsum("kq,qk->k", self.slopes, self.with_value)
        own = np.einsum("kq,qr,kr->k", self.slopes, self.covariance, self.slopes)
        return scale * self.value, scale * np.sqrt(self.variance + 2 * push * shared + push**2 * own)


def _names(sample: OrdinalSample, group: int) -> list[tuple[str, str, str]]:
    """``lhs, op, rhs`` of a group's thresholds and intercepts, in the order of the statistics."""
    ordered = [name for name, is_ordered in zip(sample.names, sample.ordered, strict=True) if is_ordered]
    rest = [name for name in sample.names if name not in ordered]
    cuts = zip(ordered, sample.fits[group].thresholds, strict=True)
    thresholds = [(name, "|", f"t{number}") for name, cut in cuts for number in range(1, len(cut) + 1)]
    return thresholds + [(name, "~1", "") for name in rest]
