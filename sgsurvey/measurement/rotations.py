"""Rotations by name, with their conventions, from one or many starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.numerics import rotation as turns
from sgsurvey.numerics import rotation_criteria as criteria
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

RotationName = Literal[
    "none",
    "varimax",
    "quartimax",
    "equamax",
    "parsimax",
    "crawford_ferguson",
    "promax",
    "oblimin",
    "quartimin",
    "geomin",
    "target",
    "bifactor",
    "simplimax",
    "bentler",
]
PromaxVariant = Literal["psych", "stats", "spss"]
Target: TypeAlias = Mapping[str, Sequence[str]] | pd.DataFrame

# Starts where the criterion is known for ends that are not the best, and a seed was given.
STARTS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Rotation:
    """How factors are rotated.

    Parameters
    ----------
    name : str
        Orthogonal: ``varimax, quartimax, equamax, parsimax``.  Oblique: ``promax, oblimin, quartimin, simplimax``.
        Either, by ``oblique``: ``geomin, target, crawford_ferguson, bentler`` (oblique unless told) and ``bifactor``
        (orthogonal unless told; the first factor is general).
    kaiser : bool
        Rows are brought to length 1 for the rotation (Kaiser normalisation): SPSS does, psych does not for oblimin.
    oblique : bool, optional
        Whether factors may correlate, where the criterion has both forms.
    starts : int, optional
        One is the unrotated solution, more are drawn at random, need a ``seed``, and the best end counts.  Unless told,
        30 for geomin, bifactor and simplimax where there is a seed, and one for the others.
    power : int
        Of promax.
    promax : "psych", "stats" or "spss"
        Target and fit from normalised varimax loadings (``psych::fa(rotate="promax")``); from loadings at their own
        length (``stats::promax``); target from normalised ones, fitted by those at their own length (SPSS).
    gamma : float
        Of oblimin; 0 is quartimin, less allows less correlation.
    kappa : float
        Of the Crawford-Ferguson family, from 0 (simple variables) to 1 (simple factors).
    epsilon : float
        Of geomin.
    target : mapping of factor to items, or DataFrame
        Items that belong to each factor: their loadings there are free, all others are drawn towards 0.  Or the
        loadings wanted, items by factors, nan where free.
    zeros : int, optional
        Of simplimax: how many loadings are drawn towards 0; all but one per item unless told.
    """

    name: RotationName = "oblimin"
    kaiser: bool = True
    oblique: bool | None = None
    starts: int | None = None
    power: int = 4
    promax: PromaxVariant = "psych"
    gamma: float = 0.0
    kappa: float = 0.0
    epsilon: float = 0.01
    target: Target | None = None
    zeros: int | None = None

    def __post_init__(self) -> None:
        for value, known, where in ((self.name, KINDS, "rotation"), (self.promax, get_args(PromaxVariant), "promax")):
            if value not in known:
                raise EstimationError(
                    f"there is no {where} '{value}'.{did_you_mean(str(value), list(known))}",
                    where=where,
                    remedy=f"Use one of {', '.join(known)}.",
                )
        if self.starts is not None and self.starts < 1:
            raise EstimationError("a rotation needs a start.", where="starts", remedy="Give 1 or more.")
        kind = KINDS[self.name]
        if self.oblique is not None and self.oblique != kind.oblique and not kind.both:
            form = "oblique" if kind.oblique else "orthogonal"
            raise EstimationError(
                Text(f"{self.name}只有一种形式（{form}）。", f"{self.name} is {form} alone."),
                where="oblique",
                remedy=Text("请另选旋转方法。", "Choose another rotation."),
            )
        if self.name == "target" and self.target is None:
            raise EstimationError(
                Text("目标旋转需要目标。", "a target rotation needs a target."),
                where="target",
                remedy=Text(
                    '请写明每个因子的题项，如target={"F1": ["a1", "a2"], …}。',
                    'Name the items of each factor, as in target={"F1": ["a1", "a2"], …}.',
                ),
            )
        if self.epsilon <= 0 or not 0 <= self.kappa <= 1 or self.gamma > 1 or self.power < 2:
            raise EstimationError(
                Text("旋转的参数超出范围。", "a parameter of the rotation is out of range."),
                where="Rotation",
                remedy=Text(
                    "epsilon须大于0，kappa在0与1之间，gamma不大于1，power不小于2。",
                    "epsilon must be above 0, kappa from 0 to 1, gamma at most 1, power at least 2.",
                ),
            )

    @property
    def correlated(self) -> bool:
        """Whether the factors may correlate."""
        return KINDS[self.name].oblique if self.oblique is None else self.oblique

    def drawn(self, seed: int | None) -> int:
        """How many starts there are with or without a seed."""
        return self.starts or (STARTS if KINDS[self.name].starts and seed is not None else 1)

    def criterion(self, names: Sequence[str], k: int) -> criteria.Criterion:
        """What is minimised for ``k`` factors of the items ``names``."""
        return KINDS[self.name].criterion(self, names, k)


@dataclass(frozen=True)
class Kind:
    """One rotation: its criterion, its form, and whether one start is enough."""

    criterion: Callable[[Rotation, Sequence[str], int], criteria.Criterion]
    oblique: bool = False
    both: bool = False
    starts: bool = False


def _equamax(_: Rotation, names: Sequence[str], k: int) -> criteria.Criterion:
    return criteria.crawford_ferguson(k / (2 * len(names)))


def _parsimax(_: Rotation, names: Sequence[str], k: int) -> criteria.Criterion:
    return criteria.crawford_ferguson((k - 1) / (len(names) + k - 2))


def _towards(plan: Rotation, names: Sequence[str], k: int) -> criteria.Criterion:
    return criteria.target(*wanted_loadings(plan.target, names, k))


def _bifactor(_: Rotation, names: Sequence[str], k: int) -> criteria.Criterion:
    if k < 3:
        raise EstimationError(
            Text(
                "bifactor至少需要3个因子：1个一般因子和2个组因子。", "bifactor needs a general and two group factors."
            ),
            where="factors",
            remedy=Text("请给出3个或更多因子。", "Ask for three factors or more."),
        )
    return criteria.bifactor(criteria.oblimin())


def _simplimax(plan: Rotation, names: Sequence[str], k: int) -> criteria.Criterion:
    return criteria.simplimax(len(names) * (k - 1) if plan.zeros is None else plan.zeros)


KINDS: dict[str, Kind] = {
    "none": Kind(lambda *_: criteria.varimax),
    "varimax": Kind(lambda *_: criteria.varimax),
    "quartimax": Kind(lambda *_: criteria.crawford_ferguson(0.0)),
    "equamax": Kind(_equamax),
    "parsimax": Kind(_parsimax),
    "crawford_ferguson": Kind(lambda plan, *_: criteria.crawford_ferguson(plan.kappa), oblique=True, both=True),
    "promax": Kind(lambda *_: criteria.varimax, oblique=True),
    "oblimin": Kind(lambda plan, *_: criteria.oblimin(plan.gamma), oblique=True),
    "quartimin": Kind(lambda *_: criteria.oblimin(0.0), oblique=True),
    "geomin": Kind(lambda plan, *_: criteria.geomin(plan.epsilon), oblique=True, both=True, starts=True),
    "target": Kind(_towards, oblique=True, both=True),
    "bifactor": Kind(_bifactor, both=True, starts=True),
    "simplimax": Kind(_simplimax, oblique=True, starts=True),
    "bentler": Kind(lambda *_: criteria.bentler, oblique=True, both=True),
}


@dataclass(frozen=True)
class Turned:
    """Rotated loadings in their final order, with how the starts ended.

    Attributes
    ----------
    loadings : ndarray, shape (p, k)
    phi : ndarray, shape (k, k)
    optima : int
        Different ends among the starts.
    agreed : int
        Starts that ended at the best one.
    """

    loadings: Array
    phi: Array
    optima: int = 1
    agreed: int = 1


def rotate(loadings: Array, rotation: Rotation, seed: int | None, names: Sequence[str] | None = None) -> Turned:
    """``loadings`` rotated, factors by falling variance, each with a positive sum; a target needs the items' names.

    The general factor of ``bifactor`` stays the first; a target keeps its factors in their places.
    """
    p, k = loadings.shape
    if k == 1 or rotation.name == "none":
        return Turned(*arranged(loadings, np.eye(k)))
    weights = turns.kaiser_weights(loadings) if rotation.kaiser else np.ones((p, 1))
    starts = np.eye(k)[None]
    if (count := rotation.drawn(seed)) > 1 and seed is not None:
        starts = np.concatenate([starts, turns.random_turns(k, count - 1, seed)])
    criterion = rotation.criterion(names if names is not None else [str(i) for i in range(p)], k)
    turn = turns.oblique if rotation.correlated and rotation.name != "promax" else turns.orthogonal
    ends = turn(loadings / weights, criterion, starts)
    best = ends.best()
    if not best.converged:
        raise EstimationError(f"{rotation.name} did not converge.", remedy="Ask for fewer factors, or more starts.")
    optima, agreed = _distinct(ends)
    pattern, phi = best.loadings * weights, best.phi
    if rotation.name == "promax":
        pattern, phi = promax(pattern, rotation)
    if rotation.name == "target":
        return Turned(pattern, phi, optima, agreed)
    return Turned(*arranged(pattern, phi, first=1 if rotation.name == "bifactor" else 0), optima, agreed)


def promax(varimax: Array, plan: Rotation) -> tuple[Array, Array]:
    """Pattern and phi from varimax loadings at their own length, shape (..., p, k), in the variant that is named."""
    weights = turns.kaiser_weights(varimax)
    normalised = varimax / weights
    if plan.promax == "stats":
        return turns.promax(varimax, turns.powered(varimax, plan.power))
    target = turns.powered(normalised, plan.power)
    if plan.promax == "spss":
        return turns.promax(varimax, target)
    pattern, phi = turns.promax(normalised, target)
    return pattern * weights, phi


def wanted_loadings(target: Target | None, names: Sequence[str], k: int) -> tuple[Array, Array]:
    """Target loadings, 0 where free, and their weights, 0 where free; shape (p, k) each."""
    if isinstance(target, pd.DataFrame):
        lacking = [name for name in names if name not in target.index]
        if lacking or target.shape[1] != k:
            raise _no_target(k, lacking)
        wanted = target.loc[list(names)].to_numpy(dtype=float)
        return np.nan_to_num(wanted), (~np.isnan(wanted)).astype(float)
    groups: list[Sequence[str]] = [] if target is None else list(target.values())
    stray = [item for group in groups for item in group if item not in names]
    if stray or len(groups) != k:
        raise _no_target(k, stray)
    free = np.array([[name in group for group in groups] for name in names])
    return np.zeros(free.shape), (~free).astype(float)


def arranged(loadings: Array, phi: Array, *, first: int = 0) -> tuple[Array, Array]:
    """Pattern and phi, reordered by falling ``diag(Phi L'L)`` and signed to positive sums, together.

    The first ``first`` factors keep their places.
    """
    sizes = np.diag(phi @ loadings.T @ loadings).copy()
    sizes[:first] = np.inf
    order = np.argsort(-sizes, kind="stable")
    signs = np.where(loadings[:, order].sum(axis=0) < 0, -1.0, 1.0)
    return loadings[:, order] * signs, phi[np.ix_(order, order)] * np.outer(signs, signs)


def _distinct(ends: turns.Ends) -> tuple[int, int]:
    """How many different values the converged searches ended at, and how many of them at the lowest."""
    values = np.sort(ends.value[ends.converged])
    apart = 1e-6 * max(1.0, abs(float(values[0])))
    return 1 + int((np.diff(values) > apart).sum()), int((values < values[0] + apart).sum())


def _no_target(k: int, names: Sequence[str]) -> EstimationError:
    odd = f" ({', '.join(names[:5])})" if names else ""
    return EstimationError(
        Text(f"目标与{k}个因子或题项不符{odd}。", f"the target does not fit {k} factors and the items{odd}."),
        where="target",
        remedy=Text(
            "每个因子一列，题项名称须一致。", "Give a column or a list for each factor, with names of the items."
        ),
    )
