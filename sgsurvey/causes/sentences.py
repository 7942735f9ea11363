"""What may be said of a driver by its grade: association and leads, never a causal verb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgsurvey.causes.grades import LEVEL, Grade
from sgsurvey.tables.claims import VERBS, ClaimLevel
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Kind
from sgsurvey.text import Text

# How a number is printed, in the table and in the sentence alike: kind and digits of the column.
PRINTED: dict[str, tuple[Kind, int]] = {
    "coefficient": ("estimate", 2),
    "shortfall": ("estimate", 1),
    "priority": ("estimate", 1),
    "p_first": ("bounded", 2),
    "estimate": ("estimate", 2),
    "p_adjusted": ("p", 3),
    "conf_low:conf_high": ("interval", 2),
}

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
    grade: Grade = line["grade"]
    return SENTENCES[grade].format(
        x=basis.label(line["term"]),
        y=y,
        v=_verb(2 if line.get("candidate") else 1, y),
        s=in_prose(abs(line["shortfall"]), *PRINTED["shortfall"]),
        side=BELOW if line["shortfall"] >= 0 else ABOVE,
        b=in_prose(line["coefficient"], *PRINTED["coefficient"]),
        d=in_prose(max(line["priority"], 0.0), *PRINTED["priority"]),
        p=in_prose(line["p_first"], *PRINTED["p_first"]),
        g=grade,
        w=line["limit"],
    )


_GOES_WITH = Text("{x}{v}", "{x} {v}")
_CANNOT_TELL = Text("{x}与{y}是否相关联，现有数据尚不能判定", "Whether {x} goes with {y} these data cannot decide")
_LENIENCY = Text(
    "{x}与{y}的关联是否超出同一人的打分倾向，现有数据尚不能判定",
    "Whether {x} goes with {y} beyond one person's leniency these data cannot decide",
)
_ESTIMATE = Text("（{m}：系数{b}，95%置信区间{i}，校正{p}）", " ({m}: coefficient {b}, 95% CI {i}, adjusted {p})")
_OTHERS = Text(
    "；其余{n}个模型中，同号的{a}个，其中p<0.05的{k}个",
    "; of {n} other models {a} have the same sign, {k} of them with p < .05",
)


def of_headline(line: Mapping[Any, Any], outcome: str, model: Text, basis: Basis) -> Text:
    """What the headline model and the others say of one driver.

    Parameters
    ----------
    line : mapping
        ``term, headline, estimate, conf_low, conf_high, p_adjusted, others, same_sign, significant``.
    model : Text
        Its short name.
    """
    x, y = basis.label(line["term"]), basis.label(outcome)
    shown = _GOES_WITH if line["p_adjusted"] < LEVEL else _CANNOT_TELL
    said = (_LENIENCY if line["headline"] == "pooled" else shown).format(x=x, y=y, v=_verb(1, y))
    estimate = _ESTIMATE.format(
        m=model,
        b=in_prose(line["estimate"], *PRINTED["estimate"]),
        i=in_prose((line["conf_low"], line["conf_high"]), *PRINTED["conf_low:conf_high"]),
        p=in_prose(line["p_adjusted"], *PRINTED["p_adjusted"]),
    )
    parts = [said, estimate]
    if line["others"]:
        parts.append(_OTHERS.format(n=line["others"], a=line["same_sign"], k=line["significant"]))
    return Text("".join(part.zh for part in parts) + "。", "".join(part.en for part in parts) + ".")


def _verb(level: ClaimLevel, outcome: Text) -> Text:
    verb = VERBS[level]
    return Text(verb.zh.replace("……", outcome.zh), f"{verb.en} {outcome.en}")
