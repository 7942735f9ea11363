"""screen(): which answers look careless, by which rules, and what is left without them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from sgsurvey.answers.log import Log, Step
from sgsurvey.answers.reasons import reason
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.quality.indices import LEAST_COMPARED, LEAST_FOR_SYNONYMS, SYNONYM_R, indices
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

FAMILIES = {
    "pattern": Text("作答模式", "Pattern"),
    "consistency": Text("一致性", "Consistency"),
    "time": Text("用时", "Time"),
    "check": Text("检测题", "Instructed item"),
    "duplicate": Text("雷同", "Sameness"),
}
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
class Rule:
    """One rule of screening: the column of the index, its family, words, and which values it flags."""

    index: str
    family: str
    label: Text
    threshold: Text
    flagged: pd.Series
    checked: pd.Series


@dataclass(frozen=True)
class Screening(Result):
    """What was flagged and why; nothing is left out unless ``keep`` is called.

    Attributes
    ----------
    frame : DataFrame
        One row per respondent, index as in the answers: ``resp_id``, ``role``, the indices, one flag per family
        (``pattern, consistency, time, check, duplicate``), ``families`` (how many flag) and ``suspect``.
    rules : DataFrame
        ``rule, family, threshold, n_checked, n_flagged, n_suspect``, one row per rule.
    answers : Responses
        What was screened.
    """

    rules: pd.DataFrame
    answers: Responses

    @property
    def n_suspect(self) -> int:
        """Rows that two or more families flag."""
        return int(self.frame["suspect"].sum())

    def keep(self, drop: Literal["suspect", "any", "none"] = "suspect") -> Responses:
        """New answers without the suspect rows, those that any family flags, or none; their log has one more step."""
        if drop not in ("suspect", "any", "none"):
            raise DataError(f"drop='{drop}' is not known.", remedy="Use 'suspect', 'any' or 'none'.")
        out = {"suspect": self.frame["suspect"], "any": self.frame["families"] > 0}.get(drop)
        out = pd.Series(False, index=self.frame.index) if out is None else out
        return replace(self.answers.where(~out), log=self._log(int(out.sum())))

    def _log(self, n_out: int) -> Log:
        n = len(self.frame)
        return self.answers.log.then(Step(STEP, n, n - n_out, {"careless": n_out} if n_out else {}))

    @property
    def flow(self) -> pd.DataFrame:
        """The response flow with the suspects set aside: ``step, n_in, n_out, reason, n``; each step adds up."""
        return flow_frame(self._log(self.n_suspect), self.basis.language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The response flow: who came in, who was set aside and why, who stays."""
        from sgsurvey.figures.flow import flow

        chosen = language or self.basis.language
        return flow(flow_frame(self._log(self.n_suspect), chosen), ax=ax, language=chosen)

    def _table(self) -> Table:
        keys = ["family", "rule", "threshold", "n_checked", "n_flagged", "n_suspect"]
        read = [
            (AT_READING, reason(why), Text("—", "—"), step.n_in, n, None)
            for step in self.answers.log.steps
            for why, n in step.set_aside.items()
        ]
        ours = [(FAMILIES[str(line["family"])], *line[keys[1:]]) for _, line in self.rules.iterrows()]
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
        return Table.from_frame(
            pd.DataFrame([*read, *ours, total], columns=keys),
            columns,
            id="screening",
            title=Text("无效问卷甄别记录", "Exclusion log"),
            notes=(SUSPECT_NOTE,),
            group="family",
        )


def flow_frame(log: Log, language: Language) -> pd.DataFrame:
    """The steps of a log as rows ``step, n_in, n_out, reason, n``, in words; reasons of a step add up to its loss."""
    lines: list[tuple[str, int, int, str, float]] = []
    for step in log.steps:
        head = (step.name.to(language), step.n_in, step.n_out)
        lines += [(*head, reason(why).to(language), float(n)) for why, n in step.set_aside.items()] or [
            (*head, "", np.nan)
        ]
    return pd.DataFrame(lines, columns=["step", "n_in", "n_out", "reason", "n"])


def screen(
    answers: Responses,
    *,
    min_seconds_per_item: float = 2.0,
    longstring: float = 0.5,
    mahalanobis: float = 0.999,
    even_odd: float = 0.30,
    synonyms: float = 0.22,
    same_answers: float = 0.90,
) -> Screening:
    """Flag answers that look careless; each role is judged on its own items, among its own people.

    Five families of indices are independent signs: the *pattern* of answers, their *consistency*, the *time* taken, an
    instructed *check* item, and sameness with another row (*duplicate*).  A row is suspect when two or more families
    flag it.  Nothing is deleted: see ``Screening.keep``.

    Parameters
    ----------
    answers : Responses
    min_seconds_per_item : float
        Seconds per closed question; only where the respondent filled in the form alone.
    longstring : float
        Share of a grid (ratings on one scale in sequence, six or more) that one run of equal raw answers covers.
    mahalanobis : float
        Quantile of chi-square beyond which the squared distance is flagged; needs more rows than items in the role.
    even_odd : float
        Even-odd consistency below which a row is flagged; needs three reflective constructs.
    synonyms : float
        Correlation over pairs of like items (r above .60 in the role, of 100 people or more) below which it is flagged.
    same_answers : float
        Share of equal answers with another row, of at least 15 answered; straight-liners are not compared.

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

    Examples
    --------
    ``screening = sg.screen(answers)``, then ``answers = screening.keep()``
    """
    if not isinstance(answers, Responses):
        raise DataError(
            "screening needs answers with their questionnaire.", remedy="Make them with sgsurvey.responses() first."
        )
    _check_shares(longstring=longstring, mahalanobis=mahalanobis, same_answers=same_answers)
    found = indices(answers, same_answers=same_answers)
    rules = _pattern_rules(found, longstring)
    rules += _consistency_rules(found, mahalanobis, even_odd, synonyms)
    rules += _other_rules(found, min_seconds_per_item, same_answers)
    flags = pd.DataFrame(
        {family: np.logical_or.reduce([r.flagged for r in rules if r.family == family]) for family in FAMILIES},
        index=found.index,
    )
    families = flags.sum(axis=1)
    suspect = families >= SUSPECT_FAMILIES
    head = answers.frame[[c for c in ("resp_id", "role") if c in answers.frame]]
    frame = pd.concat([head, found, flags, families.rename("families"), suspect.rename("suspect")], axis=1)
    log = pd.DataFrame(
        [
            {
                "rule": r.label,
                "family": r.family,
                "threshold": r.threshold,
                "n_checked": int(r.checked.sum()),
                "n_flagged": int(r.flagged.sum()),
                "n_suspect": int((r.flagged & suspect).sum()),
            }
            for r in rules
        ]
    )
    return Screening(frame, answers.basis(), log, answers)


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 < share <= 1:
            raise DataError(f"{name}={share} is no share.", remedy="Give a number above 0 and at most 1.")


def _rule(found: pd.DataFrame, index: str, family: str, label: Text, threshold: Text, flagged: pd.Series) -> Rule:
    return Rule(index, family, label, threshold, flagged.astype(bool), found[index].notna())


def _pattern_rules(found: pd.DataFrame, longstring: float) -> list[Rule]:
    share = found["longstring_share"]
    label = Text("连续相同作答（长串）", "Long string of equal answers")
    limit = Text(f"≥矩阵题量的{longstring:.0%}", f"≥ {longstring:.0%} of a grid")
    return [_rule(found, "longstring_share", "pattern", label, limit, share >= longstring)]


def _consistency_rules(found: pd.DataFrame, mahalanobis: float, even_odd: float, synonyms: float) -> list[Rule]:
    # Random answers show in all three: they count as one family.
    return [
        _rule(
            found,
            "mahalanobis",
            "consistency",
            Text("马氏距离平方", "Mahalanobis D²"),
            Text(f">χ²({mahalanobis:g})", f"> χ²({mahalanobis:g})"),
            found["mahalanobis_p"] < 1.0 - mahalanobis,
        ),
        _rule(
            found,
            "even_odd",
            "consistency",
            Text("奇偶一致性", "Even-odd consistency"),
            Text(f"<{even_odd:g}", f"< {even_odd:g}"),
            found["even_odd"] < even_odd,
        ),
        _rule(
            found,
            "synonyms",
            "consistency",
            Text(
                f"心理测量同义题（r>{SYNONYM_R:g}，n≥{LEAST_FOR_SYNONYMS}）",
                f"Psychometric synonyms (r > {SYNONYM_R:g}, n ≥ {LEAST_FOR_SYNONYMS})",
            ),
            Text(f"<{synonyms:g}", f"< {synonyms:g}"),
            found["synonyms"] < synonyms,
        ),
    ]


def _other_rules(found: pd.DataFrame, min_seconds_per_item: float, same_answers: float) -> list[Rule]:
    return [
        _rule(
            found,
            "seconds_per_item",
            "time",
            Text("每题用时（自填）", "Time per item (self-completed)"),
            Text(f"<{min_seconds_per_item:g}秒", f"< {min_seconds_per_item:g} s"),
            found["seconds_per_item"] < min_seconds_per_item,
        ),
        Rule(
            "checks_failed",
            "check",
            Text("注意力检测题", "Instructed item"),
            Text("未按要求作答", "not obeyed"),
            found["checks_failed"] > 0,
            found["checks"] > 0,
        ),
        Rule(
            "same_answers",
            "duplicate",
            Text(f"与他人答案雷同（≥{LEAST_COMPARED}题）", f"Same answers as another row (≥ {LEAST_COMPARED} items)"),
            Text(f"≥{same_answers:.0%}相同", f"≥ {same_answers:.0%} equal"),
            found["same_answers"] >= same_answers,
            found["longstring_share"].isna() | (found["longstring_share"] < 0.5),
        ),
    ]
