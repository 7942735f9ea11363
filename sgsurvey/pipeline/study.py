"""study.yaml: what was decided before the data came, read and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from sgsurvey.answers.coding_frame import CodingFrame
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.ingest.options import ReadOptions
from sgsurvey.pipeline.plan import Part, Plan
from sgsurvey.quality.cutoffs import Cutoffs
from sgsurvey.questionnaire.fault import Fault, as_error, errors, meant
from sgsurvey.questionnaire.load import read_questionnaire
from sgsurvey.questionnaire.model import Place, Questionnaire
from sgsurvey.questionnaire.syntax import Source, read_yaml
from sgsurvey.text import Text

FILE = "study.yaml"
MARK = "simulated.sha256"
OBSERVER = "observer"
# The columns that observer_by_township makes of the sheets.
OBSERVED = {
    "observed_villages": Text("观察村数", "Villages observed"),
    "observer_score": Text("观察得分（百分制）", "Observed score (of 100)"),
}


@dataclass(frozen=True)
class Study:
    """A study folder with its plan.

    Attributes
    ----------
    folder : Path
        Where ``study.yaml`` lies; the plan's paths are relative to it.
    plan : Plan
        What was decided before the data came.
    progress : callable
        Is told, in words, what is being done.
    """

    folder: Path
    plan: Plan
    progress: Callable[[str], None] = field(default=lambda _: None, compare=False)
    _read: dict[str, Questionnaire] = field(default_factory=dict, compare=False, repr=False)

    def path(self, relative: str) -> Path:
        """A file named in the plan."""
        return (self.folder / relative).resolve()

    def questionnaire(self) -> Questionnaire:
        """The instrument, in the study's first language; read once, so that a whole run has the same."""
        name = self.plan.questionnaire
        if name not in self._read:
            self._read[name] = read_questionnaire(self.path(name), language=self.plan.languages[0])
        return self._read[name]

    @property
    def cutoffs(self) -> Cutoffs:
        """Where each index of careless answering begins to flag."""
        return Cutoffs.of(self.plan.screening.cutoffs)

    def place_table(self, name: str) -> pd.DataFrame:
        """A table about places, its key as text."""
        table = self.plan.data.places[name]
        return _read_table(self.path(table.file), (table.on,), table.columns)

    def heads(self, name: str) -> tuple[dict[str, Text], str]:
        """Words for the columns of a table about places, and the column that joins it."""
        if name == OBSERVER:
            return dict(OBSERVED), "township_id"
        table = self.plan.data.places[name]
        return {key: words.text for key, words in table.columns.items()}, table.on

    @property
    def key(self) -> Path | None:
        """The file with the key of the pseudonyms; None where identifiers are left out."""
        return None if self.plan.data.pseudonyms is None else self.path(self.plan.data.pseudonyms)

    @property
    def options(self) -> ReadOptions:
        """How the answers are read."""
        data = self.plan.data
        return ReadOptions(
            min_complete=data.min_complete,
            since=data.since,
            until=data.until,
            tests=data.tests,
            decimal=data.decimal,
            pseudonyms=self.key,
        )

    def observer_sheets(self) -> pd.DataFrame:
        """The observer's sheets, one row per village, visit and observer; places as text."""
        return _read_table(self.path(self.plan.data.observer or ""), ("township_id", "village_id"))

    @property
    def coding_frame(self) -> CodingFrame:
        """The codes of open answers; those for stakeholders unless the plan names a file."""
        planned = self.plan.open_answers
        if planned is None or planned.frame is None:
            return CodingFrame.stakeholder()
        return CodingFrame.read(self.path(planned.frame))

    @property
    def coding_sheets(self) -> dict[str, Path]:
        """The workbooks of coders that are there, by coder."""
        planned = {} if self.plan.open_answers is None else self.plan.open_answers.sheets
        return {coder: self.path(file) for coder, file in planned.items() if self.path(file).is_file()}

    @property
    def inputs(self) -> dict[str, Path]:
        """Every data file the plan names that exists, by its name in the plan."""
        data = self.plan.data
        named = [data.responses, *(t.file for t in data.places.values()), *([data.observer] if data.observer else [])]
        named += self.plan.open_answers.sheets.values() if self.plan.open_answers else []
        found = {name: self.path(name) for name in named if self.path(name).is_file()}
        # The offline form's answers are a folder of files.
        whole = [path for path in sorted(self.path(data.responses).glob("*")) if path.is_file()]
        return found | {f"{data.responses}/{path.name}": path for path in whole}

    @property
    def simulated(self) -> bool:
        """Whether the responses are those that ``simulate`` wrote: told by the hash kept beside them."""
        responses = self.path(self.plan.data.responses)
        mark = responses.with_name(MARK)
        return responses.is_file() and mark.is_file() and mark.read_text(encoding="utf-8").strip() == sha256(responses)


def read_study(path: str | Path, *, progress: Callable[[str], None] | None = None) -> Study:
    """Read a study folder (or its ``study.yaml``).

    Parameters
    ----------
    path : str or Path
        The folder, or the file itself.
    progress : callable, optional
        Is told, in words, what is being done while the study runs.

    Raises
    ------
    QuestionnaireError
        The file is missing, is no YAML, or has faults; all faults are named at once with file and line.
    """
    plan, faults = read_plan(Path(path))
    if plan is None or errors(faults):
        raise as_error(faults, str(path))
    folder = _file(Path(path)).parent.resolve()
    return Study(folder, plan) if progress is None else Study(folder, plan, progress)


def read_plan(path: Path) -> tuple[Plan | None, list[Fault]]:
    """The plan of a study folder (or file), and every fault of its file."""
    file = _file(path)
    if not file.is_file():
        remedy = Text("用 sgsurvey init my_study 新建一个。", "Make one with: sgsurvey init my_study")
        return None, [Fault(Place(str(file)), Text("没有这个研究文件。", "there is no such study file."), remedy)]
    source, faults = read_yaml(file)
    if source is None or errors(faults):
        return None, faults
    try:
        plan = Plan.model_validate(source.data)
    except ValidationError as error:
        return None, [*faults, *_faults(error, source)]
    return plan, [*faults, *_cutoff_faults(plan, source)]


def _cutoff_faults(plan: Plan, source: Source) -> list[Fault]:
    """One fault for each cut-off that is unknown or means nothing."""
    faults = []
    for name, value in plan.screening.cutoffs.items():
        try:
            Cutoffs.of({name: value})
        except DataError as error:
            faults.append(Fault(source.place("screening", "cutoffs", name), error.what, error.remedy))
    return faults


def _file(path: Path) -> Path:
    return path / FILE if path.is_dir() or not path.suffix else path


def _read_table(file: Path, keys: Sequence[str], others: Iterable[str] = ()) -> pd.DataFrame:
    """A table about places, its ``keys`` as text; an error unless it has these and the ``others``."""
    try:
        table = pd.read_csv(file, dtype=dict.fromkeys(keys, str), encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(
            "is not there.", where=str(file), remedy=f"Correct its name in {FILE}, or take it out."
        ) from None
    except (ValueError, UnicodeError) as error:
        raise DataError(
            f"cannot be read as a CSV table ({error}).", where=str(file), remedy="Save it as CSV in UTF-8."
        ) from None
    missing = [name for name in (*keys, *others) if name not in table]
    if missing:
        raise DataError(
            f"has no column '{missing[0]}'.{did_you_mean(missing[0], list(table.columns))}",
            where=str(file),
            remedy=f"Correct the head of the column, or {FILE}.",
        )
    return table


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _faults(error: ValidationError, source: Source) -> list[Fault]:
    """One fault per finding: where it stands, what it is, and the nearest known word for an unknown one."""
    known = sorted({name for part in Part.__subclasses__() for name in part.model_fields})
    faults = []
    for finding in error.errors():
        where = finding["loc"]
        name = ".".join(map(str, where))
        if finding["type"] == "extra_forbidden":
            what = Text(f"不认识'{name}'。", f"'{name}' is not a known word here.")
            faults.append(Fault(source.place(*where), what, meant(str(where[-1]), known)))
        elif finding["type"] == "missing":
            what = Text(f"缺少'{name}'。", f"'{name}' is missing.")
            faults.append(Fault(source.place(*where), what, Text(f"请补上 {name}: …", f"Add {name}: …")))
        elif not where:
            what = Text("不是“名称: 值”的清单，或是空文件。", "is empty, or is no list of names and values.")
            remedy = Text(
                "请照 sgsurvey init 给出的 study.yaml 填写。", "Start from the study.yaml that sgsurvey init gives."
            )
            faults.append(Fault(source.place(), what, remedy))
        else:
            what = Text(f"'{name}' 有误：{finding['msg']}。", f"'{name}': {finding['msg']}.")
            faults.append(Fault(source.place(*where), what))
    return faults
