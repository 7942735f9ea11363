"""Sphinx: pages in MyST, notebooks executed at each build, the reference made from docstrings."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

project = "sgsurvey"
author = "The sgsurvey authors"
release = version = installed("sgsurvey")
language = "en"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
]
exclude_patterns = ["_build", "gallery/files", "templates", "jupyter_execute", "**/.ipynb_checkpoints"]
templates_path = ["templates"]
autosummary_generate = True
# On disks that do not tell capitals apart, EFA and efa would be one file.
autosummary_filename_map = {"sgsurvey.EFA": "sgsurvey.EFA-class", "sgsurvey.Responses": "sgsurvey.Responses-class"}
add_module_names = False
python_maximum_signature_line_length = 80
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
numpydoc_show_class_members = False
# Results are shown in both languages; their HTML is the page's, so that only one format is kept.
nb_execution_mode = "force"
nb_execution_timeout = 180
nb_execution_raise_on_error = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_title = f"sgsurvey {release}"
html_theme_options = {"show_toc_level": 2, "secondary_sidebar_items": ["page-toc"], "navbar_align": "left"}
# Pages without a section of their own give the room of its list to their tables.
html_sidebars = {page: [] for page in ("index", "quickstart", "own_csv", "contributing", "validation")}
html_static_path = ["static"]
html_css_files = ["tables.css"]


def setup(_app: object) -> None:
    """Make the gallery, and the folder that the notebooks write to, before their pages are read."""
    here = Path(__file__).parent
    (here / "_build").mkdir(exist_ok=True)
    sys.path[:0] = [str(here), str(here.parent / "tests")]
    from make_gallery import write

    write(here / "gallery")
