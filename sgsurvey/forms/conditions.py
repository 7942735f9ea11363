"""Skip logic and limits in words, for paper, for people who set a tool by hand, and for the codebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isinf

from sgsurvey.forms.form import Form, number_words
from sgsurvey.questionnaire.model import Choice, Item, Questionnaire
from sgsurvey.text import Text

Referring = Callable[[Item], Text]
"""What a question is called: by its number, or by its name."""


def by_number(form: Form) -> Referring:
    """Questions called by the number they bear on ``form``."""
    return lambda item: Text(f"第{form.numbers[item.name]}题", f"question {form.numbers[item.name]}")


def by_name(item: Item) -> Text:
    """A question called by its column in the data."""
    return Text(item.name, item.name)


def condition_words(
    conditions: Mapping[str, tuple[int, ...]], questionnaire: Questionnaire, refer: Referring
) -> Text | None:
    """``第3题选“1. 是”`` / ``question 3 is "1. Yes"``, all conditions joined by "and"; None where there are none."""
    parts = [_one(questionnaire.item(name), codes, refer) for name, codes in conditions.items()]
    if not parts:
        return None
    return Text("，并且".join(part.zh for part in parts), " and ".join(part.en for part in parts))


def _one(item: Item, codes: tuple[int, ...], refer: Referring) -> Text:
    labels = [_labelled(item, code) for code in codes]
    zh = "或".join(f"“{label.zh}”" for label in labels)
    en = " or ".join(f'"{label.en}"' for label in labels)
    name = refer(item)
    if item.type in ("select_multiple", "rank"):
        return Text(f"{name.zh}选了{zh}", f"{name.en} includes {en}")
    verb = "选" if item.scale else "填"
    return Text(f"{name.zh}{verb}{zh}", f"{name.en} is {en}")


def _labelled(item: Item, code: int) -> Text:
    choice = next((c for c in item.scale.choices if c.code == code), None) if item.scale else None
    return Text(f"{code}. {choice.label.zh}", f"{code}. {choice.label.en}") if choice else Text(str(code), str(code))


def limits_words(item: Item) -> Text | None:
    """The numbers that ``item`` takes: ``1到20之间的整数`` / ``a whole number from 1 to 20``; None for other items."""
    if item.type not in ("integer", "decimal"):
        return None
    kind = Text("整数", "a whole number") if item.type == "integer" else Text("数", "a number")
    low, high = item.limits or (float("-inf"), float("inf"))
    if isinf(low) and isinf(high):
        return kind
    if isinf(high):
        return Text(f"不小于{number_words(low)}的{kind.zh}", f"{kind.en} of {number_words(low)} or more")
    if isinf(low):
        return Text(f"不大于{number_words(high)}的{kind.zh}", f"{kind.en} of {number_words(high)} or less")
    between = number_words(low), number_words(high)
    return Text(f"{between[0]}到{between[1]}之间的{kind.zh}", f"{kind.en} from {between[0]} to {between[1]}")


def no_answer_words(choices: tuple[Choice, ...]) -> Text | None:
    """What to write for no-answer: ``不知道填-8，拒答填-9`` / ``don't know: -8, refused: -9``; None without codes."""
    if not choices:
        return None
    return Text(
        "，".join(f"{c.label.zh}填{c.code}" for c in choices),
        ", ".join(f"{c.label.en[:1].lower()}{c.label.en[1:]}: {c.code}" for c in choices),
    )
