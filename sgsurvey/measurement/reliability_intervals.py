"""Intervals of alpha and omega: closed forms, fourth moments, the bootstrap, the sampling design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.measurement.coefficients import alpha_slopes, cronbach_alpha
from sgsurvey.measurement.design_based import Estimated, covariance_statistic, group_codes
from sgsurvey.measurement.omega import omega_slopes, omegas_of
from sgsurvey.measurement.scales import Sample
from sgsurvey.numerics.covariance_statistics import CovarianceStatistic, normal_variance, through_correlations
from sgsurvey.numerics.extraction import Extraction
from sgsurvey.numerics.intervals import bonett, feldt
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.resample import bca_interval, drawn_covariances, percentile_interval
from sgsurvey.text import Text

IntervalKind = Literal["feldt", "bonett", "duhachek", "adf", "percentile", "bca"]
RESAMPLED = ("percentile", "bca")
# With a larger share of draws without a value, what is left says nothing about the sample.
MOST_FAILED = 0.05


@dataclass(frozen=True, slots=True)
class ReliabilityInterval:
    """Which interval alpha and omega get where no sampling design is declared.

    Parameters
    ----------
    kind : str
        ``feldt`` (exact for normal, tau-equivalent items), ``bonett`` (on ``ln(1 - alpha)``), ``duhachek`` (normal
        items of any kind; Duhachek and Iacobucci 2004), ``adf`` (items of any distribution, from fourth moments;
        Maydeu-Olivares, Coffman and Hartmann 2007), ``percentile`` or ``bca`` (bootstrap of rows).
        With the first four omega has the interval of fourth moments, on ``ln(1 - omega)``.
    draws : int
        Of the bootstrap.
    seed : int, optional
        Decides the draws, and is needed for them.
    """

    kind: IntervalKind = "feldt"
    draws: int = 2000
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(IntervalKind):
            known = list(get_args(IntervalKind))
            raise EstimationError(
                Text(
                    f"没有“{self.kind}”这种置信区间。",
                    f"there is no interval '{self.kind}'.{did_you_mean(str(self.kind), known)}",
                ),
                where="interval",
                remedy=Text(f"可选：{'、'.join(known)}。", f"Use one of {', '.join(known)}."),
            )
        if self.resampled and self.seed is None:
            raise EstimationError(
                Text("自助法需要随机数种子。", "the bootstrap draws at random."),
                where="interval",
                remedy=Text(
                    f"请写ReliabilityInterval(\"{self.kind}\", seed=7)。",
                    f'Give a seed, as in ReliabilityInterval("{self.kind}", seed=7).',
                ),
            )
        if self.draws < 100:
            raise EstimationError(
                Text("自助法至少抽取100次。", "a bootstrap interval needs at least 100 draws."),
                where="draws",
                remedy=Text("一般取2000次。", "Take about 2,000."),
            )

    @property
    def resampled(self) -> bool:
        """Whether it draws rows."""
        return self.kind in RESAMPLED


class Ends(NamedTuple):
    """Intervals of alpha and of omega, and how many draws gave no value."""

    alpha: tuple[float, float]
    omega: tuple[float, float]
    failed: int = 0


NONE = (float("nan"), float("nan"))

WORDS: dict[IntervalKind, Text] = {
    "feldt": Text("Feldt法", "Feldt's"),
    "bonett": Text("Bonett法", "Bonett's"),
    "duhachek": Text("Duhachek–Iacobucci法", "Duhachek and Iacobucci's"),
    "adf": Text("渐近分布自由法（四阶矩）", "asymptotically distribution free (fourth moments)"),
    "percentile": Text("自助百分位法", "percentile bootstrap"),
    "bca": Text("自助BCa法", "BCa bootstrap"),
}


def interval_words(plan: ReliabilityInterval | None, *, rows: bool) -> Text:
    """Of which kind the intervals are; None: the design's."""
    if plan is None:
        return Text(
            "α和ω的置信区间依据抽样设计，在ln(1 − α)和ln(1 − ω)尺度上计算。",
            "Intervals of α and ω under the design, on ln(1 − α) and ln(1 − ω).",
        )
    kind = WORDS[plan.kind]
    if plan.resampled:
        return Text(
            f"α和ω的置信区间：{kind.zh}，{plan.draws}次，种子{plan.seed}。",
            f"Intervals of α and ω: {kind.en}, {plan.draws} draws, seed {plan.seed}.",
        )
    of_omega = Text("四阶矩", "fourth moments") if rows else Text("正态假定", "normal theory")
    return Text(
        f"α的置信区间：{kind.zh}；ω的置信区间：Delta法（{of_omega.zh}），ln(1 − ω)尺度。",
        f"Interval of α: {kind.en}; of ω: delta method ({of_omega.en}) on ln(1 − ω).",
    )


def from_moments(found: Sample, factor: Extraction | None, plan: ReliabilityInterval, conf_level: float) -> Ends:
    """Intervals that need no rows; those of omega by normal theory."""
    alpha = _closed(found, plan, conf_level)
    if factor is None:
        return Ends(alpha, NONE)
    slopes = _omega_slopes(found.cov, factor)
    error = np.sqrt(normal_variance(slopes[None], found.cov, found.n_free)[0])
    value = 1 - factor.uniqueness.sum() / found.corr.sum()
    return Ends(alpha, rest_interval(value, error, np.inf, conf_level))


def from_rows(
    answers: Responses,
    names: Sequence[str],
    found: Sample,
    factor: Extraction | None,
    plan: ReliabilityInterval | None,
    conf_level: float,
    *,
    pairwise: bool,
) -> Ends:
    """Intervals from the rows themselves; ``plan`` None: those of the declared design."""
    if plan is not None and plan.resampled:
        return _bootstrapped(answers, names, factor, plan, conf_level, pairwise)
    function, slopes = _both(factor)
    linear = covariance_statistic(answers, names, function, slopes, pairwise=pairwise)
    df = np.inf if plan is not None else linear.df
    alpha, *omega = zip(linear.value, linear.std_error, strict=True)
    of_omega = rest_interval(*omega[0], df, conf_level) if omega else NONE
    if plan is None:
        return Ends(rest_interval(*alpha, df, conf_level), of_omega)
    if plan.kind == "adf":
        half = float(stats.norm.ppf(0.5 + conf_level / 2)) * alpha[1]
        return Ends((float(alpha[0] - half), float(alpha[0] + half)), of_omega)
    return Ends(_closed(found, plan, conf_level), of_omega)


def rest_interval(value: float, error: float, df: float, conf_level: float) -> tuple[float, float]:
    """An interval that is symmetric for ``ln(1 - value)``, and so stays below 1."""
    rest = 1 - value
    if not (rest > 0 and np.isfinite(error) and df > 0):
        return NONE
    quantile = stats.t.ppf(0.5 + conf_level / 2, df) if np.isfinite(df) else stats.norm.ppf(0.5 + conf_level / 2)
    half = quantile * error / rest
    return float(1 - rest * np.exp(half)), float(1 - rest * np.exp(-half))


def _closed(found: Sample, plan: ReliabilityInterval, conf_level: float) -> tuple[float, float]:
    alpha, k = cronbach_alpha(found.cov), len(found.cov)
    if plan.kind == "feldt":
        low, high = feldt(alpha, found.n_free, k, conf_level)
    elif plan.kind == "bonett":
        low, high = bonett(alpha, found.n_free, k, conf_level)
    elif plan.kind == "duhachek":
        error = np.sqrt(normal_variance(alpha_slopes(found.cov)[None], found.cov, found.n_free)[0])
        half = stats.norm.ppf(0.5 + conf_level / 2) * error
        low, high = alpha - half, alpha + half
    else:
        raise EstimationError(
            Text(f"“{plan.kind}”区间需要逐行数据，只有矩时无法计算。", f"'{plan.kind}' needs rows, and moments have none."),
            where="interval",
            remedy=Text("请改用feldt、bonett或duhachek。", "Use feldt, bonett or duhachek."),
        )
    return float(low), float(high)


def _both(factor: Extraction | None) -> tuple[object, object]:
    """Alpha, and omega where there is a factor, as a function of the covariances with its slopes."""
    raise NotImplementedError
