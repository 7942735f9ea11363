"""The rows, moments and words of a set of items, as every verb of this room needs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.covariance_statistics import CovarianceStatistic
from sgsurvey.numerics.estimators import Means, Variances
from sgsurvey.numerics.likelihood_statistics import LikelihoodStatistic
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.questionnaire.model import ConstructKind
from sgsurvey.tables.result import Basis
from sgsurvey.text import Language, Text

# Below this many respondents a role gets numbers, but neither a verdict nor a factor model.
FEWEST = 30

# With a smaller share of complete rows than this, complete rows are a selection that must be named.
SELECTED = 0.8

INDEPENDENT = Text(
    "抽样设计（层、群、总体单位数、重复权数）不影响点估计；检验和拟合指标视各行相互独立，p值可能偏小。",
    "Strata, clusters, population sizes and replicates of the design do not move these estimates; tests and fit take "
    "rows as independent, so that p may be too small.",
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
    """

    names: tuple[str, ...]
    n: int
    n_in: int
    mean: Array
    cov: Array
    roles: int

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

    @property
    def cancelling(self) -> bool:
        """Whether the sum of the items does not vary: some run against the others and undo them."""
        return bool(self.cov.sum() <= 1e-9 * np.trace(self.cov) or self.corr.sum() <= 1e-9)


def sample(answers: Responses, names: Sequence[str]) -> Sample:
    """Moments of items over the rows that are complete on them, of which there must be one.

    Differences between roles are no agreement between items: where several roles are present, the covariance is
    pooled within them, each role counting by its rows.
    """
    unclustered = answers.designed(replace(answers.design, clusters=None))
    with np.errstate(invalid="ignore"):
        moments = unclustered.moments(names, cluster="role" if len(answers.roles) > 1 else None)
    _refuse_infinite(not np.isfinite(moments.second).all(), names)
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


def role_codes(answers: Responses) -> npt.NDArray[np.int64]:
    """The groups within which covariances are taken: roles, where there are several; shape (n,)."""
    if len(answers.roles) < 2:
        return np.zeros(len(answers), dtype=np.int64)
    return pd.factorize(answers.frame["role"], use_na_sentinel=False)[0].astype(np.int64)


def pairwise_sample(answers: Responses, names: Sequence[str]) -> Sample:
    """Moments of items, each covariance over the rows that have both, within roles; n is that of the rarest pair."""
    y = answers.items(names).to_numpy(dtype=float)
    _refuse_infinite(bool(np.isinf(y).any()), names)
    w = np.ones(len(y)) if answers.weights is None else answers.weights
    moments = CovarianceStatistic(y, role_codes(answers), lambda cov: cov.ravel(), pairwise=True)
    seen = (~np.isnan(y) & (w > 0)[:, None]).astype(float)
    pairs = seen.T @ seen
    return Sample(
        tuple(names), int(pairs.min()), len(y), Means(y).value(w), moments.covariance(w), max(1, len(answers.roles))
    )


def likelihood_sample(answers: Responses, names: Sequence[str]) -> Sample:
    """Moments of items by maximum likelihood where answers are missing at random; n is of rows with any answer.

    Of one role: nan where there are several, where two items are never together, or where the search does not end.
    """
    y = answers.items(names).to_numpy(dtype=float)
    _refuse_infinite(bool(np.isinf(y).any()), names)
    w = np.ones(len(y)) if answers.weights is None else answers.weights
    seen = (~np.isnan(y) & (w > 0)[:, None]).astype(float)
    n, p = int((seen.sum(axis=1) > 0).sum()), len(names)
    nothing = Sample(tuple(names), n, len(y), Means(y).value(w), np.full((p, p), np.nan), max(1, len(answers.roles)))
    spread = Variances(y).value(w)
    if len(answers.roles) > 1 or (seen.T @ seen).min() < 2:
        return nothing
    if (spread <= 1e-12).any():
        return replace(nothing, cov=np.diag(spread))
    try:
        _, moments, cov = LikelihoodStatistic(y, lambda cov: cov.ravel()).moments(w)
    except np.linalg.LinAlgError:  # items that determine each other have no normal likelihood
        return nothing
    return replace(nothing, mean=moments.mean, cov=cov) if moments.converged else nothing


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


def refuse_several_roles(answers: Responses, verb: str) -> None:
    """Raise when there are several roles: differences between them would pass for agreement between items."""
    if len(answers.roles) > 1:
        raise DesignError(
            f"{verb} works within one role, and {len(answers.roles)} are present: {', '.join(answers.roles)}.",
            remedy=f"Choose one, as in answers.where(role='{answers.roles[0]}').",
        )


def distinct_words(basis: Basis, codes: Sequence[str], language: Language) -> list[str]:
    """Labels for a figure, which tells lines apart by their words: with the code where labels repeat."""
    labels = [basis.label(code).to(language) for code in codes]
    return labels if len(set(labels)) == len(codes) else [basis.coded(code).to(language) for code in codes]


def worded(frame: pd.DataFrame, **words: Callable[[str], Text]) -> pd.DataFrame:
    """``frame`` with the codes of some columns turned into words, for a page."""
    present = {column: to_words for column, to_words in words.items() if column in frame}
    return frame.assign(**{c: pd.Series([f(v) for v in frame[c]], frame.index, object) for c, f in present.items()})


def _refuse_infinite(found: bool, names: Sequence[str]) -> None:
    if found:
        raise DataError(
            f"infinite values among {', '.join(names)}.", remedy="Set what is not a number to missing before analysis."
        )
