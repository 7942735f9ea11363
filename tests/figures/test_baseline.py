"""No picture changes unseen: each is as it was when somebody last looked at it.

The images in ``baseline/`` are of the matplotlib that ``baseline/matplotlib.txt`` names.  With another version letters
have other edges: then the comparison is coarser, and no picture is left out.
"""

import matplotlib as mpl
import pytest
from figures.baseline import (
    KEPT,
    MADE_WITH,
    NAMES,
    OTHER_VERSION,
    SAME_VERSION,
    difference,
    drawn,
    image,
    made_here,
    path_of,
)
from figures.gallery import PICTURES, bars_frame
from matplotlib import pyplot

from sgsurvey.figures import style
from sgsurvey.figures.bars import bars

RENEW = "If it is meant: python tests/show.py pictures, look at the new image, commit it."


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_as_it_was_kept(name):
    block, allowed = SAME_VERSION if made_here() else OTHER_VERSION
    found = difference(drawn(name), path_of(name).read_bytes(), block)
    versions = f"kept: matplotlib {MADE_WITH.read_text(encoding='utf-8').strip()}, here: {mpl.__version__}"
    assert found <= allowed, f"{name} has changed (by {found:.1f}; {versions}). {RENEW}"


def test_there_is_an_image_of_each_picture_and_no_other():
    assert {path.stem for path in KEPT.glob("*.png")} == set(NAMES)
    assert max(path.stat().st_size for path in KEPT.glob("*.png")) < 60_000


@pytest.fixture
def forest():
    axes = PICTURES["forest"]("en")
    yield axes
    pyplot.close(axes.figure)


def test_one_digit_is_seen(forest):
    before = image(forest.figure)
    assert difference(before, image(forest.figure), SAME_VERSION[0]) == 0
    label = next(text for text in forest.texts if text.get_text().endswith("0.67]"))
    label.set_text(label.get_text().replace("0.67]", "0.61]"))
    assert difference(before, image(forest.figure), SAME_VERSION[0]) > 2 * SAME_VERSION[1]


@pytest.mark.parametrize("mend", ["set_marker", "set_color", "set_visible"])
def test_so_are_a_shape_a_colour_and_what_is_gone(forest, mend):
    before = image(forest.figure)
    getattr(forest.get_lines()[1], mend)({"set_marker": "s", "set_color": style.SKY, "set_visible": False}[mend])
    assert difference(before, image(forest.figure), SAME_VERSION[0]) > 2 * SAME_VERSION[1]


@pytest.mark.parametrize("hinting", ["none", "force_autohint"])
@pytest.mark.parametrize("name", ["forest.en", "likert.zh", "quadrant.zh"])
def test_letters_of_another_shape_are_no_change_to_the_coarse_comparison(name, hinting):
    with mpl.rc_context({"text.hinting": hinting}):
        other = drawn(name)
    found = difference(drawn(name), other, OTHER_VERSION[0])
    assert 1 < found < OTHER_VERSION[1]


def test_a_longer_bar_is_a_change_to_it():
    frame = bars_frame("en")
    longer = frame.assign(estimate=frame["estimate"].where(frame.index != 3, frame["estimate"] + 0.02))
    one, other = (image(bars(each).figure) for each in (frame, longer))
    pyplot.close("all")
    assert difference(one, other, OTHER_VERSION[0]) > OTHER_VERSION[1]


def test_pictures_of_other_sizes_differ(forest):
    before = image(forest.figure)
    forest.figure.set_size_inches(6.0, 3.0)
    assert difference(before, image(forest.figure), 12) == float("inf")
