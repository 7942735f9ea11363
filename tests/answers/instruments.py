"""A second instrument, made in code: readers, librarians and a board on village libraries."""

from sgsurvey.questionnaire.model import Block, Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

AGREE = Scale("agree", (*(Choice(c, same(f"agree {c}")) for c in range(1, 6)), Choice(9, same("?"), "dont_know")))
SEVEN = Scale("seven", tuple(Choice(c, same(f"seven {c}")) for c in range(1, 8)))
YES_NO = Scale("yes_no", (Choice(1, Text("是", "yes")), Choice(0, Text("否", "no"))))
SEX = Scale("sex", (Choice(1, same("m")), Choice(2, same("f"))))
AGE = Scale("age", tuple(Choice(c, same(f"age {c}")) for c in range(1, 6)))
CAUSES = Scale(
    "causes",
    (
        Choice(1, same("staff"), aspect="management"),
        Choice(2, same("rota"), aspect="management"),
        Choice(3, same("money"), aspect="funding"),
        Choice(4, same("books"), aspect="funding"),
        Choice(5, same("audit"), aspect="supervision"),
        Choice(6, same("rules"), aspect="supervision"),
        Choice(98, same("other")),
        Choice(99, same("no problem"), exclusive=True),
    ),
)
ROLES = (
    Role("board", same("board"), "county", "self_web", ("core", "lists")),
    Role("librarian", same("librarian"), "township", "self_web", ("core", "lists")),
    Role("reader", same("reader"), "village", "interviewer", ("who", "core", "reader", "lists")),
)
CORE = [f"{c}{i}" for c, k in (("MGT", 4), ("FUN", 3), ("SUP", 4), ("SAT", 3)) for i in range(1, k + 1)]
ASPECTS = {"MGT": "management", "FUN": "funding", "SUP": "supervision", "SAT": "effect", "ACC": "effect"}


def library() -> Questionnaire:
    """MGT, FUN, SUP, SAT as in S County; the default population knows nothing of ACC (access), LOAD (high is bad)."""
    ratings = [
        Item(
            name,
            "rating",
            same(name),
            scale=AGREE,
            construct=name.rstrip("R").rstrip("1234"),
            reverse=name.endswith("R"),
        )
        for name in [*CORE, "FUN4R", "LOAD1", "LOAD2", "LOAD3"]
    ]
    access = [
        Item(f"ACC{i}", "rating", same(f"ACC{i}"), scale=SEVEN, construct="ACC", roles=("reader",)) for i in (1, 2, 3)
    ]
    who = [
        Item("sex", "select_one", same("sex"), scale=SEX, required=True),
        Item("age5", "select_one", same("age"), scale=AGE),
        Item("member", "select_one", same("member"), scale=YES_NO),
        Item("card_years", "integer", same("years"), relevant={"member": (1,)}, limits=(0, 40), required=True),
        Item("phone", "text", same("phone"), identifier="direct"),
    ]
    lists = [
        Item("cause", "select_multiple", same("cause"), scale=CAUSES, most=3),
        Item("money_why", "text", same("why"), relevant={"cause": (3, 4)}),
        Item("order", "rank", same("order"), scale=CAUSES, most=3, required=True),
        Item("fee", "select_one", same("fee"), scale=YES_NO, assign=(2, 5, 10, 20), roles=("reader",), required=True),
        Item("guess", "integer", same("guess"), limits=(0, 10), roles=("board", "librarian")),
        Item("check1", "rating", same("check"), scale=AGREE, check=2, roles=("board", "librarian")),
        Item("opened", "date", same("opened")),
    ]
    items = (*who, *ratings, *access, *lists)
    groups: dict[str, list[str]] = {}
    for item in items:
        if item.construct:
            groups.setdefault(item.construct, []).append(item.name)
    return Questionnaire(
        id="library",
        version="1",
        title=same("Library"),
        language="en",
        roles=ROLES,
        constructs=tuple(
            Construct(
                name,
                same(name),
                aspect=ASPECTS.get(name, ""),
                high_is="bad" if name == "LOAD" else "good",
                items=tuple(names),
            )
            for name, names in groups.items()
        ),
        blocks=(
            Block("who", same("who"), tuple(i.name for i in who)),
            Block("core", same("core"), tuple(i.name for i in ratings)),
            Block("reader", same("reader"), tuple(i.name for i in access)),
            Block("lists", same("lists"), tuple(i.name for i in lists)),
        ),
        items=items,
    )
