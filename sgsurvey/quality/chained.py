"""Chained equations: each variable in turn is drawn given all others, in m chains side by side."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from sgsurvey.numerics.cumulative_draws import draw_categories, posterior
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linear_draws import linear, matched, predicted

Method = Literal["ordinal", "binary", "nominal", "pmm", "normal", "constant"]
Mask = npt.NDArray[np.bool_]
# A variable predicts by whether it has a value at all where at least so many rows have none of their own right.
LEAST_OUTSIDE = 5
# Rows that answered for each predictor of an item; design columns come first, then the strongest.
ROWS_PER_PREDICTOR = 5


@dataclass(frozen=True, eq=False)
class Variable:
    """One variable of one group of respondents.

    Attributes
    ----------
    name : str
    method : str
        How its values are drawn.
    values : ndarray, shape (n,)
        nan where there is none.
    wanted : ndarray of bool, shape (n,)
        Cells to be drawn; other cells without a value (not shown, don't know) stay without.
    limits : (low, high) or None
        Between which a ``normal`` draw must lie.
    whole : bool
        A ``normal`` draw is rounded to a whole number.
    cluster_mean : ndarray or None, shape (n,)
        What the others of a row's cluster answered.
    """

    name: str
    method: Method
    values: Array
    wanted: Mask
    limits: tuple[float, float] | None = None
    whole: bool = False
    cluster_mean: Array | None = None

    @cached_property
    def observed(self) -> Mask:
        """Rows with an answer."""
        return ~np.isnan(self.values)

    @cached_property
    def outside(self) -> Mask:
        """Rows without a value that are not to be drawn."""
        return ~self.observed & ~self.wanted

    @cached_property
    def codes(self) -> Array:
        """Different answers, in order."""
        return np.unique(self.values[self.observed])

    @cached_property
    def _scale(self) -> tuple[float, float]:
        known = self.values[self.observed]
        return float(known.mean()), float(known.std()) or 1.0

    @property
    def width(self) -> int:
        """Columns that it has as a predictor."""
        return self._own_columns + int(self._tells_outside)

    @property
    def _own_columns(self) -> int:
        if self.method == "nominal":
            return max(len(self.codes) - 1, 0)
        return int(len(self.codes) > 1)

    @property
    def _tells_outside(self) -> bool:
        return LEAST_OUTSIDE <= self.outside.sum() <= len(self.values) - LEAST_OUTSIDE

    def as_predictor(self, values: Array, outside: Mask) -> Array:
        """Columns for values of shape (..., n); 0, the mean, where there is no value.

        Indicators of the categories but the first where they have no order, else one column of mean 0 and sd 1.
        """
        columns = []
        if self.method == "nominal":
            for code in self.codes[1:]:
                known = self.values[self.observed] == code
                columns.append(((values == code) - known.mean()) / known.std())
        elif self._own_columns:
            mean, sd = self._scale
            columns.append((values - mean) / sd)
        columns = [np.where(outside, 0.0, column) for column in columns]
        if self._tells_outside:
            share = self.outside.mean()
            columns.append(np.broadcast_to((outside - share) / np.sqrt(share * (1 - share)), values.shape))
        return np.stack(columns, axis=-1) if columns else np.empty((*values.shape, 0))


@dataclass(frozen=True, eq=False)
class Chains:
    """What m chains drew.

    Attributes
    ----------
    drawn : mapping of name to ndarray, shape (m, cells)
        Values of the last iteration for the wanted cells, in the order of the rows.
    means, sds : mapping of name to ndarray, shape (iterations, m)
        Of the drawn values.
    predictors : mapping of name to int
        Columns that predicted it.
    """

    drawn: dict[str, Array] = field(default_factory=dict)
    means: dict[str, Array] = field(default_factory=dict)
    sds: dict[str, Array] = field(default_factory=dict)
    predictors: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """How long, how many, by which chance, and what holds the models in place.

    Attributes
    ----------
    m, iterations, seed : int
    stream : str
        Name of the group: each group, and each variable in it, has chance of its own.
    donors : int
    prior_sd : float
    """

    m: int
    iterations: int
    seed: int
    stream: str
    donors: int
    prior_sd: float

    def rng(self, name: str) -> np.random.Generator:
        """Chance that belongs to a variable, whatever stands beside it and in whatever order."""
        words = [zlib.crc32(word.encode("utf-8")) for word in (self.stream, name)]
        return np.random.default_rng(np.random.SeedSequence([self.seed, *words]))


def run_chains(variables: Sequence[Variable], design: Array, run: Run) -> Chains:
    """Draw all wanted cells, variable by variable from the fewest wanted on, ``iterations`` times.

    Parameters
    ----------
    variables : sequence of Variable
    design : ndarray, shape (n, q)
        Columns of the design, standardised: they predict every variable.

    References
    ----------
    van Buuren, S. (2007). Multiple imputation of discrete and continuous data by fully conditional specification.
    Statistical Methods in Medical Research, 16, 219-242.
    """
    ordered = sorted(variables, key=lambda v: v.name)
    state = _State(ordered, design, run)
    visits = sorted((v for v in ordered if v.wanted.any()), key=lambda v: (int(v.wanted.sum()), v.name))
    steps = [state.step(v) for v in visits]
    found = Chains(predictors={step.variable.name: len(step.columns) for step in steps})
    for step in steps:
        found.means[step.variable.name], found.sds[step.variable.name] = np.empty((2, run.iterations, run.m))
    for iteration in range(run.iterations):
        for step in steps:
            name, values = step.variable.name, step.draw(state)
            state.put(step.variable, values)
            found.means[name][iteration], found.sds[name][iteration] = values.mean(axis=1), values.std(axis=1)
            found.drawn[name] = values
    return found


class _State:
    """The predictors as they stand: columns of the variables, then of the design, for every chain."""

    def __init__(self, variables: Sequence[Variable], design: Array, run: Run) -> None:
        self.run = run
        self.places: dict[str, slice] = {}
        self.rngs = {v.name: run.rng(v.name) for v in variables}
        width = sum(v.width for v in variables)
        n = len(design)
        self.Z = np.empty((run.m, n, width + design.shape[1]))
        self.Z[:, :, width:] = design
        self.design = np.arange(width, self.Z.shape[2])
        at = 0
        for v in variables:
            self.places[v.name] = slice(at, at + v.width)
            at += v.width
            self.Z[:, :, self.places[v.name]] = v.as_predictor(v.values, v.outside)
            if v.wanted.any():
                known = v.values[v.observed]
                self.put(v, self.rngs[v.name].choice(known, size=(run.m, int(v.wanted.sum()))))

    def put(self, variable: Variable, values: Array) -> None:
        """Take drawn values, shape (m, cells), into the predictors."""
        place = self.places[variable.name]
        self.Z[:, variable.wanted, place] = variable.as_predictor(values, np.zeros(values.shape[1], dtype=bool))

    def step(self, variable: Variable) -> _Step:
        """The model of a variable: the design, and the predictors that go with it most, as many as its rows bear."""
        own = self.places[variable.name]
        others = np.delete(np.arange(self.Z.shape[2] - len(self.design)), own)
        room = int(variable.observed.sum()) // ROWS_PER_PREDICTOR - len(self.design)
        room = max(1, room - int(variable.cluster_mean is not None))
        if len(others) > room:
            Z = self.Z[:, variable.observed][:, :, others].mean(axis=0)
            strength = _strength(Z, variable)
            others = np.sort(others[np.argsort(-strength, kind="stable")[:room]])
        return _Step(variable, np.concatenate([others, self.design]).astype(np.int64))


def _strength(Z: Array, variable: Variable) -> Array:
    """Largest correlation, without its sign, of each column with the variable (with its categories, if unordered)."""
    known = variable.values[variable.observed]
    targets = variable.as_predictor(known, np.zeros(len(known), dtype=bool))[:, : variable._own_columns]
    away = Z - Z.mean(axis=0)
    size = np.sqrt((away**2).sum(axis=0) * len(known))
    products = np.abs(away.T @ targets) / np.where(size > 0, size, np.inf)[:, None]
    # Columns that say the same tie but for rounding: names then decide.
    return np.round(products.max(axis=1, initial=0.0), 12)


@dataclass(eq=False)
class _Step:
    """One variable's turn; remembers where Newton's method ended, to begin there the next time."""

    variable: Variable
    columns: npt.NDArray[np.int64]
    ends: dict[int, Array] = field(default_factory=dict)

    def draw(self, state: _State) -> Array:
        """New values for the wanted cells of every chain, shape (m, cells)."""
        v, run, rng = self.variable, state.run, state.rngs[self.variable.name]
        if v.method == "constant":
            return np.full((run.m, int(v.wanted.sum())), v.codes[0])
        X, wanted = (self._predictors(state, rows) for rows in (v.observed, v.wanted))
        y = v.values[v.observed]
        if v.method in ("ordinal", "binary"):
            return v.codes[self._categories(X, np.searchsorted(v.codes, y), wanted, len(v.codes), run, rng, 0)]
        if v.method == "nominal":
            return v.codes[self._dichotomies(X, np.searchsorted(v.codes, y), wanted, run, rng)]
        mean, sd = y.mean(), y.std()
        found = linear(X, (y - mean) / sd, run.prior_sd, rng)
        if v.method == "pmm":
            return matched(predicted(found.mean, X), predicted(found.drawn, wanted), y, run.donors, rng)
        return self._numbers(mean + sd * predicted(found.drawn, wanted), sd * found.sigma, rng)

    def _predictors(self, state: _State, rows: Mask) -> Array:
        # Fancy indexing would put the chains last in memory, and every product of matrices would pay for it.
        X = np.ascontiguousarray(state.Z[:, np.flatnonzero(rows)[:, None], self.columns])
        if self.variable.cluster_mean is None:
            return X
        more = np.broadcast_to(self.variable.cluster_mean[rows][:, None], (*X.shape[:2], 1))
        return np.concatenate([X, more], axis=2)

    def _categories(
        self, X: Array, y: npt.NDArray[np.int64], wanted: Array, k: int, run: Run, rng: np.random.Generator, key: int
    ) -> npt.NDArray[np.int64]:
        found = posterior(X, y, k, run.prior_sd, self.ends.get(key))
        self.ends[key] = found.mode
        return draw_categories(found.draw(rng), wanted, k, rng)

    def _dichotomies(
        self, X: Array, y: npt.NDArray[np.int64], wanted: Array, run: Run, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """The first category or a later one, then the second or a later one … (Fienberg 1980, section 6.6)."""
        last = len(self.variable.codes) - 1
        found = np.full(wanted.shape[:2], last, dtype=np.int64)
        for k in range(last - 1, -1, -1):
            rows = y >= k
            later = self._categories(X[:, rows], (y[rows] > k).astype(np.int64), wanted, 2, run, rng, k)
            found = np.where(later == 0, k, found)
        return found

    def _numbers(self, centre: Array, sigma: Array, rng: np.random.Generator) -> Array:
        """Normal draws between the variable's limits."""
        low, high = self.variable.limits or (-np.inf, np.inf)
        ends = [special.ndtr((end - centre) / sigma[:, None]) for end in (low, high)]
        u = ends[0] + (ends[1] - ends[0]) * rng.random(centre.shape)
        values = np.clip(centre + sigma[:, None] * special.ndtri(u), low, high)
        return np.round(values) if self.variable.whole else values
