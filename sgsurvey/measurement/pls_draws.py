"""A partial least squares model over the sample and its bootstrap samples, as tidy frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.partial_least_squares import CompositeModel, CompositeSolution, composite_solution
from sgsurvey.numerics.resample import drawn_moments, percentile_interval

CONF_LEVEL = 0.95


@dataclass(frozen=True)
class Composites:
    """A model with its names.

    Attributes
    ----------
    model : CompositeModel
    names : tuple of str, length J
    items : tuple of str, length p
    limits : ndarray, shape (p, 2), or None
        Theoretical limits of the items.
    """

    model: CompositeModel
    names: tuple[str, ...]
    items: tuple[str, ...]
    limits: Array | None

    @property
    def own(self) -> npt.NDArray[np.intp]:
        """The composite of each item."""
        return np.argmax(self.model.blocks, axis=1)


@dataclass(frozen=True)
class Drawn:
    """Solutions of the sample (first) and of bootstrap samples, turned to point the same way.

    Attributes
    ----------
    composites : Composites
    means, deviations : ndarray, shape (1 + draws, p)
    solution : CompositeSolution
    """

    composites: Composites
    means: Array
    deviations: Array
    solution: CompositeSolution

    def lines(self, values: Array) -> pd.DataFrame:
        """``estimate, std_error, conf_low, conf_high`` of each column of values, shape (1 + draws, k)."""
        usable = values[1:][self.solution.converged[1:]]
        ends = [percentile_interval(column, CONF_LEVEL) for column in usable.T]
        frame = pd.DataFrame(ends, columns=["conf_low", "conf_high"], dtype=float)
        frame.insert(0, "std_error", usable.std(axis=0, ddof=1))
        frame.insert(0, "estimate", values[0])
        return frame

    def _named(self, values: Array, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
        outcomes, predictors = np.nonzero(chosen)
        frame = self.lines(values[:, outcomes, predictors])
        frame.insert(0, "predictor", [self.composites.names[j] for j in predictors])
        frame.insert(0, "outcome", [self.composites.names[i] for i in outcomes])
        return frame

    def paths(self) -> pd.DataFrame:
        """One line per path."""
        return self._named(self.solution.paths, self.composites.model.paths)

    def total(self) -> pd.DataFrame:
        """One line per pair that direct or indirect paths join, with what part of the total goes through others."""
        solution = self.solution
        paths = self.composites.model.paths
        # Powers of a matrix without loops end: what is above 0 in their sum is joined by some path.
        reach = np.linalg.inv(np.eye(len(paths)) - paths / len(paths)) > 1e-12
        np.fill_diagonal(reach, False)
        frame = self._named(solution.total, reach)
        return frame.assign(indirect=(solution.total - solution.paths)[0][reach])

    def items(self) -> pd.DataFrame:
        """One line per item: weight and loading."""
        at, names = self.composites.own, self.composites.names
        weights, loadings = self.lines(self.solution.weights), self.lines(self.solution.loadings)
        frame = pd.DataFrame({"composite": [names[k] for k in at], "item": self.composites.items})
        frame["mode"] = np.where(self.composites.model.regressed[at], "B", "A")
        for what, lines in (("weight", weights), ("loading", loadings)):
            for key, ending in (("estimate", ""), ("std_error", "_se"), ("conf_low", "_low"), ("conf_high", "_high")):
                frame[what + ending] = lines[key]
        return frame

    def indices(self) -> pd.DataFrame:
        """One line per composite: variance explained, and the index in points of 100."""
        frame = pd.DataFrame({"composite": self.composites.names})
        predicted = self.composites.model.paths.any(axis=1)
        index, spread = self.index()
        for what, values, known in (
            ("r_squared", self.solution.r_squared, predicted),
            ("index", index, np.full(len(frame), self.composites.limits is not None)),
        ):
            lines = self.lines(values)
            for key, ending in (("estimate", ""), ("conf_low", "_low"), ("conf_high", "_high")):
                frame[what + ending] = lines[key].where(known)
        return frame.assign(index_sd=spread[0])

    def index(self) -> tuple[Array, Array]:
        """Mean and standard deviation of the composites in points of 100, shape (1 + draws, J); nan without limits.

        The weighted mean of the items' percent of maximum possible, with the weights of unstandardised items (Fornell,
        Johnson, Anderson, Cha and Bryant 1996, Journal of Marketing 60(4), 7-18, page 11).
        """
        weights, total = self._point_weights()
        return (weights * self._points(self.means)) @ self.composites.model.blocks / total, 1 / total

    def scores(self, values: Array) -> Array:
        """The index of each row of items, shape (n, J)."""
        weights, total = self._point_weights()
        return np.asarray((weights[0] * self._points(values)) @ self.composites.model.blocks / total[0])

    def _points(self, values: Array) -> Array:
        """Items, shape (..., p), as percent of the maximum possible."""
        low, high = self._limits
        return np.asarray(100 * (values - low) / (high - low))

    def _point_weights(self) -> tuple[Array, Array]:
        """Weights of items in points of 100, and their sums over composites."""
        low, high = self._limits
        weights = self.solution.weights / (100 * self.deviations / (high - low))
        return weights, weights @ self.composites.model.blocks

    @property
    def _limits(self) -> Array:
        limits = self.composites.limits
        return np.full((2, len(self.composites.items)), np.nan) if limits is None else limits.T

    def importance(self, target: int, others: Sequence[int]) -> pd.DataFrame:
        """Points of the target's index that go with one point of each other composite's, by all paths together."""
        _, spread = self.index()
        effect = self.solution.total[:, target, others] * spread[:, [target]] / spread[:, others]
        return self.lines(effect)


def drawn(composites: Composites, values: Array, units: npt.NDArray[np.int64], draws: int, seed: int) -> Drawn:
    """Solve the sample and ``draws`` samples of its units; those without a solution are not converged."""
    means, covariances = drawn_moments(values, units, draws, seed)
    means = np.vstack([values.mean(axis=0), means])
    covariances = np.concatenate([np.cov(values, rowvar=False)[None], covariances])
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    varied = (variances > 1e-12 * variances[0]).all(axis=1)
    model, corr = composites.model, correlation(covariances[varied])
    first = composite_solution(model, corr[:1])
    rest = composite_solution(model, corr[1:], towards=first.loadings[0])
    found = {}
    for name in (field.name for field in fields(CompositeSolution)):
        own = np.concatenate([getattr(first, name), getattr(rest, name)])
        # A draw in which an item does not vary has no correlations, and no solution.
        found[name] = np.full((len(varied), *own.shape[1:]), False if own.dtype == bool else np.nan)
        found[name][varied] = own
    deviations = np.sqrt(np.where(varied[:, None], variances, np.nan))
    return Drawn(composites, means, deviations, CompositeSolution(**found))
