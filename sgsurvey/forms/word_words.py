"""The fixed words of a paper form."""

from sgsurvey.text import Language, Text

OFFICE = (Text("录入员一", "Keyed by (1)"), Text("录入员二", "Keyed by (2)"), Text("核对", "Checked by"))
HOW_TO = Text(
    "填写方法：在所选答案前的□里打√；横线上写数字或文字。答案前的数字是编号，请不要改动。",
    "How to answer: tick the box before your answer; write numbers or words on the lines. The number before an answer "
    "is its code: leave it as it is.",
)
SHORT = Text("短卷", "short form")
END = Text("问卷到此结束，谢谢您！", "This is the end of the form. Thank you.")
DATE = Text("________年____月____日", "________ - ____ - ____ (year-month-day)")
PAGES: dict[Language, tuple[str, str, str]] = {"zh": ("第", "页　共", "页"), "en": ("Page ", " of ", "")}
SHUFFLED = Text(
    "纸上的选项只有一种顺序；如要随机，请印几种顺序的版本，轮流发放，并记下版本。",
    "Paper shows the options in one order; to vary it, print versions in several orders, hand them out in turn, and "
    "note the version.",
)
BY_LOT = Text(
    "每份问卷出示的数（{values}）由工作人员在访问前抽签勾选，并抄到题目的横线上。",
    "The number that each form shows ({values}) is drawn by lot before the interview, ticked, and copied onto the "
    "line in the question.",
)
_DIGITS = "零一二三四五六七八九"


def section_number(number: int, language: Language) -> str:
    """``十二、`` or ``L. ``: the number of a section."""
    if language == "en":
        return f"{_letters(number)}. "
    tens, ones = divmod(number, 10)
    return f"{_DIGITS[tens] if tens > 1 else ''}{'十' if tens else ''}{_DIGITS[ones] if ones else ''}、"


def _letters(number: int) -> str:
    """A … Z, AA …: as columns of a sheet are called."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
