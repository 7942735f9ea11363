"""What tables of coefficients say in words: which associations have a direction, and which are undecided."""

from __future__ import annotations

from collections.abc import Iterable

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, detailed, foot, lines, several
from sgsurvey.tables.words import HEADS
from sgsurvey.text import SEMICOLON, Text, listed

ODDS, SLOPE = "odds_ratio", "estimate"
INTERVAL = {ODDS: "odds_low:odds_high", SLOPE: "conf_low:conf_high"}
# What the inline text of a coefficient tells, as far as its table has it.
TOLD = (SLOPE, "conf_low:conf_high", ODDS, "odds_low:odds_high", "statistic", "p_value")

_GIVEN = Text("其他自变量相同时，", "With the other predictors held constant, ")
_SIDES = {
    1: Text("{given}与{y}呈正向关联的有{items}。", "{given}{y} is positively associated with {items}."),
    -1: Text("{given}与{y}呈负向关联的有{items}。", "{given}{y} is negatively associated with {items}."),
}
_MIXED = Text(
    "{given}与{y}呈正向关联的有{up}；呈负向关联的有{down}。",
    "{given}{y} is positively associated with {up}; and negatively with {down}.",
)
_OPEN = Text(
    "{items}与{y}的关联方向尚不能判定，{zero}两侧的取值都与数据相容。",
    "Whether {y} goes up or down with {items} cannot be decided: values on either side of {zero} are compatible with "
    "the data.",
)
_VARIES = Text(
    "乘积项{items}的区间不含{zero}，有关的关联随另一变量而有强弱之别。",
    "Associations differ in strength along the other variable of the product {items}.",
)
_VARYING = Text(
    "关联的强弱是否随另一变量而异尚不能判定，有关的乘积项为{items}。",
    "Whether associations differ in strength along the other variable of the product {items} cannot be decided.",
)
_HELD = Text(
    "乘积项所含变量自身的系数，是另一变量取0（中心化者取均值）时的斜率，不单独解读。",
    "The own coefficients of what stands in a product are slopes where the other variable is 0 (its mean where "
    "centred), and are not read by themselves.",
)
_TIMES = " × "  # between the labels of a product
_EXPLAINED = Text("模型的R²为{r}，调整后为{a}。", "R² of the model is {r}, adjusted {a}.")
_ODDS = Text(
    "优势比不是概率之比，概率相差多少见平均边际效应。",
    "An odds ratio is no ratio of probabilities; for these see the average marginal effects.",
)
_ALIKE = Text(
    "扣除自变量后，同组两人回答的组内相关（ICC）为{icc}。",
    "Beyond the predictors, two answers of one group correlate at {icc} (ICC).",
)
_REGRESSION = Text("以{y}为因变量，{said}。", "With {y} as the outcome, {said}.")
_PATHS = {
    True: Text("系数区间不含0的有{items}", "intervals leave out 0 for {items}"),
    False: Text("方向尚不能判定的有{items}", "the sign cannot be decided for {items}"),
}
_CORRECTED = Text(
    "校正信度后，系数的变化为：{items}。", "With the correction for unreliability coefficients change: {items}."
)
_FROM_TO = Text("{x}由{u}变为{b}", "{x} from {u} to {b}")


def associations(found: Iterable[Line], outcome: Text, *, alone: bool = False, key: str = SLOPE) -> tuple[Text, ...]:
    """Which lines lie on one side of what stands for no association, the strongest first, and which do not.

    Parameters
    ----------
    found : iterable of Line
        Slopes, named by ``term``.
    outcome : Text
    alone : bool
        There is one predictor.
    key : "estimate" or "odds_ratio"
    """
    ends, zero = INTERVAL[key], int(key == ODDS)
    strongest = sorted((line for line in found if line.limits(ends) and line.value(key) is not None), key=_strength)
    products = [line for line in strongest if _is_product(line)]
    held = {part for line in products for part in line.said("term").en.split(_TIMES)}
    slopes = [line for line in strongest if line not in products and line.said("term").en not in held]
    sides = {side: [line for line in slopes if line.side(ends, zero) == side] for side in (1, -1, 0)}
    told = {side: detailed(own, "term", key, ends, "p_value") for side, own in sides.items() if own}
    given = Text("", "") if alone else _GIVEN
    said = []
    if 1 in told and -1 in told:
        said.append(_MIXED.format(given=given, y=outcome, up=told[1], down=told[-1]))
    else:
        said += [_SIDES[side].format(given=given, y=outcome, items=told[side]) for side in (1, -1) if side in told]
    if 0 in told:
        said.append(_OPEN.format(y=outcome, items=told[0], zero=zero))
    for words, varies in ((_VARIES, True), (_VARYING, False)):
        if own := [line for line in products if bool(line.side(ends, zero)) == varies]:
            said.append(words.format(items=detailed(own, "term", key, ends, "p_value"), zero=zero))
    return (*said, _HELD) if len(slopes) + len(products) < len(strongest) else tuple(said)


def _strength(line: Line) -> float:
    """Order by standardised slopes, where there are any."""
    return -abs(line.number("beta") or 0.0) if "beta" in line.cells else 0.0


def _is_product(line: Line) -> bool:
    return _TIMES in line.said("term").en


def of_model(table: Table, outcome: Text, *, thresholds: int = 0) -> tuple[Text, ...]:
    """Associations of the predictors with the outcome, and how far the model goes.

    Parameters
    ----------
    table : Table
        With ``term``, and ``odds_ratio`` or ``estimate``; the first ``thresholds`` rows are none of the slopes.
    outcome : Text
    """
    key = ODDS if any(column.key == ODDS for column in table.columns) else SLOPE
    slopes = [line for line in lines(table)[thresholds:] if line.value("term") != HEADS["constant"]]
    said = list(associations(slopes, outcome, alone=len(slopes) == 1, key=key))
    r_squared, adjusted, icc = (foot(table, HEADS[head]) for head in ("r_squared", "adj_r_squared", "icc"))
    if said and key == ODDS:
        said.append(_ODDS)
    if r_squared and adjusted:
        said.append(_EXPLAINED.format(r=r_squared, a=adjusted))
    if icc:
        said.append(_ALIKE.format(icc=icc))
    return tuple(said)


def of_wild_bootstrap(table: Table, outcome: Text) -> tuple[Text, ...]:
    """Associations by intervals from few clusters; of several outcomes one after the other."""
    found = lines(table, "term")
    if not found or "outcome" not in found[0].cells:
        return associations(found, outcome, alone=len(found) == 1)
    outcomes = dict.fromkeys(line.said("outcome") for line in found)
    chain = {name: [line for line in found if line.said("outcome") == name] for name in outcomes}
    return tuple(said for name, own in chain.items() for said in associations(own, name, alone=len(own) == 1))


def of_errors_in_variables(table: Table, outcome: Text) -> tuple[Text, ...]:
    """Associations after the correction, and what it changes."""
    slopes = [line for line in lines(table, SLOPE) if line.value("term") != HEADS["constant"]]
    moved = [
        _FROM_TO.format(x=line.named("term"), u=line.said("uncorrected"), b=line.said(SLOPE))
        for line in slopes
        if (line.number("reliability") or 1.0) < 1
    ]
    change = (_CORRECTED.format(items=several(moved)),) if moved else ()
    return (*associations(slopes, outcome, alone=len(slopes) == 1), *change)


def of_margins(table: Table, outcome: Text) -> tuple[Text, ...]:
    """Associations of the predictors with the probability of the highest value."""
    found = lines(table, SLOPE)
    if not found:
        return ()
    highest = found[-1].said("event")
    own = [line for line in found if line.said("event") == highest]
    probability = Text("“{y} {e}”的概率", "the probability of {y} {e}").format(y=outcome, e=highest)
    return associations(own, probability, alone=len(own) == 1)


def of_paths(table: Table) -> tuple[Text, ...]:
    """The slopes of each regression of a chain whose intervals leave out 0, and those that are undecided."""
    ends = INTERVAL[SLOPE]
    slopes = [line for line in lines(table, SLOPE) if line.limits(ends) and line.value("term") != HEADS["constant"]]
    said = []
    for outcome in dict.fromkeys(line.heading for line in slopes):
        own = [line.alone() for line in slopes if line.heading == outcome]
        sides = {sure: [line for line in own if bool(line.side(ends)) == sure] for sure in _PATHS}
        parts = [
            words.format(items=detailed(sides[sure], "term", SLOPE, ends))
            for sure, words in _PATHS.items()
            if sides[sure]
        ]
        said.append(_REGRESSION.format(y=outcome, said=listed(parts, SEMICOLON)))
    return tuple(said)
