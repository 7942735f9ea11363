"""The words that tables say of themselves claim no more than an association."""

import importlib
from pathlib import Path

import pytest

import sgsurvey
from sgsurvey.tables.overclaims import overclaims_in
from sgsurvey.text import Text

ROOT = Path(sgsurvey.__file__).parent
MODULES = sorted(".".join(p.relative_to(ROOT.parent).with_suffix("").parts) for p in ROOT.rglob("*_sentences.py"))


@pytest.mark.parametrize("name", MODULES)
def test_no_fixed_word_of_a_sentence_says_more_than_an_association(name):
    words = [each for each in vars(importlib.import_module(name)).values() if isinstance(each, Text)]
    assert [found for each in words for found in overclaims_in(each, claim=1)] == []


def test_there_are_sentences_to_read():
    assert "sgsurvey.quality.flow_sentences" in MODULES
