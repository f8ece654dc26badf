"""Configuration of Sphinx."""

from dataclasses import fields, is_dataclass
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


def describe_options(*event: Any) -> None:
    """Say of the fields of a class, and of its bases, that are options what the help says of these."""
    _, what, _, documented, _, lines = event
    if what == "class" and is_dataclass(documented):
        own = {one.name for one in fields(documented)}  # and not those of a part, which has an entry of its own
        described = [one for one in options_of(documented) if one.field in own]
        lines += [f"- ``{one.field}``: {with_code(one.description, '``')}" for one in described]


def setup(app: Sphinx) -> None:
    """Connect what makes parts of the documentation."""
    app.connect("autodoc-process-docstring", describe_options)
