"""What few people stand behind: a count, a mean of two values, the ends of a range."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def few(n: float, smallest: int) -> bool:
    """Whether a count is too small to be shown."""
    return 0 < n < smallest


def one_of_two_is_few(x: Array, smallest: int) -> bool:
    """Whether ``x`` takes two values, one of them few times: a mean of two values counts them."""
    values, counts = np.unique(x, return_counts=True)
    return len(values) == 2 and few(counts.min(), smallest)


def range_to_show(x: Array, smallest: int) -> tuple[float, float]:
    """The lowest and the highest value that ``smallest`` people lie at or past: what is further out is their own."""
    k = min(smallest, (len(x) + 1) // 2)
    ordered = np.sort(x)
    return float(ordered[k - 1]), float(ordered[-k])


def shared_values(x: Array, smallest: int) -> Array:
    """The values that at least ``smallest`` people share, each as often as it was given."""
    values, counts = np.unique(x, return_counts=True)
    return np.repeat(values, np.where(counts >= smallest, counts, 0))
