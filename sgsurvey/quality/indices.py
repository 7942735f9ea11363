"""The indices of every respondent: each role judged on its own items, among its own people."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2

from sgsurvey.answers.mode import self_completed
from sgsurvey.answers.responses import Responses
from sgsurvey.quality import careless
from sgsurvey.quality.duplicates import nearest_rows
from sgsurvey.questionnaire.model import CODED, Item

SYNONYM_R = 0.60
LEAST_FOR_SYNONYMS = 100
LEAST_GRID = 6
LEAST_COMPARED = 15

INDICES = [
    "longstring",
    "longstring_share",
    "irv",
    "mahalanobis",
    "mahalanobis_p",
    "even_odd",
    "synonyms",
    "seconds_per_item",
    "checks",
    "checks_failed",
    "same_answers",
    "same_as",
    "missing_share",
]


def indices(answers: Responses, *, same_answers: float) -> pd.DataFrame:
    """One row per respondent, columns ``INDICES``; nan where an index cannot be had."""
    columns = {name: np.full(len(answers), np.nan, dtype=object if name == "same_as" else float) for name in INDICES}
    roles: tuple[str | None, ...] = answers.roles or (None,)
    for role in roles:
        rows = np.ones(len(answers), bool) if role is None else answers.frame["role"].eq(role).to_numpy(dtype=bool)
        part = answers.where(pd.Series(rows, index=answers.frame.index))
        for name, values in _of_role(part, _asked(answers, role), same_answers).items():
            columns[name][rows] = values
    return pd.DataFrame(columns, index=answers.frame.index)


def _asked(answers: Responses, role: str | None) -> list[Item]:
    """Items in the order shown to ``role`` that the answers have."""
    questionnaire = answers.questionnaire
    form = questionnaire.asked(role) if role is not None else ()
    items = form or [item for item in questionnaire.items if role is None or item.asked_of(role)]
    return [item for item in items if item.columns and set(item.columns) <= set(answers.frame.columns)]


def _of_role(part: Responses, items: list[Item], same_answers: float) -> dict[str, np.ndarray]:
    ratings = [item for item in items if item.type == "rating" and item.check is None]
    raw = part.items([item.name for item in ratings], keyed=False).to_numpy(dtype=float)
    runs, shares = _longest(raw, ratings)
    distance, count = _distance(raw)
    checks, failed = _checks(part, items)
    # A straight-liner resembles every other one: sameness is asked of rows that answered in different ways.
    varied = ~(shares >= 0.5)
    agreement, partner = _same(part, items, varied, same_answers)
    pairs = careless.synonym_pairs(raw, SYNONYM_R) if len(part) >= LEAST_FOR_SYNONYMS else np.empty((0, 2), dtype=int)
    return {
        "longstring": runs,
        "longstring_share": shares,
        "irv": careless.individual_variability(raw),
        "mahalanobis": distance,
        "mahalanobis_p": chi2.sf(distance, np.maximum(count, 1)),
        "even_odd": _even_odd(part, ratings),
        "synonyms": careless.synonyms(raw, pairs),
        "seconds_per_item": _pace(part, items),
        "checks": checks,
        "checks_failed": failed,
        "same_answers": agreement,
        "same_as": partner,
        "missing_share": 1.0 - _answered(part, ratings),
    }


def _longest(raw: careless.Array, ratings: list[Item]) -> tuple[careless.Array, careless.Array]:
    """Longest run in any grid, and the largest share of a grid that one run covers.

    A grid is a sequence of ratings on one scale with nothing else between them; short ones say nothing.
    """
    longest, share = np.zeros(len(raw)), np.full(len(raw), np.nan)
    start = 0
    for _, group in itertools.groupby(ratings, key=lambda item: (item.scale.name if item.scale else "", item.limits)):
        size = len(list(group))
        grid = raw[:, start : start + size]
        run = careless.longest_run(grid)
        longest = np.maximum(longest, run)
        given = (~np.isnan(grid)).sum(axis=1)
        if size >= LEAST_GRID:
            share = np.fmax(share, np.where(given >= LEAST_GRID, run / size, np.nan))
        start += size
    return longest, share


def _distance(raw: careless.Array) -> tuple[careless.Array, careless.Array]:
    """Mahalanobis distances over the items that vary and that at least half of the people answered."""
    n, p = raw.shape
    used = [np.unique(c[~np.isnan(c)]).size > 1 and bool(np.isnan(c).mean() <= 0.5) for c in raw.T]
    if not any(used) or n <= p:
        return np.full(n, np.nan), np.zeros(n)
    return careless.mahalanobis(raw[:, used])


def _even_odd(part: Responses, ratings: list[Item]) -> careless.Array:
    names = {item.name for item in ratings}
    halves = []
    for construct in part.questionnaire.constructs:
        items = [name for name in construct.items if name in names]
        if construct.kind == "reflective" and len(items) > 1:
            halves.append(part.items(items).to_numpy(dtype=float))
    return careless.even_odd(halves) if halves else np.full(len(part), np.nan)


def _checks(part: Responses, items: list[Item]) -> tuple[careless.Array, careless.Array]:
    """How many instructed items were answered, and how many of them otherwise than told."""
    answered, failed = np.zeros(len(part)), np.zeros(len(part))
    for item in items:
        if item.check is not None:
            given = pd.to_numeric(part.frame[item.name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            answered += ~np.isnan(given)
            failed += ~np.isnan(given) & (given != item.check)
    return answered, failed


def _pace(part: Responses, items: list[Item]) -> careless.Array:
    """Seconds for each closed question shown, of those who filled in the form alone."""
    frame = part.frame
    if "seconds" in frame:
        seconds = frame["seconds"].to_numpy(dtype=float, na_value=np.nan)
    elif {"t_start", "t_end"} <= set(frame.columns):
        start, end = (
            pd.to_datetime(frame[c], errors="coerce", format="ISO8601", utc=True) for c in ("t_start", "t_end")
        )
        seconds = (end - start).dt.total_seconds().to_numpy(dtype=float)
    else:
        return np.full(len(part), np.nan)
    closed = [item.name for item in items if item.type not in ("text", "date")]
    shown = sum((part.shown(name).to_numpy(dtype=float) for name in closed), np.zeros(len(part)))
    pace = np.divide(seconds, shown, out=np.full(len(part), np.nan), where=shown > 0)
    return np.where(self_completed(part) & (pace >= 0), pace, np.nan)


def _same(
    part: Responses, items: list[Item], varied: npt.NDArray[np.bool_], same_answers: float
) -> tuple[careless.Array, npt.NDArray[np.object_]]:
    """Largest share of equal answers with another row of the same role, and which row that is."""
    columns = [_single_code(part.frame, item) for item in items if item.type in CODED and item.check is None]
    agreement, partner = np.full(len(part), np.nan), np.full(len(part), np.nan, dtype=object)
    if columns and varied.any():
        codes = np.column_stack(columns)[varied]
        near, other = nearest_rows(codes, at_least=same_answers, least_answers=LEAST_COMPARED)
        agreement[varied] = near
        names = part.frame["resp_id"] if "resp_id" in part.frame else pd.Series(part.frame.index.astype(str))
        known = names.to_numpy(dtype=object)[varied]
        partner[varied] = [known[o] if o >= 0 else np.nan for o in other]
    return agreement, partner


def _single_code(frame: pd.DataFrame, item: Item) -> npt.NDArray[np.int64]:
    """One code per answer, -1 where missing; what was chosen of several becomes one code too."""
    table = frame[list(item.columns)]
    codes = table.groupby(list(table.columns), sort=False, dropna=False).ngroup().to_numpy()
    return np.where(table.isna().all(axis=1).to_numpy(), -1, codes)


def _answered(part: Responses, ratings: list[Item]) -> careless.Array:
    """Share of the ratings shown that have an answer, don't-knows not counted as one."""
    shown = _count(part, ratings, lambda item: part.shown(item.name))
    numbers = part.items([item.name for item in ratings], keyed=False)
    given = _count(part, ratings, lambda item: part.shown(item.name) & numbers[item.name].notna())
    return np.divide(given, shown, out=np.ones(len(part)), where=shown > 0)


def _count(part: Responses, items: list[Item], holds: Callable[[Item], pd.Series]) -> careless.Array:
    return sum((holds(item).to_numpy(dtype=float) for item in items), np.zeros(len(part)))
