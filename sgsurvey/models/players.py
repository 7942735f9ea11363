"""Predictors as players of a game for R²: what each is worth, and how much that varies from sample to sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix, Term
from sgsurvey.models.unit_moments import UnitMoments
from sgsurvey.numerics.dominance import genizi_weights, left_over, owen_weights, subset_r_squared
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import correlation

# With more predictors the subsets are too many to count: the weights of Genizi and Johnson take over.
MOST = 20
PERMUTATIONS = 200
FLOOR = 0.95
LEVEL = 0.95
# Numbers that shuffled columns may hold at a time.
BATCH = 20_000_000


@dataclass(frozen=True)
class Game:
    """Predictors as players.

    Attributes
    ----------
    terms : tuple of Term
        The predictors.
    players : tuple of tuples of int
        Their columns, counted after the controls.
    blocks : tuple of tuples of int
        Players that enter together.
    controls : int
        Columns that are partialled out: the constant first.
    m : int
        Columns in all, the outcome last.
    """

    terms: tuple[Term, ...]
    players: tuple[tuple[int, ...], ...]
    blocks: tuple[tuple[int, ...], ...]
    controls: int
    m: int

    @property
    def exact(self) -> bool:
        """Whether all subsets are counted."""
        return len(self.players) <= MOST

    @cached_property
    def weights(self) -> Array:
        """Weights of the subsets' R² in each player's value; shape (k, 2^k)."""
        return owen_weights(len(self.players), self.blocks)

    def named_blocks(self, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Players by the name of their block: the ``names`` given, then each lone player's own."""
        given = list(names)
        lone = [self.terms[block[0]].name for block in self.blocks[len(given) :]]
        return dict(zip([*given, *lone], self.blocks, strict=True))

    def block_of(self, names: Iterable[str]) -> list[str]:
        """The name of each player's block."""
        found = {j: name for name, block in self.named_blocks(names).items() for j in block}
        return [found[j] for j in range(len(self.players))]

    def values(self, moments: Array) -> Array:
        """Importance of each player from cross products with the constant and controls first; shape (D, k)."""
        rest = left_over(moments, self.controls)
        if self.exact:
            return np.asarray(self.r_squared(rest) @ self.weights.T)
        return np.array([genizi_weights(corr) for corr in correlation(rest)])

    def r_squared(self, rest: Array) -> Array:
        """R² of every subset from what the controls leave; shape (D, 2^k)."""
        return subset_r_squared(rest, self.players, self.m - self.controls - 1)


def game_of(
    design: DesignMatrix, predictors: Sequence[str], blocks: Mapping[str, Sequence[str]] | None
) -> tuple[Game, Array]:
    """The game of the named terms, and the rows it is played on: constant, controls, predictors, outcome."""
    terms = tuple(term for term in design.terms if term.name in predictors)
    own = [column for term in terms for column in term.columns]
    before = [j for j in range(design.X.shape[1]) if j not in own]
    constant = [j for j in before if design.names[j] == INTERCEPT]
    before = constant + [j for j in before if j not in constant]
    if len(terms) > MOST and len(own) > len(terms):
        raise EstimationError(
            f"with more than {MOST} predictors, categories cannot be ranked.", remedy="Enter them as controls."
        )
    z = np.column_stack([design.X[:, [*before, *own]], design.y])
    # Sums of squares of what is far from 0 lose digits: everything but the constant is centred and scaled.
    z[:, 1:] = (z[:, 1:] - z[:, 1:].mean(axis=0)) / z[:, 1:].std(axis=0)
    ends = np.cumsum([0, *(len(term.columns) for term in terms)])
    players = tuple(tuple(range(a, b)) for a, b in pairwise(ends))
    return Game(terms, players, _blocks(terms, blocks or {}), len(before), z.shape[1]), z


def _blocks(terms: Sequence[Term], blocks: Mapping[str, Sequence[str]]) -> tuple[tuple[int, ...], ...]:
    """Players of each block; those that no block names stand alone."""
    names = [term.name for term in terms]
    named = [name for block in blocks.values() for name in block]
    for name in named:
        if name not in names or named.count(name) > 1:
            raise DataError(
                f"'{name}' stands in two blocks."
                if name in names
                else f"'{name}' is no predictor." + did_you_mean(name, names),
                where="blocks",
                remedy="Name each predictor once, as it stands in the formula.",
            )
    within = [tuple(names.index(name) for name in block) for block in blocks.values()]
    return (*within, *((j,) for j in range(len(names)) if names[j] not in named))


@dataclass(frozen=True)
class Spread:
    """Replicates of the players' values, shape (R, k); squares count by ``weights``, with ``df``; None: percentiles."""

    values: Array
    weights: Array | None = None
    df: float = np.inf
    failed: int = 0

    def interval(self, estimate: Array, values: Array) -> tuple[Array, Array]:
        """Limits of numbers whose replicates are ``values``, shape (R, q)."""
        if self.weights is None:
            tail = (1 - LEVEL) / 2
            low, high = np.quantile(values, [tail, 1 - tail], axis=0)
            return low, high
        error = np.sqrt(self.weights @ (values - estimate) ** 2)
        low, high = symmetric_interval(estimate, error, np.full(len(estimate), self.df), LEVEL)
        return np.maximum(low, 0.0), high


def bootstrap(game: Game, moments: UnitMoments, draws: int, seed: int) -> Spread:
    """Values in samples of units drawn with replacement."""
    drawn = moments.bootstrapped(draws, seed)
    found = drawn[:, -1, -1] > 1e-12 * moments.total[0, -1, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        values = game.values(drawn[found])
    good = np.isfinite(values).all(axis=1)
    if good.sum() < 0.5 * draws:
        raise EstimationError(
            f"{draws - int(good.sum())} of {draws} draws could not be computed.", remedy="Use fewer predictors."
        )
    return Spread(values[good], failed=draws - int(good.sum()))


def jackknife(game: Game, moments: UnitMoments) -> Spread:
    """Values with each unit left out."""
    left_out, weights = moments.jackknifed()
    return Spread(game.values(left_out), weights, moments.df)


def noise_floors(game: Game, moments: UnitMoments, seed: int) -> Array:
    """95 % point of each player's importance when whole units trade their values of it (beyond the controls)."""
    z, root = moments.z, np.sqrt(moments.weights)[:, None]
    before, own = z[:, : game.controls], z[:, game.controls : -1]
    beyond = own - before @ np.linalg.lstsq(root * before, root * own, rcond=None)[0]
    values: list[Array] = []
    for rows in moments.shuffles(PERMUTATIONS, seed, batch=max(1, BATCH // len(z))):
        found = np.empty((len(rows), len(game.players)))
        for j, columns in enumerate(game.players):
            found[:, j] = game.values(_traded(moments, beyond[:, columns][rows], game.controls + np.array(columns)))[
                :, j
            ]
        values.append(found)
    return np.asarray(np.quantile(np.concatenate(values), FLOOR, axis=0))


def _traded(moments: UnitMoments, values: Array, at: npt.NDArray[np.int64]) -> Array:
    """Cross products with other ``values``, shape (D, n, c), in the columns ``at``; shape (D, m, m)."""
    turned = values.transpose(0, 2, 1) * moments.weights
    crossed = np.repeat(moments.total, len(values), axis=0)
    side = turned @ moments.z
    crossed[:, at, :], crossed[:, :, at] = side, side.transpose(0, 2, 1)
    crossed[:, at[:, None], at] = turned @ values
    return crossed
