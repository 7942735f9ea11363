"""Does a report say more than its design allows?  Each sentence beside the claim level of its chapter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from sgsurvey.errors import ClaimError
from sgsurvey.report.blocks import Block, Bullets, Callout, Figure, Heading, Paragraph, TableBlock, Words
from sgsurvey.report.report import Report
from sgsurvey.tables.claims import NAMES, ClaimLevel
from sgsurvey.tables.overclaims import overclaims_in
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.text import LANGUAGES, Text

# Without a result that says otherwise, words are those of a survey taken once.
ASSOCIATION: ClaimLevel = 1


@dataclass(frozen=True)
class Overclaims(Result):
    """Sentences that say more than the design allows.

    Attributes
    ----------
    frame : DataFrame
        ``chapter, language, sentence, word, needs, allowed, instead``; levels 0 to 3 (``tables/claims.py``),
        ``instead`` a Text.
    """

    def _table(self) -> Table:
        shown = self.frame.assign(needs=self.frame["needs"].map(NAMES), allowed=self.frame["allowed"].map(NAMES))
        columns = [
            Column("sentence", Text("语句", "Sentence"), "text"),
            Column("word", Text("用语", "Word"), "text"),
            Column("needs", Text("所需论断级别", "Claims"), "text"),
            Column("allowed", Text("设计所支持", "Design carries"), "text"),
            Column("instead", Text("可改为", "Write"), "text"),
        ]
        title = Text("超出研究设计的表述", "Words that say more than the design allows")
        return Table.from_frame(shown, columns, id="overclaims", title=title)

    def lines(self) -> tuple[Text, ...]:
        """One line for each: the sentence, the word, what it says, and what may be written instead."""
        return tuple(
            Text(
                "“{sentence}”：“{word}”表示{needs}，本设计只支持{allowed}；可写“{instead}”。",
                "“{sentence}”: “{word}” says {needs}, the design carries {allowed}; write “{instead}”.",
            ).format(**{**line, "needs": NAMES[line["needs"]], "allowed": NAMES[line["allowed"]]})
            for line in self.frame[["sentence", "word", "needs", "allowed", "instead"]].to_dict("records")
        )

    def refuse(self, where: str) -> None:
        """Raise ClaimError where there is any."""
        if self.frame.empty:
            return
        first = self.frame.iloc[0]
        what = Text(
            "有{n}处表述超出研究设计，首处为“{s}”（“{w}”）。",
            "{n} words say more than the design allows; the first is “{w}” in “{s}”.",
        ).format(n=len(self.frame), s=first["sentence"], w=first["word"])
        remedy = Text(
            "可改为“{i}”，全部列表见 sg.overclaims(report)。", "Write “{i}”; all of them: sg.overclaims(report)."
        )
        raise ClaimError(what, where=where, remedy=remedy.format(i=first["instead"]))


def overclaims(text: Report | Text | str, *, claim: ClaimLevel | None = None, terms: Sequence[str] = ()) -> Overclaims:
    """Words that say more than the design allows: "affects" where a survey taken once shows what goes together.

    A chapter of a report may say what the best of its results carries (``result.claim``); a chapter without results,
    and words alone, may speak of association.  Headings, tables and words that deny a cause are not read as claims.

    Parameters
    ----------
    text : Report, Text or str
    claim : 0, 1, 2 or 3, optional
        What the design allows, instead of what the results say.
    terms : sequence of str
        Names that are no claim, such as the label of a construct ("Cleaning effect").

    Returns
    -------
    Overclaims
        Empty where every sentence stays within the design.
    """
    chapters = list(_chapters(text)) if isinstance(text, Report) else [(Text("", ""), ASSOCIATION, [text])]
    known = [*terms, *(_labels(text) if isinstance(text, Report) else ())]
    lines = []
    read = 0
    for title, allowed, passages in chapters:
        level = allowed if claim is None else claim
        for passage in passages:
            read += 1
            lines += [
                (title, found.language, found.sentence, found.word, found.needs, level, found.instead)
                for found in overclaims_in(passage, claim=level, terms=known)
            ]
    columns = ["chapter", "language", "sentence", "word", "needs", "allowed", "instead"]
    frame = pd.DataFrame(lines, columns=columns).drop_duplicates(["sentence", "word"], ignore_index=True)
    return Overclaims(frame, Basis(read, read))


def _chapters(report: Report) -> Iterator[tuple[Words, ClaimLevel, list[Words]]]:
    """Title, claim level and passages of each chapter."""
    title: Words = report.title
    blocks: list[Block] = []
    for block in (*report.blocks, None):
        if block is None or (isinstance(block, Heading) and block.level == 1):
            yield title, _carried(blocks), [words for each in blocks for words in _passages(each)]
            blocks = []
        if isinstance(block, Heading) and block.level == 1:
            title = block.words
        elif block is not None:
            blocks.append(block)


def _carried(blocks: Sequence[Block]) -> ClaimLevel:
    return max((result.claim for result in _results(blocks)), default=ASSOCIATION)


def _labels(report: Report) -> set[str]:
    """What the questionnaire calls things, as far as the report's results know."""
    labels = {label for result in _results(report.blocks) for label in result.basis.labels.values()}
    return {label.to(language) for label in labels for language in LANGUAGES}


def _results(blocks: Sequence[Block]) -> Iterator[Result]:
    sources = (block.source for block in blocks if isinstance(block, TableBlock | Figure))
    return (source for source in sources if isinstance(source, Result))


def _passages(block: Block) -> Iterator[Words]:
    if isinstance(block, Paragraph | Callout):
        yield block.words
    elif isinstance(block, Bullets):
        yield from block.points
    elif isinstance(block, TableBlock):
        yield from block.table("en").sentences
    elif isinstance(block, Figure):
        yield from (block.caption, block.alt)
