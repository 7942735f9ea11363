"""Rotations by name, with their conventions, from one or many starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.numerics import rotation as turns
from sgsurvey.numerics.linalg import Array

RotationName = Literal["none", "varimax", "promax", "oblimin"]


@dataclass(frozen=True, slots=True)
class Rotation:
    """How factors are rotated.

    Parameters
    ----------
    name : str
        ``oblimin`` is direct oblimin with gamma 0 (quartimin).
    kaiser : bool
        Rows are brought to length 1 for the rotation (Kaiser normalisation): SPSS does, psych does not for oblimin.
    starts : int
        One start is the unrotated solution; more are drawn at random, need a ``seed``, and the best end counts.
    power : int
        Of promax.
    promax : "normalised" or "plain"
        What promax fits its target to: the normalised varimax loadings (psych's ``promax``), or those at their own
        length (R's ``stats::promax``).
    """

    name: RotationName = "oblimin"
    kaiser: bool = True
    starts: int = 1
    power: int = 4
    promax: Literal["normalised", "plain"] = "normalised"

    def __post_init__(self) -> None:
        if self.name not in get_args(RotationName):
            known = list(get_args(RotationName))
            raise EstimationError(
                f"there is no rotation '{self.name}'.{did_you_mean(str(self.name), known)}",
                where="rotation",
                remedy=f"Use one of {', '.join(known)}.",
            )
        if self.starts < 1:
            raise EstimationError("a rotation needs a start.", where="starts", remedy="Give 1 or more.")

    @property
    def oblique(self) -> bool:
        """Whether the factors may correlate."""
        return self.name in ("promax", "oblimin")


@dataclass(frozen=True)
class Turned:
    """Rotated loadings in their final order, with how the starts ended."""

    loadings: Array
    phi: Array
    optima: int


def rotate(loadings: Array, rotation: Rotation, seed: int | None) -> Turned:
    """``loadings`` rotated, factors by falling variance, each with a positive sum."""
    k = loadings.shape[1]
    if k == 1 or rotation.name == "none":
        return Turned(*arranged(loadings, np.eye(k)), optima=1)
    weights = turns.kaiser_weights(loadings) if rotation.kaiser else np.ones((len(loadings), 1))
    starts = [np.eye(k), *(turns.random_turns(k, rotation.starts - 1, seed) if seed is not None else [])]
    if rotation.name == "oblimin":
        ends = [turns.oblique(loadings / weights, turns.oblimin_criterion, start) for start in starts]
    else:
        ends = [turns.orthogonal(loadings / weights, turns.varimax_criterion, start) for start in starts]
    ends = sorted((end for end in ends if end.converged), key=lambda end: end.value)
    if not ends:
        raise EstimationError(f"{rotation.name} did not converge.", remedy="Ask for fewer factors, or more starts.")
    best = ends[0]
    values = np.array([end.value for end in ends])
    optima = 1 + int((np.diff(values) > 1e-6 * max(1.0, abs(best.value))).sum())
    if rotation.name == "promax" and rotation.promax == "plain":
        best, weights = turns.promax(best.loadings * weights, rotation.power), np.ones((len(loadings), 1))
    elif rotation.name == "promax":
        best = turns.promax(best.loadings, rotation.power)
    return Turned(*arranged(best.loadings * weights, best.phi), optima=optima)


def arranged(loadings: Array, phi: Array) -> tuple[Array, Array]:
    """Pattern and phi, reordered by falling ``diag(Phi L'L)`` and signed to positive sums, together."""
    order = np.argsort(-np.diag(phi @ loadings.T @ loadings), kind="stable")
    signs = np.where(loadings[:, order].sum(axis=0) < 0, -1.0, 1.0)
    return loadings[:, order] * signs, phi[np.ix_(order, order)] * np.outer(signs, signs)
