"""Bayesian linear regression for many chains at once: draws of numbers, and predictive mean matching."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.linalg import Array


@dataclass(frozen=True)
class Linear:
    """Means and draws of coefficients in each of B chains, the constant first.

    Attributes
    ----------
    mean, drawn : ndarray, shape (B, 1 + p)
    sigma : ndarray, shape (B,)
        Residual standard deviation, drawn.
    """

    mean: Array
    drawn: Array
    sigma: Array


def linear(X: Array, y: Array, prior_sd: float, rng: np.random.Generator) -> Linear:
    """Draw from the posterior of a linear regression.

    The constant and ``log sigma`` have flat priors; slopes are normal with mean 0 and standard deviation ``prior_sd
    sigma`` (the conjugate prior: Gelman et al. 2013, Bayesian Data Analysis, section 14.8), so that predictors may
    determine each other.

    Parameters
    ----------
    X : ndarray, shape (B, n, p)
        Predictors, standardised.
    y : ndarray, shape (n,)
        The same in all chains.
    """
    chains, n, p = X.shape
    one = np.concatenate([np.ones((chains, n, 1)), X], axis=2)
    turned = np.swapaxes(one, 1, 2)
    penalty = np.full(1 + p, prior_sd**-2.0)
    penalty[0] = 0.0
    information = turned @ one + np.diag(penalty)
    right = turned @ y[:, None]
    mean = np.linalg.solve(information, right)[:, :, 0]
    residuals = y - (one @ mean[:, :, None])[:, :, 0]
    spread = (residuals**2).sum(axis=1) + (penalty * mean**2).sum(axis=1)
    sigma = np.sqrt(spread / rng.chisquare(n - 1, size=chains))
    root = np.linalg.cholesky(information)
    noise = np.linalg.solve(np.swapaxes(root, 1, 2), rng.standard_normal((chains, 1 + p, 1)))[:, :, 0]
    return Linear(mean, mean + sigma[:, None] * noise, sigma)


def predicted(coefficients: Array, X: Array) -> Array:
    """``a + Xb`` in each chain; shape (B, n)."""
    return np.asarray(coefficients[:, :1] + (X @ coefficients[:, 1:, None])[:, :, 0])


def matched(near: Array, wanted: Array, y: Array, donors: int, rng: np.random.Generator) -> Array:
    """For each wanted row the answer of one of the ``donors`` rows whose predictions are nearest; shape (B, n_wanted).

    Little (1988), Journal of Business & Economic Statistics 6, 287-296.  Predictions that tie are taken at random.

    Parameters
    ----------
    near : ndarray, shape (B, n)
        Predictions of the rows that answered, from the mean of the coefficients.
    wanted : ndarray, shape (B, n_wanted)
        Predictions of those that did not, from drawn coefficients.
    y : ndarray, shape (n,)
    """
    n = len(y)
    donors = min(donors, n)
    width = min(2 * donors, n)
    found = np.empty_like(wanted)
    for b in range(len(near)):
        shuffled = rng.permutation(n)
        order = shuffled[np.argsort(near[b, shuffled], kind="stable")]
        line = near[b, order]
        left, right = (np.searchsorted(line, wanted[b], side=side) for side in ("left", "right"))
        place = rng.integers(left, right + 1)
        window = np.clip(place - donors, 0, n - width)[:, None] + np.arange(width)
        distance = np.abs(line[window] - wanted[b][:, None])
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :donors]
        chosen = nearest[np.arange(len(nearest)), rng.integers(0, donors, size=len(nearest))]
        found[b] = y[order[window[np.arange(len(window)), chosen]]]
    return found
