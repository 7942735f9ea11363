"""What tables of robustness say in words."""

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
