"""Messages with a code: every finding in a file, in both languages, on one page (``messages.toml``)."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from sgsurvey.text import Language, Text

Action = Literal["refuse", "quarantine", "invalid", "warn", "fix", "decline"]
ACTIONS: dict[Action, Text] = {
    "refuse": Text("拒绝读取文件", "the file is refused"),
    "quarantine": Text("整行单独存放", "the row is set aside"),
    "invalid": Text("单元格单独存放", "the cell is set aside"),
    "warn": Text("保留并提示", "kept, and told"),
    "fix": Text("已自动处理并计数", "put right, and counted"),
    "decline": Text("不予估计", "not estimated"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One finding: its code, what is done about it, and its words with ``{parts}`` to be filled in.

    Attributes
    ----------
    code : str
        Stable number (``SG120``).
    does : "refuse", "quarantine", "invalid", "warn", "fix" or "decline"
        What happens to the file, the row, the cell or the model.
    what, remedy : Text
        What was found, and what to do.
    """

    code: str
    does: Action
    what: Text
    remedy: Text

    def say(self, language: Language) -> tuple[str, str]:
        """What was found and what to do, with ``‹parts›`` where something is filled in."""
        said = (words.to(language).removesuffix("{hint}") for words in (self.what, self.remedy))
        what, remedy = (re.sub(r"\{(\w+)\}", r"‹\1›", words) for words in said)
        return what[:1].upper() + what[1:], remedy


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: its title, and the messages that bear its code by their names."""

    code: str
    title: Text
    messages: Mapping[str, Message]

    def lines(self, language: Language) -> Iterator[str]:
        """The whole entry, line by line: for each message what is done, what was found, what to do."""
        yield f"{self.code} {self.title.to(language)}"
        for found in self.messages.values():
            what, remedy = found.say(language)
            yield f"  [{ACTIONS[found.does].to(language)}] {what}"
            if remedy:
                yield f"    → {remedy}"


@cache
def codes() -> dict[str, Code]:
    """Every code with its messages, in the order of the page."""
    page = tomllib.loads(resources.files("sgsurvey").joinpath("messages.toml").read_text(encoding="utf-8"))
    return {
        code: Code(code, Text(entry.pop("zh"), entry.pop("en")), _read(code, entry)) for code, entry in page.items()
    }


def message(name: str) -> Message:
    """The message called ``SG101.pdf``: its code, a full stop, and its name under that code."""
    code, _, own = name.partition(".")
    return codes()[code].messages[own]


def nearest(word: str) -> list[Code]:
    """The code that was meant by ``SG120``, ``sg120.cell`` or ``120``; else the two nearest numbers; else none."""
    number = re.match(r"\s*(?:SG)?\s*(\d+)", word, re.IGNORECASE)
    if number is None:
        return []
    exact = f"SG{number[1]}"
    if exact in codes():
        return [codes()[exact]]
    near = sorted(codes().values(), key=lambda code: abs(int(code.code[2:]) - int(number[1])))
    return near[:2]


def _read(code: str, entry: Mapping[str, Mapping[str, str]]) -> dict[str, Message]:
    return {
        name: Message(
            code,
            next(action for action in ACTIONS if action == lines["does"]),
            Text(lines["zh"], lines["en"]),
            Text(lines.get("zh_do", ""), lines.get("en_do", "")),
        )
        for name, lines in entry.items()
    }
