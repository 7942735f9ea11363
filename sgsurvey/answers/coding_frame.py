"""CodingFrame: the codes that answers to open questions are given, in dimensions of one or two levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.text import Text

# Columns of a coding sheet beside those of the dimensions.
SHEET_COLUMNS = ("coder", "row", "group", "item", "text", "idea")


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its name in the data, its words, what it is given for, and the first-level code it refines.

    ``aspect`` is the aspect of the questionnaire that a first-level code speaks of; empty for none.
    """

    name: str
    label: Text
    definition: Text = field(default_factory=lambda: Text("", ""))
    parent: str = ""
    aspect: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One question that a coder answers about an idea: which aspect, which function, which valence.

    ``codes`` holds each first-level code followed by the second-level codes under it; ``ordered`` says that their
    order means more or less of something.
    """

    name: str
    label: Text
    codes: tuple[Code, ...]
    ordered: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all codes."""
        return tuple(code.name for code in self.codes)

    @property
    def levels(self) -> tuple[int, ...]:
        """1, and 2 where codes are refined."""
        return (1, 2) if any(code.parent for code in self.codes) else (1,)

    def at(self, level: int) -> tuple[Code, ...]:
        """The codes that an idea can have on a level: on the second, unrefined ones of the first stand for themselves.

        A first-level code that is refined stays on the second level, for ideas that no refinement fits.
        """
        return tuple(code for code in self.codes if level == 2 or not code.parent)

    @property
    def aspects(self) -> Mapping[str, str]:
        """The aspect that each code speaks of: its own, or that of the code it refines."""
        own = {code.name: code.aspect for code in self.codes}
        return {code.name: own[code.parent or code.name] for code in self.codes}

    def lifted(self, level: int) -> Mapping[str, str]:
        """What each code counts as on a level."""
        return {code.name: code.name if level == 2 else code.parent or code.name for code in self.codes}


@dataclass(frozen=True)
class CodingFrame:
    """The codes that answers to open questions are given.

    Attributes
    ----------
    dimensions : tuple of Dimension
        What is said of each idea; the first one is the theme unless another is asked for.

    Examples
    --------
    >>> [dimension.name for dimension in CodingFrame.stakeholder().dimensions]
    ['aspect', 'function', 'valence']
    """

    dimensions: tuple[Dimension, ...]

    @classmethod
    def stakeholder(cls) -> CodingFrame:
        """The first level for surveys of stakeholders: aspect, function and valence."""
        return cls(tuple(_dimension(name, *words) for name, words in STAKEHOLDER.items()))

    @classmethod
    def read(cls, path: str | Path) -> CodingFrame:
        """Read a frame from its YAML file.

        Raises
        ------
        QuestionnaireError
            Lists every fault with file, line and remedy.
        """
        from sgsurvey.answers.coding_file import read_dimensions

        return cls(read_dimensions(Path(path)))

    def save(self, path: str | Path) -> Path:
        """Write the frame as YAML, to be refined and read again; a file that is there is not written over.

        Raises
        ------
        DataError
            There is a file already, or it cannot be written.
        """
        from sgsurvey.answers.coding_file import written
        from sgsurvey.files import write_whole

        refuse_existing(Path(path))
        return write_whole(Path(path), written(self.dimensions).encode())

    @cached_property
    def _dimensions(self) -> dict[str, Dimension]:
        return {dimension.name: dimension for dimension in self.dimensions}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dimensions."""
        return tuple(self._dimensions)

    def dimension(self, name: str) -> Dimension:
        """The dimension called ``name``; an error with the nearest name if there is none."""
        if name not in self._dimensions:
            raise DataError(
                Text(
                    f"编码框架中没有维度“{name}”。",
                    f"the coding frame has no dimension '{name}'.{did_you_mean(name, self.names)}",
                ),
                remedy=Text(f"它的维度有：{'、'.join(self.names)}。", f"It has {', '.join(self.names)}."),
            )
        return self._dimensions[name]


def refuse_existing(path: Path) -> None:
    """Raise where a file is there already: somebody's work may be in it."""
    if path.exists():
        raise DataError(
            Text("文件已经存在，其中可能有人工成果。", "a file is there already, and somebody's work may be in it."),
            where=str(path),
            remedy=Text("请换一个文件名，或先把它移走。", "Choose another name, or move it away first."),
        )


# The first level for stakeholders -------------------------------------------------------------------

STAKEHOLDER: dict[str, tuple[Text, dict[str, Text], bool]] = {
    "aspect": (
        Text("方面", "Aspect"),
        {
            "EFF": Text("治理效果", "Effect"),
            "MGT": Text("日常管理", "Management"),
            "FUN": Text("经费", "Funding"),
            "SUP": Text("考核监督", "Supervision"),
            "OTH": Text("其他", "Other"),
        },
        False,
    ),
    "function": (
        Text("内容", "Function"),
        {
            "STA": Text("现状", "State"),
            "PRO": Text("问题", "Problem"),
            "CAU": Text("原因", "Cause"),
            "LEV": Text("建议", "Proposal"),
        },
        False,
    ),
    "valence": (
        Text("态度", "Valence"),
        {"-1": Text("负面", "Negative"), "0": Text("中性", "Neutral"), "1": Text("正面", "Positive")},
        True,
    ),
}


# Aspects of the questionnaires of stakeholders that first-level codes speak of.
SPEAKS_OF = {"EFF": "effect", "MGT": "management", "FUN": "funding", "SUP": "supervision"}


def _dimension(name: str, label: Text, codes: Mapping[str, Text], ordered: bool) -> Dimension:
    made = (Code(code, words, aspect=SPEAKS_OF.get(code, "")) for code, words in codes.items())
    return Dimension(name, label, tuple(made), ordered)
