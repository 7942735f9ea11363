"""Headers and words: which column of a file holds which question."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Literal

from sgsurvey.forms.form import additions
from sgsurvey.questionnaire.model import SEVERAL, Item, Questionnaire, Scale

# Control characters but tab and newline, marks that turn the direction of text, lone surrogates, the byte order mark.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
NUMBERING = re.compile(r"^(?:第\d+题|[qQ]?\d+(?:[.\-]\d+)*[、.:,)]|\(\d+\))+")
KIND_MARK = re.compile(
    r"\[(?:单选题|多选题|填空题|排序题|矩阵[^\]]*|量表题|必填|选填)\]|\((?:必填|选填|单选|多选|required)\)"
)
ENDING = re.compile(r"[。.?!:;,*]+$")
# XForms straighten curly quotation marks: labels come back without them.
STRAIGHT = str.maketrans("“”‘’", "\"\"''")
SEPARATOR = re.compile(r"[/.:_\-—–]+")
OPENING = re.compile(r"[\[(]")
CLOSED = re.compile(r"[\])]:?$")

# Columns beside the questions that are carried over, with the heads that other tools give them, best first.
CARRIED: dict[str, tuple[str, ...]] = {
    "resp_id": ("resp_id", "_uuid", "key", "instanceid", "meta-instanceid", "responseid", "序号", "id", "_id"),
    "role": ("role", "角色", "身份", "stakeholdergroup", "主体"),
    "township_id": ("township_id", "乡镇编号"),
    "village_id": ("village_id", "村编号"),
    "scope": ("scope",),
    "mode": ("mode",),
    "interviewer_id": ("interviewer_id",),
    "date": ("date",),
    "t_start": ("t_start", "start", "startdate"),
    "t_end": ("t_end", "end", "enddate"),
    "seconds": ("seconds", "所用时间", "interviewtime", "duration(inseconds)", "durationinseconds"),
    "dup_suspect": ("dup_suspect",),
    "version": ("version", "formversion", "form_version", "questionnaire_version"),
}
# Columns that platforms add and that identify or only concern the platform: never carried over.
PLATFORM = frozenset(
    [
        "来自ip",
        "ip",
        "ipaddr",
        "ipaddress",
        "来源",
        "来源详情",
        "用户id",
        "昵称",
        "openid",
        "unionid",
        "姓名",
        "总分",
        "提交答卷时间",
        "_submitted_by",
        "deviceid",
        "device_id",
        "username",
        "phonenumber",
        "simserial",
        "subscriberid",
        "_geolocation",
        "audit",
        "_notes",
        "_status",
        "_validation_status",
        "_tags",
        "_index",
        "_submission_time",
        "__version__",
        "submissiondate",
        "submitterid",
        "submittername",
        "attachmentspresent",
        "attachmentsexpected",
        "status",
        "reviewstate",
        "edits",
        "parent_key",
        "imei",
        "_attachments",
        "formhub/uuid",
        "meta/instanceid",
        "meta/rootuuid",
        "_rootuuid",
        "微信昵称",
        "微信openid",
        "头像",
        "firstname",
        "lastname",
        "email",
        "电子邮件地址",
        "电子邮箱",
        "recipientfirstname",
        "recipientlastname",
        "recipientemail",
        "externalreference",
        "locationlatitude",
        "locationlongitude",
        "distributionchannel",
        "userlanguage",
        "responseid",
        "recordeddate",
        "finished",
        "progress",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "datestamp",
        "refurl",
        "token",
        "emailaddress",
        "timestamp",
        "时间戳记",
        "时间戳",
        "_parent_table_name",
        "_parent_index",
        "_uuid",
        "key",
        "instanceid",
        "meta-instanceid",
        "序号",
        "id",
        "_id",
    ]
)
# The parts of a place on the map, as Kobo and ODK write them.
MAP = re.compile(r".*[_\-](latitude|longitude|altitude|precision|accuracy)", re.IGNORECASE)


def plain(text: str) -> str:
    """``text`` without tags and unseen characters, full-width forms made narrow, ends trimmed."""
    if text.isascii() and text.isprintable() and "<" not in text and "&" not in text:
        return text.strip()
    return unicodedata.normalize("NFKC", UNSEEN.sub("", html.unescape(TAG.sub("", text)))).strip()


def wording(text: str) -> str:
    """What is compared: ``plain`` text without case, spaces, numbering, kind marks and punctuation at the end."""
    bare = KIND_MARK.sub("", re.sub(r"\s+", "", plain(text)).casefold()).translate(STRAIGHT)
    return ENDING.sub("", NUMBERING.sub("", bare) or bare)


def scale_words(scale: Scale | None) -> dict[str, int]:
    """Codes of a scale by the wording of their labels, in every language; an ambiguous wording is left out."""
    found: dict[str, set[int]] = {}
    for choice in scale.choices if scale else ():
        for label in (choice.label.zh, choice.label.en):
            if label:
                found.setdefault(wording(label), set()).add(choice.code)
    return {words: codes.pop() for words, codes in found.items() if len(codes) == 1}


@dataclass(frozen=True, slots=True)
class Target:
    """What a column holds: a ``carried`` column, an item's ``answer``, one ``option`` of it, or its ``assigned`` value.

    ``rank`` orders columns that hold the same thing under several heads: the lowest is taken.
    """

    kind: Literal["carried", "answer", "option", "assigned", "platform"]
    name: str
    code: int = 0
    rank: int = 0


class Names:
    """The heads under which a questionnaire's answers may stand.

    Parameters
    ----------
    questionnaire : Questionnaire
    role : str, optional
        The only role in the file; labels that only other roles' items bear are then not taken.
    """

    def __init__(self, questionnaire: Questionnaire, role: str | None = None) -> None:
        self.questionnaire, self.role = questionnaire, role
        self.items = {
            item.name: item for item in questionnaire.items if item.type != "note" and (not role or item.asked_of(role))
        }
        self._added = {name.casefold() for name in additions(questionnaire)}
        self._exact = dict(self._exact_heads())
        labels: dict[str, set[str]] = {}
        for item in self.items.values():
            for label in (item.label.zh, item.label.en):
                # An XForm shows a drawn value by the name of its column.
                for said in {label, label.replace("{assigned}", f"${{{item.name}_assigned}}")} - {""}:
                    labels.setdefault(wording(said), set()).add(item.name)
        self._labels = {words: names.pop() for words, names in labels.items() if len(names) == 1}
        self._of_several = tuple(words for words, name in self._labels.items() if self.items[name].type in SEVERAL)
        self._cache: dict[str, Target | None] = {}

    def _exact_heads(self) -> Iterator[tuple[str, Target]]:
        for head in (*PLATFORM, *self._added):
            yield head, Target("platform", head)
        for name, heads in CARRIED.items():
            # After the name itself comes its question's label (rank 1), then what other tools call it.
            for rank, head in enumerate(heads):
                yield head, Target("carried", name, rank=rank and rank + 1)
        for item in self.items.values():
            if item.name in CARRIED and item.identifier != "direct":
                continue
            yield item.name.casefold(), Target("answer", item.name)
            if item.assign:
                yield f"{item.name}_assigned".casefold(), Target("assigned", item.name)
            if item.type in SEVERAL and item.scale is not None:
                for choice in item.scale.valid:
                    yield f"{item.name}_{choice.code}".casefold(), Target("option", item.name, choice.code)

    def target(self, head: str) -> Target | None:
        """What the column ``head`` holds; None when the questionnaire knows nothing of it."""
        if head not in self._cache:
            self._cache[head] = self._find(plain(head))
        return self._cache[head]

    def count(self, heads: Iterable[str]) -> int:
        """How many different things of the questionnaire stand in ``heads``."""
        targets = {self.target(head) for head in heads if head}
        return sum(target is not None and target.kind != "platform" for target in targets)

    def known_words(self) -> set[str]:
        """Wordings of all item labels and choice labels, and all item names: to tell one decoding from another."""
        scales = {item.scale.name: item.scale for item in self.items.values() if item.scale}
        words = set(self._labels) | {name.casefold() for name in self.items} | set(self._exact)
        for scale in scales.values():
            words |= set(scale_words(scale))
        return words

    def nearest(self, head: str) -> str:
        """The item whose name or label is nearest to ``head``, with its likeness; a suggestion only."""
        near = get_close_matches(wording(head), [*self._exact, *self._labels], n=1, cutoff=0.6)
        if not near:
            return ""
        found = self._labels.get(near[0]) or self._exact[near[0]].name
        return f"{found} ({SequenceMatcher(None, wording(head), near[0]).ratio():.2f})"

    def _find(self, head: str) -> Target | None:
        if not head:
            return None
        direct = self._exact.get(re.sub(r"\s+", "", head).casefold()) or self._answer(head)
        if direct:
            return direct
        if MAP.fullmatch(head):
            return Target("platform", head)
        pairs = [(head[: at.start()], head[at.end() :]) for at in SEPARATOR.finditer(head)]
        if end := CLOSED.search(head):
            # Question and choice may hold brackets of their own.
            pairs += [(head[: at.start()], head[at.end() : end.start()]) for at in OPENING.finditer(head)]
        for left, right in pairs:
            # The name of a question behind a group's path, before anything that only resembles one of its choices.
            named = self._exact.get(right.strip().casefold())
            if named and named.kind in ("answer", "assigned", "option"):
                return named
            option = self._option(left, right)
            if option:
                return option
        # A group's path before the name (Kobo, ODK), or a grid's stem before the line's own words.
        for _, right in pairs:
            tail = self._exact.get(right.strip().casefold()) or self._answer(right)
            if tail and (tail.kind != "platform" or tail.name in self._added):
                return tail
        return None

    def _answer(self, head: str) -> Target | None:
        name = self._labels.get(wording(head))
        if name is None:
            return None
        return Target("carried", name, rank=1) if name in CARRIED else Target("answer", name)

    def _option(self, left: str, right: str) -> Target | None:
        item = self._multiple(left)
        if item is None or item.scale is None:
            return None
        text = right.strip()
        if re.fullmatch(r"-?\d+", text) and int(text) in item.scale.codes:
            return Target("option", item.name, int(text))
        code = scale_words(item.scale).get(wording(text))
        return Target("option", item.name, code) if code in item.scale.codes else None

    def _multiple(self, head: str) -> Item | None:
        """The item with several columns that ``head`` names, by name, by path or by label."""
        last = re.split(r"[/.:\-]", head.strip())[-1].casefold()
        target = self._exact.get(head.strip().casefold()) or self._exact.get(last) or self._answer(head)
        if target is None and wording(head).endswith(self._of_several):
            # A group's path before the label.
            tails = (self._answer(head[at.end() :]) for at in SEPARATOR.finditer(head))
            target = next((tail for tail in tails if tail), None)
        item = self.items.get(target.name) if target and target.kind == "answer" else None
        return item if item and item.type in SEVERAL else None
