"""Estimation and weighting beside R survey and samplics in one run: ``python tests/benchmarks/design.py [PYTHON]``.

Processor time of one thread is compared: others may be at work on the machine.  The numbers found stand beside, so
that it is seen that all did the same work; samplics' median has no Woodruff interval, bootstraps draw differently.

PYTHON is an interpreter that has samplics; without it a venv is made in a temporary folder and samplics installed there
(its dependencies need not agree with ours).
"""

import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd

import sgsurvey as sg

HERE = Path(__file__).parent


def best_of(times: int, work: Callable[[], float]) -> tuple[float, float]:
    """Least processor time of ``times`` runs, in seconds, and what was found."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        found = work()
        taken.append(time.process_time() - start)
    return min(taken), found


def sample(n: int, strata: int) -> pd.DataFrame:
    """A sample of four units in each stratum, with effects of the units."""
    rng = np.random.default_rng(2)
    psu = np.arange(n) % (4 * strata)
    x = rng.uniform(1, 3, n)
    y = x + rng.normal(size=4 * strata)[psu] / 3 + rng.normal(size=n)
    data = pd.DataFrame({"h": psu % strata, "psu": psu, "w": rng.uniform(5, 15, n), "x": x, "y": y})
    ordered = np.digitize(y, [0.5, 1.5, 2.5, 3.5])
    return data.assign(a=rng.integers(0, 5, n), b=rng.integers(0, 4, n), r=(y > 2).astype(int), o=ordered)


def ours(data: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Seconds and what was found, for each work."""
    s = sg.survey_design(data, weights="w", strata="h", clusters="psu")
    z = sg.survey_design(data, weights="w", clusters="psu")
    margins = {name: (data[name].value_counts() * 10).to_dict() for name in ("a", "b")}
    raked = sg.rake(z, margins)
    people, land = data["w"].sum(), float(data["w"] @ data["x"]) * 1.01

    def error(found: object, row: int = 0) -> float:
        return float(found.frame["std_error"].iloc[row])

    def of(fit: object, term: str) -> float:
        return float(fit.frame.set_index("term").loc[term, "std_error"])

    return {
        "mean": best_of(3, lambda: error(sg.mean(s, "y"))),
        "means by group": best_of(3, lambda: error(sg.mean(s, "y", by="a"))),
        "ratio": best_of(3, lambda: error(sg.ratio(s, "y", "x"))),
        "proportions": best_of(3, lambda: error(sg.proportion(s, "a"))),
        "median": best_of(3, lambda: error(sg.quantile(s, "y"))),
        "chi-square (Rao-Scott)": best_of(3, lambda: float(sg.chi_square(s, "a", "b").frame["statistic"].iloc[0])),
        "linear model": best_of(3, lambda: of(sg.ols(s, "y ~ x + C(a)", vcov="design"), "x")),
        "logit": best_of(3, lambda: of(sg.logit(s, "r ~ x + C(a)"), "x")),
        "ordered logit": best_of(3, lambda: of(sg.ordered(s, "o ~ x"), "x")),
        "rake": best_of(3, lambda: sg.rake(z, margins).frame["raked_weight"].iloc[0]),
        "mean of raked": best_of(3, lambda: error(sg.mean(raked, "y"))),
        "calibrate (linear)": best_of(
            3, lambda: sg.calibrate(z, {"x": land}, population=people).frame["calibrated_weight"].iloc[0]
        ),
        "JK1, raked again": best_of(3, lambda: error(sg.mean(sg.replicate_weights(raked, "JK1"), "y"))),
        "bootstrap, 500 draws": best_of(
            3, lambda: error(sg.mean(sg.replicate_weights(s, "bootstrap", draws=500, seed=1), "y"))
        ),
    }


def theirs(command: list[str], path: Path) -> dict[str, tuple[float, str]]:
    """What another program printed of the same works."""
    ran = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in ran.stdout.splitlines() if line.count("\t") == 2]
    return {work: (float(seconds), found) for work, seconds, found in lines}


def with_samplics(folder: Path) -> str:
    """An interpreter that has samplics."""
    if len(sys.argv) > 1:
        return sys.argv[1]
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "samplics==0.6.0", "pandas"], check=True)
    return python


def main() -> None:
    """Print the milliseconds of each work, theirs over ours, and what each found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = with_samplics(folder)
        for n, strata in ((500, 10), (20_000, 50)):
            data, path = sample(n, strata), folder / "data.csv"
            data.to_csv(path, index=False)
            mine = ours(data)
            r = theirs(["Rscript", str(HERE / "design.R")], path)
            samplics = theirs([python, str(HERE / "design_samplics.py")], path)
            print(f"\nn = {n}, {strata} strata, {4 * strata} units: processor time in ms, times ours, what was found")
            for work, (seconds, found) in mine.items():
                line = f"{work:24s} sgsurvey {1000 * seconds:8.1f}        {found:10.6g}"
                for peer, said in (("R", r.get(work)), ("samplics", samplics.get(work))):
                    line += f"  {peer} " + (
                        f"{1000 * said[0]:8.1f} {said[0] / seconds:6.1f} x {said[1][:11]:11s}" if said else "-"
                    )
                print(line)


if __name__ == "__main__":
    main()
