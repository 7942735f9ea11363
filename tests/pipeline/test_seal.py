"""The plan before the data: sealed once, changes told with their reasons, what was not planned marked."""

import hashlib
import json

import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.errors import QuestionnaireError
from sgsurvey.pipeline.check import check_path
from sgsurvey.pipeline.planned import EXPLORATORY, held_to_plan, plan_blocks, plan_table
from sgsurvey.pipeline.seal import COPY, SEAL, amendments, read_seal, seal_study
from sgsurvey.pipeline.template import copy_template
from sgsurvey.report.blocks import Callout, TableBlock
from sgsurvey.tables.table import Column

TODAY = "2026-11-26"


@pytest.fixture
def folder(tmp_path):
    return copy_template(tmp_path / "mine").parent


def changed(folder, *changes):
    file = folder / "study.yaml"
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return sg.read_study(folder)


def test_a_seal_is_the_hash_of_the_file_and_is_made_once(folder):
    study = sg.read_study(folder)
    sealed = seal_study(study, date=TODAY)
    assert sealed.sha256 == hashlib.sha256((folder / "study.yaml").read_bytes()).hexdigest()
    assert (folder / COPY).read_bytes() == (folder / "study.yaml").read_bytes()
    assert (sealed.date, sealed.answers) == (TODAY, "none")
    assert read_seal(study) == sealed
    with pytest.raises(QuestionnaireError, match="sealed already"):
        seal_study(study, date="2026-12-01")


@pytest.mark.parametrize(("written", "answers"), [("resp_id\n1\n", "real"), (None, "none")])
def test_a_seal_says_what_answers_were_there(folder, written, answers):
    study = sg.read_study(folder)
    if written:
        responses = study.path(study.plan.data.responses)
        responses.parent.mkdir()
        responses.write_text(written, "utf-8")
    assert seal_study(study, date=TODAY).answers == answers


@pytest.mark.parametrize("damage", ["copy", "gone", "record"])
def test_a_seal_that_was_tampered_with_is_refused(folder, damage):
    study = sg.read_study(folder)
    seal_study(study, date=TODAY)
    if damage == "copy":
        (folder / COPY).write_text(
            (folder / COPY).read_text("utf-8").replace("benchmark: 70", "benchmark: 60"), "utf-8"
        )
    elif damage == "gone":
        (folder / COPY).unlink()
    else:
        (folder / SEAL).write_text(json.dumps({"sha256": "0"}), "utf-8")
    with pytest.raises(QuestionnaireError, match="not as it was sealed"):
        read_seal(study)


def test_changes_are_told_by_place_with_the_reason_that_the_plan_gives(folder):
    sealed = seal_study(sg.read_study(folder), date=TODAY)
    reason = "\namendments:\n  - {changed: questions.Q2, date: 2026-12-02, reason: {zh: 笔误, en: A slip}}\n"
    study = changed(
        folder,
        ("smallest_shortfall: 5 ", "smallest_shortfall: 4 "),
        ("哪些方面低于目标、在谁看来低于目标？", "哪些方面低于目标？"),
        ("\nimportance: IMP", reason + "strata: township_id"),
    )
    found = amendments(study, sealed)
    assert found.frame.assign(reason=[r.en for r in found.frame["reason"]]).to_numpy().tolist() == [
        [
            "questions.Q2.ask.zh",
            '"哪些方面低于目标、在谁看来低于目标？"',
            '"哪些方面低于目标？"',
            "2026-12-02",
            "A slip",
        ],
        ["smallest_shortfall", "5", "4", "", ""],
        ["importance", '"IMP"', "—", "", ""],
        ["strata", "—", '"township_id"', "", ""],
    ]
    assert found.unexplained == ["smallest_shortfall", "importance", "strata"]
    faults = check_path(folder)
    assert [f.severity for f in faults] == ["warning"] * 3
    assert "'smallest_shortfall' was changed after the seal" in str(faults[0])
    blocks = list(plan_blocks(study))
    assert isinstance(blocks[-1], Callout)
    assert blocks[-1].words.en == "Changed without a reason: smallest_shortfall, importance, strata."
    assert "none given" in found.table(language="en").to_markdown()


def test_sizes_of_small_groups_are_part_of_what_is_sealed(folder):
    study = sg.read_study(folder)
    assert study.plan.gaps.populations == {"purchaser": 34, "evaluator": 16}
    sealed = seal_study(study, date=TODAY)
    found = amendments(changed(folder, ("evaluator: 16", "evaluator: 60")), sealed)
    assert found.frame[["what", "sealed", "now"]].to_numpy().tolist() == [["gaps.populations.evaluator", "16", "60"]]


def test_comments_and_order_are_no_amendment(folder):
    sealed = seal_study(sg.read_study(folder), date=TODAY)
    study = changed(
        folder, ("id: s_county_cleaning\n", ""), ("draws: 2000", "draws: 2000\nid: s_county_cleaning  # moved")
    )
    assert amendments(study, sealed).frame.empty
    assert [words.en for words in list(plan_blocks(study))[-2:]][1] == "The plan was not changed after it was sealed."


def test_a_plan_without_a_seal_says_so(folder):
    assert list(plan_blocks(sg.read_study(folder)))[-1].en.startswith("The plan was not sealed")


def test_the_plan_binds_each_question_to_method_variables_benchmark_and_rule(folder):
    study = sg.read_study(folder)
    frame = plan_table(study).to("en").frame
    assert list(frame) == ["question", "method", "variables", "benchmark", "rule"]
    line = frame[frame["method"] == "Shortfall from the target"].iloc[0]
    assert (line["question"], line["benchmark"]) == ("Q2", 70)
    assert "Daily management" in line["variables"]
    assert "adjusted p" in line["rule"]
    assert set(frame["question"]) == {question.id for question in study.plan.questions}


def test_variables_that_do_not_exist_are_faults(folder):
    changed(
        folder,
        ("        variables: [SAT, MGT, FUN, SUP]\n        benchmark", "        variables: [MTG]\n        benchmark"),
    )
    assert ["'MTG'" in str(fault) for fault in check_path(folder)] == [True]


def table_of(name, kind):
    return sg.Table.from_frame(
        pd.DataFrame({"x": [0.1]}), [Column("x", sg.Text("x", "x"), kind)], id=name, title=sg.Text(name, name)
    )


def test_tests_outside_the_plan_are_marked_and_what_was_not_done_is_named(folder):
    study = sg.read_study(folder)
    planned = [name for q in study.plan.questions for each in q.analyses for name in each.shown_in]
    done = [f"{name}_villager" if name == "adequacy" else name for name in planned if name != "shortfall"]
    report = sg.Report("R", language="en").add(*(table_of(name, "p") for name in done))
    report = held_to_plan(report.add(table_of("added", "p"), table_of("shown", "estimate"), "Words."), study)
    tables = {block.table("en").id: block.table("en") for block in report.blocks if isinstance(block, TableBlock)}
    assert {"adequacy_villager", "drivers"} <= set(tables)
    assert [name for name, table in tables.items() if EXPLORATORY in table.notes] == ["added"]
    assert report.blocks[-1].words.en == "Planned, and not done: shortfall."
    whole = held_to_plan(report.add(table_of("shortfall", "p")), study)
    assert isinstance(whole.blocks[-1], TableBlock)
