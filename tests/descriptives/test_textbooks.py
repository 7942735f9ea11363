"""Textbook examples typed in, which run everywhere: what SUDAAN and other programs print of eight to fifteen rows.

Of the list in ../shared/methods/survey_design.md two cannot be typed in: Lohr's (agsrs, agstrat, gpa, algebra: the page
gives figures, not the 300 rows), and those of Levy and Lemeshow beyond the hospitals (the rows are in files of theirs).
"""

import itertools

import numpy as np
import pandas as pd
import pytest
from reference_values import assert_matches

import sgsurvey as sg

LEHTONEN = "Lehtonen and Pahkinen by SUDAAN (UCLA), {}"


def estimate(found, row=0):
    return found.frame[["estimate", "std_error"]].to_numpy(dtype=float)[row]


def rows(text, columns):
    return pd.DataFrame([[float(cell) for cell in line.split()] for line in text.strip().splitlines()], columns=columns)


MU284 = pd.DataFrame(
    {
        "id1": [19, 45, 47, 50, 31] * 3,
        "n1": 50,
        "id2": [1] * 5 + [2] * 5 + [3] * 5,
        "y1": [41, 49, 31, 39, 49, 49, 49, 31, 41, 51, 49, 45, 35, 61, 33],
        "n2": [5, 8, 5, 9, 7] * 3,
    }
)
HOSPITAL = pd.DataFrame(
    {
        "oblevel": [1] * 4 + [2] * 5 + [3] * 6,
        "tothosp": [42] * 4 + [99] * 5 + [17] * 6,
        "births": [480, 426, 342, 174, 2022, 576, 1999, 482, 836, 3108, 4674, 2539, 1610, 4618, 1781],
    }
)


def test_the_two_stage_example_of_sarndal_swensson_and_wretman():
    found = sg.total(sg.survey_design(MU284, clusters=["id1", "id2"], fpc=["n1", "n2"]), "y1").frame.iloc[0]
    assert_matches(
        [found["estimate"], found["std_error"] ** 2],
        [15080, 5172234],
        statistic="total and its variance under two stages",
        reference="Särndal, Swensson and Wretman (1992), example 4.3.2",
        data="MU284, 15 municipalities",
        why="printed as whole numbers",
        atol=0.5,
    )


def test_the_hospital_example_of_levy_and_lemeshow():
    """SUDAAN's figures as UCLA prints them."""
    answers = sg.survey_design(HOSPITAL, strata="oblevel", fpc="tothosp").showing(1)
    mean, total = sg.mean(answers, "births").frame.iloc[0], sg.total(answers, "births").frame.iloc[0]
    by = sg.mean(answers, "births", by="oblevel").frame
    printed = {"reference": "Levy and Lemeshow by SUDAAN (UCLA)", "data": "hospital births, 15 rows"}
    assert_matches(
        [mean["estimate"], *by["estimate"]],
        [1164.4, 355.5, 1183, 3055],
        statistic="mean of a stratified sample",
        why="printed with four or five digits",
        rtol=5e-4,
        **printed,
    )
    assert_matches(
        by["std_error"],
        [63.56802, 334.01701, 441.67075],
        statistic="standard errors of stratum means",
        why="printed with five decimals",
        atol=5e-6,
        **printed,
    )
    assert_matches(
        [mean["std_error"], total["estimate"], total["std_error"]],
        [215.28, 183983, 34014],
        statistic="standard error of a stratified mean; total",
        why="printed with five digits",
        rtol=5e-5,
        **printed,
    )


def test_the_stratified_municipalities_of_lehtonen_and_pahkinen():
    data = rows(
        """1 1 4123 33786 7
        1 2 666 6016 7
        1 4 760 5919 7
        1 6 457 3022 7
        2 21 61 573 25
        2 25 262 1737 25
        2 26 331 2543 25
        2 27 98 545 25""",
        ["str", "clu", "ue91", "lab91", "fpc"],
    )
    answers = sg.survey_design(data, strata="str", clusters="clu", fpc="fpc")
    said = {"reference": LEHTONEN.format("p. 74"), "data": "Province'91, 8 rows"}
    mean, ratio = estimate(sg.mean(answers, "ue91")), estimate(sg.ratio(answers, "ue91", "lab91"))
    assert_matches(mean, [475.33, 133.73], statistic="mean, stratified", why="two decimals", atol=0.005, **said)
    assert_matches(ratio[0], 0.1277788, statistic="ratio, stratified", why="seven digits", atol=5e-8, **said)
    assert_matches(ratio[1], 0.003173564, statistic="ratio's error", why="nine decimals", atol=5e-10, **said)


def test_the_certain_town_of_lehtonen_and_pahkinen():
    """A town drawn with certainty: a stratum of one; without and with the correction of the other 31."""
    data = rows(
        """2 1 1 4123
        1 10 1.004 1623
        1 4 1.893 760
        1 7 2.173 767
        1 32 2.971 568
        1 26 4.762 331
        1 18 6.335 187
        1 13 13.730 129""",
        ["str", "clu", "wt", "ue91"],
    ).assign(fpc=[1] + [31] * 7, many=[1] + [1e10] * 7)
    how = {"weights": "wt", "strata": "str", "clusters": "clu"}
    said = {"reference": LEHTONEN.format("p. 60"), "data": "Province'91, 8 rows", "why": "two decimals"}
    ways = {
        "certainty": sg.survey_design(data, lonely="certainty", **how),
        "a stratum without end": sg.survey_design(data, fpc="many", **how),
        "correction": sg.survey_design(data, fpc="fpc", **how),
    }
    for name, answers in ways.items():
        error = 132.39 if name == "correction" else 150.47
        total = [15077, 458.53] if name == "correction" else [15077, 521.12]
        assert_matches(estimate(sg.mean(answers, "ue91")), [445.18, error],
                       statistic=f"mean, certain unit ({name})", atol=0.005, **said)  # fmt: skip
        assert_matches(estimate(sg.total(answers, "ue91"))[1], total[1],
                       statistic=f"total's error, certain unit ({name})", atol=0.005, **said)  # fmt: skip
        assert estimate(sg.total(answers, "ue91"))[0] == pytest.approx(total[0], abs=0.5)


def test_the_clusters_of_lehtonen_and_pahkinen():
    data = rows(
        """2 666 6016
        2 528 3818
        2 760 5919
        2 187 1448
        8 129 927
        8 128 819
        8 331 2543
        8 568 4011""",
        ["clu", "ue91", "lab91"],
    ).assign(wt=4.0, fpc=32)
    answers = sg.survey_design(data, weights="wt", clusters="clu", fpc="fpc")
    said = {"reference": LEHTONEN.format("p. 29"), "data": "Province'91, 8 rows"}
    totals = sg.total(answers, ["ue91", "lab91"]).frame
    assert totals["estimate"].tolist() == [13188, 102004]
    assert_matches(totals["std_error"], [3814.9, 34473.4], statistic="totals, clusters", why="one decimal", atol=0.05,
                   **said)  # fmt: skip
    ratio = estimate(sg.ratio(answers, "ue91", "lab91"))
    assert_matches(ratio[0], 0.1292890, statistic="ratio, clusters", why="seven digits", atol=5e-8, **said)
    assert_matches(ratio[1], 0.006295318, statistic="ratio's error, clusters", why="nine decimals", atol=5e-10, **said)
    jackknifed = estimate(sg.ratio(sg.replicate_weights(answers, "JK1"), "ue91", "lab91"))[1]
    assert_matches(jackknifed, 0.007168699, statistic="ratio's error, jackknife", why="nine decimals", atol=5e-10,
                   reference="R survey as quoted for p. 29", data=said["data"])  # fmt: skip


def test_the_post_strata_of_lehtonen_and_pahkinen():
    data = pd.DataFrame(
        {"ue91": [4123.0, 760, 721, 142, 187, 331, 127, 219], "size": [1, 1, 1, 2, 2, 2, 2, 2], "wt": 4.0, "fpc": 32}
    )
    answers = sg.poststratify(sg.survey_design(data, weights="wt", fpc="fpc").showing(1), {"size": {1: 7, 2: 25}})
    said = {"reference": LEHTONEN.format("post-stratified"), "data": "Province'91, 8 rows"}
    by, totals = sg.mean(answers, "ue91", by="size").frame, sg.total(answers, "ue91", by="size").frame
    assert_matches(estimate(sg.mean(answers, "ue91")), [565.81, 187.93], statistic="mean, post-strata",
                   why="two decimals", atol=0.005, **said)  # fmt: skip
    assert_matches(estimate(sg.total(answers, "ue91"))[1], 6013.6, statistic="total's error, post-strata",
                   why="one decimal", atol=0.05, **said)  # fmt: skip
    np.testing.assert_allclose(by["estimate"], [1868.0, 201.2], rtol=1e-12)
    assert_matches(by["std_error"], [852.35238, 30.07237], statistic="domains of post-strata", why="five decimals",
                   atol=5e-6, **said)  # fmt: skip
    assert_matches(totals["std_error"], [5966.4666, 751.8092], statistic="totals of post-strata", why="four decimals",
                   atol=5e-5, **said)  # fmt: skip


KALTON = {
    "sample": [20, 50, 100, 30, 40, 140, 50, 100, 40, 310, 50, 70],
    "population": [80, 60, 170, 55, 40, 150, 60, 165, 55, 340, 200, 125],
}
TABLES = {
    "raking (B)": ([1.81, 1.45, 2.02, 1.08, 0.87, 1.21, 2.20, 1.76, 2.45, 1.83, 1.47, 2.04], {"distance": "raking"}),
    "linear (C)": ([1.82, 1.50, 1.97, 1.09, 0.78, 1.24, 2.19, 1.88, 2.34, 1.83, 1.52, 1.98], {"distance": "linear"}),
    "logit (G)": (
        [1.87, 1.46, 1.98, 1.08, 0.74, 1.27, 2.17, 2.09, 2.18, 1.89, 1.49, 1.99],
        {"distance": "logit", "bounds": (0.5, 2.2)},
    ),
    "truncated linear": (
        [1.81, 1.48, 1.99, 1.08, 0.75, 1.26, 2.20, 2.00, 2.20, 1.83, 1.50, 2.00],
        {"distance": "linear", "bounds": (0.5, 2.2)},
    ),
    "regression (D)": ([1.21, 1.17, 1.14, 1.43, 1.40, 1.36, 1.66, 1.62, 1.59, 1.88, 1.85, 1.81], None),
    "cells (A)": ([4.00, 1.00, 1.375, 1.20, 1.07, 1.10, 1.70, 1.20, 4.00, 1.83, 1.65, 1.79], None),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_weighting_tables_of_kalton_and_flores_cervantes(name):
    """A thousand people in twelve cells (four by three), and what weights do to each cell."""
    printed, how = TABLES[name]
    cells = pd.DataFrame(list(itertools.product((1, 2, 3), (1, 2, 3, 4))), columns=["b", "a"])
    people = cells.loc[cells.index.repeat(KALTON["sample"])].reset_index(drop=True)
    everybody = cells.assign(n=KALTON["population"])
    counts = {c: everybody.groupby(c)["n"].sum().to_dict() for c in ("a", "b")}
    answers = sg.survey_design(people)
    if name.startswith("cells"):
        made = sg.poststratify(answers, everybody.rename(columns={"n": "count"}))
    elif name.startswith("regression"):
        totals = {c: float((everybody[c] * everybody["n"]).sum()) for c in ("a", "b")}
        made = sg.calibrate(answers, totals, population=float(everybody["n"].sum()))
    else:
        made = sg.calibrate(answers, counts, **how)
    ratio = people.assign(w=made.weights).groupby(["a", "b"])["w"].mean()
    assert_matches(
        ratio.to_numpy(),
        printed,
        statistic=f"ratio of weights in each cell, {name}",
        reference="Kalton and Flores-Cervantes (2003), Journal of Official Statistics 19, 81-97 (as R survey has them)",
        data="1,000 rows from twelve counts",
        why="two decimals",
        atol=0.0051,
    )


def test_domains_of_the_eight_rows_of_r_surveys_note():
    """R survey's data set fpc and its note on domains: with and without replacement, the mean of those above 4."""
    data = pd.DataFrame({"h": [1] * 5 + [2] * 3, "N": [15] * 5 + [12] * 3, "weight": [3.0] * 5 + [4.0] * 3})
    data = data.assign(x=[2.8, 4.1, 6.8, 6.8, 9.2, 3.7, 6.6, 4.2], above=lambda d: d["x"] > 4)
    by = sg.mean(sg.survey_design(data, weights="weight", strata="h").showing(1), "x", by="above").frame
    assert_matches(
        [*by["estimate"], *by["std_error"]],
        [3.314286, 6.195, 0.3117042, 0.7555129],
        statistic="means of domains of a stratified sample",
        reference="R survey, note on domains",
        data="fpc, 8 rows",
        why="printed with seven digits",
        rtol=2e-7,
    )


def test_a_domain_of_mu284_under_two_stages():
    data = MU284.assign(above=MU284["y1"] > 40)
    by = sg.mean(sg.survey_design(data, clusters=["id1", "id2"], fpc=["n1", "n2"]), "y1", by="above").frame
    assert_matches(
        by[["estimate", "std_error"]].to_numpy()[1],
        [48.69014, 1.108825],
        statistic="mean of a domain under two stages",
        reference="R survey, note on domains",
        data="MU284, 15 municipalities",
        why="printed with seven digits",
        rtol=5e-7,
    )


def test_the_design_effects_of_tsuchiya():
    """Ten firms; weights of a simple sample and of one by size; ``deff = "replace"`` leaves out ``1 - n / N``."""
    sales = [15.0, 143, 21, 51, 337, 50, 274, 145, 15, 86]
    data = pd.DataFrame({"y": sales, "srs": 100.0, "pps": [20.0, 200, 11, 25, 550, 30, 250, 100, 10, 55]})
    simple, sized = (sg.survey_design(data, weights=w) for w in ("srs", "pps"))
    said = {"reference": "R survey's test by Tsuchiya", "data": "ten firms"}
    one, other, total = (f(d, "y").frame.iloc[0] for f, d in ((sg.mean, simple), (sg.mean, sized), (sg.total, sized)))
    assert_matches([one["estimate"], one["std_error"], other["estimate"], other["std_error"]],
                   [113.7, 35.626, 243.914, 48.752], statistic="means by two sets of weights",
                   why="three decimals", atol=5e-4, **said)  # fmt: skip
    assert_matches([one["deff"], other["deff"] * (1 - 10 / 1251), total["deff"] * (1 - 10 / 1251)],
                   [1.010101, 1.974067, 18.15669], statistic="design effects", why="seven digits", rtol=3e-7,
                   **said)  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize(("lonely", "error"), [("certainty", 5.8058), ("adjust", 5.8281), ("average", 6.0096)])
def test_what_lonely_units_add_is_what_r_says(lonely, error):
    from survey_samples import frame

    answers = sg.survey_design(frame("apiclus1"), weights="pw", strata="dnum", lonely=lonely)
    assert_matches(estimate(sg.mean(answers, "api00")), [644.17, error], statistic=f"lonely units ({lonely})",
                   reference="R survey's test of lonely units", data="api, clus1", why="five digits",
                   rtol=1e-5)  # fmt: skip
