"""What people named as important: their picks from a list, by the driver that each choice belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.lists import options_of, question_of, ranks_of
from sgsurvey.errors import DataError
from sgsurvey.numerics.linalg import Array


def picked_by_driver(answers: Responses, picks: str | Mapping[str, Sequence[str]], drivers: Sequence[str]) -> Array:
    """Whether each person picked something of each driver, shape (n, p).

    1 or 0; nan in the whole row of who was not asked or picked nothing at all, in the column of what nobody could pick.

    Parameters
    ----------
    picks : str, or mapping of driver to columns
        See ``importance``.

    Raises
    ------
    DataError
        A column is missing, or none belongs to a driver.
    """
    if isinstance(picks, str):
        columns, asked = _choices(answers, picks, drivers)
    else:
        columns = {driver: list(picks.get(driver, ())) for driver in drivers}
        asked = answers.frame[_known(answers, picks)].notna().any(axis=1).to_numpy()
    if not any(columns.values()):
        raise DataError(
            "nothing that could be picked belongs to a driver.",
            where="picks=",
            remedy="Give the choices matched: or aspect: in the questionnaire, or pass {driver: [columns]}.",
        )
    found = np.full((len(answers), len(drivers)), np.nan)
    for k, driver in enumerate(drivers):
        if own := columns[driver]:
            values = answers.frame[own].apply(pd.to_numeric, errors="coerce")
            found[:, k] = (values > 0).any(axis=1).to_numpy()
    found[~asked] = np.nan
    return found


def _known(answers: Responses, picks: Mapping[str, Sequence[str]]) -> list[str]:
    names = [name for columns in picks.values() for name in columns]
    for name in names:
        if name not in answers.frame:
            raise DataError(f"the answers have no column '{name}'.", where="picks=", remedy="Name their columns.")
    return names


def _choices(
    answers: Responses, item: str, drivers: Sequence[str]
) -> tuple[dict[str, list[str]], npt.NDArray[np.bool_]]:
    """The columns of a question that belong to each driver, and who picked anything."""
    _, question = question_of(answers, item)
    options = options_of(answers, question)
    ranks, names = ranks_of(answers, question, options), [option.column for option in options]
    choices = question.scale.valid if question.scale is not None else ()
    found = {}
    for driver in drivers:
        items = set(answers.item_names(driver))
        aspect = next((c.aspect for c in answers.questionnaire.constructs if c.name == driver), "")
        pairs = list(zip(names, choices, strict=True)) if choices else []
        own = [column for column, choice in pairs if choice.matched in items]
        found[driver] = own or [column for column, choice in pairs if aspect and choice.aspect == aspect]
    return found, np.asarray((ranks > 0).any(axis=1))
