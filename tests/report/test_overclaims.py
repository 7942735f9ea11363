import pytest
from report_samples import full, means

import sgsurvey as sg
from sgsurvey.errors import SurveyError
from sgsurvey.report.blocks import Bullets, Callout, Figure, Heading
from sgsurvey.tables.claims import VERBS
from sgsurvey.text import Text

TOO_MUCH = [
    ("Management affects satisfaction.", "affects"),
    ("Late pay has an effect on the mood.", "effect on"),
    ("Management drives satisfaction.", "drives"),
    ("Late pay leads to dirty villages.", "leads to"),
    ("Dirty villages are due to late pay.", "due to"),
    ("Better supervision would raise satisfaction.", "would raise"),
    ("Late pay causes low ratings, which cannot prove a plan.", "causes"),
    ("管理对满意度有显著影响。", "影响"),
    ("资金不足导致村庄脏乱。", "导致"),
    ("考核对保洁质量起到积极作用。", "起到积极作用"),
    ("提高待遇可以有效提升满意度。", "可以有效提升"),
    ("监督驱动满意度。", "驱动"),
    ("资金不足造成脏乱，但不能证明因果。", "造成"),
]
FAIR = [
    "Management is associated with satisfaction.",
    "One cross-sectional survey cannot prove a cause.",
    "A driver is an aspect that goes with the outcome; the effect size is 0.3.",
    "Shares may not add up due to rounding.",
    "Respondents named late pay as the cause of dirty villages.",
    "Which factors affect satisfaction?",
    "The indirect effect is reported with its interval.",
    "管理与满意度相关联。",
    "一次横断面调查不能证明因果。",
    "“驱动因素”是方法的名称。",
    "村民认为资金不足导致村庄脏乱。",
    "调节作用见下表。",
    "哪些因素影响满意度？",
]


@pytest.mark.parametrize(("sentence", "word"), TOO_MUCH)
def test_a_causal_word_is_found_with_its_remedy(sentence, word):
    found = sg.overclaims(sentence)
    assert found.frame[["sentence", "word", "needs", "allowed"]].to_numpy().tolist() == [[sentence, word, 3, 1]]
    assert found.frame["instead"][0].to("en") in found.lines()[0].en
    assert sg.overclaims(sentence, claim=3).frame.empty


@pytest.mark.parametrize("sentence", FAIR)
def test_association_denial_method_and_others_opinions_are_left_alone(sentence):
    assert sg.overclaims(sentence).frame.empty


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_the_package_own_verbs_stay_within_their_level(level):
    assert sg.overclaims(VERBS[level], claim=level).frame.empty
    assert sg.overclaims(VERBS[3], claim=level).frame.empty == (level == 3)


def test_a_candidate_cause_takes_level_two():
    words = Text("管理是可能原因。", "Management is a candidate cause.")
    assert sg.overclaims(words).frame["needs"].tolist() == [2, 2]
    assert sg.overclaims(words, claim=2).frame.empty


def test_terms_are_no_claims():
    sentence = "The effect of cleaning is rated 70."
    assert len(sg.overclaims(sentence).frame) == 1
    assert sg.overclaims(sentence, terms=["Effect of cleaning"]).frame.empty


def test_every_kind_of_words_in_a_report_is_read_but_headings_and_tables_are_not():
    bad = "Pay affects ratings"
    report = sg.Report("R", language="en").add(
        Heading(bad), bad + " a.", Bullets((bad + " b.",)), Callout(bad + " c.", "warning"), means()
    )
    report = report.add(Figure(means(), caption=Text("", bad + " d."), alt=bad + " e."))
    assert [s[-2] for s in sg.overclaims(report).frame["sentence"]] == ["a", "b", "c", "d", "e"]


def test_a_chapter_may_say_what_its_results_carry():
    experiment, survey = means(claim=3), means()
    words = "Training affects pay."
    report = sg.Report("R", language="en").add(
        Heading("One"), words, experiment, Heading("Two"), words + " Too.", survey
    )
    assert sg.overclaims(report).frame["chapter"].tolist() == ["Two"]


def test_strict_saving_refuses_and_writes_nothing(tmp_path):
    report = sg.Report("R", language="en").add("Pay affects ratings.")
    with pytest.raises(SurveyError, match=r"1 words say more.*is associated with"):
        report.save(tmp_path / "r.md", strict=True)
    assert not list(tmp_path.iterdir())
    report.save(tmp_path / "r.md")
    full().save(tmp_path / "full.md", strict=True)


def test_the_table_shows_both_levels():
    table = sg.overclaims("Pay affects ratings.").table(language="en").to_markdown()
    assert "causal" in table
    assert "association" in table
