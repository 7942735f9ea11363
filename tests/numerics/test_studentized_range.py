import json

import numpy as np
import pytest
from reference_values import VALUES, assert_matches
from scipy import stats

from sgsurvey.numerics.studentized_range import studentized_range_isf, studentized_range_sf

R = json.loads((VALUES / "compare.json").read_text(encoding="utf-8"))


def test_upper_tail_is_that_of_ptukey():
    grid = R["range"]
    ours = [studentized_range_sf(q, k, df) for q, k, df in zip(grid["q"], grid["k"], grid["df"], strict=True)]
    assert_matches(
        ours,
        grid["p"],
        statistic="studentized range, upper tail",
        reference="R 4.2.2 ptukey",
        data="grid of q, k, df",
        why="ptukey's quadrature stops at 1e-8 or so",
        atol=2e-8,
    )


def test_upper_tail_is_that_of_another_quadrature():
    ours = studentized_range_sf(3.7, 4, 12.6)
    assert ours == pytest.approx(stats.studentized_range.sf(3.7, 4, 12.6), rel=1e-10)


@pytest.mark.parametrize("df", [1.5, 9.3, 240.0])
def test_two_groups_give_the_t_distribution(df):
    assert studentized_range_sf(2.2 * np.sqrt(2), 2, df) == pytest.approx(2 * stats.t.sf(2.2, df), rel=1e-8)


def test_the_range_undoes_its_probability():
    assert studentized_range_sf(studentized_range_isf(0.05, 4, 17.2), 4, 17.2) == pytest.approx(0.05, rel=1e-8)


def test_nothing_exceeds_less_than_zero_range():
    assert studentized_range_sf(0.0, 3, 10) == 1.0
    assert np.isnan(studentized_range_sf(np.nan, 3, 10))
