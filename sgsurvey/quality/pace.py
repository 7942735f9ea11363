"""When answers were given, and how fast: per question, per page, and whether two forms can have been filled in so."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.mode import self_completed
from sgsurvey.answers.responses import Responses
from sgsurvey.quality.careless import Array, Mask
from sgsurvey.questionnaire.model import Item

TIMINGS = "timings"
"""Name of the table in ``Responses.context`` with ``resp_id, page, seconds``: time on a page (a block or one item)."""
LONGEST_INTERVIEW = 3 * 3600.0
Times = npt.NDArray[np.datetime64]

# Formulas ---------------------------------------------------------------------------------------------


def same_second(start: Times, among: Mask) -> Array:
    """How many other forms ``among`` these began in the same second; shape (n,).

    nan for the others, where the time is unknown, and for all where the times carry no seconds.
    """
    seconds = start.astype("datetime64[s]")
    known = among & ~np.isnat(seconds)
    found = np.full(len(start), np.nan)
    if (seconds[known] != seconds[known].astype("datetime64[m]")).any():
        _, of, count = np.unique(seconds[known], return_inverse=True, return_counts=True)
        found[known] = count[of] - 1
    return found


def overlap(start: Times, end: Times, who: npt.NDArray[np.object_]) -> Array:
    """How many other interviews of the same interviewer were under way during each; shape (n,).

    nan where a time or the interviewer is unknown, and where the form was open for more than three hours: it was then
    finished later, and its end says nothing.
    """
    began, ended = (t.astype("datetime64[s]").astype(np.int64) for t in (start, end))
    known = ~(np.isnat(start) | np.isnat(end) | pd.isna(who))
    known &= (ended > began) & (ended - began <= LONGEST_INTERVIEW)
    found = np.full(len(start), np.nan)
    for rows in pd.Series(np.flatnonzero(known)).groupby(who[known].astype(str)).agg(list):
        a, b = began[rows], ended[rows]
        begun_before_end = np.searchsorted(np.sort(a), b, side="left")
        over_before_start = np.searchsorted(np.sort(b), a, side="right")
        found[rows] = begun_before_end - over_before_start - 1
    return found


# Answers ------------------------------------------------------------------------------------------------


def pace(part: Responses, items: list[Item], least: float | None) -> dict[str, Array]:
    """The indices ``seconds_per_item, fast_share`` of the answers of one role."""
    alone = self_completed(part)
    return {
        "seconds_per_item": np.where(alone, _seconds_per_item(part, items), np.nan),
        "fast_share": np.where(alone, _fast_share(part, items, least), np.nan),
    }


def side_by_side(answers: Responses) -> dict[str, Array]:
    """The indices ``same_second, overlap`` of all answers: who fills in forms of two roles at once is seen too."""
    alone = self_completed(answers)
    start, end = (_times(answers.frame, column) for column in ("t_start", "t_end"))
    who = answers.frame.get("interviewer_id", pd.Series(np.nan, index=answers.frame.index)).to_numpy(dtype=object)
    return {
        "same_second": same_second(start, alone),
        "overlap": np.where(alone, np.nan, overlap(start, end, who)),
    }


def _times(frame: pd.DataFrame, column: str) -> Times:
    if column not in frame:
        return np.full(len(frame), np.datetime64("NaT", "ns"))
    return pd.to_datetime(frame[column], errors="coerce", format="ISO8601", utc=True).dt.tz_localize(None).to_numpy()


def _closed(items: list[Item]) -> list[str]:
    return [item.name for item in items if item.type not in ("text", "date", "note")]


def _seconds_per_item(part: Responses, items: list[Item]) -> Array:
    """Seconds for each closed question shown; nan where time runs backward."""
    if "seconds" in part.frame:
        seconds = part.frame["seconds"].to_numpy(dtype=float, na_value=np.nan)
    else:
        seconds = (_times(part.frame, "t_end") - _times(part.frame, "t_start")) / np.timedelta64(1, "s")
    shown = sum((part.shown(name).to_numpy(dtype=float) for name in _closed(items)), np.zeros(len(part)))
    per_item = np.divide(seconds, shown, out=np.full(len(part), np.nan), where=shown > 0)
    return np.where(per_item >= 0, per_item, np.nan)


def _fast_share(part: Responses, items: list[Item], least: float | None) -> Array:
    """Share of the timed pages answered in less than ``least`` seconds for each of their questions."""
    timings = part.context.get(TIMINGS)
    if timings is None or least is None or "resp_id" not in part.frame:
        return np.full(len(part), np.nan)
    closed = set(_closed(items))
    sizes = {block.name: len(closed & set(block.items)) for block in part.questionnaire.blocks}
    sizes = {**sizes, **dict.fromkeys(closed, 1)}
    size = timings["page"].map(sizes)
    timed = timings[size.gt(0) & timings["seconds"].notna()]
    fast = timed["seconds"] < least * size[timed.index]
    return part.frame["resp_id"].map(fast.groupby(timed["resp_id"]).mean()).to_numpy(dtype=float)
