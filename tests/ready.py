"""Projects whose backend needs nothing: it hands out a wheel that lies beside it."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

_BACKEND = """
import shutil, tarfile

NAME, WHEEL = "{name}-1.0", "{name}-1.0-py3-none-any.whl"

def build_wheel(directory, config_settings=None, metadata_directory=None):
    shutil.copy(WHEEL, directory)
    return WHEEL

def build_sdist(directory, config_settings=None):
    with tarfile.open(f"{{directory}}/{{NAME}}.tar.gz", "w:gz") as sdist:
        for name in ("PKG-INFO", "pyproject.toml", "backend.py", WHEEL):
            sdist.add(name, f"{{NAME}}/{{name}}")
    return f"{{NAME}}.tar.gz"
"""
_PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def ready_project(directory: Path) -> Path:
    """Make ``directory`` a project of its name."""
    name = directory.name.replace("-", "_")
    directory.mkdir(parents=True)
    (directory / "backend.py").write_text(_BACKEND.format(name=name))
    (directory / "pyproject.toml").write_text(_PROJECT)
    (directory / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    make_wheel(directory, {f"{name}.py": b""}, tag="py3-none-any", project=f"{name}-1.0")
    return directory


def packed(project: Path, directory: Path) -> Path:
    """Make an sdist of ``project``, which has a ``PKG-INFO``, in ``directory``."""
    sdist = directory / f"{project.name.replace('-', '_')}-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        archive.add(project, sdist.name.removesuffix(".tar.gz"))
    return sdist
