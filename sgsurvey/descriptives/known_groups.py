"""Known-groups validity: whether the scores tell apart two groups that are known to differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from sgsurvey.answers.from_frame import What
from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.compare import compare
from sgsurvey.descriptives.known_groups_sentences import of_known_groups
from sgsurvey.errors import DataError
from sgsurvey.tables.means_and_ranks import apart, disagreement
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

VERDICTS = {
    "as expected": Text("符合预期", "as expected"),
    "against": Text("与预期相反", "against expectation"),
    "unclear": Text("不能判定", "unclear"),
}
SIDES = ("high", "low")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownGroups(Result):
    """Two groups of which it was said beforehand which scores higher.

    Attributes
    ----------
    frame : DataFrame
        One row per variable: ``variable, n_high, mean_high, sd_high, n_low, mean_low, sd_low, difference, statistic,
        df, p_value, p_adjusted`` (Holm), ``estimate`` (Hedges' g), ``conf_low, conf_high, rank_p_adjusted`` (of the
        rank test), ``agrees`` (whether means and ranks decide alike at .05), ``verdict``: ``as expected`` when the
        whole interval of g is above 0, ``against`` when below, else ``unclear``.
    test : str
        ``welch_t``, or ``design_t`` under a declared design.
    groups : mapping of "high" and "low" to Text
        Words for the two groups.
    conf_level : float
    words : mapping of variable to Text
    remarks : tuple of Text
    """

    test: str
    groups: Mapping[str, Text]
    conf_level: float
    words: Mapping[object, Text]
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        frame = self.frame.assign(
            variable=pd.Series([self.words[v] for v in self.frame["variable"]], dtype=object),
            verdict=pd.Series([VERDICTS[v] for v in self.frame["verdict"]], dtype=object),
        )
        columns = [Column("variable", HEADS["construct"], "text")]
        for side in SIDES:
            columns += [
                Column(f"n_{side}", HEADS["n"], "count", spanner=self.groups[side]),
                Column(f"mean_{side}", HEADS["mean"], spanner=self.groups[side]),
                Column(f"sd_{side}", HEADS["sd"], spanner=self.groups[side]),
            ]
        interval = Text(f"{self.conf_level * 100:g}%置信区间", f"{self.conf_level * 100:g}% CI")
        columns += [
            Column("statistic", HEADS["t"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
            Column("estimate", HEADS["hedges_g"]),
            Column("conf_low:conf_high", interval, "interval"),
            Column("rank_p_adjusted", HEADS["rank_p"], "p"),
            Column("verdict", HEADS["verdict"], "text"),
        ]
        expected = Text("事先预期：{high}高于{low}。", "Expected beforehand: {high} above {low}.").format(**self.groups)
        against = [self.words[v] for v in self.frame.loc[apart(self.frame["agrees"]), "variable"]]
        disagree = [disagreement(against)] if against else []
        notes = (expected, VERDICT, TESTS[self.test], *disagree, *self.remarks)
        title = Text("已知群体效度", "Known-groups validity")
        table = Table.from_frame(frame, columns, id="known_groups", title=title, notes=notes)
        return table.telling(*of_known_groups(table, self.groups, VERDICTS))


TESTS = {
    "welch_t": Text(
        "Welch t检验，p按Holm法校正；g的区间按非中心t分布。",
        "Welch's t, p adjusted by Holm; interval of g from the noncentral t.",
    ),
    "design_t": Text(
        "依据抽样设计的t检验，p按Holm法校正；均值、标准差按设计权数（如有）计算，g的区间由线性化得出。",
        "Design-based t, p adjusted by Holm; means and SDs by the weights, if any; interval of g by linearisation.",
    ),
}
VERDICT = Text(
    "结论看Hedges' g的区间是否全在0的一侧；“不能判定”不等于没有差异。",
    "The verdict asks whether the whole interval of Hedges' g is on one side of 0; unclear is not 'no difference'.",
)

# Door -------------------------------------------------------------------------------------------------------


def known_groups(
    data: Responses | pd.DataFrame,
    constructs: What,
    *,
    by: str,
    high: object,
    low: object,
    conf_level: float = 0.95,
) -> KnownGroups:
    """Whether the scores tell apart two groups of which it is known that one has more of what is measured.

    Parameters
    ----------
    data : Responses or DataFrame
        Under a declared design means are weighted, and errors are the design's.
    constructs : str, list of str, or {construct: [columns]}
        As for ``compare``.
    by : str
        Column of the groups.
    high, low : object
        Values of ``by``: the group that ought to score higher, and the other.
    conf_level : float

    Raises
    ------
    DataError
        A group is not there, or has fewer people with a score than may be shown.
    DesignError
        The design does not allow a variance (lonely strata).
    """
    whole = data.frame if isinstance(data, Responses) else data
    if by not in whole:
        raise DataError(
            Text(f"没有“{by}”列。", f"there is no column '{by}'."),
            where="by=",
            remedy=Text("请核对列名。", "Name a column."),
        )
    absent = [code for code in (high, low) if not whole[by].eq(code).any()]
    if absent or high == low:
        raise DataError(
            Text(f"“{by}”列中没有两个不同的组{high}和{low}。", f"'{by}' has no two groups {high} and {low}."),
            where="high=, low=",
            remedy=Text(
                f"该列的取值：{'、'.join(map(str, whole[by].dropna().unique()[:8]))}。",
                f"Its values: {', '.join(map(str, whole[by].dropna().unique()[:8]))}.",
            ),
        )
    either = whole[by].isin([high, low])
    pair = data.where(either) if isinstance(data, Responses) else data[either]
    found = compare(pair, constructs, by=by, conf_level=conf_level)
    frame = found.frame[["variable", "statistic", "df", "p_value", "p_adjusted", *EFFECT, *RANKS]].copy()
    for side, code in zip(SIDES, (high, low), strict=True):
        own = found.groups[found.groups["group"] == code].set_index("variable")
        for what in ("n", "mean", "sd"):
            frame[f"{what}_{side}"] = frame["variable"].map(own[what])
    frame["difference"] = frame["mean_high"] - frame["mean_low"]
    # compare() takes the second group from the first, in the order of their codes.
    if found.groups["group"].iloc[0] != high:
        frame[list(EFFECT)] = -frame[["estimate", "conf_high", "conf_low"]].to_numpy()
        frame["statistic"] = -frame["statistic"]
    frame["verdict"] = [
        _verdict(low_end, high_end) for low_end, high_end in zip(frame["conf_low"], frame["conf_high"], strict=True)
    ]
    left = len(whole) - len(pair)
    dropped = {**found.dropped, **({"in neither group": left} if left else {})}
    basis = replace(found.basis, n_in=len(whole), dropped=dropped)
    groups = {side: found.words[code] for side, code in zip(SIDES, (high, low), strict=True)}
    order = ["variable", *(f"{what}_{side}" for side in SIDES for what in ("n", "mean", "sd")), "difference"]
    frame = frame[[*order, "statistic", "df", "p_value", "p_adjusted", *EFFECT, *RANKS, "verdict"]]
    return KnownGroups(frame, basis, found.test, groups, conf_level, found.words, found.remarks)


EFFECT = ("estimate", "conf_low", "conf_high")
RANKS = ("rank_p_adjusted", "agrees")


def _verdict(low: float, high: float) -> str:
    return "as expected" if low > 0 else "against" if high < 0 else "unclear"
