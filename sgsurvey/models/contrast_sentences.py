"""What marginal means, their contrasts and joint tests of a model say in words."""

from __future__ import annotations

from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, detailed, foot, lines, ranked
from sgsurvey.text import Text

JOINT = Text("联合检验", "Joint test")
_ENDS = "conf_low:conf_high"
_MEANS = Text(
    "{y}的边际均值最高的是{high}，最低的是{low}。", "The marginal mean of {y} is highest for {high}, lowest for {low}."
)
_EVENT = Text(
    "“{y} {e}”的概率最高的是{high}，最低的是{low}。",
    "The probability of {y} {e} is highest for {high}, lowest for {low}.",
)
_TOLD = Text("可与0区分的有{items}。", "Told from 0: {items}.")
_OPEN = Text("尚不能与0区分的有{items}。", "These data cannot tell from 0: {items}.")
_ALL = Text("全部合起来的检验：{f}。", "Of all together: {f}.")
_PARALLEL = Text(
    "平行线假定受到质疑的有{items}，同一斜率不适合所有阈值。",
    "One slope does not serve all thresholds for {items}.",
)
_PARALLEL_OPEN = Text(
    "{items}未见违背平行线假定的迹象，这不等于假定成立。",
    "No sign against parallel lines is found for {items}, which does not prove that they are.",
)


def of_means(table: Table, outcome: Text) -> tuple[Text, ...]:
    """Where the mean is highest and lowest; for categories the probability of the highest value."""
    found = lines(table, "estimate")
    if found and "event" in found[0].cells:
        event = found[-1].said("event")
        return _ends([line for line in found if line.said("event") == event], _EVENT, outcome, event)
    return _ends(found, _MEANS, outcome, outcome)


def _ends(found: list[Line], words: Text, outcome: Text, event: Text) -> tuple[Text, ...]:
    if len(found) < 2:
        return ()
    by_size = ranked(found, "estimate")
    high, low = (detailed([line], "cell", "estimate", _ENDS) for line in (by_size[-1], by_size[0]))
    return (words.format(y=outcome, e=event, high=high, low=low),)


def of_contrasts(table: Table, name: str = "contrast", p: str = "p_adjusted") -> tuple[Text, ...]:
    """Which differences are told from 0, which are undecided, and the test of all of them.

    Parameters
    ----------
    table : Table
    name, p : str
        The columns of names and of the p-values that decide.
    """
    found = lines(table, p)
    sides = {sure: [line for line in found if _small(line, p) == sure] for sure in (True, False)}
    keys = ("estimate", "odds_ratio", "odds_low:odds_high", _ENDS, p)
    said = [
        words.format(items=detailed(sides[sure], name, *keys))
        for sure, words in ((True, _TOLD), (False, _OPEN))
        if sides[sure]
    ]
    joint = foot(table, JOINT)
    if joint is not None and len(found) > 1 and "p" in joint.en:
        said.append(_ALL.format(f=joint))
    return tuple(said)


def _small(line: Line, p: str) -> bool:
    return (line.number(p) or 0.0) < ALPHA


def of_parallel_lines(table: Table) -> tuple[Text, ...]:
    """For which terms one slope does not serve all thresholds, and for which nothing speaks against it."""
    found = lines(table, "p_value")
    sides = {sure: [line for line in found if _small(line, "p_value") == sure] for sure in (True, False)}
    return tuple(
        words.format(items=detailed(sides[sure], "term", "statistic", "p_value"))
        for sure, words in ((True, _PARALLEL), (False, _PARALLEL_OPEN))
        if sides[sure]
    )
