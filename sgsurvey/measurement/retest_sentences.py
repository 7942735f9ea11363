"""What tables of test and retest say in words."""

from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.text import Text

_ONE = Text("{c}的ICC(2,1)为{x}。", "{c} has ICC(2,1) {x}.")
_RANGE = Text(
    "各维度的ICC(2,1)最低的是{c}，为{x}，最高为{high}。",
    "ICC(2,1) is lowest for {c}, {x}; the highest is {high}.",
)
_MOVED = Text(
    "两次均值不同的是{names}，须考虑两次之间的变化或练习。",
    "Means differ between the times for {names}: people may have changed, or learnt the form.",
)
_OPEN = Text(
    "{names}两次的均值是否有系统变化，尚不能判定。",
    "Whether means changed between the times cannot be decided for {names}.",
)
_CHANGE = Text(
    "个人得分的变化超过SDC（{low}至{high}分）才不宜归于测量误差。",
    "A person's change must exceed SDC ({low} to {high} points) to be more than error.",
)
_CHANGE_ONE = Text(
    "个人得分的变化超过SDC（{low}分）才不宜归于测量误差。",
    "A person's change must exceed SDC ({low} points) to be more than error.",
)


def of_scales(table: Table) -> tuple[Text, ...]:
    """Agreement over time with its interval, changes of means, and the change of one person that counts."""
    known = ranked(lines(table), "icc")
    if not known:
        return ()
    low, high = known[0], known[-1]
    head = _ONE if len(known) == 1 else _RANGE
    shown = low.sized("icc", "conf_low:conf_high")
    said = [head.format(c=low.named("construct"), x=shown, high=high.said("icc"))]
    tested = [line for line in known if None not in _tests(line)]
    moved = [line for line in tested if all(p is not None and p < ALPHA for p in _tests(line))]
    rest = [line for line in tested if line not in moved]
    for words, some in ((_MOVED, moved), (_OPEN, rest)):
        if some:
            said.append(words.format(names=several(line.named("construct") for line in some)))
    changes = ranked(known, "sdc")
    if changes:
        sizes = {"low": changes[0].said("sdc"), "high": changes[-1].said("sdc")}
        said.append((_CHANGE_ONE if len(changes) == 1 else _CHANGE).format(**sizes))
    return tuple(said)


def _tests(line: Line) -> tuple[float | None, float | None]:
    """The p-values of means and of ranks."""
    return line.number("p_value"), line.number("rank_p")


_ITEM = Text(
    "各题项的κ在{low}至{high}之间，最低的是{item}（{ci}，两次相同的占{x}）。",
    "κ of the items lies between {low} and {high}; the lowest is that of {item} ({ci}, {x} answered alike).",
)
_CHANCE = Text(
    "区间包含0、一致是否超出偶然尚不能判定的是{names}。",
    "The interval includes 0, so that agreement beyond chance cannot be decided, for {names}.",
)


def of_items(table: Table) -> tuple[Text, ...]:
    """The range of kappas, the lowest with its interval, and items not told from chance."""
    known = ranked(lines(table), "kappa")
    if not known:
        return ()
    low, high = known[0], known[-1]
    said = [
        _ITEM.format(
            low=low.said("kappa"),
            high=high.said("kappa"),
            item=low.code("item"),
            ci=low.interval("conf_low:conf_high"),
            x=low.said("agreement"),
        )
    ]
    if unsure := [line.code("item") for line in known if line.holds("conf_low:conf_high")]:
        said.append(_CHANCE.format(names=several(unsure)))
    return tuple(said)
