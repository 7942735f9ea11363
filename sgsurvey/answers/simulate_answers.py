"""How simulated people fill in their forms."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from sgsurvey.answers.moments import Array
from sgsurvey.answers.simulate_lists import choice, picks
from sgsurvey.answers.simulate_ratings import guess, rating
from sgsurvey.answers.simulate_sheet import Rows, Sheet, codes_of
from sgsurvey.answers.simulate_words import phrases
from sgsurvey.questionnaire.model import SEVERAL, Item

OBEY_CHECK = 0.97
LATE_SD = 0.6


def fill(sheet: Sheet) -> None:
    """Everybody answers the questions of the own form, in order; what is not shown stays empty."""
    form = {role.name: {i.name for i in sheet.questionnaire.asked(role.name)} for role in sheet.questionnaire.roles}
    for item in sheet.questionnaire.items:
        roles = {role for role, names in form.items() if item.name in names}
        if item.name in sheet.given or not roles:
            continue
        words = item.type in ("text", "date")
        for column in item.columns:
            empty = np.full(len(sheet.people), None if words else np.nan, dtype=object if words else float)
            sheet.columns[column] = empty
        rows = np.flatnonzero(sheet.people.of(roles) & sheet.relevant(item) & sheet.answered(item))
        if item.identifier != "direct" and len(rows):
            _answer(sheet, item, rows)


def _answer(sheet: Sheet, item: Item, rows: Rows) -> None:
    if item.type in SEVERAL:
        picks(sheet, item, rows)
    elif item.type == "text":
        sheet.columns[item.name][rows] = phrases(sheet, item, rows)
    elif item.type == "date":
        days = sheet.rng.integers(365, size=len(rows))
        sheet.columns[item.name][rows] = (np.datetime64("2025-04-01") + days).astype(str)
    elif item.type != "note":
        answers = sheet.numbers(item.name)
        answers[rows] = _coded_or_number(sheet, item, rows)
        _do_not_know(sheet, item, rows)


def _coded_or_number(sheet: Sheet, item: Item, rows: Rows) -> Array:
    if item.check is not None:
        any_code = sheet.rng.choice(codes_of(item), size=len(rows))
        return np.where(sheet.rng.random(len(rows)) < OBEY_CHECK, float(item.check), any_code)
    if item.name in sheet.population.guesses:
        return guess(sheet, item, rows)
    if item.type == "rating":
        return rating(sheet, item, rows)
    if item.type == "select_one":
        return choice(sheet, item, rows)
    return _number(sheet, item, rows)


def _number(sheet: Sheet, item: Item, rows: Rows) -> Array:
    low, high = item.limits or (0.0, 100.0)
    if item.name == sheet.population.late_item:
        late, place = sheet.places.late_months, sheet.people.township[rows]
        drawn = np.where(place >= 0, late[place], late.mean()) + LATE_SD * sheet.rng.standard_normal(len(rows))
    else:
        middling = (low + 0.4 * (high - low), 0.2 * (high - low))
        drawn = sheet.rng.normal(*sheet.population.numbers.get(item.name, middling), size=len(rows))
    # Adding zero turns the -0.0 of rounding into 0.
    return np.clip(np.rint(drawn) if item.type == "integer" else np.round(drawn, 1), low, high) + 0.0


def _do_not_know(sheet: Sheet, item: Item, rows: Rows) -> None:
    """Some say that they do not know, by group and construct, where the item offers it and insists on no answer.

    Who chooses from a list is offered it only if the list has it, whatever holds for the whole study.
    """
    codes = item.scale.missing_codes if item.scale is not None else item.missing_codes
    offered = [code for code, kind in codes.items() if kind == "dont_know"]
    if not offered or item.check is not None or item.required:
        return
    population = sheet.population
    share = [population.dont_know.get((r, item.construct), population.default_dont_know) for r in sheet.role(rows)]
    shared = population.dont_know_shared if item.construct else 0.0
    unsure = np.sqrt(shared) * sheet.unsure(item.construct)[rows] if shared else 0.0
    unsure = unsure + np.sqrt(1 - shared) * sheet.rng.standard_normal(len(rows))
    sheet.numbers(item.name)[rows[unsure < norm.ppf(share)]] = offered[0]
