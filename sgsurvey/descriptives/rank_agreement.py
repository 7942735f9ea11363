"""How far groups put the options of a list into the same order, and which options they disagree on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.lists import options_of, question_of, ranks_of
from sgsurvey.descriptives.multiple import MultipleResponse, multiple_response
from sgsurvey.descriptives.picks import borda_points
from sgsurvey.descriptives.rank_agreement_sentences import Agreement, of_rank_agreement, of_rank_pairs
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.concordance import Concordance, concordance, midranks, permutation_p, spearman
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

ORDERED = Text(
    "名次依各组{how}由高到低排列，并列取平均名次。",
    "Ranks by {how} of each group, the most first; ties share the mean rank.",
)
BORDA = Text("Borda均分（至多排{k}项：首位{k}分，依次递减，未排入者0分）",
             "mean Borda points (up to {k} options are ranked: {k} points for the first, one less for each next, 0 for "
             "the others)")  # fmt: skip
SHARE = Text("选择比例", "the share that picked it")
AGREEMENT = Text(
    "Kendall W = {w}（{m}组、{k}项，校正并列），χ²({df}) = {chi}，{p}；F({df1}, {df2}) = {f}，{fp}；"
    "置换检验{how}{pp}；Spearman相关均值{rho}。",
    "Kendall's W = {w} ({m} groups, {k} options, corrected for ties), χ²({df}) = {chi}, {p}; F({df1}, {df2}) = {f}, "
    "{fp}; permutation {how}{pp}; mean Spearman correlation {rho}.",
)
EXACT, DRAWN = Text("（精确）", "(exact) "), Text("（{d}次，种子{s}）", "({d} draws, seed {s}) ")
JUDGES = Text(
    "检验把每组的名次视为给定，不含各组内的抽样误差。",
    "The tests take the ranks of each group as given, without the sampling error within groups.",
)
APART = Text("分歧最大：{o}（{who}）。", "Most apart: {o} ({who}).")
LEFT_OUT = Text("人数过少、未列入的组：{g}。", "Groups of too few persons, left out: {g}.")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RankAgreement(Result):
    """The order that each group puts the options in, and how far the orders agree.

    Attributes
    ----------
    frame : DataFrame
        One row per option and group: ``option, label, group, group_label, n_persons, points`` (mean Borda points, or
        the share that picked it), ``rank`` (1 for the most); both are nan where the counts are hidden, and groups of
        too few persons are not there.
    options : DataFrame
        One row per option, the largest disagreement first: ``option, label, mean_rank, range`` (largest less smallest
        rank among groups), ``first_group, last_group`` (who ranks it highest and lowest).
    pairs : DataFrame
        Spearman's correlation of every two groups: ``first, second, spearman``.
    agreement : Concordance
        W corrected for ties, ``mean_spearman``, chi-square and F with their p.
    permutation_p : float
    exact : bool
        Whether that p counts every order, or draws.
    item : str
    groups : mapping of group to Text
    left_out : tuple of Text
        Groups of fewer persons than the questionnaire's smallest cell.
    most : int or None
        How many options a person could put in order; None where they were picked without order.
    draws, seed : int
    """

    options: pd.DataFrame
    pairs: pd.DataFrame
    agreement: Concordance
    permutation_p: float
    exact: bool
    item: str
    groups: Mapping[object, Text]
    left_out: tuple[Text, ...]
    most: int | None
    draws: int
    seed: int

    def _table(self) -> Table:
        columns = [Column("label", HEADS["option"], "text")]
        columns += [Column(f"rank {g}", words, spanner=RANK, digits=1) for g, words in self.groups.items()]
        columns.append(Column("range", Text("名次差", "Range of ranks"), digits=1))
        ranks = self.frame.set_index(["option", "group"])["rank"]
        rows = [
            Row(
                (
                    Cell(line["label"]),
                    *(_rank_cell(ranks[line["option"], group]) for group in self.groups),
                    Cell(line["range"], "estimate", 1),
                )
            )
            for line in self.options.sort_values("mean_rank", kind="stable").to_dict("records")
        ]
        title = Text("各组排序的一致性：{i}", "Agreement of groups on the order: {i}").format(
            i=self.basis.label(self.item)
        )
        table = Table(f"rank_agreement_{self.item}", title, tuple(columns), tuple(rows), self.notes())
        w, p = in_prose(self.agreement.w, "bounded", 2), in_prose(self.permutation_p, "p")
        return table.telling(*of_rank_agreement(table, Agreement(w, p, self.permutation_p)))

    def notes(self) -> tuple[Text, ...]:
        """How ranks were had, how far they agree, and on what they differ most."""
        first = self.options.iloc[0]
        left = [LEFT_OUT.format(g=joined(self.left_out))] if self.left_out else []
        apart = [APART.format(o=first["label"], who=self.who(first["option"]))] if first["range"] > 0 else []
        how = SHARE if self.most is None else BORDA.format(k=self.most)
        return (ORDERED.format(how=how), self._agreement(), JUDGES, *apart, *left)

    def _agreement(self) -> Text:
        a = self.agreement
        how = EXACT if self.exact else DRAWN.format(d=self.draws, s=self.seed)
        return AGREEMENT.format(
            w=in_prose(a.w, "bounded", 2),
            m=len(self.groups),
            k=len(self.options),
            df=a.df,
            chi=in_prose(a.chi_square, "statistic"),
            p=in_prose(a.p_value, "p"),
            df1=in_prose(a.df1, "df"),
            df2=in_prose(a.df2, "df"),
            f=in_prose(a.f, "statistic"),
            fp=in_prose(a.f_p_value, "p"),
            how=how,
            pp=in_prose(self.permutation_p, "p"),
            rho=in_prose(a.mean_spearman, "bounded", 2),
        )

    def who(self, option: object) -> Text:
        """The groups that rank an option highest and lowest, with their ranks."""
        return who_differs(self.frame[self.frame["option"] == option])

    def pairs_table(self, *, language: Language | None = None) -> Table:
        """Spearman's correlation of every two groups."""
        shown = self.pairs.assign(
            first=self.pairs["first"].map(self.groups), second=self.pairs["second"].map(self.groups)
        )
        columns = [
            Column("first", HEADS["group"], "text"),
            Column("second", Text("对照组", "With"), "text"),
            Column("spearman", Text("Spearman相关", "Spearman's ρ"), "bounded"),
        ]
        title = Text("各组排序两两相关：{i}", "Orders of the groups in pairs: {i}").format(
            i=self.basis.label(self.item)
        )
        table = Table.from_frame(shown, columns, id=f"rank_pairs_{self.item}", title=title)
        return self.page(table.telling(*of_rank_pairs(table)), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The ranks of each option as points of the groups on one line."""
        from sgsurvey.figures.dumbbell import dumbbell

        spoken = language or self.basis.language
        order = {o: i for i, o in enumerate(self.options.sort_values("mean_rank", kind="stable")["option"])}
        lines = self.frame.sort_values("option", key=lambda c: c.map(order), kind="stable")
        shown = pd.DataFrame(
            {
                "term": [words.to(spoken) for words in lines["label"]],
                "group": [words.to(spoken) for words in lines["group_label"]],
                "mean": lines["rank"].to_numpy(),
            }
        )
        return dumbbell(shown, axis=Text("名次（1为最先）", "Rank (1 comes first)"), ax=ax, language=spoken)


RANK = Text("名次", "Rank")


def _rank_cell(value: float) -> Cell:
    return Cell(value, "estimate", 1, suppressed=bool(np.isnan(value)))


def joined(words: Iterable[Text]) -> Text:
    """Phrases in a row, with the stop between phrases of each language."""
    phrases = list(words)
    return Text("；".join(p.zh for p in phrases), "; ".join(p.en for p in phrases))


def who_differs(lines: pd.DataFrame) -> Text:
    """Who ranks one option highest and who lowest; ``lines`` are its rows of ``RankAgreement.frame``."""
    known = lines[lines["rank"].notna()].sort_values("rank", kind="stable")
    said = [
        Text(f"{g.zh}第{r:g}", f"{g.en} {r:g}")
        for g, r in zip(known["group_label"].iloc[[0, -1]], known["rank"].iloc[[0, -1]], strict=True)
    ]
    return joined(said)


# Door -------------------------------------------------------------------------------------------------------


def rank_agreement(
    data: Responses | pd.DataFrame,
    item: str | Mapping[str, Sequence[str]],
    *,
    by: str = "role",
    draws: int = 9999,
    seed: int,
) -> RankAgreement:
    """How far groups agree on what comes first: Kendall's W, Spearman's correlations, who stands apart on what.

    The judges are groups, not persons.  Where each person ranks the first k of m options, those left out have 0 points,
    so that every group has an order of all m; options with equal points share the mean rank, and W is corrected for
    these ties.  The orders of the groups are taken as given: a test asks whether judges agree, not whether a group's
    order would be the same in another sample.

    Parameters
    ----------
    data : Responses or DataFrame
    item : str, or {name: [columns]} for a DataFrame
        A question of type ``rank`` (ordered by mean Borda points) or ``select_multiple`` (by the share that picked).
    by : str
        Column of the groups; each group is one judge.
    draws : int
        Of the permutation test, where its distribution is too long to be exact.
    seed : int

    Returns
    -------
    RankAgreement
        Weights count in points; strata and clusters do not matter to them.

    Raises
    ------
    DataError
        The question is of another type, or fewer than two groups have persons enough.

    References
    ----------
    Kendall and Babington Smith (1939), Annals of Mathematical Statistics 10, 275-287; Siegel and Castellan (1988),
    Nonparametric Statistics, 9.5; Legendre (2005), JABES 10, 226-245 (F and permutation).

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1] * 10, "b": [2] * 10, "c": [0] * 10, "role": ["x", "y"] * 5})
    >>> rank_agreement(frame, {"list": ["a", "b", "c"]}, seed=1).agreement.w
    1.0
    """
    if draws < 100:
        raise DesignError(f"{draws} draws are too few.", where="draws=", remedy="Ask for 1000 or more.")
    found = group_ranks(data, item, by=by)
    ranks = found.ranks
    if len(ranks) < 2:
        raise DataError(
            f"only {len(ranks)} group(s) of '{by}' with enough persons answered.",
            where=found.picks.item,
            remedy="Choose a column with two groups or more that were asked.",
        )
    groups = dict(zip(found.frame["group"], found.frame["group_label"], strict=True))
    codes = list(groups)
    first, second = np.triu_indices(len(ranks), 1)
    pairs = pd.DataFrame(
        {
            "first": [codes[i] for i in first],
            "second": [codes[j] for j in second],
            "spearman": spearman(ranks)[first, second],
        }
    )
    p_value, exact = permutation_p(ranks, draws=draws, seed=seed)
    return RankAgreement(
        found.frame,
        found.picks.basis,
        found.options,
        pairs,
        concordance(ranks),
        p_value,
        exact,
        found.picks.item,
        groups,
        found.left_out,
        found.picks.most,
        draws,
        seed,
    )


class GroupRanks(NamedTuple):
    """What was picked by each group, and the order that makes.

    Attributes
    ----------
    picks : what ``multiple_response`` counts
    frame, options : as in ``RankAgreement``
    ranks : shape (groups, options), of the groups that are shown
    left_out : groups of too few persons
    """

    picks: MultipleResponse
    frame: pd.DataFrame
    options: pd.DataFrame
    ranks: Array
    left_out: tuple[Text, ...]


def group_ranks(
    data: Responses | pd.DataFrame, item: str | Mapping[str, Sequence[str]], *, by: str | None
) -> GroupRanks:
    """Points and ranks of the options in each group; everybody is one group without ``by``."""
    picks = multiple_response(data, item, by=by)
    answers, question = question_of(data, item)
    options = options_of(answers, question)
    given = ranks_of(answers, question, options)
    given = given if picks.most else (given > 0).astype(float)
    there = (given > 0).any(axis=1)
    place = {option.column: k for k, option in enumerate(options)}
    orders, blocks, left_out = [], [], []
    for code in dict.fromkeys(picks.frame["group"]):
        lines = picks.frame[[group == code for group in picks.frame["group"]]]
        if lines["n_persons"].iloc[0] < answers.questionnaire.smallest_cell:
            left_out.append(lines["group_label"].iloc[0])
            continue
        own = there if by is None else there & _equals(answers.variables([by])[by], code)
        weights = None if answers.weights is None else answers.weights[own]
        order = midranks(borda_points(given[own], picks.most or 1, weights)[None, :])[0]
        blocks.append(
            lines[["option", "label", "group", "group_label", "n_persons"]].assign(
                points=lines["borda" if picks.most else "share_persons"],
                rank=np.where(lines["suppressed"], np.nan, order[lines["option"].map(place).to_numpy()]),
            )
        )
        orders.append(order)
    columns = ["option", "label", "group", "group_label", "n_persons", "points", "rank"]
    frame = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=columns)
    ranks = np.array(orders).reshape(len(orders), len(options))
    return GroupRanks(picks, frame, _by_option(frame), ranks, tuple(left_out))


def _equals(column: pd.Series, code: object) -> npt.NDArray[np.bool_]:
    return column.isin([code]).to_numpy(dtype=bool)


def _by_option(frame: pd.DataFrame) -> pd.DataFrame:
    """Mean rank of each option and how far groups lie apart on it, by the ranks that are shown."""
    lines = []
    for option, own in frame.groupby("option", sort=False):
        known = own[own["rank"].notna()].sort_values("rank", kind="stable")
        lines.append(
            {
                "option": option,
                "label": own["label"].iloc[0],
                "mean_rank": known["rank"].mean(),
                "range": known["rank"].max() - known["rank"].min(),
                "first_group": known["group"].iloc[0] if len(known) else None,
                "last_group": known["group"].iloc[-1] if len(known) else None,
            }
        )
    columns = ["option", "label", "mean_rank", "range", "first_group", "last_group"]
    return pd.DataFrame(lines, columns=columns).sort_values(
        "range", ascending=False, kind="stable", na_position="last", ignore_index=True
    )
