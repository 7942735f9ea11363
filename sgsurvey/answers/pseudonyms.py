"""Pseudonyms: the same person gets the same code; without the key nobody finds the way back, nor anyone's code."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import subprocess
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from sgsurvey.answers.refusal import refusal
from sgsurvey.errors import DataError

KEY_BYTES, PLACES, SHORTEST_PHONE = 32, 16, 7
_LEFT_OUT = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
_NUMBER = re.compile(r"\+?[\d\-‐–—().·]+")
_OF_A_SPREADSHEET = re.compile(r"'?(\d+)(?:\.0+)?")
_MOBILE = re.compile(r"(?:00)?86(1[3-9]\d{9})")

# Formulas -----------------------------------------------------------------------------------------


def normalised(value: str) -> str:
    """What two spellings of the same identifier have in common.

    Compatibility forms made plain (NFKC: full-width digits and letters), spaces and unseen characters left out, case
    folded.  A number loses the ``.0`` and the apostrophe of a spreadsheet; one of seven digits or more also the signs
    between them, and before a Chinese mobile number the +86.

    Examples
    --------
    >>> normalised("+86 138-0013-8000") == normalised("１３８００１３８０００.0") == "13800138000"
    True
    """
    bare = unicodedata.normalize("NFKC", _LEFT_OUT.sub("", unicodedata.normalize("NFKC", value)).casefold())
    whole = _OF_A_SPREADSHEET.fullmatch(bare)
    bare = whole[1] if whole else bare
    digits = "".join(character for character in bare if character.isdigit())
    if len(digits) < SHORTEST_PHONE or not _NUMBER.fullmatch(bare):
        return bare
    mobile = _MOBILE.fullmatch(digits)
    return mobile[1] if mobile else digits


def pseudonym(value: str, questionnaire: str, key: bytes) -> str:
    """First 16 hexadecimal places of HMAC-SHA256 (RFC 2104) of ``questionnaire|normalised value`` under ``key``.

    The questionnaire's id is part of it, so that two studies under one key cannot be joined.
    """
    message = f"{questionnaire}|{normalised(value)}".encode(errors="surrogatepass")
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:PLACES]


@dataclass(frozen=True)
class Pseudonyms:
    """Gives pseudonyms for one questionnaire under one key.

    Attributes
    ----------
    questionnaire : str
        Id of the questionnaire.
    key : bytes, length 32
        Never shown.
    """

    questionnaire: str
    key: bytes = field(repr=False)

    def of(self, value: str | None) -> str | None:
        """The pseudonym of an identifier; None of an empty one."""
        return pseudonym(value, self.questionnaire, self.key) if value and normalised(value) else None


# The key's file -----------------------------------------------------------------------------------


def write_key(path: str | Path, secret: bytes) -> Path:
    """Keep a key in a new file that only its owner can read.

    Parameters
    ----------
    path : str or Path
        A file that is not there yet, outside every Git repository or ignored by it.
    secret : bytes, length 32
        From the machine's own source of chance: a key that can be made again protects nobody.

    Raises
    ------
    DataError
        The file is there already (SG173), would be kept by Git (SG172), or cannot be written (SG171).
    """
    file = Path(path)
    if len(secret) != KEY_BYTES:
        raise refusal("SG171.no_key", where=str(file))
    _refuse_in_git(file)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise refusal("SG173.there", where=str(file)) from None
    except OSError as error:
        raise _closed(file, error) from error
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secret.hex() + "\n")
    return file


def read_key(path: str | Path) -> bytes:
    """The key in a file made by ``write_key``.

    Raises
    ------
    DataError
        The file cannot be read or holds no key (SG171), is kept by Git (SG172), or others can read it (SG174).
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="ascii").strip()
        mode = file.stat().st_mode
    except OSError as error:
        raise _closed(file, error) from error
    except UnicodeDecodeError:
        raise refusal("SG171.no_key", where=str(file)) from None
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
        raise refusal("SG171.no_key", where=str(file))
    if os.name == "posix" and mode & 0o077:
        raise refusal("SG174.others", where=str(file), file=file.name)
    _refuse_in_git(file)
    return bytes.fromhex(text)


def _closed(file: Path, error: OSError) -> DataError:
    return refusal("SG171.closed", where=str(file), why=error.strerror or type(error).__name__)


def _refuse_in_git(file: Path) -> None:
    """A key in a repository goes wherever the repository goes."""
    place = file.absolute()
    if any((folder / ".git").exists() for folder in place.resolve().parents) and not _ignored(place):
        raise refusal("SG172.in_git", where=str(file))


def _ignored(file: Path) -> bool:
    """Whether Git itself says that it ignores the file; without Git there is nobody to ask."""
    try:
        asked = subprocess.run(
            ["git", "check-ignore", "--quiet", file.name], cwd=file.resolve().parent, capture_output=True, check=False
        )
    except OSError:
        return False
    return asked.returncode == 0
