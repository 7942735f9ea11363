"""A small instrument with every kind of question, sound rows of answers to it, and files written from cells."""

import csv
import io
from collections.abc import Sequence

import openpyxl

from sgsurvey.questionnaire.model import Block, Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text

Lines = Sequence[Sequence[object]]

AGREE = Scale(
    "agree5",
    (
        Choice(1, Text("非常不同意", "Strongly disagree")),
        Choice(2, Text("不同意", "Disagree")),
        Choice(3, Text("一般", "Neither")),
        Choice(4, Text("同意", "Agree")),
        Choice(5, Text("非常同意", "Strongly agree")),
        Choice(9, Text("不清楚", "Don't know"), "dont_know"),
    ),
)
CROP = Scale(
    "crop",
    (
        Choice(1, Text("水稻", "Rice")),
        Choice(2, Text("茶", "Tea")),
        Choice(3, Text("红茶, 绿茶", "Black, green tea")),
        Choice(98, Text("其他", "Other")),
    ),
)
SEX = Scale("sex", (Choice(1, Text("男", "Male")), Choice(2, Text("女", "Female"))))


def rating(name: str, construct: str, zh: str, en: str, **more: object) -> Item:
    return Item(name, "rating", Text(zh, en), AGREE, construct=construct, **more)


ITEMS = (
    rating("TR1", "TR", "村委会说到做到。", "The committee keeps its word."),
    rating("TR2", "TR", "账目是公开的。", "The accounts are open."),
    rating("TR3R", "TR", "我担心有人隐瞒情况。", "I fear that things are hidden.", reverse=True),
    rating("EF1", "EF", "我的收入更稳定了。", "My income is steadier.", roles=("villager",)),
    rating("EF2", "EF", "项目照顾到了困难户。", "Projects reach the poorest."),
    Item("sex", "select_one", Text("性别", "Sex"), SEX),
    Item("age", "integer", Text("您的年龄（周岁）", "Your age in years"), limits=(16, 100), missing={-9: "refused"}),
    Item("crops", "select_multiple", Text("您种植什么？", "What do you grow?"), CROP, roles=("villager",), most=2),
    Item("first", "rank", Text("先改进哪些？", "What first?"), CROP),
    Item("visited", "date", Text("访问日期", "Day of the visit")),
    Item("fee", "select_one", Text("愿意交{assigned}元吗？", "Would you pay {assigned}?"), SEX, assign=(2, 5, 10)),
    Item("words", "text", Text("您的意见", "Your words")),
    Item("phone", "text", Text("手机号", "Phone"), identifier="direct"),
)


def small_instrument() -> Questionnaire:
    """Two roles, two constructs, one question of every type."""
    block = Block("all", Text("全部", "All"), tuple(item.name for item in ITEMS))
    return Questionnaire(
        "small",
        "1.2",
        Text("小问卷", "Small questionnaire"),
        roles=(
            Role("villager", Text("村民", "Villager"), "village", "interviewer", ("all",)),
            Role("cadre", Text("村干部", "Cadre"), "village", "self_web", ("all",)),
        ),
        scales={s.name: s for s in (AGREE, CROP, SEX)},
        constructs=(
            Construct("TR", Text("信任", "Trust"), items=("TR1", "TR2", "TR3R")),
            Construct("EF", Text("成效", "Effect"), items=("EF1", "EF2")),
        ),
        blocks=(block,),
        items=ITEMS,
    )


HEADER = ["resp_id", "role", "TR1", "TR2", "TR3R", "EF1", "EF2", "sex", "age"]
ROWS: list[list[object]] = [
    ["a", "villager", 1, 2, 3, 4, 5, 1, 30],
    ["b", "村民", 5, 4, 9, 2, 1, 2, 41],
    ["c", "Cadre", 3, 3, 3, "", 2, 1, 55],
    ["d", "cadre", 2, 2, 4, "", 4, 2, -9],
]


def as_csv(lines: Lines, separator: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(lines)
    return out.getvalue()


def as_xlsx(sheets: dict[str, Lines]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sound_cells(**columns: Sequence[object]) -> list[list[object]]:
    """Header and rows that are sound, with one column's values exchanged or columns added."""
    header, rows = [*HEADER], [[*row] for row in ROWS]
    for name, column in columns.items():
        if name in header:
            for row, value in zip(rows, column, strict=True):
                row[header.index(name)] = value
        else:
            header.append(name)
            for row, value in zip(rows, column, strict=True):
                row.append(value)
    return [header, *rows]
