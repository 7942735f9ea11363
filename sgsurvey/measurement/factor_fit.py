"""How well a factor solution reproduces its correlation matrix."""

import numpy as np
from scipy import stats

from sgsurvey.numerics.intervals import noncentrality
from sgsurvey.numerics.linalg import Array, off_diagonal


def degrees_of_freedom(p: int, k: int) -> int:
    """``((p - k)² - (p + k)) / 2``; Lawley and Maxwell (1971)."""
    return ((p - k) ** 2 - (p + k)) // 2


def most_factors(p: int) -> int:
    """The largest number of factors that ``p`` variables can identify: degrees of freedom of at least 0."""
    return max(k for k in range(p) if degrees_of_freedom(p, k) >= 0)


def discrepancy(corr: Array, implied: Array) -> float:
    """``log|S| - log|R| + tr(R S^-1) - p``: minus twice the log likelihood ratio, per row."""
    value = np.linalg.slogdet(implied)[1] - np.linalg.slogdet(corr)[1]
    return float(value + np.trace(np.linalg.solve(implied, corr)) - len(corr))


def factor_fit(corr: Array, implied: Array, k: int, n: int | None, *, components: bool = False) -> dict[str, float]:
    """Fit of ``k`` factors whose model implies ``implied``, in ``n`` rows; tests are nan without n or df.

    Bartlett's (1951) corrected chi-square; RMSEA with ``n - 1`` and its 90 % interval (Browne and Cudeck 1993); TLI
    (Tucker and Lewis 1973); CFI (Bentler 1990); BIC as chi-square less ``df log n``; RMSR over the correlations outside
    the diagonal, and corrected for the degrees of freedom (``crmsr``).  Components have residuals and no model.
    """
    p = len(corr)
    df = degrees_of_freedom(p, k)
    squares = float((off_diagonal(corr - implied) ** 2).sum())
    fit = {"objective": float("nan"), "df": float("nan") if components else float(df)}
    fit["rmsr"] = float(np.sqrt(squares / (p * (p - 1))))
    fit["crmsr"] = float(np.sqrt(squares / (2 * df))) if df > 0 and not components else float("nan")
    tests = ("chi_square", "p_value", "rmsea", "rmsea_low", "rmsea_high", "tli", "cfi", "bic")
    fit.update(dict.fromkeys(tests, float("nan")))
    if components:
        return fit
    fit["objective"] = discrepancy(corr, implied)
    if n is None or df < 1:
        return fit
    chi_square = max(0.0, (n - 1 - (2 * p + 5) / 6 - 2 * k / 3) * fit["objective"])
    null_df = p * (p - 1) / 2
    null = -(n - 1 - (2 * p + 5) / 6) * float(np.linalg.slogdet(corr)[1])
    low, high = noncentrality(chi_square, df)
    fit["chi_square"], fit["p_value"] = chi_square, float(stats.chi2.sf(chi_square, df))
    fit["rmsea"] = float(np.sqrt(max(0.0, chi_square - df) / (df * (n - 1))))
    fit["rmsea_low"], fit["rmsea_high"] = (float(np.sqrt(x / (df * (n - 1)))) for x in (low, high))
    fit["tli"] = (null / null_df - chi_square / df) / (null / null_df - 1)
    beyond = max(0.0, chi_square - df)
    fit["cfi"] = 1 - beyond / max(null - null_df, beyond) if max(null - null_df, beyond) > 0 else 1.0
    fit["bic"] = chi_square - df * float(np.log(n))
    return fit
