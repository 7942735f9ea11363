"""Bad inputs 33, 34, 46, 47, 49, 50: what is written, hostile YAML, paths that lead elsewhere, disks, re-reading."""

import csv
import io
import re
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
from fifty.case import Bad, Seen, fingerprints, instrument, refused
from small_files import as_csv, sound_cells

import sgsurvey as sg
from sgsurvey.answers.raw_files import write_study_data
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import SurveyError
from sgsurvey.ingest.read import read_responses
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.text import same

FORMULAS = (
    '=HYPERLINK("a";"b")', "+1+1", "-2+3 cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1", "''=1",
)  # fmt: skip
HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>"
HEAD = 'sgsurvey: 1\nid: {id}\nversion: "1"\ntitle: t\n'
CHINESE = "我的 答卷/第一 批.csv"


def table_of(*words: str) -> Table:
    return Table("t", same("t"), (Column("a", same("a"), "text"),), tuple(Row((Cell(each),)) for each in words))


def formulas_in_files(folder: Path) -> Seen:
    """No cell of any CSV or workbook that is written would be calculated; numbers stay numbers."""
    table = table_of(*FORMULAS, "-9", "+1.5e3")
    written = [row[0] for row in csv.reader(io.StringIO(table.save(folder / "t.csv").read_text("utf-8-sig")))]
    faults = [f"CSV: {text!r}" for text in written if re.match(r"[=@\t\r＝]|[+-](?!\d+$|1.5e3$)", text)]
    faults += [f"CSV changed {text!r}" for text in ("-9", "+1.5e3") if text not in written]
    cells = [cell for row in openpyxl.load_workbook(table.save(folder / "t.xlsx")).active for cell in row]
    faults += [f"xlsx: {cell.value!r}" for cell in cells if cell.data_type == "f"]
    return Seen("read", faults=tuple(faults))


def formulas_there_and_back(folder: Path) -> Seen:
    """Open answers that look like formulas are kept, disarmed in the raw files, and read back as they were."""
    rows = [["role", "TR1", "TR2", "TR3R", "EF1", "EF2", "words"]]
    rows += [["villager", 1, 2, 3, 4, 5, f"{text} x"] for text in FORMULAS]
    given = [f"{text} x".strip().replace("\r", "") for text in FORMULAS]
    answers = Responses(pd.DataFrame(rows[1:], columns=rows[0]).assign(words=given), instrument())
    out = write_study_data(answers, folder / "raw")[0]
    stands = [row[-1] for row in csv.reader(io.StringIO(out.read_text("utf-8-sig"), newline=""))][1:]
    faults = [f"raw CSV: {text!r}" for text in stands if not text.startswith("'")]
    back = read_responses(out, instrument())
    faults += [f"{a!r} came back as {b!r}" for a, b in zip(given, back.frame["words"], strict=True) if a != b]
    if "SG139" not in set(back.log.events["code"]):
        faults.append("the apostrophes were taken away in silence")
    return Seen("read", faults=tuple(faults))


def html_in_pages(folder: Path) -> Seen:
    """HTML in words is shown as words in every format of tables and reports."""
    faults = []
    report = sg.Report(HTML, language="en", subtitle=HTML, author=HTML).add(table_of(HTML), HTML)
    for suffix in ("html", "md", "docx"):
        for name, made in (("table", table_of(HTML)), ("report", report)):
            content = made.save(folder / f"{name}.{suffix}").read_bytes()
            if suffix == "docx":
                with zipfile.ZipFile(io.BytesIO(content)) as parts:
                    content = parts.read("word/document.xml")
            if suffix == "md":
                content = content.replace(b"\\<", b"")
            if b"<script>alert" in content or b"<img src=x" in content:
                faults.append(f"{name}.{suffix} holds the tags")
    tex = table_of(HTML, "\\input{/etc/passwd} $x$ %").save(folder / "t.tex").read_text("utf-8")
    if "\\input" in tex:
        faults.append("LaTeX runs the command")
    return Seen("read", faults=tuple(faults))


def yaml(text: str, line: int = 0) -> Callable[[Path], Seen]:
    """Reading this questionnaire file."""

    def look(folder: Path) -> Seen:
        path = folder / "q.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            sg.read_questionnaire(path)
        except SurveyError as error:
            seen = refused(error)
            named = not line or re.search(rf"(?::|line ){line}\b", error.where.en)
            return seen if named else _faulty(seen, f"no line {line} in {error.where.en}")
        return Seen("read")

    return look


def names_that_lead_elsewhere(folder: Path) -> Seen:
    """An id or a name of a questionnaire is no path."""
    inner = folder / "inner"
    inner.mkdir()
    path = inner / "q.yaml"
    text = HEAD.format(id="../../x") + "questions:\n- {name: ../../y, type: text, label: t}\n"
    path.write_text(text, encoding="utf-8")
    try:
        sg.read_questionnaire(path)
    except SurveyError as error:
        return refused(error)
    return Seen("read")


def archive_that_climbs(folder: Path) -> Seen:
    """Nothing of a zip is unpacked to disk, whatever its parts are called."""
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    path = inner / "form.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../../up.jpg", "..\\..\\up2.jpg", "/tmp/sgsurvey_up.jpg", "C:\\up.jpg"):
            archive.writestr(name, "x")
        header, *rows = sound_cells()
        archive.writestr("form.csv", as_csv([["KEY", *header[1:]], *rows]))
    before = fingerprints(folder)
    try:
        answers = read_responses(path, instrument(), source="odk")
        seen = Seen("read", faults=() if len(answers) == 4 else ("not four rows",))
    except SurveyError as error:
        seen = refused(error)
    if fingerprints(folder) != before or Path("/tmp/sgsurvey_up.jpg").exists():
        return _faulty(seen, "something was unpacked")
    return seen


def opened(make: Callable[[Path], Path]) -> Callable[[Path], Seen]:
    """Reading answers from a place."""

    def look(folder: Path) -> Seen:
        try:
            answers = read_responses(make(folder), instrument())
        except SurveyError as error:
            return refused(error)
        return Seen("read", faults=() if len(answers) == 4 else ("not four rows",))

    return look


def saved(make: Callable[[Path], Path]) -> Callable[[Path], Seen]:
    """Saving a table to a place: an older file there stays whole, and nothing is left beside it."""

    def look(folder: Path) -> Seen:
        path = make(folder)
        before = fingerprints(folder)
        try:
            table_of("new" * 100).save(path)
        except SurveyError as error:
            seen = refused(error)
            return seen if fingerprints(folder) == before else _faulty(seen, "something was written")
        return Seen("read")

    return look


def full_disk(folder: Path) -> Seen:
    """Saving a table when no file may grow beyond ten bytes."""
    path = table_of("old").save(folder / "t.csv")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        return saved(lambda _: path)(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def under_a_file(folder: Path) -> Path:
    (folder / "file").write_text("x", encoding="utf-8")
    return folder / "file" / "t.csv"


def a_folder(folder: Path) -> Path:
    (folder / "t.csv").mkdir()
    return folder / "t.csv"


def in_chinese(folder: Path) -> Path:
    path = folder / CHINESE
    path.parent.mkdir()
    path.write_text(as_csv(sound_cells()), encoding="utf-8")
    return path


def twice(folder: Path) -> Seen:
    """The same file gives the same answers and the same log; rows in another order give the same answers by id."""
    header, *rows = sound_cells(words=["一", "二", "三", "四"])
    for name, lines in (("a.csv", rows), ("b.csv", rows[::-1])):
        (folder / name).write_text(as_csv([header, *lines]), encoding="utf-8")
    first, again, turned = (read_responses(folder / name, instrument()) for name in ("a.csv", "a.csv", "b.csv"))
    faults = []
    if not first.frame.equals(again.frame) or not first.log.events.equals(again.log.events):
        faults.append("the same file read twice differs")
    if not first.frame.set_index("resp_id").equals(turned.frame.set_index("resp_id").loc[first.frame["resp_id"]]):
        faults.append("the order of rows makes a difference")
    return Seen("read", faults=tuple(faults))


def _faulty(seen: Seen, fault: str) -> Seen:
    return Seen(seen.reaction, seen.code, seen.place, seen.what, seen.remedy, seen.n, (*seen.faults, fault))


ALIASES = "a: &a [x]\n" + "".join(f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True))
CASES = [
    Bad(33, "formulas in tables that are saved", "read", "", formulas_in_files),
    Bad(33, "formulas in open answers, saved and read back", "read", "", formulas_there_and_back),
    Bad(34, "HTML, scripts and LaTeX in words", "read", "", html_in_pages),
    Bad(46, "a YAML tag", "refuse", "SG150", yaml(HEAD.format(id="x") + "roles: !!python/object:os.system x\n", 5)),
    Bad(46, "YAML aliases that grow", "refuse", "SG150", yaml(ALIASES, 1)),
    Bad(46, "a merge key", "refuse", "SG150", yaml("a: {b: 1}\nc:\n  <<: {d: 1}\n", 3)),
    Bad(46, "YAML nested 10,000 deep", "refuse", "SG150", yaml("a: " + "[" * 10_000 + "]" * 10_000 + "\n", 1)),
    Bad(46, "a key given twice", "refuse", "SG150", yaml("id: x\nid: y\n", 2)),
    Bad(46, "a questionnaire of over 1 MB", "refuse", "SG150", yaml("# " + "x" * 1_000_000)),
    Bad(47, "ids and names that are paths", "refuse", "", names_that_lead_elsewhere),
    Bad(47, "parts of a zip that are paths", "read", "", archive_that_climbs),
    Bad(49, "a file that is not there", "refuse", "SG160", opened(lambda folder: folder / "不存在 的.csv")),
    Bad(49, "a folder in place of a file", "refuse", "SG160", opened(a_folder)),
    Bad(49, "answers in a folder with Chinese and spaces", "read", "", opened(in_chinese)),
    Bad(49, "a place that cannot be written to", "refuse", "SG160", saved(under_a_file)),
    Bad(49, "a file that cannot be replaced", "refuse", "SG160", saved(a_folder)),
    Bad(49, "a full disk", "refuse", "SG160", full_disk),
    Bad(49, "a table in a folder with Chinese and spaces", "read", "", saved(lambda folder: folder / CHINESE)),
    Bad(50, "the same file twice; rows in another order", "read", "", twice),
]  # fmt: skip
