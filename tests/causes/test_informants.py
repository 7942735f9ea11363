import numpy as np
import pandas as pd
import pytest
from small_county import DRIVERS, county

from sgsurvey.causes.informants import cross_informant, disattenuated, gather
from sgsurvey.causes.points import points
from sgsurvey.causes.township import MANY_PLACES, aligned, estimates, too_few, why_not


def informants_of(answers, drivers=DRIVERS):
    ratings = pd.DataFrame({d: points(answers, d) for d in drivers})
    frame = answers.frame
    return gather(ratings, points(answers, "SAT"), frame["role"], frame["township_id"], np.ones(len(frame)))


def whole(informants):
    return informants.moments.cov[None]


def test_it_is_the_regression_of_stacked_means_on_other_groups_means():
    answers = county(seed=3)
    found = informants_of(answers)
    means = answers.frame.groupby(["role", "township_id"])[["SAT1", "MGT1", "FUN1", "SUP1"]].mean()
    y, x = [], []
    for role in found.judges:
        others = np.mean([means.loc[r].to_numpy()[:, 1:] for r in found.groups if r != role], axis=0)
        own = means.loc[role].to_numpy()[:, 0]
        y.append(own - own.mean())
        x.append(others - others.mean(axis=0))
    expected = np.linalg.lstsq(np.vstack(x), np.concatenate(y), rcond=None)[0]
    assert cross_informant(found, whole(found))[0] == pytest.approx(expected, rel=1e-9)


def test_without_errors_both_forms_are_the_true_slopes():
    answers = county(townships=40, noise=0.0, halo=0.0, group_halo=0.0)
    truth = answers.frame.groupby("township_id")[["SAT1", "MGT1", "FUN1", "SUP1"]].mean().to_numpy()
    centred = truth - truth.mean(axis=0)
    expected = np.linalg.lstsq(centred[:, 1:], centred[:, 0], rcond=None)[0]
    found = informants_of(answers)
    assert cross_informant(found, whole(found))[0] == pytest.approx(expected, rel=1e-9)
    coefficients, smallest = disattenuated(found, whole(found))
    assert coefficients[0] == pytest.approx(expected, rel=1e-9)
    assert smallest[0] > 0.3


def test_leniency_that_a_group_shares_does_not_reach_the_coefficients():
    lenient, fair = county(townships=200, group_halo=12.0, slopes=(0, 0, 0)), county(townships=200, slopes=(0, 0, 0))
    for answers in (lenient, fair):
        found = informants_of(answers)
        assert np.abs(cross_informant(found, whole(found))[0]).max() < 0.08


def test_disattenuation_gives_back_what_few_answers_take():
    answers = county(townships=300, people=3, noise=14.0, slopes=(0.6, 0.4, 0.0))
    found = informants_of(answers)
    plain, free = cross_informant(found, whole(found))[0], disattenuated(found, whole(found))[0][0]
    assert plain[0] < 0.45
    assert free == pytest.approx([0.6, 0.4, 0.0], abs=0.1)


def test_the_order_of_drivers_does_not_matter():
    answers = county(townships=40, seed=4)
    a, b = informants_of(answers), informants_of(answers, ["SUP", "MGT", "FUN"])
    for form in (cross_informant, lambda i, c: disattenuated(i, c)[0]):
        assert form(a, whole(a))[0] == pytest.approx(form(b, whole(b))[0][[1, 2, 0]], rel=1e-9)


def test_a_group_in_few_places_is_no_informant_and_a_place_without_a_group_is_left_out():
    answers = county(townships=12)
    frame = answers.frame
    mostly_absent = frame["role"].eq("undertaker") & ~frame["township_id"].isin(["T00", "T01"])
    found = informants_of(answers.where(~mostly_absent))
    assert found.groups == ("post_holder", "villager")
    one_gap = frame["role"].eq("undertaker") & frame["township_id"].eq("T05")
    found = informants_of(answers.where(~one_gap))
    assert found.groups == ("undertaker", "post_holder", "villager")
    assert "T05" not in found.places
    assert len(found.places) == 11
    assert informants_of(answers.where(role="villager")) is None


def test_the_strong_form_is_for_many_places_and_three_groups():
    for townships, role, kinds in (
        (MANY_PLACES, None, ["cross_informant", "disattenuated"]),
        (MANY_PLACES - 1, None, ["cross_informant"]),
        (MANY_PLACES, ["undertaker", "villager"], ["cross_informant"]),
    ):
        answers = county(townships=townships)
        found = informants_of(answers if role is None else answers.where(role=role))
        g = len(found.places)
        assert list(estimates(found, np.vstack([np.ones(g), 1 - np.eye(g)]), checked=g + 1)) == kinds


def test_replicates_with_too_few_places_are_missing_and_others_are_not():
    found = informants_of(county(townships=12))
    counted = np.ones((2, 12))
    counted[1, 4:] = 0
    values = estimates(found, counted, checked=1)["cross_informant"]
    assert np.isfinite(values[0]).all()
    assert np.isnan(values[1]).all()


def test_factors_follow_the_names_of_places():
    found = informants_of(county(townships=12))
    factors = np.arange(26.0).reshape(2, 13)
    order = pd.Index(["T99", *reversed(found.places)])
    assert np.array_equal(aligned(found, order, factors), factors[:, :0:-1])


def test_gates_are_said_in_words():
    assert too_few(5, 1).en == "only 5 places (fewer than 6)"
    assert too_few(9, 3).en == "9 places cannot tell 3 drivers apart (more than 9 are needed)"
    assert too_few(10, 3) is None
    assert "places" in why_not(None, placed=True).en
    assert why_not(None, placed=False).zh == "没有地点信息"
