"""purge: only the study's own answers and key go, and a record stays."""

import hashlib
import json
import os
from pathlib import Path

import pytest

import sgsurvey as sg
from sgsurvey.answers.pseudonyms import write_key
from sgsurvey.errors import DataError
from sgsurvey.pipeline.purge import RECORD, purge_study, to_purge
from sgsurvey.pipeline.study import MARK
from sgsurvey.pipeline.template import copy_template

ANSWERS = b"resp_id,role\n1,villager\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A study with answers, a table about places and a key of its own."""
    study = copy_template(tmp_path / "mine")
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("data:\n", "data:\n  pseudonyms: data/study.key\n", 1), encoding="utf-8")
    data = study.parent / "data"
    data.mkdir()
    (data / "responses.csv").write_bytes(ANSWERS)
    (data / "administrative.csv").write_text("township_id\n", encoding="utf-8")
    write_key(data / "study.key", bytes(32))
    return study.parent


def left(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in (folder / "data").rglob("*")}


def test_answers_and_key_are_deleted_and_the_rest_stays(folder):
    done = purge_study(sg.read_study(folder), date="2026-12-31")
    assert [each.file for each in done] == ["data/responses.csv", "data/study.key"]
    assert left(folder) == {"data/administrative.csv"}
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    assert record == [
        {
            "file": "data/responses.csv",
            "what": "answers",
            "sha256": hashlib.sha256(ANSWERS).hexdigest(),
            "bytes": len(ANSWERS),
            "date": "2026-12-31",
        },
        {"file": "data/study.key", "what": "key", "sha256": "", "bytes": 65, "date": "2026-12-31"},
    ]


def test_sheets_of_coders_hold_words_of_respondents_and_go_too(folder):
    (folder / "data" / "coding_a.xlsx").write_bytes(b"words")
    done = purge_study(sg.read_study(folder), date="2026-12-31")
    assert [(each.file, each.what) for each in done] == [
        ("data/responses.csv", "answers"),
        ("data/coding_a.xlsx", "codes"),
        ("data/study.key", "key"),
    ]
    assert left(folder) == {"data/administrative.csv"}


def test_naming_deletes_nothing(folder):
    before = left(folder)
    assert [each.file for each in to_purge(sg.read_study(folder), date="2026-12-31")] == [
        "data/responses.csv",
        "data/study.key",
    ]
    assert left(folder) == before
    assert not (folder / RECORD).exists()


def test_a_record_is_added_to_never_written_over(folder):
    purge_study(sg.read_study(folder), date="2026-12-31")
    (folder / "data" / "responses.csv").write_bytes(b"again")
    (folder / "data" / MARK).write_text("x", encoding="utf-8")
    purge_study(sg.read_study(folder), date="2027-01-31")
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    assert [(line["what"], line["date"]) for line in record] == [
        ("answers", "2026-12-31"),
        ("key", "2026-12-31"),
        ("answers", "2027-01-31"),
        ("mark", "2027-01-31"),
    ]


def test_nothing_to_delete_is_told(folder):
    purge_study(sg.read_study(folder), date="2026-12-31")
    with pytest.raises(DataError, match="SG177"):
        purge_study(sg.read_study(folder), date="2026-12-31")


@pytest.mark.parametrize("way", ["path", "absolute", "link", "folder link", "key", "loose link"])
def test_nothing_outside_the_study_is_deleted_nor_anything_beside_it(folder, tmp_path, way):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    other = outside / "responses.csv"
    other.write_bytes(ANSWERS)
    plan = folder / "study.yaml"
    text = plan.read_text(encoding="utf-8")
    own = folder / "data" / "responses.csv"
    if way == "path":
        plan.write_text(text.replace("data/responses.csv", "../../elsewhere/responses.csv", 1), encoding="utf-8")
    elif way == "absolute":
        plan.write_text(text.replace("responses: data/responses.csv", f"responses: {other}", 1), encoding="utf-8")
    elif way == "link":
        own.unlink()
        own.symlink_to(other)
    elif way == "loose link":
        own.unlink()
        own.symlink_to(outside / "nothing")
    elif way == "folder link":
        os.rename(folder / "data", outside / "data")
        (folder / "data").symlink_to(outside / "data", target_is_directory=True)
    else:
        write_key(outside / "study.key", bytes(32))
        plan.write_text(text.replace("data/study.key", "../../elsewhere/study.key", 1), encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(DataError, match=r"SG176.*nothing was deleted"):
        purge_study(sg.read_study(folder), date="2026-12-31")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_folder_of_answers_is_emptied(folder):
    answers = folder / "data" / "forms"
    (answers / "deep").mkdir(parents=True)
    for name in ("a.json", "deep/b.json"):
        (answers / name).write_text("{}", encoding="utf-8")
    plan = folder / "study.yaml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("responses: data/responses.csv", "responses: data/forms", 1), encoding="utf-8")
    done = purge_study(sg.read_study(folder), date="2026-12-31")
    assert [each.file for each in done] == ["data/forms/a.json", "data/forms/deep/b.json", "data/study.key"]
    assert not any(path.is_file() for path in answers.rglob("*"))


def test_what_was_deleted_is_written_down_even_when_the_rest_cannot_be(folder, monkeypatch):
    real = Path.unlink

    def unlink(path, *args, **kwargs):
        if path.name == "study.key":
            raise PermissionError(13, "Permission denied", str(path))
        real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(PermissionError):
        purge_study(sg.read_study(folder), date="2026-12-31")
    assert [line["what"] for line in json.loads((folder / RECORD).read_text(encoding="utf-8"))] == ["answers"]
    assert (folder / "data" / "study.key").exists()
