"""What a table of several models needs of each: its lines, its words, its statistics, its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from sgsurvey.models.category_model import CategoryModel
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix
from sgsurvey.models.multilevel_result import Multilevel
from sgsurvey.models.ols import Regression
from sgsurvey.models.ordered import OrderedRegression
from sgsurvey.models.ordered_multilevel import OrderedMultilevel
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text, same


class HasDesign(Protocol):
    """A fit that keeps its design matrix."""

    @property
    def design(self) -> DesignMatrix:
        """Outcome and predictors with their words."""


class FittedModel(Protocol):
    """What a table of models asks of a model: tidy lines, statistics, a design matrix with words, a basis."""

    @property
    def frame(self) -> pd.DataFrame:
        """``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high`` and what else it has."""

    @property
    def fit_statistics(self) -> pd.Series:
        """By name, ``n`` among them."""

    @property
    def fit(self) -> HasDesign:
        """The fit behind it."""

    @property
    def basis(self) -> Basis:
        """Rows in, rows used, language."""

    @property
    def conf_level(self) -> float:
        """Of the intervals."""

    def table(self, *, language: Language | None = None) -> Table:
        """Its own table, whose notes are asked for."""


@dataclass(frozen=True)
class ModelColumn:
    """One model of the table.

    Attributes
    ----------
    head : Text
    kind : Text
        Which kind of regression.
    errors : Text
        Which standard errors.
    lines : DataFrame
        By term: the model's frame, with ``tolerance`` beside ``vif``, thresholds at the end.
    words : mapping of term to Text
        Of every line.
    terms : mapping of line to term
        ``C(age)[T.2]`` belongs to ``C(age)``; thresholds and the constant are their own.
    statistics : mapping of name to number
        Without those that are missing.
    weighted : bool
    """

    head: Text
    kind: Text
    errors: Text
    lines: pd.DataFrame
    words: Mapping[str, Text]
    terms: Mapping[str, str]
    statistics: Mapping[str, float]
    weighted: bool

    @property
    def normal(self) -> bool:
        """Whether its tests are z."""
        return bool(np.isinf(self.lines["df"]).all())


THRESHOLD = Text("阈值 {name}", "Threshold {name}")
ERROR_KINDS = {"classical": Text("经典", "classical"), "design": Text("按抽样设计", "by design")}


def column_of(model: FittedModel, head: Text, more: Mapping[str, float]) -> ModelColumn:
    """The column of a model; ``more`` are statistics that it has as one of several (changes)."""
    design = model.fit.design
    words = dict(zip(design.names, design.labels, strict=True))
    terms = {name: name for name in design.names}
    terms |= {design.names[j]: term.name for term in design.terms for j in term.columns}
    lines = model.frame
    if isinstance(model, OrderedRegression | OrderedMultilevel):
        cuts = model.thresholds.assign(term=[threshold(name) for name in model.thresholds["term"]])
        words |= {threshold(name): THRESHOLD.format(name=name) for name in model.thresholds["term"]}
        terms |= {name: name for name in cuts["term"]}
        lines = pd.concat([lines, cuts], ignore_index=True)
    if "vif" in lines:
        lines = lines.assign(tolerance=1 / lines["vif"])
    found = {str(key): float(value) for key, value in {**model.fit_statistics, **more}.items() if pd.notna(value)}
    kind, errors = kind_of(model)
    return ModelColumn(head, kind, errors, lines.set_index("term"), words, terms, found, design.weights is not None)


def threshold(name: str) -> str:
    """The name of a threshold's line, which no predictor can have."""
    return f"threshold {name}"


def kind_of(model: FittedModel) -> tuple[Text, Text]:
    """Which kind of regression it is, and of which kind its standard errors are."""
    if isinstance(model, Regression):
        kind = model.fit.covariance.kind
        return Text("线性回归", "OLS"), ERROR_KINDS.get(kind, same(kind))
    if isinstance(model, CategoryModel):
        errors = Text("似然", "likelihood") if np.isinf(model.fit.df) else ERROR_KINDS["design"]
        ordered = isinstance(model, OrderedRegression)
        name = f"{'有序' if ordered else '二元'}{model.link}", f"{'Ordered' if ordered else 'Binary'} {model.link}"
        return Text(*name), errors
    if isinstance(model, Multilevel):
        return model.fit.kind, model.fit.covariance.label
    if isinstance(model, OrderedMultilevel):
        return Text(f"有序{model.link}，随机截距", f"Ordered {model.link}, random intercept"), Text(
            "似然", "likelihood"
        )
    return Text("其他模型", "other model"), Text("", "")


def all_terms(columns: Sequence[ModelColumn], *, constant_last: bool) -> list[str]:
    """Lines of all models in the order in which they first appear; the constant at one end, thresholds last."""
    names = list(dict.fromkeys(name for column in columns for name in column.lines.index))
    cuts = [name for name in names if name.startswith(threshold(""))]
    constant = [name for name in names if name == INTERCEPT]
    slopes = [name for name in names if name not in (*cuts, *constant)]
    return [*slopes, *constant, *cuts] if constant_last else [*constant, *slopes, *cuts]
