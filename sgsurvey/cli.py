"""The command line, from init to purge.  Results go to stdout, the rest to stderr."""

from __future__ import annotations

import datetime
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sgsurvey import __version__
from sgsurvey.exits import CANNOT_START, FINDINGS, Commands
from sgsurvey.terminal import (
    among,
    both,
    changes,
    echo_json,
    fault_parts,
    progress,
    results,
    say_changes,
    say_results,
    some_among,
)
from sgsurvey.text import LANGUAGES, Language

if TYPE_CHECKING:
    from sgsurvey.messages import Code
    from sgsurvey.pipeline.run import Format, Run
    from sgsurvey.pipeline.study import Study

FORMATS: tuple[Format, ...] = ("html", "docx", "xlsx", "md")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON to the standard output.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("-v", "--verbose", is_flag=True, help="Show every step that led to an error nobody foresaw.")
def main(verbose: bool) -> None:
    """A stakeholder survey from its questionnaire to the tables of a thesis.

    Exit codes: 0 done, 1 done with findings (check, --strict), 2 cannot start (wrong file or usage), 3 a step failed,
    130 interrupted.
    """


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Copy the bundled study (S County village cleaning) to FOLDER, ready to run and to change."""
    from sgsurvey.pipeline.template import copy_template

    study = copy_template(folder)
    click.echo(f"{study}\nRun it with: sgsurvey run {study.parent}")


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default="questionnaires")
@click.option("--strict", is_flag=True, help="Warnings are faults too: exit code 1.")
@AS_JSON
def check(path: Path, strict: bool, as_json: bool) -> None:
    """Name every fault of a questionnaire (file or folder) or of a study, with file, line and remedy."""
    from sgsurvey.pipeline.check import check_path

    faults = check_path(path)
    if as_json:
        echo_json([fault_parts(fault) for fault in faults])
    else:
        for fault in faults:
            click.echo(str(fault))
    click.echo(f"{path}: {len(faults)} fault(s)." if faults else f"{path}: sound.", err=True)
    if any(strict or fault.severity == "error" for fault in faults):
        sys.exit(FINDINGS)


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default="questionnaires")
@click.option("--role", "roles", default="", help="Roles or sheets, with commas (default: every one).")
@click.option(
    "--to",
    "formats",
    default="xlsform",
    show_default=True,
    help="Formats, with commas: xlsform (Kobo, ODK), wjx (问卷星), word (paper), keying (for paper), html (offline).",
)
@click.option("--lang", "language", type=click.Choice(LANGUAGES), help="Language (default: the questionnaire's).")
@click.option("--short", is_flag=True, help="The short form.")
@click.option("--out", type=click.Path(path_type=Path), default="forms", show_default=True, help="Folder to write to.")
def form(path: Path, roles: str, formats: str, language: Language | None, short: bool, out: Path) -> None:
    """Write the forms of the questionnaire PATH (file or folder) for the tools that collect the answers.

    What a format cannot carry is listed under its file, to be set by hand.
    """
    from sgsurvey.forms.write import SUFFIX, write_forms
    from sgsurvey.questionnaire.load import read_questionnaire

    wanted = some_among(formats, tuple(SUFFIX), "--to")
    questionnaire = read_questionnaire(path)
    named = [name.strip() for name in roles.split(",") if name.strip()]
    for made in write_forms(questionnaire, out, roles=named, formats=wanted, language=language, short=short):
        click.echo(made.path)
        for step in made.steps(language=language):
            click.echo(f"  - {step}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "source", default=None, help="The tool that wrote it: kobo, odk, wjx, limesurvey, google …")
@click.option(
    "--questionnaire",
    type=click.Path(path_type=Path),
    default="questionnaires",
    show_default=True,
    help="Folder or file of the questionnaire.",
)
@click.option("--role", help="Stakeholder group of all rows, for a file of one group.")
@click.option("--allow-missing", default="", help="Items or constructs that the file may lack, with commas between.")
@click.option("--since", help="First day of the survey, YYYY-MM-DD.")
@click.option("--until", help="Last day of the survey, YYYY-MM-DD.")
@click.option(
    "--out", type=click.Path(path_type=Path), default="ingested", show_default=True, help="Folder to write to."
)
def ingest(
    file: Path,
    source: str | None,
    questionnaire: Path,
    role: str | None,
    allow_missing: str,
    since: str | None,
    until: str | None,
    out: Path,
) -> None:
    """Read FILE as a tool exports it: clean answers, what was set aside and why, what is new since last time."""
    from sgsurvey.ingest.options import ReadOptions
    from sgsurvey.ingest.sources import source_called
    from sgsurvey.pipeline.intake import take_in
    from sgsurvey.questionnaire.load import read_questionnaire

    named = None if source is None else source_called(source).name
    taken = take_in(
        file,
        read_questionnaire(questionnaire),
        out,
        source=named,
        role=role,
        allow_missing=[name.strip() for name in allow_missing.split(",") if name.strip()],
        options=ReadOptions(since=since, until=until),
    )
    step = taken.answers.log.steps[0]
    click.echo(f"{step.n_in} rows in, {step.n_out} kept, {step.n_in - step.n_out} set aside")
    if taken.compared is not None:
        states = zip(taken.compared.frame["state"], taken.compared.frame["n"], strict=True)
        click.echo(", ".join(f"{n} {state}" for state, n in states))
    for path in taken.files:
        click.echo(path)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default="analysis")
@click.option("--seed", type=int, help="Another seed than the study's.")
@click.option(
    "--force", is_flag=True, help="Write over simulated data that are there; real data are never written over."
)
def simulate(study: Path, seed: int | None, force: bool) -> None:
    """Make answers with known truth for STUDY and write them where its study.yaml expects the real ones."""
    from sgsurvey.pipeline.simulated import write_data
    from sgsurvey.pipeline.study import read_study

    for path in write_data(read_study(study), seed=seed, force=force):
        click.echo(path)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default="analysis")
@click.option("--date", help="The day to write down (default: today).")
def seal(study: Path, date: str | None) -> None:
    """Seal the plan of STUDY before the data come: a copy of study.yaml, its SHA-256 and the day."""
    from sgsurvey.pipeline.seal import SEAL, seal_study
    from sgsurvey.pipeline.study import read_study

    named = read_study(study)
    sealed = seal_study(named, date=date or datetime.date.today().isoformat())
    click.echo(sealed.sha256)
    click.echo(f"{sealed.words.en} Send the hash to somebody today; it stands in {named.folder / SEAL}.", err=True)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default="analysis")
@click.option("--yes", is_flag=True, help="Really delete; without it the files are only named.")
@click.option("--date", help="The day to write into the record (default: today).")
def purge(study: Path, yes: bool, date: str | None) -> None:
    """Delete raw answers of STUDY, sheets of coders and the key of pseudonyms for good, and keep a record of it."""
    from sgsurvey.pipeline.purge import RECORD, purge_study, to_purge
    from sgsurvey.pipeline.study import read_study

    named = read_study(study)
    day = date or datetime.date.today().isoformat()
    files = purge_study(named, date=day) if yes else to_purge(named, date=day)
    for each in files:
        click.echo(f"{each.what}  {each.file}  {each.bytes} bytes  {each.sha256}".rstrip())
    if not yes:
        click.echo("Nothing was deleted. To delete these files for good, add --yes.", err=True)
        sys.exit(CANNOT_START)
    click.echo(f"Written down in {named.folder / RECORD}. Copies and backups are yours to delete.", err=True)


@main.command()
@click.argument("code", default="")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), help="One language (default: both).")
def explain(code: str, language: Language | None) -> None:
    """Say what the message CODE (SG120) means and what to do about it; without CODE list them all."""
    from sgsurvey.messages import codes, nearest

    languages = (language,) if language else LANGUAGES

    def titled(found: Code) -> str:
        return f"{found.code} {' / '.join(found.title.to(each) for each in languages)}"

    if not code:
        click.echo("\n".join(map(titled, codes().values())))
        return
    near = nearest(code)
    if len(near) != 1:
        hint = f"Nearest: {'; '.join(map(titled, near))}." if near else "List them all with: sgsurvey explain"
        raise click.BadParameter(f"there is no message {code!r}. {hint}")
    click.echo("\n".join(line for each in languages for line in near[0].lines(each)))


@main.group()
def key() -> None:
    """Keys for pseudonyms: kept apart from the data, destroyed when nobody may be linked any more."""


@key.command("new")
@click.argument("path", type=click.Path(path_type=Path))
def new_key(path: Path) -> None:
    """Make a key in the new file PATH, readable by you alone and outside what Git keeps."""
    from sgsurvey.answers.pseudonyms import KEY_BYTES, write_key

    click.echo(write_key(path, os.urandom(KEY_BYTES)))
    click.echo("Keep it apart from the data. Whoever has it can link people; once it is gone, nobody can.", err=True)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default="analysis")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to (default: STUDY/out).")
@click.option("--strict", is_flag=True, help="Write nothing where words say more than the design allows: exit code 1.")
@click.option("--force", is_flag=True, help="Run although nothing has changed.")
@AS_JSON
def run(study: Path, out: Path | None, strict: bool, force: bool, as_json: bool) -> None:
    """Run STUDY from its raw files to its reports, in every format and language, and say what was found.

    Where nothing has changed since the last run, the reports are there already, and nothing is done.
    """
    from sgsurvey.pipeline.record import NO_RUN
    from sgsurvey.pipeline.run import FORMATS as USUAL
    from sgsurvey.pipeline.run import changed
    from sgsurvey.pipeline.study import read_study

    named = read_study(study)
    found = changed(named, out=out, strict=strict)
    if not (found or force):
        say_changes(named, out, found, as_json=as_json)
        return
    if found and found != [NO_RUN]:
        click.echo(changes(named, out, found), err=True)
    done = _run(named, out, USUAL, None, strict=strict)
    if as_json:
        echo_json({"changed": [both(each) for each in found], **results(done)})
    else:
        say_results(done)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default="analysis")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the reports (default: STUDY/out).")
@AS_JSON
def status(study: Path, out: Path | None, as_json: bool) -> None:
    """Say what has changed since the last run of STUDY; nothing is computed and nothing is written."""
    from sgsurvey.pipeline.run import changed
    from sgsurvey.pipeline.study import read_study

    named = read_study(study)
    say_changes(named, out, changed(named, out=out), as_json=as_json)


@main.command()
@click.argument("study", type=click.Path(path_type=Path), default="analysis")
@click.option("--to", "formats", default="html,docx", show_default=True, help="Formats: html, docx, xlsx, md.")
@click.option("--lang", "languages", default="", help="Languages: zh, en (default: the study's).")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to (default: STUDY/out).")
@click.option("--update", "thesis", type=click.Path(path_type=Path), help="Your own .docx, to be refreshed in place.")
@click.option("--force", is_flag=True, help="Write although nothing has changed.")
def report(study: Path, formats: str, languages: str, out: Path | None, thesis: Path | None, force: bool) -> None:
    """Write the report of STUDY in chosen formats and languages only.

    Where they are there already, and nothing has changed since, nothing is done. With --update the tables and figures
    of the report that stand in your own Word file are refreshed there, in the first of the languages; the file as it
    was is kept beside it.
    """
    from sgsurvey.pipeline.run import changed
    from sgsurvey.pipeline.study import read_study

    wanted = some_among(formats, FORMATS, "--to")
    chosen = among(languages, LANGUAGES, "--lang") or None
    if thesis is not None:
        from sgsurvey.report.thesis import open_thesis

        open_thesis(thesis)  # what cannot be refreshed is said before the study runs
    named = read_study(study)
    found = changed(named, out=out, formats=wanted, languages=chosen)
    # Tables in a document of one's own are made from what is computed, which no file keeps.
    if not (found or force or thesis):
        click.echo(changes(named, out, found, suffix=wanted[0], language=chosen and chosen[0]))
        return
    done = _run(named, out, wanted, chosen)
    say_results(done)
    if thesis is not None:
        language = chosen[0] if chosen else done.report.language
        for line in done.report.to(language).update(thesis).lines():
            click.echo(line.to(language))


def _run(
    study: Study,
    out: Path | None,
    formats: tuple[Format, ...],
    languages: tuple[Language, ...] | None,
    *,
    strict: bool = False,
) -> Run:
    from sgsurvey.pipeline.run import run_study

    with progress() as tell:
        return run_study(replace(study, progress=tell), out=out, formats=formats, languages=languages, strict=strict)
