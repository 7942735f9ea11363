"""From level to level of invariance: what each shows, and which parameters are released where it does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sgsurvey.measurement.invariance_levels import ADDED, Candidate, Ladder, Level
from sgsurvey.measurement.sem import SEM

# Up to this many rows in all Chen (2007) takes the tighter cut-offs.
SMALL = 300
# Of a factor's items at least this many must stay equal, or its groups share no scale.
ANCHORS = 2
# A parameter is released only where its score test rejects equality at this level.
REJECTS = 0.05
INDICES = ("cfi", "rmsea", "srmr")


@dataclass(frozen=True)
class CutOffs:
    """Largest changes of a level that holds: the fall of CFI, the rises of RMSEA and SRMR (metric, others)."""

    cfi: float
    rmsea: float
    srmr: Mapping[str, float]


LARGE_SAMPLE = CutOffs(0.010, 0.015, {"metric": 0.030, "others": 0.010})
SMALL_SAMPLE = CutOffs(0.005, 0.010, {"metric": 0.025, "others": 0.005})


class Climb:
    """The levels fitted so far, and what they showed."""

    def __init__(self, ladder: Ladder, partial: bool) -> None:
        self.ladder, self.partial = ladder, partial
        self.equal: list[str] = []
        self.released: list[str] = []
        self.rows: list[dict[str, object]] = []
        self.fits: dict[str, SEM] = {}
        self.log: list[dict[str, object]] = []
        self.reached, self.scale, self.stopped = "none", "", False

    def step(self, level: Level) -> None:
        """Fit a level, and release parameters where it does not hold."""
        while len(self.equal) < self._order(level):
            self.equal.append(self._parts[len(self.equal)])
        before = self._before()
        fit = self.ladder.fit(self.equal, self.released)
        decision = self._add(level, level, fit, before)
        if decision == "not held" and self.partial and before is not None and not self.stopped:
            decision = self._release(level, fit, before)
        self._conclude(level, decision)

    @property
    def _parts(self) -> list[str]:
        return [ADDED[level] for level in self.ladder.levels if level != "configural"]

    def _order(self, level: Level) -> int:
        return self.ladder.levels.index(level)

    def _before(self) -> SEM | None:
        return self.fits[str(self.rows[-1]["model"])] if self.rows else None

    @property
    def cut_offs(self) -> CutOffs:
        """By the rows of all groups."""
        first = next(iter(self.fits.values()))
        return SMALL_SAMPLE if first.n <= SMALL else LARGE_SAMPLE

    def _conclude(self, level: Level, decision: str) -> None:
        if decision in ("baseline", "held", "mixed") and not self.stopped:
            partly = "partial " if self.released and level != "configural" else ""
            self.reached = f"{partly}{level}"
        elif decision == "not held":
            self.stopped = True
        if not self.stopped and "intercepts" in self.equal:
            self.scale = str(self.rows[-1]["model"])

    def _release(self, level: Level, fit: SEM, before: SEM) -> str:
        """Release one parameter after another until the level holds or nothing is left to release."""
        name, decision = f"partial {level}", "not held"
        released = list(self.released)
        last = self.rows[-1]
        while decision == "not held":
            chosen = self._next(fit, released, ADDED[level])
            if chosen is None:
                break
            released.append(chosen.name)
            fit, cfi = self.ladder.fit(self.equal, released), fit.fit[f"cfi{self._suffix(fit)}"]
            if self.rows[-1] is not last:
                self.rows.pop()
            self.log.append(
                {
                    "step": len(self.log) + 1,
                    "level": level,
                    "parameter": chosen.name,
                    "statistic": chosen.statistic,
                    "df": chosen.df,
                    "p_value": chosen.p_value,
                    "cfi_before": cfi,
                    "cfi_after": fit.fit[f"cfi{self._suffix(fit)}"],
                }
            )
            decision = self._add(name, level, fit, before, released)
        if decision != "not held":
            self.released = released
        return decision

    def _next(self, fit: SEM, released: Sequence[str], part: str) -> Candidate | None:
        """The parameter with the largest score test whose factor keeps enough equal items."""
        rows = [row for row in fit.parameters.rows if row.op == "=~" and row.group == 0]
        for candidate in self.ladder.candidates(fit, self.equal, released, part):
            if candidate.p_value >= REJECTS:
                return None
            gone = {_item(name) for name in (*released, candidate.name)}
            factors = [row.lhs for row in rows if row.rhs == _item(candidate.name)]
            left = [sum(row.lhs == factor and row.rhs not in gone for row in rows) for factor in factors]
            if all(count >= ANCHORS for count in left):
                return candidate
        return None

    def _suffix(self, fit: SEM) -> str:
        """Of the indices that decide: the ladder's, unless this fit lacks them."""
        wanted = self.ladder.suffix
        return wanted if np.isfinite(fit.fit.get(f"cfi{wanted}", np.nan)) else ""

    def indices(self, fit: SEM) -> dict[str, float]:
        """Those that decide, with the interval of RMSEA."""
        suffix = self._suffix(fit)
        corrected = {name: float(fit.fit[f"{name}{suffix}"]) for name in ("cfi", "rmsea", "rmsea_low", "rmsea_high")}
        return corrected | {"srmr": float(fit.fit["srmr"])}

    def _add(self, model: str, level: Level, fit: SEM, before: SEM | None, released: Sequence[str] = ()) -> str:
        """A row for a fitted level; returns its decision."""
        kind = "_scaled" if fit.estimation.scaled is not None else ""
        own = self.indices(fit)
        self.fits[model] = fit
        changes = dict.fromkeys([f"delta_{name}" for name in INDICES], float("nan"))
        chi_square = df = p = float("nan")
        if before is not None:
            earlier = self.indices(before)
            changes = {f"delta_{name}": own[name] - earlier[name] for name in INDICES}
            chi_square, df = self.ladder.difference(fit, before)
            p = float(stats.chi2.sf(chi_square, df)) if np.isfinite(chi_square) and df > 0 else float("nan")
        decision = "not reached" if self.stopped else decided(changes, level, self.cut_offs)
        self.rows.append(
            {"model": model, "level": level, "released": len(released) or len(self.released)}
            | {name: fit.fit[f"{name}{kind}"] for name in ("chi_square", "df", "p_value")}
            | own
            | changes
            | {"diff_chi_square": chi_square, "diff_df": df, "diff_p": p, "decision": decision}
        )
        return decision


def decided(changes: Mapping[str, float], level: Level, cut_offs: CutOffs) -> str:
    """What the changes from the level before say of a level.

    Cheung and Rensvold (2002) decide by CFI; Chen (2007) adds RMSEA and SRMR, whose disagreement makes it ``mixed``.
    Changes are compared as they are printed, with the three decimals of the cut-offs.
    """
    if not np.isfinite(changes["delta_cfi"]):
        return "baseline"
    cfi, rmsea, srmr = (round(changes[f"delta_{name}"], 3) for name in INDICES)
    if cfi < -cut_offs.cfi:
        return "not held"
    beyond = rmsea > cut_offs.rmsea or srmr > cut_offs.srmr.get(level, cut_offs.srmr["others"])
    return "mixed" if beyond else "held"


def _item(name: str) -> str:
    """The item of a parameter's name: ``F =~ x1``, ``x1 ~1``, ``x1 |``, ``x1 ~~ x1``."""
    words = name.split()
    return words[2] if words[1] == "=~" else words[0]
