"""Simulated coders know what was meant, and slip now and then."""

from dataclasses import replace

import pytest

import sgsurvey as sg
from sgsurvey.answers.simulate_coding import IDEAS, SLIPS, simulate_coding
from sgsurvey.errors import DataError

ITEMS = ["P_open2", "U_open3", "H_open3", "E_open1", "V_open1"]


@pytest.fixture(scope="module")
def answers():
    return sg.simulate(sg.read_questionnaire("questionnaires"), sg.Population().scaled(townships=24), seed=3)


@pytest.fixture(scope="module")
def coding(answers):
    return simulate_coding(answers, ITEMS, seed=5)


def test_the_codes_of_every_phrase_are_in_the_frame_of_stakeholders():
    frame = sg.CodingFrame.stakeholder()
    for ideas in IDEAS.values():
        for idea in ideas:
            for dimension, code in zip(frame.dimensions, idea.split("/"), strict=True):
                assert code in dimension.names


def test_each_coder_slips_as_often_as_is_said(answers, coding):
    words = answers.frame.set_index("resp_id")[ITEMS].bfill(axis=1).iloc[:, 0]
    main = coding.frame[coding.frame["idea"] == 1]
    for coder, own in main.groupby("coder"):
        meant = own["row"].map(words).map(lambda text: IDEAS[text][0].split("/")[0])
        wrong = (own["aspect"] != meant).mean()
        n = len(own)
        assert abs(wrong - SLIPS[coder]) < 4 * (SLIPS[coder] * (1 - SLIPS[coder]) / n) ** 0.5
    second = coding.frame[coding.frame["idea"] == 2].groupby("coder").size()
    assert second["A"] > second["B"]


def test_they_agree_well_and_not_wholly(coding):
    found = sg.coder_agreement(coding).frame
    main = found[(found["dimension"] == "aspect") & found["code"].isna()].iloc[0]
    assert 0.7 < main["kappa"] < 0.95
    assert coding.basis.simulated


def test_the_same_seed_gives_the_same_codes(answers, coding):
    assert simulate_coding(answers, ITEMS, seed=5).frame.equals(coding.frame)
    assert not simulate_coding(answers, ITEMS, seed=6).frame.equals(coding.frame)


def test_what_people_wrote_is_coded_by_people(answers):
    with pytest.raises(DataError, match="people code what people wrote"):
        simulate_coding(replace(answers, simulated=False), ITEMS, seed=5)
