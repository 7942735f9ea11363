"""ODK Central's export: a zip of CSV, or the form's CSV alone."""

import csv
import io
import zipfile
from pathlib import Path

from layouts.entries import SEVERAL, Entries, entries

from sgsurvey.answers.responses import Responses
from sgsurvey.forms.form import lay_out, places

VARIANTS = {
    "zip, groups": {},
    "zip, no groups": {"groups": False},
    "zip, choices split": {"split": True},
    "zip, a repeat and media": {"extras": True},
    "CSV alone": {"alone": True, "split": True},
}
LAST = ("KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState",
        "DeviceID", "Edits", "FormVersion")  # fmt: skip
ZONE = ".000+08:00"


def export(
    answers: Responses, role: str, folder: Path, *, alone: bool = False, extras: bool = False, **how
) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines(entries(answers, role), **how))
    if alone:
        path = folder / f"{role}.csv"
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        return path, {}
    path = folder / f"{role}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if extras:
            archive.writestr(f"{role}-visits.csv", "day,PARENT_KEY,KEY\n2026-05-01,uuid:1,uuid:1/visits[1]\n")
            archive.writestr("media/list.csv", "not,a,table\n")
            archive.writestr("media/photo.jpg", b"\xff\xd8\xff")
        archive.writestr(f"{role}.csv", out.getvalue())
    return path, {}


def lines(given: Entries, *, groups: bool = True, split: bool = False) -> list[list[str]]:
    """Header and rows of the form's table."""
    n = len(given.rows)
    columns = [("SubmissionDate", [f"2026-05-02T00:{k:02}:12.345Z" for k in range(n)]), ("role", [given.role] * n)]
    blocks = {i.name: block.name for block, items in lay_out(given.questionnaire, given.role).blocks for i in items}
    for item in given.items:
        cells = [row[item.name].given for row in given.rows]
        clocked = item.name in ("t_start", "t_end")
        before = f"{blocks[item.name]}-" if groups and item.name in blocks and not clocked else ""
        if item.type == "rank":
            for number, name in enumerate(places(item)):
                columns.append((before + name, [c[number] if number < len(c) else "" for c in cells]))
        if item.assign:
            columns.append((f"{before}{item.name}_assigned", [row[item.name] for row in given.drawn]))
        columns.append((before + item.name, [" ".join(c) + (ZONE if clocked and c else "") for c in cells]))
        if item.type in SEVERAL and item.type != "rank" and split:
            for choice in item.scale.choices:
                # 0 even where the question was not asked.
                columns.append((f"{before}{item.name}/{choice.code}", [str(int(str(choice.code) in c)) for c in cells]))
    columns.append(("meta-instanceID", [f"uuid:{k}" for k in range(n)]))
    for name in LAST:
        columns.append((name, [_last(name, k, given.questionnaire.version) for k in range(n)]))
    header, cells = zip(*columns, strict=True)
    return [list(header), *map(list, zip(*cells, strict=True))]


def _last(name: str, number: int, version: str) -> str:
    told = {
        "KEY": f"uuid:{number}",
        "SubmitterID": "12",
        "SubmitterName": "phone 3",
        "AttachmentsPresent": "0",
        "AttachmentsExpected": "0",
        "Edits": "0",
        "FormVersion": version,
    }
    return told.get(name, "")
