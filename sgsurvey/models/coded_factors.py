"""One factor of a formula over the rows used: its numbers, or the codes of its levels, and its words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.words import code_words
from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.models.formula import Factor, Treatment
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

TREATED: dict[Treatment, Text] = {
    "centred": Text("{name}（中心化）", "{name} (centred)"),
    "standardised": Text("{name}（标准化）", "{name} (standardised)"),
}


@dataclass(frozen=True, slots=True)
class Coded:
    """A factor's values over the rows used: numbers, or codes of ``levels``.

    Numbers are what was answered less ``centre`` over ``scale``; ``mean`` is of what was answered, weighted.
    """

    factor: Factor
    label: Text
    values: pd.Series
    levels: tuple[object, ...] = ()
    level_labels: tuple[Text, ...] = ()
    centre: float = 0.0
    scale: float = 1.0
    mean: float = np.nan

    def of(self, answers: pd.DataFrame) -> pd.Series:
        """Other answers coded alike; numbered anew."""
        variable = self.factor.variable
        if variable not in answers:
            known = [str(column) for column in answers.columns]
            raise DataError(
                f"there is no column '{variable}'.{did_you_mean(variable, known)}",
                where=f"values for '{self.factor.name}'",
                remedy="Give a column for every predictor.",
            )
        given = answers[variable].reset_index(drop=True)
        if not self.levels:
            if not pd.api.types.is_numeric_dtype(given):
                raise DataError(
                    f"'{variable}' holds words.", where=f"values for '{self.factor.name}'", remedy="Give numbers."
                )
            return (pd.Series(given.to_numpy(dtype=float, na_value=np.nan)) - self.centre) / self.scale
        codes = pd.Index(self.levels).get_indexer(pd.Index(given))
        strange = given[(codes < 0) & given.notna()]
        if len(strange):
            raise DataError(
                f"'{strange.iloc[0]}' is no category of '{variable}'.",
                where=f"values for '{self.factor.name}'",
                remedy=f"The model knows {', '.join(map(str, self.levels))}.",
            )
        return pd.Series(pd.Categorical.from_codes(codes, categories=range(len(self.levels))))


def coded_factor(
    data: Responses, factor: Factor, kept: npt.NDArray[np.intp], weights: npt.NDArray[np.float64] | None
) -> Coded:
    """The factor over the rows at the positions ``kept``, which have these weights.

    Raises
    ------
    DataError
        Words where numbers are needed, or infinite numbers.
    EstimationError
        It does not vary in these rows.
    """
    values = data.variables([factor.variable])[factor.variable].iloc[kept]
    label = variable_label(data, factor.variable)
    if factor.treatment == "category" or not pd.api.types.is_numeric_dtype(values):
        if factor.treatment not in ("category", "as_is"):
            raise DataError(f"'{factor.variable}' holds words.", where=factor.name, remedy=f"Use C({factor.variable}).")
        return _category(data, factor, values, label)
    numbers = pd.Series(values.to_numpy(dtype=float, na_value=np.nan))
    if not np.isfinite(numbers).all():
        raise DataError("holds infinite numbers.", where=f"'{factor.variable}'", remedy="Set them to missing.")
    mean = float(np.average(numbers, weights=weights))
    if factor.treatment == "as_is":
        return Coded(factor, label, numbers, mean=mean)
    sd = float(np.sqrt(np.average((numbers - mean) ** 2, weights=weights) * len(numbers) / max(len(numbers) - 1, 1)))
    if sd == 0:
        raise EstimationError(
            f"'{factor.variable}' does not vary among the rows used.", where=factor.name, remedy="Leave it out."
        )
    scale = sd if factor.treatment == "standardised" else 1.0
    words = TREATED[factor.treatment].format(name=label)
    return Coded(factor, words, (numbers - mean) / scale, centre=mean, scale=scale, mean=mean)


def _category(data: Responses, factor: Factor, values: pd.Series, label: Text) -> Coded:
    levels = levels_of(data, factor.variable, values)
    if len(levels) < 2:
        raise EstimationError(
            f"'{factor.variable}' has one category only among the rows used.", where=factor.name, remedy="Leave it out."
        )
    codes = pd.Series(pd.Categorical(pd.Index(levels).get_indexer(pd.Index(values)), categories=range(len(levels))))
    return Coded(factor, label, codes, levels, tuple(code_words(data, factor.variable, level) for level in levels))


def levels_of(data: Responses, variable: str, values: pd.Series) -> tuple[object, ...]:
    """The levels of a category that are among ``values``, in their order; the first is the reference."""
    present = set(values)
    order = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else data.codes(variable)
    return tuple(level for level in order if level in present)


def variable_label(data: Responses, variable: str) -> Text:
    """The words of the questionnaire; the stakeholder group has its own."""
    return (
        HEADS["role"]
        if variable == "role" and variable not in data.questionnaire
        else data.questionnaire.label(variable)
    )
