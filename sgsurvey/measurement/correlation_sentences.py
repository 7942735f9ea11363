"""What tables of correlations say in words: the matrix, and correlations with a criterion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.text import Text, listed


@dataclass(frozen=True, slots=True)
class _Pair:
    """A correlation of the lower triangle: the names of both variables, and whether it has a star."""

    one: Text
    other: Text
    line: Line
    key: str

    @property
    def size(self) -> float:
        return self.line.number(self.key) or 0.0

    @property
    def shown(self) -> Text:
        return self.line.said(self.key)

    @property
    def starred(self) -> bool:
        return self.line.cells[self.key].stars != ""

    @property
    def words(self) -> Text:
        return _AND.format(a=self.one, b=self.other)


_AND = Text("{a}与{b}", "{a} with {b}")
_ONE = Text("{pair}的相关系数为{r}。", "The correlation of {pair} is {r}.")
_RANGE = Text(
    "两两相关系数在{low}（{a}）至{high}（{b}）之间。",
    "Correlations lie between {low} ({a}) and {high} ({b}).",
)
_ALL = Text(
    "各相关的p都小于0.05（双侧，未作多重比较校正），方向可以辨认。",
    "Each has p below .05 (two-tailed, not adjusted for their number), so that its sign can be told.",
)
_OPEN = Text(
    "方向尚不能判定（p ≥ 0.05，双侧）的有：{pairs}。",
    "The sign cannot be decided (p ≥ .05, two-tailed) of {pairs}.",
)
_MEANING = Text(
    "相关系数描述共变的程度，不说明谁先谁后。", "They say how far ratings vary together, not which comes first."
)


def of_matrix(table: Table) -> tuple[Text, ...]:
    """The weakest and the strongest correlation, and those whose sign is undecided."""
    pairs = _pairs(table)
    if not pairs:
        return ()
    pairs.sort(key=lambda pair: pair.size)
    low, high = pairs[0], pairs[-1]
    said = [_RANGE.format(low=low.shown, a=low.words, high=high.shown, b=high.words)]
    if len(pairs) == 1:
        said = [_ONE.format(pair=low.words, r=low.shown)]
    unsure = [pair for pair in pairs if not pair.starred]
    if not unsure:
        return (*said, _ALL, _MEANING)
    return (*said, _OPEN.format(pairs=_some(unsure)), _MEANING)


def _pairs(table: Table) -> list[_Pair]:
    """The correlations that are shown; alpha on the diagonal is none."""
    keys = [column.key for column in table.columns[3:]]
    found = lines(table)
    names = [_bare(line.said("variable"), i) for i, line in enumerate(found, 1)]
    return [
        _Pair(names[j], names[i], line, key)
        for i, line in enumerate(found)
        for j, key in enumerate(keys[:i])
        if line.number(key) is not None
    ]


def _bare(label: Text, i: int) -> Text:
    """The name without its number in the table."""
    return Text(label.zh.removeprefix(f"{i} "), label.en.removeprefix(f"{i} "))


def _some(pairs: Sequence[_Pair], most: int = 4) -> Text:
    """The first pairs: how many there are need not be a number of the page."""
    named = listed(pair.words for pair in pairs[:most])
    return named if len(pairs) <= most else Text(f"{named.zh}等", f"{named.en} and others")


_AS_EXPECTED = Text(
    "与{c}的相关符合预期方向的是{names}。",
    "The correlation with {c} has the expected sign for {names}.",
)
_AGAINST = Text(
    "与预期方向相反的是{names}，须先核对计分与测量时点。",
    "It has the other sign for {names}: check the key and the time of measurement first.",
)
_UNCLEAR = Text(
    "{names}的区间包含0，与{c}同向还是反向尚不能判定。",
    "The interval includes 0 for {names}: which way they go with {c} cannot be decided.",
)
_WITH_R = Text("{name}（r = {r}，{ci}，{p}）", "{name} (r = {r}, {ci}, {p})")


def of_criterion(table: Table, criterion: Text, verdicts: Mapping[str, Text]) -> tuple[Text, ...]:
    """Constructs by verdict: with their correlations where it is decided, the strongest first."""
    known = ranked(lines(table, "estimate"), "estimate")[::-1]
    said = []
    for verdict, words in (("as expected", _AS_EXPECTED), ("against", _AGAINST), ("unclear", _UNCLEAR)):
        of_verdict = [line for line in known if line.value("verdict") == verdicts[verdict]]
        name = _correlated if verdict != "unclear" or len(of_verdict) == 1 else _named
        if of_verdict:
            said.append(words.format(c=criterion, names=several(name(line) for line in of_verdict)))
    return tuple(said)


def _named(line: Line) -> Text:
    return line.named("construct")


def _correlated(line: Line) -> Text:
    return _WITH_R.format(
        name=line.named("construct"),
        r=line.said("estimate"),
        ci=line.interval("conf_low:conf_high"),
        p=line.said("p_value"),
    )
