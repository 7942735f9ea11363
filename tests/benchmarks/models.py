"""Regression beside statsmodels in one run: ``python tests/benchmarks/models.py``.  The ratio is what decides."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

import sgsurvey as sg
from sgsurvey.models.fit import least_squares
from sgsurvey.models.standard_errors import covariance

FORMULA = "y ~ a + b + c + d + C(age) + C(role)"


def answers(n: int, townships: int) -> pd.DataFrame:
    """Noise with four predictors, two categories and townships."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    return frame.assign(
        y=frame.sum(axis=1) + rng.normal(size=n),
        age=rng.integers(1, 6, n),
        role=rng.integers(1, 4, n),
        township=rng.integers(0, townships, n),
    )


def best_of(times: int, work: Callable[[], object]) -> float:
    """Shortest of ``times`` runs, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def line(what: str, ours: float, theirs: float) -> None:
    """Print one comparison."""
    print(f"{what:58s} ours {1000 * ours:9.2f} ms   statsmodels {1000 * theirs:9.2f} ms   ratio {theirs / ours:6.2f}")


def main() -> None:
    """Compare whole regressions, and CR2 with the CR1 of statsmodels."""
    for n, townships in ((600, 12), (20_000, 60), (200_000, 300)):
        frame = answers(n, townships)
        line(
            f"formula, HC3, table of coefficients, n = {n}",
            best_of(3, lambda frame=frame: sg.ols(frame, FORMULA).frame),
            best_of(3, lambda frame=frame: smf.ols(FORMULA, frame).fit(cov_type="HC3").summary2().tables),
        )
        line(
            f"formula, CR2 with Satterthwaite df (CR1), n = {n}, G = {townships}",
            best_of(3, lambda frame=frame: sg.ols(frame, FORMULA, cluster="township").frame),
            best_of(
                3,
                lambda frame=frame: (
                    smf.ols(FORMULA, frame)
                    .fit(cov_type="cluster", cov_kwds={"groups": frame["township"]})
                    .summary2()
                    .tables
                ),
            ),
        )
        X, y = np.column_stack([np.ones(n), frame[list("abcd")]]), frame["y"].to_numpy()
        e = least_squares(X, y, None, intercept=True).residuals
        took = best_of(3, lambda X=X, e=e, frame=frame: covariance("CR2", X, e, clusters=frame["township"]))
        print(f"{'CR2 alone, 5 coefficients':58s} ours {1000 * took:9.2f} ms")


if __name__ == "__main__":
    main()
