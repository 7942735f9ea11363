"""Careless and machine-made rows among simulated answers."""

from __future__ import annotations

import numpy as np

from sgsurvey.answers.simulate_sheet import Rows, Sheet, codes_of

CHANGED_BY_BOTS = 0.04


def spoil(sheet: Sheet) -> None:
    """Overwrite the answers of careless people.

    Straight-liners give one answer to every rating, reversed and instructed ones among them.  Bots are near copies of
    one another: the answers of the first, with one rating in twenty-five drawn anew.
    """
    _straighten(sheet, np.flatnonzero(sheet.people.careless == "straightliner"))
    _copy(sheet, np.flatnonzero(sheet.people.careless == "bot"))


def _straighten(sheet: Sheet, rows: Rows) -> None:
    liked = sheet.rng.choice([0.5, 0.75, 1.0], size=len(rows))
    for item in sheet.questionnaire.items:
        if item.type == "rating" and item.name in sheet.columns:
            codes = codes_of(item)
            column = sheet.numbers(item.name)
            given = ~np.isnan(column[rows])
            column[rows[given]] = codes[np.rint(liked[given] * (len(codes) - 1)).astype(int)]


def _copy(sheet: Sheet, rows: Rows) -> None:
    for column in sheet.columns.values():
        column[rows] = column[rows[:1]]
    for item in sheet.questionnaire.items:
        if item.type == "rating" and item.name in sheet.columns:
            column = sheet.numbers(item.name)
            changed = rows[(sheet.rng.random(len(rows)) < CHANGED_BY_BOTS) & ~np.isnan(column[rows])]
            column[changed] = sheet.rng.choice(codes_of(item), size=len(changed))
