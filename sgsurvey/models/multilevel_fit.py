"""A fitted random intercept model, and the lines of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix
from sgsurvey.models.few_people import hide_few
from sgsurvey.models.small_sample import SmallSample, SmallSampleCovariance
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_intercept import Profile, RandomIntercept, grouped_moments, random_effects
from sgsurvey.numerics.random_intercept_intervals import ratio_interval, variance_intervals


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

    @cached_property
    def covariance(self) -> SmallSampleCovariance:
        """Covariance of the coefficients: Kenward and Roger's, or the one at the estimated variances."""
        return SmallSampleCovariance.of(self.solution, self.small_sample)

    def lines(self, names: Sequence[str], contrasts: Array, conf_level: float) -> pd.DataFrame:
        """Estimate, error, t on its own df, p and interval of each contrast, shape (q, p); nan if it speaks of few."""
        frame = self.covariance.combinations(self.solution.coefficients, contrasts, conf_level)
        frame = hide_few(frame, self.design.speaks_of_few(contrasts))
        frame.insert(0, "term", list(names))
        return frame

    def terms(self) -> pd.DataFrame:
        """One line per term: joint F test of its columns."""
        eye, b = np.eye(len(self.solution.coefficients)), self.solution.coefficients
        tests = [self.covariance.wald(b, eye[list(term.columns)]) for term in self.design.terms]
        lines = [(term.name, *astuple(test)) for term, test in zip(self.design.terms, tests, strict=True)]
        return pd.DataFrame(lines, columns=["term", "statistic", "df1", "df2", "p_value"])

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
