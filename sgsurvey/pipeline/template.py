"""The bundled study: where it lies, and a copy of it."""

import shutil
from importlib import resources
from pathlib import Path

from sgsurvey.errors import DataError

IGNORED = shutil.ignore_patterns("data", "out", "__pycache__", "*.ipynb_checkpoints")


def template_folder() -> Path:
    """The folder with ``questionnaires/`` and ``analysis/``: inside the wheel, or the repository when run from it."""
    package = Path(str(resources.files("sgsurvey")))
    bundled = package / "template"
    return bundled if bundled.is_dir() else package.parent


def copy_template(folder: Path) -> Path:
    """Copy the bundled study to a new ``folder``; its study.yaml is returned.

    Raises
    ------
    DataError
        The folder exists and is not empty, or is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError("is a file.", where=str(folder), remedy="Name a new folder; nothing was written.")
    if folder.exists() and any(folder.iterdir()):
        raise DataError("is not empty.", where=str(folder), remedy="Name a new folder; nothing was written.")
    source = template_folder()
    for part in ("questionnaires", "analysis"):
        shutil.copytree(source / part, folder / part, ignore=IGNORED, dirs_exist_ok=True)
    (folder / ".gitignore").write_text("analysis/data/\nanalysis/out/\n*.key\n__pycache__/\n", encoding="utf-8")
    return folder / "analysis" / "study.yaml"
