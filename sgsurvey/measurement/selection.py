"""Pilot item selection: one item at a time, by rules set beforehand, each deletion with its rule on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError, SurveyError
from sgsurvey.measurement.discrimination import extremes
from sgsurvey.measurement.efa import efa
from sgsurvey.measurement.item_rules import HIGHER_IS_WORSE, OF_FACTORS, RULES, ItemRules, Rule
from sgsurvey.measurement.item_sentences import of_selection
from sgsurvey.measurement.measured import Part
from sgsurvey.measurement.reliability import Reliability, reliability
from sgsurvey.measurement.scales import FEWEST, refuse_other_kinds, refuse_several_roles, sample, worded
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.reliability import (
    against_the_rest,
    alpha_if_dropped,
    cronbach_alpha,
    item_rest_correlations,
)
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

# Turned over, an item with such a loading on the first component would serve its scale: its key is in doubt, not it.
KEY_IN_DOUBT = 0.40

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Selection(Result):
    """Which items of a pilot stay, which go, and by what rule.

    Attributes
    ----------
    frame : DataFrame
        One row per item of the original questionnaire, with its numbers there: ``construct, item, missing,
        discrimination`` (p), ``citc, alpha`` (gain without it), ``communality, loading, cross_loading`` (gap to its
        largest other loading), ``kept``, ``step`` and ``rule`` of its deletion.
    log : DataFrame
        One row per deletion, in order: ``step, construct, item, rule, value, cutoff, alpha_before, alpha_after,
        n_items`` (left in the construct).
    spared : DataFrame
        Items that fail a rule at the end and stay, as their construct would fall below ``rules.least``: ``construct,
        item, rule, value, cutoff``.
    before, after : Reliability
        Of the original and of the shortened scales.
    kept : mapping of construct to tuple of items
    rules : ItemRules
    remarks : tuple of Text
    """

    log: pd.DataFrame
    spared: pd.DataFrame
    before: Reliability
    after: Reliability
    kept: Mapping[str, tuple[str, ...]]
    rules: ItemRules
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        frame = worded(self.frame, item=lambda code: self.basis.coded(code), construct=self.basis.label)
        decisions = [
            KEPT if kept else Text("第{s}步删除：{r}", "Step {s}: {r}").format(s=step, r=RULES[rule])
            for kept, step, rule in zip(self.frame["kept"], self.frame["step"], self.frame["rule"], strict=True)
        ]
        frame["decision"] = pd.Series(decisions, frame.index, object)
        columns = [
            Column("item", HEADS["item"], "text"),
            Column("missing", HEADS["missing_percent"], "percent"),
            Column("discrimination", Text("区分度p", "Discrimination p"), "p"),
            Column("citc", HEADS["citc"], "bounded"),
            Column("alpha", Text("删除后α的变化", "Gain in α without it"), "bounded"),
            Column("communality", HEADS["communality"], "bounded"),
            Column("loading", HEADS["loading"], "bounded"),
            Column("decision", Text("处理", "Decision"), "text"),
        ]
        title = Text("预调查题项筛选", "Selection of items in the pilot")
        notes = (self._rules(), ONE_BY_ONE, *self.remarks)
        table = Table.from_frame(frame, columns, id="item_selection", title=title, notes=notes, group="construct")
        return table.telling(*of_selection(table, KEPT))

    def _rules(self) -> Text:
        """The rules in their order, as a note."""
        parts = [
            (RULES[rule], "> " if rule in HIGHER_IS_WORSE else "< ", self.rules.cutoff(rule))
            for rule in self.rules.asked()
        ]
        zh = "；".join(f"{word.zh}（{sign}{cutoff:g}）" for word, sign, cutoff in parts)
        en = "; ".join(f"{word.en} ({sign}{cutoff:g})" for word, sign, cutoff in parts)
        return Text(
            f"事先规定的规则及次序：{zh}；每个维度至少留{self.rules.least}题。",
            f"Rules in their order, set beforehand: {en}; each construct keeps {self.rules.least} items at least.",
        )

    def log_table(self, *, language: Language | None = None) -> Table:
        """Every deletion with its rule, and alpha before and after it."""
        words = {str(rule): word for rule, word in RULES.items()}
        frame = worded(
            self.log,
            item=lambda code: self.basis.coded(code),
            construct=self.basis.label,
            rule=lambda rule: words[rule],
        )
        columns = [
            Column("step", HEADS["step"], "count"),
            Column("construct", HEADS["construct"], "text"),
            Column("item", HEADS["item"], "text"),
            Column("rule", HEADS["rule"], "text"),
            Column("value", Text("数值", "Value"), "bounded"),
            Column("cutoff", Text("界限", "Cut-off"), "bounded"),
            Column("alpha_before", Text("删除前α", "α before"), "bounded"),
            Column("alpha_after", Text("删除后α", "α after"), "bounded"),
            Column("n_items", Text("剩余题数", "Items left"), "count"),
        ]
        title = Text("题项删除记录", "Log of deleted items")
        table = Table.from_frame(
            frame, columns, id="item_selection_log", title=title, notes=(self._rules(), ONE_BY_ONE)
        )
        return self.page(table, language)


KEPT = Text("保留", "Kept")
ONE_BY_ONE = Text(
    "每次只删最差的一题，删后全部重算；表中数值为原问卷的结果。删题利用了样本的偶然性，删后的信度偏高，应以正式调查检验。",
    "The worst item goes, then everything is computed anew; numbers are of the original questionnaire. Selection uses "
    "the chances of this sample, so that reliability after it comes out high: test it in the survey proper.",
)

# Door -------------------------------------------------------------------------------------------------------


def select_items(
    data: Responses | pd.DataFrame, constructs: What, *, rules: ItemRules | None = None, factors: int | None = None
) -> Selection:
    """Shorten the scales of a pilot by rules that were set beforehand.

    Parameters
    ----------
    data : Responses or DataFrame
        Of one role, at least 30 rows.
    constructs : str, list of str, or {construct: [columns]}
        Reflective constructs.
    rules : ItemRules, optional
        Cut-offs and their order.
    factors : int, optional
        Of the factor solution behind communalities and loadings (minres, oblimin); one for each construct when None.

    Raises
    ------
    DesignError
        The answers declare a sampling design or hold several roles, a construct is no scale, or fewer than 30 rows.
    DataError
        An item runs against its scale so clearly that its key must be wrong: to delete it would hide a mistake.
    """
    plan = rules or ItemRules()
    answers, names = as_responses(data, constructs)
    _refuse_others(answers, names)
    items = {name: answers.item_names(name) for name in names}
    _refuse_wrong_keys(answers, items)
    before = reliability(answers, names)
    original, kept, log, left = _shortened(answers, items, plan, len(names) if factors is None else factors)
    after = reliability(_with(answers, kept), names) if len(log) else before
    gone = log.set_index("item")
    frame = original[["construct", "item", *RULES]].assign(
        kept=~original["item"].isin(gone.index),
        step=original["item"].map(gone["step"]).astype("Int64"),
        rule=original["item"].map(gone["rule"]),
    )
    spared = _spared(left.frame, plan)
    remarks = tuple(_remarks(spared, left.why_not, before))
    final = {name: tuple(group) for name, group in kept.items()}
    return Selection(frame, before.basis, log, spared, before, after, final, plan, remarks)


def _refuse_others(answers: Responses, names: Sequence[str]) -> None:
    """Refuse answers of a design or of several roles, constructs that are no scales, and too few rows."""
    answers.refuse_design("select_items", *PARTS)
    refuse_other_kinds(answers, names, "select_items")
    refuse_several_roles(answers, "select_items")
    if len(answers) < FEWEST:
        raise DesignError(
            Text(f"只有{len(answers)}行，不足{FEWEST}行。", f"{len(answers)} rows are fewer than {FEWEST}."),
            remedy=Text("请先扩大预调查。", "Ask more people in the pilot first."),
        )


def _shortened(
    answers: Responses, items: Mapping[str, list[str]], rules: ItemRules, factors: int
) -> tuple[pd.DataFrame, dict[str, list[str]], pd.DataFrame, _Numbers]:
    """Delete the worst item until none that may go fails: first numbers, the items kept, the log, last numbers.

    A deletion leaves the other scales as they are, and their numbers are not computed again.
    """
    known: dict[tuple[str, ...], pd.DataFrame] = {}
    kept = dict(items)
    first = numbers = _numbers(answers, kept, rules, factors, known)
    steps: list[dict[str, object]] = []
    while (worst := _worst(numbers.frame, kept, rules)) is not None:
        name, item, rule, value = worst
        kept[name] = [i for i in kept[name] if i != item]
        step: dict[str, object] = {"step": len(steps) + 1, "construct": name, "item": item, "rule": rule}
        step |= {"value": value, "cutoff": rules.cutoff(rule), "alpha_before": numbers.alpha_of(name)}
        shorter = _numbers(answers, kept, rules, factors, known)
        steps.append(step | {"alpha_after": shorter.alpha_of(name), "n_items": len(kept[name])})
        numbers = replace(shorter, why_not=numbers.why_not or shorter.why_not)
    return first.frame, kept, pd.DataFrame(steps, columns=LOGGED), numbers


LOGGED = ["step", "construct", "item", "rule", "value", "cutoff", "alpha_before", "alpha_after", "n_items"]


def _with(answers: Responses, items: Mapping[str, Sequence[str]]) -> Responses:
    """The answers with constructs of these items alone."""
    questionnaire = answers.questionnaire
    constructs = tuple(
        replace(c, items=tuple(items[c.name])) if c.name in items else c for c in questionnaire.constructs
    )
    return replace(answers, questionnaire=replace(questionnaire, constructs=constructs))


def _refuse_wrong_keys(answers: Responses, items: Mapping[str, list[str]]) -> None:
    turned = []
    for group in items.values():
        x = answers.items(group)
        if len(group) < 3 or x.notna().all(axis=1).sum() < FEWEST:
            continue
        found = sample(answers, group)
        if found.constant:
            continue
        values, vectors = np.linalg.eigh(found.corr)
        loadings = np.abs(vectors[:, -1]) * np.sqrt(values[-1])
        turned += [
            n
            for n, against in zip(group, against_the_rest(found.corr) & (loadings > KEY_IN_DOUBT), strict=True)
            if against
        ]
    if turned:
        raise DataError(
            Text(
                f"这些题项与同一量表其他题项方向相反，很可能是反向题没有反向计分：{'、'.join(turned)}。",
                f"these items run against their scale, so that their key is likely wrong: {', '.join(turned)}.",
            ),
            remedy=Text(
                "请先核对计分方向（问卷中reverse: true，或sg.responses(..., reverse=[...])），再做筛选。",
                "Check the key first (reverse: true in the questionnaire, or sg.responses(..., reverse=[...])).",
            ),
        )


@dataclass(frozen=True)
class _Numbers:
    """What the rules ask of each item that is left, with ``scale_alpha`` of its construct; why there are no factors."""

    frame: pd.DataFrame
    why_not: Text | None

    def alpha_of(self, construct: str) -> float:
        return float(self.frame.loc[self.frame["construct"] == construct, "scale_alpha"].iloc[0])


def _numbers(
    answers: Responses,
    items: Mapping[str, list[str]],
    rules: ItemRules,
    factors: int,
    known: dict[tuple[str, ...], pd.DataFrame],
) -> _Numbers:
    """The numbers of every scale, those of ``known`` as they are, and of one factor solution of all."""
    left = _with(answers, items)
    for name, group in items.items():
        if (name, *group) not in known:
            known[name, *group] = _of_scale(left, name, rules.share)
    frame = pd.concat([known[name, *group] for name, group in items.items()], ignore_index=True)
    if not OF_FACTORS & set(rules.asked()):
        return _Numbers(frame, None)
    try:
        solution = efa(left, list(items), factors=factors)
    except SurveyError as refusal:
        return _Numbers(frame, Text(refusal.what.zh, refusal.what.en))
    loadings = np.abs(solution.loadings.loc[frame["item"]].to_numpy())
    own, at = _own_factor(loadings, frame["construct"], list(items)), np.arange(len(frame))
    frame["communality"] = solution.communality[frame["item"]].to_numpy()
    frame["loading"] = loadings[at, own]
    if factors > 1:
        loadings[at, own] = -np.inf
        frame["cross_loading"] = frame["loading"] - loadings.max(axis=1)
    return _Numbers(frame, None)


def _of_scale(left: Responses, name: str, share: float) -> pd.DataFrame:
    """What the rules ask of a scale's items without the others; what a factor solution tells is nan.

    The numbers of ``reliability``, without the coefficients and intervals that no rule asks for.
    """
    apart = extremes(left, name, share)[0].set_index("item")["p_value"]
    part = Part.of(left, name)
    if not part.asked:
        raise DataError(
            Text(f"没有人回答{name}的任何题项。", f"nobody answered any item of {name}."),
            remedy=Text("请从筛选中去掉这个维度。", "Leave this construct out."),
        )
    citc = without = np.full(len(part.asked), np.nan)
    alpha = np.nan
    if part.enough:
        found = sample(part.members, part.asked)
        if not found.constant and not found.cancelling:
            with np.errstate(divide="ignore", invalid="ignore"):
                citc, without = item_rest_correlations(found.cov), alpha_if_dropped(found.cov)
            alpha = cronbach_alpha(found.cov)
    asked = np.column_stack([left.shown(item) for item in part.asked])
    unanswered = (left.items(part.asked).isna().to_numpy() & asked).sum(axis=0) / asked.sum(axis=0).clip(min=1)
    return pd.DataFrame(
        {
            "construct": name,
            "item": part.asked,
            "citc": citc,
            "missing": unanswered,
            "discrimination": apart.reindex(part.asked).to_numpy(),
            "alpha": without - alpha,
            "communality": np.nan,
            "loading": np.nan,
            "cross_loading": np.nan,
            "scale_alpha": alpha,
        }
    )


def _own_factor(loadings: Array, constructs: pd.Series, names: Sequence[str]) -> npt.NDArray[np.intp]:
    """The factor of each item's construct: a different one for each construct where there are enough; shape (p,)."""
    strength = np.array([(loadings[(constructs == name).to_numpy()] ** 2).sum(axis=0) for name in names])
    best = strength.argmax(axis=1)
    if len(names) <= loadings.shape[1]:
        best = linear_sum_assignment(-strength)[1]
    return np.asarray(constructs.map(dict(zip(names, best, strict=True))).to_numpy(dtype=np.intp))


def _worst(
    numbers: pd.DataFrame, items: Mapping[str, list[str]], rules: ItemRules
) -> tuple[str, str, Rule, float] | None:
    """Construct, item, rule and value of the item to go next; None when all that may go pass."""
    may_go = numbers[[len(items[name]) > rules.least for name in numbers["construct"]]]
    for rule in rules.asked():
        failing = may_go[[rules.fails(rule, value) for value in may_go[rule]]]
        if len(failing):
            place = failing[rule].idxmax() if rule in HIGHER_IS_WORSE else failing[rule].idxmin()
            line = failing.loc[place]
            return str(line["construct"]), str(line["item"]), rule, float(line[rule])
    return None


def _spared(numbers: pd.DataFrame, rules: ItemRules) -> pd.DataFrame:
    lines = [
        {
            "construct": line["construct"],
            "item": line["item"],
            "rule": rule,
            "value": line[rule],
            "cutoff": rules.cutoff(rule),
        }
        for _, line in numbers.iterrows()
        for rule in rules.asked()
        if rules.fails(rule, line[rule])
    ]
    return pd.DataFrame(lines, columns=["construct", "item", "rule", "value", "cutoff"])


def _remarks(spared: pd.DataFrame, why_not: Text | None, before: Reliability) -> list[Text]:
    said = list(before.remarks)
    if len(spared):
        items = list(dict.fromkeys(spared["item"]))
        said.append(
            Text(
                f"未达规则、因维度题数已到下限而保留：{'、'.join(items)}。",
                f"Fail a rule, but stay as their construct has no items to spare: {', '.join(items)}.",
            )
        )
    if why_not is not None:
        said.append(
            Text(
                "因子分析未能进行，共同度、载荷和交叉载荷的规则未用：{why}",
                "Rules of communality, loading and cross-loading were not asked, for want of a factor solution: {why}",
            ).format(why=why_not)
        )
    return said
