"""Maximum likelihood of cumulative link models with a random intercept, and their errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.cumulative import Cumulative, Link
from sgsurvey.numerics.cumulative_groups import Evaluated, GroupedCumulative
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

FIRST_SD = 0.5
ITERATIONS = 200
# What a step may still gain in log-likelihood: where the search by an estimated curvature ends, and where all ends.
NEAR = 1e-10
CONVERGED = 1e-12
# A standard deviation between groups below this share of the latent one adds nothing that can be told from 0.
NONE = 1e-4
# Ten standard deviations within groups (an intraclass correlation of .99): the groups separate the categories.
TOO_MUCH = 10.0
# Variance of the latent variable within groups.
LATENT: dict[Link, float] = {"logit": np.pi**2 / 3, "probit": 1.0}
# Step of the central differences that turn gradients into second derivatives; predictors have standard deviation 1.
DIFFERENCE = 3e-5


@dataclass(frozen=True)
class GroupedFit:
    """A fitted model.

    Attributes
    ----------
    theta : ndarray, shape (K - 1 + p,)
        Thresholds, then slopes.
    sd : float
        Of the groups' intercepts; 0 where they do not differ.
    covariance : ndarray, shape (K + p, K + p)
        Of ``theta`` and ``sd``, by the second derivatives; 0 for an ``sd`` of 0.
    log_likelihood, flat_log_likelihood : float
        With and without groups.
    effects, errors : ndarray, shape (G,)
        The groups' most likely intercepts, and their standard deviations given the estimates.
    """

    theta: Array
    sd: float
    covariance: Array
    log_likelihood: float
    flat_log_likelihood: float
    effects: Array
    errors: Array


def fit_groups(
    X: Array, y: npt.NDArray[np.int64], codes: npt.NDArray[np.int64], categories: int, link: Link, nodes: int
) -> GroupedFit:
    """Maximise the likelihood.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        Without a constant, of full column rank beside one.
    y : ndarray of int, shape (n,)
        Categories 0 … K - 1, none empty.
    codes : ndarray of int, shape (n,)
        Groups 0 … G - 1, none empty.

    Raises
    ------
    EstimationError
        A predictor separates categories, groups differ without bound, or no convergence.
    """
    order = np.argsort(codes, kind="stable")
    mean, scale = X.mean(axis=0), X.std(axis=0)
    model = GroupedCumulative((X[order] - mean) / scale, y[order], codes[order], categories, link, nodes)
    flat = Cumulative(model.X, model.y, categories, link)
    ones = np.ones(len(y))
    start = flat.value(ones)
    flat_likelihood = flat.log_likelihood(start, ones)
    information = np.zeros((len(start) + 1, len(start) + 1))
    information[:-1, :-1] = flat.information(start, ones)
    information[-1, -1] = len(y) / 10
    theta, here = _searched(model, np.append(start, FIRST_SD), np.asarray(np.linalg.inv(information)))
    theta, here, curvature = _polished(model, theta, here)
    turn = _restoring(mean, scale, categories - 1)
    if abs(theta[-1]) < NONE or here.log_likelihood <= flat_likelihood:
        covariance = np.zeros(information.shape)
        covariance[:-1, :-1] = np.linalg.inv(information[:-1, :-1])
        none = np.zeros(codes.max() + 1)
        covariance, start = turn @ covariance @ turn.T, turn[:-1, :-1] @ start
        return GroupedFit(start, 0.0, covariance, flat_likelihood, flat_likelihood, none, none)
    # The likelihood does not know the sign of the groups' standard deviation.
    sd, sign = float(abs(theta[-1])), np.append(np.ones(len(start)), np.sign(theta[-1]))
    covariance = turn @ (np.linalg.inv(curvature) * np.outer(sign, sign)) @ turn.T
    effects, errors = theta[-1] * here.modes, sd / np.sqrt(here.curvatures)
    return GroupedFit((turn @ theta)[:-1], sd, covariance, here.log_likelihood, flat_likelihood, effects, errors)


def _searched(model: GroupedCumulative, theta: Array, inverse: Array) -> tuple[Array, Evaluated]:
    """Quasi-Newton steps (Broyden, Fletcher, Goldfarb, Shanno), halved until the likelihood rises enough."""
    here = model.evaluate(theta, np.zeros(model.codes[-1] + 1))
    for _ in range(ITERATIONS):
        step = inverse @ here.gradient
        gain = float(here.gradient @ step)
        if gain < NEAR:
            break
        found = _risen(model, theta, step, here, gain)
        if found is None:
            break
        there = found[1]
        moved, turned = found[0] - theta, here.gradient - there.gradient
        curved = float(moved @ turned)
        if curved > 1e-12:
            left = np.eye(len(theta)) - np.outer(moved, turned) / curved
            inverse = left @ inverse @ left.T + np.outer(moved, moved) / curved
        theta, here = found
        if abs(theta[-1]) > TOO_MUCH * np.sqrt(LATENT[model.link]):
            raise EstimationError(
                Text(
                    "各组几乎完全决定类别，组间差别趋于无穷。",
                    "groups tell categories apart: their variance runs to infinity.",
                ),
                remedy=Text("请合并类别，或改用较大的组。", "Join categories, or use larger groups."),
            )
    return theta, here


def _risen(
    model: GroupedCumulative, theta: Array, step: Array, here: Evaluated, gain: float
) -> tuple[Array, Evaluated] | None:
    k, length = model.categories - 1, 1.0
    for _ in range(40):
        there = theta + length * step
        if (np.diff(there[:k]) > 0).all():
            found = model.evaluate(there, here.modes)
            if found.log_likelihood >= here.log_likelihood + 1e-4 * length * gain:
                return there, found
        length /= 2
    return None


def _polished(model: GroupedCumulative, theta: Array, here: Evaluated) -> tuple[Array, Evaluated, Array]:
    """Newton steps until nothing is left to gain, and the curvature there, taken anew where the search ended early."""
    for _ in range(6):
        curvature = _curvature(model, theta, here.modes)
        for _ in range(3):
            step = np.linalg.solve(curvature, here.gradient)
            gain = float(here.gradient @ step)
            if abs(gain) < CONVERGED:
                return theta, here, curvature
            theta = theta + step
            here = model.evaluate(theta, here.modes)
    raise EstimationError(
        Text("似然没有收敛。", "the likelihood did not converge."),
        remedy=Text("请减少自变量，或合并类别。", "Use fewer predictors, or join categories."),
    )


def _curvature(model: GroupedCumulative, theta: Array, modes: Array) -> Array:
    """Minus the second derivatives, by central differences of the exact gradient."""
    found = np.empty((len(theta), len(theta)))
    for j in range(len(theta)):
        step = np.zeros(len(theta))
        step[j] = DIFFERENCE
        ends = (model.evaluate(theta + sign * step, modes).gradient for sign in (-1, 1))
        found[j] = np.subtract(*ends) / (2 * DIFFERENCE)
    return (found + found.T) / 2


def _restoring(mean: Array, scale: Array, cuts: int) -> Array:
    """From parameters of standardised predictors to those of the predictors as they came."""
    turn = np.eye(cuts + len(mean) + 1)
    slopes = np.arange(cuts, cuts + len(mean))
    turn[slopes, slopes] = 1 / scale
    turn[:cuts, slopes] = mean / scale
    return turn
