"""What random prices tell without a curve: the share that accepts each, a lower bound of the mean, an area."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.models.binary import BinaryRegression
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_based import Placed
from sgsurvey.numerics.bid_curves import rising_groups
from sgsurvey.numerics.estimators import Mask, Means
from sgsurvey.numerics.intervals import logit_interval, wilson

LEVEL = 0.95
HIDDEN_TOGETHER = 3


class Line(NamedTuple):
    """One row of the frame."""

    statistic: str
    interval: str
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float


def without_curve(
    answers: Responses, answer: str, price: str, model: BinaryRegression
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares that accept each price, and what they tell without a curve (Turnbull, Kriström)."""
    placed = Placed(Sample.of(answers), model.fit.design.rows)
    yes = (answers.variables([answer])[answer] == model.fit.levels[1]).to_numpy(dtype=float)[placed.rows]
    offered = answers.variables([price])[price].to_numpy(dtype=float, na_value=np.nan)[placed.rows]
    bids = np.unique(offered)
    simple = answers.design.is_simple
    each, covariance = _accepted(placed, yes, [offered == t for t in bids], simple=simple)
    n = np.array([(offered == t).sum() for t in bids])
    w = placed.sample.weights[placed.sample.rows[placed.rows]]
    groups = rising_groups(1 - each, np.array([w[offered == t].sum() for t in bids]))
    pooled, spread = _accepted(placed, yes, [np.isin(offered, bids[own]) for own in groups], simple=simple)
    df = float("inf") if simple else model.fit.df
    error = np.sqrt(np.diag(covariance))
    low, high = wilson(each, n, LEVEL) if simple else logit_interval(each, error, df, LEVEL)
    whole = np.zeros(len(bids))
    for share, own in zip(pooled, groups, strict=True):
        whole[own] = share
    shares = pd.DataFrame({"bid": bids, "n": n, "accepted": each, "conf_low": low, "conf_high": high, "pooled": whole})
    accepted = np.array([yes[offered == t].sum() for t in bids])
    shares = _without_few(shares, accepted, answers.questionnaire.smallest_cell)
    told = shares["accepted"].notna().all()  # both amounts are sums of the shares, and would tell hidden ones
    lines = []
    for name, (constant, turn) in {"turnbull": _lower(bids, groups), "kristrom": _linear(bids, groups)}.items():
        value, own_error = constant + float(turn @ pooled), float(np.sqrt(turn @ spread @ turn))
        half = float(stats.t.ppf(0.5 + LEVEL / 2, df)) * own_error
        numbers = np.array([value, own_error, value - half, value + half])
        lines.append(Line(name, "shares", *np.where(told, numbers, np.nan).tolist()))
    return shares, pd.DataFrame(lines)


def _without_few(shares: pd.DataFrame, accepted: Array, smallest: int) -> pd.DataFrame:
    """Shares without those that few people stand behind, never fewer than three: two sums of them are known.

    Of a logit the fitted shares add up to those that accepted, at each price and times the prices.
    """
    n = shares["n"].to_numpy()
    fewest = np.minimum(accepted, n - accepted)
    few = (n < smallest) | ((fewest > 0) & (fewest < smallest))
    if few.any():
        order = np.lexsort((fewest, ~few))
        few[order[:HIDDEN_TOGETHER]] = True
    hidden = shares.astype({"n": float})
    hidden.loc[few, ["n", "accepted", "conf_low", "conf_high", "pooled"]] = np.nan
    return hidden


def _accepted(placed: Placed, yes: Array, parts: Sequence[Mask], *, simple: bool) -> tuple[Array, Array]:
    """Share that accepts in each part of the rows, and their covariance: binomial, or under the design."""
    y = np.column_stack([np.where(part, yes, np.nan) for part in parts])
    if simple:
        share = np.nanmean(y, axis=0)
        return share, np.diag(share * (1 - share) / np.array([part.sum() for part in parts]))
    inside = placed.whole(np.ones(len(yes))) > 0
    # A replicate may leave a price to nobody: then there is no error.
    with np.errstate(invalid="ignore"):
        return placed.sample.estimate(Means(np.where(inside[:, None], placed.whole(y), np.nan)), placed.inside)


def _lower(bids: Array, groups: list[list[int]]) -> tuple[float, Array]:
    """Turnbull's lower bound, as a constant and weights of the groups' shares.

    Everybody who accepts a price and declines the next would pay the lower; of pooled prices the lowest stands for all.
    """
    kept = np.array([bids[own[0]] for own in groups])
    return 0.0, np.diff(kept, prepend=0.0)


def _linear(bids: Array, groups: list[list[int]]) -> tuple[float, Array]:
    """The area under straight lines between the shares, from 1 at the price 0 to the highest price (Kriström 1990)."""
    step = np.diff(bids, prepend=0.0)
    weights = (step + np.append(step[1:], 0.0)) / 2
    return float(step[0] / 2), np.array([weights[own].sum() for own in groups])
