"""The bundled fonts have every character that ``HOW.md`` claims, in both weights, and no others of Chinese."""

import unicodedata
from pathlib import Path

import pytest
from matplotlib.font_manager import get_font

from sgsurvey.figures import style
from sgsurvey.figures.fonts.build import RANGES, gb2312

WEIGHTS = ("Regular", "Bold")
NAMES = "镕喆堃祎昇"


def cmap(weight):
    return set(get_font(style.FONTS / f"SGSurveySansSC-{weight}.otf").get_charmap())


def beyond_gb2312():
    """What the general standard has and GB 2312 has not."""
    lines = Path(__file__).with_name("beyond_gb2312.txt").read_text(encoding="utf-8").splitlines()
    return {ord(character) for line in lines if not line.startswith("#") for character in line}


def test_the_lists_are_as_long_as_they_are_known_to_be():
    assert len(gb2312()) == 6763
    assert len(beyond_gb2312()) == 1467
    assert not gb2312() & beyond_gb2312()
    # 125 of GB 2312 are not in the general standard, whose other 6,638 make up 8,105 with what is beyond.
    assert 6763 - 125 + 1467 == 8105


@pytest.mark.parametrize("weight", WEIGHTS)
def test_every_claimed_character_is_in_the_font(weight):
    there = cmap(weight)
    assert not {chr(code) for code in (gb2312() | beyond_gb2312()) - there}
    assert {ord(character) for character in NAMES} <= there
    ideographs = {code for code in there if unicodedata.name(chr(code), "").startswith("CJK UNIFIED")}
    assert ideographs == gb2312() | beyond_gb2312()


def test_both_weights_have_the_same_characters():
    assert cmap("Regular") == cmap("Bold")


def test_what_else_is_there_lies_in_the_ranges_that_were_asked_for():
    others = cmap("Regular") - gb2312() - beyond_gb2312()
    assert all(any(low <= code <= high for low, high in RANGES) for code in others)
    assert {ord(character) for character in "αβχω²−±×≥≤，。；：（）“”"} <= others


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_font_has_a_name_of_its_own(weight):
    font = get_font(style.FONTS / f"SGSurveySansSC-{weight}.otf")
    assert font.family_name == "SGSurvey Sans SC"
    assert font.style_name == weight
