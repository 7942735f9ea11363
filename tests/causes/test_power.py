"""The power of a plan to find the first cause, by simulated studies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sgsurvey as sg
from sgsurvey.errors import DesignError

QUESTIONNAIRES = Path(__file__).parents[2] / "questionnaires"
DRIVERS = ["MGT", "SUP"]


@pytest.fixture(scope="module")
def questionnaire():
    return sg.read_questionnaire(QUESTIONNAIRES)


@pytest.fixture(scope="module")
def found(questionnaire):
    population = sg.Population().scaled(townships=40)
    return sg.power_of_priorities(questionnaire, population, DRIVERS, studies=4, seed=3)


def test_a_large_plan_finds_a_cause_that_stands_alone(found):
    """Supervision works through management alone: its true effect is 0 while management is held."""
    truth = found.frame.set_index("term")
    assert truth.loc["SUP", "effect"] == pytest.approx(0, abs=1e-12)
    assert truth.loc["MGT", "first"] == 1
    assert found.power >= 0.75


def test_the_monte_carlo_error_is_printed(found):
    assert found.mc_error == pytest.approx(np.sqrt(found.power * (1 - found.power) / 4))
    assert found.conf_low <= found.power <= found.conf_high
    assert "Monte Carlo" in found.table(language="en").to_markdown()
    assert "模拟标准误" in found.table(language="zh").to_markdown()


def test_without_an_effect_there_is_nothing_to_find(questionnaire):
    with pytest.raises(DesignError, match="no driver has both"):
        sg.power_of_priorities(questionnaire, sg.Population.null(), DRIVERS, studies=2, seed=1)
    met = replace(sg.Population(), levels=dict.fromkeys(sg.Population().levels, 95.0))
    with pytest.raises(DesignError, match="no driver has both"):
        sg.power_of_priorities(questionnaire, met, DRIVERS, studies=2, seed=1)


@pytest.mark.parametrize("how", [{"studies": 1}, {"studies": 5000}, {"drivers": ["MGT"]}])
def test_too_few_and_too_many_are_refused(questionnaire, how):
    with pytest.raises(DesignError, match="asked for"):
        sg.power_of_priorities(questionnaire, sg.Population(), **{"drivers": DRIVERS, "seed": 1, **how})
