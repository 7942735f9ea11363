"""What models of categories have in common: a table of coefficients, effects, means, contrasts, predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.models.coefficient_sentences import of_model
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix
from sgsurvey.models.fitted_model import FittedModel
from sgsurvey.models.hidden_coefficients import without_few
from sgsurvey.models.likelihood import CategoryFit
from sgsurvey.models.marginal_means import LinearModel, MarginalMeans
from sgsurvey.models.margins import Margins, average_effects
from sgsurvey.models.probabilities import category_means, category_predictions
from sgsurvey.models.reference_grid import At, Over
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.cumulative import Link
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes


@dataclass(frozen=True)
class CategoryModel(FittedModel):
    """What models of categories have in common: one line per coefficient, odds ratios, statistics of fit.

    Attributes
    ----------
    frame : DataFrame
        ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high``, and for the logit ``odds_ratio,
        odds_low, odds_high``.
    fit_statistics : Series
        ``n, log_likelihood, null_log_likelihood, mcfadden``, and ``aic, bic`` without a design.
    fit : CategoryFit
    link : "logit" or "probit"
    conf_level : float
    """

    fit_statistics: pd.Series
    fit: CategoryFit
    link: Link
    conf_level: float

    @property
    def _linear(self) -> LinearModel:
        return self.fit.linear()

    def _page(self, id: str, title: Text, labels: Sequence[Text], extra: pd.DataFrame | None) -> Table:
        columns = category_columns(self.link, self.conf_level, normal=bool(np.isinf(self.fit.df)))
        frame = self.frame.assign(term=pd.Series(list(labels), dtype=object))
        if extra is not None:
            frame = pd.concat([extra, frame], ignore_index=True)
        table = Table.from_frame(frame, columns, id=id, title=title, notes=self.fit.notes)
        table = without_few(table, frame["estimate"])
        width, s = len(columns), self.fit_statistics
        few = bool(s["n"] < self.fit.design.smallest)
        foot = [
            (HEADS["n"], Cell(s["n"], "count", span=width - 1)),
            (Text("对数似然", "Log-likelihood"), Cell(s["log_likelihood"], "estimate", span=width - 1, suppressed=few)),
            (Text("McFadden R²", "McFadden R²"), Cell(s["mcfadden"], "bounded", span=width - 1, suppressed=few)),
        ]
        full = table.extended([Row((Cell(head), cell), kind="stat") for head, cell in foot])
        thresholds = 0 if extra is None else len(extra)
        return full.telling(*of_model(full, self.fit.design.outcome_label, thresholds=thresholds))

    def margins(self, *, at_least: float | None = None) -> Margins:
        """Average marginal effects on the probability of each value; of ``at_least`` a value where one is given.

        Raises
        ------
        DataError
            Nobody can fall short of ``at_least``, or every predictor stands in a product.
        """
        return average_effects(self.fit, self.basis, at_least, self.conf_level)

    def means(
        self, by: str | Sequence[str], *, at_least: float | None = None, at: At | None = None, over: Over = "equal"
    ) -> MarginalMeans:
        """Mean probabilities where the predictors ``by`` are held (marginal means): of each value, or of at least one.

        Parameters
        ----------
        by : str or sequence of str
            Categories of the model, or numbers with their values in ``at``.
        at_least : float, optional
        at : mapping of name to values, optional
        over : "equal" or "sample"
            Other categories count equally and other numbers stand at their mean, or everybody keeps their own.
        """
        return category_means(self.fit, self._grid(by, at, over), over, self.basis, at_least, self.conf_level)

    def predict(self, new: Responses | pd.DataFrame | None = None, *, at_least: float | None = None) -> pd.DataFrame:
        """Probabilities of each value, or of ``at_least`` one, for rows of predictors (the model's own where None).

        Returns
        -------
        DataFrame
            ``event, estimate, std_error, df, conf_low, conf_high``, a line for every row and event, under the row's
            index; nan where a predictor is missing.
        """
        return category_predictions(self.fit, new, at_least, self.conf_level)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Coefficients with their intervals, without constant and thresholds."""
        from sgsurvey.figures.forest import forest

        spoken = language or self.basis.language
        design = self.fit.design
        labels = {name: label.to(spoken) for name, label in zip(design.names, design.labels, strict=True)}
        shown = self.frame[self.frame["term"] != INTERCEPT]
        shown = shown.assign(term=[labels[term] for term in shown["term"]])
        return forest(shown, n=self.n, conf_level=self.conf_level, ax=ax, language=spoken)


def category_columns(link: Link, conf_level: float, *, normal: bool) -> list[Column]:
    """Columns of a table of coefficients, with odds ratios for the logit; z or t."""
    columns = [
        Column("term", HEADS["predictor"], "text"),
        Column("estimate", HEADS["b"], digits=3),
        Column("std_error", HEADS["std_error"], digits=3),
        Column("statistic", same("z") if normal else HEADS["t"], "statistic"),
        Column("p_value", HEADS["p_value"], "p"),
    ]
    if link == "logit":
        odds = Text("优势比", "OR")
        columns += [
            Column("odds_ratio", odds, digits=3),
            Column(
                "odds_low:odds_high",
                Text(f"优势比{conf_head(conf_level).zh}", f"OR {conf_head(conf_level).en}"),
                "interval",
                digits=3,
            ),
        ]
    else:
        columns.append(Column("conf_low:conf_high", conf_head(conf_level), "interval", digits=3))
    return columns


def with_odds(frame: pd.DataFrame, link: Link) -> pd.DataFrame:
    """The frame with odds ratios and their intervals, for the logit."""
    if link != "logit":
        return frame
    odds = {"odds_ratio": "estimate", "odds_low": "conf_low", "odds_high": "conf_high"}
    with np.errstate(over="ignore"):
        return frame.assign(**{name: np.exp(frame[column]) for name, column in odds.items()})


def without_constant(design: DesignMatrix) -> tuple[list[str], list[Text]]:
    """Names and words of the columns but the constant."""
    pairs = [(n, t) for n, t in zip(design.names, design.labels, strict=True) if n != INTERCEPT]
    return [name for name, _ in pairs], [label for _, label in pairs]
