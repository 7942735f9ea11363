import hashlib
import hmac
import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgsurvey.answers.pseudonyms import Pseudonyms, normalised, pseudonym, read_key, write_key
from sgsurvey.errors import DataError

KEY = bytes(range(32))

# RFC 4231, section 4: key, data, HMAC-SHA-256.
RFC_4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
]


def hmac_sha256(key: bytes, message: bytes) -> str:
    """HMAC as RFC 2104 writes it: a second road to the same number, by SHA-256 alone."""
    padded = (key if len(key) <= 64 else hashlib.sha256(key).digest()).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + message).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in padded) + inner).hexdigest()


@pytest.mark.parametrize(("key", "data", "expected"), RFC_4231)
def test_the_keyed_hash_is_that_of_rfc_4231(key, data, expected):
    assert hmac_sha256(key, data) == expected
    assert hmac.new(key, data, hashlib.sha256).hexdigest() == expected


@given(st.text(), st.binary(min_size=32, max_size=32))
def test_a_pseudonym_is_the_keyed_hash_of_questionnaire_and_value(value, key):
    message = f"survey|{normalised(value)}".encode()
    assert pseudonym(value, "survey", key) == hmac_sha256(key, message)[:16]


def test_every_string_has_a_pseudonym():
    assert len(pseudonym("\ud800", "survey", KEY)) == 16


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("13800138000", "１３８００１３８０００"),
        ("13800138000", "+86 138-0013-8000"),
        ("13800138000", "0086 138 0013 8000"),
        ("13800138000", "(86)13800138000"),
        ("13800138000", "13800138000.0"),
        ("13800138000", "'13800138000"),
        ("13800138000", "138\u200b00138000\u3000"),
        ("11010519491231002X", "11010519491231002ｘ"),
        ("张三", " 张　三 "),
        ("Li Ming", "ＬＩ ming"),
        ("0371-66778899", "(0371) 6677 8899"),
    ],
)
def test_spellings_of_the_same_identifier_get_the_same_pseudonym(one, other):
    assert pseudonym(one, "q", KEY) == pseudonym(other, "q", KEY)


@pytest.mark.parametrize(
    ("one", "other"), [("13800138000", "13800138001"), ("张三", "张三丰"), ("a1", "a2"), ("007", "7"), ("1.5", "15")]
)
def test_different_identifiers_get_different_pseudonyms(one, other):
    assert pseudonym(one, "q", KEY) != pseudonym(other, "q", KEY)


@given(st.text())
def test_normalising_twice_changes_nothing(value):
    assert normalised(normalised(value)) == normalised(value)


def test_another_key_or_another_study_cannot_be_linked():
    phones = [f"138{n:08d}" for n in range(1000)]
    ours = {pseudonym(p, "q", KEY) for p in phones}
    assert len(ours) == 1000
    assert ours.isdisjoint({pseudonym(p, "q", bytes(32)) for p in phones})
    assert ours.isdisjoint({pseudonym(p, "other", KEY) for p in phones})
    assert ours.isdisjoint({hashlib.sha256(p.encode()).hexdigest()[:16] for p in phones})


def test_nothing_has_no_pseudonym_and_the_key_is_not_shown():
    given = Pseudonyms("q", KEY)
    assert given.of(None) is given.of("") is given.of(" \u200b") is None
    assert given.of("张三") == pseudonym("张三", "q", KEY)
    assert KEY.hex() not in repr(given)
    assert repr(KEY) not in repr(given)


def test_a_key_is_kept_for_its_owner_alone_and_read_back(tmp_path):
    file = write_key(tmp_path / "study.key", KEY)
    assert read_key(file) == KEY
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_written_over(tmp_path):
    file = write_key(tmp_path / "study.key", KEY)
    with pytest.raises(DataError, match="SG173"):
        write_key(file, bytes(32))
    assert read_key(file) == KEY


def test_a_key_that_others_can_read_is_refused(tmp_path):
    file = write_key(tmp_path / "study.key", KEY)
    os.chmod(file, 0o644)
    with pytest.raises(DataError, match=r"SG174.*chmod 600"):
        read_key(file)


@pytest.mark.parametrize("content", ["", "abc", "00" * 31, "00" * 33, "zz" * 32, "00" * 32 + "\n" + "00" * 32])
def test_a_file_without_a_key_is_refused(tmp_path, content):
    file = tmp_path / "study.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(DataError, match="SG171"):
        read_key(file)


def test_what_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(DataError, match="SG171"):
        read_key(tmp_path / "nowhere.key")
    with pytest.raises(DataError, match="SG171"):
        read_key(tmp_path)
    with pytest.raises(DataError, match="SG171"):
        write_key(tmp_path / "no folder" / "study.key", KEY)
    (tmp_path / "bytes.key").write_bytes(bytes(range(200, 232)))
    with pytest.raises(DataError, match="SG171"):
        read_key(tmp_path / "bytes.key")


def test_no_key_goes_into_a_repository(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "deep").mkdir()
    with pytest.raises(DataError, match="SG172"):
        write_key(tmp_path / "deep" / "study.key", KEY)
    assert not (tmp_path / "deep" / "study.key").exists()
    (tmp_path / ".gitignore").write_text("*.key\n")
    file = write_key(tmp_path / "deep" / "study.key", KEY)
    assert read_key(file) == KEY
    (tmp_path / ".gitignore").unlink()
    with pytest.raises(DataError, match="SG172"):
        read_key(file)


def test_without_git_to_ask_no_key_goes_into_a_repository(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("*.key\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="SG172"):
        write_key(tmp_path / "study.key", KEY)
