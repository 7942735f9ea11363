"""What the summary of the hypotheses says in words."""

from collections.abc import Mapping
from typing import Any

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, several
from sgsurvey.text import Text

# By verdict, as ``hypothesis_summary`` names them.
_SAID = {
    "supported": Text("得到支持的假设是{names}。", "Supported: {names}."),
    "small": Text("方向相符、但大小在界值之内的是{names}。", "As expected, but within the margin: {names}."),
    "not supported": Text("不支持的是{names}。", "Not supported: {names}."),
    "undecided": Text(
        "尚不能判定的是{names}；这既不是支持，也不是否定。",
        "Undecided, which is neither support nor refutation: {names}.",
    ),
    "described": Text(
        "两组的测量未证明可比、只作描述而不判断的是{names}。",
        "Described and not judged, as the groups are not shown to be comparable: {names}.",
    ),
    "not examined": Text("未检验的是{names}。", "Not examined: {names}."),
}
_WITH_P = Text("{h}（校正{p}）", "{h} (adjusted {p})")


def of_hypotheses(table: Table, verdicts: Mapping[Any, Text]) -> tuple[Text, ...]:
    """Hypotheses by verdict, each with its adjusted p where it has one; ``verdicts`` are the words in the table."""
    every = lines(table, "verdict")
    by_verdict = {name: [line for line in every if line.value("verdict") == words] for name, words in verdicts.items()}
    return tuple(
        words.format(names=several(map(_named, by_verdict[name]))) for name, words in _SAID.items() if by_verdict[name]
    )


def _named(line: Line) -> Text:
    if line.value("p_adjusted") is None:
        return line.said("hypothesis")
    return _WITH_P.format(h=line.said("hypothesis"), p=line.said("p_adjusted"))
