"""SPSS: names, variable labels, value labels and user-missing codes, written by pyreadstat."""

from pathlib import Path

import pandas as pd
import pyreadstat

from sgsurvey.answers.responses import Responses

VARIANTS = {"sav": {}, "zsav": {"compress": True}, "sav, English": {"language": "en"}}
VARIABLE_LABEL, VALUE_LABEL = 250, 117


def export(answers: Responses, role: str, folder: Path, *, compress: bool = False, **how) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    frame, labels, values, missing = variables(answers, role, most=VARIABLE_LABEL, **how)
    path = folder / f"{role}.{'zsav' if compress else 'sav'}"
    pyreadstat.write_sav(
        frame,
        path,
        column_labels=labels,
        variable_value_labels=values,
        missing_ranges={name: codes[:3] for name, codes in missing.items()},
        compress=compress,
    )
    return path, {"role": role}


def variables(answers: Responses, role: str, *, most: int, language: str = "zh"):
    """The frame, its variable labels, value labels and codes for no answer."""
    of_role = answers.where(answers.frame["role"] == role)
    columns, labels, values, missing = {}, {}, {}, {}
    for item in answers.questionnaire.asked(role):
        names = [*item.columns, *([f"{item.name}_assigned"] if item.assign else [])]
        for name in names:
            if name not in of_role.frame:
                continue
            column = of_role.frame[name]
            text = not pd.api.types.is_numeric_dtype(column)
            columns[name] = column.astype(object).where(column.notna(), "") if text else column.astype("float64")
            labels[name] = _cut(item.label.to(language), most)
            if item.scale is not None and name == item.name and not text:
                values[name] = {c.code: _cut(c.label.to(language), VALUE_LABEL) for c in item.scale.choices}
                missing[name] = sorted(item.missing_codes)
    frame = pd.DataFrame(columns).reset_index(drop=True)
    return frame, labels, values, {name: codes for name, codes in missing.items() if codes}


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8")[:most].decode("utf-8", "ignore")
