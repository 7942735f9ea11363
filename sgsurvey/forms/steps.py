"""What a form's format cannot carry, as steps that somebody takes by hand."""

from dataclasses import dataclass

from sgsurvey.text import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: for which question (its number in the form, its name in the data), and what.

    ``question`` and ``item`` are empty for steps that concern the whole form.
    """

    what: Text
    question: str = ""
    item: str = ""
