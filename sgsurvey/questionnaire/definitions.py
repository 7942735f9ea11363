"""The words of a questionnaire file: one class per kind of definition, as it is written.

Descriptions are in both languages: editors show them when the pointer rests on a word (``schema.py``).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from sgsurvey.questionnaire.model import ConstructKind, MissingKind, Scope
from sgsurvey.text import Language

Code = Annotated[int, Field(strict=True)]
Filled = Annotated[str, Field(min_length=1)]


def said(zh: str, en: str, **more: Any) -> Any:
    """A field with a description in both languages; ``None`` unless a default is given."""
    more.setdefault("default", None)
    return Field(description=f"{zh} / {en}", **more)


class Definition(BaseModel):
    """Something a questionnaire file defines; an unknown word is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(Definition):
    """同样的意思，各种语言 / The same words in each language."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)
    zh: Filled | None = said("中文", "Chinese")
    en: Filled | None = said("英文", "English")


def _same_in_all(value: object) -> object:
    return {"zh": value, "en": value} if isinstance(value, str) else value


Label = Annotated[Words, BeforeValidator(_same_in_all, json_schema_input_type=Words | str)]
"""Words by language; a plain text reads alike in every language."""


class ChoiceDef(Words):
    """一个选项 / One answer of a list."""

    missing: MissingKind | None = said("这是哪一种无回答", "which kind of no-answer this is")
    aspect: str = said("所属方面", "the aspect it belongs to", default="")
    matched: str = said("测量同一内容的题目", "the item that measures how the same thing performs", default="")
    exclusive: bool = said("不能与其他选项同选", "cannot be picked together with others", default=False)


Choices = dict[Code, Annotated[ChoiceDef, BeforeValidator(_same_in_all, json_schema_input_type=ChoiceDef | str)]]


class MissingDef(Words):
    """全卷通用的无回答代码 / A code for no-answer that holds for the whole study."""

    missing: MissingKind | None = said("哪一种无回答", "which kind of no-answer")


class RoleDef(Definition):
    """一类受访者，或一张由调查员填写的表 / A group of respondents, or a sheet that field staff fill in."""

    label: Label = said("名称", "what the group is called", default=...)
    scope: Scope = said("评价对象的范围", "what the group judges: a county, township or village", default="none")
    mode: str = said("填答方式", "how it usually answers: self_web, self_paper, interviewer", default="")
    introduction: Label | None = said("开头的话", "words at the start")
    blocks: tuple[Filled, ...] | None = said("依次回答的题块", "the blocks it is asked, in order")


class ConstructDef(Definition):
    """一组题目测量的内容 / What a set of items measures."""

    label: Label = said("名称", "what it is called", default=...)
    kind: ConstructKind = said(
        "类型：reflective 反映型（可算α、做因子）、index 指数、list 多选、single 单题、marker 标记、background 背景",
        "reflective (alpha, factors), index, list, single, marker, background",
        default="reflective",
    )
    aspect: str = said("所属方面", "the aspect it belongs to", default="")
    high_is: Literal["good", "bad"] = said("得分高是好还是坏", "whether a high score is good or bad", default="good")
    score: Literal["mean"] = said("计分方法", "how it is scored", default="mean")
    at_least: Annotated[float, Field(gt=0, le=1, strict=True)] | Annotated[int, Field(ge=1, strict=True)] = said(
        "至少答几题（整数）或多大比例（小数）才计分",
        "how many items (a whole number) or what share of them (a decimal) must be answered for a score",
        default=0.75,
    )
    source: str = said("来源文献", "the literature it comes from", default="")


class Shown(Definition):
    """What everything that is shown may say."""

    name: Filled = said("变量名，即数据的列名", "its name: the column of the data", default=...)
    label: Label = said("题目", "the words of the question", default=...)
    hint: Label | None = said("提示", "a hint below the question")
    roles: tuple[Filled, ...] = said("只问这些角色", "asked of these roles only", default=())
    relevant: dict[str, Code | tuple[Code, ...]] = said(
        "只在满足条件时提问：题名: 代码 或 [代码, …]；多个条件须同时满足",
        "asked only when each named question has one of these codes",
        default={},
    )


class Asked(Shown):
    """What every question, and every line of a grid, may say."""

    required: bool = said("必答", "must be answered", default=False)
    identifier: Literal["no", "quasi", "direct"] = said(
        "direct 能直接认出人,quasi 合起来能认出人",
        "direct: names a person; quasi: helps to single one out",
        default="no",
    )
    head: Label | None = said("表格中的简称", "what tables call it, shorter than the question")
    short: bool = said("短卷也问", "asked in the short form too", default=False)


class Measured(Asked):
    """What an item on a rating scale may say."""

    construct_: str = said("所测的构念", "the construct it measures", alias="construct", default="")
    reverse: bool = said("反向题", "a high code means little of the construct", default=False)
    check: Code | None = said("注意力检测题的正确代码", "the code that an attentive respondent gives")


class Line(Measured):
    """量表中的一行 / One line of a grid."""


class Rating(Measured):
    """单独的量表题 / A rating item that stands alone."""

    type: Literal["rating"]
    choices: Filled = said("用哪个选项表", "which list of choices", default=...)


class Grid(Definition):
    """矩阵量表：同一量表的若干行 / A grid: several items on one scale."""

    type: Literal["rating"]
    name: Filled | None = said("题块名", "name of the block")
    label: Label = said("题干", "the stem above the lines", default=...)
    choices: Filled = said("用哪个选项表", "which list of choices", default=...)
    items: tuple[Any, ...] = said("各行", "the lines", default=...)


class SelectOne(Measured):
    """单选题 / One answer from a list."""

    type: Literal["select_one"]
    choices: Filled = said("用哪个选项表", "which list of choices", default=...)
    randomize: bool = said("选项随机排列", "options in random order", default=False)
    assign: tuple[Code, ...] = said(
        "随机抽取其中一个数，显示在题目的{assigned}处", "one of these is drawn and shown at {assigned}", default=()
    )
    missing: dict[Code, MissingKind] = said("本题的无回答代码", "codes of no-answer of this question", default={})


class SelectMany(Asked):
    """多选题、排序题 / Several answers from a list, or the first few in order."""

    type: Literal["select_multiple", "rank"]
    choices: Filled = said("用哪个选项表", "which list of choices", default=...)
    randomize: bool = said("选项随机排列", "options in random order", default=False)
    max: Annotated[int, Field(ge=1, strict=True)] | None = said("最多选几项", "how many may be picked")


class Number(Asked):
    """填数题 / A number."""

    type: Literal["integer", "decimal"]
    construct_: str = said("所测的构念", "the construct it measures", alias="construct", default="")
    min: float | None = said("最小值", "smallest number allowed")
    max: float | None = said("最大值", "largest number allowed")
    missing: dict[Code, MissingKind] = said("本题的无回答代码", "codes of no-answer of this question", default={})


class Open(Asked):
    """填空题、日期题 / Words or a date."""

    type: Literal["text", "date"]


class Note(Shown):
    """只显示、不回答的文字 / Words that are shown and not answered."""

    type: Literal["note"]


class BlockDef(Definition):
    """一起提问的题目:items 或 questions / Questions asked together: lines of one scale, or single ones."""

    label: Label = said("题干或标题", "the stem or heading", default=...)
    choices: Filled | None = said("items 共用的选项表", "the list of choices that the items share")
    items: tuple[Any, ...] | None = said("同一量表的各行", "the lines of one scale")
    questions: tuple[Any, ...] | None = said("各自成题的题目", "questions that each stand alone")
    optional: bool = said("备用题块，可以没有角色回答", "kept in reserve: no role need be asked it", default=False)


class Privacy(Definition):
    """隐私规则 / What keeps people from being recognised."""

    quasi_identifiers: tuple[Filled, ...] = said(
        "合起来可能认出人的题目", "questions that together single one out", default=()
    )
    smallest_cell: Annotated[int, Field(ge=1)] = said("表格最小单元", "smallest count that a table shows", default=5)


class Head(Definition):
    """问卷的开头部分 / What is said once for the whole questionnaire."""

    sgsurvey: Literal[1] = said("本文件格式的版本", "version of this file format", default=1)
    id: Filled = said("问卷代号，收数据后勿改", "never change it once data exist", default=...)
    version: Filled = said('版本，加引号，如 "1.0"', 'version, in quotes: "1.0"', default=...)
    title: Label = said("标题", "title", default=...)
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = said(
        "语言，第一种为默认", "languages; the first is the default", default=("zh", "en")
    )
    role_order: tuple[Filled, ...] = said("各角色的先后", "the roles in the order of tables", default=())
    missing: dict[Code, MissingDef] = said("全卷通用的无回答代码", "codes of no-answer for the whole study", default={})
    privacy: Privacy = said("隐私规则", "privacy", default=Privacy())

    @field_validator("languages")
    @classmethod
    def _each_once(cls, value: tuple[Language, ...]) -> tuple[Language, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a language is given twice")
        return value


QuestionDef = Rating | SelectOne | SelectMany | Number | Open | Note
BY_TYPE: dict[str, type[Definition]] = {
    "rating": Rating,
    "select_one": SelectOne,
    "select_multiple": SelectMany,
    "rank": SelectMany,
    "integer": Number,
    "decimal": Number,
    "text": Open,
    "date": Open,
    "note": Note,
}
"""The class that reads a question of each type; a rating with ``items`` is a Grid."""

SECTIONS = ("aspects", "choices", "roles", "sheets", "constructs", "blocks", "questions")
