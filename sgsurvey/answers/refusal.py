"""Errors in the words of the page of coded messages."""

from sgsurvey.errors import DataError
from sgsurvey.messages import message
from sgsurvey.text import Text


def refusal(name: str, *, where: str | Text = "", **parts: str | int | Text) -> DataError:
    """The error to raise: the message called ``name`` (``SG171.no_key``), its braces filled with ``parts``."""
    found = message(name)
    return DataError(found.what.format(**parts), where=where, remedy=found.remedy.format(**parts), code=found.code)
