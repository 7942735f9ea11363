"""Files written whole or not at all."""

import os
import tempfile
from pathlib import Path

from sgsurvey.errors import DataError
from sgsurvey.messages import message


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
