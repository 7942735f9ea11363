"""How several models stand on one page: stacked coefficients, or a block of columns for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from sgsurvey.models.covariance import Wald
from sgsurvey.models.model_columns import ERROR_KINDS, ModelColumn, all_terms
from sgsurvey.models.ols import digits_for
from sgsurvey.models.wording import conf_head, f_in_prose
from sgsurvey.tables.format import STAR_LEVELS, in_prose, stars, stars_legend
from sgsurvey.tables.table import Cell, Column, Kind, Row
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

Preset = Literal["thesis", "econometrics", "spss", "apa"]
ECONOMETRIC_LEVELS = (0.1, 0.05, 0.01)
OTHER = Text("其他", "Other")
PARENTHESES = Text("括号内为标准误。", "Standard errors in parentheses.")
STATISTICS: tuple[tuple[str, Text, Kind], ...] = (
    ("n", HEADS["n"], "count"),
    ("n_effective", HEADS["n_effective"], "estimate"),
    ("clusters", HEADS["clusters"], "count"),
    ("groups", Text("组数", "Groups"), "count"),
    ("r_squared", HEADS["r_squared"], "bounded"),
    ("adj_r_squared", HEADS["adj_r_squared"], "bounded"),
    ("delta_r_squared", HEADS["delta_r_squared"], "bounded"),
    ("mcfadden", same("McFadden R²"), "bounded"),
    ("r_squared_marginal", Text("边际R²", "Marginal R²"), "bounded"),
    ("r_squared_conditional", Text("条件R²", "Conditional R²"), "bounded"),
    ("icc", HEADS["icc"], "bounded"),
    ("log_likelihood", Text("对数似然", "Log-likelihood"), "estimate"),
)


class FTest(NamedTuple):
    """An F of the foot: its words, and its names among a model's statistics."""

    head: Text
    f: str
    df1: str
    df2: str
    p_value: str

    def of(self, models: Sequence[ModelColumn]) -> list[Wald | None]:
        """The test of each model; None where it has none."""
        return [
            Wald(*(one[key] for key in self[1:])) if set(self[1:]) <= set(one) else None
            for one in (model.statistics for model in models)
        ]


WHOLE = (
    FTest(Text("F（经典）", "F (classical)"), *(f"f_classical{end}" for end in ("", "_df1", "_df2", "_p_value"))),
    FTest(Text("F（稳健）", "F (robust)"), *(f"f{end}" for end in ("", "_df1", "_df2", "_p_value"))),
)
CHANGES = (
    FTest(Text("ΔF（经典）", "F change (classical)"), "f_change", "df1", "df2", "p_value"),
    FTest(Text("ΔF（稳健）", "F change (robust)"), "f_robust", "robust_df1", "robust_df2", "robust_p_value"),
)
# A column of a block: its key in a model's lines, its head, how it is printed.
Part: TypeAlias = tuple[str, Text, Kind]


@dataclass(frozen=True)
class Page:
    """Columns, rows and notes of a table of models."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...]


def page_of(models: Sequence[ModelColumn], preset: Preset, blocks: Mapping[str, Sequence[str]], level: float) -> Page:
    """The page of ``preset``: models as columns, or a block of columns for each."""
    if preset in ("spss", "apa"):
        return _side_by_side(models, preset, blocks, level)
    return stacked(models, ECONOMETRIC_LEVELS if preset == "econometrics" else STAR_LEVELS, blocks)


def stacked(
    models: Sequence[ModelColumn],
    levels: Sequence[float] = STAR_LEVELS,
    blocks: Mapping[str, Sequence[str]] | None = None,
) -> Page:
    """Two lines per coefficient: b with stars, and its standard error below; the constant last."""
    width = 1 + len(models)
    columns = [Column("term", HEADS["predictor"], "text")]
    columns += [Column(f"model{k}", model.head, digits=3) for k, model in enumerate(models, 1)]
    rows: list[Row] = []
    for heading, names in _blocked(models, all_terms(models, constant_last=True), blocks or {}):
        rows += [Row((Cell(heading, span=width),), kind="group")] if heading else []
        for name in names:
            pairs = [_stacked_cells(model, name, levels) for model in models]
            rows.append(Row((Cell(words_of(models, name)), *(above for above, _ in pairs))))
            rows.append(Row((Cell(""), *(below for _, below in pairs))))
    rows += _foot(models, [1] * len(models), levels)
    legend = () if tuple(levels) == STAR_LEVELS else (stars_legend(levels),)
    return Page(tuple(columns), tuple(rows), (PARENTHESES, *legend))


def _stacked_cells(model: ModelColumn, name: str, levels: Sequence[float]) -> tuple[Cell, Cell]:
    if name not in model.lines.index:
        return Cell(""), Cell("")
    line = model.lines.loc[name]
    if np.isnan(line["estimate"]):
        return Cell(suppressed=True), Cell("")
    digits = digits_for(line["std_error"])
    shown = in_prose(line["std_error"], "estimate", digits)
    below = Cell(Text("({se})", "({se})").format(se=shown))
    return Cell(line["estimate"], "estimate", digits, stars(line["p_value"], levels)), below


def _side_by_side(
    models: Sequence[ModelColumn], preset: Preset, blocks: Mapping[str, Sequence[str]], level: float
) -> Page:
    """One line per coefficient; each model has its columns under its head, and p instead of stars."""
    parts = [_parts(model, preset, level) for model in models]
    columns = [Column("term", HEADS["predictor"], "text")]
    for k, (model, own) in enumerate(zip(models, parts, strict=True), 1):
        columns += [Column(f"{key.partition(':')[0]}{k}", head, kind, spanner=model.head) for key, head, kind in own]
    rows: list[Row] = []
    for heading, names in _blocked(models, all_terms(models, constant_last=preset == "apa"), blocks):
        rows += [Row((Cell(heading, span=len(columns)),), kind="group")] if heading else []
        for name in names:
            cells = [cell for model, own in zip(models, parts, strict=True) for cell in _cells(model, name, own)]
            rows.append(Row((Cell(words_of(models, name)), *cells)))
    rows += _foot(models, [len(own) for own in parts], None)
    return Page(tuple(columns), tuple(rows), ())


def _parts(model: ModelColumn, preset: Preset, level: float) -> list[Part]:
    """The columns of a model: those of SPSS, or B, SE, interval and p; without those that are empty."""
    t = HEADS["z"] if model.normal else HEADS["t"]
    spss: list[Part] = [
        ("estimate", HEADS["b"], "estimate"),
        ("std_error", HEADS["std_error"], "estimate"),
        ("beta", HEADS["beta"], "estimate"),
        ("statistic", t, "statistic"),
        ("p_value", HEADS["p_value"], "p"),
        ("tolerance", HEADS["tolerance"], "bounded"),
        ("vif", HEADS["vif"], "estimate"),
    ]
    apa: list[Part] = [*spss[:2], ("conf_low:conf_high", conf_head(level), "interval"), spss[2], spss[4]]
    own = spss if preset == "spss" else apa
    return [part for part in own if part[0] == "conf_low:conf_high" or _there(model.lines, part[0])]


def _there(lines: pd.DataFrame, key: str) -> bool:
    return key in lines and bool(lines[key].notna().any())


def _cells(model: ModelColumn, name: str, parts: Sequence[Part]) -> list[Cell]:
    if name not in model.lines.index:
        return [Cell("") for _ in parts]
    line = model.lines.loc[name]
    digits = digits_for(line["std_error"])
    cells = []
    for key, _, kind in parts:
        low, _, high = key.partition(":")
        value: object = (line[low], line[high]) if high else line[key]
        own = digits if key in ("estimate", "std_error", "beta", "conf_low:conf_high") else None
        missing = not high and pd.isna(line[key])
        hidden = Cell(kind=kind, suppressed=bool(np.isnan(line["estimate"])))
        cells.append(hidden if hidden.suppressed else Cell("") if missing else Cell(value, kind, own))
    return cells


def _blocked(
    models: Sequence[ModelColumn], names: Sequence[str], blocks: Mapping[str, Sequence[str]]
) -> list[tuple[str | Text, list[str]]]:
    """Lines under their headings; what no block names stands last, as other terms where there are blocks."""
    terms = {name: term for model in models for name, term in model.terms.items()}
    found: list[tuple[str | Text, list[str]]] = [
        (heading, [name for name in names if terms[name] in own]) for heading, own in blocks.items()
    ]
    named = {name for _, own in found for name in own}
    return [
        (heading, own)
        for heading, own in [*found, (OTHER if blocks else "", [n for n in names if n not in named])]
        if own
    ]


def words_of(models: Sequence[ModelColumn], name: str) -> Text:
    """The words of a line in the first model that has it."""
    return next(model.words[name] for model in models if name in model.words)


def _foot(models: Sequence[ModelColumn], spans: Sequence[int], levels: Sequence[float] | None) -> list[Row]:
    """Kind, errors, n and fit of each model, a line that no model has left out; F with stars, without levels with p."""
    lines: list[tuple[Text, list[Cell]]] = []
    if len({model.kind for model in models}) > 1:
        lines.append((Text("模型类型", "Model"), [Cell(model.kind) for model in models]))
    lines.append((Text("标准误类型", "SE type"), [Cell(model.errors) for model in models]))
    weighted = any(model.weighted for model in models)
    if weighted:
        lines.append((Text("加权", "Weighted"), [Cell(model.weighted) for model in models]))
    for key, head, kind in STATISTICS:
        if (key != "n_effective" or weighted) and any(key in model.statistics for model in models):
            lines.append((head, [_number(model.statistics, key, kind) for model in models]))
    for test in _tests(models):
        if levels is None:
            lines.append((test.head, [Cell(f_in_prose(found)) if found else Cell("") for found in test.of(models)]))
            continue
        lines.append((test.head, [_starred(found, levels) for found in test.of(models)]))
        lines.append((HEADS["df"], [_degrees(found) for found in test.of(models)]))
    return [
        Row((Cell(head), *(replace(cell, span=span) for cell, span in zip(cells, spans, strict=True))), kind="stat")
        for head, cells in lines
    ]


def _tests(models: Sequence[ModelColumn]) -> list[FTest]:
    """The tests of the foot: of the changes where models follow each other; robust ones where errors are."""
    several = any("f_change" in model.statistics for model in models)
    classical = all(model.errors == ERROR_KINDS["classical"] for model in models)
    chosen = (CHANGES if several else WHOLE)[: 1 if classical else 2]
    return [test for test in chosen if any(test.of(models))]


def _number(statistics: Mapping[str, float], key: str, kind: Kind) -> Cell:
    return Cell(statistics[key], kind) if key in statistics else Cell("")


def _starred(test: Wald | None, levels: Sequence[float]) -> Cell:
    return Cell(test.statistic, "statistic", stars=stars(test.p_value, levels)) if test else Cell("")


def _degrees(test: Wald | None) -> Cell:
    if test is None:
        return Cell("")
    first, second = in_prose(test.df1, "df"), in_prose(test.df2, "df")
    return Cell(Text("{df1}, {df2}", "{df1}, {df2}").format(df1=first, df2=second))
