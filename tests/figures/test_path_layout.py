"""No arrow lies behind a box, no number on a box or another number: measured, not looked at."""

import itertools

import numpy as np
import pandas as pd
import pytest
from figures.gallery import paths_frame
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.figures.path_layout import Box, along, overlap, spread
from sgsurvey.figures.paths import laid_out


def crossed(points, rect, shrink=0.01):
    """Length of a polyline inside a rectangle."""
    left, low, right, high = rect[0] + shrink, rect[1] + shrink, rect[2] - shrink, rect[3] - shrink
    inside = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        t = np.linspace(0, 1, 60)
        x, y = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
        inside += float(((x > left) & (x < right) & (y > low) & (y < high)).mean() * np.hypot(x1 - x0, y1 - y0))
    return inside


def drawing_of(frame):
    latent = tuple(dict.fromkeys(frame.loc[frame["op"] == "=~", "lhs"]))
    return laid_out(frame, words={}, latent=latent, r_squared={})


def assert_sound(frame):
    drawing = drawing_of(frame)
    for line, box in itertools.product(drawing.lines, drawing.boxes):
        assert crossed(line.points, box.rect) == 0.0, f"{line.arrow} lies behind {box.name}"
        assert overlap(line.rect, box.rect) < 1e-9, f"the number of {line.arrow} covers {box.name}"
    for one, other in itertools.combinations(drawing.lines, 2):
        assert overlap(one.rect, other.rect) < 1e-9, f"numbers of {one.arrow} and {other.arrow}"
    for one, other in itertools.combinations(drawing.boxes, 2):
        assert overlap(one.rect, other.rect) < 1e-9
    return drawing


@pytest.mark.parametrize("model", ["factors", "second", "bifactor", "sem"])
def test_arrows_boxes_and_numbers_keep_clear_of_each_other(model):
    frame = paths_frame(model)
    drawing = assert_sound(frame)
    assert len(drawing.lines) == len(frame)
    for line in drawing.lines:
        boxes = {box.name: box.rect for box in drawing.boxes}
        for end, name in ((line.points[0], line.arrow.tail), (line.points[-1], line.arrow.head)):
            left, low, right, high = boxes[name]
            assert min(abs(end[0] - left), abs(end[0] - right)) < 1e-9, "an arrow begins and ends at its boxes"
            assert low <= end[1] <= high


@st.composite
def models(draw):
    """Factors with items, and any paths from earlier to later ones, covariances and cross-loadings."""
    factors = [f"F{k}" for k in range(draw(st.integers(1, 5)))]
    rows = [(f, "=~", f"{f}_{i}") for f in factors for i in range(draw(st.integers(1, 5)))]
    pairs = list(itertools.combinations(factors, 2))
    for one, other in pairs:
        kind = draw(st.sampled_from(["", "~", "~~"]))
        if kind:
            rows.append((other, kind, one))
    if draw(st.booleans()):
        rows.append((factors[-1], "~", "age"))
    items = [item for _, op, item in rows if op == "=~"]
    if len(items) > 2 and draw(st.booleans()):
        rows.append((items[0], "~~", items[-1]))
    frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs"])
    return frame.assign(std=0.5, p_value=0.01)


@settings(max_examples=60, deadline=None)
@given(models())
def test_so_do_those_of_any_model(frame):
    assert_sound(frame)


def test_boxes_stand_as_near_as_may_be_to_their_wished_heights():
    column = [Box(name, name, False, 1.0, 0.5) for name in "abc"]
    (placed,) = spread([column], {"a": 3.0, "b": 0.0, "c": 0.0})
    assert placed[0].y == 3.0
    assert placed[1].y - placed[2].y == pytest.approx(0.64)
    assert placed[1].y + placed[2].y == pytest.approx(0.0)


def test_a_share_of_a_line_is_counted_along_its_length():
    assert along(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 1.0]]), 0.5) == (2.0, 0.0)
