"""Relative importance of predictors: LMG with its interval and noise floor, and who dominates whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import EstimationError
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_based import Placed
from sgsurvey.models.design_matrix import DesignMatrix, complete_rows, design_matrix
from sgsurvey.models.dominance_sentences import of_dominance
from sgsurvey.models.fit import check_estimable
from sgsurvey.models.formula import read_formula
from sgsurvey.models.players import LEVEL, Game, Spread, bootstrap, game_of, jackknife, noise_floors
from sgsurvey.models.unit_moments import UnitMoments, clustered
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.dominance import (
    complete_dominance,
    conditional_dominance,
    left_over,
)
from sgsurvey.numerics.linalg import correlation
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes


EXPLORATORY = Text(
    "区间描述重要性的不确定程度，不是检验：没有关系的自变量，其区间也在0以上；请与噪声上限比较。",
    "The interval tells how uncertain an importance is; it is no test, for that of an unrelated predictor lies above 0 "
    "too: compare with the noise floor.",
)
UNSIGNED = Text("重要性没有方向；方向见β与r。", "An importance has no sign; for direction see β and r.")


@dataclass(frozen=True)
class Dominance(Inline):
    """How much of R² each predictor accounts for.

    Attributes
    ----------
    frame : DataFrame
        One row per predictor: ``term, block, estimate`` (LMG, in units of R²), ``share`` (of what all account for),
        ``conf_low, conf_high, rank, p_first`` (share of draws in which it ranks first), ``noise_floor`` (95 % point of
        its importance when whole units trade their values of it), ``beta`` and ``r`` (partial on the controls; nan for
        categories), ``suppressed`` (their signs differ); of ordered answers ``linear_share``, that of LMG on the codes.
    blocks : DataFrame
        ``block, estimate, share, conf_low, conf_high``.
    conditional : DataFrame
        Mean addition to R² by the number of other predictors present, one row per predictor.
    complete : DataFrame
        Share of subsets of the others to which the row adds more than the column.
    r_squared, r_squared_controls : float
        What predictors account for beyond the controls (the estimates sum to it), and what the controls do.
    method : "lmg", "genizi" or "mcfadden"
    draws, failed : int
        Bootstrap samples, and those in which something could not be computed.
    notes : tuple of Text
    conf_level : float
    seed : int or None
    """

    blocks: pd.DataFrame
    conditional: pd.DataFrame
    complete: pd.DataFrame
    r_squared: float
    r_squared_controls: float
    method: str
    draws: int
    failed: int
    notes: tuple[Text, ...]
    outcome: Text
    conf_level: float
    seed: int | None

    @property
    def ordinal(self) -> bool:
        """Whether it is McFadden's R² of ordered logits that is shared out."""
        return self.method == "mcfadden"

    inline_columns = ("estimate", "conf_low:conf_high", "share", "p_first")

    def _row_names(self) -> Iterable[object]:
        return list(self.frame.sort_values("rank")["term"])

    def _table(self) -> Table:
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", Text("重要性", "Importance"), "bounded", digits=3),
            Column("share", Text("占比（%）", "Share (%)"), "percent"),
            *(
                [Column("conf_low:conf_high", conf_head(self.conf_level), "bounded_interval", digits=3)]
                if self.frame["conf_low"].notna().any()
                else []
            ),
            *([Column("linear_share", Text("线性占比（%）", "Linear share (%)"), "percent")] if self.ordinal else []),
            *([Column("p_first", Text("居首概率（%）", "P(first) (%)"), "percent")] if self.draws else []),
            *([Column("noise_floor", Text("噪声上限", "Noise floor"), "bounded", digits=3)] if self.draws else []),
            Column("beta", Text("标准化斜率", "Slope (SD)") if self.ordinal else HEADS["beta"], digits=2),
            Column("r", HEADS["r"], "bounded"),
        ]
        words = self.frame.assign(term=[self.basis.label(term) for term in self.frame["term"]])
        title = Text("{outcome}：各因素的相对重要性", "{outcome}: relative importance of predictors")
        table = Table.from_frame(
            words.sort_values("rank"), columns, id="dominance", title=title.format(outcome=self.outcome),
            notes=(*self._sums(), *self.notes),
        )  # fmt: skip
        return table.telling(*of_dominance(table, self.outcome))

    def _sums(self) -> list[Text]:
        explained, name = in_prose(self.r_squared, "bounded", 3), "McFadden R²" if self.ordinal else "R²"
        sums = [Text("合计{name} = {r}。", "They sum to {name} = {r}.").format(name=name, r=explained)]
        if self.r_squared_controls > 0:
            before = in_prose(self.r_squared_controls, "bounded", 3)
            sums = [
                Text(
                    "控制变量先占{name} = {c}；各因素在此之外合计{name} = {r}。",
                    "The controls come first with {name} = {c}; beyond them the predictors sum to {name} = {r}.",
                ).format(name=name, c=before, r=explained)
            ]
        return sums

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Bars of the importances with their intervals, largest first, what each dominates completely at its side."""
        from sgsurvey.figures.dominance_bars import dominance_bars

        language = language or self.basis.language
        ranked = self.frame.sort_values("rank", kind="stable")
        place = {term: k for k, term in enumerate(ranked["term"], 1)}
        beaten = (self.complete == 1).to_dict("index")
        shown = ranked[["estimate", "conf_low", "conf_high"]].assign(
            label=[f"{k} {self.basis.label(term).to(language)}" for term, k in place.items()],
            dominates=[", ".join(str(k) for other, k in place.items() if beaten[term][other]) for term in place],
        )
        name = "McFadden R²" if self.ordinal else "R²"
        return dominance_bars(shown, explained=name, whole=self.r_squared, n=self.n, ax=ax, language=language)


def dominance(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    controls: str = "",
    blocks: Mapping[str, Sequence[str]] | None = None,
    cluster: str | None = None,
    draws: int = 0,
    seed: int | None = None,
) -> Dominance:
    """Relative importance of predictors (LMG): each one's mean addition to R² over all orders of entry.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights, strata and clusters of its design are used.
    formula : str
        ``"SAT ~ MGT + FUN + SUP"``; a category ``C(role)`` counts as one predictor.
    controls : str
        What is partialled out first, as in ``"C(role) + age5"``.
    blocks : mapping of name to terms, optional
        Predictors that enter together (Owen values): those of a block sum to what the block has as one predictor.
    cluster : str, optional
        Column of clusters; the design's unless named.
    draws : int
        Bootstrap samples of clusters (of rows where there are none) within strata, for percentile intervals, rank
        probabilities and the noise floor.  0: jackknife over clusters with t(clusters - strata).
    seed : int, optional
        Asked for where something is drawn.

    Notes
    -----
    Beyond 20 predictors the weights are those of Genizi (1993), which Johnson (2000) found again; ``method`` says so.

    Raises
    ------
    DataError, DesignError, EstimationError
        As ``ols``; products among the predictors; a block that names something else; ``draws`` without ``seed``.
    """
    if draws and seed is None:
        raise EstimationError("the bootstrap draws at random.", where="seed", remedy="Give a seed, as in seed=7.")
    if 0 < draws < 100:
        raise EstimationError(f"{draws} draws give no interval.", where="draws", remedy="Give 1000 or more, or 0.")
    answers = clustered(as_columns(data), cluster)
    answers.refuse_design("dominance", "replicates")
    design, predictors, rows = designed(answers, formula, controls)
    game, z = game_of(design, predictors, blocks)
    moments = UnitMoments.of(Placed(Sample.of(answers), design.rows), z)
    rest = left_over(moments.total, game.controls)
    estimate = game.values(moments.total)[0]
    spread = bootstrap(game, moments, draws, seed) if draws and seed is not None else jackknife(game, moments)
    floor = (
        noise_floors(game, moments, seed)
        if draws and seed is not None and game.exact
        else np.full(len(estimate), np.nan)
    )
    names = [term.name for term in game.terms]
    frame, block_frame = _frames(game, estimate, spread, floor, rest[0], blocks or {})
    whole = left_over(moments.total, 1)[0, -1, -1]
    table = game.r_squared(rest)[0] if game.exact else None
    basis = answers.basis(len(design.rows), rows)
    return Dominance(
        frame,
        basis.labelled({term.name: term.label for term in game.terms}),
        block_frame,
        pd.DataFrame(np.nan if table is None else conditional_dominance(table), names, range(len(names))),
        pd.DataFrame(np.nan if table is None else complete_dominance(table), names, names),
        float(estimate.sum()),
        float(1 - rest[0, -1, -1] / whole),
        "lmg" if game.exact else "genizi",
        draws,
        spread.failed,
        _notes(game, spread, draws),
        design.outcome_label,
        LEVEL,
        seed,
    )


# Preparation ------------------------------------------------------------------------------------------------


def designed(answers: Responses, formula: str, controls: str) -> tuple[DesignMatrix, list[str], dict[str, int]]:
    """The design matrix of predictors and controls, and the names of the predictors' terms."""
    alone, both = read_formula(formula), read_formula(f"{formula} + {controls}" if controls else formula)
    rows = complete_rows(answers, both.variables)
    design = design_matrix(answers, both, rows)
    check_estimable(design)
    predictors = [term.name for term in design_matrix(answers, alone, rows).terms]
    if not design.intercept:
        raise EstimationError("R² needs the constant.", where=f"formula '{formula}'", remedy="Take out '0' or '- 1'.")
    products = [name for name in predictors if ":" in name]
    if products:
        raise EstimationError(
            f"the product {products[0]} has no importance of its own beside its factors.",
            where=f"formula '{formula}'",
            remedy="Put it among the controls, or leave it out.",
        )
    if not predictors:
        raise EstimationError("there is nothing to rank.", where=f"formula '{formula}'", remedy="Name predictors.")
    return design, predictors, rows.dropped


# Results ----------------------------------------------------------------------------------------------------


def _frames(
    game: Game, estimate: Array, spread: Spread, floor: Array, rest: Array, blocks: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    whole = float(estimate.sum())
    low, high = spread.interval(estimate, spread.values)
    drawn = spread.weights is None
    first = (spread.values.argmax(axis=1)[:, None] == np.arange(len(estimate))).mean(axis=0)
    beta, r = _directions(game, rest)
    frame = pd.DataFrame(
        {
            "term": [term.name for term in game.terms],
            "block": game.block_of(blocks),
            "estimate": estimate,
            "share": estimate / whole,
            "conf_low": low,
            "conf_high": high,
            "rank": pd.Series(-estimate).rank(method="min").astype(int),
            "p_first": first if drawn else np.nan,
            "noise_floor": floor,
            "beta": beta,
            "r": r,
            "suppressed": beta * r < 0,
        }
    )
    sums = np.array([[float(j in block) for block in game.blocks] for j in range(len(game.terms))])
    block_low, block_high = spread.interval(estimate @ sums, spread.values @ sums)
    values = estimate @ sums
    columns = {"estimate": values, "share": values / whole, "conf_low": block_low, "conf_high": block_high}
    return frame, pd.DataFrame({"block": list(game.named_blocks(blocks)), **columns})


def _directions(game: Game, rest: Array) -> tuple[Array, Array]:
    """Standardised slope beside the other predictors, and correlation, both beyond the controls; nan for categories."""
    corr = correlation(rest)
    slopes = np.linalg.solve(corr[:-1, :-1], corr[:-1, -1])
    single = np.array(
        [len(columns) == 1 and bool(term.number) for columns, term in zip(game.players, game.terms, strict=True)]
    )
    at = [columns[0] for columns in game.players]
    return np.where(single, slopes[at], np.nan), np.where(single, corr[at, -1], np.nan)


def _notes(game: Game, spread: Spread, draws: int) -> tuple[Text, ...]:
    method = (
        Text("重要性为LMG：各种进入次序下R²增量的平均。", "Importance is LMG: the mean addition to R² over all orders.")
        if game.exact
        else Text("重要性为Genizi（Johnson）权重。", "Importance is by Genizi's (Johnson's) weights.")
    )
    if len(game.blocks) < len(game.players):
        method = Text("重要性为LMG，成组进入（Owen值）。", "Importance is LMG with blocks that enter together (Owen).")
    interval = (
        Text(f"区间为{draws}次自助抽样的百分位数。", f"Percentile intervals of {draws} bootstrap draws.")
        if draws
        else Text(
            f"区间用刀切法，t自由度{spread.df:g}。", f"Jackknife intervals, t with {spread.df:g} degrees of freedom."
        )
    )
    failed = Text(f"其中{spread.failed}次无法计算。", f"{spread.failed} draws could not be computed.")
    return (method, interval, *([failed] if spread.failed else []), UNSIGNED, *([EXPLORATORY] if draws else []))
