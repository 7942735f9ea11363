"""Rules about names and words."""

import re
from collections.abc import Iterator, Sequence

from sgsurvey.questionnaire.definitions import SelectMany, SelectOne, Words
from sgsurvey.questionnaire.draft import Asked, Defined, Draft, Rule
from sgsurvey.questionnaire.fault import Fault, found
from sgsurvey.questionnaire.model import Place

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
SPSS = frozenset({"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"})
RESERVED = frozenset({"role"})
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def names_can_be_columns(draft: Draft) -> Iterator[Fault]:
    """Letters, digits and underscores, at most 32, no word of SPSS: a name survives every program."""
    # Roles may be numbers where they come from the choices of a question.
    roles = tuple(role for role in draft.roles if not role.name.isdigit())
    others = (*draft.constructs, *draft.choices, *draft.blocks, *draft.aspects, *draft.sheets, *roles)
    everything: tuple[Defined | Asked, ...] = (*draft.questions, *others)
    for named in everything:
        if not NAME.fullmatch(named.name):
            yield found(
                named.place,
                (f"名称'{named.name}'不能用作列名。", f"the name '{named.name}' cannot be a column."),
                (
                    "请以英文字母开头，只用字母、数字和下划线，最多32个。",
                    "Begin with a letter; use letters, digits and _, at most 32.",
                ),
            )
        column = isinstance(named, Asked) or named in draft.constructs
        if column and (named.name.upper() in SPSS or named.name in RESERVED):
            yield found(
                named.place,
                (f"'{named.name}'是保留字。", f"'{named.name}' is a reserved word."),
                ("请换一个名称。", "Choose another name."),
            )


def names_are_given_once(draft: Draft) -> Iterator[Fault]:
    """No name twice within a kind, nor two that differ only by case; roles and sheets are one kind."""
    kinds: tuple[tuple[str, str, Sequence[Defined | Asked]], ...] = (
        ("题目", "question", draft.questions),
        ("构念", "construct", draft.constructs),
        ("选项表", "list of choices", draft.choices),
        ("题块", "block", draft.blocks),
        ("角色", "role", (*draft.roles, *draft.sheets)),
        ("方面", "aspect", draft.aspects),
    )
    for zh, en, named in kinds:
        first: dict[str, Defined | Asked] = {}
        for one in named:
            other = first.setdefault(one.name.lower(), one)
            if other is one:
                continue
            alike = one.name == other.name
            yield found(
                one.place,
                (
                    f"{zh}'{one.name}'与{other.place}的'{other.name}'{'重名' if alike else '只有大小写不同'}。",
                    f"the {en} '{one.name}' is also defined in {other.place}"
                    + ("." if alike else f" as '{other.name}': they differ only by case."),
                ),
                ("请改名或删去其中一个。", "Rename or remove one of them."),
            )


def columns_are_distinct(draft: Draft) -> Iterator[Fault]:
    """Columns made from a name (``CAU_98``, ``V_fee_assigned``) meet no other question's."""
    owner = {q.name: q for q in draft.questions}
    for question in draft.questions:
        for column in _columns(draft, question):
            if column in owner and owner[column] is not question:
                yield found(
                    owner[column].place,
                    (
                        f"'{column}'也是题目'{question.name}'（{question.place}）的数据列。",
                        f"'{column}' is also a column of the question '{question.name}' ({question.place}).",
                    ),
                    ("请换一个名称。", "Choose another name."),
                )


def _columns(draft: Draft, question: Asked) -> list[str]:
    if isinstance(question.value, SelectMany):
        return [f"{question.name}_{code}" for code in draft.codes(question.choices)]
    assigned = isinstance(question.value, SelectOne) and question.value.assign
    return [question.name, f"{question.name}_assigned"] if assigned else [question.name]


def words_are_in_every_language(draft: Draft) -> Iterator[Fault]:
    """Each label, hint and choice has words in every declared language, and English ones are English."""
    languages = draft.head.languages if draft.head else ()
    for place, zh, en, words in _all_words(draft):
        for language in languages:
            if not getattr(words, language):
                named = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}[language]
                yield found(
                    place,
                    (f"{zh}没有{named[0]}文字。", f"{en} has no words in {named[1]}."),
                    (f"请补上 {language}: …", f"Add {language}: …"),
                )
        if "en" in languages and words.en and CHINESE.search(words.en):
            yield found(
                place,
                (f"{zh}的英文里有汉字。", f"the English words of {en} hold Chinese characters."),
                ("请翻译，或只声明 languages: [zh]。", "Translate them, or declare languages: [zh] alone."),
                "warning",
            )


def _all_words(draft: Draft) -> Iterator[tuple[Place, str, str, Words]]:
    """Place, owner in zh and en, and the words: everything that people read."""
    if draft.head:
        yield draft.head_place("title"), "标题", "the title", draft.head.title
        for code, entry in draft.head.missing.items():
            yield draft.head_place("missing"), f"无回答代码{code}", f"the missing code {code}", entry
    for choices in draft.choices:
        for code, entry in choices.value.items():
            owner = choices.name
            yield choices.place, f"选项表'{owner}'的选项{code}", f"choice {code} of the list '{owner}'", entry
    for aspect in draft.aspects:
        yield aspect.place, f"方面'{aspect.name}'", f"the aspect '{aspect.name}'", aspect.value
    labelled: tuple[Defined | Asked, ...] = (
        *draft.roles,
        *draft.sheets,
        *draft.constructs,
        *draft.blocks,
        *draft.questions,
    )
    for one in labelled:
        for part in ("label", "hint", "introduction"):
            words = getattr(one.value, part, None)
            if words is not None:
                yield one.place, f"'{one.name}'的{part}", f"the {part} of '{one.name}'", words


def choices_can_be_told_apart(draft: Draft) -> Iterator[Fault]:
    """No two choices of a list share a label: answers that come as words must lead back to one code."""
    for choices in draft.choices:
        for language in draft.head.languages if draft.head else ():
            seen: dict[str, int] = {}
            for code, entry in choices.value.items():
                said = getattr(entry, language)
                if said and seen.setdefault(said, code) != code:
                    yield found(
                        choices.place,
                        (
                            f"选项表'{choices.name}'的选项{seen[said]}和{code}文字相同：{said}。",
                            f"choices {seen[said]} and {code} of the list '{choices.name}' read alike: {said}.",
                        ),
                        ("请改写其中一个。", "Reword one of them."),
                    )


def items_say_different_things(draft: Draft) -> Iterator[Fault]:
    """Two items of a construct with the same words are a copy that was not changed."""
    seen: dict[tuple[str, str], Asked] = {}
    for question in draft.questions:
        construct, label = question.construct, question.value.label
        for said in {label.zh, label.en} - {None} if construct else ():
            other = seen.setdefault((construct, str(said)), question)
            if other is not question:
                yield found(
                    question.place,
                    (
                        f"'{question.name}'与'{other.name}'（{other.place}）文字相同。",
                        f"'{question.name}' has the words of '{other.name}' ({other.place}).",
                    ),
                    ("请检查是否复制后忘了修改。", "Was it copied and not changed?"),
                    "warning",
                )
                break


RULES: tuple[Rule, ...] = (
    names_can_be_columns,
    names_are_given_once,
    columns_are_distinct,
    words_are_in_every_language,
    choices_can_be_told_apart,
    items_say_different_things,
)
