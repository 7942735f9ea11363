"""model_table(): several models on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.fit import Fit
from sgsurvey.models.hierarchical import CHANGE_NOTE, HierarchicalRegression, changes
from sgsurvey.models.hierarchical_sentences import of_models
from sgsurvey.models.model_columns import FittedModel, ModelColumn, all_terms, column_of, threshold
from sgsurvey.models.model_layouts import Preset, page_of, words_of
from sgsurvey.models.ols import BETA_NOTE, GVIF_NOTE, Regression
from sgsurvey.tables.conventions import OF_COLLINEARITY
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text, listed, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

SCALES = Text(
    "不同类型模型的系数尺度不同，不能互相比较大小。",
    "Coefficients of models of different kinds are on different scales; compare signs and tests, not sizes.",
)


@dataclass(frozen=True)
class ModelTable(Result):
    """Several models side by side; ``n`` is that of the smallest, and notes say which rows each of them left out.

    Attributes
    ----------
    frame : DataFrame
        ``model`` (1 …), ``label``, then the columns of each model's frame; thresholds after the slopes.
    statistics : DataFrame
        Fit of the models: one row per model, ``model, label, kind, errors``, n and what each has.
    columns : tuple of ModelColumn
    preset : str
    blocks : mapping of heading to terms
    notes : tuple of Text
    conf_level : float
    """

    statistics: pd.DataFrame
    columns: tuple[ModelColumn, ...]
    preset: Preset
    blocks: Mapping[str, Sequence[str]]
    notes: tuple[Text, ...]
    conf_level: float

    def _table(self) -> Table:
        page = page_of(self.columns, self.preset, self.blocks, self.conf_level)
        outcomes = dict.fromkeys(self.basis.label(name) for name in self.statistics["outcome"])
        names = listed(outcomes)
        title = Text("{outcome}的回归模型", "Regression models of {outcome}").format(outcome=names)
        table = Table("models", title, page.columns, page.rows, (*self.notes, *page.notes))
        cutoffs = {f"{key}{k}": cut for key, cut in OF_COLLINEARITY.items() for k in range(1, len(self.columns) + 1)}
        slopes = [words_of(self.columns, name) for name in self._slopes()]
        alike = len(outcomes) == 1 and len({column.kind for column in self.columns}) == 1
        return table.with_thresholds(cutoffs).telling(*of_models(table, slopes, comparable=alike))

    def _slopes(self) -> list[str]:
        """The lines of all models but constants and thresholds."""
        names = all_terms(self.columns, constant_last=True)
        return [name for name in names if name != INTERCEPT and not name.startswith(threshold(""))]

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Coefficients of all models with their intervals, without constants and thresholds.

        Raises
        ------
        DataError
            There are only constants.
        """
        from sgsurvey.figures.forest import forest

        spoken = language or self.basis.language
        lines = []
        for name in self._slopes():
            for column in self.columns:
                if name in column.lines.index:
                    line = column.lines.loc[name, ["estimate", "conf_low", "conf_high"]]
                    words = column.words[name].to(spoken)
                    lines.append({"term": words, "model": column.head.to(spoken), **line})
        if not lines:
            raise DataError("the models have no predictor to draw.", remedy="Name predictors after '~'.")
        shared = {column.statistics["n"] for column in self.columns}
        n = self.n if len(shared) == 1 else None
        return forest(pd.DataFrame(lines), n=n, conf_level=self.conf_level, ax=ax, language=spoken)


def model_table(
    models: Sequence[FittedModel] | HierarchicalRegression,
    *,
    preset: Preset = "thesis",
    labels: Sequence[str | Text] | None = None,
    blocks: Mapping[str, Sequence[str]] | None = None,
) -> ModelTable:
    """Several models on one page: what ``ols``, ``ordered``, ``logit``, ``multilevel`` or ``hierarchical`` gave back.

    Linear models on the same rows, each containing the one before, get ΔR² and the change tests too.

    Parameters
    ----------
    models : sequence of results, or one of ``hierarchical``
    preset : "thesis", "econometrics", "spss" or "apa"
        Models as columns, b with stars and (SE) below: three levels from .05, or econometrics' from .10; or for each
        model the columns of SPSS (B, SE, β, t, p, tolerance, VIF), or B, SE, interval, β and p.
    labels : sequence of str or Text, optional
        Heads of the models; numbers unless given.
    blocks : mapping of heading to terms, optional
        Terms as in the formula (``"C(age5)"``) that stand together under a heading.

    Raises
    ------
    DataError
        No model; labels that are too few or not distinct; an unknown preset or term; different levels of confidence.

    Examples
    --------
    ``sg.model_table([sg.ols(answers, f), sg.ordered(answers, f)], labels=["OLS", "Ordered logit"])``
    """
    added: list[dict[str, float]] = []
    if isinstance(models, HierarchicalRegression):
        added = [{str(key): value for key, value in one.items()} for one in models.changes.to_dict("records")]
        models = models.models
    models = tuple(models)
    heads = _checked(models, preset, labels)
    added = added or _changes(models)
    columns = tuple(column_of(*one) for one in zip(models, heads, added, strict=True))
    _check_blocks(columns, blocks or {})
    frames = [
        column.lines.reset_index().assign(model=k, label=column.head.en or column.head.zh)
        for k, column in enumerate(columns, 1)
    ]
    frame = pd.concat(frames, ignore_index=True)
    frame = frame[["model", "label", *(name for name in frame if name not in ("model", "label"))]]
    return ModelTable(
        frame,
        _basis(models),
        _statistics(models, columns),
        columns,
        preset,
        blocks or {},
        _notes(models, columns, preset),
        models[0].conf_level,
    )


def _basis(models: Sequence[FittedModel]) -> Basis:
    """The models' common basis; where they use different rows, that of the fewest, which their notes tell apart."""
    least = min((model.basis for model in models), key=lambda basis: basis.n)
    if any((model.basis.n, model.basis.dropped) != (least.n, least.dropped) for model in models):
        least = replace(least, n_in=least.n, dropped={})
    return least.labelled({model.fit.design.outcome: model.fit.design.outcome_label for model in models})


def _checked(models: Sequence[FittedModel], preset: Preset, labels: Sequence[str | Text] | None) -> list[Text]:
    """The heads of the models."""
    if not models:
        raise DataError("there is no model.", where="models", remedy="Give a list of fitted models.")
    for one in models:
        if not hasattr(one, "fit_statistics") or not hasattr(getattr(one, "fit", None), "design"):
            raise DataError(
                f"a {type(one).__name__} is no regression.",
                where="models",
                remedy="Give what ols, ordered, logit, multilevel or hierarchical gave back.",
            )
    known = get_args(Preset)
    if preset not in known:
        raise DataError(
            f"preset='{preset}' is not known.{did_you_mean(str(preset), known)}",
            remedy=f"Choose from {', '.join(known)}.",
        )
    if len({one.conf_level for one in models}) > 1:
        raise DataError("the models' intervals have different levels.", where="models", remedy="Fit them with one.")
    words = Text("（{k}）", "({k})") if preset == "econometrics" else Text("模型{k}", "Model {k}")
    if labels is None:
        return [words.format(k=k) for k in range(1, len(models) + 1)]
    heads = [label if isinstance(label, Text) else same(label) for label in labels]
    if len(heads) != len(models) or len(set(heads)) < len(heads):
        raise DataError(
            f"{len(models)} models need as many labels, each its own.", where="labels", remedy="Name each model once."
        )
    return heads


def _check_blocks(columns: Sequence[ModelColumn], blocks: Mapping[str, Sequence[str]]) -> None:
    known = list(dict.fromkeys(term for column in columns for term in column.terms.values()))
    named = [term for own in blocks.values() for term in own]
    for term in named:
        if term not in known or named.count(term) > 1:
            wrong = f"'{term}' stands in two blocks." if term in known else f"no model has the term '{term}'."
            raise DataError(
                wrong + ("" if term in known else did_you_mean(term, known)),
                where="blocks",
                remedy=f"Name each once, from: {', '.join(known)}.",
            )


def _changes(models: Sequence[FittedModel]) -> list[dict[str, float]]:
    """What each model adds to the one before, where they are linear, nested and on the same rows; else nothing."""
    fits = [one.fit for one in models if isinstance(one, Regression)]
    if len(fits) < max(2, len(models)) or not all(_follows(large, small) for small, large in pairwise(fits)):
        return [{} for _ in models]
    return [{str(key): value for key, value in line.items()} for line in changes(fits).to_dict("records")]


def _follows(large: Fit, small: Fit) -> bool:
    return (
        np.array_equal(large.design.rows, small.design.rows)
        and np.array_equal(large.design.y, small.design.y)
        and set(small.design.names) < set(large.design.names)
    )


def _statistics(models: Sequence[FittedModel], columns: Sequence[ModelColumn]) -> pd.DataFrame:
    lines = [
        {
            "model": k,
            "label": column.head.en or column.head.zh,
            "outcome": model.fit.design.outcome,
            "kind": column.kind.en,
            "errors": column.errors.en,
            **{key: value for key, value in column.statistics.items() if key != "model"},
        }
        for k, (model, column) in enumerate(zip(models, columns, strict=True), 1)
    ]
    return pd.DataFrame(lines)


def _notes(models: Sequence[FittedModel], columns: Sequence[ModelColumn], preset: Preset) -> tuple[Text, ...]:
    """Notes of all models, each once; one that only some have begins with their heads."""
    own = [model.table().notes for model in models]
    notes = []
    for note in dict.fromkeys(note for notes_of in own for note in notes_of):
        if preset not in ("spss", "apa") and note in (BETA_NOTE, GVIF_NOTE):
            continue
        bearers = [column.head for column, notes_of in zip(columns, own, strict=True) if note in notes_of]
        if len(bearers) == len(models):
            notes.append(note)
            continue
        zh, en = "、".join(one.to("zh") for one in bearers), ", ".join(one.to("en") for one in bearers)
        notes.append(Text(f"{zh}：{note.zh}", f"{en}: {note.en}"))
    if any("f_change" in column.statistics for column in columns):
        notes.append(CHANGE_NOTE)
    if len({column.kind for column in columns}) > 1:
        notes.append(SCALES)
    return tuple(notes)
