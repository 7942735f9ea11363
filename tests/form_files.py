"""JSON files as the offline form saves them, made from answers: the form's side of a round trip."""

import json
import uuid
from pathlib import Path

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.forms.form import lay_out
from sgsurvey.questionnaire.model import Item

STARTED, FINISHED, ZONE = "2026-05-01T09:00:00", "2026-05-01T09:12:30", "+08:00"


def saved_forms(answers: Responses, *, short: bool = False) -> list[dict]:
    """A record per row: what the page would have saved, had these been the answers."""
    shown = {item.name: answers.shown(item.name) for item in answers.questionnaire.items if item.type != "note"}
    records = []
    for place in range(len(answers.frame)):
        row = answers.frame.iloc[place]
        form = lay_out(answers.questionnaire, row["role"], short=short)
        items = {
            item.name: _entry(item, row, shown[item.name].iloc[place]) for item in form.items if item.type != "note"
        }
        records.append(
            {
                "format": "sgsurvey-answers",
                "format_version": 1,
                "questionnaire": {"id": answers.questionnaire.id, "version": answers.questionnaire.version},
                "role": row["role"],
                "short": short,
                "id": str(uuid.UUID(int=place + 1, version=4)),
                "languages": ["zh"],
                "started": _moment(row.get("t_start"), STARTED),
                "finished": _moment(row.get("t_end"), FINISHED),
                "seconds": 750.5,
                "pages": {block.name: 1000 * len(items) for block, items in form.blocks},
                "items": items,
            }
        )
    return records


def _moment(told: object, otherwise: str) -> str:
    return (told if isinstance(told, str) else otherwise) + ZONE


def _entry(item: Item, row: pd.Series, shown: bool) -> dict:
    if not shown:
        return {"state": "not_shown"}
    values = [row.get(column) for column in item.columns]
    drawn = {"assigned": values.pop()} if item.assign else {}
    drawn = {name: int(value) for name, value in drawn.items() if not pd.isna(value)}
    if all(pd.isna(value) for value in values):
        return {"state": "empty", **drawn}
    return {"state": "answered", "answer": as_saved(item, values), **drawn, "ms": 2400, "first": 1000, "last": 3400}


def as_saved(item: Item, values: list) -> object:
    """The answer as the file has it, from the columns that hold it."""
    if item.type in ("text", "date"):
        return str(values[0])
    if item.type not in ("select_multiple", "rank"):
        number = float(values[0])
        return int(number) if number.is_integer() else number
    if values[0] in item.missing_codes:
        return int(values[0])
    picked = [(int(v), c.code) for v, c in zip(values, item.scale.valid, strict=True) if int(v) > 0]
    return [code for _, code in sorted(picked)]


def write_forms(records: list[dict], folder: Path) -> Path:
    """A file for each record, numbered in order."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, record in enumerate(records, start=1):
        (folder / f"{number:05}.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder
