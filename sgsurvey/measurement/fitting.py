"""How structural models are fitted: from the model's lines and the answers to the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.errors import DataError, DesignError, EstimationError
from sgsurvey.measurement.completion import complete
from sgsurvey.measurement.estimators import Estimator, estimator_named
from sgsurvey.measurement.fit_indices import all_indices
from sgsurvey.measurement.latent_responses import margin_lines
from sgsurvey.measurement.ordinal_sample import OrdinalSample
from sgsurvey.measurement.parameters import Parameterization, ParameterTable, StructuralModel
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.sem_checks import check_degrees, check_solution, improper
from sgsurvey.measurement.standardised import estimates, with_margins
from sgsurvey.measurement.structural_sample import Data, StructuralSample, structural_sample, written
from sgsurvey.measurement.structures import starting_values, structure_of
from sgsurvey.tables.few_persons import one_of_two_is_few
from sgsurvey.text import Text

Missing = Literal["listwise", "fiml", "pairwise"]
Model = str | Sequence[str] | Mapping[str, Sequence[str]] | StructuralModel


@dataclass(frozen=True)
class Fitting:
    """How a model is fitted: what ``sem`` and ``cfa`` take by keyword."""

    estimator: str = "ML"
    missing: Missing = "listwise"
    by: str | None = None
    equal: Sequence[str] = ()
    cluster: str | None = None


def fitted_model(data: Data, model: Model, verb: str, how: Fitting) -> SEM:
    """What ``sem`` and ``cfa`` do."""
    way = estimator_named(how.estimator)
    options = model if isinstance(model, StructuralModel) else StructuralModel(model)
    _check_estimator(way, how)
    _check_options(way, how.estimator, options)
    if how.missing == "fiml":
        options = replace(options, means=True)
    lines = written(options, data)
    sample = structural_sample(
        data,
        lines.observed,
        verb=verb,
        by=how.by,
        keep_incomplete=how.missing != "listwise",
        takes=way.takes,
        cluster=how.cluster,
    )
    if way.rows and any(group.rows is None for group in sample.groups):
        raise EstimationError(
            Text(
                f"{how.estimator}需要逐行数据，只有矩是不够的。",
                f"{how.estimator} needs rows: moments alone will not do.",
            ),
            where="data",
            remedy=Text("请给出原始数据，或用estimator='ML'。", "Give the raw data, or use estimator='ML'."),
        )
    table = complete(lines, options, groups=[group.name for group in sample.groups], equal=how.equal)
    _refuse_few(table, sample)
    if way.prepare is not None:
        table, sample = way.prepare(table, sample, options)
    return _fitted(table, sample, how)


def _refuse_few(table: ParameterTable, sample: StructuralSample) -> None:
    """Raise where a path leads from a variable of two values that few people have one of: it tells their mean."""
    for name in dict.fromkeys(row.rhs for row in table.rows if row.op == "~" and row.rhs in sample.names):
        at = sample.names.index(name)
        for group in sample.groups:
            column = None if group.rows is None else group.rows[:, at]
            if column is not None and one_of_two_is_few(column[~np.isnan(column)], sample.basis.smallest):
                raise DataError(
                    Text(
                        f"只有不足{sample.basis.smallest}人取其中一个值，路径会透露这几个人的回答。",
                        f"fewer than {sample.basis.smallest} people have one of its two values: a path from it would "
                        "tell what they said.",
                    ),
                    where=f"'{name}'",
                    remedy=Text("请合并类别，或不放入模型。", "Merge categories, or leave it out."),
                )


def _fitted(table: ParameterTable, sample: StructuralSample, how: Fitting) -> SEM:
    """The model of a whole parameter table, fitted to a sample."""
    structure = structure_of(table)
    check_degrees(table, structure)
    starts = starting_values(table, sample.moments)
    estimation = estimator_named(how.estimator).estimate(structure, sample, starts)
    check_solution(table, estimation.fitted)
    theta = estimation.fitted.theta
    frame = estimates(table, structure, theta, estimation.covariance)
    if isinstance(sample, OrdinalSample):
        frame = with_margins(frame, margin_lines(structure, sample, estimation, table.groups))
    return SEM(
        frame,
        sample.basis,
        pd.Series(all_indices(estimation, structure, theta), name="fit"),
        table,
        structure,
        estimation,
        sample,
        how.estimator,
        how.by,
        (*sample.remarks, *improper(table, structure, theta)),
    )


def _check_estimator(way: Estimator, how: Fitting) -> None:
    if how.missing not in way.missing:
        raise EstimationError(
            Text(
                f"{how.estimator}不能用missing='{how.missing}'。",
                f"{how.estimator} does not take missing='{how.missing}'.",
            ),
            where="missing",
            remedy=Text(f"可用：{'、'.join(way.missing)}。", f"Use {' or '.join(way.missing)}."),
        )
    if how.cluster is not None and "clusters" not in way.takes:
        raise DesignError(
            Text(f"{how.estimator}的标准误不能按群修正。", f"{how.estimator} has no standard errors for clusters."),
            where="cluster",
            remedy=Text("请用estimator='MLR'。", "Use estimator='MLR'."),
        )


def _check_options(way: Estimator, name: str, options: StructuralModel) -> None:
    known = get_args(Parameterization)
    if options.parameterization not in known:
        raise EstimationError(
            Text(
                f"没有参数化方式“{options.parameterization}”。",
                f"there is no parameterization '{options.parameterization}'.",
            ),
            where="parameterization",
            remedy=Text(f"可用：{'、'.join(known)}。", f"Use {' or '.join(known)}."),
        )
    if way.prepare is None and (options.ordinal is not None or options.parameterization != "delta"):
        raise EstimationError(
            Text(f"{name}把所有变量当作数值。", f"{name} takes all variables as numbers."),
            where="ordinal" if options.ordinal is not None else "parameterization",
            remedy=Text("请用estimator='WLSMV'，或去掉这一选项。", "Use estimator='WLSMV', or leave the option out."),
        )
