"""codebook(): every column of the data, what it holds, and who was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import pandas as pd

from sgsurvey.forms.conditions import by_name, condition_words, limits_words
from sgsurvey.forms.form import KIND_WORDS
from sgsurvey.questionnaire.model import Item, ItemType, MissingKind, Questionnaire
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, listed, same

NOTHING = same("")
TYPES: dict[ItemType, Text] = {
    "rating": Text("量表", "Rating"),
    "select_one": Text("单选", "One choice"),
    "select_multiple": Text("多选", "Several choices"),
    "rank": Text("排序", "Rank"),
    "integer": Text("整数", "Whole number"),
    "decimal": Text("数", "Number"),
    "text": Text("文字", "Words"),
    "date": Text("日期", "Date"),
    "note": Text("说明", "Note"),
}
EVERYBODY = Text("所有人", "everybody")
ROLE = Text("利益相关者", "Stakeholder group")
DRAWN = Text("随机出示的数", "Number drawn and shown")
PICKED = Text("1=选了；0=没选", "1 = picked; 0 = not picked")
RANKED = Text("1=第一，依此类推；0=没选", "1 = first, and so on; 0 = not picked")


@dataclass(frozen=True)
class Codebook(Result):
    """The columns of the data in words.

    Attributes
    ----------
    frame : DataFrame
        A row per column of the data, in the order asked: ``variable, item, block, type, construct, reverse, source``,
        then in Chinese and English (``_zh``, ``_en``) ``label``; ``codes`` with their labels, or the limits of a
        number; ``missing``, the codes of no-answer; ``universe``, who was asked.
    questionnaire : Questionnaire
    """

    questionnaire: Questionnaire

    def _table(self) -> Table:
        of = self.questionnaire
        heading = {block.name: block.label for block in of.blocks}
        page = pd.DataFrame(
            {
                "variable": self.frame["variable"],
                "block": self.frame["block"].map(lambda name: heading.get(name, ROLE)),
                "label": self._both("label"),
                "type": self.frame["type"].map(TYPES),
                "codes": [_listed(*each) for each in zip(self._both("codes"), self._both("missing"), strict=True)],
                "construct": [
                    _scored(of, *each) for each in self.frame[["construct", "reverse"]].itertuples(index=False)
                ],
                "universe": self._both("universe"),
                "source": self.frame["source"],
            }
        )
        columns = [
            Column("variable", HEADS["variable"], "text"),
            Column("label", HEADS["question"], "text"),
            Column("type", Text("类型", "Type"), "text"),
            Column("codes", Text("编码", "Codes"), "text"),
            Column("construct", HEADS["construct"], "text"),
            Column("universe", Text("询问对象", "Asked of"), "text"),
            Column("source", Text("来源", "Source"), "text"),
        ]
        told = [column for column in columns if any(page[column.key].map(_is_said))]
        title = Text(f"编码手册：{of.title.zh}（版本{of.version}）", f"Codebook: {of.title.en} (version {of.version})")
        return Table.from_frame(page, told, id="codebook", title=title, group="block")

    def _both(self, name: str) -> list[Text]:
        return [Text(*each) for each in zip(self.frame[f"{name}_zh"], self.frame[f"{name}_en"], strict=True)]


def codebook(questionnaire: Questionnaire) -> Codebook:
    """List every column of the data: its words, codes, codes of no-answer, construct, and who was asked.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    Codebook

    Examples
    --------
    ``sg.codebook(instrument).table(language="en").save("codebook.docx")``
    """
    block_of = {name: block.name for block in questionnaire.blocks for name in block.items}
    lines = [_role(questionnaire)] if questionnaire.roles else []
    for item in questionnaire.items:
        lines += _lines(questionnaire, item, block_of.get(item.name, ""))
    frame = pd.DataFrame([line.row() for line in lines])
    return Codebook(frame, Basis(0, 0, language=questionnaire.language), questionnaire)


@dataclass(frozen=True, slots=True)
class _Line:
    """One column of the data."""

    variable: str
    item: str
    block: str
    type: ItemType
    label: Text
    codes: Text
    missing: Text = NOTHING
    universe: Text = EVERYBODY
    construct: str = ""
    reverse: bool = False
    source: str = ""

    def row(self) -> Mapping[str, object]:
        """The line with a column for each language."""
        plain: dict[str, object] = {}
        said: dict[str, object] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Text):
                said |= {f"{each.name}_zh": value.zh, f"{each.name}_en": value.en}
            else:
                plain[each.name] = value
        return plain | said


def _role(questionnaire: Questionnaire) -> _Line:
    codes = [(role.name, role.label) for role in questionnaire.roles]
    return _Line("role", "role", "", "select_one", ROLE, _coded(codes))


def _lines(questionnaire: Questionnaire, item: Item, block: str) -> Iterator[_Line]:
    if item.type == "note":
        return
    codes = _coded([(c.code, c.label) for c in item.scale.valid]) if item.scale else limits_words(item) or NOTHING
    whole = _Line(
        item.name,
        item.name,
        block,
        item.type,
        item.label,
        codes,
        missing=_missing(questionnaire, item),
        universe=_universe(questionnaire, item),
        construct=item.construct,
        reverse=item.reverse,
        source=questionnaire.construct(item.construct).source if item.construct else "",
    )
    if item.type in ("select_multiple", "rank") and item.scale is not None:
        codes = RANKED if item.type == "rank" else PICKED
        for choice, name in zip(item.scale.valid, item.columns, strict=True):
            yield replace(whole, variable=name, label=_joined(item.label, choice.label), codes=codes, missing=NOTHING)
        return
    yield whole
    if item.assign:
        name, values = f"{item.name}_assigned", same(", ".join(map(str, item.assign)))
        label = _joined(item.label, DRAWN)
        yield replace(whole, variable=name, type="integer", label=label, codes=values, missing=NOTHING)


def _joined(question: Text, part: Text) -> Text:
    return Text(f"{question.zh} — {part.zh}", f"{question.en} — {part.en}")


def _coded(codes: Sequence[tuple[object, Text]]) -> Text:
    return Text(
        "；".join(f"{code}={label.zh}" for code, label in codes),
        "; ".join(f"{code} = {label.en}" for code, label in codes),
    )


def _missing(questionnaire: Questionnaire, item: Item) -> Text:
    """The codes of no-answer with their labels: the scale's, the study's, or what their kind is called."""
    labels: dict[int, Text] = {choice.code: choice.label for choice in questionnaire.missing}
    labels |= {choice.code: choice.label for choice in item.scale.choices} if item.scale else {}
    kinds: dict[int, MissingKind] = item.missing_codes
    return _coded([(code, labels.get(code, KIND_WORDS[kind])) for code, kind in kinds.items()])


def _universe(questionnaire: Questionnaire, item: Item) -> Text:
    """Who was asked: the roles, and under which condition."""
    roles = [questionnaire.role(name).label for name in item.roles]
    who = listed(roles) if roles else EVERYBODY
    condition = condition_words(item.relevant, questionnaire, by_name)
    return Text(f"{who.zh}：{condition.zh}", f"{who.en}, if {condition.en}") if condition else who


def _listed(codes: Text, missing: Text) -> Text:
    """Codes, and the codes of no-answer in brackets."""
    if not missing.en:
        return codes
    return Text(f"{codes.zh}［缺失：{missing.zh}］", f"{codes.en} [missing: {missing.en}]")


def _scored(questionnaire: Questionnaire, construct: str, reverse: bool) -> Text:
    if not construct:
        return NOTHING
    label = questionnaire.construct(construct).label
    mark = Text("（反向）", " (reversed)") if reverse else NOTHING
    return Text(f"{construct} {label.zh}{mark.zh}", f"{construct} {label.en}{mark.en}")


def _is_said(value: object) -> bool:
    return bool(value.zh or value.en) if isinstance(value, Text) else bool(value)
