"""What tables of importance say in words."""

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines, ranked
from sgsurvey.text import Text

_STATED = Text("受访者选得最多的是{x}（{s}）", "Respondents name {x} most often ({s})")
_DERIVED = Text("；与结果的系数最大的是{x}（{b}）。", "; the largest coefficient is that of {x} ({b}).")
_BOTH = Text(
    "两种重要性所指相同，但前者是意见，后者是关联。",
    "Both kinds of importance point the same way, though one is an opinion and the other an association.",
)
_TWO = Text(
    "两种重要性所指不同：前者是意见，后者是关联，不宜以一种代替另一种。",
    "The two kinds of importance differ: one is an opinion, the other an association; neither replaces the other.",
)
_LOWEST = Text("表现最低的是{x}（{p}分）。", "Performance is lowest for {x} ({p} points).")


def of_importance(table: Table) -> tuple[Text, ...]:
    """What is named most, what has the largest coefficient, and what performs worst."""
    stated, derived = (ranked(lines(table), key) for key in ("stated", "coefficient"))
    if not derived:
        return ()
    largest, said = derived[-1], []
    if stated:
        most = stated[-1]
        first = _STATED.format(x=most.said("term"), s=most.said("stated"))
        second = _DERIVED.format(x=largest.said("term"), b=largest.said("coefficient"))
        said.append(Text(first.zh + second.zh, first.en + second.en))
        said.append(_BOTH if most.said("term") == largest.said("term") else _TWO)
    if worst := ranked(lines(table, "performance"), "performance")[:1]:
        said.append(_LOWEST.format(x=worst[0].said("term"), p=worst[0].said("performance")))
    return tuple(said)
