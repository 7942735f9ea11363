from dataclasses import replace

import numpy as np
import pytest

from sgsurvey.answers.population import Population
from sgsurvey.errors import DesignError

CHAIN = replace(Population(), slopes={("A", "B"): 0.5, ("B", "Y"): 0.4, ("A", "Y"): 0.1}, outcome="Y")


def test_total_effects_are_the_sum_over_paths_of_products_of_slopes():
    names = CHAIN.linked
    effects = CHAIN.effects()
    assert effects[names.index("Y"), names.index("A")] == pytest.approx(0.1 + 0.5 * 0.4)
    assert effects[names.index("Y"), names.index("B")] == pytest.approx(0.4)
    assert effects[names.index("A"), names.index("Y")] == 0
    np.testing.assert_allclose(np.diag(effects), 1)


def test_a_held_construct_passes_nothing_on():
    names = CHAIN.linked
    assert CHAIN.effects(held=("A", "B"))[names.index("Y"), names.index("A")] == pytest.approx(0.1)


def test_default_county_has_management_and_funding_as_its_two_direct_causes():
    slopes = Population().slopes
    assert {cause for cause, consequence in slopes if consequence == "SAT"} == {"MGT", "FUN", "EFS"}
    assert [consequence for cause, consequence in slopes if cause == "SUP"] == ["MGT"]


def test_null_differs_in_its_slopes_only():
    null = Population.null()
    assert set(null.slopes.values()) == {0.0}
    assert replace(null, slopes=Population().slopes) == Population()


def test_scaling_keeps_respondents_per_township():
    county, province = Population(), Population().scaled(townships=60)
    assert province.townships == 60
    for role, n in county.sizes.items():
        assert province.sizes[role] / 60 == pytest.approx(n / 12)


@pytest.mark.parametrize(
    "fault",
    [
        {"slopes": {("A", "B"): 1.0, ("B", "A"): 1.0}},
        {"slopes": {("A", "A"): 0.3}},
        {"townships": 0},
        {"townships": "twelve"},
        {"halo_sd": "wide"},
        {"levels": [70, 60]},
        {"sizes": {"villager": "many"}},
        {"sizes": {"villager": 0}},
        {"bots": 1.2},
        {"dont_know": {("villager", "FUN"): -0.1}},
        {"loading": 0.0},
        {"loadings": {"FUN1": 1.5}},
    ],
)
def test_an_impossible_population_is_refused(fault):
    with pytest.raises(DesignError):
        replace(Population(), **fault)
