"""take_in(): an export becomes clean answers, what was set aside, and a report of both, in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sgsurvey.answers.log import CELL_KINDS, Log
from sgsurvey.answers.reasons import reason
from sgsurvey.answers.refusal import refusal
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.files import write_whole
from sgsurvey.ingest.options import ReadOptions
from sgsurvey.ingest.read import read_responses
from sgsurvey.ingest.sources import SourceName
from sgsurvey.messages import ACTIONS
from sgsurvey.quality.reimport import STATES, Reimport, compare_imports
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.tables.format import typed_as_words
from sgsurvey.text import LANGUAGES, Language, Text

CLEAN, QUARANTINE, INVALID = "clean.csv", "quarantine.csv", "invalid_cells.csv"
KEY = "resp_id"
KINDS: dict[str, Text] = {
    "read": Text("读作答案", "read as answers"),
    "no_answer": Text("表示无回答的文字", "words for no answer"),
    "blank": Text("空", "empty"),
    "invalid": Text("单独存放的单元格", "cells set aside"),
    "set_aside": Text("在单独存放的行中", "in rows set aside"),
    "left_out": Text("未读入的列", "in columns left out"),
}


@dataclass(frozen=True)
class Intake:
    """What was read, the files that were written, and how it differs from what lay there before.

    Attributes
    ----------
    answers : Responses
    files : tuple of Path
    compared : Reimport or None
        None on the first reading, or where respondents have no number of their own.
    """

    answers: Responses
    files: tuple[Path, ...]
    compared: Reimport | None


def take_in(
    path: Path,
    questionnaire: Questionnaire,
    out: Path,
    *,
    source: SourceName | None = None,
    role: str | None = None,
    allow_missing: Sequence[str] = (),
    options: ReadOptions | None = None,
) -> Intake:
    """Read an export and write ``clean.csv``, ``quarantine.csv``, ``invalid_cells.csv`` and ``ingest_report.*.md``.

    Nothing is written where the export is refused; the export itself is never changed.

    Raises
    ------
    DataError
        The file is refused, or a file to be written is the one to be read (SG161), or it cannot be written (SG160).
    """
    folder = out.resolve()
    targets = [folder / name for name in (CLEAN, QUARANTINE, INVALID, *map(report_name, LANGUAGES))]
    if path.resolve() in (folder, *targets):
        raise refusal("SG161.input", where=str(path))
    answers = read_responses(
        path, questionnaire, source=source, role=role, allow_missing=allow_missing, options=options
    )
    written = _as_written(answers.frame)
    compared = _compared(folder / CLEAN, written)
    pages = {language: report(path.name, answers, compared, language).encode("utf-8") for language in LANGUAGES}
    tables = [written, _as_written(answers.log.quarantine), _as_written(answers.log.invalid)]
    contents = [_csv(table) for table in tables] + list(pages.values())
    for target, content in zip(targets, contents, strict=True):
        write_whole(target, content)
    return Intake(answers, tuple(targets), compared)


def report_name(language: Language) -> str:
    """The name of the report in one language."""
    return f"ingest_report.{language}.md"


def _as_written(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell as the text that stands in the file: no spreadsheet takes one for a formula."""
    return table.map(lambda cell: "" if pd.isna(cell) else typed_as_words(_plain(cell)))


def _plain(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _compared(before: Path, now: pd.DataFrame) -> Reimport | None:
    """Beside what an earlier reading left in the folder; None where there is nothing to go by."""
    if not before.is_file() or KEY not in now or now[KEY].eq("").any() or now[KEY].duplicated().any():
        return None
    was = pd.read_csv(before, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    try:
        return compare_imports(was, now, key=KEY)
    except DataError:
        return None  # the earlier file is another survey's, or was changed by hand: there is nothing to compare


# The report -------------------------------------------------------------------------------------------


def report(name: str, answers: Responses, compared: Reimport | None, language: Language) -> str:
    """What became of every row and cell, in Markdown."""
    log, step = answers.log, answers.log.steps[0]

    def say(zh: str, en: str) -> str:
        return Text(zh, en).to(language)

    lines = [f"# {say(f'读取报告：{name}', f'Reading of {name}')}", ""]
    lines += [f"- {file}: SHA-256 `{digest}`" for file, digest in log.inputs.items()]
    lines += ["", f"## {say('行', 'Rows')}", ""]
    lines.append(say(f"读入{step.n_in}行，保留{step.n_out}行。", f"{step.n_in} rows in, {step.n_out} kept."))
    lines += [f"- {reason(why).to(language)}: {n}" for why, n in step.set_aside.items()]
    lines += ["", f"## {say('单元格', 'Cells')}", ""]
    total = int(log.cells["cells"].sum())
    lines.append(say(f"共{total}个单元格，去向如下，合计相符。", f"{total} cells in all; they add up."))
    lines += [f"- {KINDS[kind].to(language)}: {int(log.cells[kind].sum())}" for kind in CELL_KINDS]
    if compared is not None:
        lines += ["", f"## {say('与上次读取相比', 'Beside the earlier reading')}", ""]
        states = zip(compared.frame["state"], compared.frame["n"], strict=True)
        lines += [f"- {STATES[state].to(language)}: {n}" for state, n in states]
    return "\n".join([*lines, *_events(log, language)]) + "\n"


def _events(log: Log, language: Language) -> list[str]:
    """What was put right, doubted or set aside; ``sgsurvey explain`` tells more of each code."""
    if not len(log.events):
        return []
    heads = Text(
        "代码|处理|数量|首行|列|例|说明|怎么办", "code|what was done|n|first row|column|example|message|what to do"
    ).to(language)
    lines = ["", f"## {Text('逐项说明', 'What was found').to(language)}", ""]
    lines += [f"| {' | '.join(heads.split('|'))} |", "| --- | --- | ---: | ---: | --- | --- | --- | --- |"]
    told = ("message_zh", "remedy_zh") if language == "zh" else ("message", "remedy")
    for _, event in log.events.iterrows():
        action = ACTIONS[event["action"]].to(language)
        cells = [event["code"], action, event["n"], event["row"] or "", event["column"], event["value"]]
        cells += [event[words] for words in told]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return lines


def _cell(value: object) -> str:
    """Words that stay in their cell, and that Markdown leaves alone."""
    text = " ".join(str(value).split())
    for mark in "\\|`*_<[]":
        text = text.replace(mark, f"\\{mark}")
    return text
