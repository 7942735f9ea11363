"""Google Forms: the form's own CSV (``;``) or its sheet (``, ``); questions as heads, labels as cells."""

import csv
import io
from pathlib import Path

from layouts.entries import SEVERAL, Entries, entries, label

from sgsurvey.answers.responses import Responses

VARIANTS = {
    "CSV of the form": {"stamp": "2026/05/01 下午 3:04:05 GMT+8"},
    "CSV of the sheet, English": {"language": "en", "between": ", ", "stamp": "5/31/2026 15:04:05"},
    "a form that was changed": {"doubled": True, "stamp": "2026/5/1 15:04:05"},
}


def export(answers: Responses, role: str, folder: Path, *, doubled: bool = False, **how) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    table = lines(entries(answers, role), **how)
    if doubled:
        table = _changed(table)
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    path = folder / f"{role}.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return path, {"role": role}


def lines(given: Entries, *, stamp: str, language: str = "zh", between: str = ";") -> list[list[str]]:
    """Header and rows: a ranking is a grid, whose lines are its choices."""
    columns = [("Timestamp" if language == "en" else "时间戳记", [stamp] * len(given.rows))]
    for item in given.items:
        cells = [row[item.name].given for row in given.rows]
        text = item.label.to(language)

        def spoken(code: str, item=item) -> str:
            return label(item, code, given.questionnaire, language)

        if item.type == "rank":
            for choice in item.scale.valid:
                code = str(choice.code)
                column = [str(c.index(code) + 1) if code in c else "" for c in cells]
                columns.append((f"{text} [{choice.label.to(language)}]", column))
        elif item.type in SEVERAL:
            columns.append((text, [between.join(map(spoken, c)) for c in cells]))
        else:
            if item.assign:
                columns.append((f"{item.name}_assigned", [row[item.name] for row in given.drawn]))
            columns.append((text, [spoken(c[0]) if c else "" for c in cells]))
    header, cells = zip(*columns, strict=True)
    return [list(header), *map(list, zip(*cells, strict=True))]


def _changed(table: list[list[str]]) -> list[list[str]]:
    """The first half of the rows under the first of two equal heads, the other half under the second."""
    header, *rows = table
    half = len(rows) // 2
    blank = [""] * (len(header) - 1)
    before = [[*row, *blank] for row in rows[:half]]
    return [[*header, *header[1:]], *before, *([row[0], *blank, *row[1:]] for row in rows[half:])]
