"""Rules about constructs, scales and codes."""

import re
from collections.abc import Iterator

from sgsurvey.questionnaire.definitions import Number, SelectMany
from sgsurvey.questionnaire.draft import Asked, Draft, Rule
from sgsurvey.questionnaire.fault import Fault, codes_known, found, meant
from sgsurvey.questionnaire.model import CODED, CUSTOMARY

SCORED = frozenset({"reflective", "index", "marker"})


def constructs_exist(draft: Draft) -> Iterator[Fault]:
    """An item names a construct that is defined."""
    known = [c.name for c in draft.constructs]
    for question in draft.questions:
        name = question.construct
        if name and name not in known and name not in draft.broken:
            yield found(
                question.place,
                (
                    f"'{question.name}'的构念'{name}'没有定义。",
                    f"'{question.name}' names the construct '{name}', which is not defined.",
                ),
                meant(name, known),
            )


def constructs_have_items(draft: Draft) -> Iterator[Fault]:
    """A construct has items, and a reflective one at least two."""
    for construct in draft.constructs:
        items = _items_of(draft, construct.name)
        needed = 2 if construct.value.kind == "reflective" else 1
        if len(items) < needed and not draft.broken:
            yield found(
                construct.place,
                (
                    f"构念'{construct.name}'只有{len(items)}题，至少要{needed}题。",
                    f"the construct '{construct.name}' has {len(items)} item(s) and needs at least {needed}.",
                ),
                (
                    "请在题目中写 construct: "
                    + construct.name
                    + ("，或改为 kind: single。" if needed == 2 else "，或删去它。"),
                    f"Write construct: {construct.name} at its items, or "
                    + ("say kind: single." if needed == 2 else "remove it."),
                ),
            )


def scored_items_share_a_scale(draft: Draft) -> Iterator[Fault]:
    """A mean over items makes sense only when all have the same lowest and highest value."""
    for construct in draft.constructs:
        if construct.value.kind not in SCORED:
            continue
        limits = {q.name: _limits(draft, q) for q in _items_of(draft, construct.name)}
        known = {name: pair for name, pair in limits.items() if pair is not None}
        if len(set(known.values())) > 1:
            listed = ", ".join(f"{name} {low:g}-{high:g}" for name, (low, high) in known.items())
            yield found(
                construct.place,
                (
                    f"构念'{construct.name}'的题目量程不同：{listed}。",
                    f"the items of '{construct.name}' have different limits: {listed}.",
                ),
                (
                    "请用同一选项表，或改为 kind: list 或 single。",
                    "Give them one list of choices, or say kind: list or single.",
                ),
            )


def at_least_fits(draft: Draft) -> Iterator[Fault]:
    """No more items are demanded for a score than there are."""
    for construct in draft.constructs:
        wanted, have = construct.value.at_least, len(_items_of(draft, construct.name))
        if isinstance(wanted, int) and have and wanted > have and not draft.broken:
            yield found(
                construct.place,
                (
                    f"at_least 是{wanted}，但'{construct.name}'只有{have}题。",
                    f"at_least is {wanted}, but '{construct.name}' has {have} items.",
                ),
                ("请改小。", "Make it smaller."),
            )


def reverse_agrees_with_the_name(draft: Draft) -> Iterator[Fault]:
    """``reverse:`` alone decides the keying; an R after the number (FUN4R) is a hint that must not contradict it."""
    marked = re.compile(r".*\d[Rr]")
    reversed_items = [q for q in draft.questions if q.reverse]
    for question in draft.questions:
        if marked.fullmatch(question.name) and question.construct and not question.reverse:
            yield found(
                question.place,
                (
                    f"'{question.name}'以R结尾，却没有 reverse: true。",
                    f"'{question.name}' ends in R and is not reversed.",
                ),
                ("请加上 reverse: true，或去掉名称末尾的R。", "Add reverse: true, or take the R off its name."),
            )
    if any(marked.fullmatch(q.name) for q in reversed_items):
        for question in reversed_items:
            if not marked.fullmatch(question.name):
                yield found(
                    question.place,
                    (
                        f"'{question.name}'是反向题，名称却不以R结尾。",
                        f"'{question.name}' is reversed, but its name does not end in R as others do.",
                    ),
                    ("请核对；收数据前可改名。", "Check it; rename it before data come."),
                    "warning",
                )


def reversed_items_have_a_scale(draft: Draft) -> Iterator[Fault]:
    """Only an item that measures something can be reversed."""
    for question in draft.questions:
        if question.reverse and not question.construct:
            yield found(
                question.place,
                (
                    f"'{question.name}'是反向题，却不属于任何构念。",
                    f"'{question.name}' is reversed, but measures no construct.",
                ),
                ("请写明 construct，或删去 reverse。", "Name its construct, or remove reverse."),
            )


def checks_are_sound(draft: Draft) -> Iterator[Fault]:
    """An attention check asks for a code of its list, and belongs to no construct."""
    for question in draft.questions:
        check = getattr(question.value, "check", None)
        codes = draft.codes(question.choices)
        if check is not None and codes and (check not in codes or codes[check].missing):
            yield found(
                question.place,
                (
                    f"'{question.name}'要求的代码{check}不在选项表'{question.choices}'中。",
                    f"'{question.name}' asks for code {check}, which the list '{question.choices}' does not have.",
                ),
                codes_known(codes),
            )
        if check is not None and question.construct:
            yield found(
                question.place,
                (
                    f"注意力检测题'{question.name}'不能属于构念。",
                    f"the attention check '{question.name}' cannot belong to a construct.",
                ),
                ("请删去 construct。", "Remove its construct."),
            )


def lists_of_choices_exist(draft: Draft) -> Iterator[Fault]:
    """A coded question names a list of choices that is defined."""
    known = [c.name for c in draft.choices]
    for question in draft.questions:
        name = question.choices
        if question.type in CODED and name and name not in known and name not in draft.broken:
            yield found(
                question.place,
                (
                    f"'{question.name}'的选项表'{name}'没有定义。",
                    f"'{question.name}' names the list of choices '{name}', which is not defined.",
                ),
                meant(name, known),
            )


def ratings_have_a_scale(draft: Draft) -> Iterator[Fault]:
    """A list has at least two answers, and a rating's codes rise by one."""
    for choices in draft.choices:
        codes = [code for code, entry in choices.value.items() if entry.missing is None]
        rated = any(q.type == "rating" and q.choices == choices.name for q in draft.questions)
        if len(codes) < 2:
            yield found(
                choices.place,
                (
                    f"选项表'{choices.name}'只有{len(codes)}个有效选项。",
                    f"the list '{choices.name}' has {len(codes)} valid choice(s).",
                ),
                ("请至少给两个。", "Give at least two."),
            )
        elif rated and sorted(codes) != list(range(min(codes), max(codes) + 1)):
            gaps = sorted(set(range(min(codes), max(codes) + 1)) - set(codes))[:5]
            yield found(
                choices.place,
                (f"量表'{choices.name}'缺少代码{gaps}。", f"the rating scale '{choices.name}' lacks the codes {gaps}."),
                (
                    "量表代码应逐一递增；无回答请写 missing: dont_know。",
                    "Codes of a rating rise by one; mark a no-answer with missing: dont_know.",
                ),
            )


def missing_codes_are_no_answers(draft: Draft) -> Iterator[Fault]:
    """A code for no-answer is not at the same time an answer of the question."""
    study_wide = dict(draft.head.missing) if draft.head else {}
    for code, entry in study_wide.items():
        if entry.missing is None and code not in CUSTOMARY:
            yield found(
                draft.head_place("missing"),
                (f"无回答代码{code}没有说明是哪一种。", f"the missing code {code} does not say which kind it is."),
                (
                    "请写 missing: dont_know、refused 或 not_applicable。",
                    "Add missing: dont_know, refused or not_applicable.",
                ),
            )
    for question in draft.questions:
        own = getattr(question.value, "missing", {})
        codes = draft.codes(question.choices)
        for code in (*study_wide, *own):
            answer = code in codes and codes[code].missing is None
            if answer or _allows(question, code):
                yield found(
                    question.place,
                    (
                        f"代码{code}在'{question.name}'中既是无回答又是答案。",
                        f"code {code} is both a no-answer and an answer of '{question.name}'.",
                    ),
                    ("请换一个不会是答案的代码，如-8。", "Choose a code that cannot be an answer, such as -8."),
                )


def _allows(question: Asked, code: int) -> bool:
    """Whether a number question takes ``code`` as an answer; one without limits allows no negative number."""
    value = question.value
    if not isinstance(value, Number):
        return False
    low = value.min if value.min is not None else 0
    return low <= code and (value.max is None or code <= value.max)


def limits_are_in_order(draft: Draft) -> Iterator[Fault]:
    """``min`` is below ``max``, and no more can be picked than there are choices."""
    for question in draft.questions:
        value = question.value
        if isinstance(value, Number) and value.min is not None and value.max is not None and value.min >= value.max:
            yield found(
                question.place,
                (f"'{question.name}'的 min 不小于 max。", f"'{question.name}' has a min that is not below its max."),
                ("请对调或改正。", "Swap or correct them."),
            )
        valid = sum(entry.missing is None for entry in draft.codes(question.choices).values())
        if isinstance(value, SelectMany) and value.max is not None and valid and value.max > valid:
            yield found(
                question.place,
                (
                    f"'{question.name}'最多选{value.max}项，却只有{valid}个选项。",
                    f"'{question.name}' lets {value.max} be picked of {valid} choices.",
                ),
                ("请改小 max。", "Make max smaller."),
            )


def assigned_values_are_shown(draft: Draft) -> Iterator[Fault]:
    """A label shows ``{assigned}`` where, and only where, a value is assigned."""
    for question in draft.questions:
        assigned = bool(getattr(question.value, "assign", ()))
        for said in (question.value.label.zh, question.value.label.en):
            if said and ("{assigned}" in said) != assigned:
                yield found(
                    question.place,
                    (
                        f"'{question.name}'的 assign 与文字中的{{assigned}}不一致。",
                        f"'{question.name}': assign and {{assigned}} in its label go together.",
                    ),
                    ("请补上缺的一方。", "Add the one that is missing."),
                )
                break


def _items_of(draft: Draft, construct: str) -> list[Asked]:
    return [q for q in draft.questions if q.construct == construct]


def _limits(draft: Draft, question: Asked) -> tuple[float, float] | None:
    value = question.value
    if isinstance(value, Number):
        return None if value.min is None or value.max is None else (value.min, value.max)
    codes = [code for code, entry in draft.codes(question.choices).items() if entry.missing is None]
    return (min(codes), max(codes)) if codes else None


RULES: tuple[Rule, ...] = (
    constructs_exist,
    constructs_have_items,
    scored_items_share_a_scale,
    at_least_fits,
    reverse_agrees_with_the_name,
    reversed_items_have_a_scale,
    checks_are_sound,
    lists_of_choices_exist,
    ratings_have_a_scale,
    missing_codes_are_no_answers,
    limits_are_in_order,
    assigned_values_are_shown,
)
