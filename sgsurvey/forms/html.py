"""One offline HTML page per role: no network, a draft on the device, one JSON file per respondent.

``docs/reference/form_json.md`` gives the format of the JSON; ``sgsurvey/ingest/forms.py`` reads it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from math import isinf
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sgsurvey.files import write_whole
from sgsurvey.forms.form import Form, lay_out
from sgsurvey.forms.html_words import NO_SCRIPT, PRIVACY, WORDS
from sgsurvey.forms.record import CLOCKED, FORMAT, FORMAT_VERSION
from sgsurvey.forms.steps import Step
from sgsurvey.questionnaire.model import Choice, Item, Questionnaire, Scale
from sgsurvey.tables.format import printable, width
from sgsurvey.tables.html import LANG
from sgsurvey.text import Language, Text

SCRIPTS = ("answers.js", "questions.js", "page.js")
MOST_ANCHORS = 7
# A phone of 360 px leaves 312 px for the anchors of a scale; a letter at 13.5 px is about 6.8 px wide.
ROW_PX, LETTER_PX, MOST_LINES = 312, 6.8, 3

Words = list[str]
Json = dict[str, object]


def write_html(
    questionnaire: Questionnaire, path: Path, *, role: str, language: Language | None = None, short: bool = False
) -> tuple[Step, ...]:
    """Write the form of ``role``; ``language`` is the one it opens in.  Nothing is left to set by hand."""
    write_whole(path, to_page(questionnaire, role=role, language=language, short=short).encode())
    return ()


def to_page(questionnaire: Questionnaire, *, role: str, language: Language | None = None, short: bool = False) -> str:
    """The HTML page of the form of ``role``."""
    form = lay_out(questionnaire, role, short=short)
    opens_in = language or questionnaire.language
    templates = files("sgsurvey.forms") / "templates"
    style = (templates / "form.css").read_text(encoding="utf-8")
    script = "".join((templates / name).read_text(encoding="utf-8") for name in SCRIPTS)
    environment = Environment(loader=PackageLoader("sgsurvey.forms"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("form.html").render(
        lang=LANG[opens_in],
        title=printable(form.title.to(opens_in)),
        no_script=[(LANG[each], NO_SCRIPT.to(each)) for each in questionnaire.languages],
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
        definition=Markup(_embedded(definition(form, opens_in))),
    )


def definition(form: Form, language: Language) -> Json:
    """What the page's script needs to know: words in every language, choices, conditions and limits."""
    page = _Page(form)
    instrument = form.questionnaire
    asked: Json = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "questionnaire": {"id": instrument.id, "version": instrument.version},
        "role": form.role.name,
        "short": form.short,
        "name": form.name,
        "languages": list(instrument.languages),
        "tags": {each: LANG[each] for each in instrument.languages},
        "title": page.words(form.title),
        "introduction": page.words(form.role.introduction) if form.role.introduction else None,
        "privacy": page.words(PRIVACY),
        "words": {name: page.words(text) for name, text in WORDS.items()},
        "blocks": [
            {"name": block.name, "label": page.words(block.label), "items": [page.item(item) for item in items]}
            for block, items in form.blocks
        ],
    }
    # A draft is only taken up again by the very form that it was written in, in whichever language that opens.
    mark = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    return {**asked, "language": language, "key": f"sgsurvey:{form.name}:{mark}"}


class _Page:
    """The questions of one form, as the page needs them."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.languages = form.questionnaire.languages

    def words(self, text: Text) -> Words:
        return ["\n".join(map(printable, text.to(language).strip().splitlines())) for language in self.languages]

    def item(self, item: Item) -> Json:
        """One question; what does not concern it is left out."""
        choices, aside = self.form.choices(item), self.form.no_answers(item)
        if item.type in ("rating", "select_one"):
            aside = tuple(choice for choice in choices if choice.code in item.missing_codes)
            choices = tuple(choice for choice in choices if choice not in aside)
        elif item.scale is not None:
            aside = ()
        parts: Json = {
            "number": self.form.numbers.get(item.name),
            "hint": self.words(item.hint) if item.hint else None,
            "clock": CLOCKED.get(item.name) if item.type == "text" else None,
            "required": item.required,
            "relevant": {name: list(codes) for name, codes in self.form.conditions(item).items()},
            "limits": [None if isinf(end) else end for end in item.limits] if item.limits else None,
            "most": item.most,
            "randomize": item.randomize,
            "assign": list(item.assign),
            "choices": [self.choice(choice) for choice in choices],
            "no_answers": [self.choice(choice) for choice in aside],
            "row": item.type == "rating" and item.scale is not None and fits_a_row(item.scale, self.languages),
        }
        named: Json = {"name": item.name, "type": item.type, "label": self.words(item.label)}
        return named | {name: part for name, part in parts.items() if part}

    def choice(self, choice: Choice) -> Json:
        said: Json = {"code": choice.code, "label": self.words(choice.label)}
        return said | ({"exclusive": True} if choice.exclusive else {})


def fits_a_row(scale: Scale, languages: tuple[Language, ...]) -> bool:
    """Whether all anchors can stand side by side on a phone, each in full, in every language.

    A scale looks the same on every device and in every language, so that answers can be compared.
    """
    if not 2 <= len(scale.valid) <= MOST_ANCHORS:
        return False
    cell = ROW_PX / len(scale.valid) - 8
    return all(
        LETTER_PX * max(map(width, _unbreakable(label))) <= cell and LETTER_PX * width(label) <= MOST_LINES * cell
        for choice in scale.valid
        for label in (choice.label.to(language) for language in languages)
        if label
    )


def _unbreakable(label: str) -> list[str]:
    """Words of a label; Chinese may be broken after any character."""
    return "".join(f" {char} " if width(char) == 2 else char for char in label).split() or [""]


def _embedded(definition: Json) -> str:
    """JSON that no text in it can end or turn into markup."""
    compact = json.dumps(definition, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return compact.replace("<", "\\u003c")


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
