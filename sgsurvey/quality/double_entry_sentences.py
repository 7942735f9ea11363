"""What a table of two entries says in words."""

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines, ranked
from sgsurvey.text import Text

_ALIKE = Text(
    "两遍录入在{n}个已填单元格上一致率为{x}，不一致的有{k}个。",
    "The two entries agree on {x} of {n} filled cells and differ on {k}.",
)
_MOST = Text(
    "不一致最多的题目是{item}（{k}个），应逐一对照纸质问卷改正后再分析。",
    "The item with most differences is {item} ({k}): each is to be looked up on paper before the analysis.",
)


def of_entries(table: Table) -> tuple[Text, ...]:
    """The share of cells that agree, and the item that differs most often."""
    totals = lines(table, "agreement", kind="stat")
    if not totals:
        return ()
    total = totals[0]
    said = _ALIKE.format(n=total.said("n"), x=total.said("agreement"), k=total.said("n_differ"))
    differ = ranked(lines(table), "n_differ")
    if not differ:
        return (said,)
    most = differ[-1]
    return said, _MOST.format(item=most.said("item"), k=most.said("n_differ"))
