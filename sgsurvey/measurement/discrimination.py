"""Item discrimination: how far the highest and the lowest scorers differ on each item (决断值, CR)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError
from sgsurvey.measurement.item_sentences import of_discrimination
from sgsurvey.measurement.reliability import reliability
from sgsurvey.measurement.scales import refuse_other_kinds, refuse_several_roles, worded
from sgsurvey.numerics.group_tests import rank_test, welch_t
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.conventions import OF_DISCRIMINATION
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.means_and_ranks import agreeing, apart, disagreement
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

Mask = npt.NDArray[np.bool_]

# Formulas ---------------------------------------------------------------------------------------------------


def extreme_groups(total: Array, share: float) -> tuple[Mask, Mask]:
    """Who is among the lowest and the highest ``share`` of ``total``; whoever ties with the last one is in too.

    Kelley (1939), Journal of Educational Psychology 30, 17-24, for .27.
    """
    k = int(np.ceil(share * len(total) - 1e-9))
    ordered = np.sort(total)
    return total <= ordered[k - 1], total >= ordered[-k]


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Discrimination(Result):
    """Items in the hands of high and low scorers.

    Attributes
    ----------
    frame : DataFrame
        One row per item: ``construct, item, n_low, n_high, mean_low, mean_high, difference, statistic`` (CR: Welch's
        t), ``df, p_value, rank_p`` (Mann-Whitney), ``agrees`` (whether both decide alike at .05), ``citc, cut_low,
        cut_high`` (the totals at which the groups begin).
    share : float
        Of each extreme group.
    remarks : tuple of Text
    """

    share: float
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        names = list(self.frame["construct"])
        frame = worded(self.frame, item=lambda code: self.basis.coded(code), construct=self.basis.label)
        percent = Text(f"{self.share * 100:g}%", f"{self.share * 100:g}%")
        high, low = (
            Text("{w}（{p}）", "{e} {p}").format(w=zh, e=en, p=percent)
            for zh, en in (("高分组", "Top"), ("低分组", "Bottom"))
        )
        columns = [
            Column("item", HEADS["item"], "text"),
            Column("n_high", HEADS["n"], "count", spanner=high),
            Column("mean_high", HEADS["mean"], spanner=high),
            Column("n_low", HEADS["n"], "count", spanner=low),
            Column("mean_low", HEADS["mean"], spanner=low),
            Column("statistic", Text("决断值（CR）", "CR (t)"), "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("rank_p", HEADS["rank_p"], "p"),
            Column("citc", HEADS["citc"], "bounded"),
        ]
        title = Text("项目区分度（决断值）", "Item discrimination")
        group = "construct" if len(set(names)) > 1 else None
        against = frame.loc[apart(self.frame["agrees"]), "item"].tolist()
        notes = (COMES_OUT_LARGE, *([disagreement(against)] if against else []), *self.remarks)
        table = Table.from_frame(frame, columns, id="discrimination", title=title, notes=notes, group=group)
        return table.telling(*of_discrimination(table)).with_thresholds(OF_DISCRIMINATION)


COMES_OUT_LARGE = Text(
    "按维度总分分组，CR为Welch t，秩检验为Mann–Whitney检验；题项本身在总分之内，且只用两端的人，故CR偏大，应同时看"
    "CITC。",
    "Groups by the construct's total; CR is Welch's t, the rank test Mann–Whitney's. The item is part of the total and "
    "only the ends are used, so that CR comes out large: read the item–total correlation beside it.",
)

# Door -------------------------------------------------------------------------------------------------------


def discrimination(data: Responses | pd.DataFrame, constructs: What, *, share: float = 0.27) -> Discrimination:
    """Compare the highest and the lowest scorers of each construct on each of its items.

    Parameters
    ----------
    data : Responses or DataFrame
    constructs : str, list of str, or {construct: [columns]}
        Reflective constructs or markers; rows complete on all items of one are used.
    share : float
        Of each extreme group, at most a half; everybody with the total at the cut is in, so that groups may be larger.

    Raises
    ------
    DesignError
        The answers declare a sampling design or hold several roles, or a construct is no scale.
    EstimationError
        ``share`` is not between 0 and 0.5.
    """
    if not 0 < share <= 0.5:
        raise EstimationError(
            Text(f"分组比例{share}不在0至0.5之间。", f"a share of {share} is not between 0 and 0.5."),
            where="share=",
            remedy=Text("通常取0.27。", "0.27 is usual."),
        )
    answers, names = as_responses(data, constructs)
    answers.refuse_design("discrimination", *PARTS)
    refuse_other_kinds(answers, names, "discrimination")
    refuse_several_roles(answers, "discrimination")
    found = reliability(answers, names)
    frames, flat, tied = [], [], []
    for name in names:
        frame, (low, high) = extremes(answers, name, share)
        frames.append(frame)
        if not low:
            flat.append(name)
        elif max(low, high) > share + 0.03:
            tied.append((name, low, high))
    frame = pd.concat(frames, ignore_index=True).merge(
        found.items[["construct", "item", "citc"]], on=["construct", "item"], how="left"
    )
    remarks = (*_remarks(flat, tied), *found.remarks)
    frame = frame[COLUMNS]
    frame.insert(frame.columns.get_loc("citc"), "agrees", agreeing(frame["p_value"], frame["rank_p"]))
    return Discrimination(frame, found.basis, share, remarks)


def extremes(answers: Responses, construct: str, share: float) -> tuple[pd.DataFrame, tuple[float, float]]:
    """The items of one construct in both extreme groups, and the share of people in the low and in the high one."""
    items = answers.item_names(construct)
    x = answers.items(items).to_numpy(dtype=float)
    x = x[~np.isnan(x).any(axis=1)]
    total = x.sum(axis=1)
    low, high = _groups(total, share)
    cuts = {"cut_low": total[low].max(), "cut_high": total[high].min()} if low.any() else {}
    lines = [
        {"construct": construct, "item": item, **_compared(x[:, j], low, high), **cuts} for j, item in enumerate(items)
    ]
    shares = (float(low.mean()), float(high.mean())) if len(x) else (0.0, 0.0)
    return pd.DataFrame(lines, columns=[c for c in COLUMNS if c != "citc"]), shares


COLUMNS = [
    *("construct", "item", "n_low", "n_high", "mean_low", "mean_high", "difference", "statistic", "df", "p_value"),
    *("rank_p", "citc", "cut_low", "cut_high"),
]


def _groups(total: Array, share: float) -> tuple[Mask, Mask]:
    """The extreme groups; nobody where they would overlap, or hold one person."""
    nobody = np.zeros(len(total), dtype=bool)
    if len(total) < 4:
        return nobody, nobody
    low, high = extreme_groups(total, share)
    return (low, high) if not (low & high).any() and min(low.sum(), high.sum()) > 1 else (nobody, nobody)


def _compared(x: Array, low: Mask, high: Mask) -> dict[str, object]:
    """One item in both groups; no test where neither varies."""
    a, b = x[high], x[low]
    line: dict[str, object] = {"n_low": len(b), "n_high": len(a)}
    if not len(a):
        return line
    line |= {"mean_low": float(b.mean()), "mean_high": float(a.mean()), "difference": float(a.mean() - b.mean())}
    if np.ptp(a) > 0 or np.ptp(b) > 0:
        t = welch_t(a, b)
        line |= {"statistic": t.statistic, "df": t.df, "p_value": t.p_value, "rank_p": rank_test([a, b])[1]}
    return line


def _remarks(flat: list[str], tied: list[tuple[str, float, float]]) -> list[Text]:
    said = []
    if flat:
        said.append(
            Text(
                f"总分的不同取值太少，分不出高低两组：{'、'.join(flat)}。",
                f"Totals take too few values for two groups: {', '.join(flat)}.",
            )
        )
    for name, low, high in tied:
        shares = {key: in_prose(value, "percent", 0) for key, value in (("low", low), ("high", high))}
        said.append(
            Text(
                "{name}：分界处同分者都归入，低分组占{low}，高分组占{high}。",
                "{name}: everybody tied at the cut is in; the bottom group holds {low}, the top group {high}.",
            ).format(name=name, **shares)
        )
    return said
