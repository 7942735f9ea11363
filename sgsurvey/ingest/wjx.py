"""问卷星 (Wenjuanxing): answers by text (按选项文本) or by number (按选项序号), under heads of both generations."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sgsurvey.forms.form import Form, lay_out
from sgsurvey.forms.wjx import Question, line_words, questions_of, stem
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import table
from sgsurvey.ingest.joined import SEVERAL, split_labels
from sgsurvey.ingest.layout import TITLE_LINES, Cells, Line, Raw
from sgsurvey.ingest.names import Names, wording
from sgsurvey.ingest.submissions import carried, local_times, place_of, with_column
from sgsurvey.ingest.values import read_seconds
from sgsurvey.questionnaire.model import CODED, Choice, Item
from sgsurvey.text import LANGUAGES

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

NOT_SHOWN = "{question_not_shown}"
# What stands for "not shown" and "left empty" in a download by number.
SKIPPED, EMPTY = "-3", "-2"
BETWEEN = r"┋|→"
FILL_IN = re.compile(r"〖(?P<words>[^〖〗]*)〗")
NUMBER = re.compile(r"\s*(?:第(?P<old>\d+)题|(?P<new>\d+)\s*[、:：.．])(?P<rest>.*)", re.S)
BRACKETS = re.compile(r"[(（](?P<inner>.*)[)）]\s*[:：]?\s*", re.S)
DASHES = re.compile(r"[—–\-]+")
POSITIONS = re.compile(r"\d+(?:[┋|,→]\d+)*")
SENT, TOOK = ("提交答卷时间",), ("所用时间",)


def read_wjx(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """A download of answers; numbers of options are positions in the form, and become codes.

    Raises
    ------
    DataError
        The download is by score (按选项分数): SG121.
    """
    heads = _Heads(names)
    raw = table(path, names, events, options, prepare=heads.put_right)
    choices = heads.choices
    raw = _with_times(raw, names)
    if _by_number(raw, names):
        _refuse_scores(raw, names, events)
        return _positions_read(raw, names, choices, events)
    return split_labels(_fill_ins(raw, names, events), names, BETWEEN, events)


def is_wjx(heads: Sequence[str]) -> bool:
    """Whether the first heads are those of 问卷星."""
    return {"序号", "提交答卷时间", "所用时间"} <= set(heads)


# Heads ----------------------------------------------------------------------------------------------


class _Heads:
    """The form behind the heads: questions by number, and items by the words that 问卷星 shows."""

    def __init__(self, names: Names) -> None:
        self.names = names
        questionnaire = names.questionnaire
        roles = [names.role] if names.role else [role.name for role in questionnaire.roles]
        forms = [lay_out(questionnaire, role) for role in roles]
        self.choices = {item.name: form.choices(item) for form in forms for item in form.items}
        # Numbers are those of one form: without its role they say nothing.
        self.numbered = {q.number: q for q in questions_of(forms[0]) if q.number} if names.role else {}
        said: dict[str, set[str]] = {}
        for form in forms:
            for item, shown in _shown(form):
                said.setdefault(wording(shown), set()).add(item.name)
        self.said = {words: found.pop() for words, found in said.items() if len(found) == 1}

    def put_right(self, lines: Iterator[Line]) -> Iterator[Line]:
        """All lines, names in place of the heads whose question is known."""
        top = [list(line) for line in islice(lines, TITLE_LINES)]
        scores = [self.names.count(self._line(line)) for line in top]
        if any(scores):
            best = scores.index(max(scores))
            top[best] = self._line(top[best])
        yield from top
        yield from lines

    def _line(self, line: Line) -> list[str]:
        """A line of heads; one without a number goes on with the question before it."""
        heads, question = [], None
        for cell in line:
            found = NUMBER.fullmatch(cell)
            if found:
                question = self.numbered.get(int(found["old"] or found["new"]))
            heads.append(self._head(cell, found["rest"] if found else cell, question))
        return heads

    def _head(self, cell: str, rest: str, question: Question | None) -> str:
        if name := self.said.get(wording(rest)):
            return name
        tails = [rest[at.end() :] for at in DASHES.finditer(rest)]
        inner = [
            found["inner"] for at in re.finditer(r"[(（]", rest) if (found := BRACKETS.fullmatch(rest[at.start() :]))
        ]
        for words in (*inner, *tails, rest):
            if question is not None and (option := self._option(question, words)):
                return option
            if name := self.said.get(wording(words)):
                return name
        return cell

    def _option(self, question: Question, words: str) -> str:
        """The column of one choice of this question; none where it has no such choice."""
        (item, *others) = question.part.items
        if others or item.type not in SEVERAL or item.scale is None:
            return ""
        for choice in item.scale.valid:
            if wording(words) in {wording(choice.label.zh), wording(choice.label.en)} - {""}:
                return f"{item.name}_{choice.code}"
        return ""


def _shown(form: Form) -> Iterator[tuple[Item, str]]:
    """Each item with the words that stand for it, in every language."""
    for question in questions_of(form):
        for item in question.part.items if question.number else ():
            for language in LANGUAGES:
                if item.label.to(language):
                    yield item, line_words(item, language) if question.part.grid else stem(form, item, language)


# By number ------------------------------------------------------------------------------------------


def _answers(raw: Raw, names: Names) -> Iterator[tuple[int, Item]]:
    """Each column of a whole question or of one choice, with its item."""
    for place, head in enumerate(raw.header):
        target = names.target(head)
        if target is not None and target.kind in ("answer", "option", "carried") and target.name in names.items:
            yield place, names.items[target.name]


def _listed(item: Item) -> bool:
    return item.scale is not None and item.type in (*CODED, *SEVERAL)


def _by_number(raw: Raw, names: Names) -> bool:
    """Whether no question with options has a label in any cell."""
    texts = [
        text.strip()
        for place, item in _answers(raw, names)
        if _listed(item) and _whole(raw, names, place)
        for text in raw.columns[place].texts
    ]
    told = [text for text in texts if text]
    return bool(told) and all(re.fullmatch(r"-?\d+(?:[┋|,→]\d+)*", text) for text in told)


def _refuse_scores(raw: Raw, names: Names, events: Events) -> None:
    """Numbers whose sum is the sum of scores in every row are scores."""
    place = place_of(raw, "总分")
    if place is None or not len(raw.rows):
        return
    asked = [at for at, item in _answers(raw, names) if _listed(item) and _whole(raw, names, at)]
    rows = zip(*(raw.columns[at] for at in asked), strict=True)
    sums = [sum(int(number) for text in row for number in _numbers(text)) for row in rows]
    if [str(total) for total in sums] == [text.strip().removesuffix(".0") for text in raw.columns[place]]:
        raise events.error("SG121.scores", column=raw.header[place])


def _whole(raw: Raw, names: Names, place: int) -> bool:
    target = names.target(raw.header[place])
    return target is not None and target.kind != "option"


def _positions_read(raw: Raw, names: Names, choices: dict[str, tuple[Choice, ...]], events: Events) -> Raw:
    """Codes in place of positions, and what was skipped or left empty in place of -3 and -2."""
    scores: list[tuple[str, int]] = []
    for place, item in list(_answers(raw, names)):
        codes = [str(choice.code) for choice in choices.get(item.name, ())]
        coded = _listed(item) and _whole(raw, names, place)
        if coded:
            beyond = {int(p) for text in raw.columns[place].texts for p in _numbers(text)} - set(
                range(1, len(codes) + 1)
            )
            if beyond:
                scores.append((raw.header[place], len(codes)))
                continue
        known = {str(code) for code in item.missing_codes}
        texts = {}
        for text in raw.columns[place].texts:
            bare = text.strip()
            if bare in (SKIPPED, EMPTY) and (coded or bare not in known):
                texts[text] = NOT_SHOWN if bare == SKIPPED else ""
            elif coded and POSITIONS.fullmatch(bare):
                texts[text] = " ".join(codes[int(p) - 1] for p in _numbers(bare))
            else:
                texts[text] = text
        raw = raw.rewritten(place, texts.__getitem__)
    if scores:
        columns = ", ".join(f"{head} (1–{most})" for head, most in scores[:5])
        raise events.error("SG121.positions", column=scores[0][0], n=len(scores), columns=columns)
    return raw


def _numbers(text: str) -> list[str]:
    bare = text.strip()
    return re.findall(r"\d+", bare) if POSITIONS.fullmatch(bare) else []


# By text --------------------------------------------------------------------------------------------


def _fill_ins(raw: Raw, names: Names, events: Events) -> Raw:
    """Options without the words that were filled in behind them; these go to the question ``name_other``, if any."""
    for place, item in list(_answers(raw, names)):
        cells = raw.columns[place]
        if not _listed(item) or not any(FILL_IN.search(text) for text in cells.texts):
            continue
        words = ["；".join(FILL_IN.findall(text)) for text in cells.texts]
        other = f"{item.name}_other"
        rows = int(cells.counts[[bool(w) for w in words]].sum())
        if other in names.items and place_of(raw, other) is None:
            raw = with_column(raw, other, cells.spread(words))
        elif rows:
            events.add("SG115.fill_in", n=rows, column=raw.header[place], item=other)
        raw = raw.rewritten(place, lambda text: FILL_IN.sub("", text))
    return raw


# Times ----------------------------------------------------------------------------------------------


def _with_times(raw: Raw, names: Names) -> Raw:
    """When each answer was sent, and when it was begun: the time it took before."""
    sent, took = place_of(raw, *SENT), place_of(raw, *TOOK)
    if sent is None or carried(raw, names, "t_end") is not None:
        return raw
    ends = local_times(raw.columns[sent].texts)
    if ends is None:
        return raw
    whole = list(raw.columns[sent].spread(ends))
    raw = with_column(raw, "t_end", whole)
    if took is None or carried(raw, names, "t_start") is not None:
        return raw
    return with_column(raw, "t_start", _begun(whole, raw.columns[took]))


def _begun(ends: Iterable[str], took: Cells) -> Iterator[str]:
    for end, text in zip(ends, took, strict=True):
        seconds = read_seconds(text).value
        if end and isinstance(seconds, float):
            yield (dt.datetime.fromisoformat(end) - dt.timedelta(seconds=seconds)).isoformat()
        else:
            yield ""
