"""What goes wrong, said so that a person can mend it: where, what, what to do."""

from collections.abc import Sequence
from difflib import get_close_matches

from sgsurvey.text import Language, Text, same


class SurveyError(Exception):
    """An error with a place, a finding and a remedy.

    Parameters
    ----------
    what : str or Text
        What was found, as one sentence; a Text where people who do not read English meet it.
    where : str or Text
        File, line, item, column or argument; empty when there is no place.
    remedy : str or Text
        What to do about it, as one sentence in the imperative.
    code : str
        Stable number of the message (``SG120``), empty where none was given.

    Attributes
    ----------
    what, where, remedy : Text
        In both languages; alike where they were given in one.
    """

    def __init__(self, what: str | Text, *, where: str | Text = "", remedy: str | Text = "", code: str = "") -> None:
        said = (words if isinstance(words, Text) else same(words) for words in (what, where, remedy))
        self.what, self.where, self.remedy = said
        self.code = code
        super().__init__(str(self))

    def say(self, language: Language) -> str:
        """The whole message in one language."""
        where, colon, gap = self.where.to(language), *(("：", "") if language == "zh" else (":", " "))
        head = " ".join(part for part in (self.code, f"{where}{colon}" if where else "") if part)
        return f"{head} {self.what.to(language)}{gap}{self.remedy.to(language)}".strip()

    def __str__(self) -> str:
        if self.what.zh == self.what.en:
            return self.say("en")
        return f"{self.say('en')} / {self.say('zh').removeprefix(self.code).strip()}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.remedy, self.code)


def _rebuild(kind: type[SurveyError], what: Text, where: Text, remedy: Text, code: str) -> SurveyError:
    """Keyword arguments do not survive pickling of exceptions on their own."""
    return kind(what, where=where, remedy=remedy, code=code)


class QuestionnaireError(SurveyError):
    """The questionnaire, or a study file, is not sound."""


class DataError(SurveyError):
    """A file or a frame of answers cannot be used as it is."""


class DesignError(SurveyError):
    """The sample, its weights or clusters do not allow what was asked."""


class EstimationError(SurveyError):
    """A statistic cannot be computed, or did not converge."""


class ClaimError(SurveyError):
    """Words say more than the design of the study allows, and it was asked to refuse them."""


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``" Did you mean 'x'?"``, or nothing when no known word is near."""
    return nearest_word(word, known).en


def nearest_word(word: str, known: Sequence[str]) -> Text:
    """The same in both languages."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return Text(f"是否指“{near[0]}”？", f" Did you mean '{near[0]}'?") if near else same("")
