"""ODK Central's zip: the form's table, what is said of submissions, and what may not harm."""

import io
import zipfile
from pathlib import Path

import pytest

import sgsurvey as sg

ZIP = Path(__file__).parent / "fixtures" / "odk" / "small.zip"


@pytest.fixture
def form() -> str:
    """The form's table in the zip."""
    with zipfile.ZipFile(ZIP) as archive:
        return archive.read("small.csv").decode()


@pytest.fixture
def read(instrument, write):
    """Read a zip of the given parts."""

    def of(parts: dict[str, str]) -> sg.Responses:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        return sg.read_responses(write(out.getvalue(), "small.zip"), instrument, source="odk")

    return of


def test_encrypted_and_rejected_submissions_are_set_aside_each_told_once(instrument):
    answers = sg.read_responses(ZIP, instrument, source="odk")
    assert answers.frame["resp_id"].tolist() == ["uuid:k1", "uuid:k2", "uuid:k3", "uuid:k6"]
    assert answers.log.quarantine[["row", "reason"]].values.tolist() == [[5, "encrypted"], [6, "rejected"]]
    assert answers.log.events.query("action == 'quarantine'")[["code", "row", "n"]].values.tolist() == [
        ["SG151", 5, 1],
        ["SG151", 6, 1],
    ]
    assert answers.log.events.query("column == 'ReviewState'")[["action", "row"]].values.tolist() == [["warn", 7]]


def test_zeros_of_a_question_that_nobody_answered_are_no_answers(instrument):
    answers = sg.read_responses(ZIP, instrument, source="odk")
    assert answers.frame["crops_1"].isna().tolist() == [False, True, True, False]
    assert answers.frame["crops_98"].dropna().tolist() == [0, 1]
    assert answers.shown("crops").tolist() == [True, True, False, True]


def test_a_stray_word_in_the_choices_of_a_question_left_empty_goes_with_them(read, form):
    answers = read({"small.csv": form.replace("41,,0,0,0,0,3 1", "41,,?,0,0,0,3 1")})
    assert answers.frame["crops_1"].isna().tolist() == [False, True, True, False]
    assert len(answers.log.invalid) == 0


def test_the_table_of_a_repeat_is_told_and_the_zip_is_accounted_for(instrument):
    answers = sg.read_responses(ZIP, instrument, source="odk")
    assert answers.log.events.query("code == 'SG146'")["value"].tolist() == ["small-visits.csv"]
    assert list(answers.log.inputs) == ["small.zip"]


def test_the_form_alone_is_read_too(instrument, write, form):
    answers = sg.read_responses(write(form, "small.csv"), instrument, source="odk")
    assert len(answers) == 4


def test_the_last_state_of_a_submission_is_the_one_sent_last(read, form):
    head, first, *_ = form.splitlines()
    later = first.replace("2026-05-01T01:21:12", "2026-05-02T01:21:12").replace("villager,4,", "villager,1,")
    answers = read({"small.csv": "\n".join([head, later, first]) + "\n"})
    assert answers.frame["TR1"].tolist() == [1]
    assert answers.log.quarantine[["row", "reason"]].values.tolist() == [[3, "duplicate"]]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"media/1.csv": "a,b\n1,2\n"}, "SG146"),
        ({}, "SG146"),
        ({"a.csv": "TR1,KEY\n1,2\n", "b.csv": "TR1,KEY\n1,2\n"}, "SG146"),
        ({"visits.csv": "day,PARENT_KEY,KEY\n1,2,3\n"}, "SG146"),
        ({"small.csv": "0" * 30_000_000}, "SG140"),
    ],
    ids=["only media", "empty", "two forms", "only a repeat", "a bomb"],
)
def test_a_zip_without_one_form_or_that_would_fill_the_memory_is_refused(read, parts, code):
    with pytest.raises(sg.DataError) as error:
        read(parts)
    assert error.value.code == code
    assert error.value.what.zh != error.value.what.en


def test_a_name_that_points_elsewhere_writes_nothing(read, form, tmp_path):
    before = sorted(path.name for path in tmp_path.parent.iterdir())
    answers = read({"../escaped.csv": "a,b\n", "/abs.csv": "a,b\n", "small.csv": form})
    assert len(answers) == 4
    assert sorted(path.name for path in tmp_path.parent.iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["small.zip"]


def test_a_zip_that_was_cut_is_refused(instrument, write):
    with pytest.raises(sg.DataError) as error:
        sg.read_responses(write(ZIP.read_bytes()[:300], "small.zip"), instrument, source="odk")
    assert error.value.code == "SG106"
