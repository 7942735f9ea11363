"""Fifty bad inputs: what is done about each, under which code, where, and what the user is told in both languages."""

import pytest
from fifty.page import CASES, NUMBERS

IDS = [f"{case.number}-{ascii(case.name)[1:-1]}" for case in CASES]


def test_every_input_of_the_page_is_tried():
    assert {case.number for case in CASES} == set(NUMBERS)
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_bad_input_gets_what_is_promised(case, tmp_path):
    assert list(case.complaints(case.look(tmp_path))) == []


def test_a_broken_promise_would_be_seen(tmp_path):
    sound = next(case for case in CASES if case.name == "columns in another order")
    case = next(case for case in CASES if case.name == "a code that is not declared")
    assert list(case.complaints(sound.look(tmp_path)))
