"""setuptools behind a backend that generates the source of the extension first."""

import pathlib

from setuptools.build_meta import *
from setuptools.build_meta import build_wheel as _build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    template = pathlib.Path("facts.c.in").read_text()
    pathlib.Path("facts.c").write_text(template.replace("@MODULE@", "in_tree_setuptools"))
    return _build_wheel(wheel_directory, config_settings, metadata_directory)
