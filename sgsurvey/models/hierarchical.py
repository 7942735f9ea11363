"""Hierarchical regression: blocks of predictors entered one after another, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.models.category_model import without_constant
from sgsurvey.models.covariance import VcovKind, Wald
from sgsurvey.models.design_matrix import INTERCEPT, complete_rows, design_matrix
from sgsurvey.models.fit import Fit, fit
from sgsurvey.models.formula import Formula, read_formula
from sgsurvey.models.hierarchical_sentences import of_changes, of_models
from sgsurvey.models.model_columns import column_of
from sgsurvey.models.model_layouts import stacked
from sgsurvey.models.ols import Regression
from sgsurvey.models.standard_errors import choose_errors
from sgsurvey.models.wording import check_level
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

CHANGE_NOTE = Text(
    "ΔF（经典）以该模型自身的误差项检验；ΔF（稳健）为同一协方差下新增项的联合检验。",
    "F change (classical) is on the model's own error term; F change (robust) tests the added terms jointly under the "
    "covariance of the standard errors.",
)


EFFECT_OF_A_BLOCK = Text("f² = ΔR²/(1 − R²)（Cohen，1988）。", "f² = ΔR² / (1 − R²), Cohen (1988).")


@dataclass(frozen=True)
class HierarchicalRegression(Result):
    """Models 1 to k, each with the predictors of the one before and more, on the same rows.

    Attributes
    ----------
    frame : DataFrame
        ``model`` (1 …), then the columns of ``ols``; one line per model and coefficient.
    changes : DataFrame
        One line per model: ``model, n, clusters, r_squared, adj_r_squared, delta_r_squared``, the classical change
        ``f_change, df1, df2, p_value``, and the change under the covariance of the standard errors
        ``f_robust, robust_df1, robust_df2, robust_p_value``.  The first model's change is from the mean alone.
    fits : tuple of Fit
    conf_level : float
    """

    changes: pd.DataFrame
    fits: tuple[Fit, ...]
    conf_level: float

    @property
    def models(self) -> tuple[Regression, ...]:
        """Each model as ``ols`` gives it."""
        return tuple(
            Regression(one.frame(self.conf_level), self.basis, one.terms(), one.statistics, one, self.conf_level)
            for one in self.fits
        )

    def _table(self) -> Table:
        words = [Text("模型{m}", "Model {m}").format(m=m) for m in range(1, len(self.fits) + 1)]
        added = self.changes.to_dict("records")
        page = stacked([column_of(*one) for one in zip(self.models, words, added, strict=True)])
        notes = dict.fromkeys(
            [
                *self.fits[-1].notes(),
                *(note for one in self.fits for note in one.covariance.notes),
                *page.notes,
                CHANGE_NOTE,
            ]
        )
        table = Table(
            "hierarchical_regression",
            Text("{outcome}的分层回归", "Hierarchical regression of {outcome}").format(
                outcome=self.fits[0].design.outcome_label
            ),
            page.columns,
            page.rows,
            tuple(notes),
        )
        return table.telling(*of_models(table, without_constant(self.fits[-1].design)[1]))

    def changes_table(self, *, language: Language | None = None) -> Table:
        """What each block adds: the model summary as SPSS prints it, and the robust test of the same change."""
        classical, robust = Text("经典F检验", "Classical F test"), Text("稳健F检验", "Robust F test")
        columns = [
            Column("model", HEADS["model"], "count"),
            Column("r_squared", HEADS["r_squared"], "bounded"),
            Column("adj_r_squared", HEADS["adj_r_squared"], "bounded"),
            Column("delta_r_squared", HEADS["delta_r_squared"], "bounded"),
            Column("f_squared", HEADS["f_squared"], "bounded"),
            Column("f_change", HEADS["f_change"], "statistic", spanner=classical),
            Column("df1", HEADS["df1"], "df", spanner=classical),
            Column("df2", HEADS["df2"], "df", spanner=classical),
            Column("p_value", HEADS["p_value"], "p", spanner=classical),
            Column("f_robust", HEADS["f_change"], "statistic", spanner=robust),
            Column("robust_df1", HEADS["df1"], "df", spanner=robust),
            Column("robust_df2", HEADS["df2"], "df", spanner=robust),
            Column("robust_p_value", HEADS["p_value"], "p", spanner=robust),
        ]
        title = Text("{outcome}的分层回归：各层的贡献", "Hierarchical regression of {outcome}: what each block adds")
        table = Table.from_frame(
            self.changes.assign(f_squared=self.changes["delta_r_squared"] / (1 - self.changes["r_squared"])),
            columns,
            id="hierarchical_changes",
            title=title.format(outcome=self.fits[0].design.outcome_label),
            notes=(*self.fits[-1].covariance.notes, CHANGE_NOTE, EFFECT_OF_A_BLOCK),
        )
        return self.page(table.telling(*of_changes(table)), language)

    def coefficients_table(self, model: int) -> Table:
        """Everything about one model: the columns of ``ols``.

        Raises
        ------
        DataError
            There is no model of this number.
        """
        if not 1 <= model <= len(self.fits):
            raise DataError(f"there is no model {model}.", remedy=f"Choose from 1 to {len(self.fits)}.")
        return self.models[model - 1].table()


def hierarchical(
    data: Responses | pd.DataFrame,
    formulas: Sequence[str],
    *,
    vcov: VcovKind = "HC3",
    cluster: str | None = None,
    conf_level: float = 0.95,
) -> HierarchicalRegression:
    """Hierarchical (blockwise) linear regression.

    Every model is fitted to the rows that are complete on the variables of all of them.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights and clusters of its design are used.
    formulas : sequence of str
        The first whole, the others whole or what they add: ``["SAT ~ C(age5)", "+ FUN", "+ MGT + SUP"]``.
    vcov, cluster, conf_level :
        As in ``ols``.

    Raises
    ------
    DataError
        A formula cannot be read, or a model does not contain the one before.
    """
    check_level(conf_level)
    answers = as_columns(data)
    errors = choose_errors(answers, vcov, cluster)
    read = read_steps(formulas)
    variables = list(dict.fromkeys(name for one in read for name in one.variables))
    rows = complete_rows(answers, variables)
    fits = tuple(fit(design_matrix(answers, one, rows), errors) for one in read)
    frame = pd.concat(
        [one.frame(conf_level).assign(model=number)[["model", *FRAME]] for number, one in enumerate(fits, 1)],
        ignore_index=True,
    )
    basis = answers.basis(len(rows.kept), rows.dropped)
    return HierarchicalRegression(frame, basis, changes(fits), fits, conf_level)


FRAME = [
    "term",
    "estimate",
    "std_error",
    "statistic",
    "df",
    "p_value",
    "conf_low",
    "conf_high",
    "beta",
    "vif",
    "estimate_2sd",
]


def read_steps(formulas: Sequence[str]) -> list[Formula]:
    """The formulas in full: one that begins with ``+`` continues the one before."""
    if isinstance(formulas, str) or not formulas:
        raise DataError(
            "hierarchical regression takes a list of formulas.", remedy="Write ['SAT ~ C(age5)', '+ FUN', '+ MGT']."
        )
    full: list[str] = []
    for text in formulas:
        added = str(text).lstrip().startswith("+")
        if added and not full:
            raise DataError(
                "the first formula has nothing to continue.", where=f"formula '{text}'", remedy="Add 'Y ~'."
            )
        full.append(f"{full[-1]} {str(text).strip()}" if added else str(text))
    read = [read_formula(text) for text in full]
    for one in read:
        if one.outcome != read[0].outcome:
            raise DataError(
                f"a model has another outcome than '{read[0].outcome.name}'.",
                where=f"formula '{one.text}'",
                remedy="Begin each step with '+'.",
            )
    return read


def changes(fits: Sequence[Fit]) -> pd.DataFrame:
    """Fit of each model and what it adds to the one before; the first, what it adds to the mean."""
    lines = []
    before: Fit | None = None
    for number, one in enumerate(fits, 1):
        known = {INTERCEPT} if before is None else set(before.design.names)
        if before is not None and (missing := known - set(one.design.names)):
            raise DataError(
                f"model {number} lacks {', '.join(sorted(missing))} of model {number - 1}.",
                where=f"formula '{one.design.formula}'",
                remedy="Let each model contain the one before: begin it with '+'.",
            )
        added = tuple(j for j, name in enumerate(one.design.names) if name not in known)
        robust = one.wald(added)
        s = one.statistics
        if before is None:
            plain = Wald(s["f_classical"], s["f_classical_df1"], s["f_classical_df2"], s["f_classical_p_value"])
            delta = s["r_squared"]
        else:
            plain = one.solution.f_change(before.solution)
            delta = s["r_squared"] - before.statistics["r_squared"]
        lines.append(
            {
                "model": number,
                **{key: s[key] for key in ("n", "clusters", "r_squared", "adj_r_squared")},
                "delta_r_squared": delta,
                "f_change": plain.statistic,
                "df1": plain.df1,
                "df2": plain.df2,
                "p_value": plain.p_value,
                "f_robust": robust.statistic,
                "robust_df1": robust.df1,
                "robust_df2": robust.df2,
                "robust_p_value": robust.p_value,
            }
        )
        before = one
    return pd.DataFrame(lines)
