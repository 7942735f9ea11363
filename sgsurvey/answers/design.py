"""Design: how the sample was drawn, as the names of the columns that say so."""

from dataclasses import dataclass

import pandas as pd

from sgsurvey.errors import DesignError


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of the answers that hold weights, strata, clusters (primary sampling units) and population sizes.

    Rows without a cluster form a stratum of their own in which each row is a unit (county raters, for example).

    Parameters
    ----------
    weights : str, optional
        Weights of at least 0.
    strata, clusters : str, optional
        Strata, and the primary sampling units within them.
    fpc : str, optional
        Number of units in the population of each row's stratum, for the finite population correction.
    """

    weights: str | None = None
    strata: str | None = None
    clusters: str | None = None
    fpc: str | None = None

    def check(self, frame: pd.DataFrame) -> None:
        """Raise unless every named column is there and weights are positive numbers."""
        for part in ("weights", "strata", "clusters", "fpc"):
            column = getattr(self, part)
            if column is not None and column not in frame:
                raise DesignError(
                    f"the design names the column '{column}' for its {part}, but the answers have none.",
                    remedy="Join it first, or correct the design.",
                )
        if self.weights is not None:
            weights = pd.to_numeric(frame[self.weights], errors="coerce")
            if weights.isna().any() or (weights < 0).any() or not (weights > 0).any():
                raise DesignError(
                    f"the weights in '{self.weights}' must be numbers of at least 0, with some above 0; "
                    f"{int((weights.isna() | (weights < 0)).sum())} are not.",
                    remedy="Give every row a weight before analysis.",
                )
