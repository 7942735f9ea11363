"""Common method bias: Harman's test in both its forms, a latent method factor, a marker; one call, one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement import method_models as rivals
from sgsurvey.measurement.cfa import cfa
from sgsurvey.measurement.factor_sample import factor_sample
from sgsurvey.measurement.fitting import Model
from sgsurvey.measurement.method_models import METHOD
from sgsurvey.measurement.method_sentences import of_indices, of_marker, of_models
from sgsurvey.measurement.method_words import BARELY, CAVEAT, INDICES, MODELS, NO_MARKER, NOT_FITTED, TESTS
from sgsurvey.measurement.sem import SEM
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.intervals import fisher_z
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pairwise import pairwise_pearson
from sgsurvey.tables.conventions import MARK, OF_METHOD, THRESHOLD, with_sources
from sgsurvey.tables.format import in_prose, stars
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MethodBias(Result):
    """What several tests say of common method variance; none of them is a verdict.

    Attributes
    ----------
    frame : DataFrame
        One row per number: ``test`` (harman_efa, harman_cfa, method_factor, marker, marker_cfa), ``index, value``.
    eigenvalues : Series
        Of the items' correlations.
    models : DataFrame
        Fit of each model and what it gains: ``model, chi_square, df, p_value, cfi, tli, rmsea, srmr, against,
        delta_chi_square, delta_df, delta_p, delta_cfi, delta_rmsea``.
    marker : DataFrame
        For each pair of constructs ``construct, other, r, p_value, r_adjusted, p_adjusted, r_strict`` (adjusted by the
        upper end of the interval of the marker's correlation), ``p_strict``; empty without a marker.
    fitted : mapping of name to SEM
    marker_r : float
        The correlation that was taken off.
    estimator : str
    conf_level : float
    remarks : tuple of Text
    """

    eigenvalues: pd.Series
    models: pd.DataFrame
    marker: pd.DataFrame
    fitted: Mapping[str, SEM]
    marker_r: float
    estimator: str
    conf_level: float
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        columns = (
            Column("index", Text("指标", "Index"), "text"),
            Column("value", Text("数值", "Value"), "estimate"),
            Column(THRESHOLD, Text(f"参考标准{MARK}", f"Convention{MARK}"), "text"),
        )
        rows: list[Row] = []
        for test, lines in self.frame.groupby("test", sort=False):
            rows.append(Row((Cell(TESTS[str(test)], span=3),), kind="group"))
            for name, value in zip(lines["index"], lines["value"], strict=True):
                words, kind, digits, convention = INDICES[name]
                rows.append(Row((Cell(words), Cell(value, kind, digits), Cell(convention))))
        notes = (CAVEAT, Text(f"估计方法：{self.estimator}。", f"Estimator: {self.estimator}."), *self.remarks)
        table = Table("method_bias", Text("共同方法偏差检验", "Common method bias"), columns, tuple(rows), notes)
        table = table.telling(*of_indices(table))
        shown = [name for name in OF_METHOD if name in set(self.frame["index"])]
        return with_sources(table, [(INDICES[name][0], OF_METHOD[name]) for name in shown])

    def models_table(self, *, language: Language | None = None) -> Table:
        """Fit of the rival models, and what each gains over the one it is held against."""
        frame = self.models.assign(
            model=pd.Series([MODELS[name] for name in self.models["model"]], self.models.index, object)
        )
        columns = [
            Column("model", HEADS["model"], "text"),
            Column("chi_square", HEADS["chi_square"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("cfi", HEADS["cfi"], "bounded"),
            Column("tli", HEADS["tli"], "estimate", 3),
            Column("rmsea", HEADS["rmsea"], "bounded"),
            Column("srmr", HEADS["srmr"], "bounded"),
            Column("delta_chi_square", same("Δχ²"), "statistic"),
            Column("delta_df", same("Δdf"), "df"),
            Column("delta_p", HEADS["p_value"], "p"),
            Column("delta_cfi", same("ΔCFI"), "bounded"),
            Column("delta_rmsea", same("ΔRMSEA"), "bounded"),
        ]
        title = Text("共同方法偏差：模型比较", "Common method bias: rival models")
        table = Table.from_frame(frame, columns, id="method_bias_models", title=title, notes=(CAVEAT, *self.remarks))
        return self.page(table.telling(*of_models(table)), language)

    def marker_table(self, *, language: Language | None = None) -> Table:
        """Correlations of the constructs before and after the marker is taken off."""
        label = self.basis.label
        rows = []
        for line in self.marker.itertuples(index=False):
            pair = Text(f"{label(line.construct).zh} – {label(line.other).zh}",
                        f"{label(line.construct).en} – {label(line.other).en}")  # fmt: skip
            cells = [Cell(pair)]
            for r, p in ((line.r, line.p_value), (line.r_adjusted, line.p_adjusted), (line.r_strict, line.p_strict)):
                cells.append(Cell(float(r), "bounded", stars=stars(p)))
            rows.append(Row(tuple(cells)))
        columns = (
            Column("pair", HEADS["construct"], "text"),
            Column("r", Text("校正前", "Before"), "bounded"),
            Column("r_adjusted", Text("校正后", "After"), "bounded"),
            Column("r_strict", Text("从严校正", "Strict"), "bounded"),
        )
        if not rows:
            raise EstimationError(
                Text("没有给出标记变量。", "no marker was given."),
                where="marker",
                remedy=Text("请用marker=指明理论上无关的变量。", "Name one with marker=."),
            )
        taken = in_prose(self.marker_r, "bounded")
        note = Text(
            "偏相关(r − rM)/(1 − rM)，自由度n − 3（Lindell和Whitney，2001）；rM = {r}，为标记变量与各维度相关中最小者"
            "（不低于0）；从严校正取其区间上限。",
            "(r − rM) / (1 − rM) on n − 3 degrees of freedom (Lindell and Whitney 2001); rM = {r}, the smallest of the "
            "marker's correlations with the constructs (not below 0); strict: the upper end of its interval.",
        ).format(r=taken)
        title = Text("标记变量校正前后的相关", "Correlations before and after the marker")
        table = Table("method_bias_marker", title, columns, tuple(rows), (note, CAVEAT))
        return self.page(table.telling(*of_marker(table)), language)


AGAINST = {
    "one_factor": "model",
    "method_factor": "model",
    "marker_equal": "marker_baseline",
    "marker_free": "marker_equal",
}

# Door -------------------------------------------------------------------------------------------------------


def method_bias(
    data: Responses | pd.DataFrame,
    model: Model,
    *,
    marker: str | Sequence[str] | None = None,
    estimator: str = "ML",
    conf_level: float = 0.95,
) -> MethodBias:
    """Common method bias of a factor model, by every customary test at once.

    Parameters
    ----------
    data : Responses or DataFrame
    model : list of str, {factor: [items]}, str or StructuralModel
        As for ``cfa``; two factors or more.
    marker : str or sequence of str, optional
        A construct, a column, or the items of a scale that theory relates to none of the factors; with two items or
        more also as a factor (Williams, Hartman and Cavazotte 2010).
    estimator : str
        Of the models.
    conf_level : float
        Of the interval of the marker's correlation.

    Raises
    ------
    DesignError, EstimationError
        As ``cfa``: several roles, few rows, parts of a design that the estimator cannot use.
    EstimationError
        Fewer than two factors, or a marker that is one of the model's items.
    """
    proper = cfa(data, model, estimator=estimator)
    factors = rivals.factors_of(proper)
    if len(factors) < 2:
        raise EstimationError(
            Text("至少要有两个因子。", "method_bias needs two factors or more."),
            where="model",
            remedy=Text("请给出全部因子的模型。", "Give the model of all factors."),
        )
    answers = as_columns(data)
    markers = _marker_items(answers, marker, factors)
    items = [item for group in factors.values() for item in group]
    found = factor_sample(data if isinstance(data, Responses) else data[items], items, "method_bias")
    eigenvalues = np.asarray(np.linalg.eigvalsh(found.corr)[::-1], dtype=float)
    others, lost = rivals.all_rivals(data, factors, markers, estimator)
    fitted = {"model": proper, **others}
    models = rivals.compared(fitted, AGAINST)
    pairs, marker_r = _marker_pairs(answers, factors, markers, conf_level)
    rows = [*_harman(found.corr, eigenvalues), *_of_models(models, fitted), *_of_marker(pairs, marker_r)]
    frame = pd.DataFrame(rows, columns=["test", "index", "value"])
    barely = [BARELY] if "method_factor" in fitted and _barely_identified(fitted) else []
    unfitted = [NOT_FITTED.format(test=TESTS[test], why=why) for test, why in lost.items()]
    said = [*proper.remarks, *unfitted, *barely, *([] if markers else [NO_MARKER])]
    remarks = tuple(dict.fromkeys(said))
    roots = pd.Series(eigenvalues, range(1, len(eigenvalues) + 1), name="eigenvalue")
    return MethodBias(frame, proper.basis, roots, models, pairs, fitted, marker_r, estimator, conf_level, remarks)


# A standardised loading that is not known better, or loadings of a construct that differ less, say nothing of method.
LOOSE, ALIKE = 0.10, 0.05


def _barely_identified(fitted: Mapping[str, SEM]) -> bool:
    """With equal loadings within each construct, method variance and correlations of constructs are one number."""
    loose = not rivals.loading(fitted["method_factor"], METHOD)[1] < LOOSE
    return bool(loose or np.abs(fitted["model"].loadings).std(ddof=0).mean() < ALIKE)


def _marker_items(
    answers: Responses, marker: str | Sequence[str] | None, factors: Mapping[str, Sequence[str]]
) -> list[str]:
    """The marker's items, or its one column."""
    if marker is None:
        return []
    names = [marker] if isinstance(marker, str) else list(marker)
    constructs = {c.name for c in answers.questionnaire.constructs}
    items = [item for name in names for item in (answers.item_names(name) if name in constructs else [name])]
    answers.variables(items)
    shared = [item for item in items if any(item in group for group in factors.values())]
    if shared:
        raise EstimationError(
            Text(
                f"标记变量不能是模型中的题项：{'、'.join(shared)}。",
                f"the marker's {', '.join(shared)} is in the model.",
            ),
            where="marker",
            remedy=Text("请给出理论上无关的变量。", "Name what theory relates to none of the factors."),
        )
    return items


def _harman(corr: Array, eigenvalues: Array) -> list[tuple[str, str, float]]:
    factor = minres(corr, 1)
    share = float((factor.loadings**2).sum()) / len(corr)
    return [
        ("harman_efa", "eigenvalues_above_1", float((eigenvalues > 1).sum())),
        ("harman_efa", "first_share", float(eigenvalues[0]) / len(corr)),
        ("harman_efa", "first_factor_share", share if factor.converged else float("nan")),
    ]


def _of_models(models: pd.DataFrame, fitted: Mapping[str, SEM]) -> list[tuple[str, str, float]]:
    by_name = models.set_index("model")
    rows: list[tuple[str, str, float]] = []
    if "one_factor" in fitted:
        rows += [
            ("harman_cfa", "one_factor_cfi", float(by_name.loc["one_factor", "cfi"])),
            ("harman_cfa", "model_cfi", float(by_name.loc["model", "cfi"])),
            ("harman_cfa", "one_factor_rmsea", float(by_name.loc["one_factor", "rmsea"])),
            ("harman_cfa", "model_rmsea", float(by_name.loc["model", "rmsea"])),
        ]
    for name, test in (("method_factor", "method_factor"), ("marker_equal", "marker_cfa")):
        if name in fitted:
            keys = ("delta_chi_square", "delta_df", "delta_p", "delta_cfi", "delta_rmsea")
            rows += [(test, key, float(by_name.loc[name, key])) for key in keys]
    if "method_factor" in fitted:
        method, construct = rivals.shares(fitted["method_factor"], METHOD)
        mean, error = rivals.loading(fitted["method_factor"], METHOD)
        rows += [("method_factor", "method_loading", mean), ("method_factor", "method_loading_se", error)]
        rows += [("method_factor", "method_share", method), ("method_factor", "construct_share", construct)]
    return sorted(rows, key=lambda row: list(TESTS).index(row[0]))


PAIR = ["construct", "other", "r", "p_value", "r_adjusted", "p_adjusted", "r_strict", "p_strict"]


def _marker_pairs(
    answers: Responses, factors: Mapping[str, Sequence[str]], markers: Sequence[str], conf_level: float
) -> tuple[pd.DataFrame, float]:
    """Correlations of the factors' scores before and after, over the rows complete on all of them and the marker."""
    if not markers:
        return pd.DataFrame(columns=PAIR), float("nan")
    scores = pd.DataFrame({f: answers.variables(items).mean(axis=1, skipna=False) for f, items in factors.items()})
    scores[rivals.MARKER] = answers.variables(markers).mean(axis=1, skipna=False)
    complete = scores.notna().all(axis=1).to_numpy()
    x = scores[complete].to_numpy(dtype=float)
    weights = None if answers.weights is None else answers.weights[complete]
    n = len(x)
    if n < 5 or (np.ptp(x, axis=0) == 0).any():
        raise DataError(
            Text(
                "标记变量与各维度没有足够的共同作答，或没有变异。",
                "the marker and the factors have too few rows in common, or do not vary.",
            ),
            where="marker",
            remedy=Text("请核对标记变量的列。", "Check the marker's columns."),
        )
    corr = pairwise_pearson(x, weights)[0]
    smallest = max(0.0, float(corr[-1, :-1].min()))
    upper = float(fisher_z(smallest, n, conf_level)[1])
    i, j = np.triu_indices(len(factors), 1)
    r = corr[i, j]
    plain, adjusted, strict = (rivals.lindell_whitney(r, off, n) for off in (0.0, smallest, upper))
    names = list(factors)
    frame = pd.DataFrame({"construct": [names[a] for a in i], "other": [names[b] for b in j], "r": r})
    frame = frame.assign(
        p_value=plain[2], r_adjusted=adjusted[0], p_adjusted=adjusted[2], r_strict=strict[0], p_strict=strict[2]
    )
    return frame, smallest


def _of_marker(pairs: pd.DataFrame, marker_r: float) -> list[tuple[str, str, float]]:
    if not len(pairs):
        return []
    counts = {
        name: float((pairs[p] < 0.05).sum())
        for name, p in (("pairs", "p_value"), ("pairs_adjusted", "p_adjusted"), ("pairs_strict", "p_strict"))
    }
    return [("marker", "marker_r", marker_r), *(("marker", name, count) for name, count in counts.items())]
