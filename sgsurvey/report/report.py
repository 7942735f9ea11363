"""Report: headings, words, tables and figures, saved as one Word, HTML, Markdown or Excel file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sgsurvey.errors import SurveyError, did_you_mean
from sgsurvey.report.blocks import Block, Callout, Figure, TableBlock, Words, as_block
from sgsurvey.report.numbering import Placed, place
from sgsurvey.tables.result import Result
from sgsurvey.text import Language, words

if TYPE_CHECKING:
    from sgsurvey.report.refresh import Refreshed


@dataclass(frozen=True)
class Report:
    """A document as a value: ``add`` gives a new one.

    Parameters
    ----------
    title, subtitle, author : Text or str
        What the cover says.
    language : "zh" or "en"
        ``report.to("zh")`` gives the same report in the other language.
    simulated : bool
        The cover says that the data are simulated; true as soon as a simulated result is added.
    languages : tuple of "zh" and "en"
        Languages in which it is saved side by side, as ``NAME.zh.html`` and ``NAME.en.html``: each page links to the
        others.
    facts : mapping
        Machine-readable numbers about the run (rows in, rows used), for the record beside the report.
    blocks : tuple of Block
        What was added so far.

    Examples
    --------
    >>> report = Report("Village cleaning", language="en").add("Two words.")
    >>> len(report.blocks)
    1
    """

    title: Words
    language: Language = field(kw_only=True)
    subtitle: Words = field(default="", kw_only=True)
    author: Words = field(default="", kw_only=True)
    simulated: bool = field(default=False, kw_only=True)
    languages: tuple[Language, ...] = field(default=(), kw_only=True)
    facts: Mapping[str, object] = field(default_factory=dict, kw_only=True)
    blocks: tuple[Block, ...] = field(default=(), kw_only=True)

    def add(self, *blocks: object) -> Report:
        """The same report with more at its end.

        A block is one of ``report/blocks.py``, or a str or Text (a paragraph), a Result or Table (its table),
        matplotlib Axes with a title (a figure).

        Raises
        ------
        SurveyError
            A block is none of these.
        """
        new = tuple(as_block(block) for block in blocks)
        simulated = self.simulated or any(_is_simulated(block) for block in new)
        return replace(self, blocks=self.blocks + new, simulated=simulated)

    def to(self, language: Language) -> Report:
        """The same report in ``language``."""
        return replace(self, language=language)

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Every block with its number, and its table in the report's language: one for every format."""
        return tuple(place(self.blocks, self.language))

    def findings(self) -> list[str]:
        """The words of the main findings, in order."""
        return [words(b.words, self.language) for b in self.blocks if isinstance(b, Callout) and b.kind == "finding"]

    def save(self, path: str | Path, *, template: str | Path | None = None, strict: bool = False) -> Path:
        """Write the report; the suffix decides: ``.docx .html .md``, or ``.xlsx`` for all its tables.

        Parameters
        ----------
        template : path, optional
            A Word file whose styles, margins and first pages the report takes over.
        strict : bool
            Refuse words that say more than the design allows (``sgsurvey.overclaims``).

        Raises
        ------
        SurveyError
            The suffix is unknown, a template is given for another format than Word, or ``strict`` found such words.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in _WRITERS:
            raise SurveyError(
                f"a report cannot be saved as {suffix or 'a file without suffix'!r}."
                + did_you_mean(suffix, list(_WRITERS)),
                where=str(path),
                remedy=f"Choose one of {' '.join(_WRITERS)}.",
            )
        if strict:
            from sgsurvey.report.overclaims import overclaims

            overclaims(self).refuse(str(path))
        if suffix == ".docx":
            return _word(self, path, template)
        if template is not None:
            raise SurveyError(
                "only a Word report can take a template.", where=str(path), remedy="Save it as .docx, or leave it out."
            )
        return _WRITERS[suffix](self, path)

    def update(self, path: str | Path, *, backup: bool = True) -> Refreshed:
        """Refresh the tables and figures of this report in a Word file that its author has gone on writing.

        Tables and figures are found by the names that ``save`` gave them, and replaced where they stand, in the
        report's language; all else stays as it is: text, captions and their numbers, headers, comments, other tables.

        Parameters
        ----------
        path : path
            The author's ``.docx`` file.
        backup : bool
            Keep the file as it was beside itself, as ``thesis.before.docx``.

        Raises
        ------
        DataError
            The file is not there, damaged, open elsewhere, protected, or has tracked changes; nothing was written.
        """
        from sgsurvey.report.refresh import refresh

        return refresh(self, Path(path), backup=backup)


def _is_simulated(block: Block) -> bool:
    source = block.source if isinstance(block, TableBlock | Figure) else None
    return isinstance(source, Result) and source.basis.simulated


def _word(report: Report, path: Path, template: str | Path | None = None) -> Path:
    from sgsurvey.report.word import save_word

    return save_word(report, path, template=template)


def _html(report: Report, path: Path) -> Path:
    from sgsurvey.report.html import save_html

    return save_html(report, path)


def _markdown(report: Report, path: Path) -> Path:
    from sgsurvey.report.markdown import save_markdown

    return save_markdown(report, path)


def _excel(report: Report, path: Path) -> Path:
    from sgsurvey.tables.excel import save_excel

    grids, numbers = [], []
    for placed in report.placed:
        if placed.table is not None and placed.label is not None:
            grids.append(placed.table.grid())
            numbers.append(placed.label.to(report.language))
    if not grids:
        raise SurveyError("the report has no table.", where=str(path), remedy="Add a result or a table to it first.")
    return save_excel(grids, path, numbers=numbers)


_WRITERS: dict[str, Callable[[Report, Path], Path]] = {
    ".docx": _word,
    ".html": _html,
    ".md": _markdown,
    ".xlsx": _excel,
}
