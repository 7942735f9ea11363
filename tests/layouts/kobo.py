"""KoboToolbox's exporter: CSV (``;``, all quoted, bare newlines in cells) and XLSX (all text)."""

from pathlib import Path

import openpyxl
from layouts.entries import SEVERAL, Entries, entries, label

from sgsurvey.answers.responses import Responses
from sgsurvey.forms.form import lay_out, places

VARIANTS = {
    "XML values": {},
    "XML values, groups by /": {"groups": "/"},
    "XML values, groups by .": {"groups": "."},
    "XML values, groups by -": {"groups": "-"},
    "XML values, summary": {"multiple": "summary"},
    "XML values, details": {"multiple": "details"},
    "labels": {"language": "zh"},
    "labels, groups": {"language": "zh", "groups": "/"},
    "English labels, summary": {"language": "en", "multiple": "summary"},
    "labels, details": {"language": "zh", "multiple": "details"},
    "labels, groups, details": {"language": "zh", "groups": "/", "multiple": "details"},
    "HXL row": {"hxl": True},
    "surplus cell": {"surplus": True},
    "XLSX": {"workbook": True},
    "XLSX, labels": {"workbook": True, "language": "zh"},
}
LAST = ("_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__",
        "_tags", "_index")  # fmt: skip
ZONE = ".000+08:00"


def export(
    answers: Responses, role: str, folder: Path, *, workbook: bool = False, hxl: bool = False, surplus: bool = False,
    **how,
) -> tuple[Path, dict]:  # fmt: skip
    """Write the answers of ``role``; gives the path and how to read it."""
    header, *rows = lines(entries(answers, role), **how)
    if surplus:
        # From the third row on, as after a choice that the form no longer has.
        rows = [row + ["1"] * (number > 1) for number, row in enumerate(rows)]
    tags = [["#affected" if number == 3 else "" for number in range(len(header))]] if hxl else []
    # Heads by label name a role's questions only when the role is known.
    told = {"role": role} if "language" in how else {}
    path = folder / f"{role}.{'xlsx' if workbook else 'csv'}"
    if workbook:
        book = openpyxl.Workbook()
        book.active.title = "S县农村公共卫生调查"
        for row in (header, *rows):
            book.active.append([cell or None for cell in row])
        book.save(path)
    else:
        quoted = [";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (header, *tags, *rows)]
        path.write_bytes("".join(f"{line}\r\n" for line in quoted).encode())
    return path, told


def lines(given: Entries, *, groups: str = "", language: str = "", multiple: str = "both") -> list[list[str]]:
    """Header and rows of the export."""
    columns: list[tuple[str, list[str]]] = [("role", [given.role] * len(given.rows))]
    for item in given.items:
        path = _path(given, item, groups, language)
        cells = [row[item.name].given for row in given.rows]

        def spoken(code, item=item):
            return label(item, code, given.questionnaire, language) if language else code

        if item.type == "rank":
            for number, name in enumerate(places(item)):
                head = f"{item.label.to(language)} {number + 1}" if language else name
                columns.append((head, [spoken(c[number]) if number < len(c) else "" for c in cells]))
            # Joined in one calculation, which has no label.
            columns.append((item.name, [" ".join(c) for c in cells]))
        elif item.type in SEVERAL:
            if multiple != "details":
                columns.append((path, [" ".join(map(spoken, c)) for c in cells]))
            for choice in item.scale.choices if multiple != "summary" else ():
                code = str(choice.code)
                columns.append((f"{path}/{spoken(code)}", [str(int(code in c)) if c else "" for c in cells]))
        else:
            if item.assign:
                columns.append((f"{item.name}_assigned", [row[item.name] for row in given.drawn]))
            zone = ZONE if item.name in ("t_start", "t_end") else ""
            head = item.name if zone else path
            columns.append((head, [spoken(c[0]) + zone if c else "" for c in cells]))
    n = len(given.rows)
    for name in LAST:
        columns.append((name, [_last(name, number) for number in range(1, n + 1)]))
    header, cells = zip(*columns, strict=True)
    return [list(header), *map(list, zip(*cells, strict=True))]


def _path(given: Entries, item, groups: str, language: str) -> str:
    own = item.label.to(language) if language else item.name
    if language and item.assign:
        own = own.replace("{assigned}", f"${{{item.name}_assigned}}")
    if not groups:
        return own
    for block, items in lay_out(given.questionnaire, given.role).blocks:
        if item in items:
            return f"{block.label.to(language) if language else block.name}{groups}{own}"
    return own


def _last(name: str, number: int) -> str:
    told = {
        "_id": str(7000 + number),
        "_uuid": f"{number:08x}-1111-4111-8111-111111111111",
        "_submission_time": f"2026-05-02T00:{number:02}:12",
        "_status": "submitted_via_web",
        "__version__": "vGbPrhj5bUxLZAwSqRr4tF",
        "_index": str(number),
    }
    return told.get(name, "")
