"""The bootstrap of structural models, against lavaan within the error of drawing."""

import numpy as np
import pytest
from lavaan_values import HS, TRUTH
from reference_values import assert_matches
from structural_models import bollen, holzinger

import sgsurvey as sg

POLITICAL = """
    ind60 =~ x1 + x2 + x3
    dem60 =~ y1 + y2 + y3 + y4
    dem65 =~ y5 + y6 + y7 + y8
    dem60 ~ ind60
    dem65 ~ ind60 + dem60
"""


def test_bollen_and_stines_p_is_that_of_lavaan_within_the_error_of_drawing():
    found = sg.bootstrap_model(sg.sem(bollen(), POLITICAL), draws=600, seed=7)
    truth = TRUTH["bollen_stine"]
    error = np.sqrt(truth["p"] * (1 - truth["p"]) * (1 / 600 + 1 / truth["draws"]))
    assert_matches(
        found.p_value,
        truth["p"],
        statistic="Bollen and Stine's bootstrap p",
        reference="R lavaan 0.6.14, bootstrapLavaan, 1,000 draws",
        data="political democracy",
        why="four standard errors of two sets of draws",
        atol=4 * error,
    )


def test_errors_of_draws_are_near_those_of_the_sandwich_and_a_seed_decides_all():
    fitted = sg.cfa(holzinger(), HS, estimator="MLR")
    first, second = (sg.bootstrap_model(fitted, draws=300, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.frame["conf_low"], second.frame["conf_low"])
    robust = fitted.frame.dropna(subset="std_error").reset_index(drop=True)
    assert first.frame["lhs"].tolist() == robust["lhs"].tolist()
    ratio = first.frame["std_error"] / robust["std_error"]
    assert 0.85 < ratio.median() < 1.25
    assert (first.frame["conf_low"] < first.frame["estimate"]).mean() > 0.95
    assert "seed 3" in first.table(language="en").notes[0].en


def test_what_cannot_be_resampled_by_rows_is_refused():
    frame = holzinger().assign(w=1.0)
    weighted = sg.cfa(sg.survey_design(frame, weights="w"), HS, estimator="MLR")
    with pytest.raises(sg.DesignError, match="not resampled"):
        sg.bootstrap_model(weighted, seed=1)
    with pytest.raises(sg.EstimationError, match="complete rows"):
        sg.bootstrap_model(sg.cfa(holzinger(), HS, estimator="ULS"), seed=1)
    with pytest.raises(sg.EstimationError, match="at least 50 draws"):
        sg.bootstrap_model(sg.cfa(holzinger(), HS), draws=10, seed=1)
