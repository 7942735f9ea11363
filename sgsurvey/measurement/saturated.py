"""Means and covariances of a group's rows, whatever they lack."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sgsurvey.errors import DataError, EstimationError
from sgsurvey.numerics.discrepancy import SampleMoments
from sgsurvey.numerics.em import Patterns, available_moments, normal_moments
from sgsurvey.text import Text


def saturated_moments(found: Patterns, names: Sequence[str]) -> SampleMoments:
    """Mean and covariance at the maximum of the normal likelihood, divisor ``n``; nan where there is no row.

    Raises
    ------
    DataError
        Two variables that no row has together.
    EstimationError
        The search does not end.
    """
    n, p = float(found.n.sum()), found.given.shape[1]
    if not len(found.n):
        return SampleMoments(n, np.full((p, p), np.nan), np.full(p, np.nan))
    if len(found.n) == 1 and found.given.all():
        return SampleMoments(n, found.cov[0], found.mean[0])
    there = found.given.astype(float)
    apart = np.argwhere(there.T @ there == 0)
    if len(apart):
        i, j = apart[0]
        raise DataError(
            Text(f"没有人同时回答{names[i]}和{names[j]}。", f"nobody answered both {names[i]} and {names[j]}."),
            remedy=Text("请去掉其中之一，或把两种问卷分开分析。", "Leave one out, or analyse the two forms apart."),
        )
    _, mean, variance = available_moments(found)
    if (variance <= 1e-12).any():
        return SampleMoments(n, np.diag(variance), mean)
    moments = normal_moments(found)
    if not moments.converged:
        raise EstimationError(
            Text(
                "有缺失时的均值和协方差没有收敛：缺失太多。",
                "means and covariances under missing answers did not converge: too much is missing.",
            ),
            remedy=Text("请减少题项，或用missing='listwise'。", "Use fewer items, or missing='listwise'."),
        )
    return SampleMoments(n, moments.cov, moments.mean)
