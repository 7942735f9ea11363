"""Which standard errors a regression gets: by rows, by clusters, or by the whole design of the sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DataError, DesignError, did_you_mean
from sgsurvey.models.covariance import CLUSTER_KINDS, ROW_KINDS, Covariance, VcovKind, covariance
from sgsurvey.models.design_based import LinearCoefficients, Placed, design_covariance
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.least_squares import LeastSquares
from sgsurvey.text import Text


@dataclass(frozen=True)
class Errors:
    """Which covariance is taken: its kind, the cluster of every row of the answers, or their sample."""

    kind: VcovKind
    clusters: pd.Series | None = None
    sample: Sample | None = None

    def of(self, design: DesignMatrix, solution: LeastSquares) -> Covariance:
        """The covariance of a solution."""
        if self.sample is not None:
            placed = Placed(self.sample, design.rows)
            statistic = LinearCoefficients(placed.whole(design.X), placed.whole(design.y))
            return design_covariance(statistic, self.sample, placed.inside, solution.p)
        groups = None if self.clusters is None else self.clusters.iloc[design.rows]
        return covariance(self.kind, design.X, solution.residuals, clusters=groups, weights=design.weights)


def choose_errors(data: Responses, vcov: str, cluster: str | None) -> Errors:
    """The covariance to take: by the cluster named, else the design's, else none.

    The default HC3 becomes CR2 where there are clusters, and the design's own where more is declared than clusters:
    strata, population sizes, stages, calibrated or replicate weights.

    Raises
    ------
    DesignError
        An unknown ``vcov``, one that would ignore the clusters, or one that needs them and has none.
    DataError
        The column of clusters is not there, or is empty.
    """
    known = (*ROW_KINDS, *CLUSTER_KINDS, "design")
    if vcov not in known:
        raise DesignError(
            f"vcov='{vcov}' is not known.{did_you_mean(str(vcov), known)}", remedy=f"Choose from {', '.join(known)}."
        )
    if vcov == "design" or data.design.is_complex:
        return _by_design(data, vcov, cluster)
    column = cluster or data.design.clusters
    if column is None:
        if vcov in CLUSTER_KINDS:
            raise DesignError(f"vcov='{vcov}' needs clusters.", remedy="Name their column with cluster=.")
        return Errors(cast(VcovKind, vcov))
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
    if vcov not in ("HC3", *CLUSTER_KINDS):
        raise DesignError(
            f"vcov='{vcov}' would ignore the clusters in '{column}'.",
            remedy="Leave vcov= out (CR2), or choose from CR0, CR1, CR2.",
        )
    return Errors(cast(VcovKind, "CR2" if vcov == "HC3" else vcov), data.frame[column])


def _by_design(data: Responses, vcov: str, cluster: str | None) -> Errors:
    """Errors under the declared design; refuses what would ignore a part of it."""
    ignored = f"vcov='{vcov}'" if vcov not in ("HC3", "design") else ""
    if cluster is not None and cluster != data.design.clusters:
        ignored = f"cluster='{cluster}'"
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
    return Errors("design", sample=Sample.of(data))
