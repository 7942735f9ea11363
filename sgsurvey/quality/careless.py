"""Indices of careless answering: arrays in, one number per respondent out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.pairwise import pairwise_covariance, pairwise_pearson

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Pairs = npt.NDArray[np.int64]
BLOCK = 4096
LEAST_PAIRS = 3


# Patterns of raw answers ----------------------------------------------------------------------------


def runs(x: Array) -> tuple[Array, Array]:
    """Runs of equal answers in the order shown; a missing answer breaks a run and is none itself.  Johnson (2005).

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Raw answers, before reversed items are turned.

    Returns
    -------
    longest, average : ndarray, shape (n,)
        Length of the longest run, 0 without answers; mean length of the runs, nan without answers.
    """
    run, longest, started = np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x))
    before = np.full(len(x), np.nan)
    for answer in x.T:
        given, on = ~np.isnan(answer), answer == before
        started += given & ~on
        run = np.where(given, np.where(on, run + 1.0, 1.0), 0.0)
        longest, before = np.maximum(longest, run), answer
    return longest, _share((~np.isnan(x)).sum(axis=1), started)


def individual_variability(x: Array) -> Array:
    """Intra-individual response variability: a person's standard deviation over items.  Dunn et al. (2018).

    Divisor is answers - 1; nan below two answers.
    """
    given = ~np.isnan(x)
    count = given.sum(axis=1)
    filled = np.where(given, x, 0.0)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    squares = (np.where(given, x - mean[:, None], 0.0) ** 2).sum(axis=1)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)


def middle_share(x: Array) -> Array:
    """Share of a person's answers that stand in the middle of the scale; ``x`` on 0 to 1, nan without answers."""
    return _share((x == 0.5).sum(axis=1), (~np.isnan(x)).sum(axis=1))


def extreme_share(x: Array) -> Array:
    """Share of a person's answers that stand at either end of the scale; ``x`` on 0 to 1, nan without answers."""
    return _share(((x == 0.0) | (x == 1.0)).sum(axis=1), (~np.isnan(x)).sum(axis=1))


# Saying yes ------------------------------------------------------------------------------------------


def acquiescence(forward: Sequence[Array], reversed_: Sequence[Array]) -> Array:
    """How far raw answers lean to agreement whatever is asked: from -1 (no to all) over 0 to 1 (yes to all).

    Within a construct the mean of the items in its direction and that of the items against it are averaged: what the
    person thinks cancels, the leaning stays.  Constructs are averaged.  Baumgartner and Steenkamp (2001).

    Parameters
    ----------
    forward, reversed_ : sequences of ndarray, each of shape (n, k)
        Raw answers on 0 to 1 to the items in the direction of each construct, and to its reversed items.
    """
    balanced = [(row_mean(a) + row_mean(b)) / 2.0 for a, b in zip(forward, reversed_, strict=True)]
    return 2.0 * row_mean(np.column_stack(balanced)) - 1.0


def yes_saying(forward: Sequence[Array], reversed_: Sequence[Array]) -> Array:
    """Share of pairs of an item and a reversed twin in which a person agreed with both; nan without answered pairs.

    Parameters as of ``acquiescence``; agreed is above the middle of the scale.
    """
    both = pairs = np.zeros(len(forward[0]))
    for a, b in zip(forward, reversed_, strict=True):
        both = both + (a > 0.5).sum(axis=1) * (b > 0.5).sum(axis=1)
        pairs = pairs + (~np.isnan(a)).sum(axis=1) * (~np.isnan(b)).sum(axis=1)
    return _share(both, pairs)


def keyed_gap(forward: Sequence[Array], reversed_: Sequence[Array]) -> Array:
    """Mean over constructs of the distance between a person's means of items in the direction and of turned items.

    0 where reversed items are answered as their twins, 1 where both are fully agreed with, or both fully denied.
    Parameters as of ``acquiescence``.
    """
    gaps = [np.abs(row_mean(a) - row_mean(1.0 - b)) for a, b in zip(forward, reversed_, strict=True)]
    return row_mean(np.column_stack(gaps))


# Distance and consistency -----------------------------------------------------------------------------


def mahalanobis(x: Array) -> tuple[Array, Array]:
    """Squared Mahalanobis distance of each row from the sample, over the items the row has, and their number.

    With complete data it is ``(x - mean)' S^-1 (x - mean)``, Mahalanobis (1936); Meade and Craig (2012).  Rows with
    missing answers are judged on what they have, ``S`` being taken from pairs of answers.

    Returns
    -------
    distance : ndarray, shape (n,)
        nan for all when ``S`` is not positive definite, and for rows without answers.
    count : ndarray, shape (n,)
        Degrees of freedom of the chi-square reference.
    """
    given = ~np.isnan(x)
    count = given.sum(axis=1).astype(float)
    cov, n_pairs = pairwise_covariance(x)
    if n_pairs.min() < 2 or not _positive_definite(cov):
        return np.full(len(x), np.nan), count
    centre = np.where(given, x, 0.0).sum(axis=0) / given.sum(axis=0)
    deviation = np.where(given, x - centre, 0.0)
    precision = np.linalg.inv(cov)
    turned = deviation @ precision
    distance = (turned * deviation).sum(axis=1)
    for rows, lacking in _by_lacking(given):
        # The precision of a part is that of the whole less what the lacking items carry (Schur complement).
        among = precision[lacking[:, :, None], lacking[:, None, :]]
        theirs = np.take_along_axis(turned[rows], lacking, axis=1)
        distance[rows] -= (theirs * np.linalg.solve(among, theirs[:, :, None])[:, :, 0]).sum(axis=1)
    return np.where(count > 0, distance, np.nan), count


def _positive_definite(cov: Array) -> bool:
    eigenvalues = np.linalg.eigvalsh(cov)
    return bool(eigenvalues[0] > 1e-10 * eigenvalues[-1])


def _by_lacking(given: Mask) -> Iterator[tuple[Pairs, Pairs]]:
    """Rows that lack equally many items, in blocks, with the items each lacks; shapes (b,) and (b, m)."""
    lacking = (~given).sum(axis=1)
    for m in np.unique(lacking[lacking > 0]):
        of_m = np.flatnonzero(lacking == m)
        for start in range(0, len(of_m), BLOCK):
            rows = of_m[start : start + BLOCK]
            yield rows, np.nonzero(~given[rows])[1].reshape(len(rows), m)


def even_odd(constructs: Sequence[Array]) -> Array:
    """Even-odd consistency: the correlation of half-scale means over constructs, stepped up by Spearman-Brown.

    Jackson (1976) in Johnson (2005): ``2 r / (1 + r)``, never below -1; nan below three constructs with both halves, or
    where a half does not vary.  High is consistent: R careless from 1.2.0 on gives the same number with its sign
    turned.

    Parameters
    ----------
    constructs : sequence of ndarray, each of shape (n, k), k >= 2
        Keyed items of each construct.
    """
    if len(constructs) < LEAST_PAIRS:
        return np.full(len(constructs[0]) if constructs else 0, np.nan)
    odd = np.column_stack([row_mean(items[:, 0::2]) for items in constructs])
    even = np.column_stack([row_mean(items[:, 1::2]) for items in constructs])
    r = row_correlation(odd, even)
    with np.errstate(divide="ignore"):
        return np.maximum(2.0 * r / (1.0 + r), -1.0)


def like_pairs(x: Array, r: float) -> Pairs:
    """Pairs of items that correlate above ``r`` in the sample; shape (pairs, 2).  Meade and Craig (2012)."""
    return np.argwhere(np.triu(np.nan_to_num(pairwise_pearson(x)[0]), k=1) > r)


def opposite_pairs(x: Array, r: float) -> Pairs:
    """Pairs of items that correlate below ``-r`` in the sample; shape (pairs, 2).  Johnson (2005)."""
    return np.argwhere(np.triu(np.nan_to_num(pairwise_pearson(x)[0]), k=1) < -r)


def pair_consistency(x: Array, pairs: Pairs) -> Array:
    """A person's correlation over pairs of items: psychometric synonyms or antonyms; nan below three pairs."""
    if len(pairs) < LEAST_PAIRS:
        return np.full(len(x), np.nan)
    return row_correlation(x[:, pairs[:, 0]], x[:, pairs[:, 1]])


def answered_pairs(x: Array, pairs: Pairs) -> Array:
    """How many of the pairs a person answered both of; shape (n,)."""
    given = ~np.isnan(x)
    return (given[:, pairs[:, 0]] & given[:, pairs[:, 1]]).sum(axis=1).astype(float)


def person_total(x: Array) -> Array:
    """Correlation of a person's answers with the means of the others' answers.  Donlon and Fischer (1968)."""
    given = ~np.isnan(x)
    filled = np.where(given, x, 0.0)
    others = given.sum(axis=0) - given
    means = np.where(others > 0, (filled.sum(axis=0) - filled) / np.maximum(others, 1), np.nan)
    return row_correlation(x, means)


# Rows ---------------------------------------------------------------------------------------------------


def row_mean(x: Array) -> Array:
    """Mean of the answers of each row, nan where there are none; shape (n,)."""
    given = ~np.isnan(x)
    return _share(np.where(given, x, 0.0).sum(axis=1), given.sum(axis=1))


def row_correlation(a: Array, b: Array) -> Array:
    """Correlation of two rows of numbers, row by row, over the places where both are given; shape (n,)."""
    both = ~(np.isnan(a) | np.isnan(b))
    count = both.sum(axis=1)
    x = np.where(both, a - row_mean(np.where(both, a, np.nan))[:, None], 0.0)
    y = np.where(both, b - row_mean(np.where(both, b, np.nan))[:, None], 0.0)
    spread = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    r = (x * y).sum(axis=1) / np.where(spread > 1e-12, spread, 1.0)
    return np.where((count >= LEAST_PAIRS) & (spread > 1e-12), np.clip(r, -1.0, 1.0), np.nan)


def _share(part: npt.ArrayLike, whole: npt.ArrayLike) -> Array:
    """``part / whole``, nan where the whole is nothing."""
    a, b = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    return np.divide(a, b, out=np.full(a.shape, np.nan), where=b > 0)
