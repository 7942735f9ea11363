from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from small_county import DRIVERS, county

import sgsurvey as sg
from sgsurvey.causes.evidence import collect
from sgsurvey.causes.grades import checked
from sgsurvey.causes.resampling import Plan
from sgsurvey.causes.specifications import Choice, specifications
from sgsurvey.errors import DesignError, EstimationError

FRAME = {"cluster": "township_id"}


@pytest.fixture(scope="module")
def answers():
    return county(townships=14)


@pytest.fixture(scope="module")
def found(answers):
    return sg.robustness(answers, "SAT", DRIVERS, seed=1, **FRAME)


def least_squares(answers, formula, **changes):
    frame = answers.frame.rename(columns=lambda name: name.removesuffix("1"))
    return smf.ols(formula, frame.assign(**changes)).fit()


def test_the_headline_is_the_pooled_regression(answers, found):
    fit = least_squares(answers, "SAT ~ MGT + FUN + SUP + C(role)")
    assert found.frame["estimate"].to_numpy() == pytest.approx(fit.params[DRIVERS].to_numpy(), rel=1e-9)
    t = fit.tvalues[DRIVERS].to_numpy()
    assert found.frame["partial_r2"].to_numpy() == pytest.approx(t**2 / (t**2 + fit.df_resid), rel=1e-9)
    assert found.n == len(answers)


def test_one_place_left_out_by_refitting(answers, found):
    formula, places = "SAT ~ MGT + FUN + SUP + C(role)", answers.frame["township_id"]
    slopes = {place: least_squares(answers.where(places != place), formula).params for place in places.unique()}
    for line in found.frame.to_dict("records"):
        each = {place: slope[line["term"]] for place, slope in slopes.items()}
        assert line["without_low"] == pytest.approx(min(each.values()), rel=1e-9)
        assert line["place_high"] == max(each, key=each.get)


@pytest.mark.parametrize(
    ("choice", "formula"),
    [
        (Choice("SAT", "none", "none", "all", "all"), "SAT ~ FUN"),
        (Choice("SAT", "groups", "all", "all", "all"), "SAT ~ FUN + MGT + SUP + C(role)"),
        (Choice("SAT", "groups", "without MGT", "without villager", "all"), "SAT ~ FUN + SUP + C(role)"),
        (Choice("SAT", "groups", "all", "all", "within"), "SAT ~ FUN + MGT + SUP + C(role) + C(township_id)"),
    ],
)
def test_specifications_by_refitting(answers, found, choice, formula):
    rows = found.curve("FUN").set_index(list(Choice._fields))
    used = answers if choice.respondents == "all" else answers.where(answers.frame["role"] != "villager")
    fit = least_squares(used, formula)
    line = rows.loc[tuple(choice)]
    assert line["estimate"] == pytest.approx(fit.params["FUN"], rel=1e-9)
    assert line["n"] == fit.nobs


def test_between_places_it_is_the_regression_of_weighted_means(answers, found):
    means = answers.frame.groupby("township_id")[["SAT1", "FUN1"]].mean()
    line = found.curve("FUN").set_index(list(Choice._fields)).loc[("SAT", "none", "none", "all", "between")]
    assert line["estimate"] == pytest.approx(np.polyfit(means["FUN1"], means["SAT1"], 1)[0], rel=1e-9)


def test_errors_are_the_jackknife_over_places(answers, found):
    places = answers.frame["township_id"].unique()
    slopes = np.array([
        least_squares(answers.where(answers.frame["township_id"] != p), "SAT ~ FUN").params["FUN"] for p in places
    ])  # fmt: skip
    line = found.curve("FUN").set_index(list(Choice._fields)).loc[("SAT", "none", "none", "all", "all")]
    g = len(places)
    assert line["std_error"] == pytest.approx(np.sqrt((g - 1) / g * ((slopes - line["estimate"]) ** 2).sum()), rel=1e-9)


def test_every_specification_is_there_once_and_the_frame_sums_them_up(found):
    for line in found.frame.to_dict("records"):
        curve = found.curve(line["term"])
        assert not curve.duplicated(list(Choice._fields)).any()
        assert line["specifications"] == len(curve)
        assert line["median"] == pytest.approx(curve["estimate"].median())
        assert (line["lowest"], line["highest"]) == (curve["estimate"].min(), curve["estimate"].max())
        sign = np.sign(line["median"])
        assert line["same_sign"] == pytest.approx((np.sign(curve["estimate"]) == sign).mean())
        sure = (curve["p_value"] < 0.05) & (np.sign(curve["estimate"]) == sign)
        assert line["significant"] == pytest.approx(sure.mean())


def test_the_joint_test_keeps_its_size_and_finds_what_is_there():
    """Without any association about one in twenty counties has p < .05; with a strong one nearly all."""
    rng = np.random.default_rng(12)

    def p_of(slope):
        x = rng.normal(50, 10, 240) + np.repeat(4 * rng.normal(size=20), 12)
        y = 50 + slope * (x - 50) + 8 * rng.normal(size=240) + np.repeat(4 * rng.normal(size=20), 12)
        frame = pd.DataFrame({"x": x, "y": y, "place": np.repeat(np.arange(20), 12)})
        given = sg.responses(frame, {"X": ["x"], "Y": ["y"]}, limits=(-100, 200))
        evidence = collect(given, "Y", ["X"], cluster="place")["all"]
        plan = Plan.of(20, draws=199, seed=3)
        everyone = {"all": np.ones(240, dtype=bool)}
        return specifications(evidence, evidence.frame[["Y"]], everyone, plan, pd.Index(range(20)))["X"].joint_p()

    null = np.mean([p_of(0.0) < 0.05 for _ in range(200)])
    assert abs(null - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 200)
    assert np.mean([p_of(0.5) < 0.05 for _ in range(20)]) == 1


def test_suspects_are_left_out_and_put_back_as_a_choice(answers):
    suspects = pd.Series(np.arange(len(answers)) % 40 == 0, index=answers.frame.index)
    found = sg.robustness(answers, "SAT", DRIVERS, suspects=suspects, seed=1, **FRAME)
    without = sg.robustness(answers.where(~suspects), "SAT", DRIVERS, seed=1, **FRAME)
    assert found.frame["estimate"].to_numpy() == pytest.approx(without.frame["estimate"].to_numpy())
    assert found.dropped == {"suspect": int(suspects.sum())}
    assert "with suspects" in set(found.specifications["respondents"])
    assert len(found.curve("MGT")) > len(without.curve("MGT"))


def test_bounds_name_the_covariate_that_would_take_most_away(answers, found):
    once = found.bounds[found.bounds["times"] == 1]
    for line in found.frame.to_dict("records"):
        mine = once[once["term"] == line["term"]]
        toward = mine["adjusted"] * np.sign(line["estimate"])
        assert line["strongest"] == mine.loc[toward.idxmin(), "covariate"]
        assert line["adjusted_1"] == pytest.approx(toward.min() * np.sign(line["estimate"]))
        assert found.withstands(line["term"]) == (line["rv_alpha"] >= line["strongest_r2"])
    assert set(once["covariate"]) == {*DRIVERS, "role"}


def test_the_robustness_value_has_the_lower_limit_of_its_jackknife(found):
    assert (found.frame["rv_low"] < found.frame["rv"]).all()
    assert (found.frame["rv_alpha"] < found.frame["rv"]).all()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 500), st.floats(0.1, 10), st.floats(-40, 40))
def test_units_of_answers_do_not_matter(seed, scale, shift):
    answers = county(seed=seed, townships=10)
    columns = [f"{c}1" for c in ["SAT", *DRIVERS]]
    frame = answers.frame.copy()
    frame[columns] = shift + scale * frame[columns]
    low, high = shift, shift + 100 * scale
    rescaled = sg.responses(frame, {c.removesuffix("1"): [c] for c in columns}, limits=(low, high), roles="role")
    a, b = (sg.robustness(each, "SAT", DRIVERS, seed=2, **FRAME).frame for each in (answers, rescaled))
    numbers = a.select_dtypes("number").columns
    assert b[numbers].to_numpy() == pytest.approx(a[numbers].to_numpy(), rel=1e-6, abs=1e-9, nan_ok=True)


def test_without_places_rows_are_resampled(answers):
    found = sg.robustness(answers, "SAT", ["MGT", "FUN"], seed=1)
    assert found.places == len(answers)
    assert set(found.specifications["level"]) == {"all"}


def test_few_places_and_facts_are_refused(answers):
    with pytest.raises(EstimationError, match="4 places are too few"):
        sg.robustness(county(townships=4), "SAT", ["MGT"], seed=1, **FRAME)
    with pytest.raises(DesignError, match="not rated by respondents"):
        sg.robustness(answers.join(facts(answers), on="township_id"), "SAT", ["MGT", "budget"], seed=1, **FRAME)


def facts(answers):
    places = answers.frame["township_id"].unique()
    return pd.DataFrame({"township_id": places, "budget": np.arange(len(places)) ** 2.0})


def test_the_figure_marks_each_choice_of_each_specification(found):
    ax = found.plot(term="SUP", language="zh")
    upper, lower = ax.child_axes
    assert len(upper.get_lines()[1].get_xdata()) + len(upper.get_lines()[2].get_xdata()) == len(found.curve("SUP"))
    marks = sum(len(line.get_xdata()) for line in lower.get_lines())
    assert marks == 5 * len(found.curve("SUP"))


@pytest.mark.parametrize(
    ("before", "withstands", "same_sign", "after"),
    [
        ("B", True, 1.0, "A"),
        ("B", False, 1.0, "B"),
        ("B", True, 0.9, "B"),
        ("B", True, 0.7, "C"),
        ("C", True, 1.0, None),
    ],
)
def test_grades_after_the_checks(before, withstands, same_sign, after):
    found = checked(before, withstands=withstands, same_sign=same_sign)
    assert (found and found[0]) == after


def test_priorities_become_a_only_by_robustness_and_candidates_only_by_a_declared_graph():
    answers = county(townships=60, halo=2, group_halo=0.5, noise=3, slopes=(0.8, 0.05, 0.0), seed=4)
    before = sg.priorities(answers, "SAT", DRIVERS, benchmark=85, seed=1, draws=200, **FRAME)
    robust = sg.robustness(answers, "SAT", DRIVERS, seed=1, **FRAME)
    assert before.frame.set_index("term").loc["MGT", "grade"] == "B"
    after = before.checked(robust)
    assert after.frame.set_index("term").loc["MGT", "grade"] == ("A" if robust.withstands("MGT") else "B")
    assert robust.withstands("MGT")
    assert after.claim == 1
    assert "candidate" not in after.sentences()[0].en
    declared = before.checked(robust, arrows=[("MGT", "SAT"), ("SUP", "SAT")])
    assert declared.claim == 2
    assert [("candidate cause" in words.en) for words in declared.sentences()] == [True, False, False]
    with pytest.raises(DesignError, match="same outcome"):
        before.checked(replace(robust, outcome="MGT"))
