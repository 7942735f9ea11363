"""write_form(): a role's form in the format that a tool, a printer or a keyer takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from sgsurvey.errors import DesignError, did_you_mean
from sgsurvey.forms.steps import Step
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import LANGUAGES, Language, Text

FormFormat = Literal["xlsform", "wjx", "word", "keying", "html"]
SUFFIX: dict[FormFormat, str] = {"xlsform": ".xlsx", "wjx": ".txt", "word": ".docx", "keying": ".xlsx", "html": ".html"}
"""The suffix of each format's file; the first format of a suffix is meant where only the suffix is given."""

Writer = Callable[..., tuple[Step, ...]]
"""``write_x(questionnaire, path, *, role, language, short)`` in ``forms/x.py``: the steps left to take by hand."""


@dataclass(frozen=True)
class WrittenForm(Result):
    """A form that was written, and what somebody must still set by hand because the format cannot carry it.

    Attributes
    ----------
    frame : DataFrame
        A row per step: ``question`` (its number in the tool), ``item`` (the column of the data), both empty where a
        step concerns the whole form; ``zh`` and ``en``, what to do.
    path : Path
        The file.
    role : str
    """

    path: Path
    role: str

    def steps(self, *, language: Language | None = None) -> list[str]:
        """The steps as lines, each with its question's number and column where it has one."""
        columns = self.frame[["question", "item", language or self.basis.language]]
        return [f"{q} {item}: {what}" if q else what for q, item, what in columns.itertuples(index=False)]

    def _table(self) -> Table:
        page = self.frame.assign(step=[Text(*said) for said in zip(self.frame["zh"], self.frame["en"], strict=True)])
        columns = [
            Column("question", HEADS["question"], "text"),
            Column("item", HEADS["code"], "text"),
            Column("step", HEADS["step"], "text"),
        ]
        title = Text(f"须手工设置的步骤：{self.path.name}", f"Steps to take by hand: {self.path.name}")
        return Table.from_frame(page, columns, id="form_steps", title=title)


def write_form(
    questionnaire: Questionnaire,
    path: str | Path,
    *,
    role: str,
    language: Language | None = None,
    format: FormFormat | None = None,
    short: bool = False,
) -> WrittenForm:
    """Write the form of one role (or the sheet of field staff) for the tool that will collect the answers.

    Parameters
    ----------
    questionnaire : Questionnaire
    path : str or Path
        File to write; folders are made.
    role : str
        A role of the questionnaire, or one of its sheets.
    language : "zh" or "en", optional
        Language of the form; the questionnaire's when None.  A form that holds both opens in it.
    format : str, optional
        ``xlsform`` (Kobo, ODK: .xlsx), ``wjx`` (问卷星: .txt), ``word`` (paper: .docx), ``keying`` (a sheet to key
        paper forms into: .xlsx), ``html`` (one offline page: .html).  By the suffix when None; ``.xlsx`` is
        then an XLSForm.
    short : bool
        The short form: of the rating items those marked ``short``.

    Returns
    -------
    WrittenForm
        ``.path``, and in ``.frame`` what the format cannot carry.

    Raises
    ------
    DesignError
        The format is not known, or does not go with the suffix.
    QuestionnaireError
        There is no such role.
    DataError
        A keying sheet is there already.

    Examples
    --------
    ``sg.write_form(instrument, "out/villager.xlsx", role="villager")``
    """
    file = Path(path)
    if language is not None and language not in LANGUAGES:
        raise DesignError(
            Text(f"没有语言'{language}'。", f"language='{language}' is not known."),
            remedy=Text("请用 zh 或 en。", "Use zh or en."),
        )
    chosen = _format_of(file, format)
    writer: Writer = getattr(import_module(f"sgsurvey.forms.{chosen}"), f"write_{chosen}")
    steps = writer(questionnaire, file, role=role, language=language, short=short)
    return WrittenForm(_frame(steps), Basis(0, 0, language=language or questionnaire.language), file, role)


def write_forms(
    questionnaire: Questionnaire,
    folder: Path,
    *,
    roles: Sequence[str] = (),
    formats: Sequence[FormFormat],
    language: Language | None = None,
    short: bool = False,
) -> Iterator[WrittenForm]:
    """Write the forms of several roles in several formats, named ``villager_short_word_zh.docx``, one after another.

    Parameters
    ----------
    roles : sequence of str
        All roles and sheets when empty; of the short form, which sheets do not have, all roles.
    """
    everybody = questionnaire.roles if short else (*questionnaire.roles, *questionnaire.sheets)
    names = [questionnaire.role(name).name for name in roles] or [role.name for role in everybody]
    for name in names:
        for each in formats:
            stem = "_".join([name, *(["short"] if short else []), each, *([language] if language else [])])
            path = folder / f"{stem}{SUFFIX[each]}"
            yield write_form(questionnaire, path, role=name, language=language, format=each, short=short)


def _format_of(file: Path, format: FormFormat | None) -> FormFormat:
    suffix = file.suffix.lower()
    if format is None:
        by_suffix = [name for name, known in SUFFIX.items() if known == suffix]
        if not by_suffix:
            raise DesignError(
                Text(f"没有以“{suffix}”结尾的问卷格式。", f"no form is written as '{suffix}'."),
                where=str(file),
                remedy=Text(f"请用{_suffixes()}，或写明 format。", f"Use {_suffixes()}, or name format=."),
            )
        return by_suffix[0]
    if format not in get_args(FormFormat):
        known = ", ".join(SUFFIX)
        raise DesignError(
            Text(f"没有问卷格式'{format}'。", f"format='{format}' is not known.{did_you_mean(format, list(SUFFIX))}"),
            remedy=Text(f"可用：{known}。", f"Known: {known}."),
        )
    if suffix != SUFFIX[format]:
        raise DesignError(
            Text(f"{format}格式的文件不能叫“{file.name}”。", f"a form as {format} cannot be called '{file.name}'."),
            where=str(file),
            remedy=Text(f"文件名请以{SUFFIX[format]}结尾。", f"End its name in {SUFFIX[format]}."),
        )
    return format


def _suffixes() -> str:
    return ", ".join(dict.fromkeys(SUFFIX.values()))


def _frame(steps: tuple[Step, ...]) -> pd.DataFrame:
    rows = [(step.question, step.item, step.what.zh, step.what.en) for step in steps]
    return pd.DataFrame(rows, columns=["question", "item", "zh", "en"])
