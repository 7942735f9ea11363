"""What tables of correlations say in words: the matrix, and correlations with a criterion."""

from collections.abc import Mapping, Sequence

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, Pair, lines, pairs, ranked, several
from sgsurvey.text import Text, listed

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
    """The weakest and the strongest correlation, and those whose sign is undecided; alpha on the diagonal is none."""
    every = lines(table)
    names = [line.named("variable", i) for i, line in enumerate(every, 1)]
    found = pairs(every, [column.key for column in table.columns[3:]], names)
    if not found:
        return ()
    low, high = found[0], found[-1]
    said = [_RANGE.format(low=low.said, a=low.names, high=high.said, b=high.names)]
    if len(found) == 1:
        said = [_ONE.format(pair=low.names, r=low.said)]
    unsure = [pair for pair in found if pair.line.cells[pair.key].stars == ""]
    if not unsure:
        return (*said, _ALL, _MEANING)
    return (*said, _OPEN.format(pairs=_some(unsure)), _MEANING)


def _some(found: Sequence[Pair], most: int = 4) -> Text:
    """The first pairs: how many there are need not be a number of the page."""
    named = listed(pair.names for pair in found[:most])
    return named if len(found) <= most else Text(f"{named.zh}等", f"{named.en} and others")


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
