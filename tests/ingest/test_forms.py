"""The offline form's JSON files are read whole, or set aside one by one; none can harm."""

import copy
import json
import os
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from form_files import ZONE, saved_forms, write_forms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offline_form import COUNTY, INSTRUMENT

import sgsurvey as sg
from sgsurvey.answers.responses import Responses
from sgsurvey.forms.record import CLOCKED
from sgsurvey.ingest.options import ReadOptions

EVERYBODY = ReadOptions(min_complete=0)


@pytest.fixture(scope="module")
def county() -> Responses:
    """A few of everybody in a simulated county."""
    answers = sg.simulate(COUNTY, seed=7)
    few = answers.frame.groupby("role").head(12).reset_index(drop=True)
    return replace(answers, frame=few)


def growers(**columns) -> Responses:
    """Growers, each with the given answers."""
    n = max(map(len, columns.values()), default=1)
    every = [c for i in INSTRUMENT.asked("grower") for c in i.columns]
    frame = pd.DataFrame({c: columns.get(c, [None] * n) for c in every}, index=range(n))
    return Responses(frame.assign(role="grower", fee_assigned=5), INSTRUMENT)


@pytest.fixture
def record() -> dict:
    """One grower's answers, saved."""
    one = growers(
        grows=[1], years=[12], area=[3.5], kinds_1=[0], kinds_2=[1], kinds_3=[0], kinds_98=[1], kinds_99=[0],
        other=["黄茶"], since=["2019-03-05"], TRU1=[5], TRU2=[9], TRU3=[-9], check1=[2], fee=[0], words=["一行\n二行"],
    )  # fmt: skip
    return saved_forms(one)[0]


def read(path, **how) -> Responses:
    return sg.read_responses(path, INSTRUMENT, source="forms", options=EVERYBODY, **how)


def plain(column: pd.Series) -> list:
    """The cells, None where there is no answer."""
    return [None if pd.isna(value) else value for value in column]


# Round trip ---------------------------------------------------------------------------------------


def test_every_cell_of_a_county_comes_back_from_its_files(county, tmp_path):
    folder = write_forms(saved_forms(county), tmp_path / "answers")
    back = sg.read_responses(folder, COUNTY, source="forms", options=EVERYBODY)
    assert len(back) == len(county)
    compared = 0
    for item in COUNTY.items:
        for column in set(item.columns) & set(county.frame):
            # The device answers with its zone.
            given = county.frame[column] + ZONE if item.name in CLOCKED else county.frame[column]
            assert plain(back.frame[column]) == plain(given), column
            compared += len(given)
        if item.columns:
            assert back.shown(item.name).tolist() == county.shown(item.name).tolist(), item.name
    assert compared > 5000
    assert (back.log.cells["invalid"] == 0).all()
    assert [back.log.steps[0].n_in, back.log.steps[0].n_out] == [len(county)] * 2
    assert len(back.log.inputs) == len(county)


def test_forms_of_an_older_version_are_read_by_it_where_it_is_given(record, tmp_path):
    turned = tuple(replace(c, code={1: 5, 5: 1}.get(c.code, c.code)) for c in INSTRUMENT.item("TRU1").scale.choices)
    items = tuple(
        replace(item, scale=replace(item.scale, choices=turned)) if item.name == "TRU1" else item
        for item in INSTRUMENT.items
    )
    older = replace(INSTRUMENT, version="0.9", items=items)
    past = copy.deepcopy(record)
    past["questionnaire"]["version"] = "0.9"
    past["id"] = "f" * 8 + past["id"][8:]
    folder = write_forms([record, past], tmp_path)
    assert read(folder).log.steps[0].set_aside == {"other_form": 1}
    options = ReadOptions(min_complete=0, versions=(older,))
    both = sg.read_responses(folder, INSTRUMENT, source="forms", options=options)
    assert sorted(both.frame["TRU1"].tolist()) == [1, 5]
    assert both.frame["TRU2"].tolist() == [9, 9]


def test_three_kinds_of_no_answer_are_kept_apart(tmp_path):
    folder = write_forms(saved_forms(growers(grows=[1, 1, 0], years=[-9, None, None], area=[-8, 2.5, None])), tmp_path)
    back = read(folder)
    assert back.shown("years").tolist() == [True, True, False]
    assert plain(back.frame["years"]) == [-9, None, None]
    assert plain(back.frame["area"]) == [-8, 2.5, None]
    cells = back.log.cells.set_index("column").loc["years", ["read", "no_answer", "blank"]]
    assert cells.tolist() == [1, 1, 1], "refused, not shown, left empty"


def test_what_a_short_form_left_out_was_not_shown(tmp_path):
    folder = write_forms(saved_forms(growers(grows=[0], TRU1=[4]), short=True), tmp_path)
    back = read(folder)
    assert [bool(back.shown(name).iloc[0]) for name in ("TRU1", "TRU2", "TRU3")] == [True, False, False]
    assert back.context["forms"]["short"].tolist() == [True]


def test_a_form_without_a_number_of_its_own_goes_by_its_uuid(record, tmp_path):
    assert read(write_forms([record], tmp_path)).frame["resp_id"].tolist() == [record["id"]]


def test_a_number_of_its_own_goes_before_it_and_one_that_was_not_asked_does_not(record, tmp_path):
    own = replace(INSTRUMENT.item("words"), name="resp_id", relevant={"grows": (1,)})
    blocks = tuple(replace(b, items=(*b.items, "resp_id")) if b.name == "open" else b for b in INSTRUMENT.blocks)
    numbered = replace(INSTRUMENT, items=(*INSTRUMENT.items, own), blocks=blocks)
    other = copy.deepcopy(record) | {"id": "1" * 8 + "-1111-4111-8111-" + "1" * 12}
    record["items"]["resp_id"] = {"state": "answered", "answer": " 007 "}
    other["items"]["resp_id"] = {"state": "not_shown"}
    back = sg.read_responses(write_forms([record, other], tmp_path), numbered, source="forms", options=EVERYBODY)
    assert back.frame["resp_id"].tolist() == ["007", other["id"]]
    assert set(back.context["timings"]["resp_id"]) == {"007", other["id"]}


def test_a_direct_identifier_never_reaches_the_answers(record, tmp_path):
    items = tuple(replace(i, identifier="direct") if i.name == "words" else i for i in INSTRUMENT.items)
    secret = replace(INSTRUMENT, items=items)
    back = sg.read_responses(write_forms([record], tmp_path), secret, source="forms", options=EVERYBODY)
    assert "words" not in back.frame
    assert back.log.cells.set_index("column").loc["words", "left_out"] == 1


# What the form knows beside the answers -----------------------------------------------------------


def test_times_orders_and_languages_come_with_the_answers_that_are_kept(record, tmp_path):
    record["items"]["kinds"]["order"] = [98, 2, 1, 3, 99]
    record["languages"] = ["zh", "en"]
    again = copy.deepcopy(record) | {"finished": "2026-05-01T10:00:00+08:00", "seconds": 800}
    back = read(write_forms([record, again], tmp_path))
    assert back.frame["seconds"].tolist() == [800.0]
    assert back.frame["t_start"].tolist() == ["2026-05-01T09:00:00+08:00"]
    assert back.frame["date"].tolist() == ["2026-05-01"]
    timings = back.context["timings"]
    assert timings.values.tolist() == [[record["id"], page, ms / 1000] for page, ms in record["pages"].items()]
    times = back.context["item_times"].set_index("item")
    assert times.loc["kinds", ["ms", "first", "last", "order"]].tolist() == [2400, 1000, 3400, "98 2 1 3 99"]
    assert back.context["forms"].values.tolist() == [[record["id"], record["id"], "00002.json", False, "zh en"]]


def test_a_form_saved_again_counts_once_as_it_was_saved_last(record, tmp_path):
    later = copy.deepcopy(record)
    later["finished"] = "2026-05-01T09:13:00+09:00"  # earlier than 09:12:30+08:00, though it reads later
    later["items"]["grows"]["answer"] = 0
    back = read(write_forms([record, later, copy.deepcopy(record)], tmp_path))
    assert back.frame["grows"].tolist() == [1]
    assert back.log.quarantine[["row", "reason"]].values.tolist() == [[1, "duplicate"], [2, "duplicate"]]
    assert back.log.events.query("code == 'SG117'")["n"].tolist() == [2]


# Sheets and groups --------------------------------------------------------------------------------


def test_a_sheet_is_read_under_its_own_name_and_set_aside_among_respondents(record, tmp_path):
    sheet = copy.deepcopy(record) | {"role": "garden", "id": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "pages": {}}
    sheet["items"] = {"notice": {"state": "answered", "answer": 2}}
    folder = write_forms([record, sheet], tmp_path)
    respondents = read(folder)
    assert respondents.frame["role"].tolist() == ["grower"]
    assert respondents.log.quarantine["reason"].tolist() == ["other_form"]
    sheets = read(folder, role="garden")
    assert sheets.frame["notice"].tolist() == [2]
    assert sheets.log.quarantine["row"].tolist() == [1]


# Set aside ----------------------------------------------------------------------------------------


def put(*path):
    """A change of the record: the last of ``path`` is put where the others lead; ``...`` takes it away."""

    def change(record: dict) -> None:
        *way, name, value = path
        for step in way:
            record = record[step]
        if value is ...:
            del record[name]
        else:
            record[name] = value

    return change


def nested(depth: int) -> list:
    """Lists within lists."""
    within: list = []
    for _ in range(depth):
        within = [within]
    return within


def raw(change):
    return lambda record: change(json.dumps(record).encode())


DAMAGED = {
    "cut": raw(lambda text: text[: len(text) // 2]),
    "empty": raw(lambda text: b""),
    "zeros": raw(lambda text: b"\0" * 100),
    "utf-16": raw(lambda text: text.decode().encode("utf-16")),
    "gbk": lambda record: json.dumps(record, ensure_ascii=False).encode("gb18030"),
    "a list": raw(lambda text: b"[" + text + b"]"),
    "two forms": raw(lambda text: text + text),
    "deep": raw(lambda text: b"[" * 200_000),
    "deep object": raw(lambda text: b'{"a":' * 100_000),
    "a key twice": raw(lambda text: text[:-1] + b', "role": "buyer"}'),
    "an inner key twice": raw(lambda text: text.replace(b'{"state"', b'{"state": "empty", "state"', 1)),
    "nan": put("seconds", float("nan")),
    "infinite": put("items", "area", "answer", float("inf")),
    "a number of many digits": raw(lambda text: text.replace(b"750.5", b"9" * 10_000)),
    "huge": raw(lambda text: text + b" " * 2_000_001),
    "no id": put("id", ...),
    "an id that is a path": put("id", "../../etc/passwd"),
    "no zone": put("started", "2026-05-01T09:00:00"),
    "no time": put("finished", "yesterday"),
    "time of another kind": put("finished", 5),
    "less than no time": put("seconds", -1),
    "truth for a number": put("seconds", True),
    "short": put("short", "yes"),
    "languages": put("languages", "zh"),
    "pages": put("pages", {"you": "long"}),
    "strange pages": put("pages", {"them": 5}),
    "strange languages": put("languages", ["zh", ["en"]]),
    "a dead language": put("languages", ["la"]),
    "items": put("items", []),
    "state": put("items", "grows", "state", "answerd"),
    "no state": put("items", "grows", {}),
    "an answer that was not shown": put("items", "grows", "state", "not_shown"),
    "answered with nothing": put("items", "grows", "answer", ...),
    "a code as words": put("items", "grows", "answer", "1"),
    "a code as truth": put("items", "grows", "answer", True),
    "a code as list": put("items", "grows", "answer", [1]),
    "half a code": put("items", "grows", "answer", 1.5),
    "words as number": put("items", "words", "answer", 7),
    "half a whole number": put("items", "years", "answer", 1.5),
    "choices as words": put("items", "kinds", "answer", ["1"]),
    "choices in choices": put("items", "kinds", "answer", [[1]]),
    "no draw": put("items", "fee", "assigned", None),
    "order": put("items", "kinds", "order", "2 1"),
    "time of an item": put("items", "grows", "ms", "soon"),
}
OTHER = {
    "another format": put("format", "geojson"),
    "no format": put("format", ...),
    "a newer format": put("format_version", 2),
    "another questionnaire": put("questionnaire", "id", "coffee"),
    "another version": put("questionnaire", "version", "3.0"),
    "an unknown group": put("role", "thief"),
    "a question less": put("items", "TRU2", ...),
    "a question more": put("items", "TRU4", {"state": "empty"}),
    "a version within versions": put("questionnaire", "version", nested(400)),
    "a format within formats": put("format_version", nested(400)),
    "half a character": put("questionnaire", "id", "\ud800"),
    "an empty object": raw(lambda text: b"{}"),
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [pytest.param(change, "damaged", id=name) for name, change in DAMAGED.items()]
    + [pytest.param(change, "other_form", id=name) for name, change in OTHER.items()],
)
def test_a_file_that_is_no_answer_is_set_aside_and_the_others_are_read(record, tmp_path, change, reason):
    bad = json.loads(json.dumps(record))
    made = change(bad)
    content = json.dumps(bad).encode() if made is None else made
    write_forms([record], tmp_path)
    (tmp_path / "00000 坏.json").write_bytes(content)
    back = read(tmp_path)
    assert len(back) == 1
    assert back.log.quarantine[["row", "reason"]].values.tolist() == [[1, reason]]
    assert dict(back.log.steps[0].set_aside) == {reason: 1}
    (event,) = back.log.events.query("code == 'SG154'").to_dict("records")
    assert (event["action"], event["row"], event["value"]) == ("quarantine", 1, "00000 坏.json")
    assert event["message"] != event["message_zh"]
    assert "None" not in event["message"]
    event["message"].encode()


def test_codes_that_are_not_declared_are_set_aside_cell_by_cell(record, tmp_path):
    record["items"]["TRU1"]["answer"] = 7
    record["items"]["years"]["answer"] = 61
    back = read(write_forms([record], tmp_path))
    assert back.log.invalid[["item", "value", "code"]].values.tolist() == [
        ["TRU1", "7", "SG120"],
        ["years", "61", "SG120"],
    ]
    assert back.frame[["TRU1", "years"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ({}, "SG154", "there is no JSON file"),
        ({"a.txt": b"x"}, "SG154", "there is no JSON file"),
        ({"a.json": b"{}", "b.json": b""}, "SG154", "none of the 2 JSON files"),
    ],
)
def test_a_folder_without_an_answer_is_refused(tmp_path, files, code, said):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(sg.DataError, match=said) as error:
        read(tmp_path)
    assert error.value.code == code
    assert error.value.what.zh != error.value.what.en


def test_one_file_alone_and_what_is_not_there(record, tmp_path):
    write_forms([record], tmp_path)
    assert len(read(tmp_path / "00001.json")) == 1
    with pytest.raises(sg.DataError) as error:
        read(tmp_path / "00002.json")
    assert error.value.code == "SG160"


# Folders and zips ---------------------------------------------------------------------------------


def test_folders_within_are_read_and_what_is_no_form_is_counted(record, tmp_path):
    other = copy.deepcopy(record) | {"id": "1" * 8 + "-1111-4111-8111-" + "1" * 12}
    write_forms([record], tmp_path / "monday")
    write_forms([other], tmp_path / "tuesday")
    (tmp_path / "list.xlsx").write_bytes(b"PK")
    (tmp_path / ".00001.json").write_bytes(b"hidden")
    os.mkfifo(tmp_path / "pipe.json")
    back = read(tmp_path)
    assert len(back) == 2
    assert list(back.log.inputs) == ["monday/00001.json", "tuesday/00001.json"]
    assert back.log.events[["code", "action", "n"]].values.tolist() == [["SG154", "warn", 1]]


def test_a_zip_is_read_in_memory_and_its_paths_lead_nowhere(record, tmp_path):
    path = tmp_path / "in" / "answers.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("../../out.json", "a/b.json", "__MACOSX/a/._b.json", "c:\\d.json"):
            each = record | {"id": f"{len(archive.namelist()):08}-1111-4111-8111-111111111111"}
            archive.writestr(name, json.dumps(each))
    before = sorted(tmp_path.rglob("*"))
    back = read(path)
    assert len(back) == 3
    assert sorted(tmp_path.rglob("*")) == before
    assert list(back.log.inputs) == ["answers.zip"]


def test_a_bomb_is_refused_before_it_unpacks(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b" " * 150_000_000)
    with pytest.raises(sg.DataError) as error:
        read(path)
    assert error.value.code == "SG140"


def test_a_cut_zip_is_refused(record, tmp_path):
    path = tmp_path / "answers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", json.dumps(record))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(sg.DataError) as error:
        read(path)
    assert error.value.code == "SG106"


PIECES = [b"null", b"[]", b"{}", b"1e999", b"-", b'"', b"\\ud800", b"\xef\xbb\xbf"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_happens_to_a_file_it_is_read_or_set_aside(record, tmp_path, data):
    good = json.dumps(record, ensure_ascii=False).encode()
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(bad) - 1))
        change = data.draw(st.sampled_from(["set", "cut", "put"]))
        if change == "set":
            bad[at] = data.draw(st.integers(0, 255))
        elif change == "cut":
            del bad[at : at + data.draw(st.integers(1, 30))]
        else:
            bad[at:at] = data.draw(
                st.binary(max_size=8) | st.sampled_from([b"null", b"[]", b"{}", b"1e999", b"-", b'"', b"\\ud800"])
            )
        if not bad:
            break
    write_forms([record | {"id": "1" * 8 + "-1111-4111-8111-" + "1" * 12}], tmp_path)
    (tmp_path / "other.json").write_bytes(bytes(bad))
    back = read(tmp_path)
    step = back.log.steps[0]
    assert step.n_in == 2
    assert step.n_out + sum(step.set_aside.values()) == 2
    assert 1 <= len(back) == step.n_out
