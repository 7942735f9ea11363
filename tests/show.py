"""What the project says of itself, shown: ``python tests/show.py sources``."""

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
    "sources": "layouts.matrix:show",
}


def main(arguments: list[str]) -> int:
    """Print what was asked for; 0 when all is well."""
    unknown = [name for name in arguments if name not in SHOWS]
    if unknown or not arguments:
        print(f"usage: python tests/show.py {' | '.join(SHOWS)}")
        return 2
    shown = []
    for name in arguments:
        module, _, function = SHOWS[name].partition(":")
        shown.append(getattr(importlib.import_module(module), function)())
    return 0 if all(shown) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
