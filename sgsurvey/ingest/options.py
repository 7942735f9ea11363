"""ReadOptions: how a file is read where it differs from most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sgsurvey.errors import DataError
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.text import Text


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What ``read_responses`` is told about a file beside its source.

    Attributes
    ----------
    sheet : str or None
        Sheet of a workbook; the one with known heads when None.
    min_complete : float
        Share of the items of constructs, among those asked, below which a row is set aside as incomplete.
    since, until : str or None
        First and last day of the survey, ``YYYY-MM-DD``; rows that began outside are set aside.
    tests : sequence of str
        ``resp_id`` or ``interviewer_id`` of test submissions, which are set aside.
    decimal : "." or ","
        The sign before decimals.
    pseudonyms : str, Path or None
        File with the key (``sgsurvey key new``) under which direct identifiers are hashed; without one they are left
        out.
    versions : sequence of Questionnaire
        Older versions of the questionnaire: rows whose version column names one are read by it, and its codes become
        the present ones by their labels.
    """

    sheet: str | None = None
    min_complete: float = 0.5
    since: str | None = None
    until: str | None = None
    tests: Sequence[str] = ()
    decimal: Literal[".", ","] = "."
    pseudonyms: str | Path | None = None
    versions: Sequence[Questionnaire] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.min_complete <= 1:
            raise DataError(
                Text(f"min_complete={self.min_complete}不是比例。", f"min_complete={self.min_complete} is no share."),
                remedy=Text("请写0到1之间的数。", "Give a number from 0 to 1."),
            )
        if self.decimal not in (".", ","):
            raise DataError(
                Text(f"decimal='{self.decimal}'不能用。", f"decimal='{self.decimal}' is not known."),
                remedy=Text("请写“.”或“,”。", "Use '.' or ','."),
            )
