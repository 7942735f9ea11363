"""What the other models say about the headline: signs and tests of each driver side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sgsurvey.causes.battery_words import MODELS, SHORT
from sgsurvey.causes.grades import LEVEL
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

# These are no further coefficients: a difference of two, and another test of the pooled one.
NOT_COUNTED = ("difference", "wild")


def agreement(frame: pd.DataFrame, headline: Mapping[object, str]) -> pd.DataFrame:
    """For each driver of a group's headline model, how many of the other models agree.

    Returns
    -------
    DataFrame
        ``group, term, headline`` (model), ``estimate, p_value`` (of it), ``others`` (models with a coefficient),
        ``same_sign, significant`` (same sign and p < .05) as counts, ``same_sign_share, significant_share``.
    """
    lines: list[dict[str, object]] = []
    for group, model in headline.items():
        mine = frame[(frame["group"] == group) & ~frame["model"].isin(NOT_COUNTED)]
        for line in mine[mine["model"] == model].to_dict("records"):
            others = mine[(mine["term"] == line["term"]) & (mine["model"] != model)]
            agree = np.sign(others["estimate"]) == np.sign(line["estimate"])
            shown = agree & (others["p_value"] < LEVEL)
            lines.append(
                {
                    "group": group,
                    "term": line["term"],
                    "headline": model,
                    "estimate": line["estimate"],
                    "p_value": line["p_value"],
                    "others": len(others),
                    "same_sign": int(agree.sum()),
                    "significant": int(shown.sum()),
                    "same_sign_share": agree.mean() if len(others) else np.nan,
                    "significant_share": shown.mean() if len(others) else np.nan,
                }
            )
    return pd.DataFrame(lines)


def summary_table(
    frame: pd.DataFrame,
    headline: Mapping[object, str],
    outcome: str,
    groups: Mapping[object, Text],
    basis: Basis,
) -> Table:
    """Drivers as rows, models as columns, signs and stars in the cells, and how many models agree."""
    shown = frame[frame["model"] != "difference"]
    models = [name for name in SHORT if (shown["model"] == name).any()]
    marks = shown.assign(mark=[_mark(e, p) for e, p in zip(shown["estimate"], shown["p_value"], strict=True)])
    wide = marks.pivot_table(index=["group", "term"], columns="model", values="mark", aggfunc="first", sort=False)
    found = agreement(frame, headline).set_index(["group", "term"])
    table = found.join(wide[models]).reset_index()
    counts = zip(found["same_sign"], found["significant"], found["others"], strict=True)
    table["agree"] = [same(f"{a} / {b} / {n}") for a, b, n in counts]
    table["headline"] = table["headline"].map(SHORT)
    table = table.assign(term=table["term"].map(basis.label), group=table["group"].map(groups))
    columns = [
        Column("term", HEADS["predictor"], "text"),
        *(Column(name, SHORT[name], "text") for name in models),
        Column("headline", Text("判断依据", "Headline"), "text"),
        Column("agree", Text("同号／显著／模型数", "Same sign / significant / models"), "text"),
    ]
    notes = (
        Text(
            "＋、−为系数的符号，*为p<0.05（未校正）。最后一列：判断依据之外的模型中，与其同号者、同号且p<0.05者、总数"
            "（野聚类自助只是合并系数的另一种检验，不计）。同一批受访者的模型同号，不足以排除打分倾向。",
            "+ and − are signs of coefficients, * is p < .05 (not adjusted). Last column: of the models other than the "
            "headline, how many have its sign, how many its sign and p < .05, and how many there are (the wild "
            "bootstrap is another test of the pooled coefficient and not counted). That models of the same respondents "
            "agree does not rule out leniency.",
        ),
        *(Text(f"{SHORT[m].zh}：{MODELS[m].zh}。", f"{SHORT[m].en}: {MODELS[m].en}.") for m in models),
    )
    title = Text("与{y}相关联的因素：各模型对照", "What goes with {y}: the models side by side")
    group = "group" if len(groups) > 1 else None
    return Table.from_frame(
        table, columns, id="drivers_summary", title=title.format(y=basis.label(outcome)), group=group, notes=notes
    )


def _mark(estimate: float, p_value: float) -> Text:
    sign = "+" if estimate > 0 else "−"
    return same(f"{sign}*" if p_value < LEVEL else sign)
