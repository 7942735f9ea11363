"""study.yaml: every fault at once, with its line; simulated answers are known as such."""

from dataclasses import replace
from pathlib import Path

import pytest

import sgsurvey as sg
from sgsurvey.errors import DataError, QuestionnaireError
from sgsurvey.pipeline.check import check_path
from sgsurvey.pipeline.simulated import write_data
from sgsurvey.pipeline.study import MARK
from sgsurvey.pipeline.template import copy_template


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return copy_template(tmp_path_factory.mktemp("study") / "mine").parent


def changed(folder: Path, tmp_path: Path, old: str, new: str) -> Path:
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    assert old in text
    copy = tmp_path / "study.yaml"
    copy.write_text(text.replace(old, new).replace("../questionnaires", str(folder.parent / "questionnaires")), "utf-8")
    return copy


def test_the_bundled_study_is_sound(folder):
    assert check_path(folder) == []
    assert sg.read_study(folder).plan.outcome == "SAT"


def test_a_run_has_one_questionnaire_from_its_first_step_to_its_last(folder):
    study = sg.read_study(folder)
    assert replace(study, progress=print).questionnaire() is study.questionnaire()
    assert sg.read_study(folder).questionnaire() is not study.questionnaire()


def test_all_faults_of_a_study_file_are_told_at_once_with_their_lines(folder, tmp_path):
    copy = changed(folder, tmp_path, "benchmark: 70", "benchmrk: 700\nsmallest_shortfal: x")
    with pytest.raises(QuestionnaireError) as caught:
        sg.read_study(copy)
    message = str(caught.value)
    assert "Did you mean 'benchmark'?" in message
    assert "Did you mean 'smallest_shortfall'?" in message
    line = 1 + next(i for i, text in enumerate(copy.read_text("utf-8").splitlines()) if text.startswith("benchmrk"))
    assert f"line {line}" in message


def test_names_that_the_questionnaire_does_not_know_are_faults(folder, tmp_path):
    faults = check_path(changed(folder, tmp_path, "outcome: SAT", "outcome: SATT"))
    assert [f.what.en for f in faults] == ["outcome: the questionnaire has no 'SATT'."]


def test_names_of_paths_gaps_and_measurement_are_checked_too(folder, tmp_path):
    copy = changed(folder, tmp_path, "paths: [SUP -> MGT -> EFS -> SAT]", "paths: [SUP -> MGTT -> SAT]")
    assert [f.what.en for f in check_path(copy)] == ["paths: the questionnaire has no 'MGTT'."]
    copy = changed(folder, tmp_path, "against: villager\n", "against: vilager\n")
    assert [f.what.en for f in check_path(copy)] == ["gaps: the questionnaire has no 'vilager'."]
    copy = changed(folder, tmp_path, "criterion: observer_score", "criterion: observers")
    assert [f.what.en for f in check_path(copy)] == ["criterion: the questionnaire has no 'observers'."]


@pytest.mark.parametrize(
    ("old", "new", "section"),
    [
        ("[SUP -> MGT -> EFS -> SAT]", "[SUP -> SAT]", "paths"),
        ("[SUP -> MGT, MGT -> EFS,", "[SUP MGT, MGT -> EFS,", "causal_graph"),
        ("margin: 5\n  populations", "margin: 0\n  populations", "gaps.margin"),
    ],
)
def test_paths_and_margins_that_mean_nothing_are_faults(folder, tmp_path, old, new, section):
    (fault,) = check_path(changed(folder, tmp_path, old, new))
    assert section in fault.what.en


def test_open_answers_are_questions_with_sheets_and_a_frame(folder, tmp_path):
    copy = changed(folder, tmp_path, "items: [P_open2,", "items: [P_open9,")
    assert [f.what.en for f in check_path(copy)] == ["open_answers: the questionnaire has no 'P_open9'."]
    study = sg.read_study(changed(folder, tmp_path, "B: data/coding_b.xlsx}", "B: b.xlsx}\n  frame: coding.yaml"))
    assert study.coding_sheets == {}
    (tmp_path / "b.xlsx").write_bytes(b"sheet")
    assert study.coding_sheets == {"B": tmp_path / "b.xlsx"}
    assert study.inputs == {"b.xlsx": tmp_path / "b.xlsx"}
    frame = sg.CodingFrame((sg.CodingFrame.stakeholder().dimension("function"),))
    frame.save(tmp_path / "coding.yaml")
    assert study.coding_frame == frame
    assert sg.read_study(folder).coding_frame == sg.CodingFrame.stakeholder()


def test_the_causal_graph_is_read_as_pairs(folder):
    arrows = sg.read_study(folder).plan.arrows
    assert arrows[0] == ("SUP", "MGT")
    assert ("FUN", "SAT") in arrows


def test_cut_offs_are_read_from_the_plan(folder, tmp_path):
    copy = changed(folder, tmp_path, "    longstring: 0.5\n", "    longstring: 0.8\n    yes_saying: 0.5\n")
    cutoffs = sg.read_study(copy).cutoffs
    assert (cutoffs.longstring, cutoffs.yes_saying, cutoffs.irv) == (0.8, 0.5, None)
    left_out = sg.read_study(changed(folder, tmp_path, "    mahalanobis: 0.999\n", "    mahalanobis:\n")).cutoffs
    assert left_out.mahalanobis is None


def test_cut_offs_that_mean_nothing_are_faults_with_their_lines(folder, tmp_path):
    copy = changed(folder, tmp_path, "    longstring: 0.5\n", "    longstring: 5\n    longstrin: 0.5\n")
    faults = check_path(copy)
    assert [f.what.en for f in faults] == [
        "the cut-off longstring=5.0 means nothing.",
        "there is no cut-off 'longstrin'. Did you mean 'longstring'?",
    ]
    lines = copy.read_text("utf-8").splitlines()
    assert [lines[f.where.line - 1].strip() for f in faults] == ["longstring: 5", "longstrin: 0.5"]
    assert faults[0].what.zh == "分界值 longstring=5.0 无效。"


LEVER_TABLE = """lever_table:
  - {lever: 5, points: {FUN: 8}, cost: 2, controlled_by: {zh: 县财政局, en: County finance bureau}}
  - {lever: 3, points: {MGT: 6}}
"""


def with_levers(folder, tmp_path, table):
    """The bundled study with other levers than its own."""
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    return changed(folder, tmp_path, text[text.index("lever_table:") : text.index("draws:")], table)


def test_levers_are_declared_in_the_plan(folder, tmp_path):
    copy = with_levers(folder, tmp_path, LEVER_TABLE)
    assert check_path(copy) == []
    first, second = sg.read_study(copy).plan.lever_table
    assert (first.lever, first.points, first.cost, first.controlled_by.zh) == (5, {"FUN": 8.0}, 2.0, "县财政局")
    assert second.cost == 1.0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("lever: 5", "lever: 55", "lever_table: 'LEV' has no choice 55."),
        ("lever: 3", "lever: 5", "lever_table: choice 5 is declared twice."),
        ("FUN: 8", "FUM: 8", "lever_table: 'FUM' is not among the drivers."),
        ("cost: 2", "cost: 0", "'lever_table.0.cost': Input should be greater than 0."),
        ("FUN: 8", "FUN: -8", "'lever_table.0.points.FUN': Input should be greater than 0."),
    ],
)
def test_a_lever_that_means_nothing_is_a_fault_with_its_line(folder, tmp_path, old, new, says):
    copy = with_levers(folder, tmp_path, LEVER_TABLE.replace(old, new))
    (fault,) = check_path(copy)
    assert fault.what.en == says
    assert fault.what.zh
    lines = copy.read_text("utf-8").splitlines()
    assert new in lines[fault.where.line - 1]


def test_a_missing_study_says_how_to_make_one(tmp_path):
    with pytest.raises(QuestionnaireError, match="sgsurvey init"):
        sg.read_study(tmp_path)


def test_simulated_files_are_known_and_real_ones_are_never_written_over(folder, tmp_path):
    study = sg.read_study(copy_template(tmp_path / "mine"))
    written = write_data(study)
    assert study.simulated
    assert MARK in [path.name for path in written]
    with pytest.raises(DataError, match="there already"):
        write_data(study)
    first = study.path(study.plan.data.responses).read_bytes()
    write_data(study, force=True)
    assert study.path(study.plan.data.responses).read_bytes() == first
    study.path(study.plan.data.responses).write_text("resp_id\n1\n", encoding="utf-8")
    assert not study.simulated
    with pytest.raises(DataError, match="not made by sgsurvey"):
        write_data(study, force=True)


def test_a_folder_that_is_not_empty_is_not_written_to(tmp_path):
    (tmp_path / "thesis.docx").write_bytes(b"mine")
    with pytest.raises(DataError, match="not empty"):
        copy_template(tmp_path)
