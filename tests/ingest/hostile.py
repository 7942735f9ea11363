"""Files made to fill the memory or to hang the reader: each in a process of its own, its time and memory measured.

``python tests/show.py bombs`` prints them all.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
MOST_SECONDS, MOST_MEGABYTES = 2.0, 300.0
PART = "xl/worksheets/sheet1.xml"
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CHILD = """
import sys, time
sys.path.insert(0, {root!r})
import sgsurvey as sg
from sgsurvey.errors import SurveyError
instrument = sg.read_questionnaire({root!r} + "/questionnaires")
source = {source!r} or None
import openpyxl, pyreadstat
sg.read_responses
def megabytes():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
start = time.process_time()
try:
    if {path!r}.endswith(".yaml"):
        sg.read_questionnaire({path!r})
    elif source == "load":
        sg.load({path!r})
    else:
        sg.read_responses({path!r}, instrument, source=source, role="villager")
    code = "accepted"
except SurveyError as error:
    code = error.code or type(error).__name__
print(code, time.process_time() - start, megabytes())
"""


@dataclass(frozen=True)
class Seen:
    """How a reading ended, the processor's seconds it took, and the process's highest memory."""

    code: str
    seconds: float
    megabytes: float

    @property
    def within(self) -> bool:
        """Whether it was refused in time and without filling the memory."""
        return self.code.startswith("SG") and self.seconds <= MOST_SECONDS and self.megabytes <= MOST_MEGABYTES


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip file of these parts, packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(**changed: bytes) -> bytes:
    """A small workbook with some of its parts exchanged; dots of names stand for what no argument may hold."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["role", "MGT1"])
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped(parts | changed)


def _rows(n: int) -> bytes:
    return (SHEET + "<row><c><v>1</v></c></row>" * n + "</sheetData></worksheet>").encode()


def _laughs() -> bytes:
    names = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{names}]><worksheet>&l9;</worksheet>'.encode()


def _outside() -> bytes:
    return b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'


def _far(place: str) -> bytes:
    return (SHEET + f'<row><c r="{place}"><v>1</v></c></row></sheetData></worksheet>').encode()


def _yaml() -> bytes:
    lines = ["sgsurvey: 1", 'a0: &a0 ["x"]']
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 10)]
    return "\n".join(lines).encode()


def _written(suffix: str, write: Callable[[Path], object]) -> bytes:
    """What a library writes to a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{suffix}"
        write(path)
        return path.read_bytes()


def _sav(**columns: object) -> bytes:
    import pandas as pd
    import pyreadstat

    return _written(".zsav", lambda path: pyreadstat.write_sav(pd.DataFrame(columns), path, compress=True))


def _rows_untold() -> bytes:
    """Ten million rows whose number the header does not say."""
    content = bytearray(_sav(MGT1=np.ones(10_000_000)))
    content[80:84] = (-1).to_bytes(4, "little", signed=True)
    return bytes(content)


def _stata() -> bytes:
    """One text of a megabyte that 200 rows hold."""
    import pandas as pd

    frame = pd.DataFrame({"MGT1": np.ones(200), "words": ["x" * 1_000_000] * 200})
    return _written(".dta", lambda path: frame.to_stata(path, version=118, convert_strl=["words"], write_index=False))


def _saved(**how: int | str) -> bytes:
    """A Parquet bomb under the mark of answers that were saved."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(
        io.BytesIO(_parquet(**how)), read_dictionary=["V_open1"] if "text" in how else []
    )
    table = table.replace_schema_metadata({b"sgsurvey": b'{"layout": 1, "objects": []}'})
    return _written(".parquet", lambda path: pyarrow.parquet.write_table(table, path, compression="zstd"))


def _parquet(rows: int, text: str = "", items: int = 1) -> bytes:
    """The same answer, and the same text, in every row: some bytes for each column."""
    import pyarrow
    import pyarrow.parquet

    columns = {f"MGT{k}": pyarrow.array(np.full(rows, 3, dtype=np.int8)) for k in range(1, items + 1)}
    if text:
        words = pyarrow.DictionaryArray.from_arrays(pyarrow.array(np.zeros(rows, np.int32)), pyarrow.array([text]))
        columns["V_open1"] = words
    table = pyarrow.table(columns)
    return _written(".parquet", lambda path: pyarrow.parquet.write_table(table, path, compression="zstd"))


# Name of the file, its bytes, and the source that is named.
BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a comment of 300 MB in a sheet": ("a.xlsx", lambda: workbook(**{PART: b"<!--" + b" " * 300_000_000}), ""),
    "4 million rows in a sheet": ("b.xlsx", lambda: workbook(**{PART: _rows(4_000_000)}), ""),
    "a cell at XFD1048576": ("c.xlsx", lambda: workbook(**{PART: _far("XFD1048576")}), ""),
    "a cell at XFD3": ("d.xlsx", lambda: workbook(**{PART: _far("XFD3")}), ""),
    "a billion laughs": ("e.xlsx", lambda: workbook(**{PART: _laughs()}), ""),
    "an entity that reads another file": ("f.xlsx", lambda: workbook(**{PART: _outside()}), ""),
    "a zip in a zip in a zip": (
        "g.xlsx",
        lambda: zipped({"a.zip": zipped({"b.zip": zipped({"c": b"0" * 10**8})})}),
        "",
    ),
    "5,000 parts": ("h.xlsx", lambda: workbook(**{f"x/{k}": b"1" for k in range(5000)}), ""),
    "a cell of 20 MB": ("i.csv", lambda: b"role,MGT1\nvillager," + b"9" * 20_000_000 + b"\n", ""),
    "a quote that never ends": ("j.csv", lambda: b'role,MGT1\nvillager,"' + b"9\n" * 5_000_000, ""),
    "50,000 columns": ("k.csv", lambda: b",".join(b"x%d" % k for k in range(50_000)) + b"\n" * 3, ""),
    "an ODK zip that unpacks to 300 MB": (
        "l.zip",
        lambda: zipped({"form.csv": b"KEY,MGT1\n" + b"," * 300_000_000}),
        "odk",
    ),
    "an ODK zip with a path above its folder": ("m.zip", lambda: zipped({"../../form.txt": b"x"}), "odk"),
    "JSON 100,000 levels deep": ("n.json", lambda: b"[" * 100_000 + b"]" * 100_000, "forms"),
    "a zip of JSON that unpacks to 300 MB": ("o.zip", lambda: zipped({"a.json": b" " * 300_000_000}), "forms"),
    "half an SPSS file": ("p.sav", lambda: b"$FL2@(#) SPSS DATA FILE" + b"\xff" * 5000, "spss"),
    "a Stata file that promises 2 billion rows": (
        "q.dta",
        lambda: b"\x75\x02\x01\x00\xff\x7f\xff\xff\xff\x7f" + b"\0" * 200,
        "stata",
    ),
    "10 million rows of zsav in 118 KB": ("t.zsav", lambda: _sav(MGT1=np.ones(10_000_000)), "spss"),
    "10 million rows of zsav, their number not told": ("u.zsav", _rows_untold, "spss"),
    "texts of 120 MB in zsav": ("v.zsav", lambda: _sav(MGT1=np.ones(4000), w=["x" * 30_000] * 4000), "spss"),
    "a Stata text of 1 MB in 200 rows": ("w.dta", _stata, "stata"),
    "3 million rows of Parquet in 12 KB": ("x.parquet", lambda: _parquet(3_000_000), "parquet"),
    "20 million answers of Parquet in 60 KB": ("y.parquet", lambda: _parquet(400_000, items=50), "parquet"),
    "a Parquet text of 1 MB in 20,000 rows": ("z.parquet", lambda: _parquet(20_000, "x" * 1_000_000), "parquet"),
    "3 million rows of Parquet, loaded": ("B.parquet", lambda: _parquet(3_000_000), "load"),
    "3 million rows under our own mark, loaded": ("C.parquet", lambda: _saved(rows=3_000_000), "load"),
    "texts of 20 GB under our own mark, loaded": ("D.parquet", lambda: _saved(rows=20_000, text="x" * 10**6), "load"),
    "half a Parquet file": ("A.parquet", lambda: _parquet(1000)[:200] + b"PAR1", "parquet"),
    "aliases of aliases in YAML": ("r.yaml", _yaml, ""),
    "20,000 brackets in YAML": ("s.yaml", lambda: b"a: " + b"[" * 20_000, ""),
}


def seen(name: str, folder: Path) -> Seen:
    """Read one of the bombs in a process of its own."""
    file, make, source = BOMBS[name]
    path = folder / file
    path.write_bytes(make())
    code = CHILD.format(root=str(ROOT), path=str(path), source=source)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    path.unlink()
    if ran.returncode:
        return Seen(ran.stderr.strip().splitlines()[-1][:60] if ran.stderr else f"exit {ran.returncode}", 0, 0)
    word, seconds, megabytes = ran.stdout.split()
    return Seen(word, float(seconds), float(megabytes))


def show() -> bool:
    """Print every bomb; True when all were refused within the limits."""
    whole = True
    print(
        f"{'file':<45}{'refused with':>14}{'CPU s':>8}{'MB':>7}   (at most {MOST_SECONDS:g} s, {MOST_MEGABYTES:g} MB)"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in BOMBS:
            found = seen(name, Path(folder))
            whole &= found.within
            end = "" if found.within else "   NOT"
            print(f"{name:<45}{found.code:>14}{found.seconds:>8.2f}{found.megabytes:>7.0f}{end}")
    return whole
