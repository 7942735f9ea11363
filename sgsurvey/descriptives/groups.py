"""Groups of answers with their words, and the gates that small groups meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.small_roles import FEW
from sgsurvey.answers.words import code_words
from sgsurvey.text import Text

SMALL_ROLES = Text(
    f"少于{FEW}人的主体只报告中位数、全距和同意人数。",
    f"Groups of fewer than {FEW} respondents are described by median, range and top-two count only.",
)


@dataclass(frozen=True)
class Group:
    """The answers of one group.

    Attributes
    ----------
    code : object
        Its value in the column that makes the groups; None when all answers are one group.
    small : bool
        The stakeholder group that these people belong to has fewer than 30 members: no means.
    """

    code: object
    words: Text
    answers: Responses
    small: bool = False


def split(answers: Responses, by: str | None) -> Iterator[Group]:
    """The groups that ``by`` makes, in the order of its codes; everybody as one group when None."""
    sizes = {role: int((answers.frame["role"] == role).sum()) for role in answers.roles}

    def small(members: Responses) -> bool:
        return len(members.roles) == 1 and sizes[members.roles[0]] < FEW

    if by is None:
        yield Group(None, Text("全体", "All"), answers, small(answers))
        return
    codes = answers.codes(by)
    at = code_positions(answers.variables([by])[by], codes)
    # Sorted once and cut: pandas takes every column by itself, and a questionnaire has hundreds.
    order = np.argsort(at, kind="stable")
    frame, cuts = answers.frame.iloc[order], np.searchsorted(at[order], np.arange(len(codes) + 1))
    for code, start, end in zip(codes, cuts, cuts[1:], strict=False):
        if start < end:
            members = replace(answers, frame=frame.iloc[start:end])
            yield Group(code, code_words(answers, by, code), members, small(members))


def unplaced(answers: Responses, by: str) -> int:
    """Rows that belong to no group of ``by``."""
    return int((~answers.variables([by])[by].isin(list(answers.codes(by)))).sum())


def positions(values: pd.Series) -> npt.NDArray[np.int64]:
    """Values as positions 0, 1 … in sorted order, -1 where missing."""
    return np.asarray(pd.factorize(values, sort=True)[0], dtype=np.int64)


def code_positions(values: pd.Series, codes: Sequence[object]) -> npt.NDArray[np.int64]:
    """Values as positions among ``codes``, -1 where missing or none of them."""
    found, levels = pd.factorize(values)
    order = {code: place for place, code in enumerate(codes)}
    return np.array([*(order.get(level, -1) for level in levels), -1], dtype=np.int64)[found]
