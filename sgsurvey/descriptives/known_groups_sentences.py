"""What a table of known groups says in words."""

from collections.abc import Mapping

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.text import Text

_AS_EXPECTED = Text(
    "如事先预期，“{high}”高于“{low}”的是{names}。", "As expected beforehand, “{high}” is above “{low}” in {names}."
)
_AGAINST = Text(
    "与预期相反，“{high}”低于“{low}”的是{names}。", "Against expectation, “{high}” is below “{low}” in {names}."
)
_UNCLEAR = Text(
    "区间包含0、“{high}”与“{low}”孰高尚不能判定的是{names}。",
    "The interval includes 0, so that which of “{high}” and “{low}” is higher cannot be decided, for {names}.",
)
_SIZE = Text("{c}（g = {g}，{ci}，校正{p}）", "{c} (g = {g}, {ci}, adjusted {p})")
_VERDICTS = (("as expected", _AS_EXPECTED), ("against", _AGAINST), ("unclear", _UNCLEAR))
MOST = 3


def of_known_groups(table: Table, groups: Mapping[str, Text], verdicts: Mapping[str, Text]) -> tuple[Text, ...]:
    """Constructs by verdict, the largest difference first, each with its effect size, interval and adjusted p."""
    known = ranked(lines(table), "estimate")[::-1]
    said = []
    for verdict, words in _VERDICTS:
        some = [_sized(line) for line in known if line.value("verdict") == verdicts[verdict]]
        if some:
            said.append(words.format(names=several(some, MOST), **groups))
    return tuple(said)


def _sized(line: Line) -> Text:
    return _SIZE.format(
        c=line.named("variable"),
        g=line.said("estimate"),
        ci=line.interval("conf_low:conf_high"),
        p=line.said("p_adjusted"),
    )
