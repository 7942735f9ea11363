"""The linear mixed model by (restricted) maximum likelihood in the relative factor of its random effects.

``y = X b + Z u + e`` with ``var(e) = s`` and ``var(u) = s L L'``, L lower triangular with the elements ``theta``: at a
given theta the best b and s follow by generalised least squares, so the deviance is a function of theta alone.  Bates,
Maechler, Bolker and Walker (2015), Journal of Statistical Software 67(1), section 3; Pinheiro and Bates (2000),
Mixed-Effects Models in S and S-PLUS, chapter 2.  What ``Z`` looks like is known to a ``Structure`` only: groups whose
slopes differ (``random_slopes.py``), or groups that cross (``crossed_intercepts.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.units import Units
from sgsurvey.text import Text

# Diagonal elements of the relative factor below which 0 is tried in their place.
NEAR_ZERO = 1e-3
# Where diagonal elements start.  Not at 1: the search's first step has the length 1, and would end at 0, where the
# gradient is 0 whatever the data.
START = 0.7
# Eigenvalues of the Hessian below this share of the largest, with a minus, are a direction in which the deviance falls.
SADDLE = 1e-6
# Largest decrease of the deviance that a Newton step may still promise at the optimum.
FLAT = 1e-9
# The same where no step lowers it: what is nearly singular is flat, and no quadratic.
LITTLE = 1e-3


class Parts(NamedTuple):
    """What a structure gives at theta, in units of the residual variance.

    Attributes
    ----------
    products : ndarray, shape (p + 1, p + 1)
        ``W' V^-1 W`` of predictors and outcome.
    slopes : ndarray, shape (k, p + 1, p + 1)
        Its derivatives in theta.
    logs : float
        ``log |V|``.
    log_slopes : ndarray, shape (k,)
    """

    products: Array
    slopes: Array
    logs: float
    log_slopes: Array


class Effects(NamedTuple):
    """Best linear predictors and their variances given the estimates, shape (G, q), of one grouping."""

    estimates: Array
    variances: Array


class Structure(Protocol):
    """The random part of a model."""

    @property
    def n(self) -> int:
        """Rows."""

    @property
    def p(self) -> int:
        """Predictors."""

    @property
    def units(self) -> Units:
        """Of the data."""

    @property
    def diagonal(self) -> npt.NDArray[np.bool_]:
        """Which elements of theta lie on the diagonal of the factor; shape (k,)."""

    def upright(self, theta: Array) -> Array:
        """The theta of the same covariance whose diagonal elements are not below 0."""

    def at(self, theta: Array) -> Parts:
        """The likelihood's parts."""

    def components(self, theta: Array) -> Array:
        """Variances and covariances of the random effects over the residual variance, shape (c,)."""

    def mean_variance(self, theta: Array) -> float:
        """Variance of ``Z u`` over the residual variance, on average over the rows."""

    def effects(self, theta: Array, contrast: Array) -> tuple[Effects, ...]:
        """Predictors of each grouping's effects for the residuals ``W @ contrast``."""


@dataclass(frozen=True)
class MixedModel:
    """A structure and the likelihood that is maximised: REML where ``restricted``, else ML."""

    structure: Structure
    restricted: bool

    @property
    def df(self) -> int:
        """What the residual sum of squares is divided by."""
        return self.structure.n - self.structure.p * self.restricted


@dataclass(frozen=True)
class MixedSolution:
    """Coefficients and variances with what their inference needs, in the units of the data.

    Attributes
    ----------
    theta : ndarray, shape (k,)
    coefficients : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
        ``(X' V^-1 X)^-1`` at the estimated variances.
    slopes : ndarray, shape (k + 1, p, p)
        Derivatives of ``covariance`` in theta and the residual variance.
    observed : ndarray, shape (k + 1, k + 1)
        Covariance of theta and the residual variance, by the second derivatives of the deviance.
    components : ndarray, shape (c + 1,)
        Variances and covariances of random effects, then the residual variance.
    component_covariance : ndarray, shape (c + 1, c + 1)
        Of these, by the delta method; in a singular fit without meaning but for the last.
    mean_variance : float
        Of the random part, on average over the rows (Johnson 2014).
    effects : tuple of Effects
        One per grouping.
    deviance : float
        -2 log-likelihood.
    singular : bool
        Whether a variance is 0, or effects are an exact combination of others.
    """

    theta: Array
    coefficients: Array
    covariance: Array
    slopes: Array
    observed: Array
    components: Array
    component_covariance: Array
    mean_variance: float
    effects: tuple[Effects, ...]
    deviance: float
    singular: bool


class _Local(NamedTuple):
    """The deviance and its gradient at theta, with what they were made of."""

    value: float
    gradient: Array
    rss: float
    parts: Parts
    inverse: Array
    contrast: Array


def _local(model: MixedModel, theta: Array, residual: float | None = None) -> _Local:
    """At the best residual variance, or at a given one; the gradient is in theta alone."""
    parts, df = model.structure.at(theta), model.df
    inside = parts.products[:-1, :-1]
    inverse = np.asarray(np.linalg.inv(inside))
    contrast = np.append(-inverse @ parts.products[:-1, -1], 1.0)
    rss = float(contrast @ parts.products @ contrast)
    s = rss / df if residual is None else residual
    value = df * np.log(2 * np.pi * s) + rss / s + parts.logs
    gradient = contrast @ parts.slopes @ contrast / s + parts.log_slopes
    if model.restricted:
        value += np.linalg.slogdet(inside)[1]
        gradient = gradient + np.einsum("ij,kji->k", inverse, parts.slopes[:, :-1, :-1])
    return _Local(float(value), gradient, rss, parts, inverse, contrast)


def solved(model: MixedModel) -> MixedSolution:
    """The fit at the least deviance.

    Raises
    ------
    EstimationError
        The search ends nowhere.
    """
    theta, hessian = _best(model)
    here, structure = _local(model, theta), model.structure
    units, s = structure.units, here.rss / model.df
    squared = units.scale**2
    singular = bool((theta[structure.diagonal] == 0).any())
    within = np.stack([-s * here.inverse @ S[:-1, :-1] @ here.inverse for S in here.parts.slopes] + [here.inverse])
    observed = 2 * _inverse(*np.linalg.eigh(hessian))
    components = np.append(s * structure.components(theta), s)
    # Theta has no units, the residual variance those of the outcome's square.
    size = np.append(np.ones(len(theta)), squared)
    effects = tuple(
        Effects(units.scale * own.estimates, squared * s * own.variances)
        for own in structure.effects(theta, here.contrast)
    )
    return MixedSolution(
        theta,
        units.restored(-here.contrast[:-1]),
        units.restored_covariance(s * here.inverse),
        units.restored_covariance(within) / size[:, None, None],
        observed * np.outer(size, size),
        squared * components,
        squared**2 * _component_covariance(structure, theta, s, observed),
        squared * s * structure.mean_variance(theta),
        effects,
        here.value + units.deviance(model.df, restricted=model.restricted),
        singular,
    )


def least_deviance(model: MixedModel) -> float:
    """-2 log-likelihood at the optimum, in the units of the data."""
    at_best = _local(model, _best(model)[0]).value
    return at_best + model.structure.units.deviance(model.df, restricted=model.restricted)


def _best(model: MixedModel) -> tuple[Array, Array]:
    """Theta of least deviance, and the Hessian where the last step began: quasi-Newton first, then Newton."""
    structure = model.structure
    theta = _searched(model, np.where(structure.diagonal, START, 0.0))
    for _ in range(30):
        here = _local(model, theta)
        hessian = _hessian(model, theta, here)
        values, vectors = np.linalg.eigh(hessian)
        if values[0] < -SADDLE * values[-1]:
            further = _searched(model, theta + START * vectors[:-1, 0] / np.linalg.norm(vectors[:-1, 0]))
            if _local(model, further).value < here.value - FLAT:
                theta = further
                continue
        # A diagonal element of 0 stays: the gradient in it is 0.
        gradient = np.append(np.where(structure.diagonal & (theta == 0), 0.0, here.gradient), 0.0)
        step = -(_inverse(values, vectors) @ gradient)[:-1] * (gradient[:-1] != 0)
        fall = -float(step @ gradient[:-1])
        if fall < FLAT:
            return structure.upright(theta + step), hessian
        shorter = (structure.upright(theta + step / 2**halved) for halved in range(6))
        lower = next((trial for trial in shorter if _local(model, trial).value < here.value - FLAT / 10), None)
        if lower is None and fall < LITTLE:
            return theta, hessian
        if lower is None:
            break
        theta = lower
    raise EstimationError(
        Text("随机效应的方差未收敛。", "the variances of the random effects did not converge."),
        remedy=Text("请减少slopes=或分组，或把自变量改到相近的单位。",
                    "Ask for fewer slopes or groupings, or bring predictors to similar units."),
    )  # fmt: skip


def _inverse(values: Array, vectors: Array) -> Array:
    """Inverse by eigenvalues, without directions in which the deviance is flat."""
    kept = values > 1e-10 * values[-1]
    return np.asarray((vectors[:, kept] / values[kept]) @ vectors[:, kept].T)


def _searched(model: MixedModel, start: Array) -> Array:
    """Theta near the least deviance.

    Without bounds: the deviance is even in each column of the factor, so that 0 would hold a search along it.
    """
    search = optimize.minimize(
        lambda t: _local(model, t)[:2], start, jac=True, method="L-BFGS-B", options={"ftol": 1e-10, "maxiter": 500}
    )
    return _snapped(model, model.structure.upright(search.x), float(search.fun))


def _snapped(model: MixedModel, theta: Array, value: float) -> Array:
    """Theta with diagonal elements of 0 wherever these are no worse than what the search left there."""
    for k in np.flatnonzero(model.structure.diagonal & (theta < NEAR_ZERO)):
        trial = theta.copy()
        trial[k] = 0.0
        found = _local(model, trial).value
        if found <= value + 1e-8:
            theta, value = trial, min(found, value)
    return theta


def _hessian(model: MixedModel, theta: Array, here: _Local) -> Array:
    """Second derivatives of the deviance in theta and the residual variance, at the best of these for theta."""
    k, s = len(theta), here.rss / model.df
    pull = -np.array([here.contrast @ S @ here.contrast for S in here.parts.slopes]) / s**2
    hessian = np.empty((k + 1, k + 1))
    hessian[:k, :k] = _symmetric(_differences(lambda t: _local(model, t, s).gradient, theta, 1e-4))
    hessian[k, :k] = hessian[:k, k] = pull
    hessian[k, k] = model.df / s**2
    return hessian


def _component_covariance(structure: Structure, theta: Array, s: float, observed: Array) -> Array:
    """Delta method for variances and covariances; these are quadratic in theta, so that differences are exact."""
    inner = _differences(structure.components, theta, 0.5)
    jacobian = np.column_stack([s * inner, structure.components(theta)])
    jacobian = np.vstack([jacobian, np.append(np.zeros(len(theta)), 1.0)])
    return np.asarray(jacobian @ observed @ jacobian.T)


def _differences(function: Callable[[Array], Array], theta: Array, reach: float) -> Array:
    """Derivatives by central differences; row: the function's element, column: that of theta."""
    steps = reach * np.eye(len(theta))
    return np.column_stack([(function(theta + step) - function(theta - step)) / (2 * reach) for step in steps])


def _symmetric(matrix: Array) -> Array:
    return np.asarray((matrix + matrix.T) / 2)


def left_out_p_value(ratio: float, others: int) -> float:
    """P of the likelihood ratio of a random effect, correlated with ``others``, against a model without it.

    Its variance lies at its bound under the hypothesis: half a chi-square on ``others`` degrees of freedom and half one
    on one more (Self and Liang 1987, case 5 and 6; Stram and Lee 1994, Biometrics 50, 1171-1177).
    """
    if ratio <= 0:
        return 1.0
    inner = stats.chi2.sf(ratio, others) if others else 0.0
    return float(inner + stats.chi2.sf(ratio, others + 1)) / 2
