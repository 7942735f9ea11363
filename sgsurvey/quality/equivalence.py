"""Rows that look alike to those who know some of their columns: classes, their sizes, and how diverse they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]


def classes(columns: Sequence[Codes], n: int) -> Codes:
    """Equivalence class of each of ``n`` rows: rows with equal codes in all ``columns`` share one; shape (n,)."""
    found = np.zeros(n, dtype=np.int64)
    for codes in columns:
        found = np.unique(found * (codes.max(initial=0) + 1) + codes, return_inverse=True)[1]
    return found


def sizes_of(rows: Codes) -> Codes:
    """Size of the class of each row, shape (n,); its smallest is k.  Samarati (2001); Sweeney (2002)."""
    return np.bincount(rows)[rows]


def diversity(rows: Codes, sensitive: Codes) -> tuple[int, float]:
    """Distinct and entropy l-diversity: smallest number of values in a class, smallest exp(entropy) of a class.

    Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam (2007), ACM Transactions on Knowledge Discovery from Data 1,
    article 3.  Rows whose sensitive code is negative are left out.
    """
    there = sensitive >= 0
    if not there.any():
        return 0, np.nan
    counts = pd.Series(np.ones(there.sum())).groupby([rows[there], sensitive[there]]).sum()
    share = counts / counts.groupby(level=0).transform("sum")
    entropy = -(share * np.log(share)).groupby(level=0).sum()
    return int(counts.groupby(level=0).size().min()), float(np.exp(entropy.min()))
