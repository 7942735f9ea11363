"""What tables of gaps and of misperception say in words."""

from collections.abc import Mapping, Sequence

from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines
from sgsurvey.text import Text, listed

MOST_NAMED = 3
_COUNTS = Text(
    "共比较{k}项：有差距{g}项，看法一致{a}项，尚不能判定{u}项。",
    "Of {k} comparisons: gap {g}, agreement {a}, undecided {u}.",
)
_SMALL = Text("另有{s}项差距虽可辨别，但小到不重要。", "In {s} more a gap is shown that is too small to matter.")
_LARGEST = Text("差距最大的是{names}。", "The largest gaps: {names}.")
_OPEN_GAP = Text(
    "估计值最大、但尚不能判定的是{names}。", "The largest estimates, of which nothing can be decided: {names}."
)
_ONE = Text("{c}（{e}分，95%置信区间{i}，校正{p}）", "{c} ({e} points, 95% CI {i}, adjusted {p})")
_DESCRIBED = Text(
    "其中标有“仅描述”者，题目在两组中的含义未必相同。",
    "Those marked as description rest on items that may not mean the same in both groups.",
)


def of_gaps(table: Table, verdicts: Mapping[str, Text]) -> tuple[Text, ...]:
    """Verdicts counted, and the largest gaps with their intervals.

    ``verdicts`` are the words in the table; they may have a remark in brackets after them.
    """
    known = lines(table, "estimate")
    of = {name: [line for line in known if _is(line, words)] for name, words in verdicts.items()}
    counts = {"g": len(of["gap"]), "a": len(of["agreement"]), "u": len(of["undecided"])}
    said = [_COUNTS.format(k=len(known), **counts)] if len(known) > 1 else []
    if of["small gap"]:
        said.append(_SMALL.format(s=len(of["small gap"])))
    if of["gap"]:
        said.append(_LARGEST.format(names=listed(map(_one, _largest(of["gap"])))))
    elif of["undecided"]:
        said.append(_OPEN_GAP.format(names=listed(map(_one, _largest(of["undecided"])))))
    if any(words.en != line.said("verdict").en for name, words in verdicts.items() for line in of[name]):
        said.append(_DESCRIBED)
    return tuple(said)


def _is(line: Line, words: Text) -> bool:
    said = line.said("verdict").en
    return said == words.en or said.startswith(f"{words.en} (")


def _largest(found: Sequence[Line]) -> list[Line]:
    return sorted(found, key=lambda line: -abs(line.number("estimate") or 0.0))[:MOST_NAMED]


def _one(line: Line) -> Text:
    return _ONE.format(
        c=line.named("construct"), e=line.said("estimate"), i=line.said("conf_low:conf_high"), p=line.said("p_adjusted")
    )


_GUESSED = Text(
    "{g}估计满意者占{a}%，实际为{s}%，{side}{e}个百分点（95%置信区间{i}，校正{p}）。",
    "{g} guess that {a}% are satisfied; {s}% are: {side} by {e} percentage points (95% CI {i}, adjusted {p}).",
)
_HIGH, _LOW = Text("高估", "too high"), Text("低估", "too low")
_OPEN = Text(
    "{names}的估计偏高还是偏低，校正后尚不能判定（未校正的95%置信区间{intervals}）。",
    "Whether the guess of {names} is too high or too low cannot be decided after adjustment (95% CI before it: "
    "{intervals}).",
)


def of_misperception(table: Table) -> tuple[Text, ...]:
    """Who guesses too many or too few, by how much, and whose error cannot be told from zero."""
    known = lines(table, "estimate", "p_adjusted")
    wrong = [line for line in known if (line.number("p_adjusted") or 0.0) < ALPHA]
    rest = [line for line in known if line not in wrong]
    said = [
        _GUESSED.format(
            g=line.said("group"),
            a=line.said("guess"),
            s=line.said("actual"),
            side=_HIGH if (line.number("estimate") or 0.0) > 0 else _LOW,
            e=line.size("estimate"),
            i=line.said("conf_low:conf_high"),
            p=line.said("p_adjusted"),
        )
        for line in wrong
    ]
    if rest:
        intervals = listed(line.said("conf_low:conf_high") for line in rest)
        said.append(_OPEN.format(names=listed(line.said("group") for line in rest), intervals=intervals))
    return tuple(said)
