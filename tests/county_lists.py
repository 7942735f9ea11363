"""Lists of causes and measures for the small county, and the levers that a study there declares."""

from dataclasses import replace

import numpy as np

import sgsurvey as sg
from sgsurvey.questionnaire.model import Choice, Item, Scale
from sgsurvey.text import Text, same

ASPECTS = {"MGT": "management", "FUN": "funding", "SUP": "supervision"}
MEASURES = (("management", "Keep records"), ("funding", "Secure the budget"), ("supervision", "Let villagers rate"))
CAUSES = (("management", "No rules"), ("funding", "Low pay"), ("supervision", "No consequences"))
LEVERS = [
    sg.Lever(1, {"MGT": 4.0}, 1.0, Text("乡镇", "Townships")),
    sg.Lever(2, {"FUN": 50.0, "MGT": 2.0}, 3.0),
    sg.Lever(3, {"SUP": 6.0}, 1.0),
]


def with_lists(answers, seed=4):
    """The answers with a list of causes (picks) and one of four measures (two ranks); constructs have aspects."""
    rng = np.random.default_rng(seed)
    n = len(answers)
    pull = np.where(
        (answers.frame["role"] == "villager").to_numpy()[:, None], [0.0, 1.0, 0.5, -0.5], [1.0, 0.5, 0, -0.5]
    )
    place = (-(pull + rng.gumbel(size=(n, 4)))).argsort(axis=1).argsort(axis=1) + 1
    extra = {f"LEV_{k + 1}": np.where(place[:, k] <= 2, place[:, k], 0) for k in range(4)}
    extra |= {f"CAU_{k + 1}": (rng.random(n) < share).astype(int) for k, share in enumerate((0.6, 0.5, 0.4))}
    measures = (*MEASURES, ("funding", "Charge a fee"))
    lists = [
        Item(
            name,
            kind,
            same(name),
            scale=Scale(name, tuple(Choice(k, same(w), aspect=a) for k, (a, w) in enumerate(of, 1))),
        )
        for name, kind, of in (("LEV", "rank", measures), ("CAU", "select_multiple", CAUSES))
    ]
    asked = answers.questionnaire
    constructs = tuple(replace(c, aspect=ASPECTS.get(c.name, "")) for c in asked.constructs)
    aspects = {a: same(a.capitalize()) for a in ASPECTS.values()}
    asked = replace(asked, constructs=constructs, aspects=aspects, items=(*asked.items, *lists))
    return replace(answers, frame=answers.frame.assign(**extra), questionnaire=asked)
