"""Partial least squares path models: weighted sums of items (composites), and regressions among them.

Weights are a fixed point.  Each composite gets an inner proxy ``Y E``, a combination of the composites next to it in
the model; mode A weighs its items by their covariances with that proxy, mode B by regression of the proxy on them;
composites have unit variance.  Lohmoeller (1989), Latent Variable Path Modeling with Partial Least Squares, chapter 2;
Tenenhaus, Esposito Vinzi, Chatelin and Lauro (2005), Computational Statistics & Data Analysis 48, 159-205.  All is a
function of the items' correlations, so that many samples are solved at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

Scheme = Literal["centroid", "factorial", "path"]
Flags = npt.NDArray[np.bool_]

TOLERANCE = 1e-10
ITERATIONS = 500


@dataclass(frozen=True)
class CompositeModel:
    """Which items make up which composite, and which composites predict which.

    Attributes
    ----------
    blocks : ndarray of bool, shape (p, J)
        Each item belongs to one composite.
    paths : ndarray of bool, shape (J, J)
        Row: what is predicted; column: by what; without loops.
    regressed : ndarray of bool, shape (J,)
        Composites of mode B; the others are of mode A.
    scheme : "centroid", "factorial" or "path"
        Inner weights: signs of correlations, correlations, or regression on predictors and correlation with outcomes.
    """

    blocks: Flags
    paths: Flags
    regressed: Flags
    scheme: Scheme


@dataclass(frozen=True)
class CompositeSolution:
    """Weights and what follows from them, for each of B samples; nan where the search did not end.

    Attributes
    ----------
    weights : ndarray, shape (B, p)
        Of standardised items, giving composites of unit variance.
    loadings : ndarray, shape (B, p)
        Correlations of items with their own composite.
    correlations : ndarray, shape (B, J, J)
        Of composites.
    paths, total : ndarray, shape (B, J, J)
        Row: outcome; column: predictor.
    r_squared : ndarray, shape (B, J)
        0 where nothing predicts.
    converged : ndarray of bool, shape (B,)
    """

    weights: Array
    loadings: Array
    correlations: Array
    paths: Array
    total: Array
    r_squared: Array
    converged: Flags


def composite_solution(model: CompositeModel, corr: Array, towards: Array | None = None) -> CompositeSolution:
    """The fixed point for correlations of items, shape (B, p, p).

    Parameters
    ----------
    towards : ndarray, shape (p,), optional
        Loadings whose direction each composite takes; its own items' majority where None.
    """
    weights, converged = _weights(model, corr)
    own = np.argmax(model.blocks, axis=1)
    spread = np.take_along_axis(corr @ _matrix(model, weights), own[None, :, None], axis=2)[..., 0]
    turn = np.sign((spread * (1.0 if towards is None else towards)) @ model.blocks)
    turn = np.where(turn == 0, 1.0, turn)[:, own]
    weights, loadings = weights * turn, spread * turn
    W = _matrix(model, weights)
    C = W.swapaxes(-2, -1) @ corr @ W
    paths, r_squared = _regressions(model, C)
    eye = np.eye(len(model.paths))
    # Without loops the series of direct and indirect effects ends.
    total = np.linalg.inv(eye - paths) - eye
    lost = ~converged
    for values in (weights, loadings, C, paths, total, r_squared):
        values[lost] = np.nan
    return CompositeSolution(weights, loadings, C, paths, total, r_squared, converged)


def _matrix(model: CompositeModel, weights: Array) -> Array:
    """Weights in the columns of their composites, shape (B, p, J)."""
    return np.asarray(weights[..., None] * model.blocks)


def _weights(model: CompositeModel, corr: Array) -> tuple[Array, Flags]:
    own = np.argmax(model.blocks, axis=1)
    outer = np.where(model.blocks @ model.blocks.T, corr, 0.0)
    # In mode A a block counts as if its items were not correlated.
    inside = np.where(model.regressed[own][:, None], outer, np.eye(len(own)))
    weights = _unit(model, np.ones(corr.shape[:-1]), outer)
    converged, open_ = np.zeros(len(corr), dtype=bool), np.arange(len(corr))
    for _ in range(ITERATIONS):
        R, before = corr[open_], weights[open_]
        spread = R @ _matrix(model, before)
        C = _matrix(model, before).swapaxes(-2, -1) @ spread
        proxies = np.take_along_axis(spread @ _inner(model, C), own[None, :, None], axis=2)[..., 0]
        turned = np.asarray(np.linalg.solve(inside[open_], proxies[..., None])[..., 0])
        after = _unit(model, turned, outer[open_])
        weights[open_] = after
        ended = np.abs(after - before).max(axis=1) < TOLERANCE
        converged[open_[ended]] = True
        open_ = open_[~ended]
        if not len(open_):
            break
    return weights, converged


def _unit(model: CompositeModel, weights: Array, outer: Array) -> Array:
    """Weights of composites with variance 1; ``outer`` holds correlations within blocks."""
    variance = (weights * (outer @ weights[..., None])[..., 0]) @ model.blocks
    return np.asarray(weights / np.sqrt(variance)[:, np.argmax(model.blocks, axis=1)])


def _inner(model: CompositeModel, C: Array) -> Array:
    """Inner weights, shape (B, J, J): column j holds what composite j's proxy is made of."""
    adjacent = model.paths | model.paths.T
    if model.scheme == "centroid":
        return np.where(adjacent, np.sign(C), 0.0)
    found = np.where(adjacent, C, 0.0)
    if model.scheme == "path":
        slopes, _ = _regressions(model, C)
        found = np.where(model.paths.T, slopes.swapaxes(-2, -1), found)
    return np.asarray(found)


def _regressions(model: CompositeModel, C: Array) -> tuple[Array, Array]:
    """Slopes of each composite on its predictors, shape (B, J, J), and the shares of variance explained, (B, J)."""
    slopes, explained = np.zeros_like(C), np.zeros(C.shape[:-1])
    for outcome in np.flatnonzero(model.paths.any(axis=1)):
        before = np.flatnonzero(model.paths[outcome])
        among, across = C[:, before[:, None], before], C[:, before, outcome]
        slopes[:, outcome, before] = np.linalg.solve(among, across[..., None])[..., 0]
        explained[:, outcome] = (slopes[:, outcome, before] * across).sum(axis=1)
    return slopes, explained
