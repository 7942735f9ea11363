"""A study's data as raw files, the way a collection tool would export them."""

from __future__ import annotations

import json
from pathlib import Path

from sgsurvey.answers.responses import Responses


def write_study_data(answers: Responses, folder: str | Path) -> list[Path]:
    """Write ``responses.csv`` (raw codes), one CSV per context table, and ``truth.json`` if the answers are simulated.

    UTF-8 with a byte order mark, so that spreadsheets show Chinese.

    Returns
    -------
    list of Path
        The files written.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    tables = {"responses": answers.frame, **answers.context}
    written = []
    for name, table in tables.items():
        path = target / f"{name}.csv"
        table.to_csv(path, index=False, encoding="utf-8-sig")
        written.append(path)
    if answers.truth is not None:
        path = target / "truth.json"
        path.write_text(json.dumps(answers.truth.summary(), ensure_ascii=False, indent=1), encoding="utf-8")
        written.append(path)
    return written
