"""Our indices of careless answering beside those of R careless 1.2.2, on the synthetic answers of careless.R."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from reference_values import DATA, VALUES

from sgsurvey.quality import careless

LIMIT = 1e-10
SETS = {"complete": "careless.csv", "gaps": "careless_gaps.csv"}
ITEMS = 5


@dataclass(frozen=True)
class Pair:
    """One index of one set, ours and theirs."""

    index: str
    data: str
    ours: npt.NDArray[np.float64]
    theirs: npt.NDArray[np.float64]

    @property
    def largest(self) -> float:
        """Largest difference; infinite where only one of the two has a value."""
        if (np.isnan(self.ours) != np.isnan(self.theirs)).any():
            return float("inf")
        return float(np.nanmax(np.abs(self.ours - self.theirs)))


def answers(data: str) -> pd.DataFrame:
    """The synthetic answers, raw."""
    return pd.read_csv(DATA / SETS[data])


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with the reversed items turned."""
    return frame.assign(**{name: 6 - frame[name] for name in frame if name.endswith("R")})


def agreements() -> Iterator[Pair]:
    """Every index that both have, on both sets."""
    reference = json.loads((VALUES / "careless.json").read_text(encoding="utf-8"))
    for data in SETS:
        frame, theirs = answers(data), reference[data]
        for index, ours, name in _ours(frame):
            r = np.array(theirs[name], dtype=float)
            yield Pair(index, data, ours, _comparable(name, r, frame))


def _ours(frame: pd.DataFrame) -> Iterator[tuple[str, npt.NDArray[np.float64], str]]:
    raw, turned = frame.to_numpy(dtype=float), keyed(frame).to_numpy(dtype=float)
    complete = ~np.isnan(raw).any(axis=1)
    longest, average = careless.runs(raw)
    yield "longstring", longest, "longstring"
    yield "average longstring", average, "average"
    yield "IRV", careless.individual_variability(raw), "irv"
    # psych takes a missing answer as the mean: only rows without any are the same statistic.
    yield "Mahalanobis D²", np.where(complete, careless.mahalanobis(raw)[0], np.nan), "mahad"
    constructs = [turned[:, i : i + ITEMS] for i in range(0, turned.shape[1], ITEMS)]
    # careless from 1.2.0 on turns the sign, so that high is careless.
    yield "even-odd (−r)", -careless.even_odd(constructs), "evenodd"
    yield "synonyms, raw", careless.pair_consistency(raw, careless.like_pairs(raw, 0.6)), "synonyms"
    yield "synonyms, keyed", careless.pair_consistency(turned, careless.like_pairs(turned, 0.6)), "synonyms_keyed"
    yield "antonyms", careless.pair_consistency(raw, careless.opposite_pairs(raw, 0.6)), "antonyms"


def _comparable(name: str, theirs: npt.NDArray[np.float64], frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """R's values in our terms."""
    missing = frame.isna().sum(axis=1).to_numpy()
    if name == "mahad":
        return np.where(missing == 0, theirs, np.nan)
    if name == "average":
        # rle() counts each missing answer as a run of its own, of length one: they are taken out of both sums.
        p = frame.shape[1]
        return (p - missing) / (np.rint(p / theirs) - missing)
    return theirs


def show() -> bool:
    """Print the largest difference of every index."""
    pairs = list(agreements())
    print(f"{'index':<20}{'data':<10}{'rows':>6}{'compared':>10}{'largest difference':>22}")
    for pair in pairs:
        compared = int((~np.isnan(pair.theirs)).sum())
        print(f"{pair.index:<20}{pair.data:<10}{len(pair.theirs):>6}{compared:>10}{pair.largest:>22.1e}")
    largest = max(pair.largest for pair in pairs)
    print(f"R careless 1.2.2: largest difference {largest:.1e}, allowed {LIMIT:.0e}")
    return largest <= LIMIT
