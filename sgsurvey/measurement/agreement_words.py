"""What tables of agreement say: names of coefficients, conventions, remarks."""

from sgsurvey.text import Text

COEFFICIENTS = {
    "agreement": Text("一致率", "Share of equal ratings"),
    "kappa": Text("Cohen κ", "Cohen's κ"),
    "kappa_linear": Text("加权κ（线性权重）", "Weighted κ (linear)"),
    "kappa_quadratic": Text("加权κ（平方权重）", "Weighted κ (quadratic)"),
    "fleiss": Text("Fleiss κ", "Fleiss' κ"),
    "krippendorff": Text("Krippendorff α", "Krippendorff's α"),
    "ICC1": Text("ICC(1)：单向随机，单个评价者", "ICC(1): one-way random, one rater"),
    "ICC2": Text("ICC(A,1)：双向随机，绝对一致，单个评价者", "ICC(A,1): two-way, agreement, one rater"),
    "ICC3": Text("ICC(C,1)：双向，相对一致，单个评价者", "ICC(C,1): two-way, consistency, one rater"),
    "ICC1k": Text("ICC(k)：单向随机，k人均值", "ICC(k): one-way random, mean of k"),
    "ICC2k": Text("ICC(A,k)：双向随机，绝对一致，k人均值", "ICC(A,k): two-way, agreement, mean of k"),
    "ICC3k": Text("ICC(C,k)：双向，相对一致，k人均值", "ICC(C,k): two-way, consistency, mean of k"),
}

OF_KAPPA = Text(
    "κ的区间用估计值的标准误，z检验用偶然一致假设下的标准误（Fleiss等，1969、1979）；两名以上评价者时取各对κ的均值。",
    "Intervals of κ from the error of the estimate, z from its error under chance agreement (Fleiss et al. 1969, "
    "1979); with more than two raters, the mean over their pairs.",
)
OF_ICC = Text(
    "ICC(1)、ICC(A,·)、ICC(C,·)即Shrout和Fleiss（1979）的第1、2、3类；区间按McGraw和Wong（1996）。",
    "ICC(1), ICC(A,·) and ICC(C,·) are cases 1, 2 and 3 of Shrout and Fleiss (1979); intervals of McGraw and Wong "
    "(1996).",
)
# What needs the ratings of every rater.
OF_ALL = {"nominal": COEFFICIENTS["fleiss"], "interval": Text("ICC", "ICC"), "ratio": Text("ICC", "ICC")}
NOTES = {"nominal": OF_KAPPA, "ordinal": OF_KAPPA, "interval": OF_ICC, "ratio": OF_ICC}

REMARKS = {
    "incomplete": Text(
        "{of}只用全部评价者都评价过的{n}个对象；其余系数用至少两人评价过的对象。",
        "{of}: of the {n} subjects that every rater rated; the other coefficients of all that two or more rated.",
    ),
    "too_few": Text(
        "全部评价者都评价过的对象不足两个，{of}无法计算。",
        "Fewer than two subjects were rated by every rater, not computed: {of}.",
    ),
    "no_chance": Text(
        "有{n}对评价者的全部评价落在同一类，κ无法计算，未计入均值。",
        "{n} pair(s) of raters used one category alone: without a κ, and not in the mean.",
    ),
    "constant": Text(
        "所有评价相同，没有差异可供一致性系数衡量。", "All ratings are equal: coefficients have nothing to weigh."
    ),
    "undrawn": Text(
        "{draws}次重抽样中有{lost}次评价全部相同，未计入区间。",
        "{lost} of {draws} resamples held equal ratings alone and are not in the interval.",
    ),
    "unseeded": Text(
        "未给种子（seed），Krippendorff α没有区间。", "Without a seed there is no interval of Krippendorff's α."
    ),
    "few": Text(
        "只有{n}个对象，区间很宽，渐近标准误不可靠。",
        "{n} subjects only: intervals are wide, and asymptotic errors not to be relied on.",
    ),
}
