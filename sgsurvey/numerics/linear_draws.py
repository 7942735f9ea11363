"""Bayesian linear regression for many chains at once: draws of numbers, and predictive mean matching."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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

    Little (1988), Journal of Business & Economic Statistics 6, 287-296.  Each chain has its own bootstrap sample of the
    rows that answered to choose from, since which answers there are is itself a matter of chance (Rubin and Schenker
    1986, Journal of the American Statistical Association 81, 366-374).  Predictions that tie are taken at random.

    Parameters
    ----------
    near : ndarray, shape (B, n)
        Predictions of the rows that answered, from the mean of the coefficients.
    wanted : ndarray, shape (B, n_wanted)
        Predictions of those that did not, from drawn coefficients.
    y : ndarray, shape (n,)
    """
    n = len(y)
    found = np.empty_like(wanted)
    for b in range(len(near)):
        pool = rng.integers(0, n, size=n)
        order = pool[np.argsort(near[b, pool], kind="stable")]
        found[b] = y[order[one_of_the_nearest(near[b, order], wanted[b], donors, rng)]]
    return found


def one_of_the_nearest(line: Array, wanted: Array, donors: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """A place in ``line`` (sorted, shape (n,)) for each wanted value, by chance among the ``donors`` nearest."""
    n = len(line)
    donors = min(donors, n)
    width = min(2 * donors, n)
    left, right = (np.searchsorted(line, wanted, side=side) for side in ("left", "right"))
    window = np.clip(rng.integers(left, right + 1) - donors, 0, n - width)[:, None] + np.arange(width)
    nearest = np.argsort(np.abs(line[window] - wanted[:, None]), axis=1, kind="stable")[:, :donors]
    each = np.arange(len(wanted))
    return np.asarray(window[each, nearest[each, rng.integers(0, donors, size=len(wanted))]])
