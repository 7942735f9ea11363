"""What tools tell of submissions: states, copies, durations."""

import numpy as np
import pytest

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.submissions import last_copy, place_of, set_aside, with_seconds


def raw(**columns) -> Raw:
    n = len(next(iter(columns.values())))
    return Raw(tuple(columns), tuple(map(Cells.of, columns.values())), np.arange(2, n + 2))


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-05-01T09:00:00+08:00", "2026-05-01T01:10:30Z", "630.0"),
        ("2026-05-01T09:00:00", "2026-05-01T09:00:01", "1.0"),
        ("2026-05-01T09:00:00", "2026-05-01T09:00:01+08:00", ""),
        ("2026-05-01T09:00:00", "2026-05-01T08:00:00", ""),
        ("", "2026-05-01T08:00:00", ""),
        ("soon", "later", ""),
    ],
)
def test_a_duration_needs_two_moments_of_one_kind_in_order(instrument, start, end, seconds):
    file = with_seconds(raw(start=[start], end=[end]), Names(instrument))
    assert list(file.columns[place_of(file, "seconds")]) == [seconds]


def test_a_duration_of_its_own_goes_first(instrument):
    file = raw(start=["2026-05-01T09:00:00"], end=["2026-05-01T09:00:01"], seconds=["7"])
    assert with_seconds(file, Names(instrument)) is file


def test_the_copy_sent_last_stays_and_one_set_aside_is_no_copy():
    file = raw(
        key=["uuid:a", "a", "", "", "b", "b"], sent=["2", "1", "1", "1", "1", "2"], state=["", "", "", "", "", "x"]
    )
    events = Events("a.csv")
    file = set_aside(file, place_of(file, "STATE"), lambda state: state == "x", "rejected", "SG151.rejected", events)
    file = last_copy(file, place_of(file, "key"), place_of(file, "sent"), events)
    assert file.reasons.tolist() == ["", "duplicate", "", "", "", "rejected"]
    assert [(line["row"], line["n"]) for line in events.lines] == [(7, 1), (3, 1)]
    assert last_copy(file, None, None, events) is file


def test_cells_know_which_are_filled_and_take_a_text_in_some_rows():
    cells = Cells.of(["a", " ", "b", ""])
    assert cells.filled.tolist() == [True, False, True, False]
    put = cells.put(~cells.filled, "x")
    assert list(put) == ["a", "x", "b", "x"]
    assert put.texts == ("a", "x", "b"), "a text that stands nowhere any more is forgotten"
    assert cells.put(np.zeros(4, dtype=bool), "x") is cells
