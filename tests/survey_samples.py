"""R survey's data in ../shared with their designs, and what R survey 4.1.1 said of them."""

import json
from functools import cache

import pandas as pd
from reference_values import SHARED

import sgsurvey as sg

PEER = "R survey 4.1.1"
FOLDER = SHARED / "reference" / "survey_data"


@cache
def frame(name: str) -> pd.DataFrame:
    """One of the data sets."""
    return pd.read_csv(FOLDER / f"{name}.csv")


@cache
def truths() -> dict[str, dict]:
    """R's results by name (``clus1:mean:api00``): ``est``, ``se``, ``df``, ``deff``, ``ci``."""
    return json.loads((SHARED / "reference" / "survey_truth.json").read_text(encoding="utf-8"))["T"]


DESIGNS = ("strat", "clus1", "clus1nofpc", "clus2", "clus2wr")


def designed(name: str) -> sg.Responses:
    """The api samples as R's vignette designs them."""
    data = frame({"strat": "apistrat", "clus1": "apiclus1", "clus1nofpc": "apiclus1"}.get(name, "apiclus2"))
    how: dict[str, object] = {
        "strat": {"weights": "pw", "strata": "stype", "fpc": "fpc"},
        "clus1": {"weights": "pw", "clusters": "dnum", "fpc": "fpc"},
        "clus1nofpc": {"weights": "pw", "clusters": "dnum"},
        "clus2": {"clusters": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]},
        "clus2wr": {"weights": "pw", "clusters": "dnum"},
    }[name]
    return sg.survey_design(data, **how).showing(1)  # as published examples show them


def nhanes() -> sg.Responses:
    """8,591 people in two or three units of 15 strata."""
    return sg.survey_design(frame("nhanes"), weights="WTMEC2YR", strata="SDMVSTRA", clusters="SDMVPSU")
