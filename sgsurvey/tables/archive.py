"""Files written whole or not at all, and Office archives without a clock in them."""

import io
import os
import re
import tempfile
import zipfile
from pathlib import Path

from sgsurvey.errors import DataError
from sgsurvey.messages import message

# The oldest date that a zip archive can hold: the same report gives the same bytes on every day.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def write_whole(path: Path, content: bytes) -> Path:
    """Write ``content`` to ``path`` through a neighbour file, so that no half-written file is ever seen.

    Raises
    ------
    DataError
        The place cannot be written to, the disk is full, or another program keeps the file.
    """
    try:
        return _replaced(path, content)
    except OSError as error:
        found = message("SG160.write")
        what = found.what.format(reason=error.strerror or str(error) or type(error).__name__)
        raise DataError(what, where=str(path), remedy=found.remedy, code=found.code) from error


def _replaced(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def timeless(archive: bytes) -> bytes:
    """An Office file with every date set to the same day."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", content)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content)
    return out.getvalue()
