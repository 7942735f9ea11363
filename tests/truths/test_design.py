"""Every number of ../shared/reference/survey_truth.json (R survey 4.1-1) beside ours.

``COMPARISONS`` pairs patterns of keys with what is done for them; as in ``test_structural``, a number without a
comparison fails, unless ``NOT_OURS`` gives a reason.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shared_truths import Near, Section, read, sections
from survey_samples import PEER, designed, frame, nhanes

import sgsurvey as sg
from sgsurvey.tables.result import Result

CLOSED: Near = {"rtol": 1e-10, "atol": 1e-14, "why": "closed form"}
NOT_OURS = {
    r".*chisq:Chisq/(est|df)": "R's Pearson statistic counts the rows without answers too; p is compared",
    r"nhanes:chisq:(lincom|saddlepoint)/.*": "the exact law of a sum of chi-squares; ours is Satterthwaite's F",
    r".*bootstrap:\w+/(se|df)": "R's random draws",
    r"nhanes2:(BRR|Fay):mean/se": "which unit of a pair a replicate keeps is R's choice; made so, ours are R's "
    "(tests/weighting, R's halves)",
    r"clus2:rake:\w+/se": "R's rake() linearises margin by margin; ours all margins together, as R's calibrate()",
}
STYPE, WIDE = {"E": 4421, "H": 755, "M": 1018}, {"No": 1072, "Yes": 5122}
TOTALS = {"stype": STYPE, "api99": 3914069}
WEIGHTED: dict[str, tuple[Callable[[sg.Responses], sg.Responses], Near]] = {
    "post": (lambda d: sg.poststratify(d, {"stype": STYPE}), CLOSED),
    "rake": (
        lambda d: sg.rake(d, {"stype": STYPE, "sch.wide": WIDE}),
        {"rtol": 1e-8, "why": "R stops iterating at 1e-9"},
    ),
    "greg": (lambda d: sg.calibrate(d, TOTALS), {"rtol": 1e-9, "why": "R solves a system of condition 1e6"}),
    "calrak": (
        lambda d: sg.calibrate(d, TOTALS, distance="raking"),
        {"rtol": 1e-6, "why": "R stops iterating at 1e-7"},
    ),
}


@cache
def sample(name: str) -> sg.Responses:
    """A design of survey_truth.R by its name there."""
    if name == "nhanes":
        return nhanes()
    if name == "nhanes2":
        data = frame("nhanes")
        two = data.groupby("SDMVSTRA")["SDMVPSU"].transform("nunique") == 2
        return sg.survey_design(
            data[two].reset_index(drop=True), weights="WTMEC2YR", strata="SDMVSTRA", clusters="SDMVPSU"
        )
    if name == "stratnofpc":
        return sg.survey_design(frame("apistrat"), weights="pw", strata="stype")
    return designed(name)


def estimates(section: Section, found: Result, what: str, near: Near = CLOSED) -> None:
    """Estimate and standard error of every line, and of a mean its df, design effect and interval."""
    section.matches("est", found.frame["estimate"], what, **near)
    if f"{section.key}/se" in section.wanted():
        section.matches("se", found.frame["std_error"], f"{what}, std. error", **near)
    for path, columns in {"df": ["df"], "deff": ["deff"], "ci": ["conf_low", "conf_high"]}.items():
        if f"{section.key}/{path}" in section.wanted():
            section.matches(path, found.frame.iloc[0][columns], f"{what}, {path}", **near)


def of_the_outcome(section: Section, name: str, what: str, by: str = "") -> None:
    """Means, totals, ratios, variances, domains and shares of the schools."""
    answers = sample(name)
    found = {
        "mean": lambda: sg.mean(answers, "api00"),
        "total": lambda: sg.total(answers, "enroll"),
        "ratio": lambda: sg.ratio(answers, "api.stu", "enroll"),
        "var": lambda: sg.variance(answers, "api00"),
        "by": lambda: sg.mean(answers, "api00", by=by),
        "prop": lambda: sg.proportion(answers, "stype"),
        "domain": lambda: sg.mean(answers.where(**{"comp.imp": "Yes"}), "api00"),
    }[what]()
    estimates(section, found, {"by": "domain means", "domain": "mean of a domain", "prop": "share"}.get(what, what))


def quantiles(section: Section, name: str) -> None:
    found = sg.quantile(sample(name), "api00", [0.25, 0.5, 0.75]).frame
    section.matches("est", found["estimate"], "quantiles", **CLOSED)
    section.matches("se", found["std_error"], "quantiles, std. error (Woodruff)", **CLOSED)
    ends = [*found["conf_low"], *found["conf_high"]]
    section.matches("ci", ends, "quantiles, interval (Woodruff)", **CLOSED)


def share(section: Section, name: str) -> None:
    line = sg.proportion(sample(name), "sch.wide").frame.set_index("term").loc["sch.wide=Yes"]
    section.matches("est", line["estimate"], "share", rtol=1e-9, why="R finds the share through a GLM")
    why = "R finds the limits through a GLM with its default tolerance"
    section.matches("ci", line[["conf_low", "conf_high"]], "logit interval of a share", rtol=1e-6, why=why)


def t_test(section: Section, name: str) -> None:
    found = sg.compare(sample(name), "api00", by="comp.imp")
    means, line = found.groups["mean"].to_numpy(), found.frame.iloc[0]
    section.matches("est", means[1] - means[0], "design-based t: difference", **CLOSED)
    section.matches("stat", -line["statistic"], "design-based t", **CLOSED)
    section.matches("df", line["df"], "design-based t: df", **CLOSED)
    section.matches("p", line["p_value"], "design-based t: p", **CLOSED)


def independence(section: Section, name: str, statistic: str) -> None:
    """R's names of the tests, and ours."""
    rows, columns = ("HI_CHOL", "race") if name == "nhanes" else ("sch.wide", "stype")
    test = {"F": "F", "Chisq": "chi_square", "Wald": "wald", "adjWald": "adjusted_wald"}[statistic]
    line = sg.chi_square(sample(name), rows, columns).frame.set_index("test").loc[test]
    near: Near = {"rtol": 1e-9, "why": "closed form; p by other code"}
    what = f"independence under the design, {statistic}"
    section.matches("p", line["p_value"], f"{what}: p", **near)
    if statistic != "Chisq":
        section.matches("est", line["statistic"], what, **near)
        section.matches("df", line[["df", "df2"]], f"{what}: df", **near)


def linear(section: Section, name: str) -> None:
    found = sg.ols(sample(name), "api00 ~ ell + meals + mobility", vcov="design")
    estimates(section, found, "linear regression under the design")


def with_column(answers: sg.Responses, **columns: pd.Series) -> sg.Responses:
    return replace(answers, frame=answers.frame.assign(**columns))


def coefficients(section: Section, found: Result, what: str, se: float, why: str, est: float = 1e-9) -> None:
    section.matches("est", found.frame["estimate"], what, rtol=est, why="both tight")
    section.matches("se", found.frame["std_error"], f"{what}, std. error", rtol=se, why=why)
    section.matches("df", found.frame["df"].iloc[0], f"{what}, df", **CLOSED)


LAST_BUT_ONE = "R's weights are those of its last iteration but one"


def logit(section: Section, name: str) -> None:
    if name == "nhanes":
        found = sg.logit(sample(name), "HI_CHOL ~ C(race) + C(agecat) + RIAGENDR")
    else:
        wide = sample(name).frame["sch.wide"].eq("Yes").astype(float)
        found = sg.logit(with_column(sample(name), wide=wide), "wide ~ ell + meals")
    coefficients(section, found, "logit under the design", 1e-5, LAST_BUT_ONE)


def ordered_logit(section: Section, name: str) -> None:
    if name == "nhanes":
        bands = frame("nhanes")["agecat"].astype("category").cat.codes + 1.0
        found = sg.ordered(with_column(sample(name), band=bands), "band ~ HI_CHOL + C(race) + RIAGENDR")
    else:
        bands = pd.cut(sample(name).frame["api00"], [0, 600, 700, 1000], labels=False).astype(float)
        found = sg.ordered(with_column(sample(name), band=bands), "band ~ ell + meals")
    why = "svyolr stops by BFGS and takes its Hessian from differences"
    for path, ours, near in (("est", "estimate", 5e-4), ("se", "std_error", 1e-3)):
        mine = [*found.frame[ours], *found.thresholds[ours]]
        section.matches(path, mine, f"ordered logit under the design, {ours}", rtol=near, why=why)


def calibrated(section: Section, name: str, way: str, what: str) -> None:
    weigh, near = WEIGHTED[way]
    answers = weigh(sample(name))
    if f"{section.key}/w" in section.wanted():
        section.matches("w", answers.weights, f"weights ({way})", **near)
    found = sg.mean(answers, "api00") if what == "mean" else sg.total(answers, "enroll")
    section.matches("est", found.frame["estimate"], f"{what} ({way})", **near)
    if f"{section.key}/se" in section.wanted():
        section.matches("se", found.frame["std_error"], f"{what} ({way}), std. error", **near)
    if f"{section.key}/df" in section.wanted():
        section.matches("df", found.frame["df"].iloc[0], f"{what} ({way}), df", **near)


def replicated(section: Section, name: str, kind: str, what: str) -> None:
    """Replicate weights; R's random bootstraps give the estimate alone."""
    random = kind.endswith("bootstrap")
    answers = (
        sample(name) if random else sg.replicate_weights(sample(name), kind, **({"rho": 0.3} if kind == "Fay" else {}))
    )
    outcome = "HI_CHOL" if name.startswith("nhanes") else "api00"
    found: Result = {
        "mean": lambda: sg.mean(answers, outcome),
        "total": lambda: sg.total(answers, "enroll"),
        "ratio": lambda: sg.ratio(answers, "api.stu", "enroll"),
        "glm": lambda: sg.ols(answers, "api00 ~ ell + meals + mobility", vcov="design"),
    }[what]()
    if f"{section.key}/nrep" in section.wanted():
        section.matches("nrep", answers.design.replicates.weights.shape[1], f"replicates ({kind})", **CLOSED)
    estimates(section, found, f"{what} ({kind})")


def half_samples_that_came_with_the_data(section: Section, what: str) -> None:
    """Levy and Lemeshow's ambulances."""
    halves = 2.0 * np.array([[1, 0, 1, 0, 1, 0], [1, 0, 0, 1, 0, 1], [0, 1, 1, 0, 0, 1], [0, 1, 0, 1, 1, 0]]).T
    given = sg.Replicates("BRR", halves, 1 / 4, np.ones(4), 3)
    answers = sg.survey_design(frame("scd").assign(w=1.0), weights="w", replicates=given)
    found = sg.ratio(answers, "alive", "arrests") if what == "ratio" else sg.total(answers, ["arrests", "alive"])
    estimates(section, found, f"{what} (BRR)")


def textbooks(section: Section, name: str, what: str) -> None:
    """Särndal, Swensson and Wretman; Levy and Lemeshow; R survey's fpc."""
    answers = {
        "mu284": lambda: sg.survey_design(frame("mu284"), clusters=["id1", "id2"], fpc=["n1", "n2"]),
        "hospital": lambda: sg.survey_design(frame("hospital"), weights="weighta", strata="oblevel", fpc="tothosp"),
        "fpc:nofpc": lambda: sg.survey_design(frame("fpc"), weights="weight", strata="stratid", clusters="psuid"),
        "fpc:fpc": lambda: sg.survey_design(
            frame("fpc"), weights="weight", strata="stratid", clusters="psuid", fpc="Nh"
        ),
    }[name]()
    outcome = {"mu284": "y1", "hospital": "births"}.get(name, "x")
    estimates(section, sg.mean(answers, outcome) if what == "mean" else sg.total(answers, outcome), what)


def of_cholesterol(section: Section, name: str, what: str) -> None:
    by = {"by": ["RIAGENDR", "race"]} if what == "by" else {}
    estimates(section, sg.mean(sample(name), "HI_CHOL", **by), "domain means" if by else "mean")


def joint_test(section: Section) -> None:
    """Wald's F of three coefficients, from our coefficients and their covariance."""
    found = sg.logit(sample("nhanes"), "HI_CHOL ~ C(race) + C(agecat) + RIAGENDR")
    race = found.frame["term"].str.contains("race").to_numpy()
    b = found.frame.loc[race, "estimate"].to_numpy()
    f = b @ np.linalg.solve(found.covariance[np.ix_(race, race)], b) / 3
    df = found.frame["df"].iloc[0]
    section.matches("est", f, "joint Wald test of a factor: F", rtol=1e-5, why=LAST_BUT_ONE)
    section.matches("df", [3, df], "joint Wald test of a factor: df", **CLOSED)
    section.matches("p", stats.f.sf(f, 3, df), "joint Wald test of a factor: p", rtol=1e-5, why=LAST_BUT_ONE)


def alpha(section: Section) -> None:
    made = sg.responses(frame("apistrat"), {"A": ["ell", "meals", "mobility"]}, limits=None)
    answers = sg.survey_design(made, weights="pw", strata="stype", fpc="fpc")
    section.matches("est", sg.reliability(answers, "A").frame["alpha"], "Cronbach's alpha under the design", **CLOSED)


API = r"(?P<name>strat|clus1|clus1nofpc|clus2|clus2wr)"
# The first pattern that fits is used.
COMPARISONS: dict[str, Callable[..., None]] = {
    r"scd:BRR:(?P<what>\w+)": half_samples_that_came_with_the_data,
    API + r":(?P<what>mean|total|ratio|var)(:api00|:enroll)?": of_the_outcome,
    API + r":(?P<what>by):(?P<by>[\w.]+)": of_the_outcome,
    API + r":(?P<what>domain|prop):[\w.]+": of_the_outcome,
    API + ":quantile": quantiles,
    API + ":ciprop:logit": share,
    API + ":ttest": t_test,
    r"(?P<name>\w+):chisq:(?P<statistic>F|Chisq|Wald|adjWald)": independence,
    API + ":glm:gauss": linear,
    r"(?P<name>\w+):glm:logit": logit,
    r"(?P<name>\w+):olr": ordered_logit,
    API + r":(?P<way>post|rake|greg|calrak):(?P<what>\w+)": calibrated,
    r"(?P<name>\w+):(?P<kind>JK1|JKn|bootstrap|subbootstrap|BRR|Fay):(?P<what>mean|total|ratio|glm)": replicated,
    r"(?P<name>mu284|hospital|fpc:nofpc|fpc:fpc):(?P<what>mean|total)": textbooks,
    r"(?P<name>nhanes2?):(?P<what>mean|by)": of_cholesterol,
    "nhanes:termtest:race": joint_test,
    "strat:alpha": alpha,
}


@pytest.mark.shared
@pytest.mark.parametrize("key", sections("survey_truth", "T"))
def test_every_number_of_r_survey_is_ours(key):
    section = Section("survey_truth", key, key.partition(":")[0], PEER, NOT_OURS, under="T")
    for pattern, compare in COMPARISONS.items():
        if match := re.fullmatch(pattern, key):
            compare(section, **{name: text for name, text in match.groupdict().items() if text})
            break
    section.finish()


@pytest.mark.shared
def test_the_file_holds_results_times_and_a_version_alone():
    assert set(read("survey_truth")) == {"T", "time_ms", "v"}
