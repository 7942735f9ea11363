"""What comparisons of groups say in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import MANY, NAMES, Line, lines, ranked, several
from sgsurvey.text import Text, listed

_GROUPS = Text(
    "{v}（均值最高的{high}为{m}，最低的{low}为{k}；{f}）",
    "{v} (mean highest for {high}, {m}, lowest for {low}, {k}; {f})",
)
_DIFFER = Text("不同{by}的均值有差异的是{items}。", "Means differ by {by} in {items}.")
_OPEN = Text(
    "不同{by}的均值是否有差异尚不能判定的是{items}；尚不能判定不等于各组相同。",
    "Whether means differ by {by} cannot be decided for {items}; undecided is not alike.",
)
_AGAINST = Text(
    "均值检验与秩检验结论不一致的是{names}，不下结论。",
    "Tests of means and of ranks disagree for {names}, so nothing is concluded there.",
)
_OTHERS = Text("{items}，以及{names}", "{items}, and also {names}")
_PAIRS = {
    "some": Text(
        "{v}的{n}对组别中可以区分的有{k}对，相差最大的是{pair}；其余各对尚不能判定。",
        "{v}: of {n} pairs of groups {k} can be told apart, the widest being {pair}; the others are undecided.",
    ),
    "all": Text(
        "{v}的{n}对组别都可以区分，相差最大的是{pair}。",
        "{v}: all {n} pairs of groups can be told apart, the widest being {pair}.",
    ),
    "none": Text(
        "{v}的{n}对组别都尚不能判定有无差别，相差最大的是{pair}。",
        "{v}: for none of {n} pairs of groups can a difference be told; the widest is {pair}.",
    ),
}
_PAIR = Text("{a}与{b}（{f}）", "{a} and {b} ({f})")
_EVERYTHING = Text("各变量", "All variables")


def of_comparison(table: Table, by: Text, against: Collection[Text]) -> tuple[Text, ...]:
    """Where groups differ, with their ends and the effect; where that is undecided.

    Parameters
    ----------
    table : Table
        A row per group; the first of each variable bears its test.
    by : Text
        What makes the groups.
    against : collection of Text
        Variables on which means and ranks do not decide alike.
    """
    blocks: list[list[Line]] = []
    for line in lines(table):
        if line.value("variable"):
            blocks.append([])
        blocks[-1].append(line)
    tested = [b for b in blocks if b[0].number("p_adjusted") is not None and any(line.number("mean") for line in b)]
    decided = [block for block in tested if block[0].said("variable") not in against]
    differ = [block for block in decided if (block[0].number("p_adjusted") or 0.0) < ALPHA]
    undecided = [block for block in decided if block not in differ]
    said = [words.format(by=by, items=_variables(own)) for words, own in ((_DIFFER, differ), (_OPEN, undecided)) if own]
    if apart := [block[0].said("variable") for block in tested if block not in decided]:
        said.append(_AGAINST.format(names=several(apart, NAMES)))
    return tuple(said)


def of_pairs(table: Table) -> tuple[Text, ...]:
    """Of each variable how many pairs of groups can be told apart, and the widest of them."""
    found = lines(table, "estimate", "p_value")
    headings = dict.fromkeys(line.group for line in found)
    if len(headings) > MANY:
        return (_apart(_EVERYTHING, found),)
    return tuple(
        _apart(heading, [line for line in found if line.group == heading])
        for heading in headings
        if isinstance(heading, Text)
    )


def _variables(blocks: Sequence[Sequence[Line]]) -> Text:
    """Variables with their groups and effects; of many the others by name."""
    items = listed(_variable(block) for block in blocks[:MANY])
    if len(blocks) <= MANY:
        return items
    return _OTHERS.format(items=items, names=several([block[0].said("variable") for block in blocks[MANY:]], NAMES))


def _variable(block: Sequence[Line]) -> Text:
    first = block[0]
    figures = first.figures("estimate", "interval", "p_adjusted")
    known = ranked(block, "mean")
    low, high = known[0], known[-1]
    ends = {"high": high.said("group"), "m": high.said("mean"), "low": low.said("group"), "k": low.said("mean")}
    return _GROUPS.format(v=first.said("variable"), f=figures, **ends)


def _apart(variable: Text, pairs: Sequence[Line]) -> Text:
    told = [line for line in pairs if (line.number("p_value") or 0.0) < ALPHA]
    widest = max(told or pairs, key=lambda line: abs(line.number("estimate") or 0.0))
    figures = widest.figures("estimate", "conf_low:conf_high", "p_value")
    pair = _PAIR.format(a=widest.said("group_1"), b=widest.said("group_2"), f=figures)
    words = _PAIRS["none" if not told else "all" if len(told) == len(pairs) else "some"]
    return words.format(v=variable, n=len(pairs), k=len(told), pair=pair)
