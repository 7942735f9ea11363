"""A partial least squares path model as a result: paths, total effects, items, indices, and their pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.refusal import declined
from sgsurvey.answers.responses import Responses
from sgsurvey.measurement.pls_draws import Drawn
from sgsurvey.measurement.pls_importance import IndexImportance
from sgsurvey.measurement.pls_sentences import of_indices, of_paths
from sgsurvey.measurement.scales import distinct_words, worded
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, listed, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

CI = Text("95%自助区间", "95% bootstrap CI")
SCHEMES = {
    "centroid": Text("质心加权", "centroid"),
    "factorial": Text("因子加权", "factorial"),
    "path": Text("路径加权", "path"),
}
METHOD = Text(
    "偏最小二乘（{scheme}方案）；{modes}。系数为标准化系数，表示关联，不表示因果。",
    "Partial least squares ({scheme} scheme); {modes}. Coefficients are standardised; they are associations, and say "
    "nothing of causes.",
)
COMPOSITES = Text(
    "合成变量是题项的加权和，不是潜变量：未扣除测量误差，载荷偏高，路径系数多偏低（Rönkkö与Evermann，2013）；研究潜变量之间的"
    "关系宜用结构方程（sg.sem）。",
    "Composites are weighted sums of items, not latent variables: errors of measurement stay in, so that loadings are "
    "too high and paths mostly too low (Rönkkö and Evermann 2013); for relations of latent variables take sg.sem.",
)
BOOTSTRAP = Text(
    "按{units}自助重抽样{draws}次（种子{seed}），各次合成变量的方向与本解对齐，百分位区间；{failed}次无解，未计入。",
    "{draws} bootstrap samples of {units} (seed {seed}), composites turned to the direction of this solution, "
    "percentile intervals; {failed} without a solution are left out.",
)
INDEX = Text(
    "指数为题项得分（折算为0–100）按非标准化权数的加权平均（Fornell等，1996）。",
    "Indices are means of items in points of 100, by their unstandardised weights (Fornell et al. 1996).",
)
NEGATIVE = Text(
    "{names}有负的权数：指数不再是题项的平均，请检查题项方向和共线性。",
    "{names}: some weights are below 0, so the index is no average of its items; check their direction and "
    "collinearity.",
)


@dataclass(frozen=True)
class PLS(Inline):
    """A partial least squares path model.

    Attributes
    ----------
    frame : DataFrame
        One row per path: ``outcome, predictor, estimate`` (standardised), ``std_error, conf_low, conf_high``.
    total : DataFrame
        The same of total effects, with ``indirect``: the part that goes through other composites.
    items : DataFrame
        ``composite, item, mode, weight, weight_se, weight_low, weight_high, loading, loading_se, ...``, of standardised
        items.
    indices : DataFrame
        ``composite, r_squared, r_squared_low, r_squared_high, index, index_low, index_high, index_sd``; the index in
        points of 100, nan where items have no theoretical limits.
    drawn : Drawn
        The sample's solution and those of the draws.
    draws, failed : int
        Bootstrap samples, and those without a solution.
    seed : int
    cluster : str or None
        Column of what was drawn whole; rows where None.
    """

    total: pd.DataFrame
    items: pd.DataFrame
    indices: pd.DataFrame
    drawn: Drawn
    draws: int
    failed: int
    seed: int
    cluster: str | None

    @property
    def correlations(self) -> pd.DataFrame:
        """Correlations of the composites."""
        names = list(self.drawn.composites.names)
        return pd.DataFrame(self.drawn.solution.correlations[0], names, names)

    def scores(self, data: Responses | pd.DataFrame) -> pd.DataFrame:
        """Each respondent's indices in points of 100; nan where an item is missing.

        Parameters
        ----------
        data : Responses or DataFrame
            With the items of this model, on the same scales.

        Raises
        ------
        EstimationError
            The items have no theoretical limits.
        """
        self._check_limits()
        items = list(self.drawn.composites.items)
        frame = data.variables(items) if isinstance(data, Responses) else data[items]
        found = self.drawn.scores(frame.to_numpy(dtype=float, na_value=np.nan))
        return pd.DataFrame(found, frame.index, list(self.drawn.composites.names))

    def importance(self, target: str) -> IndexImportance:
        """What goes with the index ``target`` by all paths together, beside how each composite is rated.

        Raises
        ------
        EstimationError
            No such composite, nothing that leads to it, or items without theoretical limits.
        """
        self._check_limits()
        names = self.drawn.composites.names
        leading = self.total.loc[self.total["outcome"] == target, "predictor"].tolist()
        if not leading:
            known = list(dict.fromkeys(self.total["outcome"]))
            raise declined("SG181.choice", where="target=", what="target", value=target, known=", ".join(known))
        lines = self.drawn.importance(names.index(target), [names.index(name) for name in leading])
        rated = self.indices.set_index("composite").loc[leading].reset_index()
        frame = pd.DataFrame({"composite": leading, "importance": lines["estimate"], "std_error": lines["std_error"]})
        frame = frame.assign(importance_low=lines["conf_low"], importance_high=lines["conf_high"])
        frame = frame.assign(**{f"performance{end}": rated[f"index{end}"] for end in ("", "_low", "_high")})
        notes = (self._bootstrap_note(), INDEX, *self._negative(), COMPOSITES)
        return IndexImportance(frame, self.basis, target, self.draws, self.seed, notes)

    def _check_limits(self) -> None:
        if self.drawn.composites.limits is None:
            raise declined("SG181.limits")

    def _table(self) -> Table:
        columns = (
            Column("predictor", HEADS["predictor"], "text"),
            Column("estimate", Text("路径系数", "Path"), "estimate", 3),
            Column("std_error", HEADS["std_error"], "estimate", 3),
            Column("conf_low:conf_high", CI, "interval", 3),
        )
        rows: list[Row] = []
        explained = self.indices.set_index("composite")
        words = worded(self.frame, predictor=self.basis.label)
        for outcome, lines in words.groupby("outcome", sort=False):
            table = Table.from_frame(lines, columns, id="pls", title=same(""))
            rows.append(Row((Cell(self.basis.label(outcome), span=len(columns)),), kind="group"))
            share = explained.loc[outcome]
            r_squared = (
                Cell(HEADS["r_squared"]),
                Cell(share["r_squared"], "bounded"),
                Cell(),
                Cell((share["r_squared_low"], share["r_squared_high"]), "bounded_interval"),
            )
            rows += [*table.rows, Row(r_squared)]
        title = Text("合成变量之间的路径", "Paths among composites")
        table = Table("pls", title, columns, tuple(rows), self._notes())
        return table.telling(*of_paths(table))

    inline_columns = ("estimate", "conf_low:conf_high")

    def _row_names(self) -> Iterable[object]:
        """Paths as ``SAT ~ MGT``, and after those of an outcome the outcome itself, for its R²."""
        names: list[str] = []
        for outcome, lines in self.frame.groupby("outcome", sort=False):
            names += [*(f"{outcome} ~ {predictor}" for predictor in lines["predictor"]), str(outcome)]
        return names

    def total_table(self, *, language: Language | None = None) -> Table:
        """Total and indirect effects, outcome by outcome."""
        columns = (
            Column("outcome", HEADS["outcome"], "text"),
            Column("predictor", HEADS["predictor"], "text"),
            Column("estimate", Text("总效应", "Total"), "estimate", 3),
            Column("conf_low:conf_high", CI, "interval", 3),
            Column("indirect", Text("其中间接", "Indirect"), "estimate", 3),
        )
        shown = worded(self.total, outcome=self.basis.label, predictor=self.basis.label)
        title = Text("合成变量之间的总效应", "Total effects among composites")
        table = Table.from_frame(shown, columns, id="pls_total", title=title, notes=(self._words(), *self._notes()[1:]))
        return self.page(table, language)

    def items_table(self, *, language: Language | None = None) -> Table:
        """Weights and loadings, composite by composite."""
        columns = (
            Column("item", HEADS["item"], "text"),
            Column("weight", Text("权数", "Weight"), "estimate", 3),
            Column("weight_low:weight_high", CI, "interval", 3),
            Column("loading", Text("载荷", "Loading"), "bounded"),
            Column("loading_low:loading_high", CI, "bounded_interval"),
        )
        shown = worded(self.items, item=self.basis.coded, composite=self.basis.label)
        title = Text("合成变量的权数与载荷", "Weights and loadings of composites")
        table = Table.from_frame(shown, columns, id="pls_items", title=title, notes=self._notes(), group="composite")
        return self.page(table, language)

    def index_table(self, *, language: Language | None = None) -> Table:
        """The indices in points of 100, with their standard deviations.

        Raises
        ------
        EstimationError
            The items have no theoretical limits.
        """
        self._check_limits()
        columns = (
            Column("composite", HEADS["construct"], "text"),
            Column("index", Text("指数", "Index"), "estimate", 1),
            Column("index_low:index_high", CI, "interval", 1),
            Column("index_sd", HEADS["sd"], "estimate", 1),
        )
        shown = worded(self.indices, composite=self.basis.label)
        notes = (INDEX, *self._negative(), self._bootstrap_note())
        title = Text("百分制指数", "Indices in points of 100")
        table = Table.from_frame(shown, columns, id="pls_index", title=title, notes=notes)
        return self.page(table.telling(*of_indices(table)), language)

    def _notes(self) -> tuple[Text, ...]:
        return (self._words(), self._bootstrap_note(), *self._negative(), COMPOSITES)

    def _words(self) -> Text:
        model = self.drawn.composites.model
        formative = [n for n, own in zip(self.drawn.composites.names, model.regressed, strict=True) if own]
        modes = Text("模式A（相关权数）", "mode A (weights by correlation)")
        if formative:
            modes = Text("模式B（回归权数）：{b}；其余为模式A", "mode B (weights by regression): {b}; the rest mode A")
            modes = modes.format(b=self._listed(formative))
        return METHOD.format(scheme=SCHEMES[model.scheme], modes=modes)

    def _bootstrap_note(self) -> Text:
        units = Text("行", "rows") if self.cluster is None else self.basis.label(self.cluster)
        return BOOTSTRAP.format(units=units, draws=self.draws, seed=self.seed, failed=self.failed)

    def _negative(self) -> list[Text]:
        below = list(dict.fromkeys(self.items.loc[self.items["weight"] < 0, "composite"]))
        return [NEGATIVE.format(names=self._listed(below))] if below else []

    def _listed(self, names: Sequence[str]) -> Text:
        labels = [self.basis.label(name) for name in names]
        return listed(labels)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Path diagram of the composites, with standardised paths and R²."""
        from sgsurvey.figures.paths import path_diagram

        spoken, names = language or self.basis.language, list(self.drawn.composites.names)
        shown = self.frame.rename(columns={"outcome": "lhs", "predictor": "rhs", "estimate": "std"})
        shares = self.indices.dropna(subset="r_squared")
        return path_diagram(
            shown.assign(op="~", p_value=np.nan),
            words=dict(zip(names, distinct_words(self.basis, names, spoken), strict=True)),
            latent=(),
            r_squared=dict(zip(shares["composite"], shares["r_squared"], strict=True)),
            ax=ax,
            language=spoken,
        )
