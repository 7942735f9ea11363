"""Priorities of the drivers of one group: replicates of coefficients and means from one plan, ranked and graded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.causes.evidence import Evidence
from sgsurvey.causes.grades import LEVEL, NEGLIGIBLE, Grade, grade
from sgsurvey.causes.resampling import Plan, jackknife_error, rank_probabilities, slopes, t_interval, t_test
from sgsurvey.causes.shortfall_estimates import one_sided
from sgsurvey.causes.township import FEWEST_PLACES, aligned, estimates, why_not
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.numerics.rank_sets import rank_sets
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
RANKS = ("rank_low", "rank_high", "rank_low_alone", "rank_high_alone")


@dataclass(frozen=True)
class Replicates:
    """Everything for one group under one plan; arrays (1 + G + draws, p).

    Attributes
    ----------
    same : coefficients among the same respondents
    different : coefficients from different respondents, or None where there are none
    source : name of the coefficients that priorities rest on
    means : means of the drivers in points
    places : places behind ``different``
    why : why there are none from different respondents
    """

    plan: Plan
    same: Array
    different: Array | None
    source: str
    means: Array
    places: int
    n: int
    why: Text | None

    @property
    def headline(self) -> Array:
        """The coefficients that priorities rest on."""
        return self.same if self.different is None else self.different


def replicate(evidence: Evidence, *, draws: int, seed: int) -> Replicates:
    """Coefficients and means of all replicates of one plan, from moments by place."""
    moments = evidence.moments
    plan = Plan.of(len(moments.clusters), draws=draws, seed=seed)
    factors = plan.factors
    p = len(evidence.drivers)
    _, means, cov = moments.replicate(factors)
    same = slopes(cov, 0, np.arange(1, cov.shape[1]))[:, :p]
    informants = evidence.informants
    why = why_not(informants, placed=evidence.places is not None)
    different, source, places = None, "pooled", 0
    if informants is not None and why is None:
        counted = aligned(informants, moments.clusters, factors)
        source, different = list(estimates(informants, counted, checked=1 + plan.places).items())[-1]
        places = len(informants.places)
    return Replicates(plan, same, different, source, means[:, 1 : 1 + p], places, moments.n, why)


def product(coefficient: Array, shortfall: Array) -> Array:
    """Coefficient times shortfall; below 0 unless both are above it.

    Without this a driver above its benchmark with a negative coefficient would seem worth lowering.
    """
    signed = coefficient * shortfall
    return np.where((coefficient < 0) & (shortfall < 0), -signed, signed)


def clipped(low: Array, high: Array) -> tuple[Array, Array]:
    """Limits of a signed product, cut at 0: at or above its benchmark a driver has no priority left."""
    return np.maximum(low, 0.0), np.maximum(high, 0.0)


def ranked(found: Replicates, names: Sequence[str], targets: Mapping[str, float], smallest: float) -> pd.DataFrame:
    """One line per driver: coefficients, shortfall, priority, rank probabilities; grades come later.

    The interval is jackknife over places with t(G - 1), rank probabilities are shares of bootstrap draws; both from
    the same plan, and coefficient and shortfall from the same replicate.
    """
    plan = found.plan
    df = plan.places - 1.0
    target = np.array([targets[name] for name in names])
    gaps = target - found.means
    lines: dict[str, object] = {"term": list(names)}
    for name, values, freedom in (
        ("same", found.same, df),
        ("coefficient", found.headline, df if found.different is None else found.places - 1.0),
        ("shortfall", gaps, df),
        ("priority", product(found.headline, gaps), df if found.different is None else found.places - 1.0),
    ):
        estimate, left_out, _ = plan.split(values)
        error = jackknife_error(estimate, left_out) if plan.places >= FEWEST_PLACES else np.full(len(names), np.nan)
        low, high = t_interval(estimate, error, freedom)
        _, p_value = t_test(estimate, error, freedom)
        lines |= {
            name: estimate,
            f"{name}_error": error,
            f"{name}_low": low,
            f"{name}_high": high,
            f"{name}_p": p_value,
        }
        if name == "priority":
            lines["priority_low"], lines["priority_high"] = clipped(low, high)
    estimate, left_out, _ = plan.split(gaps)
    tests = [
        one_sided(e, smallest, s, df)[1] for e, s in zip(estimate, jackknife_error(estimate, left_out), strict=True)
    ]
    products = product(found.headline, gaps)
    draws = plan.split(products)[2]
    known = plan.places >= FEWEST_PLACES
    sets = sets_of_ranks(plan, products, df if found.different is None else found.places - 1.0)
    return pd.DataFrame(lines).assign(
        shortfall_p=tests if known else np.nan,
        p_first=rank_probabilities(draws, 1) if known else np.nan,
        p_top3=rank_probabilities(draws, 3) if known else np.nan,
        **{name: ends if known else np.nan for name, ends in sets.items()},
        benchmark=target,
        mean=target - estimate,
        places=found.places,
        clusters=plan.places,
        n=found.n,
        source=found.source,
    )


def sets_of_ranks(plan: Plan, values: Array, df: float) -> dict[str, Array]:
    """Ends of the confidence sets of ranks: ``rank_low, rank_high`` for all at once, ``_alone`` for each by itself.

    Differences are studentised by their jackknife errors.  The draws, over their own spread, are widened by the chi of
    ``df`` that makes t of a normal: with few places draws alone promise too much.
    """
    estimate, left_out, drawn = (each[..., :, None] - each[..., None, :] for each in plan.split(values))
    whole = drawn[~np.isnan(drawn).any(axis=(1, 2))]
    if not len(whole):
        return dict.fromkeys(RANKS, np.full(values.shape[1], np.nan))
    spread = whole.std(axis=0, ddof=1)
    moved = np.divide(whole - estimate, spread, out=np.zeros_like(whole), where=spread > 0)
    chi = np.sqrt(stats.chi2.ppf((np.arange(len(whole)) + 0.5) / len(whole), df) / df)
    found = rank_sets(values[0], jackknife_error(estimate, left_out), moved / chi[:, None, None])
    return {name: ends.astype(float) for name, ends in zip(RANKS, found, strict=True)}


def graded(lines: pd.DataFrame) -> tuple[list[Grade], list[Text]]:
    """Grades of all lines, each kind of test adjusted by Holm over all of them."""
    source = lines["source"].to_numpy()
    apart = np.where(source == "pooled", np.nan, lines["coefficient_p"].to_numpy(dtype=float))
    same, different, gaps = (adjusted(p) for p in (lines["same_p"], apart, lines["shortfall_p"]))
    half = stats.t.ppf(1 - LEVEL, np.maximum(lines["places"] - 1.0, 1.0)) * lines["coefficient_error"]
    near = (lines["coefficient"].abs() + half).to_numpy() < NEGLIGIBLE
    found = [
        grade(
            shortfall=bool(gaps[i] < LEVEL),
            same=bool(same[i] < LEVEL and lines["same"].iloc[i] > 0),
            different=bool(different[i] < LEVEL and lines["coefficient"].iloc[i] > 0),
            negligible=bool(near[i] and source[i] == "disattenuated"),
            places=int(lines["places"].iloc[i]),
        )
        for i in range(len(lines))
    ]
    return [g for g, _ in found], [why for _, why in found]
