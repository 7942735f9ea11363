"""Coding: answers to open questions with the codes that coders gave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import pandas as pd

from sgsurvey.answers.coding_frame import CodingFrame
from sgsurvey.answers.open_answers import open_answers, row_names
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.text import Text

# What says which answer a line codes.
ANSWER = ("row", "item")


@dataclass(frozen=True)
class Coding(Result):
    """What coders made of answers to open questions; none of the answers' words stand in it or in its table.

    Attributes
    ----------
    frame : DataFrame
        One row per line of the coders' sheets: ``coder, row`` (the respondent's id, or the label of the row), ``group,
        item, quote_id, idea`` (1 is the main one), and a column per dimension with the code, None where none was given.
    codes : CodingFrame
    coders : tuple of str
        In the order in which their files were named; the first one's codes are counted unless another is asked for.
    items : tuple of str
        The questions that were coded.
    counts : DataFrame
        Per coder: ``coder, n_given`` (answers to these questions), ``n_sheet`` (of them in the coder's file),
        ``n_coded, n_uncoded`` (of those in the file), ``n_ideas``.
    answers : Responses
        Those whose words were coded.
    unread : tuple of str
        Columns of the files that are no part of the sheet, such as notes of a coder.
    """

    codes: CodingFrame
    coders: tuple[str, ...]
    items: tuple[str, ...]
    counts: pd.DataFrame
    answers: Responses = field(repr=False)
    unread: tuple[str, ...] = ()

    def _table(self) -> Table:
        columns = [
            Column("coder", Text("编码员", "Coder"), "text"),
            Column("n_given", Text("回答数", "Answers given"), "count"),
            Column("n_sheet", Text("编码表中", "In the sheet"), "count"),
            Column("n_coded", Text("已编码", "Coded"), "count"),
            Column("n_uncoded", Text("未编码", "Not coded"), "count"),
            Column("n_ideas", Text("意思数", "Ideas"), "count"),
        ]
        named = "、".join(self.unread), ", ".join(self.unread)
        notes = [Text(f"未读取的列：{named[0]}。", f"Columns that were not read: {named[1]}.")] if self.unread else []
        title = Text("开放题编码情况", "Coding of open answers")
        return Table.from_frame(self.counts, columns, id="coding", title=title, notes=notes)

    def coder(self, name: str | None = None) -> str:
        """``name``, or the first coder; an error with the nearest name if there is none such."""
        if name is None:
            return self.coders[0]
        if name not in self.coders:
            raise DataError(
                Text(f"没有编码员“{name}”。", f"there is no coder '{name}'.{did_you_mean(name, self.coders)}"),
                remedy=Text(f"编码员有：{'、'.join(self.coders)}。", f"Coders are {', '.join(self.coders)}."),
            )
        return name

    def among(self, answers: Responses) -> Coding:
        """The same codes among other rows of the answers: those that screening kept, or under a declared design.

        Raises
        ------
        DataError
            ``answers`` are not rows of the answers that were coded.
        """
        names, known = row_names(answers), row_names(self.answers)
        if not names.index.isin(known.index).all() or not names.eq(known[names.index]).all():
            raise DataError(
                Text("这些答卷不是编码时答卷的一部分。", "these are not rows of the answers that were coded."),
                where="answers",
                remedy=Text("请用answers.where(…)或screen的结果。", "Pass what answers.where(…) or screening kept."),
            )
        lines = self.frame[self.frame["row"].isin(names)].drop(columns=["group", "quote_id"])
        given = open_answers(answers, self.items)
        return coding_of(lines, given, answers, self.codes, self.coders, self.unread)

    def themes(self, what: str | Sequence[str] | None = None, *, level: int = 1) -> dict[str, Text]:
        """The themes that ``what`` makes, with their words, in the order of the frame.

        One dimension (the first one unless named) makes a theme of each of its codes; several make one of each
        combination that any coder gave, ``EFF/PRO``.
        """
        dimensions = [self.codes.dimension(name) for name in self.names_of(what)]
        if len(dimensions) == 1:
            return {code.name: code.label for code in dimensions[0].at(level)}
        given = set(self.ideas(what, level=level)["theme"])
        combined = {
            "/".join(code.name for code in codes): Text(
                " × ".join(code.label.to("zh") for code in codes), " × ".join(code.label.to("en") for code in codes)
            )
            for codes in product(*(dimension.at(level) for dimension in dimensions))
        }
        return {theme: label for theme, label in combined.items() if theme in given}

    def aspects(self, what: str | Sequence[str] | None = None, *, level: int = 1) -> dict[str, str]:
        """The aspect of the questionnaire that each theme speaks of; themes that speak of none are left out."""
        dimensions = [self.codes.dimension(name) for name in self.names_of(what)]
        found = {
            theme: [d.aspects[code] for d, code in zip(dimensions, theme.split("/"), strict=True) if d.aspects[code]]
            for theme in self.themes(what, level=level)
        }
        return {theme: named[0] for theme, named in found.items() if named}

    def ideas(self, what: str | Sequence[str] | None = None, *, level: int = 1) -> pd.DataFrame:
        """Lines that have a code in every dimension of ``what``, with their ``theme``.

        On level 1 second-level codes count as the codes that they refine.
        """
        names = self.names_of(what)
        lines = self.frame.dropna(subset=names)
        parts = [lines[name].map(self.codes.dimension(name).lifted(level)) for name in names]
        return lines.assign(theme=parts[0].str.cat(parts[1:], sep="/") if len(parts) > 1 else parts[0])

    def first_ideas(self, dimension: str, *, level: int = 1) -> pd.DataFrame:
        """The main idea's code of each answer in ``dimension``: a row per answer, a column per coder.

        Missing where a coder did not code the answer, or gave its main idea no code in this dimension.
        """
        lines = self.ideas(dimension, level=level).sort_values("idea", kind="stable")
        main = self.frame.groupby(["coder", *ANSWER])["idea"].transform("min")
        lines = lines[lines["idea"] == main[lines.index]]
        return lines.pivot(index=list(ANSWER), columns="coder", values="theme").reindex(columns=list(self.coders))

    def presence(self, what: str | Sequence[str] | None = None, *, level: int = 1) -> dict[str, pd.DataFrame]:
        """For each theme, whether any idea of an answer has it: a row per answer, a column per coder.

        1 or 0 where the coder gave the answer any code in ``what``, else missing.
        """
        ideas = self.ideas(what, level=level)
        of, coders = pd.MultiIndex.from_frame(ideas[list(ANSWER)]), pd.Index(self.coders, name="coder")
        answers = of.unique().sort_values()
        row, column = answers.get_indexer(of), coders.get_indexer(pd.Index(ideas["coder"]))
        coded = np.full((len(answers), len(coders)), np.nan)
        coded[row, column] = 0.0
        found = {}
        for theme in self.themes(what, level=level):
            own, present = (ideas["theme"] == theme).to_numpy(), coded.copy()
            present[row[own], column[own]] = 1.0
            found[theme] = pd.DataFrame(present, answers, coders)
        return found

    def names_of(self, what: str | Sequence[str] | None = None) -> tuple[str, ...]:
        """The dimensions that ``what`` names; the first one when None."""
        if what is None:
            return self.codes.names[:1]
        return (what,) if isinstance(what, str) else tuple(dict.fromkeys(what))


def coding_of(
    lines: pd.DataFrame,
    given: pd.DataFrame,
    answers: Responses,
    codes: CodingFrame,
    coders: Iterable[str],
    unread: tuple[str, ...] = (),
) -> Coding:
    """A Coding of sound lines (``coder, row, item, idea`` and the dimensions); ``given`` as ``open_answers`` has it."""
    coders = tuple(coders)
    frame = lines.merge(given[[*ANSWER, "group", "quote_id"]], on=list(ANSWER), how="left", validate="many_to_one")
    frame = frame[["coder", "row", "group", "item", "quote_id", "idea", *codes.names]]
    has_code = frame[list(codes.names)].notna().any(axis=1)
    counts = pd.DataFrame([_counted(frame, has_code, coder, len(given)) for coder in coders])
    n = len(frame[has_code].drop_duplicates(list(ANSWER)))
    labels = {code.name: code.label for dimension in codes.dimensions for code in dimension.codes}
    labels |= {dimension.name: dimension.label for dimension in codes.dimensions}
    uncoded = {"not coded": len(given) - n} if n < len(given) else {}
    basis = replace(answers.basis(n, uncoded).labelled(labels), n_in=len(given))
    items = tuple(dict.fromkeys(given["item"]))
    return Coding(frame, basis, codes, coders, items, counts, answers, unread)


def _counted(frame: pd.DataFrame, has_code: pd.Series, coder: str, n_given: int) -> dict[str, object]:
    own = frame["coder"].eq(coder)
    sheet, coded = (len(frame[which].drop_duplicates(list(ANSWER))) for which in (own, own & has_code))
    return {
        "coder": coder,
        "n_given": n_given,
        "n_sheet": sheet,
        "n_coded": coded,
        "n_uncoded": sheet - coded,
        "n_ideas": int(np.count_nonzero(own & has_code)),
    }
