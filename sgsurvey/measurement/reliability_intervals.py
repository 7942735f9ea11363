"""Intervals of coefficients of reliability: closed forms, fourth moments, the bootstrap, the sampling design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from scipy import stats

from sgsurvey.answers import sample as answers_sample
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.measurement.design_based import Missing, covariance_statistic, interval_on
from sgsurvey.measurement.ordered_codes import ordered_codes
from sgsurvey.measurement.ordinal_reliability import NAMES, OrdinalReliability
from sgsurvey.measurement.scales import Sample, role_codes
from sgsurvey.measurement.smooth_coefficients import Smooth, Solved, drawn_coefficients, joined, smooth_coefficients
from sgsurvey.numerics.covariance_statistics import CovarianceStatistic, normal_variance
from sgsurvey.numerics.intervals import bonett, feldt
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import MISSING
from sgsurvey.numerics.reliability import alpha_slopes, cronbach_alpha
from sgsurvey.numerics.resample import bca_interval, drawn_covariances, percentile_interval
from sgsurvey.text import Text

IntervalKind = Literal["feldt", "bonett", "duhachek", "adf", "percentile", "bca"]
RESAMPLED = ("percentile", "bca")
CAN_BE_DRAWN = ("alpha", "omega", "lambda2", "lambda6", "omega_h", "glb")
# With a larger share of draws without a value, what is left says nothing about the sample.
MOST_FAILED = 0.05


@dataclass(frozen=True, slots=True)
class ReliabilityInterval:
    """Which intervals coefficients get where no sampling design is declared.

    Parameters
    ----------
    kind : str
        ``feldt`` (exact for normal, tau-equivalent items), ``bonett`` (on ``ln(1 - alpha)``), ``duhachek`` (normal
        items of any kind; Duhachek and Iacobucci 2004), ``adf`` (items of any distribution, from fourth moments;
        Maydeu-Olivares, Coffman and Hartmann 2007), ``percentile`` or ``bca`` (bootstrap of rows).
        The first four are of alpha; whatever is not resampled has the interval of fourth moments, on ``ln(1 - value)``.
    draws : int
        Of the bootstrap.
    seed : int, optional
        Decides the draws, and is needed for them.
    drawn : tuple of str
        What is resampled: ``omega_h`` and ``glb`` (the greatest lower bound) too where named, which are searched for
        in each draw and take seconds.
    """

    kind: IntervalKind = "feldt"
    draws: int = 2000
    seed: int | None = None
    drawn: tuple[str, ...] = ("alpha", "omega", "lambda2", "lambda6")

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
                    f'请写ReliabilityInterval("{self.kind}", seed=7)。',
                    f'Give a seed, as in ReliabilityInterval("{self.kind}", seed=7).',
                ),
            )
        if unknown := [name for name in self.drawn if name not in CAN_BE_DRAWN]:
            raise EstimationError(
                Text(f"“{unknown[0]}”不能重抽样。", f"'{unknown[0]}' is not resampled."),
                where="drawn",
                remedy=Text(f"可选：{'、'.join(CAN_BE_DRAWN)}。", f"Use some of {', '.join(CAN_BE_DRAWN)}."),
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
    """Intervals by the name of their coefficient, and how many draws of the bootstrap gave no value."""

    intervals: dict[str, tuple[float, float]]
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
SYMBOLS = {"alpha": "α", "omega": "ω", "lambda2": "λ2", "lambda6": "λ6", "omega_h": "ωh", "glb": "glb"}


def interval_words(plan: ReliabilityInterval | None, *, rows: bool) -> Text:
    """Of which kind the intervals are; None: the design's."""
    if plan is None:
        return Text(
            "α和ω的置信区间依据抽样设计，在ln(1 − α)和ln(1 − ω)尺度上计算。",
            "Intervals of α and ω under the design, on ln(1 − α) and ln(1 − ω).",
        )
    kind = WORDS[plan.kind]
    if plan.resampled:
        which = [SYMBOLS[name] for name in plan.drawn]
        return Text(
            f"{'、'.join(which)}的置信区间：{kind.zh}，{plan.draws}次，种子{plan.seed}。",
            f"Intervals of {', '.join(which)}: {kind.en}, {plan.draws} draws, seed {plan.seed}.",
        )
    of_omega = Text("四阶矩", "fourth moments") if rows else Text("正态假定", "normal theory")
    return Text(
        f"α的置信区间：{kind.zh}；ω的置信区间：Delta法（{of_omega.zh}），ln(1 − ω)尺度。",
        f"Interval of α: {kind.en}; of ω: delta method ({of_omega.en}) on ln(1 − ω).",
    )


def from_moments(found: Sample, solved: Solved, plan: ReliabilityInterval, conf_level: float) -> Ends:
    """Intervals that need no rows: normal theory for all but alpha."""
    smooth = smooth_coefficients(found.cov, solved)
    values, slopes = joined(smooth)
    error = np.sqrt(normal_variance(slopes(found.cov), found.cov, found.n_free))
    ends = _rest(smooth, values(found.cov), error, np.inf, conf_level)
    return Ends({**ends, "alpha": _closed(found, plan, conf_level)})


def from_rows(
    answers: Responses,
    found: Sample,
    solved: Solved,
    plan: ReliabilityInterval | None,
    conf_level: float,
    *,
    missing: Missing,
) -> Ends:
    """Intervals from the rows themselves; ``plan`` None: those of the declared design.

    Parameters
    ----------
    found : Sample
        Moments of the items that were asked, over these rows.
    solved : Solved
        Proper solutions; what rests on one that is not there has no interval.
    """
    smooth = smooth_coefficients(found.cov, solved)
    linear = covariance_statistic(answers, found.names, *joined(smooth), missing=missing)
    ends = _rest(smooth, linear.value, linear.std_error, linear.df if plan is None else np.inf, conf_level)
    if plan is None:
        return Ends(ends)
    if plan.kind == "adf":
        low, high = interval_on("identity", linear.value[:1], linear.std_error[:1], np.inf, conf_level)
        return Ends({**ends, "alpha": (float(low[0]), float(high[0]))})
    if plan.resampled:
        drawn = _bootstrapped(answers, found.names, solved, smooth, plan, conf_level, missing)
        return Ends({**ends, **drawn.intervals}, drawn.failed)
    return Ends({**ends, "alpha": _closed(found, plan, conf_level)})


def ordinal_coefficients(
    answers: Responses, names: Sequence[str], conf_level: float, *, designed: bool, missing: Missing
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Coefficients of ordered categories with their intervals, under the design or of independent rows.

    Through the influence values of thresholds and polychoric correlations (Muthén 1984), on ``ln(1 - value)``.
    """
    drawn = answers_sample.Sample.of(answers)
    y = answers.items(names).to_numpy(dtype=float)
    used = ~np.isnan(y).any(axis=1) if missing == "listwise" else ~np.isnan(y).all(axis=1)
    codes = drawn.whole(ordered_codes(np.where(used[:, None], y, np.nan), names).astype(float), MISSING)
    value, covariance = drawn.estimate(OrdinalReliability(codes.astype(np.int64)), used)
    error = np.sqrt(np.diag(covariance))
    df = drawn.df(drawn.part(used)) if designed else np.inf
    low, high = interval_on("rest", value, error, df, conf_level)
    ends = dict(zip(NAMES, zip(low.tolist(), high.tolist(), strict=True), strict=True))
    return dict(zip(NAMES, value.tolist(), strict=True)), ends


def _rest(
    smooth: Mapping[str, Smooth], value: Array, error: Array, df: float, conf_level: float
) -> dict[str, tuple[float, float]]:
    """Intervals on ``ln(1 - value)``."""
    low, high = interval_on("rest", value, error, df, conf_level)
    return dict(zip(smooth, zip(low.tolist(), high.tolist(), strict=True), strict=True))


def _closed(found: Sample, plan: ReliabilityInterval, conf_level: float) -> tuple[float, float]:
    alpha, k = cronbach_alpha(found.cov), len(found.cov)
    if plan.kind == "feldt":
        low, high = feldt(alpha, found.n_free, k, conf_level)
    elif plan.kind == "bonett":
        low, high = bonett(alpha, found.n_free, k, conf_level)
    elif plan.kind == "duhachek":
        error = float(np.sqrt(normal_variance(alpha_slopes(found.cov)[None], found.cov, found.n_free)[0]))
        half = stats.norm.ppf(0.5 + conf_level / 2) * error
        low, high = alpha - half, alpha + half
    else:
        raise EstimationError(
            Text(
                f"“{plan.kind}”区间需要逐行数据，只有矩时无法计算。",
                f"'{plan.kind}' needs rows, and moments have none.",
            ),
            where="interval",
            remedy=Text("请改用feldt、bonett或duhachek。", "Use feldt, bonett or duhachek."),
        )
    return float(low), float(high)


def _bootstrapped(
    answers: Responses,
    names: Sequence[str],
    solved: Solved,
    smooth: Mapping[str, Smooth],
    plan: ReliabilityInterval,
    conf_level: float,
    missing: Missing,
) -> Ends:
    """Intervals of ``plan.drawn``, as far as there is an estimate."""
    pairwise = missing == "pairwise"
    values, groups = answers.items(names).to_numpy(dtype=float), role_codes(answers)
    used = ~np.isnan(values).all(axis=1) if pairwise else ~np.isnan(values).any(axis=1)
    values, groups = values[used], groups[used]
    cov = drawn_covariances(values, groups, plan.draws, plan.seed or 0)
    drawn = drawn_coefficients(cov, tuple(name for name in plan.drawn if name in smooth), solved.factor)
    statistic = CovarianceStatistic(values, groups, *joined({name: smooth[name] for name in drawn}), pairwise)
    ones = np.ones(len(values))
    estimates = statistic.value(ones)
    influence = statistic.influence(ones).T if plan.kind == "bca" else np.zeros((len(drawn), 0))
    ends, failed = dict.fromkeys(drawn, NONE), 0
    for (name, each), estimate, own in zip(drawn.items(), estimates, influence, strict=True):
        good = each[np.isfinite(each)]
        failed = max(failed, plan.draws - len(good))
        if len(good) < (1 - MOST_FAILED) * plan.draws:
            continue
        if plan.kind == "bca":
            ends[name] = bca_interval(good, float(estimate), own, conf_level)
        else:
            ends[name] = percentile_interval(good, conf_level)
    return Ends(ends, failed)
