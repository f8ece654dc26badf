"""Writes down what the hook was told."""

import json
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    told = {
        "settings": config_settings,
        "environment": {name: os.environ.get(name) for name in ("COLOUR", "SHAPE")},
        "markupsafe": _version("markupsafe"),
        "colorama": _version("colorama"),
    }
    Path("setuptools_configured.py").write_text(f"told = {json.dumps(told)!r}\n")
    return build_meta.build_wheel(wheel_directory, None, metadata_directory)
