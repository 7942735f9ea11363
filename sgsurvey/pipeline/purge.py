"""purge_study(): raw answers, sheets of coders and the key of pseudonyms are deleted, and it is written down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sgsurvey.answers.refusal import refusal
from sgsurvey.files import write_whole
from sgsurvey.pipeline.study import MARK, Study, sha256

RECORD = "purged.json"


@dataclass(frozen=True, slots=True)
class Purged:
    """One file that was (or is to be) deleted.

    Attributes
    ----------
    file : str
        Its place in the study's folder.
    what : "answers", "codes" (sheets of coders, which hold words of respondents), "key" or "mark"
    sha256 : str
        Of its content; empty for the key, of which nothing may be left.
    bytes : int
    date : str
        The day on which it was deleted.
    """

    file: str
    what: str
    sha256: str
    bytes: int
    date: str


def to_purge(study: Study, *, date: str) -> list[Purged]:
    """What ``purge_study`` would delete: raw answers with the mark of simulated ones, sheets of coders, the key.

    Raises
    ------
    DataError
        A file lies outside the study's folder, by its path or by a link (SG176), or there is nothing to delete (SG177).
    """
    found = [
        (path, what)
        for what, paths in (("answers", _answers(study)), ("codes", _sheets(study)), ("key", _key(study)))
        for path in paths
        if path.is_symlink() or path.exists()
    ]
    if not found:
        raise refusal("SG177.nothing", where=str(study.folder))
    for path, _ in found:
        _refuse_outside(path, study)
    return [_record(path, what, study, date) for path, what in found]


def purge_study(study: Study, *, date: str) -> list[Purged]:
    """Delete the raw answers, the sheets of coders and the key; nothing is deleted unless everything may be.

    Parameters
    ----------
    study : Study
    date : str
        The day to write down.

    Returns
    -------
    list of Purged
        What was deleted, as it was added to ``purged.json`` in the study's folder.
    """
    planned = to_purge(study, date=date)
    done: list[Purged] = []
    try:
        for each in planned:
            (study.folder / each.file).unlink()
            done.append(each)
    finally:
        _write_down(study.folder / RECORD, done)
    return done


def _answers(study: Study) -> list[Path]:
    responses = study.folder / study.plan.data.responses
    files = sorted(path for path in responses.rglob("*") if not path.is_dir()) if responses.is_dir() else [responses]
    return [*files, responses.with_name(MARK)]


def _sheets(study: Study) -> list[Path]:
    planned = study.plan.open_answers
    return [] if planned is None else [study.folder / file for file in planned.sheets.values()]


def _key(study: Study) -> list[Path]:
    key = study.plan.data.pseudonyms
    return [] if key is None else [study.folder / key]


def _refuse_outside(path: Path, study: Study) -> None:
    """A file is the study's own when neither its path nor a link leads out of the study's folder."""
    folder = study.folder.resolve()
    if path.is_symlink() or not path.resolve().is_relative_to(folder):
        raise refusal("SG176.outside", where=str(path))


def _record(path: Path, what: str, study: Study, date: str) -> Purged:
    place = path.resolve().relative_to(study.folder.resolve()).as_posix()
    is_mark = path.name == MARK
    return Purged(place, "mark" if is_mark else what, "" if what == "key" else sha256(path), path.stat().st_size, date)


def _write_down(file: Path, done: Sequence[Purged]) -> None:
    """Add to the record, whole or not at all."""
    if not done:
        return
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    lines = json.dumps([*before, *map(asdict, done)], ensure_ascii=False, indent=1)
    write_whole(file, f"{lines}\n".encode())
