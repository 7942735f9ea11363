"""Probabilities of inclusion proportional to size, and exact joint ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def proportional(size: Array, n: int) -> Array:
    """``n size / sum(size)``; units that would exceed 1 are taken with certainty first, the rest shares what is left.

    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, chapter 3.

    Parameters
    ----------
    size : ndarray, shape (N,)
        Above 0.
    n : int
        At most N.

    Returns
    -------
    ndarray, shape (N,)
        Adds up to ``n``; exactly 1 for units that are certain.
    """
    certain = np.zeros(len(size), dtype=bool)
    while True:
        rest = n - int(certain.sum())
        p = np.where(certain, 1.0, rest * size / max(float(size[~certain].sum()), np.finfo(float).tiny))
        more = ~certain & (p >= 1 - 1e-12)
        if not more.any():
            return np.asarray(p)
        certain |= more


def simple_joint(population: int, n: int) -> Array:
    """Joint probabilities of a simple random sample, shape (N, N); the diagonal holds ``n / N``."""
    pair = n * (n - 1) / (population * max(population - 1, 1))
    return np.asarray(np.where(np.eye(population, dtype=bool), n / population, pair))


def systematic_joint(p: Array) -> Array:
    """Joint probabilities of systematic selection in the order given, shape (N, N), by going through all its samples.

    Between two neighbouring fractional parts of the cumulated probabilities every start gives the same sample (Madow
    1949, Annals of Mathematical Statistics 20, 333-354); many pairs have probability 0.
    """
    edges = np.unique(np.concatenate([[0.0, 1.0], np.round(np.cumsum(p) % 1, 12)]))
    joint = np.zeros((len(p), len(p)))
    for low, high in pairwise(edges):
        taken = systematic(p, (low + high) / 2).astype(float)
        joint += (high - low) * np.outer(taken, taken)
    return joint


def systematic(p: Array, start: float) -> npt.NDArray[np.bool_]:
    """Which units the points ``start, start + 1, …`` hit on the cumulated probabilities; shape (N,)."""
    above = np.cumsum(p)
    above[-1] = round(above[-1])
    below = np.concatenate([[0.0], above[:-1]])
    return np.asarray(np.ceil(above - start) > np.ceil(below - start))
