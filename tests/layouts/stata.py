"""Stata: names, variable labels of 80 characters at most and value labels, written by pyreadstat."""

from pathlib import Path

import pyreadstat
from layouts.spss import variables

from sgsurvey.answers.responses import Responses

VARIANTS = {"version 15": {}, "English": {"language": "en"}}


def export(answers: Responses, role: str, folder: Path, **how) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    frame, labels, values, _ = variables(answers, role, most=78, **how)
    path = folder / f"{role}.dta"
    pyreadstat.write_dta(frame, path, column_labels=labels, variable_value_labels=values, version=15)
    return path, {"role": role}
