"""Rules about roles, blocks, skip logic and what refers to something else."""

from collections.abc import Iterator

from sgsurvey.questionnaire.definitions import Number
from sgsurvey.questionnaire.draft import Asked, Draft, Rule
from sgsurvey.questionnaire.fault import Fault, codes_known, found, meant
from sgsurvey.questionnaire.model import CODED


def roles_ask_known_blocks(draft: Draft) -> Iterator[Fault]:
    """A role asks blocks that exist, each once, and at least one."""
    known = [b.name for b in draft.blocks]
    for role in (*draft.roles, *draft.sheets):
        blocks = role.value.blocks or ()
        for block in dict.fromkeys(blocks):
            if block not in known and block not in draft.broken:
                yield found(
                    role.place,
                    (
                        f"角色'{role.name}'的题块'{block}'没有定义。",
                        f"the role '{role.name}' asks the block '{block}', which is not defined.",
                    ),
                    meant(block, known),
                )
            if blocks.count(block) > 1:
                yield found(
                    role.place,
                    (
                        f"角色'{role.name}'两次列出题块'{block}'。",
                        f"the role '{role.name}' asks the block '{block}' twice.",
                    ),
                    ("请删去一个。", "Remove one."),
                )
        if role.value.blocks == () or (role.value.blocks is None and role in draft.sheets):
            yield found(
                role.place,
                (f"'{role.name}'没有题块。", f"'{role.name}' asks no block."),
                ("请写 blocks: […]。", "Add blocks: […]."),
            )


def blocks_are_asked(draft: Draft) -> Iterator[Fault]:
    """Somebody is asked each block, unless it is kept in reserve."""
    if any(role.value.blocks is None for role in draft.roles) or draft.broken:
        return
    asked = {b for role in (*draft.roles, *draft.sheets) for b in role.value.blocks or ()}
    for block in draft.blocks:
        if block.name not in asked and not block.value.optional:
            yield found(
                block.place,
                (f"没有角色回答题块'{block.name}'。", f"no role is asked the block '{block.name}'."),
                ("请加进某个角色的 blocks，或写 optional: true。", "Add it to a role's blocks, or say optional: true."),
                "warning",
            )


def blocks_have_questions(draft: Draft) -> Iterator[Fault]:
    """A block holds at least one question."""
    filled = {q.block for q in draft.questions}
    for block in draft.blocks:
        if block.name not in filled and not draft.broken and (block.value.items == () or block.value.questions == ()):
            yield found(
                block.place,
                (f"题块'{block.name}'没有题目。", f"the block '{block.name}' holds no question."),
                ("请添加题目或删去它。", "Add questions or remove it."),
            )


def role_order_names_every_role(draft: Draft) -> Iterator[Fault]:
    """``role_order`` lists each role once."""
    order = draft.head.role_order if draft.head else ()
    names = {role.name for role in draft.roles}
    for name in order:
        if name not in names and name not in draft.broken:
            yield found(
                draft.head_place("role_order"),
                (f"role_order 中的'{name}'没有定义。", f"role_order names '{name}', which is not defined."),
                meant(name, sorted(names)),
            )
    for role in draft.roles if order else ():
        if order.count(role.name) != 1:
            yield found(
                draft.head_place("role_order"),
                (f"role_order 应列出'{role.name}'一次。", f"role_order must name '{role.name}' once."),
                ("请补上或删去重复。", "Add it, or remove the repetition."),
            )


def questions_name_known_roles(draft: Draft) -> Iterator[Fault]:
    """``roles:`` of a question names roles that are asked its block."""
    forms = {role.name: role.value.blocks for role in (*draft.roles, *draft.sheets)}
    for question in draft.questions:
        for name in question.value.roles:
            if name not in forms and name not in draft.broken:
                yield found(
                    question.place,
                    (
                        f"'{question.name}'的角色'{name}'没有定义。",
                        f"'{question.name}' names the role '{name}', which is not defined.",
                    ),
                    meant(name, list(forms)),
                )
            elif forms.get(name) is not None and question.block not in (forms[name] or ()):
                yield found(
                    question.place,
                    (
                        f"角色'{name}'不回答题块'{question.block}'，'{question.name}'就问不到。",
                        f"'{question.name}' never reaches the role '{name}': it is not asked '{question.block}'.",
                    ),
                    (
                        "请把题块加进角色，或从 roles 中删去它。",
                        "Add the block to the role, or take the role off the question.",
                    ),
                    "warning",
                )


def skip_logic_looks_back(draft: Draft) -> Iterator[Fault]:
    """``relevant`` names an earlier, coded question, asked of the same roles, and codes that it has."""
    by_name = {q.name: q for q in draft.questions}
    orders = _orders(draft)
    for question in draft.questions:
        for name, wanted in question.value.relevant.items():
            if name in draft.broken:
                continue
            other = by_name.get(name)
            if other is None:
                yield found(
                    question.place,
                    (
                        f"'{question.name}'的条件指向不存在的'{name}'。",
                        f"'{question.name}' depends on '{name}', which does not exist.",
                    ),
                    meant(name, list(by_name)),
                )
                continue
            yield from _codes_exist(draft, question, other, (wanted,) if isinstance(wanted, int) else wanted)
            for role, order in orders.items():
                if question.name in order and order.get(name, len(order)) >= order[question.name]:
                    later = name in order
                    yield found(
                        question.place,
                        (
                            f"角色'{role}'回答'{question.name}'时，'{name}'{'还没问' if later else '没有问'}。",
                            f"'{question.name}' depends on '{name}', which the role '{role}' is "
                            + ("asked only later." if later else "not asked."),
                        ),
                        ("请把条件题放到前面，并问同样的角色。", f"Ask '{name}' before it, and of the same roles."),
                    )
                    break


def _codes_exist(draft: Draft, question: Asked, other: Asked, wanted: tuple[int, ...]) -> Iterator[Fault]:
    codes = draft.codes(other.choices)
    if other.type not in CODED and not isinstance(other.value, Number):
        yield found(
            question.place,
            (
                f"'{question.name}'的条件题'{other.name}'没有代码。",
                f"'{question.name}' depends on '{other.name}', which has no codes.",
            ),
            ("条件题应为选择题或整数题。", "Let it depend on a question with choices, or on a whole number."),
        )
    for code in wanted:
        if codes and code not in codes and not (draft.head and code in draft.head.missing):
            yield found(
                question.place,
                (
                    f"'{question.name}'的条件代码{code}不在'{other.name}'的选项中。",
                    f"'{question.name}' depends on code {code}, which '{other.name}' does not have.",
                ),
                codes_known(codes),
            )


def _orders(draft: Draft) -> dict[str, dict[str, int]]:
    """For each form, the position of each question it asks."""
    every = tuple(b.name for b in draft.blocks)
    orders: dict[str, dict[str, int]] = {}
    for role in (*draft.roles, *draft.sheets):
        asked = [
            q.name
            for block in (every if role.value.blocks is None else role.value.blocks)
            for q in draft.questions
            if q.block == block and (not q.value.roles or role.name in q.value.roles)
        ]
        orders[role.name] = {name: number for number, name in enumerate(asked)}
    return orders


def aspects_exist(draft: Draft) -> Iterator[Fault]:
    """Constructs and choices name aspects that are declared."""
    known = [a.name for a in draft.aspects]
    named = [(c.place, c.name, c.value.aspect) for c in draft.constructs]
    named += [(c.place, f"{c.name}: {code}", e.aspect) for c in draft.choices for code, e in c.value.items()]
    for place, owner, aspect in named:
        if aspect and aspect not in known and aspect not in draft.broken:
            yield found(
                place,
                (
                    f"'{owner}'的方面'{aspect}'没有定义。",
                    f"'{owner}' names the aspect '{aspect}', which is not defined.",
                ),
                meant(aspect, known),
            )


def matched_items_exist(draft: Draft) -> Iterator[Fault]:
    """An importance choice is matched with an item that exists."""
    known = [q.name for q in draft.questions]
    for choices in draft.choices:
        for code, entry in choices.value.items():
            if entry.matched and entry.matched not in known and entry.matched not in draft.broken:
                yield found(
                    choices.place,
                    (
                        f"选项表'{choices.name}'的选项{code}对应的题目'{entry.matched}'不存在。",
                        f"choice {code} of '{choices.name}' is matched with '{entry.matched}', which does not exist.",
                    ),
                    meant(entry.matched, known),
                )


def quasi_identifiers_exist(draft: Draft) -> Iterator[Fault]:
    """Privacy rules name questions that exist; ``role`` is a column of every study."""
    known = [q.name for q in draft.questions]
    for name in draft.head.privacy.quasi_identifiers if draft.head else ():
        if name not in known and name != "role" and name not in draft.broken:
            yield found(
                draft.head_place("privacy"),
                (f"privacy 中的'{name}'不是题目。", f"privacy names '{name}', which is no question."),
                meant(name, known),
            )


RULES: tuple[Rule, ...] = (
    roles_ask_known_blocks,
    blocks_are_asked,
    blocks_have_questions,
    role_order_names_every_role,
    questions_name_known_roles,
    skip_logic_looks_back,
    aspects_exist,
    matched_items_exist,
    quasi_identifiers_exist,
)
