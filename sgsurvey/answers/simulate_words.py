"""What simulated people write in open questions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sgsurvey.answers.simulate_sheet import Rows, Sheet, Words
from sgsurvey.questionnaire.model import Item

Phrases = tuple[tuple[str, str], ...]

# By the aspect that pulls most where people live; the entry "" is for those who name none.
BY_ASPECT: Mapping[str, Phrases] = {
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
        ("报酬总是拖，今年晚了几个月。", "The pay is always late; this year by several months."),
        ("工具不够用，经费太少。", "There are not enough tools and too little money."),
    ),
    "supervision": (
        ("检查的人只看公路边。", "Inspectors look at the roadside only."),
        ("提了意见没有回音。", "We said what was wrong and heard nothing."),
    ),
}
# Questions of the S County forms that ask for something else.
BY_ITEM: Mapping[str, Phrases] = {
    "P_dept_other": (("审计局", "Audit office"), ("乡村振兴局", "Rural revitalisation office")),
    "H_open2": (
        ("只能靠种地和打零工。", "We would live on the fields and odd jobs."),
        ("会很困难。", "It would be hard."),
    ),
    "V_open1": (
        ("沟边，没有桶。", "The ditch; there are no bins."),
        ("村口，外面的人乱倒。", "The entrance; outsiders dump there."),
    ),
    "V_open2": (
        ("村支书。", "The village secretary."),
        ("跟保洁员说。", "The cleaner."),
        ("不知道找谁。", "I do not know whom."),
    ),
}


def phrases(sheet: Sheet, item: Item, rows: Rows) -> Words:
    """Phrases in the questionnaire's language."""
    zh = sheet.questionnaire.language == "zh"
    if item.name in BY_ITEM:
        lines = BY_ITEM[item.name]
        chosen = [lines[w] for w in sheet.rng.integers(len(lines), size=len(rows))]
    else:
        pulls = {aspect: pull for aspect, pull in sheet.pulls(rows, shortfalls=True).items() if BY_ASPECT.get(aspect)}
        aspects = list(dict.fromkeys([*pulls, ""]))
        utility = 0.5 * np.column_stack([pulls.get(aspect, np.zeros(len(rows))) for aspect in aspects])
        utility += sheet.rng.gumbel(size=utility.shape)
        which = sheet.rng.integers(2, size=len(rows))
        chosen = [BY_ASPECT[aspects[a]][w] for a, w in zip(utility.argmax(axis=1), which, strict=True)]
    return np.array([words[0] if zh else words[1] for words in chosen], dtype=object)
