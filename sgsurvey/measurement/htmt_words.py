"""The words of heterotrait-monotrait ratios: verdicts, conventions, how intervals were had, what stands in the way."""

from __future__ import annotations

import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.measurement.factor_sample import FactorSample
from sgsurvey.measurement.ratio_intervals import IntervalKind
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text

AXIS = Text("HTMT及{level}%置信区间（竖线：0.90）", "HTMT with {level}% CI (line: .90)")
VERDICTS = {
    "distinct": Text("可区分", "distinct"),
    "unclear": Text("不能判定", "unclear"),
    "not distinct": Text("不可区分", "not distinct"),
}
CUT_OFF = Text(
    "参考标准：HTMT的区间全在0.90以下为可区分（Henseler等，2015；概念上较远时用0.85）；HTMT假定同一维度各题τ等价，"
    "HTMT2不要求（Roemer等，2021）。题项间相关取绝对值，维度内相关须为正。",
    "Convention: distinct when the whole interval of HTMT is below .90 (Henseler et al. 2015; .85 for constructs "
    "further apart). HTMT takes the items of a construct as tau-equivalent, HTMT2 does not (Roemer et al. 2021). "
    "Correlations between constructs in absolute value; those within must be positive.",
)


def interval_notes(found: FactorSample, used: IntervalKind | None, draws: int, seed: int | None) -> list[Text]:
    """How intervals were had; ``used`` None: there are none."""
    if used is None:
        return [Text("样本量未知，没有区间。", "Without the number of rows there are no intervals.")]
    if used == "delta":
        if found.answers is None:
            return [
                Text(
                    "区间：正态假定的Delta法，对数尺度。", "Intervals: delta method for normal rows, on the logarithm."
                )
            ]
        if not found.answers.design.is_simple:
            words = Text("区间依据抽样设计，对数尺度。", "Intervals under the design, on the logarithm.")
            return [words, *design_notes(found.answers.design)]
        return [
            Text(
                "区间：Delta法（影响值），对数尺度。", "Intervals: delta method by influence values, on the logarithm."
            )
        ]
    kind = {"percentile": Text("百分位法", "percentiles"), "bca": Text("BCa法", "BCa")}[used]
    return [
        Text(
            "区间：自助法{draws}次，{kind}，种子{seed}。", "Intervals: {draws} bootstrap draws, {kind}, seed {seed}."
        ).format(draws=draws, kind=kind, seed=str(seed))
    ]


def ratio_remarks(frame: pd.DataFrame, failed: int, draws: int) -> list[Text]:
    """What stands in the way of a ratio."""
    said = []
    for kind, why in (("htmt", MEAN_NEGATIVE), ("htmt2", ONE_NEGATIVE)):
        pairs = [
            f"{a}–{b}" for a, b, value in frame[["construct", "other", kind]].itertuples(index=False) if value != value
        ]
        if pairs:
            said.append(why.format(pairs=Text("、".join(pairs), ", ".join(pairs))))
    if failed:
        share = in_prose(failed / draws, "percent", 1)
        said.append(
            Text(
                "{share}的自助样本中有比率无法计算，未计入区间。", "In {share} of the draws a ratio could not be had."
            ).format(share=share)
        )
    return said


MEAN_NEGATIVE = Text(
    "维度内平均相关不为正，HTMT无法计算，请核对计分方向：{pairs}。",
    "The mean correlation within a construct is not positive, no HTMT; check the key: {pairs}.",
)
ONE_NEGATIVE = Text(
    "维度内有不为正的相关，HTMT2无法计算：{pairs}。",
    "A correlation within a construct is not positive, no HTMT2: {pairs}.",
)
