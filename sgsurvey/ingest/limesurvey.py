"""LimeSurvey: its CSV or workbook (heads by code, by text or both; short or long answers), and its VV file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sgsurvey.ingest.csv import decode, read_separated
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import content_of, table
from sgsurvey.ingest.joined import bare, labels_of
from sgsurvey.ingest.layout import Cells, Line, Raw
from sgsurvey.ingest.names import CARRIED, Names, plain, scale_words, wording
from sgsurvey.ingest.submissions import agree, carried, iso_times, place_of, set_aside, with_column, with_seconds
from sgsurvey.questionnaire.model import CODED, Item

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

NOT_SHOWN = "{question_not_shown}"
# As they must be undone: a brace last, as it was written first.
ESCAPES = (("{newline}", "\n"), ("{cr}", "\r"), ("{tab}", "\t"), ("{quote}", '"'), ("{lbrace}", "{"))
CODE_AND_TEXT = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)\. (.*)", re.S)
# A subquestion: in brackets, or in the VV file behind an underscore.
SUBQUESTION = re.compile(r"(?P<name>[A-Za-z]\w*)\[(?P<sub>[^\]]+)\]|(?P<vv>[A-Za-z]\w*)_(?P<own>(?:SQ)?\d+|other)")
DEFAULT_SUBQUESTION = re.compile(r"SQ0*(\d+)")
# What LimeSurvey calls its own columns where heads are texts.
OWN_COLUMNS = {
    "response id": "id",
    "date submitted": "submitdate",
    "date started": "startdate",
    "date last action": "datestamp",
    "last page": "lastpage",
    "start language": "startlanguage",
    "ip address": "ipaddr",
    "referrer url": "refurl",
    "total time": "interviewtime",
}
DEFAULT_ANSWER = re.compile(r"AO?0*(\d+)")
# Codes of LimeSurvey hold letters and digits only: N9 stands for -9.
NEGATIVE = re.compile(r"N(\d+)")
RANKED = re.compile(r"(?P<name>.*?)(?:\s*\[\D*(?P<place>\d+)\]|_(?P<vv>\d+))", re.S)
OTHER = "-oth-"
# Stands for a place of a ranking that holds nothing; it is no answer to any question.
UNPLACED = "∅"
OTHER_TEXT = re.compile(r"(.+?)(?:_other|\[other\])")


def read_limesurvey(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """Responses in either of LimeSurvey's files; what was not submitted is set aside."""
    content, heads = content_of(path, events), _Heads(names, events)
    if _is_vv(content):
        raw = read_separated(decode(content, names, events), "\t", names, events, prepare=heads.under_labels)
        for place in range(len(raw.header)):
            raw = raw.rewritten(place, _unescaped)
    else:
        raw = table(path, names, events, options, prepare=heads.first)
        raw = _unmasked(raw, names)
    submitted = place_of(raw, "submitdate")
    if submitted is not None:
        raw = raw.rewritten(submitted, lambda text: text.replace(NOT_SHOWN, ""))
    raw = set_aside(raw, submitted, lambda state: not state, "draft", "SG151.draft", events)
    raw = _ranked(_others(_answers(raw, names), names), names)
    raw = iso_times(raw, [place_of(raw, "startdate"), place_of(raw, "datestamp")])
    last = place_of(raw, "datestamp")
    if last is not None and carried(raw, names, "t_end") is None:
        raw = with_column(raw, "t_end", raw.columns[last])
    return with_seconds(raw, names)


def is_limesurvey(heads: Sequence[str]) -> bool:
    """Whether the heads are those that LimeSurvey puts first."""
    return {"submitdate", "lastpage", "startlanguage"} <= set(heads)


def _is_vv(content: bytes) -> bool:
    """Two lines of heads, the second of codes, between tabs."""
    second = content[:200_000].split(b"\n", 2)[1:2]
    return bool(second) and second[0].lstrip(b'"').startswith((b"id\t", b'id"\t'))


class _Heads:
    """Codes of LimeSurvey, which hold no underscore, as names of questions."""

    def __init__(self, names: Names, events: Events) -> None:
        self.names, self.events = names, events
        known: dict[str, set[str]] = {}
        for name in [
            *names.items,
            *CARRIED,
            *(f"{item.name}_assigned" for item in names.items.values() if item.assign),
        ]:
            known.setdefault(name.replace("_", "").casefold(), set()).add(name)
        self.squeezed = {code: found.pop() for code, found in known.items() if len(found) == 1}

    def first(self, lines: Iterator[Line]) -> Iterator[Line]:
        """All lines, the first one with names."""
        for line in lines:
            yield [self.name(head) for head in line]
            break
        yield from lines

    def under_labels(self, lines: Iterator[Line]) -> Iterator[Line]:
        """All lines without the first, then names."""
        for _ in lines:
            yield []
            break
        yield from self.first(lines)

    def name(self, head: str) -> str:
        """The name for a head by code, or by code and text; other heads as they are."""
        text = plain(head)
        both = CODE_AND_TEXT.fullmatch(text)
        name = self._by_code(both[1]) if both else ""
        if both and self.names.target(name):
            agree(name, both[2], self.names, self.events)
            return name
        return self._by_code(OWN_COLUMNS.get(text.casefold(), text))

    def _by_code(self, code: str) -> str:
        if code.casefold() in self.squeezed:
            return self.squeezed[code.casefold()]
        part = SUBQUESTION.fullmatch(code)
        if part is None:
            return code
        name, sub = part["name"] or part["vv"], part["sub"] or part["own"]
        name = self.squeezed.get(name.casefold(), name)
        if sub.casefold() in self.squeezed:
            return self.squeezed[sub.casefold()]
        if sub == "other" and f"{name}_other" in self.names.items:
            return f"{name}_other"
        own = DEFAULT_SUBQUESTION.fullmatch(sub)
        return f"{name}[{own[1] if own else sub}]"


# Cells ------------------------------------------------------------------------------------------------


def _unescaped(text: str) -> str:
    if text == NOT_SHOWN:
        return text
    for written, meant in ESCAPES:
        text = text.replace(written, meant)
    return text


def _unmasked(raw: Raw, names: Names) -> Raw:
    """The file without the apostrophe before a formula; ``N/A`` in long answers is what was not shown.

    In an open answer it may be what somebody wrote: there it stays.
    """
    for place, head in enumerate(raw.header):
        raw = raw.rewritten(place, lambda text: text[1:] if text.startswith("'=") else text)
        target = names.target(head)
        if target is not None and target.kind in ("answer", "option") and names.items[target.name].type != "text":
            raw = raw.rewritten(place, lambda text: NOT_SHOWN if text.strip() == "N/A" else text)
    return raw


def _answers(raw: Raw, names: Names) -> Raw:
    """The file with declared codes for LimeSurvey's own: ``A1``, ``N9``, ``-oth-``, ``Y``, and 2 for no."""
    doubled = _with_two_for_no(raw, names)
    for place, head in enumerate(raw.header):
        target = names.target(head)
        if target is None or target.kind not in ("answer", "option"):
            continue
        item = names.items[target.name]
        if target.kind == "option" and item.name in doubled:
            raw = raw.rewritten(place, lambda text: {"2": "0"}.get(text.strip(), text))
        elif target.kind == "answer" and item.type in (*CODED, "integer", "decimal"):
            raw = raw.rewritten(place, _OwnCodes(item))
    return raw


def _with_two_for_no(raw: Raw, names: Names) -> set[str]:
    """Questions of several choices that were exported with 1 for yes and 2 for no."""
    texts: dict[str, set[str]] = {}
    for head, cells in zip(raw.header, raw.columns, strict=True):
        target = names.target(head)
        if target is not None and target.kind == "option" and names.items[target.name].type == "select_multiple":
            texts.setdefault(target.name, set()).update(text.strip() for text in cells.texts)
    return {name for name, found in texts.items() if "2" in found and found <= {"", "1", "2", NOT_SHOWN}}


class _OwnCodes:
    """Turns LimeSurvey's codes for one question into declared ones; every other text stays."""

    def __init__(self, item: Item) -> None:
        self.codes = {choice.code for choice in item.scale.choices} if item.scale else set()
        self.codes |= set(item.missing_codes)
        words = scale_words(item.scale)
        other = _other_code(item)
        self.fixed = {} if other is None else {OTHER: str(other)}
        for code, yes in (("Y", ("yes", "是")), ("N", ("no", "否"))):
            found = {words[wording(word)] for word in yes if wording(word) in words}
            if len(found) == 1:
                self.fixed[code] = str(found.pop())

    def __call__(self, text: str) -> str:
        told = text.strip()
        if told in self.fixed:
            return self.fixed[told]
        for pattern, sign in ((DEFAULT_ANSWER, 1), (NEGATIVE, -1)):
            found = pattern.fullmatch(told)
            if found and sign * int(found[1]) in self.codes:
                return str(sign * int(found[1]))
        return text


def _other_code(item: Item) -> int | None:
    """The choice that LimeSurvey would call other; None where none or several are."""
    words = scale_words(item.scale)
    found = {words[word] for word in ("其他", "other") if word in words}
    return found.pop() if len(found) == 1 else None


def _others(raw: Raw, names: Names) -> Raw:
    """The file with a choice picked where a text beside it was written: LimeSurvey has the text alone."""
    heads = {head: place for place, head in enumerate(raw.header)}
    for head, place in heads.items():
        found = OTHER_TEXT.fullmatch(head)
        item = names.items.get(found[1]) if found else None
        code = _other_code(item) if item is not None and item.type == "select_multiple" else None
        if item is None or code is None:
            continue
        picked = raw.columns[place].rewritten(lambda text: "Y" if text.strip() not in ("", NOT_SHOWN) else text)
        if head.endswith("]"):
            columns = (*raw.columns[:place], picked, *raw.columns[place + 1 :])
            raw = replace(raw, columns=columns)
        elif not {f"{item.name}[{code}]", f"{item.name}_{code}"} & set(heads):
            raw = with_column(raw, f"{item.name}_{code}", picked)
    return raw


# Rankings ---------------------------------------------------------------------------------------------


def _ranked(raw: Raw, names: Names) -> Raw:
    """The file with one column per ranking: LimeSurvey has a column for each place, which holds what was put there."""
    places: dict[str, dict[int, int]] = {}
    for column, head in enumerate(raw.header):
        found = RANKED.fullmatch(head)
        target = names.target(found["name"]) if found else None
        if found and target is not None and target.kind == "answer" and names.items[target.name].type == "rank":
            places.setdefault(target.name, {})[int(found["place"] or found["vv"])] = column
    dropped = {column for columns in places.values() for column in columns.values()}
    kept = [column for column in range(len(raw.header)) if column not in dropped]
    header, cells = [raw.header[c] for c in kept], [raw.columns[c] for c in kept]
    for name, columns in places.items():
        ordered = [raw.columns[columns[place]] for place in sorted(columns)]
        header.append(name)
        cells.append(Cells.of(map(_joined_places(names.items[name]), zip(*ordered, strict=True))))
    return replace(raw, header=tuple(header), columns=tuple(cells))


def _joined_places(item: Item) -> Callable[[Sequence[str]], str]:
    """Joins the codes that stand in the places of one row."""
    labels, codes = labels_of(item), _OwnCodes(item)
    known = {str(choice.code) for choice in (item.scale.choices if item.scale else ())} | {
        str(code) for code in item.missing_codes
    }

    def code(text: str) -> str:
        own = codes(text)
        return str(labels.get(bare(own), own)).strip()

    def joined(texts: Sequence[str]) -> str:
        if set(texts) == {NOT_SHOWN}:
            return NOT_SHOWN
        told = ["" if text == NOT_SHOWN else code(text) for text in texts]
        placed = [text for text in told if text]
        if told[: len(placed)] != placed or not set(placed) <= known:
            # A place left out, or filled with no one choice: which ranks were meant cannot be told.
            return " ".join(text or UNPLACED for text in [UNPLACED, *told]).strip()
        return " ".join(placed)

    return joined
