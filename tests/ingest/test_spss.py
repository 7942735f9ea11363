"""SPSS and Stata files: codes under other labels are refused, damaged files too, user-missing codes stay."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from layouts.matrix import COUNTY, county
from layouts.spss import export, variables
from small_files import sound_cells

import sgsurvey as sg
from sgsurvey.errors import DataError
from sgsurvey.ingest.read import read_responses
from sgsurvey.ingest.spss import _longest_text

ANYHOW = sg.ReadOptions(min_complete=0)


def test_turned_value_labels_are_refused(tmp_path):
    frame, labels, values, _ = variables(county(), "villager", most=250)
    codes = [c.code for c in COUNTY.item("TRU1").scale.valid]
    said = values["TRU1"]
    values["TRU1"] = dict(zip(codes, [said[code] for code in reversed(codes)], strict=True))
    path = tmp_path / "turned.sav"
    pyreadstat.write_sav(frame, path, column_labels=labels, variable_value_labels=values)
    with pytest.raises(sg.DataError) as refused:
        sg.read_responses(path, COUNTY, source="spss", role="villager", options=ANYHOW)
    assert refused.value.code == "SG153"
    assert "TRU1" in str(refused.value)


@pytest.mark.parametrize("kept", [1, 10, 200, 0.5])
@pytest.mark.parametrize("source", ["spss", "stata"])
def test_a_damaged_file_is_refused(tmp_path, kept, source):
    path, _ = export(county(), "villager", tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept) if kept < 1 else kept])
    with pytest.raises(sg.DataError) as refused:
        sg.read_responses(path, COUNTY, source=source, role="villager", options=ANYHOW)
    assert refused.value.code == "SG106"


def test_user_missing_codes_stay_apart_from_empty_cells(tmp_path):
    item = next(i for i in COUNTY.asked("villager") if i.type == "rating" and i.missing_codes)
    code = min(item.missing_codes)
    frame, labels, values, _ = variables(county(), "villager", most=250)
    frame.loc[0, item.name], frame.loc[1, item.name] = code, float("nan")
    path = tmp_path / "村民.sav"
    pyreadstat.write_sav(
        frame, path, column_labels=labels, variable_value_labels=values, missing_ranges={item.name: [code]}
    )
    back = sg.read_responses(path, COUNTY, source="spss", role="villager", options=ANYHOW)
    assert back.frame[item.name][0] == code
    assert pd.isna(back.frame[item.name][1])


def test_a_variable_is_found_by_its_label(tmp_path):
    frame, labels, values, _ = variables(county(), "villager", most=250)
    path = tmp_path / "labels.sav"
    labels["V1"], values["V1"] = labels.pop("TRU1"), values.pop("TRU1")
    pyreadstat.write_sav(frame.rename(columns={"TRU1": "V1"}), path, column_labels=labels, variable_value_labels=values)
    back = sg.read_responses(path, COUNTY, source="spss", role="villager", options=ANYHOW)
    assert back.frame["TRU1"].astype(float).tolist() == pytest.approx(frame["TRU1"].tolist(), nan_ok=True)


# Read piece by piece ---------------------------------------------------------------------------------


@pytest.fixture
def in_pieces(monkeypatch):
    """Few rows at a time, whatever their width."""
    monkeypatch.setattr("sgsurvey.ingest.spss.PIECE", 1000)


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 50])
def test_pieces_are_the_whole(in_pieces, rows, tmp_path, instrument):
    """As many rows as fill pieces, or leave a part of one, or none."""
    frame = pd.DataFrame({"resp_id": [f"p{k:03}" for k in range(rows)], "words": ["字" * 70] * rows})
    for k, name in enumerate(["TR1", "TR2", "TR3R", "EF1", "EF2"]):
        frame[name] = [float((row + k) % 5 + 1) for row in range(rows)]
    for suffix, write in ((".sav", pyreadstat.write_sav), (".dta", pyreadstat.write_dta)):
        path = tmp_path / f"x{suffix}"
        write(frame, path)
        source = "spss" if suffix == ".sav" else "stata"
        answers = sg.read_responses(path, instrument, source=source, role="villager")
        assert answers.frame["resp_id"].tolist() == frame["resp_id"].tolist()
        assert answers.frame["TR2"].astype(float).tolist() == frame["TR2"].tolist()
        assert answers.frame["words"].tolist() == frame["words"].tolist()


@pytest.mark.parametrize("version", [117, 118, 119])
def test_the_longest_of_statas_long_texts_is_found(version, tmp_path):
    path = tmp_path / "x.dta"
    frame = pd.DataFrame({"words": ["a" * 10, "b" * 3000, "c" * 200, ""]})
    frame.to_stata(path, version=version, convert_strl=["words"], write_index=False)
    # Each text is kept with a zero behind it.
    assert _longest_text(path.read_bytes()) == 3001
    assert _longest_text(path.read_bytes().replace(b"<map>", b"<mop>")) == path.stat().st_size


def test_a_portable_file_is_read_too_and_a_damaged_one_refused(instrument, tmp_path):
    """SPSS's old portable format: names of eight capitals at most, no Chinese, but codes as ever."""
    header, *rows = sound_cells()
    frame = pd.DataFrame(rows, columns=[head.upper() for head in header]).replace("", np.nan)
    frame["ROLE"] = ["villager", "villager", "cadre", "cadre"]
    frame = frame.astype(dict.fromkeys(frame.columns[2:], "float64"))
    path = tmp_path / "old.por"
    pyreadstat.write_por(frame, path)
    answers = read_responses(path, instrument, source="spss")
    assert answers.frame["resp_id"].tolist() == list("abcd")
    assert answers.frame["TR1"].tolist() == [1, 5, 3, 2]
    assert answers.frame["EF1"].isna().tolist() == [False, False, True, True]
    assert answers.frame["age"].tolist() == [30, 41, 55, -9]
    content = path.read_bytes()
    for cut in (10, 200, len(content) // 2):
        path.write_bytes(content[:cut])
        with pytest.raises(DataError) as caught:
            read_responses(path, instrument, source="spss")
        assert caught.value.code.startswith("SG10")
