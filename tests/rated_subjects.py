"""Published ratings, typed in."""

import json

import numpy as np
import pandas as pd
from reference_values import VALUES

RATERS = list("abcd")
MISSING = np.nan

# Shrout and Fleiss (1979), table 2: six subjects, four judges.
SHROUT_FLEISS = pd.DataFrame(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], columns=RATERS, dtype=float
)

# Krippendorff (2011), part C: four observers, twelve units, with gaps.
KRIPPENDORFF = pd.DataFrame(
    {
        "a": [1, 2, 3, 3, 2, 1, 4, 1, 2, MISSING, MISSING, MISSING],
        "b": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, MISSING, 3],
        "c": [MISSING, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, MISSING],
        "d": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, MISSING],
    }
)

# Fleiss (1971), table 1: thirty patients, six psychiatrists, by depression, personality disorder, schizophrenia,
# neurosis and other; a digit is how many of the six chose it.
DIAGNOSES = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)
FLEISS = np.array([[float(digit) for digit in line] for line in DIAGNOSES.split()])

# Cohen (1968), table 1, in percent of 200: personality disorder, neurosis, psychosis.
COHEN = np.array([[88, 10, 2], [14, 40, 6], [18, 10, 12]])


def reference() -> dict:
    """R's values, made by tests/reference/r/agreement.R."""
    return json.loads((VALUES / "agreement.json").read_text(encoding="utf-8"))


def pairs_of(table: np.ndarray) -> np.ndarray:
    """The two ratings of each subject behind a square table of counts; shape (n, 2)."""
    cells = np.argwhere(table > 0)
    return np.repeat(cells, [int(table[tuple(cell)]) for cell in cells], axis=0)
