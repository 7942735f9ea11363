import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy import stats

from sgsurvey.numerics.power import Trial

R = json.loads((VALUES / "concordance.json").read_text(encoding="utf-8"))
TRIAL = Trial(sd=18, icc=0.06, size=22, cv=0.35)


def test_power_of_a_trial_is_that_of_a_t_test_of_place_means():
    assert_matches(
        [TRIAL.design_effect, *(TRIAL.power(6, k) for k in (4, 9, 20))],
        [R["deff"], *R["power"]],
        statistic="trial of places: design effect, power with 4, 9 and 20 places in each arm",
        reference="R 4.2.2 power.t.test(strict = TRUE) of place means",
        data="SD 18, ICC .06, 22 persons, cv .35, difference 6",
        why="noncentral t of two libraries",
        rtol=1e-7,
    )
    assert_matches(
        [TRIAL.places_per_arm(6), TRIAL.detectable(15)],
        [np.ceil(R["needed"]), R["detectable"]],
        statistic="trial of places: places in each arm for 80 % power, smallest difference of 15",
        reference="R 4.2.2 power.t.test(strict = TRUE) of place means",
        data="SD 18, ICC .06, 22 persons, cv .35",
        why="roots of two searches",
        rtol=1e-6,
    )


def test_simulated_trials_find_the_difference_as_often():
    rng = np.random.default_rng(1)
    k, size, studies = 9, 22, 4000
    trial = Trial(sd=18, icc=0.06, size=size)
    place_sd = 18 * np.sqrt(0.06 + 0.94 / size)
    means = rng.normal(size=(studies, 2, k)) * place_sd + np.array([0.0, 6.0])[:, None]
    found = (stats.ttest_ind(means[:, 0], means[:, 1], axis=1).pvalue < 0.05).mean()
    assert trial.power(6, k) == pytest.approx(found, abs=4 * np.sqrt(0.25 / studies))


@given(st.floats(1, 20), st.floats(5, 30), st.floats(0, 0.3), st.floats(2, 60), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_the_places_are_the_fewest(difference, sd, icc, size, cv):
    trial = Trial(sd, icc, size, cv)
    k = trial.places_per_arm(difference)
    assert trial.power(difference, k) >= 0.8
    assert k == 2 or trial.power(difference, k - 1) < 0.8
    assert trial.detectable(int(k)) <= difference * (1 + 1e-9)


def test_nothing_to_find_takes_no_trial():
    assert np.isnan(TRIAL.places_per_arm(0.0))
    assert np.isnan(TRIAL.places_per_arm(-3.0))
    assert np.isnan(TRIAL.places_per_arm(float("nan")))
    assert np.isnan(TRIAL.places_per_arm(1e-6))
    assert np.isnan(TRIAL.detectable(1))
    assert Trial(0.0, 0.0, 5).places_per_arm(1.0) == 2
