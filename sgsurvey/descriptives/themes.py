"""themes(): what open answers are about, counted by respondents and group from the codes of coders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from sgsurvey.answers.coding import Coding
from sgsurvey.answers.open_answers import open_answers, row_names
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.small_roles import unquotable
from sgsurvey.descriptives.indicators import with_question
from sgsurvey.descriptives.multiple import WEIGHTED, MultipleResponse, multiple_response
from sgsurvey.descriptives.multiple_sentences import NAMED, of_picks, of_valence
from sgsurvey.errors import DataError
from sgsurvey.numerics.kappa import agreement_weights, cohen_kappa
from sgsurvey.tables.result import Result
from sgsurvey.tables.suppress import suppressed
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

OPTION = "open_answers"
MOST_QUOTES = 2
THEME = Text("主题", "Theme")
OF_CODED = Text(
    "百分比的分母是回答已编码的受访者；一人可提到几个主题。",
    "% of the respondents whose answers have codes; one person can name several themes.",
)
WILSON = Text("区间按Wilson法。", "Intervals by Wilson.")
BY_CODER = Text("按编码员{coder}的编码计数。", "Counted by the codes of coder {coder}.")
DISAGREED = Text(
    "另有编码员编过的{n}个回答中，{differ}个的主题不同。",
    "Of {n} answers that another coder coded too, {differ} have other themes.",
)
KAPPA = Text(
    "κ：同一回答中有无该主题，各对编码员Cohen κ的均值。",
    "κ: whether an answer holds the theme, the mean of Cohen's κ over pairs of coders.",
)
QUOTED = Text(
    "引语已屏蔽个人信息，但人名不能自动识别，引用前请逐条阅读。",
    "Personal data in quotes are masked, but names of persons are not found: read each quote before it is printed.",
)
MIXED, NONE = Text("兼有", "Mixed"), Text("未注明", "Not said")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Themes(Result):
    """What open answers are about, and how many respondents of each group say so.

    Attributes
    ----------
    frame : DataFrame
        One row per theme and group, the most frequent themes first and hidden ones last: ``group`` (code; None without
        ``by``), ``group_label, theme`` (code, or codes as ``EFF/PRO``), ``label`` (Text), ``n`` (respondents),
        ``n_persons`` (respondents with codes), ``share, conf_low, conf_high``, ``kappa`` (of coders, for the theme over
        all groups; nan with one coder), ``suppressed``.  Small counts, and those that would give them away, are nan.
    valence : DataFrame
        Where the frame has an ordered dimension: how the respondents of each row speak of the theme: ``group, theme,
        valence`` (code, ``mixed``, or ``none``), ``label, n, suppressed``; empty otherwise.
    quotes : DataFrame
        With ``quotes=True``, up to two quotes per theme: ``theme, quote_id, group, group_label, item, text``; never
        from a group, or a count, that is too small to show.  Empty otherwise.
    what : tuple of str
        Dimensions that make the themes.
    coder : str
        Whose codes were counted.
    n_double, n_differ : int
        Answers that another coder coded too, and those of them whose themes differ.
    aspects : mapping of theme to aspect
        Of the questionnaire; themes that speak of none of its aspects are not in it.
    counted : MultipleResponse
        The same counts as of a list from which several things are picked.
    """

    valence: pd.DataFrame
    quotes: pd.DataFrame
    what: tuple[str, ...]
    coder: str
    n_double: int
    n_differ: int
    aspects: Mapping[str, str]
    counted: MultipleResponse = field(repr=False)

    def _table(self) -> Table:
        page = self.counted.table()
        shown = [k for k, column in enumerate(page.columns) if column.key != "share_answers"]
        columns = [page.columns[k] for k in shown]
        columns[0] = replace(columns[0], head=THEME)
        rows = [[row.cells[k] for k in shown] for row in page.rows]
        if self.n_double:
            columns.append(Column("kappa", HEADS["kappa"], "bounded"))
            for row, (_, lines) in zip(rows, self.frame.groupby("theme", sort=False), strict=True):
                row.append(Cell(lines["kappa"].iloc[0], "bounded", suppressed=bool(lines["suppressed"].any())))
        if len(self.quotes):
            columns.append(Column("quote_id", Text("引语编号", "Quotes"), "text"))
            ids = self.quotes.groupby("theme")["quote_id"].agg(", ".join)
            for row, theme in zip(rows, self.frame["theme"].unique(), strict=True):
                row.append(Cell(ids.get(theme)))
        made = tuple(Row(tuple(row)) for row in rows)
        table = Table(f"themes_{'_'.join(self.what)}", self._title(), tuple(columns), made, self._notes())
        return table.telling(*of_picks(table, NAMED))

    def _title(self) -> Text:
        labels = [self.basis.label(name) for name in self.what]
        zh, en = (" × ".join(label.to(language) for label in labels) for language in ("zh", "en"))
        return Text(f"开放题的主题：{zh}", f"Themes of open answers: {en}")

    def _notes(self) -> tuple[Text, ...]:
        design = (WEIGHTED, *self.counted.design_words) if self.counted.design_words else (WILSON,)
        double = (DISAGREED.format(n=self.n_double, differ=self.n_differ), KAPPA) if self.n_double else ()
        return (OF_CODED, *design, BY_CODER.format(coder=self.coder), *double)

    def valence_table(self, *, language: Language | None = None) -> Table:
        """How respondents speak of each theme, in counts."""
        valences = self.valence.drop_duplicates("valence")
        columns = [Column("theme", THEME, "text")]
        columns += [Column(line["valence"], line["label"], "count") for _, line in valences.iterrows()]
        labels = dict(zip(self.frame["theme"], self.frame["label"], strict=True))
        several = self.valence["group"].nunique() > 1
        rows: list[Row] = []
        for _, group in self.valence.groupby("group", sort=False, dropna=False):
            if several:
                rows.append(Row((Cell(group["group_label"].iloc[0], span=len(columns)),), kind="group"))
            for theme, lines in group.groupby("theme", sort=False):
                cells = [Cell(n, "count", suppressed=s) for n, s in zip(lines["n"], lines["suppressed"], strict=True)]
                rows.append(Row((Cell(labels[theme]), *cells)))
        title = Text("各主题的态度（人数）", "Valence of each theme (respondents)")
        table = Table(f"themes_valence_{'_'.join(self.what)}", title, tuple(columns), tuple(rows))
        return self.page(table.telling(*of_valence(table, frozenset((MIXED, NONE)))), language)

    def quotes_table(self, *, language: Language | None = None) -> Table:
        """The quotes with their ids, groups and masked words; empty unless they were asked for."""
        labels = dict(zip(self.frame["theme"], self.frame["label"], strict=True))
        columns = [
            Column("label", THEME, "text"),
            Column("quote_id", Text("引语编号", "Quote"), "text"),
            Column("group_label", HEADS["group"], "text"),
            Column("text", Text("原话", "Words"), "text"),
        ]
        frame = self.quotes.assign(label=self.quotes["theme"].map(labels))
        title = Text("开放题引语", "Quotes from open answers")
        table = Table.from_frame(frame, columns, id=f"quotes_{'_'.join(self.what)}", title=title, notes=(QUOTED,))
        return self.page(table, language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Bars of the shares of respondents with their intervals; groups side by side."""
        return self.counted.plot(ax, language=language)


# Door -------------------------------------------------------------------------------------------------------


def themes(
    coding: Coding,
    what: str | Sequence[str] | None = None,
    *,
    by: str | None = None,
    level: Literal[1, 2] = 1,
    coder: str | None = None,
    quotes: bool = False,
    conf_level: float = 0.95,
) -> Themes:
    """Count what open answers are about: respondents of each group who name a theme.

    Parameters
    ----------
    coding : Coding
        What ``read_coding`` gives.
    what : str or sequence of str, optional
        The dimension whose codes are the themes (the frame's first one), or several, whose combinations are.
    by : str, optional
        Column whose values are counted apart, such as ``"role"``.
    level : 1 or 2
        Of codes: second-level codes as the ones that they refine, or by themselves.
    coder : str, optional
        Whose codes are counted; the first coder's.  Answers that another coder codes otherwise are counted under the
        table, and never outvote.
    quotes : bool
        Give up to two quotes per theme, masked, taken in the order of their ids, which tells nothing of their words.
    conf_level : float

    Returns
    -------
    Themes
        Respondents without any code are not in it; they are in ``dropped``.  Under a declared design shares are
        weighted and intervals the design's.

    Raises
    ------
    DataError
        The frame has no such dimension, there is no such coder, or that coder gave no code.

    Examples
    --------
    ``sg.themes(coding, ["aspect", "function"], by="role").table(language="zh")``
    """
    name, answers = coding.coder(coder), coding.answers
    labels, ideas = coding.themes(what, level=level), coding.ideas(what, level=level)
    own = ideas[ideas["coder"] == name]
    if own.empty:
        raise DataError(
            Text(f"编码员“{name}”没有给出任何编码。", f"coder '{name}' gave no code."),
            where="coding",
            remedy=Text("请核对编码表。", "Look at the sheet."),
        )
    dimensions = coding.names_of(what)
    counted = multiple_response(_picked(answers, own, labels), OPTION, by=by, conf_level=conf_level)
    codes = {f"{OPTION}_{k}": theme for k, theme in enumerate(labels, start=1)}
    presence = coding.presence(what, level=level)
    double = _double(presence, name)
    frame = counted.frame.assign(theme=counted.frame["option"].map(codes)).rename(columns={"share_persons": "share"})
    frame["kappa"] = frame["theme"].map(_kappas(presence)).where(~frame["suppressed"])
    frame = frame[[*FRAME]]
    groups = _groups(answers, by)
    basis = replace(counted.basis, labels={**counted.basis.labels, **coding.basis.labels})
    spoken = _valence(frame, own, coding, dimensions, groups, basis.smallest)
    quoted = _quotes(frame, own, coding, groups) if quotes else pd.DataFrame(columns=QUOTES)
    return Themes(frame, basis, spoken, quoted, dimensions, name, *double, coding.aspects(what, level=level), counted)


FRAME = ("group", "group_label", "theme", "label", "n", "n_persons", "share", "conf_low", "conf_high", "kappa",
         "suppressed")  # fmt: skip
QUOTES = ["theme", "quote_id", "group", "group_label", "item", "text"]


def _picked(answers: Responses, ideas: pd.DataFrame, labels: dict[str, Text]) -> Responses:
    """The answers with a question of which everybody picked the themes of what they wrote."""
    named, rows = ideas.groupby("theme")["row"].agg(set), row_names(answers)
    options = [(label, rows.isin(named.get(theme, set()))) for theme, label in labels.items()]
    return with_question(answers, OPTION, Text("回答的编码", "Codes of answers"), options)


def _groups(answers: Responses, by: str | None) -> pd.Series:
    """The group of each respondent by the name of the row; None for everybody without ``by``."""
    values = pd.Series(None, answers.frame.index, object) if by is None else answers.variables([by])[by]
    return pd.Series(values.to_numpy(dtype=object), row_names(answers).to_numpy())


def _double(presence: Mapping[str, pd.DataFrame], coder: str) -> tuple[int, int]:
    """Answers that another coder coded too, and those of them that have other themes from one of the others."""
    tables = list(presence.values())
    rated = tables[0].notna()
    both = rated[coder] & rated.drop(columns=coder).any(axis=1)
    differ = pd.Series(False, index=both.index)
    for table in tables:
        differ |= (table.drop(columns=coder).sub(table[coder], axis=0).fillna(0) != 0).any(axis=1)
    return int(both.sum()), int((both & differ).sum())


def _kappas(presence: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """For each theme the mean over pairs of coders of Cohen's kappa of its presence in answers (Light 1971)."""
    found = {}
    for theme, table in presence.items():
        pairs = [table[list(pair)].dropna().to_numpy(dtype=np.int64) for pair in combinations(table.columns, 2)]
        kappas = [cohen_kappa(x[:, 0], x[:, 1], agreement_weights(2, "none")).estimate for x in pairs if len(x) > 1]
        defined = [kappa for kappa in kappas if np.isfinite(kappa)]
        found[theme] = float(np.mean(defined)) if defined else np.nan
    return found


def _valence(
    frame: pd.DataFrame,
    ideas: pd.DataFrame,
    coding: Coding,
    what: tuple[str, ...],
    groups: pd.Series,
    smallest: int,
) -> pd.DataFrame:
    """Respondents of each theme by how they speak of it; counts that add up to the theme's, small ones hidden."""
    columns = ["group", "group_label", "theme", "valence", "label", "n", "suppressed"]
    ordered = [d for d in coding.codes.dimensions if d.ordered and d.name not in what]
    if not ordered:
        return pd.DataFrame(columns=columns)
    kinds = {code.name: code.label for code in ordered[0].at(1)} | {"mixed": MIXED, "none": NONE}
    said: dict[tuple[object, object], set[object]] = {}
    lifted = ideas[ordered[0].name].map(ordered[0].lifted(1))
    for theme, row, code in zip(ideas["theme"], ideas["row"], lifted, strict=True):
        said.setdefault((theme, row), set()).update(() if pd.isna(code) else (code,))
    tones = ["none" if not own else next(iter(own)) if len(own) == 1 else "mixed" for own in said.values()]
    spoken = [(*key, tone) for key, tone in zip(said, tones, strict=True)]
    kind = pd.DataFrame(spoken, columns=["theme", "row", "valence"])
    kind["group"] = kind["row"].map(groups.to_dict())
    lines = []
    for _, part in frame.groupby("group", sort=False, dropna=False):
        members = kind if part["group"].iloc[0] is None else kind[kind["group"] == part["group"].iloc[0]]
        counts = pd.crosstab(members["theme"], members["valence"])
        counts = counts.reindex(index=part["theme"], columns=list(kinds), fill_value=0)
        gone = part["suppressed"].to_numpy()
        hidden = np.repeat(gone[:, None], len(kinds), axis=1)
        hidden[~gone] = suppressed(counts.to_numpy()[~gone], smallest, across=True, down=False)
        for k, (_, row) in enumerate(part.iterrows()):
            for j, (name, label) in enumerate(kinds.items()):
                n = np.nan if hidden[k, j] else float(counts.iloc[k, j])
                lines.append([row["group"], row["group_label"], row["theme"], name, label, n, bool(hidden[k, j])])
    return pd.DataFrame(lines, columns=columns)


def _quotes(frame: pd.DataFrame, ideas: pd.DataFrame, coding: Coding, groups: pd.Series) -> pd.DataFrame:
    """Up to two quotes of each theme: of groups and counts that are shown, and of roles that are not too small."""
    given = open_answers(coding.answers, coding.items).set_index("quote_id")["text"]
    who = frame.loc[~frame["suppressed"], ["theme", "group", "group_label"]]
    ideas = ideas.assign(group_of=ideas["row"].map(groups.to_dict()))[~ideas["group"].isin(unquotable(coding.answers))]
    lines = [pd.DataFrame(columns=QUOTES)]
    for _, cell in who.iterrows():
        fits = ideas["theme"] == cell["theme"]
        if cell["group"] is not None:
            fits &= ideas["group_of"] == cell["group"]
        own = ideas.loc[fits, ["quote_id", "item"]].assign(theme=cell["theme"], text=lambda f: f["quote_id"].map(given))
        lines.append(own.assign(group=cell["group"], group_label=cell["group_label"])[QUOTES])
    found = pd.concat(lines).drop_duplicates(["theme", "text"])
    order = {theme: place for place, theme in enumerate(frame["theme"].unique())}
    found = found.sort_values(["theme", "quote_id"], key=lambda c: c.map(order) if c.name == "theme" else c)
    return found.groupby("theme", sort=False).head(MOST_QUOTES).reset_index(drop=True)
