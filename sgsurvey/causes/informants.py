"""Evidence from other informants: what one group says of a place, against what the other groups say of its causes.

A respondent who likes a place marks everything up (halo), so that any cause goes with any outcome in one person's
answers.  The mean of group a's outcome in a place, regressed on the means of the *other* groups' ratings there, shares
no person with them: only what places truly differ in can make it (Podsakoff, MacKenzie, Lee and Podsakoff 2003, Journal
of Applied Psychology 88, 879-903: "obtain predictor and criterion from different sources").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers import engine_pandas
from sgsurvey.answers.moments import Array, Moments
from sgsurvey.numerics.errors_in_variables import solve, stable_slopes

# A group's mean in a place needs so many answers; a group needs such means in this share of the places.
FEWEST_ANSWERS = 2
COVERAGE = 2 / 3


@dataclass(frozen=True)
class Informants:
    """Means by place and group as moments over places: one row per place, columns group x drivers, then outcomes.

    Attributes
    ----------
    moments : Moments
        Columns ``group|driver`` of all groups, then ``judge|`` of all judges.
    drivers : tuple of str, length p
    groups : tuple of str
        Informants about the drivers.
    judges : tuple of str
        Groups whose outcome is explained, each by all other groups.
    answers : mapping of group to float
        Mean (weighted) number of answers behind its means: its weight among the groups.
    """

    moments: Moments
    drivers: tuple[str, ...]
    groups: tuple[str, ...]
    judges: tuple[str, ...]
    answers: dict[str, float]

    @property
    def places(self) -> pd.Index:
        """The places in which every group answered."""
        return self.moments.clusters

    def ratings(self, group: str) -> npt.NDArray[np.int64]:
        """Where the driver means of ``group`` stand among the moments."""
        p = len(self.drivers)
        return self.groups.index(group) * p + np.arange(p)

    def outcome(self, judge: str) -> int:
        """Where the outcome mean of ``judge`` stands."""
        return len(self.groups) * len(self.drivers) + self.judges.index(judge)

    def others(self, judge: str) -> Array:
        """Weights that average the ratings of all groups but ``judge``, by their answers; shape (p, P)."""
        p = len(self.drivers)
        weights = np.zeros((p, len(self.moments.names)))
        others = [g for g in self.groups if g != judge]
        for group in others:
            weights[np.arange(p), self.ratings(group)] = self.answers[group] / sum(self.answers[g] for g in others)
        return weights


def gather(
    ratings: pd.DataFrame, outcome: pd.Series, roles: pd.Series, places: pd.Series, weights: Array
) -> Informants | None:
    """Weighted means by place and group; None where no two groups answered in enough places.

    Weights count for the means within a place, and for a group among the groups; each place counts once.

    Parameters
    ----------
    ratings : DataFrame, shape (n, p)
        Drivers in points, nan where not answered.
    outcome : Series, shape (n,)
        Outcome in points; nan also for those whose outcome is not to be explained.
    roles, places : Series, shape (n,)
    weights : ndarray, shape (n,)
        Above 0, with mean 1.
    """
    weight = pd.Series(weights, index=ratings.index)
    groups, judges, answers = [], [], {}
    rated, judged = {}, {}
    everywhere = pd.Index(sorted(places.dropna().unique()))
    for role in roles.dropna().unique():
        mine = roles.eq(role).fillna(False)
        own = weight[mine]
        rated[role] = _means(ratings[mine], own, places[mine], everywhere)
        judged[role] = _means(outcome[mine].to_frame(""), own, places[mine], everywhere)
        answers[str(role)] = float(own.sum()) / len(everywhere) if len(everywhere) else 0.0
        if rated[role].notna().all(axis=1).mean() >= COVERAGE:
            groups.append(str(role))
    for role, table in judged.items():
        if table.notna().all(axis=1).mean() >= COVERAGE and set(groups) - {role}:
            judges.append(str(role))
    if not judges:
        return None
    parts = [rated[g].add_prefix(f"{g}|") for g in groups] + [judged[g].add_prefix(f"{g}|") for g in judges]
    table = pd.concat(parts, axis=1).dropna()
    if len(table) < 2:
        return None
    moments = engine_pandas.moments(table, clusters=pd.Series(table.index, index=table.index))
    return Informants(moments, tuple(ratings.columns), tuple(groups), tuple(judges), answers)


def _means(values: pd.DataFrame, weights: pd.Series, places: pd.Series, everywhere: pd.Index) -> pd.DataFrame:
    """Weighted means in each place; nan where fewer than ``FEWEST_ANSWERS`` answered."""
    sums = values.mul(weights, axis=0).groupby(places).sum()
    answered = values.notna().mul(weights, axis=0).groupby(places).sum()
    enough = values.groupby(places).count() >= FEWEST_ANSWERS
    return (sums / answered).where(enough).reindex(everywhere)


def cross_informant(informants: Informants, cov: Array) -> Array:
    """Coefficients of the outcome of each judging group on the other groups' mean ratings, pooled over judges.

    ``(sum_a w_a S_xx,-a)^-1 sum_a w_a s_xy,-a`` with an intercept for each judging group and ``w_a`` its answers.
    Attenuated: the mean of few people is no perfect rating of a place.

    Parameters
    ----------
    cov : ndarray, shape (R, P, P)
        Replicates of the covariance of ``informants.moments``.

    Returns
    -------
    ndarray, shape (R, p)
    """
    p = len(informants.drivers)
    sxx, sxy = np.zeros((len(cov), p, p)), np.zeros((len(cov), p))
    for judge in informants.judges:
        others = informants.others(judge)
        crossed = informants.answers[judge] * (others @ cov)
        sxx += crossed @ others.T
        sxy += crossed[:, :, informants.outcome(judge)]
    return solve(sxx, sxy)


def disattenuated(informants: Informants, cov: Array) -> tuple[Array, Array]:
    """The same, free of what single groups misjudge: variances of drivers from covariances *between* groups.

    ``Sxx*`` is the mean over pairs of groups of ``(S_bc + S_cb)/2``, ``sxy`` the mean over pairs (b, a) of ``S_b,ya``,
    pairs weighted by the product of their answers: errors and halo that are a group's own fall out of both.

    Returns
    -------
    coefficients : ndarray, shape (R, p)
    smallest : ndarray, shape (R,)
        Smallest eigenvalue of ``Sxx*`` in correlation form; near 0 the coefficients multiply noise.
    """
    p = len(informants.drivers)
    size = informants.answers
    sxx, sxy, pairs, toward = np.zeros((len(cov), p, p)), np.zeros((len(cov), p)), 0.0, 0.0
    for b in informants.groups:
        for c in informants.groups:
            if b != c:
                sxx += size[b] * size[c] * cov[:, informants.ratings(b)[:, None], informants.ratings(c)]
                pairs += size[b] * size[c]
        for a in informants.judges:
            if a != b:
                sxy += size[a] * size[b] * cov[:, informants.ratings(b), informants.outcome(a)]
                toward += size[a] * size[b]
    sxx, sxy = sxx / pairs, sxy / toward
    return stable_slopes(sxx, sxy)
