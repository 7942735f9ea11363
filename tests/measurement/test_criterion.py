import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sgsurvey as sg


def county(seed=3, places=14, people=20):
    """Scores that follow an observer's score of the place, and one that does not."""
    rng = np.random.default_rng(seed)
    seen = rng.normal(size=places)
    place = np.repeat(np.arange(places), people)
    level = seen[place] + 0.5 * rng.normal(size=places)[place]
    frame = pd.DataFrame({f"q{i}": 3 + level + rng.normal(size=len(place)) for i in range(3)})
    frame = frame.assign(**{f"z{i}": rng.normal(size=len(place)) for i in range(3)})
    return frame.assign(township_id=place, observed=seen[place], bad=-seen[place] + rng.normal(size=len(place)))


CONSTRUCTS = {"Q": ["q0", "q1", "q2"], "Z": ["z0", "z1", "z2"]}


def test_people_are_correlated_as_by_correlations():
    frame = county()
    found = sg.criterion(frame, CONSTRUCTS, "bad", expected={"Q": "negative"})
    r = stats.pearsonr(frame[CONSTRUCTS["Q"]].mean(axis=1), frame["bad"])
    row = found.frame.iloc[0]
    assert row["estimate"] == pytest.approx(r.statistic, rel=1e-10)
    ends = r.confidence_interval(0.95)
    np.testing.assert_allclose(row[["conf_low", "conf_high"]].astype(float), [ends.low, ends.high], rtol=1e-9)
    assert found.frame["verdict"].tolist() == ["as expected", "unclear"]
    assert sg.criterion(frame, CONSTRUCTS, "bad").frame["verdict"].tolist()[0] == "against"


def test_places_count_once_where_the_criterion_is_theirs():
    frame = county()
    found = sg.criterion(frame, CONSTRUCTS, "observed", at="township_id")
    means = frame.assign(Q=frame[CONSTRUCTS["Q"]].mean(axis=1)).groupby("township_id")[["Q", "observed"]].mean()
    assert found.frame["n"].tolist() == [14, 14]
    assert found.frame.loc[0, "estimate"] == pytest.approx(np.corrcoef(means.T)[0, 1], rel=1e-10)
    assert (found.n, found.basis.n_in) == (280, 280)
    assert "14 places" in str(found.table(language="en"))
    people = sg.criterion(frame, CONSTRUCTS, "observed")
    assert people.frame.loc[0, "n"] == 280
    assert 'use at="township_id"' in people.remarks[-1].en


def test_answers_without_a_place_or_a_score_are_counted():
    frame = county()
    frame.loc[:9, "township_id"] = np.nan
    frame.loc[20:24, ["q0", "q1", "q2", "z0", "z1", "z2"]] = np.nan
    found = sg.criterion(frame, CONSTRUCTS, "observed", at="township_id")
    assert (found.n, found.dropped) == (265, {"incomplete": 15})


def test_a_design_is_used_for_people_and_refused_for_places():
    frame = county().assign(w=lambda f: 1.0 + f["township_id"] % 3)
    answers = sg.survey_design(sg.responses(frame, CONSTRUCTS, limits=None), weights="w", clusters="township_id")
    found = sg.criterion(answers, ["Q"], "observed")
    plain = sg.criterion(frame, CONSTRUCTS, "observed").frame.iloc[0]
    row = found.frame.iloc[0]
    assert row["df"] == 13
    assert row["conf_high"] - row["conf_low"] > 2 * (plain["conf_high"] - plain["conf_low"])
    with pytest.raises(sg.DesignError, match="cannot use weights"):
        sg.criterion(answers, ["Q"], "observed", at="township_id")


@pytest.mark.parametrize(
    ("variable", "how", "error", "says"),
    [
        ("nothing", {}, sg.DataError, "'nothing' is neither"),
        ("observed", {"expected": "up"}, sg.EstimationError, "'up' is no sign"),
        ("bad", {"at": "township_id"}, sg.DataError, "several values in '0'"),
        ("observed", {"at": "half"}, sg.DataError, "several values"),
        ("level", {"at": "half"}, sg.EstimationError, "2 place"),
        ("word", {}, sg.DataError, "holds words"),
        ("word", {"at": "half"}, sg.DataError, "holds words"),
    ],
)
def test_what_is_no_criterion_is_refused_in_words(variable, how, error, says):
    frame = county().assign(half=lambda f: f["township_id"] % 2, word="a")
    frame["level"] = frame["half"] * 2.0
    with pytest.raises(error, match=says):
        sg.criterion(frame, CONSTRUCTS, variable, **how)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_few_places_and_the_signs_are_told(language):
    found = sg.criterion(county(places=6), CONSTRUCTS, "observed", at="township_id")
    words = {"zh": ("地点不足10个", "正"), "en": ("Fewer than 10 places", "positive")}[language]
    assert all(word in str(found.table(language=language)) for word in words)


def test_four_places_are_no_four_people():
    found = sg.criterion(county(places=4), CONSTRUCTS, "observed", at="township_id")
    assert (found.frame["n"] == 4).all()
    assert found.frame["estimate"].notna().all()
