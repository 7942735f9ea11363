"""What tables of picks and of themes say in words: what most persons named, and who names something else."""

from __future__ import annotations

from dataclasses import dataclass

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import MANY, NAMES, Line, among, as_sentence, lines, several
from sgsurvey.text import SEMICOLON, Text, listed

SHARE = "share_persons"
_OF_SHOWN = Text("{g}（限列出数值的选项）", "{g} (of the options shown)")
_FEW = Text("{x}（{p}）", "{x} ({p})")
_MORE = Text("{x}（{p}，{ci}）", "{x} ({p}, {ci})")


@dataclass(frozen=True)
class Verb:
    """How persons name things: as picks from a list, or as themes of an open answer."""

    most: Text
    least: Text
    groups: Text
    alike: Text


PICKED = Verb(
    Text("{g}选择最多的是{items}。", "{g}most often picked: {items}."),
    Text("{g}选择最多的是{items}；最少的是{low}。", "{g}most often picked: {items}; least often: {low}."),
    Text("各组选择最多的不尽相同：{items}。", "Groups differ in what they pick most: {items}."),
    Text("各组选择最多的都是“{x}”：{items}。", "All groups pick “{x}” most: {items}."),
)
NAMED = Verb(
    Text("{g}提到最多的是{items}。", "{g}most often named: {items}."),
    Text("{g}提到最多的是{items}；最少的是{low}。", "{g}most often named: {items}; least often: {low}."),
    Text("各组提到最多的不尽相同：{items}。", "Groups differ in what they name most: {items}."),
    Text("各组提到最多的都是“{x}”：{items}。", "All groups name “{x}” most: {items}."),
)
_VALENCE = Text("{v}提及最多的是{x}（{n}人）", "{v} most often: {x} ({n})")
_KEYWORD = Text("含该词的回答所占比例：{items}。", "Answers with the word: {items}.")


def of_picks(table: Table, verb: Verb = PICKED) -> tuple[Text, ...]:
    """What is named most and least with its share; of groups, what each names most."""
    if any(column.key == SHARE for column in table.columns):
        found = lines(table, SHARE)
        return tuple(as_sentence(said) for said in _of_all(found, verb, among(table, SHARE)))
    first: list[tuple[Text, Text, Text]] = []
    for column in table.columns:
        found = lines(table, column.key) if column.key.startswith(f"{SHARE} ") and column.spanner else []
        named_by_some = [line for line in found if line.number(column.key)]
        if named_by_some and column.spanner:
            most = max(named_by_some, key=lambda line: line.number(column.key) or 0.0)
            group = _OF_SHOWN.format(g=column.spanner) if among(table, column.key).en else column.spanner
            first.append((group, most.said("label"), most.said(column.key)))
    if not first:
        return ()
    if len({option for _, option, _ in first}) == 1:
        items = several([_FEW.format(x=group, p=p) for group, _, p in first], NAMES)
        return (verb.alike.format(x=first[0][1], items=items),)
    named = [Text("{g}为“{x}”，{p}", "{g}: “{x}”, {p}").format(g=group, x=option, p=p) for group, option, p in first]
    return (verb.groups.format(items=listed(named, SEMICOLON)),)


def _of_all(found: list[Line], verb: Verb, shown: Text) -> tuple[Text, ...]:
    ordered = sorted(found, key=lambda line: -(line.number(SHARE) or 0.0))  # those with one share as in the table
    named = [
        _MORE.format(x=line.said("label"), p=line.said(SHARE), ci=line.figures("conf_low:conf_high"))
        for line in ordered
        if line.number(SHARE)
    ]
    if not named:
        return ()
    if len(named) < MANY:
        return (verb.most.format(g=shown, items=listed(named)),)
    low = ordered[-1]
    least = _FEW.format(x=low.said("label"), p=low.said(SHARE))
    return (verb.least.format(g=shown, items=listed(named[:3]), low=least),)


def of_valence(table: Table, unclear: frozenset[Text]) -> tuple[Text, ...]:
    """Of which theme most speak well or badly; columns with the heads ``unclear`` take no side."""
    said = []
    for column in table.columns[1:]:
        found = [line for line in lines(table, column.key) if line.number(column.key)]
        if found and column.head not in unclear:
            most = max(found, key=lambda line: line.number(column.key) or 0.0)
            said.append(_VALENCE.format(v=column.head, x=most.named("theme"), n=most.said(column.key)))
    return (as_sentence(listed(said, SEMICOLON)),) if said else ()


def of_keyword(table: Table) -> tuple[Text, ...]:
    """The share of the answers that hold the word, by group."""
    found = [
        _MORE.format(x=line.said("group_label"), p=line.said("share"), ci=line.figures("conf_low:conf_high"))
        for line in lines(table, "share")
    ]
    return (_KEYWORD.format(items=several(found, NAMES)),) if found else ()
