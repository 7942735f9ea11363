"""Tables that say on one page what the models of every group and construct would say on ten."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from examined import NotExamined
from measurement import Confirmed
from wording import named

import sgsurvey as sg
from sgsurvey.causes.gaps import COMPARABLE
from sgsurvey.measurement.invariance_tables import level_words
from sgsurvey.tables.table import Column
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

FIT = ("chi_square", "df", "cfi", "tli", "rmsea")
PLANNED = Text("计划的{k}因子", "{k} factors, as planned")
ONE = Text("单因子", "one factor")
YES, DESCRIBED = Text("可", "yes"), Text("仅描述", "description only")


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
    table = sg.Table.from_frame(pd.DataFrame(lines), columns, id="sem_models", title=title, notes=notes)
    return table.telling(*of_fit(table))


FITS = Text(
    "各组中，计划的因子模型CFI为{planned}，单因子模型为{one}；RMSEA依次为{planned_rmsea}和{one_rmsea}。",
    "In the groups, the planned model has CFI {planned}, one factor {one}; RMSEA is {planned_rmsea} and {one_rmsea}.",
)
COMPATIBLE = Text(
    "拟合好只说明数据与模型相容，惯例不是判据；各维度能否区分另看区分效度。",
    "A good fit says that the data are compatible with the model; whether constructs are distinct is for discriminant "
    "validity to show.",
)
TO = Text("{low}至{high}", "{low} to {high}")


def of_fit(table: sg.Table) -> tuple[Text, ...]:
    """What the table of fits says: both models over the groups."""
    one = [line for line in lines(table, "cfi", "rmsea") if line.value("model") == ONE]
    planned = [line for line in lines(table, "cfi", "rmsea") if line.value("model") != ONE]
    if not one or not planned:
        return ()
    words = FITS.format(
        planned=extremes(planned, "cfi"),
        one=extremes(one, "cfi"),
        planned_rmsea=extremes(planned, "rmsea"),
        one_rmsea=extremes(one, "rmsea"),
    )
    return words, COMPATIBLE


def extremes(found: Sequence[Line], key: str) -> Text:
    """The lowest and the highest as they are printed, once where they are the same."""
    by_size = ranked(found, key)
    low, high = by_size[0].said(key), by_size[-1].said(key)
    return low if low == high else TO.format(low=low, high=high)


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
            "means": YES if found.reached in COMPARABLE else DESCRIBED,
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
    table = sg.Table.from_frame(pd.DataFrame(lines), columns, id="invariance", title=title, notes=notes)
    return table.telling(*of_levels(table))


REACHED = Text(
    "{n}个维度中，均值可以在各组之间比较的有{k}个；标为“仅描述”的有{d}个。",
    "Of {n} constructs {k} reach the level at which means can be compared, and {d} stay at description.",
)
RELEASED = Text(
    "其中{names}是在放开个别参数之后达到的，由数据选出的模型须用另外的数据验证。",
    "{names} got there after parameters were released: a model that the data chose needs other data to confirm it.",
)


def of_levels(table: sg.Table) -> tuple[Text, ...]:
    """What the table of levels says: constructs whose means can be compared, and where parameters were released."""
    every = lines(table, "means")
    if not every:
        return ()
    comparable = [line for line in every if line.value("means") == YES]
    said = REACHED.format(n=len(every), k=len(comparable), d=len(every) - len(comparable))
    partly = [line.said("construct") for line in comparable if line.value("released") != same("–")]
    return (said, RELEASED.format(names=several(partly))) if partly else (said,)


def change(found: sg.Invariance, level: str) -> float:
    """The change in CFI of a level before anything was released for it; nan where it was not reached."""
    lines = found.frame[found.frame["level"] == level]
    return float(lines["delta_cfi"].iloc[0]) if len(lines) else float("nan")
