"""From lines of cells to columns under heads: where the header stands, which lines have its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.names import Names, plain, wording

Cells = npt.NDArray[np.object_]
TITLE_LINES = 10
MOST_RAGGED = 0.2


@dataclass(frozen=True)
class Raw:
    """A file as text: columns under heads, nothing yet understood.

    Attributes
    ----------
    header : tuple of str, length p
    columns : tuple of ndarray of str, each of length n
    rows : ndarray of int, shape (n,)
        Number of each row in the file, as a spreadsheet shows it.
    ragged : tuple of (row, cells, reason)
        Lines that do not have the header's shape: set aside.
    """

    header: tuple[str, ...]
    columns: tuple[Cells, ...]
    rows: npt.NDArray[np.int64]
    ragged: tuple[tuple[int, tuple[str, ...], str], ...] = ()


def lay_out(records: Sequence[Sequence[str]], names: Names, events: Events, *, whole: bool = True) -> Raw:
    """Find the header, drop titles, second headers and blank lines, and set lines of another length aside.

    Parameters
    ----------
    records : sequence of lines
    names : Names
    events : Events
    whole : bool
        The file ends with a line break; if not, a short last line means that the file was cut.
    """
    filled = [i for i, record in enumerate(records) if any(record)]
    if not filled:
        raise events.error("SG107", "the file is empty.", "Export it again, or choose another file.")
    scores = [names.count(records[i]) for i in filled[:TITLE_LINES]]
    best = int(np.argmax(scores))
    if not scores[best]:
        raise _no_header(records[filled[0]], names, events)
    header = tuple(plain(cell) for cell in records[filled[best]])
    if best:
        title = " ".join(cell for cell in records[filled[0]] if cell)
        events.add("SG108", "fix", f"{best} line(s) above the header left out", n=best, row=filled[0] + 1, value=title)
    body = filled[best + 1 :]
    while body and _second_header(records[body[0]], header, names):
        events.add("SG108", "fix", "a second header line left out", row=body[0] + 1, value=str(records[body[0]][0]))
        body = body[1:]
    blank = (body[-1] - body[0] + 1 - len(body)) if body else 0
    if blank:
        events.add("SG109", "fix", f"{blank} blank line(s) left out", n=blank)
    return _columns(records, body, header, events, whole)


def _columns(
    records: Sequence[Sequence[str]], body: list[int], header: tuple[str, ...], events: Events, whole: bool
) -> Raw:
    width = len(header)
    lengths = np.fromiter((len(records[i]) for i in body), dtype=np.int64, count=len(body))
    if len(body) and not whole and lengths[-1] < width:
        raise events.error(
            "SG106",
            f"the file ends in the middle: its last row has {lengths[-1]} of {width} cells.",
            "Download or export it again.",
            row=body[-1] + 1,
        )
    surplus = np.array([_surplus(records[i], header) if m > width else 0 for i, m in zip(body, lengths, strict=True)])
    cut = int((lengths > width).sum() - (surplus > 0).sum())
    if cut:
        row = body[int(np.argmax((lengths > width) & (surplus == 0)))] + 1
        events.add("SG109", "fix", f"cells beyond the last head cut off in {cut} row(s)", n=cut, row=row)
    bad = (lengths < width) | (surplus > 0)
    if len(body) > 1 and (surplus > 0).all():
        raise events.error(
            "SG105",
            f"every row has more cells than the header has heads ({width}).",
            "Add the missing heads, or export the file again.",
            row=body[0] + 1,
        )
    if bad.sum() > max(MOST_RAGGED * len(body), 1):
        raise events.error(
            "SG104",
            f"{int(bad.sum())} of {len(body)} rows do not have {width} cells.",
            "Export it again as CSV UTF-8 with one separator and quoted texts.",
            row=body[int(np.argmax(bad))] + 1,
        )
    ragged = []
    for i in np.flatnonzero(bad):
        events.add(
            "SG116", "quarantine", f"the row has {lengths[i]} of {width} cells: set aside", row=body[i] + 1, value=""
        )
        ragged.append((body[i] + 1, tuple(records[body[i]]), "short_row" if lengths[i] < width else "long_row"))
    kept = [body[i] for i in np.flatnonzero(~bad)]
    table = list(zip(*(records[i] for i in kept), strict=False)) if kept else [()] * width
    columns = tuple(np.array(cells, dtype=object) for cells in table[:width])
    return Raw(header, columns, np.array(kept, dtype=np.int64) + 1, tuple(ragged))


def _surplus(record: Sequence[str], header: tuple[str, ...]) -> int:
    """Filled cells beyond the header.

    Kobo's exporter adds one stale 0 or 1 to every row after a submission that holds a choice no longer in the form.
    """
    beyond = [cell for cell in record[len(header) :] if cell.strip()]
    kobo = "_uuid" in header or "_submission_time" in header
    return 0 if kobo and len(record) == len(header) + 1 and beyond in (["0"], ["1"]) else len(beyond)


def _second_header(record: Sequence[str], header: tuple[str, ...], names: Names) -> bool:
    """Tags (#…), import ids, or the labels of the heads above, standing under the header."""
    pairs = [(head, cell.strip()) for head, cell in zip(header, record, strict=False) if cell.strip()]
    if pairs and all(cell.startswith(("#", '{"ImportId"')) for _, cell in pairs):
        return True
    same = 0
    for head, cell in pairs:
        target = names.target(head)
        same += wording(cell) != wording(head) and target is not None and target == names.target(cell)
        same += wording(cell) == wording(head)
    return len(pairs) > 1 and same > len(pairs) / 2


def _no_header(first: Sequence[str], names: Names, events: Events) -> Exception:
    garbled = _mended(first, names)
    if garbled:
        return events.error(
            "SG103",
            f"the words were garbled by an earlier program: '{garbled[0][:30]}' should read '{garbled[1][:30]}'.",
            "Export the file again as CSV UTF-8 or xlsx; it cannot be repaired without loss.",
        )
    title = names.questionnaire.id
    return events.error(
        "SG102",
        f"no column of the questionnaire '{title}' was found; the file begins with "
        f"{', '.join(repr(c[:20]) for c in list(first)[:4])}.",
        "Check that it is the right file, and that the first row holds item names or labels.",
    )


def _mended(heads: Sequence[str], names: Names) -> tuple[str, str] | None:
    """A head and what it was before a program read its bytes under the wrong encoding, if that can be seen."""
    for head in heads:
        if "\ufffd" in head or "锟斤拷" in head:
            return head, "…"
        for wrong, right in (("latin-1", "gb18030"), ("cp1252", "utf-8"), ("latin-1", "utf-8"), ("gb18030", "utf-8")):
            try:
                mended = head.encode(wrong).decode(right)
            except UnicodeError:
                continue
            if mended != head and names.count([mended]):
                return head, mended
    return None
