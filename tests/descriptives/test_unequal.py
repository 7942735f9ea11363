"""Estimation under unequal probabilities beside R survey's own sample of counties, and by identities."""

import json

import numpy as np
import pandas as pd
import pytest
from reference_values import DATA, VALUES, assert_matches
from survey_samples import PEER

import sgsurvey as sg
from sgsurvey.errors import DesignError

R = json.loads((VALUES / "pps.json").read_text(encoding="utf-8"))
COUNTIES = "election of 2004, 40 counties"


@pytest.fixture(scope="module")
def counties():
    frame = pd.read_csv(DATA / "election.csv", skipinitialspace=True)
    frame = frame.assign(half=(frame["Bush"] > frame["Kerry"]).astype(float), third=(frame["Nader"] > 0).astype(float))
    return frame.assign(block=np.arange(40) // 4, h=np.arange(40) % 2)


def joint():
    return pd.read_csv(DATA / "election_joint.csv", header=None).to_numpy()


KINDS = {
    "brewer": lambda: sg.PPS("p"),
    "overton_ht": lambda: sg.PPS("p", "overton", "horvitz_thompson"),
    "overton_yg": lambda: sg.PPS("p", "overton"),
    "joint_ht": lambda: sg.PPS("p", "joint", "horvitz_thompson", joint()),
    "joint_yg": lambda: sg.PPS("p", "joint", joint=joint()),
    "hartley_ht": lambda: sg.PPS("p", "hartley_rao", "horvitz_thompson", squares=R["squares"]),
    "hartley_yg": lambda: sg.PPS("p", "hartley_rao", squares=R["squares"]),
    "replacement": None,
}


def designed(counties, kind):
    how = KINDS[kind]
    return sg.survey_design(counties, weights="wt") if how is None else sg.survey_design(counties, fpc=how())


def numbers(found):
    return found.frame["estimate"].tolist(), found.frame["std_error"].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_totals_means_ratios_and_domains_are_those_of_r_survey(counties, kind):
    answers, truth = designed(counties, kind), R["designs"][kind]
    total, error = numbers(sg.total(answers, ["Bush", "Kerry", "Nader"]))
    mean = sg.mean(answers, "Bush").frame.iloc[0]
    ratio, by = sg.ratio(answers, "Bush", "Kerry").frame.iloc[0], sg.total(answers, "votes", by="half")
    assert_matches(
        [*total, *error, mean["estimate"], mean["std_error"], mean["deff"], ratio["estimate"], ratio["std_error"]],
        [*truth["total"], *truth["total_se"], *truth["mean"], *truth["ratio"]],
        statistic=f"totals, mean with deff and ratio, unequal probabilities ({kind})",
        reference=f"{PEER} svydesign(pps=)",
        data=COUNTIES,
        why="closed form; R prints 15 digits of matrices with entries of 1e-8",
        rtol=1e-9,
    )
    assert_matches(
        [*by.frame["estimate"], *by.frame["std_error"], mean["df"]],
        [*truth["by"], *truth["by_se"], truth["df"]],
        statistic=f"totals of domains, unequal probabilities ({kind})",
        reference=f"{PEER} svydesign(pps=)",
        data=COUNTIES,
        why="closed form",
        rtol=1e-9,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_models_under_unequal_probabilities_are_those_of_svyglm(counties, kind):
    answers, truth = designed(counties, kind), R["designs"][kind]
    linear = sg.ols(answers, "Bush ~ votes", vcov="design").frame
    logit = sg.logit(answers, "half ~ third").frame
    assert_matches(
        [*linear["estimate"], *linear["std_error"]],
        [*truth["glm"], *truth["glm_se"]],
        statistic=f"linear model, unequal probabilities ({kind})",
        reference=f"{PEER} svyglm",
        data=COUNTIES,
        why="closed form",
        rtol=1e-9,
    )
    assert_matches(
        [*logit["estimate"], *logit["std_error"]],
        [*truth["logit"], *truth["logit_se"]],
        statistic=f"logit, unequal probabilities ({kind})",
        reference=f"{PEER} svyglm",
        data=COUNTIES,
        why="R's iteration ends at 1e-14 of the deviance",
        rtol=1e-7,
    )


def test_a_county_far_out_is_no_separation(counties):
    """Los Angeles lies 30 logits from the mean, where R's glm cuts: the score is 0 all the same."""
    data = counties.assign(size=np.log(counties["votes"]))
    beta = sg.logit(sg.survey_design(data, weights="wt"), "half ~ size").frame["estimate"].to_numpy()
    x = np.column_stack([np.ones(40), data["size"]])
    share = data["wt"].to_numpy() / data["wt"].sum()
    assert np.abs(x @ beta - share @ x @ beta).max() > 30
    np.testing.assert_allclose(x.T @ (share * (data["half"] - 1 / (1 + np.exp(-x @ beta)))), 0, atol=1e-11)


def test_strata_and_a_second_stage_under_unequal_probabilities_are_those_of_r_survey(counties):
    inner = counties.assign(
        unit_p=counties.groupby("block")["p"].transform("mean"), inside=9, person=np.arange(len(counties))
    )
    strata = sg.survey_design(counties, strata="h", fpc=sg.PPS("p"))
    stages = sg.survey_design(inner, clusters=["block", "person"], fpc=[sg.PPS("unit_p"), "inside"])
    for answers, name in ((strata, "strata"), (stages, "stages")):
        total, ratio = sg.total(answers, "Bush").frame.iloc[0], sg.ratio(answers, "Bush", "votes").frame.iloc[0]
        assert_matches(
            [total["estimate"], total["std_error"], ratio["estimate"], ratio["std_error"], total["df"]],
            R[name],
            statistic=f"total and ratio, Brewer's approximation under {name}",
            reference=f"{PEER} svydesign(pps='brewer')",
            data=COUNTIES,
            why="closed form",
            rtol=1e-10,
        )


@pytest.mark.parametrize("kind", ["brewer", "overton_yg", "joint_yg", "hartley_yg", "replacement"])
def test_a_total_proportional_to_the_probabilities_has_no_error(counties, kind):
    found = sg.total(designed(counties, kind), "votes").frame.iloc[0]
    assert found["std_error"] < 1e-6 * found["estimate"]


def test_rows_in_another_order_with_their_matrix_give_the_same(counties):
    order = np.random.default_rng(1).permutation(40)
    one = sg.survey_design(counties, fpc=sg.PPS("p", "joint", joint=joint()))
    other = sg.survey_design(counties.iloc[order], fpc=sg.PPS("p", "joint", joint=joint()[np.ix_(order, order)]))
    np.testing.assert_allclose(
        *(sg.total(a, "Bush").frame[["estimate", "std_error"]] for a in (one, other)), rtol=1e-10
    )


def test_a_sample_that_is_saved_keeps_its_joint_probabilities(counties, tmp_path):
    answers = sg.survey_design(counties, fpc=sg.PPS("p", "joint", joint=joint()))
    answers.save(tmp_path / "counties.parquet")
    back = sg.load(tmp_path / "counties.parquet")
    np.testing.assert_array_equal(*(sg.total(a, "Bush").frame["std_error"] for a in (answers, back)))


def test_the_note_names_the_approximation(counties):
    page = sg.mean(designed(counties, "hartley_yg"), "Bush").table(language="en").to_markdown()
    assert "Hartley and Rao's approximation" in page
    assert "不等概率" in sg.mean(designed(counties, "brewer"), "Bush").table(language="zh").to_markdown()


def test_what_contradicts_itself_is_refused(counties):
    with pytest.raises(DesignError, match="above 0 and at most 1"):
        sg.survey_design(counties, fpc=sg.PPS("votes"))
    with pytest.raises(DesignError, match="one for each unit"):
        sg.survey_design(counties, clusters="block", fpc=sg.PPS("p"))
    with pytest.raises(DesignError, match="needs joint="):
        sg.survey_design(counties, fpc=sg.PPS("p", "joint"))
    with pytest.raises(DesignError, match="40 units must be a symmetric matrix"):
        sg.survey_design(counties, fpc=sg.PPS("p", "joint", joint=np.eye(40)))
    with pytest.raises(DesignError, match="first stage alone"):
        sg.survey_design(counties, clusters=["h", "block"], fpc=["wt", sg.PPS("p")])
    with pytest.raises(DesignError, match="the design has unequal ones"):
        sg.replicate_weights(designed(counties, "brewer"), "JK1")
