"""A structural model of the normal variables behind ordered answers: the thresholds and correlations it implies.

The answers show each latent response only through its cuts, so that its scale is a choice.  The ``delta`` choice gives
every latent response a variance of 1, so that the model is one of correlations and residual variances follow; the
``theta`` choice takes the residual variances as parameters (1 unless freed) and divides by the implied standard
deviations.  Muthen (1984), Psychometrika 49, 115-132; Wu and Estabrook (2016), Psychometrika 81, 1014-1045, for what
may be freed between groups and what must be fixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.structural import GroupStructure, Implied, Index, Slopes

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ResponseGroup(GroupStructure):
    """A group's model of which some variables show only in units of their standard deviations: ``theta``.

    ``implied`` and ``jacobian`` are those of the moments so divided; ``solved`` has the latent responses as they are.

    Attributes
    ----------
    ordered : ndarray of bool, shape (p,)
    """

    ordered: Mask

    @property
    def covariances(self) -> int:
        """Without the ordered variables' variances, which are 1."""
        return super().covariances - int(self.ordered.sum())

    def implied(self, theta: Array) -> Implied:
        """Moments in the units in which they show."""
        raw = super().implied(theta)
        return self._shown(raw, self._units(raw))

    def jacobian(self, theta: Array) -> Slopes:
        """Their derivatives."""
        return self.in_units(theta).slopes

    def in_units(self, theta: Array) -> InUnits:
        """Moments and units with their derivatives."""
        raw, turn = super().implied(theta), super().jacobian(theta)
        s = self._units(raw)
        row, col = self.triangle
        ds = np.where(self.ordered[:, None], -0.5 * (s**3)[:, None] * turn.cov[row == col], 0.0)
        shared = raw.cov[row, col]
        cov = (s[row] * s[col])[:, None] * turn.cov
        cov += (s[col] * shared)[:, None] * ds[row] + (s[row] * shared)[:, None] * ds[col]
        cov[(row == col) & self.ordered[row]] = 0.0
        slopes = Slopes(s[:, None] * turn.mean + raw.mean[:, None] * ds, cov)
        return InUnits(self._shown(raw, s), slopes, s, ds)

    def _units(self, raw: Implied) -> Array:
        return np.where(self.ordered, 1 / np.sqrt(np.diag(raw.cov)), 1.0)

    def _shown(self, raw: Implied, s: Array) -> Implied:
        cov = raw.cov * np.outer(s, s)
        cov[self.ordered, self.ordered] = 1.0
        return Implied(s * raw.mean, cov)


@dataclass(frozen=True)
class InUnits:
    """What a group implies in the units in which it shows.

    Attributes
    ----------
    implied : Implied
    slopes : Slopes
    units, unit_slopes : ndarray, shapes (p,) and (p, q)
        What each variable is multiplied by: one over its standard deviation, or 1.
    """

    implied: Implied
    slopes: Slopes
    units: Array
    unit_slopes: Array


@dataclass(frozen=True)
class OrdinalGroup:
    """One group's model of latent responses, with their residual variances as parameters, and their thresholds.

    Attributes
    ----------
    part : ResponseGroup
        Of the latent responses, all ordered, with means.
    item : ndarray of int, shape (t,)
        The item of each threshold.
    thresholds, offset : ndarray, shapes (t, q) and (t,)
        Thresholds are ``thresholds @ theta + offset``.
    """

    part: ResponseGroup
    item: Index
    thresholds: Array
    offset: Array

    def moments(self, theta: Array) -> tuple[Array, Array]:
        """Standardised thresholds, then correlations in the order of ``np.tril_indices(p, -1)``, and derivatives.

        Returns
        -------
        value : shape (m,)
        slopes : shape (m, q)
        """
        found, (row, col) = self.part.in_units(theta), self.part.triangle
        i, cut = self.item, self.thresholds @ theta + self.offset
        cuts = found.units[i] * cut - found.implied.mean[i]
        turned = cut[:, None] * found.unit_slopes[i] + found.units[i][:, None] * self.thresholds
        off = row != col
        value = np.concatenate([cuts, found.implied.cov[row[off], col[off]]])
        return value, np.vstack([turned - found.slopes.mean[i], found.slopes.cov[off]])


@dataclass(frozen=True)
class OrdinalStructure:
    """All groups' models in the same free parameters."""

    parts: tuple[OrdinalGroup, ...]
    q: int

    def moments(self, theta: Array) -> tuple[Array, Array]:
        """Statistics of all groups, one after the other, and their derivatives."""
        found = [part.moments(theta) for part in self.parts]
        return np.concatenate([value for value, _ in found]), np.vstack([slopes for _, slopes in found])


@dataclass(frozen=True)
class Mixture:
    """The mean and spread of a discrepancy under the model: a mixture of ``df`` chi-squares.

    Attributes
    ----------
    trace, squares : float
        ``tr(U Gamma)`` and ``tr((U Gamma)²)``.
    df : int
    """

    trace: float
    squares: float
    df: int

    @property
    def scaled_shifted(self) -> tuple[float, float]:
        """Factor and shift of Asparouhov and Muthen (2010): divide the discrepancy, then add."""
        factor = float(np.sqrt(self.squares / self.df))
        return factor, float(self.df - self.trace / factor)


def mixture(weight: Array, slopes: Array, covariance: Array, df: int) -> Mixture:
    """Traces of ``U Gamma`` for a quadratic discrepancy with a diagonal weight.

    Parameters
    ----------
    weight : shape (m,)
    slopes : shape (m, q)
        Of the statistics, at the estimates; q may be 0.
    covariance : shape (m, m)
        Of the statistics, on the scale on which ``weight`` is the inverse of their variances.
    """
    weighted = weight[:, None] * slopes
    residual = np.diag(weight)
    if slopes.shape[1]:
        residual = residual - weighted @ np.linalg.solve(slopes.T @ weighted, weighted.T)
    turned = residual @ covariance
    return Mixture(float(np.trace(turned)), float((turned * turned.T).sum()), df)


def least_squares_turn(weight: Array, slopes: Array) -> Array:
    """``(D'WD)^-1 D'W``: how estimates follow the statistics; shape (q, m)."""
    weighted = weight[:, None] * slopes
    return np.asarray(np.linalg.solve(slopes.T @ weighted, weighted.T))


def restrictions_within(weight: Array, broad: Array, slim: Array) -> Array:
    """What a narrow model forbids a wide one, from the derivatives of both; shape (df, q).

    The directions of the wide model's parameters in which those of the narrow one do not go, by least squares.
    """
    return np.asarray(np.linalg.svd((least_squares_turn(weight, broad) @ slim).T)[2][slim.shape[1] :])


def difference_mixture(weight: Array, slopes: Array, covariance: Array, restrictions: Array) -> Mixture:
    """Traces of a difference of two discrepancies; Satorra (2000), Innovations in multivariate statistical analysis.

    Parameters
    ----------
    weight, slopes, covariance : shapes (m,), (m, q), (m, m)
        Of the wide model.
    restrictions : shape (df, q)
        Derivatives, in its parameters, of what the narrow model holds at 0.
    """
    inner = np.linalg.inv(slopes.T @ (weight[:, None] * slopes))
    held = restrictions @ inner @ restrictions.T
    lifted = weight[:, None] * (slopes @ (inner @ restrictions.T))
    product = np.linalg.solve(held, lifted.T @ covariance @ lifted)
    return Mixture(float(np.trace(product)), float((product * product.T).sum()), len(restrictions))
