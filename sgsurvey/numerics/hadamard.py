"""Hadamard matrices: rows of 1 and -1, each at right angles to all others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Signs = npt.NDArray[np.int64]


def hadamard(least: int) -> Signs:
    """The smallest Hadamard matrix of at least ``least`` rows that Sylvester's and Paley's rules make.

    Its first column is of ones.  Orders q + 1 for primes q = 3 mod 4, 2 (q + 1) for primes q = 1 mod 4, and products of
    these and of 2.  Paley (1933), Journal of Mathematics and Physics 12, 311-320.

    Examples
    --------
    >>> hadamard(3).shape
    (4, 4)
    """
    order = least
    while (made := _made(order)) is None:
        order += 1
    return made * made[:, :1]


def is_hadamard(matrix: npt.NDArray[np.generic]) -> bool:
    """Whether a square matrix has only 1 and -1 and columns at right angles."""
    m = np.asarray(matrix, dtype=np.int64)
    return m.ndim == 2 and bool((np.abs(m) == 1).all()) and np.array_equal(m.T @ m, len(m) * np.eye(m.shape[1]))


def _made(order: int) -> Signs | None:
    if order <= 2:
        return np.array([[1, 1], [1, -1]])[:order, :order]
    if order % 4:
        return None
    if _is_prime(order - 1):
        return _paley_first(order - 1)
    if (order // 2 - 1) % 4 == 1 and _is_prime(order // 2 - 1):
        return _paley_second(order // 2 - 1)
    for part in [2, *range(4, int(order**0.5) + 1, 4)]:
        if order % part == 0 and (other := _made(order // part)) is not None and (one := _made(part)) is not None:
            return np.kron(one, other)
    return None


def _paley_first(q: int) -> Signs:
    """Order q + 1, for a prime q = 3 mod 4."""
    skew = np.zeros((q + 1, q + 1), dtype=np.int64)
    skew[0, 1:], skew[1:, 0], skew[1:, 1:] = 1, -1, _jacobsthal(q)
    return skew + np.eye(q + 1, dtype=np.int64)


def _paley_second(q: int) -> Signs:
    """Order 2 (q + 1), for a prime q = 1 mod 4."""
    conference = np.zeros((q + 1, q + 1), dtype=np.int64)
    conference[0, 1:], conference[1:, 0], conference[1:, 1:] = 1, 1, _jacobsthal(q)
    identity = np.eye(q + 1, dtype=np.int64)
    return np.kron(conference, [[1, 1], [1, -1]]) + np.kron(identity, [[1, -1], [-1, -1]])


def _jacobsthal(q: int) -> Signs:
    """1 where i - j is a square modulo q, -1 where it is not, 0 on the diagonal."""
    character = -np.ones(q, dtype=np.int64)
    character[np.arange(q) ** 2 % q] = 1
    character[0] = 0
    return character[np.subtract.outer(np.arange(q), np.arange(q)) % q]


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))
