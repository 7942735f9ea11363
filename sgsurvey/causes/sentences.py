"""What may be said of a driver by its grade: association and leads, never a causal verb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgsurvey.causes.grades import Grade
from sgsurvey.tables.claims import VERBS
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Basis
from sgsurvey.text import Text

BELOW, ABOVE = Text("低于", "below"), Text("高于", "above")
_FACTS = Text("{x}{side}基准{s}分，", "{x} is {s} points {side} its benchmark and ")
_RANK = Text(
    "（系数{b}，优先度{d}分，居首概率{p}，证据等级{g}）",
    " (coefficient {b}, priority {d} points, P(first) {p}, grade {g})",
)
_SUPPORTED = Text("可先行试点检验", "it may be tested first, in a pilot")
_LEAD = Text("这是一条线索，推广前须检验（{w}）", "this is a lead, to be tested before any roll-out ({w})")


def _sentence_of(middle: Text, ending: Text) -> Text:
    return Text(f"{_FACTS.zh}{middle.zh}{_RANK.zh}{ending.zh}。", f"{_FACTS.en}{middle.en}{_RANK.en}{ending.en}.")


_GOES = Text("{v}", "{v}")
SENTENCES: dict[Grade, Text] = {
    "A": _sentence_of(_GOES, Text(f"；{_SUPPORTED.zh}", f"; {_SUPPORTED.en}")),
    "B": _sentence_of(_GOES, Text(f"；{_SUPPORTED.zh}", f"; {_SUPPORTED.en}")),
    "C": _sentence_of(_GOES, Text(f"；{_LEAD.zh}", f"; {_LEAD.en}")),
    "D": _sentence_of(
        Text(
            "它与{y}的关联是否超出同一人的打分倾向，现有数据尚不能判定",
            "these data cannot decide whether it goes with {y} beyond one person's leniency",
        ),
        Text("：{w}", ": {w}"),
    ),
    "N": _sentence_of(Text("与{y}的关联可忽略", "its association with {y} is negligible"), Text("", "")),
}


def sentence(line: Mapping[Any, Any], outcome: str, basis: Basis) -> Text:
    """One line of priorities as a sentence.

    Parameters
    ----------
    line : mapping
        ``term, shortfall, coefficient, priority, p_first, grade, limit``, and maybe ``candidate``.
    """
    y = basis.label(outcome)
    verb = VERBS[2 if line.get("candidate") else 1]
    grade: Grade = line["grade"]
    return SENTENCES[grade].format(
        x=basis.label(line["term"]),
        y=y,
        v=Text(verb.zh.replace("……", y.zh), f"{verb.en} {y.en}"),
        s=in_prose(abs(line["shortfall"]), "estimate", 1),
        side=BELOW if line["shortfall"] >= 0 else ABOVE,
        b=in_prose(line["coefficient"], "estimate", 2),
        d=in_prose(max(line["priority"], 0.0), "estimate", 1),
        p=in_prose(line["p_first"], "bounded", 2),
        g=grade,
        w=line["limit"],
    )
