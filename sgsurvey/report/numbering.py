"""Numbers of headings, tables and figures, and references to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sgsurvey.errors import SurveyError, did_you_mean
from sgsurvey.report.blocks import Block, Callout, Figure, Heading, Paragraph, TableBlock, Words
from sgsurvey.tables.captions import Label, Sequencing, anchor
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

_REFERENCE = re.compile(r"\[@([^\]\s]+)\]")


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and its place.

    ``number`` is a heading's ("1.2"), ``label`` a table's or figure's, ``anchor`` unique, ``id`` the author's own name
    for a table or figure, ``table`` the table in the language of the report; a callout that is ``continued`` follows
    one of its kind, whose heading holds for both.
    """

    block: Block
    number: str = ""
    label: Label | None = None
    anchor: str = ""
    id: str = ""
    table: Table | None = None
    continued: bool = False


def place(blocks: Sequence[Block], language: Language) -> list[Placed]:
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
            table = block.table(language) if isinstance(block, TableBlock) else None
            sequence: Sequencing = "figure" if table is None else "table"
            ordinals[sequence] += 1
            identifier = block.id if isinstance(block, Figure) else table.id if table else ""
            name = _unique(anchor(sequence, identifier), taken)
            label = Label(sequence, counts[0], ordinals[sequence], name)
            placed.append(Placed(block, label=label, anchor=name, id=identifier, table=table))
        else:
            before = placed[-1].block if placed else None
            alike = isinstance(block, Callout) and isinstance(before, Callout) and block.kind == before.kind
            placed.append(Placed(block, continued=alike))
    return placed


def _unique(name: str, taken: set[str]) -> str:
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name[: 40 - len(f'_{count}')]}_{count}"
    taken.add(candidate)
    return candidate


def labels(placed: Sequence[Placed]) -> dict[str, Label]:
    """Labels by the id of their table or figure, the first where an id comes twice, and by their anchor."""
    named = [each for each in placed if each.label is not None]
    found = {each.anchor: each.label for each in named if each.label is not None}
    for each in named:
        if each.label is not None:
            found.setdefault(each.id, each.label)
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


def told(placed: Placed) -> Paragraph | None:
    """What a table says in running text, beginning with its number; None where it says nothing."""
    if placed.table is None or not placed.table.sentences:
        return None
    said = placed.table.sentences
    words = Text("".join(each.zh for each in said), " ".join(each.en for each in said))
    return Paragraph(Text(f"由[@{placed.anchor}]可见：{words.zh}", f"What [@{placed.anchor}] shows: {words.en}"))


def title(placed: Placed) -> Words:
    """The title of a table or the caption of a figure; empty for any other block."""
    if placed.table is not None:
        return placed.table.title
    return placed.block.caption if isinstance(placed.block, Figure) else ""
