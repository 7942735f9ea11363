"""Sphinx: pages in MyST, notebooks executed at each build, the reference made from docstrings."""

from importlib.metadata import version as installed

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
exclude_patterns = ["_build", "jupyter_execute", "**/.ipynb_checkpoints"]
autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
# Results are shown in both languages; their HTML is the page's, so that only one format is kept.
nb_execution_mode = "force"
nb_execution_timeout = 180
nb_execution_raise_on_error = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_toc_level": 2, "secondary_sidebar_items": ["page-toc"]}
html_static_path = ["static"]
html_css_files = ["tables.css"]
