"""Test and retest: how far the same people answer alike the second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement.agreement import interval_head, kappa_interval
from sgsurvey.measurement.retest_sentences import of_items, of_scales
from sgsurvey.measurement.scales import FEWEST, worded
from sgsurvey.numerics.equivalence import moved
from sgsurvey.numerics.group_tests import signed_rank_p
from sgsurvey.numerics.intervals import fisher_z
from sgsurvey.numerics.intraclass import intraclass_correlations, mean_squares
from sgsurvey.numerics.kappa import Weights, agreement_weights, cohen_kappa
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pairwise import pairwise_pearson
from sgsurvey.tables.means_and_ranks import agreeing, apart, disagreement
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

# More different values than this are a measurement, not categories to agree on.
MOST_CATEGORIES = 15

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Retest(Result):
    """Answers of the same people at two times.

    Attributes
    ----------
    frame : DataFrame
        One row per construct: ``construct, n, mean_1, mean_2, difference`` (second less first), ``diff_low, diff_high,
        p_value`` (paired t), ``rank_p`` (Wilcoxon's signed ranks), ``agrees`` (whether both decide alike at .05;
        missing where nobody changed), ``icc, conf_low, conf_high`` (ICC(2,1), absolute agreement), ``r, r_low,
        r_high``, ``sem`` (standard error of measurement, of agreement), ``sdc`` (smallest change of one person that is
        more than error, at 95 %).
    items : DataFrame
        ``construct, item, n, agreement`` (share of equal answers), ``kappa, std_error, conf_low, conf_high``.
    weights : str
        Of the kappas.
    conf_level : float
    remarks : tuple of Text
    """

    items: pd.DataFrame
    weights: Weights
    conf_level: float
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        frame = worded(self.frame, construct=self.basis.label)
        interval = interval_head(self.conf_level)
        columns = [
            Column("construct", HEADS["construct"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("mean_1", Text("前测均值", "M, first")),
            Column("mean_2", Text("重测均值", "M, second")),
            Column("difference", HEADS["difference"]),
            Column("p_value", HEADS["p_value"], "p"),
            Column("rank_p", HEADS["rank_p"], "p"),
            Column("icc", same("ICC(2,1)"), "bounded"),
            Column("conf_low:conf_high", interval, "bounded_interval"),
            Column("r", HEADS["r"], "bounded"),
            Column("sem", same("SEM")),
            Column("sdc", same("SDC")),
        ]
        note = Text(
            "差值为重测减前测（配对t检验；秩检验为Wilcoxon符号秩检验）；"
            "ICC(2,1)为绝对一致；SEM = √（时间方差 + 残差方差）；SDC = 1.96√2·SEM，"
            "个人得分变化超过SDC才不能归于测量误差。",
            "Difference: second less first (paired t; rank test: Wilcoxon's signed ranks). ICC(2,1): absolute "
            "agreement. SEM: root of the variances between times and of the residual; SDC = 1.96√2 SEM: a person's "
            "change must exceed it to be more than error.",
        )
        title = Text("重测信度", "Test–retest reliability")
        against = frame.loc[apart(self.frame["agrees"]), "construct"].tolist()
        notes = (note, *([disagreement(against)] if against else []), *self.remarks)
        table = Table.from_frame(frame, columns, id="retest", title=title, notes=notes)
        table = _hiding_few(table, self.frame, self.basis)
        return table.telling(*of_scales(table))

    def items_table(self, *, language: Language | None = None) -> Table:
        """Item by item: weighted kappas."""
        frame = worded(self.items, item=lambda code: self.basis.coded(code), construct=self.basis.label)
        columns = [
            Column("item", HEADS["item"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("agreement", Text("相同（%）", "Equal %"), "percent"),
            Column("kappa", HEADS["kappa"], "bounded"),
            Column("std_error", HEADS["std_error"], "bounded"),
            Column("conf_low:conf_high", interval_head(self.conf_level), "bounded_interval"),
        ]
        title = Text("各题项的重测一致性", "Agreement of each item with itself")
        table = Table.from_frame(
            frame, columns, id="retest_items", title=title, notes=(WEIGHTED[self.weights],), group="construct"
        )
        table = _hiding_few(table, self.items, self.basis)
        return self.page(table.telling(*of_items(table)), language)


def _hiding_few(table: Table, frame: pd.DataFrame, basis: Basis) -> Table:
    keys = [column.key for column in table.columns[2:]]
    return table.hiding([keys if few else () for few in _few(frame, basis)])


WEIGHTED: dict[Weights, Text] = {
    "none": Text("κ未加权。", "κ is not weighted."),
    "linear": Text("κ为线性加权。", "κ is weighted linearly."),
    "quadratic": Text("κ为平方加权。", "κ is weighted by squares."),
}

# Door -------------------------------------------------------------------------------------------------------


def retest(
    first: Responses | pd.DataFrame,
    second: Responses | pd.DataFrame,
    what: What,
    *,
    key: str,
    weights: Weights = "quadratic",
    conf_level: float = 0.95,
) -> Retest:
    """Reliability over time: two waves of answers, joined by who answered.

    Parameters
    ----------
    first, second : Responses or DataFrame
        The two waves, both of one kind.
    what : str, list of str, or {construct: [columns]}
        Constructs (their scores are compared, and their items one by one), items or columns.
    key : str
        Column that names the respondent in both.
    weights : "none", "linear" or "quadratic"
        Of the kappas of the items.
    conf_level : float

    Raises
    ------
    DesignError
        A wave declares a sampling design: what is judged is the instrument, in these people.
    DataError
        The key is missing, or names somebody twice in one wave.
    EstimationError
        Fewer than three people answered both.
    """
    if weights not in WEIGHTED:
        raise EstimationError(
            Text(f"没有“{weights}”这种权重。", f"there are no '{weights}' weights."),
            where="weights=",
            remedy=Text("可用none、linear、quadratic。", "Use none, linear or quadratic."),
        )
    waves, names, dropped = _joined(first, second, what, key)
    if len(waves.rows[0]) < 3:
        raise EstimationError(
            Text(f"两次都作答的只有{len(waves.rows[0])}人。", f"{len(waves.rows[0])} person(s) answered both times."),
            remedy=Text("请核对key=的列在两次中的写法是否一致。", "Check that key= is written alike in both waves."),
        )
    scores = waves.values(names)
    both = np.asarray(~np.isnan(scores).any(axis=1))
    rows = [{"construct": name, **_stability(scores[both[:, j], :, j], conf_level)} for j, name in enumerate(names)]
    items = [line for name in names for line in _items(waves, name, weights, conf_level)]
    unscored = int((~both.any(axis=1)).sum())
    dropped |= {"incomplete on every scale": unscored} if unscored else {}
    n_in = len(both) + sum(dropped.values()) - unscored
    basis = replace(waves.answers[0].basis(len(both) - unscored, dropped), n_in=n_in)
    frame = pd.DataFrame(rows)
    frame.insert(frame.columns.get_loc("icc"), "agrees", agreeing(frame["p_value"], frame["rank_p"]))
    each = pd.DataFrame(items, columns=["construct", "item", *OF_ITEM])
    remarks = tuple(_remarks(frame, each))
    frame.loc[_few(frame, basis), [*OF_CONSTRUCT, "agrees"]] = np.nan
    each.loc[_few(each, basis), list(OF_ITEM[1:])] = np.nan
    return Retest(frame, basis, each, weights, conf_level, remarks)


def _few(frame: pd.DataFrame, basis: Basis) -> pd.Series:
    """Lines that too few people stand behind to be shown."""
    return frame["n"].between(1, basis.smallest - 1)


@dataclass(frozen=True)
class Waves:
    """Two waves, and where the same people stand in each."""

    answers: tuple[Responses, Responses]
    rows: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]

    def values(self, names: Sequence[str]) -> Array:
        """Variables of the same people at both times; shape (n, 2, p)."""
        found = [
            answers.variables(names).to_numpy(dtype=float, na_value=np.nan)[rows]
            for answers, rows in zip(self.answers, self.rows, strict=True)
        ]
        return np.stack(found, axis=1)


def _joined(
    first: Responses | pd.DataFrame, second: Responses | pd.DataFrame, what: What, key: str
) -> tuple[Waves, list[str], dict[str, int]]:
    """The waves of those who answered both, the constructs, and why the others are not among them."""
    (one, names), (two, _) = as_responses(first, what), as_responses(second, what)
    indices, unnamed = [], 0
    for place, wave in ((Text("前测", "the first wave"), one), (Text("重测", "the second wave"), two)):
        wave.refuse_design("retest", *PARTS)
        if key not in wave.frame:
            raise DataError(
                Text(f"没有“{key}”列。", f"there is no column '{key}'."),
                where=place,
                remedy=Text("两次作答须有同一个识别列。", "Both waves need the column that names the respondent."),
            )
        index = pd.Index(wave.frame[key])
        unnamed += int(index.isna().sum())
        if twice := [str(v) for v in index[index.duplicated() & index.notna()].unique()]:
            raise DataError(
                Text(
                    f"“{key}”中有{len(twice)}个值出现不止一次，如{'、'.join(twice[:3])}。",
                    f"{len(twice)} value(s) of '{key}' are there more than once, such as {', '.join(twice[:3])}.",
                ),
                where=place,
                remedy=Text("请先去掉重复的答卷。", "Drop repeated answers first."),
            )
        indices.append(index)
    shared = indices[0].intersection(indices[1]).dropna()
    counts = {
        "answered the first time only": len(indices[0].dropna()) - len(shared),
        "answered the second time only": len(indices[1].dropna()) - len(shared),
        "without the key of the respondent": unnamed,
    }
    rows = (indices[0].get_indexer(shared), indices[1].get_indexer(shared))
    return Waves((one, two), rows), names, {reason: count for reason, count in counts.items() if count}


def _stability(x: Array, conf_level: float) -> dict[str, object]:
    """A construct at two times, from the scores of those who have both; shape (n, 2)."""
    n = len(x)
    row: dict[str, object] = {"n": n, **dict.fromkeys(OF_CONSTRUCT, np.nan)}
    if n < 3:
        return row
    ms, change = mean_squares(x), x[:, 1] - x[:, 0]
    difference, error = float(change.mean()), float(change.std(ddof=1) / np.sqrt(n))
    half = stats.t.ppf(0.5 + conf_level / 2, n - 1) * error
    icc = intraclass_correlations(ms, conf_level)["ICC2"]
    varies = bool((np.ptp(x, axis=0) > 0).all())
    r = float(pairwise_pearson(x)[0][0, 1]) if varies else np.nan
    low, high = fisher_z(r, n, conf_level)
    sem = float(np.sqrt(ms.error + max(0.0, (ms.raters - ms.error) / n)))
    p = float(2 * stats.t.sf(abs(difference) / error, n - 1)) if error > 0 else np.nan
    row |= {"mean_1": float(x[:, 0].mean()), "mean_2": float(x[:, 1].mean()), "difference": difference}
    row |= {"diff_low": difference - half, "diff_high": difference + half, "p_value": p}
    row |= {"rank_p": signed_rank_p(moved(change, 0.0))}
    row |= {"icc": icc.estimate, "conf_low": icc.conf_low, "conf_high": icc.conf_high}
    row |= {"r": r, "r_low": float(low), "r_high": float(high), "sem": sem, "sdc": SDC * sem}
    return row


OF_CONSTRUCT = (
    *("mean_1", "mean_2", "difference", "diff_low", "diff_high", "p_value", "rank_p"),
    *("icc", "conf_low", "conf_high"),
    *("r", "r_low", "r_high", "sem", "sdc"),
)
OF_ITEM = ("n", "agreement", "kappa", "std_error", "conf_low", "conf_high")
SDC = float(stats.norm.ppf(0.975) * np.sqrt(2))


def _items(waves: Waves, construct: str, weights: Weights, conf_level: float) -> list[dict[str, object]]:
    """The items of a construct, on the values that its items took at either time."""
    answers = waves.answers[0]
    if construct not in {c.name for c in answers.questionnaire.constructs}:
        return []
    names = answers.item_names(construct)
    x = waves.values(names)
    scale = np.unique(x[~np.isnan(x)])
    lines = []
    for j, name in enumerate(names):
        both = x[~np.isnan(x[:, :, j]).any(axis=1), :, j]
        line: dict[str, object] = {"construct": construct, "item": name, "n": len(both)}
        if len(both) >= 2 and len(scale) <= MOST_CATEGORIES:
            codes = np.searchsorted(scale, both)
            kappa = cohen_kappa(codes[:, 0], codes[:, 1], agreement_weights(len(scale), weights))
            low, high = kappa_interval(kappa.estimate, kappa.std_error, conf_level)
            line |= {"agreement": float((both[:, 0] == both[:, 1]).mean()), "kappa": kappa.estimate}
            line |= {"std_error": kappa.std_error, "conf_low": low, "conf_high": high}
        lines.append(line)
    return lines


def _remarks(frame: pd.DataFrame, items: pd.DataFrame) -> list[Text]:
    said = []
    if (small := frame.loc[frame["n"] < FEWEST, "construct"].tolist()) != []:
        said.append(
            Text(
                f"两次都有得分的不足{FEWEST}人，区间很宽：{'、'.join(small)}。",
                f"Fewer than {FEWEST} people have both scores, intervals are wide: {', '.join(small)}.",
            )
        )
    constant = frame.loc[(frame["n"] >= 3) & frame["r"].isna(), "construct"].tolist()
    if constant:
        said.append(
            Text(
                f"得分没有变异，无法计算：{'、'.join(constant)}。",
                f"Scores do not vary, not computed: {', '.join(constant)}.",
            )
        )
    if len(uncoded := items.loc[items["agreement"].isna() & (items["n"] >= 2), "item"]):
        said.append(
            Text(
                f"取值多于{MOST_CATEGORIES}个，不计算κ：{'、'.join(uncoded)}。",
                f"More than {MOST_CATEGORIES} different values, without a kappa: {', '.join(uncoded)}.",
            )
        )
    return said
