"""The coding frame and its file: written, read back, and every fault named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.answers.coding_file import written
from sgsurvey.answers.coding_frame import Code, Dimension
from sgsurvey.text import Text

FAULTY = """\
dimensions:
  aspect:
    label: {zh: 方面, en: Aspect}
    codes:
      EFF:
        zh: 效果
        codes:
          river: River
          EFF: Again
      "a,b": Odd
  item:
    label: Item
    codes: {-1: Bad, 1: Good}
"""


def test_the_first_level_is_that_of_the_blueprint(tmp_path):
    frame = sg.CodingFrame.stakeholder()
    assert {d.name: d.names for d in frame.dimensions} == {
        "aspect": ("EFF", "MGT", "FUN", "SUP", "OTH"),
        "function": ("STA", "PRO", "CAU", "LEV"),
        "valence": ("-1", "0", "1"),
    }
    assert frame.dimension("valence").ordered
    assert sg.CodingFrame.read(frame.save(tmp_path / "coding.yaml")) == frame
    with pytest.raises(sg.DataError, match="there already"):
        frame.save(tmp_path / "coding.yaml")


NAMES = st.from_regex(r"-?[A-Za-z0-9_\u4e00-\u9fa5][A-Za-z0-9_.\u4e00-\u9fa5-]{0,9}", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(st.lists(NAMES, min_size=3, max_size=5, unique=True), WORDS, st.booleans())
def test_any_frame_is_read_back_as_it_was_written(tmp_path_factory, names, words, ordered):
    label = Text(words, f"{words} en")
    codes = (
        *(Code(name, label, Text("", words), aspect=aspect) for name, aspect in zip(names, ("", words), strict=False)),
        *(Code(name, label, Text("", ""), names[1]) for name in names[2:]),
    )
    frame = sg.CodingFrame((Dimension("theme", label, codes, ordered),))
    path = tmp_path_factory.mktemp("frames") / "coding.yaml"
    path.write_text(written(frame.dimensions), encoding="utf-8")
    assert sg.CodingFrame.read(path) == frame


def test_codes_name_the_aspects_of_the_questionnaire_that_they_speak_of():
    (aspect, function, _) = sg.CodingFrame.stakeholder().dimensions
    known = sg.read_questionnaire("questionnaires").aspects
    assert {code: name for code, name in aspect.aspects.items() if name} == {
        "EFF": "effect",
        "MGT": "management",
        "FUN": "funding",
        "SUP": "supervision",
    }
    assert set(filter(None, aspect.aspects.values())) <= set(known)
    assert set(function.aspects.values()) == {""}
    words = Text("河道", "River")
    fine = Dimension("where", words, (Code("EFF", words, aspect="effect"), Code("river", words, parent="EFF")))
    assert fine.aspects == {"EFF": "effect", "river": "effect"}


def test_every_fault_is_named_with_its_line(tmp_path):
    path = tmp_path / "coding.yaml"
    path.write_text(FAULTY, encoding="utf-8")
    with pytest.raises(sg.QuestionnaireError) as caught:
        sg.CodingFrame.read(path)
    said = str(caught.value)
    assert "coding.yaml, line 9: the code 'EFF' comes twice" in said
    assert "coding.yaml, line 10: 'a,b' cannot be a name" in said
    assert "coding.yaml, line 11: a dimension cannot be called 'item'" in said


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("dimensions:\n  a:\n    label: A\n    kodes: {x: X, y: Y}\n", "line 4: 'kodes' is not a known word"),
        ("dimensions:\n  a:\n    label: A\n    codes: {x: X}\n", "line 4"),
        ("dimensions:\n  a:\n    codes: {x: X, y: Y}\n", "line 2: 'label' is missing"),
        ("dimensions: {}\n", "line 1"),
        ("- a\n", "coding.yaml"),
        ("dimensions: &a {}\n", "anchor"),
        ("", "coding.yaml"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, text, what):
    path = tmp_path / "coding.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sg.QuestionnaireError, match=what):
        sg.CodingFrame.read(path)
    with pytest.raises(sg.QuestionnaireError):
        sg.CodingFrame.read(tmp_path / "none.yaml")
