"""A workbook as a person keeps it: numbers as numbers, a title above, a sheet of notes."""

from pathlib import Path

import openpyxl
from layouts.csv import lines
from layouts.entries import entries

from sgsurvey.answers.responses import Responses

VARIANTS = {"numbers": {}, "all text": {"text": True}, "a title, labels": {"title": True, "labels": True}}


def export(
    answers: Responses, role: str, folder: Path, *, text: bool = False, title: bool = False, labels: bool = False
) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["答卷在另一张表"])
    sheet = book.create_sheet("答卷")
    if title:
        sheet.append(["调查答卷汇总"])
    header, *rows = lines(entries(answers, role), labels=labels)
    sheet.append(header)
    for row in rows:
        sheet.append([int(cell) if cell.lstrip("-").isdigit() and not text else cell or None for cell in row])
    path = folder / f"{role}.xlsx"
    book.save(path)
    return path, {"role": role}
