"""Fit indices that estimate what the naive ones would be if the data were normal, and complete.

Brosseau-Liard, Savalei and Li (2012), Multivariate Behavioral Research 47, 904-930, and Brosseau-Liard and Savalei
(2014), same journal 49, 460-470, for continuous data; Savalei (2021), same journal 56, 390-407, for ordered answers;
Zhang and Savalei (2023), Psychological Methods 28, 263-283, for missing answers.
"""

from __future__ import annotations

import numpy as np

from sgsurvey.numerics.intervals import noncentrality
from sgsurvey.numerics.linalg import Array

NAMES = ("cfi_robust", "tli_robust", "rmsea_robust", "rmsea_low_robust", "rmsea_high_robust")
NONE = dict.fromkeys(NAMES, float("nan"))


def robust_indices(
    model: tuple[float, float, int], baseline: tuple[float, float, int], *, n: float, groups: int
) -> dict[str, float]:
    """CFI, TLI and RMSEA (with its 90 % interval) from discrepancies and what they would be on average by chance.

    Parameters
    ----------
    model, baseline : (discrepancy, expected, df)
        ``N F``, its mean under the model, and degrees of freedom: ``expected`` is ``df`` times the scaling factor.
    """
    (value, expected, df), (most, by_chance, baseline_df) = model, baseline
    if df <= 0 or expected <= 0:
        return NONE
    excess, worst = value - expected, most - by_chance
    largest = max(excess, worst, 0.0)
    scale = n * df / groups
    low, high = (found * expected / df for found in noncentrality(value * df / expected, df))
    return {
        "cfi_robust": 1 - max(excess, 0.0) / largest if largest > 0 else 1.0,
        "tli_robust": 1 - (excess / df) / (worst / baseline_df) if worst != 0 else float("nan"),
        "rmsea_robust": float(np.sqrt(max(excess, 0.0) / scale)),
        "rmsea_low_robust": float(np.sqrt(low / scale)),
        "rmsea_high_robust": float(np.sqrt(high / scale)),
    }


def expected_residual(weight: Array, slopes: Array, value: Array, covariance: Array) -> float:
    """Mean of the quadratic form ``value`` in the residuals that an estimator leaves: ``tr(E'VE C)``.

    ``E = I - D (D'WD)^-1 D'W``.

    Parameters
    ----------
    weight : shape (m, m), or (m,) for a diagonal
        ``W``, by which the estimator weighed.
    slopes : shape (m, q)
    value : shape (m, m)
        ``V``, that of maximum likelihood for complete normal data.
    covariance : shape (m, m)
        Of the statistics.
    """
    weighted = weight[:, None] * slopes if weight.ndim == 1 else weight @ slopes
    residual = np.eye(len(slopes))
    if slopes.shape[1]:
        residual -= slopes @ np.linalg.solve(slopes.T @ weighted, weighted.T)
    return float((value * (residual @ covariance @ residual.T)).sum())
