"""What the project says of itself, shown: ``python tests/show.py sources``, ``… fuzz --cases 20000 --seed 7``."""

import argparse
import importlib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

# What can be shown, and the function that prints it; each returns whether all is as it should be.
SHOWS = {
    "bombs": "ingest.hostile:show",
    "careless": "quality.careless_agreement:show",
    "fifty": "fifty.page:show",
    "fuzz": "ingest.fuzz:show",
    "latex": "tables.latex_document:show",
    "pictures": "figures.baseline:show",
    "sources": "layouts.matrix:show",
}


def main(arguments: list[str]) -> int:
    """Print what was asked for; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="+", choices=SHOWS)
    parser.add_argument("--cases", type=int, help="how many cases fuzz tries")
    parser.add_argument("--seed", type=int, help="where fuzz begins")
    given = parser.parse_args(arguments)
    drawn = {name: value for name in ("cases", "seed") if (value := getattr(given, name)) is not None}
    shown = []
    for name in given.what:
        module, _, function = SHOWS[name].partition(":")
        shown.append(getattr(importlib.import_module(module), function)(**(drawn if name == "fuzz" else {})))
    return 0 if all(shown) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
