"""The words for the models of the battery: what each is, what it can tell and what not."""

from __future__ import annotations

from typing import Literal

from sgsurvey.text import Text

Model = Literal[
    "pooled",
    "wild",
    "halo_control",
    "ordered",
    "random_intercept",
    "errors_in_variables",
    "within",
    "between",
    "difference",
    "cross_informant",
    "disattenuated",
    "records",
]
MODELS: dict[str, Text] = {
    "pooled": Text("合并回归（同一批受访者）", "Pooled regression (same respondents)"),
    "wild": Text("合并回归：野聚类自助检验", "Pooled regression, tested by the wild cluster bootstrap"),
    "halo_control": Text("合并回归，控制打分倾向", "Pooled regression, leniency held fixed"),
    "ordered": Text("有序Logit（同一批受访者）", "Ordered logit (same respondents)"),
    "random_intercept": Text("随机截距模型（同一批受访者）", "Random intercept of places (same respondents)"),
    "errors_in_variables": Text("校正因素的测量误差（同一批受访者）", "Errors in variables (same respondents)"),
    "within": Text("地点内（同一批受访者）", "Within places (same respondents)"),
    "between": Text("地点间（同一批受访者）", "Between places (same respondents)"),
    "difference": Text("地点间减地点内", "Between less within"),
    "cross_informant": Text("跨主体（他人评因素，本组评结果）", "Cross-informant (others rate the drivers)"),
    "disattenuated": Text("跨主体，校正测量误差", "Cross-informant, disattenuated"),
    "records": Text("地点客观资料（非自评）", "Facts of places (nobody rated them)"),
}
GROUP_MODEL = Text("{g}：{m}", "{g}: {m}")
TELLS: dict[str, Text] = {
    "pooled": Text(
        "合并回归：同一人既评因素又评结果，宽松或苛刻的打分会抬高所有系数；不能单独作为依据。",
        "Pooled: one person rates drivers and outcome, so lenient marking raises every coefficient: "
        "no evidence by itself.",
    ),
    "wild": Text(
        "野聚类自助：合并回归系数为0的检验，地点少时比CR2更可靠；t用不加校正的标准误（CR0），区间由检验反推。",
        "Wild cluster bootstrap: tests the pooled coefficients against 0, for few places; t with uncorrected errors "
        "(CR0), intervals by inverting the test.",
    ),
    "halo_control": Text(
        "控制打分倾向：合并回归加入受访者对标记变量的打分（没有时用其余各构念的均值）；系数若明显变小，"
        "合并回归中有一部分只是打分宽严。",
        "Leniency held fixed: the pooled regression with the respondent's marker (without one, the mean of the "
        "constructs not named here); where coefficients shrink, part of the pooled ones was lenient marking.",
    ),
    "ordered": Text(
        "有序Logit：结果按等级而非分值处理；单位不同——因素每差1分，答案高于量表中点的概率相差多少个百分点"
        "（平均边际效应），只与其他模型比较符号。",
        "Ordered logit: the outcome as ordered categories. Its unit is another: percentage points of the probability "
        "of an answer above the middle of the scale, per point of a driver (average marginal effects); only signs "
        "compare.",
    ),
    "random_intercept": Text(
        "随机截距：各地点有自己的水平，Kenward–Roger自由度；主要反映地点内的关联。",
        "Random intercept: each place has a level of its own, Kenward–Roger df; mostly the association within places.",
    ),
    "errors_in_variables": Text(
        "校正测量误差：按α系数去除因素的随机误差，每次剔除地点都重新估计；打分倾向等共同误差仍在。",
        "Errors in variables: random error of the drivers taken out by alpha, estimated again without each place; "
        "errors that the ratings share, such as leniency, stay.",
    ),
    "within": Text(
        "地点内：同一地点的人之间的差异，是个人经历与打分倾向之和，二者无法区分。",
        "Within places: differences between people of one place, own experience and leniency in one; not separable.",
    ),
    "between": Text(
        "地点间：各地点均值之间的差异，个人的打分倾向大多抵消，但一地一组共有的仍在。",
        "Between places: differences between means of places; leniency of persons averages out, that of a group "
        "does not.",
    ),
    "difference": Text(
        "地点间减地点内：不为0说明合并回归混合了两种不同的关联。",
        "Between less within: if not 0, the pooled coefficient mixes two different associations.",
    ),
    "cross_informant": Text(
        "跨主体：一组对结果的评价与其他各组对因素的评价相比，其中没有同一人的打分倾向；系数因测量误差偏小。",
        "Cross-informant: one group's outcome against the other groups' drivers; leniency plays no part, "
        "coefficients are attenuated.",
    ),
    "disattenuated": Text(
        "校正后的跨主体：用组间协方差去除各组自身的误差；地点多时才可用。",
        "Disattenuated: covariances between groups remove each group's own error; usable with many places only.",
    ),
    "records": Text(
        "客观资料：结果与行政记录或观察的关联，以地点间一个标准差为单位；不受打分倾向影响。",
        "Facts of places: outcome against records or observation, per standard deviation between places; "
        "free of leniency.",
    ),
}

# Heads of the table that sets the models side by side.
SHORT: dict[str, Text] = {
    "pooled": Text("合并", "Pooled"),
    "wild": Text("野聚类自助", "Wild bootstrap"),
    "halo_control": Text("控制打分倾向", "Leniency held"),
    "ordered": Text("有序Logit", "Ordered logit"),
    "random_intercept": Text("随机截距", "Random intercept"),
    "errors_in_variables": Text("误差校正", "Errors in variables"),
    "within": Text("地点内", "Within"),
    "between": Text("地点间", "Between"),
    "cross_informant": Text("跨主体", "Cross-informant"),
    "disattenuated": Text("跨主体校正", "Disattenuated"),
    "records": Text("客观资料", "Records"),
}
