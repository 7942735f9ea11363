"""The JSON Schema of questionnaire files, from which editors complete words and explain them in both languages."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sgsurvey.questionnaire.definitions import (
    BlockDef,
    Choices,
    ConstructDef,
    Grid,
    Head,
    Label,
    Line,
    QuestionDef,
    RoleDef,
    said,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Question = Annotated[QuestionDef, Field(discriminator="type")]


class FullGrid(Grid):
    """矩阵量表：同一量表的若干行 / A grid: several items on one scale."""

    items: tuple[Line, ...] = said("各行", "the lines", default=...)


class FullBlock(BlockDef):
    """一起提问的题目:items 或 questions / Questions asked together: lines of one scale, or single ones."""

    items: tuple[Line, ...] | None = said("同一量表的各行", "the lines of one scale")
    questions: tuple[Question, ...] | None = said("各自成题的题目", "questions that each stand alone")


class File(Head):
    """sgsurvey 问卷文件 / A questionnaire file of sgsurvey."""

    aspects: dict[str, Label] = said("研究的各个方面", "the aspects of the study")
    choices: dict[str, Choices] = said("选项表：代码和文字", "lists of choices: code and words")
    roles: dict[str, RoleDef] = said("各类受访者", "the groups of respondents")
    sheets: dict[str, RoleDef] = said("由工作人员填写的表", "sheets that field staff fill in")
    constructs: dict[str, ConstructDef] = said("构念", "constructs: what sets of items measure")
    blocks: dict[str, FullBlock] = said("题块", "blocks of questions")
    questions: tuple[FullGrid | Question, ...] = said("不分题块的题目", "questions outside blocks")


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one file; nothing is required, as a folder spreads the parts over files."""
    made = File.model_json_schema()
    made.pop("required", None)
    return {"$schema": DIALECT, **made}


def write_schema(path: str | Path) -> None:
    """Write the schema where the first line of each questionnaire file points to.

    Examples
    --------
    ``write_schema("questionnaires/sgsurvey.schema.json")``
    """
    words = json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True)
    Path(path).write_text(words + "\n", encoding="utf-8")
