"""disclosure_risk(): who could be recognised in a file of answers by what others know, and what would hide them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError
from sgsurvey.quality.coarsening import Coarsening, ways
from sgsurvey.quality.equivalence import Codes, classes, diversity, sizes_of
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, listed

# Columns beside the questions that neighbours and colleagues know.
KNOWN = ("role", "township_id", "village_id")
SIZES = ((1, 1), (2, 2), (3, 4), (5, 9), (10, 19), (20, None))
MOST_STEPS = 40


# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DisclosureRisk(Result):
    """How many rows share what others may know of a person, and what would make more of them alike.

    Attributes
    ----------
    frame : DataFrame
        One row per size of equivalence class: ``size, classes, n`` (rows in them), ``share``.
    k : int
        Size of the smallest class: the answers are k-anonymous.
    wanted : int
        The k that is wanted; rows in smaller classes are at risk.
    quasi : tuple of str
        Columns that others may know.
    roles : DataFrame
        ``role`` (``all`` for everybody), ``n, n_unique, n_at_risk, share``.
    sensitive : DataFrame
        ``column, l`` (distinct), ``l_entropy``: the smallest of all classes.
    suggestions : DataFrame
        ``kind, column, size, k, n_unique, n_at_risk, saved``: what each way to say less would reach alone, the best
        first; a ``drop`` shows what its column contributes.
    path : DataFrame
        The same columns: ways taken one after the other, each time the best, until ``wanted`` is reached.
    rows_at_risk : tuple
        Index labels of the rows in classes smaller than ``wanted``.
    """

    k: int
    wanted: int
    quasi: tuple[str, ...]
    roles: pd.DataFrame
    sensitive: pd.DataFrame
    suggestions: pd.DataFrame
    path: pd.DataFrame
    rows_at_risk: tuple[object, ...]

    @property
    def n_unique(self) -> int:
        """Rows that no other row is like."""
        return int(self.frame.loc[self.frame["size"] == 1, "n"].sum())

    @property
    def most_telling(self) -> str:
        """The column without which fewest rows would be at risk."""
        drops = self.suggestions[self.suggestions["kind"] == "drop"]
        return str(drops["column"].iloc[0])

    def _table(self) -> Table:
        lines = []
        for low, high in SIZES:
            part = self.frame[self.frame["size"].between(low, np.inf if high is None else high)]
            span = f"{low}–{high}" if high not in (None, low) else f"{low}" if high else f"≥ {low}"
            lines.append({"size": Text(span, span), "classes": part["classes"].sum(), "n": part["n"].sum()})
        lines_frame = pd.DataFrame(lines).assign(share=lambda f: f["n"] / max(self.basis.n, 1))
        columns = [
            Column("size", Text("同类人数", "People alike"), "text"),
            Column("classes", Text("类数", "Classes"), "count"),
            Column("n", Text("人数", "People"), "count"),
            Column("share", HEADS["percent"], "percent"),
        ]
        title = Text("重新识别风险（k-匿名）", "Risk of being recognised (k-anonymity)")
        return Table.from_frame(lines_frame, columns, id="disclosure_risk", title=title, notes=self._notes())

    def _notes(self) -> tuple[Text, ...]:
        joined = listed(self.basis.coded(name) for name in self.quasi)
        known = Text("他人可能知道：{q}。", "Taken to be known to others: {q}.").format(q=joined)
        found = Text(
            "k = {k}；{u}人独一无二，{r}人所在类少于{w}人；影响最大的是{m}。",
            "k = {k}; {u} unique, {r} in classes of fewer than {w}; most telling: {m}.",
        ).format(
            k=self.k,
            u=self.n_unique,
            r=len(self.rows_at_risk),
            w=self.wanted,
            m=self.basis.coded(self.most_telling),
        )
        diverse = [
            Text("{c}：l = {d}（不同取值），{e}（熵）。", "{c}: l = {d} (distinct), {e} (entropy).").format(
                c=self.basis.coded(line["column"]), d=int(line["l"]), e=f"{line['l_entropy']:.2f}"
            )
            for _, line in self.sensitive.iterrows()
        ]
        return (known, found, *diverse, STEWARD)

    def roles_table(self, *, language: Language | None = None) -> Table:
        """Rows at risk by stakeholder group."""
        columns = [
            Column("role", HEADS["role"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("n_unique", UNIQUE, "count"),
            Column("n_at_risk", AT_RISK.format(k=self.wanted), "count"),
            Column("share", HEADS["percent"], "percent"),
        ]
        words = [HEADS["total"] if role == "all" else self.basis.label(role) for role in self.roles["role"]]
        frame = self.roles.assign(role=pd.Series(words, dtype=object, index=self.roles.index))
        title = Text("各主体的重新识别风险", "Risk of being recognised by group")
        return self.page(
            Table.from_frame(frame, columns, id="disclosure_roles", title=title, notes=(STEWARD,)), language
        )

    def suggestions_table(self, *, language: Language | None = None) -> Table:
        """What each way to say less would reach alone, then ways taken one after the other."""
        columns = [
            Column("action", Text("做法", "What to do"), "text"),
            Column("k", Text("得到的k", "k reached"), "count"),
            Column("n_unique", UNIQUE, "count"),
            Column("n_at_risk", AT_RISK.format(k=self.wanted), "count"),
        ]
        parts = [
            self._worded(self.suggestions, Text("单独采用", "Alone")),
            self._worded(self.path, Text("依次采用", "One after the other")),
        ]
        frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
        title = Text("降低重新识别风险的做法", "Ways to lower the risk of being recognised")
        table = Table.from_frame(frame, columns, id="disclosure_ways", title=title, group="how", notes=(STEWARD,))
        return self.page(table, language)

    def _worded(self, frame: pd.DataFrame, how: Text) -> pd.DataFrame:
        words = [
            Coarsening(line["kind"], line["column"], line["size"]).words(self.basis.coded(line["column"]))
            for _, line in frame.iterrows()
        ]
        return frame.assign(
            action=pd.Series(words, dtype=object, index=frame.index),
            how=pd.Series([how] * len(frame), dtype=object, index=frame.index),
        )


UNIQUE = Text("独一无二", "Unique")
AT_RISK = Text("同类少于{k}人", "In classes under {k}")
STEWARD = Text(
    "供数据管理者使用，不公开。样本中独一无二的人在总体中未必如此，k是保守的估计；缺失按一个取值计算。",
    "For those who keep the data, not for print. Who is unique in a sample need not be so in the population, so that k "
    "errs on the safe side; missing counts as a value of its own.",
)

# Door ---------------------------------------------------------------------------------------------


def disclosure_risk(
    data: Responses | pd.DataFrame,
    quasi: Sequence[str] | None = None,
    *,
    sensitive: Sequence[str] = (),
    k: int = 5,
) -> DisclosureRisk:
    """Who could be recognised by what others know of them: k-anonymity, l-diversity, and what would lower the risk.

    Parameters
    ----------
    data : Responses or DataFrame
    quasi : sequence of str, optional
        Columns that others may know.  When None, the items with ``identifier: quasi``, the stakeholder group and the
        places, as far as the answers have them.
    sensitive : sequence of str
        Columns that nobody should learn by knowing who is in which class: their l-diversity is given.
    k : int
        How many rows should share what is known.

    Raises
    ------
    DataError
        There is no such column, or there are no answers.
    DesignError
        No column is known to others, or ``k`` is below 2.

    References
    ----------
    Samarati (2001), IEEE Transactions on Knowledge and Data Engineering 13, 1010-1027; Machanavajjhala et al. (2007).

    Examples
    --------
    >>> frame = pd.DataFrame({"sex": [1, 1, 1, 2, 2], "village": ["a", "a", "a", "a", "b"]})
    >>> disclosure_risk(frame, ["sex", "village"], k=3).frame["n"].tolist()
    [2, 3]
    """
    answers = as_columns(data)
    if k < 2:
        raise DesignError(
            Text(f"k = {k} 没有意义。", f"k = {k} asks for nothing."),
            where="k=",
            remedy=Text("请取2以上的整数，如5。", "Use 2 or more, such as 5."),
        )
    names = _quasi(answers, quasi)
    for name in (*names, *sensitive):
        if name not in answers.frame:
            answers.variables([name])
    if not len(answers):
        raise DataError(
            Text("没有一份答卷。", "there are no answers."), remedy=Text("请先读入数据。", "Read some answers first.")
        )
    columns = {name: answers.frame[name] for name in names}
    rows = _classes(columns)
    sizes = sizes_of(rows)
    suggestions = _suggestions(answers, columns, k)
    return DisclosureRisk(
        _by_size(sizes),
        answers.basis(),
        int(sizes.min()),
        k,
        tuple(names),
        _by_role(answers, sizes, k),
        _diversity(answers, rows, sensitive),
        suggestions,
        _path(answers, columns, k),
        tuple(answers.frame.index[sizes < k]),
    )


def _quasi(answers: Responses, quasi: Sequence[str] | None) -> list[str]:
    if quasi is not None:
        names = list(dict.fromkeys([quasi] if isinstance(quasi, str) else quasi))
    else:
        items = [item for item in answers.questionnaire.items if item.identifier == "quasi"]
        declared = [column for item in items for column in item.columns]
        names = [name for name in dict.fromkeys([*KNOWN, *declared]) if name in answers.frame]
    if not names:
        raise DesignError(
            Text("没有一列是他人可能知道的。", "no column is one that others may know."),
            where="quasi=",
            remedy=Text("请列出这些列，或在问卷中写 identifier: quasi。", "Name some, or write identifier: quasi."),
        )
    return names


def _codes(values: pd.Series) -> Codes:
    """Values as 0, 1 …; what is missing has a code of its own."""
    return np.asarray(pd.factorize(values, use_na_sentinel=False)[0], dtype=np.int64)


def _classes(columns: dict[str, pd.Series]) -> Codes:
    coded = [_codes(values) for values in columns.values()]
    return classes(coded, len(coded[0]) if coded else 0)


def _by_size(sizes: Codes) -> pd.DataFrame:
    size, n = np.unique(sizes, return_counts=True)
    return pd.DataFrame({"size": size, "classes": n // size, "n": n, "share": n / len(sizes)})


def _by_role(answers: Responses, sizes: Codes, k: int) -> pd.DataFrame:
    everybody = np.ones(len(sizes), dtype=bool)
    groups = {role: answers.frame["role"].eq(role).to_numpy(dtype=bool) for role in answers.roles}
    lines = [
        {"role": name, "n": int(rows.sum()), "n_unique": int((sizes[rows] == 1).sum()), "n_at_risk": int(at.sum())}
        for name, rows in {**groups, "all": everybody}.items()
        for at in [sizes[rows] < k]
    ]
    frame = pd.DataFrame(lines)
    return frame.assign(share=frame["n_at_risk"] / frame["n"])


def _diversity(answers: Responses, rows: Codes, sensitive: Sequence[str]) -> pd.DataFrame:
    lines = []
    for name in [sensitive] if isinstance(sensitive, str) else sensitive:
        values = answers.variables([name])[name]
        found = diversity(rows, np.asarray(pd.factorize(values)[0], dtype=np.int64))
        lines.append({"column": name, "l": found[0], "l_entropy": found[1]})
    return pd.DataFrame(lines, columns=["column", "l", "l_entropy"])


# What would help ----------------------------------------------------------------------------------


def _ways(answers: Responses, columns: dict[str, pd.Series], k: int) -> list[Coarsening]:
    numeric = {item.name for item in answers.questionnaire.items if item.type in ("integer", "decimal")}
    found = []
    for name, values in columns.items():
        numbers = pd.api.types.is_numeric_dtype(values) and (name in numeric or name not in answers.questionnaire)
        found += list(ways(values, name, k, numbers=numbers))
    return found


def _after(way: Coarsening, columns: dict[str, pd.Series], k: int) -> tuple[dict[str, pd.Series], dict[str, Any]]:
    """The columns after one way is taken, and what is reached."""
    coarser = way.apply(columns[way.column])
    left = {name: values for name, values in columns.items() if name != way.column}
    left |= {} if coarser is None else {way.column: coarser}
    sizes = sizes_of(_classes(left)) if left else np.full(len(columns[way.column]), len(columns[way.column]))
    reached = {"k": int(sizes.min()), "n_unique": int((sizes == 1).sum()), "n_at_risk": int((sizes < k).sum())}
    return left, {"kind": way.kind, "column": way.column, "size": way.size, **reached, "classes": (1 / sizes).sum()}


COLUMNS = ["kind", "column", "size", "k", "n_unique", "n_at_risk", "saved"]
# Of two ways the better leaves fewer rows at risk, then fewer unique ones, then fewer classes.
BETTER = ["n_at_risk", "n_unique", "classes"]


def _suggestions(answers: Responses, columns: dict[str, pd.Series], k: int) -> pd.DataFrame:
    before = int((sizes_of(_classes(columns)) < k).sum())
    frame = pd.DataFrame([_after(way, columns, k)[1] for way in _ways(answers, columns, k)])
    frame["saved"] = before - frame["n_at_risk"]
    return frame.sort_values(BETTER, kind="stable", ignore_index=True)[COLUMNS]


def _path(answers: Responses, columns: dict[str, pd.Series], k: int) -> pd.DataFrame:
    """Each time the best way; a column is left out only where nothing gentler makes any rows alike."""
    sizes = sizes_of(_classes(columns))
    at_risk, unique = int((sizes < k).sum()), int((sizes == 1).sum())
    lines: list[dict[str, Any]] = []
    while at_risk and columns and len(lines) < MOST_STEPS:
        tried = [_after(way, columns, k) for way in _ways(answers, columns, k)]
        alike = [t for t in tried if (t[1]["n_at_risk"], t[1]["n_unique"]) < (at_risk, unique)]
        gentle = [t for t in alike if t[1]["kind"] != "drop"]
        columns, line = min(gentle or tried, key=lambda t: [t[1][key] for key in BETTER])
        lines.append(line | {"saved": at_risk - line["n_at_risk"]})
        at_risk, unique = line["n_at_risk"], line["n_unique"]
    return pd.DataFrame(lines, columns=COLUMNS)
