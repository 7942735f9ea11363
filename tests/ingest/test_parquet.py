"""Parquet files of other programs: each different value is looked at once, and none is lost."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_files import ROWS

import sgsurvey as sg
from sgsurvey.ingest.limits import MOST_ROWS

KEPT = ["TR1", "TR2", "TR3R", "EF2"]


def columns(**more):
    names = ["resp_id", "role", *KEPT]
    places = [0, 1, 2, 3, 4, 6]
    sound = {name: [row[at] for row in ROWS] for name, at in zip(names, places, strict=True)}
    return sound | {"EF1": [4, 2, None, None]} | more


def read(tmp_path, instrument, table, **options):
    path = tmp_path / "x.parquet"
    pq.write_table(table, path, **options)
    return sg.read_responses(path, instrument, source="parquet")


@pytest.mark.parametrize("row_group_size", [1, 3, 100])
@pytest.mark.parametrize("use_dictionary", [True, False])
def test_values_come_back_from_every_way_of_packing(tmp_path, instrument, row_group_size, use_dictionary):
    words = ["一", None, "一", ""]
    table = pa.table(columns(words=words, visited=[dt.date(2026, 9, 3), None, dt.date(2026, 9, 4), None]))
    options = {"row_group_size": row_group_size, "use_dictionary": use_dictionary}
    frame = read(tmp_path, instrument, table, **options).frame
    assert frame[KEPT].astype(int).to_numpy().tolist() == [[row[2], row[3], row[4], row[6]] for row in ROWS]
    assert [None if pd.isna(w) else w for w in frame["words"]] == ["一", None, "一", None]
    assert frame["visited"].fillna("").tolist() == ["2026-09-03", "", "2026-09-04", ""]


def test_a_column_of_lists_is_no_answer(tmp_path, instrument):
    with pytest.raises(sg.DataError) as refused:
        read(tmp_path, instrument, pa.table(columns(TR1=[[3], [3, 4], [], None])))
    assert refused.value.code in ("SG106", "SG120")


def test_long_texts_that_many_rows_share_are_refused(tmp_path, instrument):
    many = {name: values * 2000 for name, values in columns().items()}
    many["resp_id"] = [f"p{k}" for k in range(len(many["role"]))]
    words = pa.DictionaryArray.from_arrays(pa.array([0] * len(many["role"])), pa.array(["长" * 32_000]))
    with pytest.raises(sg.DataError) as refused:
        read(tmp_path, instrument, pa.table(many | {"words": words}))
    assert (refused.value.code, "words" in refused.value.where.en) == ("SG140", True)


def test_more_rows_than_any_survey_has_are_refused_unread(tmp_path, instrument):
    with pytest.raises(sg.DataError) as refused:
        read(tmp_path, instrument, pa.table({"TR1": [3] * (MOST_ROWS + 1)}))
    assert refused.value.code == "SG140"
