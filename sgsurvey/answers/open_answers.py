"""Answers to open questions, one line each: who gave them, their words without personal data, and an id to quote."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sgsurvey.answers.personal_data import mask
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.tables.format import printable
from sgsurvey.text import Text


def open_answers(answers: Responses, items: str | Sequence[str]) -> pd.DataFrame:
    """Every answer that was given to the open questions ``items``, in the order of questions and rows.

    Returns
    -------
    DataFrame
        ``row`` (the respondent's ``resp_id`` where there is one for each, else the label of the row), ``group`` (the
        role, "" without roles), ``item, text`` (on one line, personal data masked once more) and ``quote_id``, which
        tells nothing of who answered or when: answers are numbered in the order of a hash of their words.

    Raises
    ------
    DataError
        An item is no open question, identifies people, or is not in the answers; rows have the same label.
    """
    if answers.frame.index.has_duplicates:
        raise DataError(
            Text("有几行的行标签相同，无法区分。", "several rows have the same label and cannot be told apart."),
            where="answers",
            remedy=Text("请先reset_index(drop=True)。", "Call reset_index(drop=True) first."),
        )
    names = [items] if isinstance(items, str) else list(dict.fromkeys(items))
    rows, groups = row_names(answers), _groups(answers)
    found = []
    for name in names:
        _check(answers, name)
        given = answers.frame[name].dropna().astype(str)
        words = given.map(lambda text: mask(printable(text), answers.language).text)
        words = words[words != ""]
        lines = pd.DataFrame({"row": rows[words.index], "group": groups[words.index], "item": name, "text": words})
        found.append(lines.assign(quote_id=_quote_ids(name, words)))
    columns = ["row", "group", "item", "text", "quote_id"]
    return pd.concat(found)[columns] if found else pd.DataFrame(columns=columns)


def row_names(answers: Responses) -> pd.Series:
    """What names each row in a file: the respondent's id where each has one of its own, else the label of the row."""
    ids = answers.frame.get("resp_id")
    usable = ids is not None and ids.notna().all() and not ids.astype(str).duplicated().any()
    named = (
        ids.astype(str) if usable and ids is not None else pd.Series(answers.frame.index.map(str), answers.frame.index)
    )
    return named.map(printable)


def _groups(answers: Responses) -> pd.Series:
    if "role" not in answers.frame:
        return pd.Series("", index=answers.frame.index)
    return answers.frame["role"].astype(object).where(answers.frame["role"].notna(), "").map(str)


def _quote_ids(name: str, words: pd.Series) -> pd.Series:
    hashes = [hashlib.sha256(f"{name}\n{text}".encode()).hexdigest() for text in words]
    places = np.argsort(np.argsort(np.array(hashes, dtype=str), kind="stable"), kind="stable") + 1
    width = len(str(len(words)))
    return pd.Series([f"{name}-{place:0{width}d}" for place in places], words.index, object)


def is_open(answers: Responses, name: str) -> bool:
    """Whether ``name`` is an open question that identifies nobody and whose answers are there."""
    if name not in answers.frame:
        return False
    if name not in answers.questionnaire:
        return not pd.api.types.is_numeric_dtype(answers.frame[name])
    item = answers.questionnaire.item(name)
    return item.type == "text" and item.identifier != "direct"


def _check(answers: Responses, name: str) -> None:
    if not is_open(answers, name):
        raise DataError(
            Text(
                f"“{name}”不是可以读取的开放题，或答卷中没有这一列。",
                f"'{name}' is no open question whose answers can be read, or the answers have no such column.",
            ),
            where=name,
            remedy=Text("请写类型为text、不含身份信息的题目。", "Name an item of type text that identifies nobody."),
        )
