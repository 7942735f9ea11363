"""Labels of several choices joined in one cell: read where that can be done in one way only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.names import STRAIGHT, Names, plain
from sgsurvey.questionnaire.model import Item

SEVERAL = ("select_multiple", "rank")


def several(raw: Raw, names: Names) -> Iterator[tuple[int, Item, dict[int, int]]]:
    """Each column that holds all choices of a question: its place, its item, and the columns of single choices."""
    targets = [names.target(head) for head in raw.header]
    options: dict[str, dict[int, int]] = {}
    for place, target in enumerate(targets):
        if target is not None and target.kind == "option":
            options.setdefault(target.name, {})[target.code] = place
    for place, target in enumerate(targets):
        if target is not None and target.kind == "answer" and names.items[target.name].type in SEVERAL:
            yield place, names.items[target.name], options.get(target.name, {})


def split_labels(raw: Raw, names: Names, between: str, events: Events) -> Raw:
    """The file with codes in place of joined labels, where a question has no columns for its single choices.

    Parameters
    ----------
    between : str
        Regular expression of what stands between two labels; it may stand within a label too.

    Raises
    ------
    DataError
        A cell can be read in two ways.
    """
    for place, item, options in list(several(raw, names)):
        if item.scale is None or set(item.scale.codes) <= set(options):
            continue
        labels, cells = labels_of(item), raw.columns[place]
        codes = {}
        for k, text in enumerate(cells.texts):
            found = ways(text, labels, between)
            if len(found) > 1:
                row, column = int(raw.rows[cells.first[k]]), raw.header[place]
                one, other = (" ".join(map(str, way)) for way in found)
                raise events.error("SG155.ways", row=row, column=column, value=text[:80], one=one, other=other)
            codes[text] = " ".join(map(str, found[0])) if found else text
        raw = raw.rewritten(place, codes.__getitem__)
    return raw


def labels_of(item: Item) -> dict[str, int]:
    """Codes by label, in every language."""
    choices = item.scale.choices if item.scale else ()
    return {bare(label): c.code for c in choices for label in (c.label.zh, c.label.en) if label}


def bare(text: str) -> str:
    """A label as it is compared: the words themselves, spaces between them."""
    return re.sub(r"\s+", " ", plain(text)).casefold().translate(STRAIGHT).strip()


def ways(text: str, labels: Mapping[str, int], between: str) -> list[tuple[int, ...]]:
    """The first two ways to read a text as different labels one after another; none where it cannot be."""
    parts = re.split(f"({between})", text.strip())
    longest = max((len(re.split(between, label)) for label in labels), default=0)
    found: list[tuple[int, ...]] = []
    _extend(parts, 0, (), longest, labels, found)
    return found


def _extend(
    parts: list[str],
    start: int,
    picked: tuple[int, ...],
    longest: int,
    labels: Mapping[str, int],
    found: list[tuple[int, ...]],
) -> None:
    """Words stand at even places of ``parts``, what stands between them at odd ones."""
    if start >= len(parts):
        if picked not in found:
            found.append(picked)
        return
    for end in range(min(start + 2 * longest - 1, len(parts)), start, -2):
        if (end - start) % 2 == 0:
            end -= 1
        code = labels.get(bare("".join(parts[start:end])))
        if code is not None and code not in picked and len(found) < 2:
            _extend(parts, end + 1, (*picked, code), longest, labels, found)
