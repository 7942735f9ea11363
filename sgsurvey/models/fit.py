"""A least squares fit: coefficients, their covariance, and what is computed from both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.models.covariance import (
    Array,
    Covariance,
    Wald,
)
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix
from sgsurvey.models.hidden_coefficients import hide_few
from sgsurvey.models.least_squares import LeastSquares, generalised_vif, least_squares
from sgsurvey.models.standard_errors import Errors
from sgsurvey.text import Text

# A column whose part outside the span of the columns before it is smaller than this, relative to the column, is a
# combination of them (R's lm uses the same limit).
COLLINEAR = 1e-7


@dataclass(frozen=True)
class Fit:
    """A design matrix, its least squares fit, and one covariance that all standard errors and tests come from.

    ``errors`` is what the covariance was made by, for fits of other columns to the same rows.
    """

    design: DesignMatrix
    solution: LeastSquares
    covariance: Covariance
    errors: Errors

    def frame(self, conf_level: float) -> pd.DataFrame:
        """One line per coefficient: estimate, standard error, t on its own df, p, interval, beta, VIF, 2-SD estimate.

        ``beta`` is for single numeric variables; ``vif`` is the generalised one for the columns of a category, and
        missing without an intercept; ``estimate_2sd`` as ``Regression`` has it.  What speaks of few people is nan.
        """
        b, se, df = self.solution.coefficients, self.covariance.std_error, self.covariance.df
        with np.errstate(divide="ignore", invalid="ignore"):
            t = b / se
        half = stats.t.ppf(0.5 + conf_level / 2, df) * se
        lines = pd.DataFrame(
            {
                "term": self.design.names,
                "estimate": b,
                "std_error": se,
                "statistic": t,
                "df": df,
                "p_value": 2 * stats.t.sf(np.abs(t), df),
                "conf_low": b - half,
                "conf_high": b + half,
                "beta": self._beta(),
                "vif": self._vif,
                "estimate_2sd": b * self._wide_steps(),
            }
        )
        return hide_few(lines, self.design.rare)

    def terms(self) -> pd.DataFrame:
        """One line per term: joint test of its columns, generalised VIF and its root on the scale of one column."""
        lines = []
        for term in self.design.terms:
            wald = self.wald(term.columns)
            vif = self._vif[term.columns[0]]
            lines.append(
                [term.name, wald.statistic, wald.df1, wald.df2, wald.p_value, vif, vif ** (0.5 / len(term.columns))]
            )
        return pd.DataFrame(lines, columns=["term", "statistic", "df1", "df2", "p_value", "gvif", "gvif_scaled"])

    def wald(self, columns: tuple[int, ...]) -> Wald:
        """Joint test that the coefficients of ``columns`` are 0, under this fit's covariance."""
        return self.covariance.wald(self.solution.coefficients, np.eye(self.solution.p)[list(columns)])

    @cached_property
    def statistics(self) -> pd.Series:
        """Fit statistics by name; ``f`` is the joint test under the same covariance, ``f_classical`` the textbook's.

        ``n_effective`` is Kish's ``(sum w)^2 / sum w^2``.
        """
        s = self.solution
        slopes = tuple(j for j, name in enumerate(self.design.names) if name != INTERCEPT)
        robust = self.wald(slopes)
        empty = LeastSquares(np.empty(0), np.empty(0), s.tss, s.tss, np.nan, s.n, int(s.intercept), s.intercept)
        plain = s.f_change(empty)
        clusters, w = self.covariance.clusters, self.design.weights
        return pd.Series(
            {
                "n": float(s.n),
                "n_effective": s.n if w is None else float(w.sum() ** 2 / (w @ w)),
                "clusters": np.nan if clusters is None else float(clusters),
                "r_squared": s.r_squared,
                "adj_r_squared": s.adj_r_squared,
                "f": robust.statistic,
                "f_df1": robust.df1,
                "f_df2": robust.df2,
                "f_p_value": robust.p_value,
                "f_classical": plain.statistic,
                "f_classical_df1": plain.df1,
                "f_classical_df2": plain.df2,
                "f_classical_p_value": plain.p_value,
                "sigma": s.sigma,
                "aic": s.aic,
                "bic": s.bic,
            }
        )

    @cached_property
    def model(self) -> Any:
        """The same fit by statsmodels, for its diagnostics; its own standard errors are the classical ones."""
        import statsmodels.api as sm

        y = pd.Series(self.design.y, name=self.design.outcome)
        X = pd.DataFrame(self.design.X, columns=list(self.design.names))
        return sm.OLS(y, X).fit() if self.design.weights is None else sm.WLS(y, X, weights=self.design.weights).fit()

    def notes(self) -> tuple[Text, ...]:
        """Standard errors, weights, reference categories."""
        weighted = Text("按调查权重加权估计。", "Estimated with the survey weights.")
        origin = Text("模型无常量：R²以0为基准，而非均值。", "No constant: R² is about 0, not about the mean.")
        return (
            *self.covariance.notes,
            *([] if self.design.weights is None else [weighted]),
            *([] if self.design.intercept else [origin]),
            *self.design.notes,
        )

    def _beta(self) -> Array:
        X, y, w = self.design.X, self.design.y, self.design.weights
        beta = np.full(X.shape[1], np.nan)
        for term in self.design.terms:
            if term.number:
                j = term.columns[0]
                beta[j] = self.solution.coefficients[j] * _sd(X[:, j], w) / _sd(y, w)
        return beta

    def _wide_steps(self) -> Array:
        """Two standard deviations of a number, the distance of two values, 1 for a category; nan within products.

        Gelman (2008), Statistics in Medicine 27, 2865-2873: so that numbers and categories can be compared.
        """
        X, w = self.design.X, self.design.weights
        steps = np.full(X.shape[1], np.nan)
        products = {name for term in self.design.terms if ":" in term.name for name in term.name.split(":")}
        for term in self.design.terms:
            if ":" in term.name or term.name in products:
                continue
            for j in term.columns:
                values = np.unique(X[:, j])
                n = len(X)
                steps[j] = np.ptp(values) if len(values) == 2 else 2 * _sd(X[:, j], w) * np.sqrt(n / (n - 1))
        return steps

    @cached_property
    def _vif(self) -> Array:
        vif = np.full(self.design.X.shape[1], np.nan)
        columns = [term.columns for term in self.design.terms]
        if self.design.intercept and columns:
            found = generalised_vif(self.design.X, self.design.weights, columns)
            for own, value in zip(columns, found, strict=True):
                vif[list(own)] = value
        return vif


def fit(design: DesignMatrix, errors: Errors) -> Fit:
    """Fit ``design`` and take its covariance.

    Raises
    ------
    EstimationError
        Too few rows, columns that determine each other, or an outcome without variation of its own.
    """
    check_estimable(design)
    solution = least_squares(design.X, design.y, design.weights, intercept=design.intercept)
    if solution.rss <= 1e-20 * solution.tss:
        raise EstimationError(
            f"'{design.outcome}' is an exact combination of its predictors, so nothing is left to estimate.",
            where=f"formula '{design.formula}'",
            remedy="Take out the predictor that the outcome was computed from.",
        )
    return Fit(design, solution, errors.of(design, solution), errors)


def check_estimable(design: DesignMatrix) -> None:
    """Raise unless there are more rows than coefficients, every column adds something, and the outcome varies."""
    where = f"formula '{design.formula}'"
    n, p = design.X.shape
    if not p:
        raise EstimationError("there is nothing to estimate.", where=where, remedy="Name predictors after '~'.")
    if n <= p:
        raise EstimationError(
            f"{n} complete row(s) for {p} coefficients.",
            where=where,
            remedy="Use fewer predictors, or merge categories.",
        )
    if np.ptp(design.y) == 0:
        raise EstimationError(
            f"'{design.outcome}' does not vary among the rows used.", where=where, remedy="Choose another outcome."
        )
    size = np.linalg.norm(design.X, axis=0)
    scaled = design.X / np.where(size > 0, size, 1.0)
    outside = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    for j in np.flatnonzero(outside < COLLINEAR)[:1]:
        others = _determined_by(scaled, int(j), design.names)
        constant = others in ([], [INTERCEPT])
        said = "does not vary among the rows used" if constant else f"is determined by {', '.join(others)}"
        raise EstimationError(f"'{design.names[j]}' {said}.", where=where, remedy="Take one of them out.")


def _determined_by(scaled: Array, j: int, names: tuple[str, ...]) -> list[str]:
    """Names of the earlier columns that column ``j`` is a combination of."""
    share, *_ = np.linalg.lstsq(scaled[:, :j], scaled[:, j], rcond=None)
    return [name for name, part in zip(names[:j], share, strict=True) if abs(part) > 1e-6]


def _sd(values: Array, weights: Array | None) -> float:
    mean = np.average(values, weights=weights)
    return float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))
