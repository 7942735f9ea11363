"""impute(): missing answers drawn several times over, so that results know how unsure they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.numerics.linalg import Array
from sgsurvey.quality.chained import Chains, Run, Variable, run_chains
from sgsurvey.quality.imputation_checks import Convergence, Distributions, convergence, distributions
from sgsurvey.quality.imputation_model import (
    ChainedEquations,
    DesignTerms,
    Planned,
    auxiliary_variable,
    design_terms,
    mean_of_others,
    plan_item,
)
from sgsurvey.quality.missing_patterns import ALL, groups
from sgsurvey.quality.pooled import Pooled, pooled
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

METHODS = {
    "ordinal": Text("比例优势回归", "proportional odds"),
    "binary": Text("logit回归", "logit"),
    "nominal": Text("逐类logit回归", "nested logits"),
    "pmm": Text("预测均值匹配", "predictive mean matching"),
    "normal": Text("贝叶斯线性回归", "Bayesian linear regression"),
    "constant": Text("作答全同，取同值", "all answers alike: that answer"),
    "none": Text("未插补", "not imputed"),
}
HOW = Text(
    "链式方程多重插补：m = {m}，迭代{iterations}次，种子{seed}；参数取自后验分布，斜率先验为正态（均值0，标准差"
    "{prior}，自变量已标准化）；各类主体分别插补；未显示的题不插补。",
    "Multiple imputation by chained equations: m = {m}, {iterations} iterations, seed {seed}; parameters drawn from "
    "their posterior, slopes with a normal prior (mean 0, SD {prior}, predictors standardised); each group by itself; "
    "what was not shown is not imputed.",
)
COLUMNS = ["role", "construct", "item", "method", "n_shown", "n_observed", "n_imputed", "n_kept", "n_predictors", "why"]
KEPT = Text(
    "另有{n}个作答为不清楚、拒答或不适用的，原样保留。",
    "{n} answers of don't know, refused or not applicable are kept as they are.",
)


@dataclass(frozen=True)
class Imputed(Result):
    """Answers with their missing cells drawn m times.

    Attributes
    ----------
    frame : DataFrame
        One row per group (``role``; ``all`` where there are none) and item: ``construct, item, method`` (``none`` where
        too few answered), ``n_shown, n_observed, n_imputed, n_kept`` (given no-answers that stay), ``n_predictors``
        (columns of its model), ``why`` (a Text or None: why another method than the item's kind suggests).
    answers : Responses
        As they were given.
    m, iterations, seed : int
    method : ChainedEquations
    auxiliary : tuple of str
        Columns that only predicted.
    design_words : mapping of role to Text
        How weights, strata and clusters entered.
    rows : mapping of (role, item) to ndarray of int
        Places of the cells that were drawn.
    chains : mapping of role to Chains
        What was drawn, and the path to it.
    """

    answers: Responses
    m: int
    iterations: int
    seed: int
    method: ChainedEquations
    auxiliary: tuple[str, ...]
    design_words: Mapping[str, Text]
    rows: Mapping[tuple[str, str], np.ndarray]
    chains: Mapping[str, Chains]

    @property
    def n_imputed(self) -> int:
        """Cells drawn."""
        return int(self.frame["n_imputed"].sum())

    def completed(self, k: int) -> Responses:
        """The answers with the cells of set ``k`` (0 … m - 1) filled in, under the same design.

        Constructs are scored from the items after imputation.
        """
        if not 0 <= k < self.m:
            raise DataError(
                Text(f"没有第{k}组；共{self.m}组，从0起。", f"there is no set {k}; there are {self.m}, from 0 on."),
                remedy=Text("请取0至m - 1。", "Take one of 0 … m - 1."),
            )
        columns: dict[str, pd.Series] = {}
        for (role, item), places in self.rows.items():
            column = columns.get(item, self.answers.frame[item])
            columns[item] = _filled(column, places, self.chains[role].drawn[item][k])
        return replace(self.answers, frame=self.answers.frame.assign(**columns))

    def __iter__(self) -> Iterator[Responses]:
        return (self.completed(k) for k in range(self.m))

    def pool(self, analysis: Callable[[Responses], Any], *, conf_level: float = 0.95) -> Pooled:
        """Do an analysis on every completed set and pool what it finds by Rubin's rules.

        Parameters
        ----------
        analysis : callable
            Takes Responses; gives a result whose ``.frame`` (or a DataFrame that) has ``estimate`` and ``std_error``,
            and ``df`` where it has any; or a reliability.
        conf_level : float

        Examples
        --------
        ``imputed.pool(lambda answers: sg.ols(answers, "SAT ~ EFF + age5")).table()``
        """
        return pooled([analysis(answers) for answers in self], conf_level=conf_level)

    def convergence(self) -> Convergence:
        """Whether the chains have forgotten where they began and agree with one another."""
        return convergence(self.chains, self.basis)

    def distributions(self) -> Distributions:
        """What was answered beside what was drawn, item by item."""
        return distributions(self.answers, self.rows, self.chains, self.basis)

    def _table(self) -> Table:
        page = self.frame.copy()
        page["label"] = page["item"].map(self.basis.label)
        page["words"] = page["method"].map(METHODS)
        page["block"] = page["role"].map(lambda role: HEADS["total"] if role == ALL else self.basis.label(role))
        columns = [
            Column("item", HEADS["code"], "text"),
            Column("label", HEADS["item"], "text"),
            Column("n_shown", Text("询问份数", "Asked"), "count"),
            Column("n_imputed", Text("插补数", "Imputed"), "count"),
            Column("words", HEADS["method"], "text"),
            Column("n_predictors", Text("自变量列数", "Predictors"), "count"),
        ]
        shown = page[(page["n_imputed"] > 0) | (page["method"] == "none")]
        return Table.from_frame(
            shown,
            columns,
            id="imputation",
            title=Text("缺失作答的多重插补", "Multiple imputation of missing answers"),
            notes=self._notes(),
            group="block",
        )

    def _notes(self) -> tuple[Text, ...]:
        how = HOW.format(m=self.m, iterations=self.iterations, seed=self.seed, prior=f"{self.method.prior_sd:g}")
        notes, label = [how], self.basis.label
        for words in dict.fromkeys(self.design_words.values()):
            if words.en:
                notes.append(Text(f"抽样设计进入模型：{words.zh}。", f"The design is in the models: {words.en}."))
        if self.auxiliary:
            zh, en = ("、".join(label(a).zh for a in self.auxiliary), ", ".join(label(a).en for a in self.auxiliary))
            notes.append(Text(f"辅助变量：{zh}。", f"Auxiliary columns: {en}."))
        for why, lines in self.frame[self.frame["why"].notna()].groupby("why", sort=False):
            items = dict.fromkeys(lines["item"])
            zh, en = "、".join(items), ", ".join(items)
            notes.append(Text(f"{zh}：{why.zh}。", f"{en}: {why.en}."))
        kept = int(self.frame["n_kept"].sum())
        return (*notes, *([KEPT.format(n=kept)] if kept else []))


def impute(
    data: Responses | pd.DataFrame,
    what: What,
    *,
    auxiliary: Sequence[str] = (),
    m: int = 20,
    iterations: int = 10,
    seed: int,
    method: ChainedEquations | None = None,
) -> Imputed:
    """Draw the missing answers of items m times, by chained equations, each group of respondents by itself.

    Everything that the analysis will use belongs in ``what`` or ``auxiliary``, the outcome too: what the models do not
    know comes out too weak.  Items are drawn one by one within their codes and constructs scored afterwards.  Cells
    that were not shown, and no-answers that were given, stay as they are (``ChainedEquations(also=...)`` imputes the
    latter).  The weights, strata and clusters of the design predict every item.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str, sequence or mapping
        Constructs or items to impute; columns of a DataFrame.
    auxiliary : sequence of str
        Constructs, items or columns that predict and are not imputed; their own gaps are drawn for the models alone.
    m : int
        How many completed sets; ``Pooled`` says whether they are enough.
    iterations : int
        Rounds through all items; ``.convergence()`` says whether they are enough.
    seed : int
    method : ChainedEquations, optional
        Methods by item, kinds of no-answer, donors, prior.

    Returns
    -------
    Imputed

    References
    ----------
    van Buuren, S. (2018). Flexible Imputation of Missing Data (2nd ed.). CRC Press.
    White, I. R., Royston, P., & Wood, A. M. (2011). Multiple imputation using chained equations. Statistics in
    Medicine, 30, 377-399.

    Examples
    --------
    ``imputed = sg.impute(answers, ["EFF", "SAT"], auxiliary=["age5"], seed=7)``
    """
    answers, constructs = as_responses(data, what)
    how = ChainedEquations() if method is None else method
    names, extra = answers.item_names(constructs), _columns(answers, auxiliary)
    extra = [name for name in extra if name not in names]
    how.check(names)
    if m < 2 or iterations < 1:
        raise DataError(
            Text("m至少为2，iterations至少为1。", "m must be at least 2, and iterations at least 1."),
            remedy=Text("例如m=20，iterations=10。", "Such as m=20 and iterations=10."),
        )
    lines, rows, chains, words = [], {}, {}, {}
    for role, mask in groups(answers):
        part, places = answers.where(pd.Series(mask)), np.flatnonzero(mask)
        plans = {name: plan_item(part, answers.questionnaire.item(name), how) for name in names}
        asked = {name: plan for name, plan in plans.items() if plan.n_shown}
        terms = design_terms(part)
        run = Run(m, iterations, seed, role, how.donors, how.prior_sd)
        chains[role] = _drawn(part, asked, extra, terms, run, how)
        words[role] = terms.words
        for name, plan in asked.items():
            lines.append(_line(answers, role, name, plan, chains[role]))
            if plan.variable is not None and plan.n_missing:
                rows[role, name] = places[plan.variable.wanted]
    frame = pd.DataFrame(lines, columns=COLUMNS)
    return Imputed(frame, answers.basis(), answers, m, iterations, seed, how, tuple(extra), words, rows, chains)


def _columns(answers: Responses, auxiliary: Sequence[str]) -> list[str]:
    """Items of constructs, items and columns, each once; refuses names that are none of these."""
    found: list[str] = []
    for name in auxiliary:
        if name in answers.questionnaire:
            found += answers.item_names(name)
        elif name in answers.frame:
            found.append(name)
        else:
            known = [str(column) for column in answers.frame.columns]
            raise DataError(
                Text(f"答卷中没有“{name}”。", f"the answers have no column '{name}'.{did_you_mean(name, known)}"),
                where="auxiliary=",
                remedy=Text("请写维度、题项或列名。", "Name a construct, an item or a column."),
            )
    return list(dict.fromkeys(found))


def _drawn(
    part: Responses,
    plans: Mapping[str, Planned],
    auxiliary: Sequence[str],
    terms: DesignTerms,
    run: Run,
    method: ChainedEquations,
) -> Chains:
    variables = [plan.variable for plan in plans.values() if plan.variable is not None]
    if not any(variable.wanted.any() for variable in variables):
        return Chains()
    found = (auxiliary_variable(part, name, method) for name in auxiliary)
    variables += [variable for variable in found if variable is not None]
    if terms.by_mean is not None:
        variables = [_with_cluster(variable, terms.by_mean) for variable in variables]
    return run_chains(variables, terms.columns, run)


def _with_cluster(variable: Variable, units: np.ndarray) -> Variable:
    if variable.method in ("nominal", "constant"):
        return variable
    return replace(variable, cluster_mean=mean_of_others(variable.values, variable.observed, units))


def _line(answers: Responses, role: str, name: str, plan: Planned, chains: Chains) -> list[object]:
    v = plan.variable
    return [
        role,
        answers.questionnaire.item(name).construct,
        name,
        "none" if v is None else v.method,
        plan.n_shown,
        plan.n_observed,
        0 if v is None else plan.n_missing,
        plan.n_kept,
        chains.predictors.get(name, 0),
        plan.why,
    ]


def _filled(column: pd.Series, places: np.ndarray, values: Array) -> pd.Series:
    """The column with values at some places, in its own type."""
    filled = column.copy()
    if not pd.api.types.is_numeric_dtype(column.dtype):
        filled = pd.to_numeric(filled).astype("float64")
    filled.iloc[places] = values.astype("int64") if pd.api.types.is_integer_dtype(filled.dtype) else values
    return filled
