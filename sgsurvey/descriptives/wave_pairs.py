"""One variable in two waves of a survey: the change, its error, and whether it matters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.descriptives.compare_design import Mask, Parts, ranks_test
from sgsurvey.errors import DataError
from sgsurvey.numerics.equivalence import moved, two_one_sided
from sgsurvey.numerics.estimators import StandardisedDifference, Variances
from sgsurvey.numerics.group_tests import rank_test, signed_rank_p, welch_error, welch_t
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.few_persons import few, one_of_two_is_few


@dataclass(frozen=True, eq=False)
class WavePair:
    """One variable in two waves: values and rows, and in a panel each person's two values."""

    name: str
    waves: tuple[object, object]
    y: Array
    rows: tuple[Mask, Mask]
    answers: Responses
    both: pd.DataFrame | None

    @classmethod
    def of(cls, answers: Responses, name: str, wave: str, waves: tuple[object, object], id: str | None) -> WavePair:
        """The rows of two waves that have the variable; where ``id`` is given, of persons who have it in both."""
        values = answers.variables([name, wave])
        y = values[name].to_numpy(dtype=float, na_value=np.nan)
        known = ~np.isnan(y) & (np.ones(len(y)) if answers.weights is None else answers.weights > 0).astype(bool)
        rows = [values[wave].eq(level).fillna(False).to_numpy(dtype=bool) & known for level in waves]
        both = None
        if id is not None:
            person = answers.frame[id]
            rows = [mask & person.notna().to_numpy(dtype=bool) for mask in rows]
            sides = [pd.Series(y[mask], person[mask]) for mask in rows]
            both = pd.concat(sides, axis=1, join="inner", keys=["earlier", "later"])
            rows = [mask & person.isin(both.index).to_numpy(dtype=bool) for mask in rows]
        return cls(name, waves, y, (rows[0], rows[1]), answers, both)

    def check(self, smallest: int) -> None:
        """Raise where too few answered in a wave."""
        fewest = min(int(mask.sum()) for mask in self.rows)
        if fewest < smallest:
            both = " in both" if self.both is not None else " in one"
            raise DataError(
                f"{fewest} answered '{self.name}'{both} of the waves {self.waves[0]} and {self.waves[1]}.",
                where=self.name,
                remedy="Leave it out, or join waves.",
            )
        if any(one_of_two_is_few(self.y[mask], smallest) for mask in self.rows):
            raise DataError(
                f"'{self.name}' has two values, one of fewer than {smallest} people, whom its mean would count.",
                where=self.name,
                remedy="Leave it out, or join waves.",
            )

    def line(self, size: float, conf_level: float, smallest: int, *, declared: bool) -> dict[str, object]:
        """A row of the frame; its errors are the design's where one is ``declared``."""
        sample = Sample.of(self.answers)
        masks = [sample.whole(mask.astype(float), 0.0) > 0 for mask in self.rows]
        parts = Parts(sample, sample.whole(self.y), masks)
        means, covariance = parts.means()
        change = float(means[1] - means[0])
        if declared:
            error = float(np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)))
            df = parts.df + (1 if self.both is not None else 0)  # a person's difference is one mean, not two
        else:
            error, df = self._simple()
        t = change / error if error > 0 else np.nan
        low, high = symmetric_interval(change, error, df, conf_level)
        return {
            "variable": self.name,
            "earlier": self.waves[0],
            "later": self.waves[1],
            "n_earlier": int(self.rows[0].sum()),
            "n_later": int(self.rows[1].sum()),
            "mean_earlier": float(means[0]),
            "mean_later": float(means[1]),
            "change": change,
            "std_error": error,
            "statistic": t,
            "df": df,
            "p_value": float(2 * stats.t.sf(abs(t), df)),
            "rank_p": self._ranks(parts, declared=declared),
            "conf_low": float(low),
            "conf_high": float(high),
            **self._standardised(parts, df, conf_level),
            **self._shares(smallest),
            "matters": size,
            "verdict": _verdict(change, error, df, size, conf_level),
        }

    def _simple(self) -> tuple[float, float]:
        """Standard error and df of the change: of paired differences, or Welch's."""
        if self.both is not None:
            gained = self.both["later"] - self.both["earlier"]
            return float(gained.std(ddof=1) / np.sqrt(len(gained))), float(len(gained) - 1)
        earlier, later = (self.y[mask] for mask in self.rows)
        error = welch_error(later, earlier)
        return error, welch_t(later, earlier).df if error > 0 else float("nan")

    def _ranks(self, parts: Parts, *, declared: bool) -> float:
        """P of the rank test: of signed ranks, or of two samples; under a design there is none of differences."""
        if self.both is None:
            return ranks_test(parts).p_value if declared else rank_test([self.y[mask] for mask in self.rows])[1]
        return np.nan if declared else signed_rank_p(moved((self.both["later"] - self.both["earlier"]).to_numpy(), 0.0))

    def _standardised(self, parts: Parts, df: float, conf_level: float) -> dict[str, float]:
        names = ("standardised", "standardised_low", "standardised_high")
        within = [Variances(parts.y[:, None]).value(np.where(m, parts.sample.weights, 0.0))[0] for m in parts.masks]
        if not max(within) > 0:
            return dict.fromkeys(names, np.nan)
        value, covariance = parts.sample.estimate(StandardisedDifference(parts.y, parts.masks[1], parts.masks[0]))
        low, high = symmetric_interval(value[0], np.sqrt(covariance[0, 0]), df, conf_level)
        return dict(zip(names, (float(value[0]), float(low), float(high)), strict=True))

    def _shares(self, smallest: int) -> dict[str, float]:
        """Shares of the persons whose value rose or fell, by their weights in the later wave; nan where few did."""
        nothing = {"share_up": np.nan, "share_down": np.nan}
        if self.both is None:
            return nothing
        gained = (self.both["later"] - self.both["earlier"]).to_numpy()
        moved_up, moved_down = (gained > 1e-12).sum(), (gained < -1e-12).sum()
        if any(few(n, smallest) for n in (moved_up, moved_down, len(gained) - moved_up - moved_down)):
            return nothing
        w, weights = self.answers.weights, np.ones(len(gained))
        if w is not None:
            person = self.answers.frame.loc[self.rows[1], self.both.index.name]
            weights = pd.Series(w[self.rows[1]], person).loc[self.both.index].to_numpy()
        up, down = (float(np.average(side * gained > 1e-12, weights=weights)) for side in (1, -1))
        return {"share_up": up, "share_down": down}


def _verdict(change: float, error: float, df: float, size: float, conf_level: float) -> str:
    """One-sided tests against the smallest change that matters, each at ``1 - conf_level``."""
    if not size > 0 or not np.isfinite(error):
        return ""
    alpha = 1 - conf_level
    beyond = two_one_sided(change, error, df, size, -size)
    if beyond.p_low < alpha:
        return "rose"
    if beyond.p_high < alpha:
        return "fell"
    return "unchanged" if max(two_one_sided(change, error, df, -size, size)) < alpha else "undecided"
