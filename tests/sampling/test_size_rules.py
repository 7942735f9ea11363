"""Customary rules of sample size beside what there is."""

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.sampling.size_rules import krejcie_morgan

# Krejcie and Morgan (1970), table 1: population and sample.
PRINTED = {10: 10, 50: 44, 100: 80, 200: 132, 500: 217, 1000: 278, 2000: 322, 5000: 357, 10000: 370, 75000: 382}


@pytest.mark.parametrize(("population", "printed"), PRINTED.items())
def test_krejcie_and_morgans_table_comes_back(population, printed):
    assert round(krejcie_morgan(population, 0.05)) == printed


def test_without_end_it_is_cochrans_number_and_a_census_of_one():
    assert krejcie_morgan(np.inf, 0.05) == pytest.approx(1.959963984540054**2 / 4 / 0.05**2)
    assert krejcie_morgan(1, 0.05) == pytest.approx(1.0)


def answers(n=120, items=6):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.integers(1, 6, (n, items)), columns=[f"a{k}" for k in range(items)])
    return sg.responses(frame, {"A": list(frame)}, limits=(1, 5))


def met(found):
    return found.frame.set_index("rule")["met"].to_dict()


def test_each_rule_is_held_against_the_sample():
    found = sg.size_rules(answers(), ["A"], parameters=12)
    assert found.frame.set_index("rule")["needed"].to_dict() == {
        "efa": 100, "sem_indicators": 60, "sem_parameters": 60, "sem_least": 200, "krejcie_morgan": 385, "cochran": 385,
    }  # fmt: skip
    assert [rule for rule, good in met(found).items() if good] == ["efa", "sem_indicators", "sem_parameters"]
    assert "sem_parameters" not in met(sg.size_rules(answers(), ["A"]))


def test_cochrans_line_is_that_of_the_plan_and_precision_is_what_a_plan_would_reach():
    group = sg.Group(population=900, deff=1.7)
    found = sg.size_rules(answers(), ["A"], groups={"all": group})
    planned = sg.sample_size(sg.Goal.proportion(margin=0.05), group)
    assert found.frame.set_index("rule").loc["cochran", "needed"] == planned.frame["n"].item()
    half = found.precision["half_width"].item()
    assert half == pytest.approx(1.959963984540054 * np.sqrt(0.25 * 1.7 * (1 / 120 - 1 / 900)))
    assert planned.achieved({"all": 120})["reached"].item() == pytest.approx(half)


def test_groups_stand_by_themselves_and_an_unknown_one_is_refused():
    frame = answers().frame.assign(role=["a"] * 80 + ["b"] * 40)
    two = sg.responses(frame, {"A": [c for c in frame if c != "role"]}, limits=(1, 5), roles="role")
    found = sg.size_rules(two, ["A"], groups={"a": sg.Group(population=100)})
    assert found.frame.groupby("group")["n"].first().to_dict() == {"a": 80, "b": 40}
    assert found.frame.set_index(["group", "rule"]).loc[("a", "krejcie_morgan"), "met"]
    assert len([row for row in found.table().rows if row.kind == "group"]) == 2
    with pytest.raises(sg.DesignError, match="80 answers from a population of 8"):
        sg.size_rules(two, ["A"], groups={"a": sg.Group(population=8)})
    with pytest.raises(sg.DesignError, match="no group 'c'"):
        sg.size_rules(two, ["A"], groups={"c": sg.Group()})


def test_the_table_says_that_the_rules_are_conventions():
    table = sg.size_rules(answers(), ["A"]).table(language="en")
    assert any("Hou et al. (2004)" in note.en and note.en.startswith("†") for note in table.notes)
    assert "± 8.9% (design effect 1.00)" in str(table)
