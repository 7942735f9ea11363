"""Do groups differ?  Means by Welch's tests or by the design, effect sizes, and a rank test beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_columns, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.descriptives import compare_design
from sgsurvey.descriptives.columns_to_hide import few_of_two_values
from sgsurvey.descriptives.compare_design import Parts
from sgsurvey.descriptives.comparison import DESIGNED, FREE, TESTED, Comparison, untested_variables
from sgsurvey.descriptives.groups import FEW, Group, split, unplaced
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.numerics.effect_sizes import hedges_g, omega_squared
from sgsurvey.numerics.group_tests import classical_f, games_howell, rank_test, welch_anova, welch_t
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.multiplicity import Adjustment, adjusted
from sgsurvey.tables.means_and_ranks import agreeing
from sgsurvey.text import Text, listed

# Door -------------------------------------------------------------------------------------------------------


def compare(
    data: Responses | pd.DataFrame,
    what: What,
    *,
    by: str,
    adjust: Adjustment = "holm",
    conf_level: float = 0.95,
) -> Comparison:
    """Compare the means of groups.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str, list of str, or {construct: [columns]}
        Constructs, items or columns that hold numbers, each compared by itself.  A list of a DataFrame's columns names
        single variables.
    by : str
        Column that makes the groups.  Groups of fewer than five answers are left out.
    adjust : "holm", "BH" or "none"
        How the p-values of the variables are adjusted together.
    conf_level : float

    Returns
    -------
    Comparison
        Two groups by Welch's t with Hedges' g, more by Welch's F with omega squared and Games-Howell pairs.  Where a
        design is declared, by its t or Wald F: contrasts of weighted means whose covariance is the design's, with its
        degrees of freedom less one for each group beyond the first; ranks likewise.

    Raises
    ------
    DataError
        A variable holds choices or words, or there are not two groups to compare.
    DesignError
        The design does not allow a variance (lonely strata).

    References
    ----------
    Lumley, T., & Scott, A. J. (2013). Two-sample rank tests under complex sampling. Biometrika, 100, 831-842.
    """
    answers, names = named_variables(data, what)
    if adjust not in get_args(Adjustment):
        raise EstimationError(
            f"'{adjust}' is no adjustment of p-values.", where="adjust=", remedy="Use 'holm', 'BH' or 'none'."
        )
    every = list(split(answers, by))
    found = {name: _samples(answers, name, every) for name in names}
    smallest = answers.questionnaire.smallest_cell
    kept = {name: {g.code: (g, x) for g, x in pairs if len(x) >= smallest} for name, pairs in found.items()}
    for name, samples in kept.items():
        if len(samples) < 2:
            raise DataError(
                f"'{name}' was answered by {len(samples)} group(s) of '{by}' with at least {smallest} people.",
                where=name,
                remedy="Compare groups that were both asked, or leave it out.",
            )
    parts = _parts(answers, kept, by)
    several = max(map(len, kept.values())) > 2
    test = (DESIGNED if parts else FREE)[several]
    if parts:
        rows = [compare_design.tests(name, found_in, conf_level) for name, found_in in parts.items()]
    else:
        rows = [_row(name, [x for _, x in g.values()], test, conf_level) for name, g in kept.items()]
    frame = pd.DataFrame(rows)
    groups = _groups(kept, smallest, parts)
    untested = untested_variables(groups)
    frame.loc[frame["variable"].isin(untested), [key for key in TESTED if key in frame]] = np.nan
    frame["p_adjusted"] = adjusted(frame["p_value"], adjust)
    frame["rank_p_adjusted"] = adjusted(frame["rank_p"], adjust)
    frame["agrees"] = agreeing(frame["p_adjusted"], frame["rank_p_adjusted"])
    basis = answers.basis(*_used(answers, by))
    items = {item.name for item in answers.questionnaire.items}
    words: dict[object, Text] = {by: basis.label(by)}
    words |= {name: basis.coded(name) if name in items else basis.label(name) for name in names}
    words |= {g.code: g.words for found_in in found.values() for g, _ in found_in}
    remarks = tuple(_remarks(answers, found, by))
    family = int(frame["p_value"].notna().sum())
    pairs = _pairs({name: g for name, g in kept.items() if name not in untested}, parts, test, conf_level)
    return Comparison(frame, basis, groups, pairs, test, by, adjust, family, conf_level, words, remarks)


def named_variables(data: Responses | pd.DataFrame, what: What) -> tuple[Responses, list[str]]:
    """``data`` as Responses, and the names of constructs, items or columns, each compared by itself."""
    if isinstance(data, Responses) or isinstance(what, Mapping):
        return as_responses(data, what)
    return as_columns(data), [what] if isinstance(what, str) else list(what)


def _samples(answers: Responses, name: str, groups: Sequence[Group]) -> list[tuple[Group, Array]]:
    """The answers of each group that has any."""
    questionnaire = answers.questionnaire
    kind = next((item.type for item in questionnaire.items if item.name == name), "decimal")
    values = answers.variables([name])[name]
    if kind not in ("rating", "integer", "decimal") or not pd.api.types.is_numeric_dtype(values):
        raise DataError(
            f"'{name}' holds choices or words, which have no mean.",
            where=name,
            remedy="Use frequencies(by=…) for it.",
        )
    pairs = []
    for group in groups:
        own, w = group.answers.variables([name])[name], group.answers.weights
        x = (own if w is None else own[w > 0]).dropna().to_numpy(dtype=float)
        if len(x):
            pairs.append((group, x))
    return pairs


def _row(name: str, groups: Sequence[Array], test: str, conf_level: float) -> dict[str, object]:
    """The tests of one variable; nan where a group does not vary, so that nothing can be weighed."""
    n = sum(map(len, groups))
    row: dict[str, object] = {"variable": name, "n": n}
    varies = all(np.ptp(x) > 0 for x in groups)
    nothing = dict.fromkeys(("statistic", "df1", "df", "p_value"), np.nan)
    if test == "welch_t":
        x, y = groups
        row |= welch_t(x, y)._asdict() if varies else nothing
        sds, sizes = (float(x.std(ddof=1)), float(y.std(ddof=1))), (len(x), len(y))
        row |= {"effect": "hedges_g"}
        row |= hedges_g(float(x.mean() - y.mean()), sds, sizes, conf_level=conf_level)._asdict()
    else:
        row |= welch_anova(groups)._asdict() if varies else nothing
        row |= {"effect": "omega_squared"}
        row |= omega_squared(classical_f(groups), len(groups) - 1, n - len(groups), conf_level=conf_level)._asdict()
    statistic, p = rank_test(groups)
    return row | {"rank_statistic": statistic, "rank_p": p}


def _parts(answers: Responses, kept: Mapping[str, Mapping[object, object]], by: str) -> dict[str, Parts]:
    """The variables in the whole sample; none without a declared design."""
    if answers.design.is_simple:
        return {}
    sample = Sample.of(answers)
    return {name: Parts.of(sample, answers, name, by, list(groups)) for name, groups in kept.items()}


def _groups(
    kept: Mapping[str, Mapping[object, tuple[Group, Array]]], smallest: int, parts: Mapping[str, Parts]
) -> pd.DataFrame:
    lines: list[dict[str, object]] = []
    for name, groups in kept.items():
        weighted = compare_design.described(parts[name]) if parts else [None] * len(groups)
        for (code, (_, x)), own in zip(groups.items(), weighted, strict=True):
            numbers = own or {"n": len(x), "mean": x.mean(), "sd": x.std(ddof=1), "median": np.median(x)}
            hidden = tuple(sorted(few_of_two_values(x, smallest) & set(numbers)))
            numbers |= dict.fromkeys(hidden, np.nan)
            lines.append({"variable": name, "group": code, **numbers, "hidden": hidden})
    return pd.DataFrame(lines)


def _pairs(
    kept: Mapping[str, Mapping[object, tuple[Group, Array]]], parts: Mapping[str, Parts], test: str, conf_level: float
) -> pd.DataFrame:
    columns = ["variable", "group_1", "group_2", "estimate", "std_error", "statistic", "df", "p_value"]
    columns += ["conf_low", "conf_high"]
    rows: list[dict[str, object]] = []
    if test == "design_f":
        rows = compare_design.pairs({name: (list(groups), parts[name]) for name, groups in kept.items()}, conf_level)
    for name, groups in kept.items() if test == "welch_anova" else ():
        for (one, (_, x)), (other, (_, y)) in combinations(groups.items(), 2):
            if np.ptp(x) > 0 and np.ptp(y) > 0:
                pair = games_howell(x, y, len(groups), conf_level)
                rows.append({"variable": name, "group_1": one, "group_2": other} | pair._asdict())
    frame = pd.DataFrame(rows, columns=columns)
    ranks = pd.Series([_pair_ranks(kept, parts, line) for _, line in frame.iterrows()], dtype=float)
    frame["rank_p"] = ranks.groupby(frame["variable"].to_numpy()).transform(lambda p: adjusted(p, "holm"))
    frame["agrees"] = agreeing(frame["p_value"], frame["rank_p"])
    return frame


def _pair_ranks(
    kept: Mapping[str, Mapping[object, tuple[Group, Array]]], parts: Mapping[str, Parts], line: pd.Series
) -> float:
    """The rank test of two groups."""
    groups = kept[line["variable"]]
    pair = [line["group_1"], line["group_2"]]
    if not parts:
        return rank_test([groups[code][1] for code in pair])[1]
    own = parts[line["variable"]]
    masks = [own.masks[list(groups).index(code)] for code in pair]
    return compare_design.ranks_test(replace(own, masks=masks)).p_value


def _remarks(answers: Responses, found: Mapping[str, list[tuple[Group, Array]]], by: str) -> list[Text]:
    """What the numbers cannot say themselves."""
    remarks = []
    smallest = answers.questionnaire.smallest_cell
    groups = {g.code: g for pairs in found.values() for g, _ in pairs}
    few = {g.code for pairs in found.values() for g, x in pairs if len(x) < smallest}
    if few:
        remarks.append(
            Text("少于{k}人的组未纳入：{g}。", "Groups of fewer than {k} are left out: {g}.").format(
                k=smallest, g=listed(groups[code].words for code in few)
            )
        )
    small = [g.words for code, g in groups.items() if g.small and code not in few]
    if small:
        remarks.append(
            Text("{g}不足{k}人，结论仅供参考。", "Fewer than {k} respondents, read as description: {g}.").format(
                k=FEW, g=listed(small)
            )
        )
    scopes = {answers.questionnaire.role(role).scope for role in answers.roles}
    if by == "role" and len(scopes) > 1:
        remarks.append(REFERENTS)
    if not answers.design.is_simple:
        remarks += design_notes(answers.design)
    return remarks


REFERENTS = Text(
    "各主体评价的对象范围不同（县、乡镇、村），组间差异不全是看法差异。",
    "The groups judge different objects (county, township, village): differences are not of views alone.",
)


def _used(answers: Responses, by: str) -> tuple[int, dict[str, int]]:
    left = unplaced(answers, by)
    return len(answers) - left, {f"{by} missing": left} if left else {}
