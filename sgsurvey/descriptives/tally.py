"""How often each answer to a question was given, and why the others are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.groups import Group
from sgsurvey.errors import DataError
from sgsurvey.numerics.linalg import Array
from sgsurvey.questionnaire.model import CODED, Item
from sgsurvey.tables.beside import leaving_the_mean
from sgsurvey.tables.suppress import suppressed
from sgsurvey.text import Text, same

MOST = 30  # a variable with more values than this is no list of categories
KINDS: dict[str, Text] = {
    "dont_know": Text("不清楚", "Don't know"),
    "refused": Text("拒答", "Refused"),
    "not_applicable": Text("不适用", "Not applicable"),
    "invalid": Text("无效编码", "Invalid code"),
    "empty": Text("未作答", "Left empty"),
    "not_asked": Text("未询问", "Not asked"),
}


# No-answers that are something a person said; that nothing was said is no secret.
SAID = ("dont_know", "refused", "not_applicable")


@dataclass(frozen=True)
class Tally:
    """Counts of one variable by group; ``n`` and ``gone`` together account for every row.

    Attributes
    ----------
    codes : tuple, length r
    words : tuple of Text, length r
    n, weight : ndarray, shape (r, c)
        Rows, and the sum of their weights, by code and group.
    gone, gone_weight : mapping of kind (``KINDS``) to ndarray, shape (c,)
        Rows without an answer, and the sum of their weights, by the reason.
    possible : tuple of str
        Reasons that this question can have.
    rated : bool
        The codes are those of a rating, whose mean stands on other pages.
    """

    codes: tuple[object, ...]
    words: tuple[Text, ...]
    n: Array
    weight: Array
    gone: Mapping[str, Array]
    gone_weight: Mapping[str, Array]
    possible: tuple[str, ...]
    rated: bool = False

    @property
    def valid(self) -> Array:
        """Answers by group, shape (c,)."""
        return self.n.sum(axis=0)

    @property
    def shares(self) -> Array:
        """Weighted share of each code among the answers of its group, shape (r, c); nan for a group without any."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.weight / self.weight.sum(axis=0)

    def hidden(self, smallest: int, *, total: bool = False) -> npt.NDArray[np.bool_]:
        """Counts of codes that must not be shown, shape (r, c); ``total``: the last group is all the others."""
        hidden = suppressed(self.n, smallest, total=total)
        return self._beside_means(hidden, smallest, total) if self.rated else hidden

    def _beside_means(self, hidden: npt.NDArray[np.bool_], smallest: int, total: bool) -> npt.NDArray[np.bool_]:
        """More hidden counts, so that the mean of each group may be shown; sums over groups tell none of them."""
        counts = self.n.astype(np.int64)
        before = None
        while before is None or (hidden != before).any():
            before = hidden.copy()
            for j in range(counts.shape[1]):
                hidden[:, j] = leaving_the_mean(counts[:, j], smallest, hidden[:, j])
            if total:
                # A lone hidden group is the sum less the others.
                hidden[hidden.sum(axis=1) == 1, -1] = True
        return hidden

    def hidden_reasons(self, smallest: int, *, total: bool = False) -> dict[str, npt.NDArray[np.bool_]]:
        """Counts without an answer that must not be shown, by the reasons to list.

        How many did not answer is known from n; what they said instead is protected like an answer.  Where something
        is hidden, every reason that the question can have is listed, so that none is given away by being alone.
        """
        kinds = [kind for kind in KINDS if kind in self.possible or self.gone[kind].any()]
        counts: Array = np.array([self.gone[kind] for kind in kinds])
        hidden = suppressed(counts, smallest, total=total, public=[kind not in SAID for kind in kinds])
        return {kind: hidden[k] for k, kind in enumerate(kinds) if hidden.any() or counts[k].any()}


def tally(answers: Responses, name: str, groups: Sequence[Group]) -> Tally:
    """Count the codes of the variable ``name`` in each group, as they were answered (reversed items are not turned).

    Raises
    ------
    DataError
        There is no such column, or it holds more than 30 different values.
    """
    item = next((item for item in answers.questionnaire.items if item.name == name), None)
    categories = _categories(answers, name, item)
    codes = [code for code, _ in categories]
    n, weight = np.zeros((len(codes), len(groups))), np.zeros((len(codes), len(groups)))
    gone, gone_weight = ({kind: np.zeros(len(groups)) for kind in KINDS} for _ in range(2))
    for j, group in enumerate(groups):
        values = values_of(group.answers, name)
        at = pd.Index(codes).get_indexer(pd.Index(values))
        w = np.ones(len(values)) if group.answers.weights is None else group.answers.weights
        n[:, j] = np.bincount(at[at >= 0], minlength=len(codes))
        weight[:, j] = np.bincount(at[at >= 0], weights=w[at >= 0], minlength=len(codes))
        for kind, rows in _reasons(group.answers, values, item, at < 0).items():
            gone[kind][j], gone_weight[kind][j] = rows.sum(), w[rows].sum()
    said = set(item.missing_codes.values()) if item is not None else set()
    possible = tuple(kind for kind in KINDS if kind in said or kind == "empty")
    rated = item is not None and item.type == "rating"
    words = tuple(each for _, each in categories)
    return Tally(tuple(codes), words, n, weight, gone, gone_weight, possible, rated)


def asked(answers: Responses, item: Item) -> pd.Series:
    """Whether each respondent was asked: by the form of the role, and by skip logic."""
    shown = answers.shown(item.name)
    if answers.questionnaire.blocks and answers.roles:
        having = [r for r in answers.roles if item.name in {i.name for i in answers.questionnaire.asked(r)}]
        shown &= answers.frame["role"].isin(having)
    return shown


def values_of(answers: Responses, name: str) -> pd.Series:
    """The column of one question as it was answered, coded questions as numbers."""
    item = next((item for item in answers.questionnaire.items if item.name == name), None)
    if name not in answers.frame:
        answers.variables([name])  # raises, with the nearest name
        raise DataError(
            f"'{name}' is no single question with categories.",
            where=name,
            remedy="Name items; use likert() for constructs and multiple_response() for lists.",
        )
    values = answers.frame[name]
    return pd.to_numeric(values, errors="coerce") if item is not None and item.type in CODED else values


def _categories(answers: Responses, name: str, item: Item | None) -> list[tuple[object, Text]]:
    """Codes with their words: the scale's, all whole numbers between the limits of a rating, or what is found."""
    if item is not None and item.scale is not None:
        return [(choice.code, choice.label) for choice in item.scale.valid]
    if item is not None and item.type == "rating" and item.limits is not None:
        low, high = item.limits
        return [(code, same(str(code))) for code in range(int(low), int(high) + 1)]
    if name == "role":
        return [(role, answers.questionnaire.label(role)) for role in answers.roles]
    missing = item.missing_codes if item is not None else {}
    values = values_of(answers, name)
    found = sorted(value for value in values.dropna().unique() if value not in missing)
    if len(found) > MOST:
        raise DataError(
            f"'{name}' has {len(found)} different values.",
            where=name,
            remedy="Describe numbers with describe(), or group them into bands first.",
        )
    return [(value, same(f"{value:g}" if isinstance(value, float) else str(value))) for value in found]


def _reasons(answers: Responses, values: pd.Series, item: Item | None, missing: np.ndarray) -> dict[str, np.ndarray]:
    """Why each row of ``missing`` has no answer: one reason a row."""
    empty = values.isna().to_numpy() & missing
    if item is None:
        return {"empty": empty, "invalid": missing & ~empty}
    shown = asked(answers, item).to_numpy(dtype=bool)
    rows = {
        kind: missing & values.isin([code for code, k in item.missing_codes.items() if k == kind]).to_numpy()
        for kind in ("dont_know", "refused", "not_applicable")
    }
    rows |= {"empty": empty & shown, "not_asked": empty & ~shown}
    return rows | {"invalid": missing & ~np.logical_or.reduce(list(rows.values()))}
