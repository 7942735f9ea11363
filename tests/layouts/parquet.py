"""Parquet as pandas writes it, with codes as whole numbers, as floats, or with labels as categories."""

from pathlib import Path

import pandas as pd
from layouts.csv import lines
from layouts.entries import entries

from sgsurvey.answers.responses import Responses

VARIANTS = {"codes": {}, "floats": {"floats": True}, "labels": {"labels": True}}


def export(answers: Responses, role: str, folder: Path, *, floats: bool = False, labels: bool = False):
    """Write the answers of ``role``; gives the path and how to read it."""
    path = folder / f"{role}.parquet"
    if labels:
        header, *rows = lines(entries(answers, role), labels=True)
        frame = pd.DataFrame(rows, columns=header, dtype="category")
    else:
        frame = answers.frame[answers.frame["role"] == role].reset_index(drop=True)
        if floats:
            whole = [name for name in frame if pd.api.types.is_integer_dtype(frame[name])]
            frame = frame.astype(dict.fromkeys(whole, "float64"))
    frame.to_parquet(path)
    return path, {"role": role}
