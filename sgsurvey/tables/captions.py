"""Numbers of tables and figures: 表1-2 in Chinese, Table 1.2 in English."""

import re
from dataclasses import dataclass
from typing import Literal

from sgsurvey.text import Language, Text

Sequencing = Literal["table", "figure"]
SEQUENCE: dict[str, Text] = {"table": Text("表", "Table"), "figure": Text("图", "Figure")}


@dataclass(frozen=True, slots=True)
class Label:
    """The number of a table or figure: its chapter (0 in a document without chapters) and its place there.

    ``anchor`` names the place for cross-references.
    """

    sequence: Sequencing
    chapter: int
    ordinal: int
    anchor: str

    def to(self, language: Language) -> str:
        """As it is printed before the title and in references."""
        return "".join(self.parts(language))

    def parts(self, language: Language) -> tuple[str, str, str, str]:
        """Word, chapter, separator and ordinal, of which chapter and separator may be empty."""
        word = SEQUENCE[self.sequence].to(language) + (" " if language == "en" else "")
        if not self.chapter:
            return word, "", "", str(self.ordinal)
        return word, str(self.chapter), "-" if language == "zh" else ".", str(self.ordinal)


def anchor(sequence: str, identifier: str) -> str:
    """A name that Word and HTML accept for a place: ASCII letters, digits and underscores, at most 40."""
    return f"{sequence[:3]}_{re.sub(r'[^A-Za-z0-9]', '_', identifier)}"[:40]
