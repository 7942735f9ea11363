"""Words that an earlier program garbled: bytes read under the wrong encoding, and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable

# What is left of a character that a program could not read, and the same saved and read as GBK.
LOST = ("\ufffd", "锟斤拷", "ï¿½")
WRONG_TURNS = (("latin-1", "gb18030"), ("cp1252", "utf-8"), ("latin-1", "utf-8"), ("gb18030", "utf-8"))


def is_lost(text: str) -> bool:
    """Whether characters of ``text`` are gone for good."""
    return not text.isascii() and any(mark in text for mark in LOST)


def mended(texts: Iterable[str], known: Callable[[str], bool]) -> tuple[str, str] | None:
    """The first garbled text and what it was, if that can be seen (``…`` where it is lost); None where none is.

    Parameters
    ----------
    texts : iterable of str
    known : callable (str) -> bool
        Whether the questionnaire knows these words.
    """
    for text in texts:
        if is_lost(text):
            return text, "…"
        for wrong, right in WRONG_TURNS:
            try:
                again = text.encode(wrong).decode(right)
            except UnicodeError:
                continue
            if again != text and known(again):
                return text, again
    return None
