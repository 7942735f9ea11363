"""One construct in one group: whatever of its reliability can be computed, and what stood in the way of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.measurement.design_based import Missing
from sgsurvey.measurement.omega import construct_replicability, hierarchical_omega, omega_of_sum, omega_total
from sgsurvey.measurement.reliability_intervals import (
    NONE,
    Ends,
    ReliabilityInterval,
    from_moments,
    from_rows,
    ordinal_coefficients,
)
from sgsurvey.measurement.scales import FEWEST, Sample, likelihood_sample, pairwise_sample, sample
from sgsurvey.measurement.smooth_coefficients import Solved, split_coefficients
from sgsurvey.measurement.split_half import split_halves
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.linalg import Array, is_singular, off_diagonal
from sgsurvey.numerics.minimum_trace import minimum_trace
from sgsurvey.numerics.reliability import (
    against_the_rest,
    alpha_if_dropped,
    cronbach_alpha,
    greatest_lower_bounds,
    guttman_lambda1,
    guttman_lambda2,
    guttman_lambda5,
    guttman_lambda6,
    item_rest_correlations,
    turned,
)
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text, same

Mask = npt.NDArray[np.bool_]
Columns = Mapping[str, list[str] | Array]

IN_FRAME = (
    *("alpha", "conf_low", "conf_high", "alpha_std", "omega", "omega_low", "omega_high"),
    *("omega_h", "lambda2", "lambda6", "mean_r"),
)
SAMPLES: dict[Missing, Callable[[Responses, list[str]], Sample]] = {
    "listwise": sample,
    "pairwise": pairwise_sample,
    "fiml": likelihood_sample,
}
OF_CATEGORIES = ("alpha_ordinal", "omega_ordinal")
IN_ITEMS = ("mean", "sd", "citc", "alpha_if_dropped")


@dataclass(frozen=True)
class Plan:
    """What is wanted of every construct.

    Attributes
    ----------
    conf_level : float
    interval : ReliabilityInterval or None
        None: that of the declared design.
    missing : "listwise", "pairwise" or "fiml"
        What becomes of missing answers.
    ordinal : bool
        The coefficients of ordered categories are wanted too.
    """

    conf_level: float = 0.95
    interval: ReliabilityInterval | None = field(default_factory=ReliabilityInterval)
    missing: Missing = "listwise"
    ordinal: bool = False


@dataclass(frozen=True)
class Measured:
    """One construct in one group.

    Attributes
    ----------
    row : dict
        Its line of ``Reliability.frame``.
    items, coefficients : mapping of column to values
        Its lines of the frames of these names.
    noticed : mapping of remark to detail
    used : ndarray of bool
        Which rows of the group entered.
    """

    row: dict[str, object]
    items: Columns
    coefficients: Columns
    noticed: dict[str, Text]
    used: Mask


@dataclass(frozen=True)
class Part:
    """The rows and items of a construct that there is something to say about.

    Attributes
    ----------
    members : Responses
        Those who were asked any of its items.
    asked : list of str
        Items that somebody answered.
    left_out : list of str
        The others.
    used, complete : ndarray of bool
        Rows of the group that enter, and which of ``members`` they are.
    """

    members: Responses
    asked: list[str]
    left_out: list[str]
    used: Mask
    complete: Mask

    @classmethod
    def of(cls, answers: Responses, construct: str, *, missing: Missing = "listwise") -> Part:
        """The part of ``answers`` that was asked ``construct``."""
        names = answers.item_names(construct)
        shown = np.array([answers.shown(name).to_numpy() for name in names])
        reached = shown.any(axis=0)
        members = answers if reached.all() else answers.where(pd.Series(reached, answers.frame.index))
        given = ~np.isnan(members.items(names).to_numpy())
        kept = shown.any(axis=1) & given.any(axis=0)
        asked = [name for name, keep in zip(names, kept, strict=True) if keep]
        complete = (given[:, kept].all(axis=1) if missing == "listwise" else given[:, kept].any(axis=1)) & kept.any()
        used = np.zeros(len(answers), dtype=bool)
        used[np.flatnonzero(reached)[complete]] = True
        return cls(members, asked, [name for name in names if name not in asked], used, complete)

    @property
    def n(self) -> int:
        """Rows that enter."""
        return int(self.complete.sum())

    @property
    def few(self) -> bool:
        """Whether they are too few people to be shown."""
        return 0 < self.n < self.members.questionnaire.smallest_cell

    @property
    def enough(self) -> bool:
        """Whether there are two items, and more rows than items beside the means of the roles."""
        return len(self.asked) > 1 and self.n - max(1, len(self.members.roles)) >= len(self.asked)


def scale_alpha(answers: Responses, construct: str) -> float:
    """Alpha of one construct over its complete rows; nan where it cannot be had."""
    part = Part.of(answers, construct)
    if part.few or not part.enough:
        return float("nan")
    found = sample(part.members, part.asked)
    return float("nan") if found.constant else cronbach_alpha(found.cov)


def measure(answers: Responses, construct: str, plan: Plan) -> Measured:
    """Reliability of one construct among those ``answers`` that were asked it, whatever can be computed."""
    part = Part.of(answers, construct, missing=plan.missing)
    noticed: dict[str, Text] = {}
    if not part.asked:
        noticed = {"unanswered": same("")} if len(part.members) else {}
        return _nothing(construct, part.asked, part.n, len(part.members) - part.n, noticed, part.used)
    if part.left_out:
        noticed["part_asked"] = same(", ".join(part.left_out))
    if part.few or not part.enough:
        noticed["one_item" if len(part.asked) < 2 else "few" if part.enough else "too_few"] = same("")
        return _nothing(construct, part.asked, part.n, len(part.members) - part.n, noticed, part.used)
    found = SAMPLES[plan.missing](part.members, part.asked)

    def intervals(solved: Solved) -> Ends:
        return from_rows(part.members, found, solved, plan.interval, plan.conf_level, missing=plan.missing)

    measured = _measured(construct, found, len(part.members) - part.n, noticed, part.used, intervals)
    return _with_ordinal(measured, part, plan) if plan.ordinal else measured


def measure_moments(construct: str, found: Sample, plan: Plan) -> Measured:
    """Reliability of one construct from moments alone."""
    nobody = np.zeros(0, dtype=bool)
    dropped, interval = found.n_in - found.n, plan.interval or ReliabilityInterval()
    if len(found.names) < 2 or found.n - 1 < len(found.names):
        reason = "one_item" if len(found.names) < 2 else "too_few"
        return _nothing(construct, list(found.names), found.n, dropped, {reason: same("")}, nobody)
    return _measured(
        construct, found, dropped, {}, nobody, lambda solved: from_moments(found, solved, interval, plan.conf_level)
    )


def _nothing(construct: str, asked: list[str], n: int, dropped: int, noticed: dict[str, Text], used: Mask) -> Measured:
    """A construct of which no coefficient can be had."""
    row: dict[str, object] = {"construct": construct, "n_items": len(asked), "n": n, "n_dropped": dropped}
    row.update(dict.fromkeys(IN_FRAME, np.nan))
    unknown = {name: np.full(len(asked), np.nan) for name in IN_ITEMS}
    items: Columns = {"construct": [construct] * len(asked), "item": asked, **unknown}
    return Measured(row, items, _long(construct, {}, {}), noticed, used)


def _long(construct: str, values: Mapping[str, float], intervals: Mapping[str, tuple[float, float]]) -> Columns:
    ends = [intervals.get(name, NONE) for name in values]
    return {
        "construct": [construct] * len(values),
        "coefficient": list(values),
        "estimate": np.array(list(values.values()), dtype=float),
        "conf_low": np.array([low for low, _ in ends], dtype=float),
        "conf_high": np.array([high for _, high in ends], dtype=float),
    }


def stacked(parts: Sequence[Columns]) -> Columns:
    """Lines below each other."""
    return {name: _joined([part[name] for part in parts]) for name in parts[0]} if parts else {}


def _joined(parts: Sequence[list[str] | Array]) -> list[str] | Array:
    if isinstance(parts[0], list):
        return [str(value) for part in parts for value in part]
    return np.concatenate([np.asarray(part, dtype=float) for part in parts])


def _measured(
    construct: str,
    found: Sample,
    dropped: int,
    noticed: dict[str, Text],
    used: Mask,
    intervals: Callable[[Solved], Ends],
) -> Measured:
    """Everything that the moments of a construct give; ``intervals`` takes the proper solutions."""
    noticed = dict(noticed)
    nothing = _nothing(construct, list(found.names), found.n, dropped, noticed, used)
    items = {**nothing.items, "mean": found.mean, "sd": np.sqrt(np.maximum(np.diag(found.cov), 0))}
    if found.n < FEWEST:
        noticed["small"] = same("")
    if found.roles > 1:
        noticed["pooled"] = same("")
    if found.constant or np.isnan(found.cov).any():
        reason = "constant" if found.constant else "fiml_roles" if found.roles > 1 else "apart"
        noticed[reason] = same(", ".join(found.constant))
        return replace(nothing, items=items, noticed=noticed)
    if found.cancelling:
        against = against_the_rest(found.corr)
        noticed["cancelling"] = same(", ".join(np.array(found.names)[against]))
        return replace(nothing, items=items, noticed=noticed)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _computed(replace(nothing, items=items, noticed=noticed), found, intervals)


def _computed(nothing: Measured, found: Sample, intervals: Callable[[Solved], Ends]) -> Measured:
    """``nothing`` with all that can be computed; a half or a rest of the items that does not vary gives nan."""
    noticed, construct = dict(nothing.noticed), str(nothing.row["construct"])
    of_rest = {"citc": item_rest_correlations(found.cov), "alpha_if_dropped": alpha_if_dropped(found.cov)}
    _look_at_keys(found, noticed)
    values, solved = _values(found, noticed)
    ends = intervals(solved)
    if ends.failed:
        noticed["failed"] = same(str(ends.failed))
    row: dict[str, object] = {**nothing.row, **{name: values[name] for name in IN_FRAME if name in values}}
    row["conf_low"], row["conf_high"] = ends.intervals["alpha"]
    row["omega_low"], row["omega_high"] = ends.intervals.get("omega", NONE)
    row["mean_r"] = float(off_diagonal(found.corr).mean())
    return Measured(row, {**nothing.items, **of_rest}, _long(construct, values, ends.intervals), noticed, nothing.used)


def _look_at_keys(found: Sample, noticed: dict[str, Text]) -> None:
    """Name items that run against the others, with the alpha before and after they are turned."""
    against = against_the_rest(found.corr)
    if against.any():
        names = ", ".join(np.array(found.names)[against])
        before, after = (in_prose(cronbach_alpha(cov), "bounded", 2) for cov in (found.cov, turned(found.cov, against)))
        noticed["reversed"] = Text("{i}（α：{b}，反转后{a}）", "{i} (α {b}, after reversal {a})").format(
            i=names, b=before, a=after
        )
    elif cronbach_alpha(found.cov) < 0:
        noticed["negative"] = same("")


def _values(found: Sample, noticed: dict[str, Text]) -> tuple[dict[str, float], Solved]:
    """Every coefficient by name, nan where it cannot be had, and the proper solutions behind some."""
    cov, corr = found.cov, found.corr
    halves = split_halves(corr)
    values = {"alpha": cronbach_alpha(cov), "alpha_std": cronbach_alpha(corr)}
    values.update(dict.fromkeys(("omega", "omega_ml", "omega_h", "omega_group", "ecv", "h"), np.nan))
    values["lambda1"], values["lambda2"] = guttman_lambda1(corr), float(guttman_lambda2(corr))
    values["lambda3"], values["lambda4"] = values["alpha_std"], halves.highest
    values["lambda5"], values["lambda6"], values["glb"] = guttman_lambda5(corr), np.nan, np.nan
    values["split_mean"], values["split_lowest"] = halves.mean, halves.lowest
    if halves.searched:
        noticed["searched"] = same("")
    solved = _by_inverse_and_factor(found, values, noticed)
    values.update({name: each.value(cov) for name, each in split_coefficients(len(cov)).items()})
    return values, solved


def _by_inverse_and_factor(found: Sample, values: dict[str, float], noticed: dict[str, Text]) -> Solved:
    """Fill in lambda 6, the greatest lower bound, the omegas, ECV and H; notice what stood in the way."""
    corr = found.corr
    smallest = float(np.linalg.eigvalsh(corr)[0])
    if is_singular(corr):
        noticed["indefinite" if smallest < -1e-10 else "singular"] = same("")
        return Solved()
    bound = minimum_trace(corr[None])
    values["lambda6"], values["glb"] = float(guttman_lambda6(corr)), float(greatest_lower_bounds(corr[None], bound)[0])
    if len(corr) < 3:
        noticed["two_items"] = same("")
        return Solved(bound=bound)
    factor = minres(corr, 1)
    proper = factor.converged and not factor.heywood.any()
    values["omega"], values["omega_ml"] = omega_total(corr, factor.uniqueness), omega_of_sum(found.cov)
    if proper:
        values["h"] = construct_replicability(factor.loadings[:, 0])
    else:
        noticed["improper"] = same("")
    general = hierarchical_omega(corr)
    if general is None:
        noticed["no_groups"] = same("")
    else:
        values["omega_h"], values["omega_group"], values["ecv"] = general.omega_h, general.omega_t, general.ecv
        if not general.proper:
            noticed["improper_groups"] = same("")
    return Solved(factor if proper else None, general if general is not None and general.proper else None, bound)


def _with_ordinal(measured: Measured, part: Part, plan: Plan) -> Measured:
    """The same with the coefficients of ordered categories, of one role with at least three items that vary."""
    row, noticed = {**measured.row, **dict.fromkeys(OF_CATEGORIES, np.nan)}, dict(measured.noticed)
    if len(part.members.roles) > 1:
        noticed["ordinal_roles"] = same("")
        return replace(measured, row=row, noticed=noticed)
    if np.isnan(float(str(measured.row["alpha"]))) or len(part.asked) < 3:
        return replace(measured, row=row)
    try:
        values, ends = ordinal_coefficients(
            part.members, part.asked, plan.conf_level, designed=plan.interval is None, missing=plan.missing
        )
    except DataError as refused:
        # Measurements among the items of one scale leave the other scales standing.
        noticed["ordinal_codes"] = refused.where
        return replace(measured, row=row, noticed=noticed)
    row.update({name: values[name] for name in OF_CATEGORIES})
    if np.isnan(values["omega_ordinal"]):
        noticed["ordinal_none"] = same("")
    long = _long(str(row["construct"]), values, ends)
    coefficients = stacked([measured.coefficients, long])
    return replace(measured, row=row, coefficients=coefficients, noticed=noticed)
