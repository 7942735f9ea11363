"""What goes with the outcome?  A fixed battery of regressions, from the same people's answers to other people's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.causes import battery
from sgsurvey.causes.battery_checks import Respondents, checks
from sgsurvey.causes.battery_words import GROUP_MODEL, MODELS, SHORT, TELLS, Model
from sgsurvey.causes.evidence import Evidence, collect, design_remarks, group_labels, weight_remarks
from sgsurvey.causes.sentences import PRINTED, of_headline
from sgsurvey.causes.side_by_side import agreement, summary_table
from sgsurvey.causes.township import NO_PLACES, too_few, why_not
from sgsurvey.errors import EstimationError
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drivers(Result):
    """The battery: which models agree on what goes with the outcome.

    Attributes
    ----------
    frame : DataFrame
        ``group, model, term, estimate, std_error, statistic, df, p_value, p_adjusted, conf_low, conf_high, n,
        clusters``; points of outcome per point of a driver (per standard deviation between places for ``records``;
        points of probability for ``ordered``).
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
    seed : int or None
        Of the wild bootstrap.
    """

    outcome: str
    headline: Mapping[object, str]
    left_out: Mapping[tuple[object, str], Text]
    halo: Mapping[object, float]
    groups: Mapping[object, Text]
    remarks: tuple[Text, ...]
    seed: int | None

    def model(self, name: Model, group: object = "all") -> pd.DataFrame:
        """The lines of one model."""
        chosen = (self.frame["model"] == name) & (self.frame["group"] == group)
        return self.frame[chosen].reset_index(drop=True)

    @property
    def agreement(self) -> pd.DataFrame:
        """How many of the other models agree with the headline on each driver: see ``side_by_side.agreement``."""
        return agreement(self.frame, self.headline)

    def summary_table(self) -> Table:
        """Drivers as rows, models as columns, signs and significance in the cells."""
        table = summary_table(self.frame, self.headline, self.outcome, self.groups, self.basis)
        return replace(table, notes=(*table.notes, *self.remarks)).to(self.basis.language)

    def _sentences(self) -> tuple[Text, ...]:
        """One sentence for each driver of the headline model, and what the other models say, as the design allows."""
        lines = self.agreement.merge(
            self.frame[["group", "model", "term", "p_adjusted", "conf_low", "conf_high"]],
            left_on=["group", "headline", "term"],
            right_on=["group", "model", "term"],
        )
        said = (
            of_headline(line, self.outcome, SHORT[line["headline"]], self.basis) for line in lines.to_dict("records")
        )
        return tuple(self._of(group, words) for group, words in zip(lines["group"], said, strict=True))

    def _table(self) -> Table:
        several = len(self.groups) > 1
        names = zip(self.frame["group"], self.frame["model"], strict=True)
        heads = [GROUP_MODEL.format(g=self.groups[g], m=MODELS[m]) if several else MODELS[m] for g, m in names]
        shown = self.frame.assign(
            head=pd.Series(heads, index=self.frame.index), term=self.frame["term"].map(self.basis.label)
        )
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"], *PRINTED["estimate"]),
            Column("std_error", HEADS["std_error"]),
            Column("statistic", HEADS["t"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("p_adjusted", HEADS["p_adjusted"], *PRINTED["p_adjusted"]),
            Column("conf_low:conf_high", HEADS["conf_95"], *PRINTED["conf_low:conf_high"]),
            Column("n", HEADS["n"], "count"),
            Column("clusters", HEADS["clusters"], "count"),
        ]
        title = Text("与{y}相关联的因素", "What goes with {y}").format(y=self.basis.label(self.outcome))
        table = Table.from_frame(shown, columns, id="drivers", title=title, group="head", notes=self.notes())
        return table.telling(*self._sentences())

    def notes(self) -> tuple[Text, ...]:
        """What each model can and cannot tell, which one judgements rest on, and what was not fitted."""
        fitted = list(dict.fromkeys(self.frame["model"]))
        unit = Text(
            "系数为百分制：因素每差1分，结果相差多少分；均为关联，不表示因果。校正p为Holm校正（同一模型内）。",
            "Coefficients are points of outcome per point of a driver, both of 100; they are associations. "
            "Adjusted p: Holm within a model.",
        )
        error = Text(
            "标准误：同源回归为聚类稳健CR2（Satterthwaite自由度；无地点时HC3），有序Logit为聚类三明治，"
            "跨主体与测量误差模型为逐一剔除地点的刀切法，t(G−1)。",
            "Standard errors: CR2 by place with Satterthwaite df for regressions of the same source (HC3 without "
            "places); sandwich by place for the ordered logit; jackknife over places with t(G − 1) for cross-informant "
            "and errors-in-variables ones.",
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
        points = ~self.frame["model"].isin(["difference", "wild", "ordered"])
        first = self.frame[(self.frame["group"] == self.frame["group"].iloc[0]) & points]
        shown = first.assign(
            term=[self.basis.label(t).to(lang) for t in first["term"]],
            model=[MODELS[m].to(lang) for m in first["model"]],
        ).sort_values("term", kind="stable", key=lambda c: c.map({t: i for i, t in enumerate(dict.fromkeys(c))}))
        return forest(shown.drop(columns=["group", "n"]).reset_index(drop=True), n=self.n, ax=ax, language=lang)


# Door ---------------------------------------------------------------------------------------------


def drivers(
    answers: Responses | pd.DataFrame,
    outcome: str,
    drivers: str | Sequence[str],
    *,
    by: str | None = None,
    cluster: str | None = None,
    covariates: Sequence[str] = (),
    seed: int | None = None,
) -> Drivers:
    """What goes with an outcome, in a fixed battery of models from the weakest evidence to the strongest.

    Everything rated is in points of 100, high is good.

    ``pooled``
        Outcome on all drivers and dummies of the groups, over respondents; CR2 with Satterthwaite df.
    ``wild``
        The pooled coefficients tested by the wild cluster bootstrap (Webb's weights below 12 places); asks for a seed.
    ``halo_control``
        Pooled, with how the respondent rates a marker (else the mean of the constructs not named here) held fixed.
    ``ordered``
        Ordered logit of the outcome's answer (of a construct: its score, rounded); average marginal effects on an
        answer above the middle of the scale, in points of probability (of 100) per point of a driver.
    ``random_intercept``
        Each place with a level of its own; Kenward and Roger's errors and df.
    ``errors_in_variables``
        Random error of drivers with several items taken out by alpha; jackknife over places.
    ``within``, ``between``, ``difference``
        Each driver split into the mean of the place and the deviation from it (Mundlak 1978, Econometrica 46, 69-85).
    ``cross_informant``
        Mean of the outcome in group a on the means of the other groups' ratings, over places; pooled over a.
    ``disattenuated``
        The same from covariances between groups; from 30 places and three groups on.
    ``records``
        Outcome on the drivers that are facts of places: columns joined by place, not rated by respondents.

    With fewer than 6 places, or no more than three for each driver, nothing is said about differences between places;
    checks of the pooled model ask for an effective n above 10 for each driver.  What was not fitted is in ``left_out``.

    Parameters
    ----------
    answers : Responses or DataFrame
        A DataFrame needs limits and constructs: pass ``sg.responses(frame, constructs, limits=…, roles=…)``.  Weights
        of its design are used in every model but the random intercept, which is not run where they differ; their scale
        does not matter, and each place counts once in what rests on different respondents.
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
    seed : int, optional
        Of the wild bootstrap.

    Raises
    ------
    DataError
        A name is unknown, or a fact is the same everywhere.
    DesignError
        A column differs within a place, or the design has population sizes, further stages or replicates.
    EstimationError
        Drivers or covariates repeat each other.
    """
    answers = as_columns(answers)
    answers.refuse_design("drivers", "fpc", "stages", "replicates")
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
        found, missing, headline[group] = _battery(Respondents.of(answers, evidence, rows), seed)
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
        (*weight_remarks(answers), *design_remarks(answers)),
        seed,
    )


def _battery(people: Respondents, seed: int | None) -> tuple[pd.DataFrame, dict[str, Text], str]:
    """All models for one group: their lines, why others were not fitted, and the headline."""
    evidence, rows = people.evidence, people.rows
    lines: list[pd.DataFrame] = []
    missing: dict[str, Text] = {}
    headline = "records"
    if evidence.drivers:
        headline = "pooled"
        lines.append(battery.pooled(evidence, rows))
        for model, outcome in checks(people, seed=seed).items():
            if isinstance(outcome, Text):
                missing[model] = outcome
            else:
                lines.append(outcome)
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
        return NO_PLACES
    return too_few(evidence.places[rows].nunique(), drivers)
