"""The offline form: a folder of JSON files."""

from pathlib import Path

from form_files import saved_forms, write_forms

from sgsurvey.answers.responses import Responses

VARIANTS = {"a folder": {}}


def export(answers: Responses, role: str, folder: Path) -> tuple[Path, dict]:
    """Write the answers of ``role``; gives the path and how to read it."""
    of_role = answers.where(answers.frame["role"] == role)
    return write_forms(saved_forms(of_role), folder / role), {"role": role}
