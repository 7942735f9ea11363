"""What holds for every picture, in both languages."""

import itertools
import re
import warnings
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from figures.gallery import PICTURES
from matplotlib import pyplot
from matplotlib.text import Text as Words

from sgsurvey.figures import style

LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def _no_font_of_the_system():
    """Only fonts that come with matplotlib and with us: as on a machine that has no others."""
    from matplotlib.font_manager import fontManager

    style.load_fonts()
    ours = (Path(mpl.get_data_path()), style.FONTS)
    everything = fontManager.ttflist
    fontManager.ttflist = [font for font in everything if any(Path(font.fname).is_relative_to(at) for at in ours)]
    assert {"DejaVu Sans", "SGSurvey Sans SC"} <= {font.name for font in fontManager.ttflist}
    yield
    fontManager.ttflist = everything


@pytest.fixture(scope="module", params=list(itertools.product(PICTURES, LANGUAGES)), ids="-".join)
def picture(request, _no_font_of_the_system):
    name, language = request.param
    ax = PICTURES[name](language)
    ax.figure.draw_without_rendering()
    yield ax
    pyplot.close(ax.figure)


@pytest.fixture
def _close_figures():
    yield
    pyplot.close("all")


def shown_words(figure):
    return [t for t in figure.findobj(Words) if t.get_visible() and t.get_text().strip()]


def test_no_label_is_clipped_and_none_covers_another(picture):
    figure = picture.figure
    texts = shown_words(figure)
    boxes = [t.get_window_extent() for t in texts]
    for text, box in zip(texts, boxes, strict=True):
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
        assert inside, f"clipped: {text.get_text()!r}"
    for (a, one), (b, other) in itertools.combinations(zip(texts, boxes, strict=True), 2):
        wide, tall = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
        assert min(wide, tall) <= 1, f"{a.get_text()!r} covers {b.get_text()!r}"


def test_every_letter_is_in_the_fonts_and_set_in_them(picture):
    texts = shown_words(picture.figure)
    assert style.missing_glyphs(t.get_text() for t in texts) == set()
    assert all(t.get_fontfamily() == style.FAMILIES for t in texts)
    hyphens = [t.get_text() for t in texts if re.search(r"(^|[\[ ])-\d", t.get_text())]
    assert not hyphens, "a hyphen stands for a minus sign"


def test_it_carries_its_numbers_and_words_for_those_who_cannot_see_it(picture):
    assert isinstance(picture.data, pd.DataFrame)
    assert len(picture.data)
    assert len(picture.alt) > 15
    assert "{" not in picture.alt
    assert not re.search(r"\bnan\b", picture.alt)
    assert style.alternative(picture.figure) == picture.alt


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.usefixtures("_close_figures")
def test_its_words_for_those_who_cannot_see_it_are_in_the_language_of_the_picture(name):
    chinese, english = (PICTURES[name](language).alt for language in LANGUAGES)
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert not re.search("[\u4e00-\u9fff]", english)


@pytest.mark.parametrize("name", ["likert", "quadrant", "flow"])
@pytest.mark.usefixtures("_close_figures")
def test_files_are_the_same_bytes_each_time(name):
    first, second = PICTURES[name]("zh").figure, PICTURES[name]("zh").figure
    svg = style.to_svg(first)
    assert svg == style.to_svg(second)
    assert svg.startswith("<?xml")
    assert "<text" not in svg, "letters must be paths: a reader may have no Chinese font"
    assert style.to_png(first, dpi=40) == style.to_png(second, dpi=40)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.usefixtures("_close_figures")
def test_the_axes_given_are_the_axes_drawn_on_and_settings_stay_the_users(name):
    own = {"font.family": ["serif"], "axes.unicode_minus": False, "font.size": 17.0}
    with mpl.rc_context(own):
        before = mpl.rcParams.copy()
        figure, (_, given) = pyplot.subplots(1, 2, figsize=(14, 8))
        assert PICTURES[name]("en", ax=given) is given
        assert mpl.rcParams == before
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            figure.draw_without_rendering()
        words = [t for t in given.findobj(Words) if t.get_visible() and t.get_text().strip()]
        assert words
        assert all(t.get_fontfamily() == style.FAMILIES for t in words)
    assert pyplot.get_fignums() == [figure.number]


@pytest.mark.usefixtures("_close_figures")
def test_dozens_of_figures_do_not_warn():
    for _ in range(22):
        PICTURES["flow"]("en")
