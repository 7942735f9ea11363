"""Every reasonable way to run the regression: outcomes, covariates, respondents, levels, weights; one resampling plan.

Simonsohn, Simmons and Nelson (2020), Specification curve analysis, Nature Human Behaviour 4, 1208-1214.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.moments import Moments
from sgsurvey.causes.evidence import Evidence
from sgsurvey.causes.resampling import Plan, jackknife_error, t_interval, t_test
from sgsurvey.causes.township import PLACES_PER_DRIVER
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.partial import SINGULAR, residual_covariance

Level = Literal["all", "within", "between"]
Rows = npt.NDArray[np.bool_]


class Choice(NamedTuple):
    """One specification of the regression of the outcome on one driver.

    Attributes
    ----------
    outcome : name of the construct, or of one of its items
    covariates : "none", "groups", "groups and covariates"
    others : "all" other drivers beside it, "none", or the one left out ("without MGT")
    respondents : "all", "with suspects" (who are in no other), or the group left out ("without villager")
    level : "all" respondents, "within" places, "between" places
    weights : "design" where the design's weights are used, "none" where they are not, or where there are none
    """

    outcome: str
    covariates: str
    others: str
    respondents: str
    level: Level
    weights: str


@dataclass(frozen=True)
class Specifications:
    """Coefficients of one driver in every specification, for every replicate of a plan.

    Attributes
    ----------
    choices : tuple of Choice
    n : ndarray, shape (S,)
        Respondents.
    replicates : ndarray, shape (1 + G + draws, S)
        nan where a replicate cannot be fitted.
    plan : Plan
    failed : int
        Specifications that could not be fitted.
    """

    choices: tuple[Choice, ...]
    n: Array
    replicates: Array
    plan: Plan
    failed: int

    @property
    def estimates(self) -> Array:
        """Coefficients, shape (S,)."""
        return self.plan.split(self.replicates)[0]

    @property
    def errors(self) -> Array:
        """Jackknife standard errors over places, shape (S,)."""
        estimate, left_out, _ = self.plan.split(self.replicates)
        return jackknife_error(estimate, left_out)

    @property
    def p_values(self) -> Array:
        """Two-sided p of each coefficient, t(G - 1)."""
        return t_test(self.estimates, self.errors, self.plan.places - 1.0)[1]

    def interval(self, conf_level: float) -> tuple[Array, Array]:
        """Limits of each coefficient, t(G - 1)."""
        return t_interval(self.estimates, self.errors, self.plan.places - 1.0, conf_level)

    def joint_p(self) -> float:
        """P of a median coefficient at least as far from 0 if the driver went with nothing in any specification.

        Under that hypothesis the outcome is ``y - b x`` of the specification, whose coefficient in a draw is the draw's
        less ``b``: draws of places, centred.
        """
        estimate, _, draws = self.plan.split(self.replicates)
        there = draws[np.isfinite(draws).any(axis=1)]
        centred = np.abs(np.nanmedian(there - estimate, axis=1))
        return float((1 + (centred >= abs(np.median(estimate))).sum()) / (1 + len(centred)))


def specifications(
    evidence: Evidence, outcomes: pd.DataFrame, groups: Mapping[str, Rows], plan: Plan, units: pd.Series
) -> dict[str, Specifications]:
    """All specifications of every driver.

    Parameters
    ----------
    outcomes : DataFrame, shape (n, k)
        The outcome and its items, in points.
    groups : mapping of name to rows
        Sets of respondents to run on, ``all`` first.
    units : Series of int, length n
        Which of the places that the plan counts each row belongs to; rows of none (-1) are left out.
    """
    found: dict[str, list[tuple[Choice, float, Array]]] = {driver: [] for driver in evidence.drivers}
    levels: tuple[Level, ...] = ("all",) if evidence.places is None else ("all", "within", "between")
    for outcome, (name, rows), (weights, about) in product(outcomes, groups.items(), _weighings(evidence).items()):
        about = replace(about, frame=evidence.frame.assign(**{evidence.outcome: outcomes[outcome]}))
        there = rows & about.rows([evidence.outcome, *evidence.drivers]) & units.ge(0).to_numpy()
        controls = evidence.controls(there)
        moments = about.moments_of(there, units)
        factors = plan.factors[:, moments.clusters]
        for level in levels:
            cov, n = _covariances(moments, factors, level)
            for covariates, held in _held(controls, len(evidence.drivers)).items():
                residual = residual_covariance(cov, range(1 + len(evidence.drivers)), held)
                for driver, others, values in _slopes(residual, np.diag(cov[0]), evidence.drivers, n - len(held)):
                    choice = Choice(str(outcome), covariates, others, name, level, weights)
                    found[driver].append((choice, float(there.sum()), values))
    return {driver: _stacked(each, plan) for driver, each in found.items()}


def _weighings(evidence: Evidence) -> dict[str, Evidence]:
    """With the design's weights and without them; without them alone where the design has none."""
    plain = {"none": replace(evidence, weights=None)}
    return plain if evidence.weights is None else {"design": evidence, **plain}


def _stacked(found: Sequence[tuple[Choice, float, Array]], plan: Plan) -> Specifications:
    """Those that the sample itself and all samples with one place left out can be fitted with."""
    usable = [each for each in found if np.isfinite(each[2][: 1 + plan.places]).all()]
    columns = [values for _, _, values in usable]
    replicates = np.column_stack(columns) if columns else np.empty((len(plan.factors), 0))
    choices = tuple(choice for choice, _, _ in usable)
    return Specifications(choices, np.array([n for _, n, _ in usable]), replicates, plan, len(found) - len(usable))


def _held(controls: pd.DataFrame, drivers: int) -> dict[str, list[int]]:
    """Columns of what is held fixed beside the drivers, by name; each set once."""
    groups = [k for k, name in enumerate(controls) if str(name).startswith("role=")]
    sets = {"none": [], "groups": groups, "groups and covariates": list(range(controls.shape[1]))}
    different = {tuple(columns): name for name, columns in reversed(sets.items())}
    return {name: [1 + drivers + k for k in columns] for columns, name in sorted(different.items())}


def _slopes(residual: Array, variance: Array, drivers: Sequence[str], n: int) -> Iterator[tuple[str, str, Array]]:
    """Each driver's slope beside all other drivers, none, and all but one; where n is enough for them.

    Nan in replicates in which hardly anything is left of the ``variance`` that it has in the sample.
    """
    for at, driver in enumerate(drivers, start=1):
        others = [k for k in range(1, len(drivers) + 1) if k != at]
        sets = {"all": others, "none": []}
        if len(others) > 1:
            sets |= {f"without {drivers[k - 1]}": [o for o in others if o != k] for k in others}
        for name, given in sets.items():
            if n > PLACES_PER_DRIVER * (1 + len(given)):
                left = residual_covariance(residual, [0, at], given)
                varies = left[:, 1, 1] > SINGULAR * max(float(variance[at]), 1e-300)
                yield (
                    driver,
                    name,
                    np.divide(left[:, 0, 1], left[:, 1, 1], out=np.full(len(left), np.nan), where=varies),
                )


def _covariances(moments: Moments, factors: Array, level: Level) -> tuple[Array, int]:
    """Covariances of all replicates over respondents, within places or between their means; units that they rest on."""
    if level == "all":
        return moments.replicate(factors)[2], int(moments.n)
    first = moments.first / moments.weight[:, None]
    between = moments.weight[:, None, None] * first[:, :, None] * first[:, None, :]
    p = len(moments.names)
    if level == "within":
        inside = (moments.second - between).reshape(len(first), p * p)
        return (factors @ inside).reshape(-1, p, p), int(moments.n) - len(first)
    n = factors @ moments.weight
    mean = (factors @ moments.first) / n[:, None]
    spread = (factors @ between.reshape(len(first), p * p)).reshape(-1, p, p)
    return spread - n[:, None, None] * mean[:, :, None] * mean[:, None, :], len(first)
