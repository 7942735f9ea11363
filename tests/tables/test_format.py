import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.tables.format import STARS_LEGEND, in_prose, printable, show, stars, stars_legend, width
from sgsurvey.text import LANGUAGES, Text


@pytest.mark.parametrize(
    ("value", "kind", "zh", "en"),
    [
        (0.2984, "bounded", "0.298", ".298"),
        (-0.2984, "bounded", "−0.298", "−.298"),
        (1.0, "bounded", "1.000", "1.000"),
        (1.034, "bounded", "1.034", "1.034"),
        (0.2984, "estimate", "0.30", "0.30"),
        (-0.2984, "estimate", "−0.30", "−0.30"),
        (0.0456, "p", "0.046", ".046"),
        (0.0004, "p", "< 0.001", "< .001"),
        (0.0, "p", "< 0.001", "< .001"),
        (0.99996, "p", "> 0.999", "> .999"),
        (1234, "count", "1234", "1,234"),
        (0.1234, "percent", "12.3", "12.3"),
        (12.0, "df", "12", "12"),
        (12.34, "df", "12.3", "12.3"),
        (10.314, "statistic", "10.31", "10.31"),
        ((0.24, 0.36), "interval", "[0.24, 0.36]", "[0.24, 0.36]"),
        ((-0.24, 0.36), "bounded_interval", "[−0.240, 0.360]", "[−.240, .360]"),
        ((0.1, 0.2), "percent_interval", "[10.0, 20.0]", "[10.0, 20.0]"),
        ((None, 0.2), "interval", "[–, 0.20]", "[–, 0.20]"),
        ((None, math.nan), "interval", "–", "–"),
        (math.inf, "estimate", "∞", "∞"),
        (-math.inf, "estimate", "−∞", "−∞"),
        (True, "count", "是", "Yes"),
        (np.False_, "text", "否", "No"),
        (Text("支持", "supported"), "p", "支持", "supported"),
        (None, "text", "", ""),
    ],
)
def test_numbers_follow_language_and_kind(value, kind, zh, en):
    assert (show(value, kind, "zh"), show(value, kind, "en")) == (zh, en)


@pytest.mark.parametrize("nothing", [None, math.nan, pd.NA, pd.NaT, np.float64("nan")])
def test_a_missing_number_is_a_dash(nothing):
    assert show(nothing, "estimate", "zh") == "–"


@pytest.mark.parametrize("kind", ["estimate", "bounded", "statistic", "percent", "df", "count"])
def test_zero_has_no_sign(kind):
    assert "−" not in show(-0.00001, kind, "en")
    assert "−" not in show(-0.0, kind, "zh")


@given(st.floats(0, 1), st.sampled_from(LANGUAGES), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_p_is_never_printed_as_zero_or_one(p, language, digits):
    text = show(p, "p", language, digits)
    assert text.strip("<> ").strip("0.") != ""
    assert not text.startswith("1")


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_what_is_printed_is_the_number_to_its_last_digit(value, digits):
    text = show(value, "estimate", "en", digits)
    assert abs(float(text.replace("−", "-")) - value) <= 0.5 * 10.0**-digits * (1 + 1e-9) + 1e-9


def test_prose_has_its_signs():
    assert in_prose(0.0004, "p") == Text("p < 0.001", "p < .001")
    assert in_prose(0.0444, "p") == Text("p = 0.044", "p = .044")
    assert in_prose(0.125, "percent") == Text("12.5%", "12.5%")


def test_stars_stand_for_the_thresholds_in_their_legend():
    assert [stars(p) for p in (0.0005, 0.001, 0.0099, 0.01, 0.049, 0.05, math.nan, None)] == [
        "***", "**", "**", "*", "*", "", "", "",
    ]  # fmt: skip
    assert stars(0.0005, levels=(0.05, 0.01)) == "**"
    assert STARS_LEGEND.en == "* p < .05, ** p < .01, *** p < .001 (two-tailed)."
    assert stars_legend((0.05, 0.01)).zh == "* p < 0.05，** p < 0.01（双侧检验）。"


def test_printable_text_is_one_clean_line():
    assert printable(" a\tb\r\nc\x00\x1b\u202e\ud800d ") == "a b cd"
    assert printable("镕 é 👍 −") == "镕 é 👍 −"


def test_chinese_characters_take_two_columns():
    assert width("均值（M）") == 9
