"""k-anonymity and l-diversity by pycanon 1.3.6, which pins old numpy and pandas: run it in an environment of its own.

python -m venv /tmp/pycanon && /tmp/pycanon/bin/pip install pycanon==1.3.6
/tmp/pycanon/bin/python privacy.py > ../values/privacy.json
"""

import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from pycanon.anonymity import entropy_l_diversity, k_anonymity, l_diversity
from pycanon.anonymity.utils.aux_anonymity import get_equiv_class

DATA = Path(__file__).parents[1] / "data" / "villagers.csv"
CUTS = {
    "all": ["sex", "age", "village"],
    "sex, village": ["sex", "village"],
    "sex, age in bands of 20": ["sex", "age20"],
    "sex": ["sex"],
}


def main() -> None:
    """Print every number for every choice of quasi-identifiers."""
    frame = pd.read_csv(DATA)
    frame["age20"] = frame["age"] // 20 * 20
    found = {}
    for name, quasi in CUTS.items():
        sizes = sorted(len(members) for members in get_equiv_class(frame, quasi))
        found[name] = {
            "quasi": quasi,
            "k": int(k_anonymity(frame, quasi)),
            "sizes": sizes,
            "l": {s: int(l_diversity(frame, quasi, [s])) for s in ("trust", "income")},
            "l_entropy_floor": {s: int(entropy_l_diversity(frame, quasi, [s])) for s in ("trust", "income")},
        }
    print(json.dumps({"version": f"pycanon {version('pycanon')}", "villagers": found}, indent=1))


if __name__ == "__main__":
    main()
