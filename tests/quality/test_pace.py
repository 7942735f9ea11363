import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.quality.pace import overlap, same_second

NAT = np.datetime64("NaT")


def moments(*seconds):
    return np.array(
        [NAT if s is None else np.datetime64("2026-04-07") + np.timedelta64(s, "s") for s in seconds]
    ).astype("datetime64[ns]")


def test_forms_begun_in_the_same_second_are_counted_without_oneself():
    found = same_second(moments(5, 5, 6, None, 5, 5), np.array([True, True, True, True, True, False]))
    np.testing.assert_array_equal(found, [2, 2, 0, np.nan, 2, np.nan])


def test_times_without_seconds_say_nothing():
    assert np.isnan(same_second(moments(60, 60, 120), np.ones(3, dtype=bool))).all()


def test_interviews_that_touch_do_not_overlap():
    start, end = moments(0, 600, 1000, 0), moments(600, 1200, 1300, 500)
    who = np.array(["a", "a", "a", "b"], dtype=object)
    assert overlap(start, end, who).tolist() == [0, 1, 1, 0]


def test_forms_left_open_and_unknown_interviewers_are_not_judged():
    start, end = moments(0, 10, 20, None), moments(4 * 3600, 300, 400, 500)
    found = overlap(start, end, np.array(["a", "a", None, "a"], dtype=object))
    np.testing.assert_array_equal(found, [np.nan, 0, np.nan, np.nan])


@settings(max_examples=40, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 120), st.sampled_from("ab")), min_size=1, max_size=12)
)
def test_overlaps_are_those_that_comparing_all_pairs_finds(spans):
    start, end = moments(*(s for s, _, _ in spans)), moments(*(s + d for s, d, _ in spans))
    expected = [
        sum(i != j and w == v and s < t + e and t < s + d for j, (t, e, v) in enumerate(spans))
        for i, (s, d, w) in enumerate(spans)
    ]
    assert overlap(start, end, np.array([w for _, _, w in spans], dtype=object)).tolist() == expected
