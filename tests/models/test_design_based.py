"""Linear regression under the design: nothing of a declared design is ignored."""

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError


@pytest.fixture
def sampled():
    rng = np.random.default_rng(9)
    n = 180
    data = pd.DataFrame({"h": rng.integers(0, 3, n), "v": rng.integers(0, 12, n), "x": rng.normal(size=n)})
    return data.assign(y=0.5 * data["x"] + rng.normal(size=n), w=rng.uniform(0.5, 2, n), N=60)


def test_strata_and_sizes_are_used_without_being_asked_for(sampled):
    answers = sg.survey_design(sampled, weights="w", strata="h", clusters="v")
    found = sg.ols(answers, "y ~ x")
    assert found.fit.covariance.kind == "design"
    assert "strata" in found.table(language="en").to_markdown()
    narrower = sg.ols(sg.survey_design(sampled, weights="w", strata="h", clusters="v", fpc="N"), "y ~ x").frame
    assert (narrower["std_error"] < found.frame["std_error"]).all()


@pytest.mark.parametrize("how", [{"vcov": "HC1"}, {"vcov": "CR2"}, {"cluster": "h"}])
def test_errors_that_would_ignore_the_design_are_refused(sampled, how):
    answers = sg.survey_design(sampled, weights="w", strata="h", clusters="v")
    with pytest.raises(DesignError, match="would ignore the declared design"):
        sg.ols(answers, "y ~ x", **how)


@pytest.mark.parametrize("verb", [sg.ols, sg.logit, sg.ordered])
def test_naming_the_designs_own_clusters_drops_nothing_of_the_design(sampled, verb):
    high = sampled.assign(y=(sampled["y"] > 0).astype(float))
    answers = sg.survey_design(high, weights="w", strata="h", clusters="v")
    declared, named = verb(answers, "y ~ x").frame, verb(answers, "y ~ x", cluster="v").frame
    np.testing.assert_allclose(named[["std_error", "df"]], declared[["std_error", "df"]], rtol=1e-12)


@pytest.mark.parametrize("verb", [sg.logit, sg.ordered])
def test_other_clusters_than_the_designs_are_refused_by_every_model(sampled, verb):
    high = sampled.assign(y=(sampled["y"] > 0).astype(float))
    with pytest.raises(DataError, match="would ignore the declared design"):
        verb(sg.survey_design(high, weights="w", strata="h", clusters="v"), "y ~ x", cluster="h")


def test_without_strata_it_is_the_clustered_sandwich_with_its_own_factor(sampled):
    answers = sg.survey_design(sampled, clusters="v")
    by_design = sg.ols(answers, "y ~ x", vcov="design").frame["std_error"]
    cr0 = sg.ols(sampled, "y ~ x", vcov="CR0", cluster="v").frame["std_error"]
    np.testing.assert_allclose(by_design, cr0 * np.sqrt(12 / 11), rtol=1e-10)


def test_a_regression_on_the_constant_is_the_mean(sampled):
    answers = sg.survey_design(sampled, weights="w", strata="h", clusters="v")
    line, mean = sg.ols(answers, "y ~ 1").frame.iloc[0], sg.mean(answers, "y").frame.iloc[0]
    assert (line["estimate"], line["std_error"]) == pytest.approx((mean["estimate"], mean["std_error"]), rel=1e-10)
