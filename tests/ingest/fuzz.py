"""Exports of every tool, damaged at random: each is read with nothing lost or changed in silence, or refused in words.

Half of the cases have bytes damaged, the other half cells changed and the file written again.  ``silence.py`` says what
a correct reader makes of each cell.  ``python tests/show.py fuzz --cases 2000 --seed 1`` prints a run of any length.
"""

import io
import random
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from ingest.rewriting import rewritten
from ingest.silence import Sound, Unreadable, changed, sound
from layouts.matrix import COUNTY, county, rows

import sgsurvey as sg
from sgsurvey.answers.log import CELL_KINDS
from sgsurvey.errors import SurveyError

ROLE = "evaluator"
WIDTHS = (6, 6, 8, 8, 16, 7, 7)
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


@dataclass(frozen=True)
class Ended:
    """How a damaged export ended.

    Attributes
    ----------
    word : str
        ``read``, or the code it was refused with.
    compared : int
        Cells that were held against an independent reading; 0 where the independent road cannot read the file.
    silent : list of str
        Cells that were changed, and nobody told.
    """

    source: str
    word: str
    compared: int = 0
    silent: tuple[str, ...] = ()


@cache
def meaning(name: str) -> Sound:
    """What the cells of a sound export say."""
    source, _, variant = name.partition(": ")
    first, files, _ = exports()[name]
    return sound(source, variant, ROLE, first, files)


def outcome(name: str, chance: random.Random, folder: Path) -> Ended:
    """How a damaged export ends.

    Raises
    ------
    AssertionError
        Rows or cells do not add up, or an error has no code or no remedy.
    """
    first, files, how = exports()[name]
    source = how["source"]
    hurt = chance.randrange(len(files))
    if chance.random() < 0.5:
        files = rewritten(source, files, first, chance)
    else:
        files = tuple((n, damaged(c, chance) if k == hurt else c) for k, (n, c) in enumerate(files))
    for file, content in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    refused = None
    try:
        answers = sg.read_responses(folder / first, COUNTY, **how)
    except SurveyError as error:
        refused = error
    if refused is not None:
        assert refused.code.startswith("SG"), repr(refused)
        assert all((refused.what.zh, refused.what.en, refused.remedy.zh, refused.remedy.en)), repr(refused)
        return Ended(source, refused.code)
    step, log = answers.log.steps[0], answers.log
    assert step.n_in == len(answers) + sum(step.set_aside.values())
    assert len(log.quarantine) == sum(step.set_aside.values())
    assert (log.cells[list(CELL_KINDS)].sum(axis=1) == log.cells["cells"]).all()
    try:
        silent, compared = changed(meaning(name), files, answers)
    except Unreadable:
        return Ended(source, "read")
    return Ended(source, "read", compared, tuple(silent))


def run(cases: int, seed: int) -> Iterator[tuple[str, Ended]]:
    """Name of the export, and how it ended, for each case."""
    chance = random.Random(seed)
    names = list(exports())
    for case in range(cases):
        name = names[case % len(names)]
        with tempfile.TemporaryDirectory() as folder:
            yield name, outcome(name, chance, Path(folder))


def show(cases: int = 1000, seed: int = 1) -> bool:
    """Print by format how many cases were read and refused, and the cells that were changed in silence; True if none.

    A crash would end the run: what is no ``SurveyError`` is not caught.
    """
    found: dict[str, list[Ended]] = {}
    for name, ended in run(cases, seed):
        found.setdefault(ended.source, []).append(ended)
        for words in ended.silent[:3]:
            print(f"SILENT {name}: {words}")
    heads = ("cases", "read", "refused", "crashes", "cells compared", "silent", "unread")
    print(f"{'format':<11}" + "".join(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True)))
    totals = [0] * 7
    for source, group in found.items():
        read = [ended for ended in group if ended.word == "read"]
        unread = sum(not ended.compared and not ended.silent for ended in read)
        silent = sum(len(ended.silent) for ended in group)
        counts = [len(group), len(read), len(group) - len(read), 0, sum(e.compared for e in read), silent, unread]
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        codes = Counter(ended.word for ended in group if ended.word != "read")
        print(_line(source, counts), " ".join(f"{code}:{n}" for code, n in sorted(codes.items())))
    print(_line("all", totals), f"seed {seed}")
    print("unread: the independent road could not read the file, or no row of it was left to compare")
    return not totals[5]


def _line(name: str, counts: Sequence[int]) -> str:
    return f"{name:<11}" + "".join(f"{n:>{width},}" for n, width in zip(counts, WIDTHS, strict=True))
