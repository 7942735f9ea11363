"""Every number of ../shared/reference/lav_truth.json beside ours.

``COMPARISONS`` has one entry per key of the file; a key without one fails, and so does a number under a key that
its comparison does not ask for and ``NOT_OURS`` does not excuse.
"""

import numpy as np
import pandas as pd
import pytest
from lavaan_values import HS
from public_matrices import bfi
from shared_truths import Section, sections
from structural_cases import FIVE, complete_bfi, schools
from structural_models import holzinger

import sgsurvey as sg

LAVAAN, SEMTOOLS = "R lavaan 0.6-14", "R semTools 0.5-6"
STOPS = "lavaan's search stops at about 1e-5 in parameters, 4e-7 in chi-square"

# lavaan's names of an index and ours, the plain one; .scaled and .robust follow.
INDICES = {
    "chisq": "chi_square",
    "df": "df",
    "pvalue": "p_value",
    "baseline.chisq": "baseline_chi_square",
    "baseline.df": "baseline_df",
    "chisq.scaling.factor": "scaling_factor_scaled",
    "cfi": "cfi",
    "tli": "tli",
    "nnfi": "tli",
    "nfi": "nfi",
    "ifi": "ifi",
    "rmsea": "rmsea",
    "rmsea.ci.lower": "rmsea_low",
    "rmsea.ci.upper": "rmsea_high",
    "rmsea.pvalue": "rmsea_p",
    "srmr": "srmr",
    "srmr_bentler": "srmr",
    "gfi": "gfi",
    "agfi": "agfi",
    "npar": "n_parameters",
    "ntotal": "n",
    "logl": "loglik",
    "unrestricted.logl": "loglik_saturated",
    "aic": "aic",
    "bic": "bic",
    "scaling.factor.h1": "scaling_factor_saturated",
    "scaling.factor.h0": "scaling_factor_model",
}
ENDINGS = {"scaled": "_scaled", "robust": "_robust"}
NOT_OURS = {
    r".*/(fmin|rfi|pnfi|rni|pgfi|mfi|ecvi|bic2|cn_0[15]|wrmr)(\.\w+)?": "an index that we do not give; the chi-squares "
    "and n that it is made of are compared",
    r".*/(rmr|crmr|srmr_mplus)(_nomean)?": "another average of the residuals than SRMR, not given",
    r".*/srmr_bentler_nomean": "the same as srmr_bentler, which is compared, but for means",
    r".*/baseline\.pvalue(\.scaled)?": "0 to every digit in each case; the chi-square of the null model is compared",
    r".*/baseline\.chisq\.scaling\.factor": "the null model's two chi-squares, whose ratio it is, are compared",
    r".*/rmsea\.(ci\.level|close\.h0|notclose.*)": "a setting of lavaan, or a test against .08 that we do not make",
    r".*/rmsea\.pvalue\.robust": "we give the test of close fit of the plain and the scaled RMSEA",
    r"bfi_wlsmv/fm/npar": "lavaan counts thresholds, which we hold as statistics",
    r"bfi_wlsmv/fm/srmr_bentler": "counts the diagonal, which correlations of ordered items do not have; srmr does not",
    r"bfi_fiml/fm/(gfi|agfi)": "lavaan counts the means into the GFI of a model that has them; ours is of covariances",
    r"hs_dwls_cont/.*": "DWLS of continuous items alone, which we refuse with the advice to use MLR",
    r"hs_htmt_abs": "HTMT of signed correlations; ours, of absolute ones (Henseler et al. 2015), is hs_htmt",
    r"hs_mi/sepc\.(lv|nox)": "we give the change standardised by items and factors, sepc.all",
}


def model(section: Section, fitted: sg.SEM) -> None:
    """Every index of a model that is ours, and all its parameters."""
    for path in section.wanted():
        _, kind, name = path.split("/")
        if kind == "fm":
            plain, _, ending = name.rpartition(".")
            ours = INDICES.get(name) or f"{INDICES[plain]}{ENDINGS[ending]}"
            section.matches(f"fm/{name}", fitted.fit[ours], f"CFA: {name}", rtol=1e-5, atol=1e-6, why=STOPS)
    parameters(section, fitted)


def parameters(section: Section, fitted: sg.SEM) -> None:
    """Estimates, standard errors and the standardised solution, in lavaan's order."""
    theirs = pd.DataFrame(section.raw["par"])
    # With thresholds, lavaan also lists what the delta parameterisation fixes: intercepts at 0, scales at 1.
    listed = ~theirs["op"].isin(["~1", "~*~"] if "|" in set(theirs["op"]) else []).to_numpy()
    free = (theirs["se"] > 0).to_numpy()
    found = fitted.frame.set_index(named(fitted.frame))
    for path, ours, where in (("est", "estimate", listed), ("se", "std_error", free), ("std.all", "std", listed)):
        mine = found.loc[named(theirs)[where], ours]
        section.matches(f"par/{path}", mine, f"CFA: {ours} of every parameter", where=where, atol=1e-4, why=STOPS)


def named(frame: pd.DataFrame) -> pd.Series:
    """``lhs op rhs``, a covariance in either order."""
    lines = zip(frame["lhs"], frame["op"], frame["rhs"].fillna(""), strict=True)
    return pd.Series([op.join(sorted((a, b)) if op == "~~" else (a, b)) for a, op, b in lines], frame.index)


def schools_in_steps(section: Section) -> None:
    """Multi-group fits, each with more equalities."""
    loadings = ("loadings", "intercepts", "residuals")
    for step, equal in {"configural": 0, "metric": 1, "scalar": 2, "strict": 3}.items():
        fit = sg.cfa(schools(), HS, by="school", equal=loadings[:equal]).fit
        for name in section.raw[step]:
            section.matches(
                f"{step}/{name}", fit[INDICES[name]], f"CFA by school: {name}", rtol=1e-5, atol=1e-6, why=STOPS
            )


def first_modification_indices(section: Section) -> None:
    """The five largest."""
    found = sg.cfa(holzinger(), HS).modification_indices()
    found = found.set_index(named(found)).loc[named(pd.DataFrame(section.raw))]
    for theirs, ours in (("mi", "mi"), ("epc", "epc"), ("sepc.all", "epc_std")):
        section.matches(theirs, found[ours], f"Modification indices: {theirs}", rtol=1e-4, why=STOPS)


def reliability_of_the_model(section: Section) -> None:
    """semTools' alpha, omega (model-implied; again, for no correlated errors), omega of the observed sum, AVE."""
    found = sg.validity(sg.cfa(holzinger(), HS)).frame
    alpha = sg.reliability(holzinger(), HS).frame["alpha"]
    rows = [
        alpha,
        found["cr_unstandardised"],
        found["cr_unstandardised"],
        found["cr_observed"],
        found["ave_by_variance"],
    ]
    section.matches("", rows, "alpha, omega, AVE of each factor", rtol=1e-6, why=STOPS)


def column_of_validity(column: str):
    """One column of ``sg.validity``."""

    def compared(section: Section) -> None:
        found = sg.validity(sg.cfa(holzinger(), HS)).frame
        section.matches("", found[column], f"validity: {column}", rtol=1e-6, why=STOPS)

    return compared


def ratios(kind: str):
    """The square matrix of HTMT or HTMT2."""

    def compared(section: Section) -> None:
        found, names = sg.htmt(holzinger(), HS).frame, list(HS)
        square = pd.DataFrame(np.eye(len(HS)), names, names)
        for a, b, value in found[["construct", "other", kind]].itertuples(index=False):
            square.loc[a, b] = square.loc[b, a] = value
        section.matches("", square, kind.upper(), rtol=1e-8, why="lavaan keeps the items to eight decimals")

    return compared


def ordinal_alpha(section: Section) -> None:
    """Alpha of polychorics, items not reversed, as semTools leaves them."""
    found = sg.reliability(complete_bfi(), FIVE, correlation="polychoric").frame.set_index("construct")["alpha_ordinal"]
    for scale in FIVE:
        section.matches(scale, found[scale], "ordinal alpha, items not reversed", rtol=1e-6, why=STOPS)


COMPARISONS = {
    "hs_ml": lambda s: model(s, sg.cfa(holzinger(), HS)),
    "hs_mlr": lambda s: model(s, sg.cfa(holzinger(), HS, estimator="MLR")),
    "bfi_ml": lambda s: model(s, sg.cfa(complete_bfi(), FIVE)),
    "bfi_mlr": lambda s: model(s, sg.cfa(complete_bfi(), FIVE, estimator="MLR")),
    "bfi_wlsmv": lambda s: model(s, sg.cfa(complete_bfi(), FIVE, estimator="WLSMV")),
    "bfi_wlsmv_rel": ordinal_alpha,
    "bfi_fiml": lambda s: model(s, sg.cfa(bfi(), FIVE, missing="fiml")),
    "hs_mg": schools_in_steps,
    "hs_mi": first_modification_indices,
    "hs_rel": reliability_of_the_model,
    "hs_ave": column_of_validity("ave_by_variance"),
    "hs_comp": column_of_validity("cr_observed"),
    "hs_htmt": ratios("htmt"),
    "hs_htmt2": ratios("htmt2"),
}


@pytest.mark.shared
@pytest.mark.parametrize("key", sections("lav_truth"))
def test_every_number_of_lavaan_and_semtools_is_ours(key):
    by_semtools = key in ("hs_rel", "hs_ave", "hs_comp", "hs_htmt", "hs_htmt2", "bfi_wlsmv_rel")
    data = f"{'bfi' if key.startswith('bfi') else 'HolzingerSwineford1939'}, {key}"
    section = Section("lav_truth", key, data, SEMTOOLS if by_semtools else LAVAAN, NOT_OURS)
    if key in COMPARISONS:
        COMPARISONS[key](section)
    section.finish()
