"""What tables of missing answers say in words."""

from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.text import Text

ATTENTION = 0.05
_ZERO = Text("各题项均无缺失。", "No answer is missing.")
_RANGE = Text(
    "各题项缺失的比例在{low}至{high}之间，最高的是{item}。",
    "Between {low} and {high} of the answers to an item are missing; the most are of {item}.",
)
_MANY = Text(
    "缺失超过5%、值得注意的题项有{k}个，最多的是{names}。",
    "Items with more than 5% missing, which calls for attention: {k}, most of all {names}.",
)
_FEW = Text("没有题项超过5%的惯例界限。", "No item is beyond the customary 5%.")
_KNOW = Text("“{head}”最多的是{item}，有{n}人。", "“{head}” is most frequent for {item}: {n} said so.")
_GROUP = Text("各主体中缺失最高的是{g}对{item}的作答（{x}）。", "The group with most missing is {g}, on {item}: {x}.")


def of_missing(table: Table) -> tuple[Text, ...]:
    """The range of shares, items beyond the convention, don't-knows, and the group that lacks most."""
    known = ranked(lines(table), "share_missing")
    if not known:
        return ()
    low, high = known[0], known[-1]
    if not high.number("share_missing"):
        return (_ZERO,)
    many = [line for line in known[::-1] if (line.number("share_missing") or 0.0) > ATTENTION]
    said = [_RANGE.format(low=low.said("share_missing"), high=high.said("share_missing"), item=_item(high))]
    said.append(_MANY.format(k=len(many), names=several(map(_item, many[:3]))) if many else _FEW)
    unknown = ranked(known, "n_dont_know")
    if unknown and (most := unknown[-1]).number("n_dont_know"):
        said.append(_KNOW.format(head=most.heads["n_dont_know"], item=_item(most), n=most.said("n_dont_know")))
    roles = [key for key in high.cells if key.startswith("share_") and key != "share_missing"]
    by_group = [(number, line, key) for line in known for key in roles if (number := line.number(key)) is not None]
    if by_group:
        _, line, key = max(by_group, key=lambda found: found[0])
        said.append(_GROUP.format(g=line.heads[key], item=_item(line), x=line.said(key)))
    return tuple(said)


_CODED = Text("{item}（{c}）", "{item} ({c})")


def _item(line: Line) -> Text:
    """The code, and the construct that the item belongs to."""
    item = line.said("item")
    return item if line.group is None else _CODED.format(item=item, c=line.heading)


_COMPLETE = Text("{g}中全部作答的占{x}。", "{x} answered everything ({g}).")
_COMPLETES = Text(
    "全部作答者的比例最低的是{g}（{x}），最高的是{h}（{y}）。",
    "The share that answered everything is lowest for {g} ({x}) and highest for {h} ({y}).",
)
_PATTERN = Text(
    "有缺失的模式中最常见的是{g}未答{items}（{n}人，{x}）。",
    "The most frequent pattern with a gap: {items} left out, {g} ({n} persons, {x}).",
)
_SCATTERED = Text(
    "没有哪一种缺失模式多到可以列出，缺失是分散的。",
    "No pattern with a gap is frequent enough to be listed: gaps are scattered.",
)


def of_patterns(table: Table, complete: Text) -> tuple[Text, ...]:
    """Who answered everything, and the most frequent pattern of gaps; ``complete`` is the word of the whole pattern."""
    known = lines(table, "n", "share")
    if not known:
        return ()
    whole = ranked((line for line in known if line.value("words") == complete), "share")
    gaps = ranked((line for line in known if line.number("n_missing")), "n")
    said = []
    if len(whole) == 1:
        said.append(_COMPLETE.format(g=_of(whole[0]), x=whole[0].said("share")))
    elif whole:
        low, high = whole[0], whole[-1]
        said.append(_COMPLETES.format(g=_of(low), x=low.said("share"), h=_of(high), y=high.said("share")))
    if gaps:
        most = gaps[-1]
        said.append(_PATTERN.format(g=_of(most), items=most.said("words"), n=most.said("n"), x=most.said("share")))
    return tuple(said) if gaps else (*said, _SCATTERED)


def _of(line: Line) -> Text:
    return Text("全体", "all") if line.group is None else line.heading


_RELATED = Text(
    "缺失与作答内容有关、不是完全随机缺失的是{names}。",
    "What is missing goes with the answers, so that it is not missing completely at random, for {names}.",
)
_COMPATIBLE = Text(
    "数据与完全随机缺失相容、但不能由此断定缺失随机的是{names}。",
    "The data are compatible with answers missing completely at random, which does not prove it, for {names}.",
)
_UNTESTED = Text("未能检验的是{names}。", "Not tested: {names}.")
_TESTED = Text("{g}（χ²({df}) = {x}，{p}）", "{g} (χ²({df}) = {x}, {p})")


def of_little(table: Table) -> tuple[Text, ...]:
    """Groups in which answers are not missing completely at random, those where this is open, those not tested."""
    every = lines(table, "n")
    tested = [line for line in every if line.value("p_value") is not None]
    related = [line for line in tested if (line.number("p_value") or 0.0) < ALPHA]
    said = []
    for words, some in ((_RELATED, related), (_COMPATIBLE, [line for line in tested if line not in related])):
        if some:
            said.append(words.format(names=several(map(_test, some))))
    untested = [line.said("role") for line in every if line not in tested]
    return (*said, _UNTESTED.format(names=several(untested))) if untested else tuple(said)


def _test(line: Line) -> Text:
    return _TESTED.format(g=line.said("role"), df=line.said("df"), x=line.said("statistic"), p=line.said("p_value"))
