"""Checks of the pooled regression: other models of the same respondents, each with its lines or why it was not fitted.

Each model is that of its own door (``sg.ordered``, ``sg.multilevel`` …), given outcome and drivers in points of 100 and
the weights of the design.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.design import Design
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.causes import battery
from sgsurvey.causes.evidence import Evidence
from sgsurvey.causes.points import points, points_per_unit
from sgsurvey.causes.township import NO_PLACES, too_few
from sgsurvey.errors import DataError, DesignError, EstimationError
from sgsurvey.models.errors_in_variables import errors_in_variables as corrected
from sgsurvey.models.multilevel import multilevel
from sgsurvey.models.ordered import ordered as ordered_logit
from sgsurvey.models.wild_bootstrap import wild_bootstrap
from sgsurvey.numerics.linearise import intraclass
from sgsurvey.text import Text
from sgsurvey.weighting.effects import kish_deff

# A model of respondents needs more than so many, after allowing for places, for each driver.
RESPONDENTS_PER_DRIVER = 10
# An outcome with more categories than 0 to 10 is a number, not an answer.
MOST_CATEGORIES = 11
# What tells a person's leniency must have been asked of this share of the respondents.
ASKED = 2 / 3
DRAWS = 1999
# A sum of squared residuals that is so small a share of the outcome's is rounding.
EXACT = 1e-20
# Rabe-Hesketh and Skrondal (2006), Journal of the Royal Statistical Society A 169, 805-827.
UNWEIGHTED = Text(
    "各人权数不同时，该模型还需要地点的权数，设计中没有",
    "where weights differ it would need those of places too, which the design does not have",
)
# Names that no questionnaire gives.
OUTCOME, PLACE, WEIGHT = "outcome in points", "unit of the sample", "weight in the sample"


@dataclass(frozen=True)
class Respondents:
    """Who is modelled, and the frame that the doors read.

    Attributes
    ----------
    evidence : Evidence
    rows : ndarray of bool
    answers : Responses
        Of all rows: for scales, items and other constructs.
    frame : DataFrame
        Outcome, place (or each row for itself) and weight under names of their own, drivers and controls.
    controls : list of str
    """

    evidence: Evidence
    rows: battery.Rows
    answers: Responses
    frame: pd.DataFrame
    controls: list[str]

    @classmethod
    def of(cls, answers: Responses, evidence: Evidence, rows: battery.Rows) -> Respondents:
        """The rows of one group."""
        controls = evidence.controls(rows)
        controls = controls.set_axis([f"held fixed {k}" for k in range(controls.shape[1])], axis=1)
        place = np.arange(int(rows.sum())) if evidence.places is None else evidence.places[rows].to_numpy()
        own = evidence.frame.loc[rows, list(evidence.drivers)]
        outcome = evidence.frame.loc[rows, evidence.outcome]
        weight = evidence.weighing(rows)
        frame = pd.concat([own, controls], axis=1).assign(
            **{OUTCOME: outcome, PLACE: place, WEIGHT: 1.0 if weight is None else weight}
        )
        return cls(evidence, rows, answers, frame.reset_index(drop=True), list(controls.columns))

    @property
    def formula(self) -> str:
        """The outcome on drivers, then controls."""
        return f"`{OUTCOME}` ~ " + " + ".join(f"`{name}`" for name in (*self.evidence.drivers, *self.controls))

    def weighted(self, given: Responses | pd.DataFrame) -> Responses:
        """What a door reads, with the design's weights declared where there are any."""
        given = as_columns(given)
        return given if self.evidence.weights is None else given.designed(Design(weights=WEIGHT))

    @property
    def clusters(self) -> float:
        """Number of places; nan without."""
        return float("nan") if self.evidence.places is None else float(self.frame[PLACE].nunique())

    @property
    def determined(self) -> bool:
        """Whether drivers and controls leave nothing of the outcome, but for rounding."""
        y = self.frame[OUTCOME].to_numpy()
        x = self.frame[[*self.evidence.drivers, *self.controls]].to_numpy(dtype=float)
        design = np.column_stack([np.ones(len(y)), x])
        residuals = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return bool(residuals @ residuals <= EXACT * (y @ y))

    def lines(self, model: str, found: pd.DataFrame, n: int) -> pd.DataFrame:
        """Lines of a door's frame, which come in the order of the drivers."""
        columns = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]
        values = {name: found[name].to_numpy(dtype=float) for name in columns}
        return battery.tidy(model, self.evidence.drivers, values, n, self.clusters)

    def gate(self) -> Text | None:
        """Why so few places or respondents do not carry another model, in words; None if they do."""
        if self.evidence.places is not None and (why := too_few(int(self.clusters), 0)) is not None:
            return why
        n = len(self.frame) / kish_deff(self.frame[WEIGHT].to_numpy())
        if self.evidence.places is not None:
            icc = intraclass(self.frame[OUTCOME].to_numpy(), pd.factorize(self.frame[PLACE])[0].astype(np.int64))
            n /= 1 + (n / self.clusters - 1) * max(np.nan_to_num(icc), 0.0)
        needed = RESPONDENTS_PER_DRIVER * len(self.evidence.drivers)
        if n > needed:
            return None
        return Text(
            "有效样本量{n}，{p}个因素须多于{k}", "effective n is {n}, and {p} drivers need more than {k}"
        ).format(n=f"{n:.0f}", p=len(self.evidence.drivers), k=needed)


def checks(people: Respondents, *, seed: int | None) -> dict[str, pd.DataFrame | Text]:
    """The lines of each model, or why it was not fitted."""
    if people.determined:
        none = Text("因素完全决定结果，没有残差", "the drivers determine the outcome and leave nothing to test")
        return dict.fromkeys(("wild", "halo_control", "ordered", "random_intercept", "errors_in_variables"), none)
    found: dict[str, pd.DataFrame | Text] = {"wild": wild(people, seed=seed)}
    why = people.gate()
    models = {
        "halo_control": halo_control,
        "ordered": ordered,
        "random_intercept": random_intercept,
        "errors_in_variables": errors_in_variables,
    }
    return found | {name: model(people) if why is None else why for name, model in models.items()}


def wild(people: Respondents, *, seed: int | None) -> pd.DataFrame | Text:
    """The pooled coefficients tested by the wild cluster bootstrap."""
    if people.evidence.places is None:
        return NO_PLACES
    if (why := too_few(int(people.clusters), 0)) is not None:
        return why
    if seed is None:
        return Text("没有给出随机种子（seed=）", "no seed= was given")
    result = wild_bootstrap(people.weighted(people.frame), people.formula, cluster=PLACE, draws=DRAWS, seed=seed)
    found = result.frame.iloc[: len(people.evidence.drivers)]
    return people.lines("wild", found.assign(std_error=found["estimate"] / found["statistic"], df=np.nan), result.n)


def halo_control(people: Respondents) -> pd.DataFrame | Text:
    """The pooled regression with what the respondent says of unrelated things held fixed."""
    told = leniency(people)
    if isinstance(told, Text):
        return told
    evidence, rows = people.evidence, people.rows & told.notna().to_numpy()
    if not evidence.enough(rows):
        return Text("答过无关内容的人太少", "too few respondents rated unrelated things")
    held = evidence.controls(rows).assign(leniency=told[rows])
    y = evidence.frame.loc[rows, evidence.outcome].to_numpy()
    x = np.hstack([evidence.frame.loc[rows, list(evidence.drivers)].to_numpy(), held.to_numpy(dtype=float)])
    try:
        places = None if evidence.places is None else evidence.places[rows]
        fitted = battery.fit(y, x, places, evidence.weighing(rows))
    except EstimationError:
        return Text("打分倾向与其他变量重复", "leniency repeats other variables")
    found = battery.combined(fitted, np.eye(x.shape[1] + 1)[1 : len(evidence.drivers) + 1])
    clusters = float("nan") if evidence.places is None else float(evidence.places[rows].nunique())
    return battery.tidy("halo_control", evidence.drivers, found, fitted.n, clusters)


def leniency(people: Respondents) -> pd.Series | Text:
    """How high each respondent rates what neither outcome nor driver is: a marker, else the mean of other constructs.

    In points of 100; or why there is none.
    """
    questionnaire = people.answers.questionnaire
    used = {people.evidence.outcome, *people.evidence.drivers, *people.evidence.held.columns}
    rated: dict[str, list[pd.Series]] = {"marker": [], "other": []}
    for construct in questionnaire.constructs:
        if construct.kind in ("list", "background") or used & {construct.name, *construct.items}:
            continue
        try:
            rated["marker" if construct.kind == "marker" else "other"].append(points(people.answers, construct.name))
        except (DataError, DesignError):  # not among these answers, or items on several scales
            continue
    for columns in rated.values():
        if columns:
            mean = pd.concat(columns, axis=1).mean(axis=1)
            if mean[people.rows].notna().mean() >= ASKED and mean[people.rows].std() > 0:
                return mean
    return Text("没有问及与之无关的内容", "nothing unrelated was rated")


def ordered(people: Respondents) -> pd.DataFrame | Text:
    """Average marginal effects on an answer above the middle of the scale, in points of probability (of 100)."""
    low, high = people.answers.limits(people.evidence.outcome)
    steps = high - low
    if steps != int(steps) or steps >= MOST_CATEGORIES:
        return Text(
            "结果不是等级（超过{k}级）", "the outcome has no ordered answers (more than {k} categories)"
        ).format(k=MOST_CATEGORIES)
    answer = np.floor(people.frame[OUTCOME] / 100.0 * steps + 0.5)
    try:
        given = people.weighted(people.frame.assign(**{OUTCOME: answer}))
        fitted = ordered_logit(given, people.formula, cluster=PLACE)
        effects = fitted.margins(at_least=float(np.floor(steps / 2) + 1)).frame.iloc[: len(people.evidence.drivers)]
    except (DataError, EstimationError):
        return Text("答案分布不支持该模型", "the answers do not carry it (a category is empty or fully separated)")
    if effects["df"].isna().any():
        return Text("地点太少，没有自由度", "too few places leave no degrees of freedom")
    in_points = effects.assign(
        **{name: 100.0 * effects[name] for name in ("estimate", "std_error", "conf_low", "conf_high")}
    )
    return people.lines("ordered", in_points, len(people.frame))


def random_intercept(people: Respondents) -> pd.DataFrame | Text:
    """Each place with a level of its own; Kenward and Roger's errors and df."""
    if people.evidence.places is None:
        return NO_PLACES
    if not np.allclose(people.frame[WEIGHT], 1.0):
        return UNWEIGHTED
    try:
        result = multilevel(people.frame, people.formula, group=PLACE)
    except EstimationError:
        return Text("无法分开地点间与地点内的差异", "differences between and within places cannot be told apart")
    found = result.frame[result.frame["term"].isin(people.evidence.drivers)]
    return people.lines("random_intercept", found, result.n)


def errors_in_variables(people: Respondents) -> pd.DataFrame | Text:
    """Random error of the drivers taken out by their alphas, estimated again in each replicate of the jackknife."""
    constructs = {c.name: c for c in people.answers.questionnaire.constructs}
    for name in people.evidence.drivers:
        if name not in constructs or len(constructs[name].items) < 2:
            return Text("{x}只有一个题目，没有信度", "{x} has one item and no reliability").format(
                x=people.answers.basis().label(name)
            )
        if constructs[name].kind == "index":
            return Text("{x}是指数，各题不必一致，没有信度", "{x} is an index: its items need not agree").format(
                x=people.answers.basis().label(name)
            )
    beside = people.frame.drop(columns=list(people.evidence.drivers))
    beside = beside.set_axis(people.answers.frame.index[people.rows])
    raw = people.answers.frame[people.rows].assign(**{name: beside[name] for name in beside})
    given = people.weighted(Responses(raw, people.answers.questionnaire))
    try:
        result = corrected(
            given, people.formula, reliability=dict.fromkeys(people.evidence.drivers, "alpha"), cluster=PLACE
        )
    except EstimationError:
        return Text(
            "去除误差后，各因素所剩差异太少，或几乎相互决定（最小特征值低于0.05）",
            "without their errors the drivers hardly vary, or nearly determine each other (smallest eigenvalue below "
            "0.05)",
        )
    found = result.frame.iloc[1 : len(people.evidence.drivers) + 1]
    per_unit = np.array([points_per_unit(people.answers, name) for name in people.evidence.drivers])
    used = given.items(list(people.evidence.drivers)).notna().all(axis=1)
    df = np.full(len(per_unit), raw.loc[used, PLACE].nunique() - 1.0)
    lines = battery.inference(
        found["estimate"].to_numpy() / per_unit, found["std_error"].to_numpy() / np.abs(per_unit), df
    )
    return people.lines("errors_in_variables", pd.DataFrame(lines), result.n)
