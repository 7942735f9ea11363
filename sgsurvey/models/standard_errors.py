"""Which standard errors a regression gets: by rows, by clusters, or by the whole design of the sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DataError, DesignError, EstimationError, did_you_mean
from sgsurvey.models.clusters import Clusters, cluster_sandwich, cr2, cr3, two_way
from sgsurvey.models.covariance import (
    CLUSTER_KINDS,
    ROW_KINDS,
    Array,
    Covariance,
    RowKind,
    VcovKind,
    classical,
    heteroskedastic,
)
from sgsurvey.models.design_based import LinearCoefficients, Placed, design_covariance
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.least_squares import LeastSquares
from sgsurvey.text import Text

# The column of clusters, or two columns of clusters that cross.
ClusterColumns: TypeAlias = str | Sequence[str]
TWO_WAY_KINDS = ("CR0", "CR1")


@dataclass(frozen=True)
class Errors:
    """Which covariance is taken: its kind, the cluster (or the two) of every row, their sample if that decides."""

    kind: VcovKind
    clusters: pd.Series | pd.DataFrame | None = None
    sample: Sample | None = None

    def of(self, design: DesignMatrix, solution: LeastSquares) -> Covariance:
        """The covariance of a solution."""
        if self.sample is not None:
            placed = Placed(self.sample, design.rows)
            statistic = LinearCoefficients(placed.whole(design.X), placed.whole(design.y))
            return design_covariance(statistic, self.sample, placed.inside, solution.p)
        groups = None if self.clusters is None else self.clusters.iloc[design.rows]
        return covariance(self.kind, design.X, solution.residuals, clusters=groups, weights=design.weights)


def covariance(
    kind: VcovKind,
    X: Array,
    residuals: Array,
    *,
    clusters: Clusters | pd.DataFrame | None = None,
    weights: Array | None = None,
) -> Covariance:
    """The covariance called ``kind``; the cluster kinds need ``clusters``, of which two columns may cross."""
    if kind == "classical":
        return classical(X, residuals, weights)
    if kind in ROW_KINDS:
        return heteroskedastic(X, residuals, cast(RowKind, kind), weights)
    if clusters is None:
        raise EstimationError(f"{kind} needs clusters.", where="vcov=", remedy="Name their column with cluster=.")
    if isinstance(clusters, pd.DataFrame):
        return two_way(X, residuals, clusters, corrected=kind == "CR1", weights=weights)
    if kind == "CR2":
        return cr2(X, residuals, clusters, weights)
    if kind == "CR3":
        return cr3(X, residuals, clusters, weights)
    return cluster_sandwich(X, residuals, clusters, corrected=kind == "CR1", weights=weights)


def choose_errors(data: Responses, vcov: str, cluster: ClusterColumns | None) -> Errors:
    """The covariance to take: by the cluster named, else the design's, else none.

    The default HC3 becomes CR2 where there are clusters (CR1 where there are two kinds), and the design's own where
    more is declared than clusters: strata, population sizes, stages, calibrated or replicate weights.

    Raises
    ------
    DesignError
        An unknown ``vcov``, one that would ignore the clusters, or one that needs them and has none.
    DataError
        A column of clusters is not there, or is empty.
    """
    known = (*ROW_KINDS, *CLUSTER_KINDS, "design")
    if vcov not in known:
        raise DesignError(
            f"vcov='{vcov}' is not known.{did_you_mean(str(vcov), known)}", remedy=f"Choose from {', '.join(known)}."
        )
    named = [] if cluster is None else [cluster] if isinstance(cluster, str) else list(cluster)
    if vcov == "design" or data.design.is_complex:
        return _by_design(data, vcov, named)
    columns = named or ([] if data.design.clusters is None else [data.design.clusters])
    if not columns:
        if vcov in CLUSTER_KINDS:
            raise DesignError(f"vcov='{vcov}' needs clusters.", remedy="Name their column with cluster=.")
        return Errors(cast(VcovKind, vcov))
    _check_columns(data, columns)
    choices = CLUSTER_KINDS if len(columns) == 1 else TWO_WAY_KINDS
    usual = "CR2" if len(columns) == 1 else "CR1"
    if vcov not in ("HC3", *choices):
        fault = "cannot be had for two kinds of clusters, as" if vcov in CLUSTER_KINDS else "would ignore the clusters"
        raise DesignError(
            f"vcov='{vcov}' {fault} in {_quoted(columns)}.",
            remedy=f"Leave vcov= out ({usual}), or choose from {', '.join(choices)}.",
        )
    kind = cast(VcovKind, usual if vcov == "HC3" else vcov)
    return Errors(kind, data.frame[columns[0]] if len(columns) == 1 else data.frame[columns])


def _check_columns(data: Responses, columns: Sequence[str]) -> None:
    """Raise unless these are one or two different columns of the answers with something in them."""
    if len(columns) > 2 or len(set(columns)) < len(columns):
        raise DesignError(
            f"clusters are of one kind or of two, not {', '.join(columns)}.",
            where="cluster=",
            remedy="Name one column, or two that differ.",
        )
    for column in columns:
        if column not in data.frame:
            raise DataError(
                f"the answers have no column '{column}'.{did_you_mean(column, [str(c) for c in data.frame.columns])}",
                where="cluster=",
                remedy="Name a column of the answers.",
            )
        if data.frame[column].isna().all():
            raise DataError(
                f"the column '{column}' is empty.", where="cluster=", remedy="Name a column that holds clusters."
            )


def _by_design(data: Responses, vcov: str, named: Sequence[str]) -> Errors:
    """Errors under the declared design; refuses what would ignore a part of it."""
    ignored = f"vcov='{vcov}'" if vcov not in ("HC3", "design") else ""
    if named and list(named) != [data.design.clusters]:
        ignored = f"cluster={_quoted(named)}"
    if ignored:
        raise DesignError(
            Text(
                f"{ignored}会忽略已声明的抽样设计（层、总体单位数、多级抽样或校准权数）。",
                f"{ignored} would ignore the declared design (strata, sizes, stages or calibrated weights).",
            ),
            remedy=Text(
                "请去掉它，或把只有权数和群的答卷传入。",
                "Leave it out, or pass the answers with weights and clusters only.",
            ),
        )
    column = data.design.clusters
    return Errors("design", None if column is None else data.frame[column], Sample.of(data))


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f"'{column}'" for column in columns)
