"""Coefficients of reliability as functions of the covariances, with the slopes that their errors come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.measurement.omega import (
    Hierarchical,
    construct_replicability,
    hierarchical_omegas,
    hierarchical_slopes,
    omega_slopes,
    omegas_of,
    replicability_slopes,
)
from sgsurvey.measurement.split_half import (
    first_second,
    flanagan,
    flanagan_slopes,
    odd_even,
    spearman_brown,
    spearman_brown_slopes,
)
from sgsurvey.numerics.covariance_statistics import Function, Slopes, through_correlations
from sgsurvey.numerics.extraction import Extraction
from sgsurvey.numerics.linalg import Array, correlation, is_singular
from sgsurvey.numerics.minimum_trace import MinimumTrace, minimum_trace
from sgsurvey.numerics.one_factor import one_factor_loadings
from sgsurvey.numerics.reliability import (
    alpha_slopes,
    bound_slopes,
    cronbach_alpha,
    cronbach_alphas,
    greatest_lower_bounds,
    guttman_lambda1,
    guttman_lambda2,
    guttman_lambda5,
    guttman_lambda6,
    lambda1_slopes,
    lambda2_slopes,
    lambda5_slopes,
    lambda6_slopes,
)

NAMED_SPLITS = {"odd_even": odd_even, "first_second": first_second}
HIERARCHICAL = ("omega_h", "omega_group", "ecv")


class Smooth(NamedTuple):
    """A coefficient as a function of the covariances, with its slopes; both take (p, p)."""

    value: Callable[[Array], float]
    slopes: Callable[[Array], Array]


class Solved(NamedTuple):
    """The proper solutions that coefficients of a scale rest on, None where there is none.

    Attributes
    ----------
    factor : Extraction or None
        One minres factor.
    general : Hierarchical or None
        A general factor above group factors.
    bound : MinimumTrace or None
        Uniquenesses of the greatest lower bound.
    """

    factor: Extraction | None = None
    general: Hierarchical | None = None
    bound: MinimumTrace | None = None


def smooth_coefficients(cov: Array, solved: Solved) -> dict[str, Smooth]:
    """Every coefficient of items with covariances ``cov`` that has an interval by slopes.

    Omega hierarchical and the greatest lower bound, which are searched for, follow their slopes at ``cov`` linearly: so
    a replicate of the weights costs no search.
    """
    k, corr = len(cov), correlation(cov)
    found = {"alpha": Smooth(cronbach_alpha, alpha_slopes)}
    of_correlations: dict[str, Smooth] = {
        "alpha_std": Smooth(cronbach_alpha, alpha_slopes),
        "lambda1": Smooth(guttman_lambda1, lambda1_slopes),
        "lambda2": Smooth(lambda r: float(guttman_lambda2(r)), lambda2_slopes),
        "lambda3": Smooth(cronbach_alpha, alpha_slopes),
        "lambda5": Smooth(guttman_lambda5, lambda5_slopes),
    }
    if not is_singular(corr):
        of_correlations["lambda6"] = Smooth(lambda r: float(guttman_lambda6(r)), lambda6_slopes)
    if solved.bound is not None:
        bound = float(greatest_lower_bounds(corr[None], solved.bound)[0])
        found["glb"] = _line(cov, bound, bound_slopes(corr[None], solved.bound))
    if solved.factor is not None:
        of_correlations |= _of_factor(solved.factor.loadings[:, 0])
    found |= {name: _standardised(each) for name, each in of_correlations.items()}
    if solved.general is not None:
        found |= _hierarchical(cov, solved.general)
    return found | split_coefficients(k)


def split_coefficients(k: int) -> dict[str, Smooth]:
    """The two named splits of k items, by both formulas."""
    found = {}
    for name, signs in NAMED_SPLITS.items():
        found[f"{name}_spearman_brown"] = _of_split(spearman_brown, spearman_brown_slopes, signs(k))
        found[f"{name}_flanagan"] = _of_split(flanagan, flanagan_slopes, signs(k))
    return found


def joined(smooth: Mapping[str, Smooth]) -> tuple[Function, Slopes]:
    """Several coefficients as one function of the covariances, with its slopes."""
    return (
        lambda cov: np.array([each.value(cov) for each in smooth.values()]),
        lambda cov: np.stack([each.slopes(cov) for each in smooth.values()]),
    )


def drawn_coefficients(cov: Array, names: tuple[str, ...], factor: Extraction | None) -> dict[str, Array]:
    """Some of the coefficients of many covariances, shape (B, p, p) -> (B,) each; nan where one cannot be had."""
    with np.errstate(invalid="ignore", divide="ignore"):
        corr = correlation(cov)
    good = np.asarray(np.isfinite(corr).all(axis=(1, 2)))
    good[good] = np.linalg.eigvalsh(corr[good])[:, 0] > 1e-10

    def where_regular(function: Callable[[Array], Array]) -> Array:
        found = np.full(len(corr), np.nan)
        found[good] = function(corr[good])
        return found

    makers: dict[str, Callable[[], Array]] = {
        "alpha": lambda: cronbach_alphas(cov),
        "lambda2": lambda: guttman_lambda2(corr),
        "lambda6": lambda: where_regular(guttman_lambda6),
        "glb": lambda: where_regular(lambda r: greatest_lower_bounds(r, minimum_trace(r))),
        "omega_h": lambda: where_regular(hierarchical_omegas),
    }
    if factor is not None:
        makers["omega"] = lambda: omegas_of(cov, factor.loadings[:, 0])
    return {name: makers[name]() for name in names if name in makers}


def _standardised(smooth: Smooth) -> Smooth:
    """A coefficient of correlations as one of the covariances."""
    return Smooth(
        lambda cov: smooth.value(correlation(cov)),
        lambda cov: through_correlations(smooth.slopes(correlation(cov)), cov),
    )


def _line(cov: Array, value: float, slopes: Array) -> Smooth:
    """What moves from ``value`` at ``cov`` by constant slopes in the correlations."""
    own = through_correlations(slopes, cov)
    return Smooth(lambda other: value + float((own * (other - cov)).sum()), lambda _: own)


def _hierarchical(cov: Array, general: Hierarchical) -> dict[str, Smooth]:
    """The coefficients of a general factor; none where the rotation is not settled."""
    try:
        slopes = hierarchical_slopes(correlation(cov), general)
    except np.linalg.LinAlgError:
        return {}
    values = (general.omega_h, general.omega_t, general.ecv)
    return {name: _line(cov, *pair) for name, *pair in zip(HIERARCHICAL, values, slopes, strict=True)}


def _of_factor(loadings: Array) -> dict[str, Smooth]:
    """Omega and H of one minres factor, searched from ``loadings``."""

    def near(corr: Array) -> Array:
        return one_factor_loadings(corr[None], loadings)[0]

    return {
        "omega": Smooth(
            lambda corr: float(omegas_of(corr[None], loadings)[0]), lambda corr: omega_slopes(corr, near(corr))
        ),
        "h": Smooth(
            lambda corr: construct_replicability(near(corr)), lambda corr: replicability_slopes(corr, near(corr))
        ),
    }


def _of_split(
    value: Callable[[Array, Array], npt.ArrayLike], slopes: Callable[[Array, Array], Array], signs: Array
) -> Smooth:
    return Smooth(lambda cov: float(np.asarray(value(cov, signs))), lambda cov: slopes(cov, signs))
