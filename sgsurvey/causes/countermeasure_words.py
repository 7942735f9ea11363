"""The words about problems, levers and pilots: what could be tested, never what would happen."""

from sgsurvey.causes.pilot import LEVEL, POWER
from sgsurvey.text import Text

MATCHED = Text(
    "有差距的方面{n}个，其中有研究所列且有依据的对策、可先行试点的{k}个。",
    "Aspects with a problem: {n}; those with a declared measure that has support and could be tested in a pilot: {k}.",
)
TEST = Text(
    "推广前先试点检验“{o}”{c}：若关联成立，{y}相差{d}分（95%置信区间{i}）。",
    "Test before roll-out: “{o}”{c}. {y} would differ by {d} points (95% CI {i}) if the association carried over.",
)
OF = Text("“{o}”：{size}。", "“{o}”: {size}.")
CONTROLLED = Text("（{c}）", " ({c})")
SIZE = Text(
    "要检出这一差异，试点每组须有{k}个单位、{n}人{beyond}",
    "a pilot that is to find this needs {k} places and {n} persons in each of two arms{beyond}",
)
BEYOND = Text(
    "，多于现有的{g}个单位；全部单位分作两组只能检出{m}分以上的差异",
    ", more than the {g} places there are; all of them in two arms would find a difference of {m} points",
)
NO_SIZE = Text("没有可供试点检出的正向差异", "there is no difference above 0 for a pilot to find")
UNSUPPORTED = Text("“{o}”：{s}。", "“{o}”: {s}.")
ENOUGH = {True: Text("够", "yes"), False: Text("不够", "no")}
MATRIX_NOTES = (
    Text(
        "问题见差距表，系数与等级见优先次序表，比例与名次见原因和对策的多选题表；等级为C及以上才称支持。",
        "Problems are those of the table of shortfalls, coefficients and grades those of the priorities, shares and "
        "ranks those of the two lists; grade C or better counts as support.",
    ),
    Text(
        "原因是受访者的意见，对策只取研究事先列出者；“—”为人数过少而不显示。",
        "Causes are opinions of respondents; measures are those that the study declared; — hides counts of few "
        "persons.",
    ),
)
LEVER_NOTES = (
    Text(
        "相差＝各问题因素的（作用分数与差距中较小者）×系数之和；作用分数与成本由研究事先声明。只是关联，不表示因果。",
        "Points: sum over the drivers that are a problem of coefficient × the smaller of declared points and "
        "shortfall; points and costs were declared by the study. An association, not a cause.",
    ),
    Text(
        "区间与概率和优先次序出自同一组重复抽样：刀切法，t分布；居首概率在所有触及问题的对策之间比较每单位成本的分数。",
        "Interval and probability come from the replicates of the priorities: jackknife with t; P(best) compares "
        "points per cost among all levers that move a problem.",
    ),
)
PILOT_NOTE = Text(
    f"以单位为整体随机分为两组，按单位均值作t检验：α＝{LEVEL:g}，功效{POWER:g}，自由度2(k−1)。",
    f"Whole places are assigned at random to two arms and place means compared by t: α = {LEVEL:g}, power {POWER:g}, "
    "2(k − 1) degrees of freedom.",
)
ASSUMED = Text(
    "取自本次调查，每位作答者计一次：标准差{sd}，组内相关{icc}，每单位{m}人（变异系数{cv}），设计效应{deff}。",
    "From this survey, each respondent counted once: SD {sd}, intraclass correlation {icc}, {m} persons per place "
    "(coefficient of variation {cv}), design effect {deff}.",
)
UNDECLARED = Text("研究未列入对策表、因而不作判断：{o}。", "Not in the study's table, so nothing is said of: {o}.")
AGREED = {
    "cause": Text(
        "各组对原因的排序：Kendall W = {w}。",
        "Agreement of the groups on what respondents name as causes: Kendall's W = {w}.",
    ),
    "lever": Text("各组对对策的排序：Kendall W = {w}。", "Agreement of the groups on measures: Kendall's W = {w}."),
}
