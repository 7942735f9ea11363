"""What a test of equivalence found: differences against their margins, on a page and as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.causes.equivalence_sentences import TOLD, of_equivalence
from sgsurvey.causes.families import NAMES
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.equivalence import OneSided, two_one_sided
from sgsurvey.numerics.multiplicity import Adjustment, adjusted
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.means_and_ranks import agreeing, apart, disagreement
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Verdict = Literal["equivalent", "different", "trivial", "undecided", "suppressed"]
VERDICTS: dict[Verdict, Text] = {
    "equivalent": Text("等价", "equivalent"),
    "different": Text("有差异", "different"),
    "trivial": Text("有差异但小于界值", "different, within the margin"),
    "undecided": Text("尚不能判定", "undecided"),
    "suppressed": Text("人数过少", "too few"),
}
RANK_TESTS: dict[str, Text] = {
    "groups": Text("Mann–Whitney检验（按界值平移）", "Mann–Whitney of answers moved by the margins"),
    "value": Text("Wilcoxon符号秩检验（按界值平移）", "Wilcoxon's signed ranks of differences less the margins"),
    "design": Text("依据抽样设计的秩检验（按界值平移）", "the design's rank test of answers moved by the margins"),
}


@dataclass(frozen=True)
class Claim:
    """What is to be shown: differences within ``margins`` (lower and upper), each p held against ``alpha``."""

    margins: Mapping[str, tuple[float, float]]
    adjust: Adjustment
    alpha: float


@dataclass(frozen=True)
class Equivalence(Inline):
    """Differences held against margins within which they do not matter.

    Attributes
    ----------
    frame : DataFrame
        One row per variable or slope: ``variable, n, estimate, std_error, df, margin_low, margin_high, p_low`` (of "at
        most ``margin_low``"), ``p_high`` (of "at least ``margin_high``"), ``p_value`` (the larger), ``p_adjusted,
        conf_low, conf_high`` (an interval of level ``1 - 2 alpha``: equivalent where it lies within the margins, before
        adjustment), ``p_difference`` (two-sided, of no difference), ``p_difference_adjusted, rank_p, rank_p_adjusted``
        (of equivalence, by ranks; nan where there is no such test), ``agrees`` (whether means and ranks decide alike;
        missing likewise), ``verdict``.
    compared : Text
        What is subtracted from what.
    rank_test : str
        ``"groups"``, ``"value"``, ``"design"``, or empty where there is none.
    tested : Claim
        Margins, adjustment and level.
    notes : tuple of Text
    """

    compared: Text
    rank_test: str
    tested: Claim
    notes: tuple[Text, ...]

    @property
    def family(self) -> int:
        """How many tests of equivalence were adjusted together."""
        return int(self.frame["p_value"].notna().sum())

    @property
    def conf_level(self) -> float:
        """Level of the intervals."""
        return 1 - 2 * self.tested.alpha

    inline_columns = TOLD
    named_by = "variable"

    def _table(self) -> Table:
        columns = [
            Column("variable", HEADS["variable"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("estimate", HEADS["difference"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("df", HEADS["df"], "df"),
            Column("conf_low:conf_high", conf_head(self.conf_level), "interval", digits=3),
            Column("margin_low:margin_high", Text("等价界值", "Margin"), "interval", digits=3),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
            *([Column("rank_p_adjusted", HEADS["rank_p"], "p")] if self.rank_test else []),
            Column("verdict", HEADS["verdict"], "text"),
        ]
        shown = self.frame.assign(
            variable=[self.basis.label(name) for name in self.frame["variable"]],
            verdict=[VERDICTS[verdict] for verdict in self.frame["verdict"]],
        )
        title = Text("等价性检验（两个单侧检验）", "Equivalence (two one-sided tests)")
        table = Table.from_frame(shown, columns, id="equivalence", title=title, notes=self._notes())
        hidden = self.frame["verdict"] == "suppressed"
        shown_table = table.hiding([tuple(column.key for column in columns[2:-1]) if few else () for few in hidden])
        return shown_table.telling(*of_equivalence(shown_table, VERDICTS))

    def _notes(self) -> tuple[Text, ...]:
        family = Text(
            "差值＝{compared}；H0：差值不在界值之内（α = {alpha}），p值{method}，同族{m}个检验。",
            "Difference: {compared}. H0: it is not within the margin (α = {alpha}); p {method}, family of {m}.",
        )
        notes = [
            family.format(
                compared=self.compared, alpha=f"{self.tested.alpha:g}", method=NAMES[self.tested.adjust], m=self.family
            )
        ]
        if self.rank_test:
            notes.append(Text("秩检验：{t}。", "Rank test: {t}.").format(t=RANK_TESTS[self.rank_test]))
        if (against := apart(self.frame["agrees"])).any():
            notes.append(disagreement([self.basis.label(v) for v in self.frame.loc[against, "variable"]]))
        return (*notes, *self.notes)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Differences with their intervals; dashed lines are the margin where all have the same."""
        from sgsurvey.figures.forest import forest

        spoken = language or self.basis.language
        shown = self.frame[self.frame["verdict"] != "suppressed"]
        words = shown.assign(term=[self.basis.label(name).to(spoken) for name in shown["variable"]])
        return forest(words, conf_level=self.conf_level, n=self.n, ax=ax, language=spoken)


@dataclass(frozen=True)
class Difference:
    """A difference with its error, and its one-sided tests by ranks; without numbers where it must be hidden.

    Attributes
    ----------
    n : int
    estimate, std_error, df : float
    ranks : OneSided, optional
        None where there is no rank test.
    hidden : bool
    """

    n: int
    estimate: float = np.nan
    std_error: float = np.nan
    df: float = np.nan
    ranks: OneSided | None = None
    hidden: bool = False


def judged(found: Mapping[str, Difference], claim: Claim) -> pd.DataFrame:
    """The frame of ``Equivalence``."""
    frame = pd.DataFrame([_line(name, one, *claim.margins[name], claim.alpha) for name, one in found.items()])
    for key in ("p_value", "p_difference", "rank_p"):
        frame[f"{key.removesuffix('_value')}_adjusted"] = adjusted(frame[key], claim.adjust)
    shown = frame["p_adjusted"] < claim.alpha
    frame["agrees"] = agreeing(frame["p_adjusted"], frame["rank_p_adjusted"], claim.alpha)
    decisions = zip(shown, frame["p_difference_adjusted"] < claim.alpha, found.values(), strict=True)
    frame["verdict"] = ["suppressed" if one.hidden else _verdict(equal, differs) for equal, differs, one in decisions]
    return frame


def _line(name: str, d: Difference, low: float, high: float, alpha: float) -> dict[str, object]:
    p_low, p_high = two_one_sided(d.estimate, d.std_error, d.df, low, high)
    half = float(stats.t.ppf(1 - alpha, d.df)) * d.std_error
    t = abs(d.estimate) / d.std_error if d.std_error > 0 else np.nan
    return {
        "variable": name, "n": d.n, "estimate": d.estimate, "std_error": d.std_error, "df": d.df,
        "margin_low": low, "margin_high": high, "p_low": p_low, "p_high": p_high, "p_value": max(p_low, p_high),
        "conf_low": d.estimate - half, "conf_high": d.estimate + half, "p_difference": 2 * float(stats.t.sf(t, d.df)),
        "rank_p": np.nan if d.ranks is None else max(d.ranks),
    }  # fmt: skip


def _verdict(equal: bool, differs: bool) -> Verdict:
    if equal:
        return "trivial" if differs else "equivalent"
    return "different" if differs else "undecided"
