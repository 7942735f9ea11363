"""What tables of frequencies and of the spread of answers say in words."""

from __future__ import annotations

from collections.abc import Sequence

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import NAMES, Line, among, as_sentence, lines, several
from sgsurvey.text import SEMICOLON, Text, listed

_MOST = Text("{v}为{c}（{p}）", "{v}: {c} ({p})")
_ALL = Text("{shown}占比最高的选项：{items}。", "{shown}most frequent answers: {items}.")
_TIED = Text("{c}各占{p}", "{c} with {p} each")
_AT = Text("选“{a}”的比例以{item}为最高（{p}）", "“{a}” is most frequent for {item} ({p})")
_UNSURE = Text("选“不清楚”的比例以{item}为最高（{p}）", "don't-knows are most frequent for {item} ({p})")


def of_frequencies(table: Table, group: str) -> tuple[Text, ...]:
    """The most frequent answer of each variable among ``group``, the code of everybody."""
    share = f"share {group}"
    found = lines(table, share)
    variables = dict.fromkeys(line.heading for line in found)
    said = [_most_frequent(name, [line for line in found if line.heading == name], share) for name in variables]
    return (as_sentence(_ALL.format(shown=among(table, share), items=several(said, NAMES))),) if said else ()


def _most_frequent(variable: Text, found: Sequence[Line], share: str) -> Text:
    most = max(line.number(share) or 0.0 for line in found)
    first = [line for line in found if line.number(share) == most]
    names, p = listed(line.said("label") for line in first), first[0].said(share)
    if len(first) > 1:
        return Text("{v}为{t}", "{v}: {t}").format(v=variable, t=_TIED.format(c=names, p=p))
    return _MOST.format(v=variable, c=names, p=p)


def of_likert(table: Table) -> tuple[Text, ...]:
    """The items at which the ends of the scale, and don't-know, are most frequent."""
    ends = [column for column in table.columns if column.key.startswith("share ")]
    said = []
    for column in (ends[-1], ends[0]) if len(ends) > 1 else ():
        if found := lines(table, column.key):
            said.append(_AT.format(a=column.head, **_largest(found, column.key)))
    unsure = [line for line in lines(table, "dont_know") if line.number("dont_know")]
    if unsure:
        said.append(_UNSURE.format(**_largest(unsure, "dont_know")))
    if not said:
        return ()
    return (as_sentence(listed(said, SEMICOLON)),)


def _largest(found: Sequence[Line], key: str) -> dict[str, Text]:
    line = max(found, key=lambda one: one.number(key) or 0.0)
    return {"item": line.named("item"), "p": line.said(key)}
