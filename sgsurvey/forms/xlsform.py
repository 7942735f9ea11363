"""XLSForm for KoboToolbox and ODK: the sheets survey, choices and settings, in both languages.

What a form's settings mean here:

* a grid is a group on one screen (``field-list``) whose lines each show their anchors in full: ``table-list`` hides
  anchors behind a scroll bar on a phone, and roles that answer on phones and on desks must see the same;
* the time of start and end is taken by the device; nothing that identifies the device or its user is;
* the role and the version of the wording are hidden answers, so that an export says what it answers;
* "the first three, in order" is three questions, each without what was picked before, and one hidden answer that joins
  them: the type ``rank`` makes people order the whole list.

Source: xlsform.org; docs.getodk.org/form-question-types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isinf
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from sgsurvey.forms.conditions import limits_words, no_answer_words
from sgsurvey.forms.form import INTRODUCTION, TIMES, Form, lay_out, number_words, places, seed_name
from sgsurvey.forms.steps import Step
from sgsurvey.questionnaire.model import Block, Choice, Item, Questionnaire
from sgsurvey.tables.excel import type_words, write_workbook
from sgsurvey.tables.format import printable
from sgsurvey.text import Language, Text

COLUMN: dict[Language, str] = {"zh": "中文 (zh)", "en": "English (en)"}
METADATA = {**dict(zip(TIMES, ("start", "end"), strict=True)), "date": "today"}
"""Columns of the data that a device fills in by itself, with the XLSForm type that does it."""
PLAIN = ("type", "name", "appearance", "required", "relevant", "constraint", "calculation", "parameters",
         "choice_filter")  # fmt: skip
SPOKEN = ("label", "hint", "constraint_message", "required_message")
REQUIRED = Text("这一题必须回答。", "This question must be answered.")
PLACES = (
    Text("第一项", "First"),
    Text("第二项", "Second"),
    Text("第三项", "Third"),
    Text("第四项", "Fourth"),
    Text("第五项", "Fifth"),
)
UNSEEN_SPACE = "\u200b"
WIDEST = 60

Row = dict[str, str]


def write_xlsform(
    questionnaire: Questionnaire, path: Path, *, role: str, language: Language | None = None, short: bool = False
) -> tuple[Step, ...]:
    """Write the form of ``role``; ``language`` is the one it opens in.  Nothing is left to set by hand."""
    form = lay_out(questionnaire, role, short=short)
    opens_in = language or questionnaire.language
    survey = _Survey(form)
    survey.compile()
    settings = {
        "form_title": words(form.title.to(opens_in)),
        "form_id": form.name,
        "version": questionnaire.version,
        "default_language": COLUMN[opens_in],
        "style": "pages",
    }
    book = Workbook()
    book.remove(book.active)
    for title, rows in (("survey", survey.rows), ("choices", survey.choices()), ("settings", [settings])):
        _write_sheet(book, title, rows)
    write_workbook(book, path)
    return ()


def _write_sheet(book: Workbook, title: str, rows: list[Row]) -> None:
    """One sheet: a bold head with the columns that are used, every cell as words."""
    sheet = book.create_sheet(title)
    used = dict.fromkeys(name for row in rows for name in row)
    columns = [name for name in PLAIN[:2] if name in used]
    columns += [name for name in used if "::" in name] + [name for name in PLAIN[2:] if name in used]
    columns += [name for name in used if name not in columns]
    for place, name in enumerate(columns, start=1):
        type_words(sheet.cell(1, place), name)
        sheet.cell(1, place).font = Font(bold=True)
        for line, row in enumerate(rows, start=2):
            type_words(sheet.cell(line, place), row.get(name, ""))
            sheet.cell(line, place).alignment = Alignment(vertical="top", wrap_text=True)
        longest = max(len(row.get(name, "")) for row in rows)
        sheet.column_dimensions[get_column_letter(place)].width = min(max(longest, len(name)) + 2, WIDEST)
    sheet.freeze_panes = "A2"


# Words and expressions ------------------------------------------------------------------------------


def words(text: str) -> str:
    """``text`` as it must stand in a label, so that every program shows the words themselves.

    ``${`` would call another question, ``<b`` and Markdown would be taken for layout: an unseen space parts the former,
    which reading back drops; a backslash stands before the latter, as ODK and Enketo ask.
    """
    lines = "\n".join(printable(line) for line in text.splitlines())
    shown = lines.replace("${", f"${UNSEEN_SPACE}{{")
    shown = re.sub(r"<(?=[A-Za-z/!])", f"<{UNSEEN_SPACE}", shown)
    shown = re.sub(r"\](?=\()", f"]{UNSEEN_SPACE}", shown)
    for mark in "*_":
        if shown.count(mark) > 1:
            shown = shown.replace(mark, f"\\{mark}")
    return re.sub(r"(?m)^#", r"\\#", shown)


def literal(text: str) -> str:
    """``text`` as a string of XPath 1.0, which has no escapes: what holds both quotes is joined from parts."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    parts = ', "\'", '.join(f"'{part}'" for part in text.split("'"))
    return f"concat({parts})"


def relevant(conditions: Mapping[str, tuple[int, ...]], questionnaire: Questionnaire) -> str:
    """Skip logic as XPath: AND over questions, OR over codes, "has" for several choices; empty where always asked."""
    return " and ".join(_condition(questionnaire.item(name), codes) for name, codes in conditions.items())


def _condition(item: Item, codes: tuple[int, ...]) -> str:
    if item.type in ("select_multiple", "rank"):
        tests = [f"selected(${{{item.name}}}, '{code}')" for code in codes]
    elif item.scale is not None:
        tests = [f"${{{item.name}}} = '{code}'" for code in codes]
    else:
        tests = [f"${{{item.name}}} = {code}" for code in codes]
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


def number_constraint(item: Item, no_answers: tuple[Choice, ...]) -> str:
    """The limits of a number, or one of its codes of no-answer; empty where any number will do."""
    low, high = item.limits or (float("-inf"), float("inf"))
    ends = [f". >= {number_words(low)}"] * (not isinf(low)) + [f". <= {number_words(high)}"] * (not isinf(high))
    if not ends:
        return ""
    inside = " and ".join(ends)
    if not no_answers:
        return inside
    return " or ".join([f"({inside})", *(f". = {choice.code}" for choice in no_answers)])


def choice_constraint(item: Item, choices: tuple[Choice, ...]) -> str:
    """At most so many choices, and nothing beside one that stands alone."""
    tests = [f"count-selected(.) <= {item.most}"] if item.most else []
    tests += [f"not(selected(., '{c.code}') and count-selected(.) > 1)" for c in choices if c.exclusive]
    return " and ".join(tests)


# The survey -----------------------------------------------------------------------------------------


@dataclass
class _Survey:
    """Collects the rows of a form and the lists of choices they use."""

    form: Form
    rows: list[Row] = field(default_factory=list)
    lists: dict[tuple[Choice, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.languages = self.form.questionnaire.languages
        self.taken = {column.lower() for item in self.form.items for column in (item.name, *item.columns)}
        self.taken |= {"role", *METADATA}

    def compile(self) -> None:
        """All rows, in order."""
        self._hidden()
        if self.form.role.introduction is not None:
            self._add({"type": "note", "name": self._free(INTRODUCTION)}, label=self.form.role.introduction)
        for block, items in self.form.blocks:
            self._block(block, items)

    def choices(self) -> list[Row]:
        """The sheet of choices."""
        return [
            {"list_name": name, "name": str(choice.code), **self._spoken("label", choice.label)}
            for choices, name in self.lists.items()
            for choice in choices
        ]

    # Rows ---------------------------------------------------------------------------------------

    def _hidden(self) -> None:
        asked = {item.name for item in self.form.items if item.type == "date"}
        for name, kind in METADATA.items():
            if name not in asked:
                self._add({"type": kind, "name": name})
        if not self.form.is_sheet:
            self._add({"type": "calculate", "name": "role", "calculation": literal(self.form.role.name)})
        version = literal(printable(self.form.questionnaire.version))
        self._add({"type": "calculate", "name": self._free("questionnaire_version"), "calculation": version})

    def _block(self, block: Block, items: tuple[Item, ...]) -> None:
        shown = [item for item in items if item.type == "date" or item.name not in METADATA]
        if not shown:
            return
        grid = len({item.scale for item in shown}) == 1 and all(item.type == "rating" for item in shown)
        group = {"type": "begin_group", "name": self._free(block.name)}
        self._add(group | ({"appearance": "field-list"} if grid else {}), label=block.label)
        for item in shown:
            self._item(item)
        self._add({"type": "end_group"})

    def _item(self, item: Item) -> None:
        row: Row = {"name": item.name}
        if condition := relevant(self.form.conditions(item), self.form.questionnaire):
            row["relevant"] = condition
        if item.randomize:
            row["parameters"] = "randomize=true"
        if places(item):
            self._first_few(item, row)
        elif item.scale is not None:
            self._choice(item, row)
        elif item.type in ("integer", "decimal"):
            self._number(item, row)
        else:
            self._ask(item, row | {"type": item.type})

    def _choice(self, item: Item, row: Row) -> None:
        choices = self.form.choices(item)
        kind = "select_one" if item.type == "rating" else item.type
        row["type"] = f"{kind} {self._list(item, choices)}"
        if item.assign:
            self._draw(item, row)
        message = None
        if item.type == "select_multiple" and (constraint := choice_constraint(item, choices)):
            row["constraint"], message = constraint, _choice_message(item, choices)
        self._ask(item, row, constraint_message=message)

    def _draw(self, item: Item, row: Row) -> None:
        """One of the values, drawn once and kept; blank while the question is not shown."""
        values = " ".join(str(value) for value in item.assign)
        drawn = f"once(selected-at('{values}', int(random() * {len(item.assign)})))"
        shown = {"relevant": row["relevant"]} if "relevant" in row else {}
        self._add({"type": "calculate", "name": f"{item.name}_assigned", "calculation": drawn, **shown})

    def _number(self, item: Item, row: Row) -> None:
        no_answers = self.form.no_answers(item)
        instead = no_answer_words(no_answers)
        row["type"] = item.type
        message = None
        if (constraint := number_constraint(item, no_answers)) and (limits := limits_words(item)):
            row["constraint"] = constraint
            message = Text(
                f"请填{limits.zh}{f'；{instead.zh}' if instead else ''}。",
                f"Enter {limits.en}{f'; {instead.en}' if instead else ''}.",
            )
        self._ask(item, row, constraint_message=message, instead=instead)

    def _first_few(self, item: Item, row: Row) -> None:
        """A question for each place, under the condition that the place before was filled, then all in one answer."""
        condition = row.pop("relevant", "")
        picked: list[str] = []
        if item.randomize:
            seed = self._free(seed_name(item))
            draw = "once(int(random() * 1000000000))"
            self._add({"type": "calculate", "name": seed, "calculation": draw})
            row["parameters"] = f"randomize=true, seed=${{{seed}}}"
        stands_alone = [str(c.code) for c in self.form.choices(item) if c.exclusive]
        for number, wanted in enumerate(places(item), start=1):
            name = self._free(wanted)
            tests = [condition] if condition else []
            if picked:
                before = f"${{{picked[-1]}}}"
                tests += [f"{before} != ''", *(f"{before} != '{code}'" for code in stands_alone)]
            place = dict(row, type=f"select_one {self._list(item, self.form.choices(item))}", name=name)
            if tests:
                place["relevant"] = " and ".join(tests)
            if picked:
                place["choice_filter"] = " and ".join(f"name != ${{{other}}}" for other in picked)
            self._ask(item, place, nth=number, required=item.required and number == 1)
            picked.append(name)
        joined = ", ' ', ".join(f"${{{name}}}" for name in picked)
        shown = {"relevant": condition} if condition else {}
        whole = f"normalize-space(concat({joined}))" if len(picked) > 1 else joined
        self._add({"type": "calculate", "name": item.name, "calculation": whole, **shown})

    def _ask(
        self,
        item: Item,
        row: Row,
        *,
        constraint_message: Text | None = None,
        instead: Text | None = None,
        nth: int = 0,
        required: bool | None = None,
    ) -> None:
        """Add a row that a person sees, with its words."""
        hint = _joined(item.hint, instead)
        must = item.required if required is None else required
        if must and item.type != "note":
            row["required"] = "yes"
        label = {lang: words(item.label.to(lang)) for lang in self.languages}
        if nth:
            place = PLACES[nth - 1] if nth <= len(PLACES) else Text(f"第{nth}项", f"Number {nth}")
            label = {lang: f"{said}\n{place.to(lang)}" for lang, said in label.items()}
        if item.assign:
            label = {lang: said.replace("{assigned}", f"${{{item.name}_assigned}}") for lang, said in label.items()}
        self.rows.append(
            row
            | {f"label::{COLUMN[lang]}": said for lang, said in label.items()}
            | self._spoken("hint", hint)
            | self._spoken("constraint_message", constraint_message)
            | self._spoken("required_message", REQUIRED if "required" in row else None)
        )

    def _add(self, row: Row, *, label: Text | None = None) -> None:
        self.rows.append(row | self._spoken("label", label))

    def _spoken(self, column: str, text: Text | None) -> Row:
        if text is None:
            return {}
        return {f"{column}::{COLUMN[lang]}": words(text.to(lang)) for lang in self.languages}

    # Names --------------------------------------------------------------------------------------

    def _free(self, name: str) -> str:
        """``name``, lengthened until nothing else of the form is called so, whatever the case."""
        while name.lower() in self.taken:
            name += "_"
        self.taken.add(name.lower())
        return name

    def _list(self, item: Item, choices: tuple[Choice, ...]) -> str:
        """The list that holds ``choices``: the scale's name, and a number where one scale has several lists."""
        if choices not in self.lists:
            scale = item.scale.name if item.scale else item.name
            name, count = scale, 1
            while name in self.lists.values():
                count += 1
                name = f"{scale}.{count}"
            self.lists[choices] = name
        return self.lists[choices]


def _choice_message(item: Item, choices: tuple[Choice, ...]) -> Text:
    said = [Text(f"最多选{item.most}项", f"choose at most {item.most}")] if item.most else []
    for choice in choices:
        if choice.exclusive:
            label = choice.label
            said.append(Text(f"“{label.zh}”不能与其他选项同选", f'"{label.en}" cannot be chosen with others'))
    en = "; ".join(part.en for part in said)
    return Text(f"{'；'.join(part.zh for part in said)}。", f"{en[:1].upper()}{en[1:]}.")


def _joined(hint: Text | None, more: Text | None) -> Text | None:
    if hint is None or more is None:
        more = more and Text(f"{more.zh}。", f"{more.en[:1].upper()}{more.en[1:]}.")
        return hint or more
    return Text(f"{hint.zh}（{more.zh}）", f"{hint.en} ({more.en})")
