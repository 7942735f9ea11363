"""The one place where a step that cannot be computed becomes words in the report instead of an end of the run."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

import sgsurvey as sg
from sgsurvey.report.blocks import Callout
from sgsurvey.text import Text

P = ParamSpec("P")
R = TypeVar("R")
NOT_PLANNED = Text("研究计划未列此项", "the plan of this study does not ask for it")


@dataclass(frozen=True)
class NotExamined:
    """A step that was not done, and why."""

    step: Text
    why: Text

    @property
    def words(self) -> Text:
        """As the report says it."""
        zh, en = self.why.zh.rstrip("。"), self.why.en.rstrip(".")
        return Text(f"未检验：{self.step.zh}。原因：{zh}。", f"Not examined: {self.step.en}. Reason: {en}.")


def examined(step: Text, compute: Callable[[], R]) -> R | NotExamined:
    """What ``compute`` gives, or why the data do not allow it; no other error is caught anywhere in the study."""
    try:
        return compute()
    except sg.SurveyError as error:
        return NotExamined(step, error.what)


def shown(
    found: R | NotExamined | None,
    blocks: Callable[Concatenate[R, P], Iterable[object]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Iterator[object]:
    """The blocks of a result, or the reason why there is none; nothing where nothing was asked."""
    if isinstance(found, NotExamined):
        yield Callout(found.words, "note")
    elif found is not None:
        yield from blocks(found, *args, **kwargs)


def itself(found: R) -> tuple[R]:
    """A result that stands for itself."""
    return (found,)
