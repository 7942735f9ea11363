"""How simulated people answer each type of question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from sgsurvey.answers.moments import Array
from sgsurvey.answers.population import Population
from sgsurvey.answers.simulate_people import People
from sgsurvey.answers.simulate_places import Places
from sgsurvey.questionnaire.model import Item, Questionnaire, Scale
from sgsurvey.text import Language

Rows = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]
Columns = dict[str, Array | Words]

# What people write, by the aspect that is worst where they live; the first line serves any other aspect.
PHRASES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "": (("没有什么意见。", "Nothing in particular."), ("希望继续做下去。", "It should go on.")),
    "effect": (
        ("河边和偏远的组还是脏。", "The river bank and the outlying hamlets are still dirty."),
        ("路上比以前干净，沟里还不行。", "The road is cleaner than before, the ditch is not."),
    ),
    "management": (
        ("谁管哪一片说不清，没人查到岗。", "Nobody knows who has which area, and nobody checks attendance."),
        ("上岗前没有培训过。", "There was no training before the work began."),
    ),
    "funding": (
        ("工资总是拖，今年晚了几个月。", "The pay is always late; this year by several months."),
        ("工具不够用，经费太少。", "There are not enough tools and too little money."),
    ),
    "supervision": (
        ("检查的人只看公路边。", "Inspectors look at the roadside only."),
        ("提了意见没有回音。", "We said what was wrong and heard nothing."),
    ),
}


@dataclass
class Sheet:
    """The answers while they are being given: one array per column, nan where nothing was answered."""

    questionnaire: Questionnaire
    population: Population
    places: Places
    people: People
    rng: np.random.Generator
    columns: Columns = field(default_factory=dict)

    def fill(self) -> Columns:
        """Everybody answers the questions of the own form, in order."""
        asked = {
            role.name: {item.name for item in self.questionnaire.asked(role.name)} for role in self.questionnaire.roles
        }
        for item in self.questionnaire.items:
            roles = {role for role, names in asked.items() if item.name in names}
            for column in item.columns:
                text = item.type in ("text", "date") and column == item.name
                self.columns[column] = np.full(
                    len(self.people), None if text else np.nan, dtype=object if text else float
                )
            rows = np.flatnonzero(self.people.of(roles) & self._relevant(item) & self._answered(item))
            if item.identifier != "direct" and len(rows):
                _answer(self, item, rows)
        return self.columns

    def _relevant(self, item: Item) -> npt.NDArray[np.bool_]:
        shown = np.ones(len(self.people), dtype=bool)
        for name, codes in item.relevant.items():
            earlier = self.questionnaire.item(name)
            if earlier.type == "select_multiple":
                shown &= np.any([self.columns[f"{name}_{code}"] == 1 for code in codes], axis=0)
            else:
                shown &= np.isin(self.columns[name], codes)
        return shown

    def _answered(self, item: Item) -> npt.NDArray[np.bool_]:
        if item.required or item.check is not None:
            return np.ones(len(self.people), dtype=bool)
        share = self.population.text_nonresponse if item.type == "text" else self.population.item_nonresponse
        return self.rng.random(len(self.people)) >= share

    def view(self, rows: Rows, construct: str) -> Array:
        """How the people in ``rows`` see a construct."""
        return self.people.view[rows, self.places.column(construct)]

    def pulls(self, rows: Rows, *, shortfalls: bool) -> dict[str, Array]:
        """By aspect, what it does to the outcome (times how much it falls short, in the respondent's township)."""
        effects = self.population.effects(self.places.constructs)[self.places.column(self.population.outcome)]
        truth = np.where(
            self.people.township[rows, None] >= 0, self.places.townships[self.people.township[rows]], self.places.level
        )
        short = np.clip(self.population.benchmark - truth, 0, None) if shortfalls else np.full(truth.shape, 10.0)
        pulls: dict[str, Array] = {}
        for construct in self.questionnaire.constructs:
            if construct.name in self.places.constructs and construct.name != self.population.outcome:
                k = self.places.column(construct.name)
                pull = effects[k] * short[:, k]
                pulls[construct.aspect] = np.maximum(pulls.get(construct.aspect, np.zeros(len(rows))), pull)
        return pulls


def _answer(sheet: Sheet, item: Item, rows: Rows) -> None:
    if item.check is not None:
        sheet.columns[item.name][rows] = np.where(
            sheet.rng.random(len(rows)) < 0.97, item.check, _any_code(sheet, item, rows)
        )
    elif item.name in sheet.population.guesses:
        sheet.columns[item.name][rows] = _guess(sheet, item, rows)
    elif item.type == "rating":
        sheet.columns[item.name][rows] = _rating(sheet, item, rows)
    elif item.type == "select_one":
        sheet.columns[item.name][rows] = _choice(sheet, item, rows)
    elif item.type in ("select_multiple", "rank"):
        _picks(sheet, item, rows)
    elif item.type in ("integer", "decimal"):
        sheet.columns[item.name][rows] = _number(sheet, item, rows)
    elif item.type == "text":
        sheet.columns[item.name][rows] = _words(sheet, rows)
    elif item.type == "date":
        days = sheet.rng.integers(365, size=len(rows))
        sheet.columns[item.name][rows] = (np.datetime64("2025-04-01") + days).astype(str)
    _do_not_know(sheet, item, rows)


def _rating(sheet: Sheet, item: Item, rows: Rows) -> Array:
    """The person's view of the construct, plus what is the item's own, cut half-way between the codes."""
    population, rng = sheet.population, sheet.rng
    if item.construct in sheet.places.constructs:
        points = sheet.view(rows, item.construct) + _item_level(sheet, item)
        points += _error_sd(sheet, item) * rng.standard_normal(len(rows))
        for (cause, construct), step in population.background_slopes.items():
            if construct == item.construct and cause in sheet.columns:
                points += step * _steps(sheet, cause)[rows]
    else:
        points = rng.normal(55.0, 24.0, size=len(rows))
    if population.noninvariant is not None and population.noninvariant[1] == item.name:
        points += np.where(sheet.people.role[rows] == population.noninvariant[0], population.noninvariant[2], 0.0)
    if population.late_pay is not None and population.late_pay[1] == item.name:
        late, place = sheet.places.late_months, sheet.people.township[rows]
        points += population.late_pay[2] * np.where(place >= 0, late[place] - late.mean(), 0.0)
    return coded(item, np.where(item.reverse, 100.0 - points, points) + sheet.people.yes[rows])


def coded(item: Item, points: Array) -> Array:
    """Points of 100 as codes of the item's scale, lowest code at 0 and highest at 100."""
    codes = np.sort(np.array(_scale(item).codes, dtype=float))
    at = np.clip(np.rint(points / 100.0 * (len(codes) - 1)), 0, len(codes) - 1)
    return codes[at.astype(int)]


def _scale(item: Item) -> Scale:
    if item.scale is None:
        raise ValueError(f"{item.name} is coded but has no scale")
    return item.scale


def _item_level(sheet: Sheet, item: Item) -> float:
    """Items of a construct from easy to hard, evenly, so that their mean is the construct's."""
    items = sheet.questionnaire.construct(item.construct).items
    if len(items) < 2:
        return 0.0
    return float(np.linspace(1, -1, len(items))[items.index(item.name)]) * sheet.population.item_spread


def _error_sd(sheet: Sheet, item: Item) -> float:
    """The item's own spread that gives the loading, beside what its construct spreads within and between places."""
    population = sheet.population
    usual = (
        population.index_loading
        if sheet.questionnaire.construct(item.construct).kind == "index"
        else population.loading
    )
    loading = population.loadings.get(item.name, usual)
    township = population.township_sd.get(item.construct, population.default_township_sd)
    parts = (population.halo_sd, population.respondent_sd, population.group_halo_sd, population.village_sd, township)
    return float(np.sqrt(sum(p**2 for p in parts) * (1 / loading**2 - 1)))


def _steps(sheet: Sheet, name: str) -> Array:
    """A background answer in steps from its middle choice; no step where it is missing."""
    codes = np.sort(np.array(_scale(sheet.questionnaire.item(name)).codes, dtype=float))
    answers = np.asarray(sheet.columns[name], dtype=float)
    steps = np.searchsorted(codes, answers) - (len(codes) - 1) / 2
    return np.where(np.isin(answers, codes), steps, 0.0)


def _guess(sheet: Sheet, item: Item, rows: Rows) -> Array:
    """What people think of the answers of ``guess_of``: a rating, or a number as a share of the item's limits."""
    population, rng = sheet.population, sheet.rng
    k = sheet.places.column(population.guesses[item.name])
    place = sheet.people.township[rows]
    truth = np.where(place >= 0, sheet.places.townships[place, k], sheet.places.level[k])
    truth = truth + population.leniency.get(population.guess_of, 0.0)
    truth += np.array([population.optimism.get(role, 0.0) for role in sheet.people.role[rows]])
    truth += 12.0 * rng.standard_normal(len(rows))
    if item.type == "rating":
        return coded(item, truth)
    low, high = item.limits or (0.0, 10.0)
    # Five points: satisfied means above 62.5, and single answers spread by about 22 points around the township's mean.
    return np.clip(np.rint(low + (high - low) * norm.cdf((truth - 62.5) / 22.0)), low, high)


def _choice(sheet: Sheet, item: Item, rows: Rows) -> Array:
    if item.assign:
        return _bid(sheet, item, rows)
    codes = np.array(_scale(item).codes, dtype=float)
    answers = np.empty(len(rows))
    for role in np.unique(sheet.people.role[rows]):
        given = sheet.population.background.get(
            (str(role), item.name), sheet.population.background.get(("", item.name))
        )
        weights = np.array(given if given is not None and len(given) == len(codes) else _humped(len(codes)))
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
    sheet.columns[f"{item.name}_assigned"][rows] = bid
    intercept, slope = sheet.population.fee
    codes = _scale(item).codes
    yes = min(code for code in codes if code > 0)
    no = next(code for code in codes if code != yes)
    agrees = sheet.rng.random(len(rows)) < 1 / (1 + np.exp(-(intercept + slope * bid)))
    return np.where(agrees, float(yes), float(no))


def _picks(sheet: Sheet, item: Item, rows: Rows) -> None:
    """Up to ``most`` choices by their pull plus chance (Gumbel noise: a multinomial logit); ranked where asked.

    Choices without aspect in a list whose other choices have one ("other", "no problems") are picked alone and seldom.
    """
    choices, rng = _scale(item).valid, sheet.rng
    pulls = sheet.pulls(rows, shortfalls=not any(c.matched for c in choices))
    by_aspect = any(c.aspect for c in choices)
    utility = np.column_stack(
        [
            pulls.get(c.aspect, np.zeros(len(rows))) * 0.2 if c.aspect else np.full(len(rows), -2.0 * by_aspect)
            for c in choices
        ]
    ) + rng.gumbel(size=(len(rows), len(choices)))
    order = np.argsort(-utility, axis=1)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(1, len(choices) + 1)[None, :], axis=1)
    most = min(item.most or max(1, len(choices) // 2), len(choices))
    wanted = np.where(rng.random(len(rows)) < 0.8, most, rng.integers(1, most + 1, size=len(rows)))
    plain = np.array([by_aspect and not c.aspect for c in choices])
    wanted = np.where(plain[order[:, 0]], 1, wanted)
    picked = (rank <= wanted[:, None]) & (~plain | (rank == 1))
    if item.type == "rank":
        # A choice that is only picked alone may have stood between others: count places among the picked.
        rank = np.array([np.searchsorted(np.sort(r[p]), r) + 1 for r, p in zip(rank, picked, strict=True)])
    for j, choice in enumerate(choices):
        sheet.columns[f"{item.name}_{choice.code}"][rows] = np.where(
            picked[:, j], rank[:, j] if item.type == "rank" else 1, 0
        )


def _number(sheet: Sheet, item: Item, rows: Rows) -> Array:
    population, rng = sheet.population, sheet.rng
    low, high = item.limits or (0.0, 100.0)
    if item.name == population.late_item:
        place = sheet.people.township[rows]
        drawn = np.where(place >= 0, sheet.places.late_months[place], sheet.places.late_months.mean())
        drawn = drawn + 0.6 * rng.standard_normal(len(rows))
    else:
        mean, sd = population.numbers.get(item.name, (low + 0.4 * (high - low), 0.2 * (high - low)))
        drawn = rng.normal(mean, sd, size=len(rows))
    drawn = np.rint(drawn) if item.type == "integer" else np.round(drawn, 1)
    return np.clip(drawn, low, high)


def _words(sheet: Sheet, rows: Rows) -> Words:
    """A phrase about the aspect that pulls most where the respondent lives, now and then about nothing."""
    pulls = {aspect: pull for aspect, pull in sheet.pulls(rows, shortfalls=True).items() if aspect in PHRASES}
    language: Language = sheet.questionnaire.language
    aspects = [*pulls, ""]
    utility = np.column_stack([*pulls.values(), np.full(len(rows), 1.0)]) * 0.5 + sheet.rng.gumbel(
        size=(len(rows), len(aspects))
    )
    which = sheet.rng.integers(2, size=len(rows))
    chosen = [PHRASES[aspects[a]][w] for a, w in zip(utility.argmax(axis=1), which, strict=True)]
    return np.array([zh if language == "zh" else en for zh, en in chosen], dtype=object)


def _any_code(sheet: Sheet, item: Item, rows: Rows) -> Array:
    return sheet.rng.choice(np.array(_scale(item).codes, dtype=float), size=len(rows))


def _do_not_know(sheet: Sheet, item: Item, rows: Rows) -> None:
    """Some say that they do not know, by group and construct, where the item offers it."""
    offered = [code for code, kind in item.missing_codes.items() if kind == "dont_know"]
    if not offered or item.check is not None or item.type in ("select_multiple", "rank", "text", "date"):
        return
    population = sheet.population
    share = np.array(
        [population.dont_know.get((r, item.construct), population.default_dont_know) for r in sheet.people.role[rows]]
    )
    sheet.columns[item.name][rows[sheet.rng.random(len(rows)) < share]] = offered[0]
