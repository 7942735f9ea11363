"""The regressions of a mediation: each mediator and the outcome on what comes before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import DesignMatrix, complete_rows, design_matrix
from sgsurvey.models.fit import Fit, fit
from sgsurvey.models.formula import Formula, read_formula
from sgsurvey.models.standard_errors import choose_errors
from sgsurvey.numerics.dominance import left_over
from sgsurvey.numerics.linalg import correlation
from sgsurvey.numerics.paths import Route, chain_coefficients, indirect_effects, routes

ARROW = " → "


def mediators_of(through: str | Sequence[str]) -> tuple[list[str], bool]:
    """Names of the mediators, and whether they stand in a row."""
    names = [name.strip() for name in through.split("->")] if isinstance(through, str) else list(through)
    if not names or not all(names) or len(set(names)) < len(names):
        raise DataError(
            f"'{through}' does not name mediators.",
            where="through",
            remedy='Write "EFS", ["EFS", "EFL"] or "EFS -> EFL".',
        )
    return names, isinstance(through, str) and len(names) > 1


def cause_first(formula: str) -> Formula:
    """The formula, read; its first predictor is a number."""
    read = read_formula(formula)
    if not read.factors or read.factors[0].treatment == "category":
        raise DataError(
            "the first predictor must be a number.", where=f"formula '{formula}'", remedy="Put categories behind it."
        )
    return read


@dataclass(frozen=True)
class MediationChain:
    """Regressions of mediators and outcome, and their rows: constant, covariates, cause, mediators, outcome.

    Attributes
    ----------
    fits : tuple of Fit
        Of the mediators in order, of the outcome, and of the outcome without mediators.
    names : tuple of str
        Cause, mediators, outcome.
    z : ndarray, shape (n, m)
    cause : int
        Its column in ``z``; those before it are partialled out.
    serial : bool
    dropped : dict of reason to count
    """

    fits: tuple[Fit, ...]
    names: tuple[str, ...]
    z: Array
    cause: int
    serial: bool
    dropped: dict[str, int]

    @classmethod
    def of(cls, answers: Responses, formula: str, mediators: list[str], *, serial: bool) -> MediationChain:
        """Fit the regressions on the rows that have every variable."""
        read = cause_first(formula)
        right = formula.partition("~")[2].strip()
        whole = read_formula(f"{formula} + {' + '.join(mediators)}")
        rows, errors = complete_rows(answers, whole.variables), choose_errors(answers, "HC3", None)

        def regressed(outcome: str, on: Sequence[str]) -> Fit:
            text = f"{outcome} ~ {' + '.join([right, *on])}"
            return fit(design_matrix(answers, read_formula(text), rows), errors)

        before = [mediators[:j] if serial else [] for j in range(len(mediators))]
        fits = [regressed(name, others) for name, others in zip(mediators, before, strict=True)]
        fits += [regressed(read.outcome.name, mediators), regressed(read.outcome.name, [])]
        last = fits[-2].design
        ordered = [read.factors[0].name, *mediators]
        at = [last.names.index(name) for name in ordered]
        others = [j for j in range(last.X.shape[1]) if j not in at]
        z = np.column_stack([last.X[:, [*others, *at]], last.y])
        return cls(tuple(fits), (*ordered, last.outcome), z, len(others), serial, rows.dropped)

    @property
    def outcome(self) -> DesignMatrix:
        """The design of the outcome's regression."""
        return self.fits[-2].design

    @property
    def regressions(self) -> tuple[Fit, ...]:
        """Those that the paths come from."""
        return self.fits[:-1]

    @property
    def routes(self) -> list[Route]:
        """The mediators that each path goes through."""
        return routes(len(self.names) - 2, serial=self.serial)

    @property
    def lines(self) -> pd.DataFrame:
        """What each effect is, one row for each of ``effects``: ``effect, kind, at`` as where there is a moderator."""
        stops = [[self.names[0], *(self.names[1 + j] for j in path), self.names[-1]] for path in self.routes]
        names = ["total", "direct", "indirect", *(ARROW.join(stop) for stop in stops)]
        return pd.DataFrame({"effect": names, "kind": "effect", "at": np.nan})

    def effects(self, moments: Array) -> Array:
        """Total, direct, indirect, then each path, from cross products; shape (D, 3 + paths)."""
        rest = left_over(moments, self.cause)
        return self._summed(chain_coefficients(rest, len(self.names) - 2, serial=self.serial))

    def _summed(self, slopes: Array) -> Array:
        single = indirect_effects(slopes, self.routes)
        direct, indirect = slopes[:, -1, 0], single.sum(axis=1)
        return np.column_stack([direct + indirect, direct, indirect, single])

    def drawn_effects(self, draws: int, seed: int) -> Array:
        """Effects of slopes drawn from the normal distribution of each regression's estimates; shape (draws, q)."""
        rng, size = np.random.default_rng(seed), len(self.names)
        slopes = np.zeros((draws, size, size))
        for to, one in enumerate(self.regressions, start=1):
            of = [j for j, name in enumerate(self.names[:to]) if name in one.design.names]
            slopes[:, to, of] = drawn_coefficients(one, [self.names[j] for j in of], draws, rng)
        return self._summed(slopes)

    def sensitivity(self, moments: Array) -> pd.DataFrame:
        """Partial correlation of each mediator with the outcome, given the cause, covariates and other mediators."""
        rest = left_over(moments, self.cause)[0]
        partial = -correlation(np.linalg.inv(rest))[1:-1, -1]
        return pd.DataFrame({"mediator": self.names[1:-1], "rho": partial})


def drawn_coefficients(one: Fit, names: Sequence[str], draws: int, rng: np.random.Generator) -> Array:
    """Draws of a regression's coefficients from the normal distribution of their estimates; shape (draws, k)."""
    at = [one.design.names.index(name) for name in names]
    matrix = one.covariance.matrix[np.ix_(at, at)]
    return rng.multivariate_normal(one.solution.coefficients[at], matrix, size=draws)
