"""Predictors split into what varies within groups and between them: Mundlak (1978), Econometrica 46, 69-85."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.models.design_matrix import DesignMatrix, Term
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text


def split_predictors(
    design: DesignMatrix, split: Sequence[str], codes: npt.NDArray[np.int64]
) -> tuple[DesignMatrix, list[tuple[int, int]]]:
    """The design matrix with two columns for each predictor of ``split``: deviations from group means, and group means.

    Returns
    -------
    design : DesignMatrix
    pairs : list of (int, int)
        Places of the two columns of each.

    Raises
    ------
    DataError
        ``split`` names something else than a number that stands by itself.
    """
    _check(design, split)
    sizes = np.bincount(codes)
    columns: list[Array] = []
    names: list[str] = []
    labels: list[Text] = []
    moved: dict[int, int] = {}
    pairs: list[tuple[int, int]] = []
    for j, name in enumerate(design.names):
        moved[j] = len(names)
        if name not in split:
            columns.append(design.X[:, j])
            names.append(name)
            labels.append(design.labels[j])
            continue
        mean = (np.bincount(codes, weights=design.X[:, j]) / sizes)[codes]
        pairs.append((len(names), len(names) + 1))
        columns += [design.X[:, j] - mean, mean]
        names += [f"{name} (within)", f"{name} (between)"]
        own = design.labels[j]
        labels += [Text(f"{own.zh}（组内）", f"{own.en} (within)"), Text(f"{own.zh}（组间）", f"{own.en} (between)")]
    terms: list[Term] = []
    for term in design.terms:
        at = tuple(moved[j] for j in term.columns)
        if term.name in split:
            terms += [Term(names[k], labels[k], (k,), names[k]) for k in (at[0], at[0] + 1)]
        else:
            terms.append(replace(term, columns=at))
    X = np.column_stack(columns)
    return replace(design, X=X, names=tuple(names), labels=tuple(labels), terms=tuple(terms)), pairs


def _check(design: DesignMatrix, split: Sequence[str]) -> None:
    numbers = [term.name for term in design.terms if term.number]
    for name in split:
        if name not in numbers:
            raise DataError(
                Text(
                    f"“{name}”不是公式中的数值自变量。",
                    f"'{name}' is no numeric predictor of the formula.{did_you_mean(name, numbers)}",
                ),
                where="split=",
                remedy=Text("请从公式中选数值自变量。", f"Choose from {', '.join(numbers) or 'numeric predictors'}."),
            )
        if any(name in term.name.split(":") for term in design.terms if ":" in term.name):
            raise DataError(
                Text(f"“{name}”含于乘积项，不能拆分。", f"'{name}' stands in a product and cannot be split."),
                where="split=",
                remedy=Text("请先计算拆分后的列，再写公式。", "Compute the split columns before, and name them."),
            )
