"""A fitted random intercept model, and the lines of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix
from sgsurvey.models.grouped import RATIO, likelihood_ratio, with_interval
from sgsurvey.models.grouped_fit import GroupedFit
from sgsurvey.models.small_sample import SmallSample, SmallSampleCovariance
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_effects import left_out_p_value
from sgsurvey.numerics.random_intercept import Profile, RandomIntercept, grouped_moments, random_effects
from sgsurvey.numerics.random_intercept_intervals import ratio_interval, variance_intervals
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Kind
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

METHODS: dict[tuple[str, SmallSample], Text] = {
    ("REML", "kenward_roger"): Text(
        "随机截距模型，REML估计；标准误与自由度用Kenward-Roger法。",
        "Random intercept model by REML; standard errors and df of Kenward and Roger.",
    ),
    ("REML", "satterthwaite"): Text(
        "随机截距模型，REML估计；自由度用Satterthwaite法。", "Random intercept model by REML; df of Satterthwaite."
    ),
    ("ML", "satterthwaite"): Text(
        "随机截距模型，ML估计；自由度用Satterthwaite法。",
        "Random intercept model by maximum likelihood; df of Satterthwaite.",
    ),
}
CONVENTIONS = Text(
    "方差与ICC的区间用轮廓似然法；R²为Nakagawa与Schielzeth（2013）：边际R²只计自变量，条件R²另计组间差别。",
    "Intervals of variances and ICC by profile likelihood; R² of Nakagawa and Schielzeth (2013): marginal of the "
    "predictors, conditional of predictors and groups.",
)
SINGULAR = Text(
    "组间方差估计为0（奇异拟合）：系数与普通最小二乘相同。",
    "The variance between groups is estimated as 0 (singular fit): coefficients are those of least squares.",
)


@dataclass(frozen=True)
class MultilevelFit(GroupedFit):
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
    def kind(self) -> Text:
        """Which kind of regression."""
        return Text("随机截距", "Random intercept")

    @cached_property
    def covariance(self) -> SmallSampleCovariance:
        """Covariance of the coefficients: Kenward and Roger's, or the one at the estimated variances."""
        return SmallSampleCovariance.of(self.solution, self.small_sample)

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
                "lr_p_value": left_out_p_value(ratio, 0),
            }
        )

    def spread(self, X: Array) -> Array:
        """Standard deviation of single answers, of any group, at rows of ``X``."""
        return np.full(len(X), np.sqrt(self.solution.variances.sum()))

    def words(self) -> tuple[Text, ...]:
        """How it was estimated."""
        kind = "REML" if self.profile.restricted else "ML"
        return METHODS[kind, self.small_sample], CONVENTIONS, *([SINGULAR] if self.solution.singular else [])

    def foot(self, variances: pd.DataFrame, statistics: pd.Series, _: Basis) -> list[tuple[Text, object, Kind]]:
        """Head and value of each line below the coefficients."""
        s, variance = statistics, variances.set_index("component")
        return [
            (HEADS["n"], s["n"], "count"),
            (Text("组数", "Groups"), s["groups"], "count"),
            (Text("组间方差", "Variance between groups"), with_interval(variance.loc["group"], "estimate"), "text"),
            (Text("组内方差", "Variance within groups"), with_interval(variance.loc["residual"], "estimate"), "text"),
            (HEADS["icc"], with_interval(variance.loc["icc"], "bounded"), "text"),
            (RATIO, likelihood_ratio(s), "text"),
            (Text("零模型ICC", "ICC without predictors"), s["icc_null"], "bounded"),
            (Text("边际R²", "Marginal R²"), s["r_squared_marginal"], "bounded"),
            (Text("条件R²", "Conditional R²"), s["r_squared_conditional"], "bounded"),
            (Text("对数似然", "Log-likelihood"), s["log_likelihood"], "estimate"),
        ]

    def _icc_null(self) -> float:
        """Intraclass correlation of the outcome, without predictors."""
        if self.design.names == (INTERCEPT,):
            ratio = self.profile.best
        else:
            ones = np.ones((len(self.design.y), 1))
            moments = grouped_moments(ones, self.design.y, self.profile.moments.codes)
            ratio = Profile(moments, self.profile.restricted).best
        return ratio / (1 + ratio)
