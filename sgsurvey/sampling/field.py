"""field_report(): frame, selected, issued, returned, valid; and the response rates of AAPOR's Standard Definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.suppress import suppressed
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

Outcome = Literal[
    "complete",
    "partial",
    "refusal",
    "noncontact",
    "other",
    "unknown_household",
    "unknown_other",
    "ineligible",
    "not_issued",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
EVERYONE = ""
RATES: tuple[str, ...] = ("RR1", "RR2", "RR3", "RR4", "RR5", "RR6", "COOP1", "COOP2", "COOP3", "COOP4")
RATES += ("REF1", "REF2", "REF3", "CON1", "CON2", "CON3")
SOURCE = Text(
    "应答率按AAPOR《标准定义》：RR应答率，COOP合作率，REF拒访率，CON接触率；e为资格不明者中合格者的估计比例。",
    "Rates by AAPOR's Standard Definitions: RR response, COOP cooperation, REF refusal, CON contact; e is the "
    "estimated share of eligible cases among those of unknown eligibility.",
)

RETURN_RATE = Text(
    "回收率＝回收/发放，不是应答率；应答率另表。",
    "The return rate is returned over issued, and no response rate: see the rates.",
)
NO_FRAME = Text("没有抽样框，结果只说明所调查的人。", "There is no sampling frame: the answers speak for those asked.")
SET_ASIDE = Text("其中剔除原因", "Excluded because")


@dataclass(frozen=True)
class FieldReport(Result):
    """What became of the sample, by group.

    Attributes
    ----------
    frame : DataFrame
        ``group, frame`` (units in the frame, where given), ``selected, issued, returned`` (complete or partial),
        ``excluded`` (returned and not valid), ``valid``, ``return_rate`` (returned over issued), ``valid_rate`` (valid
        over returned), the count of each outcome, ``e``, and the rates ``RR1``-``RR6``, ``COOP1``-``COOP4``,
        ``REF1``-``REF3``, ``CON1``-``CON3``; the last line is all groups together, its rates from the sums, ``e``
        estimated anew unless it was given.
    reasons : DataFrame
        Why returned cases were set aside, where that was given: a row for each of ``frame``, a column per reason.
    mode : mapping of group to Text
        How each group was asked.
    dates : mapping of group to (str, str)
        First and last day in the field.
    """

    reasons: pd.DataFrame
    mode: Mapping[object, Text] = field(default_factory=dict)
    dates: Mapping[object, tuple[str, str]] = field(default_factory=dict)

    def fieldwork(
        self, *, mode: Mapping[object, Text] | None = None, dates: Mapping[object, tuple[str, str]] | None = None
    ) -> FieldReport:
        """The same report with how each group was asked, and from which day to which; these stand in its table.

        Raises
        ------
        DataError
            A group that is not among those of the report.
        """
        told = (dict(mode or self.mode), dict(dates or self.dates))
        known = list(self.frame["group"])
        if strange := [group for part in told for group in part if group not in known]:
            raise DataError(
                Text(f"没有组“{strange[0]}”。", f"there is no group '{strange[0]}'."),
                remedy=Text("请用分组列中的值。", "Use the values of the column of groups."),
            )
        return replace(self, mode=told[0], dates=told[1])

    def _table(self) -> Table:
        counts = [
            Column("selected", Text("抽中", "Selected"), "count"),
            *(Column(key, HEADS[key], "count") for key in ("issued", "returned")),
            Column("excluded", Text("剔除", "Excluded"), "count"),
            *(Column(f"for {why}", same(str(why)), "count", spanner=SET_ASIDE) for why in self.reasons),
            Column("valid", HEADS["valid"], "count"),
        ]
        if self.frame["frame"].notna().any():
            counts.insert(0, Column("frame", Text("抽样框", "Frame"), "count"))
        shown = self.frame.assign(
            group=[g if isinstance(g, Text) else self.basis.label(g) for g in self.frame["group"]],
            mode=[self.mode.get(g) for g in self.frame["group"]],
            dates=[_days(self.dates.get(g)) for g in self.frame["group"]],
            **{f"for {why}": self.reasons[why] for why in self.reasons},
        )
        told = [Column("mode", Text("调查方式", "Mode"), "text")] if self.mode else []
        told += [Column("dates", Text("实施时间", "Dates"), "text")] if self.dates else []
        return Table.from_frame(
            shown,
            [
                Column("group", HEADS["group"], "text"),
                *counts,
                *(Column(key, HEADS[key], "percent") for key in ("return_rate", "valid_rate")),
                *told,
            ],
            id="field_report",
            title=Text("抽样与实地执行", "Sampling and fieldwork"),
            notes=(RETURN_RATE, *([] if self.frame["frame"].notna().any() else [NO_FRAME])),
        )

    def rates(self) -> Table:
        """The table of outcomes and rates: a line each, a column for each group.

        Of a group with fewer cases than the smallest count shown, a rate of refusal tells who refused: it is hidden,
        and so is the next group where the total would give it away.
        """
        groups = [
            (f"g{i}", g if isinstance(g, Text) else self.basis.label(g)) for i, g in enumerate(self.frame["group"])
        ]
        issued = self.frame["issued"].to_numpy()
        hidden = suppressed(issued[:-1, None], self.basis.smallest)[:, 0]
        few = [*hidden, 0 < issued[-1] < self.basis.smallest]
        lines = self.frame[["e", *RATES]].T
        lines.columns = pd.Index([key for key, _ in groups])
        table = Table.from_frame(
            lines.rename_axis("rate").reset_index(),
            [Column("rate", Text("指标（%）", "Rate (%)"), "text"), *(Column(k, g, "percent") for k, g in groups)],
            id="response_rates",
            title=Text("应答率", "Response rates"),
            notes=(SOURCE,),
        )
        gone = {key for (key, _), small in zip(groups, few, strict=True) if small}
        return self.page(table.hiding([gone] * len(lines)))


def field_report(
    cases: pd.DataFrame,
    outcomes: Mapping[object, Outcome],
    *,
    disposition: str = "disposition",
    by: str | None = None,
    frame: Mapping[object, int] | int | None = None,
    valid: str | None = None,
    eligible: float | None = None,
) -> FieldReport:
    """What became of the cases that were selected, with response rates that other surveys can be compared with.

    With I complete, P partial, R refusals, NC not contacted, O other eligible, UH and UO of unknown eligibility:
    ``RR1 = I / (I + P + R + NC + O + UH + UO)``; even numbers count partial ones as answers; RR3 and RR4 count only
    the share ``e`` of unknown ones, RR5 and RR6 none; COOP1 and COOP2 are of those contacted, COOP3 and COOP4 leave
    out those unable (O); REF and CON use all, ``e`` and none of the unknown ones in this order.

    Parameters
    ----------
    cases : DataFrame
        One row per selected case, replacements among them: a replaced case keeps its own outcome.
    outcomes : mapping of code to outcome
        What each code of the column means: ``complete``, ``partial``, ``refusal``, ``noncontact``, ``other``,
        ``unknown_household``, ``unknown_other``, ``ineligible`` or ``not_issued``.  Empty cells are not issued.
    disposition : str
        Column of codes.
    by : str, optional
        Column of groups.
    frame : int or mapping of group to int, optional
        Units in the frame.
    valid : str, optional
        Column that is true for returned cases that passed the checks, or that says in words why a returned case did
        not and is empty for those that did; without it complete ones are valid.
    eligible : float, optional
        ``e``; without it each group's own share of eligible cases among those whose eligibility is known (CASRO).

    Returns
    -------
    FieldReport

    Raises
    ------
    DataError
        A code has no meaning, a column is missing, ``eligible`` is no share, a valid case did not return.

    References
    ----------
    American Association for Public Opinion Research (2016). Standard Definitions: Final Dispositions of Case Codes and
    Outcome Rates for Surveys (9th ed.), "Calculating rates from response distributions".

    Examples
    --------
    ``sg.field_report(cases, {1: "complete", 2: "partial", 3: "refusal", 4: "noncontact"}, by="role")``
    """
    found = _outcomes(cases, outcomes, disposition, by, valid)
    if eligible is not None and not 0 <= eligible <= 1:
        raise DataError(
            Text(f"e是{eligible}，不是比例。", f"e is {eligible}, which is no share."),
            where="eligible=",
            remedy=Text("请写0到1之间的数。", "Give a number between 0 and 1."),
        )
    groups = pd.Series(0, index=cases.index) if by is None else cases[by]
    returned = found.isin(["complete", "partial"])
    good, why = _checked(cases, found, returned, valid)
    if (good & ~returned).any():
        raise DataError(
            Text("有的有效答卷没有收回。", "some valid cases did not return."),
            where=f"column '{valid}'",
            remedy=Text("请核对处置代码与有效标记。", "Check the codes against the mark of valid cases."),
        )
    names = [] if by is None else list(groups.dropna().unique())
    whole = _in_frame(frame, names)
    lines = [_line(g, found[groups == g], good[groups == g], whole.get(g, np.nan), eligible) for g in names]
    everyone = sum(whole.values()) if whole else np.nan
    lines.append(_line(HEADS["total"], found, good, everyone, eligible))
    parts = [*(groups == g for g in names), pd.Series(True, index=cases.index)]
    reasons = {each: [int((part & (why == each)).sum()) for part in parts] for each in why.dropna().unique()}
    return FieldReport(pd.DataFrame(lines), Basis(len(cases), len(cases)), pd.DataFrame(reasons))


def _checked(
    cases: pd.DataFrame, found: pd.Series, returned: pd.Series, valid: str | None
) -> tuple[pd.Series, pd.Series]:
    """Which cases are valid, and why the returned ones that are not were set aside, where that is said."""
    silent = pd.Series(None, index=cases.index, dtype=object)
    if valid is None:
        return found.eq("complete"), silent
    marks = cases[valid].replace(r"^\s*$", np.nan, regex=True)
    if marks.dropna().map(lambda mark: isinstance(mark, str)).all():
        return returned & marks.isna(), marks.where(returned, None)
    return marks.fillna(False).astype(bool), silent


def _days(dates: tuple[str, str] | None) -> Text | None:
    """From one day to another."""
    return None if dates is None else Text(f"{dates[0]}至{dates[1]}", f"{dates[0]} to {dates[1]}")


def _in_frame(frame: Mapping[object, int] | int | None, names: list[object]) -> dict[object, int]:
    """Units in the frame by group; under an empty key where there are no groups."""
    if frame is None:
        return {}
    given: dict[object, int] = dict(frame) if isinstance(frame, Mapping) else {EVERYONE: int(frame)}
    if set(given) != (set(names) or {EVERYONE}):
        raise DataError(
            Text("抽样框的数目与分组不符。", "the sizes of the frame and the groups differ."),
            where="frame=",
            remedy=Text(
                "请为每一组写一个数；不分组时写一个总数。", "Give one for each group, or one where there is no by=."
            ),
        )
    return given


def _outcomes(
    cases: pd.DataFrame, outcomes: Mapping[object, Outcome], disposition: str, by: str | None, valid: str | None
) -> pd.Series:
    for column in (disposition, by, valid):
        if column is not None and column not in cases:
            raise DataError(
                Text(f"没有“{column}”列。", f"there is no column '{column}'."),
                remedy=Text("请写明实际的列名。", "Name one of the columns."),
            )
    if by is not None and cases[by].isna().any():
        raise DataError(
            Text(f"“{by}”列有空值。", f"'{by}' has gaps."),
            remedy=Text("请写明每个样本属于哪一组。", "Say for each case which group it belongs to."),
        )
    strange = [o for o in outcomes.values() if o not in OUTCOMES]
    unknown = [code for code in cases[disposition].dropna().unique() if code not in outcomes]
    if strange or unknown:
        said = ", ".join(map(str, [*strange, *unknown][:5]))
        raise DataError(
            Text(f"这些处置代码没有含义：{said}。", f"these codes or outcomes have no meaning: {said}."),
            where="outcomes=",
            remedy=Text(f"可用：{'、'.join(OUTCOMES)}。", f"Map every code to one of {', '.join(OUTCOMES)}."),
        )
    return cases[disposition].map(dict(outcomes)).where(cases[disposition].notna(), "not_issued")


def _line(group: object, found: pd.Series, good: pd.Series, whole: float, eligible: float | None) -> dict[str, object]:
    count: dict[str, int] = {name: int((found == name).sum()) for name in OUTCOMES}
    issued = len(found) - count["not_issued"]
    returned = count["complete"] + count["partial"]
    known = returned + count["refusal"] + count["noncontact"] + count["other"]
    e = share(known, known + count["ineligible"]) if eligible is None else eligible
    return {
        "group": group,
        "frame": whole,
        "selected": len(found),
        "issued": issued,
        "returned": returned,
        "excluded": returned - int(good.sum()),
        "valid": int(good.sum()),
        "return_rate": share(returned, issued),
        "valid_rate": share(int(good.sum()), returned),
        **count,
        "e": e,
        **aapor(count, e),
    }


def aapor(count: Mapping[str, int], e: float) -> dict[str, float]:
    """The outcome rates of the Standard Definitions, from counts of outcomes and the share ``e``."""
    i, p, r = count["complete"], count["partial"], count["refusal"]
    nc, o = count["noncontact"], count["other"]
    # Without unknown cases e plays no part, even where it cannot be estimated.
    unknown = count["unknown_household"] + count["unknown_other"]
    some = e * unknown if unknown else 0.0
    known, contacted = i + p + r + nc + o, i + p + r + o
    return {
        "RR1": share(i, known + unknown),
        "RR2": share(i + p, known + unknown),
        "RR3": share(i, known + some),
        "RR4": share(i + p, known + some),
        "RR5": share(i, known),
        "RR6": share(i + p, known),
        "COOP1": share(i, contacted),
        "COOP2": share(i + p, contacted),
        "COOP3": share(i, i + p + r),
        "COOP4": share(i + p, i + p + r),
        "REF1": share(r, known + unknown),
        "REF2": share(r, known + some),
        "REF3": share(r, known),
        "CON1": share(contacted, known + unknown),
        "CON2": share(contacted, known + some),
        "CON3": share(contacted, known),
    }


def share(part: float, whole: float) -> float:
    """``part / whole``; nan where there is nothing."""
    return part / whole if whole else float("nan")
