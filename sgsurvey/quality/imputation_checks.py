"""What a reviewer asks of an imputation: whether the chains have settled, and whether what was drawn is plausible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError
from sgsurvey.numerics.linalg import Array
from sgsurvey.quality.chained import Chains
from sgsurvey.quality.missing_patterns import ALL
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

# Gelman and others' (2013) limit, above which chains have not mixed.
MIXED = 1.1
RHAT = Text(
    "R̂比较链间与链内（各链分前后两半，去掉开头五分之一）的差异；不超过{limit}为已收敛。",
    "R̂ compares variation between and within chains, each cut in two halves after its first fifth; up to {limit} the "
    "chains have mixed.",
)
PLAUSIBLE = Text(
    "差异以作答的标准差为单位。缺失与其他作答有关时两者可以不同；差异大时请说明原因。",
    "Differences are in standard deviations of the answers. The two may differ where what is missing goes with other "
    "answers; large differences want an explanation.",
)


def split_rhat(path: Array) -> float:
    """R-hat of chains cut in halves, after their first fifth; nan with fewer than four iterations left.

    Gelman et al. (2013), Bayesian Data Analysis, section 11.4.

    Parameters
    ----------
    path : ndarray, shape (iterations, chains)
    """
    kept = path[-(-len(path) // 5) :]
    half = len(kept) // 2
    if half < 2:
        return float("nan")
    chains = np.concatenate([kept[:half], kept[len(kept) - half :]], axis=1)
    within = chains.var(axis=0, ddof=1).mean()
    between = half * chains.mean(axis=0).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else float("inf")
    return float(np.sqrt(((half - 1) / half * within + between / half) / within))


@dataclass(frozen=True)
class Convergence(Result):
    """How the chains went.

    Attributes
    ----------
    frame : DataFrame
        ``role, item, iteration, chain, mean, sd`` of the values drawn.
    rhat : DataFrame
        ``role, item, rhat_mean, rhat_sd``; the sd is nan where a single cell was drawn.
    """

    rhat: pd.DataFrame

    @property
    def settled(self) -> bool:
        """Whether no R-hat is above 1.1."""
        return not bool((self.rhat[["rhat_mean", "rhat_sd"]] > MIXED).any(axis=None))

    def _table(self) -> Table:
        page = self.rhat.assign(
            label=self.rhat["item"].map(self.basis.label), block=self.rhat["role"].map(lambda r: _role(self.basis, r))
        )
        columns = [
            Column("item", HEADS["code"], "text"),
            Column("label", HEADS["item"], "text"),
            Column("rhat_mean", Text("均值的R̂", "R̂ of the mean"), "estimate"),
            Column("rhat_sd", Text("标准差的R̂", "R̂ of the SD"), "estimate"),
        ]
        return Table.from_frame(
            page,
            columns,
            id="imputation_convergence",
            title=Text("插补链的收敛", "Convergence of the imputation"),
            notes=(RHAT.format(limit=f"{MIXED:g}"),),
            group="block",
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        role: str | None = None,
        item: str | None = None,
        language: Language | None = None,
    ) -> Axes:
        """Mean of the drawn values by iteration and chain, of the item with the largest R-hat unless one is named."""
        from sgsurvey.figures.imputation import chain_paths

        words = language or self.basis.language
        lines = self.rhat
        for column, value in (("role", role), ("item", item)):
            lines = lines if value is None else lines[lines[column] == value]
        if lines.empty:
            raise nothing_drawn()
        worst = lines.loc[lines["rhat_mean"].fillna(0.0).idxmax()]
        path = self.frame[(self.frame["role"] == worst["role"]) & (self.frame["item"] == worst["item"])]
        return chain_paths(path, title=self.basis.coded(worst["item"]).to(words), ax=ax, language=words)


def nothing_drawn() -> EstimationError:
    """The error for a picture of draws where there are none."""
    return EstimationError(
        Text("没有可画的插补值。", "there are no drawn values to show."),
        remedy=Text("请核对role=和item=，以及是否有缺失。", "Check role= and item=, and whether answers are missing."),
    )


def convergence(chains: Mapping[str, Chains], basis: Basis) -> Convergence:
    """The path of every chain, and R-hat."""
    frames, rhat = [], []
    for role, found in chains.items():
        for item, means in found.means.items():
            iterations, m = means.shape
            sds = found.sds[item]
            grid = np.indices((iterations, m)).reshape(2, -1)
            frames.append(
                pd.DataFrame(
                    {"role": role, "item": item, "iteration": grid[0] + 1, "chain": grid[1] + 1,
                     "mean": means.ravel(), "sd": sds.ravel()}
                )
            )  # fmt: skip
            several = found.drawn[item].shape[1] > 1
            rhat.append((role, item, split_rhat(means), split_rhat(sds) if several else np.nan))
    empty = pd.DataFrame(columns=["role", "item", "iteration", "chain", "mean", "sd"])
    return Convergence(
        pd.concat(frames, ignore_index=True) if frames else empty,
        basis,
        pd.DataFrame(rhat, columns=["role", "item", "rhat_mean", "rhat_sd"]),
    )


@dataclass(frozen=True)
class Distributions(Result):
    """What was answered beside what was drawn.

    Attributes
    ----------
    frame : DataFrame
        ``role, item, n_observed, n_imputed, mean_observed, mean_imputed, sd_observed, sd_imputed, difference`` (of the
        means, in standard deviations of the answers); codes as they were given, reversed items not turned.
    codes : DataFrame
        ``role, item, code, share_observed, share_imputed``, for items of at most eleven different answers.
    """

    codes: pd.DataFrame

    def _table(self) -> Table:
        page = self.frame.assign(
            label=self.frame["item"].map(self.basis.label), block=self.frame["role"].map(lambda r: _role(self.basis, r))
        )
        observed, imputed = Text("作答", "Observed"), Text("插补", "Imputed")
        columns = [
            Column("item", HEADS["code"], "text"),
            Column("label", HEADS["item"], "text"),
            Column("n_observed", HEADS["n"], "count", spanner=observed),
            Column("mean_observed", HEADS["mean"], spanner=observed),
            Column("sd_observed", HEADS["sd"], spanner=observed),
            Column("n_imputed", HEADS["n"], "count", spanner=imputed),
            Column("mean_imputed", HEADS["mean"], spanner=imputed),
            Column("sd_imputed", HEADS["sd"], spanner=imputed),
            Column("difference", HEADS["difference"]),
        ]
        return Table.from_frame(
            page,
            columns,
            id="imputation_distributions",
            title=Text("作答与插补的分布", "Answers observed and imputed"),
            notes=(PLAUSIBLE,),
            group="block",
        )

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Means of what was answered and of what was drawn, item by item."""
        from sgsurvey.figures.imputation import observed_and_imputed

        if self.frame.empty:
            raise nothing_drawn()
        words = language or self.basis.language
        several = self.frame["role"].nunique() > 1
        names = [
            (f"{_role(self.basis, line.role).to(words)}{'：' if words == 'zh' else ': '}" if several else "")
            + line.item
            for line in self.frame.itertuples()
        ]
        return observed_and_imputed(self.frame.assign(term=names), ax=ax, language=words)


def distributions(
    answers: Responses, rows: Mapping[tuple[str, str], np.ndarray], chains: Mapping[str, Chains], basis: Basis
) -> Distributions:
    """Means, standard deviations and shares of both, over all imputations."""
    lines, shares = [], []
    for (role, item), places in rows.items():
        values = answers.items(item, keyed=False)[item].to_numpy(dtype=float)
        inside = (
            np.ones(len(values), dtype=bool) if role == ALL else answers.frame["role"].eq(role).to_numpy(dtype=bool)
        )
        known, drawn = values[inside & ~np.isnan(values)], chains[role].drawn[item]
        sd, spread = known.std(ddof=1), drawn.std(axis=1, ddof=1).mean() if drawn.shape[1] > 1 else np.nan
        away = (drawn.mean() - known.mean()) / sd if sd > 0 else 0.0
        lines.append((role, item, len(known), len(places), known.mean(), drawn.mean(), sd, spread, away))
        codes = np.unique(known)
        if len(codes) <= 11:
            shares += [(role, item, code, (known == code).mean(), (drawn == code).mean()) for code in codes]
    names = ["role", "item", "n_observed", "n_imputed", "mean_observed", "mean_imputed", "sd_observed", "sd_imputed"]
    return Distributions(
        pd.DataFrame(lines, columns=[*names, "difference"]),
        basis,
        pd.DataFrame(shares, columns=["role", "item", "code", "share_observed", "share_imputed"]),
    )


def _role(basis: Basis, role: str) -> Text:
    return HEADS["total"] if role == ALL else basis.label(role)
