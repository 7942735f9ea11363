"""XLSForm: pyxform and ODK Validate accept it, and its expressions mean what the package means."""

import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from evil_words import EVIL, evil_questionnaire
from lxml import etree
from pyxform.xls2xform import convert

import sgsurvey as sg
from sgsurvey.answers.responses import Responses
from sgsurvey.forms.form import lay_out
from sgsurvey.forms.xlsform import UNSEEN_SPACE, literal, words, write_xlsform

INSTRUMENT = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
EVERYBODY = [role.name for role in (*INSTRUMENT.roles, *INSTRUMENT.sheets)]
SHORT = [role.name for role in INSTRUMENT.roles]
FORMS = [(role, False) for role in EVERYBODY] + [(role, True) for role in SHORT]
XF = "{http://www.w3.org/2002/xforms}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("xlsform")


def written(folder, questionnaire, role, **how):
    path = folder / f"{questionnaire.version[:1]}_{role}_{how.get('short')}.xlsx"
    write_xlsform(questionnaire, path, role=role, **how)
    return path


def sheet(path, name):
    rows = list(openpyxl.load_workbook(path)[name].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def xform(path, *, validate=False):
    made = convert(str(path), validate=validate)
    assert made.warnings == []
    return etree.fromstring(made.xform.encode())


@pytest.mark.java
@pytest.mark.parametrize(("role", "short"), FORMS, ids=str)
def test_odk_validate_accepts_every_form(folder, role, short):
    xform(written(folder, INSTRUMENT, role, short=short), validate=True)


@pytest.mark.java
def test_odk_validate_accepts_evil_words(folder):
    root = xform(written(folder, evil_questionnaire(), "everybody"), validate=True)
    said = "\n".join(root.xpath("//*[local-name()='value']/text()")).replace(UNSEEN_SPACE, "").replace("\\", "")
    for evil in EVIL:
        # pyxform straightens curly quotes and joins spaces; a page cannot hold control characters.
        expected = re.sub("[\x00\x07\u202e\ud800]", "", evil).replace("\\", "")
        expected = re.sub(" +", " ", expected.translate(str.maketrans("‘’“”", "''\"\"")))
        assert expected in re.sub(" +", " ", said), evil
    assert not root.xpath("//*[local-name()='value']/*[local-name()!='output']")


@pytest.mark.parametrize(("role", "short"), FORMS, ids=str)
def test_both_languages_say_what_the_questionnaire_says(folder, role, short):
    rows = {row["name"]: row for row in sheet(written(folder, INSTRUMENT, role, short=short), "survey")}
    form = lay_out(INSTRUMENT, role, short=short)
    for item in form.items:
        row = rows.get(item.name)
        if row is None or row["type"] in ("start", "end", "calculate"):
            assert item.name in ("t_start", "t_end") or f"{item.name}_pick1" in rows
            continue
        for column, label in (("label::中文 (zh)", item.label.zh), ("label::English (en)", item.label.en)):
            assert row[column] == label.replace("{assigned}", "${V_fee_assigned}")


def test_a_form_opens_in_the_language_asked_for(folder):
    for language, first in (("zh", "中文 (zh)"), ("en", "English (en)")):
        (settings,) = sheet(written(folder, INSTRUMENT, "villager", language=language), "settings")
        assert settings["default_language"] == first
        assert settings["version"] == INSTRUMENT.version
        assert settings["form_id"] == "s_county_cleaning_villager"


def test_no_cell_is_a_formula_and_the_same_form_gives_the_same_bytes(folder):
    path = written(folder, evil_questionnaire(), "everybody")
    first = path.read_bytes()
    for page in openpyxl.load_workbook(path):
        assert all(cell.data_type in ("s", "n") for row in page.iter_rows() for cell in row)
        assert not any(cell.data_type == "n" and cell.value is not None for row in page.iter_rows() for cell in row)
    assert written(folder, evil_questionnaire(), "everybody").read_bytes() == first


def test_who_answered_and_which_wording_are_hidden_answers(folder):
    rows = {row["name"]: row for row in sheet(written(folder, INSTRUMENT, "villager"), "survey")}
    assert rows["role"]["calculation"] == "'villager'"
    assert rows["questionnaire_version"]["calculation"] == "'1.0'"
    assert (rows["t_start"]["type"], rows["t_end"]["type"]) == ("start", "end")
    kinds = {row["type"] for row in rows.values()}
    assert not kinds & {"deviceid", "phonenumber", "username", "email", "audit", "geopoint"}
    assert "role" not in {row["name"] for row in sheet(written(folder, INSTRUMENT, "observer"), "survey")}


def test_a_grid_is_one_screen_whose_lines_all_show_their_anchors(folder):
    rows = sheet(written(folder, INSTRUMENT, "villager"), "survey")
    (start,) = [n for n, row in enumerate(rows) if row["name"] == "core_effect"]
    assert (rows[start]["type"], rows[start]["appearance"]) == ("begin_group", "field-list")
    lines = rows[start + 1 : start + 8]
    assert {row["type"] for row in lines} == {"select_one agree5"}
    assert not any(row["appearance"] for row in lines)
    assert rows[start + 8]["type"] == "end_group"


def test_every_code_of_no_answer_can_be_given(folder):
    path = written(folder, INSTRUMENT, "villager")
    rows = {row["name"]: row for row in sheet(path, "survey")}
    lists: dict[str, list[str]] = {}
    for choice in sheet(path, "choices"):
        lists.setdefault(choice["list_name"], []).append(choice["name"])
    # The scale's own 9 says "don't know": a second code for it would only divide the answers.
    assert lists["agree5"] == ["1", "2", "3", "4", "5", "9", "-9"]
    assert lists[rows["sex"]["type"].split()[1]] == ["1", "2", "-8", "-9"]
    assert lists["causes"][-1] == "99"
    assert rows["V_hhsize"]["constraint"] == "(. >= 1 and . <= 20) or . = -8 or . = -9"
    assert rows["V_hhsize"]["hint::中文 (zh)"] == "不知道填-8，拒答填-9。"
    assert rows["V_hhsize"]["constraint_message::English (en)"].startswith("Enter a whole number from 1 to 20;")


def test_who_fills_in_a_scale_alone_passes_it_over_and_observers_refuse_nothing(folder):
    def codes(role, name):
        form = lay_out(INSTRUMENT, role)
        return [choice.code for choice in form.choices(INSTRUMENT.item(name))]

    assert codes("purchaser", "EFS1") == [1, 2, 3, 4, 5, 9]
    assert codes("post_holder", "EFS1") == [1, 2, 3, 4, 5, 9, -9]
    assert codes("purchaser", "sex") == [1, 2, -8, -9]
    assert codes("observer", "X1") == [0, 1, 2, 9]


def test_a_first_few_of_many_is_picked_place_by_place(folder):
    rows = {row["name"]: row for row in sheet(written(folder, INSTRUMENT, "villager"), "survey")}
    first, second, third = (rows[f"LEV_pick{n}"] for n in (1, 2, 3))
    assert {first["type"], second["type"], third["type"]} == {"select_one levers"}
    assert {first["parameters"], third["parameters"]} == {"randomize=true, seed=${lev_seed}"}
    assert first["relevant"] is None
    assert third["relevant"] == "${LEV_pick2} != ''"
    assert third["choice_filter"] == "name != ${LEV_pick1} and name != ${LEV_pick2}"
    assert rows["LEV"]["calculation"] == "normalize-space(concat(${LEV_pick1}, ' ', ${LEV_pick2}, ' ', ${LEV_pick3}))"
    whole = {row["name"]: row for row in sheet(written(folder, evil_questionnaire(), "everybody"), "survey")}
    assert whole["R2"]["type"].startswith("rank ")


def test_one_value_is_drawn_and_shown(folder):
    root = xform(written(folder, INSTRUMENT, "villager"))
    (bind,) = root.xpath("//*[local-name()='bind'][contains(@nodeset, 'V_fee_assigned')]")
    assert bind.get("calculate") == "once(selected-at('2 5 10 20', int(random() * 4)))"
    outputs = root.xpath("//*[local-name()='text'][contains(@id, 'V_fee:label')]//*[local-name()='output']")
    assert [node.get("value").strip() for node in outputs] == ["/data/villager_fee/V_fee_assigned"] * 2


# Expressions, evaluated -----------------------------------------------------------------------------


def selected(context, value, code):
    return str(code) in _text(value).split()


def count_selected(context, value):
    return float(len(_text(value).split()))


def _text(value):
    return "".join(node if isinstance(node, str) else (node.text or "") for node in value) if value else ""


FUNCTIONS = {(None, "selected"): selected, (None, "count-selected"): count_selected}


def filled(root, frame, questionnaire):
    """The form's instance with the answers of one respondent."""
    data = root.find(f".//{XF}instance")[0]
    plain = etree.fromstring(re.sub(r'\sxmlns(:\w+)?="[^"]+"', "", etree.tostring(data).decode()))
    for node in plain.iter():
        if node.tag in questionnaire:
            node.text = answer(questionnaire.item(node.tag), frame)
    return plain


def answer(item, frame):
    if item.type in ("select_multiple", "rank"):
        picked = [c.code for c in item.scale.valid if (frame.get(f"{item.name}_{c.code}") or 0) > 0]
        return " ".join(map(str, picked))
    value = frame.get(item.name)
    return "" if pd.isna(value) else str(value).removesuffix(".0")


@pytest.mark.parametrize("role", [r.name for r in INSTRUMENT.roles])
def test_skip_logic_shows_what_responses_say_is_shown(folder, role):
    answers = sg.simulate(INSTRUMENT, sg.Population(villages=2), seed=5).where(role=role)
    answers = answers.where(pd.Series(range(len(answers)), index=answers.frame.index) < 60)
    root = xform(written(folder, INSTRUMENT, role))
    binds = {b.get("nodeset").split("/")[-1]: b.get("relevant") for b in root.iter(f"{XF}bind")}
    conditional = [item for item in INSTRUMENT.asked(role) if item.relevant]
    assert conditional
    seen = set()
    for item in conditional:
        shown = answers.shown(item.name)
        test = etree.XPath(f"boolean({binds[item.name]})", extensions=FUNCTIONS)
        for index, row in answers.frame.iterrows():
            assert test(filled(root, row.dropna().to_dict(), INSTRUMENT)) == shown[index], (item.name, index)
            seen.add(shown[index])
    assert True in seen


def test_conditions_on_every_kind_of_question_mean_the_same(folder):
    questionnaire = evil_questionnaire()
    rows = [
        {"O1": 1, "M1_3": 1, "M1_1": 0, "N3": 2},
        {"O1": 1, "M1_3": 0, "M1_1": 1, "N3": 3},
        {"O1": 2, "M1_3": 1, "M1_2": 1, "R2_3": 2, "R2_1": 1},
        {"M1_3": 1},
        {"O1": 1},
        {},
    ]
    columns = [column for item in questionnaire.items for column in item.columns]
    answers = Responses(pd.DataFrame(rows, columns=columns, dtype=object), questionnaire)
    root = xform(written(folder, questionnaire, "everybody"))
    binds = {b.get("nodeset").split("/")[-1]: b.get("relevant") for b in root.iter(f"{XF}bind")}
    for name, expected in {
        "N1": [1, 0, 0, 0, 0, 0],
        "T1": [1, 0, 0, 0, 0, 0],
        "R1": [0, 1, 1, 0, 0, 0],
        "D1": [0, 0, 1, 0, 0, 0],
    }.items():
        test = etree.XPath(f"boolean({binds[name]})", extensions=FUNCTIONS)
        found = [test(filled(root, row, questionnaire)) for row in rows]
        assert found == [bool(e) for e in expected] == answers.shown(name).tolist()


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("N1", ["0", "50000", "-8", "-9"], ["-1", "50001", "-7"]),
        ("N2", ["0.5", "99", "1000000"], ["0.4", "-9"]),
        ("M1", ["1", "1 3", "4"], ["1 2 3", "4 1"]),
    ],
)
def test_constraints_allow_the_limits_and_the_codes_of_no_answer_only(folder, name, allowed, refused):
    root = xform(written(folder, evil_questionnaire(), "everybody"))
    (constraint,) = [b.get("constraint") for b in root.iter(f"{XF}bind") if b.get("nodeset").endswith(f"/{name}")]
    test = etree.XPath(f"boolean({constraint})", extensions=FUNCTIONS)
    node = etree.Element("x")
    for values, verdict in ((allowed, True), (refused, False)):
        for value in values:
            node.text = value
            assert test(node) is verdict, value


@pytest.mark.parametrize("text", ["plain", "it's", 'say "so"', 'it\'s "so"', "'", ""])
def test_a_literal_is_the_text_itself(text):
    assert etree.XPath(f"string({literal(text)})")(etree.Element("x")) == text


@pytest.mark.parametrize("text", ["3 < 5", "one * star", "a_b", "50 # of", "$5 {x}"])
def test_words_that_break_nothing_stay_as_they_are(text):
    assert words(text) == text


def test_a_condition_on_what_this_form_does_not_ask_is_taken_as_met():
    whole = lay_out(evil_questionnaire(), "everybody")
    fewer = replace(whole, blocks=tuple((b, tuple(i for i in items if i.name != "O1")) for b, items in whole.blocks))
    item = whole.questionnaire.item("N1")
    assert whole.conditions(item) == {"O1": (1,), "M1": (3,)}
    assert fewer.conditions(item) == {"M1": (3,)}


def test_a_sheet_that_marks_no_item_short_has_no_short_form():
    with pytest.raises(sg.QuestionnaireError, match="'observer' has no short form"):
        lay_out(INSTRUMENT, "observer", short=True)


# Read back ------------------------------------------------------------------------------------------


def exported(path, frame, questionnaire, *, labels=False):
    """A table as Kobo exports a form's answers: a column per question, under its path or under its label."""
    data = xform(path).find(f".//{XF}instance")[0]
    words = {row["name"]: row["label::中文 (zh)"] for row in sheet(path, "survey")}
    heads, lines = [], [[] for _ in range(len(frame))]
    for node in data.iterdescendants():
        if len(node):
            continue
        name, above = (each.tag.removeprefix(XF) for each in (node, node.getparent()))
        path = name if above == "data" else f"{above}/{name}"
        heads.append((labels and words.get(name)) or path)
        for line, (_, row) in zip(lines, frame.iterrows(), strict=True):
            line.append(hidden(name, row, questionnaire))
    return pd.DataFrame(lines, columns=heads)


def hidden(name, row, questionnaire):
    """What a device writes into the node ``name``."""
    if name == "role":
        return row["role"]
    if name == "questionnaire_version":
        return questionnaire.version
    if name == "LEV":
        ranks = {int(code): int(row[f"LEV_{code}"]) for code in range(1, 9) if (row[f"LEV_{code}"] or 0) > 0}
        return " ".join(map(str, sorted(ranks, key=ranks.get)))
    if name.endswith("_seed"):
        return "123"
    if name.startswith("LEV_pick"):
        return "1"
    if name.endswith("_assigned"):
        return "" if pd.isna(row[name]) else str(int(row[name]))
    return answer(questionnaire.item(name), row) if name in questionnaire else ""


@pytest.mark.parametrize("role", [r.name for r in INSTRUMENT.roles])
@pytest.mark.parametrize("labels", [False, True], ids=["names", "labels"])
def test_answers_to_the_form_are_read_back_cell_by_cell(folder, role, labels):
    answers = sg.simulate(INSTRUMENT, sg.Population(villages=2), seed=6).where(role=role)
    frame = answers.frame.head(25).fillna({}).astype(object)
    frame = frame.where(frame.notna(), None)
    table = exported(written(folder, INSTRUMENT, role), frame, INSTRUMENT, labels=labels)
    table.to_csv(folder / "export.csv", index=False, encoding="utf-8")
    # Labels that two roles share are told apart by the role; names need no such help.
    back = sg.read_responses(folder / "export.csv", INSTRUMENT, role=role if labels else None)
    assert len(back) + len(back.log.quarantine) == len(frame)
    assert set(back.frame["role"]) == {role}
    unknown = back.log.events.query("code == 'SG115'")["column"]
    # By label, a question for one place of a ranking and the introduction look like no question of the questionnaire.
    assert len(unknown) == (4 if labels else 0)
    kept = frame[frame["resp_id"].isin(back.frame["resp_id"])].reset_index(drop=True)
    assert len(kept) >= 0.8 * len(frame)
    for item in INSTRUMENT.asked(role):
        for column in item.columns:
            found, expected = back.frame[column], kept[column]
            if item.type in ("text", "date"):
                assert found.fillna("").tolist() == expected.fillna("").astype(str).tolist(), column
            else:
                assert pd.to_numeric(found).astype(float).equals(pd.to_numeric(expected).astype(float)), column
