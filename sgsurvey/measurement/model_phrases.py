"""Phrases that sentences on several kinds of model share: a sign that is open, and what arrows mean."""

from sgsurvey.text import Text

UNDECIDED = Text(
    "区间包含0、方向尚不能判定的是{names}。",
    "The interval includes 0, so that the sign cannot be decided, for {names}.",
)
ASSUMED = Text(
    "箭头是模型的设定，系数只表示关联。", "Arrows are what the model assumes; coefficients show association."
)
