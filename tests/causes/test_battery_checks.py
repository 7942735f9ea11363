import re
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from small_county import DRIVERS, county
from statsmodels.miscmodels.ordinal_model import OrderedModel

import sgsurvey as sg
from sgsurvey.causes.grades import GRADES, checked, grade
from sgsurvey.causes.sentences import of_headline, sentence
from sgsurvey.causes.side_by_side import NOT_COUNTED, agreement
from sgsurvey.causes.township import NO_PLACES, too_few, why_not
from sgsurvey.text import LANGUAGES, same

NUMBERS = ["estimate", "std_error", "df", "p_value"]
RIGHT = "MGT + FUN + SUP + C(role)"


def five_point_county(townships=14, seed=4, people=20):
    """Three groups rate three items per construct from 1 to 5; SAT has one, MRK is unrelated to the places."""
    rng = np.random.default_rng(seed)
    true = rng.standard_normal((townships, 3))
    parts = []
    for role in ("undertaker", "post_holder", "villager"):
        place = np.repeat(np.arange(townships), people)
        own = true[place] * 0.5 + 0.4 * rng.standard_normal((len(place), 3))
        lenient = 0.5 * rng.standard_normal(len(place))
        columns = {"SAT1": own @ [0.7, 0.4, 0.0] + lenient + 0.5 * rng.standard_normal(len(place)) + 3.4}
        for k, name in enumerate(DRIVERS):
            for item in range(3):
                columns[f"{name}{item + 1}"] = own[:, k] + lenient + 0.6 * rng.standard_normal(len(place)) + 3
        for item in range(2):
            columns[f"MRK{item + 1}"] = lenient + 0.7 * rng.standard_normal(len(place)) + 3
        part = pd.DataFrame(columns).round().clip(1, 5)
        parts.append(part.assign(role=role, township_id=[f"T{t:02d}" for t in place]))
    constructs = {"SAT": ["SAT1"], "MRK": ["MRK1", "MRK2"]}
    constructs |= {name: [f"{name}{k}" for k in (1, 2, 3)] for name in DRIVERS}
    return sg.responses(pd.concat(parts, ignore_index=True), constructs, roles="role")


def with_kind(answers, name, **changes):
    constructs = tuple(replace(c, **changes) if c.name == name else c for c in answers.questionnaire.constructs)
    return sg.Responses(answers.frame, replace(answers.questionnaire, constructs=constructs))


@pytest.fixture(scope="module")
def answers():
    return five_point_county()


@pytest.fixture(scope="module")
def found(answers):
    return sg.drivers(answers, "SAT", DRIVERS, cluster="township_id", seed=3)


def of_drivers(result):
    return result.frame.set_index("term").loc[DRIVERS]


def test_the_wild_bootstrap_is_that_of_its_door(answers, found):
    door = of_drivers(sg.wild_bootstrap(answers, f"SAT ~ {RIGHT}", cluster="township_id", draws=1999, seed=3))
    lines = found.model("wild").set_index("term")
    for column in ("estimate", "statistic", "p_value", "conf_low", "conf_high"):
        assert lines[column].to_numpy() == pytest.approx(door[column].to_numpy(), rel=1e-6)
    assert lines["estimate"].to_numpy() == pytest.approx(found.model("pooled")["estimate"].to_numpy())


def test_the_random_intercept_is_that_of_its_door(answers, found):
    door = of_drivers(sg.multilevel(answers, f"SAT ~ {RIGHT}", group="township_id"))
    lines = found.model("random_intercept").set_index("term")
    for column in NUMBERS:
        assert lines[column].to_numpy() == pytest.approx(door[column].to_numpy(), rel=1e-6)


def test_errors_in_variables_are_those_of_its_door(answers, found):
    door = sg.errors_in_variables(answers, f"SAT ~ {RIGHT}", reliability="alpha", cluster="township_id")
    lines = found.model("errors_in_variables").set_index("term")
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        assert lines[column].to_numpy() == pytest.approx(of_drivers(door)[column].to_numpy(), rel=1e-9)
    assert set(lines["df"]) == {13.0}


def test_the_control_for_leniency_is_a_covariate(answers, found):
    door = of_drivers(sg.ols(answers, f"SAT ~ {RIGHT} + MRK", cluster="township_id", vcov="CR2"))
    lines = found.model("halo_control").set_index("term")
    for column in NUMBERS:
        assert lines[column].to_numpy() == pytest.approx(door[column].to_numpy(), rel=1e-8)
    assert (lines["estimate"].to_numpy() < found.model("pooled")["estimate"].to_numpy()).all()


def test_a_marker_tells_leniency_before_other_constructs_do(answers, found):
    only = sg.Responses(answers.frame.assign(SUP1=1.0, SUP2=2.0), answers.questionnaire)
    by_marker = sg.drivers(with_kind(only, "MRK", kind="marker"), "SAT", ["MGT", "FUN"], cluster="township_id")
    door = sg.ols(only, "SAT ~ MGT + FUN + C(role) + MRK", cluster="township_id", vcov="CR2").frame.set_index("term")
    assert by_marker.model("halo_control")["estimate"].to_numpy() == pytest.approx(
        door.loc[["MGT", "FUN"], "estimate"].to_numpy(), rel=1e-9
    )
    mean = (only.scores("MRK")["MRK"] + only.scores("SUP")["SUP"]) / 2
    frame = only.frame.assign(SAT=only.scores("SAT")["SAT"], **only.scores(["MGT", "FUN"]), mean=mean)
    other = sg.ols(frame, "SAT ~ MGT + FUN + C(role) + mean", cluster="township_id", vcov="CR2").frame.set_index("term")
    by_mean = sg.drivers(only, "SAT", ["MGT", "FUN"], cluster="township_id")
    assert by_mean.model("halo_control")["estimate"].to_numpy() == pytest.approx(
        other.loc[["MGT", "FUN"], "estimate"].to_numpy(), rel=1e-9
    )


def test_the_ordered_logit_is_that_of_its_door_in_points_of_probability(answers, found):
    fitted = sg.ordered(answers, f"SAT1 ~ {RIGHT}", cluster="township_id")
    door = of_drivers(fitted.margins(at_least=4))
    lines = found.model("ordered").set_index("term")
    # One step of 1 to 5 is 25 points, and 100 points of probability are 1.
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        assert lines[column].to_numpy() == pytest.approx(4 * door[column].to_numpy(), rel=1e-6)
    assert lines["p_value"].to_numpy() == pytest.approx(door["p_value"].to_numpy(), rel=1e-6)


def test_the_average_marginal_effect_is_that_of_statsmodels(answers, found):
    scores = answers.scores(DRIVERS)
    design = pd.concat([scores, pd.get_dummies(answers.frame["role"], dtype=float).iloc[:, 1:]], axis=1)
    outcome = answers.frame["SAT1"].astype(int).to_numpy()
    model = OrderedModel(outcome, design.to_numpy(), distr="logit")
    fit = model.fit(method="newton", disp=False)
    cuts = model.transform_threshold_params(fit.params)[1:-1]
    z = cuts[list(np.unique(outcome)).index(4) - 1] - design.to_numpy() @ fit.params[:5]
    density = np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2
    assert found.model("ordered")["estimate"].to_numpy() == pytest.approx(4 * density.mean() * fit.params[:3], rel=1e-4)


def test_pooled_coefficients_are_those_of_statsmodels(answers, found):
    design = pd.concat(
        [answers.scores(DRIVERS), pd.get_dummies(answers.frame["role"], dtype=float).iloc[:, 1:]], axis=1
    )
    fit = sm.OLS(answers.frame["SAT1"].to_numpy(), sm.add_constant(design.to_numpy())).fit()
    assert found.model("pooled")["estimate"].to_numpy() == pytest.approx(fit.params[1:4], rel=1e-9)


def test_a_driver_of_which_less_is_better_keeps_its_points(answers, found):
    turned = sg.Responses(
        answers.frame.assign(**{f"MGT{k}": 6 - answers.frame[f"MGT{k}"] for k in (1, 2, 3)}), answers.questionnaire
    )
    other = sg.drivers(
        with_kind(turned, "MGT", high_is="bad"), "SAT", DRIVERS, cluster="township_id", seed=3
    ).frame.set_index(["model", "term"])
    mine = found.frame.set_index(["model", "term"])
    assert list(other.index) == list(mine.index)
    for column in NUMBERS:
        assert other[column].to_numpy() == pytest.approx(mine[column].to_numpy(), rel=1e-6, nan_ok=True)


def test_what_is_not_fitted_says_why(answers):
    plain = sg.drivers(answers, "SAT", DRIVERS, cluster="township_id")
    assert "seed=" in plain.left_out["all", "wild"].en
    index = sg.drivers(with_kind(answers, "FUN", kind="index"), "SAT", DRIVERS, cluster="township_id")
    assert index.left_out["all", "errors_in_variables"].en == "FUN is an index: its items need not agree"
    items = sg.drivers(answers, "SAT", ["MGT1", "FUN"], cluster="township_id")
    assert items.left_out["all", "errors_in_variables"].zh == "MGT1只有一个题目，没有信度"
    nowhere = sg.drivers(answers, "SAT", DRIVERS, seed=1)
    assert nowhere.left_out["all", "wild"] == nowhere.left_out["all", "random_intercept"]
    assert {"ordered", "errors_in_variables", "halo_control"} <= set(nowhere.frame["model"])
    bare = sg.drivers(county(townships=12), "SAT", DRIVERS, cluster="township_id", seed=1)
    assert bare.left_out["all", "halo_control"].en == "nothing unrelated was rated"
    assert "more than 11 categories" in bare.left_out["all", "ordered"].en
    for why in plain.left_out.values():
        assert why.en in str(plain.table(language="en"))
        assert why.zh in str(plain.table(language="zh"))


@pytest.mark.parametrize(
    ("townships", "people", "words"), [(5, 40, "fewer than 6"), (8, 2, "drivers need more than 30")]
)
def test_few_places_or_people_carry_no_further_models(townships, people, words):
    found = sg.drivers(five_point_county(townships, people=people), "SAT", DRIVERS, cluster="township_id", seed=1)
    for model in ("halo_control", "ordered", "random_intercept", "errors_in_variables"):
        assert words in found.left_out["all", model].en
    assert ("wild" in set(found.frame["model"])) == (townships > 5)


def test_drivers_that_measure_the_same_are_not_corrected(answers):
    frame = answers.frame.assign(**{f"FUN{k}": answers.frame[f"MGT{4 - k}"] for k in (1, 2)})
    found = sg.drivers(sg.Responses(frame, answers.questionnaire), "SAT", DRIVERS, cluster="township_id")
    assert "nearly determine each other" in found.left_out["all", "errors_in_variables"].en


CHECKS = {"wild", "halo_control", "ordered", "random_intercept", "errors_in_variables"}


@pytest.mark.parametrize(
    ("change", "models", "words"),
    [
        (lambda f: {"SAT1": f["MGT1"], "MGT2": f["MGT1"], "MGT3": f["MGT1"]}, CHECKS, "determine the outcome"),
        (lambda f: {"SAT1": 3.0}, CHECKS, "determine the outcome"),
        (lambda f: {"SAT1": np.where(f["SAT1"] > 2, 2, 1)}, {"ordered"}, "do not carry it"),
        (lambda f: {"MRK1": 2.0, "MRK2": 2.0}, {"halo_control"}, "nothing unrelated"),
        (lambda f: {name: f["MGT1"] for name in ("MRK1", "MRK2", "MGT2", "MGT3")}, {"halo_control"}, "repeats"),
        (
            lambda f: {f"MGT{k}": np.random.default_rng(k).integers(1, 6, len(f)) for k in (1, 2, 3)},
            {"errors_in_variables"},
            "hardly vary",
        ),
    ],
)
def test_degenerate_answers_leave_models_out_and_say_why(answers, change, models, words):
    frame = answers.frame.assign(**change(answers.frame))
    found = sg.drivers(sg.Responses(frame, answers.questionnaire), "SAT", DRIVERS, cluster="township_id", seed=1)
    assert {model for _, model in found.left_out} == models
    assert all(words in why.en for why in found.left_out.values())
    assert not models & set(found.frame["model"])
    assert len(found.summary_table().rows) == len(found.sentences()) == 3


def test_agreement_counts_the_other_models(found):
    for line in found.agreement.to_dict("records"):
        mine = found.frame[(found.frame["term"] == line["term"]) & ~found.frame["model"].isin(NOT_COUNTED)]
        others = mine[mine["model"] != "cross_informant"]
        alike = [e * line["estimate"] > 0 for e in others["estimate"]]
        assert line["headline"] == "cross_informant"
        assert line["others"] == 7
        assert line["same_sign"] == sum(alike)
        assert line["significant"] == sum(a and p < 0.05 for a, p in zip(alike, others["p_value"], strict=True))
        assert line["same_sign_share"] == pytest.approx(line["same_sign"] / 7)


def test_a_headline_alone_has_nothing_beside_it():
    frame = pd.DataFrame({"group": ["all"], "model": ["records"], "term": ["x"], "estimate": [1.0], "p_value": [0.1]})
    line = agreement(frame, {"all": "records"}).iloc[0]
    assert line["others"] == 0
    assert np.isnan(line["same_sign_share"])


def numbers(words):
    return {figure.lstrip("0") for figure in re.findall(r"\d*\.\d+|\d+", words)}


def cells(table):
    return numbers(" ".join(row for row in table.to_markdown().splitlines() if row.startswith("|")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_a_sentence_stands_in_a_table(answers, found, language):
    printed = cells(found.table(language=language)) | cells(found.summary_table().to(language))
    for words in found.sentences():
        said = words.to(language).replace("95% CI", "").replace("95%", "").replace("< .05", "").replace("<0.05", "")
        assert len(numbers(said)) >= 5
        assert numbers(said) <= printed
    ranked = sg.priorities(answers, "SAT", DRIVERS, cluster="township_id", draws=200, seed=1)
    printed = cells(ranked.table(language=language))
    for words in ranked.sentences():
        said = words.to(language)
        assert len(numbers(said)) >= 3
        assert numbers(said) <= printed


def limits():
    """Every weakest link that a grade may come with."""
    for shortfall, same_source, different, negligible in product((False, True), repeat=4):
        for places in (12, 60):
            yield grade(
                shortfall=shortfall, same=same_source, different=different, negligible=negligible, places=places
            )[1]
    for withstands, same_sign in product((False, True), (0.5, 0.9, 1.0)):
        found = checked("B", withstands=withstands, same_sign=same_sign)
        assert found is not None
        yield found[1]
    yield from (NO_PLACES, too_few(3, 2), too_few(8, 4), why_not(None, placed=True))


@pytest.mark.parametrize("letter", list(GRADES))
def test_no_sentence_says_more_than_its_grade_carries(answers, letter):
    line = {"term": "MGT", "shortfall": 8.0, "coefficient": 0.4, "priority": 3.2, "p_first": 0.7, "grade": letter}
    for limit in dict.fromkeys(limits()):
        for candidate in {letter == "A", False}:
            for shortfall in (8.0, -1.0):
                one = {**line, "limit": limit, "candidate": candidate, "shortfall": shortfall}
                words = sentence(one, "SAT", answers.basis())
                for language in LANGUAGES:
                    assert sg.overclaims(words.to(language), claim=2 if candidate else 1).frame.empty


def test_notes_and_sentences_pass_at_the_claim_of_their_result(answers, found):
    ranked = sg.priorities(answers, "SAT", DRIVERS, cluster="township_id", draws=100, seed=1)
    named = sg.importance(answers, ranked, picks={name: [f"{name}1"] for name in DRIVERS})
    for result in (found, ranked, named):
        words = [*result.notes(), *(() if result is named else result.sentences())]
        for text, language in product(words, LANGUAGES):
            assert sg.overclaims(text.to(language), claim=result.claim).frame.empty


@pytest.mark.parametrize("headline", ["pooled", "cross_informant", "disattenuated", "records"])
@pytest.mark.parametrize("p_value", [0.01, 0.4])
def test_no_headline_says_more_than_association(answers, headline, p_value):
    line = {
        "term": "MGT", "headline": headline, "estimate": 0.4, "conf_low": 0.1, "conf_high": 0.7,
        "p_adjusted": p_value, "others": 7, "same_sign": 6, "significant": 4,
    }  # fmt: skip
    words = of_headline(line, "SAT", same("Model"), answers.basis())
    assert ("is associated with" in words.en) == (headline != "pooled" and p_value < 0.05)
    assert sg.overclaims(words, claim=1).frame.empty


def test_everything_shows_itself_in_both_languages(found):
    zh, en = found.summary_table().to("zh"), found.summary_table().to("en")
    assert len(zh.rows) == len(en.rows) == 3
    assert "控制打分倾向" in zh.to_markdown()
    for verb in ("cause", "effect of", "impact", "leads to"):
        assert verb not in found.table(language="en").to_markdown().lower()
    assert len(found.plot(language="en").get_yticklabels()) >= 3
