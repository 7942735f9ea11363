"""What a structural model leaves unexplained: residuals of covariances and means, and where a factor's scores lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.discrepancy import Likelihood, SampleMoments
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.structural import GroupStructure, Structure
from sgsurvey.text import Text

ResidualKind = Literal["raw", "correlation", "standardised"]
ScoreMethod = Literal["regression", "bartlett"]


def normal_gamma(cov: Array) -> Array:
    """Covariances of the elements of ``vech(S)`` under normality, times n; shape (m, m)."""
    row, col = np.tril_indices(len(cov))
    first = cov[np.ix_(row, row)] * cov[np.ix_(col, col)]
    return np.asarray(first + cov[np.ix_(row, col)] * cov[np.ix_(col, row)])


def residual_covariances(
    structure: Structure,
    theta: Array,
    group: int,
    samples: Sequence[SampleMoments],
    kind: ResidualKind,
) -> Array:
    """Observed less implied covariances of a group; shape (p, p).

    ``correlation`` compares correlations; ``standardised`` divides by the error that the residuals have where the
    model holds in normal data fitted by ML: as z, beyond about 2 in size they are more than chance (Bentler 1995).
    """
    part, sample = structure.parts[group], samples[group]
    implied = part.implied(theta).cov
    if kind == "raw":
        return sample.cov - implied
    if kind == "correlation":
        return correlation(sample.cov) - correlation(implied)
    if kind != "standardised":
        raise EstimationError(
            Text(f"没有残差“{kind}”。", f"there are no '{kind}' residuals."),
            where="kind",
            remedy=Text("可用：raw、correlation、standardised。", "Use raw, correlation or standardised."),
        )
    likelihood = Likelihood(structure, samples)
    covariance = np.linalg.inv(likelihood.n / 2 * likelihood.slope(theta)[1])
    gamma = normal_gamma(sample.cov)
    turn = part.jacobian(theta).cov
    inverse = np.linalg.inv(normal_gamma(implied))
    moved = turn @ covariance
    shared = np.einsum("ij,ji->i", moved, turn.T @ inverse @ gamma)
    own = np.einsum("ij,jk,ik->i", moved, _score_variance(structure, theta, samples), moved)
    variance = np.diag(gamma) / sample.n - 2 * shared + own
    row, col = part.triangle
    gap = (sample.cov - implied)[row, col]
    exact = variance < 1e-8 * np.diag(gamma) / sample.n
    z = np.where(exact, 0.0, gap / np.sqrt(np.where(exact, 1.0, variance)))
    found = np.zeros_like(implied)
    found[row, col] = found[col, row] = z
    return found


def _score_variance(structure: Structure, theta: Array, samples: Sequence[SampleMoments]) -> Array:
    """Variance of the ML score in normal data with the sample's moments; shape (q, q)."""
    total = np.zeros((structure.q, structure.q))
    for part, sample in zip(structure.parts, samples, strict=True):
        implied, slopes = part.implied(theta), part.jacobian(theta)
        pulled = np.linalg.solve(normal_gamma(implied.cov), slopes.cov)
        total += sample.n * pulled.T @ normal_gamma(sample.cov) @ pulled
        if structure.means:
            lifted = np.linalg.solve(implied.cov, slopes.mean)
            total += sample.n * lifted.T @ sample.cov @ lifted
    return total


def score_weights(part: GroupStructure, theta: Array, method: ScoreMethod) -> tuple[Array, Array]:
    """Weights of the centred observed variables in the factors' scores, shape (k, p), and the factors' means (k,).

    Regression scores (Thurstone 1935) are what a factor is expected to be, given the answers; Bartlett's (1937) are
    unbiased for each person.
    """
    p, full = part.p, part.solved(theta)
    if method == "regression":
        weights = np.linalg.solve(full.cov[:p, :p], full.cov[:p, p:]).T
        return np.asarray(weights), full.mean[p:]
    among = np.linalg.inv(np.eye(p) - full.paths[:p, :p])
    loading = among @ full.paths[:p, p:]
    unique = among @ full.residual[:p, :p] @ among.T
    try:
        inner = loading.T @ np.linalg.solve(unique, loading)
        weights = np.linalg.solve(inner, np.linalg.solve(unique, loading).T)
    except np.linalg.LinAlgError:
        raise EstimationError(
            Text(
                "Bartlett得分要求每个因子有自己的题项且残差方差为正。",
                "Bartlett's scores need items of each factor's own, with residual variances.",
            ),
            where="method",
            remedy=Text("请用method='regression'。", "Use method='regression'."),
        ) from None
    return np.asarray(weights), full.mean[p:]
