"""Words that claim more than a design allows, found in running text.

Of the observational papers that gave a recommendation, 44.5 % used stronger words there than in their finding (Haber et
al. 2022, American Journal of Epidemiology 191, 2084-2097; 1,170 papers): every sentence is read, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sgsurvey.tables.claims import ClaimLevel
from sgsurvey.text import LANGUAGES, Language, Text


@dataclass(frozen=True, slots=True)
class Overclaim:
    """One word that says too much.

    Attributes
    ----------
    sentence, word : str
        As written.
    language : "zh" or "en"
        Of the sentence.
    needs : 2 or 3
        The claim level that the word takes.
    instead : Text
        What the design allows to write.
    """

    sentence: str
    word: str
    language: Language
    needs: ClaimLevel
    instead: Text


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    needs: ClaimLevel
    instead: Text


def _rule(pattern: str, needs: ClaimLevel, instead: Text) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), needs, instead)


_GOES_WITH = Text("与……相关联", "is associated with")
_FACTOR = Text("相关因素", "factors that go with")
_WOULD_DIFFER = Text("若……，二者的关联意味着相差……", "would differ by, if the association carried over")
_RULES: dict[Language, tuple[_Rule, ...]] = {
    "en": (
        _rule(r"\b(?:possible|candidate|likely|potential) causes?\b", 2, _FACTOR),
        _rule(r"\bcaus(?:es?|ed|ing|ally|al)\b", 3, _GOES_WITH),
        _rule(r"\baffect(?:s|ed|ing)?\b|\bimpact(?:s|ed|ing|ful)?\b", 3, _GOES_WITH),
        _rule(r"\beffects? (?:of\b[^.;]*?\b)?(?:on|upon)\b|\beffects? of\b", 3, _GOES_WITH),
        _rule(r"\binfluenc(?:es?|ed|ing)\b|\bdetermin(?:es?|ed|ing)\b", 3, _GOES_WITH),
        _rule(r"\bdriv(?:e|es|en|ing)\b|\bdrove\b", 3, _GOES_WITH),
        _rule(r"\b(?:leads?|led|leading) to\b|\bdue to\b|\bbecause of\b|\bresult(?:s|ed|ing)? in\b", 3, _GOES_WITH),
        _rule(r"\bcontribut(?:es?|ed|ing) to\b|\bmakes? (?:people|villagers|respondents)\b", 3, _GOES_WITH),
        _rule(r"\b(?:will|would|can|could) (?:raise|increase|improve|reduce|lower|boost|enhance)\b", 3, _WOULD_DIFFER),
        _rule(r"\b(?:boosts?|enhances?|promotes?|hinders?)\b", 3, _GOES_WITH),
    ),
    "zh": (
        _rule(r"可能(?:的)?原因|潜在原因", 2, _FACTOR),
        _rule(r"影响因素", 3, _FACTOR),
        _rule(r"影响", 3, _GOES_WITH),
        _rule(r"导致|造成|引起|引发|致使|使得|促使|归因于|取决于|决定了", 3, _GOES_WITH),
        _rule(r"(?:起到?|发挥|有)[^，。；]{0,8}作用|驱动", 3, _GOES_WITH),
        _rule(r"(?:促进|推动|阻碍|削弱|增强|提升|提高|降低)了", 3, _GOES_WITH),
        _rule(r"(?:能够?|可以?|将会?)(?:有效|显著|明显)?(?:提升|提高|改善|降低|减少|增强)", 3, _WOULD_DIFFER),
    ),
}

# Where such a word names a statistic, a reason of the method, or the step of a study, it claims nothing.
_MASKS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:fixed|random|design|interviewer|order|ceiling|floor|main|marginal|indirect|direct|total|interaction) "
        r"effects?\b|\beffect sizes?\b|\bdrivers?\b|\b(?:due to|because of) (?:rounding|missing|non-?response|chance|"
        r"sampling|too few|small|the (?:small|design|questionnaire|routing))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(?:调节|中介|交互)作用|驱动因素|(?:固定|随机|设计|边际|直接|间接|总|主)效应|效应量"),
}

# Words that deny a cause, ask for one, or say what somebody else thinks make no claim of their own.
_DENIALS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:not|no|never|cannot|can't|neither|nor)\b[^.;:]*\b(?:prove|proof|show|shown|say|mean|imply|establish|"
        r"causes?|causal|effects?)\b|\b(?:whether|opinions?|named? by|in the eyes of|"
        r"(?:respondents|villagers|stakeholders|they|people) (?:name|named|say|said|think|believe|chose))\b|\?$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:不|未|无法|没有|并非)[^。；，]{0,10}(?:证明|表示|说明|推断|意味|因果|判定|证实)|是否"
        r"|(?:认为|选择|提到|所述|看来|反映)|意见|[？?]$"
    ),
}
_CLAUSES = re.compile(r"[,;:，；：]")
_ENDS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])|\n+"),
    "zh": re.compile(r"(?<=[。！？!?])|\n+"),
}


def overclaims_in(words: Text | str, *, claim: ClaimLevel, terms: Sequence[str] = ()) -> Iterator[Overclaim]:
    """Every word of ``words`` that takes a higher claim level than ``claim``, the longest first where they overlap.

    Parameters
    ----------
    words : Text or str
        A str is read in both languages: each rule knows its own script.
    claim : 0, 1, 2 or 3
        What the design allows.
    terms : sequence of str
        Names that are no claim, such as the label of a construct ("Cleaning effect").
    """
    texts = {lang: words.to(lang) for lang in LANGUAGES} if isinstance(words, Text) else dict.fromkeys(LANGUAGES, words)
    for language, text in texts.items():
        for sentence in filter(None, (part.strip() for part in _ENDS[language].split(text))):
            yield from _in_sentence(sentence, language, claim, terms)


def _in_sentence(sentence: str, language: Language, claim: ClaimLevel, terms: Sequence[str]) -> Iterator[Overclaim]:
    left = _MASKS[language].sub(_blank, _before_denial(sentence, language))
    lowered = left.lower()
    occurring = [term for term in terms if term and term.lower() in lowered]  # of hundreds of names hardly one does
    for term in sorted(occurring, key=len, reverse=True):
        left = re.sub(re.escape(term), _blank, left, flags=re.IGNORECASE)
    for rule in _RULES[language]:
        found = [match.group() for match in rule.pattern.finditer(left)]
        left = rule.pattern.sub(_blank, left)
        if rule.needs > claim:
            yield from (Overclaim(sentence, word, language, rule.needs, rule.instead) for word in found)


def _before_denial(sentence: str, language: Language) -> str:
    """The sentence as far as the clause that denies: a denial covers what follows it, not what was said before."""
    denial = _DENIALS[language].search(sentence)
    if denial is None:
        return sentence
    return sentence[: max((clause.end() for clause in _CLAUSES.finditer(sentence, 0, denial.start())), default=0)]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
