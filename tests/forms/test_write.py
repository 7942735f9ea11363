"""write_form(): every role in every format and language, and what is refused."""

from pathlib import Path

import pytest
from evil_words import evil_questionnaire

import sgsurvey as sg
from sgsurvey.forms.write import SUFFIX

INSTRUMENT = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
EVERYBODY = [role.name for role in (*INSTRUMENT.roles, *INSTRUMENT.sheets)]


@pytest.mark.parametrize("format", SUFFIX)
@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_role_has_a_form_in_every_format_and_language(tmp_path, role, format, language):
    path = tmp_path / "new folder" / f"{role}{SUFFIX[format]}"
    made = sg.write_form(INSTRUMENT, path, role=role, format=format, language=language)
    assert (made.path, made.role) == (path, role)
    assert path.stat().st_size > 1000
    assert list(made.frame.columns) == ["question", "item", "zh", "en"]
    assert made.frame[["zh", "en"]].map(bool).all(axis=None)
    assert set(made.frame["item"]) - {""} <= {item.name for item in INSTRUMENT.asked(role)}


@pytest.mark.parametrize("format", SUFFIX)
def test_the_short_form_asks_fewer_ratings_and_all_else(tmp_path, format):
    sizes = [
        sg.write_form(INSTRUMENT, tmp_path / f"{short}{SUFFIX[format]}", role="villager", format=format, short=short)
        .path.stat()
        .st_size
        for short in (False, True)
    ]
    assert sizes[1] < sizes[0]


@pytest.mark.parametrize("format", SUFFIX)
def test_evil_words_and_names_are_written_and_stay_in_the_folder(tmp_path, format):
    folder = tmp_path / "out"
    sg.write_form(evil_questionnaire(), folder / f"form{SUFFIX[format]}", role="everybody", format=format)
    assert [p.parent for p in tmp_path.rglob("*") if p.is_file()] == [folder] * len(list(folder.iterdir()))


@pytest.mark.parametrize("format", SUFFIX)
def test_the_same_form_gives_the_same_bytes(tmp_path, format):
    pages = [
        sg.write_form(INSTRUMENT, tmp_path / f"{n}{SUFFIX[format]}", role="villager", format=format).path.read_bytes()
        for n in (1, 2)
    ]
    assert pages[0] == pages[1]


def test_the_suffix_tells_the_format(tmp_path):
    for suffix in dict.fromkeys(SUFFIX.values()):
        assert sg.write_form(INSTRUMENT, tmp_path / f"f{suffix.upper()}", role="villager").path.exists()
    assert SUFFIX["xlsform"] == ".xlsx"
    assert next(iter(SUFFIX)) == "xlsform"


@pytest.mark.parametrize(
    ("name", "how", "said"),
    [
        ("f.pdf", {}, "no form is written as '.pdf'"),
        ("f", {}, "no form is written as ''"),
        ("f.xlsx", {"format": "xslform"}, "format='xslform' is not known. Did you mean 'xlsform'?"),
        ("f.docx", {"format": "xlsform"}, "cannot be called 'f.docx'. End its name in .xlsx."),
        ("f.xlsx", {"language": "fr"}, "language='fr' is not known. Use zh or en."),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(tmp_path, name, how, said):
    with pytest.raises(sg.DesignError) as error:
        sg.write_form(INSTRUMENT, tmp_path / name, role="villager", **how)
    assert said in error.value.say("en")
    assert error.value.what.zh != error.value.what.en
    assert not list(tmp_path.iterdir())


def test_an_unknown_role_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(sg.QuestionnaireError, match="Did you mean 'villager'"):
        sg.write_form(INSTRUMENT, tmp_path / "f.xlsx", role="vilager")
    assert not list(tmp_path.iterdir())
