"""Claim levels: what a design allows to say, and the words each level may use."""

from typing import Literal

from sgsurvey.text import Text

ClaimLevel = Literal[0, 1, 2, 3]
StudyKind = Literal["cross_section", "panel", "difference_in_differences", "experiment"]

# The highest level a study's design can reach; a cross-section never goes beyond a candidate cause, and that only
# with a declared graph and the best grade (causes/ assigns it).
CEILING: dict[StudyKind, ClaimLevel] = {
    "cross_section": 2,
    "panel": 2,
    "difference_in_differences": 3,
    "experiment": 3,
}

NAMES: dict[ClaimLevel, Text] = {
    0: Text("描述", "description"),
    1: Text("关联", "association"),
    2: Text("可能原因（待验证）", "candidate cause (to be tested)"),
    3: Text("因果", "causal"),
}

VERBS: dict[ClaimLevel, Text] = {
    0: Text("得分为", "is rated"),
    1: Text("与……相关联", "is associated with"),
    2: Text("是……的可能原因（待验证）", "is a candidate cause of"),
    3: Text("影响", "affects"),
}
