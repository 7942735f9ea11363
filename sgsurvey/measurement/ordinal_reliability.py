"""Reliability of ordered categories: alpha and omega of the latent responses, and omega of the sum of the categories.

The first two are of polychoric correlations, so of sums that nobody sees.  The third is of the sum of the answers
themselves: Green and Yang (2009), Psychometrika 74, 155-167.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from sgsurvey.measurement.omega import omega_slopes, omega_total
from sgsurvey.numerics.bivariate import bivariate_cdf, bivariate_density
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.linalg import Array, is_singular
from sgsurvey.numerics.one_factor import curvature
from sgsurvey.numerics.pair_tables import IntArray
from sgsurvey.numerics.polychoric import Polychoric, polychoric
from sgsurvey.numerics.polychoric_influence import polychoric_influence
from sgsurvey.numerics.reliability import alpha_slopes, cronbach_alpha

NAMES = ("alpha_ordinal", "omega_latent", "omega_ordinal")


class Cuts(NamedTuple):
    """Thresholds of p items, and by how much the answer rises at each; shape (p, t), rises of 0 after the last."""

    at: Array
    rise: Array

    @classmethod
    def of(cls, fitted: Polychoric) -> Cuts:
        """Thresholds of ``fitted``; a category that nobody gave makes the rise over it larger."""
        t = max(map(len, fitted.thresholds))
        at, rise = np.zeros((2, len(fitted.thresholds), t))
        for item, (thresholds, codes) in enumerate(zip(fitted.thresholds, fitted.categories, strict=True)):
            at[item, : len(thresholds)], rise[item, : len(thresholds)] = thresholds, np.diff(codes)
        return cls(at, rise)


class Covaried(NamedTuple):
    """Covariances of answers, shape (p, p), and their slopes in the correlations and in the first one's thresholds."""

    value: Array
    in_corr: Array
    in_cuts: Array


def answer_covariances(cuts: Cuts, corr: Array) -> Covaried:
    """Covariances of answers whose latent responses correlate by ``corr``, shape (p, p).

    ``sum_cd rise_c rise_d (Phi2(a_c, b_d; r) - Phi(a_c) Phi(b_d))``; the diagonal is of two answers to the same item
    whose latent responses correlate by it.  ``in_cuts`` has shape (p, p, t).
    """
    first, second = cuts.at[:, None, :, None], cuts.at[None, :, None, :]
    weight = cuts.rise[:, None, :, None] * cuts.rise[None, :, None, :]
    r = corr[:, :, None, None]
    value = (weight * (bivariate_cdf(first, second, r) - ndtr(first) * ndtr(second))).sum(axis=(2, 3))
    in_corr = (weight * bivariate_density(first, second, r)).sum(axis=(2, 3))
    given = ndtr((second - r * first) / np.sqrt((1 - r) * (1 + r)))
    in_cuts = (weight * _density(first) * (given - ndtr(second))).sum(axis=3)
    return Covaried(value, in_corr, in_cuts)


def answer_variances(cuts: Cuts) -> tuple[Array, Array]:
    """Variances of the answers, shape (p,), and their slopes in the thresholds, (p, t)."""
    below, rise = ndtr(cuts.at), cuts.rise
    # The lower of two thresholds decides whether both are passed from below.
    lower = np.minimum(below[:, :, None], below[:, None, :]) - below[:, :, None] * below[:, None, :]
    value = np.einsum("pc,pd,pcd->p", rise, rise, lower)
    after = np.cumsum((rise * (1 - below))[:, ::-1], axis=1)[:, ::-1] - rise * (1 - below)
    before = np.cumsum(rise * below, axis=1) - rise * below
    slopes = _density(cuts.at) * rise * (rise * (1 - 2 * below) + 2 * after - 2 * before)
    return value, slopes


class GreenYang(NamedTuple):
    """Omega of the sum of ordered answers, with its slopes.

    Attributes
    ----------
    omega : float
    in_corr : ndarray, shape (p, p)
        Such that ``d omega = sum_jk in_corr_jk dR_jk``; the diagonal is 0.
    in_cuts : ndarray, shape (p, t)
    """

    omega: float
    in_corr: Array
    in_cuts: Array


def green_yang(cuts: Cuts, corr: Array, loadings: Array) -> GreenYang:
    """Variance of the sum that one factor of the latent responses explains, over all of it.

    Green and Yang (2009), equation 21, with the observed polychoric correlations in the denominator.  The slopes take
    ``loadings`` as those of the minres factor of ``corr``.
    """
    away = ~np.eye(len(corr), dtype=bool)
    common = answer_covariances(cuts, np.outer(loadings, loadings))
    observed = answer_covariances(cuts, np.where(away, corr, 0.0))
    own, own_slopes = answer_variances(cuts)
    total = float((observed.value * away).sum() + own.sum())
    omega = float(common.value.sum()) / total
    in_cuts = 2 * common.in_cuts.sum(axis=1)
    in_cuts -= omega * (2 * (observed.in_cuts * away[:, :, None]).sum(axis=1) + own_slopes)
    pull = np.linalg.solve(curvature(corr[None], loadings[None])[0].T, 2 * common.in_corr @ loadings)
    in_corr = (np.outer(pull, loadings) + np.outer(loadings, pull)) / 2 - omega * observed.in_corr
    return GreenYang(omega, in_corr * away / total, in_cuts / total)


@dataclass(frozen=True)
class OrdinalReliability:
    """Alpha and omega of the latent responses, omega of the sum of the answers: a ``Statistic`` of the weights.

    Attributes
    ----------
    codes : ndarray of int, shape (N, p)
        Ordered categories, -1 for missing.
    """

    codes: IntArray

    def value(self, w: Array) -> Array:
        """The three, in the order of ``NAMES``; nan where they cannot be had."""
        return self._parts(polychoric(self.codes, w))[0]

    def influence(self, w: Array) -> Array:
        """Through those of thresholds and correlations, with the observed information; shape (N, 3)."""
        fitted = polychoric(self.codes, w)
        value, slopes = self._parts(fitted)
        if np.isnan(value).any():
            return np.full((len(w), len(value)), np.nan)
        return np.asarray(polychoric_influence(self.codes, fitted, w, observed=True) @ slopes)

    def _parts(self, fitted: Polychoric) -> tuple[Array, Array]:
        """Values, shape (3,), and their slopes in thresholds and correlations, (t + q, 3)."""
        corr, size = fitted.corr, sum(map(len, fitted.thresholds))
        lower = np.tril_indices(len(corr), -1)
        nothing = np.full(3, np.nan), np.zeros((size + len(lower[0]), 3))
        if len(corr) < 3 or not np.isfinite(corr).all() or fitted.at_bound.any() or is_singular(corr):
            return nothing
        factor = minres(corr, 1)
        if not factor.converged or factor.heywood.any():
            return nothing
        loadings = factor.loadings[:, 0]
        cuts = Cuts.of(fitted)
        sums = green_yang(cuts, corr, loadings)
        in_corr = [alpha_slopes(corr), omega_slopes(corr, loadings), sums.in_corr]
        slopes = np.zeros((size + len(lower[0]), 3))
        slopes[size:] = np.column_stack([2 * each[lower] for each in in_corr])
        real = np.arange(cuts.at.shape[1]) < np.array([len(each) for each in fitted.thresholds])[:, None]
        slopes[:size, 2] = sums.in_cuts[real]
        return np.array([cronbach_alpha(corr), omega_total(corr, factor.uniqueness), sums.omega]), slopes


def _density(x: Array) -> Array:
    return np.asarray(np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi))
