"""A mediation whose paths are steeper or flatter over the values of a moderator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import DesignMatrix, complete_rows, design_matrix
from sgsurvey.models.fit import Fit, fit
from sgsurvey.models.formula import Factor, Formula
from sgsurvey.models.mediation_chain import ARROW, cause_first, drawn_coefficients
from sgsurvey.models.standard_errors import choose_errors
from sgsurvey.numerics.dominance import left_over

Stage = Literal["first", "second", "direct"]


@dataclass(frozen=True, slots=True)
class Moderator:
    """What moderates which paths of a mediation.

    Parameters
    ----------
    name : str
        A variable that holds numbers (0 and 1 for two groups); centred at its mean.
    of : tuple of str
        ``"first"``: from the cause to the mediators; ``"second"``: from the mediators to the outcome; ``"direct"``.
    at : tuple of float
        Values at which effects are given; the mean and one standard deviation to each side where empty, both values of
        a moderator that has but two.
    """

    name: str
    of: tuple[Stage, ...] = ("first",)
    at: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        known = get_args(Stage)
        wrong = [stage for stage in self.of if stage not in known]
        if wrong or not self.of:
            raise DataError(
                f"'{', '.join(wrong)}' is no path.{did_you_mean(wrong[0], known) if wrong else ''}",
                where="Moderator(of=)",
                remedy=f"Name some of {', '.join(known)}.",
            )


class Slopes(NamedTuple):
    """Slopes at the moderator's mean and their change per unit of it, in D samples, with k mediators."""

    first: Array  # (D, k)
    first_change: Array
    second: Array
    second_change: Array
    direct: Array  # (D,)
    direct_change: Array


@dataclass(frozen=True)
class ModeratedChain:
    """Regressions of mediators and outcome with products of a moderator.

    Attributes
    ----------
    fits : tuple of Fit
        Of the mediators in order and of the outcome.
    names : tuple of str
        Cause, mediators, outcome.
    moderator : Moderator
    centred : str
        The moderator's column.
    at : ndarray, shape (V,)
        Values at which effects are given.
    mean : float
        Of the moderator.
    z : ndarray, shape (n, m)
        Constant, covariates; cause, moderator, mediators, products; outcome.
    columns : tuple of str
        Of ``z`` from the cause on, without the outcome.
    cause : int
    dropped : dict of reason to count
    """

    fits: tuple[Fit, ...]
    names: tuple[str, ...]
    moderator: Moderator
    centred: str
    at: Array
    mean: float
    z: Array
    columns: tuple[str, ...]
    cause: int
    dropped: dict[str, int]

    @classmethod
    def of(cls, answers: Responses, formula: str, mediators: list[str], moderator: Moderator) -> ModeratedChain:
        """Fit the regressions on the rows that have every variable.

        The moderator enters a regression where it moderates there (Hayes 2015), or where the formula names it.
        """
        read = _read(answers, formula, mediators, moderator)
        w = Factor(f"center({moderator.name})", moderator.name, "centred")
        variables = tuple(dict.fromkeys([*read.variables, *mediators, w.variable]))
        rows, errors = complete_rows(answers, variables), choose_errors(answers, "HC3", None)
        first, second, direct = (stage in moderator.of for stage in get_args(Stage))
        targets = [Factor(name, name) for name in mediators]

        def designed(outcome: Factor, on: Sequence[Factor], times: Sequence[Factor]) -> DesignMatrix:
            return design_matrix(answers, _with(read, outcome, w, on, times), rows)

        cause = read.factors[0]
        designs = [designed(target, [], [cause] if first else []) for target in targets]
        steeper = [*([cause] if direct else []), *(targets if second else [])]
        designs.append(designed(read.outcome, targets, steeper))
        whole = designed(read.outcome, targets, [cause, *targets])
        own = [cause.name, w.name, *mediators, *(f"{name}:{w.name}" for name in (cause.name, *mediators))]
        at = [whole.names.index(name) for name in own]
        others = [j for j in range(whole.X.shape[1]) if j not in at]
        given = answers.variables([w.variable])[w.variable].iloc[rows.kept].to_numpy(dtype=float)
        return cls(
            tuple(fit(design, errors) for design in designs),
            (cause.name, *mediators, whole.outcome),
            moderator,
            w.name,
            _values(moderator, given, whole.weights),
            float(np.average(given, weights=whole.weights)),
            np.column_stack([whole.X[:, [*others, *at]], whole.y]),
            tuple(own),
            len(others),
            rows.dropped,
        )

    @property
    def outcome(self) -> DesignMatrix:
        """The design of the outcome's regression."""
        return self.fits[-1].design

    @property
    def regressions(self) -> tuple[Fit, ...]:
        """Those that the paths come from."""
        return self.fits

    @property
    def paths(self) -> list[str]:
        """The path through each mediator."""
        return [ARROW.join([self.names[0], name, self.names[-1]]) for name in self.names[1:-1]]

    @property
    def lines(self) -> pd.DataFrame:
        """What each effect is: ``effect, kind, at``; at the mean, at each value, then the indices."""
        moderated = self.paths if {"first", "second"} & set(self.moderator.of) else []
        moderated = [*moderated, *(["direct"] if "direct" in self.moderator.of else [])]
        parts = [(name, "effect", np.nan) for name in ["total", "direct", "indirect", *self.paths]]
        parts += [(name, "conditional", value) for name in moderated for value in self.at]
        parts += [(name, "index", np.nan) for name in self.paths if self._linear]
        return pd.DataFrame(parts, columns=["effect", "kind", "at"])

    @property
    def _linear(self) -> bool:
        """Whether an indirect effect changes along a straight line: one of its two slopes does."""
        return len({"first", "second"} & set(self.moderator.of)) == 1

    def effects(self, moments: Array) -> Array:
        """The effects of ``lines`` from cross products; shape (D, q)."""
        rest = left_over(moments, self.cause)
        return self._combined(_slopes([self._from(rest, one) for one in self.fits]))

    def drawn_effects(self, draws: int, seed: int) -> Array:
        """The effects of coefficients drawn from the normal distribution of each regression's estimates."""
        rng = np.random.default_rng(seed)
        return self._combined(_slopes([self._placed(one, draws, rng) for one in self.fits]))

    def _from(self, rest: Array, one: Fit) -> Array:
        """A regression's coefficients at their places among ``columns``, 0 where it has none; (D, k + 1, 2)."""
        on = [j for j, name in enumerate(self.columns) if name in one.design.names]
        target = [*self.columns, self.names[-1]].index(one.design.outcome)
        found = np.zeros((len(rest), len(self.columns)))
        found[:, on] = np.linalg.solve(rest[:, on][:, :, on], rest[:, on, target][:, :, None])[:, :, 0]
        return self._pairs(found)

    def _placed(self, one: Fit, draws: int, rng: np.random.Generator) -> Array:
        names = [name for name in self.columns if name in one.design.names]
        found = np.zeros((draws, len(self.columns)))
        found[:, [self.columns.index(name) for name in names]] = drawn_coefficients(one, names, draws, rng)
        return self._pairs(found)

    def _pairs(self, coefficients: Array) -> Array:
        """Slope and change of cause and mediators, shape (D, k + 1, 2)."""
        slope = [0, *range(2, len(self.names))]
        change = list(range(len(self.names), len(self.columns)))
        return np.stack([coefficients[:, slope], coefficients[:, change]], axis=2)

    def _combined(self, s: Slopes) -> Array:
        single = s.first * s.second
        indirect = single.sum(axis=1)
        parts = [s.direct + indirect, s.direct, indirect, *single.T]
        along = self.at - self.mean
        if {"first", "second"} & set(self.moderator.of):
            for j in range(single.shape[1]):
                first = s.first[:, j, None] + s.first_change[:, j, None] * along
                parts += list((first * (s.second[:, j, None] + s.second_change[:, j, None] * along)).T)
        if "direct" in self.moderator.of:
            parts += list((s.direct[:, None] + s.direct_change[:, None] * along).T)
        if self._linear:
            parts += list((s.first_change * s.second + s.first * s.second_change).T)
        return np.column_stack(parts)


def _slopes(regressions: Sequence[Array]) -> Slopes:
    """Slopes of the chain from those of its regressions, each of shape (D, k + 1, 2)."""
    first = np.stack([one[:, 0] for one in regressions[:-1]], axis=1)
    last = regressions[-1]
    return Slopes(first[..., 0], first[..., 1], last[:, 1:, 0], last[:, 1:, 1], last[:, 0, 0], last[:, 0, 1])


def _read(answers: Responses, formula: str, mediators: list[str], moderator: Moderator) -> Formula:
    """The formula, read, when moderator and predictors can be what they are named to be."""
    read = cause_first(formula)
    if set(read.right) & set("*:"):
        raise DataError(
            "the formula has a product of its own.",
            where=f"formula '{formula}'",
            remedy="Name single predictors: products with the moderator are made here.",
        )
    if moderator.name in (read.factors[0].variable, read.outcome.variable, *mediators):
        raise DataError(
            f"'{moderator.name}' already stands in the chain.", where="moderator=", remedy="Name another variable."
        )
    if not pd.api.types.is_numeric_dtype(answers.variables([moderator.name])[moderator.name]):
        raise DataError(
            f"'{moderator.name}' holds words.", where="moderator=", remedy="Make a 0/1 column of two groups."
        )
    return read


def _with(read: Formula, outcome: Factor, w: Factor, on: Sequence[Factor], times: Sequence[Factor]) -> Formula:
    """``outcome`` on the cause, covariates and mediators ``on``, and on products of ``times`` with the moderator."""
    covariates = [factor for factor in read.factors[1:] if factor.variable != w.variable]
    entered = bool(times) or len(covariates) < len(read.factors) - 1
    factors = [read.factors[0], *covariates, *on, *([w] if entered else [])]
    place = {factor: f"f{k}" for k, factor in enumerate(factors)}
    right = " + ".join([*place.values(), *(f"{place[factor]}:{place[w]}" for factor in times)])
    return replace(read, outcome=outcome, factors=tuple(factors), right=right)


def _values(moderator: Moderator, given: Array, weights: Array | None) -> Array:
    """Where effects are given."""
    if moderator.at:
        return np.asarray(moderator.at, dtype=float)
    seen = np.unique(given)
    if len(seen) == 2:
        return seen
    mean, n = np.average(given, weights=weights), len(given)
    sd = np.sqrt(np.average((given - mean) ** 2, weights=weights) * n / (n - 1))
    return np.asarray(mean + sd * np.array([-1.0, 0.0, 1.0]))
