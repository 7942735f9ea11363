"""Answers to a file, by its suffix; whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sgsurvey.answers.flat import to_csv, to_spss, to_stata, to_workbook
from sgsurvey.answers.parquet import DAMAGE, to_parquet
from sgsurvey.answers.refusal import refusal
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.files import write_whole
from sgsurvey.text import Text, same

Writer = Callable[[Responses, Text], bytes]
WRITERS: dict[str, Writer] = {
    ".parquet": to_parquet,
    ".csv": to_csv,
    ".xlsx": to_workbook,
    ".sav": to_spss,
    ".dta": to_stata,
}


def save(answers: Responses, path: str | Path) -> Path:
    """Write the answers as the suffix of ``path`` says; see ``Responses.save``."""
    file = Path(path)
    writer = WRITERS.get(file.suffix.lower())
    if writer is None:
        known = ", ".join(WRITERS)
        raise DataError(
            Text(f"答卷不能存为“{file.suffix}”文件。", f"answers cannot be saved as '{file.suffix}'."),
            where=file.name,
            remedy=Text(f"可用的后缀：{known}。", f"Use one of {known}."),
        )
    try:
        content = writer(answers, same(file.name))
    except DAMAGE as error:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {str(error)[:120]}"
        raise refusal("SG160.write", where=file.name, reason=reason) from error
    return write_whole(file, content)
