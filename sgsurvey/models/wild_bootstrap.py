"""Tests of regression slopes with few clusters: the wild cluster bootstrap with the null imposed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DesignError, EstimationError
from sgsurvey.models.clusters import Groups
from sgsurvey.models.design_matrix import INTERCEPT, complete_rows, design_matrix
from sgsurvey.models.fit import check_estimable
from sgsurvey.models.formula import read_formula
from sgsurvey.models.unit_moments import clustered
from sgsurvey.models.wording import check_level, conf_head
from sgsurvey.numerics.wild import Signs, SlopeSums, cluster_signs
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

# With fewer clusters the two signs of Rademacher make too few different samples (Webb 2023).
ENOUGH = 12


@dataclass(frozen=True)
class WildBootstrap(Result):
    """Slopes with bootstrap p-values and intervals.

    Attributes
    ----------
    frame : DataFrame
        One row per slope: ``term, estimate, statistic`` (t with CR0), ``p_value, conf_low, conf_high`` (an end is
        infinite where no null beyond it is rejected).
    clusters : int
    draws : int
        Samples used: all sign patterns where these are fewer than asked for.
    signs : "webb" or "rademacher"
    seed : int
    conf_level : float
    outcome : Text
    """

    clusters: int
    draws: int
    signs: Signs
    seed: int
    conf_level: float
    outcome: Text

    def _table(self) -> Table:
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"], digits=3),
            Column("statistic", HEADS["t"], "statistic"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("conf_low:conf_high", conf_head(self.conf_level), "interval", digits=3),
        ]
        words = self.frame.assign(term=[self.basis.label(term) for term in self.frame["term"]])
        title = Text("{outcome}的回归：野聚类自助检验", "Regression of {outcome}: wild cluster bootstrap")
        note = Text(
            "原假设下的野聚类自助法（{kind}权重，{draws}个样本，G = {g}）；区间由检验反推。",
            "Wild cluster bootstrap with the null imposed ({kind} weights, {draws} samples, G = {g}); intervals by "
            "inverting the test.",
        ).format(kind=self.signs.capitalize(), draws=f"{self.draws}", g=f"{self.clusters}")
        return Table.from_frame(
            words, columns, id="wild_bootstrap", title=title.format(outcome=self.outcome), notes=(note,)
        )


def wild_bootstrap(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    cluster: str | None = None,
    signs: Signs | None = None,
    draws: int = 9999,
    seed: int,
    conf_level: float = 0.95,
) -> WildBootstrap:
    """Test each slope of a linear regression by the wild cluster bootstrap with the null imposed.

    For few clusters, beside or instead of CR2.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights and clusters of its design are used; a row without a cluster is a unit of its own.
    formula : str
        As in ``ols``.
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
    read = read_formula(formula)
    rows = complete_rows(answers, read.variables)
    design = design_matrix(answers, read, rows)
    check_estimable(design)
    groups = Groups.of(answers.frame[answers.design.clusters].iloc[design.rows])
    units = groups.named + groups.loose
    kind: Signs = signs or ("webb" if units < ENOUGH else "rademacher")
    drawn = cluster_signs(units, draws, kind, seed)
    slopes = [j for j, name in enumerate(design.names) if name != INTERCEPT]
    lines = []
    for j in slopes:
        sums = SlopeSums.of(design.X, design.y, j, groups.codes, design.weights)
        low, high = sums.interval(drawn, conf_level)
        lines.append([design.names[j], sums.slope, sums.statistic, sums.p_value(0.0, drawn), low, high])
    frame = pd.DataFrame(lines, columns=["term", "estimate", "statistic", "p_value", "conf_low", "conf_high"])
    basis = answers.basis(len(design.rows), rows.dropped)
    basis = basis.labelled(dict(zip(design.names, design.labels, strict=True)))
    return WildBootstrap(frame, basis, units, drawn.shape[1], kind, seed, conf_level, design.outcome_label)
