"""Does a table say in words what stands in its cells, and no more?"""

import re

from sgsurvey.tables.overclaims import overclaims_in
from sgsurvey.text import LANGUAGES

NUMBER = re.compile(r"(?<![A-Za-z\d.])[−-]?(?:\d[\d,]*\.?\d*|\.\d+)")
# What no table can show, in any wording, and what no p-value is.
NEVER = re.compile(
    r"\bno (?:effect|difference|association|relation(?:ship)?)\b|\bnot significant\b|"
    r"(?:没有|无|不存在)(?:显著)?(?:影响|差异|关联|关系)|p = 0?\.0+\b|\bnan\b|(?-i:\bNone\b)",
    re.IGNORECASE,
)


# The level of every test that does not say otherwise.
LEVEL = {"0.05", ".05"}


def numbers(text):
    """The numbers of ``text`` without sign and thousands mark: prose says "3 points below" where the cell has −3."""
    return {found.lstrip("−-").replace(",", "").rstrip(".") for found in NUMBER.findall(text)}


def printed(table, language):
    """Every number that the page shows, and the counts that its rows can give."""
    grid = table.to(language).grid()
    cells = [cell.full for row in (grid.spanners, grid.heads, *(row.cells for row in grid.rows)) for cell in row]
    counts = {str(k) for k in range(len(grid.rows) + 1)}
    return numbers(" ".join([grid.title, *cells, *grid.notes])) | counts | LEVEL


def told(table):
    """What ``table`` says, checked: its numbers are on its page, it claims what it may, it never says "no effect"."""
    for language in LANGUAGES:
        said = [sentence.to(language) for sentence in table.sentences]
        for sentence in said:
            strange = numbers(sentence) - printed(table, language)
            assert not strange, (table.id, language, sentence, strange)
            assert not NEVER.search(sentence), (table.id, sentence)
            assert not set("{‹") & set(sentence), (table.id, sentence)
            assert sentence.endswith("。" if language == "zh" else "."), (table.id, sentence)
    return table.sentences


def overclaimed(table, claim, terms):
    """The words of its sentences that claim more than ``claim``."""
    return [found for sentence in table.sentences for found in overclaims_in(sentence, claim=claim, terms=terms)]
