"""How a command ends: an exit code, and words for whatever went wrong."""

from __future__ import annotations

import errno
import sys
import traceback

import click

from sgsurvey.errors import ClaimError, DataError, QuestionnaireError, SurveyError

DONE, FINDINGS, CANNOT_START, FAILED, INTERRUPTED = 0, 1, 2, 3, 130
CODES: dict[type[SurveyError], int] = {
    ClaimError: FINDINGS,
    QuestionnaireError: CANNOT_START,
    DataError: CANNOT_START,
    SurveyError: FAILED,
}


class Commands(click.Group):
    """Turns whatever goes wrong into a message and an exit code, Ctrl-C into 130."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted. What was written before is whole.", err=True)
            sys.exit(INTERRUPTED)
        except SurveyError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(next(code for kind, code in CODES.items() if isinstance(error, kind)))
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever read our output has stopped; click ends quietly
            if isinstance(error, OSError) and error.filename is not None:
                click.echo(f"Error: {error.filename}: {error.strerror}. Name a place that can be written to.", err=True)
                sys.exit(CANNOT_START)
            click.echo(_unforeseen(error, whole=ctx.params.get("verbose", False)), err=True)
            sys.exit(FAILED)


def _unforeseen(error: Exception, *, whole: bool) -> str:
    """What to say of an error that nobody foresaw: in a study's own script, or in this package."""
    if whole:
        return "".join(traceback.format_exception(error))
    last = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__}: {error}".removesuffix(": ")
    return f"Error: {last.filename}, line {last.lineno}: {said}. To see every step that led there: sgsurvey -v …"
