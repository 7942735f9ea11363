"""An export becomes a folder of clean answers, what was set aside, and a report that adds up."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.errors import DataError
from sgsurvey.pipeline.intake import take_in

QUESTIONNAIRES = Path(__file__).parents[2] / "questionnaires"


@pytest.fixture(scope="module")
def instrument():
    return sg.read_questionnaire(QUESTIONNAIRES)


@pytest.fixture(scope="module")
def made(instrument):
    return sg.simulate(instrument, sg.Population(sizes={role.name: 12 for role in instrument.roles}), seed=3).frame


def written(frame: pd.DataFrame, path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    return path


def cells(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_the_folder_holds_answers_what_was_set_aside_and_a_report_in_both_languages(made, instrument, tmp_path):
    source = written(made, tmp_path / "数据 一" / "导出.csv")
    before = source.read_bytes()
    taken = take_in(source, instrument, tmp_path / "收 到")
    names = {path.name for path in taken.files}
    assert names == {"clean.csv", "quarantine.csv", "invalid_cells.csv", "ingest_report.zh.md", "ingest_report.en.md"}
    assert all(path.is_file() for path in taken.files)
    assert source.read_bytes() == before
    assert len(cells(taken.files[0])) - 1 == len(taken.answers)
    assert len(cells(taken.files[1])) - 1 == len(taken.answers.log.quarantine)
    english = taken.files[4].read_text(encoding="utf-8")
    step = taken.answers.log.steps[0]
    assert f"{step.n_in} rows in, {step.n_out} kept." in english
    assert f"{int(taken.answers.log.cells['cells'].sum())} cells in all; they add up." in english
    assert next(iter(taken.answers.log.inputs.values())) in english
    assert "合计相符" in taken.files[3].read_text(encoding="utf-8")


def test_what_was_written_is_read_back_as_it_was(made, instrument, tmp_path):
    taken = take_in(written(made, tmp_path / "a.csv"), instrument, tmp_path / "out")
    again = sg.read_responses(taken.files[0], instrument)
    assert len(again) == len(taken.answers)
    for column in ("role", "MGT1", "FUN4R", "SAT1", "age5"):
        assert again.frame[column].astype(str).tolist() == taken.answers.frame[column].astype(str).tolist()


def test_reading_again_says_what_is_new_changed_and_gone(made, instrument, tmp_path):
    out = tmp_path / "out"
    first = take_in(written(made.iloc[:50], tmp_path / "a.csv"), instrument, out)
    assert first.compared is None
    same = take_in(tmp_path / "a.csv", instrument, out)
    assert same.compared.frame["n"].tolist() == [len(same.answers), 0, 0, 0]
    later = made.iloc[5:].copy()
    person = same.answers.frame["resp_id"].iloc[10]
    later.loc[later["resp_id"] == person, "MGT1"] = 6 - later.loc[later["resp_id"] == person, "MGT1"].fillna(1)
    grown = take_in(written(later, tmp_path / "a.csv"), instrument, out).compared
    assert person in grown.changed or later.loc[later["resp_id"] == person, "MGT1"].item() == 3
    assert set(grown.vanished) == set(same.answers.frame["resp_id"]) - set(later["resp_id"])
    assert len(grown.new) > 0


def test_no_cell_is_taken_for_a_formula(made, instrument, tmp_path):
    frame = made.copy()
    frame.loc[frame.index[0], "V_open1"] = "=HYPERLINK(1)"
    frame.loc[frame.index[1], "V_open1"] = "-9 是拒答"
    villager = frame.index[frame["role"] == "villager"][0]
    frame.loc[villager, "V_hhsize"] = -9
    taken = take_in(written(frame, tmp_path / "a.csv"), instrument, tmp_path / "out")
    whole = taken.files[0].read_text(encoding="utf-8-sig")
    assert "=HYPERLINK" not in whole.replace("'=HYPERLINK", "")
    assert "'-9 是拒答" in whole
    assert any("-9" in row for row in cells(taken.files[0])), "codes of no-answer stay numbers"


def test_a_refused_file_writes_nothing(instrument, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("name,score\nx,1\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        take_in(bad, instrument, tmp_path / "out")
    assert caught.value.code == "SG102"
    assert not (tmp_path / "out").exists()


def test_the_input_is_never_written_over(made, instrument, tmp_path):
    source = written(made, tmp_path / "clean.csv")
    with pytest.raises(DataError) as caught:
        take_in(source, instrument, tmp_path)
    assert caught.value.code == "SG161"


def test_a_place_that_cannot_be_written_to_is_told(made, instrument, tmp_path):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        take_in(written(made, tmp_path / "a.csv"), instrument, tmp_path / "out")
    assert caught.value.code == "SG160"
