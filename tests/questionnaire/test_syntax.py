import pytest

from sgsurvey.questionnaire.fault import UNSAFE
from sgsurvey.questionnaire.syntax import DEEPEST, LARGEST, parse_yaml, read_yaml


def only(text):
    raw = text.encode() if isinstance(text, str) else text
    source, faults = parse_yaml(raw, "q.yaml")
    assert source is None
    assert len(faults) == 1, [str(f) for f in faults]
    return faults[0]


def values(text):
    source, faults = parse_yaml(text.encode(), "q.yaml")
    assert faults == []
    return source.data


def test_scalars_follow_yaml_1_2():
    text = "a: no\nb: yes\nc: 12:30\nd: 010\ne: 1.5\nf: ''\ng:\nh: true\ni: '7'\nj: 1e3\nk: -9\nyes: y"
    assert values(text) == {
        "a": "no", "b": "yes", "c": "12:30", "d": 10, "e": 1.5, "f": "", "g": None, "h": True, "i": "7", "j": 1000.0,
        "k": -9, "yes": "y",
    }  # fmt: skip


def test_every_key_and_entry_knows_its_line():
    source, _ = parse_yaml(b"a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n", "q.yaml")
    assert source.place("a").line == 1
    assert source.place("b", 1).line == 4
    assert source.place("b", 1, "d").line == 5
    assert source.place("b", 1, "unknown").line == 4


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "anchor"),
        ("a: !!python/object/apply:os.system ['ls']\n", 1, "tag"),
        ("a: !x 1\n", 1, "tag"),
        ("a:\n  <<: {b: 1}\n", 2, "merge key"),
        ("a: 1\n---\nb: 2\n", 2, "several YAML documents"),
        ("? [a, b]\n: c\n", 1, "where a word is expected"),
        ("[" * 20_000, 1, "deeper than 20"),
        ("\n".join(" " * i + "a:" for i in range(DEEPEST + 5)), DEEPEST + 1, "deeper than 20"),
        ("a: 'x\n", 2, "not valid YAML"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("a: [1, 2\n", 2, "not valid YAML"),
    ],
)
def test_what_a_questionnaire_never_needs_is_refused(text, line, words):
    fault = only(text)
    assert (fault.where.line, fault.code) == (line, UNSAFE)
    assert words in fault.what.en
    assert fault.remedy.en
    assert fault.remedy.zh


def test_an_alias_bomb_is_refused_before_it_grows():
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(9)
    )
    assert only(bomb).where.line == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("id: x\nname： a\n", 2, "full-width colon"),
        ("id: x\n  - name： a\n", 2, "full-width colon"),
        ("label: {zh：题, en: T}\n", 1, "full-width colon"),
        ("题目：x\nid: 1\n", 1, "full-width colon"),
        ("label: {zh: 题，en: T}\n", 1, "full-width comma"),
        ("a:\n\t- b\n", 2, "a tab"),
        ("a:\n\u3000\u3000- b\n", 2, "full-width or non-breaking space"),
        ("a:\n\u00a0 b: 1\n", 2, "full-width or non-breaking space"),
        ("a: x\x00y\n", 1, "control character"),
    ],
)
def test_typing_errors_are_named(text, line, words):
    fault = only(text)
    assert fault.where.line == line
    assert words in fault.what.en


@pytest.mark.parametrize(
    "text",
    [
        "label: {zh: 时间：几点, en: When}",
        "zh: 请注意：本题只选一项，不要多选",
        "a: |\n  zh：这里是正文\n  name： also text\nb: 1",
        '# name： a comment\nlabel: {zh: "好，en: x", en: y}',
    ],
)
def test_chinese_punctuation_inside_texts_is_welcome(text):
    assert values(text)


def test_keys_given_twice_are_told_with_both_lines():
    source, faults = parse_yaml(b"a: {b: 1, c: 2}\nx: 1\na: {b: 3}\nx: 2\n", "q.yaml")
    assert source is None
    assert [(f.where.line, f.what.en) for f in faults] == [
        (3, "'a' is given twice (first in line 1)."),
        (4, "'x' is given twice (first in line 2)."),
    ]


def test_one_code_written_in_two_ways_is_given_twice():
    assert "given twice" in only("1: a\n01: b\n").what.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read(encoding):
    source, faults = parse_yaml("题: 您好\n".encode(encoding), "q.yaml")
    assert faults == []
    assert source.data == {"题": "您好"}


def test_gbk_is_refused_with_its_line():
    fault = only("id: x\n题: 您好\n".encode("gb18030"))
    assert fault.where.line == 2
    assert "GB18030" in fault.what.en
    assert "UTF-8" in fault.remedy.zh


def test_large_and_unreadable_files_are_refused(tmp_path):
    (tmp_path / "large.yaml").write_bytes(b"#" * (LARGEST + 1))
    assert "1 MB" in read_yaml(tmp_path / "large.yaml")[1][0].what.en
    assert "cannot be read" in read_yaml(tmp_path / "none.yaml")[1][0].what.en
    assert "1 MB" in only(b"#" * (LARGEST + 1)).what.en
