"""Cluster-robust covariances of regression coefficients: CR0 to CR3, and clusters of two kinds at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.errors import EstimationError
from sgsurvey.models.covariance import SINGULAR, Array, ClusterKind, Contributions, Covariance, orthonormal
from sgsurvey.text import Text

Clusters: TypeAlias = Sequence[object] | pd.Series | npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows by cluster: codes 0..units-1, of which the first ``named`` are clusters and the rest loose rows."""

    codes: npt.NDArray[np.int64]
    named: int
    loose: int

    @classmethod
    def of(cls, clusters: Clusters) -> Groups:
        """Number the clusters in order of appearance; each missing one is a unit of its own.

        Raises
        ------
        EstimationError
            There are fewer than two units.
        """
        codes, labels = pd.factorize(pd.Series(clusters))
        alone = codes < 0
        numbered = codes.astype(np.int64)
        numbered[alone] = len(labels) + np.arange(alone.sum())
        if len(labels) + alone.sum() < 2:
            raise EstimationError(
                "there is one cluster only, so nothing varies between clusters.",
                remedy="Name a column with several clusters, or leave cluster= out.",
            )
        return cls(numbered, len(labels), int(alone.sum()))

    def rows(self) -> list[npt.NDArray[np.int64]]:
        """Row numbers of each unit."""
        order = np.argsort(self.codes, kind="stable")
        return list(np.split(order, np.cumsum(np.bincount(self.codes))[:-1]))


FACTORS: dict[str, Text] = {
    "CR0": Text("无小样本系数", "no factor"),
    "CR1": Text("系数 G/(G−1)·(n−1)/(n−p)", "factor G/(G−1)·(n−1)/(n−p)"),
    "CR3": Text("逐群刀切，系数 (G−1)/G", "jackknife of clusters, factor (G−1)/G"),
}


def cluster_sandwich(
    X: Array, residuals: Array, clusters: Clusters, *, corrected: bool, weights: Array | None = None
) -> Covariance:
    """Cluster-robust covariance CR0, or CR1 with the factor ``G/(G-1) (n-1)/(n-p)``; ``t(G - 1)``.

    Liang and Zeger (1986).  Too small with few clusters: CR2 is the default elsewhere for this reason.  Loose rows
    form a stratum of their own, so that df are the units less one in each of the two strata.
    """
    groups = Groups.of(clusters)
    basis, inverse = orthonormal(X, weights)
    matrix = inverse @ _summed_squares(basis, residuals, groups, weights, corrected=corrected) @ inverse.T
    return _named("CR1" if corrected else "CR0", matrix, groups)


def two_way(
    X: Array, residuals: Array, clusters: pd.DataFrame, *, corrected: bool, weights: Array | None = None
) -> Covariance:
    """Covariance robust to clusters of two kinds that cross, such as townships and interviewers.

    ``V_1 + V_2 - V_12``, where ``V_12`` has the crossings as clusters and each part its own factor; ``t`` on the
    smaller number of clusters less one.  Negative eigenvalues, which the difference can have, are set to 0 in the
    basis where ``X'WX = I``.  Cameron, Gelbach and Miller (2011), Journal of Business & Economic Statistics 29,
    238-249, equations 2.8 and 2.12.

    Parameters
    ----------
    clusters : DataFrame, shape (n, 2)
        A missing value makes the row its own unit.
    """
    crossing = clusters.groupby(list(clusters.columns), observed=True).ngroup()
    kinds = [Groups.of(each) for each in (clusters.iloc[:, 0], clusters.iloc[:, 1], crossing.where(crossing >= 0))]
    basis, inverse = orthonormal(X, weights)
    first, second, both = (_summed_squares(basis, residuals, g, weights, corrected=corrected) for g in kinds)
    values, vectors = np.linalg.eigh(first + second - both)
    negative = bool(values[0] < -SINGULAR * values[-1])
    middle = vectors @ np.diag(np.maximum(values, 0.0)) @ vectors.T
    df = min(_df(g) for g in kinds[:2])
    kind: ClusterKind = "CR1" if corrected else "CR0"
    cut = Text("，负特征值记为0", ", negative eigenvalues set to 0") if negative else Text("", "")
    label = Text(
        "双向聚类稳健 {kind}（{factor}，三部分各用其系数{cut}），{a} G = {g}，{b} G = {h}，自由度 {df}",
        "two-way cluster-robust {kind} ({factor}, each of the three parts by its own{cut}), {a} G = {g}, {b} G = {h}, "
        "df = {df}",
    ).format(
        kind=kind, factor=FACTORS[kind], cut=cut, df=df, g=kinds[0].named, h=kinds[1].named,
        **{key: str(name) for key, name in zip("ab", clusters.columns, strict=True)},
    )  # fmt: skip
    few = min(kinds[:2], key=lambda g: g.named)
    p = len(inverse)
    return Covariance(inverse @ middle @ inverse.T, np.full(p, float(df)), kind, label, few.named, kinds[2].loose)


def cr3(X: Array, residuals: Array, clusters: Clusters, weights: Array | None = None) -> Covariance:
    """Jackknife covariance CR3: ``(G-1)/G sum_g (b_(g) - b)(b_(g) - b)'`` with ``b_(g)`` fitted without cluster g.

    ``t(G - 1)``.  MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38, 671-694, equation 12 (CV3).
    Other programs call the sum without the factor CR3, or take ``G/(G-1)``.  Where leaving a cluster out leaves a
    coefficient without rows (the cluster's own dummy), it is kept at ``b``.
    """
    groups = Groups.of(clusters)
    shifts = left_out_shifts(X, residuals, groups, weights)
    units = len(shifts)
    return _named("CR3", (units - 1) / units * shifts.T @ shifts, groups)


def left_out_shifts(X: Array, residuals: Array, groups: Groups, weights: Array | None = None) -> Array:
    """What each unit does to the coefficients: those of all rows less those without it; shape (units, p).

    In an orthonormal basis ``(I - Z_g'W Z_g)^-1 Z_g'W e_g``: no regression is run again.  The Moore-Penrose inverse
    leaves a coefficient as it is that the other rows cannot tell.
    """
    basis, inverse = orthonormal(X, weights)
    w = np.ones(len(basis)) if weights is None else weights
    moved = []
    for rows in groups.rows():
        block = basis[rows]
        weighted = w[rows][:, None] * block
        left = np.eye(block.shape[1]) - weighted.T @ block
        moved.append(np.linalg.pinv(left, rcond=SINGULAR, hermitian=True) @ (weighted.T @ residuals[rows]))
    return np.asarray(np.array(moved) @ inverse.T)


def _summed_squares(basis: Array, residuals: Array, groups: Groups, weights: Array | None, *, corrected: bool) -> Array:
    """``sum_g Z_g'W_g e_g e_g'W_g Z_g`` in the orthonormal basis, shape (p, p), with CR1's factor where wanted."""
    n, p = basis.shape
    w = np.ones(n) if weights is None else weights
    rows = basis * (w * residuals)[:, None]
    score = np.stack([np.bincount(groups.codes, weights=column) for column in rows.T], axis=1)
    units = len(score)
    factor = units / (units - 1) * (n - 1) / (n - p) if corrected else 1.0
    return cast(Array, factor * score.T @ score)


def _df(groups: Groups) -> int:
    return max(groups.named - 1, 0) + max(groups.loose - 1, 0)


def _named(kind: ClusterKind, matrix: Array, groups: Groups) -> Covariance:
    """The covariance with ``t(G - 1)`` and a label that says its factor."""
    df = _df(groups)
    label = Text(
        "聚类稳健 {kind}（{factor}），G = {g}，自由度 {df}", "cluster-robust {kind} ({factor}), G = {g}, df = {df}"
    ).format(kind=kind, factor=FACTORS[kind], g=groups.named, df=df)
    return Covariance(matrix, np.full(len(matrix), float(df)), kind, label, groups.named, groups.loose)


def cr2(X: Array, residuals: Array, clusters: Clusters, weights: Array | None = None) -> Covariance:
    """Bias-reduced cluster-robust covariance CR2 with Satterthwaite degrees of freedom.

    ``V = B (sum_g X_g'W_g A_g e_g e_g'A_g W_g X_g) B`` with ``B = (X'WX)^-1`` and ``A_g`` the symmetric inverse root of
    ``(I - H)_g (I - H)_g'`` (Moore-Penrose where singular), so that V is unbiased when errors are independent with
    equal variance.  Bell and McCaffrey (2002); with weights and singular blocks Pustejovsky and Tipton (2018).

    Parameters
    ----------
    X : ndarray, shape (n, p)
        Full column rank.
    residuals : ndarray, shape (n,)
        Unweighted residuals of the (weighted) fit.
    clusters : sequence, length n
        A missing value makes the row its own unit.
    weights : ndarray, shape (n,), optional
        Sampling weights; their scale does not matter.
    """
    groups = Groups.of(clusters)
    basis, inverse = orthonormal(X, weights)
    p = basis.shape[1]
    w = np.ones(len(basis)) if weights is None else weights
    squared = basis.T @ (basis * (w**2)[:, None])
    scores, own, sides = [], [], []
    for rows in groups.rows():
        block, weight = basis[rows], w[rows][:, None]
        weighted = weight * block
        adjusted = _adjusted(block, weighted, squared, weighted if weights is not None else None)
        scores.append(adjusted.T @ residuals[rows])
        own.append(adjusted.T @ adjusted)
        sides.append(np.vstack([block.T @ adjusted, weighted.T @ adjusted]))
    eye = np.eye(p)
    middle = np.block([[squared, -eye], [-eye, np.zeros((p, p))]])
    contributions = Contributions(inverse, np.array(own), np.array(sides), middle)
    score = np.array(scores) @ inverse.T
    matrix = score.T @ score
    df = np.array([contributions.satterthwaite(row) for row in eye])
    label = Text(
        "聚类稳健CR2（Bell和McCaffrey，2002），G = {g}，Satterthwaite自由度",
        "cluster-robust CR2 (Bell & McCaffrey 2002), G = {g}, Satterthwaite df",
    ).format(g=groups.named)
    return Covariance(matrix, df, "CR2", label, groups.named, groups.loose, contributions)


def _adjusted(block: Array, weighted: Array, squared: Array, second: Array | None) -> Array:
    """``A_g W_g Z_g`` for one cluster, shape (n_g, p).

    ``A_g`` differs from the identity only in the span of ``Z_g`` (and ``W_g Z_g``): its eigenvalues are found there,
    at a cost linear in the cluster's size.
    """
    span = np.linalg.qr(block if second is None else np.hstack([block, second]))[0]
    t, u = span.T @ block, span.T @ weighted
    core = np.eye(span.shape[1]) - t @ u.T - u @ t.T + t @ squared @ t.T
    values, vectors = np.linalg.eigh(core)
    fitted = values < SINGULAR
    factor = np.where(fitted, 0.0, 1.0 / np.sqrt(np.where(fitted, 1.0, values))) - 1.0
    directions = span @ vectors
    return cast(Array, weighted + directions @ (factor[:, None] * (directions.T @ weighted)))
