"""The fifty bad inputs of the page, each written, read and compared with what is promised."""

import tempfile
from pathlib import Path

from fifty import cells, columns, doors, text_files, workbooks
from fifty.case import Bad

CASES: list[Bad] = sorted(
    [case for part in (text_files, columns, cells, workbooks, doors) for case in part.CASES],
    key=lambda case: case.number,
)
NUMBERS = range(1, 51)


def show() -> bool:
    """Print every input with what is promised and what was seen; True when all is as promised."""
    print(f"{'no.':>4} {'input':<58} {'promised':<11}{'code':<7}{'seen':<11}{'n':>3}  ok")
    good = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            seen = case.look(Path(folder))
        complaints = list(case.complaints(seen))
        good += not complaints
        told = f"{case.number:>4} {ascii_of(case.name):<58} {case.promised:<11}{case.code:<7}{seen.reaction:<11}"
        print(f"{told}{seen.n or '':>3}  {'; '.join(complaints) or 'ok'}")
    print(f"{good} of {len(CASES)} as promised; {len({case.number for case in CASES})} of 50 numbers")
    return good == len(CASES)


def ascii_of(text: str) -> str:
    """The name as one line in narrow columns."""
    return text if text.isascii() and text.isprintable() else ascii(text)[1:-1]
