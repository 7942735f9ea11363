"""The same words in Chinese and English."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Text:
    """One meaning in two languages.

    Parameters
    ----------
    zh, en : str
        The words; an empty one stands for a translation that is not there yet.

    Examples
    --------
    >>> Text(zh="均值", en="Mean").to("en")
    'Mean'
    """

    zh: str
    en: str

    def to(self, language: Language) -> str:
        """The words in ``language``; the other language where these are empty."""
        wanted, other = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return wanted or other

    def format(self, **parts: "str | int | float | Text") -> "Text":
        """Both languages with ``{name}`` filled in; a part that is a Text is filled in its own language."""
        return Text(*(self.to(lang).format(**{k: words(v, lang) for k, v in parts.items()}) for lang in LANGUAGES))


def without_controls(words: str) -> str:
    """``words`` without what files cannot hold or show: control characters, lone surrogates, turned directions."""
    return _UNPRINTABLE.sub("", words)


def same(words: str) -> Text:
    """Words that read alike in both languages: codes, symbols, names."""
    return Text(words, words)


COMMA, SEMICOLON = Text("、", ", "), Text("；", "; ")


def listed(parts: Iterable[Text], between: Text = COMMA) -> Text:
    """Words one after the other, as running text lists them.

    Examples
    --------
    >>> listed([Text("资金", "Funding"), Text("管理", "Management")]).to("zh")
    '资金、管理'
    """
    zh, en = zip(*((part.zh, part.en) for part in parts), strict=True) if (parts := list(parts)) else ((), ())
    return Text(between.zh.join(zh), between.en.join(en))


def words(value: object, language: Language) -> str:
    """``value`` as words in ``language``; anything but a Text as ``str`` gives it."""
    return value.to(language) if isinstance(value, Text) else str(value)
