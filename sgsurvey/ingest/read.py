"""read_responses(): a file of answers becomes Responses, and every row and cell of it is accounted for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.log import Log, Step
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.ingest.assemble import assemble
from sgsurvey.ingest.csv import read_text
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.excel import read_workbook
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.match import Binding, asked_of, bind, roles_of
from sgsurvey.ingest.names import Names, plain
from sgsurvey.questionnaire.model import Item, Questionnaire
from sgsurvey.text import Text

Source = Literal["csv", "xlsx"]
MIN_COMPLETE = 0.5
# An id that a spreadsheet turned into 1.1E+17 has lost its last digits: equal ones need not be the same person.
DESTROYED = r"\d(?:\.\d+)?[eE]\+\d+"


def read_responses(
    path: str | Path,
    questionnaire: Questionnaire,
    *,
    source: Source | None = None,
    sheet: str | None = None,
    allow_missing: Sequence[str] = (),
    role: str | None = None,
) -> Responses:
    """Read a CSV or XLSX file of answers.

    Columns find their questions by name or by label in any language, never by position; cells become codes by declared
    codes and labels alone.  What cannot be read is set aside with its reason: cells become missing, rows go to
    ``.log.quarantine``; ``.log`` adds up.  Direct identifiers, platform and unknown columns are left out.

    Parameters
    ----------
    path : str or Path
    questionnaire : Questionnaire
    source : "csv" or "xlsx", optional
        What the file is; told by its content when None.
    sheet : str, optional
        Sheet of a workbook; the one with known heads when None.
    allow_missing : sequence of str
        Items or constructs that the file may lack; they are then missing in every row.
    role : str, optional
        Stakeholder group of all rows, for a file of one group.

    Returns
    -------
    Responses
        Coded items as nullable integers with codes for no answer kept, numbers as floats, texts as strings.

    Raises
    ------
    DataError
        With a code ``SG1xx``: the file cannot be used as it is.

    Examples
    --------
    ``answers = sg.read_responses("villagers.csv", instrument, role="villager")``
    """
    file = Path(path)
    content = _content(file)
    events = Events(file.name)
    if role is not None:
        role = questionnaire.role(role).name
    names = Names(questionnaire, role)
    if _kind(content, file, source, events) == "xlsx":
        raw = read_workbook(content, names, events, sheet=sheet)
    else:
        raw = read_text(content, names, events)
    binding = bind(raw, names, events)
    _check_version(raw, binding, questionnaire, events)
    roles = roles_of(raw, binding, names, role, events)
    _check_columns(binding, questionnaire, roles, _allowed_missing(allow_missing, questionnaire), events)
    if not len(raw.rows) and not raw.ragged:
        events.add("SG107", "warn", "the file has a header and no answers")
    frame = assemble(raw, binding, questionnaire, roles, events)
    whole = _unasked_choices(Responses(frame, questionnaire))
    _warn_skipped(whole, events)
    reasons = _reasons(whole, events, raw)
    log = _log(raw, binding, reasons, events, {file.name: hashlib.sha256(content).hexdigest()})
    return Responses(whole.frame[reasons == ""].reset_index(drop=True), questionnaire, log=log)


# The file -----------------------------------------------------------------------------------------


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(
            f"it cannot be opened ({reason}).",
            where=str(file),
            remedy="Check the path, and that no other program keeps the file locked.",
            code="SG160",
        ) from error


def _kind(content: bytes, file: Path, source: Source | None, events: Events) -> Source:
    """What the bytes are; the name of the file is only a hint."""
    if source not in (None, "csv", "xlsx"):
        raise DataError(f"source='{source}' is not known.", remedy="Use 'csv' or 'xlsx', or leave it out.")
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content:
        raise events.error("SG107", "the file is empty.", "Export it again, or choose another file.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise events.error(
            "SG143",
            "this is an old .xls workbook, or one with a password.",
            "Open it in Excel and save it as .xlsx without a password.",
        )
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<meta")):
        raise events.error(
            "SG144", "this is a web page, not a table of answers.", "Download the export itself, as .xlsx or CSV."
        )
    found: Source = "xlsx" if content.startswith(b"PK") else "csv"
    if content.startswith(b"%PDF"):
        raise events.error("SG101", "this is a PDF.", "Export the answers as .xlsx or CSV UTF-8.")
    if source is not None and source != found:
        raise events.error(
            "SG101",
            f"source='{source}' was given, but the content is {found}.",
            "Leave source= out, or check the file.",
        )
    if file.suffix.lower() in (".xlsx", ".xlsm", ".xls") and found == "csv":
        events.add("SG101", "fix", "a text file under the name of a workbook: read as CSV", value=file.name)
    return found


# Its columns --------------------------------------------------------------------------------------


def _allowed_missing(names: Sequence[str], questionnaire: Questionnaire) -> set[str]:
    allowed: set[str] = set()
    constructs = {c.name: c.items for c in questionnaire.constructs}
    known = {item.name for item in questionnaire.items}
    for name in [names] if isinstance(names, str) else names:
        if name not in constructs and name not in known:
            raise DataError(
                f"allow_missing names '{name}', which the questionnaire does not have.",
                remedy=did_you_mean(name, [*constructs, *known]).strip() or "Name its items or constructs.",
            )
        allowed |= set(constructs.get(name, ())) | {name}
    return allowed


def _check_version(raw: Raw, binding: Binding, questionnaire: Questionnaire, events: Events) -> None:
    if "version" not in binding.carried:
        return
    place = binding.carried["version"]
    others = sorted({plain(v) for v in raw.columns[place]} - {"", questionnaire.version})
    if others:
        raise events.error(
            "SG113",
            f"answers to version {', '.join(others[:3])}; the questionnaire is version {questionnaire.version}.",
            "Read them with the questionnaire of their own version.",
            column=raw.header[place],
        )


def _check_columns(
    binding: Binding, questionnaire: Questionnaire, roles: Cells | None, allowed: set[str], events: Events
) -> None:
    """Items of constructs that a group in the file was asked must be there; others may be missing, with a warning."""
    asked = asked_of(questionnaire, roles) - allowed - set(binding.carried)
    expected = [item for item in questionnaire.items if item.name in asked and item.identifier != "direct"]
    needed = [item for item in expected if _measures(item, questionnaire)]
    lacking = [item.name for item in needed if not binding.holds(item.name)]
    if len(lacking) > len(needed) / 2:
        raise events.error(
            "SG102",
            f"only {len(needed) - len(lacking)} of {len(needed)} items of '{questionnaire.id}' were found.",
            "Check that it is the right file for this questionnaire.",
        )
    if lacking:
        more = f" and {len(lacking) - 8} more" if len(lacking) > 8 else ""
        near = get_close_matches(lacking[0], binding.unknown, n=1, cutoff=0.6)
        hint = f" A column '{near[0]}' is like {lacking[0]}: rename it if it is the same." if near else ""
        raise events.error(
            "SG111",
            f"no column for {', '.join(lacking[:8])}{more}.{hint}",
            f"Add the columns, or pass allow_missing=({', '.join(map(repr, lacking[:8]))},).",
        )
    optional = [item.name for item in expected if item not in needed and not binding.holds(item.name)]
    if optional:
        events.add("SG111", "warn", f"no column for {', '.join(optional)}: missing in every row", n=len(optional))


def _measures(item: Item, questionnaire: Questionnaire) -> bool:
    """Whether the item belongs to what the study measures: not to its background or its optional markers."""
    return bool(item.construct) and questionnaire.construct(item.construct).kind not in ("background", "marker")


# Its rows -----------------------------------------------------------------------------------------


def _unasked_choices(answers: Responses) -> Responses:
    """Some exporters write 0 for every choice of a question that was not shown: that is no answer."""
    frame = answers.frame.copy()
    for item in answers.questionnaire.items:
        columns = list(item.columns)
        if item.type in ("select_multiple", "rank") and columns[0] in frame:
            empty = ~answers.shown(item.name) & ~(frame[columns].fillna(0) > 0).any(axis=1)
            frame.loc[empty, columns] = pd.NA
    return Responses(frame, answers.questionnaire)


def _warn_skipped(answers: Responses, events: Events) -> None:
    """Answers to questions that were not to be asked are kept, and counted."""
    for item in answers.questionnaire.items:
        if (item.roles or item.relevant) and item.columns and item.columns[0] in answers.frame:
            strange = ~answers.shown(item.name) & answers.frame[list(item.columns)].notna().any(axis=1)
            if strange.any():
                events.add(
                    "SG138",
                    "warn",
                    "answered by people who were not to be asked",
                    n=int(strange.sum()),
                    column=item.name,
                )


def _reasons(answers: Responses, events: Events, raw: Raw) -> npt.NDArray[np.object_]:
    """Why each row is set aside; empty where it is kept."""
    frame = answers.frame
    reasons = np.full(len(frame), "", dtype=object)
    if "role" in frame:
        reasons[frame["role"].isna().to_numpy()] = "unknown_role"
    if "resp_id" in frame:
        destroyed = frame["resp_id"].str.fullmatch(DESTROYED).fillna(False).astype(bool)
        if destroyed.any():
            events.add(
                "SG137",
                "warn",
                "a spreadsheet destroyed the last digits of these ids: repeated ones are kept",
                n=int(destroyed.sum()),
                row=int(raw.rows[int(np.argmax(destroyed))]),
                column="resp_id",
            )
        ids = frame["resp_id"].where(~destroyed & (reasons == ""))
        again = ids.duplicated(keep="last") & ids.notna()
        _set_aside(reasons, again, "duplicate", "SG117", "submitted again later: the last one is kept", raw, events)
    few = pd.Series(completion(answers) < MIN_COMPLETE)
    message = f"less than {MIN_COMPLETE:.0%} of the items answered"
    _set_aside(reasons, few, "incomplete", "SG119", message, raw, events)
    return reasons


def _set_aside(
    reasons: npt.NDArray[np.object_], rows: pd.Series, reason: str, code: str, message: str, raw: Raw, events: Events
) -> None:
    hit = rows.to_numpy(dtype=bool) & (reasons == "")
    if hit.any():
        reasons[hit] = reason
        events.add(code, "quarantine", message, n=int(hit.sum()), row=int(raw.rows[int(np.argmax(hit))]))


def completion(answers: Responses) -> npt.NDArray[np.float64]:
    """Share of the constructs' items, among those each respondent was asked, with any answer; shape (n,)."""
    asked = np.zeros(len(answers))
    given = np.zeros(len(answers))
    for item in answers.questionnaire.items:
        if item.name in answers.frame and item.type == "rating" and _measures(item, answers.questionnaire):
            shown = answers.shown(item.name).to_numpy(dtype=bool)
            asked += shown
            given += shown & answers.frame[item.name].notna().to_numpy()
    return np.divide(given, asked, out=np.ones(len(answers)), where=asked > 0)


def _log(raw: Raw, binding: Binding, reasons: npt.NDArray[np.object_], events: Events, inputs: dict[str, str]) -> Log:
    """The log: rows in are rows kept and rows set aside, each with its reason."""
    counts = pd.Series([*(reason for _, _, reason in raw.ragged), *reasons[reasons != ""]], dtype=object).value_counts()
    n_in = len(raw.rows) + len(raw.ragged)
    kept = int((reasons == "").sum())
    step = Step(Text("读取", "Reading"), n_in, kept, {str(k): int(v) for k, v in counts.items()})
    return Log((step,), events.frame(), _quarantine(raw, binding, reasons), inputs)


def _quarantine(raw: Raw, binding: Binding, reasons: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Rows set aside as they came: the columns that would have been read, or all cells where the shape is wrong."""
    places = [*binding.carried.values(), *binding.answers.values(), *binding.assigned.values()]
    places += [place for options in binding.options.values() for place in options.values()]
    out = reasons != ""
    cells = {raw.header[place]: raw.columns[place][out] for place in sorted(places)}
    table = pd.DataFrame({"row": raw.rows[out], "reason": reasons[out], **cells})
    if raw.ragged:
        # In a line of the wrong shape nobody can tell which cell identifies: then none is kept.
        kept = "(not kept: the file has direct identifiers)" if binding.identifiers else None
        lines = [{"row": row, "reason": why, "cells": kept or "\t".join(cells)} for row, cells, why in raw.ragged]
        table = pd.concat([table, pd.DataFrame(lines)], ignore_index=True) if len(table) else pd.DataFrame(lines)
    return table.sort_values("row", ignore_index=True)
