"""The first witness: our number beside a reference's, kept for the validation page."""

import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

HERE = Path(__file__).parent
VALUES = HERE / "reference" / "values"
DATA = HERE / "reference" / "data"
SHARED = HERE.parents[1] / "shared"


@dataclass(frozen=True, slots=True)
class Witness:
    """A comparison that ran; ``room`` is the folder of its test, ``theirs`` and ``ours`` the last of its numbers."""

    room: str
    statistic: str
    reference: str
    data: str
    tolerance: str
    why: str
    numbers: int
    largest: float
    theirs: float
    ours: float


WITNESSES: list[Witness] = []


def without_witness(witnesses: Iterable[Witness]) -> list[str]:
    """Kinds of number of ``reference/required.toml`` of which no witness spoke."""
    rows = [f"{w.statistic} | {w.reference} | {w.data}" for w in witnesses]
    required = tomllib.loads((HERE / "reference" / "required.toml").read_text(encoding="utf-8"))
    return [
        f"{room}: {kind}"
        for room, kinds in required.items()
        for kind, pattern in kinds.items()
        if not any(re.search(pattern, row, re.IGNORECASE) for row in rows)
    ]


def assert_matches(
    ours: npt.ArrayLike,
    theirs: npt.ArrayLike,
    *,
    statistic: str,
    reference: str,
    data: str,
    why: str,
    rtol: float = 0.0,
    atol: float = 0.0,
) -> None:
    """Assert that ``ours`` equals ``theirs`` within the tolerance, and keep the largest difference.

    Parameters
    ----------
    statistic : what was computed, as a reader would name it ("Cronbach's alpha, raw").
    reference : program, package and version, or the publication with its table or equation.
    data : name of the data set.
    why : why this tolerance and no tighter one.
    rtol, atol : relative and absolute tolerance, as numpy.testing.assert_allclose.
    """
    a, b = np.atleast_1d(np.asarray(ours, dtype=float)), np.atleast_1d(np.asarray(theirs, dtype=float))
    assert rtol or atol, "a tolerance is needed, with its reason"
    assert a.size, "nothing was compared"
    np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=f"{statistic}, {data}, against {reference}")
    scale = np.maximum(np.abs(b), np.finfo(float).tiny) if rtol and not atol else 1.0
    largest = float(np.nanmax(np.abs(a - b) / scale))
    limit = " + ".join(
        part for part in (f"{rtol:g} relative" if rtol else "", f"{atol:g} absolute" if atol else "") if part
    )
    room = Path(os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]).parent.name
    WITNESSES.append(
        Witness(room, statistic, reference, data, limit, why, a.size, largest, float(b.flat[-1]), float(a.flat[-1]))
    )
