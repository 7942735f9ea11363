import subprocess
import sys
from itertools import pairwise

import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb

from sgsurvey.errors import DataError
from sgsurvey.figures import style


def grey(colour):
    red, green, blue = to_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_fonts_know_common_and_rare_characters_signs_and_greek():
    assert style.missing_glyphs(["保洁服务满意度，镕喆堃祎昇。", "α β χ² ω ≥ ≤ ± − – — “”", "㎡ ① ％ ～ ×"]) == set()


def test_a_missing_character_is_named_once():
    assert style.missing_glyphs(["abc\U0001f9f9", "\U0001f9f9\n"]) == {"\U0001f9f9"}


def test_neighbouring_series_differ_in_grey():
    first = [grey(c) for c in style.SERIES[:3]]
    assert min(abs(a - b) for a, b in pairwise(first)) > 0.1


@pytest.mark.parametrize(("colour", "ink"), [("#005F99", "white"), ("#DDDDDD", style.INK), ("#B84A00", "white")])
def test_ink_reads_on_its_colour(colour, ink):
    assert style.ink_on(colour) == ink


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_save_writes_what_the_suffix_says(tmp_path, suffix):
    figure = pyplot.figure()
    first, second = style.save(figure, tmp_path / f"a.{suffix}"), style.save(figure, tmp_path / f"b.{suffix}")
    pyplot.close(figure)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes()[:5] == {"svg": b"<?xml", "png": b"\x89PNG\r", "pdf": b"%PDF-"}[suffix]


def test_an_unknown_suffix_is_an_error_with_a_remedy(tmp_path):
    figure = pyplot.figure()
    with pytest.raises(DataError, match=r"Use \.svg, \.pdf or \.png"):
        style.save(figure, tmp_path / "a.bmp")
    pyplot.close(figure)


def test_the_module_alone_loads_neither_matplotlib_nor_seaborn():
    code = "import sys, sgsurvey.figures.heatmap; print({'matplotlib', 'seaborn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_fonts_licence_comes_along():
    assert "SIL OPEN FONT LICENSE" in (style.FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in style.FONTS.glob("*.otf")) < 4_000_000
