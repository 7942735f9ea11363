"""What simulated people write in open questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sgsurvey.answers.simulate_sheet import Rows, Sheet, Words
from sgsurvey.questionnaire.model import Item


class Phrase(NamedTuple):
    """What somebody writes, in both languages, and the ideas in it as ``aspect/function/valence``, the main one first.

    The codes are those of ``CodingFrame.stakeholder()``.
    """

    zh: str
    en: str
    ideas: tuple[str, ...]


Phrases = tuple[Phrase, ...]

# By the aspect that pulls most where people live; the entry "" is for those who name none.
BY_ASPECT: Mapping[str, Phrases] = {
    "": (
        Phrase("没有什么意见。", "Nothing in particular.", ("OTH/STA/0",)),
        Phrase("希望继续做下去。", "It should go on.", ("OTH/LEV/1",)),
    ),
    "effect": (
        Phrase("河边和偏远的组还是脏。", "The river bank and the outlying hamlets are still dirty.", ("EFF/PRO/-1",)),
        Phrase(
            "路上比以前干净，沟里还不行。",
            "The road is cleaner than before, the ditch is not.",
            ("EFF/STA/1", "EFF/PRO/-1"),
        ),
    ),
    "management": (
        Phrase(
            "谁管哪一片说不清，没人查到岗。",
            "Nobody knows who has which area, and nobody checks attendance.",
            ("MGT/PRO/-1", "SUP/PRO/-1"),
        ),
        Phrase("上岗前没有培训过。", "There was no training before the work began.", ("MGT/CAU/-1",)),
    ),
    "funding": (
        Phrase("报酬总是拖，今年晚了几个月。", "The pay is always late; this year by several months.", ("FUN/PRO/-1",)),
        Phrase("工具不够用，经费太少。", "There are not enough tools and too little money.", ("FUN/CAU/-1",)),
    ),
    "supervision": (
        Phrase("检查的人只看公路边。", "Inspectors look at the roadside only.", ("SUP/PRO/-1",)),
        Phrase("提了意见没有回音。", "We said what was wrong and heard nothing.", ("SUP/PRO/-1",)),
    ),
}
# Questions of the S County forms that ask for something else.
BY_ITEM: Mapping[str, Phrases] = {
    "P_dept_other": (
        Phrase("审计局", "Audit office", ("OTH/STA/0",)),
        Phrase("乡村振兴局", "Rural revitalisation office", ("OTH/STA/0",)),
    ),
    "H_open2": (
        Phrase("只能靠种地和打零工。", "We would live on the fields and odd jobs.", ("OTH/STA/-1",)),
        Phrase("会很困难。", "It would be hard.", ("OTH/STA/-1",)),
    ),
    "V_open1": (
        Phrase("沟边，没有桶。", "The ditch; there are no bins.", ("EFF/PRO/-1", "MGT/CAU/-1")),
        Phrase("村口，外面的人乱倒。", "The entrance; outsiders dump there.", ("EFF/PRO/-1", "OTH/CAU/-1")),
    ),
    "V_open2": (
        Phrase("村支书。", "The village secretary.", ("SUP/STA/0",)),
        Phrase("跟保洁员说。", "The cleaner.", ("SUP/STA/0",)),
        Phrase("不知道找谁。", "I do not know whom.", ("SUP/PRO/-1",)),
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
    return np.array([phrase.zh if zh else phrase.en for phrase in chosen], dtype=object)
