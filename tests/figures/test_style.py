import subprocess
import sys
from itertools import pairwise

import pandas as pd
import pytest
from figures.gallery import PICTURES
from matplotlib import pyplot
from matplotlib.colors import to_hex
from PIL import Image

from sgsurvey.errors import DataError
from sgsurvey.figures import style
from sgsurvey.figures.likert import likert


def test_fonts_know_common_and_rare_characters_signs_and_greek():
    assert style.missing_glyphs(["保洁服务满意度，镕喆堃祎昇。", "α β χ² ω ≥ ≤ ± − – — “”", "㎡ ① ％ ～ ×"]) == set()


def test_a_missing_character_is_named_once():
    assert style.missing_glyphs(["abc\U0001f9f9", "\U0001f9f9\n"]) == {"\U0001f9f9"}


def test_neighbouring_series_differ_in_grey():
    lights = [style.luminance(c) for c in style.SERIES]
    assert min(abs(a - b) for a, b in pairwise(lights)) > 0.07
    looks = list(zip(style.MARKERS, style.SERIES, strict=True))
    assert len(set(style.MARKERS)) == len(looks), "points are told apart by their shape too"


@pytest.mark.parametrize("k", range(2, 8))
def test_neighbouring_answers_differ_in_grey_or_in_hatching(k):
    frame = pd.DataFrame({"item": "a", "category": list("1234567")[:k], "share": 1 / k, "n": 50})
    ax = likert(frame)
    patches = ax.figure.legends[0].get_patches()
    pyplot.close(ax.figure)
    looks = [(style.luminance(to_hex(p.get_facecolor())), p.get_hatch()) for p in patches]
    assert len(looks) == k
    for (light, hatch), (other, others) in pairwise(looks):
        assert abs(light - other) > 0.07 or hatch != others
    # Answers as far from the middle on either side are equally dark: hatching tells them apart.
    assert all(looks[j][1] and not looks[k - 1 - j][1] for j in range(k // 2))


def test_bars_of_neighbouring_groups_differ_in_grey_or_in_hatching():
    ax = PICTURES["bars_groups"]("en")
    looks = [(style.luminance(to_hex(h[0].get_facecolor())), h[0].get_hatch()) for h in ax.containers]
    pyplot.close(ax.figure)
    assert all(abs(a - b) > 0.07 or x != y for (a, x), (b, y) in pairwise(looks))


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


def test_a_place_that_cannot_be_written_to_is_told_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "a.svg").mkdir()
    figure = pyplot.figure()
    with pytest.raises(DataError, match="SG160"):
        style.save(figure, tmp_path / "a.svg")
    pyplot.close(figure)
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_a_file_keeps_the_words_for_those_who_cannot_see_it(tmp_path):
    axes = PICTURES["flow"]("zh")
    svg, png = (style.save(axes.figure, tmp_path / f"a.{suffix}") for suffix in ("svg", "png"))
    pyplot.close(axes.figure)
    assert axes.alt.startswith("流程图：412份进入")
    assert axes.alt in svg.read_text(encoding="utf-8")
    with Image.open(png) as image:
        assert image.text["Description"] == axes.alt


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
