"""Discriminant validity straight from answers: heterotrait-monotrait ratios with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.moments import Moments
from sgsurvey.errors import EstimationError
from sgsurvey.measurement.agreement import interval_head
from sgsurvey.measurement.correlation_matrix import CorrelationMatrix
from sgsurvey.measurement.design_based import interval_on
from sgsurvey.measurement.factor_sample import Correlation, CorrelationKind, FactorData, FactorSample, factor_sample
from sgsurvey.measurement.htmt_words import AXIS, CUT_OFF, VERDICTS, interval_notes, ratio_remarks
from sgsurvey.measurement.ratio_intervals import IntervalKind, estimated_ratios, resampled
from sgsurvey.measurement.validity_sentences import of_ratios
from sgsurvey.numerics.heterotrait import Ratios
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.conventions import DISTINCT_BELOW
from sgsurvey.tables.conventions import HTMT as CUT_OFF_OF_HTMT
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

KINDS = ("htmt", "htmt2")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HTMT(Result):
    """Heterotrait-monotrait ratios of every two constructs.

    Attributes
    ----------
    frame : DataFrame
        One row per pair: ``construct, other, htmt, htmt_low, htmt_high, htmt2, htmt2_low, htmt2_high, verdict``:
        ``distinct`` when the whole interval of HTMT is below .90, ``unclear`` when it holds .90, ``not distinct`` when
        it is above; by the estimate, where there is no interval.
    constructs : tuple of str
    interval : str or None
        How intervals were had: ``delta``, ``percentile``, ``bca``; None where there are none.
    conf_level : float
    draws : int
    failed : int
        Draws in which a ratio could not be had.
    seed : int or None
    how : tuple of Text
        Conventions, for notes.
    remarks : tuple of Text
    """

    constructs: tuple[str, ...]
    interval: IntervalKind | None
    conf_level: float
    draws: int
    failed: int
    seed: int | None
    how: tuple[Text, ...]
    remarks: tuple[Text, ...]

    def matrix(self, kind: Literal["htmt", "htmt2"] = "htmt") -> pd.DataFrame:
        """The ratios as a symmetric matrix, 1 on the diagonal."""
        names = list(self.constructs)
        found = pd.DataFrame(np.eye(len(names)), names, names)
        for _, row in self.frame.iterrows():
            found.loc[row["construct"], row["other"]] = found.loc[row["other"], row["construct"]] = row[kind]
        return found

    def _table(self) -> Table:
        rows = [
            (self.basis.label(a), self.basis.label(b))
            for a, b in self.frame[["construct", "other"]].itertuples(index=False)
        ]
        pair = [Text("{a} – {b}", "{a} – {b}").format(a=a, b=b) for a, b in rows]
        frame = self.frame.assign(
            pair=pd.Series(pair, dtype=object),
            verdict=pd.Series([VERDICTS[v] if v else None for v in self.frame["verdict"]], dtype=object),
        )
        columns = [Column("pair", Text("维度", "Constructs"), "text")]
        for kind, head in (("htmt", same("HTMT")), ("htmt2", same("HTMT2"))):
            columns.append(Column(kind, HEADS["estimate"], "estimate", 3, spanner=head))
            if self.interval is not None:
                ends = f"{kind}_low:{kind}_high"
                columns.append(Column(ends, interval_head(self.conf_level), "interval", 3, spanner=head))
        columns.append(Column("verdict", HEADS["verdict"], "text"))
        title = Text("区分效度：HTMT", "Discriminant validity: HTMT")
        table = Table.from_frame(frame, columns, id="htmt", title=title, notes=(*self.how, *self.remarks))
        table = table.telling(*of_ratios(table, VERDICTS))
        return table.with_thresholds({"htmt": CUT_OFF_OF_HTMT, "htmt2": CUT_OFF_OF_HTMT})

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """HTMT of every two constructs with its interval, the cut-off of .90 as a line."""
        from sgsurvey.figures.forest import forest

        language = language or self.basis.language
        label = self.basis.label
        frame = pd.DataFrame(
            {
                "term": [
                    f"{label(a).to(language)} – {label(b).to(language)}"
                    for a, b in self.frame[["construct", "other"]].itertuples(index=False)
                ],
                "estimate": self.frame["htmt"],
                "conf_low": self.frame["htmt_low"],
                "conf_high": self.frame["htmt_high"],
            }
        )
        axis = AXIS if self.interval is not None else same("HTMT")
        return forest(
            frame, null=DISTINCT_BELOW, axis=axis, conf_level=self.conf_level, n=self.n, ax=ax, language=language
        )

    def matrix_table(self, *, language: Language | None = None) -> Table:
        """HTMT below the diagonal, HTMT2 above it."""
        names = list(self.constructs)
        heads = [self.basis.label(name) for name in names]
        columns = (
            Column("construct", HEADS["construct"], "text"),
            *(Column(name, same(str(i)), "estimate", 3) for i, name in enumerate(names, 1)),
        )
        below, above = self.matrix("htmt").to_numpy(), self.matrix("htmt2").to_numpy()
        rows = []
        for i, head in enumerate(heads):
            cells = [Cell(Text(f"{i + 1} {head.zh}", f"{i + 1} {head.en}"), "text")]
            for j in range(len(names)):
                value = below[i, j] if j < i else above[i, j]
                cells.append(Cell(same("—"), "text") if i == j else Cell(float(value), "estimate", 3))
            rows.append(Row(tuple(cells)))
        note = Text("对角线下为HTMT，对角线上为HTMT2。", "HTMT below the diagonal, HTMT2 above.")
        title = Text("区分效度：HTMT矩阵", "Discriminant validity: HTMT matrix")
        table = Table("htmt_matrix", title, columns, tuple(rows), (note, *self.how, *self.remarks))
        return self.page(table.with_thresholds(dict.fromkeys(names, CUT_OFF_OF_HTMT)), language)


# Door -------------------------------------------------------------------------------------------------------


def htmt(
    data: FactorData,
    constructs: What,
    *,
    correlation: CorrelationKind | Correlation = "pearson",
    interval: IntervalKind = "delta",
    draws: int = 2000,
    seed: int | None = None,
    conf_level: float = 0.95,
) -> HTMT:
    """HTMT and HTMT2 of every two constructs.

    Parameters
    ----------
    data : Responses, DataFrame, Moments or CorrelationMatrix
        Under a declared design ratios are weighted and intervals are the design's.
    constructs : list of str, or {construct: [items]}
        Two or more reflective constructs of two items or more.
    correlation : "pearson", "polychoric" or Correlation
        Which correlations; ``sg.Correlation("polychoric", "pairwise")`` also says what becomes of missing answers.
    interval : "delta", "percentile" or "bca"
        By influence values on the logarithm of the ratio (fourth moments, or the design), or by resampled rows
        (Pearson's, without a design).
    draws : int
        Of the bootstrap.
    seed : int, optional
        Decides the draws, and is needed for them.
    conf_level : float

    Raises
    ------
    DesignError
        Several roles, constructs that are no scales, fewer than 30 rows; the bootstrap under a design.
    EstimationError
        Fewer than two constructs, one of a single item, a bootstrap without a seed or of polychorics.
    """
    plan = correlation if isinstance(correlation, Correlation) else Correlation(correlation)
    found, groups = _sample(data, constructs, plan)
    _refuse_plan(plan, interval, seed, found)
    at = {name: i for i, name in enumerate(found.names)}
    ratios = Ratios([np.array([at[item] for item in group]) for group in groups.values()])
    value = ratios.value(found.corr)
    low, high, failed = np.full(len(value), np.nan), np.full(len(value), np.nan), 0
    used: IntervalKind | None = interval
    if interval == "delta":
        estimated = estimated_ratios(found, ratios)
        if estimated is None:
            used = None
        else:
            value = estimated.value if found.answers is not None and not found.smoothed else value
            df = estimated.df
            low, high = interval_on("log", value, estimated.std_error, df, conf_level)
    else:
        low, high, failed = _bootstrapped(found, ratios, value, interval, draws, seed or 0, conf_level)
    names = list(groups)
    frame = tidy(names, ratios, value, low, high)
    how = (CUT_OFF, *interval_notes(found, used, draws, seed))
    remarks = (*found.remarks, *ratio_remarks(frame, failed, draws))
    kept = seed if interval != "delta" else None
    return HTMT(frame, found.basis, tuple(names), used, conf_level, draws, failed, kept, how, remarks)


def tidy(names: Sequence[str], ratios: Ratios, value: Array, low: Array, high: Array) -> pd.DataFrame:
    """A row per pair of constructs, with the verdict on it."""
    q = len(ratios.pairs)
    frame = pd.DataFrame([(names[a], names[b]) for a, b in ratios.pairs], columns=["construct", "other"])
    for i, kind in enumerate(KINDS):
        part = slice(i * q, (i + 1) * q)
        frame[kind], frame[f"{kind}_low"], frame[f"{kind}_high"] = value[part], low[part], high[part]
    ends = frame[["htmt", "htmt_low", "htmt_high"]]
    frame["verdict"] = [_verdict(*line) for line in ends.itertuples(index=False)]
    return frame


def _sample(data: FactorData, constructs: What, plan: Correlation) -> tuple[FactorSample, dict[str, list[str]]]:
    """The correlations of all items, and the items of each construct."""
    if isinstance(data, Moments | CorrelationMatrix):
        if not isinstance(constructs, Mapping):
            raise EstimationError(
                Text("只有矩阵时，须写明各维度的题项。", "with a matrix, each construct needs its items."),
                where="constructs",
                remedy=Text(
                    "如{'A': ['a1', 'a2'], 'B': ['b1', 'b2']}。", "As in {'A': ['a1', 'a2'], 'B': ['b1', 'b2']}."
                ),
            )
        groups = {name: list(items) for name, items in constructs.items()}
        _enough(groups)
        return factor_sample(data, [item for group in groups.values() for item in group], "htmt", plan), groups
    answers, names = as_responses(data, constructs)
    known = {c.name for c in answers.questionnaire.constructs}
    groups = {name: answers.item_names(name) if name in known else [name] for name in names}
    _enough(groups)
    return factor_sample(answers, names, "htmt", plan), groups


def _enough(groups: Mapping[str, Sequence[str]]) -> None:
    single = [name for name, group in groups.items() if len(group) < 2]
    if len(groups) < 2 or single:
        raise EstimationError(
            Text(
                f"HTMT需要两个以上维度，每个至少两题{'：' + '、'.join(single) + '只有一题' if single else ''}。",
                "htmt needs two constructs or more, of two items or more each"
                f"{'; one item only: ' + ', '.join(single) if single else ''}.",
            ),
            where="constructs",
            remedy=Text("请给出各维度及其题项。", "Name constructs with their items."),
        )


def _refuse_plan(plan: Correlation, interval: str, seed: int | None, found: FactorSample) -> None:
    if interval not in get_args(IntervalKind):
        raise EstimationError(
            Text(f"没有“{interval}”这种区间。", f"there is no interval '{interval}'."),
            where="interval",
            remedy=Text("可用delta、percentile、bca。", "Use delta, percentile or bca."),
        )
    if plan.kind == "spearman" or plan.missing == "fiml":
        raise EstimationError(
            Text(
                "HTMT只用Pearson或多分格相关，listwise或pairwise。",
                "htmt takes Pearson's or polychoric correlations, listwise or pairwise.",
            ),
            where="correlation",
            remedy=Text("请改用其中之一。", "Use one of these."),
        )
    if interval == "delta":
        return
    if seed is None:
        raise EstimationError(
            Text("自助法需要随机数种子。", "the bootstrap draws at random."),
            where="seed",
            remedy=Text("请给出种子，如seed=7。", "Give a seed, as in seed=7."),
        )
    if plan.kind == "polychoric" or found.answers is None:
        raise EstimationError(
            Text("多分格相关或只有矩阵时，不做自助法。", "polychorics and matrices alone are not resampled."),
            where="interval",
            remedy=Text("请用interval='delta'。", "Use interval='delta'."),
        )
    found.answers.refuse_design(f"htmt(interval='{interval}')", "weights", "strata", "clusters", "fpc", "replicates")


def _bootstrapped(
    found: FactorSample, ratios: Ratios, value: Array, kind: IntervalKind, draws: int, seed: int, conf_level: float
) -> tuple[Array, Array, int]:
    if found.answers is None:
        return np.full(len(value), np.nan), np.full(len(value), np.nan), 0
    x = found.answers.items(list(found.names)).to_numpy(dtype=float)
    return resampled(x, ratios, kind, draws, seed, conf_level, pairwise=found.plan.missing == "pairwise")


def _verdict(estimate: float, low: float, high: float) -> str:
    if np.isnan(estimate):
        return ""
    low, high = (estimate, estimate) if np.isnan(low) or np.isnan(high) else (low, high)
    return "distinct" if high < DISTINCT_BELOW else "not distinct" if low >= DISTINCT_BELOW else "unclear"
