"""Many plain lines at once are what the csv module makes of them one by one."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sgsurvey.errors import DataError
from sgsurvey.ingest import csv as separated
from sgsurvey.ingest.blocks import block_of
from sgsurvey.ingest.layout import Cells
from sgsurvey.ingest.limits import LARGEST_CELL
from sgsurvey.ingest.read import read_responses

CELLS = st.text(st.sampled_from("0019 -.同意é\u3000\xa0\x85\u2028\x1a\ufeff\ue000'#=\tNaN"), max_size=6)
ODD_CELLS = st.sampled_from(['"', '"a"', '"a\nb"', "\0", "\r", "a\rb", "\n", ","])


def one_by_one(lines: str, separator: str = ",") -> list[tuple[str, ...]]:
    return [tuple(line) for line in csv.reader(io.StringIO(lines, newline=""), delimiter=separator, strict=True)]


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8),
    separator=st.sampled_from(separated.SEPARATORS),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=300, deadline=None)
def test_plain_lines_are_taken_as_they_stand(rows, separator, end):
    rows = [["a", *(cell.replace("\t", "") for cell in row)] for row in rows]
    block = block_of("".join(separator.join(row) + end for row in rows).encode(), separator, 4)
    assert list(block.lines()) == [tuple(row) for row in rows]
    assert [cells.texts for cells in block.columns] == [Cells.of(column).texts for column in zip(*rows, strict=True)]


@given(
    rows=st.lists(st.lists(CELLS | ODD_CELLS, min_size=1, max_size=4), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(max_examples=300, deadline=None)
def test_what_is_taken_at_once_is_never_something_else(rows, end):
    text = "".join(",".join(row) + end for row in rows)
    block = block_of(text.encode(), ",", 3)
    assert block is None or list(block.lines()) == one_by_one(text)


NOT_PLAIN = (
    'a,"b"\n', "a\n", "a,b\nc\n", "a,b\nc,d,e\n", "a,b,c\nd\n", "a,b\n,\n", "a,b\n\n",
    "\ufeffa,b\n", "a\0,b\n", "a\rb,c\n", "\n,,\n",
)  # fmt: skip


@pytest.mark.parametrize("lines", NOT_PLAIN)
def test_lines_that_are_not_plain_are_left_to_the_csv_module(lines):
    assert block_of(lines.encode(), ",", 2) is None


def test_a_cell_beyond_the_limit_is_left_to_the_csv_module():
    assert block_of(("a," + "是" * (LARGEST_CELL + 1) + "\n").encode(), ",", 2) is None
    assert block_of(("a," + "是" * LARGEST_CELL + "\n").encode(), ",", 2) is not None


@given(data=st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_reads_alike_in_blocks_and_line_by_line(data, write, cells, instrument):
    """Whatever stands in it: lines of another length, blank ones, quotes, marks of the byte order, no last line end."""
    header, *sound = cells()
    answer = st.sampled_from(["1", "5", "同意", " 3", "9", "n/a", "", "x"])
    line = st.one_of(
        st.sampled_from(sound).map(lambda row: [str(cell) for cell in row]),
        st.lists(answer, min_size=len(header), max_size=len(header)),
        st.sampled_from([[], [""] * len(header), ["1"], ["1"] * (len(header) + 1), ["1"] * len(header) + [""]]),
        st.sampled_from([[first, *["3"] * (len(header) - 1)] for first in ('"a\nb"', "\ufeffr1", 'a"b', '"')]),
    )  # fmt: skip
    many = st.lists(st.sampled_from(sound).map(lambda row: [str(cell) for cell in row]), min_size=20, max_size=30)
    lines = [
        *[[]] * data.draw(st.sampled_from([0, 0, 5, 11])),
        header,
        *data.draw(many),
        *data.draw(st.lists(line, max_size=12)),
        *data.draw(many),
    ]
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(",".join(map(str, cells)) for cells in lines) + data.draw(st.sampled_from(["", end]))
    path = write(text, encoding=data.draw(st.sampled_from(["utf-8", "utf-8-sig"])))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(separated, "LEAD", 12)
        patch.setattr(separated, "PART", data.draw(st.sampled_from([60, 200, 1 << 20])))
        in_blocks = everything(path, instrument)
    assert in_blocks == everything(path, instrument)


def everything(path, instrument):
    """All that a reader of the file is given, as text."""
    try:
        answers = read_responses(path, instrument)
    except DataError as error:
        return str(error)
    log = answers.log
    with pd.option_context("display.max_rows", None, "display.max_columns", None, "display.max_colwidth", None):
        return [str(table) for table in (answers.frame, log.events, log.quarantine, log.invalid, log.cells, log.steps)]
