import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.figures import lettering

WORDS = st.text(st.sampled_from("ab 经费保障，。(1)"), min_size=1, max_size=40)


@settings(max_examples=60)
@given(WORDS, st.integers(6, 20))
def test_wrapping_loses_no_letter_and_keeps_closing_marks_off_the_line_start(words, width):
    lines = lettering.wrapped(words, width).split("\n")
    assert "".join("".join(lines).split()) == "".join(words.split())
    assert not any(line and line[0] in "，。" for line in lines[1:])


@settings(max_examples=60)
@given(st.text(st.sampled_from("经费保障管理"), min_size=1, max_size=40), st.integers(6, 20))
def test_lines_of_chinese_fit_the_width(words, width):
    assert all(lettering.columns_of(line) <= width for line in lettering.wrapped(words, width).split("\n"))


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [(-0.5, 2, "−0.50"), (-0.001, 2, "0.00"), (float("nan"), 2, "–"), (12.0, 0, "12"), (1.005, 1, "1.0")],
)
def test_numbers_have_a_true_minus_and_no_negative_zero(value, digits, words):
    assert lettering.number(value, digits) == words


def test_rows_leave_room_for_their_lines():
    one, two, three = lettering.rows(["a", "b\nc\nd\ne", "f"])
    assert one == 0
    assert two - one > 1
    assert three - two == pytest.approx(two - one)
    assert lettering.rows(["a", "b"], [0, 0.5]) == [0, 1.5]
