"""A fitted random intercept model, and the lines of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_intercept import Profile, RandomIntercept, grouped_moments, random_effects
from sgsurvey.numerics.random_intercept_intervals import ratio_interval, variance_intervals
from sgsurvey.numerics.small_sample_df import FTest, kenward_roger_test, satterthwaite_df, satterthwaite_test

SmallSample = Literal["kenward_roger", "satterthwaite"]


@dataclass(frozen=True)
class MultilevelFit:
    """A design matrix, its random intercept model, and the small-sample method that its tests use.

    Attributes
    ----------
    design : DesignMatrix
    profile : Profile
        The deviance as a function of the variance ratio.
    solution : RandomIntercept
    small_sample : "kenward_roger" or "satterthwaite"
    group_names : tuple
        In the order of the groups' codes.
    """

    design: DesignMatrix
    profile: Profile
    solution: RandomIntercept
    small_sample: SmallSample
    group_names: tuple[object, ...]

    @property
    def covariance(self) -> Array:
        """Covariance of the coefficients: Kenward and Roger's, or the one at the estimated variances."""
        return self.solution.adjusted if self.small_sample == "kenward_roger" else self.solution.covariance

    @property
    def _of_variances(self) -> Array:
        return self.solution.expected if self.small_sample == "kenward_roger" else self.solution.observed

    def lines(self, names: Sequence[str], contrasts: Array, conf_level: float) -> pd.DataFrame:
        """Estimate, error, t on its own df, p and interval of each contrast, shape (q, p)."""
        s = self.solution
        estimate = contrasts @ s.coefficients
        std_error = np.sqrt(np.einsum("qi,ij,qj->q", contrasts, self.covariance, contrasts))
        df = satterthwaite_df(contrasts, s.covariance, s.slopes, self._of_variances)
        low, high = symmetric_interval(estimate, std_error, df, conf_level)
        statistic = estimate / std_error
        return pd.DataFrame(
            {
                "term": list(names),
                "estimate": estimate,
                "std_error": std_error,
                "statistic": statistic,
                "df": df,
                "p_value": 2 * stats.t.sf(np.abs(statistic), df),
                "conf_low": low,
                "conf_high": high,
            }
        )

    def terms(self) -> pd.DataFrame:
        """One line per term: joint F test of its columns."""
        tests = [(term.name, *self._test(term.columns)) for term in self.design.terms]
        return pd.DataFrame(tests, columns=["term", "statistic", "df1", "df2", "p_value"])

    def _test(self, columns: tuple[int, ...]) -> FTest:
        s, contrasts = self.solution, np.eye(len(self.solution.coefficients))[list(columns)]
        if self.small_sample == "kenward_roger":
            return kenward_roger_test(contrasts, s.coefficients, s.covariance, s.adjusted, s.slopes, s.expected)
        return satterthwaite_test(contrasts, s.coefficients, s.covariance, s.slopes, s.observed)

    def variances(self, conf_level: float) -> pd.DataFrame:
        """Variances between and within groups and the intraclass correlation, with profile likelihood intervals."""
        (a, s), errors = self.solution.variances, self.solution.observed
        total = a + s
        slope = np.array([s, -a]) / total**2
        ratios = ratio_interval(self.profile, conf_level)
        low, high = (ratio / (1 + ratio) if np.isfinite(ratio) else 1.0 for ratio in ratios)
        intervals = np.vstack([variance_intervals(self.profile, ratios, conf_level), [low, high]])
        frame = pd.DataFrame({"component": ["group", "residual", "icc"], "estimate": [a, s, a / total]})
        frame["sd"] = [np.sqrt(a), np.sqrt(s), np.nan]
        frame["std_error"] = np.sqrt([errors[0, 0], errors[1, 1], slope @ errors @ slope])
        if self.solution.singular:
            frame.loc[frame["component"] != "residual", "std_error"] = np.nan
        return frame.assign(conf_low=intervals[:, 0], conf_high=intervals[:, 1])

    def groups(self, conf_level: float) -> pd.DataFrame:
        """One line per group: rows, predicted intercept, its error given the estimates, and interval."""
        sizes = self.profile.moments.group_sizes
        effect, error = random_effects(self.solution, sizes)
        low, high = symmetric_interval(effect, error, np.inf, conf_level)
        frame = pd.DataFrame({"group": list(self.group_names), "n": sizes.astype(int), "estimate": effect})
        return frame.assign(std_error=error, conf_low=low, conf_high=high)

    def statistics(self) -> pd.Series:
        """Sizes, R-squared of Nakagawa and Schielzeth (2013), ICC, likelihood, test of the random intercept."""
        m, profile = self.profile.moments, self.profile
        a, s = self.solution.variances
        explained = float(np.var(self.design.X @ self.solution.coefficients, ddof=1))
        deviance, flat = (float(profile.deviance(r)) for r in (profile.best, 0.0))
        ratio = max(flat - deviance, 0.0)
        # The variance between groups is at its bound under the hypothesis: half a chi-square (Self and Liang 1987).
        p_value = 0.5 * float(stats.chi2.sf(ratio, 1)) if ratio > 0 else 1.0
        return pd.Series(
            {
                "n": float(m.n),
                "groups": float(m.groups),
                "smallest_group": m.group_sizes.min(),
                "largest_group": m.group_sizes.max(),
                "r_squared_marginal": explained / (explained + a + s),
                "r_squared_conditional": (explained + a) / (explained + a + s),
                "icc": a / (a + s),
                "icc_null": self._icc_null(),
                "log_likelihood": -deviance / 2,
                "aic": deviance + 2 * (m.p + 2),
                "bic": deviance + np.log(m.n) * (m.p + 2),
                "lr": ratio,
                "lr_p_value": p_value,
            }
        )

    def _icc_null(self) -> float:
        """Intraclass correlation of the outcome, without predictors."""
        if self.design.names == (INTERCEPT,):
            ratio = self.profile.best
        else:
            ones = np.ones((len(self.design.y), 1))
            moments = grouped_moments(ones, self.design.y, self.profile.moments.codes)
            ratio = Profile(moments, self.profile.restricted).best
        return ratio / (1 + ratio)
