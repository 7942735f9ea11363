"""Moderation: how the slope of a predictor differs over the values of another variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.models.coefficient_sentences import TOLD
from sgsurvey.models.covariance import Array, VcovKind
from sgsurvey.models.hidden_coefficients import without_few
from sgsurvey.models.interaction import Interaction, interaction, names_of
from sgsurvey.models.moderation_sentences import ADDED, TEST, Roles, of_moderation, of_regions, of_slopes
from sgsurvey.models.standard_errors import choose_errors
from sgsurvey.models.wording import check_level, conf_head, f_in_prose
from sgsurvey.numerics.johnson_neyman import discovery_level, regions
from sgsurvey.tables.few_persons import range_to_show, shared_values
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.suppress import suppressed
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, listed

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

ALONG = 41  # places at which a line is drawn
PLACES = {
    "mean - SD": Text("均值−标准差", "Mean − SD"),
    "mean": Text("均值", "Mean"),
    "mean + SD": Text("均值+标准差", "Mean + SD"),
}
RULES = {
    "t": Text("逐点t检验", "t at each value"),
    "false_discovery": Text("控制错误发现率", "False discoveries controlled"),
}
VERDICTS = {
    1: Text("为正", "positive"),
    0: Text("不能与0区分", "not told from 0"),
    -1: Text("为负", "negative"),
}
CENTRED = Text(
    "{names}已减去均值（{means}）：主效应是另一变量取均值时的斜率。",
    "{names} are centred (at {means}): each one's own slope is that at the other's mean.",
)
CENTRED_ONE = Text("{names}已减去均值（{means}）。", "{names} is centred (at {means}).")
OUTSIDE = Text("所选取值{values}超出观测范围，属外推。", "Beyond what was observed, so extrapolated: {values}.")
ESAREY = Text(
    "区间端点：斜率的t区间恰好触及0（Johnson–Neyman），只在观测范围内寻找；错误发现率按Esarey和Sumner（2018）。",
    "Ends: where the t interval of the slope touches 0 (Johnson-Neyman), within the values observed; false discoveries "
    "as Esarey and Sumner (2018).",
)


@dataclass(frozen=True)
class Moderation(Inline):
    """A predictor's slope over the values of a moderator.

    Attributes
    ----------
    frame : DataFrame
        ``term, estimate, std_error, statistic, df, p_value, conf_low, conf_high, beta, vif``: the model's coefficients.
    slopes : DataFrame
        Simple slopes: ``place`` ("mean - SD", "mean", "mean + SD", a level, or empty), ``at`` (the moderator's value;
        nan for a category), ``estimate, std_error, statistic, df, p_value, conf_low, conf_high``.
    regions : DataFrame
        Along a numeric moderator: ``rule`` ("t", "false_discovery"), ``level`` (of one test), ``low, high, sign`` (1,
        -1; 0 where the slope is not told from 0), ``share`` of the (weighted) rows; empty for a category.  At either
        end at least the smallest count of people lies at or past ``low`` and ``high``.
    interaction : Series
        ``statistic, df1, df2, p_value``, that the slope is the same everywhere; ``r_squared, delta_r_squared``.
    model : Interaction
    conf_level : float
    """

    slopes: pd.DataFrame
    regions: pd.DataFrame
    interaction: pd.Series
    model: Interaction
    conf_level: float

    inline_columns = TOLD

    def _table(self) -> Table:
        columns = [Column("term", HEADS["predictor"], "text"), *_columns(self.conf_level)]
        design = self.model.fit.design
        table = Table.from_frame(
            self.frame.assign(term=pd.Series(design.labels, dtype=object)),
            columns,
            id="moderation",
            title=Text("{outcome}：{moderator}的调节", "{outcome}: moderation by {moderator}").format(
                outcome=design.outcome_label, moderator=self.model.moderator
            ),
            notes=(*self._centring(), *self.model.fit.notes()),
        )
        table = without_few(table, self.frame["estimate"])
        s, width = self.interaction, len(columns) - 1
        test = self.model.test
        foot = [
            (HEADS["n"], Cell(self.n, "count", span=width)),
            (HEADS["r_squared"], Cell(s["r_squared"], "bounded", span=width)),
            (ADDED, Cell(s["delta_r_squared"], "bounded", 3, span=width)),
            (TEST, Cell(f_in_prose(test), span=width)),
        ]
        full = table.extended([Row((Cell(head), cell), kind="stat") for head, cell in foot])
        return full.telling(*of_moderation(full, self._roles(), differs=bool(s["p_value"] < ALPHA)))

    def _roles(self) -> Roles:
        return Roles(self.model.predictor, self.model.moderator, self.model.fit.design.outcome_label)

    def _centring(self) -> tuple[Text, ...]:
        """Which variables were centred, and where; what is out of range."""
        names = self.model.fit.design.names
        words = (self.model.predictor, self.model.moderator)
        at = (self.model.x, self.model.w[0])
        centred = [k for k in (0, 1) if names[at[k]].startswith("center(")]
        notes = []
        if centred:
            means = [in_prose(self.model.means[k], "estimate") for k in centred]
            shown = [words[k] for k in centred]
            both = Text("、".join(w.zh for w in shown), " and ".join(w.en for w in shown))
            said = CENTRED if len(centred) == 2 else CENTRED_ONE
            notes.append(said.format(names=both, means=listed(means)))
        if not self.model.levels:
            seen = self.model.values[:, 1]
            beyond = [v for v in self.slopes["at"] if not seen.min() <= v <= seen.max()]
            if beyond:
                notes.append(OUTSIDE.format(values=", ".join(f"{v:g}" for v in beyond)))
        return tuple(notes)

    def slopes_table(self, *, language: Language | None = None) -> Table:
        """Slopes of the predictor at values or levels of the moderator."""
        words = self.slopes.assign(place=pd.Series([self._place(row) for _, row in self.slopes.iterrows()]))
        columns = [Column("place", self.model.moderator, "text"), *_columns(self.conf_level)]
        title = Text("{predictor}的简单斜率", "Simple slopes of {predictor}").format(predictor=self.model.predictor)
        notes = (*self._centring(), *self.model.fit.covariance.notes)
        table = Table.from_frame(words, columns, id="simple_slopes", title=title, notes=notes)
        table = without_few(table, self.slopes["estimate"])
        return self.page(table.telling(*of_slopes(table, self._roles())), language)

    def _place(self, row: pd.Series) -> Text:
        if self.model.levels:
            return self.model.level_words[self.model.levels.index(row["place"])]
        value = in_prose(row["at"], "estimate")
        if not row["place"]:
            return value
        return Text("{place}（{value}）", "{place} ({value})").format(place=PLACES[row["place"]], value=value)

    def regions_table(self, *, language: Language | None = None) -> Table:
        """Where along the moderator the slope is told from 0.

        Raises
        ------
        DataError
            The moderator is a category, or a number of two values.
        """
        if self.regions.empty:
            raise _nothing_between(self.model.moderator)
        words = self.regions.assign(
            rule=self.regions["rule"].map(RULES), sign=[VERDICTS[sign] for sign in self.regions["sign"]]
        )
        columns = [
            Column("low:high", self.model.moderator, "interval"),
            Column("sign", Text("斜率", "Slope"), "text"),
            Column("share", Text("占样本（%）", "% of rows"), "percent"),
        ]
        title = Text("{predictor}的斜率：Johnson–Neyman区间", "Slope of {predictor}: Johnson-Neyman regions")
        table = Table.from_frame(words, columns, id="johnson_neyman", group="rule", notes=(ESAREY,),
                                 title=title.format(predictor=self.model.predictor))  # fmt: skip
        table = table.hiding([("share",) if few else () for few in self.regions["share"].isna()])
        return self.page(table.telling(*of_regions(table, self._roles())), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Expected outcome along the predictor at values or levels of the moderator, covariates at their means."""
        from sgsurvey.figures.lines import lines
        from sgsurvey.figures.style import refuse_blank

        refuse_blank(self.slopes["estimate"])
        language = language or self.basis.language
        x, smallest = self.model.values[:, 0], self.basis.smallest
        along = np.linspace(*range_to_show(x, smallest), ALONG)
        at = self.slopes["at"] if not self.model.levels else range(len(self.model.levels))
        parts = []
        for (_, row), value in zip(self.slopes.iterrows(), at, strict=True):
            if np.isnan(row["estimate"]):
                continue
            part = self.model.combinations(self.model.expected(along, float(value)), self.conf_level)
            name = f"{self.model.moderator.to(language)}: {self._place(row).to(language)}"
            parts.append(part.assign(x=along, line=name))
        return lines(
            pd.concat(parts), across=self.model.predictor, up=self.model.fit.design.outcome_label,
            rug=shared_values(x, smallest), n=self.n, ax=ax, language=language,
        )  # fmt: skip

    def slope_plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The predictor's slope along the moderator, with its band and the ends of its regions.

        Raises
        ------
        DataError
            The moderator is a category.
        """
        from sgsurvey.figures.lines import lines

        if self.model.levels:
            raise _nothing_between(self.model.moderator)
        w, smallest = self.model.values[:, 1], self.basis.smallest
        along = np.linspace(*range_to_show(w, smallest), ALONG)
        frame = self.model.combinations(self.model.slopes(along), self.conf_level).assign(x=along, line="")
        own = self.regions[self.regions["rule"] == "t"]
        up = Text("{predictor}的斜率", "Slope of {predictor}").format(predictor=self.model.predictor)
        return lines(
            frame, across=self.model.moderator, up=up, rug=shared_values(w, smallest),
            marks=tuple(own["low"].iloc[1:]), zero=True, n=self.n, ax=ax, language=language or self.basis.language,
        )  # fmt: skip


def _nothing_between(moderator: Text) -> DataError:
    return DataError(
        Text("两个值或各类别之间没有中间的取值。", "there is nothing between two values, or between categories."),
        where=Text("“{m}”", "'{m}'").format(m=moderator),
        remedy=Text("请看各取值的简单斜率。", "See the simple slopes, one for each value."),
    )


def moderation(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    moderator: str,
    at: Sequence[float] | None = None,
    vcov: VcovKind = "HC3",
    cluster: str | None = None,
    conf_level: float = 0.95,
) -> Moderation:
    """How the slope of a predictor differs over the values of a moderator, in a linear regression.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights, clusters and strata of its design are used.
    formula : str
        ``"SAT ~ FUN + C(role)"``: the first predictor is the one whose slope is asked; the others are covariates.
    moderator : str
        A number, or a category as ``"C(home)"``.  Predictor and moderator are centred at their means.
    at : list of float, optional
        Values of a numeric moderator for simple slopes; its mean and one standard deviation to each side unless given,
        both values where it has but two.
    vcov, cluster :
        As in ``ols``.
    conf_level : float

    Raises
    ------
    DataError
        The first predictor is no number, the formula has products, or ``at`` is given for a category.
    DesignError, EstimationError
        As ``ols``.

    References
    ----------
    Aiken, L. S., & West, S. G. (1991). Multiple Regression. Sage.  Bauer, D. J., & Curran, P. J. (2005). Multivariate
    Behavioral Research, 40, 373-400.  Esarey, J., & Sumner, J. L. (2018). Comparative Political Studies, 51, 1144-1176.

    Examples
    --------
    ``sg.moderation(answers, "SAT ~ FUN + C(edu)", moderator="MGT", cluster="village_id").slopes_table()``
    """
    check_level(conf_level)
    answers = as_columns(data)
    made = interaction(answers, formula, moderator, choose_errors(answers, vcov, cluster))
    test, whole = made.test, made.fit.solution
    found = pd.Series(
        {
            "statistic": test.statistic,
            "df1": test.df1,
            "df2": test.df2,
            "p_value": test.p_value,
            "r_squared": whole.r_squared,
            "delta_r_squared": made.added,
        }
    )
    basis = answers.basis(len(made.values), made.dropped).labelled(names_of(made))
    slopes = _simple_slopes(made, at, conf_level)
    return Moderation(made.fit.frame(conf_level), basis, slopes, _regions(made, conf_level), found, made, conf_level)


def _columns(conf_level: float) -> list[Column]:
    return [
        Column("estimate", HEADS["b"], digits=3),
        Column("std_error", HEADS["std_error"], digits=3),
        Column("statistic", HEADS["t"], "statistic"),
        Column("df", HEADS["df"], "df"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("conf_low:conf_high", conf_head(conf_level), "interval", digits=3),
    ]


def _simple_slopes(made: Interaction, at: Sequence[float] | None, conf_level: float) -> pd.DataFrame:
    if made.levels:
        if at is not None:
            raise DataError("a category has levels, not values.", where="at=", remedy="Leave it out.")
        numbers = np.arange(len(made.levels), dtype=float)
        places, values = list(made.levels), np.full(len(numbers), np.nan)
    else:
        places, numbers = _values(made, at)
        values = numbers
    slopes = made.combinations(made.slopes(numbers), conf_level)
    slopes.insert(0, "place", pd.Series(places, dtype=object))
    slopes.insert(1, "at", values)
    return slopes


def _values(made: Interaction, at: Sequence[float] | None) -> tuple[list[object], Array]:
    """Where the slopes of a numeric moderator are taken."""
    seen = np.unique(made.values[:, 1])
    if at is not None:
        asked = np.asarray(at, dtype=float).ravel()
        if not len(asked) or not np.isfinite(asked).all():
            raise DataError(f"at={at} holds no numbers.", where="at=", remedy="Give values, such as [1, 3, 5].")
        return [""] * len(asked), asked
    if len(seen) == 2:
        return ["", ""], seen
    return list(PLACES), made.means[1] + made.sd * np.array([-1.0, 0.0, 1.0])


def _regions(made: Interaction, conf_level: float) -> pd.DataFrame:
    """Regions by both rules; none for a category or a moderator of two values."""
    lines: list[list[object]] = []
    w, smallest = made.values[:, 1], made.fit.design.smallest
    seen = np.unique(w)
    if not made.levels and len(seen) > 2:
        p_values = made.combinations(made.slopes(seen), conf_level)["p_value"].to_numpy()
        levels = {"t": 1 - conf_level, "false_discovery": discovery_level(p_values, 1 - conf_level)}
        for rule, level in levels.items():

            def limits(at: Array, level: float = level) -> tuple[Array, Array]:
                found = made.combinations(made.slopes(at), 1 - level)
                return found["conf_low"].to_numpy(), found["conf_high"].to_numpy()

            found = regions(limits, *range_to_show(w, smallest))
            place = np.searchsorted([region.low for region in found[1:]], w, side="right")
            inside = place[:, None] == np.arange(len(found))
            shares = np.average(inside, axis=0, weights=made.fit.design.weights)
            shares[suppressed(inside.sum(axis=0)[:, None], smallest)[:, 0]] = np.nan
            lines += [[rule, level, *region, share] for region, share in zip(found, shares, strict=True)]
    return pd.DataFrame(lines, columns=["rule", "level", "low", "high", "sign", "share"])
