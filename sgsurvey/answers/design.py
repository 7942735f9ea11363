"""Design: how the sample was drawn, as the names of the columns that say so, and what was done to its weights since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Union

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.errors import DesignError
from sgsurvey.numerics.unequal import Approximation, Form
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
Lonely = Literal["refuse", "adjust", "average", "certainty"]
Correction = Union[str, "PPS"]
PARTS = {
    "weights": Text("权数", "weights"),
    "strata": Text("层", "strata"),
    "clusters": Text("群", "clusters"),
    "stages": Text("下级单位", "units of a further stage"),
    "fpc": Text("总体单位数", "population sizes"),
    "replicates": Text("重复权数", "replicate weights"),
}


@dataclass(frozen=True, eq=False)
class Calibration:
    """A change of the weights: what the variance must know of it.

    Attributes
    ----------
    auxiliaries : ndarray or None, shape (n, k)
        The variables whose totals are met; rows are those of ``Design.whole``.  None: the weights count as given from
        here on, and nothing done before makes the variance smaller (trimming).
    base : ndarray, shape (n,)
        The weights before.
    label : Text
        How the weights were made, for notes.
    redo : callable
        Does the same to other weights of shape (n,): those of a replicate.
    estimated : bool
        The totals are the sample's own (who answered stands for who was issued), and vary with it; else they are known.
    fit : ndarray, shape (n,), optional
        Weights of the regression on the auxiliaries; ``base`` unless given.
    products : ndarray, shape (n,), optional
        Weights of the auxiliaries' products with each other in that regression; ``fit`` unless given.
    """

    auxiliaries: Array | None
    base: Array
    label: Text
    redo: Callable[[Array], Array]
    estimated: bool = False
    fit: Array | None = None
    products: Array | None = None


@dataclass(frozen=True, eq=False)
class Replicates:
    """Replicate weights: the variance is ``scale * sum_r rscales_r (theta_r - centre)^2``.

    Attributes
    ----------
    kind : str
        ``JK1``, ``JKn``, ``BRR``, ``Fay`` or ``bootstrap``.
    weights : ndarray, shape (n, R)
        Rows are those of ``Design.whole``.
    scale : float
    rscales : ndarray, shape (R,)
    df : float
        Degrees of freedom of intervals.
    mse : bool
        Deviations are taken from the estimate, and not from the mean of the replicates.
    """

    kind: str
    weights: Array
    scale: float
    rscales: Array
    df: float
    mse: bool = False


@dataclass(frozen=True, eq=False)
class PPS:
    """First-stage units drawn without replacement with unequal probabilities: in place of a column of ``fpc``.

    Attributes
    ----------
    probabilities : str
        Column of each unit's probability of inclusion, above 0 and at most 1 (a unit taken with certainty).
    method : "brewer", "hartley_rao", "overton" or "joint"
        Brewer's approximation needs no more; Hartley and Rao's assumes systematic selection in random order and takes
        ``squares``; Overton's is another; ``joint`` is exact and takes the matrix ``joint``.
    form : "yates_grundy" or "horvitz_thompson"
        Which estimator of the variance is fed with the joint probabilities; Horvitz and Thompson's may fall below 0.
    joint : ndarray, shape (U, U), optional
        Joint probabilities of the units, in the order in which they first stand in the data.
    squares : str or float, optional
        Sum of the squared probabilities of all units of the population (of the row's stratum: a column).

    References
    ----------
    Brewer, K. R. W. (2002). Combined Survey Sampling Inference: Weighing Basu's Elephants. Arnold.
    Hartley, H. O., & Rao, J. N. K. (1962). Sampling with unequal probabilities and without replacement. Annals of
    Mathematical Statistics, 33, 350-374.
    Yates, F., & Grundy, P. M. (1953). Selection without replacement from within strata with probability proportional to
    size. Journal of the Royal Statistical Society B, 15, 253-261.

    Examples
    --------
    ``sg.survey_design(counties, fpc=sg.PPS("probability", method="joint", joint=matrix))``
    """

    probabilities: str
    method: Approximation = "brewer"
    form: Form = "yates_grundy"
    joint: Array | None = None
    squares: str | float | None = None


@dataclass(frozen=True, eq=False)
class Design:
    """Columns of the answers that hold weights, strata, clusters (primary sampling units) and population sizes.

    Rows without a cluster form a stratum of their own in which each row is a unit (county raters, for example).
    Clusters are numbered within strata: the same number in two strata is two clusters.

    Parameters
    ----------
    weights : str, optional
        Weights of at least 0.
    strata, clusters : str, optional
        Strata, and the primary sampling units within them.
    fpc : str or PPS, or a sequence of them, optional
        Number of units in the population of each row's stratum (or the share that was drawn, where below 1), a column
        for each stage: the finite population correction.  ``PPS`` for a first stage with unequal probabilities.
    stages : sequence of str
        Units of the second stage, of the third …, where they were sampled within clusters.
    lonely : "refuse", "adjust", "average" or "certainty"
        What is done where a stratum has a single unit, whose variance nobody can see: refuse; compare it with the mean
        of all units; give it the average of what other strata add; take it as drawn with certainty.
    replicates : Replicates, optional
        Replicate weights, from which variances then come.
    calibrations : tuple of Calibration
        What was done to the weights, in order.
    whole : DataFrame, optional
        The design's columns for the whole sample, when the answers are a part of it: a part keeps the design of the
        whole.
    """

    weights: str | None = None
    strata: str | None = None
    clusters: str | None = None
    fpc: Correction | Sequence[Correction] | None = None
    stages: Sequence[str] = ()
    lonely: Lonely = "refuse"
    replicates: Replicates | None = None
    calibrations: tuple[Calibration, ...] = ()
    whole: pd.DataFrame | None = None

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """``fpc``, a stage each."""
        return (self.fpc,) if isinstance(self.fpc, str | PPS) else tuple(self.fpc or ())

    @property
    def pps(self) -> PPS | None:
        """How units of unequal probabilities were drawn at the first stage."""
        first = self.corrections[:1]
        return first[0] if first and isinstance(first[0], PPS) else None

    @property
    def populations(self) -> tuple[str, ...]:
        """Columns of population sizes or probabilities, a stage each."""
        return tuple(one.probabilities if isinstance(one, PPS) else one for one in self.corrections)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the design names, each once."""
        named = [self.weights, self.strata, self.clusters, *self.stages, *self.populations]
        if self.pps is not None and isinstance(self.pps.squares, str):
            named.append(self.pps.squares)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @property
    def is_complex(self) -> bool:
        """Whether more is declared than weights and one level of clusters drawn with replacement."""
        more = (self.strata, self.fpc, self.stages, self.replicates, self.calibrations)
        return any(part is not None and part != () for part in more)

    @property
    def is_simple(self) -> bool:
        """Whether nothing is declared: every row counts once and is drawn by itself."""
        return not self.columns and self.replicates is None

    def check(self, frame: pd.DataFrame) -> None:
        """Raise unless every named column is there and weights are numbers of at least 0."""
        named = {"weights": (self.weights,), "strata": (self.strata,), "clusters": (self.clusters,)}
        squares = () if self.pps is None or not isinstance(self.pps.squares, str) else (self.pps.squares,)
        for part, columns in {**named, "stages": self.stages, "fpc": (*self.populations, *squares)}.items():
            for column in columns:
                if column is not None and column not in frame:
                    raise DesignError(
                        Text(
                            f"设计中{PARTS[part].zh}一列是“{column}”，但答卷中没有。",
                            f"the answers lack the column '{column}', which the design names for its {PARTS[part].en}.",
                        ),
                        remedy=Text("请先并入该列，或改正设计。", "Join it first, or correct the design."),
                    )
        if self.stages and self.clusters is None:
            raise DesignError(
                Text("有下级单位，却没有群。", "there are units of a further stage, but no clusters."),
                remedy=Text("请用clusters=写明初级单位。", "Name the primary sampling units with clusters=."),
            )
        if any(isinstance(one, PPS) for one in self.corrections[1:]):
            raise DesignError(
                Text("PPS只用于第一级。", "PPS() is for the first stage alone."),
                remedy=Text("以下各级请给总体单位数的列。", "Name columns of population sizes for the stages below."),
            )
        if len(self.populations) > 1 + len(self.stages):
            raise DesignError(
                Text(
                    f"有{len(self.populations)}列总体单位数，但只有{1 + len(self.stages)}级抽样。",
                    f"{1 + len(self.stages)} stage(s) have population sizes for {len(self.populations)}.",
                ),
                remedy=Text("每级一列，从初级单位起。", "Give a column for each stage, from the first down."),
            )
        if self.weights is not None:
            weights = pd.to_numeric(frame[self.weights], errors="coerce")
            wrong = int((weights.isna() | (weights < 0)).sum())
            if wrong or not (weights > 0).any():
                raise DesignError(
                    Text(
                        f"“{self.weights}”列的权数须为不小于0的数，且有大于0的；有{wrong}个不是。",
                        f"the weights in '{self.weights}' must be numbers of at least 0, some above 0; "
                        f"{wrong} are not.",
                    ),
                    remedy=Text("分析前请给每一行权数。", "Give every row a weight before analysis."),
                )
