"""Any program's CSV: names or labels as heads, codes or labels as cells."""

import csv
import io
from pathlib import Path

from layouts.entries import SEVERAL, Entries, entries, label

from sgsurvey.answers.responses import Responses

VARIANTS = {
    "codes": {},
    "labels": {"labels": True},
    "English labels": {"labels": True, "language": "en"},
    "semicolons in GBK": {"labels": True, "separator": ";", "encoding": "gb18030"},
    "UTF-8 with BOM": {"encoding": "utf-8-sig"},
}


def export(answers: Responses, role: str, folder: Path, *, separator=",", encoding="utf-8", **how) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(lines(entries(answers, role), **how))
    path = folder / f"{role}.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    return path, {"role": role}


def lines(given: Entries, *, labels: bool = False, language: str = "zh") -> list[list[str]]:
    """Header and rows; one column for each choice of several."""
    header, columns = [], []
    for item in given.items:
        cells = [row[item.name] for row in given.rows]
        if item.type in SEVERAL:
            for choice in item.scale.valid:
                header.append(f"{item.name}_{choice.code}")
                columns.append([_one_of_several(item, cell.given, str(choice.code)) for cell in cells])
            continue
        header.append(item.label.to(language) if labels else item.name)
        words = [cell.given[0] if cell.given else "" for cell in cells]
        columns.append([label(item, word, given.questionnaire, language) for word in words] if labels else words)
        if item.assign:
            header.append(f"{item.name}_assigned")
            columns.append([row[item.name] for row in given.drawn])
    return [header, *map(list, zip(*columns, strict=True))]


def _one_of_several(item, given: tuple[str, ...], code: str) -> str:
    if not given:
        return ""
    if item.type == "rank":
        return str(given.index(code) + 1 if code in given else 0)
    return str(int(code in given))
