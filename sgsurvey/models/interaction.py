"""A predictor times a moderator in a linear regression, and the slopes that it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.words import code_words
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.models.coded_factors import levels_of, variable_label
from sgsurvey.models.covariance import Array, Wald
from sgsurvey.models.design_matrix import INTERCEPT, complete_rows, design_matrix
from sgsurvey.models.fit import Fit, fit
from sgsurvey.models.formula import Factor, Formula, read_formula
from sgsurvey.models.hidden_coefficients import hide_few
from sgsurvey.models.least_squares import least_squares
from sgsurvey.models.standard_errors import Errors
from sgsurvey.text import Text


@dataclass(frozen=True)
class Interaction:
    """A fitted model of an outcome on predictor, moderator, their product and covariates.

    Attributes
    ----------
    fit : Fit
    x : int
        Column of the predictor.
    w, xw : tuple of int
        Columns of the moderator and of its products with the predictor.
    values : ndarray, shape (n, 2)
        Predictor and moderator as they were given; the moderator as the number of its level where it is a category.
    levels : tuple
        Of a category, the reference first; empty for a number.
    level_words : tuple of Text
    predictor, moderator : Text
    dropped : dict of reason to count
    """

    fit: Fit
    x: int
    w: tuple[int, ...]
    xw: tuple[int, ...]
    values: Array
    levels: tuple[object, ...]
    level_words: tuple[Text, ...]
    predictor: Text
    moderator: Text
    dropped: dict[str, int]

    @property
    def test(self) -> Wald:
        """That the slope is the same at every value of the moderator."""
        return self.fit.wald(self.xw)

    @property
    def added(self) -> float:
        """What the products add to R-squared."""
        design, whole = self.fit.design, self.fit.solution
        X = np.delete(design.X, self.xw, axis=1)
        return whole.r_squared - least_squares(X, design.y, design.weights, intercept=True).r_squared

    @property
    def means(self) -> Array:
        """Weighted means of predictor and moderator as they were given; shape (2,)."""
        return np.asarray(np.average(self.values, axis=0, weights=self.fit.design.weights))

    @property
    def sd(self) -> float:
        """Standard deviation of the moderator, with n - 1."""
        w = self.fit.design.weights
        variance = np.average((self.values[:, 1] - self.means[1]) ** 2, weights=w)
        n = len(self.values)
        return float(np.sqrt(variance * n / (n - 1)))

    def slopes(self, at: Array) -> Array:
        """Contrasts that make the slope of the predictor at values of the moderator; shape (q, p) from (q,)."""
        rows = np.zeros((len(at), self.fit.solution.p))
        rows[:, self.x] = 1.0
        rows[:, list(self.xw)] = self._moderator(at)
        return rows

    def expected(self, x: Array, at: float) -> Array:
        """Contrasts that make the expected outcome along the predictor, covariates at their means; shape (q, p)."""
        design = self.fit.design
        rows = np.tile(np.average(design.X, axis=0, weights=design.weights), (len(x), 1))
        own = self._moderator(np.full(len(x), at))
        scaled = _as_coded(x, self.values[:, 0], design.X[:, self.x])
        rows[:, self.x] = scaled
        rows[:, list(self.w)] = own
        rows[:, list(self.xw)] = own * scaled[:, None]
        return rows

    def combinations(self, contrasts: Array, conf_level: float) -> pd.DataFrame:
        """Estimates of contrasts with their intervals; nan for those that speak of few people."""
        lines = self.fit.covariance.combinations(self.fit.solution.coefficients, contrasts, conf_level)
        return hide_few(lines, self.fit.design.speaks_of_few(contrasts))

    def _moderator(self, at: Array) -> Array:
        """Columns of the moderator at values of it."""
        if self.levels:
            return np.asarray(at[:, None] == np.arange(1, len(self.levels)), dtype=float)
        return _as_coded(at, self.values[:, 1], self.fit.design.X[:, self.w[0]])[:, None]


def interaction(answers: Responses, formula: str, moderator: str, errors: Errors) -> Interaction:
    """Fit the model of ``formula`` with its first predictor times ``moderator``; both centred where they are numbers.

    Raises
    ------
    DataError
        The first predictor is a category or the moderator itself, or the formula has products of its own.
    EstimationError
        No constant, or as ``fit``.
    """
    read = _checked(formula)
    x, w = _factors(answers, read, moderator)
    rows = complete_rows(answers, tuple(dict.fromkeys([*read.variables, w.variable])))
    design = design_matrix(answers, _multiplied(read, x, w), rows)
    if not design.intercept:
        raise EstimationError("the model needs its constant.", where=f"formula '{formula}'", remedy="Take out '0'.")
    terms = {term.name: term.columns for term in design.terms}
    given = answers.variables([x.variable, w.variable]).iloc[rows.kept]
    number = next(term.number for term in design.terms if term.name == w.name)
    levels = () if number else levels_of(answers, w.variable, given[w.variable])
    own = given[w.variable].map({level: k for k, level in enumerate(levels)}) if levels else given[w.variable]
    return Interaction(
        fit(design, errors),
        terms[x.name][0],
        terms[w.name],
        terms.get(f"{x.name}:{w.name}") or terms[f"{w.name}:{x.name}"],
        np.column_stack([given[x.variable].to_numpy(dtype=float), own.to_numpy(dtype=float)]),
        levels,
        tuple(code_words(answers, w.variable, level) for level in levels),
        variable_label(answers, x.variable),
        variable_label(answers, w.variable),
        rows.dropped,
    )


def _checked(formula: str) -> Formula:
    """The formula, read; its terms are single."""
    read = read_formula(formula)
    if set(read.right) & set("*:"):
        raise DataError(
            "the formula has a product of its own.",
            where=f"formula '{formula}'",
            remedy="Name single predictors: the product with the moderator is made here.",
        )
    if not read.factors:
        raise DataError("there is no predictor.", where=f"formula '{formula}'", remedy="Name one after '~'.")
    return read


def _factors(answers: Responses, read: Formula, moderator: str) -> tuple[Factor, Factor]:
    """Predictor and moderator, centred where they are plain numbers."""
    x = read.factors[0]
    asked = read_formula(f"{_quoted(read.outcome.variable)} ~ {moderator}").factors
    if len(asked) != 1:
        raise DataError(f"'{moderator}' is not one variable.", where="moderator=", remedy="Name one moderator.")
    w = asked[0]
    if w.variable == x.variable:
        raise DataError(f"'{w.variable}' cannot moderate itself.", where="moderator=", remedy="Name another variable.")
    numeric = answers.variables([x.variable, w.variable]).dtypes.map(pd.api.types.is_numeric_dtype)
    if x.treatment == "category" or not numeric[x.variable]:
        raise DataError(
            f"the first predictor, '{x.variable}', must be a number.",
            where=f"formula '{read.text}'",
            remedy="Put categories behind it, or make a 0/1 column of two groups.",
        )
    return _centred(x), _centred(w) if numeric[w.variable] else w


def _centred(factor: Factor) -> Factor:
    if factor.treatment != "as_is":
        return factor
    return Factor(f"center({factor.variable})", factor.variable, "centred")


def _multiplied(read: Formula, x: Factor, w: Factor) -> Formula:
    """The formula with ``x * w`` in place of ``x``; a covariate that is the moderator is not entered twice."""
    others = [factor for factor in read.factors[1:] if factor.variable != w.variable]
    if any(factor.variable == x.variable for factor in others):
        raise DataError(
            f"'{x.variable}' stands twice.", where=f"formula '{read.text}'", remedy="Name it once, as first predictor."
        )
    signs = "" if "0" not in read.right.split() and "- 1" not in read.right else " - 1"
    right = " + ".join(["f0 * f1", *(f"f{k}" for k in range(2, 2 + len(others)))]) + signs
    return replace(read, factors=(x, w, *others), right=right)


def _quoted(name: str) -> str:
    return f"`{name}`"


def _as_coded(asked: Array, given: Array, coded: Array) -> Array:
    """Values of a variable on the scale on which it entered (centred, standardised): the line through two rows."""
    low, high = int(np.argmin(given)), int(np.argmax(given))
    rise = (coded[high] - coded[low]) / (given[high] - given[low])
    return np.asarray(coded[low] + (asked - given[low]) * rise, dtype=float)


def names_of(made: Interaction) -> dict[str, Text]:
    """Words for the names of the model's columns."""
    design = made.fit.design
    return {name: label for name, label in zip(design.names, design.labels, strict=True) if name != INTERCEPT}
