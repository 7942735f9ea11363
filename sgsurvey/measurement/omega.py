"""Formulas of omega: total by two conventions, hierarchical after Schmid and Leiman, and that of ordinal sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgsurvey.measurement.factor_fit import degrees_of_freedom
from sgsurvey.measurement.rotations import Rotation, rotate
from sgsurvey.numerics.extraction import SMALLEST_UNIQUENESS, maximum_likelihood, minres
from sgsurvey.numerics.factor_slopes import FitFunction, rotation_conditions, slopes
from sgsurvey.numerics.linalg import Array, correlation, is_singular
from sgsurvey.numerics.one_factor import curvature, one_factor_loadings
from sgsurvey.numerics.schmid_leiman import schmid_leiman

GROUP_FACTORS = 3
# The unrotated solution may stand on a saddle of oblimin, or fall to a poor end: the best of a few starts, always the
# same ones, counts.
OBLIQUE = Rotation("oblimin", kaiser=False, starts=5)


def omega_total(corr: Array, uniqueness: Array) -> float:
    """``1 - sum of uniquenesses / 1'R1``; McDonald (1999), equation (6.21), with the observed total variance."""
    return float(1 - uniqueness.sum() / corr.sum())


def omega_slopes(corr: Array, loadings: Array) -> Array:
    """How omega total of one minres factor moves with the correlations; shape (p, p), symmetric.

    The loadings move by ``dl = C^-1 dR l`` (``one_factor.curvature``), and ``omega = 1 - sum(1 - l^2) / 1'R1``.
    """
    total = corr.sum()
    pull = np.linalg.solve(curvature(corr[None], loadings[None])[0].T, 2 * loadings / total)
    moved = (np.outer(pull, loadings) + np.outer(loadings, pull)) / 2
    return np.asarray(moved + (1 - loadings**2).sum() / total**2)


def omegas_of(cov: Array, start: Array) -> Array:
    """Omega total of one minres factor for many covariances, shape (B, p, p) -> (B,); searched from ``start``."""
    found = np.full(len(cov), np.nan)
    # What was drawn may have a constant item, or items that determine each other.
    with np.errstate(invalid="ignore", divide="ignore"):
        corr = correlation(cov)
    good = np.asarray(np.isfinite(corr).all(axis=(1, 2)))
    good[good] = np.linalg.eigvalsh(corr[good])[:, 0] > 1e-10
    loadings = one_factor_loadings(corr[good], start)
    uniqueness = np.maximum(1 - loadings**2, SMALLEST_UNIQUENESS)
    found[good] = 1 - uniqueness.sum(axis=1) / corr[good].sum(axis=(1, 2))
    return found


def omega_of_sum(cov: Array) -> float:
    """``(sum of loadings)^2 / 1'S1`` with the loadings of one maximum likelihood factor of the covariances.

    What the model says is common, over the observed variance of the sum of the items as they are; Bentler (2009),
    Psychometrika 74, 137-143.  Maximum likelihood loadings of covariances are those of correlations times the SD.
    """
    scale = np.sqrt(np.diag(cov))
    loadings = maximum_likelihood(correlation(cov), 1).loadings[:, 0] * scale
    return float(loadings.sum() ** 2 / cov.sum())


def replicability_slopes(corr: Array, loadings: Array) -> Array:
    """How H of one minres factor moves with the correlations; shape (p, p).  As ``omega_slopes``."""
    ratio = (loadings**2 / (1 - loadings**2)).sum()
    of_loadings = 2 * loadings / (1 - loadings**2) ** 2 / (1 + ratio) ** 2
    pull = np.linalg.solve(curvature(corr[None], loadings[None])[0].T, of_loadings)
    return np.asarray((np.outer(pull, loadings) + np.outer(loadings, pull)) / 2)


def construct_replicability(loadings: Array) -> float:
    """H, reliability of the best weighted sum, ``1 / (1 + 1 / sum(l^2 / (1 - l^2)))``; Hancock and Mueller (2001)."""
    ratio = float((loadings**2 / (1 - loadings**2)).sum())
    return ratio / (1 + ratio)


@dataclass(frozen=True)
class Hierarchical:
    """A general factor above group factors.

    Attributes
    ----------
    omega_h : float
        ``(sum of general loadings)^2 / 1'R1``.
    omega_t : float
        ``1 - sum of uniquenesses / 1'R1``, with all the factors.
    ecv : float
        Share of the common variance that is the general factor's.
    proper : bool
        No communality and no second-order loading reaches 1.
    pattern, phi, uniqueness : ndarray
        The oblique solution, and
    second_order : ndarray, shape (k,)
        the loadings of its factors on the general one.
    """

    omega_h: float
    omega_t: float
    ecv: float
    proper: bool
    pattern: Array
    phi: Array
    uniqueness: Array
    second_order: Array


def hierarchical_omega(corr: Array, k: int = GROUP_FACTORS) -> Hierarchical | None:
    """Omega hierarchical from ``k`` oblique minres factors (oblimin, no Kaiser) and one minres factor above them.

    Zinbarg, Revelle, Yovel and Li (2005), Psychometrika 70, 123-133.  None where ``k`` factors are not identified, or
    either step found no proper solution.
    """
    if k < 3 or degrees_of_freedom(len(corr), k) < 0:
        return None
    first = minres(corr, k)
    if not first.converged:
        return None
    solution = rotate(first.loadings, OBLIQUE, seed=0)
    found = schmid_leiman(solution.loadings, solution.phi)
    general = (found.general**2).sum()
    return Hierarchical(
        float(found.general.sum() ** 2 / corr.sum()),
        omega_total(corr, first.uniqueness),
        float(general / (general + (found.group**2).sum())),
        found.proper and not bool(first.heywood.any()),
        solution.loadings,
        solution.phi,
        first.uniqueness,
        found.second_order,
    )


def hierarchical_omegas(corr: Array, k: int = GROUP_FACTORS) -> Array:
    """Omega hierarchical of many correlation matrices, shape (B, p, p) -> (B,); nan where there is none.

    What is drawn may be improper: leaving such draws out would leave out one side of the distribution.
    """
    found = np.full(len(corr), np.nan)
    for at, each in enumerate(corr):
        if np.isfinite(each).all() and not is_singular(each):
            general = hierarchical_omega(each, k)
            found[at] = np.nan if general is None else general.omega_h
    return found


def hierarchical_slopes(corr: Array, found: Hierarchical) -> Array:
    """How omega hierarchical, omega total and ECV of a proper solution move with the correlations; shape (3, p, p).

    Loadings and factor correlations move as ``factor_slopes`` says, the second-order loadings by
    ``dg = C^-1 dPhi g`` (``one_factor.curvature``).
    """
    pattern, phi, second, total = found.pattern, found.phi, found.second_order, corr.sum()
    (p, k), below = pattern.shape, np.tril_indices(len(phi), -1)
    oblimin = OBLIQUE.criterion([str(i) for i in range(p)], k)
    moved = slopes(
        corr, pattern, phi, found.uniqueness, FitFunction("least_squares"),
        rotation_conditions(oblimin, oblique=True, kaiser=False), oblique=True,
    )  # fmt: skip
    of_pattern, of_phi = moved[: p * k].reshape(p, k, -1), np.zeros((k, k, moved.shape[1]))
    of_phi[below] = of_phi[below[::-1]] = moved[p * k :]
    of_second = np.linalg.solve(curvature(phi[None], second[None])[0], np.einsum("abq,b->aq", of_phi, second))
    general, common = pattern @ second, 1 - found.uniqueness
    of_general = np.einsum("pkq,k->pq", of_pattern, second) + pattern @ of_second
    of_common = 2 * np.einsum("pkq,pk->pq", of_pattern, pattern @ phi)
    of_common += np.einsum("pa,abq,pb->pq", pattern, of_phi, pattern)
    sum_, shared = general.sum(), common.sum()
    # The sum of all correlations moves by 2 with each of them.
    of_values = [
        2 * sum_ * of_general.sum(axis=0) / total - 2 * sum_**2 / total**2,
        of_common.sum(axis=0) / total + 2 * (p - shared) / total**2,
        2 * general @ of_general / shared - found.ecv * of_common.sum(axis=0) / shared,
    ]
    made, (i, j) = np.zeros((3, p, p)), np.tril_indices(p, -1)
    made[:, i, j] = made[:, j, i] = np.array(of_values) / 2
    return made
