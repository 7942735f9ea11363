"""Multiple response: lists from which several things are picked, or put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.groups import Group, split, unplaced
from sgsurvey.descriptives.lists import Option, options_of, question_of, ranks_of
from sgsurvey.descriptives.multiple_sentences import of_picks
from sgsurvey.descriptives.picks import borda_points, cochran_q, equal_picks
from sgsurvey.descriptives.shares_design import mean_intervals
from sgsurvey.errors import DataError
from sgsurvey.numerics.intervals import wilson
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.format import show
from sgsurvey.tables.result import Result
from sgsurvey.tables.suppress import suppressed
from sgsurvey.tables.table import Cell, Column, Kind, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import LANGUAGES, Language, Text, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

PERSONS = Text(
    "普及率为选择该选项的人数占有选择者人数的百分比。",
    "% of persons: of those who picked anything.",
)
ANSWERS = Text(
    "响应率为该选项占全部选择次数的百分比；置信区间按Wilson法，视受访者相互独立。",
    "% of answers: of all picks. Intervals by Wilson, as if respondents were independent of each other.",
)
OF_PICKS = Text(
    "响应率为该选项占全部选择次数的百分比；置信区间依据抽样设计，在logit尺度上计算。",
    "% of answers: of all picks. Intervals under the design, on the logit scale.",
)
WEIGHTED = Text(
    "人数未加权，百分比和分数按设计权数（如有）计算。",
    "Counts are unweighted; percentages and points by the weights, if any.",
)
BORDA = Text(
    "Borda分：第1位计{m}分，逐位减1分，未选计0分，取人均值。",
    "Borda points: {m} for a first place, one less for each next, none if not picked; mean per person.",
)
TESTED = Text(
    "各选项被选次数相等的检验：拟合优度χ²({df}) = {chi}，p {p}（把各次选择视为独立）；"
    "Cochran Q({df}) = {q}，p {qp}（考虑同一人的多次选择）。",
    "Are all options picked equally often? Goodness of fit χ²({df}) = {chi}, p {p} (as if picks were independent); "
    "Cochran's Q({df}) = {q}, p {qp} (picks of one person belong together).",
)

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MultipleResponse(Result):
    """What was picked from a list, and how often.

    Attributes
    ----------
    frame : DataFrame
        One row per option and group, the options in falling order of their share, hidden ones last and in the order of
        the question, so that their place tells nothing: ``group`` (code; None without
        ``by``), ``group_label, option`` (code), ``label`` (Text), ``n`` (persons who picked it), ``n_persons``,
        ``share_answers, share_persons, conf_low, conf_high``, for ranks ``first`` (share of persons who put it first)
        and ``borda``, ``suppressed``: small counts (of those who picked it, or of those who did not), and those that
        would give them away, are nan, and ``first_suppressed``, the same for first places.
    tests : DataFrame
        Per group, whether all options are picked equally often: ``group, chi_square, df, p_value, q, q_p_value``;
        nan where a count is hidden, for it could be worked out from them, and under a declared design.
    item : str
    by : str or None
    most : int or None
        Ranks given, for lists that are put in order.
    conf_level : float
    design_words : tuple of Text
        How intervals were had; empty without a declared design.
    """

    tests: pd.DataFrame
    item: str
    by: str | None
    most: int | None
    conf_level: float
    design_words: tuple[Text, ...]

    def _table(self) -> Table:
        table = self._groups_table() if self.by else self._one_table()
        return table.telling(*of_picks(table))

    def _title(self) -> Text:
        label = self.basis.label(self.item)
        return Text(f"多选题分析：{label.zh}", f"Multiple response: {label.en}")

    def _notes(self) -> list[Text]:
        weighted = [WEIGHTED, *self.design_words] if self.design_words else []
        return [PERSONS, *([BORDA.format(m=self.most)] if self.most else []), *weighted]

    def _one_table(self) -> Table:
        interval = Text(f"{self.conf_level * 100:g}%置信区间", f"{self.conf_level * 100:g}% CI")
        heads = {**HEADS_OF, "conf_low:conf_high": interval}
        shown = [key for key in heads if self.most or key not in ("first", "borda")]
        columns = [Column("label", HEADS["option"], "text"), *(Column(key, heads[key], KINDS[key]) for key in shown)]
        rows = [Row((Cell(line["label"]), *_cells(line, shown))) for _, line in self.frame.iterrows()]
        notes = (*self._notes(), OF_PICKS if self.design_words else ANSWERS, *self._tested())
        return Table(f"multiple_{self.item}", self._title(), tuple(columns), tuple(rows), notes)

    def _groups_table(self) -> Table:
        shown = ["n", "share_persons", *(["borda"] if self.most else [])]
        columns = [Column("label", HEADS["option"], "text")]
        for _, group in self.frame.drop_duplicates("group").iterrows():
            label, n = group["group_label"], int(group["n_persons"])
            spanner = Text(f"{label.zh}（n\u00a0=\u00a0{n}）", f"{label.en} (n\u00a0=\u00a0{n})")
            columns += [Column(f"{key} {group['group']}", SHORT[key], KINDS[key], spanner=spanner) for key in shown]
        rows = []
        for _, lines in self.frame.groupby("option", sort=False):
            cells = [cell for _, line in lines.iterrows() for cell in _cells(line, shown)]
            rows.append(Row((Cell(lines["label"].iloc[0]), *cells)))
        return Table(f"multiple_{self.item}", self._title(), tuple(columns), tuple(rows), tuple(self._notes()))

    def _tested(self) -> list[Text]:
        test = self.tests.iloc[0]
        if not np.isfinite(test["q"]):
            return []
        numbers = {"chi": _number(test["chi_square"], "statistic"), "q": _number(test["q"], "statistic")}
        return [
            TESTED.format(
                df=int(test["df"]), p=_number(test["p_value"], "p"), qp=_number(test["q_p_value"], "p"), **numbers
            )
        ]

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Bars of the shares of persons with their intervals; groups side by side."""
        from sgsurvey.figures.bars import bars

        spoken = language or self.basis.language
        tidy = pd.DataFrame(
            {
                "label": [label.to(spoken) for label in self.frame["label"]],
                "estimate": self.frame["share_persons"],
                "conf_low": self.frame["conf_low"],
                "conf_high": self.frame["conf_high"],
                "count": self.frame["n"],
            }
        )
        if self.by:
            groups = zip(self.frame["group_label"], self.frame["n_persons"], strict=True)
            tidy["group"] = [f"{label.to(spoken)} (n = {n})" for label, n in groups]
        n = None if self.by else int(self.frame["n_persons"].iloc[0])
        return bars(tidy, sort=False, n=n, ax=ax, language=spoken)


KINDS: dict[str, Kind] = {
    "n": "count",
    "share_answers": "percent",
    "share_persons": "percent",
    "conf_low:conf_high": "percent_interval",
    "first": "percent",
    "borda": "estimate",
}
HEADS_OF = {
    "n": HEADS["n"],
    "share_answers": HEADS["share_of_answers"],
    "share_persons": HEADS["share_of_persons"],
    "conf_low:conf_high": HEADS["conf"],
    "first": Text("排第一（%）", "Ranked first %"),
    "borda": Text("Borda分", "Borda points"),
}
RANKED = ("first", "borda")
SHORT = {"n": HEADS["n"], "share_persons": same("%"), "borda": same("Borda")}


def _cells(line: pd.Series, keys: Sequence[str]) -> list[Cell]:
    pairs = [key.split(":") for key in keys]
    hidden = {key: line["suppressed"] or (key in RANKED and line["first_suppressed"]) for key in keys}
    return [
        Cell(tuple(line[n] for n in names) if len(names) == 2 else line[key], KINDS[key], suppressed=bool(hidden[key]))
        for key, names in zip(keys, pairs, strict=True)
    ]


def _number(value: float, kind: Kind) -> Text:
    """A number in running text, with its sign of equality where a p-value has no sign of its own."""
    zh, en = (show(value, kind, language) for language in LANGUAGES)
    if kind != "p":
        return Text(zh, en)
    return Text(*(words if words.startswith("<") else f"= {words}" for words in (zh, en)))


# Door -------------------------------------------------------------------------------------------------------


def multiple_response(
    data: Responses | pd.DataFrame,
    item: str | Mapping[str, Sequence[str]],
    *,
    by: str | None = None,
    conf_level: float = 0.95,
) -> MultipleResponse:
    """Count what was picked from a list: how many picks, and how many persons, each option has.

    Parameters
    ----------
    data : Responses or DataFrame
    item : str, or {name: [columns]} for a DataFrame
        A question of type ``select_multiple`` (columns of 0 and 1) or ``rank`` (1 for the first place, 0 if not
        picked).
    by : str, optional
        Column whose values are counted apart, such as ``"role"``.
    conf_level : float

    Returns
    -------
    MultipleResponse
        Persons who picked nothing are not in it; they are in ``dropped``.  Under a declared design shares and points
        are weighted, intervals are the design's (on the logit scale), and the tests of equal picks, which take
        respondents as independent, are not made.

    Raises
    ------
    DataError
        The question is of another type, nobody picked anything, or a column holds other numbers.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 1, 1, 1, 1, 1, 0, 0], "b": [1, 1, 1, 1, 1, 0, 1, 0]})
    >>> multiple_response(frame, {"list": ["a", "b"]}).frame["n"].tolist()
    [6.0, 6.0]
    """
    answers, question = question_of(data, item)
    options = options_of(answers, question)
    ranks = ranks_of(answers, question, options)
    anything = (ranks > 0).any(axis=1)
    if not anything.any():
        raise DataError("nobody picked anything.", where=question.name, remedy="Check that its columns were read.")
    most = (question.most or int(ranks.max())) if question.type == "rank" else None
    used = answers.where(pd.Series(anything, index=answers.frame.index))
    lines, tests = [], []
    for group in split(used, by):
        picked = ranks_of(group.answers, question, options)
        own = _lines(group, picked, options, most, conf_level)
        untested = not answers.design.is_simple or any(line["suppressed"] for line in own)
        tests.append(_test(group, picked > 0, hidden=untested))
        lines += own
    frame = _ordered(pd.DataFrame(lines), (ranks > 0).sum(axis=0), options)
    outside = unplaced(used, by) if by else 0
    dropped = {f"{question.name} missing": int((~anything).sum()), f"{by} missing": outside}
    basis = answers.basis(len(used) - outside, {reason: n for reason, n in dropped.items() if n})
    words = () if answers.design.is_simple else design_notes(answers.design)
    return MultipleResponse(frame, basis, pd.DataFrame(tests), question.name, by, most, conf_level, words)


def _lines(
    group: Group, ranks: Array, options: Sequence[Option], most: int | None, conf_level: float
) -> list[dict[str, object]]:
    """One row per option; those of few persons, and those that would give them away, without numbers."""
    persons = len(ranks)
    n = (ranks > 0).sum(axis=0).astype(float)
    w = np.ones(persons) if group.answers.weights is None else group.answers.weights
    picks = w @ (ranks > 0)
    if group.answers.design.is_simple:
        low, high = wilson(n / persons, persons, conf_level)
    else:
        low, high = mean_intervals(group.answers, (ranks > 0).astype(float), np.full(persons, True), conf_level)
    numbers = {"n": n, "share_answers": picks / picks.sum(), "share_persons": picks / w.sum()}
    numbers |= {"conf_low": low, "conf_high": high}
    if most is not None:
        numbers |= {"first": w @ (ranks == 1) / w.sum(), "borda": borda_points(ranks, most, w)}
    smallest = group.answers.questionnaire.smallest_cell
    hidden = _hidden(n, persons, smallest)
    first = hidden | (suppressed((ranks == 1).sum(axis=0)[:, None], smallest)[:, 0] if most is not None else False)
    who = {"group": group.code, "group_label": group.words, "n_persons": persons}
    gone = {key: first if key in RANKED else hidden for key in numbers}
    return [
        {**who, "option": option.column, "label": option.words}
        | {"suppressed": bool(hidden[k]), "first_suppressed": bool(first[k])}
        | {key: np.nan if gone[key][k] else float(values[k]) for key, values in numbers.items()}
        for k, option in enumerate(options)
    ]


def _hidden(n: Array, persons: int, smallest: int) -> npt.NDArray[np.bool_]:
    """Options whose picks must not be shown: the sum of all picks is known, and that of each option with its rest."""
    few = persons < smallest
    unpicked = (persons - n > 0) & (persons - n < smallest)
    # An option that all but a few picked is hidden like one that a few picked.
    counts = np.where(unpicked, np.minimum(n, persons - n), n)
    return np.full(len(n), True) if few else suppressed(counts[:, None], smallest)[:, 0]


def _ordered(frame: pd.DataFrame, picks: Array, options: Sequence[Option]) -> pd.DataFrame:
    """The options that are most picked first; those that are hidden anywhere last."""
    unseen = set(frame.loc[frame["suppressed"], "option"])
    order = sorted(
        range(len(options)), key=lambda k: (options[k].column in unseen, -picks[k] * (options[k].column not in unseen))
    )
    place = {options[k].column: p for p, k in enumerate(order)}
    return frame.sort_values("option", key=lambda c: c.map(place), kind="stable", ignore_index=True)


def _test(group: Group, picked: npt.NDArray[np.bool_], *, hidden: bool) -> dict[str, object]:
    if hidden:
        return {"group": group.code, **dict.fromkeys(("chi_square", "df", "p_value", "q", "q_p_value"), np.nan)}
    fit, q = equal_picks(picked.astype(float)), cochran_q(picked.astype(float))
    return {
        "group": group.code,
        "chi_square": fit.statistic,
        "df": fit.df,
        "p_value": fit.p_value,
        "q": q.statistic,
        "q_p_value": q.p_value,
    }
