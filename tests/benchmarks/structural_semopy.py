"""semopy's times for structural.py, run by the Python of its own environment, with the path of the data."""

import sys
import time
import warnings

import pandas as pd
import semopy

warnings.simplefilter("ignore")
frame = pd.read_csv(sys.argv[1])
LINES = "\n".join(f"{c} =~ {' + '.join(f'{c}{i}' for i in range(1, 6))}" for c in "ACENO")


def best(work, times=5):
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def fitted():
    model = semopy.Model(LINES)
    model.fit(frame)
    return model


def whole():
    model = fitted()
    model.inspect(std_est=True)
    semopy.calc_stats(model)


print("fit", best(fitted))
print("whole", best(whole))
print("chi_square", float(semopy.calc_stats(fitted())["chi2"].iloc[0]))
