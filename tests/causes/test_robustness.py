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
        (Choice("SAT", "none", "none", "all", "all", "none"), "SAT ~ FUN"),
        (Choice("SAT", "groups", "all", "all", "all", "none"), "SAT ~ FUN + MGT + SUP + C(role)"),
        (Choice("SAT", "groups", "without MGT", "without villager", "all", "none"), "SAT ~ FUN + SUP + C(role)"),
        (Choice("SAT", "groups", "all", "all", "within", "none"), "SAT ~ FUN + MGT + SUP + C(role) + C(township_id)"),
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
    line = found.curve("FUN").set_index(list(Choice._fields)).loc[("SAT", "none", "none", "all", "between", "none")]
    assert line["estimate"] == pytest.approx(np.polyfit(means["FUN1"], means["SAT1"], 1)[0], rel=1e-9)


def test_errors_are_the_jackknife_over_places(answers, found):
    places = answers.frame["township_id"].unique()
    slopes = np.array([
        least_squares(answers.where(answers.frame["township_id"] != p), "SAT ~ FUN").params["FUN"] for p in places
    ])  # fmt: skip
    line = found.curve("FUN").set_index(list(Choice._fields)).loc[("SAT", "none", "none", "all", "all", "none")]
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
        return specifications(evidence, evidence.frame[["Y"]], everyone, plan, frame["place"])["X"].joint_p()

    null = np.mean([p_of(0.0) < 0.05 for _ in range(200)])
    assert abs(null - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 200)
    assert np.mean([p_of(0.5) < 0.05 for _ in range(20)]) == 1


@pytest.fixture(scope="module")
def weights(answers):
    """Villagers stand for many, and those in some places for more."""
    rng = np.random.default_rng(6)
    return np.where(answers.frame["role"] == "villager", 9.0, 2.0) * rng.uniform(0.5, 4.0, len(answers))


@pytest.fixture(scope="module")
def weighted(answers, weights):
    given = replace(answers, frame=answers.frame.assign(w=weights))
    return sg.robustness(sg.survey_design(given, weights="w"), "SAT", DRIVERS, seed=1, **FRAME)


def weighted_fit(answers, weights, formula):
    frame = answers.frame.rename(columns=lambda name: name.removesuffix("1"))
    return smf.wls(formula, frame, weights=weights).fit()


def test_under_weights_the_headline_uses_them_and_the_plain_one_stands_beside_it(answers, weights, weighted, found):
    fit = weighted_fit(answers, weights, "SAT ~ MGT + FUN + SUP + C(role)")
    assert weighted.frame["estimate"].to_numpy() == pytest.approx(fit.params[DRIVERS].to_numpy(), rel=1e-9)
    t = fit.tvalues[DRIVERS].to_numpy()
    assert weighted.frame["partial_r2"].to_numpy() == pytest.approx(t**2 / (t**2 + fit.df_resid), rel=1e-9)
    assert weighted.frame["unweighted"].to_numpy() == pytest.approx(found.frame["estimate"].to_numpy(), rel=1e-12)
    assert not np.allclose(weighted.frame["estimate"], weighted.frame["unweighted"], rtol=1e-3)


def test_errors_of_the_weighted_headline_are_those_of_weighted_least_squares(answers, weights, weighted):
    given = sg.survey_design(replace(answers, frame=answers.frame.assign(w=weights)), weights="w")
    fit = sg.ols(given, "SAT ~ MGT + FUN + SUP + C(role)", cluster="township_id", vcov="CR2").frame.set_index("term")
    for name in ("estimate", "std_error", "df", "p_value"):
        assert weighted.frame[name].to_numpy() == pytest.approx(fit.loc[DRIVERS, name].to_numpy(), rel=1e-8)


@pytest.mark.parametrize(
    ("level", "formula"),
    [("all", "SAT ~ FUN + MGT + SUP + C(role)"), ("within", "SAT ~ FUN + MGT + SUP + C(role) + C(township_id)")],
)
def test_each_specification_is_there_with_the_weights_and_without(answers, weights, weighted, found, level, formula):
    curve = weighted.curve("FUN").set_index(list(Choice._fields))
    line = curve.loc[("SAT", "groups", "all", "all", level, "design")]
    assert line["estimate"] == pytest.approx(weighted_fit(answers, weights, formula).params["FUN"], rel=1e-9)
    plain = curve.xs("none", level="weights")
    alone = found.curve("FUN").set_index(list(Choice._fields)).xs("none", level="weights")
    assert plain.loc[alone.index, "estimate"].to_numpy() == pytest.approx(alone["estimate"].to_numpy(), rel=1e-12)
    assert len(curve) == 2 * len(plain) == 2 * len(alone)


def test_between_places_weights_count_in_the_means_and_for_the_places(answers, weights, weighted):
    frame = answers.frame.assign(w=weights, y=weights * answers.frame["SAT1"], x=weights * answers.frame["FUN1"])
    sums = frame.groupby("township_id")[["w", "x", "y"]].sum()
    means = sums[["x", "y"]].div(sums["w"], axis=0)
    slope = smf.wls("y ~ x", means, weights=sums["w"]).fit().params["x"]
    line = (
        weighted.curve("FUN").set_index(list(Choice._fields)).loc[("SAT", "none", "none", "all", "between", "design")]
    )
    assert line["estimate"] == pytest.approx(slope, rel=1e-9)


def test_the_scale_of_weights_does_not_matter_and_equal_ones_change_nothing(answers, found):
    ones = sg.survey_design(replace(answers, frame=answers.frame.assign(w=37.5)), weights="w")
    same = sg.robustness(ones, "SAT", DRIVERS, seed=1, **FRAME)
    mine = found.frame.drop(columns="specifications").select_dtypes("number")
    assert same.frame[mine.columns].to_numpy() == pytest.approx(mine.to_numpy(), rel=1e-9, nan_ok=True)


def test_table_and_figure_show_weights_where_there_are_any(weighted, found):
    assert "unweighted" in {column.key for column in weighted.table().columns}
    assert "unweighted" not in {column.key for column in found.table().columns}
    assert "weights (used or not)" in weighted.notes()[1].en
    assert "weights" not in found.notes()[1].en
    _, lower = weighted.plot(term="FUN", language="en").child_axes
    assert sum(len(line.get_xdata()) for line in lower.get_lines()) == 6 * len(weighted.curve("FUN"))
    assert {"Weights: of the design", "Weights: none"} <= {label.get_text() for label in lower.get_yticklabels()}


def test_suspects_are_left_out_and_put_back_as_a_choice(answers):
    suspects = pd.Series(np.arange(len(answers)) % 40 == 0, index=answers.frame.index)
    found = sg.robustness(answers, "SAT", DRIVERS, suspects=suspects, seed=1, **FRAME)
    without = sg.robustness(answers.where(~suspects), "SAT", DRIVERS, seed=1, **FRAME)
    assert found.frame["estimate"].to_numpy() == pytest.approx(without.frame["estimate"].to_numpy())
    assert found.dropped == {"suspect": int(suspects.sum())}
    assert "with suspects" in set(found.specifications["respondents"])
    assert len(found.curve("MGT")) > len(without.curve("MGT"))


def test_a_place_of_suspects_alone_is_not_counted_as_another_place(answers):
    """The plan does not know it: putting these suspects back changes nothing."""
    places = answers.frame["township_id"]
    found = sg.robustness(answers, "SAT", DRIVERS, suspects=places == places.iloc[0], seed=1, **FRAME)
    curve = found.curve("MGT").set_index([name for name in Choice._fields if name != "respondents"])
    back, plain = (curve[curve["respondents"] == name] for name in ("with suspects", "all"))
    assert found.places == places.nunique() - 1
    for name in ("n", "estimate", "std_error"):
        assert back[name].to_numpy() == pytest.approx(plain.loc[back.index, name].to_numpy(), rel=1e-9)


def test_without_places_a_row_is_the_same_unit_in_every_specification(answers):
    """Left out one by one, the rows of a group give the jackknife of that group's regression."""
    found = sg.robustness(answers, "SAT", ["MGT", "FUN"], seed=1)
    used = answers.where(answers.frame["role"] != "villager").frame.rename(columns=lambda name: name.removesuffix("1"))
    slopes = np.array([np.polyfit(*used.drop(k)[["FUN", "SAT"]].to_numpy().T, 1)[0] for k in used.index])
    chosen = ("SAT", "none", "none", "without villager", "all", "none")
    line = found.curve("FUN").set_index(list(Choice._fields)).loc[chosen]
    assert line["n"] == len(used)
    full, g = np.polyfit(*used[["FUN", "SAT"]].to_numpy().T, 1)[0], len(answers)
    assert line["estimate"] == pytest.approx(full)
    assert line["std_error"] == pytest.approx(np.sqrt((g - 1) / g * ((slopes - full) ** 2).sum()), rel=1e-9)


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


def test_a_driver_that_varies_in_one_place_alone_is_refused():
    answers = county(townships=8)
    first = answers.frame["township_id"].iloc[0]
    flat = answers.frame["FUN1"].where(answers.frame["township_id"] == first, 50.0)
    given = replace(answers, frame=answers.frame.assign(FUN1=flat))
    with pytest.raises(EstimationError, match="'FUN' varies in no more than one place"):
        sg.robustness(given, "SAT", DRIVERS, seed=1, **FRAME)


def facts(answers):
    places = answers.frame["township_id"].unique()
    return pd.DataFrame({"township_id": places, "budget": np.arange(len(places)) ** 2.0})


def test_the_figure_marks_each_choice_of_each_specification(found):
    ax = found.plot(term="SUP", language="zh")
    upper, lower = ax.child_axes
    assert len(upper.get_lines()[1].get_xdata()) + len(upper.get_lines()[2].get_xdata()) == len(found.curve("SUP"))
    marks = sum(len(line.get_xdata()) for line in lower.get_lines())
    assert marks == 5 * len(found.curve("SUP"))
    with pytest.raises(DesignError, match=r"no driver 'SUPP'\. Did you mean 'SUP'"):
        found.plot(term="SUPP")


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
