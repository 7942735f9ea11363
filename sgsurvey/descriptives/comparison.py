"""What compare() found: groups and their tests, on a page and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.descriptives.comparison_sentences import of_comparison, of_pairs
from sgsurvey.numerics.multiplicity import Adjustment
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.means_and_ranks import ALPHA, apart, disagreement
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

ADJUSTMENTS: dict[Adjustment, Text] = {
    "holm": Text("Holm法校正", "adjusted by Holm"),
    "BH": Text("Benjamini–Hochberg法校正", "adjusted by Benjamini–Hochberg"),
    "none": Text("未校正", "not adjusted"),
}
CONVENTIONS: dict[str, Text] = {
    "welch_t": Text(
        "Welch t检验；Hedges' g为前一组减后一组，区间按非中心t分布；秩检验为Mann–Whitney检验。",
        "Welch's t; Hedges' g is the first group less the second, its interval from the noncentral t; rank test: "
        "Mann–Whitney.",
    ),
    "welch_anova": Text(
        "Welch方差分析；事后比较为Games–Howell法（p < 0.05）；ω²由普通F计算，区间按非中心F分布；"
        "秩检验为Kruskal–Wallis检验。",
        "Welch's F; post hoc by Games–Howell (p < .05); ω² from the ordinary F, its interval from the noncentral F; "
        "rank test: Kruskal–Wallis.",
    ),
    "design_t": Text(
        "依据抽样设计的t检验；Hedges' g为前一组减后一组，按加权均值和组内标准差计算，区间由线性化得出；"
        "秩检验为依据抽样设计的检验（Lumley和Scott，2013）；均值、标准差、中位数按设计权数（如有）计算。",
        "Design-based t; Hedges' g is the first group less the second, of weighted means and standard deviations, its "
        "interval by linearisation; rank test: design-based (Lumley and Scott 2013); mean, SD and median by the "
        "weights, if any.",
    ),
    "design_f": Text(
        "依据抽样设计的Wald F检验；事后比较按Holm法校正（p < 0.05）；ω²按加权平方和计算，不给区间；"
        "秩检验为依据抽样设计的检验（Lumley和Scott，2013）；均值、标准差、中位数按设计权数（如有）计算。",
        "Design-based Wald F; post hoc adjusted by Holm (p < .05); ω² of weighted sums of squares, without an "
        "interval; rank test: design-based (Lumley and Scott 2013); mean, SD and median by the weights, if any.",
    ),
}
RANKS_OF_PAIRS = Text("秩检验p按Holm法校正。", "p of the rank tests adjusted by Holm.")
# The names of the tests of two groups, and of more.
FREE, DESIGNED = ("welch_t", "welch_anova"), ("design_t", "design_f")

# What the test of a variable says.
TESTED = (
    *("statistic", "df1", "df", "p_value", "estimate", "conf_low", "conf_high", "rank_statistic", "rank_p"),
    *("p_adjusted", "rank_p_adjusted"),
)

# What the inline text of a test tells.
INLINE = ("statistic", "p_value", "p_adjusted", "estimate", "interval")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison(Inline):
    """Means of groups, compared variable by variable.

    Attributes
    ----------
    frame : DataFrame
        One row per variable: ``variable, n, statistic, df1, df, p_value, p_adjusted, effect`` (``hedges_g`` or
        ``omega_squared``), ``estimate, conf_low, conf_high`` (of the effect), ``rank_statistic, rank_p,
        rank_p_adjusted, agrees``: whether means and ranks lead to the same decision at .05 after adjustment, missing
        where there is no test.
    groups : DataFrame
        ``variable, group, n, mean, sd, median``, and ``hidden``: the columns that are nan because a mean of two values
        is a share, behind which few people stand; the test of such a variable, which would tell, is nan too.
    pairs : DataFrame
        For three groups or more: ``variable, group_1, group_2, estimate`` (difference), ``std_error, statistic, df,
        p_value, conf_low, conf_high``; p is adjusted for the pairs of one variable, by Games-Howell or, under a design,
        by Holm (intervals by Bonferroni); ``rank_p`` of the rank test of the two groups, by Holm, and ``agrees``.
    test : str
        ``welch_t`` (two groups) or ``welch_anova``; under a declared design ``design_t`` or ``design_f``.
    by : str
    adjust : str
    family : int
        Tests that were adjusted together.
    conf_level : float
    words : mapping of variable name or group code to Text
    remarks : tuple of Text
    """

    groups: pd.DataFrame
    pairs: pd.DataFrame
    test: str
    by: str
    adjust: Adjustment
    family: int
    conf_level: float
    words: Mapping[object, Text]
    remarks: tuple[Text, ...]

    inline_columns = INLINE

    def _row_names(self) -> Iterable[object]:
        return list(self.groups["variable"].mask(self.groups["variable"].duplicated(), ""))

    def _table(self) -> Table:
        several = self.test in ("welch_anova", "design_f")
        columns = [
            Column("variable", HEADS["variable"], "text"),
            Column("group", HEADS["group"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("mean", HEADS["mean"]),
            Column("sd", HEADS["sd"]),
            Column("statistic", HEADS["f" if several else "t"], "statistic"),
            *([Column("df1", HEADS["df1"], "df")] if several else []),
            Column("df", HEADS["df2" if several else "df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
            Column("estimate", HEADS["omega_squared" if several else "hedges_g"], "bounded" if several else "estimate"),
            *(
                [Column("interval", self._interval_head(), "bounded_interval" if several else "interval")]
                if self.test != "design_f"
                else []
            ),
            *([Column("post_hoc", HEADS["post_hoc"], "text")] if several else []),
            Column("rank_p", HEADS["rank_p"], "p"),
        ]
        title = Text("不同{by}的差异比较", "Differences by {by}").format(by=self.words[self.by])
        lines = pd.DataFrame(self._lines([column.key for column in columns]), dtype=object)
        table = Table.from_frame(lines, columns, id=f"comparison_{self.by}", title=title, notes=self._notes())
        shown = table.hiding(self._hidden())
        against = [self.words[v] for v in self.frame.loc[apart(self.frame["agrees"]), "variable"]]
        return shown.telling(*of_comparison(shown, self.words[self.by], against))

    def _lines(self, keys: Sequence[str]) -> list[dict[str, object]]:
        """A line per group; what belongs to the variable stands in its first line."""
        lines = []
        for _, test in self.frame.iterrows():
            first = {key: test[key] for key in keys if key in test} | {
                "variable": self.words[test["variable"]],
                "interval": (test["conf_low"], test["conf_high"]),
                "post_hoc": self._post_hoc(test["variable"]),
            }
            for _, group in self.groups[self.groups["variable"] == test["variable"]].iterrows():
                own = {"group": self.words[group["group"]], "n": group["n"], "mean": group["mean"], "sd": group["sd"]}
                lines.append({key: {**first, **own}.get(key, "") for key in keys})
                first = {}
        return lines

    def _hidden(self) -> list[tuple[str, ...]]:
        """What each line must not show: its own columns, and in the first line of a variable those of its test."""
        first = ~self.groups["variable"].duplicated()
        telling = self.groups["variable"].isin(untested_variables(self.groups))
        keys = (*TESTED, "interval", "post_hoc")
        lines = zip(self.groups["hidden"], first & telling, strict=True)
        return [(*hidden, *(keys if untested else ())) for hidden, untested in lines]

    def _interval_head(self) -> Text:
        return Text(f"{self.conf_level * 100:g}%置信区间", f"{self.conf_level * 100:g}% CI")

    def _post_hoc(self, variable: str) -> Text:
        """Which groups differ in ``pairs``, the higher first."""
        found = self.pairs[(self.pairs["variable"] == variable) & (self.pairs["p_value"] < ALPHA)]
        pairs = [
            (row["group_1"], row["group_2"]) if row["estimate"] > 0 else (row["group_2"], row["group_1"])
            for _, row in found.iterrows()
        ]
        words = [(self.words[high], self.words[low]) for high, low in pairs]
        return Text(
            "；".join(f"{high.zh} > {low.zh}" for high, low in words) or "无",
            "; ".join(f"{high.en} > {low.en}" for high, low in words) or "none",
        )

    def _notes(self) -> tuple[Text, ...]:
        family = Text("p值{how}，共{m}个检验。", "p {how}, {m} test(s) in the family.")
        notes = [CONVENTIONS[self.test], family.format(how=ADJUSTMENTS[self.adjust], m=self.family)]
        if (against := apart(self.frame["agrees"])).any():
            notes.append(disagreement([self.words[v] for v in self.frame.loc[against, "variable"]]))
        return (*notes, *self.remarks)

    def pairs_table(self, *, language: Language | None = None) -> Table:
        """Every pair of groups, with simultaneous intervals."""
        words = {
            key: pd.Series([self.words[v] for v in self.pairs[key]], dtype=object)
            for key in ("variable", "group_1", "group_2")
        }
        columns = [
            Column("group_1", Text("组别1", "Group 1"), "text"),
            Column("group_2", Text("组别2", "Group 2"), "text"),
            Column("estimate", HEADS["difference"]),
            Column("std_error", HEADS["std_error"]),
            Column("conf_low:conf_high", self._interval_head(), "interval"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("rank_p", HEADS["rank_p"], "p"),
        ]
        how = "Holm" if self.test == "design_f" else "Games–Howell"
        title = Text("不同{by}的事后比较（{how}）", "Pairs by {by} ({how})").format(by=self.words[self.by], how=how)
        frame = self.pairs.assign(**words)
        against = self.pairs.loc[apart(self.pairs["agrees"]), ["group_1", "group_2"]].drop_duplicates()
        notes = [RANKS_OF_PAIRS]
        if len(against):
            both = [(self.words[a], self.words[b]) for a, b in against.itertuples(index=False)]
            notes.append(disagreement([Text(f"{a.zh}与{b.zh}", f"{a.en} and {b.en}") for a, b in both]))
        table = Table.from_frame(
            frame, columns, id=f"pairs_{self.by}", title=title, group="variable", notes=tuple(notes)
        )
        return self.page(table.telling(*of_pairs(table)), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Effect sizes with their intervals, one point per variable."""
        from sgsurvey.figures.forest import forest

        words = language or self.basis.language
        tidy = self.frame[["estimate", "conf_low", "conf_high"]].assign(
            term=[self.words[v].to(words) for v in self.frame["variable"]]
        )
        effect = HEADS[str(self.frame["effect"].iloc[0])]
        return forest(tidy, axis=effect, conf_level=self.conf_level, n=self.n, ax=ax, language=words)


def untested_variables(groups: pd.DataFrame) -> set[object]:
    """Variables whose test would tell a mean that is hidden."""
    return set(groups.loc[groups["hidden"].map(bool), "variable"])
