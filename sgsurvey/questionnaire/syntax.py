"""A YAML file as plain values, with the line of each: refuses what a questionnaire never needs.

Anchors, aliases, tags and merge keys are refused (a few lines of aliases fill any memory), and so are files over
1 MB, nesting deeper than 20, keys given twice and encodings other than UTF-8 (UTF-16 with its mark is read).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sgsurvey.questionnaire.fault import UNSAFE, Fault
from sgsurvey.questionnaire.model import Place
from sgsurvey.text import Text, same

LARGEST = 1_000_000
DEEPEST = 20
Key = str | int
Path_ = tuple[Key, ...]


@dataclass(frozen=True)
class Source:
    """A file's plain values (dict, list, str, int, float, bool, None) and the line of every key and entry."""

    file: str
    data: Any
    lines: Mapping[Path_, int] = field(default_factory=dict)

    def place(self, *path: Key) -> Place:
        """Where ``path`` stands; the nearest thing around it where it has no line of its own."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return Place(self.file, self.lines[path[:end]])
        return Place(self.file, 1)


def read_yaml(path: Path, name: str = "") -> tuple[Source | None, list[Fault]]:
    """The values of a YAML file, or the faults that stand in the way.

    Parameters
    ----------
    path : Path
    name : str
        What messages call the file; its own name unless given.
    """
    file = name or path.name
    try:
        if path.stat().st_size > LARGEST:
            return None, [_large(file)]
        raw = path.read_bytes()
    except OSError as error:
        why = error.strerror or "cannot be read"
        return None, [Fault(Place(file), Text(f"无法读取（{why}）。", f"cannot be read ({why})."), code=UNSAFE)]
    return parse_yaml(raw, file)


def parse_yaml(raw: bytes, file: str) -> tuple[Source | None, list[Fault]]:
    """The values of YAML text as it stands in a file, or the faults that stand in the way."""
    if len(raw) > LARGEST:
        return None, [_large(file)]
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return None, [_encoding(file, raw)]
    faults = list(_traps(text, file))
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
            if builder.stopped:
                break
    except (YAMLError, ValueError) as error:
        # What a trap explains needs no second message in the parser's words.
        return None, faults or [*builder.faults, _unreadable(error, file, text)]
    faults += builder.faults
    return (None, faults) if faults else (Source(file, builder.root, builder.lines), [])


@dataclass
class _Open:
    """A mapping or list that has begun and not ended; ``key`` waits for its value."""

    value: dict[Key, Any] | list[Any]
    path: Path_
    key: Key | None = None
    waiting: bool = False


class _Builder:
    """Parser events to plain values, without recursion: depth is counted, not suffered."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Any = None
        self.lines: dict[Path_, int] = {}
        self.faults: list[Fault] = []
        self.stopped = False
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take the parser's next event."""
        kind = type(event).__name__
        line = event.start_mark.line + 1
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                self._refuse(
                    line,
                    Text("文件里有多个YAML文档。", "the file holds several YAML documents."),
                    Text("请删去单独成行的'---'。", "Remove the line '---'."),
                )
        elif kind == "AliasEvent" or getattr(event, "anchor", None):
            name = event.anchor
            self._refuse(
                line,
                Text(f"用了锚点或别名'{name}'。", f"an anchor or alias ('{name}') is used."),
                Text(
                    "请把内容直接写出；以&或*开头的文字请加引号。",
                    "Write the words out; quote a text that begins with & or *.",
                ),
            )
        elif getattr(event, "tag", None):
            self._refuse(
                line,
                Text(f"用了YAML标签'{event.tag}'。", f"a YAML tag ('{event.tag}') is used."),
                Text("请删去；以!开头的文字请加引号。", "Remove it; quote a text that begins with !."),
            )
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._begin({} if kind == "MappingStartEvent" else [], line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()
        elif kind == "ScalarEvent":
            value = event.value if event.style else _plain(event.value)
            self._add(value, line, event.value)

    def _begin(self, value: dict[Key, Any] | list[Any], line: int) -> None:
        if self._open and isinstance(self._open[-1].value, dict) and not self._open[-1].waiting:
            self._refuse(
                line,
                Text("用列表或映射作了键。", "a list or mapping stands where a word is expected."),
                Text("冒号前请只写一个词。", "Write one word before the colon."),
            )
            return
        path = self._add(value, line)
        self._open.append(_Open(value, path))
        if len(self._open) > DEEPEST:
            self._refuse(
                line,
                Text(f"嵌套超过{DEEPEST}层。", f"the nesting is deeper than {DEEPEST}."),
                Text("请检查括号和缩进。", "Check brackets and indentation."),
            )

    def _add(self, value: Any, line: int, raw: str = "") -> Path_:
        """Put a value in its place; returns its path."""
        if not self._open:
            self.root = value
            return ()
        top = self._open[-1]
        if isinstance(top.value, list):
            path = (*top.path, len(top.value))
            top.value.append(value)
            self.lines[path] = line
        elif not top.waiting:
            path = top.path
            self._key(top, value, line, raw)
        else:
            path = (*top.path, top.key if top.key is not None else "")
            top.value.setdefault(path[-1], value)
            top.waiting = False
        return path

    def _key(self, top: _Open, value: Any, line: int, raw: str) -> None:
        key: Key = value if isinstance(value, int) and not isinstance(value, bool) else raw
        path = (*top.path, key)
        if key == "<<":
            self._refuse(
                line,
                Text("用了合并键'<<'。", "a merge key '<<' is used."),
                Text("请把内容直接写出。", "Write the words out."),
            )
        if path in self.lines:
            first = self.lines[path]
            what = Text(f"'{key}'写了两次（第一次在第{first}行）。", f"'{key}' is given twice (first in line {first}).")
            remedy = Text("请删去或改名。", "Remove or rename one.")
            self.faults.append(Fault(Place(self.file, line), what, remedy, code=UNSAFE))
            # Under a path of its own, what stands below the second is not taken for a repetition too.
            key = f"{key} ({line})"
        self.lines[(*top.path, key)] = line
        top.key, top.waiting = key, True

    def _refuse(self, line: int, what: Text, remedy: Text) -> None:
        self.faults.append(Fault(Place(self.file, line), what, remedy, code=UNSAFE))
        self.stopped = True


def _plain(value: str) -> Any:
    """An unquoted scalar by the core schema of YAML 1.2: ``no`` and ``12:30`` stay words, ``010`` is ten."""
    if value in ("", "~", "null"):
        return None
    if value in ("true", "false"):
        return value == "true"
    if re.fullmatch(r"[-+]?[0-9]{1,18}", value):
        return int(value)
    if re.fullmatch(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=e))(e[-+]?[0-9]{1,3})?", value, re.IGNORECASE):
        return float(value)
    return value


# What people type, said before the parser says it worse ---------------------------------------------

_WORD = r"(?:[a-z][a-z_]*[0-9]*|-?[0-9]+)"
_COMMON = r"(?:zh|en|name|type|label|construct|choices|kind|aspect|missing)"
_FULL_COLON = (
    Text("用了全角冒号“：”。", "a full-width colon '：' is used."),
    Text("请改为半角冒号加一个空格。", "Write an ordinary colon and a space."),
)
_TRAPS = (
    (
        re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]"),
        Text("有看不见的控制字符。", "an invisible control character stands here."),
        Text("请删去这一行，重新输入。", "Delete the line and type it again."),
    ),
    (
        re.compile(r"^ *(?:- )?\t"),
        Text("缩进用了制表符（Tab）。", "a tab is used as indentation."),
        Text("请改用空格，每层两个。", "Use spaces, two for each level."),
    ),
    (
        re.compile("^[ \t]*[\u3000\u00a0]"),
        Text("缩进用了全角空格或不间断空格。", "a full-width or non-breaking space is used as indentation."),
        Text("请改用普通空格。", "Use ordinary spaces."),
    ),
    (re.compile(rf"^ *(?:- +)?(?:\{{ *)?{_WORD} *："), *_FULL_COLON),
    (re.compile(rf"[{{,] *{_COMMON} *：.*\}}"), *_FULL_COLON),
    (
        re.compile(rf"\{{[^\"'}}]*[，、] *{_COMMON} *[:：]"),
        Text("花括号内用了全角逗号“，”分隔。", "a full-width comma '，' separates the entries inside { }."),
        Text("请改为半角逗号加一个空格。", "Write an ordinary comma and a space."),
    ),
)


def _traps(text: str, file: str) -> Iterator[Fault]:
    block_indent: int | None = None
    for number, line in enumerate(text.split("\n"), 1):
        indent = len(line) - len(line.lstrip(" "))
        if block_indent is not None and (not line.strip() or indent > block_indent):
            continue
        block_indent = indent if re.search(r": *[|>][-+]?\d? *(#.*)?$", line) else None
        if line.lstrip().startswith("#"):
            continue
        for pattern, what, remedy in _TRAPS:
            if pattern.search(line):
                yield Fault(Place(file, number), what, remedy)
                break


def _unreadable(error: Exception, file: str, text: str) -> Fault:
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    said = (error.problem or error.context or "") if isinstance(error, MarkedYAMLError) else str(error).splitlines()[0]
    lines = text.split("\n")
    for line in (mark.line, mark.line - 1) if mark else ():
        if 0 <= line < len(lines) and "：" in lines[line] and ": " not in lines[line]:
            return Fault(Place(file, line + 1), *_FULL_COLON)
    return Fault(
        Place(file, mark.line + 1 if mark else 0),
        Text(f"不是有效的YAML（{said}）。", f"is not valid YAML ({said})."),
        Text(
            "请检查这一行及上一行：冒号后要有空格；文字里有冒号、逗号或引号时整句加英文双引号；括号要成对。",
            "Look at this line and the one above: a space follows each colon; a text with a colon, comma or quotes "
            "stands in straight quotes; brackets are closed.",
        ),
        code=UNSAFE,
    )


def _encoding(file: str, raw: bytes) -> Fault:
    line = 1
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
    try:
        raw.decode("gb18030")
        looks = Text("它像是GBK/GB18030编码。", " It looks like GBK/GB18030.")
    except UnicodeDecodeError:
        looks = same("")
    return Fault(
        Place(file, line),
        Text(f"文件不是UTF-8编码。{looks.zh}", f"the file is not UTF-8.{looks.en}"),
        Text("请在编辑器中另存为UTF-8。", "Save it as UTF-8 in your editor."),
        code=UNSAFE,
    )


def _large(file: str) -> Fault:
    return Fault(
        Place(file),
        Text("文件大于1 MB。", "the file is larger than 1 MB."),
        Text("问卷不会这么大；请检查是不是选错了文件。", "No questionnaire is that large; is it the right file?"),
        code=UNSAFE,
    )
