"""pls(): a partial least squares path model of composites, as customer satisfaction indices are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.from_frame import responses
from sgsurvey.answers.refusal import declined
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import nearest_word
from sgsurvey.measurement.pls_draws import Composites, drawn
from sgsurvey.measurement.pls_result import PLS
from sgsurvey.measurement.scales import FEWEST, refuse_several_roles
from sgsurvey.measurement.syntax import parse
from sgsurvey.numerics.partial_least_squares import CompositeModel, Scheme
from sgsurvey.text import Text

Mode = Literal["A", "B"]
Structure = str | Sequence[str] | Mapping[str, Sequence[str]]
FEWEST_DRAWS = 100


def pls(
    data: Responses | pd.DataFrame,
    measurement: Sequence[str] | Mapping[str, Sequence[str]],
    structure: Structure,
    *,
    scheme: Scheme = "centroid",
    mode: Mode | Mapping[str, Mode] = "A",
    draws: int = 1000,
    seed: int,
) -> PLS:
    """Partial least squares: composites of items, weighted to go along with their neighbours, and their paths.

    The method of the European and American customer satisfaction indices.  Composites are sums of items, not latent
    variables: loadings are too high and paths too low by the items' errors.  Where the question is about latent
    variables, ``sg.sem`` is the better tool (Rönkkö and Evermann 2013).

    Parameters
    ----------
    data : Responses or DataFrame
        Complete rows are used; of one role.  Clusters of the design are drawn whole; weights and strata are refused.
    measurement : mapping of composite to items, or sequence of constructs
    structure : str, sequence of str, or mapping of outcome to predictors
        ``"SAT ~ IMA + EXP"``, one line for each outcome; without loops.
    scheme : "centroid", "factorial" or "path"
        Inner weights.
    mode : "A" or "B", or mapping of composite to one of these
        How items are weighted: by their correlations with the neighbours (reflective), or by regression (formative).
    draws : int
        Bootstrap samples, of which come standard errors and 95 % percentile intervals.
    seed : int

    Raises
    ------
    DataError, DesignError, EstimationError
        Columns that are missing; a design with more than clusters; a model that cannot be had (SG181).

    References
    ----------
    Lohmöller, J.-B. (1989). Latent variable path modeling with partial least squares. Physica.
    Monecke, A., & Leisch, F. (2012). semPLS: Structural equation modeling using partial least squares. Journal of
    Statistical Software, 48(3).
    Rönkkö, M., & Evermann, J. (2013). A critical examination of common beliefs about partial least squares path
    modeling. Organizational Research Methods, 16, 425-448.
    Tenenhaus, M., Esposito Vinzi, V., Chatelin, Y.-M., & Lauro, C. (2005). PLS path modeling. Computational Statistics
    & Data Analysis, 48, 159-205.

    Examples
    --------
    ``sg.pls(answers, ["MGT", "FUN", "SAT"], ["FUN ~ MGT", "SAT ~ MGT + FUN"], seed=7)``
    """
    items = _items(data, measurement)
    model = _model(items, structure, mode, scheme)
    answers = data if isinstance(data, Responses) else responses(data, items, limits=None)
    answers.refuse_design("pls", "weights", "strata", "fpc", "replicates")
    refuse_several_roles(answers, "pls")
    names = [item for group in items.values() for item in group]
    values = answers.variables(names).to_numpy(dtype=float, na_value=np.nan)
    units, kept, dropped = _units(answers, values)
    _check_values(values[kept], names)
    composites = Composites(model, tuple(items), tuple(names), _limits(answers, names))
    found = drawn(composites, values[kept], units, draws, seed)
    usable = int(found.solution.converged[1:].sum())
    if not found.solution.converged[0]:
        raise declined("SG181.converged")
    if draws < FEWEST_DRAWS or usable <= draws / 2:
        raise declined("SG181.draws", where="draws=", draws=draws, usable=usable, fewest=FEWEST_DRAWS)
    return PLS(
        found.paths(),
        answers.basis(int(kept.sum()), dropped),
        found.total(),
        found.items(),
        found.indices(),
        found,
        draws,
        draws - usable,
        seed,
        answers.design.clusters,
    )


def _items(
    data: Responses | pd.DataFrame, measurement: Sequence[str] | Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """The items of each composite."""
    if isinstance(measurement, Mapping):
        items = {name: list(group) for name, group in measurement.items()}
    elif isinstance(data, Responses):
        items = {name: data.item_names(name) for name in measurement}
    else:
        raise declined("SG181.unknown", where="measurement=", composite=", ".join(measurement), hint="")
    seen: set[str] = set()
    for item in (item for group in items.values() for item in group):
        if item in seen:
            raise declined("SG181.twice", where="measurement=", item=item)
        seen.add(item)
    return items


def _model(
    items: Mapping[str, Sequence[str]], structure: Structure, mode: Mode | Mapping[str, Mode], scheme: Scheme
) -> CompositeModel:
    names = list(items)
    _check_choice("scheme", scheme, get_args(Scheme))
    modes = {name: mode for name in names} if isinstance(mode, str) else {**dict.fromkeys(names, "A"), **mode}
    for name, own in modes.items():
        _check_known(name, names, "mode=")
        _check_choice("mode", own, get_args(Mode))
    paths = np.zeros((len(names), len(names)), dtype=bool)
    for outcome, predictors in _regressions(structure).items():
        for name in (outcome, *predictors):
            _check_known(name, names, "structure=")
        paths[names.index(outcome), [names.index(name) for name in predictors]] = True
    for at, name in enumerate(names):
        if not (paths[at].any() or paths[:, at].any()):
            raise declined("SG181.alone", where="structure=", composite=name)
        if _returns(paths, at):
            raise declined("SG181.loop", where="structure=", composite=name)
    blocks = np.repeat(np.eye(len(names), dtype=bool), [len(group) for group in items.values()], axis=0)
    return CompositeModel(blocks, paths, np.array([modes[name] == "B" for name in names]), scheme)


def _returns(paths: npt.NDArray[np.bool_], at: int) -> bool:
    """Whether paths that begin at a composite come back to it."""
    reached = paths[:, at]
    for _ in range(len(paths)):
        reached = reached | paths[:, reached].any(axis=1)
    return bool(reached[at])


def _regressions(structure: Structure) -> dict[str, list[str]]:
    """The predictors of each outcome."""
    if isinstance(structure, Mapping):
        return {outcome: list(predictors) for outcome, predictors in structure.items()}
    read = parse(structure if isinstance(structure, str) else "\n".join(structure))
    found: dict[str, list[str]] = {}
    for term in read.terms:
        if term.op != "~" or term.fixed or any(term.labels):
            raise declined("SG181.structure", where=term.where)
        found.setdefault(term.lhs, []).append(term.rhs)
    if read.defined or read.constraints:
        raise declined("SG181.structure", where="structure=")
    return found


def _units(
    answers: Responses, values: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], dict[str, int]]:
    """What is drawn (rows, or clusters), which rows are used, and why not the others."""
    whole = np.asarray(~np.isnan(values).any(axis=1))
    dropped = {"incomplete": int((~whole).sum())}
    column = answers.design.clusters
    if column is None:
        return np.arange(int(whole.sum()), dtype=np.int64), whole, {reason: n for reason, n in dropped.items() if n}
    there = answers.frame[column].notna().to_numpy()
    dropped[f"{column} missing"] = int((whole & ~there).sum())
    kept = np.asarray(whole & there)
    codes = pd.factorize(answers.frame[column][kept])[0].astype(np.int64)
    return codes, kept, {reason: n for reason, n in dropped.items() if n}


def _check_values(values: npt.NDArray[np.float64], names: Sequence[str]) -> None:
    if len(values) < FEWEST:
        raise declined("SG181.rows", rows=len(values), fewest=FEWEST)
    if constant := [name for name, spread in zip(names, np.ptp(values, axis=0), strict=True) if spread == 0]:
        raise declined("SG181.constant", items=Text("、".join(constant), ", ".join(constant)))


def _limits(answers: Responses, names: Sequence[str]) -> npt.NDArray[np.float64] | None:
    """Theoretical limits of the items, shape (p, 2); None where some have none."""
    items = {item.name: item for item in answers.questionnaire.items}
    if not all(name in items and (items[name].scale or items[name].limits) for name in names):
        return None
    return np.array([answers.limits(name) for name in names])


def _check_known(name: str, names: Sequence[str], where: str) -> None:
    if name not in names:
        raise declined("SG181.unknown", where=where, composite=name, hint=nearest_word(name, names))


def _check_choice(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise declined("SG181.choice", where=f"{what}=", what=what, value=value, known=", ".join(known))
