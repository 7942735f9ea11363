"""shareable(): answers as they may be given to others: no names, no words, no hours, coarser where it was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sgsurvey.answers.design import Design
from sgsurvey.answers.log import Log
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.quality.coarsening import banded, merged
from sgsurvey.text import Text

PLACES = {"township_id": "T", "village_id": "V"}
MOMENTS = ("t_start", "t_end")
BESIDE = ("role", *PLACES, "scope", "mode", "date", *MOMENTS, "seconds")
A_DAY = 10


def shareable(
    answers: Responses,
    *,
    bands: Mapping[str, float] | None = None,
    merge: Sequence[str] = (),
    drop: Sequence[str] = (),
    k: int = 5,
) -> Responses:
    """Answers to give to others; see with ``disclosure_risk`` what is left of the risk.

    Always: direct identifiers and their pseudonyms, ids of respondents and interviewers, open answers, and what was
    joined about places are left out; times become days; places get numbers that do not tell their names; rows are put
    in the order of their answers; the log keeps its counts, but no row and no cell that was set aside.  Of the design
    weights, strata and clusters stay; what holds a line per respondent (replicates, calibrations) does not.

    Parameters
    ----------
    answers : Responses
    bands : mapping of column to width, optional
        Numbers that become the lower ends of bands, such as ``{"age": 10}``.
    merge : sequence of str
        Columns whose values of fewer than ``k`` rows are put together as ``other``, or as missing where they are codes.
    drop : sequence of str
        Columns to leave out.
    k : int

    Raises
    ------
    DataError
        There is no such column.

    Examples
    --------
    ``sg.shareable(answers, bands={"age": 10}, drop=["village_id"])``
    """
    widths = dict(bands or {})
    _check(answers, [*widths, *merge, *drop])
    frame = answers.frame[[c for c in _told(answers, [*widths, *merge]) if c not in drop]]
    columns = {str(name): _coarser(answers, str(name), values, widths, merge, k) for name, values in frame.items()}
    coarse = pd.DataFrame(columns, index=frame.index)
    order = coarse.astype("string").fillna("").sort_values(list(coarse.columns), kind="stable").index
    log = Log(answers.log.steps, inputs=answers.log.inputs, cells=answers.log.cells)
    shared = coarse.loc[order].reset_index(drop=True)
    places = np.arange(len(order))
    hidden = {item: pd.Index(places[order.isin(rows)]) for item, rows in answers.hidden.items() if item in shared}
    kept = {part: getattr(answers.design, part) for part in ("weights", "strata", "clusters")}
    design = Design(**{part: column for part, column in kept.items() if column in shared})
    return replace(answers, frame=shared, design=design, log=log, hidden=hidden, context={}, labels={}, truth=None)


def _check(answers: Responses, names: Sequence[str]) -> None:
    for name in names:
        if name not in answers.frame:
            known = [str(column) for column in answers.frame.columns]
            raise DataError(
                Text(f"答卷中没有“{name}”列。", f"the answers have no column '{name}'.{did_you_mean(name, known)}"),
                remedy=Text("请写已有的列名。", "Name one of their columns."),
            )


def _told(answers: Responses, named: Sequence[str]) -> list[str]:
    """Columns that may be told: coded and numeric answers, what stands beside them, the design, and those named."""
    items = [i for i in answers.questionnaire.items if i.identifier != "direct" and i.type != "text"]
    told = {*BESIDE, *named, *answers.design.columns}
    told |= {column for item in items for column in item.columns}
    return [name for name in answers.frame if name in told]


def _coarser(
    answers: Responses, name: str, values: pd.Series, widths: Mapping[str, float], merge: Sequence[str], k: int
) -> pd.Series:
    if name in PLACES:
        values = _numbered(values, PLACES[name])
    elif name in MOMENTS:
        values = values.str.slice(0, A_DAY)
    if name in widths:
        codes = list(answers.questionnaire.item(name).missing_codes) if name in answers.questionnaire else []
        return banded(values, widths[name]).where(~values.isin(codes), values).astype("float64")
    if name not in merge:
        return values
    if pd.api.types.is_numeric_dtype(values):
        return values.mask(values.map(values.value_counts()).lt(k).fillna(False))
    return merged(values, k)


def _numbered(values: pd.Series, letter: str) -> pd.Series:
    """Places as ``T1``, ``T2`` …, the one with most answers first: their order tells nothing of their names."""
    order = values.value_counts().index
    width = len(str(len(order)))
    codes = {place: f"{letter}{number:0{width}d}" for number, place in enumerate(order, start=1)}
    return values.map(codes)
