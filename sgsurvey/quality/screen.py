"""screen(): which answers look careless, by which rules, and what is left without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from sgsurvey.answers.log import Step
from sgsurvey.answers.reasons import reason
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.quality.contrast import Contrast, contrast
from sgsurvey.quality.cutoffs import Cutoffs
from sgsurvey.quality.flow import flow
from sgsurvey.quality.flow_sentences import of_screening
from sgsurvey.quality.indices import indices
from sgsurvey.quality.rules import FAMILIES, Applied, apply
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

SUSPECT_FAMILIES = 2
STEP = Text("质量筛查", "Screening")
AT_READING = Text("读取时剔除", "Set aside when read")
SUSPECT_NOTE = Text(
    "质量指标只作标记，不自动剔除；两类及以上独立指标同时标记者列为可疑。各分界值为惯例，并无公认标准；"
    "作答模式类指标会把真实的一致评价也标记出来，故应比较剔除前后的结果。",
    "Indices flag, they do not delete; a row is suspect when two or more independent families flag it. Cut-offs are "
    "conventions. Pattern indices also flag honest, uniform ratings: compare results with and without the suspects.",
)


@dataclass(frozen=True)
class Screening(Result):
    """What was flagged and why; nothing is left out unless ``keep`` is called.

    Attributes
    ----------
    frame : DataFrame
        One row per respondent, index as in the answers: ``resp_id``, ``role``, the indices, one flag per family
        (``pattern, consistency, time, check, duplicate``), ``families`` (how many flag) and ``suspect``.
    rules : DataFrame
        ``rule, family, threshold, n_checked, n_flagged, n_suspect``, one row per rule that has a cut-off.
    cutoffs : Cutoffs
        Where the rules began to flag.
    answers : Responses
        What was screened.
    """

    rules: pd.DataFrame
    cutoffs: Cutoffs
    answers: Responses

    @property
    def n_suspect(self) -> int:
        """Rows that two or more families flag."""
        return int(self.frame["suspect"].sum())

    def keep(self, drop: Literal["suspect", "any", "none"] = "suspect") -> Responses:
        """New answers without the suspect rows, those that any family flags, or none; their log has one more step."""
        if drop not in ("suspect", "any", "none"):
            raise DataError(
                Text(f"不认识 drop='{drop}'。", f"drop='{drop}' is not known."),
                remedy=Text("可用 'suspect'、'any' 或 'none'。", "Use 'suspect', 'any' or 'none'."),
            )
        out = {"suspect": self.frame["suspect"], "any": self.frame["families"] > 0}.get(drop)
        out = pd.Series(False, index=self.frame.index) if out is None else out
        n, n_out = len(out), int(out.sum())
        log = self.answers.log.then(Step(STEP, n, n - n_out, {"careless": n_out} if n_out else {}))
        return replace(self.answers.where(~out), log=log)

    def contrast(self, verb: Callable[[Responses], Result], *, statistics: Sequence[str] | None = None) -> Contrast:
        """A result with and without the suspects, and the difference, number by number.

        Parameters
        ----------
        verb : callable
            Takes answers and gives a result: ``lambda answers: sg.reliability(answers, core)``.
        statistics : sequence of str, optional
            Columns of its frame to compare; all numbers when None.
        """
        return contrast(self.answers, self.keep(), verb, statistics)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The response flow with the suspects set aside."""
        return flow(self.keep()).plot(ax, language=language)

    def _table(self) -> Table:
        keys = ["family", "rule", "threshold", "n_checked", "n_flagged", "n_suspect"]
        read = [
            (AT_READING, reason(why), Text("—", "—"), step.n_in, n, None)
            for step in self.answers.log.steps
            for why, n in step.set_aside.items()
        ]
        checked = self.rules[self.rules["n_checked"] > 0]
        ours = [(FAMILIES[str(line["family"])], *line[keys[1:]]) for _, line in checked.iterrows()]
        total = (
            Text("全部指标", "All families"),
            Text("可疑：两类及以上", "Suspect: two or more families"),
            Text("≥2", "≥ 2"),
            len(self.frame),
            int((self.frame["families"] > 0).sum()),
            self.n_suspect,
        )
        columns = [
            Column("rule", HEADS["rule"], "text"),
            Column("threshold", Text("标记标准", "Flagged when"), "text"),
            Column("n_checked", Text("检查份数", "Checked"), "count"),
            Column("n_flagged", HEADS["flagged"], "count"),
            Column("n_suspect", Text("其中可疑份数", "of which suspect"), "count"),
        ]
        table = Table.from_frame(
            pd.DataFrame([*read, *ours, total], columns=keys),
            columns,
            id="screening",
            title=Text("无效问卷甄别记录", "Exclusion log"),
            notes=(SUSPECT_NOTE, *self._unchecked()),
            group="family",
        )
        return table.telling(*of_screening(table))

    def _unchecked(self) -> tuple[Text, ...]:
        """The rules that had nothing to go by, in a note."""
        names = [rule for rule, n in zip(self.rules["rule"], self.rules["n_checked"], strict=True) if not n]
        if not names:
            return ()
        zh, en = "；".join(name.zh for name in names), "; ".join(name.en for name in names)
        return (Text(f"缺少所需数据而未检查：{zh}。", f"Not checked, for want of what they need: {en}."),)


def screen(answers: Responses, *, cutoffs: Cutoffs | None = None) -> Screening:
    """Flag answers that look careless; each role is judged on its own items, among its own people.

    Five families of indices are independent signs: the *pattern* of answers, their *consistency*, the *time* taken, an
    instructed *check* item, and sameness with another row (*duplicate*).  A row is suspect when two or more families
    flag it.  Nothing is deleted: see ``Screening.keep``, and ``Screening.contrast`` for results with and without.

    Parameters
    ----------
    answers : Responses
        Page times, where there are any, are the table ``timings`` of ``context``: ``resp_id, page, seconds``.
    cutoffs : Cutoffs, optional
        Where the rules begin to flag; the conventions of ``Cutoffs()`` when None.

    Returns
    -------
    Screening

    References
    ----------
    Meade, A. W., & Craig, S. B. (2012). Identifying careless responses in survey data. Psychological Methods, 17,
    437-455.
    Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data. Journal of
    Experimental Social Psychology, 66, 4-19.
    Johnson, J. A. (2005). Ascertaining the validity of individual protocols from web-based personality inventories.
    Journal of Research in Personality, 39, 103-129.
    Huang, J. L., Curran, P. G., Keeney, J., Poposki, E. M., & DeShon, R. P. (2012). Detecting and deterring
    insufficient effort responding to surveys. Journal of Business and Psychology, 27, 99-114.
    Dunn, A. M., Heggestad, E. D., Shanock, L. R., & Theilgard, N. (2018). Intra-individual response variability as an
    indicator of insufficient effort responding. Journal of Business and Psychology, 33, 105-121.
    Baumgartner, H., & Steenkamp, J.-B. E. M. (2001). Response styles in marketing research. Journal of Marketing
    Research, 38, 143-156.

    Examples
    --------
    ``screening = sg.screen(answers)``, then ``answers = screening.keep()``
    """
    if not isinstance(answers, Responses):
        raise DataError(
            Text("甄别需要带问卷的答卷。", "screening needs answers with their questionnaire."),
            remedy=Text("请先用 sgsurvey.responses() 生成。", "Make them with sgsurvey.responses() first."),
        )
    cutoffs = Cutoffs() if cutoffs is None else cutoffs
    found = indices(answers, cutoffs)
    rules = apply(found, cutoffs)
    flags = pd.DataFrame({family: _any_of(rules, family, found.index) for family in FAMILIES}, index=found.index)
    families = flags.sum(axis=1)
    suspect = families >= SUSPECT_FAMILIES
    head = answers.frame[[c for c in ("resp_id", "role") if c in answers.frame]]
    frame = pd.concat([head, found, flags, families.rename("families"), suspect.rename("suspect")], axis=1)
    return Screening(frame, answers.basis(), _counted(rules, suspect), cutoffs, answers)


def _any_of(rules: Sequence[Applied], family: str, index: pd.Index) -> pd.Series:
    flagged = [r.flagged for r in rules if r.rule.family == family]
    return pd.Series(np.logical_or.reduce([np.zeros(len(index), bool), *flagged]), index=index)


def _counted(rules: Sequence[Applied], suspect: pd.Series) -> pd.DataFrame:
    """What each rule checked and flagged."""
    return pd.DataFrame(
        [
            {
                "rule": r.label,
                "family": r.rule.family,
                "threshold": r.threshold,
                "n_checked": int(r.checked.sum()),
                "n_flagged": int(r.flagged.sum()),
                "n_suspect": int((r.flagged & suspect).sum()),
            }
            for r in rules
        ]
    )
