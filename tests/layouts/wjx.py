"""问卷星: a workbook or CSV, by text or by number, under heads of the old and of the new generation."""

import csv
import datetime as dt
import io
from pathlib import Path

import openpyxl
from layouts.entries import SEVERAL, Entries, entries, label

from sgsurvey.answers.responses import Responses
from sgsurvey.forms.form import TIMES, lay_out
from sgsurvey.forms.wjx import line_words, questions_of, stem

VARIANTS = {
    "by text, xlsx": {},
    "by text, English": {"language": "en"},
    "by number, xlsx": {"number": True},
    "by number, old heads, CSV in GBK": {"number": True, "old": True, "suffix": "csv"},
    "by number, joined": {"number": True, "joined": True},
}


def export(answers: Responses, role: str, folder: Path, *, suffix: str = "xlsx", **how) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    table = lines(entries(answers, role), **how)
    path = folder / f"{role}.{suffix}"
    if suffix == "csv":
        out = io.StringIO()
        csv.writer(out).writerows(table)
        path.write_bytes(out.getvalue().encode("gb18030"))
        return path, {"role": role}
    book = openpyxl.Workbook()
    for line in table:
        book.active.append(line)
    book.save(path)
    return path, {"role": role}


def lines(given: Entries, *, number=False, old=False, joined=False, language="zh") -> list[list[str]]:
    """Header and rows."""
    form = lay_out(given.questionnaire, given.role)
    columns = list(zip(*[_beside(n, row) for n, row in enumerate(given.rows, start=1)], strict=True))
    heads = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
    have = {item.name for item in given.items}
    for question in questions_of(form):
        for line, item in enumerate(question.part.items):
            if item.name not in have or item.name in TIMES:
                continue
            cells = [row[item.name] for row in given.rows]
            words = line_words(item, language) if question.part.grid else stem(form, item, language)
            title = f"{question.number}、{words}"
            if question.part.grid:
                title = words if line else f"{question.number}、{question.part.block.label.to(language)}—{words}"
            if old and question.part.grid:
                title = f"第{question.number}题({words})"
            if number and item.type in SEVERAL and not (joined and item.type == "select_multiple"):
                for choice in item.scale.valid:
                    said = choice.label.to(language)
                    heads.append(f"第{question.number}题({said})" if old else f"{question.number}、({said}:)")
                    columns.append([_option(item, cell, str(choice.code)) for cell in cells])
                continue
            codes = [str(choice.code) for choice in form.choices(item)]
            heads.append(title)
            columns.append([_cell(item, cell, codes, number, language, given.questionnaire) for cell in cells])
            if item.assign:
                heads.append(f"{item.name}_assigned")
                columns.append([row[item.name] for row in given.drawn])
    return [heads, *map(list, zip(*columns, strict=True))]


def _beside(number, row) -> list[str]:
    start, end = (row[name].given[0] if name in row and row[name].given else "" for name in TIMES)
    if not end:
        return [str(number), "2026/5/1 12:00:00", "95秒", "微信", "N/A", "127.0.0.1(湖南-长沙)"]
    last = dt.datetime.fromisoformat(end)
    took = int((last - dt.datetime.fromisoformat(start)).total_seconds())
    sent = f"{last.year}/{last.month}/{last.day} {last:%H:%M:%S}"
    return [str(number), sent, f"{took // 60}分{took % 60}秒", "微信", "N/A", "127.0.0.1(湖南-长沙)"]


def _option(item, cell, code: str) -> str:
    if not cell.given:
        return "-2" if cell.shown else "-3"
    return (
        str(cell.given.index(code) + 1 if code in cell.given else 0)
        if item.type == "rank"
        else str(int(code in cell.given))
    )


def _cell(item, cell, codes, number, language, questionnaire) -> str:
    if not cell.given:
        return ("-2" if cell.shown else "-3") if number else ("(空)" if cell.shown else "(跳过)")
    if not codes:
        return cell.given[0]
    if number:
        return "┋".join(str(codes.index(code) + 1) for code in cell.given)
    between = "→" if item.type == "rank" else "┋"
    return between.join(label(item, code, questionnaire, language) for code in cell.given)
