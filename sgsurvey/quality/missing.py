"""missing(): who was asked what, what was left empty or not known, and what is missing together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.quality.little import LittleTest, little
from sgsurvey.quality.missing_patterns import Mask, MissingPatterns, has_code, left_empty, missing_patterns
from sgsurvey.quality.missing_sentences import of_missing
from sgsurvey.questionnaire.model import Item, MissingKind
from sgsurvey.tables.result import Result
from sgsurvey.tables.suppress import suppressed
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

ALL = "all"
KINDS: dict[MissingKind, Text] = {
    "dont_know": Text("不清楚", "Don't know"),
    "refused": Text("拒答", "Refused"),
    "not_applicable": Text("不适用", "Not applicable"),
}
UNWEIGHTED = Text(
    "所收问卷的份数，未加权：说的是收回的问卷，不是总体。",
    "Counts of the questionnaires received, unweighted: they describe these, not the population.",
)
ATTENTION = Text("超过5%的题项值得注意（惯例）。", "More than 5% calls for attention (convention).")


@dataclass(frozen=True)
class Missing(Result):
    """Answers that are not there, by item and role.

    Attributes
    ----------
    frame : DataFrame
        ``construct, item, role`` (``all`` for everybody), ``n_asked, n_not_shown, n_empty, n_dont_know, n_refused,
        n_not_applicable, share_missing`` (of those asked, any kind), and ``hidden``: the columns that are nan because
        few people said so, or would be given away.  How many did not answer is no secret; what they said instead is.
    answers : Responses
        What was counted.
    items : tuple of str
        Of which items.
    """

    answers: Responses
    items: tuple[str, ...]

    @property
    def n_missing(self) -> int:
        """Answers that are not there, of any kind, among those asked."""
        every = self.frame[(self.frame["role"] == ALL) & (self.frame["n_asked"] > 0)]
        return round(float((every["share_missing"] * every["n_asked"]).sum()))

    def patterns(self) -> MissingPatterns:
        """Which items are missing together, by group of respondents, with counts."""
        return missing_patterns(self.answers, self.items)

    def little(self) -> LittleTest:
        """Little's test of whether answers are missing completely at random, by group of respondents.

        It takes rows as independent and alike; its table says so where a design is declared.
        """
        return little(self.answers, self.items)

    def _table(self) -> Table:
        every = self.frame[self.frame["role"] == ALL].set_index("item")
        roles = [role for role in self.frame["role"].unique() if role != ALL]
        page = every.reset_index()
        page["label"] = page["item"].map(self.basis.label)
        page["block"] = page["construct"].map(lambda name: self.basis.label(name) if name else HEADS["question"])
        columns = [
            Column("item", HEADS["code"], "text"),
            Column("label", HEADS["item"], "text"),
            Column("n_asked", Text("询问份数", "Asked"), "count"),
            Column("n_not_shown", Text("未显示", "Not shown"), "count"),
            Column("n_empty", Text("空白", "Left empty"), "count"),
            *(Column(f"n_{kind}", KINDS[kind], "count") for kind in KINDS if every[f"n_{kind}"].ne(0).any()),
            Column("share_missing", HEADS["missing_percent"], "percent"),
        ]
        for role in roles if len(roles) > 1 else ():
            share = self.frame[self.frame["role"] == role].set_index("item")["share_missing"]
            page[f"share_{role}"] = page["item"].map(share)
            columns.append(
                Column(
                    f"share_{role}",
                    self.basis.label(role),
                    "percent",
                    spanner=Text("各主体缺失（%）", "Missing % by group"),
                )
            )
        table = Table.from_frame(
            page,
            columns,
            id="missing",
            title=Text("缺失与“不清楚”作答情况", "Missing answers and don't-knows"),
            notes=(ATTENTION, *([] if self.answers.design.weights is None else [UNWEIGHTED])),
            group="block",
        )
        table = table.hiding(page["hidden"])
        return table.telling(*of_missing(table))


def missing(data: Responses | pd.DataFrame, what: What | None = None) -> Missing:
    """Count, by item and role, who was asked, who left it empty, and who said that they do not know.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str, sequence or mapping, optional
        Constructs or items (columns of a DataFrame); the items of all constructs when None.

    Returns
    -------
    Missing

    Examples
    --------
    >>> import pandas as pd
    >>> missing(pd.DataFrame({"a": [1, None], "b": [2, 3]}), ["a", "b"]).frame["share_missing"].tolist()
    [0.5, 0.0]
    """
    if what is None:
        what = _everything(data)
    answers, names = as_responses(data, what)
    items = [answers.questionnaire.item(name) for name in answers.item_names(names)]
    present = [item for item in items if set(item.columns) <= set(answers.frame.columns) and item.columns]
    lines = [line for item in present for line in _lines(answers, item)]
    columns = [
        "construct",
        "item",
        "role",
        "n_asked",
        "n_not_shown",
        "n_empty",
        *(f"n_{k}" for k in KINDS),
        "share_missing",
        "hidden",
    ]
    frame = pd.DataFrame(lines, columns=columns)
    return Missing(frame, answers.basis(), answers, tuple(item.name for item in present))


def _everything(data: Responses | pd.DataFrame) -> list[str]:
    if isinstance(data, Responses):
        return [construct.name for construct in data.questionnaire.constructs if construct.items]
    return [str(column) for column in data.columns]


def _lines(answers: Responses, item: Item) -> list[dict[str, Any]]:
    shown, empty = answers.shown(item.name).to_numpy(dtype=bool), left_empty(answers.frame, item)
    kinds = {kind: has_code(answers.frame, item, kind) for kind in KINDS}
    lines = [_line(item, role, rows, shown, empty, kinds) for role, rows in _groups(answers, item)]
    return _protected(lines, item, answers.questionnaire.smallest_cell)


def _protected(lines: Sequence[dict[str, Any]], item: Item, smallest: int) -> list[dict[str, Any]]:
    """The lines without small counts of what people said instead of answering, and what would give these away."""
    said = [f"n_{kind}" for kind in KINDS if kind in item.missing_codes.values()]
    keys = ["n_empty", *said]
    everybody, *roles = lines
    counts = np.array([[line[key] for line in (*roles, everybody)] for key in keys], dtype=float)
    adds_up = bool(roles) and (counts[:, :-1].sum(axis=1) == counts[:, -1]).all()
    hidden = suppressed(counts, smallest, total=bool(adds_up), public=[key == "n_empty" for key in keys])
    columns = [hidden[:, -1], *hidden[:, :-1].T]
    names = [tuple(key for key, hide in zip(keys, column, strict=True) if hide) for column in columns]
    return [line | dict.fromkeys(gone, np.nan) | {"hidden": gone} for line, gone in zip(lines, names, strict=True)]


def _groups(answers: Responses, item: Item) -> Sequence[tuple[str, Mask]]:
    everybody = (ALL, np.ones(len(answers), dtype=bool))
    return [everybody] + [
        (role, answers.frame["role"].eq(role).to_numpy(dtype=bool)) for role in answers.roles if item.asked_of(role)
    ]


def _line(
    item: Item, role: str, rows: Mask, shown: Mask, empty: Mask, kinds: Mapping[MissingKind, Mask]
) -> dict[str, Any]:
    asked = rows & shown
    counts = {f"n_{kind}": int((asked & hit).sum()) for kind, hit in kinds.items()}
    n_asked, n_empty = int(asked.sum()), int((asked & empty).sum())
    return {
        "construct": item.construct,
        "item": item.name,
        "role": role,
        "n_asked": n_asked,
        "n_not_shown": int((rows & ~shown).sum()),
        "n_empty": n_empty,
        **counts,
        "share_missing": (n_empty + sum(counts.values())) / n_asked if n_asked else np.nan,
    }
