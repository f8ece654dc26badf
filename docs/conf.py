"""Configuration of Sphinx."""

from dataclasses import is_dataclass
from importlib import import_module
from typing import Any

from sphinx.application import Sphinx

from crossbuild import __version__
from crossbuild.declarations.option import options_of
from crossbuild.options.reference import with_code

project = "crossbuild"
author = "The crossbuild authors"
copyright = author
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"crossbuild {version}"

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"


def describe_option(*event: Any) -> None:
    """Say of a field that is an option what the help says of it."""
    _, what, name, _, _, lines = event
    home, _, field = name.rpartition(".")
    module, _, kind = home.rpartition(".")
    declaring = getattr(import_module(module), kind, None) if what == "attribute" and not lines else None
    if is_dataclass(declaring):
        lines += [with_code(one.description, "``") for one in options_of(declaring) if one.field == field]


def setup(app: Sphinx) -> None:
    """Connect what makes parts of the documentation."""
    app.connect("autodoc-process-docstring", describe_option)
