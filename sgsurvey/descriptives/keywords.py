"""keyword_in_context(): how many open answers hold a word, by group; where asked for, the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.open_answers import open_answers
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.small_roles import unquotable
from sgsurvey.descriptives.indicators import with_question
from sgsurvey.descriptives.multiple import WEIGHTED, multiple_response
from sgsurvey.descriptives.multiple_sentences import of_keyword
from sgsurvey.descriptives.themes import QUOTED, WILSON
from sgsurvey.errors import DataError
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

OPTION = "keyword"
LINES = ("quote_id", "group", "group_label", "before", "keyword", "after")
CHINESE = re.compile("[\u3400-\u9fff]")
CHARACTERS, WORDS = 20, 5
SIDES = ((Text("含该词", "With the word"), True), (Text("不含", "Without"), False))


@dataclass(frozen=True)
class KeywordInContext(Result):
    """How many answers to an open question hold a word.

    Attributes
    ----------
    frame : DataFrame
        One row per group: ``group`` (code; None without ``by``), ``group_label, n_answers, n`` (answers that hold it),
        ``share, conf_low, conf_high, suppressed``: small counts, of those that hold it or that do not, are nan.
    lines : DataFrame
        With ``quotes=True``, a line per place where the word stands, masked: ``quote_id, group, group_label, before,
        keyword, after``; none from groups whose counts are hidden.  Empty otherwise.
    item : str
    pattern : str
    design_words : tuple of Text
        How intervals were had; empty without a declared design.
    """

    lines: pd.DataFrame
    item: str
    pattern: str
    design_words: tuple[Text, ...]

    def _table(self) -> Table:
        columns = [
            Column("group_label", HEADS["group"], "text"),
            Column("n_answers", Text("回答数", "Answers"), "count"),
            Column("n", SIDES[0][0], "count"),
            Column("share", HEADS["percent"], "percent"),
            Column("conf_low:conf_high", HEADS["conf"], "percent_interval"),
        ]
        notes = (WEIGHTED, *self.design_words) if self.design_words else (WILSON,)
        table = Table.from_frame(self.frame, columns, id=f"keyword_{self.item}", title=self._title(), notes=notes)
        hidden = {column.key for column in columns[2:]}
        shown = table.hiding([hidden if line else () for line in self.frame["suppressed"]])
        return shown.telling(*of_keyword(shown))

    def _title(self) -> Text:
        label = self.basis.label(self.item)
        return Text(f"含“{self.pattern}”的回答：{label.zh}", f"Answers with '{self.pattern}': {label.en}")

    def lines_table(self, *, language: Language | None = None) -> Table:
        """The word in its context, line by line; empty unless quotes were asked for."""
        columns = [
            Column("quote_id", Text("引语编号", "Quote"), "text"),
            Column("group_label", HEADS["group"], "text"),
            Column("before", Text("前文", "Before"), "text"),
            Column("keyword", Text("关键词", "Keyword"), "text"),
            Column("after", Text("后文", "After"), "text"),
        ]
        made = Table.from_frame(
            self.lines, columns, id=f"keyword_lines_{self.item}", title=self._title(), notes=(QUOTED,)
        )
        return self.page(made, language)


def keyword_in_context(
    answers: Responses | pd.DataFrame,
    item: str,
    pattern: str,
    *,
    by: str | None = None,
    width: int | None = None,
    quotes: bool = False,
    conf_level: float = 0.95,
) -> KeywordInContext:
    """Count the answers to an open question that hold a word; with ``quotes=True`` show it in its context.

    Parameters
    ----------
    answers : Responses or DataFrame
    item : str
        An open question (a column of words).
    pattern : str
        A word, or a regular expression (``"工资|报酬"``); upper and lower case are alike.
    by : str, optional
        Column whose values are counted apart, such as ``"role"``.
    width : int, optional
        How much of the text to show on each side: 20 characters of Chinese text, 5 words of any other.
    quotes : bool
        Give the lines, with personal data masked; never from groups whose counts are hidden.
    conf_level : float

    Raises
    ------
    DataError
        The item is no open question, nobody answered it, the pattern is no regular expression or finds empty places.

    Examples
    --------
    >>> frame = pd.DataFrame({"said": ["the pay is late"] * 6 + ["no bins"] * 6})
    >>> keyword_in_context(frame, "said", "pay").frame[["n_answers", "n"]].to_numpy().tolist()
    [[12.0, 6.0]]
    """
    respondents, finder = as_columns(answers), _finder(pattern)
    given = open_answers(respondents, item)
    if given.empty:
        raise DataError(
            Text("这道题没有人回答。", "nobody answered it."),
            where=item,
            remedy=Text("请核对题目。", "Check its name."),
        )
    holds = given["text"].map(lambda text: finder.search(text) is not None)
    sides = [(words, holds.eq(side).reindex(respondents.frame.index, fill_value=False)) for words, side in SIDES]
    asked = with_question(respondents, OPTION, Text("关键词", "Keyword"), sides)
    counted = multiple_response(asked, OPTION, by=by, conf_level=conf_level)
    frame = counted.frame[counted.frame["option"] == f"{OPTION}_1"].reset_index(drop=True)
    frame = frame.rename(columns={"n_persons": "n_answers", "share_persons": "share"})
    frame = frame[["group", "group_label", "n_answers", "n", "share", "conf_low", "conf_high", "suppressed"]]
    dropped = {f"{item} missing": len(respondents) - len(given)}
    dropped |= {reason: n for reason, n in counted.dropped.items() if not reason.startswith(OPTION)}
    basis = replace(counted.basis, dropped={reason: n for reason, n in dropped.items() if n})
    lines = _lines(respondents, given[holds], frame, by, finder, width) if quotes else pd.DataFrame(columns=list(LINES))
    return KeywordInContext(frame, basis, lines, item, pattern, counted.design_words)


def _lines(
    answers: Responses,
    holding: pd.DataFrame,
    frame: pd.DataFrame,
    by: str | None,
    finder: re.Pattern[str],
    width: int | None,
) -> pd.DataFrame:
    """A line per place of the word, of the groups of ``frame`` whose counts are shown."""
    quotable = holding[~holding["group"].isin(unquotable(answers))]
    values = answers.variables([by])[by].loc[quotable.index] if by else None
    found: list[tuple[object, ...]] = []
    for _, group in frame[~frame["suppressed"]].iterrows():
        own = quotable if values is None else quotable[values.eq(group["group"]).fillna(False).astype(bool)]
        for quote, text in zip(own["quote_id"], own["text"], strict=True):
            found += [
                (quote, group["group"], group["group_label"], *context) for context in _contexts(text, finder, width)
            ]
    return pd.DataFrame(found, columns=list(LINES)).sort_values("quote_id", kind="stable", ignore_index=True)


def _finder(pattern: str) -> re.Pattern[str]:
    try:
        finder = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise DataError(
            Text(f"“{pattern}”不是有效的正则表达式（{error}）。", f"'{pattern}' is no regular expression ({error})."),
            where="pattern",
            remedy=Text("请只写词，或在符号前加反斜杠。", "Write a word, or a backslash before its signs."),
        ) from None
    if finder.fullmatch(""):
        raise DataError(
            Text("空的词到处都有。", "nothing stands everywhere."),
            where="pattern",
            remedy=Text("请写要找的词。", "Write the word to look for."),
        )
    return finder


def _contexts(text: str, finder: re.Pattern[str], width: int | None) -> Iterator[tuple[str, str, str]]:
    """What stands before and after each place of the word: characters in Chinese text, whole words in other text."""
    for match in finder.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if CHINESE.search(text):
            side = CHARACTERS if width is None else width
            before, after = before[max(len(before) - side, 0) :], after[:side]
        else:
            side = WORDS if width is None else width
            before = _found(rf"(?:\S+\s+){{0,{side}}}\S*$", before)
            after = _found(rf"^\S*(?:\s+\S+){{0,{side}}}", after)
        yield before.strip(), match.group(), after.strip()


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match.group() if match else ""
