"""Reading 100,000 x 60 answers in Chinese words from a CSV file: seconds and memory, beside pandas' plain read_csv."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import sgsurvey as sg
from sgsurvey.questionnaire.model import Construct, Item, Questionnaire, Role
from sgsurvey.text import Text

ROWS, ITEMS = 100_000, 60


def instrument() -> Questionnaire:
    """Sixty ratings on the bundled study's scale."""
    agree = sg.read_questionnaire("questionnaires").scales["agree5"]
    items = tuple(
        Item(f"Q{k}", "rating", Text(f"第{k}题的题干", f"Words of item {k}"), agree, construct="C")
        for k in range(1, ITEMS + 1)
    )
    construct = Construct("C", Text("构念", "Construct"), items=tuple(item.name for item in items))
    return Questionnaire("large", "1", Text("大", "Large"), roles=(Role("all", Text("人", "All")),), items=items,
                         constructs=(construct,))  # fmt: skip


def write(path: Path) -> None:
    """A file of labels with a respondent's number."""
    labels = np.array([choice.label.zh for choice in instrument().items[0].scale.choices])
    cells = labels[np.random.default_rng(1).integers(0, len(labels), size=(ROWS, ITEMS))]
    with path.open("w", encoding="utf-8-sig") as file:
        file.write(",".join(["resp_id", *(f"Q{k}" for k in range(1, ITEMS + 1))]) + "\n")
        file.writelines(f"r{i}," + ",".join(row) + "\n" for i, row in enumerate(cells))


def highest_megabytes() -> float:
    """The most memory that this process ever held; ``ru_maxrss`` would be inherited from the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def timed(what: str, path: str) -> None:
    """Read the file once in this process, and print seconds (of the clock, of the processor) and the highest memory."""
    questionnaire = instrument()
    before = highest_megabytes()
    start, worked = time.perf_counter(), time.process_time()
    if what == "pandas":
        import pandas as pd

        n = len(pd.read_csv(path, dtype=str, keep_default_na=False))
    else:
        n = len(sg.read_responses(path, questionnaire))
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    peak = highest_megabytes()
    print(f"{what:10s} {n:,} rows  {seconds:5.2f} s ({worked:.2f} CPU s)  peak {peak:4.0f} MB ({before:.0f} MB before)")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        timed(*sys.argv[1:])
    else:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "large.csv"
            write(file)
            for reader in ("sgsurvey", "pandas"):
                subprocess.run([sys.executable, __file__, reader, str(file)], check=True)
