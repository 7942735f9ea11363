"""Where answers come from: each tool's own reader, by name; what a file looks like is only ever a suggestion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import table
from sgsurvey.ingest.forms import read_forms
from sgsurvey.ingest.google import is_google, read_google
from sgsurvey.ingest.kobo import is_kobo, read_kobo
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.limesurvey import is_limesurvey, read_limesurvey
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.odk import is_odk, read_odk
from sgsurvey.ingest.parquet import read_parquet
from sgsurvey.ingest.qualtrics import is_qualtrics, read_qualtrics
from sgsurvey.ingest.spss import read_spss, read_stata
from sgsurvey.ingest.wjx import is_wjx, read_wjx
from sgsurvey.text import Text, same

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

SourceName = Literal[
    "csv", "xlsx", "forms", "kobo", "odk", "limesurvey", "google", "qualtrics", "wjx", "spss", "stata", "parquet"
]
Reader = Callable[[Path, Names, Events, "ReadOptions"], Raw]


@dataclass(frozen=True, slots=True)
class Source:
    """A tool, or a kind of file.

    Attributes
    ----------
    name : str
    label : Text
        What people call it.
    read : callable (path, Names, Events, ReadOptions) -> Raw
        Turns its export into columns of canonical cells: declared codes or labels as they stand, ``""`` for a question
        left empty, ``{question_not_shown}`` for one that was not shown.
    known_by : callable (heads) -> bool, optional
        Whether a header looks like this tool's: said to the user, never decided for them.
    """

    name: SourceName
    label: Text
    read: Reader
    known_by: Callable[[Sequence[str]], bool] | None = None


def _only(kind: str) -> Reader:
    return lambda path, names, events, options: table(path, names, events, options, only=kind)


SOURCES: dict[str, Source] = {
    "csv": Source("csv", Text("CSV文件", "a CSV file"), _only("csv")),
    "xlsx": Source("xlsx", Text("Excel工作簿", "an Excel workbook"), _only("xlsx")),
    "forms": Source("forms", Text("离线表单的JSON文件", "the offline form's JSON files"), read_forms),
    "kobo": Source("kobo", same("KoboToolbox"), read_kobo, is_kobo),
    "odk": Source("odk", same("ODK Central"), read_odk, is_odk),
    "limesurvey": Source("limesurvey", same("LimeSurvey"), read_limesurvey, is_limesurvey),
    "google": Source("google", Text("谷歌表单", "Google Forms"), read_google, is_google),
    "qualtrics": Source("qualtrics", same("Qualtrics"), read_qualtrics, is_qualtrics),
    "wjx": Source("wjx", Text("问卷星", "Wenjuanxing"), read_wjx, is_wjx),
    "spss": Source("spss", same("SPSS"), read_spss),
    "stata": Source("stata", same("Stata"), read_stata),
    "parquet": Source("parquet", same("Parquet"), read_parquet),
}


def source_called(name: str) -> Source:
    """The source of that name; an error with the nearest name if there is none."""
    if name not in SOURCES:
        near = did_you_mean(name, list(SOURCES)).strip()
        known = ", ".join(SOURCES)
        raise DataError(
            Text(f"不认识来源“{name}”。", f"source='{name}' is not known."),
            remedy=Text(f"可用：{known}。", near or f"Use one of {known}, or leave it out."),
        )
    return SOURCES[name]


def suggest(raw: Raw, events: Events) -> None:
    """Say which tool the header looks like, where the user named none."""
    for name, source in SOURCES.items():
        if source.known_by is not None and source.known_by(raw.header):
            events.add("SG147.suggest", tool=source.label, source=name)
            return
