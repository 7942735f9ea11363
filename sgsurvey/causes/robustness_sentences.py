"""What tables of robustness and of importance say in words."""

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines
from sgsurvey.text import Text

_CURVE = Text(
    "{x}：{k}种设定下系数的中位数为{m}，范围{r}，{s}同号；",
    "{x}: over {k} specifications the median coefficient is {m}, the range {r}, and {s} have the same sign; ",
)
_CONFOUNDER = Text(
    "未测因素与该因素、与结果的偏R²须都达到{v}才能使系数归零",
    "an unmeasured factor would need a partial R² of {v} with the driver and with the outcome to bring it to 0",
)
_BESIDE = Text("（最强的已测协变量{c}为{w}）", " (the strongest that was measured, {c}, has {w})")


def of_robustness(table: Table) -> tuple[Text, ...]:
    """For each driver what other choices give, and how strong a factor that nobody measured would have to be."""
    return tuple(_withstands(line) for line in lines(table, "estimate", "specifications", "rv"))


def _withstands(line: Line) -> Text:
    parts = [
        _CURVE.format(
            x=line.said("term"),
            k=line.said("specifications"),
            m=line.said("median"),
            r=line.said("lowest:highest"),
            s=line.said("same_sign"),
        ),
        _CONFOUNDER.format(v=line.said("rv")),
    ]
    if line.said("strongest").en:
        parts.append(_BESIDE.format(c=line.said("strongest"), w=line.said("strongest_r2")))
    return Text("".join(part.zh for part in parts) + "。", "".join(part.en for part in parts) + ".")


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
    stated, derived = lines(table, "stated"), lines(table, "coefficient")
    if not derived:
        return ()
    largest = max(derived, key=lambda line: line.number("coefficient") or 0.0)
    said = []
    if stated:
        most = max(stated, key=lambda line: line.number("stated") or 0.0)
        first = _STATED.format(x=most.said("term"), s=most.said("stated"))
        second = _DERIVED.format(x=largest.said("term"), b=largest.said("coefficient"))
        said.append(Text(first.zh + second.zh, first.en + second.en))
        said.append(_BOTH if most.said("term") == largest.said("term") else _TWO)
    worst = min(lines(table, "performance"), key=lambda line: line.number("performance") or 0.0)
    said.append(_LOWEST.format(x=worst.said("term"), p=worst.said("performance")))
    return tuple(said)
