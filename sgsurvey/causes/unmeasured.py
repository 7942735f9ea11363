"""How strong a factor that nobody measured would have to be, beside the covariates that were measured.

Cinelli and Hazlett (2020), Making sense of sensitivity, JRSS B 82, 39-67; Frank et al. (2013), Educational Evaluation
and Policy Analysis 35, 437-460.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.causes.resampling import jackknife_error
from sgsurvey.numerics.confounding import adjusted_for, as_strong_as, partial_r2, replacement_share, robustness_value
from sgsurvey.numerics.partial import Slope

LEVEL = 0.05
# A hypothetical confounder is set beside observed covariates at these multiples of their strength.
TIMES = (1.0, 2.0, 3.0)


def covariates_of(names: Sequence[str], drivers: Sequence[str]) -> dict[str, list[int]]:
    """Columns of the moments by driver and covariate: dummies of one variable belong together."""
    found: dict[str, list[int]] = {}
    for k, name in enumerate(names[1:], start=1):
        owner = name if name in drivers else name.split("=", 1)[0]
        found.setdefault(owner, []).append(k)
    return found


def bounds_of(term: str, found: Slope, strength: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """The slope beside a confounder 1, 2, 3 times as strong as each covariate: the lines of ``Robustness.bounds``."""
    names = list(strength)
    d, y = (np.repeat([strength[name][k] for name in names], len(TIMES)) for k in (0, 1))
    times = np.tile(TIMES, len(names))
    r2_driver, r2_outcome = as_strong_as(d, y, times)
    adjusted = adjusted_for(found.estimate[0], found.std_error[0], found.df[0], r2_driver, r2_outcome)
    return pd.DataFrame(
        {
            "term": term,
            "covariate": np.repeat(names, len(TIMES)),
            "times": times,
            "r2_driver": r2_driver,
            "r2_outcome": r2_outcome,
            "adjusted": adjusted.estimate,
            "std_error": adjusted.std_error,
            "observed_r2": np.maximum(d, y),
        }
    )


def unmeasured(found: Slope, bounds: pd.DataFrame) -> dict[str, object]:
    """Robustness values with the jackknife's lower limit, beside the covariate whose double would take most away."""
    t, df = found.t, found.df
    values = robustness_value(t, df)
    error = jackknife_error(values[0], values[1:])
    low = values[0] - stats.t.isf(LEVEL / 2, len(values) - 2.0) * error
    line: dict[str, object] = {
        "partial_r2": float(partial_r2(t[0], df[0])),
        "rv": float(values[0]),
        "rv_low": max(float(low), 0.0),
        "rv_alpha": float(robustness_value(t[0], df[0], alpha=LEVEL)),
        "replaced": max(float(replacement_share(found.estimate[0], found.std_error[0], df[0], LEVEL)), 0.0),
    }
    none = {"strongest": "", "strongest_r2": 0.0, **{f"adjusted_{k:g}": np.nan for k in TIMES}}
    if bounds.empty:
        return line | none
    once = bounds[bounds["times"] == TIMES[0]]
    toward = (once["adjusted"] * np.sign(found.estimate[0])).fillna(-np.inf)
    strongest = once.loc[toward.idxmin(), "covariate"]
    of_it = bounds[bounds["covariate"] == strongest].set_index("times")
    adjusted = {f"adjusted_{k:g}": float(of_it.loc[k, "adjusted"]) for k in TIMES}
    return line | {"strongest": strongest, "strongest_r2": float(of_it["observed_r2"].iloc[0])} | adjusted
