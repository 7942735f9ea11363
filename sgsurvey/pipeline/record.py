"""run.json: what a run read, with which versions, what it wrote; and what has changed since."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sgsurvey.files import write_whole
from sgsurvey.pipeline.seal import COPY, SEAL
from sgsurvey.pipeline.study import FILE, MARK, Study, sha256
from sgsurvey.text import Text

RECORD = "run.json"
PARTS = ("inputs", "versions", "options")
PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "matplotlib", "seaborn", "python-docx", "openpyxl", "jinja2")
NO_RUN = Text("此处尚无完整运行的记录。", "There is no record of a whole run here.")


@dataclass(frozen=True)
class Conditions:
    """All that the pages of a run depend on.

    Attributes
    ----------
    inputs : mapping of name to SHA-256
        Files that are read: the plan and its seal, the study's scripts, the questionnaire, data; names are relative to
        the study's folder.
    versions : mapping of name to version
        Python, the packages that compute, draw and write, sgsurvey itself, and a hash of its source.
    options : mapping
        How the run was asked for: formats, languages, strict.
    """

    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    options: Mapping[str, object]


def conditions(study: Study, options: Mapping[str, object]) -> Conditions:
    """What a run of ``study`` would depend on at this moment."""
    return Conditions({name: sha256(path) for name, path in _files(study).items()}, _versions(), dict(options))


def with_new_inputs(before: Conditions, study: Study) -> Conditions:
    """``before`` with the files that the run itself has made, such as simulated answers: they were not there before."""
    made = {name: sha256(path) for name, path in _files(study).items() if name not in before.inputs}
    return Conditions({**before.inputs, **made}, before.versions, before.options)


def _files(study: Study) -> dict[str, Path]:
    """Every file that a run reads, by its name relative to the study's folder."""
    script = study.path(study.plan.pipeline)
    questions = study.path(study.plan.questionnaire)
    marks = [study.path(study.plan.data.responses).with_name(MARK), *([study.key] if study.key else [])]
    fixed = [study.folder / name for name in (FILE, SEAL, COPY)]
    # The pipeline's folder is what its script can import from.
    asked = sorted(questions.iterdir()) if questions.is_dir() else [questions]
    written = [*sorted(script.parent.glob("*.py")), *asked]
    there = (path for path in (*fixed, *written, *marks) if path.is_file())
    return {Path(os.path.relpath(path, study.folder)).as_posix(): path for path in there} | study.inputs


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "sgsurvey": importlib.metadata.version("sgsurvey"),
        "sgsurvey source": _source(),
        **{name: importlib.metadata.version(name) for name in PACKAGES},
    }


def _source() -> str:
    """A hash of the package's own files: those who work on it have many sources under one version."""
    package = Path(str(resources.files("sgsurvey")))
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(package).as_posix()}\n{sha256(path)}\n".encode())
    return digest.hexdigest()[:16]


def write_record(folder: Path, given: Conditions, files: Sequence[Path], facts: Mapping[str, object]) -> Path:
    """Write run.json, the last file of a run: where it stands, the run was whole.

    Parameters
    ----------
    given :
        What the run depended on, taken before it.
    files :
        What it wrote to ``folder``.
    facts :
        What else is worth keeping: seed, rows, seconds.
    """
    record = {
        **facts,
        **asdict(given),
        "outputs": {path.relative_to(folder).as_posix(): sha256(path) for path in files},
    }
    content = f"{json.dumps(record, ensure_ascii=False, indent=1)}\n"
    # A lone surrogate, which UTF-8 cannot hold, is written as JSON writes it.
    return write_whole(folder / RECORD, content.encode("utf-8", "backslashreplace"))


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record of the last whole run that wrote to ``folder``; None where there is none, or it cannot be read."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(record, dict) and all(isinstance(record.get(part), dict) for part in (*PARTS, "outputs"))
    return record if whole else None


def changes(folder: Path, now: Conditions) -> list[Text]:
    """What is no longer as it was when the last whole run wrote to ``folder``; nothing where a run would do nothing."""
    record = read_record(folder)
    if record is None:
        return [NO_RUN]
    lie_there = {name: sha256(folder / name) for name in record["outputs"] if (folder / name).is_file()}
    after = {**asdict(now), "outputs": lie_there}
    return [line for part, values in after.items() for line in _differences(record[part], values)]


def _differences(before: Mapping[str, object], now: Mapping[str, object]) -> Iterator[Text]:
    for name in dict.fromkeys([*before, *now]):
        if name not in now:
            yield Text("{x}已不存在", "{x} is gone").format(x=name)
        elif name not in before:
            yield Text("新增{x}", "{x} is new").format(x=name)
        elif before[name] != now[name] and not _holds(before[name], now[name]):
            yield Text("{x}已改变", "{x} has changed").format(x=name)


def _holds(before: object, now: object) -> bool:
    """Whether all that is asked for now, such as formats, was made before, among more."""
    return isinstance(before, list) and isinstance(now, list) and all(each in before for each in now)
