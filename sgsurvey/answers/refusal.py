"""Errors in the words of the page of coded messages."""

from sgsurvey.errors import DataError, EstimationError
from sgsurvey.messages import message
from sgsurvey.text import Text


def refusal(name: str, *, where: str | Text = "", **parts: str | int | Text) -> DataError:
    """The error to raise: the message called ``name`` (``SG171.no_key``), its braces filled with ``parts``."""
    found = message(name)
    return DataError(found.what.format(**parts), where=where, remedy=found.remedy.format(**parts), code=found.code)


def declined(name: str, *, where: str | Text = "", **parts: str | int | Text) -> EstimationError:
    """The same for a model that is not estimated (``SG180.split``)."""
    found = message(name)
    return EstimationError(
        found.what.format(**parts), where=where, remedy=found.remedy.format(**parts), code=found.code
    )
