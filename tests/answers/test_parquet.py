"""What was saved is what is loaded, field by field; nothing else is taken for it."""

import base64
import io
import json
import sys
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from layouts.entries import small_county
from layouts.matrix import COUNTY
from pandas.testing import assert_frame_equal, assert_index_equal

import sgsurvey as sg
from sgsurvey.answers.design import Calibration, Design, Replicates
from sgsurvey.answers.log import Log
from sgsurvey.text import Text


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Answers with every field filled: read from a file with a bad cell and a bad row, weighted, a part of a whole."""
    folder = tmp_path_factory.mktemp("read")
    frame = small_county(COUNTY).frame.astype(object)
    frame.loc[3, "TRU1"] = "77"
    frame = pd.concat([frame, frame.tail(1)])
    frame.to_csv(folder / "县.csv", index=False, encoding="utf-8-sig")
    read = sg.read_responses(folder / "县.csv", COUNTY, source="csv", options=sg.ReadOptions(min_complete=0))
    n = len(read)
    rng = np.random.default_rng(7)
    notes = pd.Series(["a", None] * n, dtype=object)[:n]
    read = replace(read, frame=read.frame.assign(w=rng.uniform(1, 2, n), note=notes))
    design = Design(
        weights="w",
        strata="township_id",
        fpc=("w",),
        lonely="adjust",
        replicates=Replicates("JK1", rng.uniform(size=(n, 4)), 0.75, np.ones(4), 3.0, True),
        calibrations=(
            Calibration(rng.uniform(size=(n, 2)), rng.uniform(size=n), Text("校准", "raked"), np.copy, True),
            Calibration(None, rng.uniform(size=n), Text("截断", "trimmed"), np.copy),
        ),
        whole=read.frame[["w", "township_id"]],
    )
    return replace(
        read.where(read.frame["w"] > 1.2),
        design=design,
        kind="experiment",
        simulated=True,
        labels={"w": Text("权数", "Weight")},
        hidden={"TRU1": pd.Index([2, 5, 9])},
        context={"places": pd.DataFrame({"township_id": ["甲", "乙"], "n": [1, 2]})},
    )


def assert_same(one, other, where="answers"):
    """Equal in type and value, through tables, arrays and the fields of dataclasses."""
    assert type(one) is type(other), where
    if isinstance(one, pd.DataFrame):
        assert_frame_equal(one, other, check_exact=True)
    elif isinstance(one, pd.Index):
        assert_index_equal(one, other)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, (Log, Design, Replicates, Calibration, sg.Responses)):
        for field in fields(one):
            if field.name == "redo":  # code, which is not kept
                continue
            assert_same(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, dict):
        assert list(one) == list(other), where
        for key, value in one.items():
            assert_same(value, other[key], f"{where}[{key}]")
    elif isinstance(one, tuple):
        assert len(one) == len(other), where
        for a, b in zip(one, other, strict=True):
            assert_same(a, b, where)
    else:
        assert one == other, where


def test_every_field_comes_back_equal(answers, tmp_path):
    path = answers.save(tmp_path / "答卷 1.parquet")
    assert len(answers.log.events)
    assert len(answers.log.quarantine)
    assert len(answers.log.invalid)
    back = sg.load(path)
    assert_same(answers, back)
    with pytest.raises(sg.DesignError, match="before saving"):
        back.design.calibrations[0].redo(np.ones(3))
    assert back.shown("TRU1").tolist() == answers.shown("TRU1").tolist()


def test_simulated_answers_come_back_without_their_truth(tmp_path):
    made = sg.simulate(COUNTY, seed=3)
    back = sg.load(made.save(tmp_path / "made.parquet"))
    assert made.truth is not None
    assert back.simulated
    assert_same(replace(made, truth=None), back)


def test_the_same_answers_give_the_same_bytes(answers, tmp_path):
    one, two = answers.save(tmp_path / "1.parquet"), answers.save(tmp_path / "2.parquet")
    assert one.read_bytes() == two.read_bytes()


def kept(path):
    return json.loads(pq.read_schema(path).metadata[b"sgsurvey"])


def changed(path, change):
    """The file with its metadata changed."""
    table, meta = pq.read_table(path), kept(path)
    change(meta)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"sgsurvey": json.dumps(meta)}), path)
    return path


def questionnaire(change):
    def within(meta):
        inside = json.loads(meta["questionnaire"])
        change(inside)
        meta["questionnaire"] = json.dumps(inside)

    return within


buffer = io.BytesIO()
np.save(buffer, np.array([print], dtype=object), allow_pickle=True)
PICKLED = base64.b64encode(buffer.getvalue()).decode()
HOSTILE = {
    "another layout": lambda meta: meta.update(layout=99),
    "no questionnaire": lambda meta: meta.pop("questionnaire"),
    "text for a questionnaire": lambda meta: meta.update(questionnaire="not json"),
    "an item that is not defined": questionnaire(lambda q: q["blocks"][0].update(items=["nowhere"])),
    "an item twice": questionnaire(lambda q: q["items"].append(q["items"][0])),
    "a scale without a code": questionnaire(lambda q: q["items"][5].update(scale={"name": "s", "choices": [{}]})),
    "an unknown kind": lambda meta: meta.update(kind="miracle"),
    "a design of columns that are not there": lambda meta: meta["design"].update(weights="nowhere"),
    "a word for simulated": lambda meta: meta.update(simulated="no"),
    "rows that do not add up": lambda meta: meta["steps"][0].update(n_in=1),
    "a pickle for an array": lambda meta: meta["design"]["replicates"].update(weights=PICKLED),
    "no table where one belongs": lambda meta: meta["log"].update(events={"table": "AAAA", "objects": []}),
    "a list for everything": lambda meta: meta.update(context=[1]),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_metadata_that_are_not_ours_are_refused(answers, tmp_path, change):
    path = changed(answers.save(tmp_path / "a.parquet"), change)
    with pytest.raises(sg.DataError, match=r"SG106 a\.parquet"):
        sg.load(path)


def test_another_programs_file_and_a_damaged_one_are_refused(answers, tmp_path):
    plain = tmp_path / "plain.parquet"
    answers.frame.to_parquet(plain)
    with pytest.raises(sg.DataError, match=r"SG106.*source='parquet'"):
        sg.load(plain)
    path = answers.save(tmp_path / "cut.parquet")
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(sg.DataError, match="SG106"):
        sg.load(path)
    with pytest.raises(sg.DataError, match=r"SG160 gone\.parquet"):
        sg.load(tmp_path / "gone.parquet")


def test_without_pyarrow_the_message_says_what_to_install(answers, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    for attempt in (lambda: answers.save(tmp_path / "a.parquet"), lambda: sg.load(tmp_path / "a.parquet")):
        with pytest.raises(sg.DataError, match=r"SG160 a\.parquet.*pip install pyarrow"):
            attempt()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told_and_leaves_nothing_behind(answers, tmp_path):
    (tmp_path / "taken.parquet").mkdir()
    with pytest.raises(sg.DataError, match=r"SG160 .*taken\.parquet"):
        answers.save(tmp_path / "taken.parquet")
    x = pd.Series([1, *["b"] * (len(answers) - 1)], index=answers.frame.index, dtype=object)
    mixed = replace(answers, frame=answers.frame.assign(x=x))
    with pytest.raises(sg.DataError, match=r"SG160 .*mixed\.parquet"):
        mixed.save(tmp_path / "mixed.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.parquet"]
    with pytest.raises(sg.DataError, match=r"saved as '\.doc'"):
        answers.save(tmp_path / "a.doc")


def test_large_numbers_are_read_exactly_and_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    frame = small_county(COUNTY).frame
    frame = frame[frame["role"] == "villager"].reset_index(drop=True)
    frame["resp_id"] = pd.array([2**60 + i for i in range(len(frame))], dtype="Int64")
    frame.to_parquet(path)
    back = sg.read_responses(path, COUNTY, source="parquet", role="villager", options=sg.ReadOptions(min_complete=0))
    assert back.frame["resp_id"].tolist() == [str(2**60 + i) for i in range(len(frame))]
    pq.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(sg.DataError, match="SG102"):
        sg.read_responses(path, COUNTY, source="parquet")
    path.write_bytes(b"PAR1 nothing")
    with pytest.raises(sg.DataError, match="SG106"):
        sg.read_responses(path, COUNTY, source="parquet")


def test_more_rows_than_any_export_has_come_back_too(tmp_path):
    """What bounds a file of our own is what its bytes can honestly unfold to, not the number of its rows."""
    n = 600_000
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.integers(1, 6, n), "b": rng.integers(1, 6, n), "g": rng.choice(["x", "y"], n)})
    answers = sg.responses(frame, {"A": ["a", "b"]})
    back = sg.load(answers.save(tmp_path / "many.parquet"))
    assert len(back) == n
    assert_frame_equal(back.frame, answers.frame)
