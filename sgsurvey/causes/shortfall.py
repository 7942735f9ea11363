"""Is there a problem?  How far what is rated falls short of a benchmark that was declared beforehand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.causes.benchmark_rules import Group, Rule
from sgsurvey.causes.benchmarks import Benchmark, as_benchmark
from sgsurvey.causes.families import check_adjustment
from sgsurvey.causes.points import check_columns, code_label, points
from sgsurvey.causes.shortfall_estimates import (
    Mask,
    distance,
    intraclass_of,
    is_census,
    members,
    one_sided,
    places_below,
)
from sgsurvey.causes.shortfall_result import ESTIMATES, LEVEL, Shortfall, Verdict
from sgsurvey.errors import DataError
from sgsurvey.numerics.intervals import wilson
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import Mean
from sgsurvey.numerics.multiplicity import Adjustment, adjusted
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

MIDPOINT = 50.0


def shortfall(
    answers: Responses | pd.DataFrame,
    constructs: What,
    *,
    by: str | None = None,
    benchmark: float | Mapping[str, float] | Benchmark = 70.0,
    smallest: float = 5.0,
    cluster: str | None = None,
    adjust: Adjustment = "holm",
) -> Shortfall:
    """How far constructs fall short of a benchmark, and whether that is shown: problem, no problem, or undecided.

    Everything is in points of 100 between the theoretical limits, high is good.  A *problem* is a shortfall shown to be
    larger than ``smallest``; *no problem* one shown to be smaller; all else is undecided.  Standard errors come from
    the variance between clusters with t(G - 1); rows without a cluster form a stratum of their own, each row a unit.
    Under a declared design they are the design's, each group a domain of the whole sample: strata, stages, replicate
    weights, and population sizes where declared (a group that was asked whole has no sampling error: its verdict is
    about these people, not about the process behind them).  Without population sizes no finite population correction
    is made.  A stratum of one unit is compared with the mean of all units unless the design says otherwise.

    Parameters
    ----------
    answers : Responses or DataFrame
        A DataFrame needs limits: pass ``sg.responses(frame, constructs, limits=…)``.
    constructs : list of names, or {construct: [columns]} for a DataFrame
    by : str, optional
        Column of groups, such as ``role``.
    benchmark : float, mapping of construct to float, or Benchmark
        In points; declared before the data came.  ``sg.Benchmark`` has others than numbers: the previous wave, own
        expectations, the best quarter of places, one's own mean; their sampling error is in the intervals.
    smallest : float
        The smallest shortfall that matters, in points.
    cluster : str, optional
        Column of the places that answers come from; the design's clusters unless named.
    adjust : "holm", "BH" or "none"
        Over all ``2 x constructs x groups`` one-sided tests.

    Raises
    ------
    DesignError
        A benchmark is missing, outside 0 to 100, or cannot be had under the design; ``cluster`` is not the design's,
        where the design has population sizes, further stages or replicate weights.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680 (two one-sided tests);
    Wilson (1927) for shares, on n divided by the design effect; Welch (1938) for the degrees of freedom of two samples.
    """
    answers, names = as_responses(answers, constructs)
    check_adjustment(adjust)
    place = cluster or answers.design.clusters
    if place != answers.design.clusters:
        answers.refuse_design(f"shortfall(cluster='{place}')", "stages", "fpc", "replicates")
    check_columns(answers, [by, place])
    rule = as_benchmark(benchmark).rule
    rule.check(answers, names)
    scores = pd.DataFrame({name: points(answers, name) for name in names})
    levels: dict[object, Text] = {"all": HEADS["overall"]}
    if by is not None:
        levels = {code: code_label(answers, by, code) for code in answers.codes(by)}
    groups = {code: Group(answers, scores, members(answers, by, code), by, code, place) for code in levels}
    used = np.zeros(len(answers), dtype=bool)
    lines: list[dict[str, object]] = []
    for code, group in groups.items():
        for name in names:
            there, line = _line(group, name, rule, smallest)
            used |= there
            lines.append({"construct": name, "group": code} | line)
    # A group that is not asked a construct has no line; one with few answers has a suppressed one.
    frame = pd.DataFrame([line for line in lines if line["n"] != 0])
    if frame.empty:
        raise DataError(f"nobody answered {', '.join(names)}.", remedy="Check which groups were asked.")
    p = frame[["p_problem", "p_no_problem"]].to_numpy(dtype=float)
    both = adjusted(p.ravel(), adjust).reshape(p.shape)
    frame["p_problem_adjusted"], frame["p_no_problem_adjusted"] = both.T
    frame["verdict"] = _verdicts(frame)
    answered = scores.notna().any(axis=1).to_numpy() & np.any([group.member for group in groups.values()], axis=0)
    reasons = {" / ".join(names) + " missing": ~answered, rule.missing: answered & ~used}
    dropped = {reason: int(rows.sum()) for reason, rows in reasons.items() if reason and rows.any()}
    basis = answers.basis(len(answers) - sum(dropped.values()), dropped)
    words = design_notes(answers.design) if answers.design.is_complex or answers.weights is not None else ()
    family = int((~np.isnan(p)).sum())
    return Shortfall(frame, basis, smallest, adjust, family, by, place, levels, rule.words(), words)


def _line(group: Group, name: str, rule: Rule, smallest: float) -> tuple[Mask, dict[str, object]]:
    """The rows behind a line, and its numbers; few rows are suppressed."""
    there, fewest = group.rated(name), group.answers.questionnaire.smallest_cell
    standard = rule.standard(group, name) if there.sum() >= fewest else None
    if standard is not None and not isinstance(standard.values, float):
        there &= ~np.isnan(standard.values)
    n = int(there.sum())
    if standard is None or standard.few or n < fewest:
        return there, {"n": np.nan if n else 0, "few_below": False, **dict.fromkeys(ESTIMATES, np.nan)}
    answers, place = group.answers, group.place
    x = group.scores[name].to_numpy(dtype=float)
    rated, gap = distance(answers, x, standard, there, place)
    share, places = places_below(answers, standard.values - x, there, place, fewest)
    certain = gap.std_error == 0 and is_census(answers, there)
    return there, {
        "n": n,
        "units": rated.units,
        "mean": rated.mean,
        "benchmark": standard.values if isinstance(standard.values, float) else rated.mean + gap.mean,
        **_tests(gap, smallest, certain=certain),
        **_below_midpoint(group, x, there, rated.deff),
        "places_below": share,
        "places": places,
        "icc": intraclass_of(answers, x, there, place),
        "deff": rated.deff,
    }


def _tests(gap: Mean, smallest: float, *, certain: bool) -> dict[str, float]:
    """The shortfall with its interval, and the two tests against the smallest that matters."""
    t, p_problem, p_none = one_sided(gap.mean, smallest, gap.std_error, gap.df, certain=certain)
    half = stats.t.ppf(1 - LEVEL, gap.df) * gap.std_error
    return {
        "estimate": gap.mean,
        "std_error": gap.std_error,
        "df": gap.df,
        "conf_low": gap.mean - half,
        "conf_high": gap.mean + half,
        "statistic": t,
        "p_problem": p_problem,
        "p_no_problem": p_none,
    }


def _below_midpoint(group: Group, x: Array, there: Mask, deff: float) -> dict[str, object]:
    """Share of ratings below the midpoint, unless few are (or are not)."""
    below, fewest = x[there] < MIDPOINT, group.answers.questionnaire.smallest_cell
    n, n_below = len(below), int(below.sum())
    few = 0 < n_below < fewest or 0 < n - n_below < fewest
    weights = group.answers.weights
    share = float(np.average(below, weights=None if weights is None else weights[there]))
    low, high = wilson(share, n / max(1.0, deff) if deff > 0 else n)
    shown = (np.nan, np.nan, np.nan) if few else (share, float(low), float(high))
    return {"few_below": few, **dict(zip(("below_midpoint", "below_low", "below_high"), shown, strict=True))}


def _verdicts(frame: pd.DataFrame) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for line in frame.to_dict("records"):
        if np.isnan(line["n"]):
            verdicts.append("suppressed")
        elif line["p_problem_adjusted"] < LEVEL:
            verdicts.append("problem")
        else:
            verdicts.append("no problem" if line["p_no_problem_adjusted"] < LEVEL else "undecided")
    return verdicts
