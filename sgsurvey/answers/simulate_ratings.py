"""How simulated people rate: thresholds on a person's view, and guesses about others."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from sgsurvey.answers.moments import Array
from sgsurvey.answers.simulate_sheet import Rows, Sheet, codes_of
from sgsurvey.questionnaire.model import Item

GUESS_SD = 12.0
# Single answers spread by about 22 points around their township's mean; above 62.5 they are a 4 or a 5.
ANSWER_SD, SATISFIED = 22.0, 62.5
UNRELATED = (55.0, 24.0)


def rating(sheet: Sheet, item: Item, rows: Rows) -> Array:
    """The person's view of the construct, plus what is the item's own, cut half-way between the codes."""
    population = sheet.population
    if item.construct in sheet.places.constructs:
        points = sheet.people.view[rows, sheet.places.column(item.construct)] + _ease(sheet, item)
        points += _error_sd(sheet, item) * sheet.rng.standard_normal(len(rows))
        points += _background(sheet, item.construct)[rows]
    else:
        points = sheet.rng.normal(*UNRELATED, size=len(rows))
    if population.noninvariant is not None and population.noninvariant[1] == item.name:
        points += np.where(sheet.people.role[rows] == population.noninvariant[0], population.noninvariant[2], 0.0)
    if population.late_pay is not None and population.late_pay[1] == item.name:
        late, place = sheet.places.late_months, sheet.people.township[rows]
        points += population.late_pay[2] * np.where(place >= 0, late[place] - late.mean(), 0.0)
    return coded(item, np.where(item.reverse, 100.0 - points, points) + sheet.people.yes[rows])


def coded(item: Item, points: Array) -> Array:
    """Points of 100 as codes of the item's scale, lowest code at 0 and highest at 100."""
    codes = codes_of(item)
    at = np.clip(np.rint(points / 100.0 * (len(codes) - 1)), 0, len(codes) - 1)
    return codes[at.astype(int)]


def guess(sheet: Sheet, item: Item, rows: Rows) -> Array:
    """What people think of the answers of ``guess_of``: a rating, or a number as a share of the item's limits."""
    population = sheet.population
    k = sheet.places.column(population.guesses[item.name])
    place = sheet.people.township[rows]
    points = np.where(place >= 0, sheet.places.townships[place, k], sheet.places.level[k])
    points = points + population.leniency.get(population.guess_of, 0.0)
    points += np.array([population.optimism.get(role, 0.0) for role in sheet.role(rows)])
    points += GUESS_SD * sheet.rng.standard_normal(len(rows))
    if item.type == "rating":
        return coded(item, points)
    low, high = item.limits or (0.0, 10.0)
    return np.clip(np.rint(low + (high - low) * norm.cdf((points - SATISFIED) / ANSWER_SD)), low, high)


def _ease(sheet: Sheet, item: Item) -> float:
    """Items of a construct from easy to hard, evenly, so that their mean is the construct's."""
    items = sheet.questionnaire.construct(item.construct).items
    if len(items) < 2:
        return 0.0
    return float(np.linspace(1, -1, len(items))[items.index(item.name)]) * sheet.population.item_spread


def _error_sd(sheet: Sheet, item: Item) -> float:
    """The item's own spread that gives the loading, beside what its construct spreads within and between places."""
    population = sheet.population
    index = sheet.questionnaire.construct(item.construct).kind == "index"
    loading = population.loadings.get(item.name, population.index_loading if index else population.loading)
    township = population.township_sd.get(item.construct, population.default_township_sd)
    parts = (population.halo_sd, population.respondent_sd, population.group_halo_sd, population.village_sd, township)
    return float(np.sqrt(sum(p**2 for p in parts) * (1 / loading**2 - 1)))


def _background(sheet: Sheet, construct: str) -> Array:
    """What background does to the view of a construct, by steps from the middle choice; nothing where it is missing."""
    total = np.zeros(len(sheet.people))
    for (name, consequence), step in sheet.population.background_slopes.items():
        if consequence == construct and name in sheet.columns:
            codes, answers = codes_of(sheet.questionnaire.item(name)), sheet.numbers(name)
            steps = np.searchsorted(codes, answers) - (len(codes) - 1) / 2
            total += step * np.where(np.isin(answers, codes), steps, 0.0)
    return total
