"""Which blocks of a report are printed on pages on their side: wide tables, and the few words that lead to them."""

from collections.abc import Callable, Sequence
from types import UnionType

from sgsurvey.report.blocks import Bullets, Callout, Heading, Paragraph
from sgsurvey.report.numbering import Placed
from sgsurvey.tables.table import Table

COMPANIONS = 4  # so many blocks of words go along; more fill a page of their own


def on_their_side(placed: Sequence[Placed], is_wide: Callable[[Table], bool]) -> list[bool]:
    """For each block, whether it stands on a page on its side.

    A heading never stays behind its table, nor do a few words between the two; much text stays upright.
    """
    turned = [each.table is not None and is_wide(each.table) for each in placed]
    for table in [at for at, wide in enumerate(turned) if wide]:
        first = _back(placed, _back(placed, table, Paragraph | Bullets | Callout), Heading)
        if table - first > COMPANIONS:
            first = _back(placed, table, Heading)
        turned[first:table] = [True] * (table - first)
    return turned


def _back(placed: Sequence[Placed], at: int, kinds: type | UnionType) -> int:
    """The first of the blocks of these kinds that stand together right above the block ``at``."""
    while at and isinstance(placed[at - 1].block, kinds):
        at -= 1
    return at
