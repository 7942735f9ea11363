"""The rows or moments of the groups that a structural model is fitted to, gated by their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import responses
from sgsurvey.answers.moments import Moments, Pooled
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError, EstimationError, did_you_mean
from sgsurvey.measurement.design_spread import DesignSpread, design_spread
from sgsurvey.measurement.factor_sample import few_rows, selected_rows
from sgsurvey.measurement.parameters import StructuralModel
from sgsurvey.measurement.saturated import saturated_moments
from sgsurvey.measurement.scales import FEWEST, INDEPENDENT, refuse_other_kinds
from sgsurvey.measurement.syntax import Written, from_factors, parse
from sgsurvey.numerics.discrepancy import SampleMoments
from sgsurvey.numerics.em import Patterns, patterns
from sgsurvey.numerics.linalg import Array, correlation, is_singular
from sgsurvey.numerics.pair_tables import IntArray
from sgsurvey.numerics.sandwich import Spread, simple_spread
from sgsurvey.tables.result import Basis
from sgsurvey.text import Text

Summary: TypeAlias = Moments | Pooled
Data: TypeAlias = Responses | pd.DataFrame | Moments | Pooled | Mapping[str, Summary]

# Fewer respondents than this in any group give no model of several groups (domain/pitfalls.md, 4.3).
FEWEST_IN_GROUPS = 100


@dataclass(frozen=True)
class GroupSample:
    """One group's rows and moments.

    Attributes
    ----------
    name : str
    moments : SampleMoments
        At the maximum of the saturated likelihood, which uses what incomplete rows have; ``n`` is the sum of weights.
    rows : ndarray, shape (n, p), or None
        Keyed answers of the rows used, nan where missing is allowed; None where only moments were given.
    weights, clusters : ndarray, shape (n,), or None
        Weights sum to the rows of all groups.
    patterns : Patterns or None
        Of the rows, weighted.
    """

    name: str
    moments: SampleMoments
    rows: Array | None = None
    weights: Array | None = None
    clusters: np.ndarray | None = None
    patterns: Patterns | None = None


@dataclass(frozen=True)
class StructuralSample:
    """All groups, over the same variables.

    Attributes
    ----------
    names : tuple of str, length p
    groups : tuple of GroupSample
    basis : Basis
    remarks : tuple of Text
    under_design : callable or None
        The variance of a total of values of the rows under the declared design; None where rows, or the clusters that
        groups name, were drawn by themselves.
    """

    names: tuple[str, ...]
    groups: tuple[GroupSample, ...]
    basis: Basis
    remarks: tuple[Text, ...] = ()
    under_design: DesignSpread | None = None

    @property
    def moments(self) -> list[SampleMoments]:
        """Group by group."""
        return [group.moments for group in self.groups]

    @property
    def n(self) -> float:
        """Rows of all groups."""
        return sum(group.moments.n for group in self.groups)

    @property
    def spread(self) -> Spread:
        """The variance of a total of values of all rows, one group after the other."""
        if self.under_design is not None:
            return self.under_design
        weights, clusters = ([getattr(group, what) for group in self.groups] for what in ("weights", "clusters"))
        codes = None if clusters[0] is None else pd.factorize(np.concatenate(clusters), use_na_sentinel=False)[0]
        return simple_spread(None if weights[0] is None else np.concatenate(weights), codes)


def written(model: StructuralModel, data: Data) -> Written:
    """The model's lines; names of constructs become factors measured by their items."""
    lines = model.model
    answers = data if isinstance(data, Responses) else None
    if isinstance(lines, str):
        found = parse(lines)
    elif isinstance(lines, Mapping):
        factors = {f: _items(answers, items) if answers else list(items) for f, items in lines.items()}
        found = from_factors(factors)
    elif answers is None:
        raise EstimationError(
            Text(
                "没有问卷时，模型须写成因子和题项。", "without a questionnaire a model needs factors and their items."
            ),
            where=Text("模型", "model"),
            remedy=Text("如 {'F': ['x1', 'x2', 'x3']}。", "As in {'F': ['x1', 'x2', 'x3']}."),
        )
    else:
        refuse_other_kinds(answers, list(lines), "cfa")
        return from_factors({name: answers.item_names(name) for name in lines})
    if answers is None:
        return found
    constructs = {c.name for c in answers.questionnaire.constructs}
    measured = [name for name in found.observed if name in constructs and name not in answers.frame]
    refuse_other_kinds(answers, measured, "a structural model")
    return found.measured({name: answers.item_names(name) for name in measured})


def _items(answers: Responses, names: Sequence[str]) -> list[str]:
    """Items and constructs by name, and other columns of the answers as they stand."""
    columns = [name for name in names if name in answers.frame and name not in answers.questionnaire]
    return list(names) if len(columns) == len(names) else answers.item_names(names)


def structural_sample(
    data: Data,
    names: Sequence[str],
    *,
    verb: str,
    by: str | None = None,
    keep_incomplete: bool = False,
    takes: Sequence[str] = (),
    cluster: str | None = None,
) -> StructuralSample:
    """Rows and moments of ``names``, group by group.

    Parameters
    ----------
    data : Responses, DataFrame, Moments or Pooled; or a mapping of group name to moments
    keep_incomplete : bool
        Keep rows that lack some of the variables, for estimators that use them.
    takes : sequence of str
        Parts of a design that the estimator uses.

    Raises
    ------
    DesignError
        Several roles at once, a part of a design that the estimator cannot use, or too few rows.
    DataError, EstimationError
        Columns that are missing or constant, variables that determine each other.
    """
    if isinstance(data, Responses | pd.DataFrame):
        found = _from_rows(data, names, verb, by, keep_incomplete, takes, cluster)
    else:
        if by is not None or cluster is not None:
            raise DataError(
                Text("只有矩时不能再分组或聚类。", "moments alone cannot be split by groups or clusters."),
                where="by" if by else "cluster",
                remedy=Text("请按组给出矩：{组名: 矩}。", "Give the moments of each group, as {name: moments}."),
            )
        found = _from_moments(data if isinstance(data, Mapping) else {"": data}, names)
    _gate(found, verb)
    basis, designed = found.basis, isinstance(data, Responses) and not data.design.is_simple and not takes
    rows = (*few_rows(basis.n, len(names)), *selected_rows(basis.n, basis.n_in))
    return replace(found, remarks=((INDEPENDENT, *rows) if designed else rows))


def _from_rows(
    data: Responses | pd.DataFrame,
    names: Sequence[str],
    verb: str,
    by: str | None,
    keep_incomplete: bool,
    takes: Sequence[str],
    cluster: str | None,
) -> StructuralSample:
    answers = data if isinstance(data, Responses) else responses(data, {"items": list(names)}, limits=None)
    answers.refuse_design(verb, *(part for part in ("weights", "replicates") if part not in takes))
    _refuse_roles(answers, verb, by)
    values = answers.variables(names).to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError(
            Text("题项中有无穷大的值。", "there are infinite values among the variables."),
            remedy=Text("请先设为缺失。", "Set them to missing first."),
        )
    there = ~np.isnan(values)
    kept = there.any(axis=1) if keep_incomplete else there.all(axis=1)
    dropped = {"incomplete": int((~kept).sum())}
    labels, codes = _groups(answers, by, len(values))
    if by is not None:
        dropped = {f"{by} missing": int((codes < 0).sum()), "incomplete": int((~kept & (codes >= 0)).sum())}
        kept &= codes >= 0
    clusters = None if cluster is None else _column(answers, cluster).to_numpy()
    weights = answers.weights
    if weights is not None:
        dropped["weight 0"] = int((kept & ~(weights > 0)).sum())
        kept &= weights > 0
        weights = weights * (kept.sum() / weights[kept].sum())
    groups, places = [], []
    for number, label in enumerate(labels):
        mine = kept & (codes == number)
        weight = None if weights is None else weights[mine]
        among = None if clusters is None else clusters[mine]
        found = patterns(values[mine], weight)
        groups.append(GroupSample(str(label), saturated_moments(found, names), values[mine], weight, among, found))
        places.append(np.flatnonzero(mine))
    basis = answers.basis(int(kept.sum()), {reason: count for reason, count in dropped.items() if count})
    use_design = cluster is None and takes and not answers.design.is_simple
    under = design_spread(answers, np.concatenate(places)) if use_design else None
    return StructuralSample(tuple(names), tuple(groups), basis, under_design=under)


def _refuse_roles(answers: Responses, verb: str, by: str | None) -> None:
    if len(answers.roles) > 1 and by != "role":
        raise DesignError(
            Text(
                f"{verb}只在同一主体内拟合，而这里有{len(answers.roles)}个主体：{'、'.join(answers.roles)}。",
                f"{verb} is fitted within one role, and {len(answers.roles)} are present: {', '.join(answers.roles)}.",
            ),
            remedy=Text(
                f"请选一个，如 answers.where(role='{answers.roles[0]}')；或用 by='role' 分组拟合。",
                f"Choose one, as in answers.where(role='{answers.roles[0]}'), or fit them as groups with by='role'.",
            ),
        )


def _groups(answers: Responses, by: str | None, rows: int) -> tuple[tuple[object, ...], IntArray]:
    """Values of the column of groups that somebody has, and the number of each row's, -1 where missing."""
    if by is None:
        return ("",), np.zeros(rows, dtype=np.int64)
    column = _column(answers, by)
    ordered = isinstance(column.dtype, pd.CategoricalDtype)
    known = tuple(column.cat.categories) if ordered else answers.codes(by)
    labels = tuple(code for code in known if (column == code).any())
    return labels, pd.Categorical(column, categories=list(labels)).codes.astype(np.int64)


def _column(answers: Responses, name: str) -> pd.Series:
    if name not in answers.frame:
        raise DataError(
            Text(f"数据中没有“{name}”列。", f"the data have no column '{name}'.")
            if not (near := did_you_mean(name, [str(c) for c in answers.frame]))
            else Text(f"数据中没有“{name}”列。", f"the data have no column '{name}'.{near}"),
            remedy=Text("请写出已有的列名。", "Name one of the columns."),
        )
    return answers.frame[name]


def _from_moments(data: Mapping[str, Summary], names: Sequence[str]) -> StructuralSample:
    groups = []
    for label, summary in data.items():
        pooled = summary.combine() if isinstance(summary, Moments) else summary
        missing = [name for name in names if name not in pooled.names]
        if missing:
            raise DataError(
                Text(f"矩中没有变量：{'、'.join(missing)}。", f"the moments lack {', '.join(missing)}."),
                remedy=Text("请在计算矩时包含它们。", "Take the moments over them too."),
            )
        at = [pooled.names.index(name) for name in names]
        cov = pooled.cov[np.ix_(at, at)] * (pooled.n - 1) / pooled.n
        groups.append(GroupSample(label, SampleMoments(pooled.n, cov, pooled.mean[at])))
    total = round(sum(group.moments.n for group in groups))
    return StructuralSample(tuple(names), tuple(groups), Basis(total, total))


def _gate(found: StructuralSample, verb: str) -> None:
    """Raise where a group is too small, an item constant, or the covariance singular."""
    p = len(found.names)
    fewest = max(FEWEST if len(found.groups) == 1 else FEWEST_IN_GROUPS, p + 1)
    for group in found.groups:
        head = Text(f"组“{group.name}”", f"group '{group.name}'") if group.name else Text("", "")
        size = group.moments.n if group.rows is None else len(group.rows)
        if size < fewest:
            n = f"{size:.0f}"
            raise DesignError(
                Text(
                    f"{verb}对{p}个变量{'每组' if group.name else ''}至少需要{fewest}行完整数据，而这里有{n}行。",
                    f"{verb} of {p} variables needs at least {fewest} complete rows{' a group' if group.name else ''}, "
                    f"and there are {n}.",
                ),
                where=head,
                remedy=Text(
                    "请逐题描述这样的小样本，不作因子模型。",
                    "Describe so small a group item by item, without a model of factors.",
                ),
            )
        if not np.isfinite(group.moments.cov).all():
            raise DataError(
                Text("没有一行在全部变量上完整。", "no row is complete on all variables."),
                where=head,
                remedy=Text("请确认这些题目问的是同一批人。", "Check which variables were asked of the same people."),
            )
        constant = [n for n, v in zip(found.names, np.diag(group.moments.cov), strict=True) if v <= 1e-12]
        if constant:
            raise EstimationError(
                Text(f"所有人对{'、'.join(constant)}的回答相同。", f"everybody answered {', '.join(constant)} alike."),
                where=head,
                remedy=Text("请从模型中去掉这些题项。", "Leave these items out of the model."),
            )
        corr = correlation(group.moments.cov)
        if is_singular(corr):
            pairs = np.argwhere(np.triu(np.abs(corr) > 1 - 1e-10, 1))
            twins = [f"{found.names[i]}, {found.names[j]}" for i, j in pairs[:1]]
            raise EstimationError(
                Text(
                    f"变量之间互相决定，协方差矩阵不是正定的{'：' + twins[0] if twins else ''}。",
                    "the variables determine each other, so that their covariance is not positive definite"
                    f"{': ' + twins[0] if twins else ''}.",
                ),
                where=head,
                remedy=Text("请去掉重复或由其他变量算出的变量。", "Leave out the repeated or derived variable."),
            )
