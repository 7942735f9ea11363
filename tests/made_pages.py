"""Pages of the reference that are made from the package, as they would be made now."""

import importlib.util
from pathlib import Path

MAKER = Path(__file__).parents[1] / "docs" / "make_pages.py"
WRITE_ANEW = "run: python docs/make_pages.py"


def made_page(name: str) -> str:
    """The page ``docs/reference/<name>``; docs is no package, so its maker is loaded by its path."""
    spec = importlib.util.spec_from_file_location("make_pages", MAKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PAGES[name]()
