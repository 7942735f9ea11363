"""LimeSurvey's exports: CSV (BOM, all quoted, a blank last line) and VV (tabs, two header lines, escapes)."""

import csv
import io
from pathlib import Path

from layouts.entries import SEVERAL, Entries, Entry, entries, label

from sgsurvey.answers.responses import Responses

VARIANTS = {
    "codes, short answers": {},
    "comma": {"separator": ","},
    "text heads, long answers": {"heads": "text", "long": True},
    "code and text, long answers": {"heads": "both", "long": True},
    "1 and 2 for Y": {"yes": "1", "no": "2"},
    "VV": {"vv": True},
}
FIRST = ("id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp")
WORDS = ("Response ID", "Date submitted", "Last page", "Start language", "Seed", "Date started", "Date last action")
NOT_SHOWN = "{question_not_shown}"
ESCAPES = (("{", "{lbrace}"), ("\n", "{newline}"), ("\r", "{cr}"), ("\t", "{tab}"))


def export(
    answers: Responses, role: str, folder: Path, *, separator: str = ";", vv: bool = False, **how
) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    given = entries(answers, role)
    path = folder / f"{role}{'_vv' if vv else ''}.csv"
    if vv:
        out = io.StringIO()
        codes, *rows = lines(given, vv=True)
        texts = lines(given, heads="text")[0]
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerows([texts, codes, *([_escaped(cell) for cell in row] for row in rows)])
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        return path, {"role": role}
    quoted = [separator.join('"' + c.replace('"', '""') + '"' for c in row) for row in lines(given, **how)]
    path.write_bytes("\ufeff".encode() + "".join(f"{line}\r\n" for line in quoted).encode() + b"\r\n")
    return path, {"role": role}


def lines(
    given: Entries, *, heads: str = "code", long: bool = False, yes: str = "Y", no: str = "", vv: bool = False
) -> list[list[str]]:
    """Header and rows; ``no`` is written for a choice that was not picked where others were."""
    n = len(given.rows)
    columns = [(_head(code, word, heads), _first(code, n)) for code, word in zip(FIRST, WORDS, strict=True)]
    nothing = NOT_SHOWN if vv else "N/A" if long else ""
    for item in given.items:
        cells = [row[item.name] for row in given.rows]
        code, text = item.name.replace("_", ""), item.label.zh

        def sub(part: str, words: str, code=code, text=text) -> str:
            return _head(f"{code}_{part}" if vv else f"{code}[{part}]", f"{text} [{words}]", heads)

        def told(value: str, item=item) -> str:
            return label(item, value, given.questionnaire) if long else _own(item, value)

        if item.type == "rank":
            for place in range(item.most or len(item.scale.valid)):
                column = [_at(cell, place, nothing, told) for cell in cells]
                columns.append((sub(str(place + 1), f"Rank {place + 1}"), column))
        elif item.type in SEVERAL:
            for choice in item.scale.valid:
                column = [_ticked(cell, str(choice.code), nothing, "是" if long else yes, no) for cell in cells]
                columns.append((sub(str(choice.code), choice.label.zh), column))
        else:
            if item.assign:
                head = _head(f"{code}assigned", f"{item.name}_assigned", heads)
                columns.append((head, [row[item.name] for row in given.drawn]))
            column = [told(c.given[0]) if c.given else "" if c.shown else nothing for c in cells]
            columns.append((_head(code, text, heads), column))
    header, cells = zip(*columns, strict=True)
    return [list(header), *map(list, zip(*cells, strict=True))]


def _head(code: str, text: str, heads: str) -> str:
    return {"code": code, "text": text, "both": f"{code}. {text}"}[heads]


def _first(code: str, n: int) -> list[str]:
    told = {"startlanguage": "zh-Hans", "lastpage": "9", "seed": "1234567890"}
    moments = {"submitdate": "09:10", "startdate": "09:00", "datestamp": "09:10"}
    if code in moments:
        return [f"2026-05-01 {moments[code]}:{k:02}" for k in range(n)]
    return [told.get(code, str(k + 1)) for k in range(n)]


def _own(item, value: str) -> str:
    """A code as LimeSurvey can hold it: letters and digits."""
    negative = value.startswith("-") and value[1:].isdigit()
    return f"N{value[1:]}" if negative and item.scale is not None else value


def _at(cell: Entry, place: int, nothing: str, told) -> str:
    if not cell.shown:
        return nothing
    return told(cell.given[place]) if place < len(cell.given) else ""


def _ticked(cell: Entry, code: str, nothing: str, yes: str, no: str) -> str:
    if not cell.shown:
        return nothing
    return yes if code in cell.given else no if cell.given else ""


def _escaped(cell: str) -> str:
    if cell == NOT_SHOWN:
        return cell
    for meant, written in ESCAPES:
        cell = cell.replace(meant, written)
    return f"{{quote}}{cell[1:]}" if cell.startswith('"') else cell
