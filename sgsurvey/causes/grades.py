"""Evidence grades: the weakest link decides.

| grade | shortfall shown | coefficient from different respondents | coefficient from the same respondents | places |
| ----- | --------------- | -------------------------------------- | ------------------------------------- | ------ |
| A     | as B, and the checks of robustness passed (``checked``)                                                    |
| B     | yes             | above 0 after Holm                     | above 0 after Holm                    | >= 30  |
| C     | one of these two: shortfall, or same respondents; and different respondents above 0 after Holm  | >= 6   |
| D     | all else                                                                                                   |
| N     | 90 % interval of the disattenuated coefficient within +-0.1 (equivalence shown)                     | >= 30  |

A coefficient among the same people's answers never lifts a grade above D by itself: one leniency makes everything go
with everything.  With fewer than 30 places no estimator can tell the first cause from the second often enough, so that
the best is C, a lead; with fewer than 6, or no more than three for each driver, nothing is said.
"""

from __future__ import annotations

from typing import Literal

from sgsurvey.causes.township import MANY_PLACES
from sgsurvey.text import Text

Grade = Literal["A", "B", "C", "D", "N"]
LEVEL = 0.05
NEGLIGIBLE = 0.1
# Share of specifications with the same sign that grades A and B need, once robustness was examined.
ALWAYS, MOSTLY = 0.95, 0.80

GRADES: dict[Grade, Text] = {
    "A": Text("A（稳健）", "A (robust)"),
    "B": Text("B（一致）", "B (consistent)"),
    "C": Text("C（线索，待检验）", "C (lead, to be tested)"),
    "D": Text("D（尚不能判定）", "D (undecided)"),
    "N": Text("N（关联可忽略）", "N (negligible)"),
}
RULE = Text(
    "证据等级取最弱一环：B＝差距成立，同源与跨主体系数均为正（Holm校正后），且地点不少于30个；"
    "C＝跨主体系数为正（Holm校正后），另有差距或同源系数支持；D＝其余；N＝系数的90%区间在±0.1以内。"
    "A＝B且经稳健性检验：与最强的已测协变量同样强的未测因素不能使其失去显著性，且95%以上的设定同号（不足80%者降为C）。",
    "Grades follow the weakest link. B: shortfall shown, coefficient above 0 (after Holm) both among the same and "
    "among different respondents, at least 30 places. C: above 0 among different respondents (after Holm), and a "
    "shortfall or a coefficient among the same respondents. D: all else. N: 90 % interval of the coefficient within "
    "±0.1. A: as B, and no unmeasured factor as strong as the strongest measured one would take significance away, and "
    "95 % of specifications have the same sign (B needs 80 %).",
)


def grade(*, shortfall: bool, same: bool, different: bool, negligible: bool, places: int) -> tuple[Grade, Text]:
    """The grade of one driver, and its weakest link in words.

    Parameters
    ----------
    shortfall : bool
        The shortfall is shown to be larger than the smallest that matters.
    same, different : bool
        The coefficient is above 0 after Holm, among the same respondents and from different respondents.
    negligible : bool
        The coefficient from different respondents is shown to lie within ``NEGLIGIBLE`` of 0.
    places : int
        Places in the evidence from different respondents.
    """
    many = places >= MANY_PLACES
    if negligible and many:
        return "N", Text("关联小到可以忽略", "the association is negligible")
    if not different:
        return "D", Text("他人的评价不足以支持", "not supported by other informants")
    if not shortfall and not same:
        return "D", Text("差距与同源系数均未证实", "neither shortfall nor same-source coefficient shown")
    if many and shortfall and same:
        return "B", Text("尚未作稳健性检验", "robustness not checked")
    if not shortfall:
        return "C", Text("差距未证实", "shortfall not shown")
    if not same:
        return "C", Text("同源系数未证实", "same-source coefficient not shown")
    return "C", Text("地点只有{g}个", "only {g} places").format(g=places)


def checked(before: Grade, *, withstands: bool, same_sign: float) -> tuple[Grade, Text] | None:
    """What the checks of robustness make of a grade, with its weakest link; None where they change nothing.

    Parameters
    ----------
    before : Grade
    withstands : bool
        No confounder as strong as the strongest observed covariate would take significance away.
    same_sign : float
        Share of specifications with the same sign.
    """
    if before != "B":
        return None
    if same_sign < MOSTLY:
        return "C", Text("换一种设定，符号可能改变", "its sign changes with the specification")
    if same_sign < ALWAYS:
        return "B", Text("少数设定下符号改变", "its sign changes in a few specifications")
    if not withstands:
        return "B", Text("不敌一个较强的未测因素", "a strong unmeasured factor could account for it")
    return "A", Text("无", "none")
