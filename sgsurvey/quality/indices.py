"""The indices of every respondent: each role judged on its own items, among its own people."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2

from sgsurvey.answers.responses import Responses
from sgsurvey.quality import careless
from sgsurvey.quality.careless import Array, Mask
from sgsurvey.quality.cutoffs import Cutoffs
from sgsurvey.quality.duplicates import nearest_rows
from sgsurvey.quality.pace import pace, side_by_side
from sgsurvey.questionnaire.model import CODED, Item

LEAST_FOR_PAIRS = 100
LEAST_GRID = 6
LEAST_COMPARED = 15
STRAIGHT = 0.5

INDICES = [
    "longstring",
    "longstring_share",
    "longstring_mean",
    "irv",
    "middle_share",
    "extreme_share",
    "acquiescence",
    "yes_saying",
    "mahalanobis",
    "mahalanobis_p",
    "even_odd",
    "synonyms",
    "synonyms_pairs",
    "antonyms",
    "antonyms_pairs",
    "person_total",
    "keyed_gap",
    "seconds_per_item",
    "fast_share",
    "same_second",
    "overlap",
    "checks",
    "checks_failed",
    "compared",
    "same_answers",
    "same_as",
    "dup_suspect",
    "missing_share",
]


def indices(answers: Responses, cutoffs: Cutoffs) -> pd.DataFrame:
    """One row per respondent, columns ``INDICES``; nan where an index cannot be had."""
    columns = {name: np.full(len(answers), np.nan, dtype=object if name == "same_as" else float) for name in INDICES}
    roles: tuple[str | None, ...] = answers.roles or (None,)
    for role in roles:
        rows = np.ones(len(answers), bool) if role is None else answers.frame["role"].eq(role).to_numpy(dtype=bool)
        part = answers.where(pd.Series(rows, index=answers.frame.index))
        for name, values in _of_role(part, _asked(answers, role), cutoffs).items():
            columns[name][rows] = values
    return pd.DataFrame({**columns, **side_by_side(answers)}, index=answers.frame.index)


def _asked(answers: Responses, role: str | None) -> list[Item]:
    """Items in the order shown to ``role`` that the answers have."""
    questionnaire = answers.questionnaire
    form = questionnaire.asked(role) if role is not None else ()
    items = form or [item for item in questionnaire.items if role is None or item.asked_of(role)]
    return [item for item in items if item.columns and set(item.columns) <= set(answers.frame.columns)]


def _of_role(part: Responses, items: list[Item], cutoffs: Cutoffs) -> dict[str, np.ndarray]:
    ratings = [item for item in items if item.type == "rating" and item.check is None]
    raw = part.items([item.name for item in ratings], keyed=False)
    patterns = _patterns(raw.to_numpy(dtype=float), ratings)
    # A straight-liner resembles every other one: sameness is asked of rows that answered in different ways.
    varied = ~(patterns["longstring_share"] >= STRAIGHT)
    return {
        **patterns,
        **_styles(part, raw, ratings),
        **_consistency(part, raw.to_numpy(dtype=float), ratings, cutoffs),
        **pace(part, items, cutoffs.min_seconds_per_item),
        **_checks(part, items),
        **_same(part, items, varied, cutoffs.same_answers),
        "dup_suspect": _sent_together(part),
        "missing_share": 1.0 - _answered(part, raw),
    }


def _patterns(raw: Array, ratings: list[Item]) -> dict[str, Array]:
    """Longest run in any grid, the largest share of a grid that one run covers, mean length of runs, and spread.

    A grid is a sequence of ratings on one scale with nothing else between them; short ones say nothing.
    """
    longest, share, mean = np.zeros(len(raw)), np.full(len(raw), np.nan), []
    start = 0
    for _, group in itertools.groupby(ratings, key=lambda item: (item.scale.name if item.scale else "", item.limits)):
        size = len(list(group))
        grid = raw[:, start : start + size]
        run, average = careless.runs(grid)
        longest = np.maximum(longest, run)
        given = (~np.isnan(grid)).sum(axis=1)
        if size >= LEAST_GRID:
            share = np.fmax(share, np.where(given >= LEAST_GRID, run / size, np.nan))
            mean.append(average)
        start += size
    return {
        "longstring": longest,
        "longstring_share": share,
        "longstring_mean": careless.row_mean(np.column_stack(mean)) if mean else np.full(len(raw), np.nan),
        "irv": careless.individual_variability(raw),
    }


def _styles(part: Responses, raw: pd.DataFrame, ratings: list[Item]) -> dict[str, Array]:
    """How the scale is used, and whether items and their reversed twins agree; all on 0 to 1."""
    limits = {item.name: item.scale.limits if item.scale else item.limits for item in ratings}
    of_one = {
        name: (raw[name].to_numpy() - limit[0]) / (limit[1] - limit[0])
        for name, limit in limits.items()
        if limit is not None and limit[1] > limit[0]
    }
    nothing = np.full(len(part), np.nan)
    every = np.column_stack(list(of_one.values())) if of_one else nothing[:, None]
    forward, turned = [], []
    for construct in part.questionnaire.constructs:
        names = [name for name in construct.items if name in of_one]
        against = [name for name in names if part.questionnaire.item(name).reverse]
        if against and len(against) < len(names):
            forward.append(np.column_stack([of_one[name] for name in names if name not in against]))
            turned.append(np.column_stack([of_one[name] for name in against]))
    return {
        "middle_share": careless.middle_share(every),
        "extreme_share": careless.extreme_share(every),
        "acquiescence": careless.acquiescence(forward, turned) if forward else nothing,
        "yes_saying": careless.yes_saying(forward, turned) if forward else nothing,
        "keyed_gap": careless.keyed_gap(forward, turned) if forward else nothing,
    }


def _consistency(part: Responses, raw: Array, ratings: list[Item], cutoffs: Cutoffs) -> dict[str, Array]:
    distance, count = _distance(raw)
    none = np.empty((0, 2), dtype=np.int64)
    enough = len(part) >= LEAST_FOR_PAIRS
    like = careless.like_pairs(raw, cutoffs.pair_correlation) if enough else none
    opposite = careless.opposite_pairs(raw, cutoffs.pair_correlation) if enough else none
    return {
        "mahalanobis": distance,
        "mahalanobis_p": chi2.sf(distance, np.maximum(count, 1)),
        "even_odd": _even_odd(part, ratings),
        "synonyms": careless.pair_consistency(raw, like),
        "synonyms_pairs": careless.answered_pairs(raw, like),
        "antonyms": careless.pair_consistency(raw, opposite),
        "antonyms_pairs": careless.answered_pairs(raw, opposite),
        "person_total": careless.person_total(raw),
    }


def _distance(raw: Array) -> tuple[Array, Array]:
    """Mahalanobis distances over the items that vary and that at least half of the people answered."""
    n, p = raw.shape
    used = [np.unique(c[~np.isnan(c)]).size > 1 and bool(np.isnan(c).mean() <= 0.5) for c in raw.T]
    if not any(used) or n <= p:
        return np.full(n, np.nan), np.zeros(n)
    return careless.mahalanobis(raw[:, used])


def _even_odd(part: Responses, ratings: list[Item]) -> Array:
    names = {item.name for item in ratings}
    halves = []
    for construct in part.questionnaire.constructs:
        items = [name for name in construct.items if name in names]
        if construct.kind == "reflective" and len(items) > 1:
            halves.append(part.items(items).to_numpy(dtype=float))
    return careless.even_odd(halves) if halves else np.full(len(part), np.nan)


def _checks(part: Responses, items: list[Item]) -> dict[str, Array]:
    """How many instructed items were answered, and how many of them otherwise than told."""
    answered, failed = np.zeros(len(part)), np.zeros(len(part))
    for item in items:
        if item.check is not None:
            given = pd.to_numeric(part.frame[item.name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            answered += ~np.isnan(given)
            failed += ~np.isnan(given) & (given != item.check)
    return {"checks": answered, "checks_failed": failed}


def _same(part: Responses, items: list[Item], varied: Mask, at_least: float | None) -> dict[str, np.ndarray]:
    """Whether a row was compared, its largest share of equal answers with another of its role, and which that is."""
    coded = [item for item in items if item.type in CODED and item.check is None]
    agreement, partner = np.full(len(part), np.nan), np.full(len(part), np.nan, dtype=object)
    compared = np.zeros(len(part))
    if coded and varied.any() and at_least is not None:
        codes = np.column_stack([_single_code(part.frame, item) for item in coded])[varied]
        compared[varied] = (codes >= 0).sum(axis=1) >= LEAST_COMPARED
        near, other = nearest_rows(codes, at_least=at_least, least_answers=LEAST_COMPARED)
        agreement[varied] = near
        names = part.frame["resp_id"] if "resp_id" in part.frame else pd.Series(part.frame.index.astype(str))
        known = names.to_numpy(dtype=object)[varied]
        partner[varied] = np.where(other >= 0, known[other], np.nan)
    return {"compared": compared, "same_answers": agreement, "same_as": partner}


def _sent_together(part: Responses) -> Array:
    """1 where reading found another form from the same address within seconds, 0 where not, nan where it cannot say."""
    if "dup_suspect" not in part.frame:
        return np.full(len(part), np.nan)
    return part.frame["dup_suspect"].to_numpy(dtype=float, na_value=np.nan)


def _single_code(frame: pd.DataFrame, item: Item) -> npt.NDArray[np.int64]:
    """One code per answer, -1 where missing; what was chosen of several becomes one code too."""
    if len(item.columns) == 1:
        return pd.factorize(frame[item.columns[0]])[0].astype(np.int64)
    table = frame[list(item.columns)]
    codes = table.groupby(list(table.columns), sort=False, dropna=False).ngroup().to_numpy()
    return np.where(table.isna().all(axis=1).to_numpy(), -1, codes)


def _answered(part: Responses, raw: pd.DataFrame) -> Array:
    """Share of the ratings shown that have an answer, don't-knows not counted as one."""
    shown = _count(part, raw, lambda name: part.shown(name))
    given = _count(part, raw, lambda name: part.shown(name) & raw[name].notna())
    return np.divide(given, shown, out=np.ones(len(part)), where=shown > 0)


def _count(part: Responses, raw: pd.DataFrame, holds: Callable[[str], pd.Series]) -> Array:
    return sum((holds(str(name)).to_numpy(dtype=float) for name in raw), np.zeros(len(part)))
