"""The YAML file of a coding frame: read with the place of every fault, and written to be refined by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from sgsurvey.answers.coding_frame import SHEET_COLUMNS, Code, Dimension
from sgsurvey.questionnaire.definitions import Definition, Label, Words
from sgsurvey.questionnaire.explain import each_once, explained, resolved
from sgsurvey.questionnaire.fault import Fault, as_error, found
from sgsurvey.questionnaire.model import Place
from sgsurvey.questionnaire.syntax import Source, read_yaml
from sgsurvey.text import Text

RESERVED = (*SHEET_COLUMNS, "quote_id")
NAME = re.compile(r"-?\w[\w.-]{0,29}")
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")


def read_dimensions(path: Path) -> tuple[Dimension, ...]:
    """The dimensions of a file.

    Raises
    ------
    QuestionnaireError
        Lists every fault with file, line and remedy.
    """
    source, faults = read_yaml(path)
    if source is None:
        raise as_error(faults, str(path))
    try:
        whole = FrameDef.model_validate(source.data)
    except ValidationError as error:
        raise as_error(_misread(source, error), str(path)) from None
    if faults := list(_faults(source, whole)):
        raise as_error(faults, str(path))
    return tuple(_built(name, dimension) for name, dimension in whole.dimensions.items())


def written(dimensions: Sequence[Dimension]) -> str:
    """The file that ``read_dimensions`` gives back as these dimensions."""
    return "\n".join([*_lines(dimensions), ""])


# What may stand in it -------------------------------------------------------------------------------


def _named(value: object) -> object:
    """Keys as words (-1 is a code too), and plain labels as labels."""
    if not isinstance(value, dict):
        return value
    return {str(key): {"zh": it, "en": it} if isinstance(it, str) else it for key, it in value.items()}


class FineCodeDef(Words):
    """二级编码 / A second-level code."""

    definition: Label | None = None


class CodeDef(FineCodeDef):
    """一级编码 / A first-level code, with the aspect it speaks of and the second-level codes under it."""

    aspect: str = ""
    codes: Annotated[dict[str, FineCodeDef], BeforeValidator(_named)] = Field(default_factory=dict)


class DimensionDef(Definition):
    """一个维度 / One dimension of a coding frame."""

    label: Label
    ordered: bool = False
    codes: Annotated[dict[str, CodeDef], BeforeValidator(_named), Field(min_length=2)]


class FrameDef(Definition):
    """编码框架 / A coding frame."""

    dimensions: Annotated[dict[str, DimensionDef], Field(min_length=1)]


def _misread(source: Source, error: ValidationError) -> list[Fault]:
    faults = []
    for details in each_once(source.data, error.errors()):
        inside = resolved(source.data, details["loc"])
        # Which words may stand there goes by how deep it is: dimensions, NAME, codes, CODE, codes, CODE.
        kind = next(kind for depth, kind in LEVELS if len(inside) <= depth)
        faults.append(Fault(source.place(*inside), *explained(details, source.data, kind)))
    return faults


LEVELS = ((1, FrameDef), (3, DimensionDef), (5, CodeDef), (99, FineCodeDef))


def _faults(source: Source, whole: FrameDef) -> Iterator[Fault]:
    """Names that cannot be names, and codes that come twice in a dimension."""
    for name, dimension in whole.dimensions.items():
        at = ("dimensions", name)
        yield from _name_faults(source.place(*at), name)
        if name in RESERVED:
            yield found(
                source.place(*at),
                (
                    f"维度不能叫'{name}'，编码表已用这个列名。",
                    f"a dimension cannot be called '{name}', as a column is.",
                ),
                ("请换一个名称。", "Choose another name."),
            )
        seen: set[str] = set()
        for code, entry in dimension.codes.items():
            for each, path in [(code, (*at, "codes", _key(code)))] + [
                (fine, (*at, "codes", _key(code), "codes", _key(fine))) for fine in entry.codes
            ]:
                yield from _name_faults(source.place(*path), each)
                if each in seen:
                    what = (f"编码'{each}'在这个维度中出现两次。", f"the code '{each}' comes twice in this dimension.")
                    yield found(source.place(*path), what, ("请改名。", "Rename one of them."))
                seen.add(each)


def _name_faults(place: Place, name: str) -> Iterator[Fault]:
    if not NAME.fullmatch(name):
        what = (f"'{name}'不能作名称。", f"'{name}' cannot be a name.")
        yield found(place, what, ("请只用文字、数字和下划线，至多30字。", "Use letters, digits and _, at most 30."))


def _key(name: str) -> str | int:
    """The key as it stands in the file, where -1 is a number."""
    return int(name) if WHOLE.fullmatch(name) else name


def _built(name: str, written: DimensionDef) -> Dimension:
    codes: list[Code] = []
    for code, entry in written.codes.items():
        codes.append(Code(code, _text(entry), _text(entry.definition), aspect=entry.aspect))
        codes += [Code(fine, _text(each), _text(each.definition), code) for fine, each in entry.codes.items()]
    return Dimension(name, _text(written.label), tuple(codes), written.ordered)


def _text(words: Words | None) -> Text:
    return Text(words.zh or "", words.en or "") if words else Text("", "")


# Written ----------------------------------------------------------------------------------------------


def _lines(dimensions: Sequence[Dimension]) -> Iterator[str]:
    yield "dimensions:"
    for dimension in dimensions:
        yield f"  {_quoted(dimension.name)}:"
        yield f"    label: {_pair(dimension.label)}"
        if dimension.ordered:
            yield "    ordered: true"
        yield "    codes:"
        for code in dimension.at(1):
            yield from _code_lines(code, "      ")
            finer = [each for each in dimension.codes if each.parent == code.name]
            if finer:
                yield "        codes:"
            for each in finer:
                yield from _code_lines(each, "          ")


def _code_lines(code: Code, indent: str) -> Iterator[str]:
    yield f"{indent}{_quoted(code.name)}:"
    yield from (
        f"{indent}  {tag}: {_quoted(words)}" for tag, words in (("zh", code.label.zh), ("en", code.label.en)) if words
    )
    if code.definition.zh or code.definition.en:
        yield f"{indent}  definition: {_pair(code.definition)}"
    if code.aspect:
        yield f"{indent}  aspect: {_quoted(code.aspect)}"


def _pair(words: Text) -> str:
    parts = [f"{tag}: {_quoted(word)}" for tag, word in (("zh", words.zh), ("en", words.en)) if word]
    return "{" + ", ".join(parts) + "}"


def _quoted(words: str) -> str:
    """A plain word as it stands; anything else as a JSON string, which YAML reads alike."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", words, re.ASCII) and words not in ("true", "false", "null")
    return words if plain or WHOLE.fullmatch(words) else json.dumps(words, ensure_ascii=False)
