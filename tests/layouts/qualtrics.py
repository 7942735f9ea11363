"""Qualtrics' CSV: a BOM, three lines of heads, texts or numbers."""

import csv
import io
import json
from pathlib import Path

from layouts.entries import SEVERAL, Entries, entries, label

from sgsurvey.answers.responses import Responses

VARIANTS = {
    "numbers": {},
    "numbers, -99": {"unanswered": True},
    "texts": {"text": True},
    "tags Q1, Q2, texts": {"text": True, "tags": False},
    "several in one column": {"text": True, "split": False},
}
FIRST = ("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished",
         "RecordedDate", "ResponseId", "DistributionChannel", "UserLanguage")  # fmt: skip


def export(answers: Responses, role: str, folder: Path, **how) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines(entries(answers, role), **how))
    path = folder / f"{role}.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig"))
    return path, {"role": role}


def lines(
    given: Entries, *, text: bool = False, unanswered: bool = False, tags: bool = True, split: bool = True
) -> list[list[str]]:
    """Three lines of heads, then rows."""
    columns = [(head, head, [_first(head, k, text=text) for k in range(len(given.rows))]) for head in FIRST]
    for number, item in enumerate(given.items, start=1):
        tag = item.name if tags else f"Q{number}"
        cells = [row[item.name] for row in given.rows]

        def told(code: str, item=item) -> str:
            return label(item, code, given.questionnaire) if text else code

        def blank(cell) -> str:
            return "-99" if unanswered and cell.shown else ""

        if item.type in SEVERAL and (split or item.type == "rank"):
            for choice in item.scale.valid:
                code, words = str(choice.code), f"{item.label.zh} - {choice.label.zh}"
                mark = (lambda c, code=code: str(c.given.index(code) + 1)) if item.type == "rank" else None
                picked = [
                    (mark(c) if mark else told(code)) if code in c.given else "" if c.given else blank(c) for c in cells
                ]
                columns.append((f"{tag}_{code}", words, picked))
        elif item.type in SEVERAL:
            columns.append((tag, item.label.zh, [",".join(map(told, c.given)) or blank(c) for c in cells]))
        else:
            if item.assign:
                name = f"{item.name}_assigned"
                columns.append((name, name, [row[item.name] for row in given.drawn]))
            columns.append((tag, item.label.zh, [told(c.given[0]) if c.given else blank(c) for c in cells]))
    heads, texts, cells = zip(*columns, strict=True)
    ids = [json.dumps({"ImportId": f"QID{k}"}, separators=(",", ":")) for k in range(len(heads))]
    return [list(heads), list(texts), ids, *map(list, zip(*cells, strict=True))]


def _first(head: str, number: int, *, text: bool) -> str:
    told = {
        "StartDate": f"2026-05-01 09:00:{number:02}",
        "EndDate": f"2026-05-01 09:10:{number:02}",
        "RecordedDate": f"2026-05-01 09:10:{number:02}",
        "Status": "IP Address" if text else "0",
        "IPAddress": "192.0.2.7",
        "Progress": "100",
        "Duration (in seconds)": "600",
        "Finished": "True" if text else "1",
        "ResponseId": f"R_{number:015}",
        "DistributionChannel": "anonymous",
        "UserLanguage": "ZH-S",
    }
    return told[head]
