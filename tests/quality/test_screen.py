from dataclasses import fields, replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.answers.log import Log, Step
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.quality.cutoffs import NEEDED, Cutoffs
from sgsurvey.quality.rules import FAMILIES
from sgsurvey.quality.screen import screen
from sgsurvey.questionnaire.model import Block, Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

SCALE = Scale(
    "agree5", (*(Choice(c, same(str(c))) for c in range(1, 6)), Choice(9, Text("不清楚", "Don't know"), "dont_know"))
)
RULED = [field.name for field in fields(Cutoffs) if field.name not in NEEDED]
NAMES = [f"{c}{i}" for c in "ABCD" for i in range(1, 5)]


@pytest.fixture(scope="module")
def instrument():
    items = [Item(n, "rating", same(n), SCALE, construct=n[0], reverse=n.endswith("4")) for n in NAMES]
    check = Item("ATT", "rating", same("ATT"), SCALE, check=2)
    return Questionnaire(
        "screened",
        "1",
        Text("筛查", "Screened"),
        language="en",
        roles=(
            Role("web", Text("自填者", "Self-completed"), mode="self_web", blocks=("all",)),
            Role("visited", Text("受访者", "Interviewed"), mode="interviewer", blocks=("all",)),
            Role("asked", Text("在场者", "Met there"), mode="interviewer", blocks=("all",)),
        ),
        scales={"agree5": SCALE},
        constructs=tuple(Construct(c, same(c), items=tuple(n for n in NAMES if n[0] == c)) for c in "ABCD"),
        blocks=(Block("all", same("all"), (*NAMES, "ATT")),),
        items=(*items, check),
    )


def people(n, seed):
    """Ratings that hang together within constructs; the fourth item of each is reversed."""
    rng = np.random.default_rng(seed)
    view = rng.normal(3.2, 1.2, size=(n, 4))
    keyed = np.clip(np.rint(np.repeat(view, 4, axis=1) + 0.5 * rng.normal(size=(n, 16))), 1, 5)
    turned = np.array([name.endswith("4") for name in NAMES])
    return np.where(turned, 6 - keyed, keyed)


@pytest.fixture(scope="module")
def answers(instrument):
    n = 240
    frame = pd.DataFrame(people(n, 1), columns=NAMES).astype("Int64")
    frame.insert(0, "resp_id", [f"R{i}" for i in range(n)])
    frame.insert(1, "role", ["web"] * 120 + ["visited"] * 120)
    frame["ATT"] = pd.Series([2] * n, dtype="Int64")
    frame["seconds"] = 150.0
    # Row 0: one answer to all, check failed.  Row 1: too fast, check failed.  Rows 2, 3: the same answers, both fast.
    # Row 4: fast alone.  Row 120: fast, but interviewed.  Row 5: don't know to most.
    frame.loc[0, [*NAMES, "ATT"]] = 4
    frame.loc[1, "ATT"] = 5
    frame.loc[3, NAMES] = frame.loc[2, NAMES].to_numpy()
    frame.loc[[1, 2, 3, 4, 120], "seconds"] = 10.0
    frame.loc[4, NAMES] = [5, 4, 5, 1, 1, 2, 1, 5, 4, 4, 4, 2, 2, 2, 2, 4]
    frame.loc[5, NAMES[:12]] = 9
    log = Log().then(Step(Text("读取", "Reading"), n + 3, n, {"duplicate": 2, "short_row": 1}))
    return Responses(frame, instrument, log=log)


@pytest.fixture(scope="module")
def screening(answers):
    return screen(answers)


def test_a_row_is_suspect_when_two_families_flag_it(screening):
    frame = screening.frame
    families = list(FAMILIES)
    assert frame.loc[0, families].tolist() == [True, False, False, True, False]
    assert frame.loc[1, ["time", "check"]].all()
    assert frame.loc[2, ["time", "duplicate"]].all()
    assert frame.loc[[0, 1, 2, 3], "suspect"].all()
    assert not frame.loc[4, "suspect"]
    assert (frame["suspect"] == (frame[families].sum(axis=1) >= 2)).all()


def test_time_counts_only_where_the_form_was_filled_in_alone(screening):
    assert not screening.frame.loc[120, "time"]
    assert screening.frame["seconds_per_item"].notna().sum() == 120
    assert screening.frame.loc[4, "seconds_per_item"] == pytest.approx(10 / 17)


def test_same_answers_name_the_other_row_but_straight_liners_are_not_compared(screening, answers):
    assert screening.frame.loc[2, "same_as"] == "R3"
    assert screening.frame.loc[3, "same_as"] == "R2"
    twice = answers.frame.copy()
    twice.loc[6, NAMES] = 4
    found = screen(replace(answers, frame=twice)).frame
    assert not found.loc[[0, 6], "duplicate"].any()


def test_runs_are_counted_before_reversed_items_are_turned(screening):
    assert screening.frame.loc[0, "longstring"] == 16
    assert screening.frame.loc[0, "irv"] == 0
    assert screening.frame.loc[5, "longstring"] <= 4


def test_honest_answers_are_seldom_suspect(screening):
    assert not screening.frame.loc[6:, "suspect"].any()


def test_random_answers_are_inconsistent(answers):
    frame = answers.frame.copy()
    rows = frame.index[200:220]
    frame.loc[rows, NAMES] = np.random.default_rng(4).integers(1, 6, size=(20, 16))
    found = screen(replace(answers, frame=frame)).frame
    assert found.loc[rows, "consistency"].mean() > 0.6
    assert found.loc[found.index[100:200], "consistency"].mean() < 0.3


def test_each_role_is_judged_among_its_own_people(answers):
    alone = screen(replace(answers.where(role="web"), log=Log())).frame
    together = screen(answers).frame
    columns = ["longstring", "irv", "mahalanobis", "even_odd", "synonyms"]
    pd.testing.assert_frame_equal(together.loc[alone.index, columns], alone[columns])


def test_nothing_is_left_out_until_keep_is_called(screening, answers):
    assert screening.n == len(answers)
    kept = screening.keep()
    assert len(kept) == len(answers) - screening.n_suspect
    assert [step.n_out for step in kept.log.steps] == [240, len(kept)]
    assert dict(kept.log.steps[-1].set_aside) == {"careless": screening.n_suspect}
    assert len(screening.keep("none")) == len(answers)
    assert len(screening.keep("any")) == int((screening.frame["families"] == 0).sum())
    with pytest.raises(DataError, match="not known"):
        screening.keep("all")


def test_the_log_table_counts_what_the_frame_flags(screening):
    rules = screening.rules
    for family in FAMILIES:
        assert rules.loc[rules["family"] == family, "n_flagged"].max() <= screening.frame[family].sum()
    page = screening.table(language="zh").frame
    assert page["n_suspect"].iloc[-1] == screening.n_suspect
    assert page["rule"].tolist()[:2] == ["重复提交", "行不完整"]
    assert page["n_flagged"].tolist()[:2] == [2, 1]


def test_the_flow_is_drawn_in_both_languages(screening):
    for language, word in (("zh", "质量筛查"), ("en", "Screening")):
        ax = screening.plot(language=language)
        assert any(word in text.get_text() for text in ax.texts)
        plt.close(ax.figure)


def test_times_may_come_as_start_and_end(answers):
    frame = answers.frame.drop(columns="seconds")
    frame["t_start"] = "2026-04-07T08:00:00"
    frame["t_end"] = "2026-04-07T08:00:34"
    found = screen(replace(answers, frame=frame)).frame
    assert found.loc[0, "seconds_per_item"] == pytest.approx(2.0)


def test_a_plain_frame_with_constructs_can_be_screened():
    frame = pd.DataFrame(people(150, 3), columns=NAMES)
    made = sg.responses(frame, {c: [n for n in NAMES if n[0] == c] for c in "ABCD"}, reverse=["A4", "B4", "C4", "D4"])
    found = screen(made)
    assert found.frame["mahalanobis"].notna().all()
    assert found.frame["seconds_per_item"].isna().all()
    with pytest.raises(DataError, match="questionnaire"):
        screen(frame)


def test_a_rule_without_a_cut_off_is_left_out_but_its_index_stays(answers):
    found = screen(answers, cutoffs=Cutoffs(longstring=None, mahalanobis=None))
    assert not found.frame["pattern"].any()
    assert found.frame["longstring_share"].notna().any()
    assert "Mahalanobis D²" not in [rule.en for rule in found.rules["rule"]]
    none = screen(answers, cutoffs=Cutoffs(**dict.fromkeys(RULED)))
    assert none.frame["suspect"].sum() == 0
    assert none.rules["family"].tolist() == ["check"]


def test_every_rule_flags_more_as_its_cut_off_is_tightened(answers):
    tight = Cutoffs(
        longstring=0.2,
        irv=1.2,
        extreme_share=0.3,
        yes_saying=0.1,
        mahalanobis=0.9,
        even_odd=0.8,
        synonyms=0.8,
        antonyms=-0.8,
        person_total=0.2,
        keyed_gap=0.1,
        least_pairs=5,
        min_seconds_per_item=20,
        same_answers=0.8,
    )
    loose, found = screen(answers), screen(answers, cutoffs=tight)
    wide = {
        rule.en.partition(" (")[0]: n for rule, n in zip(found.rules["rule"], found.rules["n_flagged"], strict=True)
    }
    for rule, n in zip(loose.rules["rule"], loose.rules["n_flagged"], strict=True):
        assert wide[rule.en.partition(" (")[0]] >= n
    assert (found.rules["n_flagged"] <= found.rules["n_checked"]).all()
    checkable = found.rules[found.rules["n_checked"] > 0]
    assert len(checkable) == 13
    assert (checkable["n_flagged"] > 0).all()


def test_pairs_are_judged_only_where_there_are_enough(answers):
    frame = screen(answers).frame
    assert frame["synonyms"].notna().any()
    assert frame["synonyms_pairs"].max() < 20
    rules = screen(answers).rules.set_index(screen(answers).rules["rule"].map(lambda rule: rule.en.split(" (")[0]))
    assert rules.loc["Psychometric synonyms", "n_checked"] == 0
    notes = " ".join(note.en for note in screen(answers).table().notes)
    assert "Not checked, for want of what they need: Psychometric synonyms" in notes


def test_yes_sayers_and_their_opposites_lean_apart(answers):
    frame = answers.frame.copy()
    frame.loc[10, NAMES], frame.loc[11, NAMES] = 5, 1
    found = screen(replace(answers, frame=frame), cutoffs=Cutoffs(yes_saying=0.9)).frame
    assert found.loc[[10, 11], "acquiescence"].tolist() == [1.0, -1.0]
    assert found.loc[[10, 11], "yes_saying"].tolist() == [1.0, 0.0]
    assert found.loc[[10, 11], "keyed_gap"].tolist() == [1.0, 1.0]
    assert abs(found.loc[20:, "acquiescence"].mean()) < 0.1


def test_fast_pages_are_flagged_where_pages_are_timed(answers):
    pages = pd.DataFrame(
        {
            "resp_id": ["R7", "R7", "R8", "R8", "R130"],
            "page": ["A1", "all", "A1", "all", "all"],
            "seconds": [1.0, 300.0, 1.0, 20.0, 1.0],
        }
    )
    found = screen(replace(answers, context={"timings": pages})).frame
    # The page "all" has 17 questions; the respondent R130 was interviewed.
    assert found.loc[[7, 8], "fast_share"].tolist() == [0.5, 1.0]
    assert found["fast_share"].notna().sum() == 2
    assert found.loc[[7, 8], "time"].all()


def test_the_same_interviewer_cannot_be_in_two_places(answers):
    frame = answers.frame.drop(columns="seconds")
    frame["t_start"], frame["t_end"] = "2026-04-07T08:00:00", "2026-04-07T08:30:00"
    frame["interviewer_id"] = [None] * 120 + [f"I{i}" for i in range(120)]
    frame.loc[121, "interviewer_id"] = "I0"
    found = screen(replace(answers, frame=frame)).frame
    assert found.index[found["overlap"] > 0].tolist() == [120, 121]
    # Not even with people of two groups.
    both = screen(replace(answers, frame=frame.assign(role=frame["role"].mask(frame.index == 121, "asked")))).frame
    assert both.index[both["overlap"] > 0].tolist() == [120, 121]
    assert found.loc[[120, 121], "time"].all()
    # All self-completed forms begin at one minute: without seconds nothing is said.
    assert found["same_second"].isna().all()
    frame.loc[0, "t_start"] = "2026-04-07T08:00:01"
    again = screen(replace(answers, frame=frame)).frame
    assert again.loc[0, "same_second"] == 0
    assert again.loc[1, "same_second"] == 118


def test_simulated_bots_are_found_and_honest_people_left_alone():
    instrument = sg.read_questionnaire("questionnaires")
    made = sg.simulate(instrument, seed=1)
    found = screen(made).frame
    kind = found["resp_id"].map(made.truth.careless.set_index("resp_id")["kind"]).fillna("honest")
    assert found.loc[kind == "bot", "suspect"].mean() > 0.9
    assert found.loc[kind == "straightliner", "pattern"].mean() > 0.9
    assert found.loc[kind == "honest", "suspect"].mean() < 0.01
