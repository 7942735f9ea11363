"""Which rows are kept: what each respondent was asked, how much was answered, what was sent twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.options import ReadOptions
from sgsurvey.questionnaire.model import SEVERAL, Item, Questionnaire

# An id that a spreadsheet turned into 1.1E+17 has lost its last digits: equal ones need not be the same person.
DESTROYED = r"\d(?:\.\d+)?[eE]\+\d+"
MOST_AT_ONCE = 3
# Five answers on five points are alike by chance in any large survey; fifteen that differ among themselves are not.
LEAST_ALIKE = 15


def measures(item: Item, questionnaire: Questionnaire) -> bool:
    """Whether the item belongs to what the study measures: not to its background or its optional markers."""
    return bool(item.construct) and questionnaire.construct(item.construct).kind not in ("background", "marker")


def unasked_choices(answers: Responses) -> pd.DataFrame:
    """The frame without the 0 that some exporters write for every choice of a question that was not shown."""
    frame = answers.frame.copy()
    for item in answers.questionnaire.items:
        columns = list(item.columns)
        if item.type in SEVERAL and columns[0] in frame:
            empty = ~answers.shown(item.name) & ~(frame[columns].fillna(0) > 0).any(axis=1)
            frame.loc[empty, columns] = pd.NA
    return frame


def warn_of_rules(answers: Responses, events: Events) -> None:
    """Answers against the questionnaire's own rules are kept, and counted."""
    frame = answers.frame
    for item in answers.questionnaire.items:
        if not item.columns or item.columns[0] not in frame:
            continue
        given = frame[list(item.columns)].notna().any(axis=1)
        if item.roles or item.relevant:
            _count(~answers.shown(item.name) & given, "SG138.not_asked", item.name, events)
        if item.required:
            _count(answers.shown(item.name) & ~given, "SG138.required", item.name, events)
        if item.type == "select_multiple" and item.scale:
            alone = [f"{item.name}_{c.code}" for c in item.scale.valid if c.exclusive]
            picked = frame[list(item.columns)].eq(1).fillna(False)
            _count(picked[alone].any(axis=1) & (picked.sum(axis=1) > 1), "SG135.exclusive", item.name, events)


def _count(rows: pd.Series, name: str, column: str, events: Events) -> None:
    if rows.any():
        events.add(name, n=int(rows.sum()), column=column)


def reasons(answers: Responses, raw: Raw, options: ReadOptions, events: Events) -> npt.NDArray[np.object_]:
    """Why each row is set aside; empty where it is kept; shape (n,)."""
    frame = answers.frame
    found = _Reasons(raw, events)
    if raw.reasons is not None:
        found.reasons[:] = raw.reasons
    if "role" in frame:
        # Strangers were told one by one when the groups were read.
        found.reasons[frame["role"].isna().to_numpy() & (found.reasons == "")] = "unknown_role"
    _tests(frame, options, found)
    _window(frame, options, found)
    if "resp_id" in frame:
        _repeated(frame["resp_id"], found)
        _alike(answers, found)
    few = completion(answers) < options.min_complete
    found.set_aside(few, "incomplete", "SG119.incomplete", share=f"{options.min_complete:.0%}")
    return found.reasons


class _Reasons:
    """Reasons while they are found: the first one of a row stays."""

    def __init__(self, raw: Raw, events: Events) -> None:
        self.raw, self.events = raw, events
        self.reasons = np.full(len(raw.rows), "", dtype=object)

    def set_aside(self, rows: npt.ArrayLike, reason: str, name: str, **parts: str) -> None:
        hit = np.asarray(rows, dtype=bool) & (self.reasons == "")
        if hit.any():
            self.reasons[hit] = reason
            self.events.add(name, n=int(hit.sum()), row=int(self.raw.rows[int(np.argmax(hit))]), **parts)


def _tests(frame: pd.DataFrame, options: ReadOptions, found: _Reasons) -> None:
    named = [frame[c].isin(list(options.tests)) for c in ("resp_id", "interviewer_id") if c in frame]
    if named and options.tests:
        found.set_aside(pd.concat(named, axis=1).any(axis=1), "test", "SG152.test")
    if "t_start" in frame:
        begun = frame["t_start"].where(frame["t_start"].str.len() >= len("2026-01-01T00:00:00"))
        same = begun.map(begun.value_counts()).fillna(0)
        if (same >= MOST_AT_ONCE).any():
            n, row = int((same >= MOST_AT_ONCE).sum()), int(found.raw.rows[int(np.argmax(same))])
            found.events.add(
                "SG152.same_second", n=n, row=row, column="t_start", value=str(begun[int(np.argmax(same))])
            )


def _window(frame: pd.DataFrame, options: ReadOptions, found: _Reasons) -> None:
    """Rows that began before the survey or after it; a row without a day is kept."""
    column = next((c for c in ("date", "t_start") if c in frame), None)
    if column is None:
        return
    day = frame[column].str.slice(0, 10)
    if options.since is not None:
        found.set_aside(day.lt(options.since).fillna(False), "outside", "SG152.before", since=options.since)
    if options.until is not None:
        found.set_aside(day.gt(options.until).fillna(False), "outside", "SG152.after", until=options.until)


def _repeated(ids: pd.Series, found: _Reasons) -> None:
    """The last submission under an id is kept."""
    destroyed = ids.str.fullmatch(DESTROYED).fillna(False).astype(bool)
    if destroyed.any():
        row = int(found.raw.rows[int(np.argmax(destroyed))])
        found.events.add("SG137.ids", n=int(destroyed.sum()), row=row, column="resp_id")
    sound = ids.where(~destroyed & (found.reasons == ""))
    found.set_aside(sound.duplicated(keep="last") & sound.notna(), "duplicate", "SG117.duplicate")


def _alike(answers: Responses, found: _Reasons) -> None:
    """Rows whose answers are all those of another id: kept and told, where there are enough to be no coincidence."""
    rated = [
        item.name
        for item in answers.questionnaire.items
        if item.name in answers.frame and item.type == "rating" and measures(item, answers.questionnaire)
    ]
    if len(rated) < LEAST_ALIKE:
        return
    nothing = np.iinfo(np.int32).min
    codes = answers.frame[rated].to_numpy(dtype=np.int32, na_value=nothing)
    given = codes != nothing
    varied = codes.max(axis=1) > np.where(given, codes, np.iinfo(np.int32).max).min(axis=1)
    rows = np.flatnonzero((found.reasons == "") & (given.sum(axis=1) >= LEAST_ALIKE) & varied)
    alike = rows[pd.Series([row.tobytes() for row in codes[rows]], dtype=object).duplicated(keep=False)]
    if len(alike):
        found.events.add("SG117.alike", n=len(alike), row=int(found.raw.rows[alike[0]]))


def completion(answers: Responses) -> npt.NDArray[np.float64]:
    """Share of the constructs' items, among those each respondent was asked, with any answer; shape (n,)."""
    asked = np.zeros(len(answers))
    given = np.zeros(len(answers))
    for item in answers.questionnaire.items:
        if item.name in answers.frame and item.type == "rating" and measures(item, answers.questionnaire):
            shown = answers.shown(item.name).to_numpy(dtype=bool)
            asked += shown
            given += shown & answers.frame[item.name].notna().to_numpy()
    return np.divide(given, asked, out=np.ones(len(answers)), where=asked > 0)
