"""How well a structural model fits: chi-square, comparisons with independence, error of approximation, residuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from sgsurvey.measurement.estimation import Estimation, Scaled
from sgsurvey.numerics.discrepancy import SampleMoments
from sgsurvey.numerics.intervals import noncentrality
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.structural import Implied, Structure

# A population whose RMSEA is at most this fits closely: Browne and Cudeck (1993).
CLOSE = 0.05


def from_chi_square(
    chi_square: float, df: float, baseline: float, baseline_df: float, *, n: float, groups: int
) -> dict[str, float]:
    """Indices that chi-squares of the model and of independence determine.

    CFI (Bentler 1990), TLI (Tucker and Lewis 1973), NFI (Bentler and Bonett 1980), IFI (Bollen 1989), RMSEA with ``N``
    and ``sqrt(groups)``, its 90 % interval and the test of close fit (Browne and Cudeck 1993; Steiger 1998).  The
    baseline is complete independence; lavaan's lets observed causes correlate.
    """
    # Rounding may leave a perfect fit a little below 0.
    chi_square = max(chi_square, 0.0)
    excess, most = max(chi_square - df, 0.0), max(chi_square - df, baseline - baseline_df, 0.0)
    found = {
        "chi_square": chi_square,
        "df": float(df),
        "p_value": float(stats.chi2.sf(chi_square, df)) if df > 0 else float("nan"),
        "chi_square_df": chi_square / df if df > 0 else float("nan"),
        "baseline_chi_square": baseline,
        "baseline_df": float(baseline_df),
        "cfi": 1 - excess / most if most > 0 else 1.0,
        "tli": 1 - (chi_square - df) * baseline_df / ((baseline - baseline_df) * df) if df > 0 else 1.0,
        "nfi": (baseline - chi_square) / baseline,
        "ifi": (baseline - chi_square) / (baseline - df),
    }
    found.update(approximation(chi_square, df, n=n, groups=groups))
    return found


def approximation(chi_square: float, df: float, *, n: float, groups: int) -> dict[str, float]:
    """RMSEA, its 90 % interval and the p-value of ``RMSEA <= .05``; 0 without degrees of freedom."""
    if df <= 0:
        return {"rmsea": 0.0, "rmsea_low": 0.0, "rmsea_high": 0.0, "rmsea_p": float("nan")}
    scale = n * df / groups
    low, high = noncentrality(chi_square, df)
    return {
        "rmsea": float(np.sqrt(max(chi_square - df, 0.0) / scale)),
        "rmsea_low": float(np.sqrt(low / scale)),
        "rmsea_high": float(np.sqrt(high / scale)),
        "rmsea_p": float(stats.ncx2.sf(chi_square, df, scale * CLOSE**2)),
    }


def srmr(samples: Sequence[SampleMoments], implied: Sequence[Implied], *, means: bool) -> float:
    """Root mean square of the residuals in units of the observed standard deviations, means among them where modelled.

    Bentler (1995); groups count by their rows.
    """
    total = sum(sample.n for sample in samples)
    value = 0.0
    for sample, model in zip(samples, implied, strict=True):
        sd = np.sqrt(np.diag(sample.cov))
        residual = ((sample.cov - model.cov) / np.outer(sd, sd))[np.tril_indices(len(sd))]
        if means and sample.mean is not None:
            residual = np.concatenate([(sample.mean - model.mean) / sd, residual])
        value += sample.n / total * float(np.sqrt((residual**2).mean()))
    return value


def goodness(samples: Sequence[SampleMoments], implied: Sequence[Implied]) -> float:
    """GFI of the covariances: ``1 - tr((Sigma^-1 S - I)²) / tr((Sigma^-1 S)²)``; Tanaka and Huba (1985)."""
    missed, all_ = 0.0, 0.0
    for sample, model in zip(samples, implied, strict=True):
        ratio = np.linalg.solve(model.cov, sample.cov)
        gap = ratio - np.eye(len(ratio))
        missed += sample.n * float(np.trace(gap @ gap))
        all_ += sample.n * float(np.trace(ratio @ ratio))
    return 1 - missed / all_


def all_indices(estimation: Estimation, structure: Structure, theta: Array) -> dict[str, float]:
    """Every index of a fitted model: naive ones plain, corrected ones ending in ``_scaled`` (or ``_robust``)."""
    samples = estimation.moments
    implied = structure.implied(theta)
    n, groups = sum(sample.n for sample in samples), structure.groups
    found = {"n": n, "n_parameters": float(structure.q)}
    found |= from_chi_square(
        estimation.chi_square,
        estimation.df,
        estimation.baseline_chi_square,
        estimation.baseline_df,
        n=n,
        groups=groups,
    )
    found["srmr"] = srmr(samples, implied, means=structure.means)
    gfi = goodness(samples, implied)
    statistics = sum(len(sample.cov) * (len(sample.cov) + 1) // 2 for sample in samples)
    found["gfi"] = gfi
    found["agfi"] = 1 - statistics / estimation.df * (1 - gfi) if estimation.df > 0 else float("nan")
    found["loglik"] = estimation.loglik
    found["loglik_saturated"] = estimation.saturated_loglik
    found["aic"] = -2 * estimation.loglik + 2 * structure.q
    found["bic"] = -2 * estimation.loglik + structure.q * float(np.log(n))
    if estimation.scaled is not None:
        found |= _scaled(estimation.scaled, estimation.chi_square, n=n, groups=groups)
    return found | estimation.extra


def _scaled(scaled: Scaled, naive: float, *, n: float, groups: int) -> dict[str, float]:
    """Indices from the scaled tests.

    A mean-scaled test has its interval of RMSEA from the naive chi-square with ``factor * df`` degrees of freedom,
    which has the same mean (Li and Bentler 2006, UCLA Statistics preprint 493).
    """
    corrected = from_chi_square(
        scaled.chi_square, scaled.df, scaled.baseline_chi_square, scaled.baseline_df, n=n, groups=groups
    )
    if scaled.shift == 0:
        corrected |= approximation(naive, scaled.df * scaled.factor, n=n, groups=groups)
    corrected |= {"scaling_factor": scaled.factor, "shift": scaled.shift}
    return {f"{name}_scaled": value for name, value in corrected.items()}
