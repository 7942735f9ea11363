"""The same analysis in each group apart, a group that is refused no obstacle to the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, SurveyError, did_you_mean
from sgsurvey.text import Text

Part = TypeVar("Part", Responses, pd.DataFrame)


@dataclass(frozen=True)
class Groups(Mapping[object, Any]):
    """Results by group; a mapping of those that could be had.

    Attributes
    ----------
    by : str
        The column.
    results : mapping of group to result
    refused : mapping of group to SurveyError
        Why the others could not be had.
    """

    by: str
    results: Mapping[object, Any]
    refused: Mapping[object, SurveyError]

    def __getitem__(self, group: object) -> Any:
        """The result of one group; the reason, raised, where it was refused."""
        if group in self.refused:
            raise self.refused[group]
        return self.results[group]

    def __iter__(self) -> Iterator[object]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    @property
    def frame(self) -> pd.DataFrame:
        """The frames of all results, one after the other, with the group in front."""
        frames = {group: result.frame for group, result in self.results.items() if hasattr(result, "frame")}
        if not frames:
            return pd.DataFrame()
        parts = [frame.assign(**{self.by: group}) for group, frame in frames.items()]
        whole = pd.concat(parts, ignore_index=True)
        return whole[[self.by, *(column for column in whole if column != self.by)]]


def by_group(data: Part, do: Callable[[Part], Any], *, by: str = "role") -> Groups:
    """What ``do`` gives for each group of the rows: each role's own factors, adequacy or number of factors.

    Parameters
    ----------
    data : Responses or DataFrame
    do : callable
        Takes the rows of one group.
    by : str
        Column of the groups; rows without one belong to none.

    Raises
    ------
    DataError
        There is no such column, or nobody in it.

    Examples
    --------
    ``sg.by_group(answers, lambda part: sg.efa(part, "MGT", factors=1))["villager"]``
    """
    frame = data.frame if isinstance(data, Responses) else data
    if by not in frame:
        raise DataError(
            Text(f"没有“{by}”列。", f"there is no column '{by}'.{did_you_mean(by, list(map(str, frame.columns)))}"),
            where="by",
            remedy=Text("请给出分组的列。", "Name the column of the groups."),
        )
    groups = list(data.codes(by)) if isinstance(data, Responses) else sorted(frame[by].dropna().unique(), key=str)
    results: dict[object, Any] = {}
    refused: dict[object, SurveyError] = {}
    for group in groups:
        inside = frame[by] == group
        if not inside.any():
            continue
        part = data.where(inside) if isinstance(data, Responses) else data[inside]
        try:
            results[group] = do(part)
        except SurveyError as reason:
            refused[group] = reason
    if not results and not refused:
        raise DataError(
            Text(f"“{by}”列全部缺失。", f"nobody has a '{by}'."),
            where="by",
            remedy=Text("请核对该列。", "Check that column."),
        )
    return Groups(by, results, refused)
