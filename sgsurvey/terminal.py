"""How the command line speaks: what was typed, how far it is, what has changed, what was found."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from sgsurvey.text import LANGUAGES, SEMICOLON, Language, Text, listed

if TYPE_CHECKING:
    from sgsurvey.pipeline.run import Format, Run
    from sgsurvey.pipeline.study import Study
    from sgsurvey.questionnaire.fault import Fault

Word = TypeVar("Word", bound=str)
NOTHING = Text("自上次运行以来没有任何改变，报告在{f}", "Nothing has changed since the last run: {f}")
CHANGED = Text("自上次运行以来：{c}", "Since the last run: {c}")


def among(words: str, known: tuple[Word, ...], option: str) -> tuple[Word, ...]:
    """The known words among those typed, in the order typed."""
    typed = [word.strip() for word in words.split(",") if word.strip()]
    unknown = [word for word in typed if word not in known]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)} is not among {', '.join(known)}.", param_hint=option)
    return tuple(word for name in dict.fromkeys(typed) for word in known if word == name)


def some_among(words: str, known: tuple[Word, ...], option: str) -> tuple[Word, ...]:
    """The known words among those typed; at least one."""
    typed = among(words, known, option)
    if not typed:
        raise click.BadParameter(f"name at least one of {', '.join(known)}.", param_hint=option)
    return typed


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A spinner on a terminal; one plain line per step elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step: click.echo(step, err=True)
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("Starting") as status:

        def tell(step: str) -> None:
            console.print(f"  {step}", style="dim")
            status.update(step)

        yield tell


def fault_parts(fault: Fault) -> dict[str, object]:
    """A fault as a program reads it."""
    return {
        "code": fault.code,
        "severity": fault.severity,
        "file": fault.where.file,
        "line": fault.where.line,
        "what": both(fault.what),
        "remedy": both(fault.remedy),
    }


def both(text: Text) -> dict[str, str]:
    """The words by language, as a program reads them."""
    return {language: text.to(language) for language in LANGUAGES}


def echo_json(value: object) -> None:
    """``value`` as JSON, words in their own letters."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def say_changes(study: Study, out: Path | None, found: list[Text], *, as_json: bool) -> None:
    """What has changed, in words or as JSON."""
    if as_json:
        echo_json({"changed": [both(each) for each in found]})
    else:
        click.echo(changes(study, out, found))


def changes(
    study: Study,
    out: Path | None,
    found: list[Text],
    *,
    suffix: Format = "html",
    language: Language | None = None,
) -> str:
    """What has changed, in one line; where nothing has, where the report lies, of that format and language."""
    from sgsurvey.pipeline.record import NO_RUN

    language = language or study.plan.languages[0]
    if found == [NO_RUN]:
        return NO_RUN.to(language)
    if not found:
        return NOTHING.format(f=str((out or study.folder / "out") / f"report.{language}.{suffix}")).to(language)
    return CHANGED.format(c=listed(found, SEMICOLON)).to(language)


def say_results(done: Run) -> None:
    """The findings, words that say too much, and the files."""
    for finding in done.report.findings():
        click.echo(f"* {finding}")
    for line in done.overclaims.lines():
        click.echo(f"! {line.to(done.report.language)}", err=True)
    click.echo()
    for path in done.files:
        click.echo(path)
    click.echo(f"{sum(done.seconds.values()):.1f} s", err=True)


def results(done: Run) -> dict[str, object]:
    """The same as a program reads it."""
    return {
        "findings": {language: done.report.to(language).findings() for language in LANGUAGES},
        "overclaims": [both(line) for line in done.overclaims.lines()],
        "files": [str(path) for path in done.files],
        "seconds": done.seconds,
    }
