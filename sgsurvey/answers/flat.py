"""Answers as rows of cells, for programs that know no questionnaire: CSV and workbook, SPSS and Stata."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sgsurvey.answers.refusal import refusal
from sgsurvey.answers.responses import Responses
from sgsurvey.questionnaire.model import CODED, Item
from sgsurvey.tables.format import printable, typed_as_words
from sgsurvey.text import Text

# What stands for an item that the tool did not show although the questionnaire's own conditions would have.
NOT_SHOWN = "{question_not_shown}"
# Bytes that a label may have: SPSS cuts longer ones in silence; Stata counts 80 characters and refuses more.
SPSS_LABEL, SPSS_VALUE = 255, 120
STATA_LABEL = 80
MOST_MISSING = 3


def to_csv(answers: Responses, where: Text) -> bytes:
    """Codes under names, UTF-8 with a byte order mark; no text is a formula to a spreadsheet."""
    frame = _with_not_shown(answers)
    words = frame.select_dtypes(exclude=["number", "bool"]).columns
    guarded = {name: [typed_as_words(v) if isinstance(v, str) else v for v in frame[name]] for name in words}
    return ("\ufeff" + frame.assign(**guarded).to_csv(index=False, lineterminator="\r\n")).encode()


def to_workbook(answers: Responses, where: Text) -> bytes:
    """Codes as numbers, words as words; nothing is a formula."""
    from sgsurvey.tables.excel import plain_workbook

    frame = _with_not_shown(answers).astype(object)
    rows = ([_cell(value) for value in row] for row in frame.itertuples(index=False))
    return plain_workbook("answers", [str(name) for name in frame.columns], rows)


def _cell(value: Any) -> object:
    if value is None or pd.isna(value):
        return None
    if isinstance(value, str):
        return printable(value)
    return bool(value) if isinstance(value, (bool, np.bool_)) else value.item() if hasattr(value, "item") else value


def _with_not_shown(answers: Responses) -> pd.DataFrame:
    """The frame with the items that were not shown against the questionnaire's conditions marked as such."""
    frame = answers.frame.copy()
    for name, rows in answers.hidden.items():
        columns = [c for c in answers.questionnaire.item(name).columns if c in frame]
        here = frame.index.isin(rows)
        for column in columns:
            frame[column] = frame[column].astype(object).where(~here, NOT_SHOWN)
    return frame


# SPSS and Stata -----------------------------------------------------------------------------------


def to_spss(answers: Responses, where: Text) -> bytes:
    """A .sav file with variable labels, value labels, user-missing codes and levels of measurement."""
    frame, items = _variables(answers)
    missing = {
        name: _missing_ranges(item) for name, item in items.items() if item.missing_codes and _numeric(frame, name)
    }
    return _written(
        "write_sav",
        frame,
        ".sav",
        where,
        column_labels=_labels(answers, frame, SPSS_LABEL, len_of=_bytes),
        variable_value_labels=_value_labels(answers, frame, items, SPSS_VALUE),
        missing_ranges=missing,
        variable_measure={name: _measure(item, frame, name) for name, item in items.items()},
    )


def to_stata(answers: Responses, where: Text) -> bytes:
    """A .dta file (version 118) with variable labels and value labels; codes for no answer stay codes."""
    frame, items = _variables(answers)
    return _written(
        "write_dta",
        frame,
        ".dta",
        where,
        column_labels=_labels(answers, frame, STATA_LABEL, len_of=len),
        variable_value_labels=_value_labels(answers, frame, items, 32_000),
        version=15,
    )


def _written(writer: str, frame: pd.DataFrame, suffix: str, where: Text, **how: Any) -> bytes:
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"answers{suffix}"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                getattr(pyreadstat, writer)(frame, path, **how)
        except (pyreadstat.PyreadstatError, pyreadstat.ReadstatError) as error:
            raise refusal("SG160.write", where=where, reason=str(error)[:120]) from error
        return path.read_bytes()


def _variables(answers: Responses) -> tuple[pd.DataFrame, dict[str, Item]]:
    """Numbers as floats and texts as texts, and the item of each column that has one."""
    columns = {}
    for name in answers.frame.columns:
        column = answers.frame[name]
        if pd.api.types.is_numeric_dtype(column):
            columns[str(name)] = column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        else:
            columns[str(name)] = column.astype(object).where(column.notna(), "").map(str)
    items = {c: item for item in answers.questionnaire.items for c in item.columns if c in columns}
    return pd.DataFrame(columns, index=answers.frame.index).reset_index(drop=True), items


def _numeric(frame: pd.DataFrame, name: str) -> bool:
    return pd.api.types.is_numeric_dtype(frame[name])


def _bytes(text: str) -> int:
    return len(text.encode())


def _cut(text: str, most: int, len_of: Any) -> str:
    while len_of(text) > most:
        text = text[:-1]
    return text


def _labels(answers: Responses, frame: pd.DataFrame, most: int, *, len_of: Any) -> list[str]:
    """A label for each column, cut where the format would not hold it."""
    label = answers.basis().label
    return [_cut(label(name).to(answers.language), most, len_of) for name in frame.columns]


def _value_labels(
    answers: Responses, frame: pd.DataFrame, items: Mapping[str, Item], most: int
) -> dict[str, dict[float, str]]:
    """Words of the codes of coded items, and of the codes for no answer."""
    found: dict[str, dict[float, str]] = {}
    said = {choice.code: choice.label for choice in answers.questionnaire.missing}
    for name, item in items.items():
        if not _numeric(frame, name):
            continue
        own = item.type in CODED and item.scale is not None and name == item.name
        words = {c.code: c.label for c in item.scale.choices} if own and item.scale else {}
        words |= {code: said[code] for code in item.missing_codes if code in said and code not in words}
        if words:
            labels = {float(code): _cut(text.to(answers.language), most, _bytes) for code, text in words.items()}
            found[name] = {code: text for code, text in labels.items() if text}
    return found


def _missing_ranges(item: Item) -> Sequence[Any]:
    """SPSS holds three single codes, or one range: a range where no answer lies in it, or else the first three."""
    codes = sorted(item.missing_codes)
    if len(codes) <= MOST_MISSING:
        return codes
    low, high = item.limits or (np.inf, -np.inf)
    answers = [choice.code for choice in item.scale.valid] if item.scale else []
    between = (low <= codes[-1] and high >= codes[0]) or any(codes[0] <= code <= codes[-1] for code in answers)
    return codes[:MOST_MISSING] if between else [{"lo": codes[0], "hi": codes[-1]}]


def _measure(item: Item, frame: pd.DataFrame, name: str) -> str:
    if item.type == "rating":
        return "ordinal"
    return "scale" if item.type in ("integer", "decimal") and _numeric(frame, name) else "nominal"
