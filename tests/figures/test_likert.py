import numpy as np
import pandas as pd
import pytest
from figures.gallery import likert_frame
from matplotlib import pyplot
from matplotlib.colors import to_rgb

from sgsurvey.figures.likert import LABELS_FROM, TOO_FEW, diverging, likert


@pytest.fixture
def bars():
    frame = pd.DataFrame(
        {"item": "a", "category": ["1", "2", "3", "4", "5"], "share": [0.1, 0.05, 0.3, 0.35, 0.2], "n": 40}
    )
    ax = likert(frame)
    yield ax
    pyplot.close(ax.figure)


def test_the_middle_answer_straddles_zero(bars):
    middle = bars.patches[2]
    assert middle.get_x() + middle.get_width() / 2 == pytest.approx(0)


def test_bars_join_and_add_up(bars):
    edges = [(p.get_x(), p.get_x() + p.get_width()) for p in bars.patches[:5]]
    assert [b for _, b in edges[:-1]] == pytest.approx([a for a, _ in edges[1:]])
    assert edges[-1][1] - edges[0][0] == pytest.approx(1)


def test_small_shares_have_no_number(bars):
    assert [t.get_text() for t in bars.texts if t.get_text().isdigit()] == ["10", "30", "35", "20", "40"]
    assert LABELS_FROM == 0.06


def test_an_even_scale_parts_between_its_middle_answers():
    ax = likert(pd.DataFrame({"item": "a", "category": list("1234"), "share": [0.1, 0.2, 0.3, 0.4], "n": 9}))
    assert ax.patches[1].get_x() + ax.patches[1].get_width() == pytest.approx(0)
    assert ax.patches[2].get_x() == pytest.approx(0)
    pyplot.close(ax.figure)


def test_too_few_are_named_not_drawn():
    frame = likert_frame("en")
    ax = likert(frame)
    hidden = frame["share"].isna().sum()
    drawn = [p for p in ax.patches if p.get_width() > 0]
    assert len(drawn) == len(frame) - hidden
    assert TOO_FEW.en in [t.get_text() for t in ax.texts]
    pyplot.close(ax.figure)


@pytest.mark.parametrize("k", range(2, 12))
def test_colours_are_distinct_and_darken_towards_the_ends(k):
    colours = diverging(k)
    assert len(set(colours)) == k
    light = np.array([np.dot(to_rgb(c), [0.2126, 0.7152, 0.0722]) for c in colours])
    assert (np.diff(light[: (k + 1) // 2]) > 0).all()
    assert (np.diff(light[k // 2 :]) < 0).all()


def test_items_are_sorted_by_the_share_above_the_middle_which_stands_at_their_side():
    rows = [("a", [0.5, 0.3, 0.2]), ("b", [0.1, 0.2, 0.7]), ("c", [np.nan, 0.2, np.nan])]
    frame = pd.DataFrame(
        {"item": item, "category": str(k), "share": share, "n": 50}
        for item, shares in rows
        for k, share in enumerate(shares)
    )
    ax = likert(frame)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b", "a", "c"]
    assert [t.get_text() for t in ax.texts if t.get_text() in ("70%", "20%", "–")] == ["70%", "20%", "–"]
    given = likert(frame, sort=False)
    assert [t.get_text() for t in given.get_yticklabels()] == ["a", "b", "c"]
    pyplot.close("all")
