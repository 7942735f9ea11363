"""How the form was filled in: by the respondent alone, or by an interviewer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.questionnaire.model import Questionnaire

# The package's words for modes (``mode:`` of a role), and what the labels of an item ``mode`` say when they mean them.
MODES: dict[str, tuple[str, ...]] = {
    "self_web": ("web", "online", "网"),
    "self_paper": ("paper", "纸"),
    "interviewer": ("interview", "访"),
}


def mode_codes(questionnaire: Questionnaire) -> dict[str, int]:
    """Codes of the item ``mode`` by the package's words; empty where modes are not coded."""
    item = next((item for item in questionnaire.items if item.name == "mode" and item.scale), None)
    if item is None or item.scale is None:
        return {}
    found: dict[str, int] = {}
    for choice in item.scale.valid:
        said = f"{choice.label.zh} {choice.label.en}".casefold()
        for word, signs in MODES.items():
            if word not in found and any(sign in said for sign in signs):
                found[word] = choice.code
                break
    return found


def self_completed(answers: Responses) -> npt.NDArray[np.bool_]:
    """Whether each respondent filled in the form alone: by the column ``mode``, or else by the mode of the role."""
    frame, questionnaire = answers.frame, answers.questionnaire
    of_role = {role.name: role.mode for role in questionnaire.roles}
    by_role = frame["role"].map(of_role) if "role" in frame else pd.Series("", index=frame.index)
    mode = by_role.fillna("").astype(object)
    if "mode" in frame:
        words = {code: word for word, code in mode_codes(questionnaire).items()}
        given = frame["mode"].astype(object)
        mode = given.map(lambda m: words.get(m, str(m))).where(given.notna(), mode)
    return ~mode.astype(str).str.contains("interviewer|observer").to_numpy(dtype=bool)
