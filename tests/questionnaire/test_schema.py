import json
from pathlib import Path

import pytest

from sgsurvey.questionnaire.definitions import BY_TYPE, SECTIONS, Head
from sgsurvey.questionnaire.schema import DIALECT, schema, write_schema

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "questionnaires" / "sgsurvey.schema.json"
FILES = sorted([*(ROOT / "questionnaires").glob("*.yaml"), *(ROOT / "tests").rglob("questionnaire/*.yaml")])


def test_the_schema_beside_the_questionnaires_is_up_to_date(tmp_path):
    write_schema(tmp_path / "schema.json")
    assert SCHEMA.read_text(encoding="utf-8") == (tmp_path / "schema.json").read_text(encoding="utf-8"), (
        'write it anew: python -c "from sgsurvey.questionnaire.schema import write_schema; '
        "write_schema('questionnaires/sgsurvey.schema.json')\""
    )


def test_the_schema_knows_every_section_and_every_type_of_question():
    made = schema()
    assert made["$schema"] == DIALECT
    assert made["additionalProperties"] is False
    assert set(made["properties"]) == {*SECTIONS, *Head.model_fields}
    words = json.dumps(made)
    assert all(f'"{kind}"' in words for kind in BY_TYPE)


def descriptions(node):
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"].items()
        for value in node.values():
            yield from descriptions(value)
    elif isinstance(node, list):
        for value in node:
            yield from descriptions(value)


def test_every_word_is_explained_in_both_languages():
    for name, field in descriptions(schema()):
        if name != "type":
            zh, slash, en = field["description"].partition(" / ")
            assert slash, name
            assert any("\u4e00" <= c <= "\u9fff" for c in zh + en), name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_each_file_points_to_the_schema(file):
    first = file.read_text(encoding="utf-8").splitlines()[0]
    mark = "# yaml-language-server: $schema="
    assert first.startswith(mark)
    assert (file.parent / first.removeprefix(mark)).resolve() == SCHEMA
