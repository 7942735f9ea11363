"""What tables of the number of factors say in words."""

from collections import Counter

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines, several
from sgsurvey.text import SEMICOLON, Text, listed

_COUNTS = Text(
    "与随机数据相比，平行分析支持主成分{a}个、公因子{b}个。",
    "Against chance, parallel analysis supports {a} component(s) and {b} common factor(s).",
)
_FIRST = Text(
    "第一个主成分的特征根为{x}，占总方差的{share}。",
    "The first component has eigenvalue {x} and {share} of all variance.",
)
_BOTH = Text(
    "两种个数不同，取舍还须看题项的内容和相邻个数的解。",
    "The two differ: content, and solutions of the neighbouring numbers, have to decide.",
)
_START = Text(
    "这是起点而不是结论，最终个数还须看解是否可以解释。",
    "This is where to start and not the verdict: whether the solution can be interpreted counts too.",
)


def of_eigenvalues(table: Table) -> tuple[Text, ...]:
    """How many components and factors are beyond chance, and the share of the first component."""
    found = lines(table, "eigenvalue")
    if not found:
        return ()
    a, b = (sum(bool(line.value(key)) for line in found) for key in ("retained", "factor_retained"))
    first = _FIRST.format(x=found[0].said("eigenvalue"), share=found[0].said("share"))
    return _COUNTS.format(a=a, b=b), first, _START if a == b else _BOTH


_SAY = Text("{k}条规则建议{m}个", "{k} rules say {m}")
_EVERY = Text("{n}条规则都建议保留{m}个因子。", "All {n} rules say {m}.")
_DIVIDED = Text("各规则的建议不一致：{counts}。", "The rules do not agree: {counts}.")
_APART = Text("与多数不同的是{names}。", "Those apart from the majority: {names}.")
_COMPARE = Text(
    "规则不一致，因子数尚不能由此确定，应比较相邻个数的解。",
    "The number cannot be decided from the rules: compare the solutions of neighbouring numbers.",
)


def of_rules(table: Table) -> tuple[Text, ...]:
    """What the rules say, most votes first, and which are apart."""
    found = lines(table, "number")
    votes = Counter(line.said("number") for line in found)
    if not votes:
        return ()
    if len(votes) == 1:
        return _EVERY.format(n=len(found), m=found[0].said("number")), _START
    said = [_DIVIDED.format(counts=listed((_SAY.format(k=k, m=m) for m, k in votes.most_common()), SEMICOLON))]
    if any(line.value("agrees") for line in found):
        said.append(_APART.format(names=several(line.said("rule") for line in found if not line.value("agrees"))))
    return (*said, _COMPARE)
