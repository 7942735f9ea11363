"""Do stakeholders see the same?  Gaps between groups, as far as what they judged can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.causes.evidence import design_remarks
from sgsurvey.causes.gap_estimates import GapEstimate, gap
from sgsurvey.causes.gap_sentences import of_gaps
from sgsurvey.causes.points import check_columns, code_label, points
from sgsurvey.causes.sides import Pair, Sides, pairs_of
from sgsurvey.errors import DataError, DesignError
from sgsurvey.measurement.invariance import Invariance
from sgsurvey.measurement.invariance_tables import level_words
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.tables.means_and_ranks import agreeing, apart, disagreement
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, listed

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Verdict = Literal["gap", "small gap", "agreement", "undecided", "suppressed"]
VERDICTS: dict[Verdict, Text] = {
    "gap": Text("有差距", "gap"),
    "small gap": Text("有差距，但不重要", "gap, too small to matter"),
    "agreement": Text("看法一致", "agreement"),
    "undecided": Text("尚不能判定", "undecided"),
    "suppressed": Text("人数过少", "too few"),
}
DECISIONS: tuple[Verdict, ...] = ("gap", "small gap", "agreement", "undecided")
LEVEL = 0.05
NOT_EXAMINED = "not examined"
DRAWN = (
    *("term", "first", "second", "mean_first", "first_low", "first_high", "mean_second", "second_low", "second_high"),
    *("estimate", "conf_low", "conf_high", "n_first", "n_second"),
)
# Levels of invariance on which means may be compared.
COMPARABLE = ("scalar", "strict", "partial scalar", "partial strict")
BASES: dict[str, Text] = {
    "place": Text("同一地点配对", "paired by place"),
    "county": Text("全县均值", "county means"),
}

# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gaps(Result):
    """Gaps between stakeholder groups, in points of 100.

    Attributes
    ----------
    frame : DataFrame
        ``construct, first, second, n_first, n_second, mean_first, first_low, first_high, mean_second, second_low,
        second_high, estimate, std_error, df, conf_low, conf_high, p_value, p_adjusted, p_exact, p_equivalence,
        p_equivalence_adjusted, superiority, superiority_low, superiority_high, reliability, places, compared ("place"
        or "county"), invariance, comparable, agrees, verdict``.  ``estimate`` is first less second; a ``suppressed``
        line has no numbers.  ``first_low`` and so on: 95 % interval of each mean, places counted where both judge their
        own.  ``agrees``: p and exact p, neither adjusted, are both below .05 or neither; missing where people of one
        place stand on one side alone, for whom the exact test does not count places.
    profiles : DataFrame
        Per pair of groups, over the constructs: ``first, second, constructs, correlation`` of their means.
    margin : float
        The smallest gap that matters, in points.
    family : int
        How many p-values were adjusted together (Holm).
    roles : mapping of role to Text
    cluster : str or None
    remarks : tuple of Text
    """

    profiles: pd.DataFrame
    margin: float
    family: int
    roles: Mapping[str, Text]
    cluster: str | None
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        pair = Text("{a} − {b}", "{a} − {b}")
        shown = self.frame.assign(
            construct=self.frame["construct"].map(self.basis.label),
            pair=[
                pair.format(a=self.roles[a], b=self.roles[b])
                for a, b in zip(self.frame["first"], self.frame["second"], strict=True)
            ],
            compared=self.frame["compared"].map(BASES),
            invariance=[_level(str(level)) for level in self.frame["invariance"]],
            verdict=[self._verdict(line) for line in self.frame.to_dict("records")],
        )
        columns = [
            Column("construct", HEADS["construct"], "text"),
            Column("mean_first", Text("前者", "First"), digits=1, spanner=HEADS["mean"]),
            Column("mean_second", Text("后者", "Second"), digits=1, spanner=HEADS["mean"]),
            Column("estimate", Text("差距", "Gap"), digits=1),
            Column("conf_low:conf_high", HEADS["conf_95"], "interval", digits=1),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
            Column("p_exact", Text("精确p", "Exact p"), "p"),
            Column("superiority", Text("优势概率", "P(higher)"), "bounded", digits=2),
            Column("compared", Text("比较方式", "Compared"), "text"),
            Column("invariance", Text("测量等值", "Invariance"), "text"),
            Column("verdict", HEADS["verdict"], "text"),
        ]
        title = Text("各方看法的差距（百分制）", "Gaps between stakeholder groups (points of 100)")
        table = Table.from_frame(shown, columns, id="gaps", title=title, group="pair", notes=self.notes())
        return table.telling(*of_gaps(table, {name: VERDICTS[name] for name in DECISIONS}))

    def _named(self, line: Mapping[object, str]) -> Text:
        """One gap in words."""
        words = Text("{c}（{a} − {b}）", "{c} ({a} − {b})")
        return words.format(
            c=self.basis.label(line["construct"]), a=self.roles[line["first"]], b=self.roles[line["second"]]
        )

    def _verdict(self, line: Mapping[object, object]) -> Text:
        verdict = next(words for name, words in VERDICTS.items() if name == line["verdict"])
        if line["comparable"] or line["verdict"] in ("undecided", "suppressed"):
            return verdict
        return Text(f"{verdict.zh}（仅描述）", f"{verdict.en} (description)")

    def notes(self) -> tuple[Text, ...]:
        """What was compared with what, what decides, and how far the scales are comparable."""
        notes = [
            Text(
                "差距＝前者均值−后者均值，高分为好；小于{m}分的差距视为不重要。双方都评价本地时，在同一地点内相减，各地点权重相同"
                "（t(G−1)，精确p为符号翻转检验）；一方评价全县时，比较全县均值（双方方差相加，精确p为秩和检验）。",
                "Gap = first mean − second, high is good; less than {m} points is taken not to matter. Where both "
                "judge their own place the two are subtracted place by place, each place counting once (t(G − 1); "
                "exact p: sign flips); where one judges the county, with its mean (exact p: sum of ranks).",
            ).format(m=f"{self.margin:g}"),
            Text(
                "结论据差异检验与等价检验（α＝0.05，共{k}个检验，Holm校正）。优势概率：前者一人评分高于后者一人的概率，相等计一半。",
                "The verdict rests on tests of difference and of equivalence (α = .05, {k} tests, Holm). P(higher): "
                "that one of the first rates higher than one of the second, ties counting half.",
            ).format(k=self.family),
        ]
        levels = {str(level) for level in self.frame["invariance"]}
        if levels - set(COMPARABLE):
            found = [_level(level) for level in sorted(levels)]
            notes.append(
                Text(
                    "测量不变性：{f}。未达标量不变性时，差距也可能来自对题目的理解不同，仅作描述。",
                    "Measurement invariance: {f}. Short of scalar invariance a gap may come from reading the items "
                    "differently: description only.",
                ).format(f=listed(found))
            )
        if (against := apart(self.frame["agrees"])).any():
            notes.append(disagreement([self._named(line) for line in self.frame[against].to_dict("records")]))
        return (*notes, *self.remarks)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Both means of each gap with their intervals, joined; the gap and its interval at the side."""
        from sgsurvey.figures.gap_dumbbell import gap_dumbbell

        lang = language or self.basis.language
        words = {role: label.to(lang) for role, label in self.roles.items()}
        decided = self.frame["verdict"].isin(["gap", "small gap"])
        shown = self.frame.assign(
            term=[self.basis.label(name).to(lang) for name in self.frame["construct"]],
            first=self.frame["first"].map(words),
            second=self.frame["second"].map(words),
            direction=np.where(decided, np.sign(self.frame["estimate"]), 0.0),
        )
        return gap_dumbbell(shown[[*DRAWN, "direction"]], ax=ax, language=lang)


def _level(name: str) -> Text:
    return Text("未检验", "not examined") if name == NOT_EXAMINED else level_words(name)


# Door ---------------------------------------------------------------------------------------------


def gaps(
    answers: Responses | pd.DataFrame,
    constructs: What,
    *,
    between: Pair | Sequence[Pair] | None = None,
    cluster: str | None = None,
    margin: float = 5.0,
    populations: Mapping[str, float] | None = None,
    invariance: Invariance | Sequence[Invariance] = (),
) -> Gaps:
    """How far apart stakeholder groups are, and whether that is shown: gap, agreement, or undecided.

    Everything is in points of 100, high is good.  Groups that judge their own place (township, village) are compared
    within places; a group that judges the county (``scope: county`` in the questionnaire, or no place named) with the
    mean of the county, weighted by the design's weights.

    Parameters
    ----------
    answers : Responses or DataFrame
        With a column ``role``.
    constructs : list of names, or {construct: [columns]} for a DataFrame
        Asked of all groups in the same words.
    between : pair of roles or list of pairs, optional
        All pairs unless named.
    cluster : str, optional
        Column of the places; the design's clusters unless named.
    margin : float
        The smallest gap that matters, in points.
    populations : mapping of role to int, optional
        How many there are in all of a small group that judges the county: what was not asked of it is all that is
        uncertain (finite population correction).  Groups that judge their own places are not corrected.
    invariance : Invariance or list of them, optional
        From ``sgsurvey.invariance(…, by="role")``: a gap on a construct is more than description only where the two
        groups reached scalar invariance, at least in part.

    Raises
    ------
    DesignError
        There is no column ``role`` with two groups, a pair is unknown, a population is too small, or the design has
        finite populations, further stages or replicate weights (``populations`` are named here).
    DataError
        No pair of groups answered.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680 (equivalence); Brunner and Munzel
    (2000), Biometrical Journal 42, 17-25 (chance to be higher); Satterthwaite (1946) for the degrees of freedom.
    """
    answers, names = as_responses(answers, constructs)
    answers.refuse_design("gaps", "fpc", "stages", "replicates")
    check_columns(answers, ["role", cluster])
    if not margin > 0:
        raise DesignError(
            f"a margin of {margin} leaves no room for agreement.", where="margin=", remedy="Give points above 0."
        )
    pairs = pairs_of(answers.roles, between)
    sides = Sides(answers, cluster or answers.design.clusters, populations or {})
    known = [invariance] if isinstance(invariance, Invariance) else list(invariance)
    values = {name: points(answers, name) for name in names}
    lines = [
        {"construct": name, "first": first, "second": second}
        | _line(sides, values[name], (first, second), margin)
        | _compared(known, name, (first, second))
        for first, second in pairs
        for name in names
    ]
    frame = pd.DataFrame([line for line in lines if line["n_first"] and line["n_second"]])
    if frame.empty:
        raise DataError(
            f"no two of the groups answered {', '.join(names)}.", remedy="Name constructs that both groups were asked."
        )
    p = frame[["p_value", "p_equivalence"]].to_numpy(dtype=float)
    frame["p_adjusted"], frame["p_equivalence_adjusted"] = adjusted(p.ravel()).reshape(p.shape).T
    frame["agrees"] = agreeing(frame["p_value"], frame["p_exact"].where(frame["alike"]))
    frame = frame.drop(columns="alike")
    frame["verdict"] = [_verdict(line) for line in frame.to_dict("records")]
    asked = answers.frame["role"].isin({role for pair in pairs for role in pair}).to_numpy(dtype=bool)
    used = asked & pd.DataFrame(values).notna().any(axis=1).to_numpy()
    dropped = {" / ".join(names) + " missing": int((~used).sum())} if not used.all() else {}
    labels = {role: code_label(answers, "role", role) for role in answers.roles}
    basis = answers.basis(int(used.sum()), dropped)
    family = int((~np.isnan(p)).sum())
    remarks = (*sides.population_words(labels), *design_remarks(answers))
    return Gaps(frame, basis, _profiles(frame), margin, family, labels, sides.cluster, remarks)


NUMBERS = (
    *("n_first", "n_second", "mean_first", "mean_second", "first_low", "first_high", "second_low", "second_high"),
    *("estimate", "std_error", "df", "conf_low", "conf_high"),
    *("p_value", "p_exact", "p_equivalence", "superiority", "superiority_low", "superiority_high"),
    *("reliability", "places"),
)


def _line(sides: Sides, values: pd.Series, pair: Pair, margin: float) -> dict[str, object]:
    """The numbers of one gap; n alone where there are too few persons, or no places in common."""
    first, second = (sides.side(role, values) for role in pair)
    compared = "county" if first.places is None or second.places is None else "place"
    alike = (first.places is None) == (second.places is None)
    n = {"n_first": len(first.x), "n_second": len(second.x), "compared": compared, "alike": alike}
    smallest = sides.answers.questionnaire.smallest_cell
    if min(len(first.x), len(second.x)) < smallest:
        nobody = {} if len(first.x) and len(second.x) else {"n_first": 0}
        return {**dict.fromkeys(NUMBERS, np.nan), "compared": compared, "alike": alike, **nobody}
    found = gap(first, second)
    return {**dict.fromkeys(NUMBERS, np.nan), **n, **({} if found is None else _numbers(found, margin))}


def _numbers(found: GapEstimate, margin: float) -> dict[str, float]:
    low, high = found.interval(1 - LEVEL)
    first, second = found.mean_intervals(1 - LEVEL)
    superior_low, superior_high = found.superiority_interval(1 - LEVEL)
    return {
        "mean_first": found.mean_first,
        "mean_second": found.mean_second,
        **dict(zip(("first_low", "first_high", "second_low", "second_high"), (*first, *second), strict=True)),
        "estimate": found.estimate,
        "std_error": found.std_error,
        "df": found.df,
        "conf_low": low,
        "conf_high": high,
        "p_value": found.p_value,
        "p_exact": found.p_exact,
        "p_equivalence": found.p_beyond(margin),
        "superiority": found.superiority,
        "superiority_low": superior_low,
        "superiority_high": superior_high,
        "reliability": found.reliability,
        "places": found.places,
    }


def _compared(known: Sequence[Invariance], construct: str, pair: Pair) -> dict[str, object]:
    """The level of invariance that the pair reached on a construct, and whether means may be compared on it."""
    for each in known:
        fitted = next(iter(each.fits.values()))
        if construct in fitted.parameters.latent and set(pair) <= set(fitted.groups):
            return {"invariance": each.reached, "comparable": each.reached in COMPARABLE}
    return {"invariance": NOT_EXAMINED, "comparable": False}


def _verdict(line: Mapping[object, float]) -> Verdict:
    if np.isnan(line["n_first"]):
        return "suppressed"
    differs, equal = line["p_adjusted"] < LEVEL, line["p_equivalence_adjusted"] < LEVEL
    if differs and line["agrees"] is False:
        return "undecided"
    if equal:
        return "small gap" if differs else "agreement"
    return "gap" if differs else "undecided"


def _profiles(frame: pd.DataFrame) -> pd.DataFrame:
    """Correlation over the constructs of the means of two groups."""
    lines = []
    for (first, second), part in frame.groupby(["first", "second"], sort=False):
        means = part[["mean_first", "mean_second"]].dropna().to_numpy(dtype=float)
        r = float(np.corrcoef(means.T)[0, 1]) if len(means) > 2 and (means.std(axis=0) > 0).all() else np.nan
        lines.append((first, second, len(means), r))
    return pd.DataFrame(lines, columns=["first", "second", "constructs", "correlation"])
