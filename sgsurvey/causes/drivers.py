"""What goes with the outcome?  A fixed battery of regressions, from the same people's answers to other people's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.causes import battery
from sgsurvey.causes.evidence import Evidence, collect, design_remarks, group_labels
from sgsurvey.causes.township import too_few, why_not
from sgsurvey.errors import EstimationError
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Model = Literal["pooled", "within", "between", "difference", "cross_informant", "disattenuated", "records"]
MODELS: dict[str, Text] = {
    "pooled": Text("合并回归（同一批受访者）", "Pooled regression (same respondents)"),
    "within": Text("地点内（同一批受访者）", "Within places (same respondents)"),
    "between": Text("地点间（同一批受访者）", "Between places (same respondents)"),
    "difference": Text("地点间减地点内", "Between less within"),
    "cross_informant": Text("跨主体（他人评因素，本组评结果）", "Cross-informant (others rate the drivers)"),
    "disattenuated": Text("跨主体，校正测量误差", "Cross-informant, disattenuated"),
    "records": Text("地点客观资料（非自评）", "Facts of places (nobody rated them)"),
}
GROUP_MODEL = Text("{g}：{m}", "{g}: {m}")
TELLS: dict[str, Text] = {
    "pooled": Text(
        "合并回归：同一人既评因素又评结果，宽松或苛刻的打分会抬高所有系数；不能单独作为依据。",
        "Pooled: one person rates drivers and outcome, so lenient marking raises every coefficient: "
        "no evidence by itself.",
    ),
    "within": Text(
        "地点内：同一地点的人之间的差异，是个人经历与打分倾向之和，二者无法区分。",
        "Within places: differences between people of one place, own experience and leniency in one; not separable.",
    ),
    "between": Text(
        "地点间：各地点均值之间的差异，个人的打分倾向大多抵消，但一地一组共有的仍在。",
        "Between places: differences between means of places; leniency of persons averages out, that of a group "
        "does not.",
    ),
    "difference": Text(
        "地点间减地点内：不为0说明合并回归混合了两种不同的关联。",
        "Between less within: if not 0, the pooled coefficient mixes two different associations.",
    ),
    "cross_informant": Text(
        "跨主体：一组对结果的评价与其他各组对因素的评价相比，打分倾向不起作用；系数因测量误差偏小。",
        "Cross-informant: one group's outcome against the other groups' drivers; leniency plays no part, "
        "coefficients are attenuated.",
    ),
    "disattenuated": Text(
        "校正后的跨主体：用组间协方差去除各组自身的误差；地点多时才可用。",
        "Disattenuated: covariances between groups remove each group's own error; usable with many places only.",
    ),
    "records": Text(
        "客观资料：结果与行政记录或观察的关联，以地点间一个标准差为单位；不受打分倾向影响。",
        "Facts of places: outcome against records or observation, per standard deviation between places; "
        "free of leniency.",
    ),
}


# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drivers(Result):
    """The battery: which models agree on what goes with the outcome.

    Attributes
    ----------
    frame : DataFrame
        ``group, model, term, estimate, std_error, statistic, df, p_value, p_adjusted, conf_low, conf_high, n,
        clusters``; points of outcome per point of a driver (per standard deviation between places for ``records``).
        ``p_adjusted`` is Holm's over the drivers (and groups) of a model.
    outcome : str
    headline : mapping of group to model
        The model that judgements rest on, declared by the number of places before any coefficient was seen.
    left_out : mapping of (group, model) to Text
        Why a model was not fitted.
    halo : mapping of group to float
        Share of the first component of outcome and drivers among people of one place and group: 1 is pure leniency.
    groups : mapping of group to Text
    remarks : tuple of Text
    """

    outcome: str
    headline: Mapping[object, str]
    left_out: Mapping[tuple[object, str], Text]
    halo: Mapping[object, float]
    groups: Mapping[object, Text]
    remarks: tuple[Text, ...]

    def model(self, name: Model, group: object = "all") -> pd.DataFrame:
        """The lines of one model."""
        chosen = (self.frame["model"] == name) & (self.frame["group"] == group)
        return self.frame[chosen].reset_index(drop=True)

    def _table(self) -> Table:
        several = len(self.groups) > 1
        names = zip(self.frame["group"], self.frame["model"], strict=True)
        heads = [GROUP_MODEL.format(g=self.groups[g], m=MODELS[m]) if several else MODELS[m] for g, m in names]
        shown = self.frame.assign(
            head=pd.Series(heads, index=self.frame.index), term=self.frame["term"].map(self.basis.label)
        )
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"]),
            Column("std_error", HEADS["std_error"]),
            Column("statistic", HEADS["t"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
            Column("conf_low:conf_high", HEADS["conf_95"], "interval"),
            Column("n", HEADS["n"], "count"),
            Column("clusters", HEADS["clusters"], "count"),
        ]
        title = Text("与{y}相关联的因素", "What goes with {y}").format(y=self.basis.label(self.outcome))
        return Table.from_frame(shown, columns, id="drivers", title=title, group="head", notes=self.notes())

    def notes(self) -> tuple[Text, ...]:
        """What each model can and cannot tell, which one judgements rest on, and what was not fitted."""
        fitted = list(dict.fromkeys(self.frame["model"]))
        unit = Text(
            "系数为百分制：因素每差1分，结果相差多少分；均为关联，不表示因果。校正p为Holm校正（同一模型内）。",
            "Coefficients are points of outcome per point of a driver, both of 100; they are associations. "
            "Adjusted p: Holm within a model.",
        )
        error = Text(
            "标准误：同源模型为聚类稳健CR2（Satterthwaite自由度；无地点时HC3），跨主体模型为逐一剔除地点的刀切法，t(G−1)。",
            "Standard errors: CR2 by place with Satterthwaite df for same-source models (HC3 without places); "
            "jackknife over places with t(G − 1) for cross-informant ones.",
        )
        notes = [unit, error, *(TELLS[m] for m in fitted)]
        for group, model in self.headline.items():
            share = self.halo[group]
            about = Text("判断依据：{m}。", "Judgements rest on: {m}.").format(m=MODELS[model])
            if not np.isnan(share):
                about = Text(
                    "{a}同一地点同一组内，第一主成分占{h}%（越高，打分倾向越强）。",
                    "{a} Within a place and group the first component holds {h} % of the ratings: the more, the more "
                    "halo.",
                ).format(a=about, h=f"{100 * share:.0f}")
            notes.append(self._of(group, about))
        for (group, model), why in self.left_out.items():
            notes.append(
                self._of(group, Text("未做{m}：{w}。", "Not fitted: {m}: {w}.").format(m=MODELS[model], w=why))
            )
        return (*notes, *self.remarks)

    def _of(self, group: object, words: Text) -> Text:
        if len(self.groups) < 2:
            return words
        return GROUP_MODEL.format(g=self.groups[group], m=words)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Coefficients of the models side by side, for the first group."""
        from sgsurvey.figures.forest import forest

        lang = language or self.basis.language
        first = self.frame[(self.frame["group"] == self.frame["group"].iloc[0]) & (self.frame["model"] != "difference")]
        shown = first.assign(
            term=[self.basis.label(t).to(lang) for t in first["term"]],
            model=[MODELS[m].to(lang) for m in first["model"]],
        ).sort_values("term", kind="stable", key=lambda c: c.map({t: i for i, t in enumerate(dict.fromkeys(c))}))
        return forest(shown.drop(columns=["group", "n"]).reset_index(drop=True), ax=ax, language=lang)


# Door ---------------------------------------------------------------------------------------------


def drivers(
    answers: Responses | pd.DataFrame,
    outcome: str,
    drivers: str | Sequence[str],
    *,
    by: str | None = None,
    cluster: str | None = None,
    covariates: Sequence[str] = (),
) -> Drivers:
    """What goes with an outcome, in a fixed battery of models from the weakest evidence to the strongest.

    Everything rated is in points of 100, high is good.

    ``pooled``
        Outcome on all drivers and dummies of the groups, over respondents; CR2 with Satterthwaite df.
    ``within``, ``between``, ``difference``
        Each driver split into the mean of the place and the deviation from it (Mundlak 1978, Econometrica 46, 69-85).
    ``cross_informant``
        Mean of the outcome in group a on the means of the other groups' ratings, over places; pooled over a.
    ``disattenuated``
        The same from covariances between groups; from 30 places and three groups on.
    ``records``
        Outcome on the drivers that are facts of places: columns joined by place, not rated by respondents.

    With fewer than 6 places, or no more than three for each driver, nothing is said about differences between places.

    Parameters
    ----------
    answers : Responses or DataFrame
        A DataFrame needs limits and constructs: pass ``sg.responses(frame, constructs, limits=…, roles=…)``.
    outcome : str
        A construct or rated item.
    drivers : list of str
        Constructs, rated items, or numeric columns that are the same for everybody in a place.
    by : str, optional
        Groups whose outcome is explained one by one; the other informants stay as they are.
    cluster : str, optional
        Column of the places; the design's clusters unless named.  Rows without a place are left out, with their count.
    covariates : list of str
        Columns held fixed in the models over respondents; they get no line of their own.

    Raises
    ------
    DataError
        A name is unknown, or a fact is the same everywhere.
    DesignError
        A column differs within a place, or the design has weights, population sizes, further stages or replicates.
    EstimationError
        Drivers or covariates repeat each other.
    """
    answers = as_columns(answers)
    answers.refuse_design("drivers", "weights", "fpc", "stages", "replicates")
    gathered = collect(answers, outcome, drivers, cluster=cluster, by=by, covariates=covariates)
    lines: list[pd.DataFrame] = []
    left_out: dict[tuple[object, str], Text] = {}
    headline: dict[object, str] = {}
    halo: dict[object, float] = {}
    used = np.zeros(len(answers), dtype=bool)
    for group, evidence in gathered.items():
        rows = evidence.rows([outcome, *evidence.drivers])
        if not evidence.enough(rows):
            left_out[group, "pooled"] = Text("在各地点作答的人太少", "too few respondents who answered about places")
            continue
        used |= rows
        found, missing, headline[group] = _battery(evidence, rows)
        left_out |= {(group, model): why for model, why in missing.items()}
        if not found.empty:
            lines.append(found.assign(group=pd.Series([group] * len(found), index=found.index)))
        halo[group] = battery.halo(evidence, rows)
    if not lines:
        raise EstimationError(
            f"nobody answered '{outcome}' and all drivers in enough places.",
            remedy="Use fewer drivers, or a column of places that these respondents have.",
        )
    frame = pd.concat(lines, ignore_index=True)
    frame["p_adjusted"] = frame.groupby("model")["p_value"].transform(lambda p: adjusted(p))
    everything = next(iter(gathered.values()))
    dropped = everything.dropped([outcome, *everything.drivers]) if by is None else everything.unused(used)
    order = ["group", "model", "term", "estimate", "std_error", "statistic", "df", "p_value", "p_adjusted"]
    return Drivers(
        frame[[*order, "conf_low", "conf_high", "n", "clusters"]],
        answers.basis(int(used.sum()), dropped),
        outcome,
        headline,
        left_out,
        halo,
        group_labels(answers, by),
        design_remarks(answers),
    )


def _battery(evidence: Evidence, rows: npt.NDArray[np.bool_]) -> tuple[pd.DataFrame, dict[str, Text], str]:
    """All models for one group: their lines, why others were not fitted, and the headline."""
    lines: list[pd.DataFrame] = []
    missing: dict[str, Text] = {}
    headline = "records"
    if evidence.drivers:
        headline = "pooled"
        lines.append(battery.pooled(evidence, rows))
        if (why := _few_places(evidence, rows, len(evidence.drivers))) is None:
            lines.append(battery.mundlak(evidence, rows))
        else:
            missing["between"] = why
        informants = evidence.informants
        why = why_not(informants, placed=evidence.places is not None)
        if informants is not None and why is None:
            found = battery.cross(informants)
            lines += found.values()
            headline = list(found)[-1]
        elif why is not None:
            missing["cross_informant"] = why
    if evidence.facts:
        facts = evidence.rows([evidence.outcome, *evidence.facts])
        if (why := _few_places(evidence, facts, len(evidence.facts))) is None:
            lines.append(battery.records(evidence))
        else:
            missing["records"] = why
    return pd.concat(lines, ignore_index=True) if lines else pd.DataFrame(), missing, headline


def _few_places(evidence: Evidence, rows: npt.NDArray[np.bool_], drivers: int) -> Text | None:
    if evidence.places is None:
        return why_not(None, placed=False)
    return too_few(evidence.places[rows].nunique(), drivers)
