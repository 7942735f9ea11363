"""Careless and machine-made rows among simulated answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgsurvey.answers.simulate_answers import Sheet
from sgsurvey.questionnaire.model import Item

SECONDS_PER_ITEM = 1.2


def spoil(sheet: Sheet, head: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Overwrite some rows of the sheet with careless answers.

    Straight-liners give one answer to every rating, reversed and instructed ones among them, at great speed.  Bots fill
    the form of the largest group, whose link has leaked: near copies of one another in impossible times.

    Returns
    -------
    head : DataFrame
        With the spoilt rows' times and mode.
    careless : DataFrame
        ``resp_id, kind`` of the spoilt rows, ``straightliner`` or ``bot``.
    """
    n, population, rng = len(sheet.people), sheet.population, sheet.rng
    roles, counts = np.unique(sheet.people.role, return_counts=True)
    leaked = np.flatnonzero(sheet.people.role == roles[counts.argmax()])
    bots = rng.choice(leaked, size=min(round(population.bots * n), len(leaked)), replace=False)
    honest = np.setdiff1d(np.arange(n), bots)
    lines = rng.choice(honest, size=min(round(population.straightliners * n), len(honest)), replace=False)
    _straighten(sheet, lines)
    if len(bots):
        _copy(sheet, bots, source=int(rng.choice(leaked)))
    rows = np.concatenate([lines, bots])
    head = _hurried(sheet, head, rows, bots)
    kinds = np.repeat(["straightliner", "bot"], [len(lines), len(bots)])
    careless = pd.DataFrame({"resp_id": head["resp_id"].to_numpy()[rows], "kind": kinds})
    return head, careless.sort_values("resp_id", ignore_index=True)


def _ratings(sheet: Sheet) -> list[Item]:
    return [item for item in sheet.questionnaire.items if item.type == "rating" and item.scale is not None]


def _straighten(sheet: Sheet, rows: np.ndarray) -> None:
    liked = sheet.rng.choice([0.5, 0.75, 1.0], size=len(rows))
    for item in _ratings(sheet):
        if item.scale is not None:
            codes = np.sort(np.array(item.scale.codes, dtype=float))
            column = np.asarray(sheet.columns[item.name], dtype=float)
            given = ~np.isnan(column[rows])
            column[rows[given]] = codes[np.rint(liked[given] * (len(codes) - 1)).astype(int)]
            sheet.columns[item.name] = column


def _copy(sheet: Sheet, rows: np.ndarray, *, source: int) -> None:
    """Every bot gives the answers of ``source``, but for one rating in twenty-five."""
    for column in sheet.columns.values():
        column[rows] = column[source]
    for item in _ratings(sheet):
        if item.scale is not None:
            changed = rows[sheet.rng.random(len(rows)) < 0.04]
            column = np.asarray(sheet.columns[item.name], dtype=float)
            changed = changed[~np.isnan(column[changed])]
            column[changed] = sheet.rng.choice(np.array(item.scale.codes, dtype=float), size=len(changed))
            sheet.columns[item.name] = column


def _hurried(sheet: Sheet, head: pd.DataFrame, rows: np.ndarray, bots: np.ndarray) -> pd.DataFrame:
    """Seconds instead of minutes; bots come one after the other on one night, through the web."""
    shown = {role.name: len(sheet.questionnaire.asked(role.name)) for role in sheet.questionnaire.roles}
    head = head.copy()
    start = pd.to_datetime(head["t_start"])
    mode = head["mode"].to_numpy(dtype=object, copy=True)
    night = pd.Timestamp("2026-04-21 02:10:00")
    start.iloc[bots] = night + pd.to_timedelta(np.arange(len(bots)) * 45, unit="s")
    mode[bots] = "self_web"
    seconds = (pd.to_datetime(head["t_end"]) - pd.to_datetime(head["t_start"])).dt.total_seconds().to_numpy().copy()
    seconds[rows] = [np.ceil(SECONDS_PER_ITEM * shown[role]) for role in sheet.people.role[rows]]
    seconds[bots] = np.ceil(seconds[bots] / 3)
    head["mode"] = pd.Series(mode, dtype="str")
    head.loc[head.index[bots], "interviewer_id"] = None
    head["t_start"] = start.dt.strftime("%Y-%m-%dT%H:%M:%S")
    head["t_end"] = (start + pd.to_timedelta(seconds, unit="s")).dt.strftime("%Y-%m-%dT%H:%M:%S")
    return head
