"""How simulated people choose: from one list, up to three of a list, in order, and at a price."""

from __future__ import annotations

import numpy as np

from sgsurvey.answers.moments import Array
from sgsurvey.answers.simulate_sheet import Rows, Sheet, scale_of
from sgsurvey.questionnaire.model import Item

# A point of pull is worth a fifth of a logit; "other", in a list of aspects, is seldom wanted.
LOGIT_PER_POINT = 0.2
OTHER = -2.0
SHARE_THAT_PICKS_ALL = 0.8


def choice(sheet: Sheet, item: Item, rows: Rows) -> Array:
    """One choice, with the weights of the role's background, or more often from the middle than from the ends."""
    if item.assign:
        return _bid(sheet, item, rows)
    codes = np.array(scale_of(item).codes, dtype=float)
    background = sheet.population.background
    answers = np.empty(len(rows))
    for role in np.unique(sheet.people.role[rows]):
        given = background.get((str(role), item.name), background.get(("", item.name), ()))
        weights = np.array(given) if len(given) == len(codes) else _humped(len(codes))
        mine = sheet.people.role[rows] == role
        answers[mine] = sheet.rng.choice(codes, size=int(mine.sum()), p=weights / weights.sum())
    return answers


def _humped(n: int) -> Array:
    """Weights of n choices that fall from the middle to the ends."""
    at = np.arange(n) - (n - 1) / 2
    return np.exp(-0.5 * (at / max(n / 3, 0.5)) ** 2)


def _bid(sheet: Sheet, item: Item, rows: Rows) -> Array:
    """Yes (the lowest positive code) with a logit that falls in the amount assigned."""
    bid = sheet.rng.choice(np.array(item.assign, dtype=float), size=len(rows))
    sheet.numbers(f"{item.name}_assigned")[rows] = bid
    intercept, slope = sheet.population.fee
    codes = scale_of(item).codes
    yes = min((code for code in codes if code > 0), default=codes[0])
    no = next((code for code in codes if code != yes), yes)
    agrees = sheet.rng.random(len(rows)) < 1 / (1 + np.exp(-(intercept + slope * bid)))
    return np.where(agrees, float(yes), float(no))


def picks(sheet: Sheet, item: Item, rows: Rows) -> None:
    """Up to ``most`` choices by their pull plus Gumbel noise (a multinomial logit), ranked where ranks are asked.

    In a list of measures or causes the pull is effect times shortfall, in a list of things that matter (its choices
    name a ``matched`` item) the effect alone.
    """
    choices, rng = scale_of(item).valid, sheet.rng
    pulls = sheet.pulls(rows, shortfalls=not any(c.matched for c in choices))
    listed = any(c.aspect for c in choices)
    utility = np.zeros((len(rows), len(choices)))
    for j, option in enumerate(choices):
        if option.aspect in pulls and option.aspect:
            utility[:, j] = LOGIT_PER_POINT * pulls[option.aspect]
        elif listed and not option.aspect and not option.exclusive:
            utility[:, j] = OTHER
    utility += rng.gumbel(size=utility.shape)
    most = min(item.most or max(1, len(choices) // 2), len(choices))
    wanted = np.where(rng.random(len(rows)) < SHARE_THAT_PICKS_ALL, most, rng.integers(1, most + 1, size=len(rows)))
    picked = _best(utility, wanted, np.array([c.exclusive for c in choices]))
    if item.type == "rank":
        place = np.argsort(np.argsort(np.where(picked, -utility, np.inf), axis=1), axis=1) + 1
        picked = np.where(picked, place, 0)
    for j, option in enumerate(choices):
        sheet.numbers(f"{item.name}_{option.code}")[rows] = picked[:, j]


def _best(utility: Array, wanted: Rows, exclusive: np.ndarray) -> np.ndarray:
    """The ``wanted`` best choices of each row; an exclusive one that is best stands alone, else it is not picked."""
    rank = np.argsort(np.argsort(-utility, axis=1), axis=1)
    alone = exclusive[utility.argmax(axis=1)]
    among_others = np.argsort(np.argsort(-np.where(exclusive, -np.inf, utility), axis=1), axis=1)
    return np.where(alone[:, None], rank == 0, (among_others < wanted[:, None]) & ~exclusive)
