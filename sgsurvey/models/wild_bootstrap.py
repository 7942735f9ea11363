"""Tests of regression slopes with few clusters: the wild cluster bootstrap with the null imposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError, EstimationError, did_you_mean
from sgsurvey.models.clusters import Groups
from sgsurvey.models.coefficient_sentences import TOLD, of_wild_bootstrap
from sgsurvey.models.contrast_sentences import of_contrasts
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix, complete_rows, design_matrix
from sgsurvey.models.fit import check_estimable
from sgsurvey.models.formula import read_formula
from sgsurvey.models.hidden_coefficients import hide_few, without_few
from sgsurvey.models.unit_moments import clustered
from sgsurvey.models.wording import check_level, conf_head
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.multiplicity import share_as_large, stepped_down
from sgsurvey.numerics.wild import Signs, SlopeSums, cluster_signs
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, listed

# With fewer clusters the two signs of Rademacher make too few different samples (Webb 2023).
ENOUGH = 12


@dataclass(frozen=True)
class WildBootstrap(Inline):
    """Slopes with bootstrap p-values and intervals.

    Attributes
    ----------
    frame : DataFrame
        One row per slope: ``outcome, term, estimate, statistic`` (t with CR0), ``p_value, conf_low, conf_high`` (an end
        is infinite where no null beyond it is rejected).
    clusters : int
    draws : int
        Samples used: all sign patterns where these are fewer than asked for.
    failed : int
        Slopes of samples that had no standard error; they count as larger than anything seen.
    signs : "webb" or "rademacher"
    seed : int
    conf_level : float
    drawn : ndarray, shape (slopes, draws)
        ``|t|`` of each slope in the samples in which it is 0.
    """

    clusters: int
    draws: int
    failed: int
    signs: Signs
    seed: int
    conf_level: float
    drawn: Array

    def romano_wolf(self, terms: Sequence[str] | None = None) -> RomanoWolf:
        """The slopes adjusted together by Romano and Wolf's step-down: all of them, or those of ``terms``.

        Unlike Holm's method it uses how the statistics go together in the samples.

        Raises
        ------
        DataError
            A term is none of the slopes.
        """
        known = list(dict.fromkeys(self.frame["term"]))
        for term in terms or ():
            if term not in known:
                raise DataError(
                    f"there is no slope '{term}'.{did_you_mean(term, known)}", remedy=f"Choose from {', '.join(known)}."
                )
        chosen = self.frame["term"].isin(known if terms is None else terms).to_numpy()
        if not chosen.any():
            raise DataError("the family is empty.", where="terms=", remedy=f"Name some of {', '.join(known)}.")
        frame = self.frame.loc[chosen, ["outcome", "term", "estimate", "statistic", "p_value"]].reset_index(drop=True)
        frame["p_adjusted"] = stepped_down(frame["statistic"].abs().to_numpy(), self.drawn[chosen])
        return RomanoWolf(frame, self.basis, self._note(), self.seed)

    def _note(self) -> Text:
        note = Text(
            "原假设下的野聚类自助法（{kind}权重，{draws}个样本，G = {g}）",
            "Wild cluster bootstrap with the null imposed ({kind} weights, {draws} samples, G = {g})",
        ).format(kind=self.signs.capitalize(), draws=f"{self.draws}", g=f"{self.clusters}")
        if not self.failed:
            return note
        return Text(
            f"{note.zh}，{self.failed}次估计没有标准误，按最极端计",
            f"{note.en}; {self.failed} estimate(s) without a standard error count as the most extreme",
        )

    inline_columns = TOLD
    parted_by = "outcome"

    def _table(self) -> Table:
        columns = [
            *outcome_column(self.frame),
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"], digits=3),
            Column("statistic", HEADS["t"], "statistic"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("conf_low:conf_high", conf_head(self.conf_level), "interval", digits=3),
        ]
        note = Text("{note}；区间由检验反推。", "{note}; intervals by inverting the test.").format(note=self._note())
        title = Text("{outcome}的回归：野聚类自助检验", "Regression of {outcome}: wild cluster bootstrap")
        outcome = outcomes_of(self.frame, self.basis)
        words = in_words(self.frame, self.basis)
        table = Table.from_frame(
            words, columns, id="wild_bootstrap", title=title.format(outcome=outcome), notes=(note,)
        )
        table = without_few(table, self.frame["estimate"])
        return table.telling(*of_wild_bootstrap(table, outcome))


@dataclass(frozen=True)
class RomanoWolf(Inline):
    """Slopes with p-values adjusted together by step-down over their joint bootstrap distribution.

    Attributes
    ----------
    frame : DataFrame
        ``outcome, term, estimate, statistic, p_value, p_adjusted``; the family is its rows.
    bootstrap : Text
        What the draws are.
    seed : int
    """

    bootstrap: Text
    seed: int

    @property
    def family(self) -> int:
        """How many slopes were adjusted together."""
        return len(self.frame)

    inline_columns = (*TOLD, "p_adjusted")
    parted_by = "outcome"

    def _table(self) -> Table:
        columns = [
            *outcome_column(self.frame),
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"], digits=3),
            Column("statistic", HEADS["t"], "statistic"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
        ]
        note = Text(
            "Romano–Wolf逐步向下校正，同族{m}个检验；{note}。",
            "Adjusted by Romano–Wolf's step-down, family of {m}. {note}.",
        ).format(m=self.family, note=self.bootstrap)
        title = Text("{outcome}的回归：多重检验", "Regression of {outcome}: tests adjusted together")
        table = Table.from_frame(
            in_words(self.frame, self.basis), columns, id="romano_wolf",
            title=title.format(outcome=outcomes_of(self.frame, self.basis)), notes=(note,),
        )  # fmt: skip
        shown = without_few(table, self.frame["estimate"])
        return shown.telling(*of_contrasts(shown, "term"))


def outcome_column(frame: pd.DataFrame) -> list[Column]:
    """A column of outcomes where there are several."""
    return [Column("outcome", HEADS["outcome"], "text")] if frame["outcome"].nunique() > 1 else []


def in_words(frame: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """The frame with outcomes and terms by their labels."""
    return frame.assign(**{key: [basis.label(name) for name in frame[key]] for key in ("outcome", "term")})


def outcomes_of(frame: pd.DataFrame, basis: Basis) -> Text:
    """The outcomes in one phrase."""
    labels = [basis.label(name) for name in dict.fromkeys(frame["outcome"])]
    return listed(labels)


def wild_bootstrap(
    data: Responses | pd.DataFrame,
    formula: str | Sequence[str],
    *,
    cluster: str | None = None,
    signs: Signs | None = None,
    draws: int = 9999,
    seed: int,
    conf_level: float = 0.95,
) -> WildBootstrap:
    """Test each slope of a linear regression by the wild cluster bootstrap with the null imposed.

    For few clusters, beside or instead of CR2; ``.romano_wolf()`` adjusts several slopes together.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights and clusters of its design are used; a row without a cluster is a unit of its own.
    formula : str or sequence of str
        As in ``ols``; several, for outcomes whose slopes are to be adjusted together, are fitted to the rows that are
        complete on the variables of all of them, and drawn with the same multipliers.
    cluster : str, optional
        Column of clusters; the design's unless named.
    signs : "rademacher" or "webb", optional
        Two points or six; six with fewer than 12 clusters unless named.
    draws : int
    seed : int
    conf_level : float

    Raises
    ------
    DesignError
        No clusters, or a design with strata, population sizes, stages or replicates.
    DataError, EstimationError
        As ``ols``; unknown ``signs``; fewer than 99 ``draws``.

    References
    ----------
    Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90, 414-427.
    """
    check_level(conf_level)
    if signs not in (None, "rademacher", "webb"):
        raise EstimationError(f"there are no weights '{signs}'.", where="signs", remedy="Use rademacher or webb.")
    if draws < 99:
        raise EstimationError(f"{draws} draws are too few for a p-value.", where="draws", remedy="Give 999 or more.")
    answers = clustered(as_columns(data), cluster)
    answers.refuse_design("wild_bootstrap", "strata", "fpc", "stages", "replicates")
    if answers.design.clusters is None:
        raise DesignError("the wild bootstrap needs clusters.", remedy="Name their column with cluster=.")
    texts = [formula] if isinstance(formula, str) else list(formula)
    if not texts:
        raise DataError("there is no formula.", remedy="Write one such as 'SAT ~ FUN + MGT'.")
    read = [read_formula(text) for text in texts]
    rows = complete_rows(answers, list(dict.fromkeys(name for one in read for name in one.variables)))
    groups = Groups.of(answers.frame[answers.design.clusters].iloc[rows.kept])
    units = groups.named + groups.loose
    kind: Signs = signs or ("webb" if units < ENOUGH else "rademacher")
    multipliers = cluster_signs(units, draws, kind, seed)
    basis, frames, drawn = answers.basis(len(rows.kept), rows.dropped), [], []
    for one in read:
        design = design_matrix(answers, one, rows)
        check_estimable(design)
        lines, own = _slopes(design, groups, multipliers, conf_level)
        frames.append(lines)
        drawn.append(own)
        basis = basis.labelled(dict(zip(design.names, design.labels, strict=True)))
        basis = basis.labelled({design.outcome: design.outcome_label})
    statistics = np.concatenate(drawn)
    frame = pd.concat(frames, ignore_index=True)
    failed = int(np.isinf(statistics).sum())
    return WildBootstrap(frame, basis, units, multipliers.shape[1], failed, kind, seed, conf_level, statistics)


def _slopes(design: DesignMatrix, groups: Groups, multipliers: Array, conf_level: float) -> tuple[pd.DataFrame, Array]:
    """A line per slope, and the absolute t of each in the samples in which it is 0; shape (slopes, draws)."""
    lines, drawn = [], []
    for j, name in enumerate(design.names):
        if name == INTERCEPT:
            continue
        sums = SlopeSums.of(design.X, design.y, j, groups.codes, design.weights)
        low, high = sums.interval(multipliers, conf_level)
        drawn.append(sums.null_statistics(0.0, multipliers))
        p_value = share_as_large(abs(sums.statistic), drawn[-1])
        lines.append([design.outcome, name, sums.slope, sums.statistic, p_value, low, high])
    columns = ["outcome", "term", "estimate", "statistic", "p_value", "conf_low", "conf_high"]
    rare = np.array(
        [hidden for name, hidden in zip(design.names, design.rare, strict=True) if name != INTERCEPT], dtype=bool
    )
    return hide_few(pd.DataFrame(lines, columns=columns), rare), np.array(drawn).reshape(
        len(lines), multipliers.shape[1]
    )
