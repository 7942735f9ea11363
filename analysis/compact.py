"""Tables that say on one page what the models of every group and construct would say on ten."""

from collections.abc import Iterator, Mapping

import pandas as pd
from examined import NotExamined
from measurement import Confirmed
from wording import named

import sgsurvey as sg
from sgsurvey.causes.gaps import COMPARABLE
from sgsurvey.measurement.invariance_tables import level_words
from sgsurvey.tables.table import Column
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

FIT = ("chi_square", "df", "cfi", "tli", "rmsea")
PLANNED = Text("计划的{k}因子", "{k} factors, as planned")
ONE = Text("单因子", "one factor")


def fit_table(confirmed: Mapping[str, Confirmed | NotExamined], answers: sg.Responses) -> sg.Table | None:
    """Fit of the planned model and of one factor in every group; scaled where the estimator scales."""
    lines = [
        line
        for role, found in confirmed.items()
        if isinstance(found, Confirmed)
        for line in fits(found, named(answers, role))
    ]
    if not lines:
        return None
    columns = [
        Column("group", HEADS["group"], "text"),
        Column("model", HEADS["model"], "text"),
        Column("n", HEADS["n"], "count"),
        Column("chi_square", HEADS["chi_square"], "statistic"),
        Column("df", HEADS["df"], "df"),
        Column("cfi", HEADS["cfi"], "bounded"),
        Column("tli", HEADS["tli"], "estimate", 3),
        Column("rmsea", HEADS["rmsea"], "bounded"),
        Column("srmr", HEADS["srmr"], "bounded"),
    ]
    note = Text(
        "估计方法：{e}；χ²、CFI、TLI、RMSEA为校正值（如适用）。检验与全部指标见附录。",
        "Estimator: {e}; chi-square, CFI, TLI and RMSEA are scaled where it scales. Tests and all indices: appendix.",
    ).format(e=next(found.model.estimator for found in confirmed.values() if isinstance(found, Confirmed)))
    notes = (note, *answers.basis().notes())
    title = Text("验证性因子模型的拟合", "Fit of the factor models")
    return sg.Table.from_frame(pd.DataFrame(lines), columns, id="sem_models", title=title, notes=notes)


def fits(found: Confirmed, group: Text) -> Iterator[dict[str, object]]:
    """One line for each of the two models."""
    one, planned = found.rivals.models.values()
    factors = planned.loadings.shape[1]
    for words, model in ((PLANNED.format(k=factors), planned), (ONE, one)):
        scaled = "_scaled" if "cfi_scaled" in model.fit else ""
        indices = {name: model.fit[f"{name}{scaled}"] for name in FIT}
        yield {"group": group, "model": words, "n": model.n, "srmr": model.fit["srmr"], **indices}


def levels_table(levels: Mapping[str, sg.Invariance | NotExamined], answers: sg.Responses) -> sg.Table | None:
    """The level that each construct reached, and what had to be released for it."""
    lines = [
        {
            "construct": answers.questionnaire.label(name),
            "n": found.n,
            **{f"{level}_cfi": change(found, level) for level in ("metric", "scalar", "strict")},
            "released": same(", ".join(found.log["parameter"]) or "–"),
            "reached": level_words(found.reached),
            "means": Text("可", "yes") if found.reached in COMPARABLE else Text("仅描述", "description only"),
        }
        for name, found in levels.items()
        if isinstance(found, sg.Invariance)
    ]
    if not lines:
        return None
    delta = Text("ΔCFI", "ΔCFI")
    columns = [
        Column("construct", HEADS["construct"], "text"),
        Column("n", HEADS["n"], "count"),
        Column("metric_cfi", level_words("metric"), "bounded", spanner=delta),
        Column("scalar_cfi", level_words("scalar"), "bounded", spanner=delta),
        Column("strict_cfi", level_words("strict"), "bounded", spanner=delta),
        Column("released", Text("放开的参数", "Released"), "text"),
        Column("reached", Text("达到的水平", "Level reached"), "text"),
        Column("means", Text("均值可比", "Means comparable"), "text"),
    ]
    note = Text(
        "逐个维度检验；ΔCFI为与前一水平之差（负值为变差），低于−0.010视为不成立；不成立时逐一放开参数。",
        "Construct by construct; ΔCFI is the change from the level before (negative is worse), not held below −.010; "
        "where a level does not hold parameters are released one at a time.",
    )
    title = Text("各维度的测量等值性", "Measurement invariance of each construct")
    notes = (note, *answers.basis().notes())
    return sg.Table.from_frame(pd.DataFrame(lines), columns, id="invariance", title=title, notes=notes)


def change(found: sg.Invariance, level: str) -> float:
    """The change in CFI of a level before anything was released for it; nan where it was not reached."""
    lines = found.frame[found.frame["level"] == level]
    return float(lines["delta_cfi"].iloc[0]) if len(lines) else float("nan")
