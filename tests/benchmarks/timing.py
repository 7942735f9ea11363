"""What the benchmarks share: the best of several runs, here, in R and in another environment of Python; their table.

Times are those of the processor, children included, with one thread each: on a quiet machine they are those of the
clock, on a busy one what else runs does not count.  Import this before numpy, which then starts no threads.
"""

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Before numpy is loaded; peers inherit it.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

import pandas as pd

# A run of less than 50 ms is repeated, as R's clock has milliseconds.
R_BEST = """
options(warn = -1, mc.cores = 1)
paths <- commandArgs(TRUE)
best <- function(f, times = 3) {
  quiet <- function(n) {
    sink(nullfile()); on.exit(sink())
    took <- system.time(for (i in seq_len(n)) suppressMessages(f()))
    took[["user.self"]] + took[["sys.self"]]
  }
  once <- quiet(1); n <- max(1, ceiling(.05 / max(once, .001)))
  if (once > 2) once else min(once, replicate(times, quiet(n) / n))
}
say <- function(work, peer, f, times = 3) cat(work, peer, paste0(best(f, times), "\\n"), sep = "\\t")
"""
PYTHON_BEST = """
import sys, time, warnings; warnings.simplefilter("ignore")
import pandas as pd
frames = [pd.read_csv(path) for path in sys.argv[1:]]
def best(work, times=5):
    found = []
    for _ in range(times):
        start = time.process_time(); work(); found.append(time.process_time() - start)
    return min(found)
def say(work, peer, f, times=5):
    print(work, peer, best(f, times), sep=chr(9))
"""


@dataclass(frozen=True)
class Line:
    """One work: seconds of ours and of a peer; ``theirs`` is nan where the peer is absent."""

    work: str
    peer: str
    ours: float
    theirs: float


def best(work: Callable[[], object], times: int = 5) -> float:
    """Shortest of several runs after one to warm up, in seconds of the processor."""
    work()
    found = []
    for _ in range(times):
        start = _processor()
        work()
        found.append(_processor() - start)
    return min(found)


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def in_r(script: str, *frames: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Seconds by work and peer that an R script says with ``say(work, peer, f)``; ``paths`` are CSVs of the frames."""
    return _said(["Rscript"], R_BEST + script, "R", frames)


def in_python(interpreter: str, script: str, *frames: pd.DataFrame) -> dict[tuple[str, str], float]:
    """The same of a Python script run by another interpreter, in which ``frames`` are read already."""
    return _said([interpreter], PYTHON_BEST + script, "py", frames)


def _said(
    command: list[str], script: str, ending: str, frames: tuple[pd.DataFrame, ...]
) -> dict[tuple[str, str], float]:
    with tempfile.TemporaryDirectory() as made:
        paths = [Path(made) / f"{number}.csv" for number in range(len(frames))]
        for path, frame in zip(paths, frames, strict=True):
            frame.to_csv(path, index=False)
        code = Path(made) / f"peers.{ending}"
        code.write_text(script, encoding="utf-8")
        try:
            done = subprocess.run([*command, str(code), *map(str, paths)], capture_output=True, text=True, check=True)
        except FileNotFoundError:
            return {}
    found = (line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 2)
    return {(work, peer): float(seconds) for work, peer, seconds in found}


def beside(ours: Mapping[str, float], peers: Mapping[tuple[str, str], float]) -> list[Line]:
    """A line for each work and peer; a work without any peer has one too."""
    lines = []
    for work, seconds in ours.items():
        found = [(peer, theirs) for (name, peer), theirs in peers.items() if name == work]
        lines += [Line(work, peer, seconds, theirs) for peer, theirs in found or [("-", float("nan"))]]
    return lines


def show(title: str, lines: list[Line]) -> None:
    """Print the lines."""
    print(f"{title}; best runs in milliseconds\n\n{'work':34s} {'peer':16s} {'ours':>9s} {'peer':>10s} {'ratio':>7s}")
    for line in lines:
        times = f"{line.ours * 1e3:9.1f} {line.theirs * 1e3:10.1f} {line.theirs / line.ours:7.1f}"
        print(f"{line.work:34s} {line.peer:16s} {times}")
