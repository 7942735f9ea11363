"""What is wrong in a questionnaire file: where, what, and what to do, in both languages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from sgsurvey.errors import QuestionnaireError, SurveyError
from sgsurvey.questionnaire.model import Place
from sgsurvey.text import Language, Text

Severity = Literal["error", "warning"]
UNSAFE = "SG150"
"""Code of a file that is refused before it is read: hostile, or no YAML."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a questionnaire.

    Attributes
    ----------
    where : Place
        File and line; line 0 where the whole file is meant.
    what : Text
        What was found, as one sentence.
    remedy : Text
        What to do about it, as one sentence.
    severity : str
        An ``error`` stops the reading; a ``warning`` does not.
    code : str
        Stable number of the message, empty where none was given.
    """

    where: Place
    what: Text
    remedy: Text = field(default_factory=lambda: Text("", ""))
    severity: Severity = "error"
    code: str = ""

    def say(self, language: Language) -> str:
        """The fault as one line in ``language``.

        Examples
        --------
        >>> Fault(Place("a.yaml", 3), Text("有错。", "is wrong."), Text("请改。", "Mend it.")).say("en")
        'a.yaml, line 3: is wrong. Mend it.'
        """
        where = str(self.where)
        if language == "zh" and self.where.line:
            where = f"{self.where.file} 第{self.where.line}行"
        colon, gap = ("：", "") if language == "zh" else (": ", " ")
        head = f"{self.code} {where}".strip()
        said = gap.join(part for part in (self.what.to(language), self.remedy.to(language)) if part)
        return f"{head}{colon}{said}" if head else said

    def __str__(self) -> str:
        return f"{self.say('en')} / {self.say('zh')}"


def found(place: Place, what: tuple[str, str], remedy: Text | tuple[str, str], severity: Severity = "error") -> Fault:
    """A fault from its words as pairs (zh, en)."""
    return Fault(place, Text(*what), remedy if isinstance(remedy, Text) else Text(*remedy), severity)


def errors(faults: Sequence[Fault]) -> list[Fault]:
    """The faults that stop the reading."""
    return [fault for fault in faults if fault.severity == "error"]


def as_error(faults: Sequence[Fault], file: str, kind: type[SurveyError] = QuestionnaireError) -> SurveyError:
    """One error that lists every fault."""
    if len(faults) == 1:
        only = faults[0]
        return kind(only.what, where=str(only.where), remedy=only.remedy, code=only.code)
    listed = "\n".join(f"  {number}. {fault}" for number, fault in enumerate(faults, 1))
    return kind(
        f"{len(faults)} faults / 有{len(faults)}处错误：\n{listed}\n",
        where=file,
        remedy="Mend them in the files and read again. / 请在文件中改正后重新读取。",
        code=faults[0].code,
    )


def meant(word: str, known: Sequence[str]) -> Text:
    """``Did you mean …?``, or the words known here when none is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    if near:
        return Text(f"是不是想写'{near[0]}'？", f"Did you mean '{near[0]}'?")
    listed = ", ".join(list(known)[:25])
    return Text(f"可用的有：{listed}。", f"Known here: {listed}.") if listed else Text("", "")


def codes_known(codes: Iterable[int]) -> Text:
    """The remedy for a code that a list does not have."""
    listed = ", ".join(map(str, codes))
    return Text(f"它的代码有：{listed}。", f"Its codes are {listed}.")
