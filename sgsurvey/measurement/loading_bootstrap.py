"""Rotated loadings of rows drawn again, each solution brought to the factors of the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DesignError, EstimationError, SurveyError
from sgsurvey.measurement.correlation_covariance import sample_values, unknown
from sgsurvey.measurement.extractions import Extraction, extract
from sgsurvey.measurement.factor_matrices import correlated
from sgsurvey.measurement.factor_sample import FactorSample
from sgsurvey.measurement.rotations import Rotation, promax
from sgsurvey.numerics import rotation as turns
from sgsurvey.numerics.linalg import Array, correlation, is_singular, smoothed
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.measurement.factor_solution import EFA

FEWEST_DRAWS = 100
BLOCK = 250


class Bootstrapped(NamedTuple):
    """Covariance and percentile bounds of loadings and phi, draws without a proper solution, and words."""

    covariance: Array
    low: Array
    high: Array
    failed: int
    how: Text


def bootstrapped(solution: EFA, conf_level: float, draws: int, seed: int | None) -> Bootstrapped:
    """Percentile intervals of ``draws`` samples of the rows, with replacement."""
    answers, plan, how = solution.sample.answers, solution.plan, solution.extraction
    if answers is None or plan is None or how is None:
        raise unknown(Text("没有原始数据，无法自助抽样。", "the bootstrap needs the rows."))
    if not answers.design.is_simple:
        raise DesignError(
            Text(
                "自助法把每一行视为独立抽取，不能用于已声明的抽样设计。",
                "this bootstrap draws rows one by one, and the answers declare a design.",
            ),
            where="standard_errors",
            remedy=Text('请用method="sandwich"，它依据抽样设计。', "Use method='sandwich', which follows the design."),
        )
    if seed is None or draws < FEWEST_DRAWS:
        raise EstimationError(
            Text(
                f"自助法需要seed和至少{FEWEST_DRAWS}次抽取。",
                f"the bootstrap needs a seed and {FEWEST_DRAWS} draws or more.",
            ),
            where="standard_errors",
            remedy=Text("例如draws=1000, seed=7。", "Give them, as in draws=1000, seed=7."),
        )
    taken = [x for x in _extracted(solution.sample, answers, how, solution.factors, draws, seed) if x is not None]
    if len(taken) < draws / 2:
        raise EstimationError(
            Text("一半以上的抽取没有适当的解。", "more than half of the draws gave no proper solution."),
            where="standard_errors",
            remedy=Text("请减少因子或题项。", "Ask for fewer factors, or leave items out."),
        )
    pattern, phi = solution.loadings.to_numpy(), solution.phi.to_numpy()
    ends = _rotated(np.stack(taken), pattern, phi, plan, solution.sample.names)
    failed = draws - len(ends)
    low, high = np.quantile(ends, [(1 - conf_level) / 2, (1 + conf_level) / 2], axis=0)
    text = Text(
        f"标准误与百分位区间：{draws}次自助抽样（种子{seed}），每次的解对齐到本解；{failed}次无适当解，未计入。",
        f"Standard errors and percentile intervals: {draws} bootstrap draws (seed {seed}), each solution turned to "
        f"this one; {failed} without a proper solution are left out.",
    )
    return Bootstrapped(np.cov(ends, rowvar=False), low, high, failed, text)


def _extracted(
    sample: FactorSample, answers: Responses, how: Extraction, k: int, draws: int, seed: int
) -> Iterator[Array | None]:
    """Unrotated loadings of each draw; None where there is no proper solution."""
    for corr in _drawn(sample, answers, draws, np.random.default_rng(seed)):
        if corr is None or not np.isfinite(corr).all():
            yield None
            continue
        usable = smoothed(corr) if np.linalg.eigvalsh(corr)[0] <= 0 or is_singular(corr) else corr
        try:
            found = extract(replace(sample, corr=usable), k, how)
        except (SurveyError, np.linalg.LinAlgError):
            yield None
            continue
        yield found.loadings if how.method == "components" or not found.heywood.any() else None


def _drawn(sample: FactorSample, answers: Responses, draws: int, rng: np.random.Generator) -> Iterator[Array | None]:
    """Correlations of each draw of the rows that entered."""
    plan = sample.plan
    if plan.kind == "pearson" and plan.missing == "listwise":
        values = sample_values(sample, answers)
        yield from _moments(values[~np.isnan(values).any(axis=1)], draws, rng)
        return
    names = list(sample.names)
    n = len(answers.frame)
    for _ in range(draws):
        again = replace(answers, frame=answers.frame.iloc[rng.integers(n, size=n)].reset_index(drop=True))
        try:
            yield correlated(again, names, plan.kind, plan.missing).corr
        except SurveyError:
            yield None


def _moments(values: Array, draws: int, rng: np.random.Generator) -> Iterator[Array]:
    """Pearson correlations of complete rows drawn again: how often each row is drawn, times its products."""
    n, p = values.shape
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    i, j = np.tril_indices(p)
    products = standard[:, i] * standard[:, j]
    even = np.full(n, 1 / n)
    for start in range(0, draws, BLOCK):
        counts = rng.multinomial(n, even, size=min(BLOCK, draws - start)).astype(float)
        first, second = counts @ standard / n, counts @ products / n
        cov = np.zeros((len(counts), p, p))
        cov[:, i, j] = cov[:, j, i] = second - first[:, i] * first[:, j]
        with np.errstate(invalid="ignore", divide="ignore"):
            yield from correlation(cov)


def _rotated(unrotated: Array, pattern: Array, phi: Array, plan: Rotation, names: tuple[str, ...]) -> Array:
    """Rotated loadings and phi of each draw, flat; searches start where a draw comes next to ``pattern``."""
    k = pattern.shape[1]
    below = np.tril_indices(k, -1)
    if k == 1 or plan.name == "none":
        loadings, phis = unrotated, np.broadcast_to(np.eye(k), (len(unrotated), k, k))
    else:
        weights = turns.kaiser_weights(unrotated) if plan.kaiser else np.ones((*unrotated.shape[:-1], 1))
        criterion = plan.criterion(names, k)
        oblique = plan.correlated and plan.name != "promax"
        near = pattern @ np.linalg.cholesky(phi) if plan.name == "promax" else pattern
        turn = turns.oblique if oblique else turns.orthogonal
        ends = turn(unrotated / weights, criterion, _next_to(unrotated, near, oblique))
        loadings, phis = (ends.loadings * weights)[ends.converged], ends.phi[ends.converged]
        if plan.name == "promax":
            loadings, phis = promax(loadings, plan)
    if plan.name != "target":
        loadings, phis = _aligned(loadings, phis, pattern)
    return np.hstack([loadings.reshape(len(loadings), -1), phis[:, below[0], below[1]]])


def _next_to(unrotated: Array, pattern: Array, oblique: bool) -> Array:
    """The turn of each draw that brings it nearest to ``pattern``; shape (B, k, k)."""
    if oblique:
        across = unrotated.swapaxes(-2, -1)
        nearest = np.linalg.solve(across @ unrotated, across @ pattern)
        turn = np.linalg.inv(nearest).swapaxes(-2, -1)
        return turn / np.sqrt((turn**2).sum(axis=-2, keepdims=True))
    left, _, right = np.linalg.svd(unrotated.swapaxes(-2, -1) @ pattern)
    return left @ right


def _aligned(loadings: Array, phis: Array, pattern: Array) -> tuple[Array, Array]:
    """Factors of each draw in the places and directions in which they are most like those of ``pattern``."""
    made, turned = np.empty_like(loadings), np.empty_like(phis)
    for at, (found, phi) in enumerate(zip(loadings, phis, strict=True)):
        likeness = found.T @ pattern / np.sqrt((found**2).sum(axis=0)[:, None] * (pattern**2).sum(axis=0))
        rows, columns = linear_sum_assignment(-np.abs(likeness))
        order = rows[np.argsort(columns)]
        signs = np.where(likeness[order, np.arange(len(order))] < 0, -1.0, 1.0)
        made[at], turned[at] = found[:, order] * signs, phi[np.ix_(order, order)] * np.outer(signs, signs)
    return made, turned
