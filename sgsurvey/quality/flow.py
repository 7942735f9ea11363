"""flow(): from the forms that were issued to the answers that are analysed, each loss with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.log import Log, Step
from sgsurvey.answers.reasons import reason
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.quality.flow_sentences import of_flow
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

ISSUED = Text("发放", "Issuing")
SELECTED = Text("选取分析对象", "Selection")
CAME, WENT = Text("进入", "In"), Text("保留", "Kept")
RATE_NOTE = Text("百分比以进入该步骤的份数为基数。", "Percentages are of the forms that entered the step.")


@dataclass(frozen=True)
class Flow(Result):
    """The response flow: who came in, who was set aside and why, who stays; every step begins where the last ended.

    Attributes
    ----------
    frame : DataFrame
        ``step, n_in, n_out, reason, n``, one row per step and reason, in words; the reasons of a step add up to
        ``n_in - n_out``.
    log : Log
        The steps.
    """

    log: Log

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Boxes from the first step down to what is analysed, with the reasons at the side."""
        from sgsurvey.figures.flow import flow as drawn

        chosen = language or self.basis.language
        return drawn(flow_frame(self.log, chosen), ax=ax, language=chosen)

    def _table(self) -> Table:
        table = Table.from_frame(
            pd.DataFrame(list(_lines(self.log)), columns=["step", "what", "n", "share"]),
            [
                Column("what", HEADS["step"], "text"),
                Column("n", Text("份数", "Forms"), "count"),
                Column("share", HEADS["percent"], "percent"),
            ],
            id="flow",
            title=Text("答卷流程", "Response flow"),
            notes=(RATE_NOTE,),
            group="step",
        )
        return table.telling(*of_flow(table, CAME, WENT))


def _lines(log: Log) -> Iterator[tuple[Text, Text, int, float]]:
    for name, step in _named(log):
        whole = max(step.n_in, 1)
        yield name, CAME, step.n_in, 1.0 if step.n_in else np.nan
        for why, n in step.set_aside.items():
            yield name, reason(why), n, n / whole
        yield name, WENT, step.n_out, step.n_out / whole


def _named(log: Log) -> Iterator[tuple[Text, Step]]:
    """Steps with their names; a name that comes again is numbered."""
    seen: dict[Text, int] = {}
    for step in log.steps:
        seen[step.name] = again = seen.get(step.name, 0) + 1
        mark = f" ({again})" if again > 1 else ""
        yield Text(step.name.zh + mark, step.name.en + mark), step


def flow_frame(log: Log, language: Language) -> pd.DataFrame:
    """The steps of a log as rows ``step, n_in, n_out, reason, n``, in words; reasons of a step add up to its loss."""
    lines: list[tuple[str, int, int, str, float]] = []
    for name, step in _named(log):
        head = (name.to(language), step.n_in, step.n_out)
        lines += [(*head, reason(why).to(language), float(n)) for why, n in step.set_aside.items()] or [
            (*head, "", np.nan)
        ]
    return pd.DataFrame(lines, columns=["step", "n_in", "n_out", "reason", "n"])


def flow(answers: Responses, *, issued: int | None = None) -> Flow:
    """Where every form went: issued, read, screened, analysed.

    Rows taken away with ``where`` since the last step are one step more, so that the flow ends with these answers.

    Parameters
    ----------
    answers : Responses
        As they go into the analysis.
    issued : int, optional
        Forms handed out or invitations sent, where that is known: the flow then begins with the return.

    Returns
    -------
    Flow

    Raises
    ------
    DataError
        Fewer forms were issued than came back.

    Examples
    --------
    ``sg.flow(screening.keep(), issued=500).plot()``
    """
    if not isinstance(answers, Responses):
        raise DataError(
            Text("流程需要带有记录的答卷。", "the flow is told by the log of the answers, and a frame has none."),
            remedy=Text("请传入 read_responses() 得到的答卷。", "Pass what sgsurvey.read_responses() gave."),
        )
    log = answers.log
    came = log.steps[0].n_in if log.steps else len(answers)
    went = log.steps[-1].n_out if log.steps else len(answers)
    before, after = [], []
    if issued is not None:
        if issued < came:
            raise DataError(
                Text(f"发放{issued}份，却收回{came}份。", f"{issued} forms were issued, but {came} came back."),
                remedy=Text("请改正发放份数。", "Correct the number issued."),
            )
        before = [Step(ISSUED, issued, came, {"not_returned": issued - came} if issued > came else {})]
    if len(answers) != went or not log.steps:
        after = [
            Step(SELECTED, went, len(answers), {"not_selected": went - len(answers)} if went > len(answers) else {})
        ]
    log = replace(log, steps=(*before, *log.steps, *after))
    # The losses are the flow itself: its notes do not say them again.
    basis = replace(answers.basis(), n_in=len(answers), n=len(answers), dropped={})
    return Flow(flow_frame(log, basis.language), basis, log)
