"""What the checks of a regression say in words."""

from collections.abc import Sequence

from sgsurvey.models.checks import Verdict
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import NAMES, Line, lines, several
from sgsurvey.text import Text

_FOUND = Text("有迹象的检查：{items}。", "Checks that find a sign: {items}.")
_ITEM = Text("{check}显示{what}", "{check}: {what}")
_CLEAR = Text(
    "另有{n}项检查未见问题的迹象；未见迹象不等于假定成立。",
    "{n} checks find no sign of a fault, which does not prove the assumptions.",
)
_ALL_CLEAR = Text(
    "{n}项有判据的检查均未见问题的迹象；未见迹象不等于假定成立。",
    "The {n} checks with a rule find no sign of a fault, which does not prove the assumptions.",
)


def of_diagnostics(table: Table, verdicts: Sequence[Verdict]) -> tuple[Text, ...]:
    """What was found, and how many checks found nothing; ``verdicts`` go with the rows."""
    pairs = list(zip(lines(table), verdicts, strict=False))
    found = [line for line, verdict in pairs if verdict == "found"]
    clear = sum(verdict == "clear" for _, verdict in pairs)
    said = [_FOUND.format(items=several([_finding(line) for line in found], NAMES))] if found else []
    if clear:
        said.append((_CLEAR if found else _ALL_CLEAR).format(n=clear))
    return tuple(said)


def _finding(line: Line) -> Text:
    return _ITEM.format(check=line.said("check"), what=line.said("finding"))
