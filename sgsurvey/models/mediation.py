"""Mediation: how much of an association runs through other variables, along one path or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.models.coded_factors import variable_label
from sgsurvey.models.coefficient_sentences import TOLD, of_paths
from sgsurvey.models.design_based import Placed
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.effect_intervals import INTERVALS, LEVEL, EffectInterval, IntervalKind, Limits, limits
from sgsurvey.models.fit import Fit
from sgsurvey.models.hidden_coefficients import without_few
from sgsurvey.models.mediation_chain import ARROW, MediationChain, mediators_of
from sgsurvey.models.mediation_sentences import of_conditional, of_effects
from sgsurvey.models.moderated_chain import ModeratedChain, Moderator
from sgsurvey.models.unit_moments import UnitMoments, clustered
from sgsurvey.models.wording import conf_head
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

# Below so many clusters percentiles of the bootstrap cover too little.
FEW = 20
EFFECTS = {
    "total": Text("总效应", "Total"),
    "direct": Text("直接效应", "Direct"),
    "indirect": Text("间接效应合计", "Indirect, all"),
}
INDEX_NAME = Text("指数", "Index")
INDEX = Text(
    "指数：调节变量每高1个单位，间接效应变化多少（Hayes 2015）；其区间不含0，才说明间接效应随调节变量而不同。",
    "Index: by how much the indirect effect differs per unit of the moderator (Hayes 2015); only its interval can tell "
    "that it differs at all.",
)
AT_MEAN = Text(
    "总效应、直接效应和间接效应是{name}取均值（{mean}）时的。",
    "Total, direct and indirect are those at the mean of {name} ({mean}).",
)

STATISTICAL = Text(
    "“中介”是统计意义上的：一次性横截面数据不能证明先后次序和因果。",
    "“Mediation” is statistical: one cross-section cannot show what comes first, nor what causes what.",
)
FEW_CLUSTERS = Text(
    '群组少于20个，百分位区间偏窄，宜用interval="jackknife"。',
    'With fewer than 20 clusters percentile intervals are too narrow; interval="jackknife" is safer.',
)


@dataclass(frozen=True)
class Mediation(Inline):
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
    conditional : DataFrame
        With a moderator: ``effect`` (each path, "direct"), ``at`` (the moderator's value), ``estimate, std_error,
        conf_low, conf_high``; empty without one.
    index : DataFrame
        The index of moderated mediation of each path (Hayes 2015, Multivariate Behavioral Research 50, 1-22): ``effect,
        estimate, std_error, conf_low, conf_high``; empty where the path changes along a curve.
    sensitivity : DataFrame
        ``mediator, rho``: the correlation of the errors of mediator and outcome at which the path through this mediator
        alone would be 0 (Imai, Keele and Yamamoto 2010, Statistical Science 25, 51-71): their partial correlation;
        empty with a moderator.
    fits : tuple of Fit
        The regressions of the mediators in order, of the outcome, and (without a moderator) of the outcome without
        mediators.
    interval : str
    draws, failed : int
    notes : tuple of Text
    outcome, moderator : Text
    seed : int or None
    """

    paths: pd.DataFrame
    conditional: pd.DataFrame
    index: pd.DataFrame
    sensitivity: pd.DataFrame
    fits: tuple[Fit, ...]
    interval: IntervalKind
    draws: int
    failed: int
    notes: tuple[Text, ...]
    outcome: Text
    moderator: Text
    seed: int | None

    inline_columns = (*TOLD, "standardised")
    named_by = "effect"

    def _table(self) -> Table:
        words = self.frame.assign(effect=[self._path(name) for name in self.frame["effect"]])
        columns = [
            *self._columns(),
            Column("share", Text("占总效应（%）", "Of the total (%)"), "percent"),
            Column("standardised", Text("标准化", "Standardised"), digits=3),
        ]
        title = Text("{outcome}：直接与间接效应", "{outcome}: direct and indirect effects").format(outcome=self.outcome)
        table = Table.from_frame(words, columns, id="mediation", title=title, notes=(*self.notes, STATISTICAL))
        return table.telling(*of_effects(table))

    def _columns(self) -> list[Column]:
        return [
            Column("effect", Text("效应", "Effect"), "text"),
            Column("estimate", HEADS["estimate"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("conf_low:conf_high", conf_head(LEVEL), "interval", digits=3),
        ]

    def _path(self, name: str) -> Text:
        if name in EFFECTS:
            return EFFECTS[name]
        stops = [self.basis.label(stop) for stop in name.split(ARROW)]
        return Text(ARROW.join(stop.zh for stop in stops), ARROW.join(stop.en for stop in stops))

    def conditional_table(self, *, language: Language | None = None) -> Table:
        """Effects at values of the moderator, and the indices of moderated mediation.

        Raises
        ------
        EstimationError
            There is no moderator.
        """
        if self.conditional.empty:
            raise EstimationError("there is no moderator.", where="conditional_table", remedy="Name one: moderator=.")
        at = [in_prose(value, "estimate") for value in self.conditional["at"]]
        index = self.index.assign(at=pd.Series([INDEX_NAME] * len(self.index), dtype=object))
        words = pd.concat([self.conditional.assign(at=pd.Series(at, dtype=object)), index], ignore_index=True)
        words = words.assign(effect=[self._path(name) for name in words["effect"]])
        columns = [Column("effect", Text("效应", "Effect"), "text"), Column("at", self.moderator, "text")]
        title = Text("{outcome}：有调节的中介", "{outcome}: effects at values of the moderator")
        notes = (*([INDEX] if len(self.index) else []), *self.notes, STATISTICAL)
        table = Table.from_frame(words, [*columns, *self._columns()[1:]], id="moderated_mediation", notes=notes,
                                 title=title.format(outcome=self.outcome))  # fmt: skip
        return self.page(table.telling(*of_conditional(table, self.moderator, INDEX_NAME)), language)

    def paths_table(self, *, language: Language | None = None) -> Table:
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
        table = Table.from_frame(words, columns, id="mediation_paths", title=title, group="outcome",
                                 notes=self.fits[0].covariance.notes)  # fmt: skip
        table = without_few(table, self.paths["estimate"])
        return self.page(table.telling(*of_paths(table)), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The effects with their intervals; at values of the moderator where there is one."""
        from sgsurvey.figures.forest import forest

        language = language or self.basis.language
        shown = self.frame if self.conditional.empty else self.conditional
        shown = shown.assign(term=[self._path(name).to(language) for name in shown["effect"]])
        if "at" in shown:
            at = [in_prose(value, "estimate").to(language) for value in shown["at"]]
            name = self.moderator.to(language)
            shown = shown.assign(group=shown["term"], term=[f"{name} = {value}" for value in at])
        return forest(shown, n=self.n, ax=ax, language=language)


def mediation(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    through: str | Sequence[str],
    moderator: str | Moderator | None = None,
    cluster: str | None = None,
    interval: IntervalKind | EffectInterval = "percentile",
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
    moderator : str or Moderator, optional
        What the slopes from cause to mediators differ over; ``sg.Moderator("MGT", of=("second",))`` for other paths.
    cluster : str, optional
        Column of clusters; the design's unless named.
    interval : "percentile", "bca", "jackknife", "montecarlo" or EffectInterval
        Bootstrap of clusters (rows where there are none) within strata; leaving each out in turn, with t; or draws of
        the coefficients from their estimated errors.
    seed : int, optional
        Asked for unless the interval is the jackknife's.

    Notes
    -----
    Effects are products of slopes (Alwin and Hauser 1975); standard errors of single slopes are those of ``ols``.
    Effects at values of a moderator hold these values fixed over the draws.

    Raises
    ------
    DataError, DesignError, EstimationError
        As ``ols``; a predictor that does not vary within clusters; mediators in a row with a moderator; no ``seed``.
    """
    asked = interval if isinstance(interval, EffectInterval) else EffectInterval(interval)
    names, serial = mediators_of(through)
    answers = clustered(as_columns(data), cluster)
    answers.refuse_design("mediation", "replicates")
    chain = _chain(answers, formula, names, moderator, serial=serial)
    whole = chain.outcome
    if any(rare and name == chain.names[0] for name, rare in zip(whole.names, whole.rare, strict=True)):
        raise DataError(
            f"fewer than {whole.smallest} people have one of the values of '{chain.names[0]}'.",
            where=f"formula '{formula}'",
            remedy="Name another cause: its effects would be the answers of a few people.",
        )
    moments = UnitMoments.of(Placed(Sample.of(answers), chain.outcome.rows), chain.z)
    if answers.design.clusters is not None and not moments.varies_within(chain.cause):
        raise EstimationError(
            f"'{chain.names[0]}' does not vary within clusters, and a path through what persons said mixes two levels.",
            where=f"formula '{formula}'",
            remedy="Use one row per cluster, with the means of mediators and outcome.",
        )
    found = limits(chain, moments, asked, seed)
    lines = chain.lines.assign(
        estimate=chain.effects(moments.total)[0], std_error=found.std_error, conf_low=found.low, conf_high=found.high
    )
    parts = {kind: lines[lines["kind"] == kind].drop(columns="kind") for kind in ("effect", "conditional", "index")}
    nothing = pd.DataFrame(columns=["mediator", "rho"])
    return Mediation(
        _with_shares(parts["effect"].drop(columns="at"), chain),
        _basis(answers, chain),
        _paths(chain),
        parts["conditional"].reset_index(drop=True),
        parts["index"].drop(columns="at").reset_index(drop=True),
        chain.sensitivity(moments.total) if isinstance(chain, MediationChain) else nothing,
        chain.fits,
        asked.kind,
        found.draws,
        found.failed,
        tuple(_notes(answers, chain, asked, found, moments)),
        chain.outcome.outcome_label,
        variable_label(answers, chain.moderator.name) if isinstance(chain, ModeratedChain) else Text("", ""),
        seed,
    )


def _chain(
    answers: Responses, formula: str, names: list[str], moderator: str | Moderator | None, *, serial: bool
) -> MediationChain | ModeratedChain:
    if moderator is None:
        return MediationChain.of(answers, formula, names, serial=serial)
    if serial:
        raise EstimationError(
            "a moderator goes with mediators side by side.", where="through", remedy="Name them in a list."
        )
    asked = moderator if isinstance(moderator, Moderator) else Moderator(moderator)
    return ModeratedChain.of(answers, formula, names, asked)


def _with_shares(frame: pd.DataFrame, chain: MediationChain | ModeratedChain) -> pd.DataFrame:
    """The effects with their shares of the total, where that is certain, and standardised."""
    estimate = frame["estimate"].to_numpy()
    certain = bool(frame["conf_low"].iloc[0] > 0 or frame["conf_high"].iloc[0] < 0)
    share = np.where(certain & (estimate * estimate[0] > 0), estimate / estimate[0], np.nan)
    x, y, w = chain.z[:, chain.cause], chain.z[:, -1], chain.outcome.weights
    spread = np.sqrt(np.cov(x, aweights=w, ddof=0) / np.cov(y, aweights=w, ddof=0))
    return frame.assign(share=share, standardised=estimate * spread)


def _basis(answers: Responses, chain: MediationChain | ModeratedChain) -> Basis:
    labels = {name: label for one in chain.fits for name, label in _labels(one.design).items()}
    return answers.basis(len(chain.outcome.rows), chain.dropped).labelled(labels)


def _labels(design: DesignMatrix) -> dict[str, Text]:
    return {design.outcome: design.outcome_label, **dict(zip(design.names, design.labels, strict=True))}


def _paths(chain: MediationChain | ModeratedChain) -> pd.DataFrame:
    """Every coefficient of the regressions that the paths come from."""
    parts = []
    for one in chain.regressions:
        part = one.frame(LEVEL)
        part.insert(0, "outcome", one.design.outcome)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _notes(
    answers: Responses,
    chain: MediationChain | ModeratedChain,
    asked: EffectInterval,
    found: Limits,
    moments: UnitMoments,
) -> list[Text]:
    df = moments.df
    notes = []
    if isinstance(chain, ModeratedChain):
        name = variable_label(answers, chain.moderator.name)
        notes.append(AT_MEAN.format(name=name, mean=in_prose(chain.mean, "estimate")))
    notes.append(INTERVALS[asked.kind].format(draws=f"{found.draws}", df=f"{df:g}"))
    if asked.kind in ("percentile", "bca") and answers.design.clusters is not None and df + 1 < FEW:
        notes.append(FEW_CLUSTERS)
    return notes
