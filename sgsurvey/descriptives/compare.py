"""Do groups differ?  Means by Welch's tests, effect sizes with intervals, and a rank test beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What, as_columns, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.few import few_of_two_values
from sgsurvey.descriptives.group_tests import classical_f, games_howell, rank_test, welch_anova, welch_t
from sgsurvey.descriptives.groups import FEW, Group, split, unplaced
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.numerics.effect_sizes import hedges_g, omega_squared
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.multiplicity import Adjustment, adjusted
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

ALPHA = 0.05
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
}

# What the test of a variable says.
TESTED = (
    *("statistic", "df1", "df", "p_value", "estimate", "conf_low", "conf_high", "rank_statistic", "rank_p"),
    *("p_adjusted", "rank_p_adjusted"),
)

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison(Result):
    """Means of groups, compared variable by variable.

    Attributes
    ----------
    frame : DataFrame
        One row per variable: ``variable, n, statistic, df1, df, p_value, p_adjusted, effect`` (``hedges_g`` or
        ``omega_squared``), ``estimate, conf_low, conf_high`` (of the effect), ``rank_statistic, rank_p,
        rank_p_adjusted, agrees``: whether means and ranks lead to the same decision at .05 after adjustment.
    groups : DataFrame
        ``variable, group, n, mean, sd, median``, and ``hidden``: the columns that are nan because a mean of two values
        is a share, behind which few people stand; the test of such a variable, which would tell, is nan too.
    pairs : DataFrame
        Games-Howell, for three groups or more: ``variable, group_1, group_2, estimate`` (difference), ``std_error,
        statistic, df, p_value, conf_low, conf_high``; p is adjusted for the pairs of one variable.
    test : str
        ``welch_t`` (two groups) or ``welch_anova``.
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

    def _table(self) -> Table:
        several = self.test == "welch_anova"
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
            Column("interval", self._interval_head(), "bounded_interval" if several else "interval"),
            *([Column("post_hoc", HEADS["post_hoc"], "text")] if several else []),
            Column("rank_p", Text("秩检验p", "Rank test p"), "p"),
        ]
        title = Text("不同{by}的差异比较", "Differences by {by}").format(by=self.words[self.by])
        lines = pd.DataFrame(self._lines([column.key for column in columns]), dtype=object)
        table = Table.from_frame(lines, columns, id=f"comparison_{self.by}", title=title, notes=self._notes())
        return table.hiding(self._hidden())

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
        telling = self.groups["variable"].isin(_untested(self.groups))
        keys = (*TESTED, "interval", "post_hoc")
        lines = zip(self.groups["hidden"], first & telling, strict=True)
        return [(*hidden, *(keys if untested else ())) for hidden, untested in lines]

    def _interval_head(self) -> Text:
        return Text(f"{self.conf_level * 100:g}%置信区间", f"{self.conf_level * 100:g}% CI")

    def _post_hoc(self, variable: str) -> Text:
        """Which groups differ after Games-Howell, the higher first."""
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
        apart = [self.words[v] for v in self.frame.loc[~self.frame["agrees"].astype(bool), "variable"]]
        if apart:
            listed = Text("、".join(v.zh for v in apart), ", ".join(v.en for v in apart))
            disagree = Text(
                "均值检验与秩检验结论不一致，不宜下结论：{v}。",
                "Tests of means and of ranks disagree, so that no conclusion is drawn: {v}.",
            )
            notes.append(disagree.format(v=listed))
        return (*notes, *self.remarks)

    def pairs_table(self, *, language: Language | None = None) -> Table:
        """Every pair of groups after Games-Howell, with simultaneous intervals."""
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
        ]
        title = Text("不同{by}的事后比较（Games–Howell）", "Pairs by {by} (Games–Howell)").format(
            by=self.words[self.by]
        )
        frame = self.pairs.assign(**words)
        table = Table.from_frame(frame, columns, id=f"pairs_{self.by}", title=title, group="variable")
        return self.page(table, language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Effect sizes with their intervals, one point per variable."""
        from sgsurvey.figures.forest import forest

        words = language or self.basis.language
        tidy = self.frame[["estimate", "conf_low", "conf_high"]].assign(
            term=[self.words[v].to(words) for v in self.frame["variable"]]
        )
        effect = HEADS[str(self.frame["effect"].iloc[0])]
        return forest(tidy, axis=effect, conf_level=self.conf_level, ax=ax, language=words)


# Door -------------------------------------------------------------------------------------------------------


def compare(
    data: Responses | pd.DataFrame,
    what: What,
    *,
    by: str,
    adjust: Adjustment = "holm",
    conf_level: float = 0.95,
) -> Comparison:
    """Compare the means of groups.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str, list of str, or {construct: [columns]}
        Constructs, items or columns that hold numbers, each compared by itself.  A list of a DataFrame's columns names
        single variables.
    by : str
        Column that makes the groups.  Groups of fewer than five answers are left out.
    adjust : "holm", "BH" or "none"
        How the p-values of the variables are adjusted together.
    conf_level : float

    Returns
    -------
    Comparison
        Two groups by Welch's t with Hedges' g, more by Welch's F with omega squared and Games-Howell pairs.

    Raises
    ------
    DataError
        A variable holds choices or words, or there are not two groups to compare.
    DesignError
        The answers carry weights.
    """
    answers, names = _named(data, what)
    answers.refuse_weights("compare()")
    if adjust not in get_args(Adjustment):
        raise EstimationError(
            f"'{adjust}' is no adjustment of p-values.", where="adjust=", remedy="Use 'holm', 'BH' or 'none'."
        )
    found = {name: _samples(answers, name, by) for name in names}
    smallest = answers.questionnaire.smallest_cell
    kept = {name: {g.code: (g, x) for g, x in pairs if len(x) >= smallest} for name, pairs in found.items()}
    for name, samples in kept.items():
        if len(samples) < 2:
            raise DataError(
                f"'{name}' was answered by {len(samples)} group(s) of '{by}' with at least {smallest} people.",
                where=name,
                remedy="Compare groups that were both asked, or leave it out.",
            )
    test = "welch_t" if max(map(len, kept.values())) == 2 else "welch_anova"
    frame = pd.DataFrame([_row(name, [x for _, x in g.values()], test, conf_level) for name, g in kept.items()])
    groups = _groups(kept, smallest)
    untested = _untested(groups)
    frame.loc[frame["variable"].isin(untested), [key for key in TESTED if key in frame]] = np.nan
    frame["p_adjusted"] = adjusted(frame["p_value"], adjust)
    frame["rank_p_adjusted"] = adjusted(frame["rank_p"], adjust)
    frame["agrees"] = (frame["p_adjusted"] < ALPHA) == (frame["rank_p_adjusted"] < ALPHA)
    basis = answers.basis(*_used(answers, by))
    items = {item.name for item in answers.questionnaire.items}
    words: dict[object, Text] = {by: basis.label(by)}
    words |= {name: basis.coded(name) if name in items else basis.label(name) for name in names}
    words |= {g.code: g.words for found_in in found.values() for g, _ in found_in}
    remarks = tuple(_remarks(answers, found, by))
    family = int(frame["p_value"].notna().sum())
    pairs = _pairs({name: g for name, g in kept.items() if name not in untested}, test, conf_level)
    return Comparison(frame, basis, groups, pairs, test, by, adjust, family, conf_level, words, remarks)


def _named(data: Responses | pd.DataFrame, what: What) -> tuple[Responses, list[str]]:
    if isinstance(data, Responses) or isinstance(what, Mapping):
        return as_responses(data, what)
    return as_columns(data), [what] if isinstance(what, str) else list(what)


def _samples(answers: Responses, name: str, by: str) -> list[tuple[Group, Array]]:
    """The answers of each group that has any."""
    questionnaire = answers.questionnaire
    kind = next((item.type for item in questionnaire.items if item.name == name), "decimal")
    values = answers.variables([name])[name]
    if kind not in ("rating", "integer", "decimal") or not pd.api.types.is_numeric_dtype(values):
        raise DataError(
            f"'{name}' holds choices or words, which have no mean.",
            where=name,
            remedy="Use frequencies(by=…) for it.",
        )
    pairs = []
    for group in split(answers, by):
        x = group.answers.variables([name])[name].dropna().to_numpy(dtype=float)
        if len(x):
            pairs.append((group, x))
    return pairs


def _row(name: str, groups: Sequence[Array], test: str, conf_level: float) -> dict[str, object]:
    """The tests of one variable; nan where a group does not vary, so that nothing can be weighed."""
    n = sum(map(len, groups))
    row: dict[str, object] = {"variable": name, "n": n}
    varies = all(np.ptp(x) > 0 for x in groups)
    nothing = dict.fromkeys(("statistic", "df1", "df", "p_value"), np.nan)
    if test == "welch_t":
        x, y = groups
        row |= welch_t(x, y)._asdict() if varies else nothing
        sds, sizes = (float(x.std(ddof=1)), float(y.std(ddof=1))), (len(x), len(y))
        row |= {"effect": "hedges_g"}
        row |= hedges_g(float(x.mean() - y.mean()), sds, sizes, conf_level=conf_level)._asdict()
    else:
        row |= welch_anova(groups)._asdict() if varies else nothing
        row |= {"effect": "omega_squared"}
        row |= omega_squared(classical_f(groups), len(groups) - 1, n - len(groups), conf_level=conf_level)._asdict()
    statistic, p = rank_test(groups)
    return row | {"rank_statistic": statistic, "rank_p": p}


def _groups(kept: Mapping[str, Mapping[object, tuple[Group, Array]]], smallest: int) -> pd.DataFrame:
    lines: list[dict[str, object]] = []
    for name, groups in kept.items():
        for code, (_, x) in groups.items():
            numbers = {"n": len(x), "mean": x.mean(), "sd": x.std(ddof=1), "median": np.median(x)}
            hidden = tuple(sorted(few_of_two_values(x, smallest) & set(numbers)))
            numbers |= dict.fromkeys(hidden, np.nan)
            lines.append({"variable": name, "group": code, **numbers, "hidden": hidden})
    return pd.DataFrame(lines)


def _untested(groups: pd.DataFrame) -> set[object]:
    """Variables whose test would tell a mean that is hidden."""
    return set(groups.loc[groups["hidden"].map(bool), "variable"])


def _pairs(kept: Mapping[str, Mapping[object, tuple[Group, Array]]], test: str, conf_level: float) -> pd.DataFrame:
    columns = ["variable", "group_1", "group_2", "estimate", "std_error", "statistic", "df", "p_value"]
    rows: list[dict[str, object]] = []
    for name, groups in kept.items() if test == "welch_anova" else ():
        for (one, (_, x)), (other, (_, y)) in combinations(groups.items(), 2):
            if np.ptp(x) > 0 and np.ptp(y) > 0:
                pair = games_howell(x, y, len(groups), conf_level)
                rows.append({"variable": name, "group_1": one, "group_2": other} | pair._asdict())
    return pd.DataFrame(rows, columns=[*columns, "conf_low", "conf_high"])


def _remarks(answers: Responses, found: Mapping[str, list[tuple[Group, Array]]], by: str) -> list[Text]:
    """What the numbers cannot say themselves."""
    remarks = []
    smallest = answers.questionnaire.smallest_cell
    groups = {g.code: g for pairs in found.values() for g, _ in pairs}
    few = {g.code for pairs in found.values() for g, x in pairs if len(x) < smallest}
    if few:
        listed = _listed([groups[code].words for code in few])
        remarks.append(
            Text("少于{k}人的组未纳入：{g}。", "Groups of fewer than {k} are left out: {g}.").format(
                k=smallest, g=listed
            )
        )
    small = [g.words for code, g in groups.items() if g.small and code not in few]
    if small:
        remarks.append(
            Text("{g}不足{k}人，结论仅供参考。", "Fewer than {k} respondents, read as description: {g}.").format(
                k=FEW, g=_listed(small)
            )
        )
    scopes = {answers.questionnaire.role(role).scope for role in answers.roles}
    if by == "role" and len(scopes) > 1:
        remarks.append(REFERENTS)
    if answers.design.clusters is not None:
        remarks.append(CLUSTERED.format(cluster=answers.questionnaire.label(answers.design.clusters)))
    return remarks


REFERENTS = Text(
    "各主体评价的对象范围不同（县、乡镇、村），组间差异不全是看法差异。",
    "The groups judge different objects (county, township, village): differences are not of views alone.",
)
CLUSTERED = Text(
    "检验视受访者相互独立；样本按{cluster}聚类，p值可能偏小。",
    "Tests take respondents as independent; the sample is clustered ({cluster}), so that p may be too small.",
)


def _listed(words: Sequence[Text]) -> Text:
    return Text("、".join(w.zh for w in words), ", ".join(w.en for w in words))


def _used(answers: Responses, by: str) -> tuple[int, dict[str, int]]:
    left = unplaced(answers, by)
    return len(answers) - left, {f"{by} missing": left} if left else {}
