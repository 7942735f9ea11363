"""The rules of screening: which index, which family, what it is called, and from where on it flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from sgsurvey.quality.cutoffs import Cutoffs
from sgsurvey.quality.indices import LEAST_COMPARED
from sgsurvey.text import Text

FAMILIES = {
    "pattern": Text("作答模式", "Pattern"),
    "consistency": Text("一致性", "Consistency"),
    "time": Text("用时", "Time"),
    "check": Text("检测题", "Instructed item"),
    "duplicate": Text("雷同", "Sameness"),
}


@dataclass(frozen=True)
class Rule:
    """One rule: the column of the index, its family, words, and which values are flagged beyond the cut-off.

    ``cutoff`` is the field of ``Cutoffs`` that holds it, empty for none.  A row is checked where it has the ``index``,
    and where ``judged`` holds besides.
    """

    cutoff: str
    index: str
    family: str
    label: Text
    threshold: Text
    flags: Callable[[pd.DataFrame, float], pd.Series]
    judged: Callable[[pd.DataFrame, Cutoffs], pd.Series] | None = None


@dataclass(frozen=True)
class Applied:
    """A rule on answers: its words with the numbers in them, and for each row whether it was checked and flagged."""

    rule: Rule
    label: Text
    threshold: Text
    checked: pd.Series
    flagged: pd.Series


def _below(index: str) -> Callable[[pd.DataFrame, float], pd.Series]:
    return lambda found, limit: found[index] < limit


def _above(index: str) -> Callable[[pd.DataFrame, float], pd.Series]:
    return lambda found, limit: found[index] > limit


def _from(index: str) -> Callable[[pd.DataFrame, float], pd.Series]:
    return lambda found, limit: found[index] >= limit


LESS, MORE = Text("<{limit:g}", "< {limit:g}"), Text(">{limit:g}", "> {limit:g}")


def _of_pairs(cutoff: str, zh: str, en: str, flags: Callable[[pd.DataFrame, float], pd.Series], limit: Text) -> Rule:
    """A rule on the correlation over pairs of items, where there are enough of them."""
    label = Text(
        f"{zh}（|r|>{{pair_correlation:g}}，≥{{least_pairs:g}}对）",
        f"{en} (|r| > {{pair_correlation:g}}, ≥ {{least_pairs:g}} pairs)",
    )
    return Rule(
        cutoff,
        cutoff,
        "consistency",
        label,
        limit,
        flags,
        lambda found, cutoffs: found[f"{cutoff}_pairs"] >= cutoffs.least_pairs,
    )


RULES = (
    Rule(
        "longstring",
        "longstring_share",
        "pattern",
        Text("连续相同作答（长串）", "Long string of equal answers"),
        Text("≥矩阵题量的{limit:.0%}", "≥ {limit:.0%} of a grid"),
        _from("longstring_share"),
    ),
    Rule("irv", "irv", "pattern", Text("个体内作答变异（IRV）", "Spread of answers (IRV)"), LESS, _below("irv")),
    Rule(
        "extreme_share",
        "extreme_share",
        "pattern",
        Text("极端选项比例", "Answers at the ends of the scale"),
        Text("≥{limit:.0%}", "≥ {limit:.0%}"),
        _from("extreme_share"),
    ),
    Rule(
        "yes_saying",
        "yes_saying",
        "pattern",
        Text("对正反题均表示同意（默许倾向）", "Agrees with items and their reversed twins"),
        Text("≥题对的{limit:.0%}", "≥ {limit:.0%} of pairs"),
        _from("yes_saying"),
    ),
    # Random answers show in all that follow: they count as one family.
    Rule(
        "mahalanobis",
        "mahalanobis",
        "consistency",
        Text("马氏距离平方", "Mahalanobis D²"),
        Text(">χ²({limit:g})", "> χ²({limit:g})"),
        lambda found, limit: found["mahalanobis_p"] < 1.0 - limit,
    ),
    Rule("even_odd", "even_odd", "consistency", Text("奇偶一致性", "Even-odd consistency"), LESS, _below("even_odd")),
    _of_pairs("synonyms", "心理测量同义题", "Psychometric synonyms", _below("synonyms"), LESS),
    _of_pairs("antonyms", "心理测量反义题", "Psychometric antonyms", _above("antonyms"), MORE),
    Rule(
        "person_total",
        "person_total",
        "consistency",
        Text("个人与总体相关", "Person-total correlation"),
        LESS,
        _below("person_total"),
    ),
    Rule(
        "keyed_gap",
        "keyed_gap",
        "consistency",
        Text("正反题得分差", "Distance of reversed items"),
        MORE,
        _above("keyed_gap"),
    ),
    Rule(
        "min_seconds_per_item",
        "seconds_per_item",
        "time",
        Text("每题用时（自填）", "Time per item (self-completed)"),
        Text("<{limit:g}秒", "< {limit:g} s"),
        _below("seconds_per_item"),
    ),
    Rule(
        "fast_share",
        "fast_share",
        "time",
        Text("答得过快的页（自填）", "Pages answered too fast (self-completed)"),
        Text("≥页数的{limit:.0%}", "≥ {limit:.0%} of pages"),
        _from("fast_share"),
    ),
    Rule(
        "same_second",
        "same_second",
        "time",
        Text("同一秒开始的其他答卷（自填）", "Other forms begun in the same second (self-completed)"),
        Text("≥{limit:g}份", "≥ {limit:g}"),
        _from("same_second"),
    ),
    Rule(
        "overlap",
        "overlap",
        "time",
        Text("同一访员同时进行的其他访问", "Interviews of one interviewer at the same time"),
        Text("≥{limit:g}份", "≥ {limit:g}"),
        _from("overlap"),
    ),
    Rule(
        "same_answers",
        "compared",
        "duplicate",
        Text("与他人答案雷同（≥{least_compared}题）", "Same answers as another row (≥ {least_compared} items)"),
        Text("≥{limit:.0%}相同", "≥ {limit:.0%} equal"),
        _from("same_answers"),
        lambda found, _: found["compared"] > 0,
    ),
    Rule(
        "dup_suspect",
        "dup_suspect",
        "duplicate",
        Text("同一IP地址30秒内的另一份答卷", "Another form from the same IP address within 30 s"),
        Text("有", "any"),
        _from("dup_suspect"),
    ),
)
CHECK = Rule(
    "",
    "checks",
    "check",
    Text("注意力检测题", "Instructed item"),
    Text("未按要求作答", "not obeyed"),
    lambda found, _: found["checks_failed"] > 0,
    lambda found, _: found["checks"] > 0,
)


def apply(found: pd.DataFrame, cutoffs: Cutoffs) -> list[Applied]:
    """Every rule that has a cut-off, in the order of the families."""
    applied = []
    for rule in sorted((*RULES, CHECK), key=lambda rule: list(FAMILIES).index(rule.family)):
        limit = getattr(cutoffs, rule.cutoff) if rule.cutoff else 0.0
        if limit is not None:
            applied.append(_applied(rule, found, limit, cutoffs))
    return applied


def _applied(rule: Rule, found: pd.DataFrame, limit: float, cutoffs: Cutoffs) -> Applied:
    numbers = {
        "limit": limit,
        "pair_correlation": cutoffs.pair_correlation,
        "least_pairs": cutoffs.least_pairs,
        "least_compared": LEAST_COMPARED,
    }
    checked = found[rule.index].notna()
    if rule.judged is not None:
        checked &= rule.judged(found, cutoffs)
    flagged = checked & rule.flags(found, limit).astype(bool)
    return Applied(rule, _filled(rule.label, numbers), _filled(rule.threshold, numbers), checked, flagged)


def _filled(text: Text, numbers: Mapping[str, float]) -> Text:
    return Text(text.zh.format(**numbers), text.en.format(**numbers))
