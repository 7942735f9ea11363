"""Tables in words: the rows as sentences read them, so that a number in the text is the number of its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from numbers import Real
from typing import Literal

from sgsurvey.tables.format import MINUS, in_prose, is_missing
from sgsurvey.tables.table import Cell, Table
from sgsurvey.text import Text, listed, same

MANY = 4  # As many are told one by one.
NAMES = 8  # As many are named.
_INTERVAL = Text("{head}{ends}", "{head} {ends}")
_SIZED = Text("{x}（{interval}）", "{x} ({interval})")
_WITH = Text("{a}与{b}", "{a} with {b}")
_SHOWN = Text("在列出数值的各项中，", "Of those whose numbers are shown, ")


@dataclass(frozen=True, slots=True)
class Line:
    """A body row of a table.

    Attributes
    ----------
    cells : mapping of column key to Cell
    group : Text, str or None
        The heading that the row stands under.
    heads : mapping of column key to Text
    """

    cells: Mapping[str, Cell]
    group: object = None
    heads: Mapping[str, Text] = field(default_factory=dict)

    def value(self, key: str) -> object:
        """The number at full precision, or the words; None where the cell is empty, hidden or not there."""
        value = self.cells[key].value if key in self.cells else None
        return None if all(map(is_missing, value if isinstance(value, tuple) else (value,))) else value

    def number(self, key: str) -> float | None:
        """The number at full precision; None where there is none, or words."""
        value = self.value(key)
        return float(value) if isinstance(value, Real) and not isinstance(value, bool) else None

    def limits(self, key: str) -> tuple[float, float] | None:
        """The interval at full precision; None where it is empty, hidden, open or not there."""
        value = self.value(key)
        if not isinstance(value, tuple) or any(is_missing(end) for end in value):
            return None
        return float(value[0]), float(value[1])

    @property
    def heading(self) -> Text:
        """The heading that the row stands under; empty where there is none."""
        return self.group if isinstance(self.group, Text) else same("" if self.group is None else str(self.group))

    def named(self, key: str, number: int | None = None) -> Text:
        """The row's name, without its ``number`` in the table, after the heading that it stands under."""
        said, before = self.said(key), "" if number is None else f"{number} "
        said = Text(said.zh.removeprefix(before), said.en.removeprefix(before))
        name = Text(said.zh.rstrip("。？"), said.en.rstrip("."))  # the words of an item are a sentence themselves
        return name if self.group is None else Text("{g}的{s}", "{s} ({g})").format(g=self.heading, s=name)

    def alone(self) -> Line:
        """The row without its heading, for sentences that name the heading themselves."""
        return replace(self, group=None)

    def said(self, key: str) -> Text:
        """The cell as running text prints it, with the digits of the table."""
        cell = self.cells[key]
        return cell.value if isinstance(cell.value, Text) else in_prose(cell.value, cell.kind, cell.digits)

    def size(self, key: str) -> Text:
        """The cell as running text prints it, without its sign."""
        said = self.said(key)
        return Text(said.zh.removeprefix(MINUS), said.en.removeprefix(MINUS))

    def code(self, key: str) -> Text:
        """The code alone of a cell that holds ``Basis.coded``: the words with which both languages begin."""
        said = self.said(key)
        pairs = zip(said.zh.split(" "), said.en.split(" "), strict=False)
        both = " ".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return same(both) if both else said

    def interval(self, key: str) -> Text:
        """The interval under its own head: ``95% CI [.61, .80]``."""
        return _INTERVAL.format(head=self.heads[key], ends=self.said(key))

    def sized(self, key: str, interval: str) -> Text:
        """The estimate with its interval; alone where there is none."""
        if self.limits(interval) is None:
            return self.said(key)
        return _SIZED.format(x=self.said(key), interval=self.interval(interval))

    def holds(self, interval: str, value: float = 0.0) -> bool:
        """Whether ``value`` lies in the interval; False where there is none."""
        ends = self.limits(interval)
        return ends is not None and ends[0] <= value <= ends[1]

    def width(self, interval: str) -> float:
        """From one end of the interval to the other; 0 where there is none."""
        low, high = self.limits(interval) or (0.0, 0.0)
        return high - low

    def side(self, key: str, neutral: float = 0.0) -> int:
        """1 or -1 where the whole interval lies above or below ``neutral``; 0 where it does not, or is not there."""
        low, high = self.limits(key) or (neutral, neutral)
        return (low > neutral) - (high < neutral)

    def figures(self, *keys: str) -> Text:
        """Cells after their heads, ``B = 0.36, 95% CI [0.20, 0.52], p < .001``; those alone that are there to be read.

        The degrees of freedom stand with their statistic: ``t(109) = 4.52``.
        """
        there = [key for key in keys if key in self.cells and self.value(key) is not None]
        befores = [Text("", ""), *(self.heads[key] for key in there)]
        found = [self._figure(key, before) for key, before in zip(there, befores, strict=False)]
        return Text("，".join(part.zh for part in found), ", ".join(part.en for part in found))

    def _figure(self, key: str, before: Text) -> Text:
        """A cell after its head; an interval does not repeat the head ``before`` it: ``OR = 2, 95% CI …``."""
        head, said, cell = self.heads[key], self.said(key), self.cells[key]
        if cell.kind == "p":
            return Text(head.zh.removesuffix("p") + said.zh, head.en.removesuffix("p").lower() + said.en)
        if isinstance(cell.value, tuple):
            zh, en = head.zh.removeprefix(before.zh), head.en.removeprefix(before.en).strip()
            return Text(f"{zh}{said.zh}", f"{en} {said.en}")
        degrees = [self.said(df) for df in ("df1", "df", "df2") if df in self.cells and self.value(df) is not None]
        zh, en = head.zh.removesuffix("（%）"), head.en.removesuffix(" (%)").removesuffix(" %")
        if cell.kind == "statistic" and degrees:
            zh, en = (f"{name}({', '.join(df.zh for df in degrees)})" for name in (zh, en))
        return Text(f"{zh} = {said.zh}", f"{en} = {said.en}")


@dataclass(frozen=True, slots=True)
class Pair:
    """A number below the diagonal of a square table, and the names of the two that it is of."""

    line: Line
    key: str
    one: Text
    other: Text

    @property
    def number(self) -> float:
        """At full precision."""
        return self.line.number(self.key) or 0.0

    @property
    def said(self) -> Text:
        """As running text prints it."""
        return self.line.said(self.key)

    @property
    def names(self) -> Text:
        """Of both."""
        return paired(self.one, self.other)


def paired(one: Text, other: Text) -> Text:
    """Two that are compared: ``Funding with Management``."""
    return _WITH.format(a=one, b=other)


def pairs(found: Sequence[Line], keys: Sequence[str], names: Sequence[Text]) -> list[Pair]:
    """The numbers below the diagonal that are shown, from the lowest to the highest."""
    below = [
        Pair(line, key, names[j], names[i])
        for i, line in enumerate(found)
        for j, key in enumerate(keys[:i])
        if line.number(key) is not None
    ]
    return sorted(below, key=lambda pair: pair.number)


def lines(table: Table, *needed: str, kind: Literal["body", "stat"] = "body") -> list[Line]:
    """The rows of a kind, in order; those alone whose cells ``needed`` are there to be read."""
    heads = {column.key: column.head for column in table.columns}
    found = [Line(dict(zip(heads, row, strict=True)), group, heads) for row, group in _rows(table, kind)]
    return [line for line in found if all(line.value(key) is not None for key in needed)]


def ranked(found: Iterable[Line], key: str) -> list[Line]:
    """The lines that have the number, from the lowest to the highest."""
    known = [(number, line) for line in found if (number := line.number(key)) is not None]
    return [line for _, line in sorted(known, key=lambda pair: pair[0])]


def _rows(table: Table, kind: str) -> Iterator[tuple[tuple[Cell, ...], object]]:
    group: object = None
    for row in table.rows:
        if row.kind == "group":
            group = row.cells[0].value
        elif row.kind == kind and len(row.cells) == len(table.columns):
            yield row.cells, group


def foot(table: Table, head: Text) -> Text | None:
    """What stands under the body on the line of ``head``, in running text; None where there is no such number."""
    for row in table.rows:
        if row.kind == "stat" and row.cells[0].value == head and not is_missing(row.cells[-1].value):
            return Line({"": row.cells[-1]}).said("")
    return None


def as_sentence(phrase: Text) -> Text:
    """The phrase with a capital letter and a full stop."""
    return Text(f"{phrase.zh.removesuffix('。')}。", f"{phrase.en[:1].upper()}{phrase.en[1:].removesuffix('.')}.")


def among(table: Table, key: str) -> Text:
    """The beginning of a sentence on the most and the least, where cells of the column are hidden."""
    return _SHOWN if any(line.cells[key].suppressed for line in lines(table)) else Text("", "")


def several(phrases: Iterable[Text], most: int = MANY) -> Text:
    """The first of the phrases, and how many more there are."""
    parts = list(phrases)
    if len(parts) <= most:
        return listed(parts)
    words = Text("{some}等{n}项", "{some} and {more} more")
    return words.format(some=listed(parts[:most]), n=len(parts), more=len(parts) - most)


def detailed(found: Sequence[Line], key: str, *keys: str) -> Text:
    """Rows named by ``key``, with their figures; of many the first, and the others by name."""
    told = [_in_brackets(line.named(key), line.figures(*keys)) for line in found[:MANY]]
    if len(found) <= MANY:
        return listed(told)
    words = Text("{told}，以及{others}", "{told}, and also {others}")
    return words.format(told=listed(told), others=several([line.named(key) for line in found[MANY:]], NAMES))


def _in_brackets(name: Text, figures: Text) -> Text:
    """Figures after a name; in its own brackets where it ends with some."""
    if name.en.endswith(")") and " × " not in name.en:
        return Text(f"{name.zh.removesuffix('）')}；{figures.zh}）", f"{name.en.removesuffix(')')}; {figures.en})")
    return Text(f"{name.zh}（{figures.zh}）", f"{name.en} ({figures.en})")
