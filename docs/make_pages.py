"""The pages of the reference that are made from the package itself: ``python docs/make_pages.py`` writes them anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sgsurvey.messages import ACTIONS, Code, codes
from sgsurvey.questionnaire.schema import schema

REFERENCE = Path(__file__).parent / "reference"
HINT = "<!-- Made by docs/make_pages.py: change the source, then run it again. -->"
Spec = dict[str, Any]


def messages_page() -> str:
    """Every message with a code."""
    lines = [
        HINT,
        "# Messages with a code / 带编号的信息",
        "",
        "What is said while a file of answers is read, and where a model is not estimated. `sgsurvey explain SG120`",
        "prints an entry; ‹…› is filled in, and the file, sheet, row and column (or the argument) stand before it.",
        "",
        "读取答卷时、以及不予估计时的信息；`sgsurvey explain SG120` 显示其中一条，‹…›处由程序填入，",
        "前面写明文件、工作表、行和列（或参数）。",
        "",
        "| what is done / 如何处理 | |",
        "| --- | --- |",
        *(f"| {said.en} | {said.zh} |" for said in ACTIONS.values()),
    ]
    for code in codes().values():
        lines += ["", f"## {code.code} {code.title.en} / {code.title.zh}", "", *_messages(code)]
    return "\n".join(lines) + "\n"


def _messages(code: Code) -> Iterator[str]:
    for found in code.messages.values():
        for language in ("en", "zh"):
            said = ("" if language == "zh" else " ").join(part for part in found.say(language) if part)
            mark = "-" if language == "en" else " "
            yield f"{mark} **{ACTIONS[found.does].to(language)}** {_escaped(said)}" + ("\\" if language == "en" else "")


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "*_|<>[]`" else c for c in text)


def questionnaire_page() -> str:
    """Every word of a questionnaire file, from its schema."""
    whole = schema()
    parts: dict[str, Spec] = whole["$defs"]
    lines = [
        HINT,
        "# The questionnaire file / 问卷文件",
        "",
        "YAML 1.2 in UTF-8, one file or a folder of files that together say it all. Words not listed are refused.",
        "Editors that know JSON Schema complete and explain them: the first line of each file points to",
        "`sgsurvey.schema.json`. How to change one: [Change the questionnaire](../howto/change_the_questionnaire.md).",
        "",
        "UTF-8编码的YAML 1.2，一个文件或一个文件夹；不在表中的词会被拒绝。支持JSON Schema的编辑器会自动补全并解释。",
        "",
        "| takes | 取值 |",
        "| --- | --- |",
        *(f"| {takes} | {zh} |" for takes, zh in KINDS.items()),
        "",
        "## The file / 文件",
        "",
        *_table(whole, parts),
    ]
    for name, part in parts.items():
        lines += ["", f"## {name}", "", _escaped(part.get("description", "")), "", *_table(part, parts)]
    return "\n".join(lines) + "\n"


KINDS = {
    "text": "文字",
    "number": "数",
    "whole number": "整数",
    "yes or no": "true 或 false",
    "list of …": "列表 […]",
    "name: …": "名称: …，一行一个",
}


PLAIN = {"string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no"}


def _table(part: Spec, parts: dict[str, Spec]) -> Iterator[str]:
    needed = set(part.get("required", ()))
    yield "| word | takes | default | 说明 | meaning |"
    yield "| --- | --- | --- | --- | --- |"
    for word, spec in part["properties"].items():
        zh, _, en = spec.get("description", "").rpartition(" / ")
        takes = _takes(spec, parts).replace("|", "\\|")
        yield f"| `{word}` | {takes} | {_default(spec, word in needed)} | {_escaped(zh)} | {_escaped(en)} |"


def _default(spec: Spec, needed: bool) -> str:
    if needed:
        return "needed / 必填"
    value = spec.get("default")
    return "" if value in (None, "", [], {}) else f"`{json.dumps(value, ensure_ascii=False)}`"


def _takes(spec: Spec, parts: dict[str, Spec]) -> str:
    """What may stand behind a word."""
    if "$ref" in spec:
        name = spec["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in spec:
        return f"`{spec['const']}`"
    if "enum" in spec:
        return ", ".join(f"`{value}`" for value in spec["enum"])
    for several in ("anyOf", "oneOf"):
        if several in spec:
            ways = [_takes(way, parts) for way in spec[several] if way.get("type") != "null"]
            return " or ".join(dict.fromkeys(ways))
    if spec["type"] == "array":
        return f"list of {_takes(spec['items'], parts)}"
    if spec["type"] == "object":
        return f"name: {_takes(spec['additionalProperties'], parts)}"
    return _limits(
        {"string": "text", "integer": "whole number", "boolean": "yes or no"}.get(spec["type"], "number"), spec
    )


def _limits(words: str, spec: Spec) -> str:
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤"}
    return " ".join([words, *(f"{sign} {spec[name]:g}" for name, sign in bounds.items() if name in spec)])


PAGES = {"messages.md": messages_page, "questionnaire_file.md": questionnaire_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
        print(REFERENCE / name)
