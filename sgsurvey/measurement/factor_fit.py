"""How well a factor solution reproduces its correlation matrix, and the factor scores it gives."""

import numpy as np
from scipy import stats

from sgsurvey.numerics.intervals import noncentrality
from sgsurvey.numerics.linalg import Array, off_diagonal, symmetric_root


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


def factor_fit(corr: Array, implied: Array, k: int, n: int | None) -> dict[str, float]:
    """Fit of ``k`` factors whose model implies ``implied``, in ``n`` rows; tests are nan without n or df.

    Bartlett's (1951) corrected chi-square; RMSEA with ``n - 1`` and its 90 % interval (Browne and Cudeck 1993); TLI
    (Tucker and Lewis 1973); BIC as chi-square less ``df log n``; RMSR over the correlations outside the diagonal.
    """
    p = len(corr)
    df = degrees_of_freedom(p, k)
    fit = {"objective": discrepancy(corr, implied), "df": float(df)}
    fit["rmsr"] = float(np.sqrt((off_diagonal(corr - implied) ** 2).mean()))
    tests = ("chi_square", "p_value", "rmsea", "rmsea_low", "rmsea_high", "tli", "bic")
    fit.update(dict.fromkeys(tests, float("nan")))
    if n is None or df < 1:
        return fit
    chi_square = max(0.0, (n - 1 - (2 * p + 5) / 6 - 2 * k / 3) * fit["objective"])
    null_df = p * (p - 1) / 2
    null = -(n - 1 - (2 * p + 5) / 6) * float(np.linalg.slogdet(corr)[1]) / null_df
    low, high = noncentrality(chi_square, df)
    fit["chi_square"], fit["p_value"] = chi_square, float(stats.chi2.sf(chi_square, df))
    fit["rmsea"] = float(np.sqrt(max(0.0, chi_square - df) / (df * (n - 1))))
    fit["rmsea_low"], fit["rmsea_high"] = (float(np.sqrt(x / (df * (n - 1)))) for x in (low, high))
    fit["tli"] = (null - chi_square / df) / (null - 1)
    fit["bic"] = chi_square - df * float(np.log(n))
    return fit


def regression_weights(corr: Array, structure: Array) -> Array:
    """Weights of standardised items for Thurstone's (1935) regression scores, ``R^-1 S``; shape (p, k)."""
    return np.asarray(np.linalg.solve(corr, structure))


def bartlett_weights(pattern: Array, uniqueness: Array) -> Array:
    """Weights for Bartlett's (1937) scores, ``U^-1 L (L' U^-1 L)^-1``; shape (p, k)."""
    scaled = pattern / uniqueness[:, None]
    return np.asarray(scaled @ np.linalg.inv(pattern.T @ scaled))


def tenberge_weights(corr: Array, pattern: Array, phi: Array) -> Array:
    """Weights for scores that correlate as the factors do; shape (p, k).

    ten Berge, Krijnen, Wansbeek and Shapiro (1999), Linear Algebra and its Applications 289, 311-318.
    """
    inverse_root, phi_root = symmetric_root(corr, -0.5), symmetric_root(phi)
    turned = inverse_root @ pattern @ phi_root
    return np.asarray(inverse_root @ turned @ symmetric_root(turned.T @ turned, -0.5) @ phi_root)
