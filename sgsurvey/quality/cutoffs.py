"""Cutoffs: where each index of careless answering begins to flag, decided before the data come."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields

from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.text import Text

INFINITE = math.inf
# These shape an index; without a value there would be none.
NEEDED = ("pair_correlation", "least_pairs")
# Smallest and largest value that means anything.
LIMITS: dict[str, tuple[float, float]] = {
    "longstring": (0.0, 1.0),
    "irv": (0.0, INFINITE),
    "extreme_share": (0.0, 1.0),
    "yes_saying": (0.0, 1.0),
    "mahalanobis": (0.0, 1.0),
    "even_odd": (-1.0, 1.0),
    "synonyms": (-1.0, 1.0),
    "antonyms": (-1.0, 1.0),
    "person_total": (-1.0, 1.0),
    "keyed_gap": (0.0, 1.0),
    "pair_correlation": (0.0, 1.0),
    "least_pairs": (3.0, INFINITE),
    "min_seconds_per_item": (0.0, INFINITE),
    "fast_share": (0.0, 1.0),
    "same_second": (1.0, INFINITE),
    "overlap": (1.0, INFINITE),
    "same_answers": (0.5, 1.0),
    "dup_suspect": (1.0, 1.0),
}


@dataclass(frozen=True)
class Cutoffs:
    """Where each index begins to flag a row; None keeps the index and leaves the rule out.

    The values given are conventions of the literature, none of them agreed upon; the rules that are left out have none.

    Attributes
    ----------
    longstring : float or None
        Share of a grid (ratings on one scale in sequence, six or more) that one run of equal raw answers covers.
        Curran (2016): half.
    irv : float or None
        Standard deviation over a person's ratings below which it is flagged.  Dunn et al. (2018) take the lowest tenth.
    extreme_share : float or None
        Share of answers at the ends of the scale from which on it is flagged.
    yes_saying : float or None
        Share of pairs of an item and its reversed twin, both agreed with, from which on it is flagged; a high code is
        taken as agreement.
    mahalanobis : float or None
        Quantile of chi-square beyond which the squared distance is flagged; needs more rows than items in the role.
    even_odd : float or None
        Even-odd consistency below which it is flagged.  Jackson (1976) in Johnson (2005): .30.
    synonyms : float or None
        Correlation over pairs of like items below which it is flagged.  Johnson (2005), Meade and Craig (2012): .22.
    antonyms : float or None
        Correlation over pairs of opposite items above which it is flagged.  Johnson (2005): -.03.
    person_total : float or None
        Correlation with the means of the others below which it is flagged.
    keyed_gap : float or None
        Distance between items in the direction of a construct and reversed ones, of the scale's length, above which it
        is flagged.
    pair_correlation : float
        Correlation in the role beyond which two items are like, or below its negative opposite; Meade and Craig: .60.
    least_pairs : float
        Answered pairs that a person must have for synonyms and antonyms to be judged: the standard error of a
        correlation over k pairs is about 1 / sqrt(k), and over few pairs honest people fall below the cut-off too.
    min_seconds_per_item : float or None
        Seconds per closed question below which it is flagged; only where the respondent filled in the form alone.
        Huang et al. (2012): two.
    fast_share : float or None
        Share of the timed pages (or items) answered faster than that, from which on it is flagged.
    same_second : float or None
        How many other self-completed forms began in the same second, from which on it is flagged.
    overlap : float or None
        How many other interviews of the same interviewer were under way at the same time, from which on it is flagged.
    same_answers : float or None
        Share of equal answers with another row, of at least 15 answered; straight-liners are not compared.
    dup_suspect : float or None
        1: a row that was sent within 30 seconds of another from the same IP address is flagged (reading tells; the
        address is not kept).  None where many share an address, as in a classroom.

    Raises
    ------
    DataError
        A value is outside what its index can take.

    Examples
    --------
    ``sg.screen(answers, cutoffs=sg.Cutoffs(longstring=0.6, mahalanobis=None))``
    """

    longstring: float | None = 0.5
    irv: float | None = None
    extreme_share: float | None = None
    yes_saying: float | None = None
    mahalanobis: float | None = 0.999
    even_odd: float | None = 0.30
    synonyms: float | None = 0.22
    antonyms: float | None = -0.03
    person_total: float | None = None
    keyed_gap: float | None = None
    pair_correlation: float = 0.60
    least_pairs: float = 20
    min_seconds_per_item: float | None = 2.0
    fast_share: float | None = 0.5
    same_second: float | None = 3
    overlap: float | None = 1
    same_answers: float | None = 0.90
    dup_suspect: float | None = 1

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            low, high = LIMITS[name]
            if value is None and name not in NEEDED:
                continue
            if not isinstance(value, int | float) or not low <= value <= high:
                raise DataError(
                    Text(f"分界值 {name}={value} 无效。", f"the cut-off {name}={value} means nothing."),
                    remedy=_allowed(low, high),
                )

    @classmethod
    def of(cls, values: Mapping[str, float | None]) -> Cutoffs:
        """The cut-offs with these changed, by name; an unknown name is an error with the nearest one."""
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise DataError(
                    Text(f"没有名为 '{name}' 的分界值。", f"there is no cut-off '{name}'.{did_you_mean(name, known)}"),
                    remedy=Text(f"可用的有：{'、'.join(known)}。", f"Known: {', '.join(known)}."),
                )
        made: Callable[..., Cutoffs] = cls  # its own check says which value is wrong
        return made(**values)


def _allowed(low: float, high: float) -> Text:
    if high == INFINITE:
        return Text(f"请给出不小于{low:g}的数，或留空。", f"Give a number of at least {low:g}, or none.")
    return Text(f"请给出{low:g}到{high:g}之间的数，或留空。", f"Give a number from {low:g} to {high:g}, or none.")
