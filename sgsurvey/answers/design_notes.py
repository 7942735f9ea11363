"""How standard errors were had, in a note under every table that estimates the population."""

from __future__ import annotations

from sgsurvey.answers.design import Design
from sgsurvey.text import Text, listed

SIMPLE = Text("标准误按简单随机样本计算。", "Standard errors as for a simple random sample.")
LINEARISED = Text(
    "标准误按抽样设计（{parts}）线性化计算", "Standard errors by linearisation under the design ({parts})"
)
REPLICATED = Text("标准误由{n}组{kind}重复权数计算。", "Standard errors from {n} sets of {kind} replicate weights.")
UNEQUAL = {
    "brewer": Text("不等概率，Brewer近似", "unequal probabilities, Brewer's approximation"),
    "hartley_rao": Text("不等概率，Hartley–Rao近似", "unequal probabilities, Hartley and Rao's approximation"),
    "overton": Text("不等概率，Overton近似", "unequal probabilities, Overton's approximation"),
    "joint": Text("不等概率，联合入样概率", "unequal probabilities, joint probabilities"),
}
LONELY = {
    "adjust": Text(
        "只有一个单位的层与全部单位的均值比较", "strata of a single unit compared with the mean of all units"
    ),
    "average": Text("只有一个单位的层取其他层的平均", "strata of a single unit given the average of the others"),
    "certainty": Text("只有一个单位的层视为必然入样", "strata of a single unit taken as drawn with certainty"),
}


def design_notes(design: Design) -> tuple[Text, ...]:
    """The notes, in order: the method, then what was done to the weights."""
    made = tuple(calibration.label for calibration in design.calibrations)
    if design.replicates is not None:
        found = design.replicates
        return (REPLICATED.format(n=found.weights.shape[1], kind=found.kind), *made)
    parts = [
        (design.weights, Text("权数", "weights")),
        (design.strata, Text("层", "strata")),
        (design.clusters, Text("群", "clusters")),
        (design.stages, Text(f"{1 + len(design.stages)}级抽样", f"{1 + len(design.stages)} stages")),
        (design.pps, UNEQUAL[design.pps.method] if design.pps else Text("", "")),
        (
            design.populations if design.pps is None else design.populations[1:],
            Text("有限总体校正", "finite population correction"),
        ),
    ]
    named = [words for given, words in parts if given]
    if not named:
        return (SIMPLE, *made)
    note = LINEARISED.format(parts=listed(named))
    more = LONELY.get(design.lonely) if design.strata else None
    ending = Text(f"；{more.zh}。", f"; {more.en}.") if more else Text("。", ".")
    return (Text(note.zh + ending.zh, note.en + ending.en), *made)
