"""What a table of shortfalls says in words."""

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines
from sgsurvey.text import Text, listed

MOST_NAMED = 3
_COUNTS = Text(
    "共{k}项判断：确有差距{p}项，无明显差距{o}项，尚不能判定{u}项。",
    "Of {k} judgements: problem {p}, no problem {o}, undecided {u}.",
)
_LARGEST = Text("差距最大的是{names}。", "The largest shortfalls shown: {names}.")
_ONE = Text("{c}（{e}分，90%置信区间{i}，校正{p}）", "{c} ({e} points, 90% CI {i}, adjusted {p})")
_UNDECIDED = Text(
    "尚不能判定的各项，区间中既有不重要的差距、也有重要的差距。",
    "Where nothing is decided the interval holds shortfalls that matter as well as such that do not.",
)
_HALF = Text("低于量表中点者最多的是{c}（{s}）。", "The largest share below the midpoint is that of {c}: {s}.")


def of_shortfall(table: Table, problem: Text, none: Text, undecided: Text) -> tuple[Text, ...]:
    """Verdicts counted, the largest problems with their intervals, and the largest share below the midpoint.

    ``problem``, ``none`` and ``undecided`` are the words of the verdicts in the table.
    """
    known = lines(table, "estimate")
    of = {
        verdict: [line for line in known if line.value("verdict") == verdict] for verdict in (problem, none, undecided)
    }
    counts = _COUNTS.format(k=len(known), p=len(of[problem]), o=len(of[none]), u=len(of[undecided]))
    said = [counts] if len(known) > 1 else []
    if of[problem]:
        largest = sorted(of[problem], key=lambda line: -(line.number("estimate") or 0.0))[:MOST_NAMED]
        said.append(_LARGEST.format(names=listed(map(_one, largest))))
    if of[undecided]:
        said.append(_UNDECIDED)
    if below := lines(table, "below_midpoint"):
        most = max(below, key=lambda line: line.number("below_midpoint") or 0.0)
        said.append(_HALF.format(c=most.named("construct"), s=most.said("below_midpoint")))
    return tuple(said)


def _one(line: Line) -> Text:
    return _ONE.format(
        c=line.named("construct"),
        e=line.said("estimate"),
        i=line.said("conf_low:conf_high"),
        p=line.said("p_problem_adjusted"),
    )
