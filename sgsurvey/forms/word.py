"""A paper form in Word: the numbers, codes and order of the data, boxes to tick, skips in words.

Behind each question stands its column in the data, small and grey: who keys the form, checks it or codes open answers
needs no list beside it.  A grid repeats its head on every page, and none of its lines is torn apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.shared import Cm, Pt

from sgsurvey.forms.conditions import by_number, condition_words, limits_words, no_answer_words
from sgsurvey.forms.form import Form, Part, lay_out
from sgsurvey.forms.steps import Step
from sgsurvey.forms.word_grid import BOX, GREY, NAME_SIZE, anchored_grid, office_box, ruled_lines
from sgsurvey.forms.word_words import BY_LOT, DATE, END, HOW_TO, OFFICE, PAGES, SHORT, SHUFFLED, section_number
from sgsurvey.questionnaire.model import Block, Choice, Item, Questionnaire
from sgsurvey.tables.format import printable, width
from sgsurvey.tables.widths import CHARACTER
from sgsurvey.tables.word import no_border, prepare, style_fonts, text_width, write_document
from sgsurvey.tables.wordprocessing import HEI, SONG, element, field, run
from sgsurvey.text import Language, Text

SIZE = 10.5
SMALL = 9.0
MARGIN = Cm(2)
INDENT = Pt(21)
OPEN_LINES = 3
MOST_COLUMNS = 4
LINE = "_" * 12


def write_word(
    questionnaire: Questionnaire, path: Path, *, role: str, language: Language | None = None, short: bool = False
) -> tuple[Step, ...]:
    """Write the paper form of ``role`` in one language; what paper cannot do is given back as steps."""
    form = lay_out(questionnaire, role, short=short)
    paper = _Paper(form, language or questionnaire.language)
    paper.write()
    write_document(paper.document, path, title=paper.plain(form.title))
    return _steps(form)


def _steps(form: Form) -> tuple[Step, ...]:
    steps = []
    for item in form.items:
        question = str(form.numbers.get(item.name, ""))
        if item.randomize:
            steps.append(Step(SHUFFLED, question, item.name))
        if item.assign:
            values = ", ".join(map(str, item.assign))
            steps.append(Step(BY_LOT.format(values=values), question, item.name))
    return tuple(steps)


class _Paper:
    def __init__(self, form: Form, language: Language) -> None:
        self.form, self.language = form, language
        self.document = Document()
        prepare(self.document, language)
        self._styles()

    def plain(self, text: Text) -> str:
        """The words in the form's language, on one line."""
        return printable(text.to(self.language))

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def write(self) -> None:
        """The whole form."""
        self._head()
        blocks = groupby(self.form.parts(), key=lambda part: part.block)
        for number, (block, of_block) in enumerate(blocks, start=1):
            self._block(number, block, list(of_block))
        if not self.form.is_sheet:
            # The last words never stand on a page of their own.
            self.document.paragraphs[-1].paragraph_format.keep_with_next = True
            self._paragraph(run(self.plain(END), bold=True), before=12, centred=True)

    # Page ---------------------------------------------------------------------------------------

    def _styles(self) -> None:
        section = self.document.sections[0]
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
        for name, size, face in (
            ("Normal", SIZE, SONG),
            ("Title", 16, HEI),
            ("Heading 1", 12, HEI),
            ("Footer", 8, SONG),
        ):
            style_fonts(self.document, name, size, face)
        for name in ("Title", "Heading 1"):
            style = self.document.styles[name]
            style.font.bold = True
            no_border(style)
        layout = self.document.styles["Normal"].paragraph_format
        layout.space_before, layout.space_after, layout.line_spacing = Pt(0), Pt(2), 1.1
        title = self.document.styles["Title"].paragraph_format
        title.alignment, title.space_after = 1, Pt(2)
        heading = self.document.styles["Heading 1"].paragraph_format
        heading.space_before, heading.space_after, heading.keep_with_next = Pt(14), Pt(4), True

    def _head(self) -> None:
        form, questionnaire = self.form, self.form.questionnaire
        self.document.add_paragraph(self.plain(questionnaire.title), style="Title")
        kind = [self.plain(form.role.label)] + [self.plain(SHORT)] * form.short
        version = self.say(f"版本 {questionnaire.version}", f"version {questionnaire.version}")
        line = "　·　".join([*kind, printable(version)])
        self._paragraph(run(line), centred=True, after=6)
        self._insert(office_box([self.plain(text) for text in OFFICE], text_width(self.document)))
        if form.role.introduction is not None:
            self._paragraph(run(self.plain(form.role.introduction), bold=True), before=8)
        if not form.is_sheet:
            self._paragraph(run(self.plain(HOW_TO)), before=4)
        footer = self.document.sections[0].footer.paragraphs[0]
        footer.alignment = 1
        before, between, after = PAGES[self.language]
        name = f"{printable(form.name)}　v{printable(questionnaire.version)}　　{before}"
        footer._p.extend([run(name), *field("PAGE", "1"), run(between), *field("NUMPAGES", "1"), run(after)])

    def _paragraph(
        self, *runs: Any, before: float = 0, after: float = 2, centred: bool = False, keep: bool = False
    ) -> Any:
        paragraph = self.document.add_paragraph()
        layout = paragraph.paragraph_format
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        layout.keep_together, layout.keep_with_next = True, keep
        paragraph.alignment = 1 if centred else None
        paragraph._p.extend(runs)
        return paragraph

    def _insert(self, table: Any) -> None:
        """A table at the end, and a thin paragraph, without which Word would join it to the next."""
        body = self.document.element.body
        body.insert(len(body) - 1, table)
        thin = self._paragraph(after=0)
        thin.paragraph_format.line_spacing = Pt(4)

    # Blocks -------------------------------------------------------------------------------------

    def _block(self, number: int, block: Block, parts: Sequence[Part]) -> None:
        heading = f"{section_number(number, self.language)}{self.plain(block.label)}"
        self.document.add_paragraph(heading, style="Heading 1")
        for conditions, run_of in groupby(parts, key=self._common_conditions):
            together = list(run_of)
            if conditions:
                self._skip([item for part in together for item in part.items])
            for part in together:
                if part.grid:
                    self._grid(part)
                else:
                    self._question(part.items[0])

    def _common_conditions(self, part: Part) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The conditions that all items of ``part`` share; none where its lines differ."""
        found = {tuple(self.form.conditions(item).items()) for item in part.items}
        return found.pop() if len(found) == 1 else ()

    def _skip(self, items: Sequence[Item]) -> None:
        """Who answers the next questions, and where everybody else goes on."""
        words = condition_words(self.form.conditions(items[0]), self.form.questionnaire, by_number(self.form))
        numbers = [self.form.numbers[item.name] for item in items if item.name in self.form.numbers]
        if words is None:
            return
        if not numbers:
            self._paragraph(
                run(f"▶ {printable(self.say(f'如果{words.zh}：', f'If {words.en}:'))}", size=SMALL, bold=True)
            )
            return
        first, last = numbers[0], numbers[-1]
        goes_on = last < len(self.form.numbers)
        several = f"{first}–{last}" if last > first else f"{first}"
        zh = f"如果{words.zh}，请回答第{several}题；否则" + (f"请跳到第{last + 1}题。" if goes_on else "到此结束。")
        asked = f"questions {several}" if last > first else f"question {first}"
        en = f"If {words.en}, answer {asked}; otherwise " + (
            f"go to question {last + 1}." if goes_on else "the form ends here."
        )
        self._paragraph(run(f"▶ {printable(self.say(zh, en))}", size=SMALL, bold=True), before=4, keep=True)

    def _grid(self, part: Part) -> None:
        common = bool(self._common_conditions(part))
        lines = []
        for item in part.items:
            label = " ".join(self.plain(text) for text in (item.label, item.hint) if text)
            only = "" if common else self._only_if(item)
            lines.append((str(self.form.numbers[item.name]), label, item.name, only))
        choices = self.form.choices(part.items[0])
        heads = [(str(choice.code), self.plain(choice.label), choice.missing is not None) for choice in choices]
        self._insert(anchored_grid(heads, lines, text_width(self.document)))

    def _only_if(self, item: Item) -> str:
        """Who answers one line of a grid; empty where everybody does."""
        words = condition_words(self.form.conditions(item), self.form.questionnaire, by_number(self.form))
        return printable(self.say(f"（只有{words.zh}的回答）", f"(only if {words.en})")) if words else ""

    # Questions ----------------------------------------------------------------------------------

    def _question(self, item: Item) -> None:
        if item.type == "note":
            self._paragraph(run(self.plain(item.label)), before=4)
            return
        if item.assign:
            self._assigned(item)
        label = self.plain(item.label).replace("{assigned}", LINE) if item.assign else self.plain(item.label)
        more = [self._instruction(item), self.plain(item.hint) if item.hint else ""]
        said = "；".join(part for part in more if part) if self.language == "zh" else "; ".join(filter(None, more))
        brackets = self.say(f"（{said}）", f" ({said})") if said else ""
        open_question = item.type in ("text", "date", "integer", "decimal")
        paragraph = self._paragraph(
            run(f"{self.form.numbers[item.name]}. {label}"),
            *([run(brackets, size=SMALL)] if said else []),
            self._name(item.name),
            before=5,
            keep=not open_question or self._lines(item) > 0,
        )
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = INDENT, -INDENT
        if open_question:
            self._space_for(item, paragraph)
        elif item.type == "rank":
            self._options([f"（　）{_option(choice, self.language)}" for choice in self.form.choices(item)])
        else:
            self._options([f"{BOX} {_option(choice, self.language)}" for choice in self.form.choices(item)])

    def _name(self, name: str) -> Any:
        return run(f"  {name}", size=NAME_SIZE, colour=GREY)

    def _assigned(self, item: Item) -> None:
        values = "\u2003".join(f"{BOX}\u00a0{value}" for value in item.assign)
        said = self.say(
            "工作人员事先抽签，勾选本份问卷出示的数：", "Drawn by lot and ticked beforehand by field staff: "
        )
        self._paragraph(run(said + values, size=SMALL), self._name(f"{item.name}_assigned"), before=6, keep=True)

    def _instruction(self, item: Item) -> str:
        """How to answer, where the question needs more than a tick."""
        if item.type == "select_multiple":
            return self.say("可多选" + f"，最多{item.most}项" * bool(item.most),
                            f"tick up to {item.most}" if item.most else "tick all that apply")  # fmt: skip
        if item.type == "rank":
            most = item.most or len(self.form.choices(item))
            return self.say(f"在括号里填名次：1为第一，最多填到{most}", f"write 1 for the first, up to {most}")
        limits = limits_words(item)
        instead = no_answer_words(self.form.no_answers(item)) if limits else None
        parts = [part.to(self.language) for part in (limits, instead) if part is not None]
        # A hyphen that does not break keeps a code on one line.
        return printable(self.say("；", "; ").join(parts)).replace("-", "\u2011")

    def _lines(self, item: Item) -> int:
        """Ruled lines below: for what people tell, not for what they only name."""
        asks = self.plain(item.label).endswith(("?", "？"))
        return OPEN_LINES if item.type == "text" and asks and not item.relevant else 0

    def _space_for(self, item: Item, paragraph: Any) -> None:
        lines = self._lines(item)
        if not lines:
            blank = DATE.to(self.language) if item.type == "date" else LINE * (2 if item.type == "text" else 1)
            paragraph._p.append(run(f"　{blank}"))
        else:
            self._insert(ruled_lines(lines, text_width(self.document), INDENT.pt))

    def _options(self, options: Sequence[str]) -> None:
        """Options in as many columns as the longest allows, read along the lines."""
        room = text_width(self.document) - INDENT.pt
        widest = (max(width(option) for option in options) + 3) * CHARACTER * SIZE
        columns = max(1, min(MOST_COLUMNS, len(options), int(room / widest)))
        rows = [options[start : start + columns] for start in range(0, len(options), columns)]
        for number, row in enumerate(rows):
            paragraph = self._paragraph(keep=number < len(rows) - 1, after=1)
            layout = paragraph.paragraph_format
            hang = Pt(0) if columns > 1 else Pt(SIZE * 2)
            layout.left_indent, layout.first_line_indent = INDENT + hang, -hang
            for column in range(1, columns):
                layout.tab_stops.add_tab_stop(INDENT + Pt(room * column / columns), WD_TAB_ALIGNMENT.LEFT)
            for place, option in enumerate(row):
                if place:
                    paragraph._p.append(element("r", element("tab")))
                paragraph._p.append(run(option))


def _option(choice: Choice, language: Language) -> str:
    return f"{choice.code}.\u00a0{printable(choice.label.to(language))}"
