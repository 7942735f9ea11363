"""A fitted structural equation model: factors and the paths among them, in one or several groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.measurement import sem_tables
from sgsurvey.measurement.estimation import Estimation
from sgsurvey.measurement.modification import equality_tests, modification_indices
from sgsurvey.measurement.ordinal_sample import OrdinalSample
from sgsurvey.measurement.parameters import ParameterTable, StructuralModel
from sgsurvey.measurement.scales import distinct_words
from sgsurvey.measurement.sem_residuals import ResidualKind, ScoreMethod, residual_covariances, score_weights
from sgsurvey.measurement.standardised import r_squared, standardised
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.structural import Structure
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

Missing = Literal["listwise", "fiml", "pairwise"]
if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Model = str | Sequence[str] | Mapping[str, Sequence[str]] | StructuralModel


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SEM(Result):
    """A fitted structural equation model.

    Attributes
    ----------
    frame : DataFrame
        One row per parameter: ``lhs, op, rhs, [group], label, estimate, std_error, statistic, p_value, conf_low,
        conf_high, std, std_lv, std_se``; defined parameters (``:=``) at the end.  Fixed parameters have no error.
    fit : Series
        ``chi_square, df, p_value, chi_square_df, cfi, tli, nfi, ifi, rmsea, rmsea_low, rmsea_high (90 %), rmsea_p,
        srmr, gfi, agfi, aic, bic, loglik ...``.  Names ending in ``_scaled`` or ``_robust`` are
        corrected for non-normality.
    parameters : ParameterTable
    structure : Structure
    estimation : Estimation
        ``.fitted.theta`` and ``.covariance`` of the free parameters.
    sample : StructuralSample
    estimator : str
    by : str or None
        Column of the groups.
    remarks : tuple of Text
    """

    fit: pd.Series
    parameters: ParameterTable
    structure: Structure
    estimation: Estimation
    sample: StructuralSample
    estimator: str
    by: str | None
    remarks: tuple[Text, ...]

    @property
    def estimates(self) -> pd.DataFrame:
        """The frame."""
        return self.frame

    @property
    def theta(self) -> Array:
        """Free parameters."""
        return self.estimation.fitted.theta

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups; one empty name without groups."""
        return self.parameters.groups

    @property
    def has_paths(self) -> bool:
        """Whether there are regressions: a structural model beside the measurement."""
        return any(row.op == "~" for row in self.parameters.rows)

    @property
    def loadings(self) -> pd.DataFrame:
        """Standardised loadings of the first group, items by factors; nan where an item does not measure a factor."""
        return self.loadings_of(self.groups[0])

    def loadings_of(self, group: str) -> pd.DataFrame:
        """Standardised loadings of a group."""
        rows = self.parameters.rows
        std = standardised(self.parameters, self.structure, self.theta).all
        kept = [i for i, row in enumerate(rows) if row.op == "=~" and self.groups[row.group] == group]
        items = list(dict.fromkeys(rows[i].rhs for i in kept))
        found = pd.DataFrame(np.nan, items, list(self.parameters.latent))
        for i in kept:
            found.loc[rows[i].rhs, rows[i].lhs] = std[i]
        return found

    @property
    def phi(self) -> pd.DataFrame:
        """Correlations of the factors that the model implies, first group."""
        return self.phi_of(self.groups[0])

    def phi_of(self, group: str) -> pd.DataFrame:
        """Correlations of the factors that the model implies, in a group."""
        part = self.structure.parts[self._number(group)]
        p, names = part.p, list(self.parameters.latent)
        return pd.DataFrame(correlation(part.solved(self.theta).cov[p:, p:]), names, names)

    @property
    def r_squared(self) -> pd.DataFrame:
        """Share of variance explained: ``variable, [group], r_squared``; of an item, its SMC."""
        return r_squared(self.parameters, self.structure, self.theta)

    def residuals(self, kind: ResidualKind = "correlation", *, group: str | None = None) -> pd.DataFrame:
        """Observed less implied covariances: ``raw``, as ``correlation``, or ``standardised`` (as z)."""
        whole = all(g.rows is None or not np.isnan(g.rows).any() for g in self.sample.groups)
        if kind == "standardised" and not (whole and np.isfinite(self.estimation.loglik)):
            raise EstimationError(
                Text("标准化残差只用于完整数据的极大似然。", "standardised residuals are for ML of complete rows."),
                where="kind",
                remedy=Text("请用kind='correlation'。", "Use kind='correlation'."),
            )
        matrix = residual_covariances(self.structure, self.theta, self._number(group), self.estimation.moments, kind)
        names = list(self.parameters.observed)
        return pd.DataFrame(matrix, names, names)

    def modification_indices(self) -> pd.DataFrame:
        """What freeing each fixed parameter would do: ``lhs, op, rhs, [group], mi, p_value, epc, epc_std``.

        ``mi`` is the fall of chi-square to expect (one df), ``epc`` the parameter's expected change, ``epc_std`` the
        same in standard deviations.  Each speaks of freeing that parameter alone.
        """
        return modification_indices(self.parameters, self.theta, self.sample, self.estimator)

    def equality_tests(self) -> pd.DataFrame:
        """What releasing each equality or constraint alone would do: ``constraint, parameter, statistic, ...``."""
        return equality_tests(self.parameters, self.theta, self.sample, self.estimator)

    def scores(self, data: Responses | pd.DataFrame, *, method: ScoreMethod = "regression") -> pd.DataFrame:
        """Factor scores of respondents; a row that lacks a variable, or a group, has none.

        Parameters
        ----------
        data : Responses or DataFrame
            With the variables of this model and, where it has groups, their column.
        method : "regression" or "bartlett"
        """
        if isinstance(self.sample, OrdinalSample):
            raise EstimationError(
                Text("有序题项的因子没有得分。", "factors of ordered items have no scores here."),
                where="scores",
                remedy=Text("请用estimator='MLR'拟合后计算得分。", "Fit with estimator='MLR' for scores."),
            )
        names = list(self.parameters.observed)
        frame = data.variables(names) if isinstance(data, Responses) else columns_of(data, names)
        table = data.frame if isinstance(data, Responses) else data
        x = frame.to_numpy(dtype=float, na_value=np.nan)
        found = np.full((len(x), len(self.parameters.latent)), np.nan)
        for number, (name, part) in enumerate(zip(self.groups, self.structure.parts, strict=True)):
            weights, centre = score_weights(part, self.theta, method)
            moments = self.estimation.moments[number]
            mean = part.implied(self.theta).mean if self.structure.means else moments.mean
            mine = np.ones(len(x), dtype=bool) if self.by is None else (table[self.by].astype(str) == name).to_numpy()
            found[mine] = centre + (x[mine] - mean) @ weights.T
        return pd.DataFrame(found, frame.index, list(self.parameters.latent))

    def _number(self, group: str | None) -> int:
        if group is None:
            return 0
        if group not in self.groups:
            raise EstimationError(
                Text(f"没有组“{group}”。", f"there is no group '{group}'.{did_you_mean(group, self.groups)}"),
                where="group",
                remedy=Text(f"可用：{'、'.join(self.groups)}。", f"Use {', '.join(self.groups)}."),
            )
        return self.groups.index(group)

    def _table(self) -> Table:
        return sem_tables.paths_table(self) if self.has_paths else sem_tables.loadings_table(self)

    def loadings_table(self, *, language: Language | None = None) -> Table:
        """Loadings with their tests, standardised, with squared multiple correlations."""
        return self.page(sem_tables.loadings_table(self), language)

    def paths_table(self, *, language: Language | None = None) -> Table:
        """Regressions and defined parameters."""
        return self.page(sem_tables.paths_table(self), language)

    def fit_table(self, *, language: Language | None = None) -> Table:
        """Fit, with the customary cut-offs below."""
        return self.page(sem_tables.fit_table(self), language)

    def modification_table(self, *, most: int = 10, language: Language | None = None) -> Table:
        """The largest modification indices."""
        return self.page(sem_tables.modification_table(self, most=most), language)

    def residuals_table(self, *, group: str | None = None, language: Language | None = None) -> Table:
        """Residual correlations."""
        return self.page(sem_tables.residuals_table(self, group=group), language)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        measurement: bool | None = None,
        group: str | None = None,
        language: Language | None = None,
    ) -> Axes:
        """Path diagram with standardised estimates.

        Parameters
        ----------
        measurement : bool, optional
            Draw the factors' items too; unless told otherwise, in models without paths.
        group : str, optional
            The first one when None.
        """
        from sgsurvey.figures.paths import path_diagram

        language = language or self.basis.language
        frame, parts = self._diagram(measurement, group, language)
        n = self.n if len(self.groups) == 1 else None
        return path_diagram(frame, **parts, n=n, ax=ax, language=language)

    def to_dot(
        self, *, measurement: bool | None = None, group: str | None = None, language: Language | None = None
    ) -> str:
        """The path diagram of ``plot`` as text in the DOT language, to be laid out with Graphviz."""
        from sgsurvey.figures.dot import to_dot

        frame, parts = self._diagram(measurement, group, language or self.basis.language)
        return to_dot(frame, **parts)

    def _diagram(
        self, measurement: bool | None, group: str | None, language: Language
    ) -> tuple[pd.DataFrame, dict[str, Any]]:
        """The relations to draw, and what goes with them: words, factors, shares explained."""
        name = self.groups[self._number(group)]
        frame, shares = (f[f["group"] == name] if "group" in f else f for f in (self.frame, self.r_squared))
        whole = not self.has_paths if measurement is None else measurement
        drawn = sem_tables.drawn(frame, self.parameters.observed, measurement=whole)
        names = list(dict.fromkeys([*drawn["lhs"], *drawn["rhs"]]))
        explained = set(drawn.loc[drawn["op"] == "~", "lhs"])
        return drawn, {
            "words": dict(zip(names, distinct_words(self.basis, names, language), strict=True)),
            "latent": self.parameters.latent,
            "r_squared": {v: r for v, r in zip(shares["variable"], shares["r_squared"], strict=True) if v in explained},
        }


def columns_of(data: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Columns of a DataFrame, all of which must be there."""
    missing = [name for name in names if name not in data]
    if missing:
        raise DataError(
            Text(f"数据中没有{'、'.join(missing)}。", f"the DataFrame lacks {', '.join(missing)}."),
            remedy=Text("请给出模型的全部变量。", "Give it every variable of the model."),
        )
    return data[names]
