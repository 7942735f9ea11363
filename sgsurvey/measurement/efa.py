"""Exploratory factor analysis: the door."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sgsurvey.answers.from_frame import What
from sgsurvey.errors import EstimationError
from sgsurvey.measurement import efa_tables
from sgsurvey.measurement.extractions import Extraction, Method, Preset, extract
from sgsurvey.measurement.factor_fit import most_factors
from sgsurvey.measurement.factor_sample import Correlation, CorrelationKind, FactorData, FactorSample, factor_sample
from sgsurvey.measurement.factor_solution import EFA, assembled
from sgsurvey.measurement.retention import parallel
from sgsurvey.measurement.rotations import KINDS, Rotation, RotationName, Turned, rotate
from sgsurvey.text import Text

# Draws of parallel analysis: of Pearson correlations, and of polychorics, which cost more.
PARALLEL_DRAWS = (1000, 200)


def efa(
    data: FactorData,
    items: What,
    *,
    factors: int | Literal["parallel", "eigenvalue"],
    method: Method | Preset | Extraction = "minres",
    rotation: RotationName | Rotation | None = None,
    correlation: CorrelationKind | Correlation = "pearson",
    seed: int | None = None,
) -> EFA:
    """Exploratory factor analysis of one role's items.

    Parameters
    ----------
    data : Responses, DataFrame, Moments or CorrelationMatrix
        Of one role (``sg.by_group`` takes each role apart); weights enter the correlations, and tests then count Kish's
        effective rows.
    items : str, list of str, or {construct: [columns]}
        Constructs, items or columns.
    factors : int, "parallel" or "eigenvalue"
        How many; ``"parallel"`` takes what parallel analysis of common factors retains, and needs a ``seed``;
        ``"eigenvalue"`` takes the eigenvalues above 1 (Kaiser 1960), which are too many as a rule.
    method : str or Extraction
        "minres", "ml", "paf", "dwls" or "components"; or a preset, "spss" or "psych", that settles the rotation too.
    rotation : str or Rotation, optional
        Oblimin, or the preset's own, unless told.
    correlation : str or Correlation
        Kind of the correlations, and what becomes of missing answers.
    seed : int, optional
        Decides draws of parallel analysis and random starts of the rotation.

    Raises
    ------
    DesignError
        Several roles, constructs that are no scales, or fewer than 30 rows to a correlation.
    EstimationError
        Too many factors, items that determine each other, or no convergence.
    """
    how = Extraction.named(method)
    plan = how.rotation(rotation)
    if seed is None and (factors == "parallel" or plan.drawn(None) > 1):
        raise EstimationError(
            "parallel analysis and random starts draw at random.", where="seed", remedy="Give a seed, as in seed=7."
        )
    sample = factor_sample(data, items, "efa", correlation)
    k = _how_many(factors, sample, how, seed)
    extracted = extract(sample, k, how)
    turned = rotate(extracted.loadings, plan, seed, sample.names)
    kept = turned.loadings @ turned.phi @ turned.loadings.T
    if not np.allclose(kept, extracted.loadings @ extracted.loadings.T, atol=1e-8):
        raise EstimationError(
            "the rotated factors do not reproduce what the unrotated ones do.",
            remedy="This is a fault of sgsurvey: please report it.",
        )
    name = plan.name if k > 1 else "none"
    improper = () if how.method == "components" else extracted.heywood
    heywood = tuple(item for item, at in zip(sample.names, improper, strict=bool(len(improper))) if at)
    return assembled(
        sample,
        turned,
        extracted.uniqueness,
        extraction=how,
        plan=plan if k > 1 else Rotation("none"),
        rotation=name,
        seed=seed,
        how=efa_tables.described(how, name, plan),
        remarks=(*sample.remarks, *_remarks(heywood, factors, turned, plan if k > 1 else Rotation("none"), seed)),
        heywood=heywood,
    )


def _how_many(factors: int | str, sample: FactorSample, how: Extraction, seed: int | None) -> int:
    """The number of factors asked for, or by a rule."""
    corr = sample.corr
    most = len(corr) if how.method == "components" else most_factors(len(corr))
    if factors == "eigenvalue":
        return min(int((np.linalg.eigvalsh(corr) > 1).sum()), most)
    if factors == "parallel" and seed is not None:
        draws = PARALLEL_DRAWS[sample.plan.kind == "polychoric"]
        basis = "components" if how.method == "components" else "factors"
        chosen = parallel(sample, iterations=draws, seed=seed, bases=[basis])[basis].retained
        if chosen == 0:
            raise EstimationError(
                "parallel analysis finds no common factor beyond chance.", remedy="Report the items one by one."
            )
        return min(chosen, most)
    if not isinstance(factors, int | np.integer) or isinstance(factors, bool) or not 1 <= factors <= most:
        raise EstimationError(
            f"{len(corr)} items allow 1 to {most} factors, not {factors!r}.",
            where="factors",
            remedy="Give a whole number, 'parallel' or 'eigenvalue'.",
        )
    return int(factors)


def _remarks(
    heywood: tuple[str, ...], factors: int | str, turned: Turned, plan: Rotation, seed: int | None
) -> tuple[Text, ...]:
    remarks = []
    if heywood:
        remarks.append(
            Text(
                f"Heywood情形（特殊度到达下限），该解不适当：{'、'.join(heywood)}。",
                f"Heywood case (a uniqueness at its lower bound), the solution is improper: {', '.join(heywood)}.",
            )
        )
    if factors == "eigenvalue":
        remarks.append(
            Text(
                "因子数取特征根大于1者（Kaiser, 1960），通常偏多；宜与平行分析对照。",
                "As many as eigenvalues above 1 (Kaiser, 1960), as a rule too many: compare parallel analysis.",
            )
        )
    if (count := plan.drawn(seed)) > 1:
        remarks.append(
            Text(
                f"旋转的{count}个起点中，不同的局部最优有{turned.optima}个，取其中最优者（{turned.agreed}个起点到达）。",
                f"Distinct optima among {count} starts of the rotation: {turned.optima}; the best, which "
                f"{turned.agreed} of them reached, is shown.",
            )
        )
    elif KINDS[plan.name].starts:
        remarks.append(
            Text(
                f"{plan.name}旋转常有多个局部最优，此处只用了一个起点；给出seed即可用多个起点。",
                f"{plan.name} is known for several optima, and this is the end of one start: a seed tries more.",
            )
        )
    return tuple(remarks)
