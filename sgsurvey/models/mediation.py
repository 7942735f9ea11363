"""Mediation: how much of an association runs through other variables, along one path or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_based import Placed
from sgsurvey.models.design_matrix import DesignMatrix, complete_rows, design_matrix
from sgsurvey.models.fit import Fit, fit
from sgsurvey.models.formula import read_formula
from sgsurvey.models.standard_errors import choose_errors
from sgsurvey.models.unit_moments import UnitMoments, clustered
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.dominance import left_over
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import correlation
from sgsurvey.numerics.paths import Route, chain_coefficients, indirect_effects, routes
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

Interval = Literal["percentile", "jackknife", "montecarlo"]

LEVEL = 0.95
# Below so many clusters percentiles of the bootstrap cover too little.
FEW = 20

STATISTICAL = Text(
    "“中介”是统计意义上的：一次性横截面数据不能证明先后次序和因果。",
    "“Mediation” is statistical: one cross-section cannot show what comes first, nor what causes what.",
)
FEW_CLUSTERS = Text(
    '群组少于20个，百分位区间偏窄，宜用interval="jackknife"。',
    'With fewer than 20 clusters percentile intervals are too narrow; interval="jackknife" is safer.',
)
INTERVALS: dict[Interval, Text] = {
    "percentile": Text("区间：自助抽样{draws}次的百分位数。", "Intervals: percentiles of {draws} bootstrap draws."),
    "jackknife": Text("区间：刀切法，t自由度{df}。", "Intervals: jackknife, t with {df} degrees of freedom."),
    "montecarlo": Text(
        "区间：按系数的估计误差模拟{draws}次（Monte Carlo法）。",
        "Intervals: {draws} draws of the coefficients from their estimated errors (Monte Carlo).",
    ),
}


@dataclass(frozen=True)
class Mediation(Result):
    """Total, direct and indirect effects.

    Attributes
    ----------
    frame : DataFrame
        One row per effect: ``effect`` ("total", "direct", "indirect", then each path as ``FUN → EFS → SAT``),
        ``estimate, std_error, conf_low, conf_high, share`` (of the total; nan unless the interval of the total leaves
        out 0 and the signs agree), ``standardised``.
    paths : DataFrame
        One row per coefficient: ``outcome, term``, then the columns of ``ols`` (``estimate, std_error, statistic, df,
        p_value, conf_low, conf_high, beta, vif``); covariates included.
    sensitivity : DataFrame
        ``mediator, rho``: the correlation of the errors of mediator and outcome at which the path through this mediator
        alone would be 0 (Imai, Keele and Yamamoto 2010, Statistical Science 25, 51-71): their partial correlation.
    fits : tuple of Fit
        The regressions of the mediators in order, of the outcome, and of the outcome without mediators.
    interval : str
    draws, failed : int
    notes : tuple of Text
    seed : int or None
    """

    paths: pd.DataFrame
    sensitivity: pd.DataFrame
    fits: tuple[Fit, ...]
    interval: Interval
    draws: int
    failed: int
    notes: tuple[Text, ...]
    outcome: Text
    seed: int | None

    def _table(self) -> Table:
        names = {"total": Text("总效应", "Total"), "direct": Text("直接效应", "Direct"),
                 "indirect": Text("间接效应合计", "Indirect, all")}  # fmt: skip
        words = self.frame.assign(effect=[names.get(name) or self._path(name) for name in self.frame["effect"]])
        columns = [
            Column("effect", Text("效应", "Effect"), "text"),
            Column("estimate", HEADS["estimate"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("conf_low:conf_high", conf_head(LEVEL), "interval", digits=3),
            Column("share", Text("占总效应", "Of the total"), "percent"),
            Column("standardised", Text("标准化", "Standardised"), digits=3),
        ]
        title = Text("{outcome}：直接与间接效应", "{outcome}: direct and indirect effects").format(outcome=self.outcome)
        return Table.from_frame(words, columns, id="mediation", title=title, notes=(*self.notes, STATISTICAL))

    def _path(self, name: str) -> Text:
        stops = [self.basis.label(stop) for stop in name.split(ARROW)]
        return Text(ARROW.join(stop.zh for stop in stops), ARROW.join(stop.en for stop in stops))

    def paths_table(self) -> Table:
        """The coefficients of every regression in the chain."""
        words = self.paths.assign(
            outcome=[self.basis.label(name) for name in self.paths["outcome"]],
            term=[self.basis.label(name) for name in self.paths["term"]],
        )
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("statistic", HEADS["t"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("conf_low:conf_high", conf_head(LEVEL), "interval", digits=3),
        ]
        title = Text("各路径的系数", "Coefficients of the paths")
        return self.page(
            Table.from_frame(words, columns, id="mediation_paths", title=title, group="outcome",
                             notes=self.fits[0].covariance.notes)
        )  # fmt: skip


ARROW = " → "


def mediation(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    through: str | Sequence[str],
    cluster: str | None = None,
    interval: Interval = "percentile",
    draws: int = 5000,
    seed: int | None = None,
) -> Mediation:
    """Total, direct and indirect effects in linear regressions.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights, strata and clusters of its design are used.
    formula : str
        ``"SAT ~ FUN + C(role)"``: the first predictor is the one whose effect is taken apart, the others are covariates
        in every regression.
    through : str or list of str
        One mediator; a list: side by side; ``"EFS -> EFL"``: one after the other.
    cluster : str, optional
        Column of clusters; the design's unless named.
    interval : "percentile", "jackknife" or "montecarlo"
        Bootstrap of clusters (rows where there are none) within strata; leaving each out in turn, with t; or draws of
        the coefficients from their estimated errors (Preacher and Selig 2012, Communication Methods and Measures 6,
        77-98).
    draws : int
    seed : int, optional
        Asked for unless the interval is the jackknife's.

    Notes
    -----
    Effects are products of slopes (Alwin and Hauser 1975); standard errors of single slopes are those of ``ols``.

    Raises
    ------
    DataError, DesignError, EstimationError
        As ``ols``; a predictor that does not vary within clusters; no ``seed``.
    """
    if interval not in get_args(Interval):
        raise EstimationError(
            f"there is no interval '{interval}'.", where="interval", remedy="Use percentile, jackknife or montecarlo."
        )
    if interval != "jackknife" and seed is None:
        raise EstimationError("the interval is drawn at random.", where="seed", remedy="Give a seed, as in seed=7.")
    names, serial = _mediators(through)
    answers = clustered(as_columns(data), cluster)
    answers.refuse_design("mediation", "replicates")
    chain = _Chain.of(answers, formula, names, serial=serial)
    moments = UnitMoments.of(Placed(Sample.of(answers), chain.outcome.rows), chain.z)
    if answers.design.clusters is not None and not moments.varies_within(chain.covariates):
        raise EstimationError(
            f"'{chain.names[0]}' does not vary within clusters, and a path through what persons said mixes two levels.",
            where=f"formula '{formula}'",
            remedy="Use one row per cluster, with the means of mediators and outcome.",
        )
    estimate = chain.effects(moments.total)[0]
    values, weights = chain.replicates(moments, interval, draws, seed)
    good = np.isfinite(values).all(axis=1)
    if good.sum() < 0.5 * len(values):
        raise EstimationError("most of the draws could not be computed.", remedy="Use fewer covariates.")
    df = moments.sample.df(moments.sample.weights)
    low, high, error = _limits(estimate, values[good], None if weights is None else weights[good], df)
    basis = answers.basis(len(chain.outcome.rows), chain.dropped)
    basis = basis.labelled({name: label for one in chain.fits for name, label in _labels(one.design).items()})
    drawn = 0 if interval == "jackknife" else draws
    few = interval == "percentile" and answers.design.clusters is not None and df + 1 < FEW
    return Mediation(
        chain.frame(estimate, low, high, error),
        basis,
        chain.paths_frame(),
        chain.sensitivity(moments.total),
        chain.fits,
        interval,
        drawn,
        int((~good).sum()),
        (INTERVALS[interval].format(draws=f"{drawn}", df=f"{df:g}"), *([FEW_CLUSTERS] if few else [])),
        chain.outcome.outcome_label,
        seed,
    )


# The chain --------------------------------------------------------------------------------------------------


def _mediators(through: str | Sequence[str]) -> tuple[list[str], bool]:
    """Names of the mediators, and whether they stand in a row."""
    names = [name.strip() for name in through.split("->")] if isinstance(through, str) else list(through)
    if not names or not all(names) or len(set(names)) < len(names):
        raise DataError(
            f"'{through}' does not name mediators.",
            where="through",
            remedy='Write "EFS", ["EFS", "EFL"] or "EFS -> EFL".',
        )
    return names, isinstance(through, str) and len(names) > 1


def _labels(design: DesignMatrix) -> dict[str, Text]:
    return {design.outcome: design.outcome_label, **dict(zip(design.names, design.labels, strict=True))}


@dataclass(frozen=True)
class _Chain:
    """Regressions of mediators and outcome, and their rows: constant, covariates, cause, mediators, outcome."""

    fits: tuple[Fit, ...]
    names: tuple[str, ...]
    z: Array
    covariates: int
    serial: bool
    dropped: dict[str, int]

    @classmethod
    def of(cls, answers: Responses, formula: str, mediators: list[str], *, serial: bool) -> _Chain:
        read = read_formula(formula)
        if not read.factors or read.factors[0].treatment == "category":
            raise DataError(
                "the first predictor must be a number.",
                where=f"formula '{formula}'",
                remedy="Put categories behind it.",
            )
        right = formula.partition("~")[2].strip()
        whole = read_formula(f"{formula} + {' + '.join(mediators)}")
        rows, errors = complete_rows(answers, whole.variables), choose_errors(answers, "HC3", None)

        def regressed(outcome: str, on: Sequence[str]) -> Fit:
            text = f"{outcome} ~ {' + '.join([right, *on])}"
            return fit(design_matrix(answers, read_formula(text), rows), errors)

        before = [mediators[:j] if serial else [] for j in range(len(mediators))]
        fits = [regressed(name, others) for name, others in zip(mediators, before, strict=True)]
        fits += [regressed(read.outcome.name, mediators), regressed(read.outcome.name, [])]
        last = fits[-2].design
        ordered = [read.factors[0].name, *mediators]
        at = [last.names.index(name) for name in ordered]
        others = [j for j in range(last.X.shape[1]) if j not in at]
        z = np.column_stack([last.X[:, [*others, *at]], last.y])
        return cls(tuple(fits), (*ordered, last.outcome), z, len(others), serial, rows.dropped)

    @property
    def outcome(self) -> DesignMatrix:
        return self.fits[-2].design

    @property
    def mediators(self) -> int:
        return len(self.names) - 2

    @property
    def routes(self) -> list[Route]:
        return routes(self.mediators, serial=self.serial)

    def effects(self, moments: Array) -> Array:
        """Total, direct, indirect, then each path, from cross products; shape (D, 3 + paths)."""
        rest = left_over(moments, self.covariates)
        return self._summed(chain_coefficients(rest, self.mediators, serial=self.serial))

    def _summed(self, slopes: Array) -> Array:
        single = indirect_effects(slopes, self.routes)
        direct, indirect = slopes[:, -1, 0], single.sum(axis=1)
        return np.column_stack([direct + indirect, direct, indirect, single])

    def replicates(
        self, moments: UnitMoments, interval: Interval, draws: int, seed: int | None
    ) -> tuple[Array, Array | None]:
        """Effects in every replicate, and what each square counts (None where the draws are a distribution)."""
        if interval == "jackknife" or seed is None:
            left_out, weights = moments.jackknifed()
            return self.effects(left_out), weights
        if interval == "montecarlo":
            return self._summed(self._drawn_slopes(draws, seed)), None
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.effects(moments.bootstrapped(draws, seed)), None

    def _drawn_slopes(self, draws: int, seed: int) -> Array:
        """Slopes drawn from the normal distribution of each regression's estimates; shape (draws, k + 2, k + 2)."""
        rng, size = np.random.default_rng(seed), len(self.names)
        slopes = np.zeros((draws, size, size))
        for to, one in enumerate(self.fits[:-1], start=1):
            of = [j for j, name in enumerate(self.names[:to]) if name in one.design.names]
            at = [one.design.names.index(self.names[j]) for j in of]
            matrix = one.covariance.matrix[np.ix_(at, at)]
            slopes[:, to, of] = rng.multivariate_normal(one.solution.coefficients[at], matrix, size=draws)
        return slopes

    def frame(self, estimate: Array, low: Array, high: Array, error: Array) -> pd.DataFrame:
        """The effects in a tidy frame."""
        stops = [[self.names[0], *(self.names[1 + j] for j in path), self.names[-1]] for path in self.routes]
        certain = bool(low[0] > 0 or high[0] < 0)
        share = np.where(certain & (estimate * estimate[0] > 0), estimate / estimate[0], np.nan)
        x, y = self.z[:, self.covariates], self.z[:, -1]
        w = self.outcome.weights
        spread = np.sqrt(np.cov(x, aweights=w, ddof=0) / np.cov(y, aweights=w, ddof=0))
        return pd.DataFrame(
            {
                "effect": ["total", "direct", "indirect", *(ARROW.join(names) for names in stops)],
                "estimate": estimate,
                "std_error": error,
                "conf_low": low,
                "conf_high": high,
                "share": share,
                "standardised": estimate * spread,
            }
        )

    def paths_frame(self) -> pd.DataFrame:
        """Every coefficient of the chain, the total's regression left out."""
        parts = []
        for one in self.fits[:-1]:
            part = one.frame(LEVEL)
            part.insert(0, "outcome", one.design.outcome)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def sensitivity(self, moments: Array) -> pd.DataFrame:
        """Partial correlation of each mediator with the outcome, given the cause, covariates and other mediators."""
        rest = left_over(moments, self.covariates)[0]
        partial = -correlation(np.linalg.inv(rest))[1:-1, -1]
        return pd.DataFrame({"mediator": self.names[1:-1], "rho": partial})


def _limits(estimate: Array, values: Array, weights: Array | None, df: float) -> tuple[Array, Array, Array]:
    """Interval and standard error of effects from their replicates, shape (R, q)."""
    if weights is None:
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(values, [tail, 1 - tail], axis=0)
        return low, high, values.std(axis=0, ddof=1)
    error = np.sqrt(weights @ (values - estimate) ** 2)
    low, high = symmetric_interval(estimate, error, np.full(len(estimate), df), LEVEL)
    return low, high, error
