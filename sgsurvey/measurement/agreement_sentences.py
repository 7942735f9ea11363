"""What tables of agreement, of raters and of coders, say in words."""

from collections.abc import Sequence

from sgsurvey.measurement.agreement_words import COEFFICIENTS
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.text import Text, same

KAPPAS = {
    "kappa_quadratic": Text("平方加权κ", "κ with quadratic weights"),
    "fleiss": COEFFICIENTS["fleiss"],
    "kappa": COEFFICIENTS["kappa"],
}
_EQUAL = Text("评价相同的比例为{x}。", "The share of equal ratings is {x}.")
_BEYOND = Text(
    "扣除偶然一致后，{k}为{x}{o}。",
    "Corrected for chance, {k} is {x}{o}.",
)
_KRIPPENDORFF = Text("，Krippendorff α为{a}", ", and Krippendorff's α {a}")
_ALPHA = Text("Krippendorff α为{a}。", "Krippendorff's α is {a}.")
_CHANCE = Text(
    "{k}的区间包含0，评价者的一致是否超出偶然，尚不能判定。",
    "The interval of {k} includes 0: whether raters agree beyond chance cannot be decided.",
)
_BETTER = Text(
    "{k}的区间在0以上：一致超出偶然，但这还不等于一致程度足够高。",
    "The interval of {k} lies above 0: they agree beyond chance, which does not yet say that they agree enough.",
)
_ONE = Text(
    "单个评价者的绝对一致性ICC(A,1)为{x}。",
    "ICC(A,1), the absolute agreement of one rater, is {x}.",
)
_MEAN = Text(
    "{k}名评价者均值的ICC(A,k)为{x}，只在以均值为结果时适用。",
    "ICC(A,k), that of the mean of {k} raters, is {x}; it applies where the mean is what is used.",
)


def of_agreement(table: Table) -> tuple[Text, ...]:
    """Equal ratings, then the coefficient of the level with its interval, against chance."""
    words = {text: name for name, text in COEFFICIENTS.items()}
    found = {words[text]: line for line in lines(table, "estimate") if (text := line.said("coefficient")) in words}
    if "ICC2" in found:
        return _of_intraclass(found["ICC2"], found.get("ICC2k"))
    said = [_EQUAL.format(x=found["agreement"].said("estimate"))] if "agreement" in found else []
    alpha = found.get("krippendorff")
    shown = "" if alpha is None else alpha.sized("estimate", "conf_low:conf_high")
    kappa = next((name for name in KAPPAS if name in found), None)
    if kappa is not None:
        other = Text("", "") if alpha is None else _KRIPPENDORFF.format(a=shown)
        size = found[kappa].sized("estimate", "conf_low:conf_high")
        said.append(_BEYOND.format(k=KAPPAS[kappa], x=size, o=other))
        said += _against_chance(found[kappa], same("κ"))
    elif alpha is not None:
        said += [_ALPHA.format(a=shown), *_against_chance(alpha, same("α"))]
    return tuple(said)


def _of_intraclass(one: Line, mean: Line | None) -> tuple[Text, ...]:
    said = [_ONE.format(x=one.sized("estimate", "conf_low:conf_high"))]
    if mean is not None:
        said.append(_MEAN.format(k=mean.said("raters"), x=mean.sized("estimate", "conf_low:conf_high")))
    return (*said, *_against_chance(one, same("ICC(A,1)")))


def _against_chance(line: Line, coefficient: Text) -> list[Text]:
    if line.limits("conf_low:conf_high") is None or (line.number("estimate") or 0.0) <= 0:
        return []
    return [(_CHANCE if line.holds("conf_low:conf_high") else _BETTER).format(k=coefficient)]


_PAIR = Text("{a}与{b}评价相同的占{x}。", "{a} and {b} gave equal ratings to {x} of the subjects.")
_PAIRS = Text(
    "两两之间评价相同的占{low}至{high}，最低的是{a}与{b}，最高的是{c}与{d}。",
    "Between {low} and {high} of the ratings of two raters are equal: the fewest those of {a} and {b}, the most those "
    "of {c} and {d}.",
)


def of_pairs(table: Table) -> tuple[Text, ...]:
    """The pairs of raters that agree least and most."""
    known = ranked(lines(table), "agreement")
    if not known:
        return ()
    low, high = known[0], known[-1]
    names = {"a": low.said("rater_1"), "b": low.said("rater_2"), "c": high.said("rater_1"), "d": high.said("rater_2")}
    if len(known) == 1:
        return (_PAIR.format(x=low.said("agreement"), **names),)
    return (_PAIRS.format(low=low.said("agreement"), high=high.said("agreement"), **names),)


_MAIN = Text(
    "{d}：主要意思的编码有{x}相同，κ为{k}。",
    "{d}: coders gave {x} of the answers the same main idea; κ is {k}.",
)
_LOWEST = Text("各编码中κ最低的是{code}，为{k}。", "Of the codes the lowest κ is that of {code}, {k}.")
_UNSURE = Text(
    "区间包含0、一致是否超出偶然尚不能判定的有{names}。",
    "The interval includes 0, so that agreement beyond chance cannot be decided, for {names}.",
)
_EMPTY = Text(
    "编码员对全部回答给出相同编码、无从计算κ的有{names}。",
    "Coders gave every answer the same, so that there is no κ, for {names}.",
)


def of_coders(table: Table, main: Text) -> tuple[Text, ...]:
    """Agreement on the main idea of each dimension, then the codes that are worst and those that cannot be judged.

    ``main`` is the word of the rows of main ideas.
    """
    every = lines(table, "agreement")
    ideas = [line for line in every if line.said("label") == main]
    codes = [line for line in every if line.said("label") != main]
    said = [
        _MAIN.format(d=line.heading, x=line.said("agreement"), k=line.sized("kappa", "kappa_low:kappa_high"))
        for line in ideas
        if line.value("kappa") is not None
    ]
    if by_kappa := ranked(codes, "kappa"):
        size = by_kappa[0].sized("kappa", "kappa_low:kappa_high")
        said.append(_LOWEST.format(code=_in_group(by_kappa[0], ideas), k=size))
    for words, some in (
        (_UNSURE, [line for line in codes if line.holds("kappa_low:kappa_high")]),
        (_EMPTY, [line for line in codes if line.number("agreement") == 1 and line.value("kappa") is None]),
    ):
        if some:
            said.append(words.format(names=several(_in_group(line, ideas) for line in some)))
    return tuple(said)


def _in_group(line: Line, ideas: Sequence[Line]) -> Text:
    """The code; after its dimension where there are several."""
    return line.said("label") if len(ideas) == 1 else line.named("label")
