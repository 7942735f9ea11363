"""A parameter table as matrices, and values to start from that know the signs of the sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from sgsurvey.measurement.parameters import Parameter, ParameterTable
from sgsurvey.numerics.discrepancy import SampleMoments
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.ordinal import ResponseGroup
from sgsurvey.numerics.structural import GroupStructure, Structure

# How much a start dares: correlated factors, uncorrelated ones, modest loadings.
BOLDNESS: Sequence[float] = (1.0, 0.0, -1.0)
KINDS = ("paths", "residual", "intercepts")


def place(row: Parameter, at: dict[str, int]) -> tuple[str, int, int]:
    """The matrix (``paths``, ``residual``, ``intercepts``), row and column of a line of the table."""
    if row.op == "=~":
        return "paths", at[row.rhs], at[row.lhs]
    if row.op == "~":
        return "paths", at[row.lhs], at[row.rhs]
    if row.op == "~~":
        return "residual", at[row.lhs], at[row.rhs]
    return "intercepts", at[row.lhs], 0


def structure_of(table: ParameterTable) -> Structure:
    """The matrices of all groups, moved by the table's free parameters."""
    at = {name: i for i, name in enumerate(table.variables)}
    parts = [_group(table, group, at) for group in range(len(table.groups))]
    return Structure(tuple(parts), table.q, table.means)


def _group(table: ParameterTable, group: int, at: dict[str, int]) -> GroupStructure:
    v = len(at)
    held = {"paths": np.zeros((v, v)), "residual": np.zeros((v, v)), "intercepts": np.zeros((v, 1))}
    moving: dict[str, list[tuple[int, int, int]]] = {kind: [] for kind in KINDS}
    still = np.abs(table.weights).max(axis=1, initial=0.0) == 0.0
    for number, row in enumerate(table.rows):
        if row.group != group:
            continue
        kind, i, j = place(row, at)
        if still[number]:
            held[kind][i, j] = table.offset[number]
            if kind == "residual":
                held[kind][j, i] = table.offset[number]
        else:
            moving[kind].append((number, i, j))
    where = {kind: np.array([(i, j) for _, i, j in moving[kind]], dtype=np.intp).reshape(-1, 2) for kind in KINDS}
    chosen = [number for kind in KINDS for number, _, _ in moving[kind]]
    fields = (
        len(table.observed),
        held["paths"],
        held["residual"],
        held["intercepts"][:, 0],
        where["paths"],
        where["residual"],
        where["intercepts"][:, 0],
        table.weights[chosen],
        table.offset[chosen],
    )
    if table.standardised:
        return ResponseGroup(*fields, np.isin(table.observed, table.standardised))
    return GroupStructure(*fields)


def starting_values(table: ParameterTable, samples: Sequence[SampleMoments]) -> Sequence[Array]:
    """Parameters to start from, the best guess first; what the user's ``start()`` says stands in all of them.

    Loadings are the first eigenvector of each factor's items, with its signs; factor covariances and regressions
    those of the weighted sums of items.  Should that not do, the next guesses leave factors uncorrelated, and take
    modest loadings.
    """
    return _Guesses(table, samples)


@dataclass(frozen=True)
class _Guesses(Sequence[Array]):
    """The guesses, each made when it is asked for: the first nearly always does."""

    table: ParameterTable
    samples: Sequence[SampleMoments]

    def __len__(self) -> int:
        return len(BOLDNESS)

    @overload
    def __getitem__(self, number: int) -> Array: ...

    @overload
    def __getitem__(self, number: slice) -> list[Array]: ...

    def __getitem__(self, number: int | slice) -> Array | list[Array]:
        """The guess of that number."""
        if isinstance(number, slice):
            return [self._guess(boldness) for boldness in BOLDNESS[number]]
        return self._guess(BOLDNESS[number])

    def _guess(self, boldness: float) -> Array:
        table, rows = self.table, np.zeros(len(self.table.rows))
        for group, sample in enumerate(self.samples):
            guess = _Guess(table, group, sample, boldness)
            for place_, row in enumerate(table.rows):
                if row.group == group:
                    rows[place_] = guess.of(row) if row.start is None else row.start
        moved = np.abs(table.weights).max(axis=1, initial=0.0) > 0.0
        found = np.linalg.lstsq(table.weights[moved], rows[moved] - table.offset[moved], rcond=None)[0]
        return np.asarray(found, dtype=float)


class _Guess:
    """One group's factors as weighted sums of their items."""

    def __init__(self, table: ParameterTable, group: int, sample: SampleMoments, boldness: float) -> None:
        self.table, self.sample, self.boldness = table, sample, boldness
        rows = [row for row in table.rows if row.group == group]
        self.at = {name: i for i, name in enumerate(table.variables)}
        v, p = len(self.at), len(table.observed)
        self.sd = np.ones(v)
        self.sd[:p] = np.sqrt(np.diag(sample.cov))
        self.corr = np.eye(v)
        self.corr[:p, :p] = correlation(sample.cov)
        self.left = self.corr.copy()
        self.loading = np.zeros((v, v))
        self.fixed = {row.key: row.fixed for row in rows if row.fixed is not None}
        items = {f: [r.rhs for r in rows if r.op == "=~" and r.lhs == f] for f in table.latent}
        done = set(table.observed)
        waiting = sorted(table.latent, key=lambda factor: -len(items[factor]))
        while waiting:
            ready = [factor for factor in waiting if set(items[factor]) <= done] or waiting[:1]
            self._measure(ready[0], [self.at[item] for item in items[ready[0]]])
            done.add(ready[0])
            waiting.remove(ready[0])
        self.slopes = self._regressions(rows)

    def _measure(self, factor: str, block: list[int]) -> None:
        """Loadings of one factor's items in what earlier factors left of their correlations."""
        f = self.at[factor]
        loading = first_factor(self.left[np.ix_(block, block)]) if self.boldness >= 0 else np.full(len(block), 0.7)
        self.left[np.ix_(block, block)] -= np.outer(loading, loading)
        self.loading[block, f] = loading
        shared = self.corr[:, block] @ loading / (loading @ loading)
        self.corr[f] = self.corr[:, f] = np.clip(shared, -0.9, 0.9)
        self.corr[f, f] = 1.0
        markers = [i for i in block if self.fixed.get((factor, "=~", self._name(i)))]
        if markers:
            value = self.fixed[(factor, "=~", self._name(markers[0]))] or 1.0
            own = self.loading[markers[0], f]
            own = own if abs(own) > 0.15 else 0.15 * (-1 if own < 0 else 1)
            self.sd[f] = own * self.sd[markers[0]] / value
            return
        self.sd[f] = np.sqrt(max(self.fixed.get((factor, "~~", factor)) or 1.0, 0.01))
        if loading.sum() < 0:
            self.loading[block, f] *= -1
            self.corr[f] *= -1
            self.corr[:, f] *= -1

    def _regressions(self, rows: Sequence[Parameter]) -> Array:
        """Standardised regression weights of every explained variable; shape (v, v)."""
        slopes = np.zeros_like(self.corr)
        causes: dict[int, list[int]] = {}
        for row in rows:
            if row.op == "~":
                causes.setdefault(self.at[row.lhs], []).append(self.at[row.rhs])
        for y, x in causes.items():
            ridge = self.corr[np.ix_(x, x)] + 0.05 * np.eye(len(x))
            slopes[y, x] = np.linalg.solve(ridge, self.corr[x, y]) if self.boldness > 0 else 0.0
        return slopes

    def of(self, row: Parameter) -> float:
        """A value for one line of the table."""
        i, j = self.at[row.lhs], self.at[row.rhs or row.lhs]
        p = len(self.table.observed)
        if row.op == "=~":
            return float(self.loading[j, i] * self.sd[j] / self.sd[i])
        if row.op == "~":
            return float(self.slopes[i, j] * self.sd[i] / self.sd[j])
        if row.op == "~1":
            return float(self.sample.mean[i]) if i < p and self.sample.mean is not None else 0.0
        if i == j:
            explained = float((self.loading[i] ** 2).sum() + self.slopes[i] @ self.corr[i])
            return float(self.sd[i] ** 2 * np.clip(1 - explained, 0.15, 1.0))
        if (self.loading[i].any() or self.loading[j].any() or self.slopes[i].any() or self.slopes[j].any()) or (
            self.boldness <= 0 and max(i, j) >= p
        ):
            return 0.0
        return float(0.9 * self.corr[i, j] * self.sd[i] * self.sd[j])

    def _name(self, i: int) -> str:
        return self.table.variables[i]


def first_factor(corr: Array) -> Array:
    """Loadings of one common factor of a block, by a few passes of principal axis; shape (k,)."""
    k = len(corr)
    if k == 1:
        return np.array([0.9])
    off = corr - np.diag(np.diag(corr))
    if k == 2:
        r = float(np.clip(off[0, 1], -0.95, 0.95))
        size = np.sqrt(max(abs(r), 0.04))
        return np.array([size, -size if r < 0 else size])
    shared = np.abs(off).max(axis=1)
    for _ in range(5):
        values, vectors = np.linalg.eigh(off + np.diag(shared))
        loading = vectors[:, -1] * np.sqrt(max(values[-1], 0.04))
        shared = np.clip(loading**2, 0.02, 0.9)
    small = np.abs(loading) < 0.05
    return np.clip(np.where(small, np.where(loading < 0, -0.05, 0.05), loading), -0.95, 0.95)
