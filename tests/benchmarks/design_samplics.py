"""Times of samplics and what it found, a line a work; called by design.py, with the interpreter of another venv."""

import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
from samplics import (  # noqa: E402
    CrossTabulation,
    ModelType,
    PopParam,
    ReplicateEstimator,
    ReplicateWeight,
    RepMethod,
    SampleWeight,
    SurveyGLM,
    TaylorEstimator,
)


def timed(work, call, times=3):
    """The shortest run; a work that it cannot do says why."""
    taken = []
    try:
        for _ in range(times):
            start = time.process_time()
            found = call()
            taken.append(time.process_time() - start)
    except Exception as error:
        print(work, "nan", f"fails: {type(error).__name__} {str(error).splitlines()[0][:50]}", sep="\t")
        return
    print(work, min(taken), f"{float(found):.12g}", sep="\t")


def main(path):
    d = pd.read_csv(path)
    design = {"samp_weight": d["w"], "stratum": d["h"], "psu": d["psu"]}
    margins = {name: (d[name].value_counts() * 10).to_dict() for name in ("a", "b")}

    def taylor(param, **more):
        estimator = TaylorEstimator(param)
        estimator.estimate(**{"y": d["y"], **design, **more})
        error = estimator.stderror
        return next(iter(error.values())) if isinstance(error, dict) else error

    def first(found):
        while isinstance(found, dict):
            found = next(iter(found.values()))
        return found

    def glm(model, y):
        fitted = SurveyGLM(model)
        fitted.estimate(d[y], d[["x"]], ["x"], d[["a"]].astype(str), ["a"], add_intercept=True, **design)
        return np.sqrt(fitted.beta_cov[1, 1])

    def raked(w):
        return SampleWeight().rake(w, {name: d[name] for name in margins}, control=margins, tol=1e-9, ctrl_tol=1e-9)

    def crossed():
        table = CrossTabulation(PopParam.prop)
        table.tabulate(d[["a", "b"]], varnames=["a", "b"], **design)
        return table.stats["Pearson-Adj"]["f_value"]

    def calibrated():
        totals = {"one": d["w"].sum(), "x": (d["w"] * d["x"]).sum() * 1.01}
        return SampleWeight().calibrate(d["w"], d[["one", "x"]].to_numpy(), totals)[0]

    def replicates(method, rakes, **how):
        strata = {} if rakes else {"stratum": d["h"]}
        made = ReplicateWeight(method, strat=not rakes, rand_seed=1, **how).replicate(d["w"], d["psu"], **strata)
        columns = np.column_stack([made[name] for name in made.columns if "_wgt_" in name])
        w, columns = (raked(d["w"]), np.column_stack([raked(c) for c in columns.T])) if rakes else (d["w"], columns)
        estimator = ReplicateEstimator(method, PopParam.mean)
        estimator.estimate(d["y"], w, columns)
        return first(estimator.stderror)

    d["one"] = 1.0
    timed("mean", lambda: taylor(PopParam.mean))
    timed("means by group", lambda: taylor(PopParam.mean, domain=d["a"]))
    timed("ratio", lambda: taylor(PopParam.ratio, x=d["x"]))
    timed("proportions", lambda: first(taylor(PopParam.prop, y=d["a"])))
    timed("median", lambda: taylor(PopParam.median))
    timed("chi-square (Rao-Scott)", crossed)
    timed("linear model", lambda: glm(ModelType.LINEAR, "y"))
    timed("logit", lambda: glm(ModelType.LOGISTIC, "r"))
    timed("rake", lambda: raked(d["w"])[0])
    timed("calibrate (linear)", calibrated)
    timed("JK1, raked again", lambda: replicates(RepMethod.jackknife, True), 1)
    timed("bootstrap, 500 draws", lambda: replicates(RepMethod.bootstrap, False, nb_reps=500), 1)


if __name__ == "__main__":
    main(sys.argv[1])
