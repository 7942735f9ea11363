"""What single rows and whole clusters do to a linear regression."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.models.clusters import Groups, left_out_shifts
from sgsurvey.models.covariance import orthonormal
from sgsurvey.models.fit import Fit

# A row with less than this left outside the fit has leverage 1: the fit goes through it whatever it holds.
EXACT = 1e-10


def row_influence(fit: Fit) -> pd.DataFrame:
    """Influence of each row; Belsley, Kuh and Welsch (1980), chapter 2, Cook (1977).

    With weights as of a fit in which each row and its outcome are multiplied by the root of the weight.

    Returns
    -------
    DataFrame
        ``row`` (position among the answers), ``fitted, residual, leverage, standardised`` (residual over its standard
        error), ``rstudent`` (the same with the row left out of the variance), ``bonferroni_p`` (of rstudent, times n),
        ``cooks_d, dffits``, a column ``dfbetas[NAME]`` for each coefficient, and ``few`` (the fitted value is that of
        fewer people than the questionnaire shows).
    """
    design, solution = fit.design, fit.solution
    basis, inverse = orthonormal(design.X, design.weights)
    n, p = basis.shape
    w = np.ones(n) if design.weights is None else design.weights
    leverage = w * np.einsum("ij,ij->i", basis, basis)
    free = np.where(1 - leverage < EXACT, np.nan, 1 - leverage)
    e = np.sqrt(w) * solution.residuals
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = np.sqrt((solution.rss - e**2 / free) / (n - p - 1))
        standardised, rstudent = e / (solution.sigma * np.sqrt(free)), e / (left_out * np.sqrt(free))
        change = basis * (np.sqrt(w) * e / free)[:, None] @ inverse.T
        dfbetas = change / (left_out[:, None] * np.sqrt(np.einsum("ij,ij->i", inverse, inverse)))
        bonferroni = np.minimum(1.0, n * 2 * stats.t.sf(np.abs(rstudent), n - p - 1))
    frame = pd.DataFrame(
        {
            "row": design.rows,
            "fitted": design.y - solution.residuals,
            "residual": solution.residuals,
            "leverage": leverage,
            "standardised": standardised,
            "rstudent": rstudent,
            "bonferroni_p": bonferroni,
            "cooks_d": standardised**2 * leverage / free / p,
            "dffits": rstudent * np.sqrt(leverage / free),
        }
    )
    names = [f"dfbetas[{name}]" for name in design.names]
    few = pd.Series(design.speaks_of_few(design.X), name="few")
    return pd.concat([frame, pd.DataFrame(dfbetas, columns=names), few], axis=1)


def without_each_cluster(fit: Fit) -> pd.DataFrame:
    """Coefficients with each cluster left out; no lines where there are no clusters.

    Returns
    -------
    DataFrame
        One row per cluster and coefficient: ``by`` (the column of clusters), ``cluster, n, term, estimate`` (without
        the cluster; as it is where the rest cannot tell it), ``change`` (from that to the whole), ``variance_share``
        (its square's share in those of all clusters, which make the jackknife variance: a robust standard error itself
        grows with what one cluster does).
    """
    clusters = fit.errors.clusters
    if clusters is None:
        return pd.DataFrame(columns=["by", "cluster", "n", "term", "estimate", "change", "variance_share"])
    kinds = [clusters] if isinstance(clusters, pd.Series) else [clusters[column] for column in clusters]
    return pd.concat([_without_each(fit, kind.iloc[fit.design.rows]) for kind in kinds], ignore_index=True)


def _without_each(fit: Fit, clusters: pd.Series) -> pd.DataFrame:
    groups = Groups.of(clusters)
    names, terms = np.array(list(pd.factorize(clusters)[1]), dtype=object), np.array(fit.design.names, dtype=object)
    design = fit.design
    changes = left_out_shifts(design.X, fit.solution.residuals, groups, design.weights)[: groups.named]
    with np.errstate(invalid="ignore"):
        shares = changes**2 / (changes**2).sum(axis=0)
    return pd.DataFrame(
        {
            "by": clusters.name,
            "cluster": np.repeat(names, len(terms)),
            "n": np.repeat(np.bincount(groups.codes)[: groups.named], len(terms)),
            "term": np.tile(terms, groups.named),
            "estimate": (fit.solution.coefficients - changes).ravel(),
            "change": changes.ravel(),
            "variance_share": shares.ravel(),
        }
    )
