"""Reliability of scales: alpha with its interval, omega, Guttman's lambdas, and what each item adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement.design_based import OF_ALPHA, alpha_interval
from sgsurvey.measurement.scales import FEWEST, refuse_other_kinds, sample, worded
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.intervals import feldt
from sgsurvey.numerics.linalg import Array, is_singular, off_diagonal, squared_multiple_correlation
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

# Formulas ---------------------------------------------------------------------------------------------------


def cronbach_alpha(cov: Array) -> float:
    """``k / (k - 1) (1 - tr C / 1'C1)``; Cronbach (1951), equation (2).  Of correlations: standardised alpha."""
    k = len(cov)
    return float(k / (k - 1) * (1 - np.trace(cov) / cov.sum()))


def guttman_lambda2(cov: Array) -> float:
    """``1 - tr C / 1'C1 + sqrt(k / (k - 1) * sum of squared covariances) / 1'C1``; Guttman (1945)."""
    k, total = len(cov), cov.sum()
    squares = (off_diagonal(cov) ** 2).sum()
    return float(1 - np.trace(cov) / total + np.sqrt(k / (k - 1) * squares) / total)


def guttman_lambda6(corr: Array) -> float:
    """``1 - sum(1 - smc) / 1'R1``; Guttman (1945)."""
    return float(1 - (1 - squared_multiple_correlation(corr)).sum() / corr.sum())


def omega_total(corr: Array, uniqueness: Array) -> float:
    """``1 - sum of uniquenesses / 1'R1``; McDonald (1999), equation (6.21), with the observed total variance."""
    return float(1 - uniqueness.sum() / corr.sum())


def item_rest_correlations(cov: Array) -> Array:
    """Correlation of each item with the sum of the others, shape (k,)."""
    own, with_total = np.diag(cov), cov.sum(axis=0)
    rest = cov.sum() - 2 * with_total + own
    return np.asarray((with_total - own) / np.sqrt(own * rest))


def alpha_if_dropped(cov: Array) -> Array:
    """Alpha of the other items, for each item, shape (k,); nan for two items."""
    k = len(cov)
    if k < 3:
        return np.full(k, np.nan)
    total = cov.sum() - 2 * cov.sum(axis=0) + np.diag(cov)
    return np.asarray((k - 1) / (k - 2) * (1 - (np.trace(cov) - np.diag(cov)) / total))


def against_the_rest(corr: Array) -> Array:
    """Which items load on the first principal component against the majority; shape (k,), bool."""
    first = np.linalg.eigh(corr)[1][:, -1]
    return np.asarray(first * np.sign(first.sum()) < 0)


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reliability(Result):
    """Reliability of scales.

    Attributes
    ----------
    frame : DataFrame
        One row per construct (and ``group``): ``construct, n_items, n, n_dropped, alpha, conf_low, conf_high,
        alpha_std, omega, lambda2, lambda6, mean_r``.  ``alpha`` and its interval (Feldt, or the design's) are of the
        sum of the items as they are; ``alpha_std``, ``omega`` (total, one minres factor), the lambdas and ``mean_r`` of
        correlations.
    items : DataFrame
        One row per item: ``construct, item, mean, sd, citc, alpha_if_dropped`` (and ``group``).
    conf_level : float
    by : str or None
        The column whose values are the groups.
    groups : mapping of group to Text
        Words for the values of ``by``.
    remarks : tuple of Text
        What the numbers cannot say themselves: reversed items, few respondents, what could not be computed.
    design_words : tuple of Text
        How errors were had; empty without a declared design.
    """

    items: pd.DataFrame
    conf_level: float
    by: str | None
    groups: Mapping[object, Text]
    remarks: tuple[Text, ...]
    design_words: tuple[Text, ...]

    def _table(self) -> Table:
        frame = worded(self.frame, construct=self.basis.label, group=self._group)
        level = f"{self.conf_level * 100:g}"
        columns = [
            Column("construct", HEADS["construct"], "text"),
            Column("n_items", HEADS["n_items"], "count"),
            Column("n", HEADS["n"], "count"),
            Column("n_dropped", HEADS["n_missing"], "count"),
            Column("alpha", HEADS["alpha"], "bounded"),
            Column("conf_low:conf_high", Text(f"{level}%置信区间", f"{level}% CI"), "bounded_interval"),
            *(Column(key, HEADS[key], "bounded") for key in ("alpha_std", "omega", "lambda2", "lambda6", "mean_r")),
        ]
        return Table.from_frame(
            frame,
            columns,
            id="reliability",
            title=Text("信度分析", "Reliability of the scales"),
            notes=(
                OF_ALPHA if self.design_words else CONVENTIONS[0],
                CONVENTIONS[1],
                *self.design_words,
                *self.remarks,
            ),
            group="group" if self.by else None,
        )

    def items_table(self, *, language: Language | None = None) -> Table:
        """Item by item: what each adds to its scale."""
        label, keys = self.basis.label, ["group", "construct"] if self.by else ["construct"]
        heads = [
            label(line[-1])
            if len(line) == 1
            else Text("{g}：{c}", "{g}: {c}").format(g=self._group(line[0]), c=label(line[1]))
            for line in self.items[keys].itertuples(index=False)
        ]
        frame = worded(self.items, item=lambda code: self.basis.coded(code))
        frame["heading"] = pd.Series(heads, dtype=object)
        columns = [
            Column("item", HEADS["item"], "text"),
            Column("mean", HEADS["mean"]),
            Column("sd", HEADS["sd"]),
            Column("citc", HEADS["citc"], "bounded"),
            Column("alpha_if_dropped", HEADS["alpha_if_dropped"], "bounded"),
        ]
        title = Text("题项与量表的一致性", "Items and their scales")
        table = Table.from_frame(
            frame, columns, id="reliability_items", title=title, notes=self.remarks, group="heading"
        )
        return self.page(table, language)

    def _group(self, value: object) -> Text:
        return self.groups[value]


CONVENTIONS = (
    Text(
        "α的置信区间按Feldt法；ω为总ω系数（单因子minres，1 − Σu²/ΣR）；标准化α、ω、λ2、λ6由相关矩阵计算。",
        "Interval of α after Feldt; ω is omega total (one minres factor, 1 − Σu²/ΣR); standardised α, ω, λ2 and λ6 "
        "are of correlations.",
    ),
    Text(
        "α ≥ 0.70是惯例（Nunnally, 1978），不是检验，应结合置信区间判断。",
        "α ≥ .70 is a convention (Nunnally, 1978), not a test: read it with its interval.",
    ),
)


# Door -------------------------------------------------------------------------------------------------------

COEFFICIENTS = ("alpha", "conf_low", "conf_high", "alpha_std", "omega", "lambda2", "lambda6", "mean_r")

REMARKS = {
    "pooled": Text(
        "按各主体内部协方差合并计算，主体之间的差异不计入。",
        "Pooled within roles: differences between them are left out.",
    ),
    "unanswered": Text("无人作答，不列出：{places}。", "Nobody answered, not listed: {places}."),
    "part_asked": Text("组内无人作答而略去的题项：{places}。", "Left out, as nobody in the group answered: {places}."),
    "small": Text(
        f"不足{FEWEST}人，数值仅供参考，不作判断：{{places}}。",
        f"Fewer than {FEWEST} respondents, no verdict: {{places}}.",
    ),
    "too_few": Text(
        "完整回答的行数不多于题项数，无法计算：{places}。", "No more complete rows than items, not computed: {places}."
    ),
    "one_item": Text("只有一个题项，无法计算：{places}。", "One item only, not computed: {places}."),
    "constant": Text("所有人回答相同，无法计算：{places}。", "Answered alike by everybody, not computed: {places}."),
    "reversed": Text(
        "与同一量表其他题项方向相反，请先核对计分方向：{places}。",
        "Against the other items of the scale; check the key before reading α: {places}.",
    ),
    "two_items": Text("两个题项时ω不可识别：{places}。", "Omega is not identified by two items: {places}."),
    "singular": Text(
        "题项之间完全线性相关，ω和λ6无法计算：{places}。", "Items determine each other, no ω and λ6: {places}."
    ),
    "improper": Text(
        "单因子解不适当（Heywood），ω须谨慎：{places}。", "Improper one-factor solution, ω with care: {places}."
    ),
}


@dataclass(frozen=True)
class Measured:
    """One construct in one group: its coefficients, its items, what was noticed, which rows were complete."""

    row: dict[str, object]
    items: pd.DataFrame
    noticed: dict[str, str]
    complete: npt.NDArray[np.bool_]


def reliability(
    data: Responses | pd.DataFrame,
    constructs: What,
    *,
    by: str | None = None,
    correlation: Literal["pearson"] = "pearson",
    conf_level: float = 0.95,
) -> Reliability:
    """Reliability of each construct, from the rows that answered all its items.

    Parameters
    ----------
    data : Responses or DataFrame
        Under a declared design estimates are weighted, and the interval of alpha is the design's.
    constructs : str, list of str, or {construct: [columns]}
        Reflective constructs or markers.
    by : str, optional
        Column whose values are analysed apart, such as ``"role"``.  Without it, several roles are pooled within
        roles, and the table says so.
    correlation : "pearson"
        What the coefficients of correlations are taken of.
    conf_level : float
        Of the interval of alpha.

    Raises
    ------
    DesignError
        A construct is an index, a list, background or a single item.
    DataError
        Nobody answered any item.
    """
    if correlation != "pearson":
        raise EstimationError(
            f"reliability knows no correlation '{correlation}'.", where="correlation", remedy="Use 'pearson'."
        )
    answers, names = as_responses(data, constructs)
    refuse_other_kinds(answers, names, "reliability")
    rows, items = [], []
    noticed: dict[str, dict[object, list[Text]]] = {}
    used, grouped = np.zeros(len(answers), dtype=bool), np.zeros(len(answers), dtype=bool)
    groups = {} if by is None else _labels(answers, by)
    sizes: Counter[object] = Counter()
    for group, members, positions in _members(answers, by, list(groups)):
        grouped[positions] = True
        for name in names:
            found = measure(members, name, conf_level)
            label = answers.questionnaire.label(name)
            sizes[group] += bool(found.row["n_items"] or found.noticed)
            for what, detail in found.noticed.items():
                said = Text("{c}：{d}", "{c}: {d}").format(c=label, d=detail) if detail else label
                noticed.setdefault(what, {}).setdefault(group, []).append(said)
            if found.row["n_items"]:
                rows.append({**({"group": group} if by else {}), **found.row})
                head = {"group": [group] * len(found.items)} if by else {}
                items.append(pd.DataFrame({**head, **found.items}))
                used[positions[found.complete]] = True
    if not rows:
        raise DataError(f"nobody answered any item of {', '.join(names)}.", remedy="Check which roles are asked them.")
    lost = {f"{by} missing": int((~grouped).sum()), "incomplete on every scale": int((grouped & ~used).sum())}
    remarks = tuple(
        REMARKS[what].format(places=_places(noticed[what], groups, sizes)) for what in REMARKS if what in noticed
    )
    basis = answers.basis(int(used.sum()), {reason: count for reason, count in lost.items() if count})
    words = () if answers.design.is_simple else design_notes(answers.design)
    each = pd.concat(items, ignore_index=True)
    return Reliability(pd.DataFrame(rows), basis, each, conf_level, by, groups, remarks, words)


def measure(answers: Responses, construct: str, conf_level: float) -> Measured:
    """Reliability of one construct among those ``answers`` that were asked it, whatever can be computed."""
    names = answers.item_names(construct)
    shown = pd.DataFrame({name: answers.shown(name) for name in names})
    reached = shown.any(axis=1)
    members = answers.where(reached)
    offered = members.items(names)
    asked = [name for name in names if shown[name].any() and offered[name].notna().any()]
    complete = offered[asked].notna().all(axis=1).to_numpy() & bool(asked)
    at = np.zeros(len(answers), dtype=bool)
    at[np.flatnonzero(reached)[complete]] = True
    n, k = int(complete.sum()), len(asked)
    row: dict[str, object] = {"construct": construct, "n_items": k, "n": n, "n_dropped": len(members) - n}
    row.update(dict.fromkeys(COEFFICIENTS, np.nan))
    items = pd.DataFrame({"construct": construct, "item": asked}).assign(
        mean=np.nan, sd=np.nan, citc=np.nan, alpha_if_dropped=np.nan
    )
    noticed = {}
    if not asked:
        return Measured(row, items, {"unanswered": ""} if len(members) else {}, at)
    if k < len(names):
        noticed["part_asked"] = ", ".join(name for name in names if name not in asked)
    if k < 2 or n - max(1, len(members.roles)) < k:
        noticed["one_item" if k < 2 else "too_few"] = ""
        return Measured(row, items, noticed, at)
    found = sample(members, asked)
    items["mean"], items["sd"] = found.mean, np.sqrt(np.maximum(np.diag(found.cov), 0))
    if n < FEWEST:
        noticed["small"] = ""
    if found.roles > 1:
        noticed["pooled"] = ""
    if found.constant:
        noticed["constant"] = ", ".join(found.constant)
        return Measured(row, items, noticed, at)
    if (turned := against_the_rest(found.corr)).any():
        noticed["reversed"] = ", ".join(np.array(asked)[turned])
    items["citc"], items["alpha_if_dropped"] = item_rest_correlations(found.cov), alpha_if_dropped(found.cov)
    row["alpha"] = cronbach_alpha(found.cov)
    if answers.design.is_simple:
        low, high = map(float, feldt(cronbach_alpha(found.cov), found.n_free, k, conf_level))
    else:
        low, high = alpha_interval(members, asked, conf_level)
    row["conf_low"], row["conf_high"] = low, high
    row["alpha_std"], row["mean_r"] = cronbach_alpha(found.corr), float(off_diagonal(found.corr).mean())
    row["lambda2"] = guttman_lambda2(found.corr)
    row["omega"], row["lambda6"], problem = _by_inverse_and_factor(found.corr)
    if problem:
        noticed[problem] = ""
    return Measured(row, items, noticed, at)


def _by_inverse_and_factor(corr: Array) -> tuple[float, float, str]:
    """Omega, lambda6, and what stood in the way of either."""
    if is_singular(corr):
        return np.nan, np.nan, "singular"
    if len(corr) < 3:
        return np.nan, guttman_lambda6(corr), "two_items"
    factor = minres(corr, 1)
    proper = factor.converged and not factor.heywood.any()
    return omega_total(corr, factor.uniqueness), guttman_lambda6(corr), "" if proper else "improper"


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
        listed = Text("、".join(c.zh for c in constructs), ", ".join(c.en for c in constructs))
        if group not in groups:
            parts.append(listed)
        elif len(constructs) == sizes[group] and not any(": " in c.en for c in constructs):
            parts.append(groups[group])
        else:
            parts.append(Text("{g}（{c}）", "{g} ({c})").format(g=groups[group], c=listed))
    return Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))
