"""Reliability of scales: alpha and omega with their intervals, Guttman's lambdas, split halves, what each item adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.moments import Moments
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError, EstimationError, did_you_mean
from sgsurvey.measurement import reliability_tables
from sgsurvey.measurement.design_based import Missing
from sgsurvey.measurement.measured import SAMPLES, Columns, Measured, Plan, measure, measure_moments, stacked
from sgsurvey.measurement.reliability_intervals import IntervalKind, ReliabilityInterval
from sgsurvey.measurement.reliability_words import OF_COEFFICIENTS, REMARKS
from sgsurvey.measurement.scales import Sample, refuse_other_kinds
from sgsurvey.tables.conventions import OF_RELIABILITY
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text, listed

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reliability(Result):
    """Reliability of scales.

    Attributes
    ----------
    frame : DataFrame
        One row per construct (and ``group``): ``construct, n_items, n, n_dropped, alpha, conf_low, conf_high,
        alpha_std, omega, omega_low, omega_high, omega_h, lambda2, lambda6, mean_r``.  ``alpha`` and its interval are of
        the sum of the items as they are; ``alpha_std``, the omegas, the lambdas and ``mean_r`` of correlations.
        With polychorics also ``alpha_ordinal, omega_ordinal``.
    items : DataFrame
        One row per item: ``construct, item, mean, sd, citc, alpha_if_dropped`` (and ``group``).
    coefficients : DataFrame
        Every coefficient, one row each: ``construct, coefficient, estimate, conf_low, conf_high`` (and ``group``):
        ``coefficients_table()`` says of each which kind it is.  What is chosen among split halves has no interval.
    conf_level : float
    interval : ReliabilityInterval or None
        None: the interval of the declared design.
    by : str or None
        The column whose values are the groups.
    groups : mapping of group to Text
        Words for the values of ``by``.
    remarks : tuple of Text
        What the numbers cannot say themselves: reversed items, few respondents, what could not be computed.
    design_words : tuple of Text
        How errors were had; empty without a declared design.
    gaps : tuple of Text
        What stands only under the tables of all coefficients.
    from_rows : bool
        Whether rows were at hand, and not only moments.
    """

    items: pd.DataFrame
    coefficients: pd.DataFrame
    conf_level: float
    interval: ReliabilityInterval | None
    by: str | None
    groups: Mapping[object, Text]
    remarks: tuple[Text, ...]
    design_words: tuple[Text, ...]
    gaps: tuple[Text, ...] = ()
    from_rows: bool = True

    def _table(self) -> Table:
        return reliability_tables.scales_table(self)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Alpha and omega of each scale with their intervals, the convention of .70 as a line."""
        from sgsurvey.figures.forest import forest

        language = language or self.basis.language
        frame = reliability_tables.plotted(self, language)
        return forest(
            frame, null=OF_RELIABILITY["alpha"].value, axis=reliability_tables.AXIS, conf_level=self.conf_level,
            ax=ax, language=language,
        )  # fmt: skip

    def items_table(self, *, language: Language | None = None) -> Table:
        """Item by item: what each adds to its scale, with the coefficients of the scale on its first line."""
        return self.page(reliability_tables.items_table(self), language)

    def splits_table(self, *, language: Language | None = None) -> Table:
        """Split halves: the worst, the mean and the best, odd against even, first against second."""
        return self.page(reliability_tables.splits_table(self), language)

    def coefficients_table(self, *, language: Language | None = None) -> Table:
        """Every coefficient with its kind in words."""
        return self.page(reliability_tables.coefficients_table(self), language)


# Door -------------------------------------------------------------------------------------------------------


def reliability(
    data: Responses | pd.DataFrame | Moments,
    constructs: What,
    *,
    by: str | None = None,
    correlation: Literal["pearson", "polychoric"] = "pearson",
    conf_level: float = 0.95,
    interval: IntervalKind | ReliabilityInterval | None = None,
    missing: Missing = "listwise",
) -> Reliability:
    """Reliability of each construct.

    Parameters
    ----------
    data : Responses, DataFrame or Moments
        Under a declared design estimates are weighted, and intervals are the design's.  ``Moments`` suffice for all
        but the intervals that need rows.
    constructs : str, list of str, or {construct: [columns]}
        Reflective constructs or markers.
    by : str, optional
        Column whose values are analysed apart, such as ``"role"``.  Without it, several roles are pooled within
        roles, and the table says so.
    correlation : "pearson" or "polychoric"
        ``"polychoric"`` adds the coefficients of ordered categories: ``alpha_ordinal`` and ``omega_ordinal`` (Green
        and Yang 2009) in ``frame``, with their intervals in ``coefficients``.
    conf_level : float
        Of the intervals.
    interval : str or ReliabilityInterval, optional
        ``"feldt"`` (the default without a design), ``"bonett"``, ``"duhachek"``, ``"adf"``, or a bootstrap with its
        seed: ``ReliabilityInterval("bca", seed=7)``.
    missing : "listwise", "pairwise" or "fiml"
        Rows complete on the construct; each covariance over the rows that have both items (``n`` is that of the pair
        with the fewest rows); maximum likelihood under normality (``n`` counts rows with any answer; intervals by
        ``"adf"``).

    Raises
    ------
    DesignError
        A construct is an index, a list, background or a single item; a named interval under a declared design.
    DataError
        Nobody answered any item.
    """
    _refuse_options(correlation, missing, conf_level)
    wanted = ReliabilityInterval(interval) if isinstance(interval, str) else interval
    wanted = _right_for(wanted, missing)
    ordinal = correlation == "polychoric"
    if isinstance(data, Moments):
        return _of_moments(data, constructs, by, Plan(conf_level, wanted or ReliabilityInterval(), missing, ordinal))
    answers, names = as_responses(data, constructs)
    refuse_other_kinds(answers, names, "reliability")
    plan = Plan(conf_level, _of_design(wanted, answers, missing), missing, ordinal)
    found = _collected(answers, names, by, plan)
    if not found.rows:
        raise DataError(f"nobody answered any item of {', '.join(names)}.", remedy="Check which roles are asked them.")
    lost = {
        f"{by} missing": int((~found.grouped).sum()),
        "incomplete on every scale": int((found.grouped & ~found.used).sum()),
    }
    basis = answers.basis(int(found.used.sum()), {reason: count for reason, count in lost.items() if count})
    words = () if answers.design.is_simple else design_notes(answers.design)
    return found.result(basis, plan, by, words, from_rows=True)


class _Collected:
    """The lines of the frames as they come, construct by construct in group by group."""

    def __init__(self, rows: int, groups: Mapping[object, Text]) -> None:
        self.groups = groups
        self.rows: list[dict[str, object]] = []
        self.items: list[Columns] = []
        self.coefficients: list[Columns] = []
        self.places: list[object] = []
        self.noticed: dict[str, dict[object, list[Text]]] = {}
        self.sizes: Counter[object] = Counter()
        self.used = np.zeros(rows, dtype=bool)
        self.grouped = np.zeros(rows, dtype=bool)

    def add(self, found: Measured, label: Text, group: object) -> None:
        """Take in one construct of one group."""
        self.sizes[group] += bool(found.row["n_items"] or found.noticed)
        for what, detail in found.noticed.items():
            said = Text("{c}：{d}", "{c}: {d}").format(c=label, d=detail) if detail.en else label
            self.noticed.setdefault(what, {}).setdefault(group, []).append(said)
        if found.row["n_items"]:
            self.rows.append({**({"group": group} if self.groups else {}), **found.row})
            self.items.append(found.items)
            self.coefficients.append(found.coefficients)
            self.places.append(group)

    def result(
        self, basis: Basis, plan: Plan, by: str | None, design_words: tuple[Text, ...], *, from_rows: bool
    ) -> Reliability:
        """The result of all that was taken in."""
        if plan.missing != "listwise":
            self.noticed[plan.missing] = {}
        return Reliability(
            pd.DataFrame(self.rows),
            basis,
            self._frame(self.items),
            self._frame(self.coefficients),
            plan.conf_level,
            plan.interval,
            by,
            self.groups,
            self._said(REMARKS),
            design_words,
            self._said(OF_COEFFICIENTS),
            from_rows,
        )

    def _frame(self, parts: Sequence[Columns]) -> pd.DataFrame:
        """Lines of all constructs, with their group where there are several."""
        groups = [group for group, part in zip(self.places, parts, strict=True) for _ in part["construct"]]
        columns = {
            name: pd.Series(values, dtype="str") if isinstance(values, list) else values
            for name, values in stacked(parts).items()
        }
        return pd.DataFrame({"group": groups, **columns} if self.groups else columns)

    def _said(self, words: Mapping[str, Text]) -> tuple[Text, ...]:
        """The remarks among ``words`` that something was noticed for, with the places."""
        places = {what: _places(found, self.groups, self.sizes) for what, found in self.noticed.items()}
        return tuple(words[what].format(places=places[what]) for what in words if what in places)


def _collected(answers: Responses, names: list[str], by: str | None, plan: Plan) -> _Collected:
    groups = {} if by is None else _labels(answers, by)
    found = _Collected(len(answers), groups)
    for group, members, positions in _members(answers, by, list(groups)):
        found.grouped[positions] = True
        for name in names:
            measured = measure(members, name, plan)
            found.add(measured, answers.questionnaire.label(name), group)
            if measured.row["n_items"]:
                found.used[positions[measured.used]] = True
    return found


def _of_moments(moments: Moments, constructs: What, by: str | None, plan: Plan) -> Reliability:
    """From sums alone: one group, complete rows."""
    if by is not None or plan.missing != "listwise" or plan.ordinal:
        raise DataError(
            Text(
                "只有矩时不能分组、成对处理缺失或计算多分格相关。",
                "moments have no rows to group, to pair where answers are missing, or to take polychorics of.",
            ),
            where="by" if by is not None else "missing" if plan.missing != "listwise" else "correlation",
            remedy=Text("请传入逐行数据，或每组各给一份矩。", "Pass the rows, or the moments of each group."),
        )
    if isinstance(constructs, Mapping):
        scales = {name: list(items) for name, items in constructs.items()}
    else:
        scales = {"items": [constructs] if isinstance(constructs, str) else list(constructs)}
    pooled, found = moments.combine(), _Collected(0, {})
    for name, items in scales.items():
        unknown = [item for item in items if item not in moments.names]
        if unknown:
            raise DataError(
                f"the moments have no variable '{unknown[0]}'.{did_you_mean(unknown[0], list(moments.names))}",
                remedy="Take moments over all items of the constructs.",
            )
        at = [moments.names.index(item) for item in items]
        # Weights make the shares, and the rows count as rows.
        cov = pooled.cov[np.ix_(at, at)] * (pooled.n - 1) / pooled.n * moments.n / max(moments.n - 1, 1)
        sample = Sample(tuple(items), moments.n, moments.rows_in, pooled.mean[at], cov, 1)
        found.add(measure_moments(name, sample, plan), Text(name, name), None)
    lost = moments.rows_in - moments.n
    basis = Basis(moments.rows_in, moments.n, {"incomplete": lost} if lost else {})
    return found.result(basis, plan, None, (), from_rows=False)


def _right_for(wanted: ReliabilityInterval | None, missing: str) -> ReliabilityInterval | None:
    """``wanted``, which must not count rows as complete that are not."""
    if missing == "fiml" and wanted is not None and wanted.kind != "adf":
        raise EstimationError(
            Text(
                f"极大似然处理缺失时，“{wanted.kind}”区间会把不完整的行当作完整。",
                f"the interval '{wanted.kind}' would count rows as complete that maximum likelihood has completed.",
            ),
            where="interval",
            remedy=Text("请用adf，或不写interval。", "Use 'adf', or leave interval= out."),
        )
    return wanted


def _of_design(wanted: ReliabilityInterval | None, answers: Responses, missing: Missing) -> ReliabilityInterval | None:
    """``wanted`` or the default where rows are independent; None, for the design's own, where one is declared."""
    if answers.design.is_simple:
        return wanted or ReliabilityInterval("adf" if missing == "fiml" else "feldt")
    if wanted is not None:
        raise DesignError(
            Text(
                f"已声明抽样设计，区间由设计决定，不能再指定“{wanted.kind}”。",
                f"the interval '{wanted.kind}' takes rows as independent, and a design is declared.",
            ),
            where="interval",
            remedy=Text(
                "不写interval即得设计区间；要自助法，请先用sg.replicate_weights()作重复权数。",
                "Leave interval= out for that of the design; for a bootstrap make replicate weights first "
                "(sg.replicate_weights).",
            ),
        )
    return None


def _refuse_options(correlation: str, missing: str, conf_level: float) -> None:
    if correlation not in ("pearson", "polychoric"):
        raise EstimationError(
            f"reliability knows no correlation '{correlation}'.",
            where="correlation",
            remedy="Use 'pearson' or 'polychoric'.",
        )
    if missing not in SAMPLES:
        raise EstimationError(
            f"reliability cannot take missing='{missing}'.", where="missing", remedy=f"Use {', '.join(SAMPLES)}."
        )
    if not 0 < conf_level < 1:
        raise EstimationError(
            f"conf_level must lie between 0 and 1, and is {conf_level}.", where="conf_level", remedy="Such as 0.95."
        )


def _labels(answers: Responses, by: str) -> dict[object, Text]:
    """The values of ``by`` with their words, in order."""
    scale = answers.questionnaire.item(by).scale if by in answers.questionnaire else None
    named = answers.questionnaire.label
    return {code: scale.label(int(str(code))) if scale else named(str(code)) for code in answers.codes(by)}


def _members(
    answers: Responses, by: str | None, values: list[object]
) -> Iterator[tuple[object, Responses, npt.NDArray[np.intp]]]:
    """Each group that has members: its value, its answers, and where they stand."""
    if by is None:
        yield None, answers, np.arange(len(answers))
        return
    column = (answers.frame if by in answers.frame else answers.variables([by]))[by]
    for value in values:
        member = column.isin([value]).to_numpy(dtype=bool)
        if member.any():
            yield value, answers.where(pd.Series(member, index=answers.frame.index)), np.flatnonzero(member)


def _places(found: dict[object, list[Text]], groups: Mapping[object, Text], sizes: Mapping[object, int]) -> Text:
    """Constructs by group as a list; a group all of whose constructs are listed without detail by its name alone."""
    parts = []
    for group, constructs in found.items():
        names = listed(constructs)
        if group not in groups:
            parts.append(names)
        elif len(constructs) == sizes[group] and not any(": " in c.en for c in constructs):
            parts.append(groups[group])
        else:
            parts.append(Text("{g}（{c}）", "{g} ({c})").format(g=groups[group], c=names))
    return Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))
