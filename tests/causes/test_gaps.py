import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy import stats
from small_county import CONSTRUCTS, county

import sgsurvey as sg
from sgsurvey.causes.gap_estimates import Side, gap
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.exact_tests import rank_sum, sign_flip
from sgsurvey.questionnaire.model import Role

R = json.loads((VALUES / "gaps.json").read_text(encoding="utf-8"))
KEYS = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high")


def numbers(found):
    return [found.estimate, found.std_error, found.df, found.p_value, *found.interval(0.95)]


def side(x, places=None, population=None):
    return Side(np.asarray(x, dtype=float), None if places is None else pd.Series(places), None, population)


def test_over_places_it_is_the_paired_t_test():
    places = list("abcdefghij")
    found = gap(side(R["first"], places), side(R["second"], places))
    assert_matches(
        numbers(found),
        [R["paired"][key] for key in KEYS],
        statistic="gap paired over places: estimate, standard error, df, p, interval",
        reference="R 4.2.2 t.test(paired = TRUE)",
        data="datasets::sleep",
        why="closed form",
        rtol=1e-12,
    )
    assert found.places == 10


def test_apart_it_is_the_welch_test():
    assert_matches(
        numbers(gap(side(R["long"]), side(R["short"]))),
        [R["welch"][key] for key in KEYS],
        statistic="gap of county means: estimate, standard error, Satterthwaite df, p, interval",
        reference="R 4.2.2 t.test",
        data="datasets::iris",
        why="closed form",
        rtol=1e-10,
    )


def test_exact_p_values():
    tied = rank_sum(np.array([1.0, 2, 2, 5, 4]), np.array([2.0, 3, 3, 4, 5, 5, 5]))
    plain = rank_sum(np.array([1.1, 2.5, 3.7, 4.0, 9.9, 6.2]), np.array([2.2, 5.1, 7.3, 8.8, 8.1, 10.4, 11.0, 12.5]))
    flip = sign_flip(np.array(R["first"]) - np.array(R["second"]))
    assert_matches(
        [plain, tied, flip],
        [R["exact"], R["tied"], R["flip"]],
        statistic="exact tests of a gap: rank sum, rank sum with ties, sign flips",
        reference="R 4.2.2 wilcox.test(exact = TRUE), combn, expand.grid",
        data="typed, datasets::sleep",
        why="counts of deals",
        rtol=1e-12,
    )


def test_the_chance_to_be_higher_has_the_error_of_brunner_and_munzel():
    rng = np.random.default_rng(4)
    x, y = rng.integers(1, 6, 14).astype(float), rng.integers(2, 6, 60).astype(float)
    found = gap(side(x), side(y))
    theirs = stats.brunnermunzel(y, x)
    assert (found.superiority - 0.5) / found.superiority_error == pytest.approx(theirs.statistic, rel=1e-10)
    pairs = [(a > b) + 0.5 * (a == b) for a in x for b in y]
    assert found.superiority == pytest.approx(np.mean(pairs), rel=1e-12)


def test_a_group_that_was_asked_whole_has_no_sampling_error():
    rng = np.random.default_rng(5)
    x, y = rng.normal(60, 8, 10), rng.normal(60, 8, 12)
    free, finite = gap(side(x), side(y)), gap(side(x, population=12.5), side(y))
    share = x.var(ddof=1) / 10
    assert finite.std_error**2 == pytest.approx(free.std_error**2 - share * 10 / 12.5, rel=1e-12)
    whole = gap(side(x, population=10), side(y, population=12))
    assert whole.std_error == 0
    assert (whole.p_value, whole.p_beyond(abs(whole.estimate) + 1), whole.p_beyond(0.0)) == (0.0, 0.0, 1.0)


def test_populations_correct_who_judges_the_county_and_the_notes_say_for_whom():
    answers = county(people=3)
    frame = answers.frame.copy()
    frame.loc[frame["role"] == "undertaker", "township_id"] = None
    answers, sizes = replace(answers, frame=frame), {"undertaker": 40, "villager": 900}
    pair = {"between": ("undertaker", "villager"), "cluster": "township_id"}
    free, corrected = (sg.gaps(answers, ["SAT"], populations=given, **pair) for given in ({}, sizes))
    rated = frame.loc[frame["role"] == "undertaker", "SAT1"]
    taken_away = rated.var(ddof=1) / len(rated) * len(rated) / 40
    before, after = (each.frame["std_error"].iloc[0] for each in (free, corrected))
    assert after**2 == pytest.approx(before**2 - taken_away, rel=1e-9)
    assert free.remarks == ()
    used, not_used = (words.en for words in corrected.remarks)
    assert "Finite population correction, persons in the group: undertaker 40;" in used
    assert "without finite population correction: villager 900." in not_used


def test_what_a_place_shares_cancels():
    """A place that both groups rate 30 points lower changes nothing."""
    rng = np.random.default_rng(6)
    places = np.repeat([f"T{i}" for i in range(8)], 6)
    x, y = rng.normal(60, 5, 48), rng.normal(55, 5, 48)
    level = np.repeat(30 * rng.normal(size=8), 6)
    plain, shifted = (gap(side(x + s, places), side(y + s, places)) for s in (0, level))
    assert shifted.estimate == pytest.approx(plain.estimate, rel=1e-10)
    assert shifted.std_error == pytest.approx(plain.std_error, rel=1e-10)
    assert shifted.reliability == pytest.approx(plain.reliability, rel=1e-8)


def test_reliability_of_gaps_between_places():
    """With true gaps of standard deviation 10 and means of 25 persons with deviation 5 a side it is near .98."""
    rng = np.random.default_rng(7)
    true = 10 * rng.normal(size=300)
    places = np.repeat(np.arange(300), 25)
    x, y = true[places] + 5 * rng.normal(size=7500), 5 * rng.normal(size=7500)
    assert gap(side(x, places), side(y, places)).reliability == pytest.approx(1 - 2 / (100 + 2), abs=0.01)


def test_gaps_by_hand_and_by_role():
    answers = county(townships=12)
    found = sg.gaps(answers, CONSTRUCTS, between=("undertaker", "villager"), cluster="township_id")
    line = found.frame[found.frame["construct"] == "MGT"].iloc[0]
    means = answers.frame.groupby(["role", "township_id"])["MGT1"].mean()
    d = means["undertaker"] - means["villager"]
    assert line["estimate"] == pytest.approx(d.mean(), rel=1e-12)
    assert line["p_value"] == pytest.approx(stats.ttest_1samp(d, 0).pvalue, rel=1e-10)
    assert (line["places"], line["compared"], line["df"]) == (12, "place", 11)
    assert found.family == 8
    swapped = sg.gaps(answers, CONSTRUCTS, between=("villager", "undertaker"), cluster="township_id").frame
    assert swapped["estimate"].to_numpy() == pytest.approx(-found.frame["estimate"].to_numpy())
    assert swapped["superiority"].to_numpy() == pytest.approx(1 - found.frame["superiority"].to_numpy())
    assert swapped["verdict"].tolist() == found.frame["verdict"].tolist()


def test_where_means_and_ranks_decide_apart_the_table_says_so():
    """One far rater moves the mean and hardly the ranks."""
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(50, 2, 12), rng.normal(53.2, 2, 11), [0.0]])
    frame = pd.DataFrame({"x": x, "role": np.repeat(["a", "b"], 12)})
    found = sg.gaps(sg.responses(frame, {"X": ["x"]}, limits=(0, 100), roles="role"), ["X"])
    line = found.frame.iloc[0]
    assert line["p_value"] > 0.05 > line["p_exact"]
    assert not line["agrees"]
    assert "Tests of means and of ranks disagree" in found.table(language="en").to_markdown()
    plain = sg.gaps(county(), ["SAT"], cluster="township_id").frame
    assert (plain["agrees"] == ((plain["p_value"] < 0.05) == (plain["p_exact"] < 0.05))).all()


def test_five_places_cannot_decide_whatever_t_says():
    """The least exact p of five places is 2/32."""
    places = np.repeat([f"T{k}" for k in range(5)], 6)
    frame = pd.DataFrame({"x": np.r_[np.full(30, 60.0) + np.tile([0, 1, 2], 10), np.full(30, 40.0) + np.arange(30) / 9],
                          "role": np.repeat(["a", "b"], 30), "place": np.tile(places, 2)})  # fmt: skip
    line = sg.gaps(sg.responses(frame, {"X": ["x"]}, limits=(0, 100), roles="role"), ["X"], cluster="place").frame
    assert line["p_exact"].iloc[0] == 2 / 32
    assert line["p_adjusted"].iloc[0] < 0.05
    assert line["verdict"].tolist() == ["undecided"]


def with_county_role(answers, role):
    roles = tuple(Role(r, sg.Text(r, r), "county" if r == role else "village") for r in answers.roles)
    return replace(answers, questionnaire=replace(answers.questionnaire, roles=roles))


def test_county_raters_are_set_against_the_mean_of_the_county():
    answers = with_county_role(county(), "undertaker")
    line = sg.gaps(answers, ["SAT"], between=("undertaker", "villager"), cluster="township_id").frame.iloc[0]
    mine, other = (answers.frame.loc[answers.frame["role"] == r, "SAT1"] for r in ("undertaker", "villager"))
    assert line["compared"] == "county"
    assert line["estimate"] == pytest.approx(mine.mean() - other.mean(), rel=1e-12)
    villagers = sg.shortfall(answers.where(role="villager"), ["SAT"], cluster="township_id").frame.iloc[0]
    assert line["std_error"] ** 2 == pytest.approx(mine.var() / len(mine) + villagers["std_error"] ** 2, rel=1e-10)


@pytest.mark.parametrize(
    ("shift", "noise", "margin", "verdict"),
    [(20, 1, 5, "gap"), (0, 1, 5, "agreement"), (2, 0.2, 5, "small gap"), (0, 40, 5, "undecided")],
)
def test_verdicts(shift, noise, margin, verdict):
    rng = np.random.default_rng(8)
    places = np.tile(np.repeat([f"T{i:02d}" for i in range(15)], 6), 2)
    role = np.repeat(["a", "b"], 90)
    x = 50 + noise * rng.normal(size=180) + np.where(role == "a", shift, 0.0)
    frame = pd.DataFrame({"x": np.clip(x, 0, 100), "role": role, "place": places})
    answers = sg.responses(frame, {"X": ["x"]}, limits=(0, 100), roles="role")
    found = sg.gaps(answers, ["X"], margin=margin, cluster="place")
    assert found.frame["verdict"].tolist() == [verdict]
    described = "" if verdict == "undecided" else "description"
    assert described in found.table(language="en").to_markdown()


def test_few_people_have_no_numbers_and_few_places_no_verdict():
    answers = county(townships=2)
    frame = answers.frame.copy()
    keep = frame["role"].ne("villager") | (frame.groupby("role").cumcount() < 4)
    few = replace(answers, frame=frame[keep])
    found = sg.gaps(few, ["SAT"], cluster="township_id").frame
    assert found["verdict"].tolist() == ["undecided", "suppressed", "suppressed"]
    assert found.loc[1:, ["n_first", "estimate", "mean_second"]].isna().all(axis=None)
    assert found.loc[0, ["estimate", "p_value"]].isna().all()


def test_without_scalar_invariance_a_gap_is_description():
    rng = np.random.default_rng(9)
    factor = rng.normal(size=(600, 1))
    items = pd.DataFrame(factor + 0.6 * rng.normal(size=(600, 4)), columns=["m1", "m2", "m3", "m4"])
    frame = items.assign(role=np.repeat(["a", "b"], 300), place=np.tile(np.arange(20), 30))
    frame.loc[frame["role"] == "a", ["m1", "m2", "m3", "m4"]] += 0.8
    answers = sg.responses(frame, {"M": ["m1", "m2", "m3", "m4"]}, limits=(-6, 6), roles="role")
    invariance = sg.invariance(
        answers, {"M": ["m1", "m2", "m3", "m4"]}, by="role", levels=("configural", "metric", "scalar")
    )
    assert invariance.reached == "scalar"
    open_, closed = (
        sg.gaps(answers, ["M"], cluster="place", invariance=given).frame.iloc[0] for given in ((), invariance)
    )
    assert (open_["invariance"], open_["comparable"]) == ("not examined", False)
    assert (closed["invariance"], closed["comparable"], closed["verdict"]) == ("scalar", True, "gap")
    table = sg.gaps(answers, ["M"], cluster="place", invariance=[invariance]).table(language="en").to_markdown()
    assert "description" not in table


def test_refusals_say_what_to_do():
    answers = county()
    with pytest.raises(DesignError, match="Name pairs of: undertaker, post_holder, villager"):
        sg.gaps(answers, ["SAT"], between=("villager", "mayor"))
    with pytest.raises(DesignError, match="no room for agreement"):
        sg.gaps(answers, ["SAT"], margin=0)
    with pytest.raises(DesignError, match="more than the 5 there are"):
        sg.gaps(answers, ["SAT"], populations={"villager": 5})
    with pytest.raises(DataError, match="no two of the groups answered"):
        sg.gaps(replace(answers, frame=answers.frame.assign(SAT1=np.nan)), ["SAT"])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.5, 20))
def test_verdicts_never_contradict_their_interval(seed, noise):
    answers = county(seed=seed, noise=noise, townships=8)
    for line in sg.gaps(answers, CONSTRUCTS, cluster="township_id").frame.to_dict("records"):
        if line["verdict"] in ("gap", "small gap"):
            assert line["conf_low"] * line["conf_high"] > 0
        if line["verdict"] in ("agreement", "small gap"):
            assert abs(line["estimate"]) < 5


def test_profiles_and_figure():
    found = sg.gaps(county(), CONSTRUCTS, cluster="township_id")
    line = found.frame[(found.frame["first"] == "undertaker") & (found.frame["second"] == "villager")]
    expected = np.corrcoef(line["mean_first"], line["mean_second"])[0, 1]
    assert found.profiles.iloc[1][["first", "second", "constructs"]].tolist() == ["undertaker", "villager", 4]
    assert found.profiles["correlation"].iloc[1] == pytest.approx(expected)
    ax = found.plot(language="en")
    legend = [words.get_text() for words in ax.figure.legends[0].get_texts()]
    assert legend[:3] == ["undertaker", "post_holder", "villager"]
    pairs = {"undertaker − post_holder", "undertaker − villager", "post_holder − villager"}
    assert pairs <= {words.get_text() for words in ax.texts}
    assert len(ax.data) == len(found.frame)


@pytest.mark.parametrize("cluster", ["place", None])
def test_means_have_their_own_intervals(cluster):
    frame = pd.DataFrame({"role": list("aabb") * 6, "place": np.repeat(np.arange(6), 4)})
    frame["x"] = np.random.default_rng(3).integers(1, 6, 24)
    answers = sg.responses(frame, {"X": ["x"]}, limits=(1, 5), roles="role")
    line = sg.gaps(answers, ["X"], cluster=cluster).frame.iloc[0]
    points = frame.assign(x=25.0 * (frame["x"] - 1))
    if cluster:
        points = points.groupby(["role", "place"], as_index=False)["x"].mean()
    sides = [points.loc[points["role"] == role, "x"] for role in "ab"]
    expected = [stats.t.interval(0.95, len(x) - 1, x.mean(), stats.sem(x)) for x in sides]
    found = line[["first_low", "first_high", "second_low", "second_high"]].to_numpy(dtype=float).reshape(2, 2)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    # Identity: each interval lies evenly about its mean.
    np.testing.assert_allclose(found.mean(axis=1), line[["mean_first", "mean_second"]].to_numpy(dtype=float))


def guesses():
    rng = np.random.default_rng(10)
    villagers = pd.DataFrame({"role": "villager", "sat": rng.integers(1, 6, 200), "place": np.tile(np.arange(10), 20)})
    officials = pd.DataFrame({"role": "official", "guess": rng.integers(5, 11, 30), "place": np.tile(np.arange(10), 3)})
    frame = pd.concat([villagers, officials], ignore_index=True)
    return sg.responses(frame, {"SAT": ["sat"]}, limits=(1, 5), roles="role")


def test_misperception_by_hand():
    answers = guesses()
    found = sg.misperception(answers, "guess", of="villager", item="sat", satisfied=4, cluster="place")
    frame = answers.frame
    share = frame[frame["role"] == "villager"].groupby("place")["sat"].apply(lambda s: (s >= 4).mean())
    guess = frame[frame["role"] == "official"].groupby("place")["guess"].mean() / 10
    line = found.frame.iloc[0]
    assert line["estimate"] == pytest.approx(100 * (guess - share).mean())
    assert line["p_value"] == pytest.approx(stats.ttest_rel(guess, share).pvalue, rel=1e-9)
    assert (line["n"], line["n_of"], line["places"]) == (30, 200, 10)
    assert "guessed and actual" in found.table(language="en").title.en


def test_misperception_refuses_what_means_nothing():
    answers = guesses()
    with pytest.raises(DesignError, match="Did you mean 'villager'"):
        sg.misperception(answers, "guess", of="villagers", item="sat", satisfied=4)
    with pytest.raises(DataError, match="outside 0 to 5"):
        sg.misperception(answers, "guess", of="villager", item="sat", satisfied=4, out_of=5)
