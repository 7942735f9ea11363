"""Nothing of a declared design is passed over in silence: a verb uses it, refuses it, or says what it leaves out."""

import inspect
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.answers.coding import coding_of
from sgsurvey.answers.open_answers import open_answers
from sgsurvey.questionnaire.model import Choice, Item, Role, Scale
from sgsurvey.text import same

PARTS = ("weights", "strata", "fpc", "replicates")


def twice(answers):
    """The rows two times, in two groups that are large enough for verbs with a gate of 100 rows a group."""
    frame = pd.concat([answers.frame, answers.frame], ignore_index=True)
    frame["half"] = np.repeat(["a", "b"], len(answers.frame))
    design = answers.design
    whole = None if design.whole is None else frame[list(design.columns)]
    return replace(answers, frame=frame, design=replace(design, whole=whole))


def in_roles(answers):
    """The same rows as two stakeholder groups."""
    doubled = twice(answers)
    roles = tuple(Role(name, same(name)) for name in "ab")
    asked = replace(doubled.questionnaire, roles=roles)
    return replace(doubled, frame=doubled.frame.rename(columns={"half": "role"}), questionnaire=asked)


def coded(answers):
    """Open answers coded by one coder: those that speak of pay are about funding."""
    given = open_answers(answers, "said")
    codes = np.where(given["text"].str.contains("pay"), "FUN", "EFF")
    lines = given[["row", "item"]].assign(coder="A", idea=1, aspect=codes, function=None, valence=None)
    return coding_of(lines, given, answers, sg.CodingFrame.stakeholder(), ("A",))


# Verbs that make answers, or speak of the questionnaires received and the people asked, never of a population.
NO_ESTIMATES = {
    *("read_questionnaire", "write_form", "codebook", "read_responses", "responses", "read_study", "simulate"),
    *("survey_design", "screen", "flow", "compare_entries", "compare_imports", "disclosure_risk", "shareable", "load"),
    *("sample_size", "allocate", "draw", "field_report", "power_of_priorities", "impute", "content_validity"),
    *("compare_models", "bootstrap_model", "by_group", "model_table", "hypothesis_summary", "overclaims", "size_rules"),
    *("coding_sheet", "read_coding", "coder_agreement"),
}
# Verbs that make or describe a design's weights: tests/weighting holds them to R survey.
MAKE_WEIGHTS = {
    *("calibrate", "nonresponse", "poststratify", "rake", "replicate_weights", "trim", "weight_effects"),
}
ESTIMATES = {
    "mean": lambda d: sg.mean(d, "a"),
    "total": lambda d: sg.total(d, "a"),
    "proportion": lambda d: sg.proportion(d, "pick_1"),
    "ratio": lambda d: sg.ratio(d, "a", "b"),
    "quantile": lambda d: sg.quantile(d, "x"),
    "variance": lambda d: sg.variance(d, "a"),
    "chi_square": lambda d: sg.chi_square(d, "pick_1", "sex"),
    "missing": lambda d: sg.missing(d, ["scale"]),
    "frequencies": lambda d: sg.frequencies(d, "pick_1"),
    "multiple_response": lambda d: sg.multiple_response(d, "pick"),
    "rank_agreement": lambda d: sg.rank_agreement(d, "pick", by="sex", seed=1),
    "describe": lambda d: sg.describe(d, ["scale"]),
    "describe_scales": lambda d: sg.describe_scales(d, ["scale"]),
    "compare": lambda d: sg.compare(d, "scale", by="sex"),
    "compare_waves": lambda d: sg.compare_waves(d, "scale", wave="sex"),
    "likert": lambda d: sg.likert(d, ["scale"]),
    "themes": lambda d: sg.themes(coded(d)),
    "keyword_in_context": lambda d: sg.keyword_in_context(d, "said", "pay"),
    "reliability": lambda d: sg.reliability(d, ["scale"]),
    "correlations": lambda d: sg.correlations(d, ["a", "b", "c"]),
    "adequacy": lambda d: sg.adequacy(d, ["scale"]),
    "retention": lambda d: sg.retention(d, ["scale"], iterations=20, seed=1),
    "efa": lambda d: sg.efa(d, ["scale"], factors=1),
    "discrimination": lambda d: sg.discrimination(d, ["scale"]),
    "select_items": lambda d: sg.select_items(d, ["scale"]),
    "retest": lambda d: sg.retest(d, d, ["scale"], key="key"),
    "known_groups": lambda d: sg.known_groups(d, ["scale"], by="sex", high=1, low=2),
    "criterion": lambda d: sg.criterion(d, ["scale"], "x"),
    "htmt": lambda d: sg.htmt(d, ["scale", "out"]),
    "validity": lambda d: sg.validity(sg.cfa(d, {"scale": list("abcd"), "out": ["o1", "o2"]}, estimator="MLR")),
    "method_bias": lambda d: sg.method_bias(d, {"scale": list("abcd"), "out": ["o1", "o2"]}),
    "agreement": lambda d: sg.agreement(d, ["a", "b"], level="ordinal"),
    "cfa": lambda d: sg.cfa(d, ["scale"]),
    "pls": lambda d: sg.pls(d, ["scale", "out"], "out ~ scale", draws=100, seed=1),
    "sem": lambda d: sg.sem(d, "a ~ b + c"),
    "invariance": lambda d: sg.invariance(twice(d), ["scale"], by="half"),
    "ols": lambda d: sg.ols(d, "a ~ b + c"),
    "hierarchical": lambda d: sg.hierarchical(d, ["a ~ b", "a ~ b + c"]),
    "logit": lambda d: sg.logit(d, "pick_1 ~ b + c"),
    "ordered": lambda d: sg.ordered(d, "level ~ b + c"),
    "multilevel": lambda d: sg.multilevel(d, "a ~ b", group="stratum"),
    "ordered_multilevel": lambda d: sg.ordered_multilevel(d, "level ~ b", group="stratum"),
    "dominance": lambda d: sg.dominance(d, "a ~ b + c"),
    "wild_bootstrap": lambda d: sg.wild_bootstrap(d, "a ~ b + c", cluster="stratum", draws=199, seed=1),
    "willingness_to_pay": lambda d: sg.willingness_to_pay(d, "pick_1", "offer"),
    "errors_in_variables": lambda d: sg.errors_in_variables(d, "a ~ b", reliability={"b": 0.8}),
    "oaxaca": lambda d: sg.oaxaca(d, "a ~ b + c", group="sex"),
    "moderation": lambda d: sg.moderation(d, "a ~ b", moderator="c"),
    "mediation": lambda d: sg.mediation(d, "a ~ b", through="c", interval="jackknife"),
    "equivalence": lambda d: sg.equivalence(d, ["a", "b"], by="sex", margin=1.0),
    "diagnostics": lambda d: sg.diagnostics(sg.ols(d, "a ~ b + c")),
    "ordinal_dominance": lambda d: sg.ordinal_dominance(d, "level ~ b + c"),
    "shortfall": lambda d: sg.shortfall(d, ["scale"]),
    "gaps": lambda d: sg.gaps(in_roles(d), ["scale"]),
    "misperception": lambda d: sg.misperception(in_roles(d), "a", of="b", item="o1", satisfied=4, out_of=5),
    "robustness": lambda d: sg.robustness(d, "out", ["scale"], seed=1),
    "drivers": lambda d: sg.drivers(d, "out", ["scale"]),
    "priorities": lambda d: sg.priorities(d, "out", ["scale"], draws=100, seed=1),
    "importance": lambda d: sg.importance(
        d, sg.priorities(d, "out", ["a", "b"], draws=100, seed=1), picks={"a": ["pick_1"], "b": ["pick_2"]}
    ),
    "countermeasures": lambda d: sg.countermeasures(
        d,
        sg.priorities(d, "out", ["scale"], cluster="key", draws=100, seed=1),
        [sg.Lever(1, {"scale": 5.0})],
        causes=None,
        measures="pick",
        by="sex",
    ),
}
# Point estimates that strata and population sizes cannot move, without any error beside them.
POINTS = {
    name: {"strata", "fpc", "replicates"} for name in ("describe", "missing", "ordinal_dominance", "rank_agreement")
}


# What takes rows as independent, or what is received as it is, and says so under its table.
SAID = {
    "missing": {"weights"},
    "adequacy": {"strata", "fpc", "replicates"},
    "retention": {"strata", "fpc", "replicates"},
    "efa": {"strata", "fpc", "replicates"},
    "cfa": {"strata", "fpc"},
    "sem": {"strata", "fpc"},
    "method_bias": {"strata", "fpc"},
    "invariance": {"strata", "fpc"},
    "gaps": {"strata"},
    "misperception": {"strata"},
    "robustness": {"strata"},
    "drivers": {"strata"},
    "priorities": {"strata"},
    "importance": {"strata"},
    "countermeasures": {"strata"},
}


def four_strata():
    """120 rows in four strata whose means differ, so that strata matter, with weights that go with the answers."""
    rng = np.random.default_rng(11)
    n = 120
    stratum = np.repeat(np.arange(4), n // 4)
    common = rng.normal(size=n) + 0.8 * stratum
    frame = pd.DataFrame(
        {name: np.clip(np.round(1.5 + 0.7 * common + rng.normal(size=n)), 1, 5) for name in (*"abcd", "o1", "o2")}
    )
    frame["x"] = common
    frame["sex"] = np.where(rng.random(n) < 0.5, 1, 2)
    for k in (1, 2):
        frame[f"pick_{k}"] = (common + rng.normal(size=n) > 1).astype(int)
    frame["level"] = np.clip(np.round(common + 0.5), 0, 2).astype(int)
    frame.loc[frame["pick_1"] + frame["pick_2"] == 0, "pick_2"] = 1
    frame = frame.assign(stratum=stratum, key=range(n), w=1.0 + 2.0 * (common > common.mean()), size=400.0, ones=1.0)
    frame["said"] = np.where(frame["pick_1"] == 1, "the pay is late", "the road is dirty")
    frame["offer"] = np.select([common > 2, common > 0.8], [2.0, 5.0], 10.0)
    frame.loc[::17, "b"] = np.nan
    made = sg.responses(frame, {"scale": list("abcd"), "out": ["o1", "o2"]}, limits=(1, 5))
    options = Scale("options", tuple(Choice(k, same(f"option {k}")) for k in (1, 2)))
    question = Item("pick", "select_multiple", same("pick"), scale=options)
    return replace(made, questionnaire=replace(made.questionnaire, items=(*made.questionnaire.items, question)))


@pytest.fixture(scope="module")
def answers():
    return four_strata()


def declared(answers, part, weights):
    """The answers with one part of a design, beside weights that change nothing where the verb takes weights."""
    if part == "weights":
        return sg.survey_design(answers, weights="w")
    if part == "replicates":
        group = np.arange(len(answers)) // 10
        replicates = np.where(group[:, None] == np.arange(12), 0.0, 12 / 11)
        return sg.survey_design(
            answers, weights=weights, replicates=sg.Replicates("JK1", replicates, 11 / 12, np.ones(12), 11.0)
        )
    return sg.survey_design(answers, weights=weights, **{part: {"strata": "stratum", "fpc": "size"}[part]})


def found(verb, answers):
    """The numbers and notes of a verb, or None where it refuses the design."""
    try:
        result = ESTIMATES[verb](answers)
    except sg.DesignError:
        return None
    numbers = result.frame.select_dtypes("number").to_numpy(dtype=float)
    return numbers, {note.en for note in result.table(language="en").notes}


def test_every_public_verb_stands_in_the_matrix():
    verbs = {name for name in sg.__all__ if inspect.isfunction(getattr(sg, name))}
    assert verbs == NO_ESTIMATES | MAKE_WEIGHTS | set(ESTIMATES)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("verb", ESTIMATES)
def test_a_verb_uses_what_is_declared_or_refuses_it(verb, part, answers):
    even = found(verb, sg.survey_design(answers, weights="ones"))
    plain, weights = (found(verb, answers), None) if even is None else (even, "ones")
    assert plain is not None
    under = found(verb, declared(answers, part, weights))
    if under is None:
        assert part not in POINTS.get(verb, ())
        return
    same_numbers = plain[0].shape == under[0].shape and np.allclose(plain[0], under[0], rtol=1e-9, equal_nan=True)
    if part in SAID.get(verb, ()):
        assert same_numbers
        assert under[1] - found(verb, answers)[1], "nothing is said of the design"
    elif part in POINTS.get(verb, ()):
        assert same_numbers
    else:
        assert not same_numbers, f"{verb} passes over {part}"


def test_what_is_refused_says_how_to_leave_the_design_out(answers):
    weighted = sg.survey_design(answers, weights="w")
    with pytest.raises(sg.DesignError, match=r"designed\(sg.Design\(\)\)"):
        sg.select_items(weighted, ["scale"])
    assert len(sg.select_items(weighted.designed(sg.Design()), ["scale"]).frame)
