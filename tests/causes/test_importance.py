from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_county import DRIVERS, county

import sgsurvey as sg
from sgsurvey.causes.evidence import collect
from sgsurvey.causes.ranking import replicate
from sgsurvey.figures.quadrant import QUADRANTS

PICKS = {"MGT": ["pick_MGT"], "FUN": ["pick_FUN"], "SUP": ["pick_SUP", "pick_SUP2"]}
CONCENTRATE, KEEP = QUADRANTS["right", "bottom"], QUADRANTS["right", "top"]


def with_picks(answers, seed=5):
    rng = np.random.default_rng(seed)
    chances = {"pick_MGT": 0.7, "pick_FUN": 0.3, "pick_SUP": 0.3, "pick_SUP2": 0.2}
    picks = {name: (rng.random(len(answers)) < chance).astype(float) for name, chance in chances.items()}
    frame = answers.frame.assign(**picks)
    frame.loc[frame.index % 10 == 0, list(picks)] = np.nan
    return sg.Responses(frame, answers.questionnaire)


@pytest.fixture(scope="module")
def answers():
    return with_picks(county(townships=12))


@pytest.fixture(scope="module")
def ranked(answers):
    return sg.priorities(answers, "SAT", DRIVERS, cluster="township_id", draws=300, seed=1)


@pytest.fixture(scope="module")
def found(answers, ranked):
    return sg.importance(answers, ranked, picks=PICKS)


def test_stated_importance_is_the_share_of_persons_who_picked_something_of_it(answers, found):
    asked = answers.frame[answers.frame["pick_MGT"].notna()]
    stated = found.frame.set_index("term")["stated"]
    assert found.persons == len(asked)
    assert stated["MGT"] == pytest.approx(asked["pick_MGT"].mean())
    assert stated["SUP"] == pytest.approx(((asked["pick_SUP"] + asked["pick_SUP2"]) > 0).mean())
    for group, lines in found.by_group.groupby("group"):
        own = asked[asked["role"] == group]
        assert lines.set_index("term").loc["FUN", "stated"] == pytest.approx(own["pick_FUN"].mean())
        assert (lines["n"] == len(own)).all()


def test_what_each_group_names_is_a_table(answers, found):
    zh, en = found.groups_table().to("zh"), found.groups_table().to("en")
    assert len(zh.rows) == len(en.rows) == 3
    own = answers.frame[(answers.frame["role"] == "villager") & answers.frame["pick_MGT"].notna()]
    assert f"villager (n = {len(own)})" in en.to_markdown()
    line = next(row for row in en.to_markdown().splitlines() if row.startswith("| MGT"))
    assert f"{100 * own['pick_MGT'].mean():.1f}" in line


def test_small_counts_of_a_group_are_not_shown(answers):
    frame = answers.frame.copy()
    villagers = frame.index[(frame["role"] == "villager") & frame["pick_FUN"].notna()]
    frame.loc[villagers, "pick_FUN"] = 0.0
    frame.loc[villagers[:2], "pick_FUN"] = 1.0
    few = sg.Responses(frame, answers.questionnaire)
    ranked = sg.priorities(few, "SAT", DRIVERS, cluster="township_id", draws=100, seed=1)
    shares = sg.importance(few, ranked, picks=PICKS).by_group.set_index(["term", "group"])["stated"]
    assert np.isnan(shares["FUN", "villager"])
    # A second group is hidden with it: the share of all persons would give the first away.
    assert shares["FUN"].isna().sum() == 2
    assert shares[["MGT", "SUP"]].notna().all()


def test_its_interval_is_the_jackknife_of_places(answers, found):
    asked = answers.frame[answers.frame["pick_MGT"].notna()]
    places = asked["township_id"].unique()
    shares = np.array([asked.loc[asked["township_id"] != place, "pick_MGT"].mean() for place in places])
    error = np.sqrt(11 / 12 * ((shares - asked["pick_MGT"].mean()) ** 2).sum())
    line = found.frame.set_index("term").loc["MGT"]
    assert (line["stated_high"] - line["stated_low"]) / 2 == pytest.approx(2.200985 * error, rel=1e-6)


def test_derived_importance_and_performance_are_those_of_the_priorities(ranked, found):
    mine, theirs = found.frame.set_index("term"), ranked.frame.set_index("term")
    assert list(mine.index) == list(theirs.index)
    for column in ("coefficient", "coefficient_low", "coefficient_high"):
        assert mine[column].to_numpy() == pytest.approx(theirs[column].to_numpy(), rel=1e-9)
    assert mine["performance"].to_numpy() == pytest.approx(theirs["mean"].to_numpy(), rel=1e-9)
    assert mine["gap"].to_numpy() == pytest.approx(theirs["shortfall"].to_numpy(), rel=1e-9)
    assert (mine["performance_low"].to_numpy()) == pytest.approx((70 - theirs["shortfall_high"]).to_numpy())


def test_lmg_is_that_of_dominance_with_groups_held_fixed(answers, found):
    scores = answers.scores(["SAT", *DRIVERS]).assign(role=answers.frame["role"])
    door = sg.dominance(scores, "SAT ~ MGT + FUN + SUP", controls="C(role)", draws=0)
    lmg = found.frame.set_index("term")["lmg"]
    shares = door.frame.set_index("term")["estimate"].loc[lmg.index]
    assert (lmg / lmg.sum()).to_numpy() == pytest.approx((shares / shares.sum()).to_numpy(), rel=1e-8)
    alone = sg.ols(scores, "SAT ~ C(role)").fit_statistics["r_squared"]
    everything = sg.ols(scores, "SAT ~ C(role) + MGT + FUN + SUP").fit_statistics["r_squared"]
    assert lmg.sum() == pytest.approx((everything - alone) / (1 - alone), rel=1e-8)


def test_quadrants_and_their_shares_are_counted_draw_by_draw(answers, ranked, found):
    terms = list(ranked.frame["term"])
    evidence = collect(answers, "SAT", terms, cluster="township_id")["all"]
    replicates = replicate(evidence, draws=300, seed=1)
    names = {(True, False): "right bottom", (True, True): "right top", (False, True): "left top",
             (False, False): "left bottom"}  # fmt: skip
    cuts = {"means": None, "midpoint": 50.0, "benchmark": 70.0}
    for cut, at in cuts.items():
        placed = []
        for importance, performance in zip(replicates.headline, replicates.means, strict=True):
            middle = performance.mean() if at is None else at
            high = importance.mean()
            placed.append(
                [names[bool(i >= high), bool(p >= middle)] for i, p in zip(importance, performance, strict=True)]
            )
        lines = found.quadrants[(found.quadrants["kind"] == "coefficient") & (found.quadrants["cut"] == cut)]
        drawn = [
            row for row, values in zip(placed[13:], replicates.headline[13:], strict=True) if not np.isnan(values).any()
        ]
        for k, line in enumerate(lines.to_dict("records")):
            assert line["term"] == terms[k]
            assert line["quadrant"] == QUADRANTS[tuple(placed[0][k].split())]
            assert line["share"] == pytest.approx(np.mean([row[k] == placed[0][k] for row in drawn]))


def test_stated_and_derived_are_named_apart(found):
    zh, en = found.table(language="zh").to_markdown(), found.table(language="en").to_markdown()
    assert "自述重要性" in zh
    assert "推导重要性（系数）" in zh
    assert "stated importance" in en
    assert "derived importance (coefficient)" in en
    for words in (en, zh):
        assert sg.overclaims(words, claim=1).frame.empty
    for kind, words in (("stated", "Stated importance"), ("coefficient", "Derived importance (coefficient)")):
        assert found.plot(kind=kind, language="en").get_xlabel() == words


def test_the_full_questionnaire_matches_its_list_to_the_drivers():
    questionnaire = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
    answers = sg.simulate(questionnaire, seed=3)
    ranked = sg.priorities(answers, "SAT", ["MGT", "FUN", "TRU"], cluster="township_id", draws=100, seed=1)
    found = sg.importance(answers, ranked, picks="IMP")
    evidence = collect(answers, "SAT", ["MGT", "FUN", "TRU"], cluster="township_id")["all"]
    used = answers.frame[evidence.rows(["SAT", "MGT", "FUN", "TRU"])]
    columns = used[[f"IMP_{k}" for k in range(1, 13)]]
    asked = columns[(columns > 0).any(axis=1)]
    stated = found.frame.set_index("term")["stated"]
    assert found.persons == len(asked)
    # Choices 4 to 6 are matched to items of MGT; trust has none of its own and takes those of its aspect, 10 to 12.
    assert stated["MGT"] == pytest.approx((asked[["IMP_4", "IMP_5", "IMP_6"]] > 0).any(axis=1).mean())
    assert stated["TRU"] == pytest.approx((asked[["IMP_10", "IMP_11", "IMP_12"]] > 0).any(axis=1).mean())


def test_a_driver_that_nobody_could_pick_has_no_stated_quadrant(answers, ranked):
    found = sg.importance(answers, ranked, picks={"MGT": ["pick_MGT"], "FUN": ["pick_FUN"]})
    line = found.quadrants.set_index(["kind", "cut", "term"]).loc[("stated", "means", "SUP")]
    assert line["quadrant"] is None
    assert np.isnan(line["share"])
    assert np.isnan(found.frame.set_index("term").loc["SUP", "stated"])
    assert len(found.plot(kind="stated").get_lines()) > 0
    assert "–" in str(found.table(language="en"))


def test_below_six_places_there_are_no_intervals_and_shares(answers):
    few = answers.where(township_id=["T00", "T01", "T02", "T03", "T04"])
    ranked = sg.priorities(few, "SAT", DRIVERS, cluster="township_id", draws=100, seed=1)
    found = sg.importance(few, ranked, picks=PICKS)
    assert found.quadrants["share"].isna().all()
    assert found.frame[["stated_low", "coefficient_high", "performance_low"]].isna().all(axis=None)
    assert found.by_group["stated_low"].isna().all()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"picks": {"MGT": ["pick_MGTT"]}}, sg.DataError, "no column 'pick_MGTT'"),
        ({"picks": {}}, sg.DataError, "belongs to a driver"),
        ({"picks": {"MGT": ["empty"]}}, sg.DataError, "nobody"),
        ({"rows": 200}, sg.DesignError, "other answers"),
        ({"by": "role"}, sg.DesignError, "by group"),
        ({"drivers": ["MGT"]}, sg.DesignError, "no quadrants"),
    ],
)
def test_wrong_arguments_are_said(answers, change, error, words):
    empty = sg.Responses(answers.frame.assign(empty=np.nan), answers.questionnaire)
    ranked = sg.priorities(
        empty, "SAT", change.get("drivers", DRIVERS), by=change.get("by"), cluster="township_id", draws=100, seed=1
    )
    given = empty.where(pd.Series(np.arange(len(empty)) < change.get("rows", 9999)))
    with pytest.raises(error, match=words):
        sg.importance(given, ranked, picks=change.get("picks", PICKS))
