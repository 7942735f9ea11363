"""The pages of a reliability analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.measurement.reliability_intervals import interval_words
from sgsurvey.measurement.reliability_sentences import of_coefficients, of_items, of_scales, of_splits
from sgsurvey.measurement.reliability_words import KINDS, OF_CORRELATIONS, OMEGA_H, ORDINAL, READ_WITH_INTERVAL
from sgsurvey.measurement.scales import worded
from sgsurvey.tables.conventions import OF_RELIABILITY
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.measurement.reliability import Reliability

SPLITS = (
    "split_lowest",
    "split_mean",
    "lambda4",
    "odd_even_spearman_brown",
    "odd_even_flanagan",
    "first_second_spearman_brown",
    "first_second_flanagan",
)


AXIS = Text("系数及{level}%置信区间（竖线：惯例0.70）", "Coefficient with {level}% CI (line: convention .70)")


def plotted(found: Reliability, language: Language) -> pd.DataFrame:
    """A line for alpha and one for omega of each scale that has one, as a forest takes them."""
    lines = []
    for row in found.frame.to_dict("records"):
        words = {"term": found.basis.label(str(row["construct"])).to(language)}
        if found.by:
            words["group"] = found.groups[row["group"]].to(language)
        for name, ends in (("alpha", ("conf_low", "conf_high")), ("omega", ("omega_low", "omega_high"))):
            if pd.notna(row[name]):
                numbers = {"estimate": row[name], "conf_low": row[ends[0]], "conf_high": row[ends[1]], "n": row["n"]}
                lines.append({**words, "model": HEADS[name].to(language), **numbers})
    return pd.DataFrame(lines)


def scales_table(found: Reliability) -> Table:
    """One line per scale."""
    frame = worded(found.frame, construct=found.basis.label, group=lambda value: found.groups[value])
    interval = _interval_head(found)
    bounded = ["lambda2", "lambda6", "mean_r"]
    if found.frame["omega_h"].notna().any():
        bounded.insert(0, "omega_h")
    bounded += _ordinal(found)
    columns = [
        Column("construct", HEADS["construct"], "text"),
        Column("n_items", HEADS["n_items"], "count"),
        Column("n", HEADS["n"], "count"),
        Column("n_dropped", HEADS["n_missing"], "count"),
        Column("alpha", HEADS["alpha"], "bounded"),
        Column("conf_low:conf_high", interval, "bounded_interval"),
        Column("alpha_std", HEADS["alpha_std"], "bounded"),
        Column("omega", HEADS["omega"], "bounded"),
        Column("omega_low:omega_high", interval, "bounded_interval"),
        *(Column(key, HEADS[key], "bounded") for key in bounded),
    ]
    notes = [_interval_note(found), OF_CORRELATIONS, *([OMEGA_H] if "omega_h" in bounded else [])]
    notes += [*([ORDINAL] if _ordinal(found) else []), READ_WITH_INTERVAL]
    table = Table.from_frame(
        frame,
        columns,
        id="reliability",
        title=Text("信度分析", "Reliability of the scales"),
        notes=(*notes, *found.design_words, *found.remarks),
        group="group" if found.by else None,
    )
    return table.telling(*of_scales(table)).with_thresholds(OF_RELIABILITY)


def items_table(found: Reliability) -> Table:
    """One line per item, under a heading per scale; what is of the scale stands on its first line.

    Means and deviations are left to ``describe``, which hides those that would tell what few people answered.
    """
    of_scale = ["alpha", "conf_low", "conf_high", "omega", "mean_r", *_ordinal(found)]
    keys = ["group", "construct"] if found.by else ["construct"]
    frame = worded(found.items, item=lambda code: found.basis.coded(code))
    frame["heading"] = _headings(found, found.items)
    frame = frame.merge(found.frame[[*keys, *of_scale]], on=keys, how="left")
    columns = [
        Column("item", HEADS["item"], "text"),
        Column("citc", HEADS["citc"], "bounded"),
        Column("alpha_if_dropped", HEADS["alpha_if_dropped"], "bounded"),
        Column("alpha", HEADS["alpha"], "bounded"),
        Column("conf_low:conf_high", _interval_head(found), "bounded_interval"),
        *(Column(key, HEADS[key], "bounded") for key in ("omega", "mean_r", *_ordinal(found))),
    ]
    title = Text("题项与量表的一致性", "Items and their scales")
    ordinal = [ORDINAL] if _ordinal(found) else []
    conventions = (_interval_note(found), OF_CORRELATIONS, *ordinal, READ_WITH_INTERVAL)
    notes = (*conventions, *found.design_words, *found.remarks)
    table = Table.from_frame(frame, columns, id="reliability_items", title=title, notes=notes, group="heading")
    table = replace(table, rows=_once(table.rows, first=3))
    return table.telling(*of_items(table)).with_thresholds(OF_RELIABILITY)


def splits_table(found: Reliability) -> Table:
    """One line per scale and split."""
    title = Text("分半信度", "Split-half reliability")
    table = _long_table(found, SPLITS, "reliability_splits", title, shown=Text("分半", "Split"))
    return table.telling(*of_splits(table))


def coefficients_table(found: Reliability) -> Table:
    """One line per scale and coefficient."""
    title = Text("各种信度系数", "Coefficients of reliability")
    table = _long_table(found, tuple(KINDS), "reliability_coefficients", title, shown=Text("系数", "Coefficient"))
    return table.telling(*of_coefficients(table))


def _long_table(found: Reliability, kinds: Sequence[str], id: str, title: Text, *, shown: Text) -> Table:
    lines = found.coefficients[found.coefficients["coefficient"].isin(kinds) & found.coefficients["estimate"].notna()]
    lines = lines.assign(place=lines["coefficient"].map({kind: i for i, kind in enumerate(kinds)}))
    lines = lines.assign(scale=pd.factorize(_headings(found, lines))[0]).sort_values(["scale", "place"], kind="stable")
    frame = worded(lines, coefficient=lambda name: KINDS[name]).assign(heading=_headings(found, lines))
    columns = [
        Column("coefficient", shown, "text"),
        Column("estimate", HEADS["estimate"], "bounded"),
        Column("conf_low:conf_high", _interval_head(found), "bounded_interval"),
    ]
    of_others = Text(
        "其余系数的置信区间：Delta法，ln(1 − 系数)尺度；由多种分半中选出的没有区间。",
        "Intervals of the others: delta method on ln(1 − coefficient); what is chosen among many splits has none.",
    )
    of_ordinal = Text(
        "序数系数的置信区间：由阈值和多分格相关的影响值（Muthén, 1984），ln(1 − 系数)尺度。",
        "Intervals of ordinal coefficients: through the influence values of thresholds and polychorics (Muthén, 1984), "
        "on ln(1 − coefficient).",
    )
    notes = (
        _interval_note(found),
        of_others,
        *([of_ordinal] if _ordinal(found) else []),
        *found.design_words,
        *found.remarks,
        *found.gaps,
    )
    return Table.from_frame(frame, columns, id=id, title=title, notes=notes, group="heading")


def _headings(found: Reliability, lines: pd.DataFrame) -> pd.Series:
    """The scale (and group) of each line in words."""
    keys = ["group", "construct"] if found.by else ["construct"]
    label = found.basis.label
    words = [
        label(line[-1])
        if len(line) == 1
        else Text("{g}：{c}", "{g}: {c}").format(g=found.groups[line[0]], c=label(line[1]))
        for line in lines[keys].itertuples(index=False)
    ]
    return pd.Series(words, index=lines.index, dtype=object)


def _once(rows: Sequence[Row], *, first: int) -> tuple[Row, ...]:
    """Cells from column ``first`` on shown on the first line under each heading alone."""
    shown, fresh = [], True
    for row in rows:
        if row.kind == "group":
            fresh = True
        elif not fresh:
            row = replace(row, cells=(*row.cells[:first], *(Cell() for _ in row.cells[first:])))
        else:
            fresh = False
        shown.append(row)
    return tuple(shown)


def _ordinal(found: Reliability) -> list[str]:
    return [name for name in ("alpha_ordinal", "omega_ordinal") if name in found.frame]


def _interval_head(found: Reliability) -> Text:
    level = f"{found.conf_level * 100:g}"
    return Text(f"{level}%置信区间", f"{level}% CI")


def _interval_note(found: Reliability) -> Text:
    return interval_words(found.interval, rows=found.from_rows)
