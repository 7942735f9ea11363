"""What changed from one wave of a survey to the next, and whether the change matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.words import code_words
from sgsurvey.descriptives.compare import named_variables
from sgsurvey.descriptives.wave_pairs import WavePair
from sgsurvey.descriptives.waves_sentences import of_waves
from sgsurvey.errors import DataError, DesignError, EstimationError, did_you_mean
from sgsurvey.numerics.multiplicity import Adjustment, adjusted
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.means_and_ranks import agreeing, apart, disagreement
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes
    from sgsurvey.text import Language

# The smallest change that matters unless one is given: five points of a hundred.
SMALLEST = 0.05
VERDICTS = {
    "rose": Text("上升", "rose"),
    "fell": Text("下降", "fell"),
    "unchanged": Text("无实质变化", "no change that matters"),
    "undecided": Text("未定", "undecided"),
    "": Text("–", "–"),
}
RULE = Text(
    "结论：{level}区间整体超出±{matters}为上升或下降，整体在其内为无实质变化，否则未定。",
    "Verdict by the {level} interval: rose or fell where all of it lies beyond ±{matters}, no change that matters "
    "where all of it lies within, else undecided.",
)
RULE_SHARE = Text("量程的5%", "5% of the scale's range")
PAIRED = Text(
    "同一受访者前后两次作答的差；只比较两次都作答的人。",
    "Differences within respondents; only who answered in both waves is compared.",
)
APART = Text(
    "各次调查的样本不同：比较的是均值，不是个人的变化。", "Different samples: means are compared, not persons."
)
# By whether differences are within respondents, and whether a design is declared.
RANKS: dict[tuple[bool, bool], Text] = {
    (False, False): Text("秩检验：Mann–Whitney检验。", "Rank test: Mann–Whitney."),
    (True, False): Text("秩检验：Wilcoxon符号秩检验。", "Rank test: Wilcoxon's signed ranks of the differences."),
    (False, True): Text(
        "秩检验：依据抽样设计（Lumley和Scott，2013）。", "Rank test: design-based (Lumley and Scott 2013)."
    ),
    (True, True): Text("在抽样设计下，差值没有秩检验。", "Under a design there is no rank test of differences."),
}
FAMILY = Text("共{m}个检验，p按{method}校正。", "{m} tests; p adjusted by {method}.")
ALIKE = Text(
    "均值可比，须量表在各次调查中测的是同一样东西：见sg.invariance(…, by=\"{wave}\")。",
    "Means compare only as far as the scales measure alike in every wave: see sg.invariance(…, by=\"{wave}\").",
)  # fmt: skip
NO_CAUSE = Text(
    "变化不等于某项措施的效果。", "A change between waves does not show what brought it about."
)  # fmt: skip


@dataclass(frozen=True)
class WaveComparison(Inline):
    """Changes from each wave to the next.

    Attributes
    ----------
    frame : DataFrame
        One row per variable and pair of waves in a row: ``variable, earlier, later, n_earlier, n_later, mean_earlier,
        mean_later, change`` (later less earlier), ``std_error, statistic, df, p_value, p_adjusted, rank_p,
        rank_p_adjusted`` (of the rank test; nan within respondents under a design), ``agrees`` (whether means and ranks
        decide alike at .05), ``conf_low, conf_high, standardised`` (by the standard deviation within both waves),
        ``standardised_low, standardised_high, share_up, share_down`` (of the persons, in a panel; nan where few moved),
        ``matters`` (the smallest change that does), ``verdict`` ("rose", "fell", "unchanged", "undecided"; empty where
        no such change is known).
    panel : bool
        Differences are within respondents.
    wave : str
    adjust : str
    conf_level : float
    words : mapping of wave to Text
    notes : tuple of Text
    """

    panel: bool
    wave: str
    adjust: Adjustment
    conf_level: float
    words: dict[object, Text]
    notes: tuple[Text, ...]

    inline_columns = ("mean_earlier", "mean_later", "change", "conf_low:conf_high", "p_adjusted", "standardised")
    named_by = "variable"
    parted_by = "waves"

    def _table(self) -> Table:
        frame = self.frame.assign(
            variable=[self.basis.label(name) for name in self.frame["variable"]],
            waves=[self._between(row) for _, row in self.frame.iterrows()],
            verdict=[VERDICTS[verdict] for verdict in self.frame["verdict"]],
        )
        level = f"{100 * self.conf_level:g}%"
        columns = [
            Column("waves", Text("调查", "Waves"), "text"),
            Column("n_earlier", Text("前n", "n, earlier"), "count"),
            Column("n_later", Text("后n", "n, later"), "count"),
            Column("mean_earlier", Text("前均值", "M, earlier")),
            Column("mean_later", Text("后均值", "M, later")),
            Column("change", Text("变化", "Change")),
            Column("conf_low:conf_high", Text(f"{level}置信区间", f"{level} CI"), "interval"),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
            *([Column("rank_p_adjusted", HEADS["rank_p"], "p")] if frame["rank_p"].notna().any() else []),
            Column("standardised", Text("标准化变化", "Standardised")),
            *(
                [
                    Column("share_up", Text("上升者（%）", "Up (%)"), "percent"),
                    Column("share_down", Text("下降者（%）", "Down (%)"), "percent"),
                ]
                if self.panel
                else []
            ),
            Column("verdict", HEADS["verdict"], "text"),
        ]
        title = Text("各次调查之间的变化", "Change from wave to wave")
        notes = list(self.notes)
        if (against := apart(self.frame["agrees"])).any():
            notes.append(disagreement(list(frame.loc[against, "variable"].drop_duplicates())))
        table = Table.from_frame(frame, columns, id="waves", title=title, group="variable", notes=tuple(notes))
        few = self.frame["share_up"].isna() & self.panel
        table = table.hiding([("share_up", "share_down") if row else () for row in few])
        return table.telling(*of_waves(table, VERDICTS))

    def _between(self, row: pd.Series) -> Text:
        return Text("{a} → {b}", "{a} → {b}").format(a=self.words[row["earlier"]], b=self.words[row["later"]])

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Changes with their intervals, by variable."""
        from sgsurvey.figures.forest import forest

        language = language or self.basis.language
        shown = self.frame.assign(
            estimate=self.frame["change"],
            term=[self._between(row).to(language) for _, row in self.frame.iterrows()],
            group=[self.basis.label(name).to(language) for name in self.frame["variable"]],
        )
        axis = Text("变化及{level}%置信区间", "Change with {level}% CI")
        return forest(shown[["term", "group", "estimate", "conf_low", "conf_high"]], axis=axis,
                      conf_level=self.conf_level, n=self.n, ax=ax, language=language)  # fmt: skip


def compare_waves(
    data: Responses | pd.DataFrame,
    what: What,
    *,
    wave: str,
    id: str | None = None,
    matters: float | None = None,
    adjust: Adjustment = "holm",
    conf_level: float = 0.95,
) -> WaveComparison:
    """Changes of means from each wave of a survey to the next.

    Parameters
    ----------
    data : Responses or DataFrame
        All waves, one below the other.  Weights, strata, clusters and replicate weights of its design are used.
    what : str, list of str, or {construct: [columns]}
        As in ``compare``.
    wave : str
        Column of the wave; waves are taken in order.
    id : str, optional
        Column that names a respondent in every wave: the differences are then within respondents.
    matters : float, optional
        The smallest change that matters, in the unit of the variables; a twentieth of the scale's range unless given.
    adjust : "holm", "BH" or "none"
        How the p-values of all variables and pairs are adjusted together.
    conf_level : float

    Returns
    -------
    WaveComparison
        Welch's t for two samples of rows; t of the paired differences in a panel; the design's where one is declared.
        Beside it a test of ranks: Mann-Whitney, signed ranks, or the design's.

    Raises
    ------
    DataError
        Fewer than two waves; a respondent twice in one; a variable that fewer than the smallest count answered, or
        whose mean would count few people.
    DesignError
        ``id`` would ignore the declared design.

    References
    ----------
    Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics, 15, 657-680, for the verdict.

    Examples
    --------
    ``sg.compare_waves(answers, ["SAT", "FUN"], wave="year", id="resp_id").table(language="zh")``
    """
    answers, names = named_variables(data, what)
    if adjust not in get_args(Adjustment):
        raise EstimationError(
            f"'{adjust}' is no adjustment of p-values.", where="adjust=", remedy="Use 'holm', 'BH' or 'none'."
        )
    if matters is not None and not matters > 0:
        raise DataError(f"matters={matters} is no size.", where="matters=", remedy="Give a number above 0.")
    waves = _waves(answers, wave)
    declared = not answers.design.is_simple
    if id is not None:
        answers = _panel(answers, wave, id)
    lines, smallest = [], answers.questionnaire.smallest_cell
    for name in names:
        size = matters if matters is not None else _smallest(answers, name)
        for both in pairwise(waves):
            pair = WavePair.of(answers, name, wave, both, id)
            pair.check(smallest)
            lines.append(pair.line(size, conf_level, smallest, declared=declared))
    frame = pd.DataFrame(lines)
    for key, after in (("p_value", "p_adjusted"), ("rank_p", "rank_p_adjusted")):
        frame.insert(frame.columns.get_loc(key) + 1, after, adjusted(frame[key], adjust))
    frame.insert(frame.columns.get_loc("conf_low"), "agrees", agreeing(frame["p_adjusted"], frame["rank_p_adjusted"]))
    family = FAMILY.format(m=int(frame["p_value"].notna().sum()), method=adjust)
    notes = [APART if id is None else PAIRED, *_verdict_rule(frame, matters, conf_level), family]
    notes.append(RANKS[id is not None, declared])
    scales = {c.name for c in answers.questionnaire.constructs if len(c.items) > 1}
    if scales & set(names):
        notes.append(ALIKE.format(wave=wave))
    if declared:
        notes += design_notes(answers.design)
    words = {level: code_words(answers, wave, level) for level in waves}
    basis = _basis(answers, wave, waves, id)
    return WaveComparison(frame, basis, id is not None, wave, adjust, conf_level, words, (*notes, NO_CAUSE))


def _waves(answers: Responses, wave: str) -> list[object]:
    """The waves that are there, in order."""
    if wave not in answers.frame:
        raise DataError(
            f"the answers have no column '{wave}'.{did_you_mean(wave, [str(c) for c in answers.frame])}",
            where="wave=",
            remedy="Name the column of the wave.",
        )
    values = answers.variables([wave])[wave]
    if isinstance(values.dtype, pd.CategoricalDtype):
        order: Sequence[object] = list(values.cat.categories)
    else:
        order = answers.codes(wave)
    present = set(values.dropna())
    found = [level for level in order if level in present]
    if len(found) < 2:
        raise DataError(
            f"'{wave}' holds {len(found)} wave(s).", where="wave=", remedy="Put two waves or more below each other."
        )
    return found


def _panel(answers: Responses, wave: str, id: str) -> Responses:
    """The answers with respondents as their clusters, unless larger ones are declared."""
    if id not in answers.frame:
        raise DataError(
            f"the answers have no column '{id}'.{did_you_mean(id, [str(c) for c in answers.frame])}",
            where="id=",
            remedy="Name the column that tells respondents apart.",
        )
    known = answers.frame[[wave, id]].dropna()
    if known.duplicated().any():
        twice = known.loc[known.duplicated(), id].astype(str).unique()
        raise DataError(
            f"{len(twice)} respondent(s) stand twice in one wave: {', '.join(twice[:5])}.",
            where="id=",
            remedy="Keep one row of each.",
        )
    if answers.design.clusters is not None:
        return answers
    if answers.design.is_complex:
        raise DesignError(
            Text(
                "已声明的抽样设计没有群：同一人的几次作答会被当作不同的人。",
                "the declared design has no clusters: answers of one person would count as those of several.",
            ),
            remedy=Text(f'请声明clusters="{id}"或更大的群。', f'Declare clusters="{id}", or larger ones.'),
        )  # fmt: skip
    return answers.designed(replace(answers.design, clusters=id, whole=None))


def _smallest(answers: Responses, name: str) -> float:
    """A twentieth of the theoretical range; nan where that is not known."""
    if name not in answers.questionnaire:
        return float("nan")
    try:
        low, high = answers.limits(name)
    except DesignError:
        return float("nan")
    return SMALLEST * (high - low)


def _verdict_rule(frame: pd.DataFrame, matters: float | None, conf_level: float) -> list[Text]:
    if not frame["verdict"].ne("").any():
        return []
    return [
        RULE.format(level=f"{100 * (2 * conf_level - 1):g}%", matters=RULE_SHARE if matters is None else f"{matters:g}")
    ]


def _basis(answers: Responses, wave: str, waves: list[object], id: str | None) -> Basis:
    """Rows used: those of a wave, and in a panel of persons with two waves or more."""
    known = answers.variables([wave])[wave].isin(waves).to_numpy(dtype=bool)
    dropped = {f"{wave} missing": int((~known).sum())}
    used = known
    if id is not None:
        person = answers.frame[id]
        named = person.notna().to_numpy()
        dropped[f"{id} missing"] = int((known & ~named).sum())
        again = person[known & named].map(person[known & named].value_counts()).reindex(person.index).gt(1).to_numpy()
        dropped["in one wave only"] = int((known & named & ~again).sum())
        used = known & named & again
    return answers.basis(int(used.sum()), {reason: count for reason, count in dropped.items() if count})
