"""Messages with a code: every finding in a file, in both languages, on one page (``messages.toml``)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from sgsurvey.text import Text

Action = Literal["refuse", "quarantine", "invalid", "warn", "fix"]
ACTIONS: dict[Action, Text] = {
    "refuse": Text("拒绝读取文件", "the file is refused"),
    "quarantine": Text("整行单独存放", "the row is set aside"),
    "invalid": Text("单元格单独存放", "the cell is set aside"),
    "warn": Text("保留并提示", "kept, and told"),
    "fix": Text("已自动处理并计数", "put right, and counted"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One finding: its code, what is done about it, and its words with ``{parts}`` to be filled in.

    Attributes
    ----------
    code : str
        Stable number (``SG120``).
    does : "refuse", "quarantine", "invalid", "warn" or "fix"
        What happens to the file, the row or the cell.
    what, remedy : Text
        What was found, and what to do.
    """

    code: str
    does: Action
    what: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: its title, and the messages that bear its code by their names."""

    code: str
    title: Text
    messages: Mapping[str, Message]


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


def _read(code: str, entry: Mapping[str, Mapping[str, str]]) -> dict[str, Message]:
    return {
        name: Message(
            code,
            lines["does"],  # type: ignore[arg-type]  # the page's test holds it to the five actions
            Text(lines["zh"], lines["en"]),
            Text(lines.get("zh_do", ""), lines.get("en_do", "")),
        )
        for name, lines in entry.items()
    }
