"""Rows with the same, or nearly the same, answers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def nearest_rows(
    codes: npt.NDArray[np.int64], *, at_least: float, least_answers: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """For each row the other row with most equal answers, where at least the share ``at_least`` is equal.

    Two rows of p answers that differ in at most d places agree wholly on one of d + 1 bands of columns: only rows that
    share a band are compared, and none is missed.

    Parameters
    ----------
    codes : ndarray of int, shape (n, p)
        Answers; a missing one is a code of its own, negative, and equals another missing one.
    at_least : float
        Share of equal answers, above 0.
    least_answers : int
        Rows with fewer answers are not compared.

    Returns
    -------
    agreement : ndarray, shape (n,)
        Share of equal answers; nan where no row is so near.
    partner : ndarray of int, shape (n,)
        Position of the nearest row, -1 for none.
    """
    n, p = codes.shape
    agreement, partner = np.full(n, np.nan), np.full(n, -1)
    rows = np.flatnonzero((codes >= 0).sum(axis=1) >= least_answers)
    bands = int(np.floor((1.0 - at_least) * p + 1e-9)) + 1
    if len(rows) < 2 or bands > p:
        return agreement, partner
    for columns in np.array_split(np.arange(p), bands):
        _, band = np.unique(codes[np.ix_(rows, columns)], axis=0, return_inverse=True)
        band = band.ravel()
        order = np.argsort(band, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(band[order])) + 1):
            if len(group) > 1:
                _compare(codes, rows[group], at_least, agreement, partner)
    return agreement, partner


def _compare(
    codes: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    at_least: float,
    agreement: npt.NDArray[np.float64],
    partner: npt.NDArray[np.int64],
) -> None:
    """Write down each row's nearest among ``rows``, where it is nearer than what was found before."""
    block = codes[rows]
    for place, row in enumerate(rows):
        equal = (block == block[place]).mean(axis=1)
        equal[place] = -1.0
        best = int(np.argmax(equal))
        if equal[best] >= at_least - 1e-9 and not equal[best] <= agreement[row]:
            agreement[row], partner[row] = equal[best], rows[best]
