"""One offline HTML page per role: no network, a draft on the device, one JSON file per respondent.

``docs/reference/form_json.md`` gives the format of the JSON; ``sgsurvey/ingest/forms.py`` reads it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sgsurvey.forms.html_words import NO_ANSWERS, NO_SCRIPT, PRIVACY, WORDS
from sgsurvey.questionnaire.model import Block, Choice, Item, Questionnaire, Scale
from sgsurvey.tables.archive import write_whole
from sgsurvey.tables.format import printable, width
from sgsurvey.tables.html import LANG
from sgsurvey.text import Language, Text

FORMAT = "sgsurvey-answers"
FORMAT_VERSION = 1
CLOCKED = {"t_start": "started", "t_end": "finished"}
"""Questions that the device answers by its clock, and with what."""
SCRIPTS = ("answers.js", "questions.js", "page.js")
MOST_ANCHORS = 7
# A phone of 360 px leaves 312 px for the anchors of a scale; a letter at 13.5 px is about 6.8 px wide.
ROW_PX, LETTER_PX, MOST_LINES = 312, 6.8, 3

Words = list[str]
Json = dict[str, object]


def write_html(
    questionnaire: Questionnaire, path: Path, *, role: str, language: Language | None = None, short: bool = False
) -> Path:
    """Write the form of ``role`` as one HTML file that works without a network.

    Parameters
    ----------
    questionnaire : Questionnaire
    path : Path
    role : str
        A role, or a sheet of the field staff.
    language : "zh" or "en", optional
        Shown first; the questionnaire's own when None.  Respondents can change it at any time.
    short : bool
        Ask the short form.
    """
    return write_whole(path, to_page(questionnaire, role=role, language=language, short=short).encode())


def to_page(questionnaire: Questionnaire, *, role: str, language: Language | None = None, short: bool = False) -> str:
    """The HTML page of the form of ``role``."""
    first = language or questionnaire.language
    templates = files("sgsurvey.forms") / "templates"
    style = (templates / "form.css").read_text(encoding="utf-8")
    script = "".join((templates / name).read_text(encoding="utf-8") for name in SCRIPTS)
    environment = Environment(loader=PackageLoader("sgsurvey.forms"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("form.html").render(
        lang=LANG[first],
        title=printable(questionnaire.title.to(first)),
        no_script=[(LANG[each], NO_SCRIPT.to(each)) for each in questionnaire.languages],
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
        form=Markup(_embedded(form_definition(questionnaire, role=role, language=first, short=short))),
    )


def form_definition(questionnaire: Questionnaire, *, role: str, language: Language, short: bool = False) -> Json:
    """What the page's script needs to know: words in every language, choices, conditions and limits."""
    asked = _Asked(questionnaire, role, short)
    whose = questionnaire.role(role)
    definition: Json = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "questionnaire": {"id": questionnaire.id, "version": questionnaire.version},
        "role": role,
        "short": short,
        "languages": list(questionnaire.languages),
        "tags": {each: LANG[each] for each in questionnaire.languages},
        "title": asked.words(questionnaire.title),
        "who": asked.words(whose.label),
        "introduction": asked.words(whose.introduction) if whose.introduction else None,
        "privacy": asked.words(PRIVACY),
        "words": {name: asked.words(text) for name, text in WORDS.items()},
        "blocks": [asked.block(block, items) for block, items in questionnaire.form(role, short=short)],
    }
    # A draft is only taken up again by the very form that it was written in, in whichever language that opens.
    mark = sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()[:16]
    return {**definition, "language": language, "key": f"sgsurvey:{questionnaire.id}:{role}:{mark}"}


class _Asked:
    """The questions of one form, as the page needs them."""

    def __init__(self, questionnaire: Questionnaire, role: str, short: bool) -> None:
        self.questionnaire = questionnaire
        self.languages = questionnaire.languages
        self.names = {item.name for _, items in questionnaire.form(role, short=short) for item in items}
        self.study_wide = {choice.code: choice for choice in questionnaire.missing}

    def words(self, text: Text) -> Words:
        return [printable(text.to(language)) for language in self.languages]

    def block(self, block: Block, items: tuple[Item, ...]) -> Json:
        return {"name": block.name, "label": self.words(block.label), "items": [self.item(item) for item in items]}

    def item(self, item: Item) -> Json:
        """One question; what does not concern it is left out."""
        parts: Json = {
            "name": item.name,
            "type": item.type,
            "label": self.words(item.label),
            "hint": self.words(item.hint) if item.hint else None,
            "clock": CLOCKED.get(item.name) if item.type == "text" else None,
            "required": item.required,
            # As in Responses.shown: a condition on a question that this form does not ask is taken as met.
            "relevant": {name: list(codes) for name, codes in item.relevant.items() if name in self.names},
            "limits": list(item.limits) if item.limits and not item.scale else None,
            "most": item.most,
            "randomize": item.randomize,
            "assign": list(item.assign),
            "choices": [self.choice(choice) for choice in _answers(item)],
            "no_answers": [{"code": c.code, "label": self.words(c.label)} for c in self.no_answers(item)],
            "row": item.type == "rating" and item.scale is not None and fits_a_row(item.scale, self.languages),
        }
        return {name: part for name, part in parts.items() if part or name in ("name", "type", "label")}

    def choice(self, choice: Choice) -> Json:
        return {"code": choice.code, "label": self.words(choice.label)} | (
            {"exclusive": True} if choice.exclusive else {}
        )

    def no_answers(self, item: Item) -> Iterator[Choice]:
        """The scale's own ways not to answer, then the study's where the scale has none of that kind."""
        kinds = item.missing_codes
        own = [choice for choice in (item.scale.choices if item.scale else ()) if choice.code in kinds]
        yield from own
        offered = {kinds[choice.code] for choice in own}
        for code, kind in sorted(item.missing.items(), reverse=True):
            if kind not in offered:
                offered.add(kind)
                label = self.study_wide[code].label if code in self.study_wide else NO_ANSWERS[kind]
                yield Choice(code, label, kind)


def _answers(item: Item) -> tuple[Choice, ...]:
    return tuple(c for c in item.scale.choices if c.code not in item.missing_codes) if item.scale else ()


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
    return json.dumps(definition, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
