"""Weights and their errors beside R survey on its own data."""

import json

import numpy as np
import pytest
from reference_values import VALUES, assert_matches
from survey_samples import PEER, designed, frame, truths

import sgsurvey as sg

HALVES = json.loads((VALUES / "halves.json").read_text(encoding="utf-8"))
STYPE = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}


def compared(found, truth, statistic, data, near, why):
    pairs = [("est", "estimate"), *([("se", "std_error")] if "se" in truth else [])]
    for key, column in pairs:
        assert_matches(
            found.frame[column], truth[key], statistic=f"{statistic}, {column}", reference=PEER, data=data,
            why=why, rtol=near,
        )  # fmt: skip


@pytest.mark.shared
def test_margins_are_linearised_all_together_as_rs_calibrate_does():
    """R's rake() linearises margin by margin and says 31.73."""
    raked = sg.rake(designed("clus2"), {"stype": STYPE, "sch.wide": WIDE})
    assert sg.mean(raked, "api00").frame["std_error"].item() == pytest.approx(26.00, abs=0.005)


@pytest.fixture(scope="module")
def pairs():
    """nhanes without its strata of three units."""
    data = frame("nhanes")
    units = data.groupby("SDMVSTRA")["SDMVPSU"].transform("nunique")
    data = data[units == 2].reset_index(drop=True)
    return sg.survey_design(data, weights="WTMEC2YR", strata="SDMVSTRA", clusters="SDMVPSU")


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["BRR", "Fay"])
def test_balanced_halves_of_rs_own_hadamard_matrix_give_rs_errors(pairs, kind):
    """Which unit of each pair a replicate keeps is R's choice, handed to us as ``signs``."""
    truth = HALVES[kind]
    signs = np.array(truth["signs"])
    halves, around = (sg.replicate_weights(pairs, kind, rho=0.3, signs=signs, mse=mse) for mse in (False, True))
    close = {"rtol": 1e-10, "why": "closed form", "reference": PEER, "data": "nhanes, 14 pairs"}
    mean, ratio = sg.mean(halves, "HI_CHOL").frame.iloc[0], sg.ratio(halves, "HI_CHOL", "race").frame.iloc[0]
    assert_matches(
        [mean["estimate"], mean["std_error"], ratio["estimate"], ratio["std_error"], mean["df"]],
        [*truth["mean"], *truth["ratio"], truth["df"]],
        statistic=f"mean and ratio ({kind}, R's halves)",
        **close,
    )
    assert_matches(
        [sg.mean(around, "HI_CHOL").frame["std_error"].item(), *sg.ols(halves, "HI_CHOL ~ race").frame["std_error"]],
        [truth["mean_mse"], *truth["glm"]],
        statistic=f"mean about the estimate, linear model ({kind}, R's halves)",
        **close,
    )


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["BRR", "Fay"])
def test_balanced_halves_of_our_own_matrix_give_the_linearised_error_of_a_total(pairs, kind):
    halves = sg.replicate_weights(pairs, kind, rho=0.3)
    assert halves.design.replicates.weights.shape[1] == truths()["nhanes2:BRR:mean"]["nrep"]
    a, b = (sg.total(d, "HI_CHOL").frame["std_error"].item() for d in (halves, pairs))
    assert a == pytest.approx(b, rel=1e-10)


@pytest.mark.shared
def test_half_samples_that_came_with_data_are_used_as_they_are():
    """Levy and Lemeshow's ambulances: R's example of replicates without a design."""
    data = frame("scd")
    halves = 2.0 * np.array([[1, 0, 1, 0, 1, 0], [1, 0, 0, 1, 0, 1], [0, 1, 1, 0, 0, 1], [0, 1, 0, 1, 1, 0]]).T
    given = sg.Replicates("BRR", halves, 1 / 4, np.ones(4), 3)
    answers = sg.survey_design(data.assign(w=1.0), weights="w", replicates=given)
    compared(sg.total(answers, ["arrests", "alive"]), truths()["scd:BRR:total"], "totals (BRR)", "scd", 1e-12,
             "closed form")  # fmt: skip
    compared(sg.ratio(answers, "alive", "arrests"), truths()["scd:BRR:ratio"], "ratio (BRR)", "scd", 1e-12,
             "closed form")  # fmt: skip
    made = sg.replicate_weights(sg.survey_design(data.assign(w=1.0), weights="w", strata="ESA", clusters="ambulance"),
                                "BRR")  # fmt: skip
    compared(sg.total(made, ["arrests", "alive"]), truths()["scd:BRR:total"], "totals (BRR)", "scd", 1e-12,
             "closed form")  # fmt: skip
