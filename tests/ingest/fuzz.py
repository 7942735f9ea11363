"""Exports of every tool, damaged at random: each is read with nothing lost, or refused in the house's words.

``python tests/show.py fuzz`` prints the counts of a longer run; the tests run a short one.
"""

import io
import random
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from layouts.matrix import COUNTY, county, rows

import sgsurvey as sg
from sgsurvey.answers.log import CELL_KINDS
from sgsurvey.errors import SurveyError

ROLE = "evaluator"
# What programs and people leave in files.
SCRAPS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"99", b"-9", b"=1+1", b"NA",
    "同意".encode(), "（跳过）".encode(), "𠮷".encode(), b"1e999", b"\xd0\xcf\x11\xe0", b"</script>", b"{", b"}}",
    b"[", b"null",
)  # fmt: skip


@cache
def exports() -> dict[str, tuple[str, tuple[tuple[str, bytes], ...], dict]]:
    """One export of each source and variant: the name of its file, its files with their bytes, how it is read."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for number, (source, variant) in enumerate(rows()):
            folder = Path(name) / str(number)
            folder.mkdir()
            layout = import_module(f"layouts.{source}")
            path, how = layout.export(county(), ROLE, folder, **layout.VARIANTS[variant])
            files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
            contents = tuple((p.relative_to(path.parent).as_posix(), p.read_bytes()) for p in files)
            found[f"{source}: {variant}"] = (path.name, contents, {"source": source, **how})
    return found


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of the things that happen to files; a zip's parts as often as the zip itself."""
    if content.startswith(b"PK") and chance.random() < 0.6:
        return _repacked(content, chance)
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(out) + 1)
        length = chance.choice((1, 2, 8, 64, 512))
        match chance.randrange(6):
            case 0:
                del out[place : place + length]
            case 1:
                out[place:place] = chance.choice(SCRAPS)
            case 2:
                out[place : place + length] = chance.randbytes(min(length, 16))
            case 3:
                out[place:place] = out[place : place + length]
            case 4:
                del out[place:]
            case _:
                out[place : place + 1] = chance.choice(SCRAPS)
    return bytes(out)


def _repacked(content: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts))
    parts[name] = damaged(parts[name], chance) if not parts[name].startswith(b"PK") else b""
    if chance.random() < 0.1:
        del parts[name]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, bytes_ in parts.items():
            archive.writestr(part, bytes_)
    return out.getvalue()


def outcome(name: str, chance: random.Random, folder: Path) -> str:
    """How a damaged export ends: ``read``, or the code it is refused with.

    Raises
    ------
    AssertionError
        Rows or cells do not add up, or an error has no code or no remedy.
    """
    first, files, how = exports()[name]
    hurt = chance.randrange(len(files))
    for number, (file, content) in enumerate(files):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(damaged(content, chance) if number == hurt else content)
    refused = None
    try:
        answers = sg.read_responses(folder / first, COUNTY, **how)
    except SurveyError as error:
        refused = error
    if refused is not None:
        assert refused.code.startswith("SG"), repr(refused)
        assert all((refused.what.zh, refused.what.en, refused.remedy.zh, refused.remedy.en)), repr(refused)
        return refused.code
    step, log = answers.log.steps[0], answers.log
    assert step.n_in == len(answers) + sum(step.set_aside.values())
    assert len(log.quarantine) == sum(step.set_aside.values())
    assert (log.cells[list(CELL_KINDS)].sum(axis=1) == log.cells["cells"]).all()
    return "read"


def run(cases: int, seed: int) -> Iterator[tuple[str, str]]:
    """Source and outcome of each case."""
    chance = random.Random(seed)
    names = list(exports())
    for case in range(cases):
        name = names[case % len(names)]
        with tempfile.TemporaryDirectory() as folder:
            yield name.partition(":")[0], outcome(name, chance, Path(folder))


def show(cases: int = 2000, seed: int = 1) -> bool:
    """Print how many damaged exports were read and refused; an exception would end it."""
    found: dict[str, Counter[str]] = {}
    for source, ended in run(cases, seed):
        found.setdefault(source, Counter())[ended] += 1
    for source, counts in found.items():
        refused = ", ".join(f"{code} {n}" for code, n in sorted(counts.items()) if code != "read")
        print(f"{source:<11}{sum(counts.values()):>6} cases, {counts['read']:>5} read, refused: {refused}")
    print(f"{sum(sum(c.values()) for c in found.values())} cases, seed {seed}, crashes 0")
    return True
