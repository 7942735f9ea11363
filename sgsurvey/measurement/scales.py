"""The rows, moments and words of a set of items, as every verb of this room needs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError, EstimationError
from sgsurvey.numerics.linalg import Array, correlation, is_singular
from sgsurvey.questionnaire.model import ConstructKind
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Basis
from sgsurvey.text import Language, Text

# Below this many respondents a role gets numbers, but neither a verdict nor a factor model.
FEWEST = 30

# With a smaller share of complete rows than this, complete rows are a selection that must be named.
SELECTED = 0.8

INDEPENDENT = Text(
    "抽样设计（层、群、总体单位数）不影响点估计；检验和拟合指标视各行相互独立，p值可能偏小。",
    "Strata, clusters and population sizes of the design do not move these estimates; tests and fit take rows as "
    "independent, so that p may be too small.",
)

# Why the items of a construct do not stand for one common cause.
NOT_A_SCALE: dict[ConstructKind, str] = {
    "index": "is an index: its items make it up and need not agree with each other",
    "list": "is a list of separate answers, not a scale",
    "background": "holds background questions, not a scale",
    "single": "is asked by a single item, whose agreement with itself cannot be seen",
}


@dataclass(frozen=True)
class Sample:
    """Means and covariances of items over complete rows.

    Attributes
    ----------
    names : tuple of str, length p
    n, n_in : int
        Complete rows and rows offered.
    mean : ndarray, shape (p,)
    cov : ndarray, shape (p, p)
        Within roles where several roles are present.
    roles : int
        Roles pooled, 1 when there is nothing to pool.
    designed : bool
        Strata, clusters or population sizes were declared.
    """

    names: tuple[str, ...]
    n: int
    n_in: int
    mean: Array
    cov: Array
    roles: int
    designed: bool = False

    @property
    def corr(self) -> Array:
        """Correlations, shape (p, p)."""
        return correlation(self.cov)

    @property
    def n_free(self) -> int:
        """Rows less the means estimated beyond the first: what intervals count as n."""
        return self.n - self.roles + 1

    @property
    def constant(self) -> list[str]:
        """Items that everybody answered alike."""
        return [name for name, variance in zip(self.names, np.diag(self.cov), strict=True) if variance <= 1e-12]


def sample(answers: Responses, names: Sequence[str]) -> Sample:
    """Moments of items over the rows that are complete on them, of which there must be one.

    Differences between roles are no agreement between items: where several roles are present, the covariance is
    pooled within them, each role counting by its rows.
    """
    unclustered = answers.designed(replace(answers.design, clusters=None))
    with np.errstate(invalid="ignore"):
        moments = unclustered.moments(names, cluster="role" if len(answers.roles) > 1 else None)
    if not np.isfinite(moments.second).all():
        raise DataError(
            f"infinite values among {', '.join(names)}.", remedy="Set what is not a number to missing before analysis."
        )
    present = moments.weight > 0
    weight, first = moments.weight[present], moments.first[present]
    mean = first / weight[:, None]
    within = moments.second[present].sum(axis=0) - np.einsum("g,gi,gj->ij", weight, mean, mean)
    groups = len(weight)
    total = float(weight.sum())
    pooled_mean = moments.shift + first.sum(axis=0) / total
    # Weights may be on any scale: they make the shares, and the rows count as rows.
    cov = within / total * (moments.n / max(moments.n - groups, 1))
    return Sample(tuple(names), moments.n, moments.rows_in, pooled_mean, cov, groups)


def refuse_other_kinds(answers: Responses, names: Sequence[str], verb: str) -> None:
    """Raise when ``names`` has a construct whose items do not share a cause."""
    kinds = {c.name: c.kind for c in answers.questionnaire.constructs}
    for name in names:
        reason = NOT_A_SCALE.get(kinds.get(name, "reflective"))
        if reason:
            raise DesignError(
                f"{verb} is for reflective scales, and '{name}' {reason}.",
                where=name,
                remedy="Report its items one by one with describe() or frequencies().",
            )


def factor_sample(data: Responses | pd.DataFrame, what: What, verb: str) -> tuple[Sample, Basis]:
    """The sample of one role that factors may be sought in, and its basis.

    Raises
    ------
    DesignError
        Several roles, weights, constructs that are no scales, or fewer than 30 complete rows.  Strata, clusters and
        population sizes do not move the point estimates; tests and fit are of independent rows, and remarks say so.
    EstimationError
        Fewer than three items, an item without variance, or items that determine each other.
    """
    answers, constructs = as_responses(data, what)
    answers.refuse_design(verb, "weights", "replicates")
    refuse_other_kinds(answers, constructs, verb)
    if len(answers.roles) > 1:
        raise DesignError(
            f"{verb} looks for factors within one role, and {len(answers.roles)} are present: "
            f"{', '.join(answers.roles)}.",
            remedy=f"Choose one, as in answers.where(role='{answers.roles[0]}').",
        )
    names = answers.item_names(constructs)
    if len(names) < 3:
        raise EstimationError(f"{verb} needs at least three items, and got {len(names)}.", remedy="Name more items.")
    found = sample(answers, names)
    fewest = max(FEWEST, len(names) + 1)
    if found.n < fewest:
        raise DesignError(
            f"{verb} needs at least {fewest} complete rows for {len(names)} items, and there are {found.n}.",
            remedy="Describe such a small group item by item.",
        )
    if found.constant:
        raise EstimationError(
            f"everybody answered {', '.join(found.constant)} alike.", remedy="Leave these items out of the analysis."
        )
    if is_singular(found.corr):
        raise EstimationError(
            f"the items determine each other{_twins(found)}.", remedy="Leave out the repeated or derived item."
        )
    found = replace(found, designed=not answers.design.is_simple)
    dropped = {"incomplete": found.n_in - found.n} if found.n < found.n_in else {}
    return found, answers.basis(found.n, dropped)


def sample_remarks(found: Sample) -> tuple[Text, ...]:
    """What a reader of factors must know about their rows: that they are few, or a selection."""
    remarks = []
    if found.designed:
        remarks.append(INDEPENDENT)
    p = len(found.names)
    if found.n < max(100, 5 * p):
        remarks.append(
            Text(
                f"{p}个题项只有{found.n}行完整数据，低于惯例（至少100行且为题项数的5倍），结果不稳定。",
                f"{found.n} complete rows for {p} items are below the convention (at least 100, and 5 per item): the "
                "result is unstable.",
            )
        )
    if found.n < SELECTED * found.n_in:
        share = in_prose(1 - found.n / found.n_in, "percent", 0)
        remarks.append(
            Text(
                "{share}的行因缺失或“不清楚”而未使用：结果只代表回答了全部题项的人；减少题项可保留更多的行。",
                "{share} of the rows are incomplete or don't know: the result is of those who answered everything; "
                "fewer items keep more rows.",
            ).format(share=share)
        )
    return tuple(remarks)


def distinct_words(basis: Basis, codes: Sequence[str], language: Language) -> list[str]:
    """Labels for a figure, which tells lines apart by their words: with the code where labels repeat."""
    labels = [basis.label(code).to(language) for code in codes]
    return labels if len(set(labels)) == len(codes) else [basis.coded(code).to(language) for code in codes]


def worded(frame: pd.DataFrame, **words: Callable[[str], Text]) -> pd.DataFrame:
    """``frame`` with the codes of some columns turned into words, for a page."""
    present = {column: to_words for column, to_words in words.items() if column in frame}
    return frame.assign(**{c: pd.Series([f(v) for v in frame[c]], frame.index, object) for c, f in present.items()})


def _twins(found: Sample) -> str:
    pairs = np.argwhere(np.triu(np.abs(found.corr) > 1 - 1e-10, 1))
    return "".join(f" ({found.names[i]} and {found.names[j]} correlate perfectly)" for i, j in pairs[:1])
