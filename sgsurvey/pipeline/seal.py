"""The plan sealed before the data came: its hash and its date, and what was changed in it afterwards.

A seal is a copy of ``study.yaml`` (``plan.sealed.yaml``) with its SHA-256 and a date (``seal.json``): anybody can hash
the copy, and whoever was sent the hash on that day can see that the plan is the one of that day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from sgsurvey.errors import QuestionnaireError
from sgsurvey.files import write_whole
from sgsurvey.pipeline.study import FILE, Study
from sgsurvey.questionnaire.fault import Fault, as_error, errors
from sgsurvey.questionnaire.model import Place
from sgsurvey.questionnaire.syntax import parse_yaml
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.text import Text

COPY, SEAL = "plan.sealed.yaml", "seal.json"
# Said where a value is not there, before or after.
ABSENT = "—"
Answers = Literal["none", "simulated", "real"]
ANSWERS: dict[Answers, Text] = {
    "none": Text("封存时尚无答卷", "no answers were there yet"),
    "simulated": Text("封存时只有模拟答卷", "only simulated answers were there"),
    "real": Text("封存时已有答卷，不是事前计划", "answers were there already: this is no plan made before the data"),
}


@dataclass(frozen=True, slots=True)
class Seal:
    """What was sealed.

    Attributes
    ----------
    sha256 : str
        Of the plan's file, in hexadecimal.
    date : str
        The day, YYYY-MM-DD.
    answers : "none", "simulated" or "real"
        What answers were there on that day.
    plan : mapping
        The plan as it was.
    """

    sha256: str
    date: str
    answers: Answers
    plan: Mapping[str, Any]

    @property
    def words(self) -> Text:
        """When what was sealed, in one sentence."""
        return Text(
            "分析计划于{d}封存（SHA-256：{h}），{a}。", "The plan was sealed on {d} (SHA-256 {h}); {a}."
        ).format(d=self.date, h=self.sha256, a=ANSWERS[self.answers])


@dataclass(frozen=True)
class Amendments(Result):
    """What was changed in the plan after it was sealed.

    Attributes
    ----------
    frame : DataFrame
        ``what`` (the place in study.yaml, with dots), ``sealed``, ``now`` (as JSON; ``—`` where not there), ``date``,
        ``reason`` (Text; empty where study.yaml gives none under ``amendments:``).
    """

    @property
    def unexplained(self) -> list[str]:
        """Places that were changed without a reason."""
        return [what for what, reason in zip(self.frame["what"], self.frame["reason"], strict=True) if not reason.zh]

    def _table(self) -> Table:
        missing = Text("未说明", "none given")
        shown = self.frame.assign(reason=[reason if reason.zh else missing for reason in self.frame["reason"]])
        columns = [
            Column("what", Text("计划中的位置", "Place in the plan"), "text"),
            Column("sealed", Text("封存时", "Sealed"), "text"),
            Column("now", Text("现为", "Now"), "text"),
            Column("date", Text("日期", "Date"), "text"),
            Column("reason", Text("理由", "Reason"), "text"),
        ]
        title = Text("封存之后对计划的修改", "Amendments to the plan after it was sealed")
        return Table.from_frame(shown, columns, id="amendments", title=title)


def seal_study(study: Study, *, date: str) -> Seal:
    """Seal the plan of a study: copy its file, and write down its hash and the day.

    Raises
    ------
    QuestionnaireError
        The study was sealed before: a seal is made once, what changes later is an amendment.
    """
    if (study.folder / SEAL).exists():
        raise QuestionnaireError(
            Text("研究计划已经封存。", "the plan is sealed already."),
            where=str(study.folder / SEAL),
            remedy=Text(
                f"请在 {FILE} 的 amendments: 下写明修改之处、日期与理由。",
                f"Write what changed, when and why, under amendments: in {FILE}.",
            ),
        )
    content = (study.folder / FILE).read_bytes()
    answers: Answers = "simulated" if study.simulated else "real" if study.inputs else "none"
    record = {"file": FILE, "sha256": hashlib.sha256(content).hexdigest(), "date": date, "answers": answers}
    write_whole(study.folder / COPY, content)
    write_whole(study.folder / SEAL, f"{json.dumps(record, indent=1)}\n".encode())
    return Seal(str(record["sha256"]), date, answers, _values(content, COPY))


def read_seal(study: Study) -> Seal | None:
    """The seal of a study; None where it was not sealed.

    Raises
    ------
    QuestionnaireError
        The sealed copy is gone, or is not the one that was sealed.
    """
    if not (study.folder / SEAL).is_file():
        return None
    try:
        record = json.loads((study.folder / SEAL).read_text(encoding="utf-8"))
        content = (study.folder / COPY).read_bytes()
        intact = hashlib.sha256(content).hexdigest() == record["sha256"]
        found = Seal(record["sha256"], record["date"], record["answers"], _values(content, COPY) if intact else {})
    except (OSError, ValueError, LookupError, TypeError):
        intact = False
    if not intact:
        raise QuestionnaireError(
            Text("封存的计划缺失或已被改动。", "the sealed plan is missing, or not as it was sealed."),
            where=str(study.folder / SEAL),
            remedy=Text(f"请从备份恢复 {SEAL} 与 {COPY}。", f"Bring {SEAL} and {COPY} back from a copy."),
        )
    return found


def amendments(study: Study, seal: Seal) -> Amendments:
    """Every place in which the plan is no longer as it was sealed, with the reason that study.yaml gives."""
    before, after = (dict(_leaves(plan)) for plan in (seal.plan, _values((study.folder / FILE).read_bytes(), FILE)))
    lines = []
    for place in dict.fromkeys([*before, *after]):
        old, new = before.get(place, ABSENT), after.get(place, ABSENT)
        if old != new:
            said = next((a for a in study.plan.amendments if f"{place}.".startswith(f"{a.changed}.")), None)
            lines.append((place, old, new, said.date if said else "", said.reason.text if said else Text("", "")))
    frame = pd.DataFrame(lines, columns=["what", "sealed", "now", "date", "reason"])
    return Amendments(frame, Basis(len(before), len(before)))


def amendment_faults(study: Study) -> Iterator[Fault]:
    """A warning for each place that was changed after the seal without a reason."""
    seal = read_seal(study)
    if seal is None:
        return
    for what in amendments(study, seal).unexplained:
        yield Fault(
            Place(FILE),
            Text(f"封存之后修改了“{what}”而未说明理由。", f"'{what}' was changed after the seal, without a reason."),
            Text("请写在 amendments: 下。", "Write it under amendments:."),
            "warning",
        )


def _values(content: bytes, file: str) -> dict[str, Any]:
    source, faults = parse_yaml(content, file)
    if source is None or errors(faults):
        raise as_error(faults, file)
    return {key: value for key, value in source.data.items() if key != "amendments"}


def _leaves(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Places and values as JSON; entries of a list that have an id are places of their own."""
    if isinstance(value, list) and value and all(isinstance(each, dict) and "id" in each for each in value):
        value = {str(each["id"]): each for each in value}
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, f"{place}.{key}" if place else str(key))
    else:
        yield place, json.dumps(value, ensure_ascii=False)
