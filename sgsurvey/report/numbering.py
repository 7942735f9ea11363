"""Numbers of headings, tables and figures, and references to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sgsurvey.errors import SurveyError, did_you_mean
from sgsurvey.report.blocks import Block, Figure, Heading, TableBlock
from sgsurvey.tables.captions import Label, Sequencing, anchor

_REFERENCE = re.compile(r"\[@([^\]\s]+)\]")


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and its place: ``number`` of a heading ("1.2"), ``label`` of a table or figure, a unique ``anchor``."""

    block: Block
    number: str = ""
    label: Label | None = None
    anchor: str = ""


def place(blocks: Sequence[Block]) -> list[Placed]:
    """Every block with its number; tables and figures are counted by chapter where there are chapters."""
    placed: list[Placed] = []
    counts = [0, 0, 0]
    ordinals = {"table": 0, "figure": 0}
    taken: set[str] = set()
    for block in blocks:
        if isinstance(block, Heading):
            counts = [*counts[: block.level - 1], counts[block.level - 1] + 1, *[0] * (3 - block.level)]
            if block.level == 1:
                ordinals = dict.fromkeys(ordinals, 0)
            number = ".".join(str(count) for count in counts[: block.level])
            placed.append(Placed(block, number, anchor=f"sec_{number.replace('.', '_')}"))
        elif isinstance(block, TableBlock | Figure):
            sequence: Sequencing = "table" if isinstance(block, TableBlock) else "figure"
            ordinals[sequence] += 1
            name = _unique(anchor(sequence, block.id), taken)
            placed.append(Placed(block, label=Label(sequence, counts[0], ordinals[sequence], name), anchor=name))
        else:
            placed.append(Placed(block))
    return placed


def _unique(name: str, taken: set[str]) -> str:
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name[: 40 - len(f'_{count}')]}_{count}"
    taken.add(candidate)
    return candidate


def labels(placed: Sequence[Placed]) -> dict[str, Label]:
    """Labels by the id of their table or figure; the first where an id comes twice."""
    found: dict[str, Label] = {}
    for each in placed:
        if each.label is not None and isinstance(each.block, TableBlock | Figure):
            found.setdefault(each.block.id, each.label)
    return found


def pieces(text: str, known: dict[str, Label]) -> list[str | Label]:
    """``text`` cut at its references.

    Raises
    ------
    SurveyError
        A reference names no table or figure of the report.
    """
    parts: list[str | Label] = []
    for index, part in enumerate(_REFERENCE.split(text)):
        if index % 2 == 0:
            parts.extend([part] if part else [])
            continue
        if part not in known:
            raise SurveyError(
                f"no table or figure of the report has the id {part!r}.{did_you_mean(part, list(known))}",
                where=f"paragraph {text[:40]!r}",
                remedy="Name the id of a table or figure that is added to the report.",
            )
        parts.append(known[part])
    return parts
