"""A model that factor_analyzer fitted, put in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.extractions import Extraction
from sgsurvey.measurement.factor_sample import Correlation, FactorSample
from sgsurvey.measurement.factor_solution import EFA, assembled
from sgsurvey.measurement.rotations import Rotation, Turned, arranged
from sgsurvey.numerics.extraction import SMALLEST_UNIQUENESS
from sgsurvey.tables.result import Basis
from sgsurvey.text import Language, Text

# Its names of what is known here; its oblimin is never normalised, its varimax and promax are.
EXTRACTED = {"minres": "minres", "uls": "minres", "ml": "ml", "mle": "ml"}
ROTATED = {
    "varimax": Rotation("varimax"),
    "oblimin": Rotation("oblimin", kaiser=False),
    "quartimin": Rotation("quartimin", kaiser=False),
    "quartimax": Rotation("quartimax", kaiser=False),
    "promax": Rotation("promax"),
    None: Rotation("none"),
}


def from_factor_analyzer(
    fitted: Any, *, items: Sequence[str] | None = None, n: int | None = None, language: Language = "en"
) -> EFA:
    """``EFA.from_factor_analyzer``."""
    if any(getattr(fitted, name, None) is None for name in ("loadings_", "corr_")):
        raise EstimationError(
            "this is no fitted FactorAnalyzer: it lacks loadings_ or corr_.", remedy="Call its fit() first."
        )
    pattern, corr = np.asarray(fitted.loadings_, dtype=float), np.asarray(fitted.corr_, dtype=float)
    names = [f"V{i}" for i in range(1, len(pattern) + 1)] if items is None else list(items)
    if len(names) != len(pattern):
        raise EstimationError(f"{len(names)} names for {len(pattern)} items.", where="items", remedy="Name each.")
    structure = getattr(fitted, "structure_", None)
    phi = np.eye(pattern.shape[1])
    if structure is not None:
        phi = np.linalg.lstsq(pattern, np.asarray(structure, dtype=float), rcond=None)[0]
    if np.abs(np.diag(phi) - 1).max() > 1e-6 or np.abs(phi - phi.T).max() > 1e-6:
        raise EstimationError(
            "its structure_ is not loadings_ times factor correlations.", remedy="Fit it again, or use sg.efa()."
        )
    loadings, phi = arranged(pattern, phi)
    uniqueness = np.maximum(1 - np.einsum("ij,jk,ik->i", loadings, phi, loadings), SMALLEST_UNIQUENESS)
    unknown = np.full(len(names), np.nan)
    mean, sd = (getattr(fitted, name, None) for name in ("mean_", "std_"))
    sample = FactorSample(
        tuple(names),
        corr,
        n,
        unknown if mean is None else np.asarray(mean),
        unknown if sd is None else np.asarray(sd) * (np.sqrt(n / (n - 1)) if n else 1.0),
        Correlation(),
        Basis(n or 0, n or 0, language=language),
    )
    method = EXTRACTED.get(str(fitted.method))
    improper = uniqueness <= SMALLEST_UNIQUENESS * (1 + 1e-6)
    return assembled(
        sample,
        Turned(loadings, phi),
        uniqueness,
        extraction=None if method is None else Extraction("ml" if method == "ml" else "minres"),
        plan=ROTATED.get(fitted.rotation),
        rotation=str(fitted.rotation or "none"),
        seed=None,
        how=Text(
            f"factor_analyzer拟合（{fitted.method}，{fitted.rotation}）；因子相关按载荷的顺序重排。",
            f"Fitted by factor_analyzer ({fitted.method}, {fitted.rotation}); factor correlations put in the order "
            "of the loadings.",
        ),
        heywood=tuple(name for name, at in zip(names, improper, strict=True) if at),
    )
