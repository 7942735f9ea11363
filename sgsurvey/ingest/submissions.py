"""What tools tell of whole submissions beside the answers: their state, earlier copies, and how long they took."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.names import Names

AFTERNOON = re.compile(r"下午|晚上|\bp\.?m\b\.?", re.IGNORECASE)
MORNING = re.compile(r"上午|凌晨|\ba\.?m\b\.?", re.IGNORECASE)
MOMENT = re.compile(
    r"(?P<a>\d{1,4})[-/.年](?P<b>\d{1,2})[-/.月](?P<c>\d{1,4})日?\D+(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d))?"
)
NOON = 12


def place_of(raw: Raw, *heads: str) -> int | None:
    """Where the first of ``heads`` stands, whatever its case; None where none does."""
    found = {head.casefold(): place for place, head in reversed([*enumerate(raw.header)])}
    return next((found[head.casefold()] for head in heads if head.casefold() in found), None)


def carried(raw: Raw, names: Names, name: str) -> int | None:
    """The best column for a carried name (``t_start``); None where the file has none."""
    targets = [(names.target(head), place) for place, head in enumerate(raw.header)]
    ranked = [(t.rank, place) for t, place in targets if t is not None and t.kind == "carried" and t.name == name]
    return min(ranked)[1] if ranked else None


def agree(code: str, text: str, names: Names, events: Events) -> None:
    """A head's code and its text must not be those of two questions.

    Raises
    ------
    DataError
        They are: tools give codes such as ``Q1`` by themselves, and a questionnaire may have a ``Q1`` of its own.
    """
    by_code, by_text = names.target(code), names.target(text)
    known = ("answer", "option")
    if by_code and by_text and by_code.kind in known and by_text.kind in known and by_code.name != by_text.name:
        raise events.error("SG110.tag", column=code, item=by_code.name, text=text[:60], other=by_text.name)


def with_column(raw: Raw, head: str, texts: Iterable[str]) -> Raw:
    """The file with one more column."""
    return replace(raw, header=(*raw.header, head), columns=(*raw.columns, Cells.of(texts)))


def _reasons(raw: Raw) -> npt.NDArray[np.object_]:
    """Why rows are set aside so far; shape (n,)."""
    return np.full(len(raw.rows), "", dtype=object) if raw.reasons is None else raw.reasons.copy()


def set_aside(raw: Raw, place: int | None, which: Callable[[str], bool], reason: str, name: str, events: Events) -> Raw:
    """Rows of whose state (a column at ``place``) ``which`` says so are set aside, each state told."""
    if place is None:
        return raw
    reasons = _reasons(raw)
    cells = raw.columns[place]
    for k in [k for k, text in enumerate(cells.texts) if which(text.strip())]:
        rows = (cells.codes == k) & (reasons == "")
        if rows.any():
            reasons[rows] = reason
            state = cells.texts[k].strip() or raw.header[place]
            events.add(name, n=int(rows.sum()), row=int(raw.rows[int(np.argmax(rows))]), state=state)
    return replace(raw, reasons=reasons)


def tell(raw: Raw, place: int | None, which: Callable[[str], bool], name: str, events: Events) -> None:
    """A state that sets no row aside, told once."""
    if place is None:
        return
    cells = raw.columns[place]
    rows = np.array([*(which(text.strip()) for text in cells.texts), False], dtype=bool)[cells.codes]
    if rows.any():
        row = int(np.argmax(rows))
        events.add(name, n=int(rows.sum()), row=int(raw.rows[row]), column=raw.header[place], state=cells[row])


def last_copy(raw: Raw, ids: int | None, sent: int | None, events: Events) -> Raw:
    """Earlier copies of a submission are set aside: the one sent last is kept, or else the one that stands last.

    Parameters
    ----------
    ids : int or None
        Column of what all copies share; empty cells are nobody's.
    sent : int or None
        Column of the time of sending, in a form whose order is that of time.
    """
    if ids is None:
        return raw
    reasons = _reasons(raw)
    times = [""] * len(raw.rows) if sent is None else list(raw.columns[sent])
    names = [text.strip().removeprefix("uuid:") for text in raw.columns[ids]]
    last: dict[str, int] = {}
    for row, name in enumerate(names):
        if name and not reasons[row] and (name not in last or times[row] >= times[last[name]]):
            last[name] = row
    again = np.array([bool(n) and not reasons[row] and last[n] != row for row, n in enumerate(names)], dtype=bool)
    if again.any():
        reasons[again] = "duplicate"
        events.add("SG117.duplicate", n=int(again.sum()), row=int(raw.rows[int(np.argmax(again))]))
    return replace(raw, reasons=reasons)


def with_seconds(raw: Raw, names: Names) -> Raw:
    """The file with the seconds from start to end, where it has both and no duration of its own."""
    start, end = carried(raw, names, "t_start"), carried(raw, names, "t_end")
    if start is None or end is None or carried(raw, names, "seconds") is not None:
        return raw
    pairs = zip(moments(raw.columns[start]), moments(raw.columns[end]), strict=True)
    return with_column(raw, "seconds", [_between(begun, done) for begun, done in pairs])


def moments(cells: Cells) -> npt.NDArray[np.object_]:
    """A moment for each row, None where the cell holds none; shape (n,)."""
    return cells.spread([_moment(text.strip()) for text in cells.texts])


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _between(begun: dt.datetime | None, done: dt.datetime | None) -> str:
    if begun is None or done is None or (begun.tzinfo is None) != (done.tzinfo is None) or done < begun:
        return ""
    return repr((done - begun).total_seconds())


def iso_times(raw: Raw, places: Sequence[int | None]) -> Raw:
    """Moments written with a space between day and time, as ISO 8601 has them."""
    for place in places:
        if place is not None:
            raw = raw.rewritten(
                place, lambda text: text.strip().replace(" ", "T", 1) if _moment(text.strip()) else text
            )
    return raw


def local_times(texts: Sequence[str]) -> list[str] | None:
    """Moments in the form's own language, as ISO 8601 without zone; None where day and month cannot be told apart.

    One file is written in one form: a number above 12 in any of its rows tells which number is the day.
    """
    found = [MOMENT.search(text) for text in texts]
    numbers = [tuple(int(match[name]) for name in "abc") for match in found if match]
    short = [n for n in numbers if n[0] < 1000]
    if short and not (max(n[0] for n in short) > NOON or max(n[1] for n in short) > NOON):
        return None
    day_first = bool(short) and max(n[0] for n in short) > NOON
    return [_iso(text, match, day_first) if match else "" for text, match in zip(texts, found, strict=True)]


def _iso(text: str, match: re.Match[str], day_first: bool) -> str:
    first, second, third = (int(match[name]) for name in "abc")
    year, month, day = (first, second, third) if first >= 1000 else (third, first, second)
    if first < 1000 and day_first:
        month, day = day, month
    hour = int(match["h"])
    if AFTERNOON.search(text) and hour < NOON:
        hour += NOON
    elif MORNING.search(text) and hour == NOON:
        hour = 0
    try:
        return dt.datetime(year, month, day, hour, int(match["m"]), int(match["s"] or 0)).isoformat()
    except ValueError:
        return ""
