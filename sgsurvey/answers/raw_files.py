"""A study's data as raw files, the way a collection tool would export them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.files import write_whole
from sgsurvey.tables.format import typed_as_words


def write_study_data(answers: Responses, folder: str | Path) -> list[Path]:
    """Write ``responses.csv`` (raw codes), one CSV per context table, and ``truth.json`` if the answers are simulated.

    UTF-8 with a byte order mark, so that spreadsheets show Chinese; no text is a formula to them.

    Returns
    -------
    list of Path
        The files written.
    """
    target = Path(folder)
    tables = {"responses": answers.frame, **answers.context}
    written = []
    for name, table in tables.items():
        path = target / f"{name}.csv"
        written.append(write_whole(path, ("\ufeff" + _typed_as_words(table).to_csv(index=False)).encode()))
    if answers.truth is not None:
        path = target / "truth.json"
        written.append(write_whole(path, json.dumps(answers.truth.summary(), ensure_ascii=False, indent=1).encode()))
    return written


def _typed_as_words(table: pd.DataFrame) -> pd.DataFrame:
    """The table with nothing that a spreadsheet would calculate; read_responses() takes the apostrophes away again."""
    words = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(typed_as_words, na_action="ignore") for name in words})
