"""One bad input: how it is written, what is promised, and what was seen when it was read."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from small_files import as_csv, as_xlsx, small_instrument, sound_cells

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import SurveyError
from sgsurvey.ingest.read import read_responses
from sgsurvey.messages import codes
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.text import Text

instrument = cache(small_instrument)
READ = "read"


@dataclass(frozen=True)
class Seen:
    """What was done about an input, and what the user is told.

    Attributes
    ----------
    reaction : str
        ``refuse``, ``quarantine``, ``invalid``, ``warn``, ``fix`` or ``read`` (nothing to say).
    place : Text
        File, sheet, row and column.
    n : int
        How many cells, rows or columns; 0 where nothing is counted.
    faults : tuple of str
        What is not as it should be, beside the reaction and the code.
    """

    reaction: str
    code: str = ""
    place: Text = field(default_factory=lambda: Text("", ""))
    what: Text = field(default_factory=lambda: Text("", ""))
    remedy: Text = field(default_factory=lambda: Text("", ""))
    n: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bad:
    """A bad input of the page, or one variant of it.

    Attributes
    ----------
    number : int
        As on the page.
    name : str
    promised : str
        The reaction (see ``Seen``).
    code : str
        Empty where nothing is to be said.
    content : bytes, str, lines of cells, or callable (folder) -> Seen
        What stands in the file; a callable looks at something else than reading a file.
    file : str
    places : sequence of str
        What the place must name (``row 3``, ``column 'TR1'``), beside the file.
    n : int, optional
        The count that must be told.
    how : mapping
        Further arguments of ``read_responses``.
    then : callable (Responses) -> bool, optional
        What must hold for the answers.
    questionnaire : callable () -> Questionnaire
    """

    number: int
    name: str
    promised: str
    code: str
    content: object
    file: str = "a.csv"
    places: Sequence[str] = ()
    n: int | None = None
    how: Mapping[str, object] = field(default_factory=dict)
    then: Callable[[Responses], bool] | None = None
    questionnaire: Callable[[], Questionnaire] = instrument

    def look(self, folder: Path) -> Seen:
        """Write the file, read it, and see."""
        if callable(self.content):
            return self.content(folder)
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(self.content, self.file))
        before = fingerprints(folder)
        try:
            answers = read_responses(path, self.questionnaire(), **self.how)
        except SurveyError as error:
            seen = refused(error)
        else:
            seen = self._told(answers, path.name)
        changed = () if fingerprints(folder) == before else ("something was written",)
        return Seen(seen.reaction, seen.code, seen.place, seen.what, seen.remedy, seen.n, (*seen.faults, *changed))

    def complaints(self, seen: Seen) -> Iterator[str]:
        """Everything in which what was seen differs from what is promised."""
        if (seen.reaction, seen.code) != (self.promised, self.code):
            yield f"{self.promised} {self.code} promised, {seen.reaction} {seen.code} seen: {seen.what.en}"
            return
        yield from seen.faults
        if self.n is not None and seen.n != self.n:
            yield f"{seen.n} counted, not {self.n}"
        for place in self.places:
            if place not in seen.place.en:
                yield f"no {place} in: {seen.place.en}"
        if not self.code:
            return
        if not seen.what.en or not re.search("[\u4e00-\u9fff]", seen.what.zh):
            yield "what was found is not said in both languages"
        if self.promised in ("refuse", "invalid"):
            if not seen.remedy.en or not re.search("[\u4e00-\u9fff]", seen.remedy.zh):
                yield "what to do is not said in both languages"
            if not seen.place.en or not seen.place.zh:
                yield "no place is named"
        if re.search(r"\{\w*\}", (seen.what.en + seen.what.zh + seen.remedy.en).replace("{question_not_shown}", "")):
            yield "a part is not filled in"

    def _told(self, answers: Responses, file: str) -> Seen:
        """The line of the log with the promised code; nothing where none is."""
        faults = [*_sums(answers)]
        if self.then is not None and not self.then(answers):
            faults.append("the answers are not those that were given")
        events = answers.log.events
        if not self.code:
            unexpected = sorted(set(events["code"]) - {"SG111"})
            return Seen(READ, ", ".join(unexpected), faults=tuple(faults))
        lines = events[events["code"] == self.code]
        if lines.empty:
            return Seen(READ, what=Text("", f"only {sorted(set(events['code']))} told"), faults=tuple(faults))
        line = lines.iloc[0]
        en = [file, f"row {line['row']}" if line["row"] else "", f"column '{line['column']}'" if line["column"] else ""]
        place = ", ".join(part for part in en if part)
        if set(answers.log.inputs) != {file}:
            faults.append("the log does not name the file")
        return Seen(
            line["action"],
            line["code"],
            Text(place, place),
            Text(line["message_zh"], line["message"]),
            Text(line["remedy_zh"], line["remedy"]),
            int(lines["n"].sum()),
            tuple(faults),
        )


def refused(error: SurveyError) -> Seen:
    """A refusal, with what is said."""
    faults = [] if not error.code or error.code in codes() else [f"{error.code} is not on the page of messages"]
    return Seen("refuse", error.code, error.where, error.what, error.remedy, faults=tuple(faults))


def fingerprints(folder: Path) -> dict[str, str]:
    """Every file under ``folder`` with its hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def many(rows: int, **columns: Sequence[object]) -> list[list[object]]:
    """``rows`` sound lines under a header, with respondents 1, 2, …; ``columns`` exchange whole columns."""
    header, *sound = sound_cells()
    lines = [[f"p{k}", *sound[k % len(sound)][1:]] for k in range(rows)]
    for name, column in columns.items():
        for line, value in zip(lines, column, strict=True):
            line[header.index(name)] = value
    return [header, *lines]


def _bytes(content: object, file: str) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    return as_xlsx({"Sheet1": content}) if file.endswith("xlsx") else as_csv(content).encode()


def _sums(answers: Responses) -> Iterator[str]:
    """Rows that do not add up."""
    step = answers.log.steps[0]
    if step.n_in != step.n_out + sum(step.set_aside.values()) or step.n_out != len(answers):
        yield "rows do not add up"
    if len(answers.log.quarantine) != step.n_in - step.n_out:
        yield "not every row that was set aside is kept"
