"""Run a study's own script, save its report in every format and language, and keep a record of the run."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pickle
import pkgutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Literal

from sgsurvey.errors import QuestionnaireError
from sgsurvey.pipeline.record import changes, conditions, with_new_inputs, write_record
from sgsurvey.pipeline.study import Study
from sgsurvey.report.overclaims import Overclaims, overclaims
from sgsurvey.report.report import Report
from sgsurvey.text import Language, Text

Format = Literal["html", "docx", "xlsx", "md"]
FORMATS: tuple[Format, ...] = ("html", "docx", "xlsx")
# What a report is written with, then where its results come from.
ROOMS = ("report", "tables", "figures", "quality", "sampling", "descriptives", "measurement", "models", "causes")


@dataclass(frozen=True)
class Run:
    """What a run left behind.

    Attributes
    ----------
    report : Report
        What the study's ``main`` returned.
    files : tuple of Path
        Every file written, run.json last.
    overclaims : Overclaims
        Words of the study's author that say more than its design allows.
    seconds : mapping of step to seconds
    """

    report: Report
    files: tuple[Path, ...]
    overclaims: Overclaims
    seconds: dict[str, float] = field(default_factory=dict)


def run_study(
    study: Study,
    *,
    out: Path | None = None,
    formats: Sequence[Format] = FORMATS,
    languages: Sequence[Language] | None = None,
    strict: bool = False,
) -> Run:
    """Run ``main(study)`` of the study's pipeline script and save its report in every format and language.

    Inputs are hashed before the run, so that run.json names what was read and not what lies there afterwards.

    Parameters
    ----------
    study : Study
    out : Path, optional
        Folder to write to; ``out`` in the study's folder unless told otherwise.
    formats, languages :
        Which reports to write; all of the study's languages unless told otherwise.
    strict : bool
        Write nothing where the author's words say more than the design allows.

    Raises
    ------
    QuestionnaireError
        The pipeline script is missing or has no ``main``.
    ClaimError
        ``strict``, and words say more than the design allows.
    """
    folder = _folder(study, out)
    folder.mkdir(parents=True, exist_ok=True)
    given = conditions(study, _options(study, formats, languages, strict=strict))
    wanted = tuple(languages or study.plan.languages)
    clock = Clock(study.progress)
    with _writers(len(wanted) - 1) as writers:
        with _script(study) as script:
            report = script.main(replace(study, progress=clock.tell))
        too_much = overclaims(report)
        if strict:
            too_much.refuse(str(study.path(study.plan.pipeline)))
        files = _save(replace(report, languages=wanted), folder, wanted, formats, writers, clock)
    seconds = clock.stop()
    facts = _facts(study, report, seconds)
    record = write_record(folder, with_new_inputs(given, study), files, facts)
    return Run(report, (*files, record), too_much, seconds)


def changed(
    study: Study,
    *,
    out: Path | None = None,
    formats: Sequence[Format] = FORMATS,
    languages: Sequence[Language] | None = None,
    strict: bool = False,
) -> list[Text]:
    """What has changed since the last run with these arguments; nothing where a run would write the same again."""
    return changes(_folder(study, out), conditions(study, _options(study, formats, languages, strict=strict)))


def _folder(study: Study, out: Path | None) -> Path:
    return (out or study.folder / "out").resolve()


def _options(
    study: Study, formats: Sequence[Format], languages: Sequence[Language] | None, *, strict: bool
) -> dict[str, object]:
    return {"formats": list(formats), "languages": list(languages or study.plan.languages), "--strict": strict}


def _facts(study: Study, report: Report, seconds: Mapping[str, float]) -> dict[str, object]:
    """What run.json keeps besides the conditions of the run."""
    return {
        "study": study.plan.id,
        "simulated": report.simulated,
        "seed": study.plan.seed,
        "rows": report.facts,
        "seconds": {**seconds, "all": round(sum(seconds.values()), 3)},
    }


@contextmanager
def _writers(most: int) -> Iterator[Executor | None]:
    """Processes for the languages beyond the first, loading what they need while the statistics are computed."""
    free = min(most, (os.cpu_count() or 1) - 1)
    if free < 1:
        yield None
        return
    # Ctrl-C reaches every process: this one tells of it, the writers finish the file that they are at.
    quiet = (signal.SIGINT, signal.SIG_IGN)
    writers = ProcessPoolExecutor(free, get_context("spawn"), initializer=signal.signal, initargs=quiet)
    try:
        for room in ROOMS * free:
            writers.submit(_prepare_writer, room)  # one by one, so that a run which fails need not wait for them all
        yield writers
    finally:
        writers.shutdown(cancel_futures=True)


def _prepare_writer(room: str) -> None:
    """Load all of ``room``; else the writer would do so when the report's results arrive."""
    package = importlib.import_module(f"sgsurvey.{room}")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{found.name}")
    if room == "figures":
        importlib.import_module("sgsurvey.figures.style").prepare()


def _save(
    report: Report,
    folder: Path,
    languages: Sequence[Language],
    formats: Sequence[Format],
    writers: Executor | None,
    clock: Clock,
) -> list[Path]:
    """Write the report in every language and format, the languages side by side where there are processes for it."""
    first, *others = languages
    if writers is None or not _can_travel(report):
        return [
            path for language in languages for path in save_formats(report.to(language), folder, formats, clock.tell)
        ]
    waiting = [writers.submit(save_formats, report.to(language), folder, formats) for language in others]
    files = save_formats(report.to(first), folder, formats, clock.tell)
    if waiting:
        clock.tell(f"Writing the report in {', '.join(others)}")
    return files + [path for done in waiting for path in done.result()]


def save_formats(
    report: Report, folder: Path, formats: Sequence[Format], tell: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write one language of a report in every format."""
    files = []
    for suffix in formats:
        tell(f"Writing report.{report.language}.{suffix}")
        files.append(report.save(folder / f"report.{report.language}.{suffix}"))
    return files


def _can_travel(report: Report) -> bool:
    """Whether another process can have it: not if a figure is drawn by a function of the study's own script."""
    try:
        pickle.dumps(report)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


class Clock:
    """Passes messages on and keeps how long each step took."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self._step, self._since = "", 0.0

    def tell(self, step: str) -> None:
        """A new step begins."""
        self.stop()
        self._step, self._since = step, time.perf_counter()
        self.progress(step)

    def stop(self) -> dict[str, float]:
        """The last step has ended; seconds by step."""
        if self._step:
            self.seconds[self._step] = round(time.perf_counter() - self._since, 3)
            self._step = ""
        return self.seconds


@contextmanager
def _script(study: Study) -> Iterator[ModuleType]:
    """The study's pipeline script as a module; its folder can be imported from while it runs, and not afterwards."""
    path = study.path(study.plan.pipeline)
    if not path.is_file():
        raise QuestionnaireError(
            f"the study's pipeline script {path} is not there.",
            where=str(study.folder / "study.yaml"),
            remedy="Name it under pipeline:, or copy one with sgsurvey init.",
        )
    spec = importlib.util.spec_from_file_location(f"sgsurvey_study_{study.plan.id}", path)
    if spec is None or spec.loader is None:
        raise QuestionnaireError("is no Python script.", where=str(path), remedy="Name a .py file under pipeline:.")
    script = importlib.util.module_from_spec(spec)
    before = set(sys.modules)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(script)
        if not hasattr(script, "main"):
            raise QuestionnaireError(
                "has no function main(study).", where=str(path), remedy="Add one that returns a Report."
            )
        yield script
    finally:
        sys.path.remove(str(path.parent))
        for name in set(sys.modules) - before:
            if Path(getattr(sys.modules[name], "__file__", None) or "").parent == path.parent:
                del sys.modules[name]
