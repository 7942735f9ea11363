"""A plain DataFrame becomes Responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sgsurvey.answers.design import Design
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.questionnaire.model import Construct, Item, Questionnaire, Role
from sgsurvey.text import Language, Text, same

What = str | Sequence[str] | Mapping[str, Sequence[str]]


def responses(
    frame: pd.DataFrame,
    constructs: Mapping[str, Sequence[str]],
    *,
    reverse: Sequence[str] = (),
    limits: tuple[float, float] | None = (1, 5),
    roles: str | None = None,
    design: Design | None = None,
    language: Language = "en",
) -> Responses:
    """Turn a plain DataFrame into Responses, with what keying and scoring need.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; missing answers as nan.
    constructs : mapping of construct name to its columns
    reverse : sequence of column names
        Items in which a high number means little of the construct.
    limits : (low, high) or None
        Theoretical limits of the items; needed to turn items and to score shortfalls.
    roles : str, optional
        Column that holds the stakeholder group.
    design : Design, optional
        Columns with weights, strata, clusters.
    language : "zh" or "en"
        In which results show themselves unless told otherwise.

    Raises
    ------
    DataError
        A column is missing, is in two constructs, or holds no numbers; an answer is outside ``limits``.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"a1": [1, 5, 4], "a2": [5, 2, 1]})
    >>> responses(frame, {"A": ["a1", "a2"]}, reverse=["a2"]).scores("A")["A"].tolist()
    [1.0, 4.5, 4.5]
    """
    columns = [column for items in constructs.values() for column in items]
    _check_columns(frame, columns, [*reverse, *([roles] if roles else [])])
    stray = [name for name in reverse if name not in columns]
    if stray:
        raise DataError(
            f"reverse= names {', '.join(stray)}, which no construct has.", remedy="Add them to a construct."
        )
    if limits is not None:
        for column in columns:
            outside = pd.to_numeric(frame[column]).dropna()
            outside = outside[(outside < limits[0]) | (outside > limits[1])]
            if len(outside):
                raise DataError(
                    f"{len(outside)} value(s) are outside {limits[0]}-{limits[1]}: {sorted(outside.unique())[:5]}.",
                    where=f"column '{column}'",
                    remedy="Correct them, set them to missing, or pass other limits=.",
                )
    items = tuple(
        Item(
            column,
            "decimal" if limits is None else "rating",
            same(column),
            construct=name,
            reverse=column in reverse,
            limits=limits,
        )
        for name, group in constructs.items()
        for column in group
    )
    data = frame.rename(columns={roles: "role"}) if roles and roles != "role" else frame
    groups = tuple(Role(str(r), same(str(r))) for r in data["role"].dropna().unique()) if roles else ()
    instrument = Questionnaire(
        id="frame",
        version="1",
        title=Text("数据框", "Data frame"),
        language=language,
        roles=groups,
        items=items,
        constructs=tuple(Construct(name, same(name), items=tuple(group)) for name, group in constructs.items()),
    )
    made = Responses(data, instrument)
    return made if design is None else made.designed(design)


def as_responses(data: Responses | pd.DataFrame, what: What) -> tuple[Responses, list[str]]:
    """The door's first step: ``data`` as Responses, ``what`` as names of its constructs (or items).

    A DataFrame takes a list of columns (they become one construct, ``items``) or ``{construct: [columns]}``.
    """
    if isinstance(data, Responses):
        if isinstance(what, Mapping):
            raise DataError(
                "a mapping of constructs goes with a DataFrame; these answers have a questionnaire of their own.",
                remedy="Name its constructs in a list.",
            )
        return data, [what] if isinstance(what, str) else list(what)
    groups = what if isinstance(what, Mapping) else {"items": [what] if isinstance(what, str) else list(what)}
    return responses(data, groups, limits=None), list(groups)


def as_columns(data: Responses | pd.DataFrame, language: Language = "en") -> Responses:
    """``data`` as Responses whose variables are its columns: for verbs that name columns in a formula or a list."""
    return data if isinstance(data, Responses) else responses(data, {}, limits=None, language=language)


def _check_columns(frame: pd.DataFrame, columns: Sequence[str], others: Sequence[str]) -> None:
    for column in [*columns, *others]:
        if column not in frame:
            raise DataError(
                f"the DataFrame has no column '{column}'.{did_you_mean(column, [str(c) for c in frame.columns])}",
                remedy="Name one of its columns.",
            )
    twice = sorted({c for c in columns if list(columns).count(c) > 1})
    if twice:
        raise DataError(f"{', '.join(twice)} is in two constructs.", remedy="Let each item measure one construct.")
    for column in columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            raise DataError(
                "holds words, not numbers.", where=f"column '{column}'", remedy="Turn its labels into codes first."
            )
